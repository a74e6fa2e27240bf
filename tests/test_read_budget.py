"""A few kilobytes from a stranger cost seconds and megabytes, whatever they unpack to."""

from __future__ import annotations

import gzip
import io
import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result, article, json_lines, written

from dedupe.caches import LONGEST, short_cache
from dedupe.config import Limits
from dedupe.errors import SettingError, SourceError
from dedupe.read.budget import (
    FREE_BYTES,
    LINE_BYTES,
    PastLimitError,
    check_tags,
    check_values,
)
from dedupe.read.content import Content
from dedupe.read.elements import Elements
from dedupe.read.table import _Lines, read_csv
from dedupe.text import compose

MEGABYTE = 1 << 20
SECONDS, MEGABYTES = 15, 600
"""What one file may cost: processor time with room for a slow machine, memory as is documented."""


def packed(*parts: bytes) -> bytes:
    with io.BytesIO() as out:
        with gzip.GzipFile(fileobj=out, mode="wb", compresslevel=6) as archive:
            for part in parts:
                archive.write(part)
        return out.getvalue()


def table(**columns: object) -> bytes:
    with io.BytesIO() as out:
        pq.write_table(pa.table(columns), out, compression="zstd", store_schema=False)
        return out.getvalue()


def one_text_in_every_row(size: int) -> bytes:
    every = pa.array([0] * 1024, pa.int32())
    text = pa.DictionaryArray.from_arrays(every, pa.array(["x " * size]))
    return table(id=[str(n) for n in range(1024)], text=text)


def one_list_of_texts(size: int) -> bytes:
    every = pa.array(np.zeros(size, np.int32))
    texts = pa.DictionaryArray.from_arrays(every, pa.array(["x"]))
    return table(id=["1"], text=pa.ListArray.from_arrays([0, size], texts))


def record(**fields: object) -> bytes:
    return json.dumps({"id": "1", "text": "Some words.", **fields}, ensure_ascii=False).encode()


