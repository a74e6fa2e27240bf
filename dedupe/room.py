"""Room for the large columns of a run: in memory, or where that is bounded in temporary files.

The files have no name, so that nothing is left of them however the process ends; they lie where
TMPDIR says. They are mapped, and read as arrays are. Their pages are the system's: it takes them
back where memory is short, and here they are let go of before that.
"""

from __future__ import annotations

import mmap
import os
import sys
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from ctypes import CDLL
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.errors import NoRoomError

if TYPE_CHECKING:
    from typing import IO

    from numpy.typing import DTypeLike, NDArray

Empty = Callable[[int, "DTypeLike"], "NDArray[Any]"]
"""Makes an array of so many values of a type, whatever they are."""

TIMES, EACH, FIXED = 1.25, 2048, 1 << 28
"""What a run takes at its peak: so many times its sketches, bytes an article, and at all events."""
SMALL, SLAB = 1 << 20, 1 << 26
"""Bytes of a column that stays in memory; of a file that takes in columns of batches."""
LET_GO, WORTH, EVERY = 0.7, 0.1, 0.02
"""Share of the bound from which pages are let go of, and of it that these must be, so that it is
worth while; seconds from one look to the next."""
STATM = Path("/proc/self/statm")


def run_bytes(held: float, articles: int) -> float:
    """Bytes that a run takes at its peak, which holds so many of sketches or what is told of pairs.

    An estimate: by it a run puts into files what would not fit, and a plan tells what it will take.
    """
    return TIMES * held + EACH * articles + FIXED


class Room:
    """Where one run has its columns. ``memory`` are the bytes it is kept to, 0 for no bound."""

    def __init__(self, memory: int = 0) -> None:
        self.memory = memory
        self.in_files = False
        """Whether what comes is put into files."""
        self._bytes = self._articles = 0
        self._slabs: dict[str, tuple[mmap.mmap, int]] = {}
        self._pages = _Pages(memory)

    def counts(self, size: int, articles: int) -> None:
        """Counts so many bytes; from where all would not fit, all goes into files."""
        self._bytes += size
        self._articles += articles
        self.in_files |= 0 < self.memory < run_bytes(self._bytes, self._articles)

    def empty(self, count: int, kind: DTypeLike) -> NDArray[Any]:
        """An array of so many values, whatever they are. Raises NoRoomError."""
        size = count * np.dtype(kind).itemsize
        if not self.in_files or size <= SMALL:
            return np.empty(count, kind)
        return np.frombuffer(self._mapped(size), kind, count)

    def moved(self, name: str, values: NDArray[Any]) -> NDArray[Any]:
        """The same values in a file; those of one name lie together, and go together.

        Raises NoRoomError.
        """
        size = -(-values.nbytes // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        slab, used = self._slabs.get(name, (None, 0))
        if slab is None or used + size > len(slab):  # the first is small: a run may be, too
            slab, used = self._mapped(max(size, min(SLAB, 4 * len(slab) if slab else SMALL))), 0
        self._slabs[name] = slab, used + size
        found = np.frombuffer(slab, values.dtype, values.size, used).reshape(values.shape)
        found[...] = values
        return found

    def closed(self) -> None:
        """Nothing more is moved: a file ends with the last array in it."""
        self._slabs.clear()

    def _mapped(self, size: int) -> mmap.mmap:
        import tempfile

        folder = ""
        try:
            folder = tempfile.gettempdir()
            wanted = os.environ.get("TMPDIR")
            if wanted and not os.access(wanted, os.W_OK | os.X_OK):
                raise NoRoomError(f"TMPDIR names {wanted}, where no file can be made: name another")
            with tempfile.TemporaryFile(prefix="dedupe-", dir=folder) as file:
                _reserve(file, size)
                found = mmap.mmap(file.fileno(), size)
        except OSError as error:
            raise NoRoomError(
                f"no room for {size / 1e6:,.0f} MB more of temporary files in"
                f" {folder or 'any folder'} ({error.strerror}): name another folder in TMPDIR, or"
                " allow more memory"
            ) from error
        self._pages.watch(found)
        return found


def _reserve(file: IO[bytes], size: int) -> None:
    """Takes the room at once: to find a disk full as a page is written would end the process."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file.fileno(), 0, size)
        return
    zeros = bytes(min(size, 1 << 24))
    for first in range(0, size, len(zeros)):
        file.write(zeros[: size - first])
    file.flush()


class _Pages:
    """Lets go of the pages of files while the process holds more than it should.

    What is on them stays, with the system, and is there when it is asked for. Where the system
    does not tell what a process holds nothing is done: it takes back what it needs by itself.
    """

    def __init__(self, memory: int) -> None:
        self.most, self.worth = LET_GO * memory, WORTH * memory
        self._maps: list[weakref.ref[mmap.mmap]] = []
        self._lock = threading.Lock()
        self._watching = False

    def watch(self, found: mmap.mmap) -> None:
        """Also those of this file, as long as there is an array in it."""
        with self._lock:
            self._maps.append(weakref.ref(found))
            if not self._watching and STATM.exists():
                self._watching = True
                threading.Thread(target=self._watch, name="dedupe-pages", daemon=True).start()

    def let_go(self) -> bool:
        """Lets go of all pages, whose values stay; whether there are files still."""
        with self._lock:
            alive = [found for ref in self._maps if (found := ref()) is not None]
            self._maps = [weakref.ref(found) for found in alive]
            for found in alive:
                found.madvise(mmap.MADV_DONTNEED)
            self._watching &= len(alive) > 0
            return len(alive) > 0

    def _watch(self) -> None:
        pause, page = threading.Event(), mmap.PAGESIZE
        while True:
            pause.wait(EVERY)
            held, of_files = (int(pages) * page for pages in STATM.read_text().split()[1:3])
            full = held > self.most and of_files > self.worth
            if (full or not self._any()) and not self.let_go():
                return

    def _any(self) -> bool:
        return any(ref() is not None for ref in self._maps)


def release() -> None:
    """Gives back to the system what was freed, as after a stage that took more than the next."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        # Of the C library's own accord freed memory below 32 MB stays with the process.
        with suppress(OSError, AttributeError):
            CDLL(None).malloc_trim(0)
