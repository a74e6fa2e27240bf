"""The files that sections work on: unpacked, cut, or found beside the one that was named."""

from __future__ import annotations

import gzip
import shutil
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def unpacked(file: Path, folder: Path) -> Path:
    """The file itself, or its content where it is packed: unpacking is nobody's to measure."""
    if file.suffix != ".gz":
        return file
    target = folder / file.stem
    with gzip.open(file, "rb") as packed, target.open("wb") as out:
        shutil.copyfileobj(packed, out, 1 << 20)
    return target


def pairs_beside(file: Path) -> Path | None:
    """``NAME.neardup.jsonl[.gz]`` beside ``NAME.jsonl[.gz]``, if it is there."""
    name = file.name.partition(".jsonl")[0]
    found = (file.with_name(f"{name}.neardup.jsonl{packed}") for packed in ("", ".gz"))
    return next((path for path in found if path.exists()), None)


def first_articles(file: Path, count: int, target: Path) -> Path:
    """A file of the first articles."""
    with file.open("rb") as lines, target.open("wb") as out:
        out.writelines(islice(lines, count))
    return target


def every(file: Path, step: int, target: Path) -> Path:
    """A file of every ``step``-th article."""
    with file.open("rb") as lines, target.open("wb") as out:
        out.writelines(islice(lines, 0, None, step))
    return target
