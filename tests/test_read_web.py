"""Sources of the web: a server on this machine, polite answers and hostile ones."""

from __future__ import annotations

import gzip
import io
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import zipfile
from email.utils import formatdate
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from read_harness import Result, article, json_lines
from web_server import body, conditional, endless, free_port, raw, serving, status

import dedupe.read.connection
import dedupe.read.web
import dedupe.read.web_cache
from dedupe import read_articles
from dedupe.cli import main
from dedupe.config import Limits
from dedupe.errors import SourceError

LINES = json_lines(article(1), article(2))
TEXT = " ".join(f"The harbour master said word {n} of the ferry." for n in range(60))
PAGE = f"<!doctype html><html lang=en><head><title>Ferry</title></head><body><article><h1>Ferry</h1><p>{TEXT}</p></article></body></html>".encode()
FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>Wire</title>'
    b"<item><title>Ferry sinks</title><guid>g1</guid><description>Nine are dead.</description>"
    b"</item></channel></rss>"
)
CERTIFICATE = Path(__file__).parent / "data" / "loopback.pem"
"""Of 127.0.0.1, signed by itself, with its key: for tests alone."""
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture(autouse=True)
def direct(monkeypatch):
    """No proxy of this machine, and no wait that a person would take for one."""
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    waits = []
    monkeypatch.setattr(dedupe.read.web.time, "sleep", waits.append)
    return waits


@pytest.fixture
def site():
    with serving() as found:
        yield found


@pytest.fixture
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("DEDUPE_CACHE", str(tmp_path / "kept"))
    return tmp_path / "kept"


def parquet():
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([article(1), article(2)]), out)
    return out.getvalue()


def wacz():
    record = (
        b"WARC/1.0\r\nWARC-Type: conversion\r\nWARC-Target-URI: https://h.example/1\r\n"
        b"WARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2025-03-01T00:00:00Z\r\n"
        b"Content-Type: text/plain\r\nContent-Length: %d\r\n\r\n%b\r\n\r\n"
    ) % (len(TEXT), TEXT.encode())
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("archive/a.warc", record)
    return out.getvalue()


def refused(*sources, **options):
    with pytest.raises(SourceError) as caught:
        Result(*sources, **options)
    message = str(caught.value)
    assert "\n" not in message
    return message


# What is read.


@pytest.mark.parametrize(
    ("path", "answer", "count"),
    [
        ("/a.jsonl", body(LINES), 2),
        ("/a.jsonl.gz", body(gzip.compress(LINES)), 2),
        ("/a.jsonl.gz", body(gzip.compress(LINES), Content_Encoding="gzip"), 2),
        ("/a.jsonl.zst", body(zstandard.compress(LINES)), 2),
        ("/a.jsonl", body(gzip.compress(LINES), Content_Encoding="gzip"), 2),
        ("/a.csv", body(b"id,title,text\n1,a,b c d\n"), 1),
        ("/a.parquet", body(parquet(), "application/octet-stream"), 2),
        ("/a.wacz", body(wacz()), 1),
        ("/feed.xml", body(FEED, "text/html"), 1),
        # Without an ending it is the server's word, where it says something.
        ("/export", body(b"id,title,text\n1,a,b c d\n", "text/csv; charset=utf-8"), 1),
        ("/export", body(parquet(), "application/vnd.apache.parquet"), 2),
        ("/news", body(FEED, "application/rss+xml"), 1),
        ("/news", body(FEED, "text/xml"), 1),
        ("/news", body(LINES, "application/x-ndjson"), 2),
        ("/story.php", body(PAGE, "text/html; charset=utf-8"), 1),
        ("/note", body(TEXT.encode(), "text/plain"), 1),
        # A word that servers have for everything says less than the first bytes.
        ("/news", body(FEED, "text/html"), 1),
        ("/news", body(LINES, "text/plain"), 2),
        ("/news", body(LINES, "application/octet-stream"), 2),
        ("/", body(FEED), 1),
        ("", body(LINES), 2),
    ],
)  # fmt: skip
def test_an_address_is_read_as_a_file_is(site, path, answer, count) -> None:
    site.put(path or "/", answer)
    result = Result(site.url(path))
    assert (len(result.articles), result.rejections) == (count, [])
    assert len(site.asked) == 1


def test_the_format_can_be_set(site) -> None:
    url = site.put("/export.bin", body(b"id\ttitle\ttext\n1\ta\tb c d\n"))
    assert len(Result(url, format="tsv").articles) == 1


