"""A server on this machine that answers as it is told to, well or ill."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Request"], None]


class Request(BaseHTTPRequestHandler):
    """One request; answers are made by its methods."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        site: Site = self.server.site  # type: ignore[attr-defined]
        site.asked.append((self.path, dict(self.headers)))
        answers = site.pages.get(self.path.partition("?")[0], [status(404)])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        with suppress(OSError):
            answer(self)

    def head(self, code: int, **headers: Any) -> None:
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@dataclass
class Site:
    """What there is to be asked for, and what was."""

    pages: dict[str, list[Answer]] = field(default_factory=dict)
    """By path the answers, one after the other; the last one stays."""
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Path and headers of each request."""
    host: str = ""
    ended: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str) -> str:
        return f"http://{self.host}{path}"

    def put(self, path: str, *answers: Answer) -> str:
        self.pages[path] = list(answers)
        return self.url(path)

    @property
    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


@contextmanager
def serving(context: Any = None) -> Iterator[Site]:
    """A site, while the block runs. ``context`` is for TLS."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Request)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    site = Site(host=f"127.0.0.1:{server.server_address[1]}")
    server.site = site  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        site.ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def body(data: bytes, content_type: str = "", **headers: Any) -> Answer:
    def answer(request: Request) -> None:
        typed = {"Content_Type": content_type} if content_type else {}
        request.head(200, Content_Length=len(data), **typed, **headers)
        request.wfile.write(data)

    return answer


def status(code: int, data: bytes = b"<html>sorry</html>", **headers: Any) -> Answer:
    def answer(request: Request) -> None:
        request.head(code, Content_Length=len(data), **headers)
        request.wfile.write(data)

    return answer


def conditional(data: bytes, etag: str, content_type: str = "application/json") -> Answer:
    """The body, unless whoever asks has it already."""

    def answer(request: Request) -> None:
        if request.headers.get("If-None-Match") == etag:
            request.head(304, ETag=etag)
            return
        body(data, content_type, ETag=etag)(request)

    return answer


def raw(*parts: bytes, pause: float = 0.0) -> Answer:
    """Bytes as they are, head and all, with a pause behind each part."""

    def answer(request: Request) -> None:
        for part in parts:
            request.wfile.write(part)
            request.wfile.flush()
            time.sleep(pause)
        request.close_connection = True

    return answer


def endless(head: bytes, part: bytes, pause: float = 0.0) -> Answer:
    """A head, and then the same part until nobody listens any more."""

    def answer(request: Request) -> None:
        site: Site = request.server.site  # type: ignore[attr-defined]
        request.wfile.write(head)
        while not site.ended.wait(pause):
            request.wfile.write(part)
            request.wfile.flush()

    return answer


def free_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
