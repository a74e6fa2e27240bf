"""Dates in every writing that sources use, and what is no date."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from read_harness import Result, json_lines
from read_harness import written as file_of

from dedupe.lexicon import Language, every_language
from dedupe.read.date_names import months_of, names
from dedupe.read.date_text import date_in
from dedupe.read.dates import LONGEST, date_of, parse_date, read_date
from dedupe.read.zones import FURTHEST, OFFSETS

LINES = (Path(__file__).parent / "data" / "written_dates.tsv").read_text("utf-8").splitlines()
ROWS = [line.split("\t") for line in LINES if line and not line.startswith("#")]

TEN = datetime(2025, 5, 4, 10, 30, tzinfo=UTC)
MIDNIGHT = datetime(2025, 5, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "2025-05-04T10:30:00Z",
        "2025-05-04T10:30Z",
        "2025-05-04T10:30:00",
        "2025-05-04 10:30:00",
        " 2025-05-04 10:30 ",
        "2025-05-04T12:30:00+02:00",
        "2025-05-04T12:30:00+0200",
        "2025-05-04 12:30:00 +0200",
        "2025-05-04T10:30:00.000000000Z",
        "2025-05-04 10:30:00 UTC",
        "2025/05/04 10:30:00",
        "2025-5-4 10:30",
        "20250504T103000Z",
        "20250504103000",
        "202505041030",
        "Sun, 04 May 2025 10:30:00 GMT",
        "Sun, 04 May 2025 10:30:00 +0000",
        "Sun, 4 May 2025 06:30:00 EDT",
        "Sun May 04 10:30:00 +0000 2025",
        "4 May 2025 10:30",
        "May 4, 2025 10:30 AM",
        "1746354600",
        "1746354600.0",
        "1746354600000",
        1746354600,
        1746354600.0,
        1746354600000,
        1746354600000000,
        1746354600000000000,
        TEN,
        TEN.replace(tzinfo=None),
        TEN.astimezone(timezone(timedelta(hours=9))),
        [2025, 5, 4, 10, 30, 0, 6, 124, 0],
    ],
)
def test_a_time_is_read_in_utc(written: object) -> None:
    found = parse_date(written)
    assert found == TEN
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    "written",
    [
        "2025-05-04",
        "20250504",
        20250504,
        "2025/05/04",
        "2025-5-4",
        "2025.05.04",
        date(2025, 5, 4),
        "4 May 2025",
        "May 4, 2025",
        "Sunday, May 4, 2025",
    ],
)
def test_a_day_alone_is_its_midnight_in_utc(written: object) -> None:
    assert parse_date(written) == MIDNIGHT


@pytest.mark.parametrize(
    ("written", "hour"), [("12:05 AM", 0), ("12:05 PM", 12), ("1:05 p.m.", 13)]
)
def test_halves_of_the_day_are_minded(written: str, hour: int) -> None:
    assert parse_date(f"May 4, 2025 {written}") == datetime(2025, 5, 4, hour, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "written",
    [
        "",
        " ",
        "2025",
        2025,
        "2025-05",
        "May 2025",
        "yesterday",
        "n/a",
        "2025-13-01",
        "2025-02-30",
        None,
        True,
        float("nan"),
        float("inf"),
        -5,
        0,
        10**40,
        10**400,
        [],
        [2025],
        ["a"] * 9,
        {},
        b"2025-05-04",
        "0001-01-01T00:00:00+23:00",
        [2025, 14, 1, 0, 0, 0],
        "٢٠٢٥",
        "9" * 400,
        "1" * 16 + ".5x",
    ],
)
def test_what_names_no_day_is_no_date(written: object) -> None:
    assert parse_date(written) is None


_zones = st.integers(-14 * 60, 14 * 60).map(lambda m: timezone(timedelta(minutes=m)))


@given(
    st.datetimes(
        timezones=_zones,
        min_value=datetime(1600, 1, 2),  # noqa: DTZ001 - the zone is drawn apart
        max_value=datetime(2100, 12, 30),  # noqa: DTZ001 - see above
    )
)
def test_every_iso_writing_comes_back_as_the_same_moment(moment: datetime) -> None:
    assert parse_date(moment.isoformat()) == moment


@given(
    st.text(max_size=40)
    | st.text("0123456789-:/ TZ+.,amp", max_size=30)
    | st.floats()
    | st.integers()
)
def test_nothing_makes_it_raise(written: object) -> None:
    found = parse_date(written)
    assert found is None or found.tzinfo is UTC


@pytest.mark.parametrize("row", ROWS, ids="|".join)
def test_a_date_as_people_and_programs_write_it(row: list[str]) -> None:
    text, wanted, *lang = row
    moment = None if wanted == "-" else datetime.fromisoformat(wanted).replace(tzinfo=UTC)
    found = read_date(text, *lang)
    assert found.moment == moment
    assert found.moment or found.remark, "a text that names no date is told with a reason"


def test_lines_of_the_usual_shape_are_dated_as_others_are(tmp_path: Path) -> None:
    """A kernel reads them, and leaves to Python what it does not know."""
    plain = [row[0] for row in ROWS if len(row) == 2]
    records = [{"id": str(n), "text": "A text.", "date": text} for n, text in enumerate(plain)]
    read = Result(file_of(tmp_path, "a.jsonl", json_lines(*records))).articles
    assert [article.date for article in read] == [parse_date(text) for text in plain]


@pytest.mark.parametrize("language", every_language(), ids=lambda language: language.code)
def test_every_name_of_a_month_is_read_in_its_language(language: Language) -> None:
    names = {**language.months, **language.short_months}
    for name, month in names.items():
        for form in (f"3 {name} 2025 18:40 +0200", f"{name} 3, 2025", f"3 {name.upper()}. 2025"):
            found = parse_date(form, language.code)
            assert found is not None, form
            assert (found.month, found.day) == (month, 3), form


@pytest.mark.parametrize("language", every_language(), ids=lambda language: language.code)
def test_a_month_without_its_language_is_the_same_one_or_none(language: Language) -> None:
    undated = 0
    for name, month in {**language.months, **language.short_months}.items():
        found = date_in(f"3 {name} 2025")
        assert found.moment is None or found.moment.month == month, name
        undated += found.moment is None
    assert undated <= 5


@pytest.mark.parametrize("language", every_language(), ids=lambda language: language.code)
def test_halves_of_the_day_are_read_in_their_language(language: Language) -> None:
    for hour, halves in ((6, language.am), (18, language.pm)):
        for name in halves:
            for form in (f"2025-09-03 {name} 6:40", f"2025-09-03 6:40 {name}"):
                assert parse_date(form, language.code) == datetime(
                    2025, 9, 3, hour, 40, tzinfo=UTC
                ), form


@pytest.mark.parametrize("name", OFFSETS)
def test_a_zone_is_as_far_from_utc_as_its_clocks(name: str) -> None:
    assert abs(OFFSETS[name]) <= FURTHEST
    local = datetime(2025, 9, 3, 18, 40, tzinfo=UTC)
    assert parse_date(f"Wed, 03 Sep 2025 18:40:00 {name.upper()}") == local - OFFSETS[name]
    assert parse_date(f"3 September 2025, 6:40 p.m. {name.upper()}") == local - OFFSETS[name]


@given(st.from_regex(r"[A-Z]{2,6}", fullmatch=True))
@example("EM")  # half of a day in Norwegian and Swedish
@example("MAT")
def test_a_zone_that_is_not_known_is_never_taken_for_utc(name: str) -> None:
    found = parse_date(f"Wed, 03 Sep 2025 18:40:00 {name}")
    word = name.lower()
    of_english = "en" in names().beside_times.get(word, ()) or word == "pm"
    of_english |= any("en" in codes for codes in months_of(word).values())
    of_english |= any("en" in codes for codes in names().weekdays.get(word, {}).values())
    if OFFSETS.get(word) != timedelta(0) and not of_english:
        assert found != datetime(2025, 9, 3, 18, 40, tzinfo=UTC)


def test_a_long_text_is_looked_into_no_further() -> None:
    texts = [f"2025-09-03{' ' * 100_000}06:40", "3 September 2025 " + "x" * 100, "9" * 10**6]
    start = time.process_time()
    found = [read_date(text) for text in texts]
    assert [one.moment for one in found] == [None] * 3
    assert all(str(LONGEST) in one.remark for one in found)
    assert time.process_time() - start < 0.1


@given(st.text("0123456789:.,+-()[]/ aAmMpPhHtTzZ年月日時分سبتمبر\u0e01.'", max_size=LONGEST))
def test_no_text_takes_long(written: str) -> None:
    start = time.process_time()
    found = date_in(written)
    assert time.process_time() - start < 0.2
    assert found.moment is None or found.moment.tzinfo is UTC


DAY = datetime(2025, 9, 3, tzinfo=UTC)
MORNING = datetime(2025, 9, 3, 6, 40, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "zone", "wanted"),
    [
        ([("date", "2025-09-03"), ("time", "06:40:00")], "", MORNING),
        ([("publishedTime", "06:40"), ("date", "2025-09-03")], "", MORNING),
        ([("date", "2025-09-03"), ("time", "6:40 pm")], "", MORNING.replace(hour=18)),
        ([("date", "2025-09-03"), ("dateTime", "2025-09-03T06:40:00Z")], "", MORNING),
        ([("date", "2025-09-03"), ("time", "")], "", DAY),
        ([("date", "2025-09-03"), ("time", "3 min read")], "", DAY),
        ([("date", "2025-09-03"), ("dateTime", "2025-09-07T06:40:00Z")], "", DAY),
        ([("date", "2025-09-03"), ("updated", "2025-09-03T06:40:00Z")], "", DAY),
        ([("date", None), ("updated", "2025-09-03T06:40:00Z")], "", MORNING),
        ([("date", "2025-09-03 08:40")], "Europe/Berlin", MORNING),
        ([("date", "2025-09-03 08:40")], "CEST", MORNING),
        ([("date", "2025-09-03 08:40")], "nowhere", DAY),
        ([("date", "2025-09-03T06:40:00Z")], "Europe/Berlin", MORNING),
        ([("date", "2025-09-03"), ("time", "08:40")], "+02:00", MORNING),
        ([("date", 1756881600)], "Europe/Berlin", MORNING),
    ],
)
def test_a_day_gets_the_time_that_another_field_tells(
    fields: list[tuple[str, object]], zone: str, wanted: datetime
) -> None:
    assert date_of(fields, zone=zone).moment == wanted