def test_several_sources_are_read_in_order_and_one_that_was_named_twice_once(
    site, tmp_path
) -> None:
    one = site.put("/1.jsonl", body(json_lines(article(1))))
    two = site.put("/2.jsonl", body(json_lines(article(2))))
    (tmp_path / "3.jsonl").write_bytes(json_lines(article(3)))
    result = Result(one, f"{two}#part", tmp_path / "3.jsonl", two)
    assert result.ids == ["a1", "a2", "a3"]
    assert site.paths == ["/1.jsonl", "/2.jsonl"]


def test_a_page_has_its_address_as_its_id_and_where_it_names_none_as_its_own(site) -> None:
    url = site.put("/2025/ferry", body(PAGE, "text/html"))
    (found,) = Result(url).articles
    assert (found.id, found.url, found.source) == (url, url, "127.0.0.1")
    named = PAGE.replace(b"<title>", b'<link rel=canonical href="https://h.example/f"><title>')
    site.put("/2025/ferry", body(named, "text/html"))
    (found,) = Result(url).articles
    assert (found.id, found.url) == (url, "https://h.example/f")


def test_the_charset_that_a_server_states_holds_for_what_is_not_utf_8(site) -> None:
    text = "Паром перевернулся у входа в пролив. " * 40
    url = site.put("/a.txt", body(text.encode("cp1251"), "text/plain; charset=windows-1251"))
    assert text.strip() in Result(url).texts[0]
    lied = site.put(
        "/b.txt", body("Bürger äußern sich. ".encode() * 9, "text/plain; charset=cp1251")
    )
    assert "Bürger" in Result(lied).texts[0]


def test_letters_that_no_address_has_are_escaped_on_the_way(site) -> None:
    site.put("/%C3%BC%20b.jsonl", body(LINES))
    result = Result(site.url("/ü b.jsonl?q=ä"))
    assert result.ids == ["a1", "a2"]
    assert site.paths == ["/%C3%BC%20b.jsonl?q=%C3%A4"]


# What a server is told.


def test_a_server_is_told_who_asks_and_nothing_else_is_sent(site) -> None:
    url = site.put("/a.jsonl", body(LINES))
    Result(url)
    ((_, headers),) = site.asked
    assert headers.pop("User-Agent").startswith("story-dedupe/0.")
    assert headers.pop("Host") == site.host
    assert headers == {"Accept": "*/*", "Accept-Encoding": "gzip", "Connection": "close"}


def test_what_is_packed_is_not_packed_again(site) -> None:
    Result(site.put("/a.jsonl.gz", body(gzip.compress(LINES))))
    assert site.asked[0][1]["Accept-Encoding"] == "identity"


def test_a_name_and_a_password_go_to_their_host_alone(site) -> None:
    with serving() as other:
        end = other.put("/b.jsonl", body(LINES))
        site.put("/a.jsonl", status(302, Location="/here.jsonl"))
        site.put("/here.jsonl", status(302, Location=end))
        Result(f"http://me:p%40ss@{site.host}/a.jsonl")
        told = [headers.get("Authorization") for _, headers in site.asked]
        assert told == ["Basic bWU6cEBzcw=="] * 2
        assert "Authorization" not in other.asked[0][1]


# What is kept.


def test_what_is_not_new_is_not_sent_again(site, cache) -> None:
    url = site.put("/feed.json", conditional(LINES, '"v1"'))
    first, second = Result(url), Result(url)
    assert first.ids == second.ids == ["a1", "a2"]
    assert [headers.get("If-None-Match") for _, headers in site.asked] == [None, '"v1"']
    (entry,) = cache.iterdir()
    if os.name != "nt":
        assert (cache.stat().st_mode & 0o777, entry.stat().st_mode & 0o777) == (0o700, 0o600)
    site.put("/feed.json", conditional(json_lines(article(3)), '"v2"'))
    assert Result(url).ids == Result(url).ids == ["a3"]
    assert site.asked[-1][1]["If-None-Match"] == '"v2"'


def test_a_date_will_do_where_there_is_no_tag(site, cache) -> None:
    moment = formatdate(1700000000, usegmt=True)
    url = site.put("/a.jsonl", body(LINES, Last_Modified=moment), status(304))
    assert Result(url).ids == Result(url).ids
    assert site.asked[1][1]["If-Modified-Since"] == moment


def test_what_was_kept_keeps_its_type_and_its_place(site, cache) -> None:
    site.put("/story", status(301, Location="/2025/story"))
    site.put("/2025/story", conditional(PAGE, '"p"', "text/html"))
    pages = [Result(site.url("/story")).articles for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0][0].url == site.url("/2025/story")
    assert [h.get("If-None-Match") for _, h in site.asked] == [None, None, None, '"p"']


