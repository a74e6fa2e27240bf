"""Which kind of file this is: by its name, else by what it begins with."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import PurePath

from dedupe.errors import MissingExtraError, UnknownFormatError

FORMATS = ("json", "csv", "tsv", "parquet", "txt", "html", "feed")
"""Names of the formats, as `read` takes them; ``json`` is JSON Lines as well."""

_BY_ENDING = {
    ".jsonl": "json",
    ".ndjson": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".txt": "txt",
    ".html": "html",
    ".htm": "html",
    ".xhtml": "html",
    ".rss": "feed",
    ".atom": "feed",
    ".xml": "feed",
}
_COMPRESSED = frozenset({".gz", ".zst"})
_SYNONYMS = {
    "jsonl": "json",
    "ndjson": "json",
    "rss": "feed",
    "atom": "feed",
    "htm": "html",
    "text": "txt",
}

_EXTRAS = {
    "html": ("trafilatura", "html", "reading HTML pages"),
    "feed": ("feedparser", "feeds", "reading RSS and Atom feeds"),
}

_ANY_CASE = re.IGNORECASE
_HTML = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html|head|body)\b", _ANY_CASE | re.DOTALL
)
_FEED = re.compile(rb"\s*(?:<\?xml|<rss|<feed|<rdf)\b", _ANY_CASE)


def known_format(name: str) -> str:
    """The format of this name. Raises UnknownFormatError for a name that is none."""
    name = _SYNONYMS.get(name.lower(), name.lower())
    if name not in FORMATS:
        raise UnknownFormatError(f"no format is called {name!r}; known: {', '.join(FORMATS)}")
    return name


def format_of_name(name: str) -> str | None:
    """The format that a file's name tells, if it does; ``news.csv.gz`` is ``csv``."""
    path = PurePath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return _BY_ENDING.get(path.suffix)


def format_of_content(name: str, head: bytes) -> str:
    """The format that the first bytes tell. Raises UnknownFormatError if they don't."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] in {b"{", b"["} or not start:
        return "json"
    if head.startswith(b"PAR1"):
        return "parquet"
    if _HTML.match(start):
        return "html"
    if _FEED.match(start):
        return "feed"
    told = "standard input is not JSON Lines" if name == "-" else f"{name}: unknown kind of file"
    raise UnknownFormatError(f"{told}; name its format with --format ({', '.join(FORMATS)})")


def require_extra(form: str) -> None:
    """Raises MissingExtraError where the format needs a package that is not installed."""
    package, extra, purpose = _EXTRAS.get(form, ("", "", ""))
    if package and find_spec(package) is None:
        raise MissingExtraError(package, extra, purpose)
