"""An index in one SQLite file, as a target: opened, made, replaced."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from dedupe.index.placed import leaving_nothing, placed, synced
from dedupe.index.sqlite.database import files_of
from dedupe.index.sqlite.replace import Takeover
from dedupe.index.sqlite.store import SqliteStore


@dataclass
class FileTarget:
    """A file, whether it is there or not. See :class:`dedupe.index.target.Target`."""

    name: str
    path: str
    lasting: bool = True

    @classmethod
    def at(cls, path: Path) -> Self:
        """The target of a path."""
        return cls(str(path), str(path))

    def open(self, **how: Any) -> SqliteStore:
        """Its store; see SqliteStore."""
        return SqliteStore(self.path, **how)

    def exists(self) -> bool:
        """Whether something is at the path."""
        return Path(self.path).exists()

    def uses(self, path: Path) -> bool:
        """Whether a path leads to the file, or to its log."""
        return path.exists() and any(path.samefile(own) for own in files_of(self.path))

    @contextmanager
    def fresh(self) -> Iterator[FileTarget]:
        """A file beside it, which takes its name."""
        with placed(Path(self.path)) as beside:
            yield FileTarget.at(beside)

    @contextmanager
    def replacement(self, old: str | None) -> Iterator[FileTarget]:
        """A file beside it, which takes its name where nobody has it open, then or now."""
        path = Path(self.path)
        with Takeover(path) as takeover, leaving_nothing(path) as beside:
            yield FileTarget.at(beside)
            synced(beside)
            takeover.replace(beside, None if old is None else Path(old))
            synced(path.absolute().parent)
