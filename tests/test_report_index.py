"""What an index holds, for people.

The pages in ``golden/`` are approved by eye. To write them anew, and look at the difference:
``UPDATE_GOLDEN=1 pytest tests/test_report_index.py``.
"""

from __future__ import annotations

import io
import math
import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from index_examples import (
    ALONE,
    ARTICLES,
    CHINESE,
    COPY,
    HOSTILE,
    OTHERS,
    REPORT,
    STATS,
    STORY,
    WIRE,
    indexed,
    match,
)
from rich.cells import cell_len

from dedupe.report.index import (
    render_article,
    render_stats,
    render_stories,
    render_story,
    told_story,
)
from dedupe.report.jsonl import stats_object, story_object
from dedupe.report.page import make_console
from dedupe.report.progress import working
from dedupe.report.wording import bytes_in_words

GOLDEN = Path(__file__).parent / "golden"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


def page(render, *arguments: object, width: int = 80) -> str:
    out = io.StringIO()
    render(*arguments, make_console(out, width=width))
    return out.getvalue()


def everything(width: int) -> str:
    parts = [
        page(render_stats, "data/news.index", STATS, {"near_duplicate": 0.6}, "f" * 32, width=width)
    ]
    parts += [page(render_article, one, OTHERS, width=width) for one in ARTICLES]
    parts.append(page(render_story, STORY, ARTICLES, width=width))
    listed = [(STORY, WIRE), (ALONE, None), (STORY, CHINESE), (STORY, HOSTILE)]
    parts.append(page(render_stories, listed, width=width))
    return f"{'=' * width}\n".join(parts)


@pytest.mark.parametrize("width", [80, 160])
def test_the_pages_are_as_they_were_approved(width: int) -> None:
    path = GOLDEN / f"index_{width}.txt"
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(everything(width), encoding="utf-8")
    assert everything(width) == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [40, 59, 80, 100, 160])
def test_no_line_is_wider_than_the_page_and_nothing_acts_on_the_terminal(width: int) -> None:
    out = everything(width)
    assert max(cell_len(line) for line in out.splitlines()) <= width
    assert CONTROLS.search(out) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_of_an_article_reaches_the_terminal_unseen(title: str, value: str) -> None:
    found = indexed(title or "x", title, value, 1, text=value, url=value, lang=title)
    out = page(render_article, found, {})
    assert CONTROLS.search(out) is None
    assert max(cell_len(line) for line in out.splitlines()) <= 80


def test_markup_of_rich_is_shown_as_it_stands() -> None:
    out = page(render_article, HOSTILE, OTHERS)
    assert "[bold]markup[/]" in out
    assert "[red]value" in out


def test_an_article_says_where_it_stands_and_what_it_was_answered() -> None:
    out = page(render_article, REPORT, OTHERS)
    assert re.search(r"story +s12\n", out)
    assert re.search(r"answer +same story\n", out)
    assert re.search(r"1\. same story +Ferry with 214 aboard", out)
    assert "38 hours apart" in out
    assert "+1.12 names in common  Nordhavn, Ylva Lindqvist, Coast Guard" in out


def test_the_weights_of_the_evidence_add_up_to_the_story_score() -> None:
    out = page(render_article, REPORT, OTHERS)
    found = re.search(r"([+-][\d.]+) in all +story score ([\d.]+)\n", out)
    total, score = map(float, found.groups())
    assert 1 / (1 + math.exp(-total)) == pytest.approx(score, abs=0.005)
    shown = re.findall(r"^ +([+-]\d\.\d\d) (?!in all)", out, re.MULTILINE)
    assert sum(map(float, shown)) == pytest.approx(total, abs=0.02)
    assert "told by one template" not in out


def test_a_match_that_is_gone_is_told_of_by_its_id() -> None:
    out = page(render_article, REPORT, OTHERS)
    assert re.search(r"2\. same story +id gone-3\n +no longer here\n", out)


def test_a_story_that_became_part_of_another_is_said_with_the_answer() -> None:
    moved = replace(COPY, story="s4")
    assert "identical · story s12, which became s4" in page(render_article, moved, OTHERS)


def test_matches_beyond_the_tenth_are_counted() -> None:
    many = tuple(match("m", f"n{i}", "same_story", 0.5) for i in range(13))
    out = page(render_article, indexed("m", "Many", "", 0, many), {})
    assert "10. same story" in out
    assert "11. same story" not in out
    assert "and 3 more matches" in out


def test_a_copy_stands_beneath_what_it_copies() -> None:
    lines = page(render_story, STORY, ARTICLES).splitlines()
    [report] = [i for i, line in enumerate(lines) if "id nord-001" in line]
    assert "└─ id daily-1" in lines[report + 1]
    assert lines[1].strip() == "5 articles, 4 independent reports, 1 copy · 14 to 16 May 2024"
    assert "merged into it: s14, s20" in lines[2]


def test_a_story_is_told_oldest_first_by_arrival_where_an_article_has_no_date() -> None:
    told = told_story(STORY, ARTICLES[::-1])
    assert [m.id for m in told.members[:2]] == ["nord-001", "zh-1"]
    assert told.members[0].role == "representative"


def test_an_article_is_told_against_the_best_match_that_is_still_in_its_story() -> None:
    [_, member] = told_story(STORY, [WIRE, REPORT]).members
    assert (member.to, member.relation) == ("nord-001", "same_story")
    [_, member] = told_story(STORY, [CHINESE, REPORT]).members
    assert (member.to, member.relation, member.scores) == (None, None, None)


def test_an_empty_index_has_no_size_an_article() -> None:
    empty = replace(STATS, articles=0, stories=0, texts=0, oldest=None, newest=None, languages=())
    out = page(render_stats, "n", empty, {}, "f")
    assert "an article" not in out
    assert "dates" not in out
    assert "all as usual" in out
    assert stats_object("n", empty, {}, "f")["bytes_per_article"] is None


def test_the_sums_for_programs() -> None:
    told = stats_object("n", STATS, {"seed": 2}, "f")
    assert told["oldest"] == "2024-05-14T06:12:00Z"
    assert told["bytes_per_article"] == 5989
    assert told["languages"] == {"en": 12000, "de": 8000, "": 113}
    assert told["settings"] == {"seed": 2}


def test_a_story_for_programs() -> None:
    told = story_object(STORY)
    assert told["articles"] == list(OTHERS)
    assert (told["first_date"], told["last_date"]) == (
        "2024-05-14T06:12:00Z",
        "2024-05-16T08:12:00Z",
    )
    assert told["merged"] == ["s14", "s20"]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1234, "1.2 kB"),
        (2_500_000_000, "2.5 GB"),
    ],
)
def test_sizes_in_words(number: int, words: str) -> None:
    assert bytes_in_words(number) == words


def test_work_is_shown_on_a_terminal_and_nowhere_else(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    pipe, terminal = io.StringIO(), Terminal()
    for out in (pipe, terminal):
        with working(out, "verifying", "article") as step:
            step(1)
    assert pipe.getvalue() == ""
    assert "verifying" in terminal.getvalue()


def test_work_is_not_drawn_on_a_terminal_that_cannot_move_its_cursor(monkeypatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    terminal = Terminal()
    with working(terminal, "verifying"):
        pass
    assert terminal.getvalue() == ""