ATTACKS: dict[str, Callable[[], bytes]] = {
    "brackets.jsonl.gz": lambda: packed(*[b"[" * MEGABYTE] * 240),
    "nested.json.gz": lambda: packed(*[b"[" * MEGABYTE] * 100, *[b"]" * MEGABYTE] * 100),
    "objects.jsonl.gz": lambda: packed(b'{"text":"x","z":[', *[b"{}," * 350_000] * 100, b"1]}"),
    "numbers.json.gz": lambda: packed(b"[", *[b"1," * 500_000] * 400, b"1]"),
    "array.json.gz": lambda: packed(b"[", *[b'{"text":"a b c"},' * 60_000] * 300, b"1]"),
    "lines.jsonl.gz": lambda: packed(*[b'{"text":"a"}\n' * 80_000] * 300),
    "page.html.gz": lambda: packed(b"<html><body>", *[b"<p>word " * 131_072] * 43),
    "text.txt.gz": lambda: packed(*[b"word " * 209_715] * 400),
    "feed.xml.gz": lambda: packed(b"<rss>", *[b"<item><title>a</title></item>" * 40_000] * 40),
    "quote.csv.gz": lambda: packed(b'id,text\n1,"abc\n', *[b"2,some words\n" * 80_000] * 80),
    "rows.csv.gz": lambda: packed(b"id,text\n", *[b",\n" * 524_288] * 200),
    "comment.jsonl": lambda: record(text="<p>x</p><!-- " + "a<!-- " * 150_000),
    "tags.jsonl": lambda: record(content_html="<a " * 300_000),
    "comments.bin": lambda: b"<!-- a -->\n" * 40 + b"x",
    "html.html": lambda: b"<html " * 150_000,
    "language.html": lambda: b"<html><p>Words of a page.</p>" + b"<html " * 50_000,
    "tags.html": lambda: b"<html><body>" + b"<p>word " * 59_000,
    "attributes.xml": lambda: b"<rss><item " + b" ".join(b'a%d="1"' % n for n in range(60_000)),
    "tags.xml": lambda: b"<rss><channel>" + b"<item><title>a</title></item>" * 14_000,
    "quotes.csv": lambda: b"id,text,a\n" + b'a",,"abc\n1,x,y\n' * 60_000,
    "broken.csv": lambda: b"id,text\n" + b'1,"abc\n2,x\n' * 60_000,
    "escaped.csv": lambda: b'id,text\n0,"a \\" b"\n' + b'1,"abc\\\n' * 90_000,
    "columns.csv": lambda: b"id,text" + b",id" * 200_000,
    "names.jsonl": lambda: (
        b'{"text":"x",' + b",".join(b'"k%d":1' % n for n in range(80_000)) + b"}"
    ),
    "braces.jsonl": lambda: b"{\n" * 500_000,
    "versions.jsonl": lambda: b"".join(
        b'{"id":"%d","text":"a","date":"20%02d-01-01"}\n' % (n % 3000, n // 3000 + 10)
        for n in range(20_000)
    ),
    "ones.jsonl.gz": lambda: packed(*[b"1\n" * 500_000] * 20),
    "date.jsonl": lambda: record(date="2024-01-01" + " " * 900_000 + "x"),
    "title.jsonl": lambda: record(title="a" + " " * 900_000 + "x", source="x"),
    "marks.jsonl": lambda: record(text="a" + "\u0301\u0323" * 200_000),
    "deep.jsonl": lambda: b'{"a":' * 1_000 + b"[" * 150_000,
    "deep.json": lambda: b"[" + b'\n{"a":[' * 120_000,
    "dictionary.parquet": lambda: one_text_in_every_row(500_000),
    "dictionary5.parquet": lambda: one_text_in_every_row(2_500_000),
    "nulls.parquet": lambda: table(
        id=pa.nulls(30_000_000, pa.string()), text=pa.nulls(30_000_000, pa.string())
    ),
    "list.parquet": lambda: one_list_of_texts(50_000_000),
}


@pytest.mark.timed
@pytest.mark.skipif(sys.platform != "linux", reason="memory is counted in kilobytes on Linux alone")
@pytest.mark.parametrize("name", ATTACKS)
def test_a_small_file_costs_little(tmp_path: Path, name: str) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("feedparser")
    data = ATTACKS[name]()
    assert len(data) < MEGABYTE
    script = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_CPU, ({SECONDS}, {SECONDS + 1}))\n"
        "from dedupe.errors import DedupeError\n"
        "from dedupe.read import read\n"
        "try:\n"
        "    found = sum(len(batch) for batch in read([sys.argv[1]], on_reject=lambda _: None))\n"
        "except DedupeError as error:\n"
        "    found = str(error)\n"
        # Not ru_maxrss, which begins with what the process that started this one held.
        "peak = open('/proc/self/status').read().partition('VmHWM:')[2].split()[0]\n"
        "print(int(peak) >> 10, found)\n"
    )
    path = written(tmp_path, name, data)
    done = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-500:]
    assert int(done.stdout.split()[0]) < MEGABYTES


REACHED: list[tuple[str, str, Limits, bytes]] = [
    ("unpacked_ratio", "a.jsonl.gz", Limits(unpacked_ratio=1), packed(b'{"text":"a"}\n' * 3_000_000)),
    ("record_bytes", "a.jsonl", Limits(record_bytes=1024), record(text="x" * 2000)),
    ("record_bytes", "a.csv", Limits(record_bytes=1024), b"id,text\n1," + b"x" * 2000),
    ("record_bytes", "b.csv", Limits(record_bytes=1024), b'id,text\n1,"' + b"x\n" * 2000 + b'"'),
    ("document_bytes", "a.txt", Limits(document_bytes=1024), b"x" * 2000),
    ("document_bytes", "a.html", Limits(document_bytes=1024), b"<p>" + b"x" * 2000),
    ("values", "a.jsonl", Limits(values=50), record(more=list(range(60)))),
    ("values", "a.json", Limits(values=50), b"{\n" + record(more=list(range(60)))[1:]),
    ("tags", "a.html", Limits(tags=9), b"<html><body>" + b"<p>x</p>" * 9),
    ("tags", "a.rss", Limits(tags=9), b"<rss><channel>" + b"<item></item>" * 9),
    ("columns", "a.csv", Limits(columns=3), b"id,text,a,b\n1,x,,\n"),
    ("columns", "a.parquet", Limits(columns=3), table(id=["1"], text=["x"], a=["y"], b=["z"])),
    ("field_chars", "a.jsonl", Limits(field_chars=64), record(id="x" * 65)),
    ("field_chars", "b.jsonl", Limits(field_chars=64), record(url="http://x/" + "x" * 65) * 2),
]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "name", "limits", "data"), REACHED, ids=[f"{r[0]}-{r[1]}" for r in REACHED]
)
def test_what_is_past_a_limit_is_told_with_its_name_and_how_to_raise_it(
    tmp_path: Path, limit: str, name: str, limits: Limits, data: bytes
) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("feedparser")
    told = f"(limit {limit}; raise it with --limit {limit}="
    written(tmp_path, f"in/{name}", data)
    reasons = [reason for _, reason in Result(tmp_path / "in", limits=limits).reasons]
    assert any(told in reason for reason in reasons), reasons


