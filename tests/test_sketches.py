"""Sketches as tables: grouped as the articles themselves, and looked into before a kernel is."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from corpora import article, edited, fixture_articles, in_batches, newsroom, prose
from digest_corpus import STORIES, letter, reports
from hypothesis import given
from hypothesis import strategies as st

from dedupe import Article, Settings, group_articles, group_sketches, sketch_articles
from dedupe.errors import DedupeError, RecordError, SettingError
from dedupe.read import read
from dedupe.sketch_form import NUMBERS, sketch_schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from dedupe.model import Grouping

SETTINGS = Settings(threads=2)


def told(found: Grouping) -> str:
    """All that a grouping says but how long it took."""
    return repr(asdict(replace(found, seconds=0.0)))


def corpus() -> list[Article]:
    """Stories, copies, digests, lines that recur, articles without text, date or source."""
    draw = random.Random(5)
    text = prose(draw, 300)
    menu = "\nMarkets | World | Sport | Weather | Travel | Contact\n"
    copies = [article(f"copy-{n}", edited(draw, text, 0.02 * n)) for n in range(4)]
    framed = [
        Article(f"frame-{n}", menu + " ".join(prose(draw, 120)) + menu, source="Framed")
        for n in range(25)
    ]
    odd = [Article("no-text", "", title="A title alone"), Article("short", "Two words")]
    told_of = [letter("letter", [*STORIES][:5])]
    return [*newsroom(3), *reports(), *told_of, *copies, *framed, *odd, *fixture_articles()]


ARTICLES = corpus()


def batches(*, copies_only: bool = False) -> list[pa.RecordBatch]:
    """The sketches of the corpus in several batches."""
    parts = in_batches(ARTICLES, [7, 31, 1])
    return list(sketch_articles(parts, SETTINGS, copies_only=copies_only))


SKETCHED = batches()
WHOLE = pa.Table.from_batches(SKETCHED)


@pytest.mark.parametrize("copies_only", [False, True])
def test_sketches_are_grouped_as_the_articles_are(copies_only: bool) -> None:
    wanted = told(group_articles(ARTICLES, SETTINGS, copies_only=copies_only))
    assert told(group_sketches(batches(copies_only=copies_only), SETTINGS)) == wanted


def test_calls_for_parts_of_the_articles_give_the_same() -> None:
    parts = [ARTICLES[first::3] for first in range(3)]
    apart = [batch for part in parts for batch in sketch_articles(part, SETTINGS)]
    wanted = group_articles([one for part in parts for one in part], SETTINGS)
    assert told(group_sketches(apart, SETTINGS)) == told(wanted)


def through_parquet(table: pa.Table) -> Any:
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return pq.ParquetFile(file).iter_batches(17)


def as_dictionaries(table: pa.Table) -> Any:
    for name in ("form", "source", "language"):
        at = table.schema.names.index(name)
        table = table.set_column(at, name, table.column(name).dictionary_encode())
    return table


def of_small_types(table: pa.Table) -> Any:
    small = {pa.large_string(): pa.string(), pa.large_binary(): pa.binary()}
    return table.cast(pa.schema([f.with_type(small.get(f.type, f.type)) for f in table.schema]))


WAYS: list[Callable[[pa.Table], Any]] = [
    through_parquet, as_dictionaries, of_small_types, pl.from_arrow,
    lambda table: table.append_column("more", pa.array(["x"] * len(table))),
    lambda table: table.select(table.schema.names[::-1]),
    lambda table: [table[:9], table[9:9], table[9:]],
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_sketches_come_back_from_files_and_engines(way: Callable[[pa.Table], Any]) -> None:
    wanted = told(group_articles(ARTICLES, SETTINGS))
    assert told(group_sketches(way(WHOLE), SETTINGS)) == wanted


def test_of_versions_of_an_article_the_last_stays(tmp_path: Path) -> None:
    draw, file = random.Random(1), tmp_path / "versions.jsonl"
    for day in (1, 2):
        text = " ".join(prose(draw, 50))
        row = {"id": "a", "url": "https://n.example/1", "date": f"2025-03-0{day}", "text": text}
        with file.open("a") as out:
            out.write(json.dumps(row) + "\n")

    def versions() -> Iterator[pa.RecordBatch]:
        return read([file], batch_bytes=1)

    made = list(sketch_articles(versions()))
    assert [batch.column("again").to_pylist() for batch in made] == [[False], [True]]
    assert told(group_sketches(made)) == told(group_articles(versions()))


def placed(table: pa.Table, places: Any) -> pa.Table:
    return table.append_column("position", pa.array(places))


@pytest.mark.parametrize("kind", [pa.int64(), pa.int32(), pa.uint64()])
def test_with_positions_rows_may_come_in_any_order(kind: pa.DataType) -> None:
    numbered = placed(WHOLE, pa.array(range(0, 3 * len(WHOLE), 3), kind))
    shuffled = numbered.take(random.Random(4).sample(range(len(WHOLE)), len(WHOLE)))
    wanted = told(group_articles(ARTICLES, SETTINGS))
    assert told(group_sketches(shuffled, SETTINGS)) == wanted
    assert told(group_sketches(shuffled.to_batches(max_chunksize=7), SETTINGS)) == wanted


def test_positions_say_which_version_is_the_last() -> None:
    names = ("told", "other", "told")
    articles = [
        Article(name, " ".join(prose(random.Random(n), 50))) for n, name in enumerate(names)
    ]
    parts = [batch for one in articles for batch in sketch_articles([one])]
    table = pa.Table.from_batches(parts)
    table = table.set_column(2, table.schema.field("again"), pa.array([False, False, True]))
    wanted = told(group_sketches(table))
    assert told(group_sketches(placed(table, [0, 1, 2]).take([2, 1, 0]))) == wanted
    with pytest.raises(RecordError, match="two articles have the id 'told'"):
        group_sketches(placed(table, [2, 1, 0]))


N = len(SKETCHED[0])
PLACES: list[tuple[list[Any], str]] = [
    ([0, 1, 1, *range(3, N)], "two rows of the sketches have the position 1"),
    ([0, None, *range(2, N)], "row 1 of the sketches is broken: 'position' is no place"),
    ([0, 1, 2, -1, *range(4, N)], "row 3 of the sketches is broken: 'position' is no place"),
    (["a"] * N, "column 'position' of the sketches is of string, wanted int64"),
]


@pytest.mark.parametrize(("places", "said"), PLACES, ids=range(len(PLACES)))
def test_what_is_no_position_is_told(places: list[Any], said: str) -> None:
    with pytest.raises(RecordError, match=said):
        group_sketches(placed(pa.Table.from_batches(SKETCHED[:1]), places), SETTINGS)


def test_all_have_positions_or_none() -> None:
    first = placed(pa.Table.from_batches(SKETCHED[:1]), range(N))
    with pytest.raises(RecordError, match="some of the sketches have a column 'position', and"):
        group_sketches([first, pa.Table.from_batches(SKETCHED[1:])], SETTINGS)


def test_an_id_of_two_calls_is_refused() -> None:
    both = [*sketch_articles(ARTICLES[:2]), *sketch_articles(ARTICLES[1:3])]
    with pytest.raises(RecordError, match=f"two articles have the id '{ARTICLES[1].id}'"):
        group_sketches(both)


def test_nothing_is_grouped_to_nothing() -> None:
    assert list(sketch_articles([])) == []
    assert group_sketches([]).stories == ()
    assert group_sketches(WHOLE[:0]).stories == ()


def test_a_column_is_as_the_schema_says() -> None:
    assert all(batch.schema.equals(sketch_schema()) for batch in SKETCHED)
    names = [field.name for field in sketch_schema() if field.nullable]
    assert names == ["date"]


@pytest.mark.parametrize(
    "made",
    [{"permutations": 126}, {"seed": 2}, {"shingle_words": 4}],
    ids=["permutations", "seed", "words"],
)
def test_sketches_of_other_settings_are_refused(made: dict[str, int]) -> None:
    with pytest.raises(SettingError, match="are of the form 'sketch 1, algorithm"):
        group_sketches(sketch_articles(ARTICLES[:3], Settings(**made)))
    group_sketches(sketch_articles(ARTICLES[:3], Settings(**made)), Settings(**made))


def test_sketches_for_copies_do_not_mix_with_those_for_stories() -> None:
    with pytest.raises(SettingError, match="copies and stories' is wanted"):
        group_sketches([*sketch_articles(ARTICLES[:2]), *batches(copies_only=True)])


@pytest.mark.parametrize("given", [[{"id": "a"}], ["a.parquet"], 5, [Article("a", "text")]])
def test_what_is_no_table_is_refused(given: Any) -> None:
    with pytest.raises(RecordError):
        group_sketches(given)


def test_a_table_of_articles_is_refused() -> None:
    with pytest.raises(RecordError, match="no table of sketches: no column 'form'"):
        group_sketches(pa.table({"id": ["a"], "text": ["b"]}))


def with_column(name: str, values: list[Any], kind: pa.DataType | None = None) -> pa.Table:
    field = sketch_schema().field(name)
    at = WHOLE.schema.names.index(name)
    nullable = pa.field(name, kind or field.type)
    return WHOLE.set_column(at, nullable, pa.array(values, kind or field.type))


def changed(name: str, row: int, change: Callable[[Any], Any]) -> pa.Table:
    """The sketches with one value changed: numbers of a column of bytes, or what stands there."""
    values = WHOLE.column(name).to_pylist()
    if name in NUMBERS:
        numbers = np.frombuffer(values[row], NUMBERS[name]).copy()
        values[row] = np.asarray(change(numbers), NUMBERS[name]).tobytes()
    else:
        values[row] = change(values[row])
    return with_column(name, values)


def set_at(place: int, value: int) -> Callable[[Any], Any]:
    def change(numbers: Any) -> Any:
        numbers[place] = value
        return numbers

    return change


def drop_last(numbers: Any) -> Any:
    return numbers[:-1]


ROW = 40
BROKEN: list[tuple[str, Callable[[Any], Any], str]] = [
    ("id", lambda _: "", "'id' is empty"),
    ("text_bytes", lambda _: -1, "'text_bytes' is negative"),
    ("tokens", lambda _: -1, "'tokens' is out of range"),
    ("tokens", lambda _: 2**40, "'tokens' is out of range"),
    ("tokens", lambda size: size + 1, "'shingles' does not agree with 'tokens'"),
    ("signature", drop_last, "'signature' is of another size"),
    ("shingles", drop_last, "'shingles' does not agree with 'tokens'"),
    ("terms", lambda numbers: numbers[::-1], "'terms' is not ascending"),
    ("terms", set_at(-1, 2**22), "'terms' has a term that there is not"),
    ("terms", drop_last, "'term_counts' is not as long as 'terms'"),
    ("telling", lambda _: [256], "'telling' belongs to another form"),
    ("term_counts", drop_last, "'term_counts' is not as long as 'terms'"),
    ("term_counts", set_at(0, 0), "'term_counts' has a count of nothing"),
    ("term_counts", set_at(0, 60_000), "'term_counts' does not agree with 'occurrences'"),
    ("term_flags", drop_last, "'term_flags' is not as long as 'terms'"),
    ("line_keys", lambda _: [1], "'line_ends' is not as long as 'line_keys'"),
    ("line_ends", set_at(-1, 2**31), "'line_ends' does not end where its text does"),
    ("line_ends", set_at(0, 2**31), "'line_ends' is not ascending"),
    ("line_token_ends", set_at(-1, 2**20), "'line_token_ends' does not end where its text does"),
    ("line_token_ends", set_at(1, 1), "'line_token_ends' has a title with tokens of its text"),
    ("line_known", set_at(0, 2), "'line_known' is neither 0 nor 1"),
    ("occurrences", set_at(0, 65_535), "'occurrences' has a term that there is not"),
    ("occurrences", drop_last, "'line_ends' does not end where its text does"),
]


@pytest.mark.parametrize(("name", "change", "what"), BROKEN, ids=range(len(BROKEN)))
def test_a_broken_row_is_told(name: str, change: Callable[[Any], Any], what: str) -> None:
    with pytest.raises(
        RecordError, match=f"^row {ROW} of the sketches is broken: {re.escape(what)}"
    ):
        group_sketches(changed(name, ROW, change), SETTINGS)


def test_bytes_that_are_no_numbers_are_told() -> None:
    values = WHOLE.column("shingles").to_pylist()
    values[3] += b"x"
    with pytest.raises(RecordError, match="'shingles' is no row of numbers of 4 bytes"):
        group_sketches(with_column("shingles", values), SETTINGS)


def test_a_date_outside_the_calendar_is_told() -> None:
    ticks = pa.array([2**62] * len(WHOLE), pa.int64()).cast(pa.timestamp("us", tz="UTC"))
    at = WHOLE.schema.names.index("date")
    with pytest.raises(RecordError, match="'date' is out of range"):
        group_sketches(WHOLE.set_column(at, "date", ticks), SETTINGS)


def test_nulls_and_other_types_are_told() -> None:
    with pytest.raises(RecordError, match="column 'headline' of the sketches has nulls"):
        group_sketches(with_column("headline", [None] * len(WHOLE)), SETTINGS)
    with pytest.raises(RecordError, match="column 'tokens' of the sketches: "):
        group_sketches(with_column("tokens", ["x"] * len(WHOLE), pa.string()), SETTINGS)


@given(st.data())
def test_whatever_the_bytes_are_they_are_grouped_or_refused(data: st.DataObject) -> None:
    """No signal, and no exception but our own: run with the checked kernels, too."""
    name = data.draw(st.sampled_from([*NUMBERS]))
    row = data.draw(st.integers(0, len(WHOLE) - 1))
    values = WHOLE.column(name).to_pylist()
    held = bytearray(values[row])
    for _ in range(data.draw(st.integers(1, 3))):
        if held:
            held[data.draw(st.integers(0, len(held) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 4))
    values[row] = bytes(held[: len(held) - cut] if cut < 4 else held)
    try:
        found = group_sketches(with_column(name, values), SETTINGS)
    except DedupeError:
        return
    assert len(found.order) == len(WHOLE)
