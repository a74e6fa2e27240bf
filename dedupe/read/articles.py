"""Sources into batches of articles: opens each, finds its format, and accounts for every record."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import fields
from typing import TYPE_CHECKING

from dedupe.clean import printable
from dedupe.config import Limits
from dedupe.errors import MissingExtraError, RecordError, SourceError
from dedupe.identity import SameBy
from dedupe.model import Rejection
from dedupe.read.account import Account
from dedupe.read.ahead import Workers
from dedupe.read.batch import Row, RowBuffer, made_ids, rows_spanning
from dedupe.read.budget import USUAL, check_row, long_fields, past_field
from dedupe.read.content import Content
from dedupe.read.fields import BY_SHAPE, FieldFinder, FieldKeys
from dedupe.read.formats import (
    FORMATS,
    formats_of_name,
    known_format,
    require_extra,
)
from dedupe.read.found import FoundRecord, Reject
from dedupe.read.ids import FREE, Claim, Ids
from dedupe.read.openable import STDIN, Source
from dedupe.read.opening import Through, content_of, form_of
from dedupe.read.places import Places
from dedupe.read.source import expand
from dedupe.read.usual import PlainRows, as_json

if TYPE_CHECKING:
    import pyarrow as pa

RAW_LIMIT = 1 << 20
"""Bytes of a rejected record that are kept."""

OnReject = Callable[[Rejection], None]
OnNote = Callable[[str], None]
OnProgress = Callable[[int, int | None], None]
OnPlaces = Callable[[Places], None]
_FEW = 16  # rows between two that come again: they go on as rows, not in columns
_log = logging.getLogger(__name__)


def read(
    sources: Iterable[str | os.PathLike[str]],
    *,
    keys: FieldKeys = BY_SHAPE,
    format: str | None = None,  # noqa: A002 - what the command line calls it
    limits: Limits = USUAL,
    on_reject: OnReject | None = None,
    on_note: OnNote | None = None,
    same_by: SameBy = "address",
    batch_bytes: int = 2 << 20,
    on_progress: OnProgress | None = None,
    on_places: OnPlaces | None = None,
    through: Through | None = None,
    threads: int = 0,
) -> Iterator[pa.RecordBatch]:
    """Batches of articles, in input order, with the columns of ``article_schema()``.

    ``sources`` are files, folders (walked in sorted order), globs, addresses (``https:``, ``s3:``,
    ``gs:``), and ``-`` for standard input. ``keys`` names fields that the shape of a record does
    not show. ``format`` (one of FORMATS) applies to all; else the ending decides, or beginning.
    ``limits`` say how much one record, and one file, may cost; what is past them is rejected. A
    batch ends at about ``batch_bytes`` characters. ``on_reject`` is called with every record that
    could not be taken in (without it, they are logged), so that articles and rejections add up.
    ``on_note`` is called at the end with what else a reader must know, in a sentence each (without
    it, they are logged): of unread dates, missing texts and titles, guessed fields, old versions.
    ``on_progress`` is called with the bytes read so far, as stored in the files, and those in all
    (None with a pipe among them), after each batch and at the end. ``on_places`` is called at the
    end with where each article stood. ``through`` is asked for what is to be read in the place of
    a source; None for itself. ``threads`` read what follows: 0 one a processor, 1 none.

    An id is one article's. Another article with it, by what ``same_by`` says must agree (see
    dedupe.identity), gets an id of its own; a newer version, with a later date, has the id again,
    and whoever keeps articles keeps the last; an older one is rejected as such, and so is what
    repeats an id in any other way. Without an id of its own a record gets one that is a hash of its
    address or content, and a text or HTML file the path from the folder named.

    Raises, before anything is read, SourceError for a source that is missing, unreadable or
    without articles, UnknownFormatError, and MissingExtraError for a file named itself. While
    reading it raises SourceError for a file named itself that is broken as a whole, or of which
    every record was rejected, at the end if all are so, and for the web as its turn comes.
    """
    forced = None if format is None else known_format(format)
    files = expand(sources, any_ending=forced is not None)
    for form in [forced] if forced else _surely(file.file_name for file in files if file.named):
        require_extra(form)
    run = Intake(keys, forced, limits, on_reject or logged, on_note or noted, same_by)
    run.on_places, run.through, run.workers = on_places, through, Workers(threads)
    return run.batches(files, batch_bytes, on_progress or (lambda *_: None))


def logged(rejection: Rejection) -> None:
    """Tells the log of a record that was not taken in."""
    where, why = printable(rejection.source), printable(rejection.reason)
    _log.warning("%s:%d: %s", where, rejection.line, why)


def noted(note: str) -> None:
    """Tells the log what a reader must know."""
    _log.warning("%s", printable(note))


class Intake:
    """One call of `read`: what it was asked for, and the ids given so far."""

    def __init__(
        self,
        keys: FieldKeys,
        forced: str | None,
        limits: Limits,
        on_reject: OnReject,
        on_note: OnNote,
        same_by: SameBy,
    ) -> None:
        self.forced = forced
        self.limits = limits
        self.on_reject = on_reject
        self.on_note = on_note
        self.unread_dates = 0
        self.first_unread = ""
        self.account = account = Account()
        self.held = RowBuffer()
        self.ids = Ids(self.held, same_by)
        self.keys = [f"--{f.name}-key" for f in fields(keys) if getattr(keys, f.name)]
        self.without_fields: set[str] = set()
        self.by_user = FieldFinder(keys, account)
        self.by_name = FieldFinder(account=account)
        self.refused: list[Rejection] = []
        """Of the files so far: the first record that was rejected in a file without any article."""
        self.found = False
        """Whether the file at hand has any article, were it one whose id was used before."""
        self.position: Callable[[], int] = lambda: 0
        self.on_places: OnPlaces | None = None
        self.through: Through | None = None
        self.workers = Workers()
        self.forms: dict[str, str] = {}

    def batches(
        self, files: list[Source], batch_bytes: int, on_progress: OnProgress
    ) -> Iterator[pa.RecordBatch]:
        """The articles of files."""
        sizes = [file.size for file in files]
        total = None if None in sizes else sum(size or 0 for size in sizes)
        rows, done = self.held, 0
        with closing(self.workers):
            for file in files:
                for batch in self._gathered(self.rows(file), batch_bytes):
                    on_progress(done + self.position(), total)
                    yield batch
                done += self.position() if file.size is None else file.size
        if rows.size:
            yield self._taken(rows)
        on_progress(done, total)
        self._end(len(files))

    def of_table(
        self, place: str, records: Iterator[FoundRecord | PlainRows], batch_bytes: int
    ) -> Iterator[pa.RecordBatch]:
        """The articles of records that are in no file."""

        def reject(line: int, reason: str, raw: bytes) -> None:
            self.on_reject(Rejection(place, line, reason, raw[:RAW_LIMIT]))

        self.ids.enter(place)
        rows = self._assembled(place, records, self.by_user, made_ids, reject)
        yield from self._gathered(rows, batch_bytes)
        if self.held.size:
            yield self._taken(self.held)
        self._end(0)

    def _gathered(
        self, found: Iterable[Row | pa.RecordBatch], batch_bytes: int
    ) -> Iterator[pa.RecordBatch]:
        """Rows as batches; what makes none yet is held."""
        for row in found:
            if not isinstance(row, tuple):
                for _ in self.held.extend(row, batch_bytes):
                    yield self._taken(self.held)
                continue
            self.held.append(row)
            if self.held.size >= batch_bytes:
                yield self._taken(self.held)

    def _end(self, files: int) -> None:
        """Says what there is to tell of all. Raises SourceError where nothing could be taken in."""
        if self.refused and not self.account.articles:
            raise _nothing_of(self.refused[0], files)
        for sentence in (*self.account.sentences(), *self.ids.sentences()):
            self.on_note(sentence)
        if self.on_places is not None:
            self.on_places(self.ids.places(self.forms))
        if self.unread_dates:
            self.on_note(
                "dates that could not be read, or without their time of day:"
                f" {self.unread_dates:,}; the first at {self.first_unread}"
            )

    def _taken(self, rows: RowBuffer) -> pa.RecordBatch:
        batch = rows.take()
        self.account.count(batch)
        return batch

    def rows(self, file: Source) -> Iterator[Row | pa.RecordBatch]:
        """The articles of one file. What is wrong with it as a whole is an error only if named."""
        self.ids.enter(file.name)
        refused: list[Rejection] = []
        """The first record that was rejected."""
        self.found = False

        def reject(line: int, reason: str, raw: bytes) -> None:
            rejection = Rejection(file.name, line, reason, raw[:RAW_LIMIT])
            if not refused:
                refused.append(rejection)
            self.on_reject(rejection)

        try:
            with content_of(file, self.limits, self.through, self.workers) as content:
                self.position = lambda: content.position
                for note in content.told.notes:
                    self.on_note(note)
                yield from self._rows(file, content, reject)
        except (SourceError, MissingExtraError) as error:
            if file.named:
                raise
            reject(0, str(error).removeprefix(f"{file.name}: "), b"")
        if refused and not self.found:
            if file.named:
                raise _nothing_of(refused[0], 1)
            self.refused += refused

    def _rows(
        self, file: Source, content: Content, reject: Reject
    ) -> Iterator[Row | pa.RecordBatch]:
        form = form_of(file, content, self.forced)
        require_extra(form)
        self.forms[file.name] = form
        row = FORMATS[form]
        finder = self.by_user if row.fields else self.by_name
        if self.keys and not row.fields and form not in self.without_fields:
            self.without_fields.add(form)
            self.on_note(
                f"{file.name}: {', '.join(self.keys)} cannot hold: articles of the format {form}"
                " have no fields that can be named"
            )
        records = row.read(content, reject, *(getattr(finder, name) for name in row.asks))
        whole = row.one_article and file.name != STDIN
        ids = (lambda _: (file.relative, file.name)) if whole else made_ids
        yield from self._assembled(file.name, records, finder, ids, reject)

    def _assembled(
        self,
        place: str,
        records: Iterator[FoundRecord | PlainRows],
        finder: FieldFinder,
        ids_for: Callable[[Row], Iterable[str]],
        reject: Reject,
    ) -> Iterator[Row | pa.RecordBatch]:
        for found in records:
            if isinstance(found, PlainRows):
                yield from self._claimed(found, place, reject)
                continue
            line, record, raw = found
            claimed, wrong = FREE, ""
            try:
                row = finder.row(record)
                check_row(row, self.limits)
                self.found = True
                if row[0]:
                    claimed = self.ids.claim(row, line)
            except RecordError as error:
                wrong = str(error)
            except RecursionError:
                wrong = "fields are nested too deep"
            if finder.account.remark and not wrong:
                self.unread_dates += 1
                self.first_unread = self.first_unread or f"{place}:{line}: {finder.account.remark}"
            if wrong:
                reject(line, wrong, raw or as_json(record))
            elif claimed.wrong:
                self._refuse(claimed, place, line, raw or as_json(record))
            else:
                self._replace(claimed, place, line)
                yield (claimed.name or self.ids.claim_any(ids_for(row), row, line), *row[1:])

    def _claimed(
        self, found: PlainRows, place: str, reject: Reject
    ) -> Iterator[Row | pa.RecordBatch]:
        """The articles within the limits, in order, those apart whose id is another one's."""
        self.found = True
        found = self._within(found, reject)
        first, again = 0, self.ids.claim_each(found.batch, found.numbers)
        begin, rows = again[0] if again else 0, list(rows_spanning(found.batch, again))
        for at in again:
            line, row = int(found.numbers[at]), rows[at - begin]  # those before may be amended
            if first < at and (first < begin or at - first > _FEW):
                yield found.batch[first:at]
            else:
                yield from rows[first - begin : at - begin]
            first = at + 1
            claimed = self.ids.claim_again(row, line, at)
            self._replace(claimed, place, line)
            if claimed.wrong:
                self._refuse(claimed, place, line, found.raw(line))
            else:
                yield (claimed.name, *row[1:])
        if first < len(found.batch):
            yield found.batch[first:]

    def _replace(self, claimed: Claim, place: str, line: int) -> None:
        """Tells of an older version that a newer one has taken the place of."""
        if claimed.replaced is not None:
            wrong = f"an older version of id {claimed.name}, at {place}:{line}"
            self.on_reject(Rejection(*claimed.replaced, wrong, older=True))

    def _refuse(self, claimed: Claim, place: str, line: int, raw: bytes) -> None:
        raw = raw[:RAW_LIMIT]
        self.on_reject(Rejection(place, line, claimed.wrong, raw, older=claimed.older))

    def _within(self, found: PlainRows, reject: Reject) -> PlainRows:
        """The articles without those that have too long a name."""
        if found.longest <= self.limits.field_chars:
            return found
        long = dict(long_fields(found.batch, self.limits))
        for row, name in long.items():
            line = int(found.numbers[row])
            reject(line, past_field(name, self.limits), found.raw(line))
        return found.less(list(long)) if long else found


def _surely(names: Iterable[str]) -> set[str]:
    """The formats of the files whose names leave no doubt."""
    return {forms[0] for name in names if len(forms := formats_of_name(name)) == 1}


def _nothing_of(rejection: Rejection, files: int) -> SourceError:
    """The error that says that nothing could be taken in, and of the first record why."""
    where = f" (record {rejection.line})" if rejection.line else ""
    if files == 1:
        return SourceError(f"{rejection.source}: no article in it: {rejection.reason}{where}")
    first = f"{rejection.source}: {rejection.reason}{where}"
    return SourceError(f"no article in any of {files} files; the first: {first}")
