"""Exports of an index: its articles as they were taken in, without what it knows of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from dedupe.errors import SourceError
from dedupe.model import ARTICLE_COLUMNS
from dedupe.read.content import Content, lines
from dedupe.read.documents import loaded
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.markup import PlainText

HEADING = re.compile(
    rb'\{"schema_version":\d+,"settings":\{[^\n{}]*\},"texts":(?:true|false)\}\r?\n'
)
"""The first line of an export."""


def read_exported(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The articles of an export, by line; their texts as they are, without a look for markup.

    An export without its last line was cut short, and that is rejected. Raises SourceError for
    what is no export, and for that of an index that keeps no texts.
    """
    heading = HEADING.match(content.head)
    if heading is None:
        raise SourceError(f"{content.name}: no index, and no export of one")
    if b'"texts":false' in heading[0]:
        raise SourceError(
            f"{content.name}: the index keeps no texts, so that nothing can be read from it; give"
            " the files that its articles came from"
        )
    number, whole = 1, False
    found = lines(content.blocks(), content.limits.record_bytes)
    for number, line in enumerate(found, 1):
        if number == 1:
            continue
        try:
            record: Any = loaded(line or b"", content.limits)
        except ValueError:
            record = None
        if not isinstance(record, dict):
            reject(number, "no article of an index; export it again", line or b"")
        elif "id" in record:
            yield number, _article(record), line or b""
        else:
            whole = "articles" in record
    if content.damage or not whole:
        reject(number + 1, "the export is cut short here; export the index again", b"")


def _article(record: dict[str, Any]) -> dict[str, Any]:
    fields = {name: record.get(name) for name in ARTICLE_COLUMNS}
    return {n: PlainText(v) if n in ("text", "title") and v else v for n, v in fields.items()}
