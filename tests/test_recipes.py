"""Recipes, run as they stand: queues with their real servers, the others as their hosts call them."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from programs import free_port, needed, running
from server_harness import article

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "recipes"
GOOD, COPY = article(1), {**article(1), "id": "copy"}
BROKEN, EMPTY = b'{"id": "x", "text": "half', b'{"id": "y", "url": "https://news.example/y"}'


class Nats:
    """JetStream, as others than the recipe use it."""

    program, extra = "nats-server", "nats"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"nats://127.0.0.1:{self.port}"
        self.words = [
            needed(self.program),
            "-a",
            "127.0.0.1",
            "-p",
            self.port,
            "-js",
            "-sd",
            folder,
        ]

    def _do(self, act: Callable[[Any], Any]) -> Any:
        import nats

        async def connected() -> Any:
            client = await nats.connect(self.address)
            try:
                return await act(client.jetstream())
            finally:
                await client.close()

        return asyncio.run(connected())

    def prepare(self) -> None:
        self._do(lambda js: js.add_stream(name="ARTICLES", subjects=["articles", "articles.>"]))

    def give(self, bodies: list[bytes]) -> None:
        async def act(js: Any) -> None:
            for body in bodies:
                await js.publish("articles", body)

        self._do(act)

    def found(self, name: str) -> list[tuple[bytes, dict[str, str]]]:
        async def act(js: Any) -> list[tuple[bytes, dict[str, str]]]:
            info = await js.stream_info("ARTICLES")
            messages = [
                await js.get_msg("ARTICLES", number) for number in range(1, info.state.last_seq + 1)
            ]
            return [(m.data, m.headers or {}) for m in messages if m.subject == name]

        return self._do(act)

    def left(self) -> int:
        async def act(js: Any) -> int:
            info = await js.consumer_info("ARTICLES", "dedupe")
            return info.num_pending + info.num_ack_pending

        # What the recipe published counts as pending nowhere: its subject is another one.
        return self._do(act)


class Redis:
    """Streams."""

    program, extra = "redis-server", "redis"

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.address = f"redis://127.0.0.1:{self.port}"
        self.words = [needed(self.program), "--port", self.port, "--bind", "127.0.0.1"]
        self.words += ["--dir", folder, "--save", "", "--daemonize", "no"]

    @property
    def _client(self) -> Any:
        import redis

        return redis.Redis(port=self.port)

    def prepare(self) -> None:
        with self._client as client:
            client.ping()

    def give(self, bodies: list[bytes]) -> None:
        with self._client as client:
            for body in bodies:
                client.xadd("articles", {"__data__": body})

    def found(self, name: str) -> list[tuple[bytes, dict[str, str]]]:
        with self._client as client:
            rows = [row for _, row in client.xrange(name)]
        return [
            (row.pop(b"__data__"), {k.decode(): v.decode() for k, v in row.items()}) for row in rows
        ]

    def left(self) -> int:
        with self._client as client:
            [group] = client.xinfo_groups("articles")
            return group["pending"] + (group["lag"] or 0)


@pytest.fixture(params=[Nats, Redis], ids=["nats", "redis"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if find_spec("faststream") is None:
        pytest.skip("faststream is not installed")
    pytest.importorskip(request.param.extra)
    folder = tmp_path / "queue"
    folder.mkdir()
    found = request.param(folder)
    with running(found.words, found.port):
        found.prepare()
        yield found


@contextmanager
def consuming(queue: Any, index: Path, again: str = "30") -> Iterator[subprocess.Popen[str]]:
    words = [sys.executable, RECIPES / "queue_consumer.py", queue.address, index]
    path = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    with running(words, PYTHONPATH=path, DEDUPE_AGAIN_SECONDS=again) as process:
        yield process


def waited(asked: Callable[[], Any], process: subprocess.Popen[str]) -> Any:
    """What is asked, once it is something."""
    end = time.monotonic() + 60
    while True:
        if found := asked():
            return found
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < end
        time.sleep(0.1)


def test_what_is_new_goes_on_copies_end_and_what_is_no_article_goes_aside(
    queue: Any, tmp_path: Path
) -> None:
    queue.give([json.dumps(GOOD).encode(), BROKEN, EMPTY])
    with consuming(queue, tmp_path / "news.index") as process:
        waited(lambda: len(queue.found("articles.new")) == 1, process)
        queue.give([json.dumps(row).encode() for row in (COPY, GOOD)])
        waited(lambda: len(queue.found("articles.new")) == 2, process)
        waited(lambda: not queue.left(), process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    first, again = (json.loads(body) for body, _ in queue.found("articles.new"))
    assert {**GOOD, "dedupe": first["dedupe"]} == first
    assert (first["dedupe"]["relation"], first["dedupe"]["replayed"]) == ("new", False)
    assert again["dedupe"] == {**first["dedupe"], "replayed": True}, "one that came twice"
    dead = dict(queue.found("articles.dead"))
    assert dead.keys() == {BROKEN, EMPTY}
    assert all(headers["reason"] for headers in dead.values())


def test_what_was_under_way_in_a_crash_comes_again_and_nothing_is_lost(
    queue: Any, tmp_path: Path
) -> None:
    rows = [article(number) for number in range(60)]
    with consuming(queue, tmp_path / "news.index", "3") as process:
        queue.give([json.dumps(row).encode() for row in rows])
        waited(lambda: queue.found("articles.new"), process)
        process.kill()
    with consuming(queue, tmp_path / "news.index", "3") as process:
        waited(lambda: not queue.left(), process)
    told = [json.loads(body) for body, _ in queue.found("articles.new")]
    assert {row["id"] for row in told} == {row["id"] for row in rows}
    stories = {(row["id"], row["dedupe"]["story"], row["dedupe"]["relation"]) for row in told}
    assert len(stories) == len(rows), "an article that came twice was answered alike"
