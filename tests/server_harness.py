"""A server in a process of its own, and how it is asked: by the standard library alone."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, NamedTuple, Self

SYLLABLES = ("bra", "lun", "tor", "mev", "sil", "gan", "pur", "dok", "wes", "hif")
JSON, LINES = "application/json", "application/x-ndjson"


COMMAND = (sys.executable, "-m", "dedupe", "serve")


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.body.splitlines()]


class Served:
    """``dedupe serve`` on a free port, from when it answers until it is stopped."""

    def __init__(self, index: Path, *options: object) -> None:
        self.process = subprocess.Popen(
            [*COMMAND, "--index", str(index), "--listen", "127.0.0.1:0", *map(str, options)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.out: list[str] = []
        self.said: list[str] = []
        self.port = 0
        self._readers = [
            threading.Thread(target=self._follow, args=told, daemon=True)
            for told in ((self.process.stdout, self.out), (self.process.stderr, self.said))
        ]
        for reader in self._readers:
            reader.start()
        end = time.monotonic() + 60
        while not self.port and time.monotonic() < end and self.process.poll() is None:
            found = re.search(r"answering on http://127\.0\.0\.1:(\d+)", "".join(self.said))
            self.port = int(found[1]) if found else 0
            time.sleep(0.02)
        assert self.port, "".join(self.said)

    def _follow(self, stream: Any, lines: list[str]) -> None:
        lines.extend(iter(stream.readline, ""))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> list[dict]:
        return [json.loads(line) for line in self.out]

    def ask(
        self, method: str, path: str, body: Any = None, kind: str = JSON, **headers: str
    ) -> Answer:
        """One request on a connection of its own; an object or a list goes as JSON."""
        if isinstance(body, dict | list):
            body = json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        if body is not None and kind:
            told["Content-Type"] = kind
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, told)  # what is refused is not read on
            found = connection.getresponse()
            names = {name.lower(): value for name, value in found.getheaders()}
            return Answer(found.status, names, found.read())
        finally:
            connection.close()

    def admit(self, body: Any, **more: str) -> Answer:
        return self.ask("POST", "/v1/admit", body, **more)

    def check(self, body: Any, **more: str) -> Answer:
        return self.ask("POST", "/v1/check", body, **more)

    def raw(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def memory(self) -> int:
        """Kilobytes that the process holds."""
        command = ["ps", "-o", "rss=", "-p", str(self.process.pid)]
        return int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)

    def stop(self, how: int = signal.SIGTERM) -> int:
        """Ends it; the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(how)
        code = self.process.wait(60)
        for reader in self._readers:
            reader.join(10)
        return code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop(signal.SIGKILL)
        self.process.stdout.close()
        self.process.stderr.close()


def text_of(number: int) -> str:
    """Texts that have no story in common."""
    chosen = random.Random(number)
    return " ".join(
        f"{chosen.choice(SYLLABLES)}{chosen.choice(SYLLABLES)}{chosen.randrange(10**5)}"
        for _ in range(40)
    )


def article(number: int, **more: object) -> dict[str, object]:
    return {"id": f"a{number}", "text": text_of(number), **more}


def asked(service: Any, path: str, query: bytes = b"") -> tuple[int, bytes]:
    """Status and body of what an application answers to a GET."""
    from dedupe.server.routes import application

    app, sent = application(service), list[dict]()

    async def ask() -> None:
        async def send(message: dict) -> None:
            sent.append(message)

        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": path, "headers": headers}
        await app(scope | {"query_string": query}, None, send)

    asyncio.run(ask())
    return sent[-2]["status"], sent[-1]["body"]


def decisions_told(name: str, *, replayed: bool = False) -> bytes:
    """A server's answer about one article of an array."""
    told = {"id": name, "relation": "new", "story": "s1", "replayed": replayed}
    told |= {key: [] for key in ("matches", "added", "mentions")}
    told |= dict.fromkeys(("admitted", "extends", "corrects"), False)
    return json.dumps([told]).encode()
