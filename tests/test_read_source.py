"""Files, folders, globs, standard input, archives, progress: everything around the formats."""

from __future__ import annotations

import gzip
import io
import logging
import os
import sys
from pathlib import Path

import pytest
from read_harness import Result, article, json_lines, written

import dedupe.read.content
import dedupe.read.formats
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
        (gzip.compress(b'{"text": "x"}\n'), "x"),
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
    if kind == "gz":
        return gzip.compress(data)
    return bytes(pytest.importorskip("zstandard").compress(data))


@pytest.mark.parametrize("kind", ["gz", "zst"])
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


def test_padding_behind_an_archive_is_no_damage(tmp_path: Path) -> None:
    data = gzip.compress(LINES) + b"\0" * 100_000
    assert not Result(written(tmp_path, "a.jsonl.gz", data)).rejections


@pytest.mark.parametrize(
    ("name", "package", "extra"),
    [("a.html", "trafilatura", "html"), ("a.xml", "feedparser", "feeds")],
)
def test_a_missing_extra_is_told_before_anything_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, package: str, extra: str
) -> None:
    monkeypatch.setattr(dedupe.read.formats, "find_spec", lambda _: None)
    written(tmp_path, name, "<x>")
    with pytest.raises(MissingExtraError, match=rf"package {package}: .*\[{extra}\]"):
        read([written(tmp_path, "a.jsonl", LINES), tmp_path])


def test_zstd_without_its_extra_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dedupe.read.content, "find_spec", lambda _: None)
    with pytest.raises(MissingExtraError, match=r"package zstandard: .*\[zstd\]"):
        Result(written(tmp_path, "a.jsonl.zst", b"\x28\xb5\x2f\xfd"))


def test_a_document_too_large_for_one_piece_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe.read.content, "WHOLE_LIMIT", 1000)
    with pytest.raises(SourceError, match=r"too large to read in one piece.*JSON Lines"):
        Result(written(tmp_path, "a.json", b"[" + b" " * 2000 + b"]"))


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
    path = written(tmp_path, "a.jsonl", b"broken\n")
    with caplog.at_level(logging.WARNING, "dedupe"):
        list(read([path]))
    assert caplog.messages == [
        f"{path}:1: broken JSON: unexpected character, expected a JSON value (column 1)"
    ]


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
