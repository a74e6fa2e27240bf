"""Counts, dates and speeds in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dedupe.report.wording import apart, between, byte_rate, counted, day, duration, quantity, span


def at(year: int, month: int, day_: int, hour: int = 0) -> datetime:
    return datetime(year, month, day_, hour, tzinfo=UTC)


def test_counts_take_the_right_number() -> None:
    assert counted(1, "copy", "copies") == "1 copy"
    assert counted(0, "copy", "copies") == "0 copies"
    assert counted(12_345, "article") == "12,345 articles"


@pytest.mark.parametrize(
    ("first", "last", "words"),
    [
        (at(2023, 3, 20), at(2023, 3, 20, 23), "20 Mar 2023"),
        (at(2023, 3, 20), at(2023, 3, 22), "20 to 22 Mar 2023"),
        (at(2023, 2, 28), at(2023, 3, 2), "28 Feb to 2 Mar 2023"),
        (at(2022, 12, 31), at(2023, 1, 1), "31 Dec 2022 to 1 Jan 2023"),
    ],
)
def test_a_span_says_each_thing_once(first: datetime, last: datetime, words: str) -> None:
    assert span(first, last) == words


def test_days_are_days_in_utc() -> None:
    eastern = timezone(timedelta(hours=-5))
    assert day(datetime(2023, 3, 20, 23, tzinfo=eastern)) == "21 Mar 2023"
    assert day(datetime(2023, 3, 20, 23)) == "20 Mar 2023"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (None, ""),
        (0.0, "on the same day"),
        (1 / 1440, "1 minute apart"),
        (-0.5, "12 hours apart"),
        (1.6, "38 hours apart"),
        (5.2, "5 days apart"),
    ],
)
def test_distance_in_time_is_told_in_a_fitting_unit(days: float | None, words: str) -> None:
    assert apart(days) == words


DAY, SIX, NINE = (datetime(2025, 9, 3, hour, tzinfo=UTC) for hour in (0, 6, 9))


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (SIX, SIX, "at the same time"),
        (SIX, NINE, "3 hours apart"),
        (NINE, SIX, "3 hours apart"),
        (DAY, DAY, "on the same day"),
        (DAY, NINE, "on the same day"),
        (DAY, NINE + timedelta(days=1), "1 day apart"),
        (SIX, DAY + timedelta(days=3), "3 days apart"),
        (None, SIX, ""),
    ],
)
def test_of_a_day_nobody_says_how_many_hours(
    one: datetime | None, other: datetime | None, words: str
) -> None:
    assert between(one, other) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.01, "0.1 s"), (0.42, "0.4 s"), (12.3, "12 s"), (59.9, "1 min 0 s"), (200, "3 min 20 s")],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_rates_and_quantities_have_two_digits() -> None:
    assert byte_rate(218_000_000, 1) == "218 MB/s"
    assert byte_rate(48_210, 0.412) == "117 kB/s"
    assert quantity(3.14159) == "3.1"
    assert quantity(9.99) == "10"
    assert quantity(1280.4) == "1,280"