@pytest.mark.parametrize("how", ["no-store", "no tag", "secret", "large", "ill tag"])
def test_some_answers_are_not_kept(site, cache, monkeypatch, how) -> None:
    headers = {"ETag": '"v1"'}
    if how == "no-store":
        headers["Cache_Control"] = "private, no-store"
    if how == "no tag":
        headers = {}
    if how == "ill tag":
        headers = {"ETag": '"\xe9"'}
    if how == "large":
        monkeypatch.setattr(dedupe.read.web, "KEPT_BYTES", 10)
        monkeypatch.setattr(dedupe.read.web_cache, "KEPT_BYTES", 10)
    url = site.put("/a.jsonl", body(LINES, **headers))
    for _ in range(2):
        assert len(Result(url + ("?token=abc" if how == "secret" else "")).articles) == 2
    assert not cache.exists()
    assert "If-None-Match" not in site.asked[1][1]


@pytest.mark.parametrize("damage", ["cut", "other", "empty", "folder", "head", "foreign"])
def test_what_was_kept_and_is_not_as_it_was_is_fetched_anew(site, cache, damage) -> None:
    url = site.put("/a.jsonl", conditional(LINES, '"v1"'))
    Result(url)
    (entry,) = cache.iterdir()
    data = entry.read_bytes()
    if damage == "folder":
        entry.unlink()
        entry.mkdir()
    elif damage == "foreign":
        other = site.put("/b.jsonl", conditional(json_lines(article(9)), '"v1"'))
        Result(other)
        (path,) = set(cache.iterdir()) - {entry}
        entry.write_bytes(path.read_bytes())
    else:
        changed = {
            "cut": data[:-5],
            "other": data[:-5] + b"xxxxx",
            "empty": b"",
            "head": b"[]\n" + data,
        }
        entry.write_bytes(changed[damage])
    assert Result(url).ids == ["a1", "a2"]
    assert "If-None-Match" not in site.asked[-1][1]


@pytest.mark.posix
@pytest.mark.parametrize("place", ["read-only", "a file", "no home", "switched off"])
def test_without_a_place_to_keep_anything_it_works_as_well(
    site, monkeypatch, tmp_path, place
) -> None:
    monkeypatch.setenv("DEDUPE_CACHE", str(tmp_path / "x" / "kept"))
    if place == "read-only":
        (tmp_path / "x").mkdir(mode=0o500)
        monkeypatch.setattr(dedupe.read.web_cache, "_write", no_room)
    elif place == "a file":
        (tmp_path / "x").write_bytes(b"")
    elif place == "no home":
        monkeypatch.delenv("DEDUPE_CACHE")
        monkeypatch.setattr(Path, "home", classmethod(no_home))
        assert dedupe.read.web_cache.cache_folder() is None
    else:
        monkeypatch.setenv("DEDUPE_CACHE", "")
    url = site.put("/a.jsonl", conditional(LINES, '"v1"'))
    assert len(Result(url).articles) == len(Result(url).articles) == 2


def no_room(*_):
    raise OSError(28, "No space left on device")


