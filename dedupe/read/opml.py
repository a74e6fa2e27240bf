"""Lists of feeds, as feed readers export them: OPML 1 and 2."""

from __future__ import annotations

import html
import re

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.address import WEB, scheme_of
from dedupe.read.budget import check_tags

_OUTLINE = re.compile(r"<outline\b[^<>]*+", re.IGNORECASE)
_ADDRESS = re.compile(r"\bxmlurl\s{0,9}=\s{0,9}(?:\"([^\"]*+)\"|'([^']*+)')", re.IGNORECASE)


def feeds_listed(data: bytes, name: str, limits: Limits) -> list[str]:
    """The addresses of the feeds in a list, in order, each once.

    No parser of XML is asked: entities of a list's own, which may be endless, are no part of an
    address. Raises SourceError for what is no list of feeds, or has none in it.
    """
    if wrong := check_tags(data, limits, "a list of feeds"):
        raise SourceError(f"{name}: {wrong}")
    text = data.decode("utf-8", "replace")
    found = (_ADDRESS.search(outline[0]) for outline in _OUTLINE.finditer(text))
    addresses = [html.unescape(one[1] or one[2] or "").strip() for one in found if one]
    feeds = [one for one in dict.fromkeys(addresses) if scheme_of(one) in WEB]
    if not feeds:
        raise SourceError(f"{name}: no list of feeds (OPML): no outline in it has an xmlUrl")
    return feeds
