"""Bodies and connections that mean no good: each is answered or closed, and costs little."""

from __future__ import annotations

import contextlib
import gzip
import json
import select
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from server_harness import LINES, Served, article

pytestmark = pytest.mark.posix

BODY_BYTES, WAITING_BYTES, SECONDS = 1 << 20, 3 << 20, 3

HEAD = b"POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nContent-Type: %b\r\n"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    options = ("--body-bytes", BODY_BYTES, "--waiting-bytes", WAITING_BYTES, "--seconds", SECONDS)
    with Served(tmp_path_factory.mktemp("hostile") / "i", *options) as server:
        server.admit(article(0))
        yield server
        assert server.check(article(0)).json["replayed"], "it is as it was"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[",
        b"null",
        b"3",
        b'"text"',
        b"[[]]",
        b"[null]",
        b"{}",
        b'{"text": 1}',
        b'{"text": "\xff\xfe"}',
        b"\xef\xbb\xbf",
        b'{"text": "\\ud800", "id": "\\ud800"}',
        b"[" * 100_000,
        b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'[{"text":"a"},' * 3 + b"]",
        b'{"text": "a", "date": "' + b"9" * 5000 + b'"}',
        b'{"id": "' + b"x" * 100_000 + b'", "text": "a"}',
        b'{"text": "a", "n": ' + b"9" * 100_000 + b"}",
        json.dumps([{"text": "a", "id": str(n)} for n in range(1001)]).encode(),
        b"[" + b"1," * 400_000 + b"1]",
        b'{"text":"' + b"\\u0000" * 100 + b'"}',
    ],
    ids=lambda body: repr(body[:24]),
)
@pytest.mark.parametrize("path", ["/v1/check", "/v1/admit"])
@pytest.mark.parametrize("kind", ["application/json", LINES])
def test_a_strange_body_is_answered(served: Served, body: bytes, path: str, kind: str) -> None:
    told = served.ask("POST", path, body, kind=kind)
    assert told.status in ((200,) if kind == LINES else (200, 400, 413))
    if told.status != 200:
        assert told.json["error"]


@pytest.mark.parametrize("length", ["told", "chunked"])
def test_a_body_over_the_limit_is_refused(served: Served, length: str) -> None:
    body = b'{"text": "' + b"x" * (2 * BODY_BYTES) + b'"}'
    told = served.admit(body if length == "told" else iter([body[:9], body[9:]]))
    assert told.status == 413
    assert str(BODY_BYTES) in told.json["error"]


def test_a_line_over_the_limit_is_answered_and_the_next_one_too(served: Served) -> None:
    body = b'{"text": "' + b"x" * (3 * BODY_BYTES) + b'"}\n' + b'{"id": "after", "text": "a b"}\n'
    told = served.check(body, kind=LINES)
    assert [row["id"] for row in told.rows] == [None, "after"]
    assert "limit" in told.rows[0]["error"]


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_what_is_compressed_is_refused_unread(served: Served, coding: str) -> None:
    bomb = gzip.compress(b"x" * (50 << 20))
    told = served.ask("POST", "/v1/admit", bomb, Content_Encoding=coding)
    assert told.status == 415
    assert "Content-Encoding" in told.json["error"]


def test_memory_stays_flat_while_large_bodies_come(served: Served) -> None:
    def refused(_: int) -> int:
        with served.raw() as connection:
            connection.sendall(HEAD % b"application/json" + b"Transfer-Encoding: chunked\r\n\r\n")
            block = b"%x\r\n%b\r\n" % (1 << 16, b"x" * (1 << 16))
            try:
                for _ in range(800):  # 50 MiB
                    connection.sendall(block)
            except OSError:  # it was closed, as it should be
                return 1
        return 0

    before = served.memory()
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(refused, range(20))) > 0
    assert served.ask("GET", "/healthz").status == 200
    assert served.memory() < before + 64_000


def test_past_the_bound_requests_are_put_off_and_the_others_are_answered(served: Served) -> None:
    def asked(number: int) -> tuple[int, str]:
        told = served.check([article(number * 1000 + n, more="x" * 6000) for n in range(120)])
        return told.status, told.headers.get("retry-after", "")

    with ThreadPoolExecutor(12) as threads:
        found = list(threads.map(asked, range(24)))
    assert set(found) <= {(200, ""), (503, "1")}
    assert (503, "1") in found
    assert (200, "") in found
    metrics = served.ask("GET", "/metrics").body.decode()
    assert "dedupe_waiting_bytes 0.0" in metrics


