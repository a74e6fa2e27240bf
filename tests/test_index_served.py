"""An index behind a server, with the interface of one that is here."""

from __future__ import annotations

import asyncio
import http.server
import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from index_corpus import Event, copy_of, newsroom
from server_harness import Served, article, decisions_told

import dedupe.index.served
from dedupe import Article, Filter, open_index, open_index_async
from dedupe.errors import BusyError, NotAnIndexError, RecordError, SettingError, StoreError
from dedupe.index.served import MOST_ARTICLES, ServedIndex
from dedupe.model import Verdict

TOKEN = "t0k3n" * 6


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "i") as server:
        yield server


def near(verdict: Verdict) -> Verdict:
    """Without days, which are told to six digits."""
    matches = tuple(
        replace(match, days=None if match.days is None else round(match.days, 5))
        for match in verdict.matches
    )
    return replace(verdict, matches=matches)


@pytest.mark.posix
def test_it_answers_as_an_index_that_is_here(tmp_path: Path) -> None:
    articles = newsroom(3, events=8)
    with (
        Served(tmp_path / "a") as server,
        open_index(server.address) as there,
        open_index(tmp_path / "b") as here,
    ):
        for start in range(0, len(articles), 7):
            part = articles[start : start + 7]
            checked = there.check_many(part)
            assert list(map(near, checked)) == list(map(near, here.check_many(part)))
            admitted = there.admit_many(part)
            assert list(map(near, admitted)) == list(map(near, here.admit_many(part)))
        again = there.admit(articles[0])
        assert near(again) == near(here.admit(articles[0]))
        assert again.replayed
        for one in articles[::3]:
            found, own = there.get(one.id), here.get(one.id)
            assert replace(found, arrived=own.arrived) == own
        told = [(story.id, story.articles, story.merged) for story in there.stories()]
        assert told == [(story.id, story.articles, story.merged) for story in here.stories()]
        assert there.story("s1").articles == here.story("s1").articles
        assert there.remove(articles[0].id) is True
        assert there.remove(articles[0].id) is False
        assert there.get(articles[0].id) is there.story("s999") is None


@pytest.mark.posix
def test_articles_are_marked_different_there_as_here(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(dedupe.index.served, "PAGE", 2)
    text = Event(78).report("first")
    articles = [text, *(copy_of(text, name) for name in ("second", "odd/ id?#%2f", "half\udfff"))]
    with (
        Served(tmp_path / "a") as server,
        open_index(server.address) as there,
        open_index(tmp_path / "b") as here,
    ):
        for index in (there, here):
            index.admit_many(articles)
            for one in articles[1:]:
                index.mark_different(one.id, "first")
            with pytest.raises(StoreError, match="different from itself"):
                index.mark_different("a", "a")
            with pytest.raises(RecordError, match="no id"):
                index.mark_different("a", "")
        assert there.differences() == here.differences()
        assert len(there.differences()) == 3
        assert there.differences("second") == here.differences("second") == (("first", "second"),)
        assert there.get("second").story == here.get("second").story != "s1"


@pytest.mark.posix
@pytest.mark.parametrize(
    "given",
    [
        Article("markup", "a < b &amp; <p>c</p> &lt;i&gt;", title="  <b>T</b> - The Times "),
        Article("odd/ id?#%2f\u202e", "text", url="https://a.example/?utm_source=x#y"),
        Article("surrogate\ud800", "half \udfff of it"),
        Article(
            "dated", "t", date=datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=UTC), lang="xx"
        ),
        Article("day", "t", date=datetime(1, 1, 1, tzinfo=UTC), source="the times"),
        Article("blank", " \n\t "),
    ],
    ids=lambda given: given.id[:5],
)
def test_an_article_arrives_as_it_is(served: Served, tmp_path: Path, given: Article) -> None:
    with open_index(served.address) as there, open_index(tmp_path / "i") as here:
        there.admit(given)
        here.admit(given)
        assert there.get(given.id).article == here.get(given.id).article


@pytest.mark.posix
def test_many_articles_go_in_parts(served: Served) -> None:
    articles = [Article(f"m{n}", f"Number {n} of many.") for n in range(MOST_ARTICLES + 3)]
    with open_index(served.address) as index:
        assert [v.id for v in index.admit_many(articles)] == [a.id for a in articles]
        assert index.admit_many([]) == []


@pytest.mark.posix
def test_what_a_server_takes_no_more_of_is_told_as_that(tmp_path: Path) -> None:
    with (
        Served(tmp_path / "i", "--body-bytes", 1024) as server,
        open_index(server.address) as index,
    ):
        with pytest.raises(StoreError, match="the body is longer than 1024 bytes") as error:
            index.admit(Article("long", "word " * (6 << 20)))
        assert not isinstance(error.value, BusyError), "it is not sent again and again"
        assert index.admit(Article("short", "word")).relation == "new"