def no_home(*_):
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.parametrize(
    ("platform", "variables", "expected"),
    [
        ("linux", {}, "{home}/.cache/story-dedupe"),
        ("linux", {"XDG_CACHE_HOME": "/var/x"}, "/var/x/story-dedupe"),
        ("linux", {"XDG_CACHE_HOME": "x"}, "{home}/.cache/story-dedupe"),
        ("darwin", {}, "{home}/Library/Caches/story-dedupe"),
        ("win32", {"LOCALAPPDATA": ""}, "{home}/AppData/Local/story-dedupe"),
        ("win32", {"LOCALAPPDATA": "/local"}, "/local/story-dedupe"),
    ],
)
def test_the_folder_is_that_of_the_system(
    monkeypatch, tmp_path, platform, variables, expected
) -> None:
    monkeypatch.setattr(dedupe.read.web_cache.sys, "platform", platform)
    monkeypatch.setattr(Path, "home", classmethod(lambda _: tmp_path))
    for name in ("DEDUPE_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert dedupe.read.web_cache.cache_folder() == Path(expected.format(home=tmp_path))


def test_what_was_not_used_for_longest_makes_room(site, cache, monkeypatch) -> None:
    for n in range(6):
        url = site.put(f"/{n}.jsonl", conditional(LINES, '"v"'))
        Result(url)
        if n == 0:
            (entry,) = cache.iterdir()
            monkeypatch.setattr(dedupe.read.web_cache, "ALL_BYTES", 3 * entry.stat().st_size)
        for age, entry in enumerate(sorted(cache.iterdir(), key=lambda e: e.stat().st_mtime)[::-1]):
            os.utime(entry, (1e9 - age, 1e9 - age))
    assert len(list(cache.iterdir())) == 3
    Result(site.url("/5.jsonl"), site.url("/0.jsonl"))
    tags = [headers.get("If-None-Match") for _, headers in site.asked]
    assert tags[-2:] == ['"v"', None]


# Where it leads.


def test_a_redirect_is_followed_and_the_name_stays(site) -> None:
    site.put("/old.jsonl", status(308, Location="b/new"))
    site.put("/b/new", body(LINES + b"broken\n", "application/json"))
    (rejection,) = Result(site.url("/old.jsonl")).rejections
    assert rejection.source == site.url("/old.jsonl")
    assert site.paths == ["/old.jsonl", "/b/new"]


def test_a_redirect_need_not_be_escaped(site) -> None:
    site.put("/a", status(302, Location="/\u00fc b.jsonl".encode().decode("latin-1")))
    site.put("/%C3%BC%20b.jsonl", body(LINES))
    assert Result(site.url("/a")).ids == ["a1", "a2"]


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("file:///etc/passwd", "leads to what is no page of the web"),
        ("ftp://h.example/a", "leads to what is no page of the web (ftp:)"),
        ("data:text/plain,x", "leads to what is no page of the web"),
        ("/loop", "leads on and on: 5 redirects were followed"),
        ("http://[::1/x", "it cannot be asked for"),
        ("http://127.0.0.1:x/", "it cannot be asked for"),
    ],
)
def test_some_redirects_are_not_followed(site, target, reason) -> None:
    assert reason in refused(site.put("/loop", status(302, Location=target)))
    assert len(site.asked) <= 6


def test_what_is_encrypted_stays_so() -> None:
    with pytest.raises(dedupe.read.connection.TroubleError, match="is not encrypted; not followed"):
        dedupe.read.web._led("https://h.example/a", "http://h.example/a?token=geheim")
    assert dedupe.read.web._led("https://h.example/a", "//i.example/b") == "https://i.example/b"


def test_a_server_of_the_open_net_does_not_send_us_into_our_own(site, monkeypatch) -> None:
    seen = iter([True, False])
    monkeypatch.setattr(dedupe.read.connection, "is_outside", lambda _: next(seen))
    site.put("/a.jsonl", status(302, Location="/secret.jsonl"))
    site.put("/secret.jsonl", body(LINES))
    reason = refused(site.url("/a.jsonl"))
    assert "leads to 127.0.0.1, in a network that is not open to all" in reason
    assert site.paths == ["/a.jsonl"]


@pytest.mark.parametrize(
    ("number", "outside"),
    [("8.8.8.8", True), ("127.0.0.1", False), ("10.1.2.3", False), ("169.254.169.254", False),
     ("::1", False), ("fe80::1%eth0", False), ("2001:4860:4860::8888", True)],
)  # fmt: skip
def test_which_hosts_are_of_the_open_net(number, outside) -> None:
    assert dedupe.read.connection.is_outside(number) is outside


