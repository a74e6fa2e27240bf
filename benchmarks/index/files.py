"""The files of an index that nobody has open: their size, a copy of them, their end."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def parts(path: Path) -> Iterator[Path]:
    """The file of an index, and those that lie beside it under its name."""
    return path.parent.glob(f"{path.name}*")


def disk(path: Path) -> int:
    """Bytes of all of them."""
    return sum(part.stat().st_size for part in parts(path))


def copied(path: Path, target: Path) -> Path:
    """A copy of an index, which is ``target``."""
    for part in parts(path):
        shutil.copyfile(part, target.with_name(target.name + part.name.removeprefix(path.name)))
    return target


def written_out(path: Path) -> Path:
    """The index, once the disk holds all of it: what is measured next is not to wait for that."""
    for part in parts(path):
        with part.open("rb+") as file:
            os.fsync(file.fileno())
    return path


def removed(path: Path) -> None:
    """Ends an index, or what is there of one."""
    for part in list(parts(path)):
        part.unlink()
