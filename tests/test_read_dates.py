"""Dates in every writing that sources use, and what is no date."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.read.values import parse_date

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
        min_value=datetime(2, 1, 1),  # noqa: DTZ001 - the zone is drawn apart
        max_value=datetime(9998, 1, 1),  # noqa: DTZ001 - see above
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
