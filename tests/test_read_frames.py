"""Tables of pandas, Polars and Arrow, and lists of dicts, are articles by the rules of files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.csv as pc
import pytest

from dedupe import (
    Article,
    Filter,
    article_signatures,
    compare_articles,
    explain_article,
    group_articles,
    open_index,
    read_articles,
    score_pairs,
)
from dedupe.errors import RecordError
from dedupe.read import FieldKeys, article_from, articles_from, batches_from

TEXT = "The ferry Halcyon Star capsized in Orrin Sound on Saturday, and forty people were saved."
ROWS = [
    {"guid": "a", "headline": "Ferry capsizes", "content": TEXT, "published_at": "2024-05-01T10:00Z", "publisher": "Harbour", "clicks": 7},
    {"guid": "b", "headline": "A ferry capsized", "content": TEXT, "published_at": None, "publisher": None, "clicks": None},
    {"guid": "c", "headline": None, "content": "A bank holds its rates for the sixth time.", "published_at": "2 May 2024", "publisher": "Ledger", "clicks": 9},
]  # fmt: skip


class Capsule:
    """A table that has the Arrow PyCapsule interface and nothing else."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._table.__arrow_c_stream__(requested_schema)


class Array:
    """The same of one batch."""

    def __init__(self, table: pa.Table) -> None:
        (self._batch,) = table.to_batches()

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        return self._batch.__arrow_c_array__(requested_schema)


TABLE = pa.Table.from_pylist(ROWS)
FORMS = {
    "pandas": lambda: pd.DataFrame(ROWS),
    "pandas objects": lambda: pd.DataFrame(ROWS).astype(object),
    "pandas, mixed columns": lambda: pd.DataFrame(ROWS).assign(clicks=[1, "many", None]),
    "pandas, named index": lambda: pd.DataFrame(ROWS).set_index("guid"),
    "pandas chunks": lambda: (pd.DataFrame(ROWS).iloc[n : n + 1] for n in range(3)),
    "pandas records": lambda: pd.DataFrame(ROWS).to_dict("records"),
    "Polars": lambda: pl.DataFrame(ROWS),
    "Polars categories": lambda: pl.DataFrame(ROWS).with_columns(
        pl.col("publisher").cast(pl.Categorical)
    ),
    "table": lambda: TABLE,
    "chunks": lambda: pa.concat_tables([TABLE.slice(0, 1), TABLE.slice(1)]),
    "batches": lambda: TABLE.to_batches(max_chunksize=2),
    "reader": TABLE.to_reader,
    "stream capsule": lambda: Capsule(TABLE),
    "array capsule": lambda: Array(TABLE),
    "dicts": lambda: ROWS,
    "generator of dicts": lambda: iter(ROWS),
}


def read_of(items: object) -> list[Article]:
    return list(articles_from(items))


@pytest.mark.parametrize("form", FORMS)
def test_a_table_of_any_make_holds_the_articles_of_a_file(form: str, tmp_path: Path) -> None:
    file = tmp_path / "news.csv"
    pc.write_csv(TABLE, file)
    assert read_of(FORMS[form]()) == list(read_articles(file))


@pytest.mark.parametrize("form", FORMS)
def test_it_is_grouped_as_articles_are(form: str) -> None:
    expected = group_articles(read_of(ROWS))
    found = group_articles(FORMS[form]())
    assert (found.stories, found.order) == (expected.stories, ("a", "b", "c"))


def test_its_kin_take_tables_too() -> None:
    frame = pd.DataFrame(ROWS)
    articles = read_of(ROWS)
    assert explain_article(frame, "b") == explain_article(articles, "b")
    assert score_pairs(pl.DataFrame(ROWS), [("a", "b")]) == score_pairs(articles, [("a", "b")])
    assert (article_signatures(TABLE)[1] == article_signatures(articles)[1]).all()
    expected = compare_articles(articles[0], articles[1], among=articles)
    assert compare_articles(ROWS[0], frame.iloc[1], among=frame) == expected
    assert compare_articles(frame.iloc[:1], articles[1], among=frame) == expected


def test_an_index_and_a_filter_take_tables_and_dicts() -> None:
    with open_index("memory:") as index:
        checked = [verdict.relation for verdict in index.check_many(pd.DataFrame(ROWS))]
        assert checked == ["new", "identical", "new"]
        assert [v.id for v in index.admit_many(pl.DataFrame(ROWS))] == ["a", "b", "c"]
        again = {"guid": "d", "body": TEXT}
        assert index.check(again).relation == "identical"
        keep = Filter(index)
        assert not keep(again)
        assert [d.passed for d in keep.decide_many([{"id": "e", "text": TEXT}])] == [False]
        assert index.admit({"id": "f", "text": "Something else happened to the mill."}).admitted


