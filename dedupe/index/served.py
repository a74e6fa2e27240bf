"""An index behind ``dedupe serve``, asked as one that is here."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import time
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, NoReturn, cast
from urllib.parse import quote, unquote, urlencode, urlsplit

from dedupe.config import Settings
from dedupe.errors import (
    BusyError,
    DamagedError,
    DedupeError,
    FingerprintError,
    FullError,
    NotAnIndexError,
    ReadOnlyError,
    RecordError,
    SettingError,
    StoreError,
)
from dedupe.index.exchange import article_fields, indexed_article, story_from, verdict_from
from dedupe.index.index import Index
from dedupe.index.reading import id_in_index
from dedupe.json_form import encode
from dedupe.read.connection import TroubleError, told_in_words
from dedupe.text import without_surrogates

if TYPE_CHECKING:
    from dedupe.model import Article, IndexedArticle, IndexedStory, Verdict
    from dedupe.tabular import Record, Tabular

TOKEN = "DEDUPE_TOKEN"  # noqa: S105 - the name of a variable
"""The variable of the environment that holds the token of a server."""
MOST_ARTICLES, MOST_BYTES = 500, 8 << 20
"""Of one request: half of what a server takes, as it is set up without options."""
PAGE = 256
"""Stories of one request."""
FIRST_WAIT, LONGEST_WAIT = 0.1, 2.0
"""Seconds before a request that got no answer is sent again; each wait is twice the one before."""
_SAME = (DamagedError, FingerprintError, FullError, NotAnIndexError, ReadOnlyError, RecordError)
KINDS: dict[object, type[DedupeError]] = {kind.__name__: kind for kind in _SAME}
"""Errors of the server that are the same error here, by their name."""
_CUT = (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError)
"""How a connection that was kept open turns out to have been closed meanwhile."""


class _Found(NamedTuple):
    status: int
    value: Any
    wait: float | None
    """Seconds after which the server wants to be asked again."""


class _Elsewhere:
    """In place of a store: what is asked of it can be done only where the index is."""

    def __init__(self, name: str) -> None:
        self._name = name

    def close(self) -> None:
        """Nothing is open."""

    def read(self) -> NoReturn:
        """Raises NotAnIndexError."""
        raise NotAnIndexError(
            f"{self._name}: a server does not do that; do it where its index is, on the file"
        )

    write = shrink = read


class ServedIndex(Index):
    """The interface of an index over HTTP. One for each thread.

    Articles are judged, admitted, got, removed and marked different, and stories read; all else
    raises NotAnIndexError. A request that gets no answer is sent again until ``patience`` seconds
    are over: whatever was admitted by the first is answered alike. What is given at once is
    admitted by 500 articles: each such part is taken in, or nothing of it.
    """

    def __init__(self, url: str, name: str, *, patience: float) -> None:
        """``url`` may contain a token, ``name`` stands in messages. Raises SettingError."""
        self.path, self.settings, self.keeps_texts = name, Settings(), False
        self._store = cast("Any", _Elsewhere(name))
        self._patience = patience
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            host, port = "", None
        if not host:
            raise SettingError(f"{name}: no address of a server, such as http://localhost:8370")
        token = unquote(parts.username or "") or os.environ.get(TOKEN, "").strip()
        if not (token.isascii() and token.isprintable()):
            raise SettingError(f"{name}: no token has such characters; look at {TOKEN}")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._prefix = parts.path.rstrip("/")
        if parts.scheme.lower() == "https":
            context = ssl.create_default_context()
            make: Any = partial(http.client.HTTPSConnection, context=context)
        else:
            make = http.client.HTTPConnection
        try:
            self._connection: http.client.HTTPConnection = make(
                host, port, timeout=max(patience, 1)
            )
        except http.client.InvalidURL:
            raise SettingError(f"{name}: no host has such a name; look at the address") from None

    def close(self) -> None:
        """Ends the connection; what was admitted stays."""
        self._connection.close()

    def check_many(self, articles: Tabular) -> list[Verdict]:
        """What articles are, by what the server holds; those of one request are judged together."""
        return self._judged("check", articles)

    def admit_many(self, articles: Tabular) -> list[Verdict]:
        """The same, and takes them in."""
        return self._judged("admit", articles)

    def admit(self, article: Article | Record) -> Verdict:
        """What an article is, and takes it in."""
        return self.admit_many((article,))[0]

    def remove(self, id: str) -> bool:  # noqa: A002 - what it is
        """Lets an article go; whether it was there."""
        return self._got("DELETE", _of(id)) is not None

    def get(self, id: str) -> IndexedArticle | None:  # noqa: A002 - what it is
        """An article and the answer about it; None where the server does not hold it."""
        found = self._got("GET", _of(id))
        return None if found is None else self._read(indexed_article, found)

    def story(self, id: str) -> IndexedStory | None:  # noqa: A002 - what it is
        """A story; of one that was merged, the one that it is part of by now."""
        if not id:
            return None
        found = self._got("GET", f"/v1/stories/{quote(without_surrogates(id), safe='')}")
        return None if found is None else self._read(story_from, found)

    def stories_page(self, after: str, limit: int) -> list[IndexedStory]:
        """At most ``limit`` stories that were begun after the one of this id, or the first."""
        query = urlencode({"after": without_surrogates(after), "limit": limit})
        found = self._got("GET", f"/v1/stories?{query}")
        if found is None or not isinstance(found.get("stories"), list):
            raise self._no_server()
        return [self._read(story_from, row) for row in found["stories"]]

    def differences(self, id: str | None = None) -> tuple[tuple[str, str], ...]:  # noqa: A002
        """All pairs that were marked different, in order, or those of the article of this id."""
        asked = {"limit": str(PAGE)} | ({} if id is None else {"id": id_in_index(id)})
        found: list[tuple[str, str]] = []
        while True:
            page = self._got("GET", f"/v1/different?{urlencode(asked)}") or {}
            found += self._read(_pairs_of, page)
            if not page.get("next"):
                return tuple(found)
            asked |= dict(zip(("after_a", "after_b"), found[-1], strict=True))

    def mark_different(self, a: str, b: str) -> None:
        """Records that two articles are never of one story, now or later."""
        a, b = id_in_index(a), id_in_index(b)
        if a == b:
            raise StoreError(f"{a!r} cannot be different from itself")
        self._answer("POST", "/v1/different", encode({"a": a, "b": b}).rstrip())

    def _judged(self, what: str, articles: Tabular) -> list[Verdict]:
        verdicts: list[Verdict] = []
        together = (article for group in self._together(articles) for article in group)
        for part in _parts(together):
            body = b"[" + b",".join(encode(article_fields(one)).rstrip() for one in part) + b"]"
            found = self._answer("POST", f"/v1/{what}?exact=1", body)
            if not isinstance(found.value, list) or len(found.value) != len(part):
                raise self._no_server()
            verdicts += [self._read(verdict_from, row) for row in found.value]
        return verdicts

    def _got(self, method: str, path: str) -> dict[str, Any] | None:
        """The object at a path; None where there is nothing."""
        found = self._answer(method, path)
        if found.status == http.HTTPStatus.NOT_FOUND:
            return None
        if not isinstance(found.value, dict):
            raise self._no_server()
        return found.value

    def _read(self, reader: Any, row: Any) -> Any:
        try:
            return reader(row)
        except (RecordError, AttributeError, KeyError, TypeError):
            raise self._no_server() from None

    def _answer(self, method: str, path: str, body: bytes | None = None) -> _Found:
        """The answer to a request, which is sent until there is one. Raises StoreError."""
        end, wait = time.monotonic() + self._patience, FIRST_WAIT
        while True:
            try:
                found = self._sent(method, path, body)
                if found.status != http.HTTPStatus.SERVICE_UNAVAILABLE or found.wait is None:
                    return self._accepted(found)
                trouble: DedupeError = self._failure(found)
                wait = max(wait, found.wait)
            except TroubleError as error:
                trouble = BusyError(f"{self.path}: {error}")
            if time.monotonic() + wait > end:
                raise trouble
            time.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)

    def _sent(self, method: str, path: str, body: bytes | None) -> _Found:
        """What comes back on a request. Raises TroubleError."""
        headers = self._headers | ({"Content-Type": "application/json"} if body else {})
        was_open = self._connection.sock is not None
        with told_in_words():
            try:
                self._send(method, self._prefix + path, body, headers)
                answer = self._connection.getresponse()
                data = answer.read()
            except BaseException as error:
                self._connection.close()
                if was_open and isinstance(error, _CUT):
                    return self._sent(method, path, body)
                raise
        value = None
        with suppress(ValueError, RecursionError):
            value = json.loads(data)
        wait = answer.headers.get("Retry-After", "")
        return _Found(answer.status, value, float(wait) if wait.isdecimal() else None)

    def _send(self, *request: Any) -> None:
        """Sends a request, perhaps in part: one that is refused at once is not read to its end."""
        try:
            self._connection.request(*request)
        except (BrokenPipeError, ConnectionResetError):
            if self._connection.sock is None:
                raise

    def _accepted(self, found: _Found) -> _Found:
        """An answer that tells what was asked. Raises StoreError, RecordError."""
        ours = isinstance(found.value, dict) and "request_id" in found.value
        if found.status == http.HTTPStatus.OK:
            return found
        if ours and found.status == http.HTTPStatus.NOT_FOUND:
            return found
        if not ours:
            raise self._no_server()
        raise self._failure(found)

    def _failure(self, found: _Found) -> DedupeError:
        """The error that an answer tells of."""
        told = found.value if isinstance(found.value, dict) else {}
        message = f"{self.path}: {told.get('error', f'status {found.status}')}"
        if found.status in (http.HTTPStatus.UNAUTHORIZED, http.HTTPStatus.FORBIDDEN):
            message += f"; the token is taken from {TOKEN} or from the address, http://TOKEN@HOST"
        busy = found.status == http.HTTPStatus.SERVICE_UNAVAILABLE
        return KINDS.get(told.get("kind"), BusyError if busy else StoreError)(message)

    def _no_server(self) -> StoreError:
        return NotAnIndexError(f"{self.path}: what answers there is no dedupe serve")


def _parts(articles: Iterator[Article]) -> Iterator[list[Article]]:
    """Articles as they go in one request."""
    part: list[Article] = []
    size = 0
    for article in articles:
        length = 3 * (len(article.text) + len(article.title))
        if part and (len(part) >= MOST_ARTICLES or size + length > MOST_BYTES):
            yield part
            part, size = [], 0
        part.append(article)
        size += length
    if part:
        yield part


def _of(name: str) -> str:
    """The path of an article. Raises RecordError for an id that no index can hold."""
    return f"/v1/articles/{quote(id_in_index(name), safe='')}"


def _pairs_of(page: dict[str, Any]) -> list[tuple[str, str]]:
    pairs = [(row["a"], row["b"]) for row in page["pairs"]]
    if not all(isinstance(name, str) for pair in pairs for name in pair):
        raise TypeError("an id is no string")
    return pairs
