"""Two reports beside each other on a terminal, and as JSON.

The pages in ``golden/`` are approved by eye. To write them anew, and look at the difference:
``UPDATE_GOLDEN=1 pytest tests/test_report_comparison.py``.
"""

from __future__ import annotations

import io
import json
import os
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from dedupe.api import compare_articles as compare
from dedupe.model import Article
from dedupe.model_compare import (
    Alignment,
    Comparison,
    Conflict,
    Edit,
    Fact,
    Facts,
    Measure,
    Mention,
    OwnTerm,
    Sentence,
    SharedFact,
    SharedTerm,
    Span,
)
from dedupe.report.comparison import render_comparison
from dedupe.report.jsonl import comparison_object, encode
from dedupe.report.page import make_console

GOLDEN = Path(__file__).parent / "golden"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

LINES_A = (
    "Mayor Ilse Brandt opened the Weir Bridge on Monday, May 6.",
    "The crossing cost 41 million crowns and took three years to build.",
    "“It will outlast all of us,” Brandt said to [bold]cheers[/] from the \x1b[31mquay\x1b[0m.",
)
LINES_B = (
    "The Weir Bridge was opened by Mayor Ilse Brand on May 6th.",
    "It had cost 43 million crowns, an auditor said.",
    "A brass band of 大阪市 played for 200 guests until the rain came.",
)
ONE = Article(
    "one.txt",
    "\n".join(LINES_A),
    "Weir Bridge opens",
    datetime(2024, 5, 6, 12, tzinfo=UTC),
    "Weir Gazette",
)
OTHER = Article("[red]two\x1b", "\n".join(LINES_B), "After three years, a bridge")


def sentences(article: Article) -> tuple[Sentence, ...]:
    """The title, then each line."""
    found = [Sentence(article.title, Span("title", 0, len(article.title)))]
    for line in article.text.split("\n"):
        start = article.text.index(line)
        found.append(Sentence(line, Span("text", start, start + len(line))))
    return tuple(found)


SENTENCES_A, SENTENCES_B = sentences(ONE), sentences(OTHER)


def fact(article: Article, kind: str, *texts: str, value: str = "", unit: str = "") -> Fact:
    """A fact at the first place of each of its spellings."""
    mentions = []
    for text in texts:
        part = "text" if text in article.text else "title"
        start = getattr(article, part).index(text)
        sentence = next(
            i
            for i, s in enumerate(sentences(article))
            if s.span.part == part and s.span.start <= start < s.span.end
        )
        mentions.append(Mention(text, Span(part, start, start + len(text)), sentence))
    return Fact(kind, texts[0], value or texts[0].casefold(), unit, mentions=tuple(mentions))


FACTS = Facts(
    both=(
        SharedFact(fact(ONE, "name", "Ilse Brandt", "Brandt"), fact(OTHER, "name", "Ilse Brand")),
        SharedFact(fact(ONE, "name", "Weir Bridge"), fact(OTHER, "name", "Weir Bridge")),
        SharedFact(fact(ONE, "number", "three years"), fact(OTHER, "number", "three years")),
        SharedFact(fact(ONE, "date", "May 6"), fact(OTHER, "date", "May 6th")),
    ),
    only_a=(
        fact(ONE, "date", "Monday"),
        fact(ONE, "quotation", "It will outlast all of us,"),
    ),
    only_b=(fact(OTHER, "name", "大阪市"), fact(OTHER, "number", "200 guests")),
    conflicts=(
        Conflict(
            fact(ONE, "number", "41 million crowns"),
            fact(OTHER, "number", "43 million crowns"),
            "crown",
            2,
            2,
        ),
    ),
)

MEASURES = (
    Measure("jaccard", 0.0123, "share of all runs of 5 words that both texts have"),
    Measure("containment_a", 0.03, "share of the first text's runs of 5 words in the second"),
    Measure("containment_b", 0.0, "share of the second text's runs of 5 words in the first"),
    Measure("cosine", 0.41, "likeness of the words used, rare words and names counting most"),
    Measure("story", 0.874, "probability that both report the same event"),
)

