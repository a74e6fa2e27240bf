"""What was seen of feeds and folders: a file of JSON Lines that is added to, and may be lost.

Each line is a fact about one source and takes the place of an earlier one about it. Without the
file everything is asked for and read once more, and the index knows what of it is new. A line that
was cut as it was written is passed over. One process at a time has the file.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any, NamedTuple, Self

import orjson

from dedupe.errors import SourceError
from dedupe.json_form import encode
from dedupe.placed import leaving_nothing
from dedupe.read.address import is_open
from dedupe.read.web_cache import KeptAnswer

COMPACTED = 1000
"""Lines beyond which, and beyond twice what they tell, the file is written anew when opened."""


class SeenFeed(NamedTuple):
    """The last answer of a feed of which all was admitted, and when it is to be left alone."""

    etag: str = ""
    modified: str = ""
    address: str = ""
    digest: str = ""
    """Of its body."""
    not_before: float = 0.0
    """The moment, in seconds since 1970, before which its server does not want to be asked."""
    asked: float = 0.0
    """When it was asked last, likewise."""

    @property
    def answer(self) -> KeptAnswer:
        """As the web is asked by."""
        return KeptAnswer(self.etag, self.modified, "", self.address, b"")


class SeenFile(NamedTuple):
    """A file as it was when all of it had been admitted."""

    size: int
    modified: int
    """Nanoseconds since 1970."""


class Intent(NamedTuple):
    """Articles that are about to be admitted, and whose answers are about to be written."""

    source: str
    ids: tuple[str, ...]
    moment: int
    """Microseconds since 1970; what was there before is none of them."""


NOTHING = Intent("", (), 0)


class Seen:
    """What was seen; each change is in the file when the call returns.

    Raises SourceError where the file cannot be opened, is none of these, or another process has
    it; OSError as writing does.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._feeds: dict[str, SeenFeed] = {}
        self._files: dict[str, SeenFile] = {}
        self.unsaid = NOTHING
        """What may have been admitted in an earlier run without its answers being written."""
        self._file = _opened(path)
        try:
            lines = self._load()
            facts = len(self._feeds) + len(self._files)
            if lines > COMPACTED and lines > 2 * facts and os.name != "nt":
                self._write_anew()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def feed(self, url: str) -> SeenFeed:
        """What was seen of the feed at an address."""
        return self._feeds.get(_key(url), SeenFeed())

    def file(self, name: str) -> SeenFile | None:
        """How a file was, when it was read."""
        return self._files.get(name)

    def saw_feed(self, url: str, seen: SeenFeed) -> None:
        """Takes note of an answer of which all was admitted. What may be a secret is left out."""
        if not (is_open(url) and is_open(seen.address)):
            seen = seen._replace(etag="", modified="", address="")
        self._feeds[_key(url)] = seen
        self._add({"feed": _key(url), **seen._asdict()})

    def saw_file(self, name: str, seen: SeenFile) -> None:
        """Takes note of a file of which all was admitted."""
        self._files[name] = seen
        self._add({"file": name, **seen._asdict()})

    def forget_files(self, names: Iterable[str]) -> None:
        """Takes note of files that are gone: one of that name is a new one."""
        for name in names:
            if self._files.pop(name, None) is not None:
                self._add({"file": name, "gone": True})

    def intend(self, intent: Intent) -> None:
        """Says what is about to be admitted."""
        self._add(intent._asdict())

    def said(self) -> None:
        """Says that all answers so far were written."""
        self.unsaid = NOTHING
        self._add(NOTHING._asdict())

    def files_below(self, folder: str) -> list[str]:
        """Names of the files in a folder and below that were seen."""
        start = os.path.join(folder, "")  # noqa: PTH118 - with a separator at its end
        return [name for name in self._files if name.startswith(start)]

    def _add(self, line: dict[str, Any]) -> None:
        self._file.write(encode(line))

    def _load(self) -> int:
        """Reads what the file tells; how many lines it has."""
        self._file.seek(0)
        lines = self._file.readlines()
        if not lines:
            self._file.write(_HEADING)
        elif not _HEADING.startswith(lines[0].rstrip(b"\n")):
            raise SourceError(
                f"{self._path}: no file of what dedupe watch saw; name another with --state"
            )
        elif not lines[-1].endswith(b"\n"):
            self._file.write(b"\n")
        for line in lines[1:]:
            with suppress(ValueError, TypeError, KeyError, AttributeError):  # cut, or damaged
                self._take(orjson.loads(line))
        return len(lines)

    def _take(self, line: dict[str, Any]) -> None:
        if "feed" in line:
            etag, modified, address, digest, later, asked = (line[f] for f in SeenFeed._fields)
            tags = str(etag), str(modified), str(address), str(digest)
            self._feeds[str(line["feed"])] = SeenFeed(*tags, float(later), float(asked))
        elif "file" in line and line.get("gone"):
            self._files.pop(line["file"], None)
        elif "file" in line:
            self._files[str(line["file"])] = SeenFile(int(line["size"]), int(line["modified"]))
        elif "ids" in line:
            ids = tuple(map(str, line["ids"]))
            self.unsaid = Intent(str(line["source"]), ids, int(line["moment"]))

    def _write_anew(self) -> None:
        """Writes a file of what is known, which takes the place of this one."""
        with leaving_nothing(self._path) as beside:
            new = beside.open("w+b", buffering=0)
            _lock(new, self._path)  # before it has the name by which others open it
            lines = [
                _HEADING,
                *(encode({"feed": key, **seen._asdict()}) for key, seen in self._feeds.items()),
                *(encode({"file": name, **seen._asdict()}) for name, seen in self._files.items()),
                encode(self.unsaid._asdict()),
            ]
            new.write(b"".join(lines))
            beside.replace(self._path)
        self._file.close()
        self._file = new


_HEADING = b'{"watched":1}\n'


def _key(url: str) -> str:
    """What stands for an address, which may hold a password."""
    return blake2b(url.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _opened(path: Path) -> IO[bytes]:
    """The file, locked. Raises SourceError."""
    while True:
        try:
            number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise SourceError(f"{path}: {error.strerror or error}") from None
        file = os.fdopen(number, "r+b", buffering=0)
        try:
            _lock(file, path)
        except BaseException:
            file.close()
            raise
        with suppress(OSError):
            if path.stat().st_ino == os.fstat(number).st_ino:
                return file
        file.close()  # another process has written it anew in between


def _lock(file: IO[bytes], path: Path) -> None:
    """Has the file for this process. Raises SourceError where another one has it."""
    try:
        import fcntl
    except ImportError:  # Windows: nothing keeps a second process off
        return
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise SourceError(
            f"{path}: another dedupe watch is at work with it; wait for its end, or give --state a"
            " file of its own"
        ) from None
