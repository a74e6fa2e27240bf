"""Server-sent events: what happens to an index is told to whoever follows."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self

import pytest
from server_harness import Served, article, text_of

import dedupe.server.events
import dedupe.server.feed
from dedupe.index import open_index
from dedupe.index.changes import Changes
from dedupe.server.answering import Service
from dedupe.server.events import EVENTS_TYPE
from dedupe.server.feed import FOLLOWERS, EventFeed
from dedupe.server.measures import Measures
from dedupe.server.routes import application
from dedupe.server.shared import ServerLimits, SharedIndex

pytestmark = pytest.mark.posix


class Sent(NamedTuple):
    id: int
    event: str
    data: dict[str, Any]


class Follower:
    """An open stream of events."""

    def __init__(self, served: Served, query: str = "", **headers: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request("GET", f"/v1/events{query}", headers=told)
        self.answer = self._connection.getresponse()
        self._until = time.monotonic() + 90
        self.begins = 0
        """The position that was told without an event."""

    def block(self) -> dict[str, str]:
        """The fields of the next block; those of a comment are empty."""
        fields: dict[str, str] = {}
        while line := self.answer.readline().decode().rstrip("\n"):
            name, _, value = line.partition(": ")
            fields |= {name: value} if name else {}
        return fields

    def next(self) -> Sent:
        while True:
            fields = self.block()
            if "event" in fields:
                return Sent(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            self.begins = int(fields.get("id", self.begins))
            assert time.monotonic() < self._until, "no event comes"

    def rest(self) -> bytes:
        return self.answer.read()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("followed") / "i") as server:
        yield server


def test_each_change_is_told_as_it_happens(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, Follower(served) as follower:
        assert follower.answer.headers["Content-Type"] == EVENTS_TYPE
        assert follower.answer.headers["Cache-Control"] == "no-store"
        served.admit(article(1))
        served.admit([{"id": "copy", "text": text_of(1)}, article(2)])
        first, copy, other = (follower.next() for _ in range(3))
        about = {"number": 1, "id": "a1", "story": "s1", "relation": "new", "to": None}
        assert (first.id, first.event) == (1, "admitted")
        assert first.data.pop("arrived").endswith("Z")
        assert first.data == about
        assert (copy.data["relation"], copy.data["to"], other.data["story"]) == (
            "identical", "a1", "s2",
        )  # fmt: skip
        served.ask("POST", "/v1/different", {"a": "a2", "b": "gone"})
        different = follower.next()
        served.ask("DELETE", "/v1/articles/a2")
        removed = follower.next()
        assert (different.event, removed.event) == ("different", "removed")
        assert different.data == {"articles": [{"number": 3, "id": "a2", "story": "s2"}]}
        assert removed.data == {"articles": [{"number": 3, "id": None, "story": "s2"}]}
        assert follower.begins == 0


def test_what_another_process_does_to_the_index_is_told_too(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, Follower(served) as follower:
        served.admit([article(1), article(2)])
        assert [follower.next().data["id"] for _ in range(2)] == ["a1", "a2"]
        with open_index(tmp_path / "i") as index:
            index.settle("s2", {"s2": "s1"}, ())
        merged = follower.next()
        assert (merged.event, merged.data) == ("merged", {"story": "s2", "into": "s1"})


@pytest.mark.parametrize("how", ["header", "query"])
def test_who_was_cut_off_is_told_what_it_missed(served: Served, how: str) -> None:
    with Follower(served) as follower:
        served.admit(article(10 if how == "header" else 20))
        last = follower.next().id
    number = 11 if how == "header" else 21
    served.admit([article(number), article(number + 1)])
    query, headers = ("", {"Last_Event_ID": str(last)}) if how == "header" else (
        f"?after={last}", {})  # fmt: skip
    with Follower(served, query, **headers) as again:
        missed = [again.next().data["id"] for _ in range(2)]
        assert missed == [f"a{number}", f"a{number + 1}"]
        served.admit(article(number + 2))
        assert again.next().data["id"] == f"a{number + 2}"


def test_who_follows_goes_on_where_it_was_at_the_next_start_of_the_server(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, Follower(served) as follower:
        served.admit(article(1))
        last = follower.next().id
        served.stop(signal.SIGKILL)
    with Served(tmp_path / "i") as served, Follower(served, Last_Event_ID=str(last)) as follower:
        served.admit(article(2))
        assert follower.next().data["id"] == "a2"


def test_who_asks_for_a_position_that_never_was_is_told_to_begin_anew(served: Served) -> None:
    with Follower(served, "?after=999999999") as follower:
        reset = follower.next()
        assert (reset.event, reset.data) == ("reset", {"position": reset.id})
        assert reset.id < 999999999


def test_with_seconds_a_stream_ends(served: Served) -> None:
    served.admit(article(30))
    with Follower(served, "?after=0&seconds=0") as follower:
        assert b'"id":"a30"' in follower.rest()
    with Follower(served, "?seconds=1") as follower:
        assert follower.rest().startswith(b"id: ")


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?after=-1", {}),
        ("?after=1e9", {}),
        ("?after=", {}),
        ("?seconds=86401", {}),
        ("", {"Last_Event_ID": "9" * 400}),
        ("", {"Last_Event_ID": "x"}),
    ],
)
def test_a_position_that_is_no_number_is_refused(served: Served, query, headers) -> None:
    told = served.ask("GET", f"/v1/events{query}", **headers)
    assert (told.status, "is a number from 0" in told.json["error"]) == (400, True)


def test_a_last_event_that_is_empty_counts_for_nothing(served: Served) -> None:
    served.admit(article(31))
    with Follower(served, "?after=0&seconds=0", Last_Event_ID="") as follower:
        assert b'"id":"a31"' in follower.rest()


def test_a_head_is_answered_at_once(served: Served) -> None:
    told = served.ask("HEAD", "/v1/events")
    assert (told.status, told.headers["content-type"]) == (200, EVENTS_TYPE)


def test_more_than_the_bound_are_put_off(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, contextlib.ExitStack() as stack:
        for _ in range(FOLLOWERS):
            assert stack.enter_context(Follower(served)).answer.status == 200
        told = served.ask("GET", "/v1/events")
        assert (told.status, told.headers["retry-after"]) == (503, "1")
        assert served.admit(article(1)).status == 200


def test_a_signal_ends_streams_in_good_order(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, Follower(served) as follower:
        served.admit(article(1))
        assert follower.next().data["id"] == "a1"
        start = time.monotonic()
        assert served.stop() == 143
        assert time.monotonic() - start < 20
        assert follower.rest() == b"", "and not cut off in the middle"


def test_who_reads_no_events_is_cut_off_and_memory_stays_flat(tmp_path: Path) -> None:
    with Served(tmp_path / "i", "--seconds", 3) as served, socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.connect(("127.0.0.1", served.port))
        slow.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
        with Follower(served) as follower:
            for number in range(150):  # more than the system holds on the way
                told = served.admit({"id": f"{number}-{'x' * 60_000}", "text": text_of(number)})
                assert told.status == 200
            numbers = [follower.next().data["number"] for _ in range(150)]
            assert numbers == list(range(1, 151))
            before = served.memory()
            ended = b'dedupe_request_seconds_count{method="GET",route="/v1/events"'
            end = time.monotonic() + 60
            while ended not in served.ask("GET", "/metrics").body:
                assert time.monotonic() < end, "it is waited for still"
                time.sleep(0.2)
            served.admit(article(1))
            assert follower.next().data["id"] == "a1", "others are told as before"
            assert served.memory() < before + 64_000


# Without a process


class Watched(SharedIndex):
    """Counts how often the index is asked."""

    asked = 0

    async def read(self, call: Any) -> Any:
        self.asked += 1
        return await super().read(call)


@contextlib.contextmanager
def service(path: Path) -> Iterator[Service]:
    def opened() -> Any:
        return open_index(path)

    shared = Watched(opened, opened, (), ServerLimits())
    shared.start()
    try:
        yield Service(shared=shared, measures=Measures(shared), log=print)
    finally:
        shared.stop()


class Stream:
    """A client of an application, in its event loop."""

    def __init__(self, of: Service, query: bytes = b"") -> None:
        self._app, self._query = application(of), query
        self._gone = asyncio.Event()
        self._asked = False
        self.sent: asyncio.Queue[bytes] = asyncio.Queue()

    async def _receive(self) -> dict[str, Any]:
        if self._asked:
            await self._gone.wait()
            return {"type": "http.disconnect"}
        self._asked = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def _send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body":
            self.sent.put_nowait(message["body"])

    async def __aenter__(self) -> Self:
        scope = {"type": "http", "method": "GET", "path": "/v1/events",
                 "headers": [(b"host", b"localhost")], "query_string": self._query}  # fmt: skip
        self._task = asyncio.create_task(self._app(scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await asyncio.wait_for(self._task, 10)


def test_the_index_is_looked_at_by_one_for_all_and_by_none_while_nobody_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dedupe.server.feed, "LOOK_SECONDS", 0.01)

    async def run(of: Service) -> tuple[int, int, int]:
        async with contextlib.AsyncExitStack() as stack:
            for _ in range(20):
                stream = await stack.enter_async_context(Stream(of))
                await asyncio.wait_for(stream.sent.get(), 10)
            opened = of.shared.asked
            await asyncio.sleep(0.2)
            looked = of.shared.asked - opened
        ended = of.shared.asked
        await asyncio.sleep(0.1)
        return opened, looked, of.shared.asked - ended

    with service(tmp_path / "i") as made:
        opened, looked, after = asyncio.run(run(made))
    assert opened < 1 + 20 * 5
    assert 0 < looked <= 21
    assert after == 0


def test_a_comment_keeps_a_silent_line_open(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(dedupe.server.events, "BEAT_SECONDS", 0.05)

    async def run(of: Service) -> list[bytes]:
        async with Stream(of) as stream:
            return [await asyncio.wait_for(stream.sent.get(), 10) for _ in range(3)]

    with service(tmp_path / "i") as made:
        begun, *comments = asyncio.run(run(made))
    assert begun == b"id: 0\n\n"
    assert all(comment.startswith(b":") and comment.endswith(b"\n\n") for comment in comments)


def test_who_is_behind_what_is_held_is_told_from_the_log(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(dedupe.server.feed, "RECENT_BYTES", 300)
    monkeypatch.setattr(dedupe.server.feed, "SENT_BYTES", 300)
    monkeypatch.setattr(dedupe.server.feed, "TOGETHER", 3)
    monkeypatch.setattr(dedupe.server.feed, "LOOK_SECONDS", 0.01)

    async def run(of: Service) -> list[bytes]:
        async with Stream(of, b"after=0&seconds=1") as stream:
            await stream.sent.get()
            await of.shared.change(
                lambda index: index.admit_many([article(n) for n in range(11)]) and None
            )
            told = []
            while block := await asyncio.wait_for(stream.sent.get(), 10):
                told.append(block)
            return told

    with service(tmp_path / "i") as made:
        told = b"".join(asyncio.run(run(made)))
    ids = [int(line[4:]) for line in told.splitlines() if line.startswith(b"id: ")]
    assert ids == list(range(1, 12)), "each once, in order"


def test_what_is_forgotten_while_somebody_follows_is_told_as_that() -> None:
    class Forgetful:
        position = 5

        async def read(self, _: Any) -> Changes:
            self.position += 10
            return Changes(self.position, None)

        limits = ServerLimits()

    async def run() -> bytes:
        feed, shared = EventFeed(), Forgetful()
        async with feed.followed(shared):
            return (await feed.following(shared, 3)).blocks

    assert asyncio.run(run()) == b'id: 25\nevent: reset\ndata: {"position":25}\n\n'
