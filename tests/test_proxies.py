"""A server behind the proxies whose settings are given: TLS, streams both ways, request ids."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from programs import needed, running
from server_harness import JSON, LINES, Served, article
from web_server import free_port

pytest.importorskip("uvicorn", reason="the server is an extra: story-dedupe[server]")
pytestmark = pytest.mark.posix

DEPLOY = Path(__file__).parent.parent / "deploy"


@contextlib.contextmanager
def connected(
    port: int, trusted: ssl.SSLContext | None = None
) -> Iterator[http.client.HTTPConnection]:
    """A connection that is closed at the end."""
    kind = http.client.HTTPSConnection if trusted else http.client.HTTPConnection
    more = {"context": trusted} if trusted else {}
    found = kind("localhost" if trusted else "127.0.0.1", port, timeout=30, **more)
    try:
        yield found
    finally:
        found.close()


def stream(connection: http.client.HTTPConnection, **headers: str) -> None:
    """Admits two articles, the second one once the answer to the first one is there."""
    connection.putrequest("POST", "/v1/admit")
    told = {"Content-Type": LINES, "Transfer-Encoding": "chunked", **headers}
    for name, value in told.items():
        connection.putheader(name, value)
    connection.endheaders()

    def send(row: dict) -> None:
        line = json.dumps(row).encode() + b"\n"
        connection.sock.sendall(b"%x\r\n%s\r\n" % (len(line), line))

    send(article(1))
    answer = connection.getresponse()
    assert answer.status == 200
    assert json.loads(answer.readline())["relation"] == "new"
    send({**article(1), "id": "copy"})
    assert json.loads(answer.readline())["relation"] == "identical"
    connection.sock.sendall(b"0\r\n\r\n")
    assert answer.read() == b""


def refusals(connection: http.client.HTTPConnection) -> None:
    connection.request("GET", "/v1/stories")
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("WWW-Authenticate")) == (401, "Bearer")
    answer.read()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    tokens = tmp_path / "tokens"
    tokens.write_text("crawler check,admit 0123456789abcdef\n", encoding="utf-8")
    with Served(tmp_path / "news.index", "--tokens", tokens) as found:
        yield found


AUTHORIZED = {"Authorization": "Bearer 0123456789abcdef"}


def test_behind_nginx_a_stream_is_answered_line_by_line(served: Served, tmp_path: Path) -> None:
    nginx, port = needed("nginx"), free_port()
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    words = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    words += [
        "-nodes",
        "-days",
        "1",
        "-subj",
        "/CN=localhost",
        "-addext",
        "subjectAltName=DNS:localhost",
    ]
    subprocess.run([*words, "-keyout", key, "-out", certificate], check=True, capture_output=True)
    given = (DEPLOY / "nginx.conf").read_text("utf-8")
    for old, new in {
        "listen 443 ssl;": f"listen 127.0.0.1:{port} ssl;",
        "server 127.0.0.1:8370 ": f"server 127.0.0.1:{served.port} ",
        "news.example;": "localhost;",
        "/etc/ssl/certs/news.example.pem": str(certificate),
        "/etc/ssl/private/news.example.key": str(key),
    }.items():
        assert given.count(old) == 1, old
        given = given.replace(old, new)
    around = (
        f"daemon off; error_log stderr; pid {tmp_path}/pid; events {{}} http {{ access_log off;"
    )
    for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"):
        around += f" {name}_temp_path {tmp_path}/{name};"
    settings = tmp_path / "nginx.conf"
    settings.write_text(f"{around}\n{given}\n}}\n", encoding="utf-8")
    trusted = ssl.create_default_context(cafile=str(certificate))
    words = [nginx, "-c", str(settings), "-p", str(tmp_path), "-e", "stderr"]
    with running(words, port), connected(port, trusted) as connection:
        refusals(connection)
        stream(connection, **AUTHORIZED)
    served.stop()
    assert {len(event["request_id"]) for event in served.log} == {32}, "nginx gives each its id"


def test_behind_caddy_requests_are_answered(served: Served, tmp_path: Path) -> None:
    caddy, port = needed("caddy"), free_port()
    version = subprocess.run([caddy, "version"], check=True, capture_output=True, text=True).stdout
    known = tuple(map(int, re.findall(r"\d+", version)[:2]))
    given = (DEPLOY / "Caddyfile").read_text("utf-8")
    streams, rest = given.split("\n}\n", 1)
    assert "enable_full_duplex" in streams
    settings = tmp_path / "Caddyfile"
    settings.write_text(given if known >= (2, 7) else rest, encoding="utf-8")
    own = {
        "DEDUPE_SITE": f"http://127.0.0.1:{port}",
        "DEDUPE_SERVERS": f"127.0.0.1:{served.port}",
        "CADDY_ADMIN": f"127.0.0.1:{free_port()}",
        "XDG_DATA_HOME": str(tmp_path),
        "XDG_CONFIG_HOME": str(tmp_path),
    }
    words = [caddy, "run", "--adapter", "caddyfile", "--config", str(settings)]
    with running(words, port, **own), connected(port) as connection:
        refusals(connection)
        connection.request(
            "POST", "/v1/admit", json.dumps([article(1), article(2)]),
            {"Content-Type": JSON, **AUTHORIZED},
        )  # fmt: skip
        answer = connection.getresponse()
        assert [row["relation"] for row in json.loads(answer.read())] == ["new", "new"]
        if known >= (2, 7):
            stream(connection, **AUTHORIZED)
