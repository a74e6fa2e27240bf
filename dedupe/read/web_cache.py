"""Answers of the web that are kept on the disk, so that a server can say that nothing is new.

An entry is a file: a line of JSON, then the body as it was sent. Nothing depends on it: where it
cannot be read or written, or is not as it was written, the source is fetched anew.
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import NamedTuple

import orjson

KEPT_BYTES = 16 << 20
"""Bytes of a body beyond which it is not kept."""
ALL_BYTES = 256 << 20
"""Bytes of all entries beyond which those go that were not used for longest."""

_HEAD_BYTES = 8 << 10
_VALIDATOR = re.compile(r"[\x20-\x7e]{1,1024}")
_ENDING = ".answer"


class KeptAnswer(NamedTuple):
    """An answer that is kept."""

    etag: str
    modified: str
    """As the server wrote it."""
    content_type: str
    address: str
    """Where the answer came from: another than was asked for, where that led elsewhere."""
    body: bytes

    @property
    def asked(self) -> dict[str, str]:
        """The headers that ask for it only if it is another one."""
        headers = {"If-None-Match": self.etag, "If-Modified-Since": self.modified}
        return {name: value for name, value in headers.items() if value}

    @property
    def is_askable(self) -> bool:
        """Whether it has what a server needs to know it again, and that can be sent."""
        tags = [tag for tag in (self.etag, self.modified) if tag]
        return bool(tags) and all(map(_VALIDATOR.fullmatch, tags))


def cache_folder() -> Path | None:
    """Where answers are kept: $DEDUPE_CACHE, else the user's folder for such; None for nowhere."""
    if (named := os.environ.get("DEDUPE_CACHE")) is not None:
        return Path(named) if named else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if sys.platform == "win32":
        base = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    elif sys.platform == "darwin":
        base = home / "Library" / "Caches"
    else:
        stated = os.environ.get("XDG_CACHE_HOME", "")
        base = Path(stated) if Path(stated).is_absolute() else home / ".cache"
    return base / "story-dedupe"


def kept(url: str) -> KeptAnswer | None:
    """What is kept of an address, whole and as it was written; else None."""
    folder = cache_folder()
    if folder is None:
        return None
    path = _path(folder, url)
    try:
        with path.open("rb") as file:
            data = file.read(_HEAD_BYTES + KEPT_BYTES + 1)
        os.utime(path)
    except OSError:
        return None
    head, _, body = data.partition(b"\n")
    try:
        found = orjson.loads(head)
        entry = KeptAnswer(**{name: str(found[name]) for name in _NAMES}, body=body)
        whole = found["sum"] == _sum(url, entry)
    except (ValueError, TypeError, KeyError):
        return None
    return entry if whole else None


_NAMES = KeptAnswer._fields[:-1]


def keep(url: str, entry: KeptAnswer) -> None:
    """Keeps an answer, if it has what a server needs to know it again, and there is room for it."""
    folder = cache_folder()
    if folder is None or not entry.is_askable or len(entry.body) > KEPT_BYTES:
        return
    head = {name: getattr(entry, name) for name in _NAMES}
    line = orjson.dumps({**head, "sum": _sum(url, entry)})
    if len(line) > _HEAD_BYTES:
        return
    with suppress(OSError):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(_path(folder, url), line + b"\n" + entry.body)
        _make_room(folder)


def _path(folder: Path, url: str) -> Path:
    return folder / (
        blake2b(url.encode("utf-8", "surrogatepass"), digest_size=20).hexdigest() + _ENDING
    )


def _sum(url: str, entry: KeptAnswer) -> str:
    """Over all of an entry, so that none is taken for another, and no half of one for a whole."""
    found = blake2b(digest_size=20)
    for part in (url, *(getattr(entry, name) for name in _NAMES)):
        found.update(repr(part).encode())
    found.update(entry.body)
    return found.hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Writes a file that is there once it is complete, readable by its owner alone."""
    number, part = tempfile.mkstemp(prefix=path.stem, dir=path.parent)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
        Path(part).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(part).unlink()
        raise


def _make_room(folder: Path) -> None:
    """Lets those entries go that were not used for longest, where all are too many bytes."""
    found = []
    for path in folder.iterdir():  # half files of processes that were killed among them
        with suppress(OSError):
            status = path.stat()
            found.append((status.st_mtime, status.st_size, path))
    left = sum(size for _, size, _ in found)
    for _, size, path in sorted(found):
        if left <= ALL_BYTES:
            return
        with suppress(OSError):
            path.unlink()
            left -= size