def test_every_limit_is_reached_by_a_test() -> None:
    fetched = {"fetched_bytes", "fetched_seconds"}  # these in the tests of addresses
    assert {limit for limit, *_ in REACHED} | fetched == set(Limits.__dataclass_fields__)


def test_the_way_to_raise_a_limit_works(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", record(more=list(range(60))))
    assert Result(path, limits=Limits(values=50)).ids == []
    assert Result(path, limits=Limits(values=100)).ids == ["1"]
    with pytest.raises(SettingError, match="no limit is called 'line_bytes'; known: columns"):
        Limits().changed({"line_bytes": 3})
    with pytest.raises(SettingError, match="tags must lie between 1 and"):
        Limits(tags=0)


def test_commas_and_brackets_in_texts_are_no_values() -> None:
    check_values(b'{"text": "' + b"[{,:" * 500 + b'\\", [ "}', Limits(values=10))
    with pytest.raises(PastLimitError, match="more than 10 values"):
        check_values(b'{"text": [' + b"1," * 500 + b"2]}", Limits(values=10))


def test_a_tag_may_have_hundreds_of_attributes_but_not_thousands() -> None:
    attributes = b" ".join(b'a%d="<"' % n for n in range(2000)).replace(b"<", b">")
    assert check_tags(b"<p " + attributes, Limits(), "a page").startswith("a tag in a page has")
    assert not check_tags(b"<p " + b'a="b" ' * 500 + b">" + b'x="y" ' * 5000, Limits(), "a page")


@given(
    st.text(st.sampled_from("ae\u0301\u0323\u0344\u0f73\u0fb7=\u2260\ud55c\u3099 "), max_size=300)
)
def test_long_rows_of_marks_are_composed_as_by_unicodedata(text: str) -> None:
    whole = text + "\u2260" * 40 + text.replace("a", "\u0345")
    assert compose(whole) == unicodedata.normalize("NFC", whole)


def elements(data: bytes, block: int, limits: Limits | None = None) -> Elements:
    blocks = (data[at : at + block] for at in range(0, len(data), block))
    return Elements(blocks, limits or Limits())


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
)


@given(st.lists(_JSON, min_size=1), st.integers(1, 9), st.sampled_from([None, 1]))
def test_an_array_is_parted_into_its_elements(
    values: list[object], block: int, indent: int | None
) -> None:
    data = json.dumps(values, indent=indent, ensure_ascii=False).encode()
    found = list(elements(data, block))
    assert [json.loads(element.data) for element in found] == values
    assert not any(element.past or element.unended or element.broken for element in found)


@given(st.lists(_JSON, min_size=1), st.integers(1, 9), st.data())
def test_an_array_cut_off_is_told_as_such(
    values: list[object], block: int, data: st.DataObject
) -> None:
    whole = json.dumps(values).encode()
    cut = data.draw(st.integers(1, len(whole) - 1))
    *before, last = elements(whole[:cut], block)
    assert last.unended
    assert [json.loads(element.data) for element in before] == values[: len(before)]


def test_an_element_past_a_limit_costs_itself_alone() -> None:
    long = b'{"a": "' + b"x" * 3000 + b'"}'
    found = list(elements(b"[1, %b, 2]" % long, 100, Limits(record_bytes=1024)))
    assert [element.past for element in found] == [False, True, False]
    assert (found[1].data, found[2].data) == (b" " + long[:1023], b" 2")


def array(count: int, **more: object) -> bytes:
    return json.dumps([article(n, **more) for n in range(count)]).encode()


