"""Sources into batches of articles: opens each, finds its format, and accounts for every record."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from dedupe.errors import RecordError, SourceError
from dedupe.model import Rejection
from dedupe.read.batch import Ids, Row, RowBuffer, made_ids
from dedupe.read.content import Content, system_reason
from dedupe.read.fields import BY_SHAPE, FieldFinder, FieldKeys
from dedupe.read.formats import (
    FORMATS,
    format_of_content,
    format_of_name,
    known_format,
    require_extra,
)
from dedupe.read.jsonl import FoundRecord, Reject
from dedupe.read.source import STDIN, Source, expand
from dedupe.read.usual import PlainRows, as_json

if TYPE_CHECKING:
    import pyarrow as pa

RAW_LIMIT = 1 << 20
"""Bytes of a rejected record that are kept."""

OnReject = Callable[[Rejection], None]
OnProgress = Callable[[int, int | None], None]

_log = logging.getLogger(__name__)


def read(
    sources: Iterable[str | os.PathLike[str]],
    *,
    keys: FieldKeys = BY_SHAPE,
    format: str | None = None,  # noqa: A002 - what the command line calls it
    on_reject: OnReject | None = None,
    batch_bytes: int = 2 << 20,
    on_progress: OnProgress | None = None,
) -> Iterator[pa.RecordBatch]:
    """Batches of articles, in input order, with the columns of ``article_schema()``.

    ``sources`` are files, folders (walked in sorted order), globs, and ``-`` for standard input.
    ``keys`` names fields that the shape of a record does not show. ``format`` (one of FORMATS)
    applies to every file; else the file's ending decides, else its beginning. A batch ends at about
    ``batch_bytes`` characters. ``on_reject`` is called with every record that could not be taken in
    (without it, they are logged), so that articles and rejections add up to the records read.
    ``on_progress`` is called with the bytes read so far, as stored in the files, and those in all
    (None with a pipe among them), after each batch and at the end.

    Ids are unique: a record that repeats one is rejected. Without an id of its own it gets one
    that is a hash of its address or content, and a text or HTML file the path from the folder
    named.

    Raises, before anything is read, SourceError for a source that is missing, unreadable or
    without articles, UnknownFormatError and MissingExtraError; while reading, SourceError for a
    file named itself that turns out to be broken as a whole.
    """
    forced = None if format is None else known_format(format)
    files = expand(sources, any_ending=forced is not None)
    for form in {forced} if forced else {format_of_name(file.name) for file in files}:
        require_extra(form)
    run = _Run(keys, forced, on_reject or _logged)
    return run.batches(files, batch_bytes, on_progress or (lambda *_: None))


def _logged(rejection: Rejection) -> None:
    _log.warning("%s:%d: %s", rejection.source, rejection.line, rejection.reason)


class _Run:
    """One call of `read`: what it was asked for, and the ids given so far."""

    def __init__(self, keys: FieldKeys, forced: str | None, on_reject: OnReject) -> None:
        self.forced = forced
        self.on_reject = on_reject
        self.ids = Ids()
        self.by_user = FieldFinder(keys)
        self.by_name = FieldFinder()
        self.position: Callable[[], int] = lambda: 0

    def batches(
        self, files: list[Source], batch_bytes: int, on_progress: OnProgress
    ) -> Iterator[pa.RecordBatch]:
        sizes = [file.size for file in files]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        rows, done = RowBuffer(), 0
        for file in files:
            for row in self.rows(file):
                if not isinstance(row, tuple):
                    for _ in rows.extend(row, batch_bytes):
                        on_progress(done + self.position(), total)
                        yield rows.take()
                    continue
                rows.append(row)
                if rows.size >= batch_bytes:
                    on_progress(done + self.position(), total)
                    yield rows.take()
            done += self.position() if file.size is None else file.size
        if rows.size:
            yield rows.take()
        on_progress(done, total)

    def rows(self, file: Source) -> Iterator[Row | pa.RecordBatch]:
        """The articles of one file. What is wrong with it as a whole is an error only if named."""
        self.ids.enter(file.name)

        def reject(line: int, reason: str, raw: bytes) -> None:
            self.on_reject(Rejection(file.name, line, reason, raw[:RAW_LIMIT]))

        try:
            with _opened(file) as content:
                self.position = lambda: content.position
                yield from self._rows(file, content, reject)
        except SourceError as error:
            if file.named:
                raise
            reject(0, str(error).removeprefix(f"{file.name}: "), b"")

    def _rows(
        self, file: Source, content: Content, reject: Reject
    ) -> Iterator[Row | pa.RecordBatch]:
        form = self.forced or format_of_name(file.name)
        if form is None and not file.named:
            raise SourceError(f"{file.name}: unknown kind of file; name it itself or set --format")
        form = form or format_of_content(file.name, content.beginning)
        require_extra(form)
        row = FORMATS[form]
        finder = self.by_user if row.fields else self.by_name
        records = row.read(content, reject, *(getattr(finder, name) for name in row.asks))
        whole = row.one_article and file.name != STDIN
        ids = (lambda _: (file.relative, file.name)) if whole else made_ids
        yield from self._assembled(records, finder, ids, reject)

    def _assembled(
        self,
        records: Iterator[FoundRecord | PlainRows],
        finder: FieldFinder,
        ids_for: Callable[[Row], Iterable[str]],
        reject: Reject,
    ) -> Iterator[Row | pa.RecordBatch]:
        for found in records:
            if isinstance(found, PlainRows):
                yield self._claimed(found, reject)
                continue
            line, record, raw = found
            try:
                row = finder.row(record)
                used = self.ids.claim(row[0], line) if row[0] else None
                wrong = f"id {row[0]} was already used at {used}" if used else ""
            except RecordError as error:
                wrong = str(error)
            except RecursionError:
                wrong = "fields are nested too deep"
            if wrong:
                reject(line, wrong, raw or as_json(record))
            elif row[0]:
                yield row
            else:
                yield (self.ids.claim_any(ids_for(row), line), *row[1:])

    def _claimed(self, found: PlainRows, reject: Reject) -> pa.RecordBatch:
        """The articles without those whose id was used before."""
        numbers = found.numbers.tolist()
        again = self.ids.claim_each(found.batch.column("id").to_pylist(), numbers)
        for row, used in again:
            name = found.batch.column("id")[row].as_py()
            reject(numbers[row], f"id {name} was already used at {used}", found.raw(numbers[row]))
        return found.without([row for row, _ in again])


@contextmanager
def _opened(file: Source) -> Iterator[Content]:
    if file.name == STDIN:
        yield Content(sys.stdin.buffer, STDIN)
        return
    try:
        raw = Path(file.name).open("rb")  # noqa: SIM115 - closed below, apart from opening errors
    except OSError as error:
        raise SourceError(f"{file.name}: {system_reason(error)}") from None
    with raw:
        yield Content(raw, file.name)
