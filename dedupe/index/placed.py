"""Files that are there only once they are complete."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """A path for a file that becomes ``target`` once the block has ended well."""
    with leaving_nothing(target) as beside:
        yield beside
        synced(beside)
        beside.replace(target)
        synced(target.absolute().parent)


@contextmanager
def leaving_nothing(target: Path) -> Iterator[Path]:
    """A path beside ``target``; whatever is there at the end, under names that begin so, goes."""
    beside = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        yield beside
    finally:
        for left in beside.parent.glob(f"{escape(beside.name)}*"):
            left.unlink(missing_ok=True)


def synced(path: Path) -> None:
    """Has the system write a file, or the names in a folder, to the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
