"""The pages hold hostile text as text, load nothing, and say everything in legible colours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_examples import (
    FERRY,
    HOSTILE,
    PRINTED,
    RADIO,
    VOTE,
    WIRE,
    comparison_page,
    outlets_page,
    reading,
    report_page,
)
from report_examples import FERRY as FERRY_STORY
from report_examples import GROUPING

from dedupe.clean import language_tag, visible
from dedupe.model import Article, Story
from dedupe.model_compare import (
    Alignment,
    Comparison,
    Conflict,
    Edit,
    Fact,
    Facts,
    Mention,
    Sentence,
    SideBySide,
    Span,
)
from dedupe.report import html as pages
from dedupe.report.html import document, records, write_comparison_page, write_report_page
from dedupe.report.html.overview import overview, score_bars
from dedupe.report.html.passages import passages
from dedupe.report.html.records import SHOWN_MEMBERS, MemberRecord, Records, StoryRecord, fitting
from dedupe.report.html.steps import in_step
from dedupe.report.html.times import BARS, EDGE, bars, stacked
from dedupe.report.table import lineage

WHOLE = {"report": report_page, "outlets": outlets_page}
VOID = {"meta", "link", "input", "br", "hr", "img"}
NOTHING = Facts((), (), (), ())


class Page(HTMLParser):
    """Every element with its attributes, every id, and the text of the page by element."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        assert tag in {"rect", "path", "polygon"}, f"<{tag}/> is no HTML"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(params=["report", "comparison", "hostile comparison", "outlets"])
def html(request, tmp_path):
    if request.param in WHOLE:
        return WHOLE[request.param](tmp_path / "page.html")
    pair = (HOSTILE, FERRY) if request.param.startswith("hostile") else (FERRY, RADIO)
    return comparison_page(tmp_path / "page.html", *pair)


def test_every_element_is_closed_where_it_was_opened(html):
    assert Page(html).open == []


def test_ids_are_given_once_and_every_inner_link_leads_somewhere(html):
    page = Page(html)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    wanted = {a["href"][1:] for a in page.named("a") if a["href"].startswith("#")}
    wanted |= {name for a in page.named("a") for name in (a.get("data-to") or "").split()}
    wanted |= {
        attrs[key]
        for _, attrs in page.elements
        for key in ("aria-labelledby", "for")
        if key in attrs
    }
    assert wanted - set(ids) == set()
    assert wanted


