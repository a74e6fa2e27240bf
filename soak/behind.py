"""A connection to an index behind the package's back: its pages have the sums that they should."""

from __future__ import annotations

import os
import sqlite3
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.index.sqlite.file import PAGE, file_uri
from dedupe.index.sqlite.sums import RESERVED
from dedupe.kernels.sums import page_sum

if TYPE_CHECKING:
    from pathlib import Path


def connected(path: Path | str, **how: Any) -> sqlite3.Connection:
    """Any statement may be carried out there. What is then wrong is so in spite of all sums."""
    return sqlite3.connect(file_uri(os.fspath(path), "rw"), uri=True, **how)


def summed(content: bytes) -> bytes:
    """The bytes of a file with the sums that its pages should have, as they are now."""
    pages = np.frombuffer(bytearray(content), np.uint8)
    for number, start in enumerate(range(0, len(content) - PAGE + 1, PAGE), start=1):
        page = pages[start : start + PAGE]
        told = page_sum(page, number).to_bytes(RESERVED, "little")
        page[-RESERVED:] = np.frombuffer(told, np.uint8)
    return pages.tobytes()
