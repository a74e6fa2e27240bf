"""Processes of a scenario. Each has a line to the one that started it, and may be killed."""

from __future__ import annotations

import multiprocessing
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from multiprocessing.connection import Connection

CONTEXT = multiprocessing.get_context("forkserver")
CONTEXT.set_forkserver_preload(["soak.warm"])


LONGEST = 120
"""Seconds for which a process may be silent."""


class Work(Protocol):
    """What a process does: it tells by ``line`` what it wants to be known."""

    def __call__(self, line: Connection, *arguments: Any) -> None:
        """Arguments are as the worker was given them."""


@dataclass(frozen=True, slots=True)
class Failed:
    """What a worker tells last if it ends with an exception."""

    error: str

    def __str__(self) -> str:
        return self.error


class Worker:
    """One process at work. Its messages are kept, also those of one that was killed."""

    def __init__(self, work: Work, *arguments: Any) -> None:
        self.line, theirs = CONTEXT.Pipe()
        self._process = CONTEXT.Process(target=_carried_out, args=(work, theirs, *arguments))
        self._process.start()
        theirs.close()

    def messages(self) -> Iterator[Any]:
        """All that it tells, until it ends; it is killed where it tells nothing for too long."""
        while True:
            try:
                if not self.line.poll(LONGEST):
                    self.kill()
                    yield Failed(f"nothing was told for {LONGEST} s")
                yield self.line.recv()
            except (EOFError, OSError):  # of one that was killed the last message may be cut
                return

    def kill(self) -> None:
        """Ends it at once, as ``kill -9`` does."""
        if self._process.pid is not None and self._process.is_alive():
            os.kill(self._process.pid, signal.SIGKILL)

    def end(self) -> int | None:
        """Waits for its end; the exit code."""
        self._process.join()
        self.line.close()
        return self._process.exitcode


def _carried_out(work: Work, line: Connection, *arguments: Any) -> None:
    try:
        work(line, *arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told
        line.send(Failed(f"{type(error).__name__}: {error}"))
    finally:
        line.close()