REPORTS = Comparison(
    a=ONE.id,
    b=OTHER.id,
    relation="same_story",
    measures=MEASURES,
    shared_terms=(
        SharedTerm("weir", 0.3, (Span("text", 24, 28),), (Span("text", 4, 8),)),
        SharedTerm("bridge", 0.11, (Span("text", 29, 35),), (Span("text", 9, 15),)),
    ),
    terms_a=(
        OwnTerm("brandt", 0.4, (Span("text", 11, 17),)),
        OwnTerm("crossing", 0.2, (Span("text", 63, 71),)),
    ),
    terms_b=(OwnTerm("brass", 0.3, (Span("text", 108, 113),)),),
    sentences_a=SENTENCES_A,
    sentences_b=SENTENCES_B,
    alignments=(Alignment(0, 1, 0.3), Alignment(1, 1, 0.71), Alignment(2, 2, 0.44)),
    only_a=(3,),
    only_b=(0, 3),
    facts=FACTS,
    edits=(),
)

LATER = replace(
    ONE,
    id="later",
    title="Weir Bridge opens",
    text="Mayor Ilse Brandt opened the Weir Bridge on Tuesday, May 7.\nThe crossing cost 41 million "
    "crowns and took three years to build. Nobody was hurt.",
)


def places(article: Article, *pieces: str) -> list[Span]:
    found, at = [], 0
    for piece in pieces:
        start = article.text.index(piece, at)
        at = start + len(piece)
        found.append(Span("text", start, at))
    return found


def version() -> Comparison:
    """The first article against an edited copy of it."""
    a = places(
        ONE, "Mayor Ilse Brandt opened the Weir Bridge on", "Monday, May 6",
        "The crossing cost 41 million crowns and took three years to build.", LINES_A[2],
    )  # fmt: skip
    b = places(
        LATER, "Mayor Ilse Brandt opened the Weir Bridge on", "Tuesday, May 7",
        "The crossing cost 41 million crowns and took three years to build.", "Nobody was hurt",
    )  # fmt: skip
    kinds = ("equal", "replace", "equal", "replace")
    title = Span("title", 0, len(ONE.title))
    later = sentences(LATER)
    return replace(
        REPORTS,
        b="later",
        relation="near_duplicate",
        sentences_b=later,
        alignments=(Alignment(0, 0, 1.0), Alignment(1, 1, 0.8), Alignment(2, 2, 0.9)),
        only_a=(3,),
        only_b=(),
        facts=Facts((), (), (), ()),
        edits=(
            Edit("equal", title, title),
            *(Edit(k, x, y) for k, x, y in zip(kinds, a, b, strict=True)),
        ),
    )


class Latin(io.StringIO):
    """A pipe into a program that reads ASCII."""

    encoding = "ascii"


def page(
    found: Comparison = REPORTS,
    width: int = 80,
    *,
    a: Article = ONE,
    b: Article = OTHER,
    out: io.StringIO | None = None,
) -> str:
    out = out or io.StringIO()
    render_comparison(found, a, b, make_console(out, width=width))
    return out.getvalue()


def in_company(found: Comparison, articles: int) -> Comparison:
    """The comparison as it is among so many articles, which the story measure says."""
    measures = tuple(
        replace(m, meaning=f"{m.meaning}, judged among {articles} articles")
        if m.name == "story"
        else m
        for m in found.measures
    )
    return replace(found, measures=measures, company=articles)


