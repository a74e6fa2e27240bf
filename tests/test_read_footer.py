"""What a Parquet file says of its column chunks is read without pyarrow, which broken ones end."""

from __future__ import annotations

import io
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result, written

from dedupe.read.footer import Chunk, chunks_of, largest_page

TEXT = "The ferry Halcyon Star capsized in Orrin Sound on Saturday, and forty people were saved."
LISTS = [["x"], [], None]
HISTOGRAM = bytes((0x46, 2, 2, 0, 2))
"""Thrift of a list of four 64-bit integers, 1, 1, 0 and 1: how often ``LISTS`` has each level."""
SHORTER = bytes((0x36, 0x82, 0, 2, 2))
"""One of three, the first of which is written in two bytes: as long, and valid Thrift."""


def parquet(columns: dict[str, object], **options: object) -> bytes:
    with io.BytesIO() as out:
        pq.write_table(pa.table(columns), out, **options)
        return out.getvalue()


def broken(**columns: object) -> bytes:
    """A file whose column of LISTS, in its first row group, has a histogram of too few levels."""
    data = parquet(columns, row_group_size=3)
    if HISTOGRAM not in data:
        pytest.skip("this pyarrow writes no statistics of sizes")
    return data.replace(HISTOGRAM, SHORTER, 1)


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """In a process of its own, so that its end by a signal is seen."""
    return subprocess.run(
        [sys.executable, "-m", "dedupe", *command], capture_output=True, text=True, check=False
    )


def test_pyarrow_does_end_where_it_is_asked_for_such_a_chunk(tmp_path: Path) -> None:
    """Once it no longer does, this module may go."""
    path = written(tmp_path, "a.parquet", broken(n=LISTS))
    script = (
        "import sys, pyarrow.parquet as pq; pq.read_metadata(sys.argv[1]).row_group(0).column(0)"
    )
    done = subprocess.run([sys.executable, "-c", script, path], capture_output=True, check=False)
    assert done.returncode != 0
    assert b"histogram size mismatch" in done.stderr