def test_a_proxy_of_the_environment_is_asked(site, monkeypatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://{site.host}")
    site.pages["http://news.invalid/a.jsonl"] = [body(LINES)]
    assert len(Result("http://news.invalid/a.jsonl").articles) == 2
    monkeypatch.setenv("no_proxy", "news.invalid")
    assert "host cannot be found" in refused("http://news.invalid/a.jsonl")


def test_a_proxy_that_refuses_is_told(site, monkeypatch) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:geheim@{site.host}")
    reason = refused("https://news.invalid/a.jsonl")
    assert "the proxy refuses the connection" in reason
    assert "geheim" not in reason


# What goes wrong.


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (status(404), "answers 404 Not Found: there is nothing at this address"),
        (status(401), "answers 401 Unauthorized: a name and a password are needed"),
        (status(403), "answers 403 Forbidden: it is not handed out to you"),
        (status(410), "answers 410 Gone: "),
        (status(500), "answers 500 Internal Server Error: the server cannot answer now"),
        (status(418), "answers 418 I'm a Teapot: that is no content"),
        (status(299), "answers 299 no status that is known"),
        (status(206), "answers 206 Partial Content: that is no content"),
        (status(304), "answers 304 Not Modified: that is no content"),
        (status(302), "answers 302 Found: that is no content"),
        (body(b"x", Content_Encoding="br"), "in an encoding that was not asked for"),
        (body(PAGE, "text/html"), "a page of HTML was sent, not json; look at the address in a br"),
        (body(b"\n\n<html><body>Log in"), "a page of HTML was sent, not json"),
        (raw(b"SSH-2.0-OpenSSH_9.6\r\n"), "what answers does not speak HTTP"),
        (raw(HEAD + b"X: " + b"y" * 70000 + b"\r\n\r\n"), "what answers does not speak HTTP"),
        (raw(HEAD + b"X: y\r\n" * 200 + b"\r\n"), "what answers does not speak HTTP"),
        (raw(HEAD + b"Content-Length: 10\r\n\r\n{}"), "the connection was cut before all was there"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\nff\r\n{}"), "the connection was cut"),
        (raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n{}\r\n"), "the connection was cut"),
        (raw(b""), "the connection was cut"),
    ],
)  # fmt: skip
def test_what_goes_wrong_is_told_in_one_line(site, answer, reason) -> None:
    url = site.put("/a.jsonl", answer)
    told = refused(url)
    assert told.startswith(f"{url}: ")
    assert reason in told


def test_a_server_that_is_busy_is_asked_again_a_few_times(site, direct) -> None:
    url = site.put("/a.jsonl", status(503), status(429, Retry_After=7), body(LINES))
    result = Result(url)
    assert result.ids == ["a1", "a2"]
    assert direct == [1, 7]
    assert result.notes == [
        f"{url}: the server answers 503 Service Unavailable: the server cannot answer now; try again later; asked again after 1 s",
        f"{url}: the server answers 429 Too Many Requests, and asks to wait 7 s: too many were asked for; try again later; asked again after 7 s",
    ]


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_a_server_that_stays_busy_is_left_alone(site, direct, code) -> None:
    assert "(3 times)" in refused(site.put("/a.jsonl", status(code)))
    assert (len(site.asked), direct) == (3, [1, 2])


@pytest.mark.parametrize(
    "wait", ["3600", formatdate(time.time() + 7200), "9" * 400], ids=["seconds", "date", "digits"]
)
def test_nobody_waits_for_hours(site, direct, wait) -> None:
    assert "and asks to wait" in refused(site.put("/a.jsonl", status(503, Retry_After=wait)))
    assert (len(site.asked), direct) == (1, [])


@pytest.mark.parametrize("wait", ["soon", "-5", "²", "Wed, 99 Foo 2025 00:00:00", formatdate(0)])
def test_a_wait_that_is_none_is_our_own(site, direct, wait) -> None:
    Result(
        site.put(
            "/a.jsonl", status(503, Retry_After=wait.encode("utf-8").decode("latin-1")), body(LINES)
        )
    )
    assert direct in ([1], [0])


def test_what_was_cut_is_fetched_again_from_its_start(site) -> None:
    url = site.put("/a.jsonl", raw(HEAD + b"Content-Length: 900\r\n\r\n" + LINES), body(LINES))
    assert Result(url).ids == ["a1", "a2"]


def test_no_article_of_a_source_that_was_cut_goes_on(site) -> None:
    url = site.put("/a.jsonl", raw(HEAD + b"Content-Length: 9000000\r\n\r\n" + LINES * 9))
    found = []
    with pytest.raises(SourceError, match="cut before all was there"):
        found.extend(read_articles(url))
    assert found == []


@pytest.mark.parametrize(
    "answer",
    [
        endless(HEAD + b"\r\n", b" " * 4096),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + b" " * 4096 + b"\r\n"),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: x\r\n" * 300),
        endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 200),
        raw(HEAD + b"Content-Length: 99999999999\r\n\r\n"),
    ],
)
def test_more_than_the_limit_is_not_fetched(site, answer) -> None:
    url = site.put("/a.jsonl", answer)
    reason = refused(url, limits=Limits(fetched_bytes=1 << 20))
    told = "more than 1 MiB, too large to be fetched (limit fetched_bytes; raise it with --limit fetched_bytes=2097152)"
    # Some versions of Python end an endless head by themselves.
    assert told in reason or "does not speak HTTP" in reason


