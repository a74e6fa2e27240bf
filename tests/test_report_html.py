"""The pages hold hostile text as text, load nothing, and say everything in legible colours."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from page_examples import FERRY, HOSTILE, RADIO, comparison_page, reading, report_page
from report_examples import FERRY as FERRY_STORY
from report_examples import GROUPING

from dedupe.clean import visible
from dedupe.model import Article
from dedupe.model_compare import (
    Alignment,
    Comparison,
    Conflict,
    Edit,
    Fact,
    Facts,
    Mention,
    Sentence,
    SharedFact,
    SideBySide,
    Span,
)
from dedupe.report.html import (
    EDGE,
    SHOWN_MEMBERS,
    branches,
    document,
    sources,
    timeline_dots,
    write_comparison_page,
    write_report_page,
)
from dedupe.report.html.passages import passages

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
        assert tag in {"rect", "line"}, f"<{tag}/> is no HTML"
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.setdefault(self.open[-1] if self.open else "", []).append(data)

    def named(self, tag):
        return [attrs for name, attrs in self.elements if name == tag]


@pytest.fixture(params=["report", "comparison", "hostile comparison"])
def html(request, tmp_path):
    if request.param == "report":
        return report_page(tmp_path / "page.html")
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
    assert len(page.named("script")) == len(page.named("style")) == 1
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
        comparison=comparison,
        reading=SideBySide(comparison, article, RADIO),
        passages=passages,
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
        ("In ", ""), ("all ", "changed"), ("27", "conflict"), (" people", "changed"), (" ", ""), ("fell", "changed"), (" ill.", ""),
    ]  # fmt: skip


def test_a_fact_of_both_leads_to_the_sentences_that_give_it():
    a, b = Article("x", "Lindqvist slept."), Article("y", "Nobody saw it. Lindqvist left.")
    one = Fact(
        "name", "Lindqvist", "lindqvist", mentions=(Mention("Lindqvist", Span("text", 0, 9), 0),)
    )
    other = replace(one, mentions=(Mention("Lindqvist", Span("text", 15, 24), 1),))
    sentences_b = (
        Sentence("Nobody saw it.", Span("text", 0, 14)),
        Sentence("Lindqvist left.", Span("text", 15, 30)),
    )
    comparison = Comparison(
        "x",
        "y",
        None,
        (),
        (),
        (),
        (),
        (Sentence(a.text, Span("text", 0, 16)),),
        sentences_b,
        (),
        (0,),
        (0, 1),
        Facts((SharedFact(one, other),), (), (), ()),
        (),
    )
    (passage,) = passages(SideBySide(comparison, a, b), "a", "text")
    assert [(p.text, p.kind, p.partners) for p in passage.pieces] == [
        ("Lindqvist", "fact", (1,)),
        (" slept.", "", ()),
    ]


def test_copies_stand_below_the_report_they_repeat():
    def shape(found):
        return [(branch.member.id, shape(branch.copies)) for branch in found]

    assert shape(branches(FERRY_STORY)) == [
        ("nord-001", [("daily-1", []), ("post-9", [("post-brief", [])])]),
        ("radio-5", [("radio-5b", [])]),
        ("gazette-77", []),
    ]
    assert [member.id for member in FERRY_STORY.reports] == ["nord-001", "radio-5", "gazette-77"]


def test_a_long_story_is_cut_and_says_so(tmp_path):
    first = FERRY_STORY.members[0]
    more = [
        replace(FERRY_STORY.members[1], id=f"copy-{n}", to=first.id)
        for n in range(SHOWN_MEMBERS + 6)
    ]
    story = replace(FERRY_STORY, members=(first, *more), terms=(), weakest=None)
    write_report_page(replace(GROUPING, stories=(story,)), tmp_path / "page.html", stories=[story])
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert page.count('data-relation="') == SHOWN_MEMBERS - 1
    assert "And 7 more articles, not listed here." in page


def test_dots_stand_in_order_of_time_between_the_edges():
    found = timeline_dots(FERRY_STORY)
    places = [dot.x for dot in sorted(found, key=lambda dot: dot.member.date)]
    assert places == sorted(places)
    assert (places[0], places[-1]) == (EDGE, 100 - EDGE)
    assert {dot.member.id for dot in found if dot.report} == {"nord-001", "radio-5", "gazette-77"}


def test_articles_of_one_moment_stand_in_the_middle():
    members = tuple(replace(m, date=FERRY_STORY.members[0].date) for m in FERRY_STORY.members)
    assert {dot.x for dot in timeline_dots(replace(FERRY_STORY, members=members))} == {50.0}
    assert (
        timeline_dots(replace(FERRY_STORY, members=tuple(replace(m, date=None) for m in members)))
        == []
    )


def test_sources_are_those_of_the_listed_stories():
    assert sources([FERRY_STORY]) == [
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
    *[("ink", ground) for ground in ("paper", "card", "shared", "only", "conflict", "changed", "lit")],
    ("soft", "paper"), ("soft", "card"), ("accent", "paper"), ("accent", "card"),
    ("conflict-line", "card"),
    *[("heat-ink", f"heat-{level}") for level in range(4)], ("heat-ink-4", "heat-4"),
]  # fmt: skip
"""Text and its ground."""
LINES = [
    ("accent", "shared"),
    ("only-line", "only"),
    ("conflict-line", "conflict"),
    ("soft", "changed"),
    ("accent", "lit"),
    ("accent", "card"),
    ("soft", "paper"),
]
"""Marks that carry meaning, and their ground: WCAG 2.2 asks 3:1 of them."""


def palettes():
    style = files("dedupe.report.html").joinpath("style.css").read_text(encoding="utf-8")
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
    style = files("dedupe.report.html").joinpath("style.css").read_text(encoding="utf-8")
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
    assert page.count('<article class="story"') == 1
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