def test_the_policy_names_exactly_this_style_and_this_script(html):
    page = Page(html)
    policy = next(m["content"] for m in page.named("meta") if m.get("http-equiv"))
    directives = dict(part.strip().split(" ", 1) for part in policy.split(";"))
    assert directives["default-src"] == "'none'"
    for tag, directive in (("style", "style-src"), ("script", "script-src")):
        (text,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert directives[directive] == f"'sha256-{digest}'"
    assert set(directives) == {"default-src", "style-src", "script-src", "base-uri", "form-action"}


def test_the_policy_stands_before_all_that_it_governs(html):
    assert html.index("Content-Security-Policy") < min(html.index("<style>"), html.index("<title>"))


def test_nothing_is_loaded_and_nothing_acts_but_the_one_script(html):
    page = Page(html)
    acting = [attrs for attrs in page.named("script") if "type" not in attrs]
    assert len(acting) == len(page.named("style")) == 1
    for tag, attrs in page.elements:
        assert tag not in {
            "img",
            "iframe",
            "object",
            "embed",
            "link",
            "base",
            "form",
            "video",
            "use",
            "image",
        }
        assert not [
            name
            for name in attrs
            if name.startswith("on")
            or name in {"style", "src", "srcset", "ping", "action", "xlink:href"}
        ]
        if "href" in attrs:
            assert attrs["href"].startswith(("#", "https://wire.example/")), attrs["href"]
    assert not re.search(r"@import|url\(", html.split("<body>")[0])


def test_a_script_in_title_source_id_and_text_stays_text(tmp_path):
    page = Page(comparison_page(tmp_path / "page.html", HOSTILE, FERRY))
    shown = "".join(
        "".join(parts) for tag, parts in page.texts.items() if tag not in {"script", "style"}
    )
    assert "<script>alert('title')</script>" in "".join(page.texts["title"])
    for piece in (
        "<script>document.title = 'taken'</script>",
        "</style>",
        "<!--",
        "<b onmouseover='alert(1)'>bold</b>",
        HOSTILE.id,
        HOSTILE.source,
    ):
        assert piece in re.sub(r"\s+", " ", shown)
    assert "alert" not in "".join(page.texts["script"])


def test_an_address_that_is_no_web_address_is_no_link(tmp_path):
    assert "javascript:" not in comparison_page(tmp_path / "page.html", HOSTILE, FERRY)
    assert 'href="https://wire.example/ferry"' in comparison_page(tmp_path / "page.html")


def test_a_language_that_is_none_is_not_named(tmp_path):
    languages = [language_tag(lang) for lang in ("en", "yue", "", "x", "en-GB", HOSTILE.lang)]
    assert languages == ["en", "yue", "", "", "", ""]
    page = Page(comparison_page(tmp_path / "page.html", HOSTILE, FERRY))
    assert {attrs["lang"] for _, attrs in page.elements if "lang" in attrs} == {"en"}


def test_what_is_not_seen_is_taken_out(html):
    assert (
        re.findall(
            "[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]", html
        )
        == []
    )
    assert not re.search("\u0301{5}", html)


def test_visible_keeps_line_breaks_joiners_and_every_script():
    for text in ("a\n\tb", "क्‍ष", "می‌خواهم", "台风", "👩\u200d👧", "e\u0301"):
        assert visible(text) == text
    assert visible("a\x1b[2J\u202eb\x00\ud800") == "a[2Jb\N{REPLACEMENT CHARACTER}"


@given(st.text(max_size=80), st.text(max_size=300))
def test_any_text_makes_a_sound_page(title, text):
    article = Article("x", text, title, source=title)
    comparison = Comparison(
        "x", "y", None, (), (), (), (), _lines(article), _lines(RADIO), (), (), (), NOTHING, ()
    )
    page = document(
        "comparison.html",
        ("changes.js",),
        comparison=comparison,
        kinds=(),
        reading=SideBySide(comparison, article, RADIO),
        shown_facts=9,
        shown_words=9,
    )
    page.encode()
    assert Page(page).open == []


def _lines(article):
    found, at = [], 0
    for line in article.text.splitlines(keepends=True):
        if line.strip():
            found.append(Sentence(line, Span("text", at, at + len(line))))
        at += len(line)
    return tuple(found)


@pytest.mark.parametrize(("a", "b"), [(FERRY, RADIO), (HOSTILE, FERRY), (FERRY, FERRY)])
def test_passages_lose_nothing_of_the_articles(a, b):
    found = reading(a, b)
    for side, article in (("a", a), ("b", b)):
        for part in ("title", "text"):
            cut = passages(found, side, part)
            assert "".join(piece.text for passage in cut for piece in passage.pieces) == getattr(
                article, part
            )


def test_passages_tell_shared_own_and_conflicting_words_apart():
    found = reading(FERRY, RADIO)
    kinds = {
        passage.pieces[0].text.split()[0]: passage.kind
        for passage in passages(found, "b", "text")
        if passage.kind != "gap"
    }
    assert kinds == {"Helicopters": "only", "A": "shared", "The": "shared", "Schools": "only"}
    marked = {
        side: [
            p.text for q in passages(found, side, "text") for p in q.pieces if p.kind == "conflict"
        ]
        for side in "ab"
    }
    assert [text.split()[0] for text in marked["a"] + marked["b"]] == ["214", "231"]


def test_partners_lead_to_each_other():
    found = reading(FERRY, RADIO)
    to_b = {
        (p.sentence, q)
        for part in ("title", "text")
        for p in passages(found, "a", part)
        for q in p.partners
    }
    to_a = {
        (q, p.sentence)
        for part in ("title", "text")
        for p in passages(found, "b", part)
        for q in p.partners
    }
    assert to_b == to_a == {(pair.a, pair.b) for pair in found.comparison.alignments}


def test_a_conflict_keeps_its_words_where_an_edit_covers_them():
    text = "In all 27 people fell ill."
    whole = Sentence(text, Span("text", 0, len(text)))
    fact = Fact("number", "27", "27", mentions=(Mention("27", Span("text", 7, 9), 0),))
    edits = (
        Edit("replace", Span("text", 3, 16), Span("text", 3, 16)),
        Edit("delete", Span("text", 17, 21), Span("text", 17, 17)),
    )
    comparison = Comparison(
        "x",
        "y",
        "near_duplicate",
        (),
        (),
        (),
        (),
        (whole,),
        (whole,),
        (Alignment(0, 0, 0.9),),
        (),
        (),
        Facts((), (), (), (Conflict(fact, fact, "person", 0, 0),)),
        edits,
    )
    (passage,) = passages(
        SideBySide(comparison, Article("x", text), Article("y", text)), "a", "text"
    )
    assert [(piece.text, piece.kind) for piece in passage.pieces] == [
        ("In ", ""), ("all ", "changed"), ("27", "conflict"), (" people", "changed"), (" ", ""), ("fell", "gone"), (" ill.", ""),
    ]  # fmt: skip


# --- in step ---


def stepped(a, b):
    """The steps of two texts, as their kinds and their words."""
    return [
        tuple((cell.kind, words(cell)) if cell else None for cell in (step.a, step.b))
        for step in in_step(reading(a, b))
    ]


def words(cell):
    return " ".join("".join(p.text for q in cell.passages for p in q.pieces).split())


def test_what_both_have_stands_side_by_side_and_the_rest_is_called_what_it_is():
    assert stepped(WIRE, PRINTED) == [
        (None, ("moved", "The hall was built in 1961.")),
        (("same", VOTE),) * 2,
        (("same", "Repairs would cost 4 million crowns, the mayor said."),) * 2,
        (
            ("gone", "Parents had gathered 2,000 signatures."),
            ("added", "Swimmers protested outside."),
        ),
        (("moved", "The hall was built in 1961."), None),
        (
            ("changed", "A new one opens next spring beside the station."),
            ("changed", "A new one opens next summer beside the station."),
        ),
    ]


def test_a_moved_sentence_names_its_other_place():
    found = reading(WIRE, PRINTED)
    steps = in_step(found)
    here = next(step.b for step in steps if step.b and step.b.kind == "moved")
    there = next(step.a for step in steps if step.a and step.a.kind == "moved")
    assert found.comparison.sentences_a[here.partner].text == "The hall was built in 1961."
    assert here.partner == there.passages[0].sentence


def test_only_what_differs_is_a_change_to_stop_at():
    assert [step.differs for step in in_step(reading(WIRE, PRINTED))] == [
        True, False, False, True, True, True,
    ]  # fmt: skip
    assert [step.differs for step in in_step(reading(WIRE, replace(WIRE, id="again")))] == [
        False, False, False,
    ]  # fmt: skip


def test_a_sentence_told_in_two_stands_beside_both():
    a = Article("a", "The ferry Halcyon sank off Nordhavn on Tuesday and nine passengers drowned.")
    b = Article("b", "The ferry Halcyon sank off Nordhavn on Tuesday. Nine passengers drowned.")
    (step,) = in_step(reading(a, b))
    assert (words(step.a), words(step.b)) == (a.text, b.text)


@pytest.mark.parametrize(("a", "b"), [(FERRY, RADIO), (HOSTILE, FERRY), (WIRE, PRINTED)])
def test_steps_lose_no_word_of_either_article(a, b):
    steps = in_step(reading(a, b))
    for side, article in (("a", a), ("b", b)):
        cells = [getattr(step, side) for step in steps]
        told = "".join(words(cell) for cell in cells if cell)
        assert "".join(told.split()) == "".join(article.text.split())


@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.lists(st.sampled_from("abcdef"), max_size=12))  # fmt: skip
def test_sentences_in_any_order_are_all_there_once_and_in_order(one, other):
    articles = [Article(str(n), "".join(f"{letter * 3}.\n" for letter in side)) for n, side in enumerate((one, other))]  # fmt: skip
    steps = in_step(reading(*articles))
    for side, article in zip("ab", articles, strict=True):
        cells = [getattr(step, side) for step in steps]
        told = "".join(words(cell) for cell in cells if cell)
        assert "".join(told.split()) == "".join(article.text.split())


