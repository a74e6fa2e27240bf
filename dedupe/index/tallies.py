"""Document frequencies of an index, and its dates: kept up as articles come and go.

They are part of the index: what is counted follows from its changes alone, so that all processes
count alike. A stored article keeps no weights, only counts: it is weighed anew, by today's
frequencies, whenever it is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.index.days import Days
from dedupe.index.record import Sketches
from dedupe.moments import DAY, UNDATED
from dedupe.weigh import Frequencies

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.store import Change, Reader, Writer
    from dedupe.sketch import Terms

SAVED_EVERY = 4096
"""Changes after which the tallies are saved: who opens the index counts no more than these."""


class Tallies:
    """How many articles hold each term, by language, and how many were written on each day."""

    def __init__(self, settings: Settings) -> None:
        self.position = 0
        """The last change that is counted."""
        self.saved = 0
        """The last change that the store's saved tallies account for."""
        self.terms = Frequencies(settings.prior_articles)
        self.days = Days()

    def follow(self, reader: Reader) -> None:
        """Counts what changed since."""
        if reader.position() == self.position:
            return
        changes = None if self.position < 0 else reader.changes(self.position)
        if changes is None:
            self._load(*reader.tallies())
            changes = reader.changes(self.position) or ()
        self._apply(changes)

    def _apply(self, changes: Sequence[Change]) -> None:
        if not changes:
            return
        sketches = Sketches.of([change.sketch for change in changes])
        terms, dates = sketches.terms(), sketches.dates
        for row, change in enumerate(changes):
            self._tally(terms, row, sketches.languages[row], 1 if change.added else -1)
            self._count_day(int(dates[row]), 1 if change.added else -1)
        self.position = changes[-1].position

    def count(
        self, terms: Terms, languages: Sequence[str], dates: NDArray[np.int64], sign: int
    ) -> None:
        """Counts articles in (1), or out (-1), that are no change of the store yet."""
        for row, language in enumerate(languages):
            self._tally(terms, row, language, sign)
            self._count_day(int(dates[row]), sign)

    def _tally(self, terms: Terms, row: int, language: str, sign: int) -> None:
        part = slice(terms.bounds[row], terms.bounds[row + 1])
        self.terms.tally(language, terms.buckets[part], terms.flags[part], sign)

    def _count_day(self, date: int, sign: int) -> None:
        if date != UNDATED:
            self.days.count(date // DAY, sign)

    def forget(self) -> None:
        """Has all of it read anew: what was counted may have been rolled back."""
        self.position = -1

    def save(self, writer: Writer) -> None:
        """Saves what is counted with the store, if much was since the last time."""
        if writer.position() - self.saved >= SAVED_EVERY:
            self.follow(writer)
            writer.save_tallies(self.position, self.saved_form())
            self.saved = self.position

    def saved_form(self) -> bytes:
        """All of it as bytes, for the store."""
        from io import BytesIO

        columns: dict[str, NDArray[np.generic]] = {}
        for at, code in enumerate(self.terms.articles):
            buckets, held = self.terms.held(code)
            columns[f"buckets{at}"], columns[f"held{at}"] = (
                buckets.astype("<u4"),
                held.astype("<i4"),
            )
        named = np.flatnonzero(self.terms.named).astype("<u4")
        columns["named_buckets"], columns["named"] = named, self.terms.named[named].astype("<i4")
        columns["codes"] = np.array(list(self.terms.articles), dtype="U8")
        columns["articles"] = np.array(list(self.terms.articles.values()), "<i8")
        columns["days"] = self.days.table().astype("<i8")
        out = BytesIO()
        np.savez(out, **columns)  # type: ignore[arg-type]
        return out.getvalue()

    def _load(self, position: int, saved: bytes) -> None:
        from io import BytesIO

        self.terms.clear()
        self.days = Days()
        self.position = self.saved = position
        if not saved:
            return
        with np.load(BytesIO(saved), allow_pickle=False) as stored:
            columns = dict(stored)
        for at, code in enumerate(columns["codes"].tolist()):
            buckets = columns[f"buckets{at}"].astype(np.int64)
            self.terms.add(code, int(columns["articles"][at]), buckets, columns[f"held{at}"])
        self.terms.named[columns["named_buckets"]] = columns["named"]
        self.days = Days.of(columns["days"].astype(np.int64))
