"""What outlets do, counted from groupings of which it is known who was first."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from page_examples import NAMES, many_outlets
from rich.cells import cell_len
from test_cli import dedupe
from test_report_html import Page

from dedupe.model import Grouping, Member, Story
from dedupe.outlets import CopiedFrom, OutletTable, outlets_of
from dedupe.report.html import svg_copying, write_outlets_page
from dedupe.report.html.copying import (
    CELL,
    DRAWN_PAIRS,
    LINE,
    NARROW,
    NOBODY_COPIED,
    ROW,
    WIDE,
    WIDEST,
    copying_picture,
)
from dedupe.report.outlets import outlets_object, render_outlets
from dedupe.report.page import make_console

NEWS = Path(__file__).parent.parent / "fixtures/articles/news.jsonl"


def at(hour: int, minute: int = 1, day: int = 5) -> datetime:
    return datetime(2025, 3, day, hour, minute, tzinfo=UTC)


DAY = datetime(2025, 3, 5, tzinfo=UTC)
NEXT = datetime(2025, 3, 6, tzinfo=UTC)


def story(*members: tuple[str, str, datetime | None], name: str = "s") -> Story:
    """A story of articles: outlet, text, date."""
    return Story(
        name,
        tuple(
            Member(f"{name}{n}", "Ferry", source, date, "member", f"{name}{text}")
            for n, (source, text, date) in enumerate(members)
        ),
    )


def table(*stories: Story) -> OutletTable:
    return outlets_of(Grouping(stories, ()))


def figures(found: OutletTable) -> dict[str, tuple[int, ...]]:
    """By outlet: articles, own, copied, stories, first."""
    return {
        one.name: (one.articles, one.own, one.copied, one.stories, one.first)
        for one in found.outlets
    }


def test_who_is_first_copies_nobody_and_the_others_do() -> None:
    found = table(
        story(("A", "x", at(8)), ("B", "x", at(9)), ("C", "y", at(7)), ("B", "x", at(12))),
        story(("A", "z", at(3)), ("A", "z", at(4)), name="t"),
    )
    assert figures(found) == {
        "A": (3, 3, 0, 1, 0), "B": (2, 0, 2, 1, 0), "C": (1, 1, 0, 1, 1),
    }  # fmt: skip
    assert found.copied == (CopiedFrom("B", "A", 1, 3600.0, 1),)
    assert (found.articles, found.unknown, found.stories, found.unclear) == (6, 0, 1, 0)


@pytest.mark.parametrize(
    ("one", "other", "first"),
    [
        (at(8), at(9), "A"),
        (at(9), at(8), "B"),
        (at(8), at(8), None),
        (DAY, at(8), None),  # some time of that day
        (DAY, at(23), None),
        (DAY, at(8, day=6), "A"),
        (at(8), DAY, None),
        (at(8), NEXT, "A"),
        (DAY, DAY, None),
        (DAY, NEXT, "A"),
        (None, at(8), None),
        (None, None, None),
    ],
)
def test_nobody_is_first_where_the_dates_do_not_tell(one, other, first) -> None:
    found = table(story(("A", "x", one), ("B", "x", other)))
    assert found.unclear == (first is None)
    assert {name: row[4] for name, row in figures(found).items()} == {
        name: int(name == first) for name in "AB"
    }
    copied = [(row.outlet, row.source) for row in found.copied]
    assert copied == ([] if first is None else [("B", "A") if first == "A" else ("A", "B")])
    assert sum(row[1] + row[2] for row in figures(found).values()) == (0 if first is None else 2)


def test_of_three_outlets_the_one_without_a_date_has_no_say() -> None:
    found = table(story(("A", "x", at(8)), ("B", "x", at(9)), ("C", "x", None)))
    assert figures(found) == {
        "A": (1, 1, 0, 1, 1), "B": (1, 0, 1, 1, 0), "C": (1, 0, 0, 1, 0),
    }  # fmt: skip


def test_the_delay_is_the_median_over_texts_with_times() -> None:
    stories = [
        story(("A", "x", at(1)), ("B", "x", at(1 + hours)), name=f"s{hours}") for hours in (1, 2, 9)
    ]
    stories.append(story(("A", "x", DAY), ("B", "x", NEXT), name="day"))
    assert table(*stories).copied == (CopiedFrom("B", "A", 4, 7200.0, 3),)
    assert table(stories[-1]).copied == (CopiedFrom("B", "A", 1, None, 0),)


def test_articles_without_a_source_are_left_out_and_told() -> None:
    found = table(story(("A", "x", at(8)), ("", "x", at(7)), (" ", "y", at(6))))
    assert figures(found) == {"A": (1, 1, 0, 0, 0)}
    assert (found.unknown, found.stories) == (2, 0)
    told = shown(found, 80)
    assert "2 articles left out: the source is not known; name its field with --source-key" in told


def test_names_that_differ_in_case_or_blanks_are_one_outlet() -> None:
    found = table(
        story(("The  Post", "x", at(8)), ("the post", "y", at(9)), ("The Post", "z", None))
    )
    assert figures(found) == {"The Post": (3, 3, 0, 0, 0)}


def shown(found: OutletTable, width: int, top: int | None = None) -> str:
    out = io.StringIO()
    render_outlets(found, make_console(out, width=width), top=top)
    return out.getvalue()


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_no_line_leaves_the_page(width: int) -> None:
    names = ["A" * 200, "江畔网" * 30, "B\x1b[31m", "C"]
    found = table(story(*((name, "x", at(n)) for n, name in enumerate(names, 1))))
    told = shown(found, width)
    assert max(map(cell_len, told.splitlines())) <= width
    assert "\x1b" not in told


def test_what_is_not_listed_is_counted() -> None:
    found = table(story(*((f"outlet {n:02}", "x", at(1, n)) for n in range(1, 31))))
    told = shown(found, 80, top=20)
    assert "and 10 more outlets: --top 0 lists all" in told
    assert "and 9 more pairs: --top 0 lists all" in told
    assert "more" not in shown(found, 80)


def test_the_command_tells_the_same_in_both_forms() -> None:
    row = json.loads(dedupe("outlets", NEWS, "--json").out)
    told = dedupe("outlets", NEWS, "--top", "0").out
    assert {one["name"] for one in row["outlets"]} == {
        one["source"]
        for one in map(json.loads, NEWS.read_text("utf-8").splitlines())
        if one.get("source")
    }
    wire = next(one for one in row["outlets"] if one["name"] == "Meridian Press")
    assert (wire["first"], wire["copied"]) == (5, 0)
    assert "Southern Ledger from Meridian Press · 3 texts · after 2 hours (median)" in told
    assert row["articles"] + row["unknown"] == 39


def test_an_empty_source_has_no_outlets(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"")
    ran = dedupe("outlets", path)
    assert (ran.code, ran.out.splitlines()) == (
        0,
        ["0 articles of 0 outlets · 0 stories told by several"],
    )
    assert outlets_object(table())["outlets"] == []


def test_every_field_is_documented() -> None:
    page = (Path(__file__).parent.parent / "docs/outlets.md").read_text("utf-8")
    found = outlets_object(table(story(("A", "x", at(8)), ("B", "x", at(9)))))
    names = {*found, *found["outlets"][0], *found["copied"][0]}
    assert {name for name in names if f"`{name}`" not in page} == set()


# --- the picture ---

SVG = "{http://www.w3.org/2000/svg}"


def copied(*pairs: tuple[str, str, int], delay: float | None = 3600.0) -> OutletTable:
    """A table of nothing but who ran whose texts, and how many."""
    found = tuple(CopiedFrom(one, other, n, delay, n if delay else 0) for one, other, n in pairs)
    return OutletTable(0, 0, 0, 0, (), found)


def test_an_arrow_leads_from_who_had_the_texts_to_who_ran_them_as_wide_as_they_are_many() -> None:
    picture = copying_picture(copied(("B", "A", 8), ("C", "A", 4), ("C", "B", 1)), WIDE)
    assert picture is not None
    assert [(box.name, box.told) for box in picture.sources] == [("A", "12 texts"), ("B", "1 text")]
    assert [box.name for box in picture.takers] == ["B", "C"]
    assert [arrow.width for arrow in picture.arrows] == [WIDEST, WIDEST / 2, WIDEST / 8]
    assert [arrow.label for arrow in picture.arrows] == [
        "8 texts, 1 hour", "4 texts, 1 hour", "1 text, 1 hour",
    ]  # fmt: skip
    assert picture.arrows[1].told == "C from A: 4 texts, after 1 hour (median)"


@pytest.mark.parametrize(
    ("delay", "label", "key"),
    [
        (20.0, "2 texts, less than a minute", "within an hour"),
        (3600.0, "2 texts, 1 hour", "within a day"),
        (200_000.0, "2 texts, 2 days", "later"),
        (None, "2 texts", "not known"),
    ],
)
def test_an_arrow_tells_how_late_the_texts_came(delay, label, key) -> None:
    picture = copying_picture(copied(("B", "A", 2), delay=delay), WIDE)
    assert picture is not None
    assert picture.arrows[0].label == label
    assert [(entry.told, entry.shade) for entry in picture.key] == [(key, picture.arrows[0].shade)]


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_a_picture_of_many_outlets_is_bounded_and_counts_what_it_leaves_out(width: int) -> None:
    table = many_outlets()
    picture = copying_picture(table, width)
    assert picture is not None
    assert len(picture.arrows) == picture.drawn == DRAWN_PAIRS
    left = table.copied[DRAWN_PAIRS:]
    texts = sum(pair.texts for pair in left)
    assert picture.left_out == f"Not drawn: {len(left)} more pairs of outlets, with {texts} texts"
    rooms = (picture.left, width - picture.right)
    for boxes, room in zip((picture.sources, picture.takers), rooms, strict=True):
        assert all(cell_len(box.name) * CELL <= room for box in boxes)
        assert all(above.y + LINE + ROW <= below.y for above, below in pairwise(boxes))
        assert picture.height > max(box.bar + box.height for box in boxes)


def test_each_arrow_has_a_line_of_its_own() -> None:
    picture = copying_picture(many_outlets(), WIDE)
    assert picture is not None
    lines = sorted(arrow.y for arrow in picture.arrows)
    assert min(below - above for above, below in pairwise(lines)) >= ROW


def test_of_two_outlets_there_is_a_picture_and_of_none_a_sentence() -> None:
    assert copying_picture(copied(), WIDE) is None
    assert NOBODY_COPIED in svg_copying(table())
    assert "B from A: 1 text" in svg_copying(copied(("B", "A", 1)))


def test_the_picture_alone_is_sound_and_holds_names_as_text() -> None:
    drawn = svg_copying(many_outlets())
    root = ET.fromstring(drawn)
    assert {element.tag for element in root.iter()} <= {
        SVG + name for name in ("svg", "title", "style", "rect", "text", "g", "path", "polygon")
    }
    assert not any(name.startswith(("on", "href")) for e in root.iter() for name in e.attrib)
    told = "\n".join(text.text or "" for text in root.iter(f"{SVG}title"))
    assert '</svg><script>alert(1)</script> & "co"' in told
    assert "\u202e" not in drawn
    assert "url(" not in drawn
    assert drawn.count("http") == 1  # the name of SVG itself


# --- the page ---


def test_the_page_says_what_the_table_says(tmp_path: Path) -> None:
    found, path = many_outlets(), tmp_path / "page.html"
    write_outlets_page(found, path, top=50)
    page = Page(path.read_text("utf-8"))
    cells = [text.strip() for text in page.texts["td"]]
    first = found.outlets[0]
    for figure in (f"{first.articles:,}", f"{first.copied:,}", f"{first.own / first.articles:.0%}"):
        assert figure in cells
    text = path.read_text("utf-8")
    assert f"and {len(found.outlets) - 50} more outlets" in text
    assert f"and {len(found.copied) - 50} more pairs" in text
    assert f"{50 - DRAWN_PAIRS} pairs of fewer texts" in text
    assert all(name not in text for name in NAMES if "<" in name)


def test_a_page_without_outlets_says_so(tmp_path: Path) -> None:
    write_outlets_page(table(), tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text("utf-8")
    assert NOBODY_COPIED in page
    assert "No article names its source." in page


def test_the_command_writes_a_page_and_a_picture(tmp_path: Path) -> None:
    page, drawn = tmp_path / "page.html", tmp_path / "copied.svg"
    assert dedupe("outlets", NEWS, "-q", "--html", page).out == ""
    assert dedupe("outlets", NEWS, "-q", "--svg", drawn).out == ""
    assert "19 outlets in 39 articles" in page.read_text("utf-8")
    assert "Southern Ledger from Meridian Press: 3 texts, after 2 hours" in drawn.read_text("utf-8")
    assert dedupe("outlets", NEWS, "--html", page, "--svg", drawn).code == 2
    before = NEWS.read_bytes()
    refused = dedupe("outlets", NEWS, "--html", NEWS)
    assert (refused.code, NEWS.read_bytes()) == (2, before)
