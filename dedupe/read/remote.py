"""Files of remote stores - ``s3:``, ``gs:`` and what else fsspec knows - as sources."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from dedupe.config import Limits
from dedupe.errors import MissingExtraError, SourceError
from dedupe.read.address import scheme_of, shown_address, shown_within
from dedupe.read.budget import in_words, past_fetched
from dedupe.read.openable import OpenSource, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_PACKAGES = {
    "s3": ("s3fs", "s3"),
    "s3a": ("s3fs", "s3"),
    "gs": ("gcsfs", "gs"),
    "gcs": ("gcsfs", "gs"),
}
"""By scheme, the package that fsspec needs, and the extra of ours that installs it."""
_MAGIC = frozenset("*?[")


def stored(url: str) -> list[Source]:
    """The files behind an address: one, or those of a folder or of a glob, as on a disk.

    Raises MissingExtraError; SourceError for what is not there, or cannot be asked for.
    """
    name = shown_address(url)
    store, path = _store(url, name)
    with _telling(name):
        store.invalidate_cache()  # it may be another file than at the last time
        found = _entry(store, path)
        if found is None:
            if not _MAGIC & set(path):
                raise SourceError(f"{name}: no such file or folder")
            return _matches(store, path, name)
        if _is_folder(found):
            return _folder(store, path, name)
        return [_file(store, found, name, name.rstrip("/").rpartition("/")[2], named=True)]


def _store(url: str, name: str) -> tuple[Any, str]:
    """The store that an address names, and the path in it."""
    scheme = scheme_of(url)
    package, extra = _PACKAGES.get(scheme, ("fsspec", "remote"))
    for needed in ("fsspec", package):
        if find_spec(needed) is None:
            raise MissingExtraError(package, extra, f"reading {name}")
    import fsspec

    if "::" in url:
        raise SourceError(f"{name}: addresses in chains are not read; name what is to be read")
    try:
        store, path = fsspec.url_to_fs(scheme + url[len(scheme) :])
    except ImportError as error:  # it says which package
        raise SourceError(f"{name}: {in_words(error)}") from None
    except Exception as error:  # noqa: BLE001 - of any kind, from whichever store it is
        reason = shown_within(in_words(error))
        if "not known" in reason:
            reason = f"no addresses of the kind {scheme}: are known"
        raise SourceError(f"{name}: {reason}") from None
    return store, path


@contextmanager
def _telling(name: str) -> Iterator[None]:
    """Makes one sentence of whatever a store raises. Raises SourceError."""
    try:
        yield
    except (SourceError, MemoryError):
        raise
    except Exception as error:  # noqa: BLE001 - of any kind, from whichever store it is
        raise SourceError(f"{name}: {_reason(error)}") from None


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "no such file or folder"
    said = shown_within(in_words(error))
    if isinstance(error, PermissionError):
        return f"no permission to read it ({said}); {_ACCESS}"
    if "credentials" in said.lower():
        return f"{said}; {_ACCESS}"
    return f"cannot be read: {said}"


_ACCESS = (
    "set credentials in the environment, as the store's own tools read them; what is open to all"
    ' is read with FSSPEC_S3=\'{"anon": true}\', of gs: FSSPEC_GS=\'{"token": "anon"}\''
)


def _entry(store: Any, path: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = store.info(path)
    except FileNotFoundError:
        return None
    return found


def _is_folder(entry: dict[str, Any]) -> bool:
    return bool(entry["type"] == "directory")


def _matches(store: Any, pattern: str, name: str) -> list[Source]:
    """What fits a glob, in the order of names; folders among it as folders."""
    start = name[: len(name) - len(pattern.lstrip("/"))]
    found: list[Source] = []
    asked = "/." in pattern  # hidden ones are
    for path, entry in sorted(store.glob(pattern, detail=True).items()):
        if "/." in path and not asked:
            continue
        inner = start + path.lstrip("/")
        if _is_folder(entry):
            found += _folder(store, path, inner)
        else:
            last = path.rpartition("/")[2]
            found.append(_file(store, entry, inner, last, named=True))
    if not found:
        raise SourceError(f"{name}: no file matches")
    return found


def _folder(store: Any, folder: str, name: str) -> list[Source]:
    """The files below a folder, but hidden ones, each folder's entries in the order of names."""
    start = folder.rstrip("/")
    found: list[tuple[list[str], dict[str, Any]]] = []
    for path, entry in store.find(folder, detail=True).items():
        parts = path.removeprefix(start).strip("/").split("/")
        hidden = any(part.startswith(".") for part in parts)
        if not (hidden or _is_folder(entry) or path.endswith("/")):  # a mark of an empty folder
            found.append((parts, entry))
    if not found:
        raise SourceError(f"{name}: the folder contains no files")
    found.sort(key=lambda one: one[0])
    base = name.rstrip("/")
    ways = (("/".join(parts), entry) for parts, entry in found)
    return [_file(store, entry, f"{base}/{way}", way, named=False) for way, entry in ways]


def _file(store: Any, entry: dict[str, Any], name: str, relative: str, *, named: bool) -> Source:
    path, size = entry["name"], entry.get("size")
    return Source(
        name,
        relative,
        named=named,
        size=size if isinstance(size, int) else None,
        spelled=relative,
        identity=store.unstrip_protocol(path),
        opener=partial(_opened, store, path, name),
    )


@contextmanager
def _opened(store: Any, path: str, name: str, limits: Limits) -> Iterator[OpenSource]:
    """A file of a store, read block by block as it is asked for. Raises SourceError."""
    with _telling(name):
        file = store.open(path, "rb")
    with file:
        size = getattr(file, "size", None)
        if isinstance(size, int) and size > limits.fetched_bytes:
            raise SourceError(f"{name}: {past_fetched(limits)}")
        stream = io.BufferedReader(_Bytes(file, name, limits))
        yield OpenSource(cast("BinaryIO", stream))


class _Bytes(io.RawIOBase):
    """The bytes of a file in a store; what goes wrong is an OSError, as it is with files."""

    def __init__(self, file: Any, name: str, limits: Limits) -> None:
        self._file = file
        self._name = name
        self._limits = limits
        self._count = 0

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """Whether the store reads at any place."""
        return bool(self._file.seekable())

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Goes to a place."""
        return int(self._file.seek(offset, whence))

    def tell(self) -> int:
        """The place."""
        return int(self._file.tell())

    def readinto(self, buffer: WriteableBuffer) -> int:
        """The next bytes; none at the end."""
        room = memoryview(buffer).cast("B")
        with _telling(self._name):
            part = self._file.read(len(room))
        self._count += len(part)
        if not self.seekable() and self._count > self._limits.fetched_bytes:
            raise SourceError(f"{self._name}: {past_fetched(self._limits)}")
        room[: len(part)] = part
        return len(part)
