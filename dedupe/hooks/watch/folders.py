"""Folders that are watched: which files in them are new, or changed, and whole."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from dedupe.errors import SourceError
from dedupe.hooks.watch.seen import Seen, SeenFile
from dedupe.read.formats import formats_of_name
from dedupe.read.openable import Source
from dedupe.read.source import files_below

QUIET_SECONDS = 2.0
"""Seconds for which nobody must have written to a file that is read."""


class FilesFound(NamedTuple):
    """What a look at a folder found."""

    ready: list[tuple[Source, SeenFile]]
    """Files that are new, or others than they were when read, and quiet."""
    busy: int
    """Files that are still written to."""
    unknown: int
    """Files of no kind that is known."""


class Folder:
    """A folder, or one file, that is looked at again and again."""

    def __init__(
        self,
        path: str,
        seen: Seen,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.name = path
        self._path = Path(path).resolve()
        self._seen, self._clock, self._now = seen, clock, now
        self._since: dict[str, tuple[SeenFile, float]] = {}
        """Files that were seen to change: how they were, and since when they are so."""

    def look(self) -> FilesFound:
        """Which files are there to be read. Raises SourceError where the folder is not there."""
        found, busy, unknown, there = list[tuple[Source, SeenFile]](), 0, 0, set[str]()
        for source in self._sources():
            status = _status(source)
            if status is None:
                continue
            there.add(source.name)
            if not source.named and not formats_of_name(source.name):
                unknown += 1
            elif status != self._seen.file(source.name):
                if self._is_quiet(source.name, status):
                    # By its whole path, as two folders may have files of one name.
                    whole = replace(source, relative=source.name, named=True, trouble="")
                    found.append((whole, status))
                else:
                    busy += 1
        gone = set(self._seen.files_below(str(self._path))) - there
        self._seen.forget_files(gone)
        self._since = {name: seen for name, seen in self._since.items() if name in there}
        return FilesFound(found, busy, unknown)

    def _sources(self) -> list[Source]:
        if self._path.is_dir():
            return files_below(str(self._path))
        if not self._path.exists():
            raise SourceError(f"{self.name}: no such file or folder")
        return [Source(str(self._path), str(self._path), named=True, size=None)]

    def _is_quiet(self, name: str, status: SeenFile) -> bool:
        """Whether it is as it was QUIET_SECONDS ago, by its own date or by what was seen of it."""
        if self._now() - status.modified / 1e9 >= QUIET_SECONDS:
            return True
        before, since = self._since.get(name, (None, 0.0))
        if before != status:
            self._since[name] = (status, self._clock())
            return False
        return self._clock() - since >= QUIET_SECONDS


def is_unchanged(source: Source, status: SeenFile) -> bool:
    """Whether a file is as it was before it was read."""
    return _status(source) == status


def _status(source: Source) -> SeenFile | None:
    try:
        found = Path(source.name).stat()
    except OSError:  # gone since it was listed, or never there to be read
        return None
    return SeenFile(found.st_size, found.st_mtime_ns)
