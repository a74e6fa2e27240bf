"""Batches: their columns, their size, and Article values there and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result, article, json_lines, written

from dedupe.errors import RecordError
from dedupe.model import ARTICLE_COLUMNS, Article
from dedupe.read import article_schema, articles_of, batches_of


def test_the_schema_is_that_of_the_model() -> None:
    schema = article_schema()
    assert tuple(schema.names) == ARTICLE_COLUMNS
    assert schema.field("date").type == pa.timestamp("us", tz="UTC")
    assert schema.field("date").nullable
    others = [field for field in schema if field.name != "date"]
    assert all(f.type == pa.large_string() and not f.nullable for f in others)


def test_batches_end_at_the_size_asked_for(tmp_path: Path) -> None:
    records = [article(n, text="x" * 1000) for n in range(100)]
    path = written(tmp_path, "a.jsonl", json_lines(*records))
    result = Result(path, batch_bytes=10_000)
    assert len(result.batches) > 10
    assert all(batch.num_rows <= 10 for batch in result.batches)
    assert all(batch.schema == article_schema() for batch in result.batches)
    assert result.ids == [f"a{n}" for n in range(100)]


def test_empty_articles_fill_a_batch_too() -> None:
    articles = (Article(str(n), "") for n in range(1000))
    assert len(list(batches_of(articles, batch_bytes=10_000))) > 10


_moments = st.datetimes(
    min_value=datetime(2, 1, 1),  # noqa: DTZ001 - the zone is drawn apart
    max_value=datetime(9998, 1, 1),  # noqa: DTZ001 - see above
    timezones=st.just(UTC),
)
_strings = st.text(max_size=20)
_articles = st.lists(
    st.builds(
        Article,
        id=st.text(min_size=1, max_size=8),
        text=_strings,
        title=_strings,
        date=st.none() | _moments,
        source=_strings,
        url=_strings,
        lang=_strings,
    ),
    unique_by=lambda a: a.id,
)


@given(_articles, st.integers(1, 2000))
def test_articles_come_back_as_they_went_in(articles: list[Article], size: int) -> None:
    batches = list(batches_of(articles, batch_bytes=size))
    assert [a for batch in batches for a in articles_of(batch)] == articles
    assert all(batch.num_rows for batch in batches)


def test_dates_are_brought_to_utc() -> None:
    naive = datetime(2025, 5, 4, 10, tzinfo=UTC).replace(tzinfo=None)
    east = datetime(2025, 5, 4, 12, tzinfo=timezone(timedelta(hours=2)))
    (batch,) = batches_of([Article("1", "", date=naive), Article("2", "", date=east)])
    assert [a.date for a in articles_of(batch)] == [datetime(2025, 5, 4, 10, tzinfo=UTC)] * 2


def test_lone_surrogates_become_replacement_characters() -> None:
    (batch,) = batches_of([Article("1", "a\ud800b 😀"), Article("2", "whole")])
    assert [a.text for a in articles_of(batch)] == ["a\ufffdb 😀", "whole"]


def test_a_repeated_or_missing_id_is_an_error() -> None:
    with pytest.raises(RecordError, match=r"article 2 repeats the id 'x'"):
        list(batches_of([Article("x", "a"), Article("x", "b")]))
    with pytest.raises(RecordError, match=r"article 1 has no id"):
        list(batches_of([Article("", "a")]))
