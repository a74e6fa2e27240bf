"""Reading on several threads gives what reading on one does, and leaves no thread behind."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import threading
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import article, json_lines, written

from dedupe.errors import SourceError
from dedupe.read import parquet, read
from dedupe.read.ahead import Workers, in_turn, on_a_thread

FIELDS = ("id", "title", "text", "date", "source", "url", "lang")
VALUES = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "Fire & rescue", "a &amp; b", "<b>x</b>", "2025-05-06", "http://a.example/x", "a1", "a2"]),
    st.none(), st.integers(0, 9),
)  # fmt: skip
RECORDS = st.one_of(
    st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES)),
    st.dictionaries(st.sampled_from([*FIELDS, "body", "guid"]), VALUES, max_size=5),
)
NEVER = st.sampled_from([b"", b"{", b"nonsense", b'{"id": "x"', b"\xff\xfe", b" " * 90, b"[1, 2]"])


@pytest.fixture
def in_small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of a few records have many blocks, so that every record stands at a border."""
    for module in ("packed", "content", "json_lines", "table"):
        monkeypatch.setattr(f"dedupe.read.{module}.BLOCK", 90)
    monkeypatch.setattr("dedupe.read.packed.STEP", 40)
    monkeypatch.setattr("dedupe.read.packed._GZIP_STEP", 120)
    monkeypatch.setattr("dedupe.read.table._ROWS", 10)
    monkeypatch.setattr("dedupe.read.parquet._ROWS", 3)


def told(path, threads: int, **options) -> list[object]:
    """All that reading tells: articles batch by batch, rejections, notes, progress, errors."""
    heard: list[object] = []
    try:
        for batch in read(
            [path], threads=threads, batch_bytes=700, on_reject=heard.append, on_note=heard.append,
            on_progress=lambda *at: heard.append(at), **options,
        ):  # fmt: skip
            heard.append(batch.to_pylist())
    except SourceError as error:
        heard.append(str(error))
    return heard


def same_on_any_number(path, **options) -> None:
    alone = told(path, 1, **options)
    assert told(path, 2, **options) == alone
    assert told(path, 5, **options) == alone
    assert ours() == []


def ours() -> list[str]:
    """The threads of reading that run."""
    return [t.name for t in threading.enumerate() if t.name.startswith("dedupe-")]


@pytest.mark.usefixtures("in_small_parts")
@given(st.lists(st.tuples(RECORDS, NEVER), max_size=30), st.booleans())
def test_lines(tmp_path_factory, found, packed: bool) -> None:
    data = b"".join(json.dumps(r).encode() + b"\n" + (b + b"\n" if b else b"") for r, b in found)
    name = "a.jsonl.gz" if packed else "a.jsonl"
    path = tmp_path_factory.mktemp("lines") / name
    path.write_bytes(gzip.compress(data) if packed else data)
    same_on_any_number(path)


@pytest.mark.usefixtures("in_small_parts")
@given(st.randoms(use_true_random=False), st.integers(1, 6), st.booleans())
def test_broken_bytes(tmp_path_factory, rng: random.Random, changes: int, packed: bool) -> None:
    data = bytearray(json_lines(*(article(n % 25, date="2025-05-06T07:08:09Z") for n in range(30))))
    if packed:
        data = bytearray(gzip.compress(bytes(data[:900])) + gzip.compress(bytes(data[900:])))
    for _ in range(changes):
        at = rng.randrange(len(data))
        data[at : at + rng.randrange(3)] = rng.choice([b"", b"\n", b'"', b"{", b"\xff", b"\0"])
    path = tmp_path_factory.mktemp("broken") / ("a.jsonl.gz" if packed else "a.jsonl")
    path.write_bytes(data)
    same_on_any_number(path)


