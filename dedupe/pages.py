"""What the page of a report shows beyond its grouping, worked out of an analysis."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import chain, combinations, zip_longest
from typing import TYPE_CHECKING

import numpy as np

from dedupe.comparison import compare
from dedupe.comparison.story_facts import StoryFacts, facts_of
from dedupe.explain import match_of
from dedupe.group import in_linkage_order
from dedupe.model_compare import ReportMap, SideBySide

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.model import Article, Grouping, Match, Member, Story
    from dedupe.model_compare import Comparison

SHOWN_READINGS = 200
"""Pairs of articles that are compared for one page, over all stories."""
READINGS_OF_ONE = 12
"""Of them, pairs of one story."""
READ_CHARACTERS = 12_000
"""What is read of each article of such a pair."""
READ_IN_ALL = 1_500_000
"""Bytes in UTF-8 of all such pairs together: with all stories a page stays under 10 MB."""
FRONT_REPORTS = 5
"""Reports of one story whose facts are told together, each compared with each: 10 pairs."""
COMPARED_FOR_FACTS = 150
"""Pairs that are compared for that alone, over all stories."""
SCORE_BINS = 20
"""Of [0, 1], for the picture of all story scores: 0.5 is between two of them."""
SHOWN_MAPS = 300
"""Stories whose reports are mapped pair by pair, in the order of the page."""
LEAST_MAPPED, MOST_MAPPED = 3, 30
"""Independent reports of a story that has a map: of two it is one number, of more too large."""


@dataclass(frozen=True, slots=True)
class PageParts:
    """By story id; each is an argument of report.html.write_report_page."""

    readings: dict[str, list[SideBySide]]
    """The representative of a story with one article of each report, else with its copies."""
    matches: dict[tuple[str, str], Match]
    """The same pairs by the ids of both, with the evidence of their story scores."""
    maps: dict[str, ReportMap]
    """Of the first stories of so many reports that pairs of them can be told apart."""
    facts: dict[str, StoryFacts]
    """Of stories of which articles were compared."""
    addresses: dict[str, str]
    """Of articles, by their ids; of those that have one."""
    scores: list[int]
    """How many pairs of texts have a story score in each of SCORE_BINS equal parts of [0, 1]; none
    where only copies were sought."""
    remarks: list[str]
    """What the page leaves out."""


def shown_on_page(analysis: Analysis, found: Grouping, listed: Sequence[Story]) -> PageParts:
    """What the page of the listed stories shows; the analysis must be one with evidence."""
    readings, left = _readings(analysis, listed)
    matches = {pair: _match(analysis, *pair) for reads in readings.values() for pair in _ids(reads)}
    several = [story for story in listed if LEAST_MAPPED <= story.independent <= MOST_MAPPED]
    maps = {story.id: _map(analysis, story) for story in several[:SHOWN_MAPS]}
    remarks = _remarks(found, listed, sum(map(len, readings.values())), left)
    found_scores = analysis.scored_groups.scores
    scores = np.histogram(found_scores, SCORE_BINS, (0.0, 1.0))[0].tolist()
    scores = scores if len(found_scores) else []
    facts = _facts(analysis, listed, readings)
    addresses = _addresses(analysis, listed)
    return PageParts(readings, matches, maps, facts, addresses, scores, remarks)


def _addresses(analysis: Analysis, listed: Sequence[Story]) -> dict[str, str]:
    ids = [member.id for story in listed for member in story.members]
    urls = analysis.articles.urls
    found = ((name, urls[row]) for name, row in zip(ids, analysis.rows(ids).tolist(), strict=True))
    return {name: url for name, url in found if url}


def _remarks(found: Grouping, listed: Sequence[Story], compared: int, left: int) -> list[str]:
    several = sum(len(story.members) > 1 for story in found.stories)
    more = several - sum(len(story.members) > 1 for story in listed)
    remarks = []
    if more > 0:
        stories = "story" if more == 1 else "stories"
        remarks.append(f"Not on this page: {more:,} more {stories} of several articles.")
    if compared:
        remarks.append(
            f"{compared:,} pair{'s' * (compared != 1)} can be read side by side: the article that "
            f"represents a story with one of each independent report, else with its copies; at "
            f"most {READINGS_OF_ONE} of a story and {SHOWN_READINGS} in all, and of each article "
            f"the first {READ_CHARACTERS:,} characters. dedupe compare shows any other pair."
        )
    if left:
        remarks.append(f"Left out: {left:,} such pair{'s' * (left != 1)}.")
    return remarks


def _readings(
    analysis: Analysis, listed: Sequence[Story]
) -> tuple[dict[str, list[SideBySide]], int]:
    """The comparisons by story id, and how many more pairs there were."""
    rounds = zip_longest(*(_pairs(story) for story in listed))
    waiting = [pair for pair in chain.from_iterable(rounds) if pair is not None]
    made: dict[str, list[SideBySide]] = {}
    count = size = 0
    for story, one, other in waiting[:SHOWN_READINGS]:
        a, b = _article(analysis, one), _article(analysis, other)
        size += len(a.text.encode()) + len(b.text.encode())
        if size > READ_IN_ALL:
            break
        comparison = compare(a, b, analysis.likeness(a.id, b.id), analysis.settings)
        made.setdefault(story, []).append(SideBySide(comparison, a, b))
        count += 1
    return made, len(waiting) - count


def _facts(
    analysis: Analysis, listed: Sequence[Story], readings: dict[str, list[SideBySide]]
) -> dict[str, StoryFacts]:
    """The facts of the first reports of stories, in the order of the page, as far as pairs go.

    Where they don't go, and of the other reports that are read side by side, what is told
    differently alone.
    """
    found, left = {}, COMPARED_FOR_FACTS
    for story in listed:
        known = {(r.a.id, r.b.id): r.comparison for r in readings.get(story.id, ())}
        reports = [member.id for member in story.reports[:FRONT_REPORTS]]
        further = [pair for pair in combinations(reports, 2) if pair not in known]
        if len(further) > left:
            reports, further = reports[:1], []
        left -= len(further)
        names = [*dict.fromkeys(chain(reports, *known))]
        if len(names) < 2:
            continue
        place = {name: at for at, name in enumerate(names)}
        members = {member.id: member for member in story.members}
        articles = {name: _article(analysis, members[name]) for name in names}
        known |= {pair: _compared(analysis, articles, pair) for pair in further}
        rows = sorted((place[a], place[b], (a, b)) for a, b in known)
        compared = [(i, j, known[pair]) for i, j, pair in rows]
        found[story.id] = facts_of(list(articles.values()), compared, (), len(reports))
    return found


def _compared(
    analysis: Analysis, articles: dict[str, Article], pair: tuple[str, str]
) -> Comparison:
    one, other = pair
    likeness = analysis.likeness(one, other)
    return compare(articles[one], articles[other], likeness, analysis.settings)


def _pairs(story: Story) -> Iterator[tuple[str, Member, Member]]:
    """Story id, the representative and each report; of a story of one text, its edited copies."""
    first = story.members[0]
    others = [member for member in story.reports if member.id != first.id]
    if not others:
        others = [member for member in story.members[1:] if member.relation != "identical"]
    return ((story.id, first, other) for other in others[:READINGS_OF_ONE])


def _ids(read: Sequence[SideBySide]) -> list[tuple[str, str]]:
    return [(reading.a.id, reading.b.id) for reading in read]


def _match(analysis: Analysis, one: str, other: str) -> Match:
    return match_of(analysis, analysis.row(other), analysis.row(one))


def _map(analysis: Analysis, story: Story) -> ReportMap:
    reports = story.reports
    rows, n = analysis.rows(member.id for member in reports), len(reports)
    left, right = np.triu_indices(n, 1)
    pairs = np.sort(np.stack((rows[left], rows[right]), axis=1), axis=1).astype(np.int32)
    containment, scores = np.eye(n), np.eye(n)
    containment[left, right] = containment[right, left] = analysis.overlaps(pairs).containment
    scores[left, right] = scores[right, left] = analysis.story_scores(pairs)
    order = in_linkage_order(np.nan_to_num(scores))
    ids = tuple(reports[at].id for at in order)
    return ReportMap(
        ids, *(_rows(values[np.ix_(order, order)]) for values in (scores, containment))
    )


def _rows(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())


def _article(analysis: Analysis, member: Member) -> Article:
    """The article as far as a page shows it."""
    whole = analysis.article(member.id)
    return replace(whole, text=whole.text[:READ_CHARACTERS])