@pytest.mark.parametrize(
    "answer",
    [
        endless(HEAD + b"\r\n", b" ", 0.05),
        endless(HEAD, b"x", 0.05),
        endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"t", 0.05),
        endless(b"", b"H", 0.05),
    ],
)
def test_whoever_sends_a_byte_now_and_then_is_not_waited_for(site, answer) -> None:
    url = site.put("/a.jsonl", answer)
    start = time.monotonic()
    reason = refused(url, limits=Limits(fetched_seconds=1))
    assert "not there within 1 seconds (limit fetched_seconds; raise it with" in reason
    assert time.monotonic() - start < 20


def test_a_silent_server_is_not_waited_for(site, monkeypatch) -> None:
    monkeypatch.setattr(dedupe.read.connection, "SILENT_SECONDS", 0.1)
    url = site.put("/a.jsonl", lambda request: site.ended.wait(30))
    assert "the server did not answer in time; try again later (3 times)" in refused(url)


def test_waiting_counts_too(site, monkeypatch) -> None:
    clock = iter(range(0, 10_000, 2))
    monkeypatch.setattr(dedupe.read.connection.time, "monotonic", lambda: next(clock))
    url = site.put("/a.jsonl", status(503, Retry_After=20))
    assert "not there within" in refused(url, limits=Limits(fetched_seconds=9))


def test_what_swells_is_bounded_as_in_a_file(site) -> None:
    bomb = gzip.compress(b'{"id": "1", "text": "' + b"a" * (40 << 20))
    url = site.put("/a.json", body(bomb, Content_Encoding="gzip"))
    result = Result(url, on_reject=lambda _: None)
    assert "it unpacks to more than 50 times its size" in result.refused


def test_nothing_listens(site) -> None:
    assert "the host refuses the connection" in refused(f"http://127.0.0.1:{free_port()}/a.jsonl")


def test_no_such_host() -> None:
    assert "its host cannot be found" in refused("http://news.invalid/a.jsonl")


@pytest.mark.parametrize(
    "url",
    [
        "http://",
        "http:///a",
        "http://[::1",
        "http://h.example:x/",
        "http://a..b/",
        "http://h\0/",
        "http://%/a b",
    ],
)
def test_an_address_that_is_none(url) -> None:
    reason = refused(url)
    assert "cannot be asked for" in reason or "cannot be found" in reason


def test_no_tls_where_it_is_wanted(site) -> None:
    assert "no encrypted connection: " in refused(f"https://{site.host}/a.jsonl")


def test_a_certificate_that_nobody_vouches_for(monkeypatch) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with serving(context) as site:
        site.put("/a.jsonl", body(LINES))
        url = site.url("/a.jsonl").replace("http:", "https:")
        reason = refused(url)
        assert "its certificate cannot be trusted: self" in reason
        assert "SSL_CERT_FILE may name a file" in reason
        monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
        assert len(Result(url).articles) == 2
        away = site.put("/b.jsonl", status(302, Location=site.url("/a.jsonl"))).replace(
            "http:", "https:"
        )
        assert "which is not encrypted; not followed" in refused(away)
        wrong = url.replace("127.0.0.1", "localhost")
        assert "its certificate cannot be trusted: hostname mismatch" in refused(wrong).lower()


def test_no_room_to_put_it_aside(site, monkeypatch) -> None:
    class Full(io.BytesIO):
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(dedupe.read.web.tempfile, "SpooledTemporaryFile", lambda _: Full())
    assert "cannot be put aside in " in refused(site.put("/a.jsonl", body(LINES)))


# Commands.


def run(capsysbinary, *words):
    with pytest.raises(SystemExit) as ended:
        main(list(words))
    out, err = capsysbinary.readouterr()
    return ended.value.code or 0, out, err.decode()


def test_every_command_with_sources_takes_addresses(site, capsysbinary, tmp_path) -> None:
    news = Path(__file__).parent.parent / "fixtures" / "articles" / "news.jsonl"
    url = site.put("/news", body(news.read_bytes(), "application/json"))
    page = site.put("/page", body(PAGE, "text/html"))
    gold = site.put("/gold.jsonl", body((news.parent.parent / "gold.jsonl").read_bytes()))
    index = str(tmp_path / "n.index")
    for words in (
        ["report", url],
        ["group", url],
        ["keep", url],
        ["keep", url, "-o", str(tmp_path / "k.csv")],
        ["compare", page, page + "?b"],
        ["compare", "ferry-wire", "rate-wire", "--in", url],
        ["evaluate", gold, str(news.parent)],
        ["filter", url, "--index", index],
    ):
        code, out, err = run(capsysbinary, *words)
        local = [str(news) if word == url else word for word in words]
        if words[0] in ("report", "keep", "group") and "-o" not in words:
            expected = run(capsysbinary, *local)[1]
            assert out.replace(url.encode(), str(news).encode())[-2000:] != b""
            if words[0] == "keep":
                assert out == expected
        assert (code, "Traceback" in err) == (0, False), (words, err)


