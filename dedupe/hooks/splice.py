"""A member put into a JSON object's own bytes, so that all else in it stays as it was written."""

from __future__ import annotations

import re
from itertools import pairwise

import orjson

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{},]', re.DOTALL)
"""Whole strings, as what stands in them is no punctuation; and what opens, closes and parts."""


def with_member(data: bytes, name: str, value: bytes) -> bytes:
    """The object with ``"name": value`` as its last member, in place of any of that name.

    ``data`` is one valid JSON object of at least one other member, perhaps among blanks. To read
    and write it anew would change numbers, escapes, and members that come twice.
    """
    close = data.rindex(b"}")
    body = data[:close]
    if name.encode() in body or rb"\u" in body:  # perhaps as a name, perhaps with escapes
        body = _without(body, name)
    return b'%b,"%b":%b%b' % (body, name.encode(), value, data[close:])


def _without(body: bytes, name: str) -> bytes:
    """An object, up to its closing brace, without its members of this name."""
    start = body.index(b"{") + 1
    kept = [part for part in _members(body, start) if _name(part) != name]
    return body[:start] + b",".join(kept)


def _members(body: bytes, start: int) -> list[bytes]:
    """The bytes between the commas of the object itself, not of what lies inside."""
    edges, depth = [start - 1], 0
    for token in _TOKEN.finditer(body, start):
        first = body[token.start()]
        if first in b"{[":
            depth += 1
        elif first in b"]}":
            depth -= 1
        elif first in b"," and depth == 0:
            edges.append(token.start())
    edges.append(len(body))
    return [body[a + 1 : b] for a, b in pairwise(edges)]


def _name(member: bytes) -> str:
    token = _TOKEN.search(member)
    return str(orjson.loads(token[0])) if token else ""
