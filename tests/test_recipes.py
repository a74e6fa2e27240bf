"""Recipes, run as they stand: queues with their real servers, the others as their hosts call them."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml
from programs import needed, running
from server_harness import JSON, Served, article, text_of
from web_server import free_port

from dedupe.hooks.filter import Decision, decision_object

pytestmark = pytest.mark.posix

ROOT = Path(__file__).parent.parent
RECIPES = ROOT / "recipes"
PAGE = (ROOT / "docs/recipes.md").read_text("utf-8")
GOOD, COPY = article(1), {**article(1), "id": "copy"}
BROKEN, EMPTY = b'{"id": "x", "text": "half', b'{"id": "y", "url": "https://news.example/y"}'


class Nats:
    """JetStream, as others than the recipe use it."""

    program, module = "nats-server", "nats"

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

    program, module = "redis-server", "redis"

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


class Rabbit:
    """Durable queues."""

    program, module = "rabbitmq-server", "aio_pika"

    def __init__(self, folder: Path) -> None:
        needed(self.program)
        self.port = free_port()
        self.address = f"amqp://guest:guest@127.0.0.1:{self.port}/"
        # What Debian has in the path takes another user; it calls this.
        self.words = ["/usr/lib/rabbitmq/bin/rabbitmq-server"]
        self.own = {
            "RABBITMQ_NODENAME": f"dedupe{self.port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(free_port()),
            "ERL_EPMD_PORT": str(free_port()),
            "RABBITMQ_MNESIA_BASE": str(folder),
            "RABBITMQ_LOG_BASE": str(folder),
            "HOME": str(folder),
        }

    def _do(self, act: Callable[[Any], Any]) -> Any:
        import aio_pika

        async def connected() -> Any:
            async with await aio_pika.connect(self.address) as connection:
                return await act(await connection.channel())

        return asyncio.run(connected())

    def prepare(self) -> None:
        async def act(channel: Any) -> None:
            for name in ("articles", "articles.new", "articles.dead"):
                await channel.declare_queue(name, durable=True)

        self._do(act)

    def give(self, bodies: list[bytes]) -> None:
        import aio_pika

        async def act(channel: Any) -> None:
            for body in bodies:
                await channel.default_exchange.publish(aio_pika.Message(body), "articles")

        self._do(act)

    def found(self, name: str) -> list[tuple[bytes, dict[str, str]]]:
        async def act(channel: Any) -> list[tuple[bytes, dict[str, str]]]:
            queue = await channel.get_queue(name)
            messages = []  # none is acknowledged: all go back
            while message := await queue.get(fail=False):
                messages.append((message.body, message.headers))
            return messages

        return self._do(act)

    def end(self) -> None:
        """Erlang leaves a program behind that knows its nodes."""
        subprocess.run(
            ["epmd", "-kill"], env={**os.environ, **self.own}, check=True, capture_output=True
        )

    def left(self) -> int:
        async def act(channel: Any) -> int:
            return (await channel.get_queue("articles")).declaration_result.message_count

        return self._do(act)


@pytest.fixture(params=[Nats, Redis, Rabbit], ids=["nats", "redis", "rabbit"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    for module in ("faststream", request.param.module):
        if find_spec(module) is None:
            pytest.skip(f"{module} is not installed: faststream[nats,redis] of the extra dev")
    folder = tmp_path / "queue"
    folder.mkdir()
    found = request.param(folder)
    with running(found.words, found.port, **getattr(found, "own", {})):
        found.prepare()
        yield found
    if isinstance(found, Rabbit):
        found.end()


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
        ids = {row["id"] for row in rows}
        waited(
            lambda: ids == {json.loads(b)["id"] for b, _ in queue.found("articles.new")}, process
        )
    told = [json.loads(body) for body, _ in queue.found("articles.new")]
    stories = {(row["id"], row["dedupe"]["story"], row["dedupe"]["relation"]) for row in told}
    assert len(stories) == len(rows), "an article that came twice was answered alike"


@pytest.fixture
def recipe(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A recipe as its host imports it: from a folder."""
    monkeypatch.syspath_prepend(str(RECIPES))

    def imported(name: str) -> Any:
        monkeypatch.delitem(sys.modules, name, raising=False)
        return import_module(name)

    return imported


