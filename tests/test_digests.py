"""Digests: they tell of several stories and tie none."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import pytest
from digest_corpus import ANGLES, STORIES, article, begun, letter, reports

from dedupe import group_articles
from dedupe.index import open_index

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from dedupe.model import Article, Grouping

ALL = list(STORIES)


def stories_in(found: Grouping) -> set[frozenset[str]]:
    return {frozenset(m.id for m in story.members) for story in found.stories}


def mentioned_by(found: Grouping, name: str) -> tuple[str, ...]:
    return next(m.mentions for story in found.stories for m in story.members if m.id == name)


def as_without(articles: Sequence[Article], alone: Iterable[str]) -> set[frozenset[str]]:
    """The stories of the articles without some, and each of these by itself."""
    left = set(alone)
    rest = [a for a in articles if a.id not in left]
    return stories_in(group_articles(rest)) | {frozenset([name]) for name in left}


def test_a_letter_of_eight_stories_ties_none_of_them() -> None:
    articles = [*reports(), letter("letter", ALL)]
    found = group_articles(articles)
    assert stories_in(found) == as_without(articles, ["letter"])
    assert {name.rstrip("2") for name in mentioned_by(found, "letter")} == set(ALL)


def test_each_story_names_the_digests_that_tell_of_it() -> None:
    found = group_articles([*reports(), letter("letter", ALL[:5])])
    named = {
        name: [digest.id for digest in story.mentioned]
        for story in found.stories
        for name in (member.id for member in story.members)
    }
    assert all(named[name] == ["letter"] for name in ALL[:5])
    assert not any(named[name] for name in (*ALL[5:], "letter"))


@pytest.mark.parametrize("size", [3, 4, 6])
def test_letters_of_any_three_stories_and_more_are_digests(size: int) -> None:
    for stories in list(combinations(ALL, size))[:6]:
        articles = [*reports(), letter("letter", stories)]
        assert stories_in(group_articles(articles)) == as_without(articles, ["letter"]), stories


def test_several_letters_about_the_same_stories_are_digests_each() -> None:
    letters = [
        letter("desk", ALL),
        letter("post", reversed(ALL), words=45),
        letter("lamp", ALL[1:7], words=50),
    ]
    found = stories_in(group_articles([*reports(), *letters]))
    assert stories_in(group_articles(reports())) <= found


def test_weekly_letters_under_one_title_are_no_story() -> None:
    title = "The week in five stories"
    weeks = [ALL[:4], ALL[2:6], ALL[4:], [ALL[7], ALL[0], ALL[4]]]
    letters = [
        letter(f"week{number}", stories, title=title, hours=168 * number)
        for number, stories in enumerate(weeks)
    ]
    articles = [*reports(), *letters]
    assert stories_in(group_articles(articles)) == as_without(articles, [a.id for a in letters])


def test_a_live_blog_of_many_stories_is_a_digest() -> None:
    times = ["07.40", "08.15", "09.02", "10.30", "11.55", "12.10", "13.45", "15.00"]
    entries = [
        f"{time} {begun(text, 50)}" for time, (_, text) in zip(times, STORIES.values(), strict=True)
    ]
    blog = article("blog", "Monday's news as it happens", "\n".join(entries), 12, "Live Desk")
    articles = [*reports(), blog]
    assert stories_in(group_articles(articles)) == as_without(articles, ["blog"])


def test_a_live_blog_of_one_event_is_none() -> None:
    parts = [begun(text, 50) for _, text in (STORIES["dam"], ANGLES["dam"])]
    blog = article("blog", "Orrin Dam: what we know", "\n".join(parts), 12, "Live Desk")
    found = group_articles([*reports(), blog])
    assert mentioned_by(found, "blog") == ()
    assert frozenset({"dam", "dam2", "blog"}) in stories_in(found)


def test_a_round_up_with_one_long_item_and_several_short_ones_is_a_digest() -> None:
    round_up = letter("roundup", ALL[:6], words=[200, 40, 40, 40, 40, 40])
    articles = [*reports(), round_up]
    assert stories_in(group_articles(articles)) == as_without(articles, ["roundup"])


def test_a_digest_that_prints_whole_items_is_a_copy_of_none() -> None:
    articles = [*reports(angles=False), letter("letter", ALL, words=500)]
    found = group_articles(articles)
    assert stories_in(found) == {frozenset([a.id]) for a in articles}
    assert set(mentioned_by(found, "letter")) == set(ALL)
    assert all(story.copies == 0 for story in found.stories)


def test_copies_of_a_digest_stay_with_it() -> None:
    one, other = letter("desk", ALL), letter("desk-copy", ALL)
    found = group_articles([*reports(), one, other])
    assert frozenset({"desk", "desk-copy"}) in stories_in(found)
    assert stories_in(group_articles(reports())) <= stories_in(found)


def test_a_report_that_two_angles_follow_is_none() -> None:
    (title, text), (_, text2) = STORIES["bank"], ANGLES["bank"]
    first = article("first", title, f"{begun(text, 60)}\n{begun(text2, 45)}", 1, "Wire")
    savers = article("savers", "Savers queue in Selkirk", text2, 8, "Gazette")
    deal = article("deal", "Northgate's price for Selkirk Mutual", text, 9, "Ledger")
    found = group_articles([*reports(angles=False)[2:], first, savers, deal])
    assert mentioned_by(found, "first") == ()
    assert {"first", "deal"} <= next(s for s in stories_in(found) if "first" in s)


def test_a_letter_of_two_stories_is_not_called_a_digest() -> None:
    # Two may be one event and its consequence: three are asked for.
    found = group_articles([*reports(angles=False), letter("letter", ALL[:2])])
    assert mentioned_by(found, "letter") == ()


def test_digests_do_not_depend_on_the_order_of_input() -> None:
    articles = [*reports(), letter("letter", ALL), letter("lamp", ALL[:5], words=40)]
    assert stories_in(group_articles(articles)) == stories_in(group_articles(articles[::-1]))


# The index, by the same function


def placed(
    tmp_path: Path, articles: Iterable[Article], *, together: bool = False
) -> dict[str, str]:
    tmp_path.mkdir(exist_ok=True)
    with open_index(tmp_path / "x.index") as index:
        if together:
            index.admit_many(articles)
        else:
            for one in articles:
                index.admit(one)
        assert not list(index.verify())
        return {name: story.id for story in index.stories() for name in story.articles}


def partition(placement: dict[str, str]) -> set[frozenset[str]]:
    return {
        frozenset(name for name, own in placement.items() if own == story)
        for story in placement.values()
    }


@pytest.mark.parametrize("together", [False, True])
def test_an_index_places_a_digest_by_itself(tmp_path: Path, together: bool) -> None:
    articles = [*reports(), letter("letter", ALL)]
    found = partition(placed(tmp_path / "all", articles, together=together))
    assert frozenset({"letter"}) in found
    assert partition(placed(tmp_path / "plain", reports(), together=together)) <= found


def test_an_index_answers_of_what_a_digest_tells(tmp_path: Path) -> None:
    with open_index(tmp_path / "x.index") as index:
        index.admit_many(reports())
        checked = index.check(letter("letter", ALL))
        verdict = index.admit(letter("letter", ALL))
        again = index.admit(letter("letter", ALL))
    assert verdict.relation in {"new", "quotation"}
    assert {name.rstrip("2") for name in verdict.mentions} == set(ALL)
    assert checked.mentions == verdict.mentions == again.mentions
    assert again.replayed


def test_what_comes_after_a_digest_does_not_join_it(tmp_path: Path) -> None:
    later = [
        article(f"{name}-later", *told, 30 + hours, "Ledger")
        for hours, (name, told) in enumerate(ANGLES.items())
    ]
    articles = [*reports(angles=False), letter("letter", ALL), *later]
    placement = placed(tmp_path / "all", articles)
    assert list(placement.values()).count(placement["letter"]) == 1
    assert all(placement[name] == placement[f"{name}-later"] for name in ANGLES)


def test_an_item_that_follows_in_full_passes_as_new(tmp_path: Path) -> None:
    with open_index(tmp_path / "x.index") as index:
        index.admit_many(reports(angles=False)[:6])
        index.admit(letter("letter", ALL, words=500))
        verdict = index.admit(reports(angles=False)[7])
    assert verdict.relation == "new"


def test_a_digest_that_came_first_lets_go_what_joined_it(tmp_path: Path) -> None:
    placement = placed(tmp_path, [letter("letter", ALL, hours=-3), *reports(angles=False)])
    stories = [placement[name] for name in ALL]
    assert len(set(stories)) >= len(ALL) - 1
    assert stories.count(placement["letter"]) <= 1


def test_copies_of_a_digest_join_it_in_an_index(tmp_path: Path) -> None:
    with open_index(tmp_path / "x.index") as index:
        index.admit_many([*reports(), letter("letter", ALL)])
        verdict = index.admit(letter("copy", ALL))
        index.remove("letter")
        rest = index.admit(article("dam3", *ANGLES["dam"], 40, "Ledger"))
        assert verdict.relation == "identical"
        held = index.get("copy")
        assert held is not None
        assert rest.story != held.story
        assert not list(index.verify())
