"""The index over HTTP: what is asked, what is answered, how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import quote

import pytest
import uvicorn
from server_harness import COMMAND, LINES, Served, article, asked, text_of
from starlette.responses import Response
from uvicorn.server import ServerState

from dedupe.hooks.filter import decision_object
from dedupe.index import open_index
from dedupe.server.answering import Service
from dedupe.server.listening import _PatientProtocol, listening_socket
from dedupe.server.measures import Measures
from dedupe.server.openapi import openapi_object
from dedupe.server.routes import ROUTES
from dedupe.server.shared import ServerLimits, SharedIndex
from soak.faults import held

pytestmark = pytest.mark.posix


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with Served(tmp_path_factory.mktemp("served") / "news.index") as server:
        yield server


def lines(*records: object) -> bytes:
    return b"".join(
        (record if isinstance(record, bytes) else json.dumps(record).encode()) + b"\n"
        for record in records
    )


# Check and admit


def test_an_article_is_admitted_and_its_copy_is_told(served: Served) -> None:
    first, copy = served.admit(article(1)), served.admit({"id": "copy", "text": text_of(1)})
    assert (first.status, first.json["relation"], first.json["passed"]) == (200, "new", True)
    assert (copy.json["relation"], copy.json["to"], copy.json["passed"]) == (
        "identical",
        "a1",
        False,
    )
    again = served.admit(article(1)).json
    assert again == first.json | {"replayed": True}


def test_a_decision_is_that_of_the_filter(served: Served, tmp_path: Path) -> None:
    from dedupe import Article
    from dedupe.hooks import Filter

    served.admit(article(2))
    told = served.check({"id": "x", "text": text_of(2)}).json
    with open_index(tmp_path / "own.index") as index:
        keep = Filter(index)
        keep.decide(Article("a2", text_of(2)))
        own = decision_object(Filter(index, admit=False).decide(Article("x", text_of(2))))
    assert told | {"story": own["story"]} == own


def test_checking_changes_nothing(served: Served) -> None:
    for _ in range(2):
        told = served.check(article(3)).json
        assert (told["relation"], told["admitted"]) == ("new", False)
    assert served.ask("GET", "/v1/articles/a3").status == 404


def test_an_array_is_answered_by_an_array_in_its_order(served: Served) -> None:
    told = served.admit([article(4), {"id": "b4", "text": text_of(4)}, article(5)]).json
    assert [row["id"] for row in told] == ["a4", "b4", "a5"]
    assert [row["relation"] for row in told] == ["new", "identical", "new"]
    assert served.admit([]).json == []


def test_of_an_array_with_one_that_is_no_article_none_is_taken_in(served: Served) -> None:
    told = served.admit([article(6), {"n": 1}])
    assert told.status == 400
    assert told.json["error"].startswith("article 1 of the array, from 0: ")
    assert served.ask("GET", "/v1/articles/a6").status == 404


def test_each_line_is_answered_by_one_in_order(served: Served) -> None:
    body = lines(article(7), b"", b"junk", {"id": "b7", "text": text_of(7)}, {"n": 1})
    told = served.admit(body, kind=LINES)
    assert told.headers["content-type"] == LINES
    assert [row["id"] for row in told.rows] == ["a7", None, None, "b7", None]
    assert [row.get("line") for row in told.rows] == [None, 2, 3, None, 5]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"n": 1}, "neither text nor title found; fields: n"),
        ({"text": 8}, "text is a number, wanted a string"),
    ],
)
def test_a_refusal_names_no_option_of_a_command(served: Served, value, told) -> None:
    in_line = served.check(lines(value), kind=LINES).rows[0]["error"]
    alone, listed = served.check(value).json["error"], served.check([value]).json["error"]
    assert [in_line, alone, listed] == [told, told, f"article 0 of the array, from 0: {told}"]


def test_a_body_that_begins_with_a_byte_order_mark_is_read_as_the_filter_reads_it(served) -> None:
    mark, body = b"\xef\xbb\xbf", json.dumps({"id": "m", "text": text_of(999)}).encode()
    assert served.check(mark + body).json == served.check(body).json
    assert served.check(mark + b"[" + body + b"]").json[0]["id"] == "m"
    told = served.check(mark + body + b"\n" + mark + body, kind=LINES).rows
    assert [row["id"] for row in told] == ["m", None], "at the head alone it is no part of the text"


def test_a_line_is_answered_before_the_next_one_is_sent(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(
            b"POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        stream = connection.makefile("rb")
        for number in (8, 9):
            line = lines(article(number))
            connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
            while not (told := stream.readline()).startswith(b"{"):
                assert told
            assert json.loads(told)["id"] == f"a{number}"
        connection.sendall(b"0\r\n\r\n")
        assert stream.readline() == b"\r\n"
        assert stream.readline() == b"0\r\n"


@pytest.mark.parametrize("kind", [b"application/x-ndjson", b"application/json"])
def test_who_waits_to_be_told_to_send_the_body_is_told(served: Served, kind: bytes) -> None:
    with served.raw() as connection:
        connection.sendall(
            b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\n"
            b"Content-Type: %b\r\nTransfer-Encoding: chunked\r\n\r\n" % kind
        )
        stream = connection.makefile("rb")
        assert stream.readline().startswith(b"HTTP/1.1 100 ")
        assert stream.readline() == b"\r\n"
        line = lines(article(10))
        connection.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(line), line))
        assert stream.readline().startswith(b"HTTP/1.1 200 ")


def test_others_are_answered_while_a_long_line_is_read(served: Served) -> None:
    line = b'{"id": "long", "text": "%b"}\n' % (b"&amp;" * 2_000_000)  # seconds
    with ThreadPoolExecutor(1) as thread:
        answer, others = thread.submit(served.check, line, kind=LINES), 0
        while not answer.done():
            others += served.ask("GET", "/healthz").status == 200
        assert answer.result().rows[0]["id"] == "long"
    assert others > 9


def test_ten_copies_at_once_are_new_once(served: Served) -> None:
    def admitted(number: int) -> str:
        return served.admit({"id": f"race{number}", "text": text_of(10)}).json["relation"]

    with ThreadPoolExecutor(10) as threads:
        found = list(threads.map(admitted, range(10)))
    assert sorted(found) == ["identical"] * 9 + ["new"]


# Reading


def test_an_article_is_got_and_removed(served: Served) -> None:
    served.admit(article(11, title="Ferry sinks", id="of/a feed?"))
    path = "/v1/articles/of%2Fa%20feed%3F"
    told = served.ask("GET", path).json
    assert (told["id"], told["title"], told["verdict"]["relation"]) == (
        "of/a feed?", "Ferry sinks", "new",
    )  # fmt: skip
    assert served.ask("DELETE", path).json["removed"] is True
    assert served.ask("DELETE", path).status == served.ask("GET", path).status == 404


@pytest.mark.parametrize("name", ["12\n", "1\n2", "\n", "12\r\n/"])
def test_an_id_may_hold_line_feeds_and_is_taken_for_no_other(served: Served, name: str) -> None:
    nothing = dict.fromkeys(("title", "source", "url", "lang"), "") | {"date": None}
    named = [nothing | {"id": id_, "text": text_of(len(name))} for id_ in ("12", name)]
    assert served.ask("POST", "/v1/admit?exact=1", named).status == 200
    path = f"/v1/articles/{quote(name, safe='')}"
    assert served.ask("GET", path).json["id"] == name
    assert served.ask("DELETE", path).json["id"] == name
    assert served.ask("DELETE", path).status == 404
    assert served.ask("GET", "/v1/articles/12").json["id"] == "12"


@pytest.mark.parametrize("path", ["/healthz%0A", "/v1/stories%0A", "/%0A"])
def test_a_path_with_a_line_feed_at_its_end_is_another(served: Served, path: str) -> None:
    assert "no such path" in served.ask("GET", path).json["error"]


def test_stories_come_in_pages(served: Served) -> None:
    served.admit([article(number) for number in range(20, 25)])
    found, after = [], ""
    while after is not None:
        page = served.ask("GET", f"/v1/stories?limit=2&after={after}").json
        found += [story["id"] for story in page["stories"]]
        after = page["next"]
    assert found == [story["id"] for story in served.ask("GET", "/v1/stories").json["stories"]]
    assert served.ask("GET", f"/v1/stories/{found[0]}").json["id"] == found[0]
    assert served.ask("GET", "/v1/stories/s999").status == 404
    for strange in ("zzz", "s0", "s", "1", "s1x", f"s{10**18}"):
        told = served.ask("GET", f"/v1/stories?after={strange}")
        assert (told.status, told.json["kind"]) == (400, "RecordError")


def test_two_articles_are_marked_different_and_the_pairs_come_in_pages(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as own:
        copies = [{"id": f"d{n}", "text": text_of(25)} for n in range(3)]
        own.admit(copies)
        told = own.ask("POST", "/v1/different", {"a": "d1", "b": "d0"}, X_Request_ID="mark")
        assert told.json == {"schema_version": 1, "a": "d1", "b": "d0", "different": True}
        assert own.ask("GET", "/v1/articles/d1").json["story"] != "s1"
        for other in ("x/y", "d2"):  # of which one is not there
            assert own.ask("POST", "/v1/different", {"a": "d0", "b": other}).status == 200
        page = own.ask("GET", "/v1/different?limit=2").json
        first = [{"a": "d0", "b": "d1"}, {"a": "d0", "b": "d2"}]
        assert (page["pairs"], page["next"]) == (first, first[-1])
        page = own.ask("GET", "/v1/different?limit=2&after_a=d0&after_b=d2").json
        assert (page["pairs"], page["next"]) == ([{"a": "d0", "b": "x/y"}], None)
        assert own.ask("GET", "/v1/different?id=d1").json["pairs"] == first[:1]
        assert own.ask("GET", "/v1/different?id=none").json["pairs"] == []
        own.stop()
        marked = [row for row in own.log if row["event"] == "different"]
    assert [(row["a"], row["b"]) for row in marked] == [("d1", "d0"), ("d0", "x/y"), ("d0", "d2")]
    assert marked[0]["request_id"] == "mark"


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"a": "x"}', b'{"a": "x", "b": 1}', b'{"a": "x", "b": ""}',
     b'{"a": "x", "b": "x"}', b"[" * 60_000, b'{"a": "\xff", "b": "y"}'],
    ids=lambda body: repr(body[:20]),
)  # fmt: skip
def test_what_names_no_two_articles_is_refused(served: Served, body: bytes) -> None:
    told = served.ask("POST", "/v1/different", body)
    assert told.status == 400
    assert told.json["error"]


def test_a_pair_is_short_and_alone(served: Served) -> None:
    long = {"a": "x" * 70_000, "b": "y"}
    assert served.ask("POST", "/v1/different", long).status == 413
    assert served.ask("POST", "/v1/different", {"a": "x", "b": "y"}, kind=LINES).status == 415


def test_two_articles_are_compared(served: Served) -> None:
    served.admit([article(26), {"id": "b26", "text": text_of(26) + " It rained."}])
    told = served.ask("GET", "/v1/compare?a=a26&b=b26").json
    assert (told["a"]["id"], told["b"]["id"]) == ("a26", "b26")
    assert told["relation"] == "near_duplicate"
    assert served.ask("GET", "/v1/compare?a=a26").status == 400
    assert served.ask("GET", "/v1/compare?a=a26&b=none").status == 404


def test_nobody_waits_for_a_long_comparison(served: Served) -> None:
    for name in ("la", "lb"):
        text = " ".join(f"{n % 9973} killed." for n in range(2000))  # seconds
        served.admit({"id": name, "text": text})
    with ThreadPoolExecutor(1) as thread:
        answer, others = thread.submit(served.ask, "GET", "/v1/compare?a=la&b=lb"), 0
        while not answer.done():
            others += served.check(article(4)).status == 200
        assert answer.result().status == 200
    assert others > 9


def test_it_says_that_it_lives_and_answers_and_what_it_did(served: Served) -> None:
    assert served.ask("GET", "/healthz").json == {"status": "ok"}
    assert served.ask("GET", "/readyz").json == {"status": "ready"}
    served.admit(article(27))
    told = served.ask("GET", "/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=")
    text = told.body.decode()
    assert 'dedupe_decisions_total{asked="admit",passed="true",relation="new"}' in text
    assert 'dedupe_request_seconds_count{method="POST",route="/v1/admit",status="200"}' in text
    assert "dedupe_waiting_requests 1.0" in text


# What each answer has


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/healthz"), ("GET", "/nope"), ("POST", "/v1/admit"), ("GET", "/v1/stories")],
)
def test_every_answer_has_strict_headers_and_an_id(served: Served, method, path) -> None:
    told = served.ask(method, path)
    assert told.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert told.headers["x-content-type-options"] == "nosniff"
    assert told.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in told.headers
    assert "server" not in told.headers
    assert len(told.headers["x-request-id"]) == 32


def test_an_id_that_came_with_the_request_is_kept_and_a_strange_one_is_not(served: Served) -> None:
    told = served.ask("GET", "/nope", X_Request_ID="crawler-7.1")
    assert told.headers["x-request-id"] == told.json["request_id"] == "crawler-7.1"
    assert served.ask("GET", "/nope", X_Request_ID="a b").headers["x-request-id"] != "a b"


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/nope", 404, "no such path"),
        ("BREW", "/v1/stories", 405, "/v1/stories takes GET"),
        ("PUT", "/v1/admit", 405, "/v1/admit takes POST"),
        ("GET", "/v1/articles/none", 404, "no article has the id 'none'"),
        ("GET", "/v1/stories?limit=-1", 400, "limit is a number from 1 to 1000"),
        ("GET", "/v1/stories?limit=1e3", 400, "limit is a number"),
    ],
)
def test_a_refusal_is_an_object_with_a_sentence(served, method, path, status, told) -> None:
    answer = served.ask(method, path)
    assert answer.status == answer.json["status"] == status
    assert told in answer.json["error"]


def test_each_decision_and_refusal_is_a_line_of_the_log(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        served.admit(article(1), X_Request_ID="one")
        served.ask("GET", "/nope\x1b[31m".replace("\x1b", "%1b"), X_Request_ID="two")
        served.ask("DELETE", "/v1/articles/a1", X_Request_ID="three")
        served.stop()
        decision, refused, removed = served.log
    assert (decision["event"], decision["request_id"], decision["id"]) == ("decision", "one", "a1")
    assert (decision["asked"], decision["relation"], decision["passed"]) == ("admit", "new", True)
    assert (refused["event"], refused["status"], refused["path"]) == ("refused", 404, "/nope?[31m")
    assert (removed["event"], removed["id"], removed["request_id"]) == ("removed", "a1", "three")
    assert all(row["time"].endswith("Z") for row in served.log)


def test_quiet_says_nothing_of_what_is_asked(tmp_path: Path) -> None:
    with Served(tmp_path / "i", "--quiet") as served:
        served.admit(article(1))
        served.stop()
        assert served.out == []


# The file of the index


@pytest.mark.parametrize("how", ["removed", "replaced"])
def test_nothing_is_admitted_to_a_file_that_is_not_there_any_more(tmp_path: Path, how) -> None:
    path, aside = tmp_path / "i", tmp_path / "aside"
    with Served(path) as served:
        first = served.admit(article(1)).json
        path.rename(aside)
        if how == "replaced":
            path.write_bytes(b"another")
        told = served.admit(article(2))
        assert (told.status, told.headers["retry-after"]) == (503, "1")
        assert "removed, or another put in its place" in told.json["error"]
        assert served.check(article(1)).status == served.ask("GET", "/readyz").status == 503
        assert served.ask("GET", "/healthz").status == 200
        aside.replace(path)
        assert served.admit(article(1)).json == first | {"replayed": True}
        assert served.stop() == 143


def test_an_index_that_another_holds_is_told_as_busy_and_then_works_on(tmp_path: Path) -> None:
    with Served(tmp_path / "i", "--patience", "0.3") as served:
        served.admit(article(1))
        with contextlib.closing(sqlite3.connect(tmp_path / "i", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            told = served.admit(article(2))
            assert (told.status, told.json["kind"]) == (503, "BusyError")
            rows = served.admit(lines(article(2), b"junk", article(3)), kind=LINES).rows
            assert ["others use the index" in row["error"] for row in rows] == [True, False, True]
            assert served.check(article(1)).json["relation"] == "new"
        assert served.admit(article(2)).json["relation"] == "new"


# The end


def test_a_signal_ends_it_once_all_that_came_in_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "i"
    answered: list[str] = []

    def ask(number: int) -> None:
        try:
            told = served.admit(article(number))
        except OSError:  # it came too late
            return
        if told.status == 200:
            answered.append(told.json["id"])

    with Served(path) as served:
        ask(0)
        threads = [threading.Thread(target=ask, args=(number,)) for number in range(1, 40)]
        for thread in threads:
            thread.start()
        code = served.stop()
        for thread in threads:
            thread.join(60)
    assert code == 143
    with open_index(path, create=False) as index:
        held = {found.article.id for found in index.articles()}
        assert list(index.verify()) == []
    assert held == set(answered), "what is in was answered, and what was answered is in"


def test_a_stream_ends_with_the_server_and_what_came_in_is_answered(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served, served.raw() as connection:
        connection.sendall(
            b"POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        line = lines(article(1))
        connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        stream = connection.makefile("rb")
        while not stream.readline().startswith(b"{"):
            pass
        assert served.stop() == 143
        assert stream.read().endswith(b"0\r\n\r\n"), "the answer is whole"


def test_a_signal_ends_it_at_once_while_it_waits_for_its_index(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        served.admit(article(1))
    with held(tmp_path / "i", whole=True):
        command = [*COMMAND, "--index", tmp_path / "i", "--listen", "127.0.0.1:0"]
        with subprocess.Popen([*command, "--patience", "60"], stderr=subprocess.PIPE) as process:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(3)
            process.terminate()
            assert process.wait(10) == -signal.SIGTERM
            assert process.stderr.read() == b""


def test_ctrl_c_ends_it_too(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        assert served.stop(signal.SIGINT) == 130


def test_the_parts_of_an_answer_do_not_wait_for_each_other() -> None:
    """A head and a body are two writes; with Nagle's algorithm the second may wait for 40 ms."""

    async def delayed() -> bool:
        made: list[_PatientProtocol] = []

        def protocol() -> _PatientProtocol:
            config = uvicorn.Config(Response(), lifespan="off", log_config=None)
            made.append(_PatientProtocol(config=config, server_state=ServerState(), app_state={}))
            return made[-1]

        loop = asyncio.get_running_loop()
        with listening_socket("127.0.0.1", 0) as listening:
            server = await loop.create_server(protocol, sock=listening)
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            own = made[0].transport.get_extra_info("socket")
            found = own.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            await writer.wait_closed()
            server.close()
            await server.wait_closed()
        return not found

    assert not asyncio.run(delayed())