INDEXES: list[tuple[Any, list[str]]] = [
    (None, ["0", "1", "2"]),
    ([10, 20, 30], ["10", "20", "30"]),
    (["x", "y", "z"], ["x", "y", "z"]),
    (pd.RangeIndex(4, 10, 2), ["4", "6", "8"]),
    ([1, 1, 2], ["0", "1", "2"]),
    (pd.MultiIndex.from_tuples([("x", 1), ("x", 2), ("y", 1)]), ["0", "1", "2"]),
    (pd.Index([10, 20, 30], name="row"), ["10", "20", "30"]),
]


@pytest.mark.parametrize("mixed", [False, True])
@pytest.mark.parametrize(("index", "ids"), INDEXES)
def test_rows_without_an_id_are_called_as_the_index_of_pandas_calls_them(
    index: Any, ids: list[str], mixed: bool
) -> None:
    frame = pd.DataFrame(ROWS, index=index).drop(columns="guid")
    frame = frame.assign(clicks=[1, "many", None]) if mixed else frame
    if not (mixed and getattr(index, "name", None)):
        assert group_articles(frame).order == tuple(ids)
    assert group_articles(frame.assign(guid=["a", "b", "c"])).order == ("a", "b", "c")


@pytest.mark.parametrize("make", [pl.DataFrame, pa.Table.from_pylist, list])
def test_other_rows_without_an_id_are_called_by_their_number(make: Any) -> None:
    rows = [{k: v for k, v in row.items() if k != "guid"} for row in ROWS]
    assert group_articles(make(rows)).order == ("0", "1", "2")


def test_in_an_index_rows_without_an_id_have_those_of_their_content() -> None:
    rows = [{"text": "One text of a fire at a mill."}, {"text": "Another one of a flood."}]
    with open_index("memory:") as index:
        first = [verdict.id for verdict in index.admit_many(pd.DataFrame(rows))]
        assert "0" not in first
        replayed = index.admit_many(pd.DataFrame(rows[::-1]))
        assert [(v.id, v.replayed) for v in replayed] == [(name, True) for name in first[::-1]]


NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
DAY = datetime(2024, 5, 1, tzinfo=UTC)
NEW_YORK = timezone(timedelta(hours=-4))
DATES: list[tuple[Any, datetime | None]] = [
    ("2024-05-01T14:00:00+02:00", NOON),
    ("1 May 2024", DAY),
    (date(2024, 5, 1), DAY),
    (datetime(2024, 5, 1, 12), NOON),  # noqa: DTZ001 - one without a zone is asked for
    (datetime(2024, 5, 1, 8, tzinfo=NEW_YORK), NOON),
    (pd.Timestamp("2024-05-01 12:00"), NOON),
    (pd.Timestamp("2024-05-01 14:00", tz="Europe/Berlin"), NOON),
    (np.datetime64("2024-05-01T12:00", "ns"), NOON),
    (np.datetime64("2024-05-01", "D"), DAY),
    (1714564800, NOON),
    (None, None),
    (float("nan"), None),
    (pd.NaT, None),
    (pd.NA, None),
    ("soon", None),
]


@pytest.mark.parametrize("make", [list, pd.DataFrame], ids=["dicts", "pandas"])
@pytest.mark.parametrize(("given", "moment"), DATES, ids=lambda value: repr(value)[:40])
def test_a_date_of_any_type_is_a_moment_or_a_day(make: Any, given: Any, moment: Any) -> None:
    rows = [{"id": "a", "text": TEXT, "date": given}, {"id": "b", "text": TEXT, "date": given}]
    assert [article.date for article in read_of(make(rows))] == [moment, moment]


@pytest.mark.parametrize(
    ("series", "moment"),
    [
        (pl.Series([date(2024, 5, 1)]), DAY),
        (pl.Series([datetime(2024, 5, 1, 12)]), NOON),  # noqa: DTZ001
        (pl.Series([NOON]).dt.convert_time_zone("Asia/Tokyo"), NOON),
        (pl.Series([NOON]).cast(pl.Datetime("ns", "UTC")), NOON),
        (pl.Series(["Wed, 01 May 2024 14:00:00 +0200"]), NOON),
        (pl.Series([None]), None),
    ],
)
def test_dates_of_polars_are_the_same(series: pl.Series, moment: datetime | None) -> None:
    frame = pl.DataFrame({"id": ["a"], "text": [TEXT], "date": series})
    assert read_of(frame)[0].date == moment


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, np.nan])
def test_what_is_missing_is_empty(missing: object) -> None:
    row = {"id": "a", "title": missing, "text": TEXT, "source": missing, "url": missing}
    for items in ([row], pd.DataFrame([row])):
        (found,) = read_of(items)
        assert (found.title, found.source, found.url) == ("", "", "")
    (found,) = read_of([{"id": "a", "title": "A ferry", "text": missing}])
    assert found.text == ""