def closed_within(connection: socket.socket, seconds: float) -> bool:
    """Whether the server ends the connection; what it sends before is read."""
    end = time.monotonic() + seconds
    connection.settimeout(seconds)
    try:
        while time.monotonic() < end:
            if not connection.recv(1 << 16):
                return True
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return False


def nothing_waits(served: Served, seconds: float) -> bool:
    """Whether within so many seconds no request is under way but this one."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if b"dedupe_waiting_requests 1.0" in served.ask("GET", "/metrics").body:
            return True
        time.sleep(0.1)
    return False


def test_a_body_that_does_not_come_is_told(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(HEAD % b"application/json" + b"Content-Length: 1000\r\n\r\n{")
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 408 ")


@pytest.mark.parametrize(
    "begun",
    [
        b"",
        b"GET / HT",
        b"POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
        HEAD % b"application/json" + b"Content-Length: 1000\r\n\r\n{",
        HEAD % b"application/x-ndjson" + b"Content-Length: 1000\r\n\r\n{",
    ],
    ids=["nothing", "a line", "a head", "a body", "a stream"],
)
def test_who_sends_no_further_is_cut_off(served: Served, begun: bytes) -> None:
    with served.raw() as connection:
        connection.sendall(begun)
        assert closed_within(connection, 8 * SECONDS)


def test_who_sends_a_head_byte_by_byte_is_cut_off(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nX: ")
        for _ in range(8 * SECONDS * 4):
            try:
                connection.sendall(b"x")
            except OSError:
                return
            time.sleep(0.25)
    pytest.fail("it was never cut off")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x00\x01\x02\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        b"POST /v1/admit HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /v1/admit HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"GET /v1/stories HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    ],
    ids=lambda sent: repr(sent[:20]),
)
def test_what_is_no_request_is_refused_or_answered(served: Served, sent: bytes) -> None:
    with served.raw() as connection:
        with contextlib.suppress(OSError):  # it may be closed before it has read all
            connection.sendall(
                sent + b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            )
        assert closed_within(connection, 8 * SECONDS)
    assert served.ask("GET", "/healthz").status == 200


@pytest.mark.parametrize(
    "path",
    ["/v1/articles/%ff", "/v1/articles/%00", "/v1/articles/..%2f..", "/v1/articles/", "/v1/stories/",
     "/v1/stories/%1b[31m", "/v1/stories?after=%ff&limit=5", "/v1/compare?a=%00&b=%ff", "//", "/%"],
)  # fmt: skip
def test_strange_paths_are_answered(served: Served, path: str) -> None:
    told = served.ask("GET", path)
    assert told.status in (200, 400, 404)
    assert b"\x1b" not in told.body


def test_who_leaves_before_the_answer_does_no_harm(served: Served) -> None:
    body = json.dumps([article(n) for n in range(300)]).encode()
    for _ in range(5):
        with served.raw() as connection:
            connection.sendall(
                b"POST /v1/check HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
            )
    assert served.ask("GET", "/healthz").status == 200


def test_who_takes_no_answers_off_is_given_up(served: Served) -> None:
    line = b'{"id": "a", "text": "' + b"x " * 200 + b'"}\n'
    block = b"%x\r\n%b\r\n" % (len(line) * 500, line * 500)
    with served.raw() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(HEAD % LINES.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.settimeout(2)
        with contextlib.suppress(OSError):  # neither side takes any more
            for _ in range(400):
                connection.sendall(block)
        assert nothing_waits(served, 60), "it is waited for still"
        ended = select.poll()
        ended.register(connection, 0)
        assert ended.poll(60_000), "the connection is closed, though what was sent is never read"


def test_more_connections_than_files_that_a_process_may_open_at_first(tmp_path: Path) -> None:
    import resource  # which Windows has not

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, before[1]))
    try:
        server = Served(tmp_path / "i")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    with server, contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(server.raw())
        assert server.ask("GET", "/healthz").status == 200
        assert len(server.said) == 1, "nothing is told but where it answers"


def test_streams_that_wait_for_each_other_are_given_up(served: Served) -> None:
    """Each holds a part of a line, all together as much as may be held, and no line ends."""
    block = b"%x\r\n%b\r\n" % (1 << 16, b"x" * (1 << 16))
    with contextlib.ExitStack() as stack:
        streams = [stack.enter_context(served.raw()) for _ in range(6)]
        for stream in streams:
            stream.settimeout(0.2)
            stream.sendall(HEAD % LINES.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        for _ in range(15):  # less than the longest line
            for stream in streams:
                with contextlib.suppress(OSError):
                    stream.sendall(block)
        assert all(closed_within(stream, 8 * SECONDS) for stream in streams)
    assert served.check(article(0)).status == 200


# Refusals of bodies that were not read


def told_after_all(served: Served, head: bytes, *parts: bytes) -> bytes:
    """What a client gets that sends all of its request before it reads: a reset would lose it."""
    with served.raw() as connection:
        connection.sendall(head)
        for part in parts:
            connection.sendall(part)
        return connection.makefile("rb").readline()


LARGE = 20 << 20


@pytest.mark.parametrize(
    ("more", "status"),
    [
        (b"", b"413"),
        (b"Content-Encoding: gzip\r\n", b"415"),
    ],
)
@pytest.mark.parametrize("length", ["told", "chunked"])
def test_who_sends_all_of_a_body_that_is_refused_gets_the_answer(
    served: Served, more: bytes, status: bytes, length: str
) -> None:
    head, block = HEAD % b"application/json" + more, b"x" * (1 << 16)
    if length == "told":
        head += b"Content-Length: %d\r\n\r\n" % LARGE
    else:
        head += b"Transfer-Encoding: chunked\r\n\r\n"
        block = b"%x\r\n%b\r\n" % (len(block), block)
    told = told_after_all(served, head, *([block] * (LARGE >> 16)))
    assert told.startswith(b"HTTP/1.1 " + status)


def test_a_refused_body_without_end_is_not_read_for_ever(served: Served) -> None:
    block = b"%x\r\n%b\r\n" % (1 << 16, b"x" * (1 << 16))
    with served.raw() as connection:
        connection.sendall(HEAD % b"text/plain" + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            connection.sendall(block * 16_000)  # 1,000 MiB


def test_who_sends_no_more_of_a_refused_body_is_cut_off(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(HEAD % b"text/plain" + b"Content-Length: 1000\r\n\r\nx")
        assert closed_within(connection, 8 * SECONDS)


# Requests that break off


@pytest.mark.parametrize(
    "broken",
    [
        b"zz\r\n{}\r\n",
        b"-5\r\n{}\r\n",
        b"2\r\n{}abc\r\n",
        b"ffffffffffffffffffffffffffffffffff\r\n{}\r\n",
        b"5;" + b"x" * 300_000,
    ],
    ids=lambda broken: repr(broken[:12]),
)
@pytest.mark.parametrize("kind", [b"application/json", LINES.encode()])
def test_chunks_that_are_none_end_the_request_and_nothing_else(
    served: Served, kind: bytes, broken: bytes
) -> None:
    with served.raw() as connection:
        connection.sendall(HEAD % kind + b"Transfer-Encoding: chunked\r\n\r\n")
        line = b'{"id": "x", "text": "a b"}\n'
        connection.sendall(b"%x\r\n%b\r\n" % (len(line), line))
        if kind == LINES.encode():
            assert connection.recv(12) == b"HTTP/1.1 200"
        start = time.monotonic()
        connection.sendall(broken)
        assert closed_within(connection, 8 * SECONDS)
        assert time.monotonic() - start < SECONDS, "it is not waited for what can't come"
    assert nothing_waits(served, SECONDS)
    assert len(served.said) == 1, "nothing is told but where it answers"


def test_what_is_no_request_is_told_as_any_other_refusal(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(b"\x00\x01\x02\r\n\r\n")
        head, _, told = connection.makefile("rb").read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"x-content-type-options: nosniff" in head.lower()
    assert json.loads(told)["error"] == "Invalid HTTP request received."


# Streams that hold their place


def begun(served: Served, stack: contextlib.ExitStack, kind: bytes, sent: bytes) -> socket.socket:
    connection = stack.enter_context(served.raw())
    connection.sendall(HEAD % kind + sent)
    return connection


def test_slow_streams_and_bodies_hold_nobody_else_up(tmp_path: Path) -> None:
    chunked = b"Transfer-Encoding: chunked\r\n\r\n"
    with Served(tmp_path / "i", "--quiet") as served, contextlib.ExitStack() as stack:
        slow = [
            begun(served, stack, kind, sent)
            for _ in range(600)
            for kind, sent in (
                (LINES.encode(), chunked),
                (b"application/json", b"Content-Length: 100\r\n\r\n{"),
            )
        ]
        assert served.admit(article(1)).json["relation"] == "new"
        told = served.admit(json.dumps(article(2)).encode(), kind=LINES)
        assert (told.status, told.headers["retry-after"]) == (503, "1")
        assert "streams" in told.json["error"]
        line = json.dumps(article(3)).encode() + b"\n"
        slow[0].sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(line), line))
        assert b"a3" in slow[0].makefile("rb").read(2000)
        assert served.admit(b"{}", kind=LINES).status == 200, "its place is free again"


def test_large_bodies_that_come_slowly_keep_no_small_one_out(served: Served) -> None:
    head = b"Content-Length: %d\r\n\r\n" % BODY_BYTES
    with contextlib.ExitStack() as stack:
        for _ in range(WAITING_BYTES // BODY_BYTES):
            slow = begun(served, stack, b"application/json", head)
            with contextlib.suppress(OSError):  # the last one is put off
                slow.sendall(b" " * (BODY_BYTES - 1))
            time.sleep(0.2)
        assert [served.check(article(n)).status for n in range(3)] == [200] * 3


@pytest.mark.parametrize("part", [b"x", b'{"id": '], ids=repr)
def test_a_line_that_comes_byte_by_byte_is_given_up(served: Served, part: bytes) -> None:
    start = time.monotonic()
    with served.raw() as connection:
        connection.sendall(HEAD % LINES.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        connection.settimeout(0.3)
        told = b""
        while not told.endswith(b"0\r\n\r\n"):
            assert time.monotonic() - start < 8 * SECONDS, "it was never given up"
            with contextlib.suppress(TimeoutError):
                told += connection.recv(1 << 16)
            with contextlib.suppress(OSError):
                connection.sendall(b"%x\r\n%b\r\n" % (len(part), part))


def test_a_stream_whose_lines_come_one_by_one_goes_on(served: Served) -> None:
    with served.raw() as connection:
        connection.sendall(HEAD % LINES.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
        stream = connection.makefile("rb")
        for _ in range(4):
            time.sleep(0.5 * SECONDS)
            connection.sendall(b"3\r\n{}\n\r\n")
            while not (told := stream.readline()).startswith(b"{"):
                assert told, "it was given up"


def test_who_ends_its_side_with_its_request_is_answered(served: Served) -> None:
    body = json.dumps(article(77)).encode()
    with served.raw() as connection:
        connection.sendall(HEAD % b"application/json" + b"Content-Length: %d\r\n\r\n" % len(body))
        connection.sendall(body)
        connection.shutdown(socket.SHUT_WR)
        assert b'"a77"' in connection.makefile("rb").read(), "and then the connection is closed"


def test_connections_that_ask_nothing_keep_nobody_out(tmp_path: Path) -> None:
    import resource  # which Windows has not

    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        server = Served(tmp_path / "i", "--quiet")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    count = 2300
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], count + 200), before[1]))
    try:
        with server, contextlib.ExitStack() as stack:
            working = stack.enter_context(server.raw())
            working.sendall(HEAD % LINES.encode() + b"Transfer-Encoding: chunked\r\n\r\n")
            assert working.recv(12) == b"HTTP/1.1 200"
            for number in range(count):
                idle = stack.enter_context(server.raw())
                if number % 2:
                    idle.sendall(b"GET /healthz HT")
            assert server.admit(article(1)).json["relation"] == "new"
            line = json.dumps(article(2)).encode() + b"\n"
            working.sendall(b"%x\r\n%b\r\n0\r\n\r\n" % (len(line), line))
            assert b"a2" in working.makefile("rb").read(2000), "who asks something is left alone"
            assert len(server.said) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