def test_a_connection_is_closed_once_no_request_came_between_two_looks() -> None:
    async def looked_at() -> list[bool]:
        made: list[_PatientProtocol] = []

        def protocol() -> _PatientProtocol:
            config = uvicorn.Config(Response(), lifespan="off", log_config=None)
            made.append(_PatientProtocol(config=config, server_state=ServerState(), app_state={}))
            return made[-1]

        closing = []
        with listening_socket("127.0.0.1", 0) as listening:
            server = await asyncio.get_running_loop().create_server(protocol, sock=listening)
            reader, writer = await asyncio.open_connection(*listening.getsockname())
            for asked in (True, True, False):
                if asked:
                    writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    await reader.readuntil(b"\r\n\r\n")
                made[0]._look()
                closing.append(made[0].transport.is_closing())
            writer.close()
            await writer.wait_closed()
            server.close()
            await server.wait_closed()
        return closing

    assert asyncio.run(looked_at()) == [False, False, True]


@pytest.mark.parametrize(("many", "pause"), [(1000, 0), (1, 0.2)], ids=["fast", "slow"])
def test_a_stream_that_never_pauses_ends_with_the_server_too(tmp_path, many, pause) -> None:
    with Served(tmp_path / "i", "--seconds", "600") as served, served.raw() as connection:
        connection.sendall(
            b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n"
        )
        some = b"{}\n" * many

        def send_on() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection.sendall(b"%x\r\n%b\r\n" % (len(some), some))
                    time.sleep(pause)

        def take_on() -> None:
            with contextlib.suppress(OSError):
                while connection.recv(1 << 16):
                    begun.set()

        begun = threading.Event()
        threads = [threading.Thread(target=call) for call in (send_on, take_on)]
        for thread in threads:
            thread.start()
        assert begun.wait(60)
        code = served.stop()
        for thread in threads:
            thread.join(60)
    assert code == 143


