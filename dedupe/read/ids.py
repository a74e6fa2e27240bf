"""The ids given so far in a run of reading, and what becomes of a record whose id was given."""

from __future__ import annotations

import itertools
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from dedupe.identity import Origin, SameBy, is_same, origin, own_id
from dedupe.moments import UNDATED, latest, since_1970
from dedupe.read.places import Places

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.read.batch import Row, RowBuffer


class Claim(NamedTuple):
    """What becomes of a record with an id."""

    name: str
    """The id that it has from now on; '' where it is not taken in."""
    wrong: str = ""
    """Why not."""
    older: bool = False
    """Whether it is an older version of an article that is there."""
    replaced: tuple[str, int] | None = None
    """File and line of an older version whose place it takes, before anybody got that."""


FREE = Claim("")
"""Of a record without an id."""


class _Columns(NamedTuple):
    """Where articles are from that came in columns."""

    source: pa.Array
    url: pa.Array
    date: pa.Array

    def of(self, row: int) -> tuple[str, str, int]:
        date = self.date[row].as_py()
        source, url = self.source[row].as_py(), self.url[row].as_py()
        return source, url, UNDATED if date is None else since_1970(date.astimezone(UTC))


class _Records:
    """Where articles are from that came one by one."""

    def __init__(self) -> None:
        self._text = bytearray()
        self._ends = array("q")
        self._dates = array("q")

    def add(self, source: str, url: str, date: datetime | None) -> None:
        self._text += f"{source}\0{url}".encode("utf-8", "surrogatepass")
        self._ends.append(len(self._text))
        self._dates.append(UNDATED if date is None else since_1970(date))

    def of(self, row: int) -> tuple[str, str, int]:
        begin = self._ends[row - 1] if row else 0
        text = self._text[begin : self._ends[row]].decode("utf-8", "surrogatepass")
        source, _, url = text.partition("\0")
        return source, url, self._dates[row]


