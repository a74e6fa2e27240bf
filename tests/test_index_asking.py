"""How a server is asked: what is sent again, what is refused at once, how much is waited for."""

from __future__ import annotations

import http.server
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from server_harness import decisions_told
from web_server import Site, body, endless, raw, serving, status

from dedupe import Article, open_index
from dedupe.errors import BusyError, NotAnIndexError, StoreError
from dedupe.index import asking

CERTIFICATE = Path(__file__).parent / "data" / "loopback.pem"
NOTHING = json.dumps({"status": 404, "error": "none", "kind": "", "request_id": "r"}).encode()
A = "/v1/articles/a"


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as found:
        yield found


def asked(address: str, patience: float = 60) -> Exception:
    """The error of asking for an article, which came long before the patience ended."""
    start = time.monotonic()
    with open_index(address, patience=patience) as index, pytest.raises(StoreError) as error:
        index.get("a")
    assert time.monotonic() - start < 20
    return error.value


def held(site: Site) -> str:
    return f"http://{site.host}"


def absent(*, code: int = 404, **headers: str):
    return status(code, NOTHING, **headers)


# What no waiting mends


def test_a_certificate_that_nobody_vouches_for_is_refused_at_once() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    with serving(context) as site:
        error = asked(f"https://{site.host}")
    assert "its certificate cannot be trusted: self" in str(error)
    assert "SSL_CERT_FILE may name" in str(error)
    assert not isinstance(error, BusyError)


def test_a_server_without_tls_is_refused_at_once(site: Site) -> None:
    assert "no encrypted connection: " in str(asked(f"https://{site.host}"))


