"""A stream of as many articles as are wanted, in the order of their dates.

The first round of the stream is the file itself. Each further round holds the next varied version
of each article (``benchmarks.vary``), its date moved on by the whole span of the rounds before it,
so that the last article of a round is older than the first of the next and time goes on. Records
of the stream hold an article's fields and nothing else.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.vary import VOCABULARY, versions_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FIELDS = ("id", "title", "text", "date", "source", "url", "lang")


@dataclass(frozen=True, slots=True)
class Stream:
    """Rounds of a stream, a file each, and how many articles a round has."""

    rounds: tuple[Path, ...]
    length: int

    @property
    def folder(self) -> Path:
        """Where the rounds lie."""
        return self.rounds[0].parent

    def lines(self, first: int) -> Iterator[bytes]:
        """The articles from number ``first`` on, as lines of JSON."""
        whole, rest = divmod(first, self.length)
        return islice(chain.from_iterable(map(_lines, self.rounds[whole:])), rest, None)

    def cut(self, first: int, count: int, target: Path) -> Path:
        """A file of ``count`` articles from number ``first`` on.

        Raises ValueError where the stream ends before them.
        """
        lines = list(islice(self.lines(first), count))
        if len(lines) < count:
            raise ValueError(f"the stream ends after {first + len(lines)} articles")
        target.write_bytes(b"".join(lines))
        return target


def prepared(file: Path, size: int, folder: Path) -> Stream:
    """A stream of at least ``size`` articles, from a JSON Lines file that is not compressed.

    Articles of the file are taken in the order of their dates, undated ones first.
    """
    records = sorted((orjson.loads(line) for line in _lines(file)), key=_date)
    count = rounds_for(len(records), size)
    days = _span(records)
    words = _words(records)
    paths = tuple(folder / f"round-{number:03}.jsonl" for number in range(count))
    with ExitStack() as stack:
        targets = [stack.enter_context(path.open("wb")) for path in paths]
        for number, record in enumerate(records):
            versions = versions_of(record, number, count, words)
            for turn, (version, target) in enumerate(zip(versions, targets, strict=True)):
                moved = timedelta(days=days * turn)
                target.write(orjson.dumps(_plain(version, moved), option=orjson.OPT_APPEND_NEWLINE))
    return Stream(paths, len(records))


def rounds_for(length: int, size: int) -> int:
    """Rounds of ``length`` articles that have ``size`` of them together."""
    return max(1, -(-size // length))


def moment(date: str) -> datetime:
    """A date or time of ISO 8601, in UTC where it names no zone."""
    found = datetime.fromisoformat(date)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _plain(record: dict[str, Any], moved: timedelta) -> dict[str, str]:
    kept = {name: str(record.get(name) or "") for name in FIELDS}
    if kept["date"]:
        kept["date"] = (moment(kept["date"]) + moved).isoformat()
    return kept


def _date(record: dict[str, Any]) -> str:
    return str(record.get("date") or "")


def _span(records: list[dict[str, Any]]) -> int:
    """Days from the first date to the last, and one more."""
    dates = [moment(date) for record in records if (date := _date(record))]
    return (max(dates) - min(dates)).days + 1 if dates else 0


def _words(records: list[dict[str, Any]]) -> list[str]:
    """Words of the first articles, as often as they stand there, to replace others by."""
    texts = (record.get("text") or "" for record in records[:VOCABULARY])
    return [word for text in texts for word in text.split()] or [""]


def _lines(file: Path) -> Iterator[bytes]:
    with file.open("rb") as lines:
        yield from lines
