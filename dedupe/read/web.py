"""Sources of the web: fetched whole, politely and within bounds, before anything of them is read.

By the standard library, which has proxies, TLS and the protocol. Redirects, repeats and what is
kept are decided here.
"""

from __future__ import annotations

import http.client
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, BinaryIO, NamedTuple, cast
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit
from urllib.request import Request

from dedupe.config import Limits
from dedupe.errors import SourceError
from dedupe.read.address import (
    WEB,
    file_name,
    is_open,
    public_address,
    scheme_of,
    shown_address,
    without_fragment,
)
from dedupe.read.connection import (
    CONNECT_SECONDS,
    Allowance,
    TroubleError,
    cut_off,
    opener_of,
    told_in_words,
)
from dedupe.read.openable import Known, OpenSource
from dedupe.read.packed import system_reason
from dedupe.read.web_cache import KEPT_BYTES, KeptAnswer, keep, kept

TRIES = 3
"""How often one address is asked for at most, where the server is busy or the connection cut."""
WAIT_SECONDS = 30
"""Seconds that a server may ask to wait before the next try; more ends the run."""
REDIRECTS = 5

_BLOCK = 64 << 10
_IN_MEMORY = 1 << 20
_BUSY = frozenset({429, 502, 503, 504})
_ELSEWHERE = frozenset({301, 302, 303, 307, 308})
_PACKED = (".gz", ".zst", ".bz2", ".xz", ".parquet", ".pq", ".wacz")
"""Endings of files that are not to be packed once more for the way."""
_ADVICE = {
    401: "a name and a password are needed: https://NAME:PASSWORD@HOST/...",
    403: "it is not handed out to you; look whether a log-in or another address is needed",
    404: "there is nothing at this address; look whether it is spelled right",
    407: "the proxy wants a name and a password: set them in https_proxy",
    410: "what was at this address is gone",
    429: "too many were asked for; try again later",
}
_BUSY_ADVICE = "the server cannot answer now; try again later"


class _Answer(NamedTuple):
    """What came in the end."""

    response: http.client.HTTPResponse
    address: str


@contextmanager
def fetched(url: str, name: str, limits: Limits) -> Iterator[OpenSource]:
    """What an address of the web holds, whole, and what its server says of it.

    Asked for once; again, a little later, only where the server is busy or the connection is cut.
    A copy that is kept is read where the server says that nothing is new. Raises SourceError.
    """
    url = without_fragment(url)
    allowance, notes = Allowance(limits), list[str]()
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as file:
        for number in range(1, TRIES + 1):
            try:
                told = _fetch(url, allowance, cast("BinaryIO", file))
                break
            except TroubleError as error:
                wait = 2 ** (number - 1) if error.wait is None else error.wait
                if not error.again or number == TRIES or wait > WAIT_SECONDS:
                    times = f" ({number} times)" if number > 1 else ""
                    raise SourceError(f"{name}: {error}{times}") from None
                notes.append(f"{name}: {error}; asked again after {wait} s")
                _pause(wait, allowance, name)
        file.seek(0)
        yield OpenSource(cast("BinaryIO", file), told._replace(notes=tuple(notes)))


def _pause(seconds: int, allowance: Allowance, name: str) -> None:
    try:
        time.sleep(allowance.seconds(seconds))
        allowance.seconds(1)
    except TroubleError as error:
        raise SourceError(f"{name}: {error}") from None


def fetched_if_new(
    url: str, since: KeptAnswer | None, limits: Limits, file: BinaryIO
) -> tuple[Known, KeptAnswer] | None:
    """Writes what an address holds to a file, unless its server says that it is as ``since`` was.

    Asked for once; nothing is kept. The answer that is returned has no body: it is what to give as
    ``since`` the next time. Raises TroubleError, which says how long the server asks to wait.
    """
    url, allowance = without_fragment(url), Allowance(limits)
    asked = since if since is not None and since.is_askable else None
    with told_in_words():
        response, address = _answer(url, asked, allowance)
    with response:
        if response.status == HTTPStatus.NOT_MODIFIED and asked is not None:
            return None
        content_type = _taken(response, allowance, file)
    return _told(content_type, address), _kept_form(response, content_type, address, b"")


def _fetch(url: str, allowance: Allowance, file: BinaryIO) -> Known:
    """Writes what an address holds to a file. Raises TroubleError, SourceError."""
    file.seek(0)
    file.truncate()
    allowance.begin()
    copy = kept(url) if is_open(url) else None
    with told_in_words():
        response, address = _answer(url, copy, allowance)
    with response:
        if response.status == HTTPStatus.NOT_MODIFIED and copy is not None:
            file.write(copy.body)
            return _told(copy.content_type, copy.address)
        content_type = _taken(response, allowance, file)
    if is_open(url) and is_open(address) and _may_be_kept(response):
        size = file.tell()
        if size <= KEPT_BYTES:
            file.seek(0)
            keep(url, _kept_form(response, content_type, address, file.read()))
    return _told(content_type, address)