@pytest.mark.usefixtures("in_small_parts")
@given(
    st.lists(st.fixed_dictionaries(dict.fromkeys(FIELDS, VALUES)), max_size=45),
    st.lists(st.tuples(st.integers(0, 45), st.sampled_from(["a,b\n", '"open\n', "\udcff\n"]))),
)
def test_rows_of_a_table_of_text(tmp_path_factory, records, broken) -> None:
    out = io.StringIO()
    table = csv.DictWriter(out, FIELDS, lineterminator="\n")
    table.writeheader()
    for n, record in enumerate(records):
        out.write("".join(line for at, line in broken if at == n))
        table.writerow(record)
    path = tmp_path_factory.mktemp("tables") / "a.csv"
    path.write_text(out.getvalue(), encoding="utf-8", errors="surrogateescape", newline="")
    same_on_any_number(path)


@pytest.mark.usefixtures("in_small_parts")
@given(
    st.lists(
        st.fixed_dictionaries(dict.fromkeys(FIELDS, st.text(max_size=9))), min_size=1, max_size=30
    ),
    st.integers(1, 12),
    st.one_of(st.none(), st.integers(0, 4)),
)
def test_columns_of_parquet(tmp_path_factory, records, group: int, broken: int | None) -> None:
    path = tmp_path_factory.mktemp("parquet") / "a.parquet"
    kept = [{k: v.encode("utf-8", "replace").decode() for k, v in r.items()} for r in records]
    pq.write_table(pa.Table.from_pylist(kept), path, row_group_size=group)
    whole = parquet._Table._batches

    def cut_off(self, *asked):
        for n, batch in enumerate(whole(self, *asked)):
            if n == broken:
                raise OSError("a page cannot be read")
            yield batch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parquet._Table, "_batches", cut_off)
        same_on_any_number(path)


def test_a_large_file_packed_or_not(tmp_path) -> None:
    rng = random.Random(2)
    records = [article(rng.randrange(9000), text="word " * rng.randrange(400)) for _ in range(9000)]
    records[4000] = {"headline": "Other", "body": "Of another shape.", "id": 7}
    data = json_lines(*records)
    for name, made in (
        ("a.jsonl", data),
        ("a.jsonl.gz", gzip.compress(data, 1)),
        ("cut.jsonl.gz", gzip.compress(data, 1)[:-90_000]),
    ):
        path = written(tmp_path, name, made)
        alone = told(path, 1)
        assert told(path, 3) == alone
        assert len(alone) > 100


def many(number: int) -> bytes:
    """Lines of articles that cannot be packed to next to nothing."""
    rng = random.Random(3)
    return json_lines(*(article(n, text=rng.randbytes(800).hex(" ")) for n in range(number)))


def test_with_one_thread_there_is_no_other(tmp_path) -> None:
    data = many(3000)
    for name, made in (("a.jsonl", data), ("a.jsonl.gz", gzip.compress(data, 1))):
        path = written(tmp_path, name, made)
        assert not any(ours() for _ in read([path], threads=1))
        assert any(ours() for _ in read([path], threads=2))


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_reading_that_is_given_up_leaves_no_thread(tmp_path, name: str) -> None:
    data = many(5000)
    path = written(tmp_path, name, gzip.compress(data, 1) if name.endswith("gz") else data)
    batches = read([path], threads=3)
    next(batches)
    assert ours()
    batches.close()
    assert ours() == []
    with pytest.raises(ZeroDivisionError):
        for _ in read([path], threads=3, on_progress=lambda *_: 1 / 0):
            pass
    assert ours() == []


def test_what_comes_is_in_order_and_no_more_is_begun_than_may_be() -> None:
    workers, begun, most = Workers(3), [], 0

    def work(n: int) -> int:
        time.sleep(0.002 * (n % 3))
        return n * n

    def begin(n: int):
        begun.append(n)
        return workers.begin(lambda: work(n))

    for done, (n, square) in enumerate(in_turn(iter(range(20)), begin, lambda: workers.ahead)):
        assert (done, square()) == (n, n * n)
        most = max(most, len(begun) - done)
    assert most == 3
    workers.close()
    assert ours() == []


def test_an_error_comes_in_its_turn() -> None:
    def items():
        yield from range(4)
        raise OSError("gone")

    for source in (
        (n for n, _ in in_turn(items(), lambda n: n, lambda: 9)),
        on_a_thread(items()),
    ):
        assert [next(source) for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(OSError, match="gone"):
            next(source)
    assert ours() == []