def test_the_filter_unpacks_what_was_packed_for_the_way(site, capsysbinary, tmp_path) -> None:
    url = site.put("/a", body(gzip.compress(LINES), "application/json", Content_Encoding="gzip"))
    code, out, _ = run(capsysbinary, "filter", url, "--index", str(tmp_path / "i"))
    assert (code, out) == (0, LINES)


def test_an_index_is_imported_from_an_address(site, capsysbinary, tmp_path) -> None:
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    (tmp_path / "a.jsonl").write_bytes(LINES)
    run(capsysbinary, "filter", str(tmp_path / "a.jsonl"), "--index", one)
    _, exported, _ = run(capsysbinary, "index", "export", one)
    url = site.put("/export", body(exported, "text/plain"))
    code, out, _ = run(capsysbinary, "index", "import", other, url)
    assert (code, b"2 articles" in out) == (0, True)


def test_a_page_of_a_server_is_no_line_for_a_filter(site, capsysbinary, tmp_path) -> None:
    code, out, err = run(
        capsysbinary, "filter", site.put("/a", body(PAGE)), "--index", str(tmp_path / "i")
    )
    assert (code, out) == (2, b"")
    assert "a page of HTML was sent" in err


@pytest.mark.parametrize(
    "words",
    [
        ["report"],
        ["keep"],
        ["filter", "--index", "i"],
        ["index", "import", "x"],
        ["evaluate"],
        ["compare"],
    ],
)
def test_a_source_that_is_not_there_ends_a_command_with_2(
    site, capsysbinary, monkeypatch, tmp_path, words
) -> None:
    monkeypatch.chdir(tmp_path)
    url = f"http://me:geheim@{site.host}/a?key=geheim"
    code, out, err = run(capsysbinary, *words, *([url, "b"] if words == ["compare"] else [url]))
    assert (code, out) == (2, b"")
    assert err.count("\n") == 1
    assert "404 Not Found" in err
    assert "geheim" not in err


@pytest.mark.parametrize("option", ["--html", "--svg", "--rejects"])
def test_nothing_is_written_to_an_address(site, capsysbinary, option) -> None:
    code, _, err = run(capsysbinary, "report", site.url("/a"), option, "s3://b/x")
    assert (code, "a file is wanted here, and no address" in err) == (2, True)
    assert site.asked == []
    assert run(capsysbinary, "keep", site.url("/a"), "-o", "https://h.example/x.csv")[0] == 2
    assert run(capsysbinary, "filter", site.url("/a"), "--index", "s3://b/i")[0] == 2
    assert site.asked == []


def test_what_may_be_a_secret_is_shown_nowhere(site, capsysbinary, tmp_path) -> None:
    rows = json_lines(article(1), article(1), {"id": "x"}) + b"broken\n"
    site.put("/a.jsonl", status(503), body(rows))
    site.put("/page", body(PAGE, "text/html"))
    url = f"http://me:geheim@{site.host}/a.jsonl?access_token=geheim&page=2#geheim"
    page = f"http://me:geheim@{site.host}/page?sig=geheim"
    for words in (
        ["report", "--json"],
        ["group"],
        ["keep"],
        ["report"],
        ["report", "--html", str(tmp_path / "r.html")],
    ):
        site.pages["/a.jsonl"].insert(0, status(503))
        kept = tmp_path / "rejects"
        code, out, err = run(capsysbinary, *words, url, page, "--rejects", str(kept))
        assert code == 0
        assert "?access_token=…&page=2" in err
        written = out + err.encode() + b"".join(f.read_bytes() for f in tmp_path.iterdir())
        assert b"geheim" not in written
    assert "?access_token=geheim&page=2" in site.paths[0]


@pytest.mark.posix
def test_a_command_that_waits_for_a_server_can_be_interrupted(site) -> None:
    url = site.put("/a.jsonl", endless(HEAD + b"\r\n", b" ", 0.05))
    code = f"from dedupe.cli import main; main(['report', {url!r}])"
    ran = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE, env={**os.environ})
    while not site.asked:
        assert ran.poll() is None
        site.ended.wait(0.05)
    site.ended.wait(0.3)
    ran.send_signal(signal.SIGINT)
    assert ran.communicate(timeout=30)[1].endswith(b"dedupe: interrupted\n")
    assert ran.returncode == 130


