"""Files that are there only once they are complete."""

from __future__ import annotations

import os
import re
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import IO

_PART = re.compile(r"\.(\d{1,9})-([0-9a-f]{8})\.part(?:-wal|-shm|-journal)?")
"""What the name of a file in the making adds to that of its target: process and machine."""


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """A path for a file that becomes ``target`` once the block has ended well.

    Where ``target`` is a symbolic link, it stays one, and what it leads to is replaced.
    """
    target = Path(os.path.realpath(target))
    with leaving_nothing(target) as beside:
        yield beside
        synced(beside)
        beside.replace(target)
        synced(target.absolute().parent)


@contextmanager
def leaving_nothing(target: Path) -> Iterator[Path]:
    """A path beside ``target``; whatever is there at the end, under names that begin so, goes.

    So does at once what processes left that were killed over the same target.
    """
    clear_left(target)
    beside = part_of(target)
    try:
        yield beside
    finally:
        _remove(beside)


def part_of(target: Path) -> Path:
    """Where this process makes a file that becomes ``target``."""
    return target.with_name(f"{target.name}.{os.getpid()}-{_machine()}.part")


def _machine() -> str:
    """What stands for the machine in a name: elsewhere the number of a process means another."""
    import platform

    return f"{zlib.crc32(platform.node().encode()):08x}"


def clear_left(target: Path) -> None:
    """Removes what was left beside ``target`` by processes of this machine that are no more."""
    _remove(part_of(target))  # the number of a process comes again, in a container soon
    for left in target.parent.glob(f"{escape(target.name)}.*.part*"):
        found = _PART.fullmatch(left.name, len(target.name))
        if found and found[2] == _machine() and not _lives(int(found[1])):
            part = left.with_name(left.name.rpartition(".part")[0] + ".part")
            if not _is_locked(part):
                with suppress(OSError):  # others clear up as well, or it is not ours to remove
                    left.unlink()


def _remove(part: Path) -> None:
    for left in part.parent.glob(f"{escape(part.name)}*"):
        left.unlink(missing_ok=True)


def _lives(process: int) -> bool:
    """Whether there is such a process; True where that can't be known."""
    if sys.platform == "win32":  # to ask would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # it is another user's
        return True
    return True


def _is_locked(part: Path) -> bool:
    """Whether a process holds a lock on a file, as one of another container of this machine may.

    A file with a second name is the index itself, and is left unopened: to close it would end the
    locks that this process has on it.
    """
    try:
        if part.stat().st_nlink > 1:
            return False
        with part.open("r+b") as file:
            return not _lock(file)
    except FileNotFoundError:
        return False
    except OSError:
        return True


def _lock(file: IO[bytes]) -> bool:
    """Takes the lock of a file that is open for writing; whether it was free."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


@contextmanager
def writing(target: Path) -> Iterator[IO[bytes]]:
    """A file to write to, which becomes ``target`` once the block has ended well."""
    with placed(target) as beside, beside.open("wb") as file:
        _lock(file)
        yield file


def synced(path: Path) -> None:
    """Has the system write a file, or the names in a folder, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
