"""Prints the tables of docs/reading.md: the formats, and the names of fields that are known.

``--write`` puts them into that document, and the first into README.md, between their marks.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from dedupe.cli.sources import FORMATS as NAMED
from dedupe.read.formats import FORMATS, Format
from dedupe.read.names import NAMES

ROOT = Path(__file__).resolve().parent.parent
BLOB = "https://github.com/story-dedupe/story-dedupe/blob/main"
PAGES = {"README.md": ("formats",), "docs/reading.md": ("formats", "fields")}
"""Which tables each document has."""


def _code(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _options(name: str, row: Format) -> str:
    """What ``--format`` calls a format."""
    return _code(tuple(option for option in NAMED if option in {name, *row.aliases}))


def formats() -> str:
    """The table of formats."""
    rows = [
        f"| {_options(name, row)} | {_code(row.endings)} | {row.about} |"
        f" {f'`story-dedupe[{row.extra[1]}]`' if row.extra else ''} |"
        for name, row in FORMATS.items()
    ]
    head = ["| `--format` | endings | what is read | needs |", "|---|---|---|---|"]
    return "\n".join([*head, *rows])


def fields() -> str:
    """The table of names of fields, best first."""
    rows = [
        f"| `--{column}-key` | {column} | {', '.join(ranks).replace('_', chr(92) + '_')} |"
        for column, ranks in NAMES.items()
    ]
    return "\n".join(["| option | field | names, best first |", "|---|---|---|", *rows])


def printed(page: str, text: str) -> str:
    """The document with its tables as the code has them."""
    made = {"formats": formats(), "fields": fields()}
    for table in PAGES[page]:
        marks = rf"(<!-- {table} -->\n).*?(\n<!-- /{table} -->)"
        rows = made[table]
        if page == "README.md":
            rows = rows.replace(
                "[Tables](#tables)", f"[docs/reading.md]({BLOB}/docs/reading.md#tables)"
            )
        text, found = re.subn(marks, lambda m, rows=rows: m[1] + rows + m[2], text, flags=re.DOTALL)
        if not found:
            raise ValueError(f"{page} has no place for the table of {table}")
    return text


if __name__ == "__main__":
    if "--write" in sys.argv[1:]:
        for page in PAGES:
            path = ROOT / page
            path.write_text(printed(page, path.read_text("utf-8")), "utf-8")
    else:
        sys.stdout.write(f"{formats()}\n\n{fields()}\n")
