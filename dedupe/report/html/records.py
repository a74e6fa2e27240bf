"""Stories as the data of a page: rows of numbers and strings, from which its script draws them.

Every string is made visible here; the script puts it into the page as text, never as markup. What
recurs is written once and told by its number: headlines, outlets, days, and where addresses begin.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import TYPE_CHECKING, NamedTuple

from dedupe.clean import visible, web_address
from dedupe.moments import is_day
from dedupe.report.front import short_front
from dedupe.report.html.times import stacked
from dedupe.report.table import lineage, text_shared
from dedupe.report.wording import RELATION_LABELS, counted, day, says_anew, shown_in_utc, span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedupe.comparison.story_facts import StoryFacts
    from dedupe.model import Member, Story
    from dedupe.model_compare import ReportMap
    from dedupe.report.front import FrontLine
    from dedupe.report.html.times import Dot
    from dedupe.report.table import LineageEntry

SHOWN_MEMBERS = 200
"""Articles of one story that the page lists."""
SHOWN_DIGESTS = 20
"""Digests that tell of one story, and articles that one article quotes."""
PLAIN = 1_500_000
"""Bytes of data that stand in a page as they are."""
NONE = -1
"""Where there is no such row: no date, no address, no relation."""


class StoryRecord(NamedTuple):
    """One story, in the order in which the script takes it apart."""

    id: str
    headline: int
    articles: int
    reports: int
    weakest: int
    """Hundredths of the story score of its weakest link; NONE where there is none to tell."""
    dates: str
    """In words."""
    terms: Sequence[tuple[str, int]]
    """Text, and in how many of the articles it stands."""
    front: Sequence[FrontLine]
    """Its front in words; none for a story of one article."""
    notes: Sequence[str]
    """In words: digests that tell of it, articles that are not listed."""
    pairs: tuple[Sequence[int], Sequence[Sequence[int]]] | None
    """Places of reports among the members, and percents: story score below the diagonal,
    containment above it; None for a story without a map."""
    members: Sequence[MemberRecord]


class MemberRecord(NamedTuple):
    """One article in its story, behind the report that it is a copy of."""

    depth: int
    """0 for a report, else how many copies lead to it."""
    id: str
    headline: int
    source: int
    day: int
    minute: int
    """Of the day; NONE where only the day is known."""
    relation: int
    scores: Sequence[int]
    """Hundredths: text shared, cosine, story score; NONE for one that was not made."""
    origin: int
    path: str
    """What follows on the origin of its address."""
    dot: tuple[int, int] | None
    """Its x and its level on the time line."""
    notes: Sequence[str]


def fitting(
    stories: Sequence[Story],
    addresses: Mapping[str, str],
    maps: Mapping[str, ReportMap],
    facts: Mapping[str, StoryFacts],
    room: int,
) -> tuple[Sequence[Story], str]:
    """The first stories of which the data takes at most ``room`` bytes, and that data.

    It is JSON; what takes much is compressed (zlib) and in base64, which no JSON begins like.
    """
    while True:
        written = Records(stories, addresses, maps, facts).json()
        if len(written) > PLAIN or len(written.encode()) > PLAIN:
            written = base64.b64encode(zlib.compress(written.encode())).decode()
        if len(written) <= max(room, PLAIN) or not stories:
            return stories, written
        stories = stories[: int(0.9 * len(stories) * room / len(written))]


class Records:
    """The data of one page."""

    def __init__(
        self,
        stories: Sequence[Story],
        addresses: Mapping[str, str],
        maps: Mapping[str, ReportMap],
        facts: Mapping[str, StoryFacts],
    ) -> None:
        self._addresses = addresses
        self._sources: dict[str, int] = {}
        self._headlines: dict[str, int] = {}
        self._days: dict[str, int] = {}
        self._origins: dict[str, int] = {}
        self._relations = {name: at for at, name in enumerate(RELATION_LABELS)}
        self._facts = facts
        self._stories = [self._story(story, maps.get(story.id)) for story in stories]

    def json(self) -> str:
        """All of it as one object, fit to stand in an element of a script."""
        value = {
            "sources": list(self._sources),
            "headlines": list(self._headlines),
            "days": [name.split("\n") for name in self._days],
            "origins": list(self._origins),
            "relations": list(RELATION_LABELS.items()),
            "stories": self._stories,
        }
        written = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return written.replace("<", "\\u003c")  # so no element of the page ends or begins in it

    def _story(self, story: Story, found: ReportMap | None) -> StoryRecord:
        entries = list(lineage(story))
        kept = entries[:SHOWN_MEMBERS]
        size, weakest = len(entries), story.weakest
        dots = stacked(kept)
        return StoryRecord(
            visible(story.id),
            _place(self._headlines, visible(story.headline).strip()),
            size,
            story.independent,
            _hundredths(weakest.scores.story) if weakest else NONE,
            span(*story.span) if story.span else "undated",
            [(visible(term.text), term.articles) for term in story.terms],
            short_front(story, self._facts.get(story.id)),
            _notes(story, size - len(kept)),
            _map(found, [entry.member.id for entry in kept]) if found else None,
            [self._member(*row) for row in zip(kept, dots, strict=True)],
        )

    def _member(self, entry: LineageEntry, dot: Dot | None) -> MemberRecord:
        member = entry.member
        origin, path = _parted(web_address(self._addresses.get(member.id, "")))
        moment = None if member.date is None else shown_in_utc(member.date)
        whole = moment is None or is_day(moment)
        return MemberRecord(
            len(entry.ancestors_last),
            visible(member.id),
            _place(self._headlines, visible(member.headline).strip()),
            _place(self._sources, visible(member.source).strip()),
            NONE if moment is None else _place(self._days, f"{moment.date()}\n{day(moment)}"),
            NONE if moment is None or whole else 60 * moment.hour + moment.minute,
            NONE if member.relation is None else self._relations[member.relation],
            _scores(member),
            _place(self._origins, origin) if origin else NONE,
            path,
            (dot.x, dot.level) if dot else None,
            _member_notes(member),
        )


def _place(table: dict[str, int], value: str) -> int:
    """The number of a value in a table, from now on."""
    return table.setdefault(value, len(table))


def _parted(address: str) -> tuple[str, str]:
    """The origin of an address, with its slash, and what follows."""
    end = address.find("/", len("https://")) + 1
    return (address[:end], address[end:]) if end else (address, "")


def _hundredths(value: float) -> int:
    return round(100 * value) if value == value else NONE  # noqa: PLR0124 - NaN


def _scores(member: Member) -> list[int]:
    scores = member.scores
    if scores is None:
        return []
    shared = text_shared(member.relation, scores)
    return [_hundredths(value) for value in (shared, scores.cosine, scores.story)]


def _map(found: ReportMap, shown: Sequence[str]) -> tuple[list[int], list[list[int]]]:
    at = {name: place for place, name in enumerate(shown)}
    rows = [n for n, name in enumerate(found.ids) if name in at]
    percents = [
        [_hundredths((found.story if i > j else found.containment)[i][j]) for j in rows]
        for i in rows
    ]
    return [at[found.ids[n]] for n in rows], percents


def _notes(story: Story, hidden: int) -> list[str]:
    notes = []
    if story.mentioned:
        digests = [_told(digest) for digest in story.mentioned[:SHOWN_DIGESTS]]
        more = len(story.mentioned) - len(digests)
        digests += [counted(more, "more digest")] if more else []
        notes.append(f"Also in: {', '.join(digests)}")
    tells = len(story.members[0].mentions)
    if tells:
        stories = counted(tells, "story", "stories")
        notes.append(f"A digest: it tells of {stories} and belongs to none.")
    if hidden:
        notes.append(f"And {counted(hidden, 'more article')}, not listed here.")
    return notes


def _told(member: Member) -> str:
    name = visible(member.headline).strip() or f"id {visible(member.id)}"
    source = visible(member.source).strip()
    return f"{name} ({source})" if source else name


def _member_notes(member: Member) -> list[str]:
    notes = []
    if says_anew(member):
        notes.append(f"Says what the other text does not: {says_anew(member)}")
    if member.quotes:
        told = [f"{100 * q.share:.0f}% of {visible(q.id)}" for q in member.quotes[:SHOWN_DIGESTS]]
        more = len(member.quotes) - len(told)
        told += [counted(more, "more article")] if more else []
        notes.append(f"Quotes {', '.join(told)}")
    return notes