def test_who_asks_whether_it_lives_is_answered_under_any_load() -> None:
    shared = SharedIndex(lambda: None, lambda: None, (), ServerLimits(requests=0))
    service = Service(shared=shared, measures=Measures(shared), log=lambda _: None)
    assert asked(service, "/v1/stories")[0] == 503
    assert asked(service, "/healthz")[0] == 200


def test_a_mistake_of_its_own_is_logged_with_where_it_was_made_and_answered_without() -> None:
    class Broken(SharedIndex):
        def held(self) -> None:
            raise KeyError("of an article")

    shared, log = Broken(lambda: None, lambda: None, (), ServerLimits()), list[dict]()
    service = Service(shared=shared, measures=Measures(shared), log=log.append)
    status, body = asked(service, "/v1/stories")
    assert status == 500
    assert json.loads(body)["error"] == (
        "a mistake of the server's own (KeyError), please report it"
    )
    assert "test_server.py:" in log[-1]["raised_at"]
    assert "of an article" not in f"{log} {body!r}"


# Its description


def test_the_description_has_every_path_and_method_and_no_others() -> None:
    told = openapi_object(ServerLimits())["paths"]
    found = {(path, name.upper()) for path, methods in told.items() for name in methods}
    expected = {
        (path.replace(":path", ""), method)
        for path, handlers in ROUTES.items()
        for method in handlers
    }
    assert {one for one in found if one[1] != "PARAMETERS"} == expected


