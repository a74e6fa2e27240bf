"""Which files this process has open as indexes.

POSIX drops all locks that a process has on a file as soon as it closes any descriptor of it, also
one that a library opened for a look. A file that is open as an index must thus be opened by SQLite
alone, which knows of this.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from threading import RLock

OPENING = RLock()
"""Held while a file is looked at, or a connection to one is opened or closed."""

_open: Counter[tuple[int, int]] = Counter()


def identity(path: str) -> tuple[int, int]:
    """By which a file is known under all of its names. Raises OSError."""
    held = Path(path).stat()
    return held.st_dev, held.st_ino


def is_open(file: tuple[int, int]) -> bool:
    """Whether this process has a connection to the file."""
    return _open[file] > 0


def note_opened(file: tuple[int, int]) -> None:
    """Counts a connection."""
    _open[file] += 1


def note_closed(file: tuple[int, int]) -> None:
    """Counts one less."""
    _open[file] -= 1
    if _open[file] <= 0:
        del _open[file]