@pytest.mark.posix
def test_a_filter_works_with_it_unchanged(served: Served) -> None:
    text = Event(77).report("first")
    with open_index(served.address) as index:
        keep = Filter(index)
        assert [keep(text), keep(copy_of(text, "second"))] == [True, False]
        asking = Filter(index, admit=False)
        assert not asking(copy_of(text, "third"))
        assert index.get("third") is None


@pytest.mark.posix
def test_dedupe_filter_asks_a_server(served: Served, tmp_path: Path) -> None:
    lines = b"".join(json.dumps(article(n)).encode() + b"\n" for n in (501, 502, 501))
    lines += json.dumps({**article(501), "id": "copy"}).encode() + b"\n"
    command = [sys.executable, "-m", "dedupe", "filter", "--index", served.address]
    done = subprocess.run(command, input=lines, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert [json.loads(line)["id"] for line in done.stdout.splitlines()] == ["a501", "a502", "a501"]


@pytest.mark.posix
def test_dedupe_index_different_marks_at_a_server(served: Served) -> None:
    served.admit([article(701), {**article(701), "id": "b701"}])
    command = [sys.executable, "-m", "dedupe", "index", "different", served.address, "a701", "b701"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    with open_index(served.address) as index:
        assert index.differences("b701") == (("a701", "b701"),)


@pytest.mark.posix
def test_dedupe_watch_admits_to_a_server(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    (folder / "one.jsonl").write_text(json.dumps(article(601)), "utf-8")
    command = [sys.executable, "-m", "dedupe", "watch", folder, "--index", served.address, "--once"]
    refused = subprocess.run(command, capture_output=True, check=False)
    assert (refused.returncode, b"--state FILE" in refused.stderr) == (2, True)
    command += ["--state", tmp_path / "state"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert served.ask("GET", "/v1/articles/a601").status == 200


@pytest.mark.posix
def test_what_a_server_does_not_do_is_said(served: Served) -> None:
    with open_index(served.address) as index:
        for call in (
            index.stats, index.compact, index.last_story, lambda: list(index.verify()),
            lambda: index.changes(None),
            lambda: list(index.articles()), lambda: index.expire(datetime.now(UTC)),
        ):  # fmt: skip
            with pytest.raises(NotAnIndexError, match="do it where its index is"):
                call()


@pytest.mark.posix
def test_an_article_that_no_index_takes_is_refused_here(served: Served) -> None:
    with open_index(served.address) as index:
        with pytest.raises(RecordError, match="no id"):
            index.admit(Article("", "text"))
        with pytest.raises(RecordError, match="no id"):
            index.get("")


@pytest.mark.parametrize(
    "more",
    [{"window": 3.0}, {"durability": "full"}, {"same_by": "id"}],
    ids=lambda more: next(iter(more)),
)
def test_how_a_server_judges_is_not_set_by_who_asks(more: dict) -> None:
    with pytest.raises(SettingError, match="where it is started"):
        open_index("http://localhost:1", **more)


@pytest.mark.parametrize("address", ["http://", "http://:80", "https://[::1", "http://h:99999"])
def test_an_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(SettingError, match="no address of a server"):
        open_index(address)


def test_a_host_that_can_have_no_such_name_is_refused() -> None:
    with pytest.raises(SettingError, match="no host has such a name"):
        open_index("http://a b")


# For asyncio


@pytest.mark.posix
def test_calls_are_awaited_and_go_over_several_connections(served: Served) -> None:
    text = Event(79).report("first")

    async def run() -> None:
        async with open_index_async(served.address, connections=4) as index:
            copies = [copy_of(text, f"async{n}") for n in range(12)]
            found = await asyncio.gather(*map(index.admit, copies))
            assert [verdict.relation for verdict in found].count("new") == 1
            verdict = await index.check(copies[0])
            assert verdict.replayed
            assert [v.replayed for v in await index.check_many(copies[:2])] == [True, True]
            assert [v.replayed for v in await index.admit_many(copies[:2])] == [True, True]
            story = await index.story((await index.get("async3")).story)
            assert "async3" in story.articles
            listed = [one.id async for one in index.stories()]
            assert story.id in listed
            assert [one.id for one in await index.stories_page("", 1)] == listed[:1]
            await index.mark_different("async1", "async2")
            assert await index.differences("async1") == (("async1", "async2"),)
            assert await index.remove("async4")
            assert not await index.remove("async4")
            with pytest.raises(RecordError, match="no id"):
                await index.admit(Article("", "text"))

    asyncio.run(run())


@pytest.mark.posix
def test_a_call_that_is_cancelled_leaves_the_others_alone(served: Served) -> None:
    async def run() -> None:
        async with open_index_async(served.address, connections=1) as index:
            calls = [asyncio.create_task(index.admit(Article(f"c{n}", f"t {n}"))) for n in range(3)]
            calls[1].cancel()
            found = await asyncio.gather(*calls, return_exceptions=True)
            assert [getattr(one, "id", None) for one in found] == ["c0", None, "c2"]

    asyncio.run(run())


@pytest.mark.parametrize("target", ["memory:", "news.index", "http://", "http://a b"])
def test_for_asyncio_a_server_must_be_named(target: str) -> None:
    with pytest.raises(SettingError):
        open_index_async(target)
    with pytest.raises(SettingError, match="1 at least"):
        open_index_async("http://localhost:1", connections=0)


# Tokens


@pytest.mark.posix
def test_the_token_is_taken_from_the_environment_or_the_address(tmp_path, monkeypatch) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"crawler check,admit {TOKEN}\n", encoding="utf-8")
    with Served(tmp_path / "i", "--tokens", tokens) as server:
        with open_index(server.address) as index, pytest.raises(StoreError) as error:
            index.admit(Article("a", "text"))
        assert "DEDUPE_TOKEN" in str(error.value)
        with open_index(server.address.replace("//", f"//{TOKEN}@")) as index:
            assert TOKEN not in index.path
            assert index.admit(Article("a", "text")).relation == "new"
            with pytest.raises(StoreError, match="crawler has not the scope manage") as error:
                index.remove("a")
            assert TOKEN not in str(error.value)
        monkeypatch.setenv("DEDUPE_TOKEN", TOKEN)
        with open_index(server.address) as index:
            assert index.admit(Article("a", "text")).replayed


def test_a_token_that_no_header_can_hold_is_refused_unquoted(monkeypatch) -> None:
    monkeypatch.setenv("DEDUPE_TOKEN", f" {TOKEN}\n")  # as read from a file
    open_index("http://localhost:1").close()
    for token in (f"{TOKEN}\u20ac", f"{TOKEN}\r\nX: y"):
        monkeypatch.setenv("DEDUPE_TOKEN", token)
        with pytest.raises(SettingError, match="look at DEDUPE_TOKEN") as error:
            open_index("http://localhost:1")
        assert TOKEN not in str(error.value)


# Servers that fail


Answering = Callable[[int], tuple[int, dict[str, str], bytes]]


@contextmanager
def answering(answer: Answering) -> Iterator[tuple[str, list[str]]]:
    """A server that gives its ``n``th request what a function says; None for no answer."""
    seen: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            seen.append(self.path)
            status, headers, body = answer(len(seen))
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", seen
        finally:
            server.shutdown()
            thread.join()


def refusal(status: int, kind: str = "") -> bytes:
    told = {"status": status, "error": "no luck", "kind": kind, "request_id": "r"}
    return json.dumps(told).encode()


def test_a_request_is_sent_again_until_it_is_answered() -> None:
    def answer(number: int) -> tuple[int, dict[str, str], bytes]:
        if number == 1:
            return 0, {}, b""
        return (
            (503, {"Retry-After": "0"}, refusal(503))
            if number == 2
            else (200, {}, decisions_told("a"))
        )

    with answering(answer) as (address, seen), open_index(address, patience=20) as index:
        assert index.admit(Article("a", "text")).relation == "new"
    assert len(seen) == 3


def test_a_server_that_stays_busy_is_an_error_after_a_while() -> None:
    with answering(lambda _: (503, {"Retry-After": "0"}, refusal(503))) as (address, seen):
        start = time.monotonic()
        with open_index(address, patience=0.5) as index, pytest.raises(BusyError, match="no luck"):
            index.admit(Article("a", "text"))
        assert len(seen) > 1
        assert time.monotonic() - start < 10


@pytest.mark.parametrize("kind", ["DamagedError", "FullError", "ReadOnlyError"])
def test_an_error_of_the_index_is_the_same_error_here(kind: str) -> None:
    with answering(lambda _: (503, {}, refusal(503, kind))) as (address, _):
        with open_index(address) as index, pytest.raises(StoreError, match="no luck") as error:
            index.admit(Article("a", "text"))
        assert type(error.value).__name__ == kind


@pytest.mark.parametrize("kind", ["SystemExit", "os", "DedupeError", "__doc__"])
def test_a_kind_that_is_none_of_ours_is_an_error_of_the_store(kind: str) -> None:
    with answering(lambda _: (500, {}, refusal(500, kind))) as (address, _):
        with open_index(address) as index, pytest.raises(StoreError, match="no luck") as error:
            index.admit(Article("a", "text"))
        assert type(error.value) is StoreError


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"<html>"), (200, b"[]"), (200, b"[1]"), (200, b'[{"id": 1}]'), (200, b"[" * 9999),
     (302, b""), (404, b"not here"), (500, b"{}")],
)  # fmt: skip
def test_what_is_no_server_of_ours_is_said(status: int, body: bytes) -> None:
    with answering(lambda _: (status, {}, body)) as (address, seen):
        with open_index(address) as index, pytest.raises(NotAnIndexError, match="no dedupe serve"):
            index.admit(Article("a", "text"))
        assert len(seen) == 1


def test_a_server_that_is_not_there_is_said() -> None:
    # Windows asks a closed port for two seconds before it says that it is refused.
    with open_index("http://127.0.0.1:9", patience=0.1) as index:
        assert isinstance(index, ServedIndex)
        with pytest.raises(BusyError, match=r"http://127\.0\.0\.1:9: the (host ref|server did)"):
            index.check(Article("a", "text"))
