"""An index behind ``dedupe serve``, asked as one that is here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NoReturn, cast
from urllib.parse import quote, urlencode

from dedupe.config import Settings
from dedupe.errors import NotAnIndexError, RecordError
from dedupe.index.asking import ServerConnection
from dedupe.index.exchange import article_fields, indexed_article, story_from, verdict_from
from dedupe.index.index import Index
from dedupe.index.reading import id_in_index, two_ids
from dedupe.json_form import encode
from dedupe.text import without_surrogates

if TYPE_CHECKING:
    from dedupe.model import Article, IndexedArticle, IndexedStory, Verdict
    from dedupe.tabular import Record, Tabular

MOST_ARTICLES, MOST_BYTES = 500, 8 << 20
"""Of one request: half of what a server takes, as it is set up without options."""
PAGE = 256
"""Stories of one request."""


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
        self._server = ServerConnection(url, name, patience=patience)

    def close(self) -> None:
        """Ends the connection; what was admitted stays."""
        self._server.close()

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
            raise self._server.no_server()
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
        a, b = two_ids(a, b)
        self._server.answer("POST", "/v1/different", encode({"a": a, "b": b}).rstrip())

    def _judged(self, what: str, articles: Tabular) -> list[Verdict]:
        verdicts: list[Verdict] = []
        together = (article for group in self._together(articles) for article in group)
        for part in _parts(together):
            body = b"[" + b",".join(encode(article_fields(one)).rstrip() for one in part) + b"]"
            found = self._server.answer("POST", f"/v1/{what}?exact=1", body)
            if not isinstance(found.value, list) or len(found.value) != len(part):
                raise self._server.no_server()
            told = [self._read(verdict_from, row) for row in found.value]
            if found.in_doubt and what == "admit":
                told = [replace(verdict, replayed=False) for verdict in told]
            verdicts += told
        return verdicts

    def _got(self, method: str, path: str) -> dict[str, Any] | None:
        """The object at a path; None where there is nothing."""
        found = self._server.answer(method, path)
        if found.status == HTTPStatus.NOT_FOUND:
            return None
        if not isinstance(found.value, dict):
            raise self._server.no_server()
        return found.value

    def _read(self, reader: Any, row: Any) -> Any:
        try:
            return reader(row)
        except (RecordError, AttributeError, KeyError, TypeError):
            raise self._server.no_server() from None


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
