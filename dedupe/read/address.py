"""Addresses of sources: what is one, and what of it may be shown."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

WEB = frozenset({"http", "https"})
SERVERS = frozenset({"postgresql", "postgres"})
"""Databases: what follows the ``?`` of their addresses are parameters, too."""
HIDDEN = "…"
"""What stands in an address for what may be a secret."""

_ADDRESS = re.compile(r"([A-Za-z][A-Za-z0-9+.-]+)://")
"""A scheme of two characters or more: one letter is a drive of Windows."""
_IN_TEXT = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://[^\s'\"<>]+")
_PORT = re.compile(r"^[^:]*$|:\d*$|\]$")
"""What a host ends with: no port, or one that may be; an address in brackets."""
_PLAIN_SETTINGS = frozenset({"schema", "host", "port", "sslmode"})
_SECRET_NAME = re.compile(
    r"key(?!word)|token|secret|pass|pwd|auth|sig|credential|session|sid|code|user|login|mail|jwt"
    r"|hash|hmac|policy|private|account|ticket|nonce|licen[cs]e|access",
    re.IGNORECASE,
)
_SECRET_VALUE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])[\w%~.=/+-]{20,}|[\w%~.=/+-]{40,}", re.ASCII)
"""A long run of letters and digits, as no word is one."""


def scheme_of(name: str) -> str:
    """The scheme of an address, in lower case; '' for a path."""
    found = _ADDRESS.match(name)
    return found[1].lower() if found else ""


def local_path(name: str) -> str:
    """The path that a ``file:`` address stands for; any other name as it is."""
    if scheme_of(name) != "file":
        return name
    from urllib.request import url2pathname  # which brings all of HTTP

    parts = urlsplit(name)
    return url2pathname(parts.path) if parts.netloc in ("", "localhost") else name


def without_fragment(url: str) -> str:
    """An address of the web as it is asked for."""
    return url.partition("#")[0]


def shown_address(name: str) -> str:
    """A name of a source as it may be shown: an address without credentials, a path as it is.

    The user and the password go, and values in the query that may be tokens or signatures.
    """
    scheme = scheme_of(name)
    if not scheme:
        return name
    rest = name[len(scheme) + 3 :]
    query = ""
    if scheme in WEB | SERVERS:
        rest, _, query = without_fragment(rest).partition("?")
    authority, slash, path = rest.partition("/")
    host = authority.rpartition("@")[2]
    while not _PORT.search(host):  # a password with a slash in it
        host, slash, path = path.rpartition("@")[2].partition("/")
    shown = _shown_setting if scheme in SERVERS else _shown_parameter
    query = "&".join(map(shown, query.split("&"))) if query else ""
    return f"{scheme}://{host}{slash}{path}{'?' if query else ''}{query}"


def _shown_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if not equals:
        return HIDDEN if _SECRET_VALUE.search(name) else name
    secret = _SECRET_NAME.search(unquote(name)) or _SECRET_VALUE.search(unquote(value))
    return f"{name}={HIDDEN}" if value and secret else parameter


def _shown_setting(parameter: str) -> str:
    """Of the address of a database what is no secret for sure."""
    name, _, value = parameter.partition("=")
    return parameter if not value or name in _PLAIN_SETTINGS else f"{name}={HIDDEN}"


def is_open(url: str) -> bool:
    """Whether an address of the web holds nothing that may be a secret."""
    return shown_address(url).partition("://")[2] == without_fragment(url).partition("://")[2]


def public_address(url: str) -> str:
    """An address of the web by which an article may be known: without all that may be a secret."""
    address, _, query = shown_address(url).partition("?")
    stays = [one for one in query.split("&") if one and not one.endswith(HIDDEN)]
    return f"{address}?{'&'.join(stays)}" if stays else address


def shown_within(text: str) -> str:
    """A message of a library, with the addresses in it as they may be shown."""
    return _IN_TEXT.sub(lambda found: shown_address(found[0]), text)


def file_name(url: str) -> str:
    """The last part of an address's path, whose ending may tell the format; '' without a path."""
    rest = url.partition("://")[2]
    rest = re.split(r"[?#]", rest, maxsplit=1)[0] if scheme_of(url) in WEB else rest
    return unquote(PurePosixPath(rest.partition("/")[2]).name)
