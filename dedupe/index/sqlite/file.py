"""An index's file, before SQLite opens it: whether it is one, and how it is to be opened."""

from __future__ import annotations

import stat
from pathlib import Path

from dedupe.errors import REMEDY, DamagedError, NotAnIndexError, ReadOnlyError, StoreError
from dedupe.index.sqlite.database import CONNECTIONS, OPENING, WITH_SUMS, identity
from dedupe.index.sqlite.sums import RESERVED, SYSTEM, available

APPLICATION = 0x73744478
"""By which the file is known as ours; it stands in its header."""
PAGE = 8192
"""Bytes. Sketches of some 1.3 KB fill pages of 4,096 badly, and larger ones cost each commit."""
SUMMED = 3
"""The version of the tables from which on pages have sums."""
WITH_LOG = 2
"""The latest format of files that SQLite has: those with a log beside them."""
HEADER = 100
MAGIC = b"SQLite format 3\x00"


def file_uri(path: str, mode: str, *, sums: bool | None = None) -> str:
    """The URI by which SQLite opens an index's file.

    ``sums`` says whether its pages have sums; the file is looked at where that is not known. Raises
    as :func:`has_sums`.
    """
    sums = has_sums(path, create=False) if sums is None else sums
    system = f"&vfs={SYSTEM}" if sums and available() else ""
    return f"{Path(path).absolute().as_uri()}?mode={mode}{system}"


def has_sums(path: str, *, create: bool) -> bool:
    """Whether the pages of a file have sums, or will have where it is still to be made.

    It is looked at before SQLite does, which would mend or lock what isn't ours. Raises
    NotAnIndexError where it is none, or is missing and not to be created; DamagedError where it is
    cut short, or its header is not as it was written; ReadOnlyError or StoreError where it can't be
    read.
    """
    header = first_bytes(path)
    if isinstance(header, bool):
        return header
    if create and (header is None or _empty(header)):
        return available()
    if header is None:
        raise NotAnIndexError(f"{path}: there is no index; create it, or give its path")
    if not header.startswith(MAGIC) or int.from_bytes(header[68:72], "big") != APPLICATION:
        raise NotAnIndexError(f"{path}: this is no index; it was left as it is, give another path")
    if len(header) < HEADER:
        raise DamagedError(f"{path}: the index was cut short; {REMEDY}")
    page, reserved = int.from_bytes(header[16:18], "big"), header[20]
    # It takes more than one bit to make one of the other.
    sums = int.from_bytes(header[60:64], "big") >= SUMMED
    known = max(header[18:20]) <= WITH_LOG  # else SQLite lets nobody write, and doesn't say why
    if page != PAGE or reserved != (RESERVED if sums else 0) or not known:
        raise DamagedError(f"{path}: the index is damaged: its header can't be; {REMEDY}")
    return sums


def first_bytes(path: str) -> bytes | bool | None:
    """How a file begins; None where it is missing. See :func:`_header`.

    Raises NotAnIndexError where it is a folder, a pipe or a device; ReadOnlyError or StoreError
    where it can't be read.
    """
    try:
        return _header(path)
    except FileNotFoundError:
        return None
    except IsADirectoryError:
        raise NotAnIndexError(f"{path}: this is a folder; an index is a file") from None
    except PermissionError as error:
        raise ReadOnlyError(f"{path}: the file may not be read; check its permissions") from error
    except (OSError, ValueError) as error:
        raise StoreError(f"{path!r}: the file cannot be opened: {error}") from error


def _header(path: str) -> bytes | bool:
    """How a file begins; of one that this process has open whether it has sums. Raises OSError."""
    with OPENING:
        kind = Path(path).stat().st_mode
        if not stat.S_ISREG(kind) and not stat.S_ISDIR(kind):
            raise NotAnIndexError(f"{path}: this is no file; give another path")
        if CONNECTIONS[identity(path)]:
            return identity(path) in WITH_SUMS
        with Path(path).open("rb") as file:
            return file.read(HEADER)


def _empty(header: bytes) -> bool:
    """Whether nothing is in the file yet: no byte, or what SQLite puts into a new one."""
    return not header or (
        header.startswith(MAGIC)
        and header[68:72] == bytes(4)
        and (int.from_bytes(header[28:32], "big") <= 1)
    )
