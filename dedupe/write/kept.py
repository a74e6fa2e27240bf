"""Sources written again with the records of some of their articles alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

import orjson

from dedupe.errors import SourceError
from dedupe.model import ARTICLE_COLUMNS
from dedupe.read.again import FoundAgain, read_again
from dedupe.read.fields import FieldFinder, FieldKeys
from dedupe.read.formats import FORMATS
from dedupe.write.copied import CopiedLines, CopiedRows, unlike
from dedupe.write.rows import (
    Fields,
    Kinds,
    column_kind,
    object_of,
    objects,
    together,
    write_rows,
)

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedupe.read.content import Content
    from dedupe.read.openable import Source
    from dedupe.read.places import Places

TABLES = frozenset({"csv", "tsv", "parquet"})
SHAPES = {**dict.fromkeys(TABLES, "rows of a table"), "json": "objects"}
"""What records of a format are; of others the articles are written, with fields of ours."""
ARTICLES = "articles"


class _File(NamedTuple):
    """A source, and its articles."""

    source: Source
    form: str
    lines: list[int]
    """Those of its articles."""
    first: int
    """The number of its first article among all."""
    finder: FieldFinder

    @property
    def shape(self) -> str:
        return SHAPES.get(self.form, ARTICLES)


@dataclass(frozen=True)
class Selection:
    """What was read, and what of it stays."""

    sources: Sequence[Source]
    places: Places
    ids: Sequence[str]
    """Of the n articles, in input order."""
    stays: NDArray[np.bool_]
    """Whether each article stays (n,)."""
    keys: FieldKeys
    opened: Callable[[Source], AbstractContextManager[Content]]

    def files(self) -> Iterator[_File]:
        """The sources that were read, in order."""
        lines, first = dict(self.places.lines()), 0
        for source in self.sources:
            if (form := self.places.forms.get(source.name)) is not None:
                here = lines.get(source.name, [])
                finder = FieldFinder(self.keys) if FORMATS[form].fields else FieldFinder()
                yield _File(source, form, here, first, finder)
                first += len(here)

    def stays_of(self, file: _File, number: int) -> bool:
        """Whether an article of a file stays."""
        return bool(self.stays[file.first + number])

    def found(self, file: _File, content: Content) -> Iterator[list[FoundAgain]]:
        """The records of a file, those of one line together."""
        named = file.source.named
        return read_again(content, file.form, file.lines, file.finder, named=named)


def form_like(kept: Selection) -> str:
    """The form of an output that has no name: that of the sources, if they have one."""
    forms = {file.form for file in kept.files()}
    return forms.pop() if len(forms) == 1 and forms <= TABLES else "jsonl"


def write_kept(kept: Selection, form: str, out: BinaryIO) -> None:
    """Writes the records that stay, in input order, in a form: as ``write_rows`` takes it.

    A text table that stays one, and JSON Lines, keep their bytes; Parquet keeps its schema. Raises
    SourceError where the sources make no one table, and as reading does.
    """
    forms = {file.form for file in kept.files()}
    if forms == {form} and form in ("csv", "tsv"):
        _copy_lines(kept, out)
    elif forms == {form} == {"parquet"}:
        _copy_rows(kept, out)
    elif form in TABLES:
        kinds = _columns(kept, typed=form == "parquet")
        write_rows((fields for _, fields in _fields(kept)), kinds, form, out)
    else:
        objects(_lines(kept), form, out)


def _copy_lines(kept: Selection, out: BinaryIO) -> None:
    copied = CopiedLines(out)
    for file in kept.files():
        with kept.opened(file.source) as content, kept.opened(file.source) as once_more:
            found = kept.found(file, content)
            copied.add(once_more, found, partial(kept.stays_of, file))


def _copy_rows(kept: Selection, out: BinaryIO) -> None:
    copied = CopiedRows(out)
    for file in kept.files():
        with kept.opened(file.source) as content:
            numbered = enumerate(file.lines)
            copied.add(content, [line for n, line in numbered if kept.stays_of(file, n)])
    copied.close()


def _records(kept: Selection) -> Iterator[tuple[_File, list[FoundAgain], list[FoundAgain]]]:
    """What stands on each line, and what of it stays, if anything."""
    for file in kept.files():
        with kept.opened(file.source) as content:
            for records in kept.found(file, content):
                stay = [
                    one
                    for one in records
                    if one.article is not None and kept.stays_of(file, one.article)
                ]
                if stay:
                    yield file, records, stay


def _lines(kept: Selection) -> Iterator[bytes]:
    """The records that stay as lines of JSON; those that are lines of it as they stand there."""
    for file, records, stay in _records(kept):
        if file.shape == "objects" and len(records) == 1 and _has_line(stay[0]):
            yield stay[0].raw + b"\n"
        else:
            yield from (object_of(_own(kept, file, one)) for one in stay)


def _has_line(found: FoundAgain) -> bool:
    """Whether a record stands on its line with all of its fields."""
    if not found.raw or b"\n" in found.raw:
        return False
    if next(iter(found.record or ()), "") != "_id":
        return True
    try:  # it may be from the line before, as in a bulk request
        return "_id" in orjson.loads(found.raw)
    except ValueError:
        return True


def _fields(kept: Selection) -> Iterator[tuple[_File, Fields]]:
    for file, _, stay in _records(kept):
        yield from ((file, _own(kept, file, one)) for one in stay)


def _own(kept: Selection, file: _File, found: FoundAgain) -> Fields:
    """The fields of a record, or of the article where records are no rows and no objects."""
    record: dict[str, Any] = found.record or {}
    if file.shape != ARTICLES:
        return record
    number = file.first + (found.article or 0)
    row = (kept.ids[number], *file.finder.row(record)[1:])
    fields: dict[str, Any] = dict(zip(ARTICLE_COLUMNS, row, strict=True))
    if fields["date"] is not None:
        fields["date"] = fields["date"].astimezone(UTC)
    return fields


def _columns(kept: Selection, *, typed: bool) -> Kinds:
    """The columns of all records that stay: of objects those that any of them has.

    Raises SourceError where the sources have other columns, or records of another kind.
    """
    kinds: dict[str, str | None] = {}
    head: _File | None = None
    names: Sequence[str] = ()
    for file, fields in _fields(kept):
        if head is None:
            head, names = file, list(fields)
        if file.shape != head.shape:
            raise SourceError(
                f"{file.source.name}: holds {file.shape}, and {head.source.name} {head.shape}:"
                " they make no one table; keep them one by one, or write JSON Lines (.jsonl)"
            )
        if file.shape != "objects" and list(fields) != names:
            raise unlike(file.source.name, head.source.name, "other columns")
        for name, value in fields.items():
            kind = kinds.setdefault(name, None)
            if typed and value is not None:
                kinds[name] = together(kind, column_kind(value))
    return {name: kind or "text" for name, kind in kinds.items()}
