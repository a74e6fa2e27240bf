"""Lines that are read in columns are read as one by one: articles, rejections, line numbers."""

from __future__ import annotations

import csv
import json
import random
from datetime import UTC, datetime

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result

from dedupe.errors import SourceError
from dedupe.read import read
from dedupe.read.fields import FieldFinder
from dedupe.text import without_surrogates

NAMES = ("id", "title", "text", "date", "source", "url", "lang", "tags", "views")
TEXTS = st.one_of(
    st.text(max_size=12),
    st.sampled_from([
        "", " ", "Fire & rescue", "a &amp; b", "&#38;", "&#x26;", "AT&T; more", "<b>bold</b>", "1 < 2",
        "<IBM> up", "# Head", "[link](http://a.example)", "\u00a0padded\u3000", "\tx\n", "http://a.example/x",
        "HTTPS://B.example", "NUL \0 inside", 'quote " and \\ and /', "\u2028", "\U0001f600", "İstanbul",
        "2025-05-06", "2025-05-06T07:08:09Z", "2025-05-06 07:08:09.123456+05:30", "2025-02-29",
        "2025-05-06T24:00:00", "20250506", "Tue, 06 May 2025 10:00:00 GMT", "1746500000", "en", "en-US",
        "eng", "Deutsch", "xx1",
    ]),
)  # fmt: skip
VALUES = st.one_of(
    TEXTS, st.none(), st.integers(-(10**20), 10**20), st.floats(), st.booleans(),
    st.lists(TEXTS, max_size=2), st.dictionaries(TEXTS, TEXTS, max_size=2),
)  # fmt: skip
USUAL = st.fixed_dictionaries(dict.fromkeys(NAMES, TEXTS))
RECORDS = st.one_of(
    USUAL,
    USUAL.flatmap(lambda known: VALUES.map(lambda value: {**known, "tags": value})),
    st.tuples(USUAL, st.sampled_from(NAMES), VALUES).map(lambda t: {**t[0], t[1]: t[2]}),
    st.dictionaries(st.sampled_from([*NAMES, "body", "meta", "guid"]), VALUES, max_size=6),
)


def told(path, monkeypatch, *, one_by_one: bool, **options):
    with monkeypatch.context() as patch:
        if one_by_one:
            patch.setattr(FieldFinder, "plan", lambda *_: None)
        rejected, rows = [], []
        try:
            for batch in read([path], on_reject=rejected.append, **options):
                rows += batch.to_pylist()
        except SourceError as error:  # every record was rejected
            rejected.append(str(error))
    return rows, rejected


def same_both_ways(path, **options) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        columns = told(path, monkeypatch, one_by_one=False, **options)
        assert columns == told(path, monkeypatch, one_by_one=True, **options)


@given(
    st.lists(st.tuples(RECORDS, st.booleans(), st.sampled_from(["", " ", "\r", "\t"])), max_size=12)
)
def test_records_of_all_kinds(tmp_path_factory, lines) -> None:
    path = tmp_path_factory.mktemp("lines") / "a.jsonl"
    path.write_text(
        "".join(json.dumps(record, ensure_ascii=plain) + end + "\n" for record, plain, end in lines),
        encoding="utf-8", errors="surrogatepass",
    )  # fmt: skip
    same_both_ways(path)


@given(st.randoms(use_true_random=False), st.integers(1, 8))
def test_broken_lines(tmp_path_factory, rng: random.Random, changes: int) -> None:
    records = [
        {"id": f"a{n % 7}", "text": f'Round {n} of talks \u00e9 ended\nin "Oslo".', "date": "2025-05-06T07:08:09Z",
         "title": f"Talks {n}", "tags": [1, -2.5e3, {"a": None}], "lang": "en"}
        for n in range(9)
    ]  # fmt: skip
    data = bytearray("\n".join(json.dumps(r, ensure_ascii=False) for r in records).encode())
    for _ in range(changes):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(2)] = rng.choice(
            [
                b"",
                bytes([rng.randrange(256)]),
                b"\\",
                b'"',
                b"{",
                b"}",
                b",",
                b"\n",
                b"\\u12",
                b"NaN",
                b"\xed\xa0\x80",
                b"\xc0\x80",
                b"0",
            ]
        )
    path = tmp_path_factory.mktemp("broken") / "a.jsonl"
    path.write_bytes(data)
    same_both_ways(path)
    same_both_ways(path, batch_bytes=300)


CELLS = st.fixed_dictionaries({name: st.one_of(TEXTS, st.none()) for name in NAMES[:7]})


@given(st.lists(CELLS, max_size=8), st.sampled_from(["", "a,b\n", '"open\n', "\xff\n"]))
def test_tables_of_text(tmp_path_factory, records, broken: str) -> None:
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        table = csv.DictWriter(file, NAMES[:7])
        table.writeheader()
        table.writerows(records[:4])
        file.write(broken)
        table.writerows(records[4:])
    same_both_ways(path)


KINDS = [
    {"id": pa.int64()}, {"date": pa.timestamp("ns")}, {"date": pa.timestamp("s", "Europe/Oslo")},
    {"text": pa.binary()}, {"title": pa.dictionary(pa.int32(), pa.string())}, {"id": pa.float64()},
    {"date": pa.date32()}, {"text": pa.large_string()}, {},
]  # fmt: skip


@given(st.lists(CELLS, min_size=1, max_size=8), st.sampled_from(KINDS), st.integers(0, 4 * 10**9))
def test_columns_of_a_parquet_file(tmp_path_factory, records, kinds, number: int) -> None:
    def cell(name: str, value: str | None) -> object:
        kind = kinds.get(name, pa.string())
        if value is None or (name == "id" and number % 7 == 0 and kinds.get("id")):
            return None
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            return datetime.fromtimestamp(number + len(value), UTC)
        if pa.types.is_integer(kind) or pa.types.is_floating(kind):
            return number + len(value)
        return (
            value.encode("utf-8", "replace")
            if pa.types.is_binary(kind)
            else without_surrogates(value)
        )

    columns = {
        name: pa.array(
            [cell(name, record[name]) for record in records], kinds.get(name, pa.string())
        )
        for name in NAMES[:7]
    }
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    pq.write_table(pa.table(columns), path)
    same_both_ways(path)


def test_a_file_of_several_blocks(tmp_path) -> None:
    rng = random.Random(1)
    path = tmp_path / "a.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for n in range(4000):
            record = {
                "id": rng.choice([n, str(n), f"x{n % 900}"]),
                "text": "word " * rng.randrange(1, 400),
            }
            if n % 50 == 0:
                record = {"headline": "Other", **record}
            file.write(json.dumps(record) + "\n" * rng.choice([1, 1, 1, 2]))
    same_both_ways(path)
    assert len(Result(path).batches) > 1


def test_most_lines_of_a_usual_file_are_read_in_columns(tmp_path, monkeypatch) -> None:
    path = tmp_path / "a.jsonl"
    records = [
        {"id": n, "title": f"Title {n}", "text": f"Text {n} of A & B.", "date": "2025-05-06"}
        for n in range(50)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    single = []
    row = FieldFinder.row
    monkeypatch.setattr(
        FieldFinder, "row", lambda self, record: single.append(record) or row(self, record)
    )
    assert len(Result(path).articles) == 50
    assert len(single) == 1