def test_a_long_array_gives_the_articles_that_a_short_one_gives(tmp_path: Path) -> None:
    path = written(tmp_path, "a.json", array(40))
    short, long = Result(path), Result(path, limits=Limits(document_bytes=1024))
    assert long.articles == short.articles
    assert long.ids == [f"a{n}" for n in range(40)]
    packed_path = written(tmp_path, "b.json.gz", gzip.compress(array(40)))
    assert Result(packed_path, limits=Limits(values=100)).articles == short.articles


def test_a_broken_element_of_a_long_array_costs_itself_alone(tmp_path: Path) -> None:
    data = array(40).replace(b'"a7"', b'"a7').replace(b'"a9"', b"a9")
    whole = Result(written(tmp_path, "a.json", data))
    found = Result(written(tmp_path, "b.json", data), limits=Limits(document_bytes=1024))
    assert len(found.articles) == len(whole.articles)
    broken = written(tmp_path, "c.json", array(40)[:-30])
    result = Result(broken, limits=Limits(document_bytes=1024))
    assert len(result.articles) == 39
    [(_, reason)] = result.reasons
    assert reason.startswith("broken JSON:")
    more = written(tmp_path, "d.json", array(40) + b" [")
    result = Result(more, limits=Limits(document_bytes=1024))
    assert len(result.articles) == 40
    assert result.reasons == [(41, "broken JSON: unexpected content after document")]


def test_articles_before_the_limit_of_an_archive_are_kept(tmp_path: Path) -> None:
    lines = b"".join(record(id=str(n), text=f"{n} " * 3000) + b"\n" for n in range(4000))
    path = written(tmp_path, "a.jsonl.gz", gzip.compress(lines, 1))
    result = Result(path, limits=Limits(unpacked_ratio=1))
    assert 0 < len(result.articles) < 4000
    [(_, reason)] = result.reasons
    assert "it unpacks to more than 1 times its size" in reason
    assert len(Result(path, limits=Limits(unpacked_ratio=1000)).articles) == 4000


def test_a_pipe_of_parquet_may_be_of_any_size(tmp_path: Path) -> None:
    rows = {"id": [str(n) for n in range(99)], "text": [os.urandom(500).hex() for _ in range(99)]}
    path = written(tmp_path, "a.parquet.gz", gzip.compress(table(**rows)))
    assert len(Result(path, limits=Limits(document_bytes=1024)).articles) == 99


def test_a_quote_left_open_costs_one_row_as_often_as_it_comes(tmp_path: Path) -> None:
    good = [b"%d,some words,y" % n for n in range(3000)]
    lines = [line for n, row in enumerate(good) for line in (b'a",,"abc%d' % n, row)]
    result = Result(written(tmp_path, "a.csv", b"\n".join([b"id,text,a", *lines])))
    assert len(result.articles) == 3000
    assert len(result.rejections) == 3000


