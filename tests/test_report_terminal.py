"""The terminal report.

The pages in ``golden/`` are approved by eye. To write them anew, and look at the difference:
``UPDATE_GOLDEN=1 pytest tests/test_report_terminal.py``.
"""

from __future__ import annotations

import io
import os
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_examples import CHINESE, FERRY, GROUPING, HOSTILE, SINGLE, WEAKEST, member, scores
from rich.cells import cell_len

from dedupe.model import Grouping, Story
from dedupe.report.explain import render_explain, render_match
from dedupe.report.page import make_console
from dedupe.report.terminal import render_report
from dedupe.report.wording import TELLING

GOLDEN = Path(__file__).parent / "golden"
CONTROLS = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


class Terminal(io.StringIO):
    """A stream that claims to be a terminal."""

    def isatty(self) -> bool:
        return True


class Latin(io.StringIO):
    """A pipe into a program that reads ASCII."""

    encoding = "ascii"


def report(grouping: Grouping = GROUPING, width: int = 80, **choices: object) -> str:
    out = io.StringIO()
    render_report(grouping, make_console(out, width=width), **choices)
    return out.getvalue()


def grouping_of(*stories: Story) -> Grouping:
    return Grouping(stories, tuple(m.id for story in stories for m in story.members))


def explanation(width: int) -> str:
    out = io.StringIO()
    console = make_console(out, width=width)
    members = {m.id: m for m in FERRY.members}
    render_match(WEAKEST, members["nord-001"], members["gazette-77"], console)
    console.rule(characters="=")
    for one in ("gazette-77", "post-brief", "nord-001"):
        render_explain(members[one], FERRY, [WEAKEST], console)
        console.rule(characters="=")
    return out.getvalue()


def ascii_report(width: int) -> str:
    out = Latin()
    render_report(GROUPING, make_console(out, width=width), min_size=1)
    return out.getvalue()