# --- the data of a page ---


def records_of(stories, addresses=None):
    """The data as the script reads it."""
    return json.loads(Records(stories, addresses or {}, {}, {}).json())


def members_of(found, story=0):
    return [MemberRecord(*row) for row in StoryRecord(*found["stories"][story]).members]


def test_copies_stand_below_the_report_they_repeat():
    found = records_of([FERRY_STORY])
    assert [(row.id, row.depth) for row in members_of(found)] == [
        ("nord-001", 0), ("daily-1", 1), ("post-9", 1), ("post-brief", 2),
        ("radio-5", 0), ("radio-5b", 1), ("gazette-77", 0),
    ]  # fmt: skip
    assert StoryRecord(*found["stories"][0]).reports == 3


def test_a_story_has_its_own_headline(monkeypatch):
    monkeypatch.setattr(Story, "headline", "Told by the most central report")
    found = records_of([FERRY_STORY])
    assert found["headlines"][StoryRecord(*found["stories"][0]).headline].startswith("Told by")


def test_what_recurs_is_written_once():
    found = records_of(GROUPING.stories)
    for name in ("headlines", "sources", "origins"):
        assert len(found[name]) == len(set(found[name]))
    first, second, *_ = members_of(found)
    assert first.headline == second.headline
    assert found["days"][first.day] == ["2024-05-14", "14 May 2024"]
    assert first.minute == 6 * 60 + 12


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://wire.example/a?b=1", "https://wire.example/a?b=1"),
        ("HTTP://wire.example", "HTTP://wire.example"),
        (" https://wire.example/a\u202e ", "https://wire.example/a"),
        ("javascript:alert(1)", ""), ("data:text/html,x", ""), ("file:///etc/passwd", ""),
        ("//wire.example", ""), ("https:wire", ""), ("https://wire.example/a b", ""),
        ("java\tscript:x", ""), ("https://wire.example/" + "x" * 3000, ""),
    ],
)  # fmt: skip
def test_only_addresses_of_the_web_become_links(url, link):
    found = records_of([FERRY_STORY], {"nord-001": url})
    row = members_of(found)[0]
    assert (found["origins"][row.origin] + row.path if row.origin >= 0 else "") == link