def test_every_reference_of_the_description_leads_somewhere(served: Served) -> None:
    told = served.ask("GET", "/openapi.json").json

    def references(value: object) -> Iterator[str]:
        if isinstance(value, dict):
            yield from [value["$ref"]] if "$ref" in value else []
            value = list(value.values())
        for inner in value if isinstance(value, list) else []:
            yield from references(inner)

    names = {ref.removeprefix("#/components/schemas/") for ref in references(told)}
    assert names <= set(told["components"]["schemas"])


def test_every_field_of_a_decision_is_described() -> None:
    from dedupe.hooks.filter import Decision

    described = openapi_object(ServerLimits())["components"]["schemas"]["Decision"]["properties"]
    told = decision_object(Decision("a", passed=True, verdict=None))
    assert set(described) == set(told) | {"held_as", "line"}


# The benchmark


def test_the_benchmark_measures_one_client_many_and_batches() -> None:
    from click.testing import CliRunner

    from benchmarks.server import main

    ran = CliRunner().invoke(main, ["--articles", "30", "--requests", "400"])
    assert ran.exit_code == 0, ran.output
    rows = [line for line in ran.output.splitlines() if "articles a request" in line or
            "one article a request" in line]  # fmt: skip
    assert len(rows) == 3
    assert "16 clients: p99" in ran.output
