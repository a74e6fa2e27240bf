"""What the user names - files, folders, globs, ``-`` - as a list of files."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from dedupe.errors import SourceError
from dedupe.read.content import system_reason
from dedupe.read.formats import format_of_name

STDIN = "-"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read."""

    name: str
    """As the user named it; inside a folder, the folder's name and the way from there."""
    relative: str
    """The way from the named folder, with slashes; of a file named itself, its last part."""
    named: bool
    """Whether the user named this file itself, rather than a folder or a glob around it."""
    size: int | None
    """Bytes; None where it is not known before reading (a pipe)."""


def expand(names: Iterable[str | os.PathLike[str]], *, any_ending: bool = False) -> list[Source]:
    """The files behind the names, in the order given, inside a folder sorted by path.

    Hidden files and folders inside a folder are left out, and so is a file that came before.
    A folder must contain a file with a known ending, unless ``any_ending`` will do.
    Raises SourceError for what is missing, unreadable or empty of articles.
    """
    if isinstance(names, (str, os.PathLike)):
        names = [names]
    found: list[Source] = []
    seen: set[str] = set()
    for name in [os.fspath(name) for name in names]:
        files = _expanded(name)
        if not (any_ending or any(f.named or format_of_name(f.name) for f in files)):
            raise SourceError(
                f"{name}: none of its {len(files)} files is of a known kind; see --format"
            )
        for source in files:
            real = source.name if source.name == STDIN else os.path.realpath(source.name)
            if real not in seen:
                seen.add(real)
                found.append(source)
    if not found:
        raise SourceError("no sources given; name files or folders, or - for standard input")
    return found


def _expanded(name: str) -> list[Source]:
    if name == STDIN:
        return [Source(STDIN, STDIN, named=True, size=None)]
    if Path(name).is_dir():
        if not (files := list(_walk(name, ""))):
            raise SourceError(f"{name}: the folder contains no files")
        return files
    if not os.path.lexists(name) and glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - absolute patterns too
        if not matches:
            raise SourceError(f"{name}: no file matches")
        return [source for match in matches for source in _expanded(match)]
    return [_file(name)]


def _file(name: str) -> Source:
    try:
        status = Path(name).stat()
    except OSError as error:
        raise SourceError(f"{name}: {_in_words(error)}") from None
    except ValueError:
        raise SourceError(f"{name!r}: no such file") from None
    # By the rights that opening goes by; a process may have others than its user has.
    if not os.access(name, os.R_OK, effective_ids=os.access in os.supports_effective_ids):
        raise SourceError(f"{name}: no permission to read it")
    size = status.st_size if stat.S_ISREG(status.st_mode) else None
    return Source(name, Path(name).name, named=True, size=size)


def _in_words(error: OSError) -> str:
    missing = isinstance(error, FileNotFoundError)
    return "no such file or folder" if missing else system_reason(error)


def _walk(folder: str, way: str) -> Iterator[Source]:
    """Files below, each folder's entries in the order of their names."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(f"{folder}: {_in_words(error)}") from None
    for entry in entries:
        if entry.name.startswith("."):
            continue
        relative = f"{way}{entry.name}"
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(entry.path, f"{relative}/")
        elif entry.is_file():
            yield Source(entry.path, relative, named=False, size=_size(entry))


def _size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size
    except OSError:  # gone since it was listed; opening it will tell
        return None