def test_a_descriptor_is_left_open_by_nothing(site) -> None:
    if not Path("/proc/self/fd").is_dir():
        pytest.skip("there is no such list here")
    good, ill = (
        site.put("/a.jsonl", body(LINES)),
        site.put("/b.jsonl", raw(HEAD + b"Content-Length: 9\r\n\r\nx")),
    )
    for _ in range(2):
        Result(good)
        refused(ill)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        Result(good)
        refused(ill)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1


def test_no_article_makes_a_request(tmp_path) -> None:
    """In a process where any attempt to reach the net is told at once."""
    away = "http://news.invalid/x"
    files = {
        "a.xml": f'<?xml version="1.0"?><?xml-stylesheet href="{away}"?><!DOCTYPE rss [<!ENTITY e SYSTEM "{away}">]><rss version="2.0"><channel><title>t</title><link>{away}</link><item><title>One</title><link>{away}</link><enclosure url="{away}" type="audio/mpeg"/><description>&e; &lt;img src="{away}"&gt; words of the item</description></item></channel></rss>',
        "b.xml": f'<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>{away}</loc></sitemap></sitemapindex>',
        "c.xml": f'<?xml version="1.0"?><urlset xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"><url><loc>{away}</loc><n:news><n:title>Two words of title</n:title></n:news></url></urlset>',
        "d.xml": f'<?xml version="1.0"?><!DOCTYPE r SYSTEM "{away}"><records xmlns:xi="http://www.w3.org/2001/XInclude"><article><title>t</title><text>Some words here.</text><xi:include href="{away}" parse="text"/></article></records>',
        "e.html": PAGE.decode().replace("<title>", f'<base href="{away}"><meta http-equiv=refresh content="0;url={away}"><link rel=canonical href="{away}"><link rel=next href="{away}"><script src="{away}"></script><title>') + f'<img src="{away}"><iframe src="{away}"></iframe>',
        "f.jsonl": json_lines(*({"id": str(n), "text": f"Words {n} of it. {u}", "url": u, "source": u, "image": u} for n, u in enumerate([away, "s3://b/k", "gs://b/k", "file:///etc/passwd", "memory://x"]))).decode(),
        "g.warc": f"WARC/1.0\r\nWARC-Type: resource\r\nWARC-Target-URI: {away}\r\nWARC-Record-ID: <urn:uuid:1>\r\nWARC-Date: 2025-03-01T00:00:00Z\r\nContent-Type: text/html\r\nContent-Length: {len(PAGE)}\r\n\r\n{PAGE.decode()}\r\n\r\n",
        "h.eml": f"From: a@h.example\r\nSubject: s\r\nContent-Type: text/html\r\n\r\n<p>Words of mail <img src='{away}'></p>",
    }  # fmt: skip
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8", newline="")
    code = (
        "import sys\n"
        "def hook(event, args):\n"
        "    if event in ('socket.connect', 'socket.getaddrinfo', 'socket.gethostbyname', 'socket.sendto', 'urllib.Request'):\n"
        "        print('REQUEST', event, args, file=sys.stderr)\n"
        "sys.addaudithook(hook)\n"
        "from dedupe.cli import main\n"
        f"main(['report', {str(tmp_path)!r}, '--html', {str(tmp_path / 'r.out')!r}])\n"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "REQUEST" not in ran.stderr
    assert (tmp_path / "r.out").exists()


def test_what_a_page_or_a_feed_of_the_web_refers_to_is_not_asked_for(site) -> None:
    away = site.url("/away")
    feed = FEED.replace(
        b"<item>", f'<link>{away}</link><item><link>{away}</link><enclosure url="{away}"/>'.encode()
    )
    map_ = f"<sitemapindex><sitemap><loc>{away}</loc></sitemap></sitemapindex>".encode()
    for path, data in (
        ("/f.xml", feed),
        ("/p.html", PAGE.replace(b"<p>", f'<p><img src="{away}">'.encode())),
    ):
        assert len(Result(site.put(path, body(data))).articles) == 1
    assert "an index of site maps" in refused(site.put("/s.xml", body(map_)))
    assert site.paths == ["/f.xml", "/p.html", "/s.xml"]


def test_the_test_of_requests_would_see_one(site) -> None:
    code = "import sys; sys.addaudithook(lambda e, a: e == 'socket.connect' and print('REQUEST'))\nimport socket; socket.create_connection(('127.0.0.1', %s)).close()"
    ran = subprocess.run(
        [sys.executable, "-c", code % site.host.rpartition(":")[2]],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "REQUEST" in ran.stdout
    assert socket.gethostname()
