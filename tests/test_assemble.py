"""From arrays to stories: ids, order, representatives, and the reason of each member."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from corpora import article, fixture_articles, newsroom, prose
from hypothesis import given
from hypothesis import strategies as st

from dedupe.assemble import group_ids, grouping
from dedupe.config import Settings
from dedupe.model import Article, Grouping
from dedupe.moments import UNDATED, moment
from dedupe.pipeline import analyse
from dedupe.score import relation

ONE = Settings(threads=1)
NEW_YEAR = datetime(2025, 1, 1, tzinfo=UTC)


def grouped(articles: list[Article], *, copies_only: bool = False) -> Grouping:
    return grouping(analyse(articles, ONE, copies_only=copies_only))


def copies(dates: dict[str, datetime | None], **texts: str) -> Grouping:
    """A run over articles of one text, or with more put before it."""
    text = " ".join(prose(random.Random(1), 60))
    return grouped([Article(n, texts.get(n, "") + text, date=d) for n, d in dates.items()])


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 3)), unique_by=lambda row: row[0]))
def test_an_id_is_a_function_of_the_members_alone(rows: list[tuple[str, int]]) -> None:
    rows.sort()
    ids = [name for name, _ in rows]
    labels = np.array([label for _, label in rows], np.int32)
    found = group_ids(labels, ids, "s")
    for i, label in enumerate(labels):
        alone = [name for name, other in rows if other == label]
        assert found[i] == group_ids(np.zeros(len(alone), np.int32), alone, "s")[0]
    assert len(set(found)) == len(set(labels.tolist()))


def test_ids_tell_apart_members_that_read_alike_when_joined() -> None:
    zeros = np.zeros(2, np.int32)
    joined = {group_ids(zeros, pair, "s")[0] for pair in (["a", "bc"], ["ab", "c"], ["", "abc"])}
    assert len(joined) == 3


def test_an_id_does_not_change_from_one_version_to_the_next() -> None:
    assert group_ids(np.zeros(2, np.int32), ["a", "b"], "s") == ["scfb9cbd0aeeea44e"] * 2
    assert group_ids(np.zeros(1, np.int32), ["北京\udc80"], "c") == ["c700724f0b5344bc3"]


def test_stories_and_copies_never_share_an_id() -> None:
    found = grouped([article("a", "some words of no weight at all")])
    [story] = found.stories
    assert story.id != story.members[0].copies
    assert story.id[1:] == story.members[0].copies[1:]


@pytest.mark.parametrize(
    ("jaccard", "containment", "same", "expected"),
    [
        (1.0, 1.0, True, "identical"),
        (1.0, 1.0, False, "near_duplicate"),
        (0.5, 0.7, False, "near_duplicate"),
        (0.4999, 0.8, False, "contained"),
        (0.4999, 0.7999, False, "same_story"),
        (0.0, 0.0, False, "same_story"),
    ],
)
def test_a_relation_follows_from_the_scores(jaccard, containment, same, expected) -> None:
    assert relation(ONE, jaccard, containment, same=same) == expected


def test_relations_follow_the_bounds_of_the_settings() -> None:
    loose = Settings(near_duplicate=0.2, contained=0.3)
    assert relation(loose, 0.2, 0.3, same=False) == "near_duplicate"
    assert relation(loose, 0.1, 0.3, same=False) == "contained"


def test_moments_are_utc_and_a_missing_one_is_none() -> None:
    assert moment(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert moment(-1) == datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    assert moment(UNDATED) is None


def test_the_earliest_represents_and_the_others_follow_by_date_undated_last() -> None:
    day = timedelta(days=1)
    found = copies(
        {
            "a": None,
            "b": NEW_YEAR + day,
            "c": NEW_YEAR,
            "d": NEW_YEAR + 2 * day,
            "e": NEW_YEAR + day,
        }
    )
    [story] = found.stories
    assert [m.id for m in story.members] == ["c", "b", "e", "d", "a"]
    assert [m.role for m in story.members] == ["representative", *["member"] * 4]
    assert story.span == (NEW_YEAR, NEW_YEAR + 2 * day)


def test_without_dates_the_longest_represents() -> None:
    [story] = copies({"a": None, "b": None}, b="And one more word. ").stories
    assert [m.id for m in story.members] == ["b", "a"]


def test_dates_come_back_as_they_went_in() -> None:
    date = datetime(2025, 3, 4, 5, 6, 7, 89, tzinfo=UTC)
    [story] = grouped([Article("a", "x", date=date)]).stories
    assert story.members[0].date == date


@pytest.mark.parametrize(
    ("title", "text", "headline"),
    [
        ("A title", "First line\nsecond", "A title"),
        ("", "First line\nsecond", "First line"),
        ("", "\n  First line\r\nsecond", "First line"),
        ("", "", ""),
        ("", "word " * 1000, ("word " * 40)),
    ],
)
def test_a_headline_is_the_title_or_the_first_line(title: str, text: str, headline: str) -> None:
    [story] = grouped([Article("a", text, title=title)], copies_only=True).stories
    assert story.headline == headline


def test_sources_are_kept() -> None:
    [story] = grouped([Article("a", "x", source="The Post")]).stories
    assert story.members[0].source == "The Post"


def test_stories_come_largest_first_then_earliest_undated_last() -> None:
    found = grouped([*fixture_articles(), *newsroom(2)])
    keys = [
        (-len(s.members), s.span is None, s.span[0] if s.span else NEW_YEAR, s.id)
        for s in found.stories
    ]
    assert keys == sorted(keys)
    assert len({key[0] for key in keys}) > 2


def test_the_weakest_link_is_the_lowest_story_score_with_its_days() -> None:
    found = grouped(fixture_articles())
    larger = [story for story in found.stories if len(story.members) > 1]
    assert larger
    for story in larger:
        bound = {m.id: m for m in story.members if m.scores is not None}
        assert story.weakest.scores.story == min(m.scores.story for m in bound.values())
        member = bound[story.weakest.b]
        assert (story.weakest.a, story.weakest.relation) == (member.to, member.relation)
        dates = [m.date for m in story.members if m.id in (story.weakest.a, story.weakest.b)]
        if None in dates:
            assert story.weakest.days is None
        else:
            assert story.weakest.days == abs((dates[0] - dates[1]) / timedelta(days=1))


def test_copies_are_one_story_beyond_doubt() -> None:
    for copies_only in (False, True):
        found = grouped(newsroom(3), copies_only=copies_only)
        bound = {m.id: m for s in found.stories for m in s.members}
        sure = [m for m in bound.values() if m.to and m.copies == bound[m.to].copies]
        assert sure
        assert {m.scores.story for m in sure} == {1.0}