ITEM = {
    "_id": "urn:newsml:desk.example:2026-05-04T08:00:00:1",
    "guid": "urn:newsml:desk.example:2026-05-04T08:00:00:1",
    "ingest_id": "urn:wire:77",
    "type": "text",
    "state": "routed",
    "headline": "Ferry sinks in Orrin Sound",
    "body_html": f"<p>{text_of(1)}</p><p>{text_of(2)}</p>",
    "versioncreated": datetime(2026, 5, 4, 8, tzinfo=UTC),
    "source": "Meridian Press",
    "language": "en",
    "extra": {"priority": 3},
}
"""As Superdesk hands one to a macro: ninjs with a few fields of its own."""


def test_a_macro_of_superdesk_marks_items_and_holds_back_copies(
    recipe: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    macro = recipe("superdesk_macro")
    assert (macro.access_type, macro.action_type) == ("backend", "direct")
    with Served(tmp_path / "news.index") as served:
        monkeypatch.setenv("DEDUPE_URL", served.address)
        first = macro.callback(copy.deepcopy(ITEM), desk_id="sports", stage_id="incoming")
        assert first["extra"]["dedupe"]["relation"] == "new"
        assert {**first, "extra": ITEM["extra"]} == ITEM, "an item that passes is as it was"
        other_desk = macro.callback({**copy.deepcopy(ITEM), "guid": "urn:newsml:desk.example:2"})
        assert other_desk["extra"]["dedupe"] == {**first["extra"]["dedupe"], "replayed": True}
        again = {**copy.deepcopy(ITEM), "guid": "b", "ingest_id": "urn:wire:78", "ednote": "Check"}
        told = macro.callback(again)
        assert told["auto_publish"] is False
        assert told["ednote"] == "Check identical of urn:wire:77"
        assert told["extra"]["priority"] == 3
        picture = {"guid": "c", "type": "picture", "headline": "A ferry"}
        assert macro.callback(dict(picture)) == picture
        held = served.ask("GET", "/v1/articles/urn%3Awire%3A77").json
    assert (held["title"], held["source"]) == (ITEM["headline"], ITEM["source"])
    assert held["date"] == "2026-05-04T08:00:00Z"


def test_a_macro_of_superdesk_lets_items_pass_while_nobody_answers(
    recipe: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEDUPE_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("DEDUPE_PATIENCE", "0.2")
    assert recipe("superdesk_macro").callback(copy.deepcopy(ITEM)) == ITEM


def test_a_task_of_airflow_that_is_run_again_writes_the_same_file(
    recipe: Callable[[str], Any], tmp_path: Path
) -> None:
    pass_on = recipe("airflow_dag").pass_on
    source, target = tmp_path / "crawl.jsonl", tmp_path / "crawl.new.jsonl"
    rows = [*(article(number, date="2026-05-04T08:00:00Z") for number in range(300)), COPY]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    index = str(tmp_path / "news.index")
    counts = pass_on(str(source), str(target), index)
    assert counts == {"new": 300, "identical": 1}
    passed = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [row["id"] for row in passed] == [row["id"] for row in rows[:-1]]
    assert pass_on(str(source), str(target), index) == counts
    again = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    for row in passed:
        row["dedupe"]["replayed"] = True
    assert again == passed
    assert not target.with_name("crawl.new.jsonl.part").exists()


def test_a_dag_of_airflow_is_declared(recipe: Callable[[str], Any]) -> None:
    pytest.importorskip("airflow.sdk", reason="Airflow is not installed")
    assert recipe("airflow_dag").news.task_ids == ["judge"]


def flow(name: str) -> Any:
    return json.loads((RECIPES / name).read_text("utf-8"))


def test_the_flows_of_node_red_and_n8n_are_wired_to_nodes_that_there_are() -> None:
    nodes = {node["id"]: node for node in flow("node-red.json")}
    for node in nodes.values():
        assert len(node.get("wires", [])) == node.get("outputs", len(node.get("wires", [])))
        assert {to for wires in node.get("wires", []) for to in wires} <= nodes.keys()
    given = flow("n8n.json")
    named = {node["name"] for node in given["nodes"]}
    assert given["connections"].keys() <= named
    reached = {
        to["node"]
        for of in given["connections"].values() for ends in of["main"] for to in ends
    }  # fmt: skip
    assert reached | {"Article"} == named


@pytest.mark.parametrize("name", ["node-red.json", "n8n.json", "logstash.conf", "vector.yaml"])
def test_what_asks_by_http_asks_for_what_there_is(name: str) -> None:
    asked = set(re.findall(r"/v1/[a-z]+", (RECIPES / name).read_text("utf-8")))
    assert asked == {"/v1/admit"}
    fields = set(
        re.findall(r"\[dedupe\]\[(\w+)\]|dedupe\.(\w+)", (RECIPES / name).read_text("utf-8"))
    )
    told = decision_object(Decision("a", passed=True, verdict=None))
    assert {one or other for one, other in fields} <= told.keys()


def test_the_pipeline_of_vector_is_wired() -> None:
    given = yaml.safe_load((RECIPES / "vector.yaml").read_text("utf-8"))
    there = given["sources"].keys() | given["transforms"].keys()
    for part in (*given["transforms"].values(), *given["sinks"].values()):
        assert set(part["inputs"]) <= there


def test_a_flow_of_node_red_answers_with_the_decision(tmp_path: Path) -> None:
    words = [needed("node-red"), "--userDir", tmp_path, "--port", free_port()]
    tokens = tmp_path / "tokens"
    tokens.write_text("flow check,admit 0123456789abcdef\n", encoding="utf-8")
    with Served(tmp_path / "news.index", "--tokens", tokens) as served:
        own = {"DEDUPE_URL": served.address, "DEDUPE_TOKEN": "0123456789abcdef"}
        with running([*words, RECIPES / "node-red.json"], words[-1], **own) as process:

            def given(row: Any) -> tuple[int, Any]:
                data = json.dumps(row).encode()
                request = urllib.request.Request(
                    f"http://127.0.0.1:{words[-1]}/articles", data, {"Content-Type": JSON}
                )
                try:
                    with urllib.request.urlopen(request, timeout=30) as answer:
                        return answer.status, json.loads(answer.read())
                except urllib.error.HTTPError as error:
                    with error:
                        return error.code, json.loads(error.read() or b"{}")

            def asked() -> Any:  # flows start after the port is there
                with contextlib.suppress(ValueError):
                    return [given(GOOD)]

            [(status, first)] = waited(asked, process)
            assert (status, first["dedupe"]["relation"]) == (200, "new")
            assert {key: first[key] for key in GOOD} == GOOD
            status, known = given(COPY)
            assert (status, known["dedupe"]["relation"], "text" in known) == (
                200,
                "identical",
                False,
            )
            assert given({"id": "z"})[0] == 400
            served.stop()
            assert given(article(5))[0] == 503


def test_every_recipe_is_told_of_and_no_other() -> None:
    linked = set(re.findall(r"\]\(\.\./recipes/([\w.-]+)\)", PAGE))
    assert linked == {path.name for path in RECIPES.iterdir() if path.is_file()}


@pytest.mark.parametrize("name", ["queue_consumer.py", "airflow_dag.py", "superdesk_macro.py"])
def test_every_variable_that_a_recipe_reads_is_told_of(name: str) -> None:
    text = (RECIPES / name).read_text("utf-8")
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", text))
    assert read
    assert {variable for variable in read if f"`{variable}`" not in PAGE} == set()
