"""What is to be watched: feeds by their addresses, lists of feeds, folders and files."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.address import WEB, file_name, local_path, scheme_of, shown_address
from dedupe.read.opening import content_of
from dedupe.read.opml import feeds_listed
from dedupe.read.source import one_source

_LIST = ".opml"


class Watched(NamedTuple):
    """What is watched, each in the order in which it was named."""

    feeds: list[str]
    """Addresses."""
    folders: list[str]
    """Paths of folders and files."""


def watched_of(names: Iterable[str], limits: Limits) -> Watched:
    """What is watched. Lists of feeds are read now.

    Raises SourceError for what is not there, or can't be watched.
    """
    feeds, folders = list[str](), list[str]()
    for name in map(local_path, names):
        scheme = scheme_of(name)
        if name.lower().endswith(_LIST) and not scheme:
            feeds += _listed(name, limits)
        elif file_name(name).lower().endswith(_LIST) and scheme:
            raise SourceError(  # what it lists may lead into our own network
                f"{shown_address(name)}: a list of feeds is read from a file of this machine; fetch"
                " it, look into it, and name the file"
            )
        elif scheme in WEB:
            feeds.append(name)
        elif scheme or name == "-" or _is_stream(Path(name)):
            raise SourceError(
                f"{shown_address(name)}: feeds at http: and https: are watched, and folders and "
                "files of this machine; a stream is for dedupe filter"
            )
        elif not Path(name).exists():
            advice = "; the address of a feed begins with https://" if "." in name else ""
            raise SourceError(f"{name}: no such file or folder{advice}")
        else:
            folders.append(name)
    return Watched(list(dict.fromkeys(feeds)), list(dict.fromkeys(folders)))


def _is_stream(path: Path) -> bool:
    """Whether it is there, and is a pipe or a device, which can be read once."""
    return path.exists() and not (path.is_dir() or path.is_file())


def _listed(name: str, limits: Limits) -> list[str]:
    with content_of(one_source(name), limits) as content:
        return feeds_listed(content.whole(), content.name, limits)
