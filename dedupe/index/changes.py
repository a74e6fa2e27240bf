"""What happened to an index since a position, as whoever follows it is told."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, NamedTuple

from dedupe.index.answers import restored, story_id
from dedupe.index.contents import stored_moment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from dedupe.index.store import Change, Columns, Event, Reader
    from dedupe.model import Verdict

Happened = Literal["admitted", "removed", "moved", "merged", "different"]
_TOLD: dict[Event, Happened] = {
    "added": "admitted",
    "discarded": "removed",
    "moved": "moved",
    "merged": "merged",
    "different": "different",
}


class ChangedArticle(NamedTuple):
    """An article that a change is about."""

    number: int
    """The position at which it was entered: of two changes, those of one article have one."""
    id: str | None
    """None where it has left since: the log does not keep it."""
    story: str | None
    """The one that it is in since the change, or was in when it was removed."""


@dataclass(frozen=True, slots=True)
class IndexChange:
    """One change of an index, which rose its position to ``position``."""

    position: int
    happened: Happened
    articles: tuple[ChangedArticle, ...] = ()
    """Of ``different`` those of the two that are there."""
    merged: tuple[str, str] | None = None
    """Of ``merged`` the story that ended, and the one that it became part of."""
    verdict: Verdict | None = None
    """Of ``admitted`` the answer that was given."""
    arrived: datetime | None = None
    """Of ``admitted``: an article that is entered again, as it has to stand for its copies by now,
    keeps the moment of its arrival."""


class Changes(NamedTuple):
    """Changes in order, up to a position."""

    position: int
    changes: tuple[IndexChange, ...] | None
    """None where some are forgotten, or where the index never was at the position asked for."""


def changes_since(reader: Reader, after: int | None, most: int) -> Changes:
    """The first ``most`` changes after a position; for None none, from now on."""
    now = reader.position().change
    if after is None or after == now:
        return Changes(now, ())
    rows = reader.changes(after) if after < now else None
    if rows is None:
        return Changes(now, None)
    together = [(at, list(some)) for at, some in groupby(rows, lambda change: change.position)]
    part = together[:most]
    known = _known(reader, [change for _, some in part for change in some])
    found = tuple(known.change(at, some) for at, some in part)
    return Changes(now if len(part) == len(together) else part[-1][0], found)


class _Known(NamedTuple):
    """What is there of the entries that changes are about, by number."""

    ids: dict[int, str]
    arrived: dict[int, int]
    verdicts: dict[int, bytes]

    def change(self, position: int, rows: Sequence[Change]) -> IndexChange:
        """One change of its rows."""
        first = rows[0]
        happened = _TOLD[first.event]
        if first.event == "merged":
            merged = story_id(first.number), story_id(first.story)
            return IndexChange(position, happened, merged=merged)
        articles = tuple(
            ChangedArticle(row.number, self.ids.get(row.number), _story(row.story))
            for row in rows
            if row.number
        )
        if first.event != "added":
            return IndexChange(position, happened, articles)
        verdict = restored(self.ids[first.number], self.verdicts[first.number])
        arrived = stored_moment(self.arrived[first.number])
        return IndexChange(position, happened, articles, verdict=verdict, arrived=arrived)


def _known(reader: Reader, rows: Sequence[Change]) -> _Known:
    numbers = {row.number for row in rows if row.event in ("added", "moved", "different")}
    known: Columns = reader.rows(sorted(numbers - {0}))
    held = known.numbers.tolist()
    added = [row.number for row in rows if row.event == "added"]
    blobs = reader.blobs("verdict", added)
    return _Known(
        dict(zip(held, known.ids, strict=True)),
        dict(zip(held, known.arrived.tolist(), strict=True)),
        {number: blobs.row(at) for at, number in enumerate(added)},
    )


def _story(number: int) -> str | None:
    return story_id(number) if number else None
