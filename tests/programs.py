"""Programs of others that tests start, where they are installed."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator

import pytest


def needed(program: str) -> str:
    """Its path. Where it is missing the test is skipped, unless CI says that it is there."""
    found = shutil.which(program) or shutil.which(program, path="/usr/sbin:/sbin")
    if found is None:
        assert program not in os.environ.get("DEDUPE_PROGRAMS", "").split(), f"{program} is missing"
        pytest.skip(f"{program} is not installed")
    return found


@contextlib.contextmanager
def running(words: list[str], port: int = 0, **more: str) -> Iterator[subprocess.Popen[str]]:
    """A program until it is stopped, from when it listens on the port, where one is given."""
    process = subprocess.Popen(
        list(map(str, words)), env={**os.environ, **more},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    try:
        end = time.monotonic() + 30
        while port:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            assert process.poll() is None, process.stdout.read()
            assert time.monotonic() < end
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