class Ids:
    """The ids given so far: where each was given, and to an article from where."""

    def __init__(self, held: RowBuffer, same_by: SameBy = "address") -> None:
        """``held`` are the articles that nobody got so far: they can still be given another id."""
        self._held = held
        self._same_by: SameBy = same_by
        self._renamed: dict[str, str] = {}
        self._given = set[str]()
        """Ids under which somebody got an older version, whose place the newer ones must take."""
        self._numbers: dict[str, int] = {}
        # One number a place, not a tuple: at a million articles it saves 60 MB.
        self._lines = array("q")
        self._places: list[str] = []
        self._repeats: dict[str, int] = {}
        self._parts: list[_Columns | _Records] = []
        self._firsts: list[int] = []
        """Number of the first article of each part."""
        self._asked, self._told = -1, (Origin("", ""), UNDATED)
        self.older = 0
        """Versions for which there is a newer one."""
        self.first_older = ""
        self._batch = 0
        """Number of the first article of the latest batch."""
        self._stood: dict[int, int] = {}
        """Of articles that were taken a second time, by their numbers, those that they had."""

    def places(self, forms: dict[str, str]) -> Places:
        """Where the articles stood, in input order; ``forms`` are the formats of their files."""
        if len(self._numbers) == len(self._lines) and not (self._renamed or self._stood):
            return Places(self._places, forms, self._lines, {})
        numbers = set(self._numbers.values())
        others: dict[str, list[int]] = {}
        for number in range(len(self._lines)):
            if number not in numbers:
                file, line = self._file_and_line(number)
                others.setdefault(file, []).append(line)
        ordered = sorted(numbers, key=lambda number: self._stood.get(number, number))
        packed = array("q", [self._lines[number] for number in ordered])
        return Places(self._places, forms, packed, others)

    def sentences(self) -> list[str]:
        """What there is to tell at the end, a sentence each."""
        if not self.older:
            return []
        return [
            (
                "articles in several versions: the newest of each is taken, and not"
                f" {self.older:,} older; the first at {self.first_older}"
            )
        ]

    def enter(self, source: str) -> None:
        """Says that the ids to come are of this source."""
        self._places.append(source)

    def claim_each(self, batch: pa.RecordBatch, lines: NDArray[np.int64]) -> list[int]:
        """Takes the ids of a batch (n,) that are free; the rows of all others.

        ``lines`` (n,) are those where they stand.
        """
        first = len(self._lines)
        self._batch = first
        here = len(self._places) - 1 << 40
        self._lines.frombytes((lines | here).tobytes())
        self._begin(_Columns(*(batch.column(name) for name in ("source", "url", "date"))), first)
        own = range(first, len(self._lines))
        had = list(map(self._numbers.setdefault, batch.column("id").to_pylist(), own))
        if had == list(own):
            return []
        return [row for row, number in enumerate(had) if number != row + first]

    def claim_again(self, row: Row, line: int, at: int) -> Claim:
        """The same as `claim` of a row of the latest batch, by its place there."""
        taken = len(self._lines)
        found = self.claim(row, line)
        if len(self._lines) > taken:
            self._stood[taken] = self._batch + at
        return found

    def claim(self, row: Row, line: int) -> Claim:
        """Takes the id of a row, if it is free or the row is a newer version of its article.

        Another article of the id gets an id of its own.
        """
        name, source, url, date = row[0], row[4], row[5], row[3]
        where = origin(source, url) if name in self._numbers else None
        while where is not None and (before := self._numbers.get(name)) is not None:
            had, had_date = self._origin(before)
            if is_same(had, where, self._same_by):
                name = self._renamed.get(name, name)
                return self._version(row, name, line, before, had_date)
            if name not in self._renamed:
                self._part(name, before, had)
            name = own_id(name, where, self._same_by)
        self._numbers[name] = self._take(source, url, date, line)
        return Claim(name)

    def claim_any(self, wanted: Iterable[str], row: Row, line: int) -> str:
        """The first of the ids that is free; if none is, the last one with -2, -3 ... after it."""
        last = ""
        for last in wanted:
            if last not in self._numbers:
                break
        else:
            for n in itertools.count(self._repeats.get(last, 2)):
                if f"{last}-{n}" not in self._numbers:
                    self._repeats[last] = n + 1
                    break
            last = f"{last}-{n}"
        self._numbers[last] = self._take(row[4], row[5], row[3], line)
        return last

    def _part(self, name: str, number: int, of: Origin) -> None:
        """Gives the first article of an id, which turns out to be another's too, an own one."""
        own = own_id(name, of, self._same_by)
        free = name not in self._given and own not in self._numbers
        apart = free and self._held.amend(name, own)
        self._renamed[name] = own if apart else name
        self._numbers.setdefault(self._renamed[name], number)

    def _version(self, row: Row, name: str, line: int, before: int, had: int) -> Claim:
        """Another record of an article: the newer one is taken, if the dates tell which it is."""
        now = UNDATED if row[3] is None else since_1970(row[3])
        dated = UNDATED not in (now, had)
        if dated and latest(had) < now:
            self.first_older = self.first_older or f"{self._place(before)} (id {name})"
            self.older += 1
            gone = self._held.amend(name, None)
            self._given |= set() if gone else {name}
            number = self._take(row[4], row[5], row[3], line)
            self._numbers.update({one: number for one in (name, row[0]) if self._is(one, before)})
            return Claim(name, replaced=self._file_and_line(before) if gone else None)
        if dated and latest(now) < had:
            self.first_older = self.first_older or f"{self._places[-1]}:{line} (id {name})"
            self.older += 1
            return Claim("", f"an older version of id {name}, at {self._place(before)}", older=True)
        return Claim(
            "",
            f"id {name} was already used at {self._place(before)}; if they are two articles, name"
            " a field that tells them apart with --id-key, or their source or address",
        )

    def _take(self, source: str, url: str, date: datetime | None, line: int) -> int:
        number = len(self._lines)
        self._lines.append(len(self._places) - 1 << 40 | line)
        if not self._parts or not isinstance(self._parts[-1], _Records):
            self._begin(_Records(), number)
        part = self._parts[-1]
        if isinstance(part, _Records):
            part.add(source, url, date)
        return number

    def _begin(self, part: _Columns | _Records, first: int) -> None:
        self._parts.append(part)
        self._firsts.append(first)

    def _origin(self, number: int) -> tuple[Origin, int]:
        """Where an article is from, and its date; of the latest kept, as a file may repeat it."""
        if number != self._asked:
            at = bisect_right(self._firsts, number) - 1
            source, url, date = self._parts[at].of(number - self._firsts[at])
            self._asked, self._told = number, (origin(source, url), date)
        return self._told

    def _is(self, name: str, number: int) -> bool:
        return self._numbers.get(name) == number

    def _file_and_line(self, number: int) -> tuple[str, int]:
        packed = self._lines[number]
        return self._places[packed >> 40], packed & (1 << 40) - 1

    def _place(self, number: int) -> str:
        file, line = self._file_and_line(number)
        return f"{file}:{line}"


class GivenIds(Ids):
    """Ids as the records have them, '' for none, of a part of a corpus.

    Whether one comes twice is seen where the parts come together.
    """

    def claim_each(self, batch: pa.RecordBatch, lines: NDArray[np.int64]) -> list[int]:
        """None of the rows: all have the ids that they have."""
        del batch, lines
        return []

    def claim(self, row: Row, line: int) -> Claim:
        """The id of a row."""
        del line
        return Claim(row[0])

    def claim_any(self, wanted: Iterable[str], row: Row, line: int) -> str:
        """No id."""
        del wanted, row, line
        return ""
