"""WARC, WET and WACZ: pages and texts, each record on its own."""

from __future__ import annotations

import gzip
import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.errors import SourceError

pytest.importorskip("warcio")

WORDS = "A crane fell into the harbour on Friday morning, and nobody was hurt by it at all. "


def record(kind: str, url: str, body: bytes, mime: str) -> bytes:
    head = (
        f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        f"WARC-Date: 2025-05-04T10:00:00Z\r\nWARC-Record-ID: <urn:uuid:{url}>\r\n"
        f"Content-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n\r\n"


def answer(url: str, body: bytes, mime: str = "text/html", status: str = "200 OK") -> bytes:
    http = f"HTTP/1.1 {status}\r\nContent-Type: {mime}\r\nContent-Length: {len(body)}\r\n\r\n"
    return record("response", url, http.encode() + body, "application/http; msgtype=response")


def text(n: int, body: str = WORDS) -> bytes:
    return record("conversion", f"https://h.example/{n}", body.encode(), "text/plain")


PAGE = (
    f"<html lang='en'><head><title>Crane falls</title></head><body><article><h1>Crane falls</h1>"
    f"<p>{WORDS * 3}</p><p>{WORDS[::-1] * 3}</p></article></body></html>"
).encode()


@pytest.mark.parametrize("packed", [False, True])
def test_the_texts_of_a_wet_file_are_articles(tmp_path: Path, packed: bool) -> None:
    records = [
        record("warcinfo", "", b"software: x\r\n", "application/warc-fields"),
        text(1),
        text(2),
    ]
    data = b"".join(map(gzip.compress, records)) if packed else b"".join(records)
    for name in ("a.warc.wet.gz", "a.warc", "a.unknown"):
        result = Result(written(tmp_path, name, data))
        assert result.texts == [WORDS.strip()] * 2
        assert [a.url for a in result.articles] == ["https://h.example/1", "https://h.example/2"]
        assert result.articles[0].source == "h.example"
        assert result.articles[0].date == datetime(2025, 5, 4, 10, tzinfo=UTC)
        assert not result.rejections


def test_pages_are_read_and_all_else_is_told(tmp_path: Path) -> None:
    pytest.importorskip("trafilatura")
    data = b"".join(
        [
            record("request", "https://h.example/1", b"GET / HTTP/1.1\r\n\r\n", "application/http"),
            answer("https://h.example/1", PAGE),
            answer("https://h.example/2", b"moved", status="301 Moved Permanently"),
            answer("https://h.example/3", b"\x89PNG", mime="image/png"),
            answer("https://h.example/4", b"<html><body></body></html>"),
        ]
    )
    result = Result(written(tmp_path, "a.warc", data))
    (read,) = result.articles
    assert (read.title, read.url) == ("Crane falls", "https://h.example/1")
    assert WORDS.strip() in read.text
    assert result.reasons == [
        (3, "https://h.example/2: no page, but the answer 301"),
        (4, "https://h.example/3: image/png, neither a page nor a text"),
        (5, "https://h.example/4: no article text found in the page"),
    ]


def test_of_an_archive_that_is_cut_off_all_is_read_that_is_whole(tmp_path: Path) -> None:
    data = gzip.compress(text(1)) + gzip.compress(text(2))[:-20]
    result = Result(written(tmp_path, "a.warc.gz", data))
    assert [a.url for a in result.articles][:1] == ["https://h.example/1"]
    assert result.rejections


@pytest.mark.parametrize("second", ["a text", "a page"])
def test_what_lacks_its_end_is_no_article_and_is_told(tmp_path: Path, second: str) -> None:
    pytest.importorskip("trafilatura")
    rest = text(2) if second == "a text" else answer("https://h.example/2", PAGE)
    data, first = text(1) + rest, len(text(1))
    for end in range(first + 1, len(data) - 4, 5):
        result = Result(written(tmp_path, "a.warc", data[:end]))
        assert [a.url for a in result.articles] == ["https://h.example/1"], end
        ((number, reason),) = result.reasons
        assert number in {1, 2}, end
        assert "the archive" in reason, end
    assert Result(written(tmp_path, "a.warc", data[:-4])).reasons == []
    cut = Result(written(tmp_path, "a.warc", data[: first - 30]))
    assert cut.articles == []
    assert cut.reasons == [
        (1, "https://h.example/1: its end is missing, as the archive ends early")
    ]
    for end in range(12, len(rest) - 4, 5):
        assert Result(written(tmp_path, "a.warc", rest[:end])).reasons, end


@pytest.mark.parametrize("kind", ["request", "warcinfo"])
def test_that_an_archive_ends_early_is_told_whatever_it_is_that_is_cut(
    tmp_path: Path, kind: str
) -> None:
    cut = record(kind, "https://h.example/2", b"x: y\r\n" * 20, "application/warc-fields")[:-30]
    result = Result(written(tmp_path, "a.warc", text(1) + cut))
    assert [reason for _, reason in result.reasons] == ["the archive ends early"]
    assert len(result.articles) == 1


def test_garbage_behind_a_record_is_told(tmp_path: Path) -> None:
    result = Result(written(tmp_path, "a.warc", text(1) + b"garbage\r\n" * 50))
    assert len(result.articles) == 1
    assert any("damaged" in reason for _, reason in result.reasons)


def test_the_archives_in_a_wacz_file_are_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("datapackage.json", "{}")
        archive.writestr("archive/a.warc.gz", gzip.compress(text(1)))
        archive.writestr("archive/b.warc", text(2))
        archive.writestr("pages/pages.jsonl", "{}")
    result = Result(written(tmp_path, "a.wacz", packed.getvalue()))
    assert [a.url for a in result.articles] == ["https://h.example/1", "https://h.example/2"]
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("archive/c.warc.gz", gzip.compress(text(3))[:-12])
    (reason,) = (
        r
        for _, r in Result(written(tmp_path, "c.wacz", packed.getvalue())).reasons
        if "c.warc" in r
    )
    assert reason == "archive/c.warc.gz: the archive ends early"
    with pytest.raises(SourceError, match="broken archive"):
        Result(written(tmp_path, "b.wacz", packed.getvalue()[:-30]))


def test_what_was_packed_for_its_way_is_unpacked(tmp_path: Path) -> None:
    brotli = pytest.importorskip("brotli")
    pytest.importorskip("trafilatura")
    body = brotli.compress(PAGE)
    http = f"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: br\r\nContent-Length: {len(body)}\r\n\r\n"
    packed = record("response", "https://h.example/1", http.encode() + body, "application/http")
    spoilt = record(
        "response", "https://h.example/2", http.encode() + b"\x00" * 20, "application/http"
    )
    result = Result(written(tmp_path, "a.warc", packed + spoilt + text(3)))
    assert [a.url for a in result.articles] == ["https://h.example/1", "https://h.example/3"]
    ((number, reason),) = result.reasons
    assert (number, reason[:39]) == (2, "https://h.example/2: cannot be unpacked")


def test_archives_that_hold_nothing_that_was_crawled_say_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = record("warcinfo", "", b"software: x\r\n", "application/warc-fields")
    ((_, reason),) = Result(written(tmp_path, "a.warc", info)).reasons
    assert reason == "no page and no text among 1 records"
    empty = io.BytesIO()
    with zipfile.ZipFile(empty, "w") as archive:
        archive.writestr("datapackage.json", "{}")
    with pytest.raises(SourceError, match="no WARC file in the archive"):
        Result(written(tmp_path, "b.wacz", empty.getvalue()))
    long = text(1).replace(b"Content-Length: 8", b"Content-Length: 7")
    assert any(
        "not as long" in r for _, r in Result(written(tmp_path, "c.warc", long + text(2))).reasons
    )
    assert capsys.readouterr().err == ""
