"""The front of a story: five lines in words, the same for a terminal and a page."""

from __future__ import annotations

from dataclasses import replace

from page_examples import HOSTILE, compared
from report_examples import CHINESE, FERRY, SINGLE, member
from test_story_facts import TOLL, story_facts

from dedupe.comparison.story_facts import Told, facts_of
from dedupe.model import Member, Story
from dedupe.report.front import LONGEST, SHOWN, short_front, story_front

REPORTS = tuple(Member(a.id, a.title, a.source, a.date, "member", a.id) for a in TOLL)


def lines(story, facts=None):
    return {line.label: list(line.pieces) for line in story_front(story, facts, str.strip)}


def test_a_story_that_was_not_compared_tells_who_was_first_and_who_told_it():
    assert lines(FERRY) == {
        "first": ["Nordic Wire, 14 May 06:12 UTC"],
        "told by": ["3 independent reports", "4 copies", "6 outlets", "14 to 15 May 2024"],
    }


def test_where_the_dates_do_not_tell_who_was_first_the_front_says_so():
    at_once = [replace(one, date=CHINESE.members[0].date) for one in CHINESE.members]
    assert lines(Story("s", tuple(at_once)))["first"] == ["the dates do not tell who"]
    first, *others = CHINESE.members
    one_dated = (first, *(replace(one, date=None) for one in others))
    assert lines(Story("s", one_dated))["first"] == ["the dates do not tell who"]


def test_what_is_disputed_is_told_with_who_says_it():
    found = lines(Story("s", REPORTS[:3]), story_facts(TOLL[:3]))
    assert found["told differently"] == [
        "killed: 60 people (Paper a), Eighty-four passengers (Paper b)"
    ]
    assert "Port Kessel" in found["all 3 say"]
    # What is disputed is not told a second time.
    assert not any("60" in piece or "Eighty" in piece for piece in found["only one says"])


def test_a_newer_figure_is_told_as_one():
    found = lines(Story("s", (REPORTS[0], REPORTS[3])), story_facts([TOLL[0], TOLL[3]]))
    assert found["told differently"] == ["killed: 60 people (Paper a), then 91 (Paper d)"]
    assert "both say" in found


def test_reports_that_were_not_compared_are_not_spoken_for():
    found = lines(Story("s", REPORTS), story_facts(TOLL[:2]))
    assert "the first 2 say" in found


def test_of_pairs_that_are_not_all_there_only_what_they_dispute_is_told():
    rows = [(0, k, compared(TOLL[0], TOLL[k])) for k in (1, 2)]
    some = facts_of(TOLL[:3], rows, (), 1)
    assert list(lines(Story("s", REPORTS[:3]), some)) == ["first", "told by", "told differently"]
    alike = facts_of(TOLL[:2], [], (), 1)
    assert list(lines(Story("s", REPORTS[:3]), alike)) == ["first", "told by"]


def test_what_no_report_has_is_said_to_be_nothing():
    articles = [replace(TOLL[0], id=name, text="it rained and rained") for name in "ab"]
    found = lines(Story("s", REPORTS[:2]), story_facts(articles))
    assert found["told differently"] == found["only one says"] == ["nothing was found"]


def test_each_report_is_heard_and_what_is_left_out_is_counted():
    alone = [Told("name", f"Person {k}", (int(k > 8),), (f"Person {k}",)) for k in range(18)]
    facts = replace(story_facts(TOLL[:2]), by_one=tuple(alone))
    pieces = lines(Story("s", REPORTS[:2]), facts)["only one says"]
    assert len(pieces) == SHOWN + 1
    assert [piece.split("(")[1] for piece in pieces[:2]] == ["Paper a)", "Paper b)"]
    assert pieces[-1] == "and 10 more"


def test_that_an_outlet_names_itself_is_no_news():
    articles = [
        replace(TOLL[0], text="Weir Gazette saw it. It rained.", source="Weir Gazette"),
        replace(TOLL[1], text="Nobody saw it. It rained.", source="Paper b"),
    ]
    story = Story("s", (replace(REPORTS[0], source="Weir Gazette"), REPORTS[1]))
    told = lines(story, story_facts(articles))["only one says"]
    assert not any(piece.startswith("Weir Gazette") for piece in told)


def test_a_story_of_one_article_has_no_front_on_a_page():
    assert short_front(SINGLE, None) == ()


def test_what_strangers_wrote_is_short_and_harmless_on_a_page():
    a = replace(HOSTILE, id="a", source="\x1b[31mevil\u202e" * 40, text=f'"{"Zu " * 90}" he said.')
    b = replace(HOSTILE, id="b", source="b", text="Nothing of it.")
    facts = facts_of([a, b], [(0, 1, compared(a, b))], (), 2)
    story = Story(
        "s", (member("a", "x", a.source, 0, "a"), member("b", "y", b.source, 1, "b", "same_story"))
    )
    pieces = [piece for line in short_front(story, facts) for piece in line.pieces]
    assert not any({"\x1b", "\u202e"} & set(piece) for piece in pieces)
    assert max(map(len, pieces)) <= 3 * LONGEST
