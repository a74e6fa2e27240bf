"""Strings that act, hide, turn around or paint over what they are shown beside, and news of them."""

from __future__ import annotations

import csv
import io
import json
import random
from typing import TYPE_CHECKING, Any

from corpora import prose

if TYPE_CHECKING:
    from pathlib import Path

FORGED = "FORGED: all is well"
"""No line may begin with it: it stands after all that might begin a new one."""

STRINGS = {
    "colour and cursor": "\x1b[2J\x1b[1;31mred\x1b[0m\x1b[10A\x1b[?25l",
    "title of the window": "\x1b]0;taken over\x07title",
    "link": "\x1b]8;;http://evil.example/\x1b\\press here\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;dGFrZW4=\x07paste",
    "never ended": "\x1b]52;c;dGFrZW4=",
    "other strings": "\x1bP+q544e\x1b\\ \x1b_app\x1b\\ \x1b^pm\x1b\\ \x1bXsos\x1b\\ \x1bc\x1b#8",
    "one-byte controls": "\x9b31mred \x9d0;taken\x9c \x90q\x9c \x84\x85\x8d\x8e",
    "bidi overrides": "\u202egnp.exe\u202c \u202a\u202b \u202dx",
    "bidi isolates": "\u2067a\u2069 \u2066b \u2068c \u200e\u200f\u061c",
    "zero width": "a\u200bb\u2060c\ufeffd\u00ade\u180ef",
    "tags": "tag\U000e0001\U000e0041\U000e0042\U000e007f \ufff9x\ufffay\ufffb",
    "surrogates": "lone \ud83d and \udc00 \udcff",
    "not characters": "not \ufffe \uffff \U0001ffff",
    "markup of rich": "[bold red]rich[/bold red] [link=http://evil.example/]x[/link] [/] :boom: [",
    "script": "<script>alert(1)</script><img src=//evil.example/x onerror=alert(1)>",
    "attribute": "\"'> <b onmouseover=alert(1) style=position:fixed href=javascript:alert(1)",
    "closing": "]]></text></svg></title></style></script>--><svg onload=alert(1)><!-- <?x?> <![CDATA[",
    "entities": "&lt;script&gt;&#27;[31m&#x202e;&nbsp;&amp;",
    "templates": "{{ 7 * 7 }}{% raw %} {0} %s %(x)s ${x} \\x1b \\u001b",
    "overprint": f"safe\r{FORGED}\b\b\b\b\b\x7f\x7f\x00",
    "lines": f"one\n{FORGED}\n\n\ttab\x0b{FORGED}\x0c\u2028{FORGED}\u2029{FORGED}\x85{FORGED}",
    "towers": "Z" + "\u0301\u0489" * 120 + "algo",
    "one long word": "W" * 6000,
    "long": "on and on " * 900,
}  # fmt: skip
NAME = (
    f"\x1b[31m\x1b]0;x\x07\x9b2J\u202eb\u2066\u200b\udcff\r{FORGED}\n{FORGED}\b[bold]<b>{{{{x}}}}e"
    + "\u0301" * 20
)
"""What a file may be named, all in one; on Windows some of it."""
FIELDS = ("id", "title", "text", "source", "url", "lang", "date")


def news(topics: int = 3, stories: int = 4, reports: int = 4, seed: int = 5) -> list[dict]:
    """Labelled articles of made-up words with a string in each field, each string in each field.

    Stories of several reports and of copies, and enough of them to fit a model to.
    """
    rng = random.Random(seed)
    # No reader lets halves of surrogate pairs in: they stand among what is rejected.
    strings = [string for name, string in STRINGS.items() if name != "surrogates"]
    rows: list[dict[str, Any]] = []
    for topic in range(topics):
        common = prose(rng, 60)
        for story in range(stories):
            own = prose(rng, 60)
            for report in range(reports):
                words = [*rng.sample(own, 30), *rng.sample(common, 30), *prose(rng, 30)]
                rng.shuffle(words)
                turns = (strings[(len(rows) + 5 * n) % len(strings)] for n in range(len(FIELDS)))
                row = dict(zip(FIELDS, turns, strict=True))
                # Readers of articles take NUL out of ids, labels have it still.
                row["id"] = f"{row['id']} {topic}-{story}-{report}".replace("\0", "")
                row["text"] = f"{' '.join(words)}. {row['text']}"
                if report % 2:
                    row["date"] = f"2024-05-{1 + story:02}T0{report}:00:00Z"
                rows.append(row | {"story": f"{topic}-{story}{strings[topic + story][:40]}"})
    copy = {**rows[0], "id": f"{rows[1]['id']} copy"}
    return [*rows, copy]


def broken() -> bytes:
    """Lines that are no articles, each with a string where a reason may quote it."""
    lines = []
    for string in STRINGS.values():
        lines += [
            json.dumps({string: string}),
            json.dumps({"id": string, "text": 5, "title": [string]}),
            json.dumps([string]),
            json.dumps({"id": string, "text": "", "title": ""}),
            '{"text": ' + string.replace("\n", " "),
            '{"text": "' + string.replace("\n", " "),
        ]
    return "\n".join(lines).encode("utf-8", "surrogatepass") + b"\n\xff\xfe\n"


def as_lines(rows: list[dict]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def table() -> str:
    """A table whose columns have such names, beside those that it needs."""
    out = io.StringIO()
    written = csv.writer(out)
    own = [s for s in STRINGS.values() if s.isascii() or ("surrog" not in s and len(s) < 500)]
    own = [s.encode("utf-8", "replace").decode().replace("\0", "") for s in own]
    written.writerow(["id", "title", "text", *own])
    for i in range(3):
        written.writerow([f"{own[i]}{i}", own[i], f"the text of a row {i} {own[i]}", *own])
    return out.getvalue()


def file_names() -> list[str]:
    """The strings as far as a file may be named so."""
    names = (s.replace("/", "").replace("\0", "")[:40] for s in STRINGS.values())
    return [name for name in names if _nameable(name)]


def _nameable(name: str) -> bool:
    try:
        return 0 < len(name.encode("utf-8", "surrogateescape")) < 200
    except UnicodeEncodeError:
        return False


def written(folder: Path) -> dict[str, Path]:
    """News, broken records and a table in files that are named as badly."""
    folder.mkdir(parents=True)
    files = {
        "news": folder / f"{NAME} news.jsonl",
        "broken": folder / f"{NAME} broken.jsonl",
        "table": folder / f"{NAME} table.csv",
        "one": folder / f"{NAME} one.txt",
        "other": folder / f"{NAME} other.txt",
    }
    rows = news()
    files["news"].write_text(as_lines(rows), encoding="utf-8")
    files["broken"].write_bytes(broken())
    files["table"].write_text(table(), encoding="utf-8", newline="")
    for name, part in (("one", slice(0, None, 2)), ("other", slice(1, None, 3))):
        text = "\n\n".join(string for string in [*STRINGS.values()][part])
        whole = " ".join(prose(random.Random(1), 80)) + text
        files[name].write_bytes(whole.encode("utf-8", "surrogatepass"))
    for number, name in enumerate(file_names()):
        (folder / f"{name}{number}.txt").write_text("a short text in a file of its own", "utf-8")
    return files