DOCUMENTS = {
    "report_80": lambda: report(min_size=1),
    "report_100": lambda: report(min_size=1, width=100),
    "report_160": lambda: report(min_size=1, width=160),
    "report_60": lambda: report(min_size=1, width=60),
    "report_ascii_80": lambda: ascii_report(80),
    "explain_80": lambda: explanation(80),
    "explain_160": lambda: explanation(160),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_page_looks_as_it_was_approved(name: str) -> None:
    path = GOLDEN / f"{name}.txt"
    page = DOCUMENTS[name]()
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(page, encoding="utf-8", newline="\n")
    assert page == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", DOCUMENTS)
def test_no_line_is_wider_than_the_page_or_ends_in_spaces(name: str) -> None:
    width = int(name.rsplit("_", 1)[1])
    for line in DOCUMENTS[name]().splitlines():
        assert cell_len(line) <= width
        assert line == line.rstrip()


@pytest.mark.parametrize("width", [40, 59, 71, 72, 99, 119, 120, 159, 160, 300])
def test_scores_stand_in_one_column_whatever_the_script(width: int) -> None:
    starts = set()
    for line in report(grouping_of(FERRY, CHINESE), width).splitlines():
        found = re.search(r"(near-duplicate|same story|identical|excerpt) +\d\.\d\d", line)
        if found:
            starts.add(cell_len(line[: found.start()]))
    assert len(starts) == 1


IN_SCRIPTS = {
    "青岭通讯社": "青岭地铁三号线今日开通，老城至机场时间减半，首日预计客流十二万人次",
    "पर्वत समाचार सेवा": "देवलगढ़ में बस खाई में गिरी, आठ की मौत, 21 घायल; मुख्यमंत्री ने जाँच के आदेश दिए",
    "وكالة الساحل": "حريق كبير في ميناء الرملة يوقف الملاحة ويصيب أربعة عشر عاملاً بحروق متفاوتة",
    "สำนักข่าวเหนือ": "น้ำท่วมใหญ่ที่อำเภอแม่สาย ชาวบ้านกว่าสามพันคนอพยพ ถนนสายหลักถูกตัดขาดสองจุด",
    "Meridian Press": "Ferry with 214 aboard runs aground off Nordhavn, 38 hurt, all taken off by noon",
}


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_cell_stands_over_another_in_any_script(width: int) -> None:
    one = FERRY.members[4]  # an independent report, with scores
    members = (
        FERRY.members[0],
        *(
            replace(one, id=f"m{n}", headline=headline, source=source, copies=f"m{n}")
            for n, (source, headline) in enumerate(IN_SCRIPTS.items())
        ),
    )
    lines = report(grouping_of(Story("s", members)), width).splitlines()
    rows = [line for line in lines if "same story" in line]
    assert len(rows) == len(IN_SCRIPTS)
    for column in (r"\d+ May", "same story", r"0\.\d\d"):
        starts = {cell_len(row[: re.search(column, row).start()]) for row in rows}
        assert len(starts) == 1, column
    if width >= 80:
        sources = [next(s for s in IN_SCRIPTS if s[:4] in row) for row in rows]
        assert (
            len({cell_len(row[: row.index(s[:4])]) for s, row in zip(sources, rows, strict=True)})
            == 1
        )
    assert all(cell_len(line) <= width for line in lines)


@pytest.mark.parametrize("width", range(40, 170, 3))
def test_a_headline_keeps_a_share_of_the_page_beside_long_names(width: int) -> None:
    a = member("i" * 64, "Headline " * 20, "s" * 64, 0, "c")
    b = member(
        "j" * 64, "Other head " * 20, "t" * 64, 1e4, "d", "near_duplicate", a.id, scores(1, 1, 1)
    )
    row = next(
        line for line in report(grouping_of(Story("s", (a, b))), width).splitlines() if "○" in line
    )
    assert len(row.split("…")[0]) >= 14


def test_the_first_line_sums_the_run_up() -> None:
    first = report(width=160).splitlines()[0]
    assert first == (
        "15 articles in 5 stories (4 of several articles), 6 copies folded, 3 records rejected, "
        "0.4 s"
    )


def test_a_run_of_some_seconds_tells_its_speed() -> None:
    brief, long = (
        report(replace(GROUPING, seconds=seconds), width=160).splitlines()[0]
        for seconds in (TELLING - 0.01, TELLING)
    )
    assert brief.endswith(", 3.0 s")
    assert long.endswith(", 3.0 s, 16 kB/s, 5 articles/s")


def test_without_a_clock_time_and_speed_go_unsaid() -> None:
    first = report(replace(GROUPING, seconds=0.0), width=160).splitlines()[0]
    assert first.endswith("3 records rejected")


def test_nothing_at_all_is_still_a_report() -> None:
    assert report(Grouping((), ())).splitlines()[0] == "0 articles in 0 stories"


def test_what_there_is_none_of_goes_unsaid() -> None:
    page = report(grouping_of(SINGLE), min_size=1)
    assert "1 article in 1 story\n" in page
    assert "0 copies" not in page
    assert "rejected" not in page
    assert "represents its story" not in page


def test_a_story_tells_copies_from_independent_reports() -> None:
    assert "7 articles, 3 independent reports, 4 copies · 14 to 15 May 2024" in report()
    assert "2 articles, 1 independent report, 1 copy · undated" in report()


def test_copies_stand_beneath_the_report_that_they_copy() -> None:
    rows = re.findall(
        r"^  ([ ●○├└│─]+) ([^ ●○├└│─]+)", report(grouping_of(FERRY), 160), re.MULTILINE
    )
    assert [row for row in rows if row[0].strip()][:7] == [
        ("●", "Ferry"),
        ("├─", "same"),
        ("└─", "UPDATE"),
        ("  └─", "In"),
        ("○", "Passengers"),
        ("└─", "same"),
        ("○", "Captain"),
    ]


def test_a_wire_story_that_hundreds_printed_leaves_room_for_other_reports() -> None:
    wire = member("w", "Wire", "Wire", 0, "c")
    near = scores(0.9, 0.9, 0.9)
    copies = [member(f"w{i}", "Wire", "", 1, "c", "identical", "w", near) for i in range(300)]
    others = [
        member(f"o{i}", f"Own {i}", "", 2, f"o{i}", "same_story", "w", near) for i in range(50)
    ]
    page = report(grouping_of(Story("s", (wire, *copies, *others))))
    assert "351 articles, 51 independent reports, 300 copies" in page
    assert "  └─ and 288 more copies\n" in page
    assert "○ Own 38" in page
    assert "○ Own 39" not in page
    assert "  and 11 more articles\n" in page


def test_the_first_report_is_named_unless_it_is_undecided() -> None:
    assert "first: Nordic Wire, 14 May 06:12 UTC" in report()
    same_day = replace(
        CHINESE,
        members=(
            member("a", "A", "One", 0, "c"),
            member("b", "B", "Two", 0, "d", "same_story", "a", scores(0, 0.4, 0.8)),
        ),
    )
    assert "first:" not in report(grouping_of(same_day))


@pytest.mark.parametrize(
    ("hours", "first"),
    [
        ((0, 6, 9), ""),  # whose time is not known may have been first on its day
        ((24, 6, 9), "first: b, 14 May 06:12 UTC"),
        ((-24, 6, 9), "first: a, 13 May"),
        ((6, 6, 9), ""),
    ],
)
def test_nobody_was_first_by_the_midnight_of_a_day(hours: tuple[int, ...], first: str) -> None:
    midnight = datetime(2025, 5, 14, tzinfo=UTC)
    dates = [midnight + timedelta(hours=h, minutes=12 * bool(h % 24)) for h in hours]
    members = [
        replace(FERRY.members[n], id=name, source=name, date=date)
        for n, (name, date) in enumerate(zip("abc", dates, strict=True))
    ]
    story = replace(FERRY, members=tuple(members), weakest=None, mentioned=())
    assert (first or "first:") in report(grouping_of(story)) or not first
    assert first or "first:" not in report(grouping_of(story))


def test_dates_without_a_time_show_none() -> None:
    members = tuple(replace(m, date=datetime(2024, 5, 4, tzinfo=UTC)) for m in FERRY.members)
    page = report(grouping_of(replace(FERRY, members=members)))
    assert "00:00" not in page
    assert " 4 May  identical" in page


def test_a_story_over_new_year_shows_the_years() -> None:
    first, second = FERRY.members[0], FERRY.members[4]
    dates = datetime(2023, 12, 31, 23, tzinfo=UTC), datetime(2024, 1, 1, 1, tzinfo=UTC)
    story = replace(FERRY, members=(replace(first, date=dates[0]), replace(second, date=dates[1])))
    page = report(grouping_of(story))
    assert "31 Dec 2023 to 1 Jan 2024" in page
    assert " 1 Jan 2024  same story" in page


def test_single_articles_are_counted_and_listed_on_request_only() -> None:
    page = report()
    assert "1 article stands alone." in page
    assert "Library opens on Sundays" not in page
    assert "Library opens on Sundays" in report(min_size=1)


def test_every_story_that_is_not_listed_is_counted() -> None:
    page = report(min_size=3, top=1)
    assert "1 more story not listed." in page
    assert "2 stories of fewer than 3 articles not listed." in page
    assert "1 article stands alone." in page


def headings(page: str) -> list[str]:
    return [line[4:] for line in page.splitlines() if re.match(r" *\d+\. ", line)]


def test_stories_are_sorted_as_asked() -> None:
    grouping = replace(GROUPING, stories=GROUPING.stories[::-1])
    ferry, chinese = FERRY.headline, CHINESE.headline
    by_size = headings(report(grouping))
    assert by_size[:2] == [ferry, chinese]
    by_date = headings(report(grouping, sort="date"))
    assert by_date[0].startswith("मुख्यमंत्री")
    assert by_date[-1].startswith("[bold]")
    by_score = headings(report(grouping, sort="score"))
    assert by_score[0] == chinese
    assert by_score[-1].startswith("[bold]")


def test_top_none_lists_every_story() -> None:
    stories = tuple(replace(FERRY, id=f"s{i}") for i in range(25))
    assert len(headings(report(grouping_of(*stories)))) == 20
    assert len(headings(report(grouping_of(*stories), top=None))) == 25


def test_the_weakest_link_names_score_and_both_ends() -> None:
    page = report()
    tail = page[page.index("weakest") :]
    assert "same story · story score 0.62 · 38 hours apart" in tail
    assert "‘the rock was not on the chart’" in tail


def test_a_weakest_link_to_a_stranger_is_named_by_its_id() -> None:
    story = replace(FERRY, weakest=replace(WEAKEST, b="gone\x1b[1m"))
    assert "id gone\n" in report(grouping_of(story))


def test_hostile_text_comes_out_as_plain_words() -> None:
    page = report(min_size=1)
    assert "[bold]markup[/] red txet line" in page
    assert "id x[red]1" in page
    assert "feed.csv: no column holds a text" in page
    assert not CONTROLS.search(page)


def test_a_rejection_is_shown_with_file_and_line_and_the_rest_counted() -> None:
    page = report()
    assert "· may.jsonl:17: not JSON: expected a comma" in page
    assert "and 1 more record\n" in page


def test_long_notes_and_many_notes_stay_readable() -> None:
    page = report(replace(GROUPING, notes=tuple(f"note {i}" for i in range(12))))
    assert "note  note 9\n" in page
    assert "and 2 more notes" in page


words = st.text(max_size=60)


@settings(max_examples=60, deadline=None)
@given(words, words, words, st.integers(40, 200))
def test_no_text_whatever_breaks_the_page(
    headline: str, source: str, name: str, width: int
) -> None:
    a = member(f"a{name}", headline, source, 1, "c")
    b = member(
        f"b{name}", headline[::-1], source, None, "c", "contained", a.id, scores(0.1, 0.2, 0.3)
    )
    page = report(grouping_of(Story("s", (a, b), weakest=WEAKEST)), width)
    assert not CONTROLS.search(page)
    assert page.encode("utf-8")
    for line in page.splitlines():
        assert cell_len(line) <= width


def test_ascii_gets_ascii_bars_and_question_marks() -> None:
    page = ascii_report(80)
    assert page.isascii()
    assert "1.00 ###" in page
    assert "* id nord-001" in page
    assert "`- " in page


def test_a_pipe_gets_80_plain_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    out = io.StringIO()
    console = make_console(out)
    console.print("x", style="bold red")
    assert console.width == 80
    assert out.getvalue() == "x\n"


@pytest.mark.parametrize(("columns", "width"), [("132", 132), ("", 80), ("0", 80), ("wide", 80)])
def test_a_pipe_is_as_wide_as_columns_says(
    monkeypatch: pytest.MonkeyPatch, columns: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert make_console(io.StringIO()).width == width


def test_a_width_is_heeded_on_a_dumb_terminal_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    assert make_console(Terminal(), width=60).width == 60


def terminal_page(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "TERM", "COLORTERM", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    render_report(GROUPING, make_console(out, width=80))
    return out.getvalue()


def test_a_terminal_gets_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[35m" in terminal_page(monkeypatch)


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_switched_off_and_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    assert terminal_page(monkeypatch, **environment) == report()


def test_the_console_takes_text_as_it_is() -> None:
    out = io.StringIO()
    make_console(out).print("[bold]a[/] :smile: 12")
    assert out.getvalue() == "[bold]a[/] :smile: 12\n"


def test_right_to_left_text_does_not_reorder_the_columns_after_it() -> None:
    line = next(line for line in report().splitlines() if "جريدة" in line)
    assert "جريدة الصباح\N{LEFT-TO-RIGHT MARK}" in line


def test_hostile_story_keeps_its_two_rows() -> None:
    rows = [line for line in report(grouping_of(HOSTILE)).splitlines() if "undated" in line]
    assert len(rows) == 3


def test_a_day_among_moments_is_shown_without_a_time() -> None:
    day = datetime(2024, 5, 15, tzinfo=UTC)
    members = (FERRY.members[0], replace(FERRY.members[1], date=day), *FERRY.members[2:])
    page = report(grouping_of(replace(FERRY, members=members)))
    assert "14 May 06:12" in page
    assert "00:00" not in page