def test_data_ends_no_element_whatever_a_headline_says():
    story = replace(FERRY_STORY, members=(replace(FERRY_STORY.members[0], headline="</script><!-- \u2028"),))  # fmt: skip
    written = Records([story], {}, {}, {}).json()
    assert "<" not in written
    assert json.loads(written)["headlines"] == ["</script><!--"]


def test_large_data_is_compressed(monkeypatch):
    plain = fitting(GROUPING.stories, {}, {}, {}, 10**6)
    monkeypatch.setattr(records, "PLAIN", 100)
    listed, packed = fitting(GROUPING.stories, {}, {}, {}, 10**6)
    assert (listed, zlib.decompress(base64.b64decode(packed)).decode()) == plain
    assert len(packed) < len(plain[1])


def test_stories_that_find_no_room_are_left_out_and_counted(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "PLAIN", 100)
    monkeypatch.setattr(pages, "PAGE_BYTES", 1500)
    listed, packed = fitting(GROUPING.stories, {}, {}, {}, 1500)
    assert listed == GROUPING.stories[: len(listed)]
    assert 0 < len(listed) < 5
    assert len(packed) <= 1500
    write_report_page(GROUPING, tmp_path / "page.html", stories=GROUPING.stories)
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert f"Left out, to keep the page under 10 MB: {5 - len(listed)} stor" in page
    assert packed in page


