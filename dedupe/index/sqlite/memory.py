"""The same store in memory: it ends with its process, and serves all threads of it."""

# ruff: noqa: D102 - the protocol says what each does

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock, get_ident

from dedupe.errors import BusyError
from dedupe.index.sqlite.database import MEMORY
from dedupe.index.sqlite.reader import SqliteReader
from dedupe.index.sqlite.schema import open_memory
from dedupe.index.sqlite.store import SqliteStore
from dedupe.index.sqlite.writer import SqliteWriter


class MemoryStore(SqliteStore):
    """An index in memory. Sessions of several threads take turns, those for reading too."""

    def __init__(self, *, patience: float = 30.0) -> None:
        """Makes an empty one. ``patience`` is how many seconds a session waits for its turn."""
        self._begin(open_memory(), read_only=False)
        self._patience = patience
        self._turn, self._owner = Lock(), 0

    @contextmanager
    def _in_turn(self) -> Iterator[None]:
        if self._owner == get_ident():
            self._opened()  # raises, as a session of this thread is open
        if not self._turn.acquire(timeout=self._patience):
            raise BusyError(f"{MEMORY}: another thread uses the index; be more patient")
        try:
            self._owner = get_ident()
            yield
        finally:
            self._owner = 0
            self._turn.release()

    @contextmanager
    def read(self) -> Iterator[SqliteReader]:
        with self._in_turn(), super().read() as reader:
            yield reader

    @contextmanager
    def write(self) -> Iterator[SqliteWriter]:
        with self._in_turn(), super().write() as writer:
            yield writer

    def _give_back(self) -> None:
        with self._in_turn():
            super()._give_back()

    def close(self) -> None:
        with self._in_turn():
            super().close()
