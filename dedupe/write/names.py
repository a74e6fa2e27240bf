"""What the name of an output asks for: its form, and whether it is compressed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import BinaryIO, cast

FORMS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".graphml": "graphml",
}
"""The form that the ending of a file's name asks for."""
PACKED = ".gz"


def ending_of_output(name: str) -> str:
    """The ending of a file's name that FORMS knows, or not; ``news.csv.gz`` ends in ``.csv``."""
    path = PurePath(name.lower())
    if path.suffix == PACKED:
        path = path.with_suffix("")
    return path.suffix


@contextmanager
def compressed_by_name(out: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """What is written here goes to ``out``, compressed where the name ends in ``.gz``."""
    if not name.lower().endswith(PACKED):
        yield out
        return
    import gzip

    # No time and no name in it: equal inputs give equal files.
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, mtime=0) as file:
        yield cast("BinaryIO", file)