def test_a_broken_chunk_of_a_column_that_is_not_read_costs_nothing(tmp_path: Path) -> None:
    path = written(tmp_path, "a.parquet", broken(n=LISTS, id=["1", "2", "3"], text=[TEXT] * 3))
    done = run("group", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 3


def test_a_broken_chunk_of_a_column_that_is_read_costs_its_row_group(tmp_path: Path) -> None:
    ids = [str(n) for n in range(6)]
    path = written(tmp_path, "a.parquet", broken(id=ids, text=[*LISTS, [TEXT], [TEXT], [TEXT]]))
    done = run("group", path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 3
    assert "rows 1 to 3 cannot be read" in done.stderr
    assert "histogram size mismatch" in done.stderr


def test_rows_are_kept_of_a_file_whose_first_chunk_is_broken(tmp_path: Path) -> None:
    ids = [str(n) for n in range(6)]
    lists = [*LISTS, [TEXT], [TEXT + " Ten were not."], ["Another ferry."]]
    path, out = written(tmp_path, "a.parquet", broken(text=lists, id=ids)), tmp_path / "o.parquet"
    done = run("keep", path, "--output", out)
    assert done.returncode == 0, done.stderr
    assert set(pq.read_table(out)["id"].to_pylist()) <= {"3", "4", "5"}


@pytest.mark.parametrize("codec", ["NONE", "SNAPPY", "GZIP", "BROTLI", "LZ4", "ZSTD"])
def test_chunks_are_what_pyarrow_says_of_a_sound_file(codec: str) -> None:
    columns = {
        "id": [str(n) for n in range(100)],
        "list": [["a", "b", None], [], None, ["c"]] * 25,
        "inner": [{"a": n, "b": [n > 50, None]} for n in range(100)],
        "flag": [True, None] * 50,
        "number": [0.5] * 100,
    }
    options = {"write_page_index": True, "row_group_size": 7, "compression": codec}
    data = parquet(columns, **options)
    meta = pq.read_metadata(io.BytesIO(data))
    groups = [meta.row_group(n) for n in range(meta.num_row_groups)]
    said = [group.column(n) for group in groups for n in range(meta.num_columns)]
    found = list(chunks_of(io.BytesIO(data)))
    assert [(c.values, c.size) for c in found] == [
        (c.num_values, c.total_uncompressed_size) for c in said
    ]
    assert {c.codec.replace("NONE", "UNCOMPRESSED") for c in found} == {c.compression for c in said}


@given(st.data())
def test_any_footer_ends_in_chunks_or_a_value_error(data: st.DataObject) -> None:
    sound = parquet({"id": ["1", "2"], "n": [["x"], None]})
    at = data.draw(st.integers(0, len(sound) - 1))
    spoilt = data.draw(st.binary(min_size=0, max_size=12))
    file = io.BytesIO(sound[:at] + spoilt + sound[at + len(spoilt) :])
    with suppress(ValueError):
        assert len(list(chunks_of(file))) <= len(sound)


def test_columns_that_are_not_read_do_not_count_against_the_size_of_the_file(
    tmp_path: Path,
) -> None:
    zeros = pa.array([b"\0" * 100_000] * 1000)
    columns = {"id": [str(n) for n in range(1000)], "text": [TEXT] * 1000, "image": zeros}
    data = parquet(columns, use_dictionary=["text"], compression="zstd")
    assert len(data) * 50 < zeros.nbytes
    assert len(Result(written(tmp_path, "a.parquet", data)).articles) == 1000


DICTIONARY_OF_THREE = bytes((0x4C, 0x15, 6))
"""Thrift of the beginning of a dictionary's header: three values."""
TWO_BILLION = bytes((0x4C, 0x15, 0xFE, 0xFF, 0xFF, 0xFF, 0x0F))


@pytest.mark.parametrize("pages", ["1.0", "2.0"])
@pytest.mark.parametrize("dictionary", [True, False])
def test_pages_are_as_large_as_their_chunk_at_most(pages: str, dictionary: bool) -> None:
    columns = {"text": [f"{TEXT} {n}" for n in range(5000)], "n": [[n] for n in range(5000)]}
    how = {"data_page_version": pages, "use_dictionary": dictionary, "data_page_size": 4000}
    file = io.BytesIO(parquet(columns, **how))
    for chunk in chunks_of(file):
        assert 0 < largest_page(file, chunk) <= chunk.size


def test_a_dictionary_that_claims_more_values_than_its_bytes_can_hold_is_not_read(
    tmp_path: Path,
) -> None:
    """Pyarrow would ask for sixteen bytes for each of them, before it reads any."""
    data = parquet({"id": ["1", "2", "3"], "text": [TEXT, "x", "y"]}, compression="none")
    assert data.count(DICTIONARY_OF_THREE) == 2
    path = written(tmp_path, "a.parquet", data.replace(DICTIONARY_OF_THREE, TWO_BILLION, 1))
    result = Result(path)
    [(line, reason)] = result.reasons
    assert line == 1
    told = "rows 1 to 3 cannot be read: a page cannot have as many values as its header says"
    assert reason == told


@given(st.integers(4, 300), st.binary(min_size=1, max_size=6))
def test_pages_that_were_changed_are_sized_or_told_to_be_broken(at: int, other: bytes) -> None:
    data = parquet({"id": ["1", "2", "3"], "text": [TEXT, "x", "y"]}, compression="none")
    chunks = [*chunks_of(io.BytesIO(data))]
    file = io.BytesIO(data[:at] + other + data[at + len(other) :])
    for chunk in chunks:
        with suppress(ValueError):
            assert largest_page(file, chunk) >= 0


def test_headers_of_pages_without_a_size_are_not_gone_through_byte_by_byte() -> None:
    file = io.BytesIO(bytes(1 << 20))
    with pytest.raises(ValueError, match="header of a page is broken"):
        largest_page(file, Chunk("text", 10**9, 0, 1 << 20, 0, 4))
    assert file.tell() <= 1 << 14
