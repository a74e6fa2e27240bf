"""Ids: made where a record has none, and each used once."""

from __future__ import annotations

import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit, urlunsplit

from dedupe.read.batch import Row

_TRACKING = re.compile(
    r"utm_\w+|mc_[ce]id|[a-z]*clid|igshid|ocid|cmpid|ncid|smid|_ga|_gl|mkt_tok|ref_src",
    re.IGNORECASE,
)
"""Query parameters that tell where a reader came from, never which article it is."""

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


def canonical_url(url: str) -> str:
    """The address without what varies between links to one page.

    Scheme and host in lower case, default port, fragment and tracking parameters dropped. What
    cannot be parsed comes back as it was.
    """
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme.lower(), parts.netloc.lower()
        host = host.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
        kept = [p for p in parts.query.split("&") if not _TRACKING.fullmatch(p.partition("=")[0])]
    except ValueError:
        return url
    return urlunsplit((scheme, host, parts.path or "/" * bool(host), "&".join(kept), ""))


def _digest(*parts: str) -> str:
    """16 hex digits of BLAKE2b over the parts."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(joined, digest_size=8).hexdigest()


def made_ids(row: Row) -> Iterator[str]:
    """Ids for a row that came without: of its canonical address, then of its content.

    Content is title, text, date, source and address. So the same address with another text (a
    revision) is an article of its own.
    """
    _, title, text, date, source, url, _ = row
    if url:
        yield _digest(canonical_url(url))
    yield _digest(title, text, date.isoformat() if date else "", source, url)


class Ids:
    """The ids given so far, each with where it was given."""

    def __init__(self) -> None:
        self._where: dict[str, int] = {}
        self._places: list[str] = []
        self._repeats: dict[str, int] = {}

    def enter(self, source: str) -> None:
        """Says that the ids to come are of this source."""
        self._places.append(source)

    def claim(self, wanted: str, line: int) -> str | None:
        """None if the id was free, and is now taken; else where it was used: ``FILE:LINE``."""
        first = self._where.get(wanted)
        if first is not None:
            return f"{self._places[first >> 40]}:{first & (1 << 40) - 1}"
        # One int a place, not a tuple: at a million articles it saves 60 MB.
        self._where[wanted] = len(self._places) - 1 << 40 | line
        return None

    def claim_any(self, wanted: Iterable[str], line: int) -> str:
        """The first of the ids that is free; if none is, the last one with -2, -3 ... after it."""
        last = ""
        for last in wanted:
            if self.claim(last, line) is None:
                return last
        for n in itertools.count(self._repeats.get(last, 2)):
            if self.claim(f"{last}-{n}", line) is None:
                self._repeats[last] = n + 1
                break
        return f"{last}-{n}"