def test_numbers_of_numpy_and_columns_with_gaps_are_ids() -> None:
    frame = pd.DataFrame({"id": [1, None, 3], "text": [TEXT] * 3})
    assert [article.id for article in read_of(frame)][::2] == ["1", "3"]
    assert read_of([{"id": np.int64(5), "text": TEXT}])[0].id == "5"


def test_fields_are_named_as_those_of_files_are() -> None:
    frame = pd.DataFrame({"key": ["k"], "said": [TEXT], "text": ["Another one."]})
    named = batches_from(frame, keys=FieldKeys(id="key", text="said"))
    assert [(a.id, a.text) for a in articles_from(named)] == [("k", TEXT)]
    with pytest.raises(RecordError, match=r"no field body \(set with FieldKeys\(text=\.\.\.\)\)"):
        list(batches_from(frame, keys=FieldKeys(text="body")))


class Row(Mapping):  # a record of a database's driver
    def __init__(self, fields: dict[str, object]) -> None:
        self._fields = fields

    def __getitem__(self, name: str) -> object:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)


def test_any_mapping_is_a_record() -> None:
    assert read_of([Row(row) for row in ROWS]) == read_of(ROWS)


BAD: list[tuple[Any, str]] = [
    ("news.csv", "what was given is of type str; articles are wanted"),
    (b"news", "what was given is of type bytes"),
    (Path("news.csv"), "what was given is of type "),
    (None, "what was given is of type NoneType"),
    (7, "what was given is of type int"),
    ({"id": ["a"], "text": [TEXT]}, "what was given is of type dict"),
    (Article("a", TEXT), "what was given is of type Article"),
    (pd.DataFrame, "what was given is of type type"),
    ([7], "row 0 is of type int; articles are wanted"),
    ([*ROWS, "x"], "row 3 is of type str"),
    ([*ROWS, Article("z", TEXT)], "row 3 is of type Article, unlike the first"),
    ([Article("z", TEXT), *ROWS], "row 1 is of type dict, unlike the first"),
    ([TABLE, ROWS[0]], "is of type dict, unlike the first"),
    (pd.Series([TEXT]), "a Series is no table"),
    (pl.Series([TEXT]), "a Series is no table"),
    (pa.array([TEXT]), "a StringArray is no table|row 0 is of type StringScalar"),
    ([*ROWS, {"id": "d", "text": 8}], "row 3: text is a number, wanted a string; name the field of the text with FieldKeys"),
    ([*ROWS, {"id": "d", "seen": 8}], "row 3: neither text nor title found"),
    (pd.DataFrame({"id": [1, 2], "text": [TEXT, 5.5]}), "row 1: text is a number"),
    (pd.DataFrame([["a", TEXT, "b"]], columns=["id", "text", "id"]), "2 columns are called 'id'"),
    (pa.table([["a"], [TEXT], ["b"]], names=["id", "text", "id"]), "2 columns are called 'id'"),
    (pd.DataFrame({"id": ["a", "a"], "text": [TEXT, "Other."]}), "row 1: id a was already used at row:0"),
]  # fmt: skip


@pytest.mark.parametrize(("given", "told"), BAD, ids=lambda value: str(value)[:30])
def test_what_holds_no_articles_is_refused_in_words(given: Any, told: str) -> None:
    for take in (group_articles, read_of):
        with pytest.raises(RecordError, match=told):
            take(given)


def test_an_empty_table_has_no_articles() -> None:
    for empty in ([], pd.DataFrame(), pl.DataFrame(), TABLE.slice(0, 0), pd.DataFrame(ROWS)[:0]):
        assert group_articles(empty).order == ()


def test_rows_that_cannot_be_taken_in_may_be_told_instead() -> None:
    rejected = []
    rows = [*ROWS, {"id": "d", "text": 8}, {"id": "e", "text": "One more."}]
    batches = batches_from(rows, on_reject=rejected.append)
    assert [a.id for a in articles_from(batches)] == ["a", "b", "c", "e"]
    assert [(r.source, r.line) for r in rejected] == [("row", 3)]


def test_one_article_is_one() -> None:
    assert article_from(Article("a", TEXT)) == Article("a", TEXT)
    for wrong in (pd.DataFrame(ROWS), [], "a"):
        with pytest.raises(RecordError):
            article_from(wrong)


def test_of_several_versions_in_a_table_the_newest_is_taken(caplog) -> None:
    rows = [
        {"id": "a", "text": TEXT, "date": "2024-05-01T10:00Z"},
        {"id": "a", "text": f"{TEXT} More.", "date": "2024-05-01T12:00Z"},
    ]
    assert [a.date.hour for a in read_of(pd.DataFrame(rows))] == [12]
    assert "an older version of id a" in caplog.text