def _taken(response: http.client.HTTPResponse, allowance: Allowance, file: BinaryIO) -> str:
    """Writes the body of an answer to a file; its media type. Raises TroubleError."""
    if response.status not in (HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION):
        raise _refused(response)
    coded = response.headers.get("Content-Encoding", "").strip().lower()
    if coded not in ("", "identity", "gzip", "x-gzip"):
        raise TroubleError("it was sent in an encoding that was not asked for")
    _receive(response, allowance, file)
    return response.headers.get("Content-Type", "")


def _kept_form(
    response: http.client.HTTPResponse, content_type: str, address: str, body: bytes
) -> KeptAnswer:
    etag, modified = (response.headers.get(h, "") for h in ("ETag", "Last-Modified"))
    return KeptAnswer(etag, modified, content_type, address, body)


def _may_be_kept(response: http.client.HTTPResponse) -> bool:
    return "no-store" not in response.headers.get("Cache-Control", "").lower()


def _told(content_type: str, address: str) -> Known:
    from email.message import Message

    said = Message()
    said["Content-Type"] = " ".join(content_type.split())[:200]
    media_type = said.get_content_type() if content_type else ""
    return Known(media_type, said.get_content_charset("") or "", public_address(address))


def _answer(url: str, copy: KeptAnswer | None, allowance: Allowance) -> _Answer:
    """The answer of where an address leads in the end."""
    opener = opener_of(allowance)
    address = url
    for _ in range(REDIRECTS + 1):
        asked = copy.asked if copy is not None and copy.address == address else {}
        request = _request(address, url, asked)
        seconds = allowance.seconds(CONNECT_SECONDS)
        response = cast("http.client.HTTPResponse", opener.open(request, timeout=seconds))
        target = response.headers.get("Location")
        if response.status not in _ELSEWHERE or not target:
            return _Answer(response, address)
        response.close()
        address = _led(address, target)
    raise TroubleError(f"it leads on and on: {REDIRECTS} redirects were followed")


def _led(address: str, target: str) -> str:
    """Where a redirect leads. Raises TroubleError where it is not to be followed."""
    with suppress(UnicodeError):  # sent as it is, not escaped as it should be
        target = target.encode("latin-1").decode()
    found = without_fragment(urljoin(address, target.strip()))
    scheme, before = scheme_of(found), scheme_of(address)
    if scheme not in WEB:
        raise TroubleError(f"it leads to what is no page of the web ({scheme or 'no address'}:)")
    if before == "https" and scheme == "http":
        raise TroubleError(
            f"it leads to {shown_address(found)}, which is not encrypted; not followed"
        )
    return found


def _request(address: str, first: str, asked: dict[str, str]) -> Request:
    """A request without what is secret in its address; that goes to the host it was given for."""
    parts, given = urlsplit(address), urlsplit(first)
    host = parts.netloc.rpartition("@")[2]
    clean = urlunsplit(
        (parts.scheme, host, quote(parts.path, _SAFE), quote(parts.query, _SAFE), "")
    )
    packed = file_name(address).lower().endswith(_PACKED)
    headers = {
        "User-Agent": f"story-dedupe/{version('story-dedupe')} (+{_HOME})",
        "Accept": "*/*",
        "Accept-Encoding": "identity" if packed else "gzip",
        **asked,
    }
    request = Request(clean, headers=headers)  # noqa: S310 - of the web, which was looked at
    if given.username is not None and _origin(parts) == _origin(given):
        from base64 import b64encode

        user, password = unquote(given.username), unquote(given.password or "")
        told = b64encode(f"{user}:{password}".encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {told}")
    return request


_SAFE = "%/:=&?~#+!$,;'@()*[]"
_HOME = "https://github.com/story-dedupe/story-dedupe"


def _origin(parts: Any) -> tuple[str, str, int | None]:
    return parts.scheme, parts.hostname or "", parts.port


def _refused(response: http.client.HTTPResponse) -> TroubleError:
    """What is wrong by the status of an answer."""
    status = response.status
    phrase = HTTPStatus(status).phrase if status in set(HTTPStatus) else "no status that is known"
    busy = status in _BUSY
    wait = _stated_wait(response.headers.get("Retry-After", "")) if busy else None
    advice = _ADVICE.get(status) or (_BUSY_ADVICE if status >= 500 else "that is no content")
    asked = f", and asks to wait {wait} s" if wait else ""
    return TroubleError(
        f"the server answers {status} {phrase}{asked}: {advice}", again=busy, wait=wait
    )


def _stated_wait(stated: str) -> int | None:
    """The seconds in a header Retry-After, which may be a date."""
    if stated.isascii() and stated.isdigit():
        return int(stated[:9])
    try:
        moment = parsedate_to_datetime(stated)
        return max(0, round(moment.timestamp() - time.time()))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _receive(response: http.client.HTTPResponse, allowance: Allowance, file: BinaryIO) -> None:
    """Writes a body to a file. Raises TroubleError, where it ends early too."""
    if (response.length or 0) > allowance.bytes_left:
        allowance.take(response.length or 0)
    while True:
        with told_in_words():
            block = response.read1(_BLOCK)
        if not block:
            break
        try:
            file.write(block)
        except OSError as error:
            reason = system_reason(error)
            raise TroubleError(
                f"it cannot be put aside in {tempfile.gettempdir()}: {reason}"
            ) from None
    if response.length:
        raise cut_off()