def test_a_long_story_is_cut_and_says_so():
    first = FERRY_STORY.members[0]
    more = [
        replace(FERRY_STORY.members[1], id=f"copy-{n}", to=first.id)
        for n in range(SHOWN_MEMBERS + 6)
    ]
    story = replace(FERRY_STORY, members=(first, *more), terms=(), weakest=None)
    found = records_of([story])
    assert len(members_of(found)) == SHOWN_MEMBERS
    assert StoryRecord(*found["stories"][0]).notes == ["And 7 more articles, not listed here."]


def test_dots_stand_in_order_of_time_between_the_edges():
    entries = list(lineage(FERRY_STORY))
    found = dict(zip([entry.member.date for entry in entries], stacked(entries), strict=True))
    places = [found[date].x for date in sorted(found)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (EDGE, 1000 - EDGE)


def test_dots_of_one_moment_are_stacked_the_reports_below_their_copies():
    date = FERRY_STORY.members[0].date
    entries = list(lineage(replace(FERRY_STORY, members=tuple(replace(m, date=date) for m in FERRY_STORY.members))))  # fmt: skip
    dots = stacked(entries)
    assert {dot.x for dot in dots} == {500}
    assert sorted(dot.level for dot in dots) == list(range(7))
    levels = {entry.member.id: dot.level for entry, dot in zip(entries, dots, strict=True)}
    assert {name for name, level in levels.items() if level < 3} == {
        "nord-001", "radio-5", "gazette-77",
    }  # fmt: skip


def test_an_article_without_a_date_has_no_dot():
    entries = list(lineage(replace(FERRY_STORY, members=tuple(replace(m, date=None) for m in FERRY_STORY.members))))  # fmt: skip
    assert stacked(entries) == [None] * 7


# --- the overview ---


def test_the_bars_count_the_stories_of_each_day():
    found = bars(GROUPING.stories)
    assert [(str(bar.first), bar.stories) for bar in found] == [
        ("2024-05-14", 2), ("2024-05-15", 2), ("2024-05-16", 1),
    ]  # fmt: skip
    assert [bar.height for bar in found] == [100.0, 100.0, 50.0]


def test_the_bars_of_years_are_not_more_than_fit_and_have_no_gap():
    first, *_ = FERRY_STORY.members
    members = (first, replace(first, id="late", date=first.date.replace(year=2049)))
    found = bars([replace(FERRY_STORY, members=members)])
    assert len(found) <= BARS
    assert all((b.first - a.last).days == 1 for a, b in pairwise(found))
    assert sum(bar.stories for bar in found) == 2
    assert (found[0].first, found[-1].last) == tuple(m.date.date() for m in members)


def test_one_day_needs_no_picture():
    assert bars([replace(FERRY_STORY, members=FERRY_STORY.members[:2])]) == []


def test_outlets_are_told_by_what_they_wrote_copied_and_had_first():
    found = {outlet.name: outlet for outlet in overview(GROUPING, GROUPING.stories).outlets}
    harbour, wire = found["The Harbour Post"], found["Nordic Wire"]
    assert (harbour.articles, harbour.copied, harbour.first) == (2, 2, 0)
    assert (wire.articles, wire.copied, wire.first) == (1, 0, 1)


def test_scores_are_told_by_the_logarithm_of_their_number(tmp_path):
    assert score_bars([99, 9, 0]) == [100.0, 50.0, 0.0]
    assert score_bars([0, 0]) == [0.0, 0.0]
    page = report_page(tmp_path / "page.html")
    assert "0.25 to 0.50: 40 pairs" in page
    assert "Story scores of 943 pairs" in page


def test_an_outlet_without_a_listed_story_is_nothing_to_choose(tmp_path):
    write_report_page(GROUPING, tmp_path / "page.html", stories=[FERRY_STORY])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert 'data-outlet="Gazette"' in page
    assert "东方晨报" in page
    assert 'data-outlet="东方晨报"' not in page


def test_the_filter_offers_the_sources_of_the_listed_stories():
    assert overview(GROUPING, [FERRY_STORY]).sources == [
        "Coast Radio",
        "Coast Radio FM 2",
        "Gazette",
        "Morning Daily",
        "Nordic Wire",
        "The Harbour Post",
    ]


def test_the_same_stories_give_the_same_bytes_however_long_the_run_took(tmp_path):
    for name, seconds in (("a", 1.0), ("b", 2.0)):
        write_report_page(
            replace(GROUPING, seconds=seconds), tmp_path / name, stories=GROUPING.stories
        )
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_notes_and_rejections_are_told(tmp_path):
    page = report_page(tmp_path / "page.html")
    assert "1 bucket of 900 articles was cut" in page
    assert "may.jsonl:17: not JSON" in page
    assert "2 pairs can be read side by side." in page


def test_a_page_that_cannot_be_written_is_an_oserror(tmp_path):
    found = reading(FERRY, RADIO)
    with pytest.raises(FileNotFoundError):
        write_comparison_page(found.comparison, FERRY, RADIO, tmp_path / "none" / "page.html")


# --- colours ---

PAIRS = [
    *[("ink", ground) for ground in ("paper", "card", "shared", "gone", "added", "conflict", "changed", "lit")],
    ("soft", "paper"), ("soft", "card"), ("accent", "paper"), ("accent", "card"),
    ("conflict-line", "card"),
    *[("heat-ink", f"heat-{level}") for level in range(4)], ("heat-ink-4", "heat-4"),
]  # fmt: skip
"""Text and its ground."""
LINES = [
    ("gone-line", "gone"),
    ("added-line", "added"),
    ("gone-line", "card"),
    ("added-line", "card"),
    ("conflict-line", "conflict"),
    ("soft", "changed"),
    ("accent", "lit"),
    ("accent", "card"),
    ("soft", "paper"),
    *((f"shade-{n}", ground) for n in range(4) for ground in ("card", "paper")),
]
"""Marks that carry meaning, and their ground: WCAG 2.2 asks 3:1 of them."""


def palettes():
    style = "".join(map(pages.page_part, pages.STYLES))
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
        for block in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    return {"light": light, "dark": dark}


def contrast(one, other):
    def luminance(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_contrast_is_that_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_are_legible(scheme):
    colours = palettes()[scheme]
    texts = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in PAIRS}
    marks = {pair: contrast(colours[pair[0]], colours[pair[1]]) for pair in LINES}
    assert {pair: ratio for pair, ratio in texts.items() if ratio < 4.5} == {}
    assert {pair: ratio for pair, ratio in marks.items() if ratio < 3} == {}


def test_both_schemes_set_every_colour_and_rules_use_only_these():
    colours = palettes()
    assert set(colours["light"]) == set(colours["dark"])
    style = "".join(map(pages.page_part, pages.STYLES))
    assert set(re.findall(r"var\(--([\w-]+)\)", style)) == set(colours["light"])
    assert not re.search(r"#[0-9a-f]{3,6}\b", re.sub(r":root \{.*?\}", "", style, flags=re.DOTALL))


# --- the command ---


def run(*args):
    return subprocess.run(
        [sys.executable, "-m", "dedupe", *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def news(tmp_path_factory):
    path = tmp_path_factory.mktemp("news") / "news.jsonl"
    edited = replace(FERRY, id="daily-1", text=FERRY.text.replace("closed", "shut"), source="Daily")
    rows = [
        {"id": a.id, "title": a.title, "text": a.text, "source": a.source}
        for a in (FERRY, RADIO, edited)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_the_report_command_writes_the_page_and_nothing_else(news, tmp_path):
    ran = run("report", news, "-q", "--html", tmp_path / "page.html")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    (data,) = re.findall('id="data">(.*?)</script>', page, re.DOTALL)
    assert len(json.loads(data)["stories"]) == 1
    assert "can be read side by side" in page
    assert "daily-1" in page


def test_the_compare_command_writes_the_page_and_nothing_else(news, tmp_path):
    ran = run(
        "compare", "nord-001", "radio-5", "--in", news, "-q", "--html", tmp_path / "page.html"
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert "231 people" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_a_place_that_cannot_be_written_is_one_clear_line(news, tmp_path):
    ran = run("report", news, "-q", "--html", tmp_path / "none" / "page.html")
    assert ran.returncode == 2
    assert "page.html" in ran.stderr
    assert ran.stderr.count("\n") == 1
