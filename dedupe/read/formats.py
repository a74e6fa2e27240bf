"""The formats of files, one row each: by what a format is known, and which function reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import PurePath

from dedupe.errors import MissingExtraError, UnknownFormatError
from dedupe.read.files import read_feed, read_html, read_text
from dedupe.read.jsonl import FoundRecord, read_json
from dedupe.read.table import read_csv, read_parquet, read_tsv
from dedupe.read.usual import PlainRows


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    read: Callable[..., Iterator[FoundRecord | PlainRows]]
    """A Content and a Reject to the records of the file, and lines that are read in columns."""
    endings: tuple[str, ...]
    """Of file names, in lower case."""
    aliases: tuple[str, ...] = ()
    """Further names of the format."""
    begins: re.Pattern[bytes] | None = None
    """What the first bytes of such a file match, where they show the format."""
    extra: tuple[str, str, str] | None = None
    """The package that it needs, the extra of ours that installs it, and for what."""
    fields: bool = False
    """Whether records have field names of their own, which the user may name."""
    asks: tuple[str, ...] = ()
    """Methods of the FieldFinder that the reader is also given: ``wanted``, which of the columns of
    a table count, ``plan``, how lines or rows are read in columns."""
    one_article: bool = False
    """Whether a file is one article, so that its path is its id."""


_LEAD = rb"[\xef\xbb\xbf \t\r\n]*+"
"""A byte order mark and white space."""
_HTML = rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b"
_FEED = rb"\s*(?:<\?xml|<rss|<feed|<rdf)\b"
_ANY_CASE = re.IGNORECASE | re.DOTALL

FORMATS: dict[str, Format] = {
    "json": Format(
        read_json,
        (".jsonl", ".ndjson", ".json"),
        ("jsonl", "ndjson"),
        re.compile(_LEAD + rb"(?:[{\[]|\Z)"),
        fields=True,
        asks=("plan",),
    ),
    "csv": Format(read_csv, (".csv",), fields=True, asks=("plan",)),
    "tsv": Format(read_tsv, (".tsv", ".tab"), fields=True, asks=("plan",)),
    "parquet": Format(
        read_parquet,
        (".parquet", ".pq"),
        (),
        re.compile(rb"PAR1"),
        fields=True,
        asks=("wanted", "plan"),
    ),
    "txt": Format(read_text, (".txt",), ("text",), one_article=True),
    "html": Format(
        read_html,
        (".html", ".htm", ".xhtml"),
        ("htm",),
        re.compile(_LEAD + _HTML, _ANY_CASE),
        ("trafilatura", "html", "reading HTML pages"),
        one_article=True,
    ),
    "feed": Format(
        read_feed,
        (".rss", ".atom", ".xml"),
        ("rss", "atom"),
        re.compile(_LEAD + _FEED, _ANY_CASE),
        ("feedparser", "feeds", "reading RSS and Atom feeds"),
    ),
}
"""By name, as `read` takes it; ``json`` is JSON Lines as well. The first that a beginning matches
is the format of a file whose name does not show it."""
_COMPRESSED = frozenset({".gz", ".zst"})


def known_format(name: str) -> str:
    """The format of this name. Raises UnknownFormatError for a name that is none."""
    name = name.lower()
    for form, row in FORMATS.items():
        if name == form or name in row.aliases:
            return form
    raise UnknownFormatError(f"no format is called {name!r}; known: {', '.join(FORMATS)}")


def format_of_name(name: str) -> str | None:
    """The format that a file's name shows, if it does; ``news.csv.gz`` is ``csv``."""
    path = PurePath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return next((form for form, row in FORMATS.items() if path.suffix in row.endings), None)


def format_of_content(name: str, head: bytes) -> str:
    """The format that the first bytes show. Raises UnknownFormatError if they don't."""
    for form, row in FORMATS.items():
        if row.begins is not None and row.begins.match(head):
            return form
    told = "standard input is not JSON Lines" if name == "-" else f"{name}: unknown kind of file"
    raise UnknownFormatError(f"{told}; name its format with --format ({', '.join(FORMATS)})")


def require_extra(form: str | None) -> None:
    """Raises MissingExtraError where the format needs a package that is not installed."""
    extra = FORMATS[form].extra if form else None
    if extra and find_spec(extra[0]) is None:
        raise MissingExtraError(*extra)
