"""What makes two records of one id versions of one article, and how others are told apart.

An id is unique within its source: two sources may number alike, and a feed may give one guid to
many items. So the address decides, where both records have one, else the source, where both name
one. What differs in it is an article of its own, under an id of its own.
"""

from __future__ import annotations

import hashlib
import re
from typing import Literal, NamedTuple, get_args
from urllib.parse import urlsplit, urlunsplit

SameBy = Literal["address", "source", "id"]
"""What must agree beside the id: the address, else the source; the source alone; nothing."""
SAME_BY: tuple[str, ...] = get_args(SameBy)

_TRACKING = re.compile(
    r"utm_\w+|mc_[ce]id|[a-z]*clid|igshid|ocid|cmpid|ncid|smid|_ga|_gl|mkt_tok|ref_src",
    re.IGNORECASE,
)
"""Query parameters that tell where a reader came from, never which article it is."""
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
_VARYING = re.compile(r"^https?://(?:www\.)?|/$")
"""What of a canonical address differs between two that lead to one page."""


class Origin(NamedTuple):
    """Where an article is from, as it is compared: without case, and what varies of an address."""

    source: str
    url: str


def canonical_url(url: str) -> str:
    """The address without what varies between links to one page.

    Scheme and host in lower case, default port, fragment and tracking parameters dropped. What
    cannot be parsed comes back as it was.
    """
    if not url:
        return url
    try:
        parts = urlsplit(url.strip())
        scheme, host = parts.scheme.lower(), parts.netloc.lower()
        host = host.removesuffix(_DEFAULT_PORTS.get(scheme, "\0"))
        kept = [p for p in parts.query.split("&") if not _TRACKING.fullmatch(p.partition("=")[0])]
    except ValueError:
        return url
    whole = (scheme, host, parts.path or "/" * bool(host), "&".join(kept), "")
    return urlunsplit(whole).strip()  # what went may have hidden white space


def origin(source: str, url: str) -> Origin:
    """The source and address of an article as they are compared."""
    told = _VARYING.sub("", canonical_url(url)) if url else ""
    return Origin(source.strip().casefold(), told)


def is_same(one: Origin, other: Origin, same_by: SameBy) -> bool:
    """Whether two records of one id are versions of one article."""
    if same_by == "id":
        return True
    if same_by == "address" and one.url and other.url:
        return one.url == other.url
    return not (one.source and other.source) or one.source == other.source


def own_id(name: str, of: Origin, same_by: SameBy) -> str:
    """The id of an article whose own one another article has: ``7@`` and 8 hex digits.

    They are a hash of the address or, where that does not count, of the source.
    """
    told = of.url if same_by == "address" and of.url else of.source
    digest = hashlib.blake2b(told.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{name}@{digest}"
