"""What the user names - files, folders, globs, addresses, ``-`` - as a list of files."""

from __future__ import annotations

import glob
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.address import (
    SERVERS,
    WEB,
    file_name,
    local_path,
    scheme_of,
    shown_address,
    without_fragment,
)
from dedupe.read.formats import formats_of_name
from dedupe.read.openable import STDIN, OpenSource, Source
from dedupe.read.packed import system_reason

_SQUEEZED = re.compile(r"(?:https?|s3|gs):/[^/]", re.IGNORECASE)


def expand(names: Iterable[str | os.PathLike[str]], *, any_ending: bool = False) -> list[Source]:
    """The files behind the names, in the order given, inside a folder sorted by path.

    Hidden files and folders inside a folder are left out, and so is a file that came before.
    A folder must contain a file with a known ending, unless ``any_ending`` will do. Nothing is
    asked of the web here; folders of remote stores are listed.
    Raises SourceError for what is missing, unreadable or empty of articles.
    """
    if isinstance(names, (str, os.PathLike)):
        names = [names]
    found: list[Source] = []
    seen: set[str] = set()
    told: dict[str, int] = {}
    for name in [os.fspath(name) for name in names]:
        files = _expanded(local_path(name))
        if not (
            any_ending or any(f.named or f.trouble or formats_of_name(f.file_name) for f in files)
        ):
            which = f"none of its {len(files)} files is" if files[1:] else "its one file is not"
            raise SourceError(f"{shown_address(name)}: {which} of a known kind; see --format")
        for source in files:
            is_stdin = source.name == STDIN
            real = STDIN if is_stdin else source.identity or os.path.realpath(source.name)
            if real in seen:
                continue
            seen.add(real)
            found.append(source if source.opener is None else _told_apart(source, told))
    if not found:
        raise SourceError(
            "no sources given; name files, folders or addresses, or - for standard input"
        )
    return found


def one_source(name: str) -> Source:
    """The one source of this name: a path as it stands, without globs, or an address.

    Raises SourceError for an address of several.
    """
    name = local_path(name)
    if not scheme_of(name):
        return Source(name, name, named=True, size=None)
    found = expand([name], any_ending=True)
    if len(found) != 1 or not found[0].named:
        raise SourceError(f"{shown_address(name)}: a folder or a glob; name one file of it")
    return found[0]


def _told_apart(source: Source, told: dict[str, int]) -> Source:
    """The source, with a number where what is shown of its address was shown of another one."""
    count = told[source.name] = told.get(source.name, 0) + 1
    return source if count == 1 else replace(source, name=f"{source.name} ({count})")


def _expanded(name: str) -> list[Source]:
    if name == STDIN:
        return [Source(STDIN, STDIN, named=True, size=None)]
    if scheme := scheme_of(name):
        if scheme in WEB | SERVERS:
            return [_page(name) if scheme in WEB else _database(name)]
        from dedupe.read.remote import stored

        return stored(name)
    if Path(name).is_dir():
        if not (files := list(_walk(name))):
            raise SourceError(f"{name}: the folder contains no files")
        return files
    if not os.path.lexists(name) and glob.has_magic(name):
        matches = sorted(glob.glob(name, recursive=True))  # noqa: PTH207 - absolute patterns too
        if not matches:
            raise SourceError(f"{name}: no file matches")
        return [source for match in matches for source in _expanded(match)]
    return [_file(name)]


def _page(url: str) -> Source:
    def opened(limits: Limits) -> AbstractContextManager[OpenSource]:
        from dedupe.read.web import fetched

        return fetched(url, name, limits)

    name = shown_address(url)
    return Source(
        name,
        name,
        named=True,
        size=None,
        spelled=file_name(url),
        identity=without_fragment(url),
        opener=opened,
    )


def _database(address: str) -> Source:
    """An index in a database: whoever knows indexes reads it in the place of this source."""

    def opened(_: Limits) -> NoReturn:
        raise SourceError(f"{name}: an index in a database is read by the commands, or open_index")

    name = shown_address(address)
    return Source(name, name, named=True, size=None, identity=address, opener=opened)


def _file(name: str) -> Source:
    try:
        status = Path(name).stat()
    except OSError as error:
        # What an address becomes as a path.
        advice = "; give an address as a string" if _SQUEEZED.match(name) else ""
        raise SourceError(f"{name}: {_in_words(error)}{advice}") from None
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


def files_below(folder: str) -> list[Source]:
    """The files in a folder and below, but hidden ones, in the order of their paths.

    Raises SourceError for a folder that is not there, or can't be listed.
    """
    return list(_walk(folder))


def _walk(folder: str) -> Iterator[Source]:
    """Files below, each folder's entries in the order of their names.

    A folder inside that can't be listed, or an entry that can't be looked at, is told as a source
    of its own that has ``trouble``. Raises SourceError for the folder itself.
    """
    waiting = [_entries(folder, "")]
    while waiting:
        found = next(waiting[-1], None)
        if found is None:
            waiting.pop()
            continue
        entry, relative = found
        try:
            if entry.is_dir(follow_symlinks=False):
                waiting.append(_entries(entry.path, f"{relative}/"))
                continue
            if entry.is_file():
                yield Source(entry.path, relative, named=False, size=_size(entry))
            continue
        except SourceError as error:
            trouble = str(error).removeprefix(f"{entry.path}: ")
        except OSError as error:  # such as a link to itself
            trouble = _in_words(error)
        yield Source(entry.path, relative, named=False, size=0, trouble=trouble)


def _entries(folder: str, way: str) -> Iterator[tuple[os.DirEntry[str], str]]:
    """What a folder holds, but hidden, with the way there. Raises SourceError at once."""
    try:
        with os.scandir(folder) as listed:
            entries = sorted(listed, key=lambda entry: entry.name)
    except OSError as error:
        raise SourceError(f"{folder}: {_in_words(error)}") from None
    return ((e, f"{way}{e.name}") for e in entries if not e.name.startswith("."))


def _size(entry: os.DirEntry[str]) -> int | None:
    try:
        return entry.stat().st_size
    except OSError:  # gone since it was listed; opening it will tell
        return None