def test_what_does_not_speak_http_is_refused_at_once(site: Site) -> None:
    site.put(A, raw(b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert "does not speak HTTP" in str(asked(held(site)))


def test_a_name_that_is_none_is_refused_at_once_and_a_failure_to_look_it_up_is_not(
    monkeypatch,
) -> None:
    def failing(number: int) -> Callable:
        def look_up(*_: object, **__: object) -> None:
            raise socket.gaierror(number, "told")

        return look_up

    monkeypatch.setattr(socket, "getaddrinfo", failing(socket.EAI_NONAME))
    assert "its host cannot be found; look at the address" in str(asked("http://news.invalid"))
    monkeypatch.setattr(socket, "getaddrinfo", failing(socket.EAI_AGAIN))
    assert isinstance(asked("http://news.invalid", patience=0.2), BusyError)


def test_a_server_that_has_answered_before_is_waited_for_whatever_comes(site: Site) -> None:
    site.put(A, absent(), raw(b"SSH-2.0-OpenSSH_9.2\r\n"), absent())
    with open_index(held(site), patience=20) as index:
        assert index.get("a") is index.get("a") is None
    assert len(site.paths) == 3


def test_where_a_redirect_leads_is_not_followed(site: Site) -> None:
    site.put(A, status(301, Location="http://localhost:1/"))
    error = asked(held(site))
    assert isinstance(error, NotAnIndexError)
    assert "it leads elsewhere, give the address it leads to" in str(error)


# What stands before a server


@pytest.mark.parametrize("code", [429, 502, 503, 504])
def test_a_proxy_whose_server_is_away_is_asked_again(site: Site, code: int) -> None:
    site.put(A, status(code), status(code), absent())
    with open_index(held(site), patience=20) as index:
        assert index.get("a") is None


def test_a_proxy_whose_server_stays_away_is_told_as_that(site: Site) -> None:
    site.put(A, status(502))
    error = asked(held(site), patience=0.2)
    assert isinstance(error, BusyError)
    assert "with status 502; look whether the server runs" in str(error)


# Answers that mean no good


@pytest.mark.parametrize("kind", [[], {}, None, 3, "\x1b"])
def test_a_kind_of_any_type_is_read(site: Site, kind: object) -> None:
    told = {"status": 400, "error": "\x1b[31mred\u202e" + "x" * 10**6, "kind": kind}
    site.put(A, status(400, json.dumps(told | {"request_id": 0}).encode()))
    error = asked(held(site))
    assert type(error) is StoreError
    assert "\x1b" not in str(error)
    assert "\u202e" not in str(error)
    assert len(str(error)) < 10_000


@pytest.mark.parametrize("said", [None, True, 0, 1e999, [], [[]], {}, "", "\ud800"])
def test_a_sentence_of_any_type_is_read(site: Site, said: object) -> None:
    told = {"error": said, "kind": "", "request_id": "r"}
    site.put(A, status(400, json.dumps(told).encode()))
    assert str(asked(held(site))).startswith(held(site))


def test_no_answer_is_read_without_end(site: Site, monkeypatch) -> None:
    monkeypatch.setattr(asking, "ANSWER_BYTES", 1 << 20)
    site.put(A, endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536))
    assert "its answer is longer than any of dedupe serve" in str(asked(held(site)))
    site.put(A, endless(b"HTTP/1.1 200 OK\r\n", b"X: " + b"y" * 60000 + b"\r\n"))
    asked(held(site))


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "])
def test_an_answer_that_comes_byte_by_byte_is_given_up(site: Site, monkeypatch, head) -> None:
    monkeypatch.setattr(asking, "ANSWER_SECONDS", 1.5)
    site.put(A, endless(head, b"x", pause=0.05))
    error = asked(held(site), patience=1)
    assert isinstance(error, BusyError)
    assert "did not answer in time" in str(error)


@pytest.mark.parametrize(
    "answer",
    [
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
        raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n{}"),
        raw(b"HTTP/1.1 999999 OK\r\n\r\n"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}{}"),
        raw(b""),
        body(b"\xff\xfe"),
        body(b"1" * 5000),
        body(b'{"id": NaN, "verdict": {}}'),
        body(b'{"arrived": "2024-01-01T00:00:00Z", "id": "a", "verdict": {"matches": [3]}}'),
    ],
)
def test_what_no_server_answers_is_an_error_of_the_index(site: Site, answer) -> None:
    site.put(A, answer)
    asked(held(site), patience=0)


# Requests that are sent again


@contextmanager
def one_by_one(*answers: bytes) -> Iterator[str]:
    """A server that reads one request a connection, sends an answer, and ends the connection."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            for answer in answers:
                connection, _ = listening.accept()
                with connection, connection.makefile("rb") as stream:
                    length = 0
                    while (line := stream.readline().strip()) != b"":
                        name, _, value = line.partition(b":")
                        length = int(value) if name.lower() == b"content-length" else length
                    stream.read(length)
                    connection.sendall(answer)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread.join(20)


def replay(name: str, *, more: bytes = b"") -> bytes:
    data = decisions_told(name, replayed=True)
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n%b" % (len(data), more, data)


def test_a_replay_after_a_request_without_answer_is_told_as_the_first_answer() -> None:
    """It may have been admitted by that request: who drops replays would lose it."""
    with one_by_one(b"", replay("a")) as address, open_index(address, patience=20) as index:
        assert not index.admit(Article("a", "text")).replayed


def test_an_answer_that_the_server_had_kept_is_told_as_it_is() -> None:
    kept = replay("a", more=b"Idempotent-Replayed: true\r\n")
    with one_by_one(b"", kept) as address, open_index(address, patience=20) as index:
        assert index.admit(Article("a", "text")).replayed


def test_a_connection_that_the_server_has_ended_meanwhile_is_not_asked() -> None:
    with one_by_one(replay("a"), replay("b")) as address, open_index(address) as index:
        assert index.admit(Article("a", "text")).replayed
        time.sleep(0.2)
        assert index.admit(Article("b", "text")).replayed, "there is no doubt about it"


@pytest.mark.parametrize("encrypted", [False, True])
def test_a_connection_is_used_for_many_requests(monkeypatch, encrypted: bool) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    connections = set()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            connections.add(self.client_address)
            self.send_response(404)
            self.send_header("Content-Length", str(len(NOTHING)))
            self.end_headers()
            self.wfile.write(NOTHING)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        scheme = "http"
        if encrypted:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            server.socket = context.wrap_socket(server.socket, server_side=True)
            scheme = "https"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            with open_index(f"{scheme}://127.0.0.1:{server.server_port}") as index:
                assert [index.get("a") for _ in range(5)] == [None] * 5
        finally:
            server.shutdown()
            thread.join()
    assert len(connections) == 1
