"""A Redis server of our own, on a Unix socket in a temporary folder, ended with the benchmark.

Snapshots are off and the append-only file is on, so that what was acknowledged survives the end
of the server: with ``appendfsync everysec`` a kill, with ``always`` a power cut, too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.child import BenchmarkError

if TYPE_CHECKING:
    from collections.abc import Iterator

PROGRAM = "redis-server"
PATIENCE = 30.0
"""Seconds in which the server must answer."""


class RedisServer:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[bytes], socket: Path) -> None:
        from redis import Redis

        self.process, self.socket = process, socket
        self.client = Redis(unix_socket_path=str(socket))

    def sync(self, when: str) -> None:
        """When the append-only file is forced to the disk: everysec or always."""
        self.client.config_set("appendfsync", when)

    def memory(self) -> int:
        """Bytes that it holds."""
        return int(self.client.info("memory")["used_memory"])

    def settle(self) -> None:
        """Waits until the append-only file is not being rewritten."""
        while self.client.info("persistence")["aof_rewrite_in_progress"]:
            time.sleep(0.2)

    def cpu(self) -> float:
        """Seconds of processor time that it took; 0 where that can't be told."""
        try:
            fields = Path(f"/proc/{self.process.pid}/stat").read_text("utf-8").rpartition(")")[2]
        except OSError:
            return 0.0
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def missing() -> str:
    """What is not installed of what the peer needs; '' where all is there."""
    for package in ("datasketch", "redis", "xxhash"):
        if find_spec(package) is None:
            return f"the package {package}"
    return "" if shutil.which(PROGRAM) else f"the program {PROGRAM}"


def version() -> str:
    """Version of the server's program."""
    words = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True, text=True)
    return next(w[2:] for w in words.stdout.split() if w.startswith("v="))


@contextmanager
def running(folder: Path) -> Iterator[RedisServer]:
    """A server whose files lie in ``folder``. Raises BenchmarkError where it does not start."""
    folder.mkdir(exist_ok=True)
    # The path of a socket may have about 100 bytes: not any folder would do.
    with tempfile.TemporaryDirectory(prefix="redis-") as name:
        socket = Path(name) / "redis.sock"
        options = {
            "port": "0",
            "unixsocket": str(socket),
            "dir": str(folder),
            "save": "",
            "appendonly": "yes",
            "appendfsync": "everysec",
            "logfile": str(folder / "redis.log"),
        }
        words = [word for key, value in options.items() for word in (f"--{key}", value)]
        process = subprocess.Popen([PROGRAM, *words], stdout=subprocess.DEVNULL)
        try:
            server = RedisServer(process, socket)
            _await(server)
            yield server
        finally:
            process.terminate()
            process.wait()


def _await(server: RedisServer) -> None:
    from redis.exceptions import ConnectionError as NoAnswer

    end = time.monotonic() + PATIENCE
    while server.process.poll() is None and time.monotonic() < end:
        try:
            server.client.ping()
        except NoAnswer:
            time.sleep(0.05)
        else:
            return
    raise BenchmarkError(f"{PROGRAM} does not answer")
