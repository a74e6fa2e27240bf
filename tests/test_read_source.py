"""Files, folders, globs, standard input, archives, progress: everything around the formats."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import logging
import lzma
import os
import sys
from functools import partial
from pathlib import Path

import pytest
from read_harness import Result, article, json_lines, written

import dedupe.read.formats
import dedupe.read.packed
from dedupe.config import Limits
from dedupe.errors import MissingExtraError, SourceError, UnknownFormatError
from dedupe.model import Rejection
from dedupe.read import FORMATS, read

LINES = json_lines(article(1), article(2))


def pipe_in(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("missing.jsonl", "missing.jsonl: no such file or folder"),
        ("missing*.jsonl", r"missing\*.jsonl: no file matches"),
        ("empty", "empty: the folder contains no files"),
        ("pictures", "pictures: none of its 2 files is of a known kind; see --format"),
        ("a.jsonl/b", "a.jsonl/b: not a directory"),
        ("nul\0byte", "no such file"),
    ],
)
def test_a_source_that_cannot_be_read_is_told_before_anything_is(
    tmp_path: Path, name: str, reason: str
) -> None:
    good = written(tmp_path, "a.jsonl", LINES)
    (tmp_path / "empty").mkdir()
    for n in range(2):
        written(tmp_path, f"pictures/{n}.png", b"\x89PNG")
    with pytest.raises(SourceError, match=reason) as caught:
        read([good, tmp_path / name])
    assert "\n" not in str(caught.value)


def test_no_sources_at_all_is_an_error() -> None:
    with pytest.raises(SourceError, match="no sources given"):
        read([])


def test_a_single_name_is_taken_for_a_list_of_one(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", LINES)
    assert sum(batch.num_rows for batch in read(str(path))) == 2
    assert sum(batch.num_rows for batch in read(path)) == 2  # type: ignore[arg-type]


def test_a_file_without_permission_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path, "a.jsonl", LINES)
    monkeypatch.setattr(os, "access", lambda *_, **__: False)  # root may read everything
    with pytest.raises(SourceError, match="no permission to read it"):
        read([path])


def test_a_file_that_vanishes_is_told_where_it_was_in_a_folder(tmp_path: Path) -> None:
    first, second = written(tmp_path, "a.jsonl", LINES), written(tmp_path, "b.txt", "Text.")
    rejections: list[Rejection] = []
    batches = read([tmp_path], on_reject=rejections.append)
    second.unlink()
    assert sum(batch.num_rows for batch in batches) == 2
    assert [(r.source, r.line, r.reason) for r in rejections] == [
        (str(second), 0, "no such file or directory")
    ]
    named = read([first])
    first.unlink()
    with pytest.raises(SourceError, match=r"a\.jsonl: no such file"):
        list(named)


def test_unknown_files_in_a_folder_are_each_rejected_once(tmp_path: Path) -> None:
    written(tmp_path, "a.jsonl", LINES)
    written(tmp_path, "b/README", "Hello")
    written(tmp_path, "photo.png", b"\x89PNG")
    result = Result(tmp_path)
    assert result.ids == ["a1", "a2"]
    assert [(Path(r.source).name, r.line) for r in result.rejections] == [
        ("README", 0),
        ("photo.png", 0),
    ]
    assert all(r.reason.startswith("unknown kind of file") for r in result.rejections)


def test_globs_are_expanded_in_sorted_order(tmp_path: Path) -> None:
    for n in (3, 1, 2):
        written(tmp_path, f"d{n}/x.jsonl", json_lines(article(n)))
    assert Result(tmp_path / "d*" / "*.jsonl").ids == ["a1", "a2", "a3"]
    assert Result(tmp_path / "**" / "*.jsonl").ids == ["a1", "a2", "a3"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(tmp_path: Path) -> None:
    assert Result(written(tmp_path, "a[1].jsonl", LINES)).ids == ["a1", "a2"]


def test_a_file_that_came_before_is_not_read_again(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", LINES)
    (tmp_path / "link.jsonl").symlink_to(path)
    result = Result(path, tmp_path, tmp_path / "*.jsonl")
    assert (result.ids, result.rejections) == (["a1", "a2"], [])


def test_a_circle_of_links_ends(tmp_path: Path) -> None:
    written(tmp_path, "a.jsonl", LINES)
    (tmp_path / "again").symlink_to(tmp_path, target_is_directory=True)
    assert Result(tmp_path).ids == ["a1", "a2"]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"text": "x"}\n', "x"),
        (b'\n\n[{"text": "x"}]', "x"),
        ('{"text": "ü"}\n'.encode("utf-16"), "ü"),
        (gzip.compress(b'{"text": "x"}\n', mtime=0), "x"),
        (b"<html><body><article><p>" + b"A crane fell in the harbour. " * 9, "A crane fell"),
        (
            b"<rss version='2.0'><channel><item><description>x</description></item></channel></rss>",
            "x",
        ),
    ],
)
def test_a_named_file_of_unknown_ending_is_known_by_its_beginning(
    tmp_path: Path, data: bytes, text: str
) -> None:
    pytest.importorskip("trafilatura")
    pytest.importorskip("feedparser")
    (read_text,) = Result(written(tmp_path, "dump.data", data)).texts
    assert read_text.startswith(text)


def test_a_named_file_of_unknown_kind_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path, "a.data", "Plain words.")
    with pytest.raises(UnknownFormatError, match=r"a\.data: unknown kind of file.*--format"):
        Result(path)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "is a picture: there is no text in it"),
        (bytes(range(256)) * 20, "is no text, and of no kind that is read"),
    ],
    ids=["picture", "bytes"],
)
def test_to_what_is_no_text_no_format_is_advised(tmp_path: Path, data: bytes, told: str) -> None:
    path = written(tmp_path, "a.data", data)
    with pytest.raises(UnknownFormatError, match=told) as error:
        Result(path)
    assert "--format" not in str(error.value)


@pytest.mark.parametrize("form", ["txt", "TXT"])
def test_the_format_can_be_forced(tmp_path: Path, form: str) -> None:
    path = written(tmp_path, "d/a.data", "Plain words.")
    assert Result(path, format=form).texts == ["Plain words."]
    assert Result(path.parent, format=form).texts == ["Plain words."]


def test_every_format_can_be_named_and_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", b"")
    for form in FORMATS:
        read([path], format=form)
    with pytest.raises(UnknownFormatError, match="no format is called 'docx'; known: json, csv"):
        read([path], format="docx")


def test_standard_input_is_read_as_json_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, LINES + b"broken\n")
    result = Result("-")
    assert result.ids == ["a1", "a2"]
    assert [(r.source, r.line) for r in result.rejections] == [("-", 3)]


def test_standard_input_of_another_kind_asks_for_its_format(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe_in(monkeypatch, b"id,text\n1,x\n")
    with pytest.raises(UnknownFormatError, match=r"standard input is not JSON Lines.*--format"):
        Result("-")
    pipe_in(monkeypatch, b"id,text\n1,x\n")
    assert Result("-", format="csv").texts == ["x"]


def test_empty_standard_input_is_no_article(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, b"")
    assert Result("-").articles == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_named_pipe_is_read_whole_however_it_is_filled(tmp_path: Path) -> None:
    import threading

    path = tmp_path / "pipe"
    os.mkfifo(path)

    def fill() -> None:
        with path.open("wb", buffering=0) as pipe:
            for n in range(50):
                pipe.write(json_lines(article(n, text="x" * 3000)))

    writer = threading.Thread(target=fill)
    writer.start()
    result = Result(path)
    writer.join()
    assert result.ids == [f"a{n}" for n in range(50)]


def compressed(kind: str, data: bytes) -> bytes:
    if kind in PACKED:
        return PACKED[kind](data)
    return bytes(pytest.importorskip("zstandard").compress(data))


PACKED = {
    "gz": gzip.compress,
    "bz2": partial(bz2.compress, compresslevel=1),  # small blocks, to be cut between
    "xz": lzma.compress,
}


@pytest.mark.parametrize("kind", [*PACKED, "zst"])
class TestCompressed:
    def test_compression_is_known_by_content_not_by_name(self, tmp_path: Path, kind: str) -> None:
        data = compressed(kind, LINES)
        for name in (f"a.jsonl.{kind}", "a.jsonl", "a", "a.jsonl.gz"):
            assert Result(written(tmp_path, name, data)).ids == ["a1", "a2"]

    def test_archives_in_a_row_are_one(self, tmp_path: Path, kind: str) -> None:
        parts = [compressed(kind, json_lines(article(n))) for n in range(3)]
        result = Result(written(tmp_path, f"a.jsonl.{kind}", b"".join(parts)))
        assert result.ids == ["a0", "a1", "a2"]
        assert not result.rejections

    def test_a_large_archive_is_read_whole(self, tmp_path: Path, kind: str) -> None:
        records = [article(n, text=f"{n * 7919} " * 400) for n in range(2000)]
        data = compressed(kind, json_lines(*records))
        assert len(Result(written(tmp_path, f"a.jsonl.{kind}", data)).ids) == 2000

    def test_an_archive_cut_off_gives_all_whole_lines_and_says_where_it_ends(
        self, tmp_path: Path, kind: str
    ) -> None:
        records = [article(n, text=f"{n * 7919 % 104729} ".rjust(40)) for n in range(20_000)]
        data = compressed(kind, json_lines(*records))
        path = written(tmp_path, f"a.jsonl.{kind}", data[: len(data) * 2 // 3])
        result = Result(path)
        count = len(result.articles)
        assert count > 1000
        assert result.ids == [f"a{n}" for n in range(count)]
        assert result.reasons == [(count + 1, f"the archive ends early at line {count + 1}")]
        assert (
            result.rejections[0].raw == json_lines(records[count])[: len(result.rejections[0].raw)]
        )

    def test_garbage_behind_an_archive_is_told(self, tmp_path: Path, kind: str) -> None:
        data = compressed(kind, LINES) + b"garbage, not an archive"
        result = Result(written(tmp_path, f"a.jsonl.{kind}", data))
        assert result.ids == ["a1", "a2"]
        ((line, reason),) = result.reasons
        assert line == 3
        assert reason.startswith("the archive is damaged (")

    def test_a_damaged_document_is_an_error_of_the_file(self, tmp_path: Path, kind: str) -> None:
        data = compressed(kind, b"Title\n\nThe harbour opened.\n" * 50)
        with pytest.raises(SourceError, match="the archive ends early"):
            Result(written(tmp_path, f"a.txt.{kind}", data[:-6]))


def test_an_archive_that_asks_for_too_much_memory_is_told(tmp_path: Path) -> None:
    # Of one line, packed with a dictionary of 256 MiB: to make it takes ten times as much.
    packed = (
        "/Td6WFoAAATm1rRGAgAhASAAAAAJiKV2AQAreyJpZCI6ICJhMSIsICJ0ZXh0IjogIlRo"
        "ZSBoYXJib3VyIG9wZW5lZC4ifQoAPta7YbrznP8AAUQsyVNLhh+2830BAAAAAARZWg=="
    )
    path = written(tmp_path, "a.jsonl.xz", base64.b64decode(packed))
    ((_, reason),) = Result(path).reasons
    assert reason.startswith("the archive is damaged (Memory usage limit")


def test_a_text_that_begins_like_an_archive_is_a_text(tmp_path: Path) -> None:
    (one,) = Result(
        written(tmp_path, "a.txt", "BZh9 is how they begin, said the archivist.")
    ).articles
    assert one.text.startswith("BZh9 is")


@pytest.mark.parametrize(
    ("begins", "told"),
    [
        (b"PK\x03\x04", "is a ZIP archive or an office document: unpack it"),
        (b"Rar!\x1a", "is a RAR archive: unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "is a 7-Zip archive: unpack it"),
        (b"%PDF-1.7", "is a PDF: give its text"),
        (b"\xd0\xcf\x11\xe0\xa1", "is an old office document: save it"),
        (b"SQLite format 3\0", "is a database of SQLite: give"),
        (b"a.jsonl".ljust(257, b"\0") + b"ustar", "is a tar archive: unpack it"),
    ],
)
def test_of_what_is_no_format_of_ours_it_is_told_what_helps(
    tmp_path: Path, begins: bytes, told: str
) -> None:
    for name, data in (("a.data", begins), ("a.tgz", gzip.compress(begins))):
        with pytest.raises(UnknownFormatError, match=rf"{name} {told}"):
            Result(written(tmp_path, name, data.ljust(600, b"\0")))


def test_padding_behind_an_archive_is_no_damage(tmp_path: Path) -> None:
    data = gzip.compress(LINES) + b"\0" * 100_000
    assert not Result(written(tmp_path, "a.jsonl.gz", data)).rejections


@pytest.mark.parametrize(
    ("name", "data", "package", "extra"),
    [
        ("a.html", b"<html>", "trafilatura", "html"),
        ("a.rss", b"<rss>", "feedparser", "feeds"),
        ("a.warc", b"WARC/1.0", "warcio", "crawls"),
    ],
)
def test_a_missing_extra_is_told_before_anything_is_read(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    data: bytes,
    package: str,
    extra: str,
) -> None:
    monkeypatch.setattr(dedupe.read.formats, "find_spec", lambda _: None)
    lines, other = written(tmp_path, "a.jsonl", LINES), written(tmp_path, name, data)
    with pytest.raises(MissingExtraError, match=rf"package {package}: .*\[{extra}\]"):
        read([lines, other])
    result = Result(tmp_path)  # the folder goes on, and says so
    assert result.ids == ["a1", "a2"]
    ((_, reason),) = result.reasons
    assert f"pip install 'story-dedupe[{extra}]'" in reason


def test_a_feed_that_is_called_xml_needs_its_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe.read.formats, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match="feeds"):
        Result(written(tmp_path, "a.xml", b"<?xml version='1.0'?><rss></rss>"))


def test_zstd_without_its_extra_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe.read.packed, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"package zstandard: .*\[zstd\]"):
        Result(written(tmp_path, "a.jsonl.zst", b"\x28\xb5\x2f\xfd"))


def test_a_document_too_large_for_one_piece_is_refused(tmp_path: Path) -> None:
    told = r"too large to read in one piece \(limit document_bytes; .*document_bytes=2048\)"
    with pytest.raises(SourceError, match=told):
        Result(
            written(tmp_path, "a.json", b"{\n" + b" " * 2000 + b"}"),
            limits=Limits(document_bytes=1024),
        )


def test_progress_counts_the_bytes_of_all_files(tmp_path: Path) -> None:
    lines = json_lines(*(article(n, text=f"{n} " * 999) for n in range(500)))
    zipped = json_lines(*(article(n, text=f"{n} " * 999) for n in range(500, 999)))
    plain = written(tmp_path, "a.jsonl", lines)
    packed = written(tmp_path, "b.jsonl.gz", gzip.compress(zipped))
    seen: list[tuple[int, int | None]] = []
    Result(plain, packed, batch_bytes=1 << 18, on_progress=lambda *now: seen.append(now))
    total = plain.stat().st_size + packed.stat().st_size
    done = [now for now, _ in seen]
    assert len(done) > 4
    assert done == sorted(done)
    assert done[-1] == total
    assert {of for _, of in seen} == {total}


def test_progress_has_no_total_with_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe_in(monkeypatch, LINES)
    seen: list[tuple[int, int | None]] = []
    Result("-", on_progress=lambda *now: seen.append(now))
    assert seen == [(len(LINES), None)]


def test_rejections_that_nobody_asked_for_go_to_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = written(tmp_path, "a.jsonl", LINES + b"broken\n")
    with caplog.at_level(logging.WARNING, "dedupe"):
        list(read([path]))
    assert caplog.messages == [
        f"{path}:3: broken JSON: unexpected character, expected a JSON value (column 1)"
    ]


def test_a_file_whose_every_record_is_rejected_is_an_error_with_the_first_reason(
    tmp_path: Path,
) -> None:
    bad = written(tmp_path, "d/bad.jsonl", b'{"id": 1, "views": 7}\nbroken\n')
    rejected: list[Rejection] = []
    with pytest.raises(SourceError, match=r"bad\.jsonl: no article in it: neither text"):
        list(read([bad], on_reject=rejected.append))
    assert [r.line for r in rejected] == [1, 2]
    with pytest.raises(SourceError, match="no article in it"):
        list(read([bad.parent]))
    written(tmp_path, "d/good.jsonl", LINES)
    assert Result(bad.parent).ids == ["a1", "a2"]


def test_a_file_of_which_every_id_came_before_is_no_error(tmp_path: Path) -> None:
    files = [written(tmp_path, name, LINES) for name in ("a.jsonl", "b.jsonl")]
    assert len({a.id for a in Result(*files).articles}) >= 2


def test_articles_without_a_text_or_title_are_counted_with_the_fields_seen(tmp_path: Path) -> None:
    records = [article(1), {"id": "2", "title": "T", "views": 3}, {"id": "3", "text": "Only."}]
    assert Result(written(tmp_path, "a.jsonl", json_lines(*records))).notes == [
        "1 of 3 articles has no text; fields: id, title, views; --text-key names the field",
        "1 of 3 articles has no title",
    ]


def test_a_field_of_titles_is_asked_for_where_most_articles_have_none(tmp_path: Path) -> None:
    records = [article(1), *({"id": f"b{n}", "text": f"Only text {n}.", "kop": "T"} for n in "23")]
    assert Result(written(tmp_path, "a.jsonl", json_lines(*records))).notes == [
        "2 of 3 articles have no title; --title-key names the field"
    ]


def test_the_fields_that_were_taken_by_what_they_hold_are_told(tmp_path: Path) -> None:
    record = {
        "id": "1",
        "title": "T",
        "inner": {"inhalt": "Das Land liegt am See und ist sehr alt."},
    }
    (told,) = Result(written(tmp_path, "a.jsonl", json_lines(record))).notes
    assert told.endswith("inner.inhalt (1)")


def test_a_rejected_record_is_kept_up_to_a_mebibyte(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", b"x" * (3 << 20))
    assert len(Result(path).rejections[0].raw) == 1 << 20


def test_what_the_caller_raises_comes_through_and_files_are_closed(tmp_path: Path) -> None:
    # An unclosed file would be a ResourceWarning, which fails the run.
    path = written(tmp_path, "a.jsonl", LINES + b"broken\n")

    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(read([path], on_reject=interrupt))

    def full_disk(_: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        list(read([path], on_reject=full_disk))


def test_reading_can_be_given_up_in_the_middle(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", json_lines(*(article(n) for n in range(1000))))
    batches = read([path], batch_bytes=1000)
    assert next(batches).num_rows > 0
    batches.close()  # type: ignore[attr-defined]


def test_a_file_of_many_lines_is_not_held_in_memory(tmp_path: Path) -> None:
    import tracemalloc

    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        for n in range(8000):
            file.write(json_lines(article(n, text="harbour " * 500)))
    tracemalloc.start()
    count = sum(batch.num_rows for batch in read([path], batch_bytes=1 << 20))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 8000
    assert path.stat().st_size > 30 << 20
    assert peak < 12 << 20
