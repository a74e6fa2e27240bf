"""Files of remote stores, by fsspec: here its store in memory, and stores that fail."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fsspec.implementations.memory import MemoryFileSystem
from read_harness import Result, article, json_lines
from test_read_web import run

import dedupe.read.remote
from dedupe.config import Limits
from dedupe.errors import MissingExtraError, SourceError
from dedupe.read import read
from dedupe.read.source import expand


@pytest.fixture
def store():
    found = fsspec.filesystem("memory")
    found.rm("/", recursive=True) if found.ls("/") else None
    yield found
    found.store.clear()
    found.pseudo_dirs[:] = [""]


def put(store, path: str, data: bytes) -> str:
    store.pipe(f"/{path}", data)
    return f"memory://{path}"


def parquet(*numbers: int) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([article(n) for n in numbers]), out, row_group_size=1)
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.jsonl", json_lines(article(1), article(2))),
        ("a.jsonl.gz", gzip.compress(json_lines(article(1), article(2)), mtime=0)),
        ("a.parquet", parquet(1, 2)),
        ("a", json_lines(article(1), article(2))),
    ],
)
def test_a_file_of_a_store_is_read_as_one_of_a_disk(store, name, data) -> None:
    url = put(store, f"b/{name}", data)
    result = Result(url)
    assert (result.ids, result.rejections) == (["a1", "a2"], [])
    assert expand([url])[0].size == len(data)


def tree(store, folder: Path) -> None:
    """The same files in the store and on the disk."""
    names = ["b/2.jsonl", "b/10.jsonl", "b-c/1.jsonl", "a.jsonl", ".hidden/x.jsonl", "b/.x.jsonl",
             "c.png", "b/d/e.txt", "z.jsonl.gz"]  # fmt: skip
    for n, name in enumerate(names):
        text = b"Words of a text file.\n" if name.endswith("txt") else json_lines(article(n))
        data = gzip.compress(text) if name.endswith("gz") else text
        put(store, f"news/{name}", data)
        path = folder / "news" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


@pytest.mark.parametrize("pattern", ["news", "news/", "news/*", "news/b*", "news/**/*.jsonl", "n*"])
def test_a_folder_and_a_glob_are_read_as_on_a_disk(store, tmp_path, monkeypatch, pattern) -> None:
    tree(store, tmp_path)
    monkeypatch.chdir(tmp_path)
    here, there = Result(pattern), Result(f"memory://{pattern}")
    assert here.articles
    assert there.ids == here.ids
    assert [
        (r.source.removeprefix("memory://"), r.reason.replace("memory://", ""))
        for r in there.rejections
    ] == [(r.source, r.reason) for r in here.rejections]


def test_what_is_new_in_a_folder_is_seen(store) -> None:
    put(store, "f/a.jsonl", json_lines(article(1)))
    assert len(expand(["memory://f/"])) == 1
    put(store, "f/b.jsonl", json_lines(article(2)))
    assert len(expand(["memory://f/", "memory://f/b.jsonl"])) == 2


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("memory://b/none.jsonl", "memory://b/none.jsonl: no such file or folder"),
        ("memory://b/*.jsonl", r"memory://b/\*.jsonl: no file matches"),
        ("memory://empty", "memory://empty: the folder contains no files"),
        ("memory://pictures/", "memory://pictures/: its one file is not of a known kind"),
        ("foo://b/a", "foo://b/a: no addresses of the kind foo: are known"),
        ("zip://a.jsonl::memory://a.zip", "addresses in chains are not read"),
    ],
)
def test_what_is_not_there_is_told_before_anything_is_read(store, url, reason) -> None:
    store.mkdir("/empty")
    put(store, "pictures/1.png", b"\x89PNG")
    with pytest.raises(SourceError, match=reason):
        read([url])


@pytest.mark.parametrize(
    ("url", "missing", "told"),
    [
        ("s3://b/a.jsonl", "s3fs", r"needs the package s3fs: pip install 'story-dedupe\[s3\]'"),
        ("gs://b/a.jsonl", "gcsfs", r"needs the package gcsfs: pip install 'story-dedupe\[gs\]'"),
        ("s3://b/a.jsonl", "fsspec", r"needs the package s3fs: pip install 'story-dedupe\[s3\]'"),
        ("memory://a", "fsspec", r"needs the package fsspec: pip install 'story-dedupe\[remote\]'"),
    ],
)
def test_the_extra_that_is_missing_is_named(monkeypatch, capsysbinary, url, missing, told) -> None:
    monkeypatch.setattr(
        dedupe.read.remote, "find_spec", lambda name: None if name == missing else sys
    )
    with pytest.raises(MissingExtraError, match=f"reading {url} {told}"):
        read([url])
    assert run(capsysbinary, "report", url)[0] == 2


def test_a_package_that_we_have_no_extra_for_is_named(monkeypatch) -> None:
    def lacking(_):
        raise ImportError("Install adlfs to access Azure Datalake Gen2")

    monkeypatch.setattr(fsspec, "url_to_fs", lacking)
    with pytest.raises(SourceError, match="az://b/a: Install adlfs to access"):
        read(["az://b/a"])


class Failing(MemoryFileSystem):
    """A store that fails in the way that it is told to."""

    cachable = False
    listing: Exception | None = None
    opening: Exception | None = None
    reading: Exception | None = None

    def info(self, path, **more):
        if self.listing:
            raise self.listing
        return super().info(path, **more)

    def open(self, path, *given, **more):
        if self.opening:
            raise self.opening
        file = io.BytesIO(self.cat(path))
        if self.reading:

            def read(_=-1):
                raise self.reading

            file.read = read  # an instance of ours, see Unread
        return file


class Unread(io.BytesIO):
    """So that its reading can be set."""


@pytest.mark.parametrize("stage", ["listing", "opening", "reading"])
@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (PermissionError("Access Denied"), "no permission to read it"),
        (
            Exception("Unable to locate credentials"),
            "credentials; set credentials in the environment",
        ),
        (ValueError("see https://me:geheim@h.example/b?sig=geheim now"), "see https://h.example/b"),
        (OSError("Connection reset"), "cannot be read: Connection reset"),
        (KeyError("geht"), "cannot be read: KeyError 'geht'"),
        (TimeoutError(), "cannot be read: TimeoutError"),
    ],
)
def test_what_a_store_fails_with_is_told_in_one_line(
    store, monkeypatch, stage, error, reason
) -> None:
    monkeypatch.setattr("io.BytesIO", Unread)
    put(store, "b/a.jsonl", json_lines(article(1)))
    failing = Failing()
    setattr(failing, stage, error)
    monkeypatch.setattr(fsspec, "url_to_fs", lambda _: (failing, "/b/a.jsonl"))
    with pytest.raises(SourceError) as caught:
        list(read(["memory://b/a.jsonl"]))
    told = str(caught.value)
    assert told.startswith("memory://b/a.jsonl: ")
    assert reason in told
    assert "geheim" not in told
    assert "\n" not in told


def test_a_file_in_a_folder_that_cannot_be_opened_costs_itself_alone(store, monkeypatch) -> None:
    put(store, "f/a.jsonl", json_lines(article(1)))
    put(store, "f/b.jsonl", json_lines(article(2)))
    opened = MemoryFileSystem.open

    def refusing(self, path, *given, **more):
        if path.endswith("a.jsonl"):
            raise PermissionError("Forbidden")
        return opened(self, path, *given, **more)

    monkeypatch.setattr(MemoryFileSystem, "open", refusing)
    result = Result("memory://f/")
    assert result.ids == ["a2"]
    assert result.rejections[0].source == "memory://f/a.jsonl"


def test_no_more_than_the_limit_is_read(store) -> None:
    url = put(store, "a.jsonl", json_lines(*(article(n) for n in range(50))))
    with pytest.raises(SourceError, match="too large to be fetched"):
        Result(url, limits=Limits(fetched_bytes=1024))


def test_commands_take_stores(store, capsysbinary, tmp_path) -> None:
    url = put(store, "b/a.jsonl", json_lines(article(1), article(1, id="b1"), article(2)))
    put(store, "f/a.jsonl", json_lines(article(3)))
    folder = "memory://f/"
    code, out, _ = run(capsysbinary, "keep", url, folder)
    assert (code, out) == (0, json_lines(article(1), article(2), article(3)))
    code, out, _ = run(capsysbinary, "filter", url, "--index", str(tmp_path / "i"))
    assert (code, out.count(b"\n")) == (0, 2)
    code, _, err = run(capsysbinary, "filter", folder, "--index", str(tmp_path / "i"))
    assert (code, "a folder or a glob; name one file of it" in err) == (2, True)
    code, _, err = run(capsysbinary, "evaluate", "memory://*/")
    assert (code, "a folder or a glob; name one file of it" in err) == (2, True)


def test_a_file_that_is_named_twice_is_read_once(store) -> None:
    url = put(store, "a.jsonl", json_lines(article(1)))
    assert len(Result(url, "memory:///a.jsonl", "MEMORY://a.jsonl").articles) == 1