DOCUMENTS = {
    "comparison_80": lambda: page(in_company(REPORTS, 41)),
    "comparison_160": lambda: page(in_company(REPORTS, 41), width=160),
    "comparison_40": lambda: page(width=40),
    "comparison_ascii_100": lambda: page(width=100, out=Latin()),
    "comparison_edits_80": lambda: page(version(), b=LATER),
    "comparison_edits_160": lambda: page(version(), 160, b=LATER),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_page_looks_as_it_was_approved(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    text = DOCUMENTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(text, encoding="utf-8", newline="\n")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_line_is_wider_than_the_page_or_ends_in_spaces(name: str) -> None:
    width = int(name.rsplit("_", 1)[1])
    for line in DOCUMENTS[name]().splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


def test_the_verdict_comes_first_and_the_story_score_before_other_measures() -> None:
    lines = page().splitlines()
    assert lines[0] == "One event, told in separate words."
    measured = [line.split()[0] for line in lines if re.search(r"\d\.\d\d ", line)]
    assert measured[:2] == ["story", "jaccard"]


@pytest.mark.parametrize(
    ("relation", "begins"),
    [
        ("identical", "The two texts are identical"),
        ("near_duplicate", "Two versions of one text"),
        ("contained", "A is an excerpt: nearly all of its text stands in B"),
        ("same_story", "One event"),
        (None, "Two events"),
    ],
)
def test_each_relation_has_its_sentence(relation: str | None, begins: str) -> None:
    assert page(replace(REPORTS, relation=relation)).startswith(begins)


def test_without_a_story_score_unlike_articles_are_just_unlike() -> None:
    found = replace(REPORTS, relation=None, measures=MEASURES[:4])
    assert page(found).startswith("Nothing ties the two articles together.")


def test_the_shorter_text_is_the_excerpt() -> None:
    swapped = (replace(MEASURES[1], value=0.0), replace(MEASURES[2], value=0.9))
    found = replace(REPORTS, relation="contained", measures=(MEASURES[0], *swapped, MEASURES[3]))
    assert page(found).startswith("B is an excerpt: nearly all of its text stands in A")


def test_a_fact_written_in_two_ways_shows_both_and_whose_they_are() -> None:
    text = page()
    assert "Ilse Brandt (A) = Ilse Brand (B) · Weir Bridge" in text
    assert "May 6 (A) = May 6th (B)" in text
    assert "three years (A)" not in text


def test_a_sentence_with_two_counterparts_is_shown_once() -> None:
    assert page().count("The Weir Bridge was opened by Mayor Ilse Brand") == 1


def test_words_of_a_shared_name_are_not_called_one_articles_own() -> None:
    words = next(line for line in page().split("Only A reports")[1].splitlines() if "words" in line)
    assert "crossing" in words
    assert "brandt" not in words


def test_a_conflict_names_both_values_and_shows_both_sentences() -> None:
    tail = page().split("They differ")[1]
    assert "crown: 41 million crowns in A, 43 million crowns in B" in tail
    assert "A  The crossing cost 41 million crowns" in tail
    assert "B  It had cost 43 million crowns, an auditor said." in tail


def test_conflicts_of_one_pair_of_sentences_show_it_once() -> None:
    twice = replace(FACTS, conflicts=FACTS.conflicts * 2)
    tail = page(replace(REPORTS, facts=twice)).split("They differ")[1]
    assert tail.count("crown: ") == 2
    assert tail.count("an auditor said") == 1


@pytest.mark.parametrize(("width", "together"), [(99, False), (100, True)])
def test_columns_stand_side_by_side_from_100_on(width: int, together: bool) -> None:
    head = next(line for line in page(width=width).splitlines() if "Only A reports" in line)
    assert ("Only B reports" in head) is together


def edits_in(text: str) -> str:
    return text.split("Word by word")[1].split("\n\n", maxsplit=1)[0]


def test_what_was_edited_is_told_before_measures_and_facts() -> None:
    text = page(version(), b=LATER)
    assert text.index("Word by word") < text.index("jaccard") < text.index("Both report")


def test_edits_are_marked_so_that_they_read_without_colours() -> None:
    text = " ".join(page(version(), b=LATER).split())
    assert "Bridge on [-Monday, May 6-] {+Tuesday, May 7+} The crossing" in text
    assert "{+Nobody was hurt+}" in text


def test_long_equal_runs_and_long_insertions_are_shortened() -> None:
    words = " ".join(f"w{i}" for i in range(400))
    a = replace(ONE, title="", text=f"{words} end")
    b = replace(LATER, title="", text=f"{words} {words} end")
    half = len(words)
    found = replace(
        version(),
        edits=(
            Edit("equal", Span("text", 0, half), Span("text", 0, half)),
            Edit("insert", Span("text", half, half), Span("text", half + 1, 2 * half + 1)),
            Edit(
                "equal", Span("text", half + 1, half + 4), Span("text", 2 * half + 2, 2 * half + 5)
            ),
        ),
    )
    text = " ".join(edits_in(page(found, a=a, b=b)).split())
    assert "… w388 w389" in text
    assert "{+w0 w1" in text
    assert "… 376 words …" in text
    assert text.endswith("w399+} end")
    assert len(text) < 500


def test_scripts_without_spaces_are_shortened_too() -> None:
    same = "青岭市地铁三号线正式开通运营" * 40
    a = replace(ONE, title="", text=f"{same}甲{same}")
    b = replace(LATER, title="", text=f"{same}乙{same}")
    half = len(same)
    first, last = Span("text", 0, half), Span("text", half + 1, 2 * half + 1)
    changed = Span("text", half, half + 1)
    edits = (
        Edit("equal", first, first),
        Edit("replace", changed, changed),
        Edit("equal", last, last),
    )
    text = edits_in(page(replace(version(), edits=edits), a=a, b=b))
    assert "[-甲-] {+乙+}" in text
    assert text.split("[-甲")[0].strip().endswith("运营")
    assert text.strip().endswith("…")
    assert len(text) < 500


def test_hostile_text_comes_out_as_plain_words() -> None:
    for text in (page(), page(width=160), page(version(), b=LATER)):
        assert "[bold]cheers[/]" in text
        assert not CONTROLS.search(text)
    assert "id [red]two\n" in page()


def test_ascii_gets_ascii() -> None:
    assert page(width=160, out=Latin()).isascii()


def test_nothing_in_common_and_nothing_at_all_is_still_a_page() -> None:
    empty = Article("a", ""), Article("b", "")
    found = compare(*empty)
    text = page(found, a=empty[0], b=empty[1])
    assert text.startswith("Nothing ties the two articles together.")
    assert "Only A reports" not in text


words = st.text(max_size=80)


@settings(max_examples=25)
@given(words, words, words, st.sampled_from((40, 80, 99, 100, 160)))
def test_no_text_whatever_breaks_the_page(one: str, other: str, shared: str, width: int) -> None:
    a = Article("a", f"{one} {shared} {shared}", other)
    b = Article("b", f"{shared} {other} {shared}", one)
    text = page(compare(a, b), width, a=a, b=b)
    assert not CONTROLS.search(text)
    assert text.encode("utf-8")
    for line in text.splitlines():
        assert cell_len(line) <= width


def test_a_sentence_without_an_end_is_cut() -> None:
    long = replace(OTHER, text="word " * 4000)
    held = replace(REPORTS, sentences_b=sentences(long)[:1] * 4)
    found = replace(
        held,
        sentences_b=(*held.sentences_b[:3], Sentence(long.text, Span("text", 0, len(long.text)))),
        facts=Facts((), (), (), ()),
    )
    assert len(page(found, b=long)) < 5000


def test_the_object_holds_every_field_of_the_comparison() -> None:
    told = comparison_object(in_company(REPORTS, 41), ONE, OTHER)
    fields = {name for name in Comparison.__dataclass_fields__ if name not in "ab"}
    assert set(told) == fields | {"schema_version", "a", "b"}
    assert told["company"] == 41
    assert told["schema_version"] == 1
    assert told["a"]["date"] == "2024-05-06T12:00:00Z"
    assert told["b"]["date"] is None


def test_the_line_is_json_and_its_places_lead_back_into_the_texts() -> None:
    line = encode(comparison_object(REPORTS, ONE, OTHER))
    told = json.loads(line)
    assert line.count(b"\n") == 1
    for side in ("a", "b"):
        for shared in told["facts"]["both"]:
            for mention in shared[side]["mentions"]:
                span = mention["span"]
                assert told[side][span["part"]][span["start"] : span["end"]] == mention["text"]
    assert told["measures"][0]["value"] == 0.0123


def test_a_lone_surrogate_is_written_all_the_same() -> None:
    line = encode(comparison_object(REPORTS, replace(ONE, id="x\udcff"), OTHER))
    assert json.loads(line)["a"]["id"] == "x\udcff"
