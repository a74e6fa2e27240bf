"""``--html``: what a page shows beyond the grouping, worked out of an analysis."""

from __future__ import annotations

from bisect import bisect_left
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Article, Grouping, Member, Story
    from dedupe.pipeline import Analysis
    from dedupe.report.html import Overlaps, Reading

SHOWN_STORIES = 1000
"""Stories on one page, where no other number is asked for."""
SHOWN_READINGS = 200
"""Pairs of articles that are compared for one page, over all stories."""
READINGS_OF_ONE = 12
"""Of them, pairs of one story."""
READ_CHARACTERS = 12_000
"""What is read of each article of such a pair."""
READ_IN_ALL = 2_000_000
"""Characters of all such pairs together: a page stays under 15 MB."""
SHOWN_REPORTS = 12
"""Independent reports of one story whose overlaps are shown."""


def write_report(
    analysis: Analysis, found: Grouping, listed: Sequence[Story], settings: Settings, path: Path
) -> None:
    """Write the page of the listed stories; the analysis must be one with evidence.

    Raises OSError.
    """
    from dedupe.report.html import write_report_page

    readings, left = _readings(analysis, listed, settings)
    write_report_page(
        found,
        path,
        stories=listed,
        readings=readings,
        overlaps={
            story.id: _overlaps(analysis, story) for story in listed if story.independent > 1
        },
        remarks=_remarks(found, listed, sum(map(len, readings.values())), left),
    )


def _remarks(found: Grouping, listed: Sequence[Story], compared: int, left: int) -> list[str]:
    from dedupe.report.wording import counted

    several = sum(len(story.members) > 1 for story in found.stories)
    shown = sum(len(story.members) > 1 for story in listed)
    remarks = []
    if shown < several:
        more = counted(several - shown, "more story", "more stories")
        remarks.append(f"Not on this page: {more} of several articles.")
    if compared:
        remarks.append(
            f"{counted(compared, 'pair')} can be read side by side: the article that represents "
            f"a story with one of each independent report, else with its copies; at most "
            f"{READINGS_OF_ONE} of a story and {SHOWN_READINGS} in all, and of each article the "
            f"first {READ_CHARACTERS:,} characters. dedupe compare shows any other pair."
        )
    if left:
        remarks.append(f"Left out: {counted(left, 'such pair')}.")
    return remarks


def _readings(
    analysis: Analysis, listed: Sequence[Story], settings: Settings
) -> tuple[dict[str, list[Reading]], int]:
    """The comparisons by story id, and how many more pairs there were."""
    from dedupe.compare import compare
    from dedupe.report.html import Reading

    rounds = zip_longest(*(_pairs(story) for story in listed))
    waiting = [pair for pair in chain.from_iterable(rounds) if pair is not None]
    made: dict[str, list[Reading]] = {}
    count = characters = 0
    for story, one, other in waiting[:SHOWN_READINGS]:
        a, b = _article(analysis, one), _article(analysis, other)
        characters += len(a.text) + len(b.text)
        if characters > READ_IN_ALL:
            break
        chance = other.scores.story if other.scores and other.to == one.id else None
        comparison = compare(a, b, settings=settings, story=chance)
        made.setdefault(story, []).append(Reading(comparison, a, b))
        count += 1
    return made, len(waiting) - count


def _pairs(story: Story) -> Iterator[tuple[str, Member, Member]]:
    """Story id, the representative and each report; of a story of one text, its edited copies."""
    from dedupe.report.html import reports

    first = story.members[0]
    others = [member for member in reports(story) if member.id != first.id]
    if not others:
        others = [member for member in story.members[1:] if member.relation != "identical"]
    return ((story.id, first, other) for other in others[:READINGS_OF_ONE])


def _overlaps(analysis: Analysis, story: Story) -> Overlaps:
    import numpy as np

    from dedupe.report.html import Overlaps, reports
    from dedupe.score import overlaps

    ids = tuple(member.id for member in reports(story)[:SHOWN_REPORTS])
    rows = np.array([_row(analysis, name) for name in ids], np.int32)
    left, right = np.triu_indices(len(ids), 1)
    pairs = np.sort(np.stack((rows[left], rows[right]), axis=1), axis=1).astype(np.int32)
    containment = np.eye(len(ids))
    containment[left, right] = containment[right, left] = overlaps(
        analysis.sketch, pairs
    ).containment
    cosine = np.eye(len(ids))
    cosine[left, right] = cosine[right, left] = _cosines(analysis, pairs)
    return Overlaps(ids, _rows(containment), _rows(cosine))


def _rows(values: NDArray[np.float64]) -> tuple[tuple[float, ...], ...]:
    return tuple(tuple(row) for row in values.tolist())


def _cosines(analysis: Analysis, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
    from concurrent.futures import ThreadPoolExecutor

    import numpy as np

    from dedupe.score import cosines

    if analysis.weights is None:
        return np.full(len(pairs), np.nan)
    with ThreadPoolExecutor(1) as one:
        return cosines(analysis.weights, pairs, one).astype(np.float64)


def _row(analysis: Analysis, name: str) -> int:
    return bisect_left(analysis.articles.ids, name)


def _article(analysis: Analysis, member: Member) -> Article:
    """The article as far as a page shows it."""
    from dedupe.model import Article

    whole = analysis.articles.texts[_row(analysis, member.id)]
    # Title, line feed, text: a title is the headline, and may hold line feeds itself.
    title = member.headline if whole.startswith(f"{member.headline}\n") else ""
    text = whole[len(title) + 1 :]
    return Article(member.id, text[:READ_CHARACTERS], title, member.date, member.source)
