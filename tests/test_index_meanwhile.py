"""What comes between the judging of an article and the lock: only what bears on it counts."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
from corpora import prose
from index_corpus import Event, copies, copy_of, counted, day, edited, grouped, newsroom, sound

from dedupe import open_index
from dedupe.index.find import Finder
from dedupe.index.tables.writer import TableWriter
from dedupe.index.tallies import Tallies

FLOOD, VOTE, FIRE = Event(1), Event(2), Event(3)


class Raced:
    """Two openings of one index: the second acts once the first has judged."""

    def __init__(self, path, monkeypatch) -> None:
        self.mine, self.other = open_index(path), open_index(path)
        self.judged = 0
        find = Finder.find

        def counted(finder, *given):
            self.judged += finder is self.mine._finder
            return find(finder, *given)

        monkeypatch.setattr(Finder, "find", counted)

    def admit(self, article, between):
        """The answer about an article, while ``between`` comes in between; how often it is judged."""
        write, self.judged = self.mine._store.write, 0

        def delayed():
            self.mine._store.write = write
            between(self.other)
            return write()

        self.mine._store.write = delayed
        verdict = self.mine.admit(article)
        return verdict, self.judged


@pytest.fixture
def raced(tmp_path, monkeypatch):
    found = Raced(tmp_path / "news.index", monkeypatch)
    with found.mine, found.other:
        found.other.admit_many([FLOOD.report("f1"), FLOOD.report("f2", 1), FIRE.report("x1")])
        yield found
        assert sound(found.mine)


def test_nobody_else_means_one_judgement(raced) -> None:
    verdict, judged = raced.admit(FLOOD.report("f3"), lambda _: None)
    assert (verdict.relation, judged) == ("same_story", 1)


def test_the_first_article_of_an_outlet_that_comes_between_shows_its_furniture(raced) -> None:
    around = "\n".join(" ".join(prose(random.Random(n), 12)) for n in range(4))
    one, two = (
        replace(event.report(name), text=f"{around}\n{event.report(name).text}")
        for event, name in ((VOTE, "v1"), (FIRE, "x2"))
    )
    _, judged = raced.admit(two, lambda index: index.admit(one))
    assert judged == 2
    with raced.mine._store.read() as reader:
        kept = reader.blobs("shingles", [reader.find(["x2"])["x2"][0]]).row(0)
    assert len(kept) // 4 == len(FIRE.report("x2").text.replace(".", "").split()) - 4


def test_an_article_about_something_else_changes_nothing(raced) -> None:
    verdict, judged = raced.admit(FLOOD.report("f3"), lambda index: index.admit(VOTE.report("v1")))
    assert (verdict.relation, judged) == ("same_story", 1)
    assert {m.b for m in verdict.matches} == {"f1", "f2"}
    assert grouped(raced.mine) == {
        frozenset({"f1", "f2", "f3"}), frozenset({"v1"}), frozenset({"x1"}),
    }  # fmt: skip


def test_stories_that_begin_at_one_moment_have_numbers_of_their_own(raced) -> None:
    new = Event(8).report("n1")
    verdict, judged = raced.admit(new, lambda index: index.admit(VOTE.report("v1")))
    assert (verdict.relation, judged) == ("new", 1)
    assert verdict.story != raced.mine.get("v1").story
    assert raced.mine.get("n1").story == verdict.story


@pytest.mark.parametrize("change", [copy_of, edited])
def test_of_two_copies_one_is_first(raced, change) -> None:
    new = VOTE.report("v1")
    verdict, judged = raced.admit(new, lambda index: index.admit(change(new, "v0")))
    assert judged == 2
    assert verdict.relation == ("identical" if change is copy_of else "near_duplicate")
    assert verdict.matches[0].b == "v0"
    assert frozenset({"v0", "v1"}) in copies(raced.mine)


def test_an_excerpt_of_it_that_came_is_seen(raced) -> None:
    new = VOTE.report("v1", own=300)
    excerpt = replace(new, id="v0", text=" ".join(new.text.split()[40:120]))
    verdict, judged = raced.admit(new, lambda index: index.admit(excerpt))
    assert (verdict.relation, verdict.extends, judged) == ("contained", True, 2)


def test_a_report_of_the_same_event_that_came_is_seen(raced) -> None:
    verdict, judged = raced.admit(VOTE.report("v1"), lambda index: index.admit(VOTE.report("v0")))
    assert (verdict.relation, judged) == ("same_story", 2)


def test_several_reports_that_came_are_seen(raced) -> None:
    came = [VOTE.report("v0"), FIRE.report("x2"), VOTE.report("v2", 1)]
    verdict, judged = raced.admit(VOTE.report("v1"), lambda index: index.admit_many(came))
    assert (verdict.relation, judged) == ("same_story", 2)
    assert {match.b for match in verdict.matches} == {"v0", "v2"}


def test_the_same_article_is_a_replay(raced) -> None:
    new = VOTE.report("v1")
    verdict, judged = raced.admit(new, lambda index: index.admit(new))
    assert (verdict.replayed, judged) == (True, 1)
    assert raced.mine.stats().articles == 4


def test_another_text_under_the_same_id_is_a_revision(raced) -> None:
    verdict, _ = raced.admit(
        VOTE.report("v1"), lambda index: index.admit(edited(VOTE.report("v1"), "v1"))
    )
    assert verdict.relation == "revision"
    assert raced.mine.get("v1").article.text == VOTE.report("v1").text


def test_a_match_that_went_is_no_match(raced) -> None:
    verdict, judged = raced.admit(FLOOD.report("f3"), lambda index: index.remove("f1"))
    assert judged == 2
    assert {m.b for m in verdict.matches} == {"f2"}


def test_stories_that_are_parted_meanwhile_are_read_again(raced) -> None:
    verdict, judged = raced.admit(
        FLOOD.report("f3"), lambda index: index.mark_different("f1", "f2")
    )
    assert judged == 2
    assert raced.mine.get("f1").story != raced.mine.get("f2").story
    assert verdict.story in {raced.mine.get("f1").story, raced.mine.get("f2").story}


def test_a_story_that_grew_is_read_again(raced) -> None:
    verdict, judged = raced.admit(
        FLOOD.report("f3"), lambda index: index.admit(copy_of(FLOOD.report("f1"), "f1b"))
    )
    assert (verdict.relation, judged) == ("same_story", 2)


def test_all_articles_of_before_a_date_may_go_meanwhile(raced) -> None:
    verdict, judged = raced.admit(FLOOD.report("f3", 2), lambda index: index.expire(day(1.5)))
    assert (verdict.relation, verdict.matches, judged) == ("new", (), 2)


def test_what_is_counted_is_what_is_stored_whoever_came_between(raced, tmp_path) -> None:
    for at, article in enumerate(newsroom(7)):
        between = newsroom(8)[at]
        raced.admit(article, lambda index, between=between: index.admit(between))
    with open_index(tmp_path / "news.index") as fresh:
        probe = FLOOD.report("probe", 3)
        answers = [index.check(probe) for index in (fresh, raced.mine, raced.other)]
    assert answers[0] == answers[1] == answers[2]


def test_what_came_between_and_went_at_once_counts_for_nothing(raced, tmp_path) -> None:
    raced.admit(FLOOD.report("f3", 3), lambda index: index.admit(VOTE.report("v1")))
    raced.other.remove("v1")
    raced.mine.admit(FIRE.report("x2"))
    with open_index(tmp_path / "news.index") as fresh:
        probe = VOTE.report("probe", 3)
        answers = [index.check(probe) for index in (fresh, raced.mine, raced.other)]
    assert answers[0] == answers[1] == answers[2]
    with raced.mine._store.read() as reader:
        anew = Tallies(raced.mine.settings)
        anew.follow(reader)
    assert counted(raced.mine._finder.tallies) == counted(anew)


def test_what_came_between_is_counted_after_the_lock(raced, monkeypatch) -> None:
    tallied, writing = [], []
    tally = Tallies._tally
    monkeypatch.setattr(
        Tallies, "_tally", lambda own, *given: (tallied.append(list(writing)), tally(own, *given))
    )
    add = TableWriter.add

    def added(writer, entries):
        writing.append(len(entries))
        return add(writer, entries)

    monkeypatch.setattr(TableWriter, "add", added)
    _, judged = raced.admit(FLOOD.report("f3"), lambda index: index.admit(VOTE.report("v1")))
    # Both count their own before they write; what came between is left to the next call.
    assert (judged, tallied[-2:], writing) == (1, [[], []], [1, 1])
    raced.mine.check(FLOOD.report("probe"))
    assert tallied[-3] == [1, 1]


def test_the_answers_are_those_of_one_after_the_other(tmp_path, monkeypatch) -> None:
    """Whatever comes between, relation and matches are as if it had come before."""
    articles = [*newsroom(11, events=3), copy_of(newsroom(11, events=3)[0], "again")]
    for one, other in itertools.permutations(range(0, len(articles), 3), 2):
        raced = Raced(tmp_path / f"{one}-{other}", monkeypatch)
        with raced.mine, raced.other, open_index("memory:") as plain:
            rest = [a for at, a in enumerate(articles) if at not in {one, other}]
            raced.other.admit_many(rest)
            plain.admit_many(rest)
            verdict, _ = raced.admit(articles[one], lambda i, a=articles[other]: i.admit(a))
            plain.admit(articles[other])
            expected = plain.admit(articles[one])
            assert verdict.relation == expected.relation
            assert [m.b for m in verdict.matches] == [m.b for m in expected.matches]
            assert grouped(raced.mine) == grouped(plain)
