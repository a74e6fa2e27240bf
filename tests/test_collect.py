"""What is kept of a batch beside its sketch is what its columns hold, whatever part they are of."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.collect import HEADLINE, KeptColumns
from dedupe.model import Article
from dedupe.moments import UNDATED, since_1970
from dedupe.read import batches_of

TEXTS = st.text(
    st.sampled_from(" \t\r\n\v\x1c\x85\xa0\u2028\u3000aß中") | st.characters(codec="utf-8")
)
DATES = st.none() | st.datetimes(timezones=st.just(UTC))
ARTICLES = st.lists(st.tuples(TEXTS | st.just(""), TEXTS, DATES), min_size=1, max_size=20)


def headlines(batch: pa.RecordBatch) -> list[str]:
    """By Arrow's own functions."""
    title, text = batch.column("title"), batch.column("text")
    starts = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(text), 0, HEADLINE)
    lines = pc.replace_substring_regex(starts, r"(?s)[\r\n].*", "")
    return pc.if_else(pc.equal(title, ""), lines, title).to_pylist()


@given(ARTICLES, st.data())
def test_columns_of_a_part_of_a_batch(articles, data) -> None:
    (whole,) = batches_of(
        [
            Article(f"{at}", text, title=title, date=date)
            for at, (title, text, date) in enumerate(articles)
        ]
    )
    first = data.draw(st.integers(0, len(articles) - 1))
    last = data.draw(st.integers(first + 1, len(articles)))
    part = articles[first:last]
    found = KeptColumns.of(whole[first:last], keep_texts=True)
    assert found.ids == [f"{at}" for at in range(first, last)]
    assert found.headlines == headlines(whole[first:last])
    assert found.texts == [f"{title}\n{text}" for title, text, _ in part]
    assert found.dates.tolist() == [
        UNDATED if date is None else since_1970(date) for _, _, date in part
    ]
    assert found.text_bytes.tolist() == [len((title + text).encode()) for title, text, _ in part]
    assert KeptColumns.of(whole[first:last], keep_texts=False).texts == []


@pytest.mark.parametrize("point", [0x20, 0x85, 0xA0, 0x1680, 0x2028, 0x3000, 0x200B, 0xFEFF, 0x1C])
def test_a_headline_begins_where_arrow_lets_it_begin(point: int) -> None:
    text = f"{chr(point)}{chr(point)} word\nmore"
    (batch,) = batches_of([Article("a", text, date=datetime(2025, 1, 1, tzinfo=UTC))])
    assert KeptColumns.of(batch, keep_texts=False).headlines == headlines(batch)
