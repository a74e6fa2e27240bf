"""Arrow batches of any type are read as files of them would be, or refused in words: never a signal."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dedupe import group_articles
from dedupe.errors import DedupeError, RecordError
from dedupe.read import article_schema, articles_from, batches_from

TEXTS = ["One text of a fire.", "", "Ein Föhn, kürzer."]
STRINGS = {
    "string": pa.array(TEXTS, pa.string()),
    "large_string": pa.array(TEXTS, pa.large_string()),
    "string_view": pa.array(TEXTS, pa.string_view()),
    "dictionary": pa.array(TEXTS).dictionary_encode(),
    "nulls": pa.array([TEXTS[0], None, TEXTS[2]]),
    "sliced": pa.array(["x", *TEXTS, "y"])[1:4],
}
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def batch(**columns: Any) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"id": ["a", "b", "c"], **columns})


def dates_of(**columns: Any) -> list[datetime | None]:
    return [article.date for article in articles_from(batch(**columns))]


@pytest.mark.parametrize("kind", STRINGS)
def test_strings_of_any_layout_are_texts(kind: str) -> None:
    given = batch(text=STRINGS[kind], title=STRINGS[kind], lang=STRINGS[kind])
    (found,) = batches_from(given)
    assert found.schema == article_schema()
    assert [article.text for article in articles_from(given)] == TEXTS
    assert len(group_articles([batch(text=STRINGS[kind])]).stories) == 3


@pytest.mark.parametrize(
    ("kind", "dates"),
    [(f"{unit} {zone}", pa.array([NOON, None, NOON]).cast(pa.timestamp(unit, zone)))
     for unit in ("s", "ms", "us", "ns") for zone in (None, "UTC", "America/New_York", "Mars/Base")]
    + [("string", pa.array(["2024-05-01T12:00:00Z", None, "Wed, 01 May 2024 14:00:00 +0200"]))],
)  # fmt: skip
def test_dates_of_any_unit_and_zone_are_moments(kind: str, dates: pa.Array) -> None:
    del kind
    assert dates_of(text=TEXTS, date=dates) == [NOON, None, NOON]


def test_days_are_their_midnights_and_years_out_of_reach_no_dates() -> None:
    found = dates_of(text=TEXTS, date=[date(2024, 5, 1)] * 3)
    assert found == [datetime(2024, 5, 1, tzinfo=UTC)] * 3
    far = pa.array([2**62, -(2**62), 0], pa.timestamp("s"))
    assert dates_of(text=TEXTS, date=far).count(None) == 2


@pytest.mark.parametrize(
    ("told", "columns"),
    [
        ("row 0: text is a number, wanted a string", {"text": [1, 2, 3]}),
        ("row 1: text is not UTF-8", {"text": [b"a", b"\xff\xff", b"c"]}),
        ("row 0: neither text nor title found", {"made": [7, 8, 9]}),
        ("row 2: id a was already used at row:0", {"text": TEXTS, "id": ["a", "b", "a"]}),
    ],
)
def test_what_is_no_article_is_refused_with_its_row_and_field(
    told: str, columns: dict[str, Any]
) -> None:
    with pytest.raises(RecordError) as refused:
        group_articles([batch(**columns)])
    assert told in str(refused.value)


def test_numbers_are_ids_and_a_table_of_chunks_is_taken() -> None:
    one = pa.table({"id": [1, 2], "text": TEXTS[:2]})
    grouping = group_articles(pa.concat_tables([one, pa.table({"id": [3], "text": TEXTS[2:]})]))
    assert sorted(grouping.order) == ["1", "2", "3"]


def test_our_own_schema_is_looked_into_all_the_same() -> None:
    broken = pa.LargeStringArray.from_buffers(
        1, pa.py_buffer(bytes(8) + (3).to_bytes(8, "little")), pa.py_buffer(b"a\xff\xe2")
    )
    (whole,) = batches_from(pa.RecordBatch.from_pydict({"id": ["a"], "text": ["x"]}))
    columns = [broken if f.name == "text" else whole.column(f.name) for f in whole.schema]
    with pytest.raises(RecordError, match="column 'text' is broken"):
        group_articles([pa.RecordBatch.from_arrays(columns, schema=article_schema())])
    columns = [broken if name == "text" else whole.column(name) for name in ("id", "text")]
    with pytest.raises(RecordError, match="column 'text' is broken"):
        group_articles(pa.RecordBatch.from_arrays(columns, names=["id", "text"]))


_KINDS = [
    *(pa.string(), pa.large_string(), pa.string_view(), pa.binary(), pa.large_binary(), pa.null()),
    *(pa.int8(), pa.uint64(), pa.float64(), pa.bool_(), pa.date32(), pa.date64(), pa.time32("s")),
    *(pa.timestamp("s"), pa.timestamp("ns", "Europe/Berlin"), pa.timestamp("us", "X/Y")),
    *(
        pa.duration("ms"),
        pa.decimal128(9, 2),
        pa.list_(pa.string()),
        pa.struct([("a", pa.string())]),
    ),
    *(pa.dictionary(pa.int8(), pa.string()), pa.dictionary(pa.int32(), pa.int64())),
    *(pa.dictionary(pa.int16(), pa.large_string()), pa.binary(3), pa.map_(pa.string(), pa.int8())),
]
_DRAWN = st.none() | st.text(max_size=9) | st.binary(max_size=9) | st.integers(-(2**63), 2**63 - 1)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_random_batches_are_grouped_or_refused_in_words(data: st.DataObject) -> None:
    rows, columns = data.draw(st.integers(0, 4)), {}
    for name in data.draw(st.sets(st.sampled_from([*article_schema().names, "more"]))):
        kind = data.draw(st.sampled_from(_KINDS))
        values = data.draw(st.lists(_DRAWN, min_size=rows + 2, max_size=rows + 2))
        try:
            column = pa.array(values, kind)
        except (pa.ArrowException, TypeError, ValueError, OverflowError):
            column = pa.nulls(rows + 2, kind)
        columns[name] = column[1 : rows + 1]
    if not columns:
        return
    try:
        grouping = group_articles(pa.RecordBatch.from_pydict(columns))
        assert len(grouping.order) <= rows
    except DedupeError as error:
        told = str(error)
        assert told.startswith(("row ", "column "))
        assert "\n" not in told