def lines_read(rows: int, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many lines the reader of tables takes for so many rows, half with a quote left open."""
    count, real = 0, _Lines.__next__

    def counting(self: _Lines) -> str:
        nonlocal count
        count += 1
        return real(self)

    data = b"id,text,a\n" + b'a",,"abc\n1,x,y\n' * rows
    told = list[int]()
    with monkeypatch.context() as patched:
        patched.setattr(_Lines, "__next__", counting)
        content = Content(io.BytesIO(data), "a.csv")
        found = [*read_csv(content, lambda line, *_: told.append(line), lambda _: None)]
    assert (len(found), told) == (rows, [*range(2, 2 * rows + 1, 2)])
    return count


def test_each_line_behind_a_quote_left_open_is_read_again_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert lines_read(1000, monkeypatch) < 4.5 * lines_read(250, monkeypatch)


@pytest.mark.parametrize("line", [b"1\n", b"{}\n"])
def test_of_a_step_of_unpacking_no_more_lines_are_read_than_fit_the_ratio(
    tmp_path: Path, line: bytes
) -> None:
    result = Result(written(tmp_path, "a.jsonl.gz", packed(*[line * 500_000] * 3)))
    most = FREE_BYTES // (len(line) + LINE_BYTES)
    assert most <= len(result.rejections) <= most + 2
    assert "it unpacks to more than 50 times its size" in result.rejections[-1].reason


def test_of_an_array_in_one_line_the_elements_before_the_ratio_are_read(tmp_path: Path) -> None:
    data = packed(b"[", *[b'{"text":"a b c"},' * 60_000] * 40, b"1]")
    result = Result(written(tmp_path, "a.json.gz", data))
    most = FREE_BYTES // (len(b'{"text":"a b c"}') + LINE_BYTES)
    assert most - 2 <= len(result.articles) <= most
    [(_, reason)] = result.reasons
    assert "it unpacks to more than 50 times its size" in reason


def test_long_texts_are_not_kept_in_caches() -> None:
    asked: list[str] = []

    @short_cache(9)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    for text in ("a", "a", "b" * (LONGEST + 1), "b" * (LONGEST + 1)):
        assert length(text) == len(text)
    assert [len(text) for text in asked] == [1, LONGEST + 1, LONGEST + 1]


@pytest.fixture
def odd_folder(tmp_path: Path) -> Iterator[Path]:
    written(tmp_path, "in/a.jsonl", json_lines(article(1)))
    (tmp_path / "in/loop.jsonl").symlink_to("loop.jsonl")
    closed = tmp_path / "in/closed"
    closed.mkdir()
    closed.chmod(0)
    yield tmp_path / "in"
    closed.chmod(0o700)


def test_a_link_to_itself_and_a_closed_folder_are_told_and_the_rest_is_read(
    odd_folder: Path,
) -> None:
    result = Result(odd_folder)
    assert result.ids == ["a1"]
    told = {Path(r.source).name: r.reason for r in result.rejections}
    assert "levels of symbolic links" in told.pop("loop.jsonl")
    assert set(told) <= {"closed"}  # root may list it
    assert all("permission denied" in reason for reason in told.values())


def test_a_folder_may_be_as_deep_as_the_system_lets_it(tmp_path: Path) -> None:
    written(tmp_path, "in/z.jsonl", json_lines(article(1)))
    before, depth = os.open(".", os.O_RDONLY), 1200
    try:
        os.chdir(tmp_path / "in")
        for _ in range(depth):
            os.mkdir("deep")  # noqa: PTH102 - a path of all is longer than the system takes
            os.chdir("deep")
    finally:
        os.fchdir(before)
    try:
        result = Result(tmp_path / "in")
        assert result.ids == ["a1"]
        assert all("name too long" in rejection.reason for rejection in result.rejections)
    finally:  # pytest's own way to remove it is not made for such depths
        os.chdir(tmp_path / "in")
        for _ in range(depth):
            os.chdir("deep")
        for _ in range(depth):
            os.chdir("..")
            os.rmdir("deep")  # noqa: PTH106 - see above
        os.fchdir(before)
        os.close(before)


@pytest.mark.parametrize(
    "charset", ["idna", "punycode", "undefined", "unicode_escape", "zlib", "x"]
)
def test_a_page_in_an_encoding_that_is_none_is_read(tmp_path: Path, charset: str) -> None:
    pytest.importorskip("trafilatura")
    page = f"<html><meta charset={charset}><body><p>Caf\xe9 words for all of us.</p></body></html>"
    result = Result(written(tmp_path, "a.html", page.encode("latin-1")))
    assert "words for all" in result.texts[0]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv", "a.txt"])
def test_an_odd_byte_at_the_end_costs_a_record_at_most(
    tmp_path: Path, encoding: str, name: str
) -> None:
    text = {"a.csv": "id,text\na1,Some words.\n", "a.txt": "Some words."}.get(name)
    text = (
        text or f"[{json.dumps(article(1))}]"
        if name != "a.jsonl"
        else json.dumps(article(1)) + "\n"
    )
    result = Result(written(tmp_path, name, text.encode(encoding) + b"A"))
    assert len(result.articles) == 1


def test_feeds_that_the_parser_fails_on_are_refused_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feedparser = pytest.importorskip("feedparser")

    def failing(_: object) -> None:
        raise KeyError("content")

    monkeypatch.setattr(feedparser, "parse", failing)
    with pytest.raises(SourceError, match="broken feed: KeyError 'content'"):
        Result(written(tmp_path, "a.rss", b"<rss></rss>"))
