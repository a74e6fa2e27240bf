"""Who may ask for what: bearer tokens from a file, and what a request without one may do."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from dedupe.errors import SettingError

Scope = Literal["check", "admit", "manage"]
"""To ask; to have articles taken in; to remove them."""
SCOPES: tuple[Scope, ...] = get_args(Scope)
LEAST_CHARACTERS = 16
"""Of a token, so that none is found by trying."""
_TOKEN = re.compile(r"[A-Za-z0-9._~+/=-]+")


class Grant(NamedTuple):
    """What the bearer of a token may do. The token itself is not kept."""

    name: str
    """As it stands in logs."""
    scopes: frozenset[str]
    digest: bytes
    """SHA-256 of the token: all are of one length, so that comparing them tells nothing of it."""


ANYBODY = Grant("", frozenset(SCOPES), b"")
"""Who asks a server without tokens."""


class Grants:
    """The grants of a server."""

    def __init__(self, grants: Sequence[Grant]) -> None:
        self._grants = tuple(grants)

    def grant_of(self, authorization: str) -> Grant | None:
        """The grant of an ``Authorization`` header, None for one of no token that is known.

        It is held against every token, so that the time tells neither which one nor how much of it
        is right.
        """
        scheme, _, token = authorization.partition(" ")
        digest = hashlib.sha256(token.strip().encode("utf-8", "surrogateescape")).digest()
        found = None
        for grant in self._grants:
            if hmac.compare_digest(grant.digest, digest):
                found = grant
        return found if scheme.lower() == "bearer" else None


def password_in(authorization: str) -> str:
    """The password of a browser's ``Authorization`` (RFC 7617); '' where there is none."""
    scheme, _, told = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(told.strip(), validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def read_tokens(path: Path) -> Grants:
    """The tokens of a file: on each line a name, scopes parted by commas, and the token.

    Blank lines and those that begin with ``#`` are left out. Raises SettingError, which quotes no
    token; OSError as reading does.
    """
    grants: list[Grant] = []
    try:
        lines = path.read_text("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise SettingError(f"{path}: no UTF-8; write tokens in ASCII") from None
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            grants.append(_grant(line.split(), f"{path}:{number}"))
    if not grants:
        raise SettingError(f"{path}: no token in it; each line is NAME SCOPE,... TOKEN")
    for what in ("name", "digest"):
        if len({getattr(grant, what) for grant in grants}) < len(grants):
            told = "name" if what == "name" else "token"
            raise SettingError(f"{path}: two lines have the same {told}; give each its own")
    return Grants(grants)


def _grant(words: list[str], where: str) -> Grant:
    if len(words) != 3:
        raise SettingError(f"{where}: wanted NAME SCOPE,... TOKEN, not {len(words)} words")
    name, scopes, token = words
    asked = frozenset(scopes.split(","))
    if asked - set(SCOPES):
        raise SettingError(f"{where}: scopes are {', '.join(SCOPES)}, parted by commas")
    if len(token) < LEAST_CHARACTERS or not _TOKEN.fullmatch(token):
        raise SettingError(
            f"{where}: a token has at least {LEAST_CHARACTERS} letters, digits or ._~+/=-, as "
            "from: openssl rand -hex 32"
        )
    return Grant(name, asked, hashlib.sha256(token.encode()).digest())


def is_loopback(host: str) -> bool:
    """Whether a host, perhaps with a port, is this machine by a name that nobody else can give it.

    A page in a browser may ask this machine by a name of its own (DNS rebinding).
    """
    name = host.strip().lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name
    if name.count(":") == 1:
        name = name.partition(":")[0]
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return name == "localhost"
