"""Bodies of requests: how much of them is read, and the articles in them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Literal

from dedupe.errors import RecordError
from dedupe.hooks.lines import Line, without_mark
from dedupe.hooks.pipe import article_in, article_of_value
from dedupe.index.exchange import exact_article
from dedupe.read.bodies import NAME_THE_TEXT
from dedupe.read.budget import check_row
from dedupe.read.documents import loaded, reason_of
from dedupe.server.failures import RefusedError

if TYPE_CHECKING:
    from starlette.requests import Request

    from dedupe.config import Limits
    from dedupe.model import Article
    from dedupe.read.fields import FieldFinder
    from dedupe.server.shared import Holding

BodyForm = Literal["json", "lines"]
_FORMS: dict[str, BodyForm] = {
    "application/json": "json",
    "application/x-ndjson": "lines",
    "application/ndjson": "lines",
    "application/jsonl": "lines",
    "application/x-jsonlines": "lines",
}


def body_form(request: Request) -> BodyForm:
    """Whether the body is one value of JSON or lines of it.

    A type must be named: a page in a browser can't have one of these sent to another host unasked.
    What is compressed is refused, so that no body is larger than it came. Raises RefusedError.
    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in {"", "identity"}:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "bodies are taken as they are; leave Content-Encoding out",
            {"Accept-Encoding": "identity", "Connection": "close"},
        )
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _FORMS:
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "send Content-Type: application/json for an article or an array of them, or "
            "application/x-ndjson for one article a line",
            {"Connection": "close"},
        )
    return _FORMS[kind]


async def body_of(request: Request, most: int, seconds: float, held: Holding) -> bytes:
    """The whole body, without a byte order mark. It is counted as ``held``.

    Raises RefusedError for one of more than ``most`` bytes, for one that does not come within so
    many seconds, and where too much is held.
    """
    told = request.headers.get("content-length", "")
    if told.isdecimal() and int(told) > most:
        raise _too_large(most)
    body = bytearray()
    try:
        async with asyncio.timeout(seconds):
            with held.coming():
                async for part in request.stream():
                    if len(body) + len(part) > most:
                        raise _too_large(most)
                    held.take(len(part))
                    body += part
    except TimeoutError:
        raise RefusedError(
            HTTPStatus.REQUEST_TIMEOUT,
            f"the body did not come within {seconds:g} seconds",
            {"Connection": "close"},
        ) from None
    held.come()
    return without_mark(bytes(body))


def _too_large(most: int) -> RefusedError:
    return RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"the body is longer than {most} bytes; send fewer articles at a time, or as lines "
        "(application/x-ndjson)",
        {"Connection": "close"},
    )


@contextmanager
def naming_no_option() -> Iterator[None]:
    """Leaves out of a RecordError what a command takes, and a request does not."""
    try:
        yield
    except RecordError as error:
        raise RecordError(str(error).replace(NAME_THE_TEXT, "")) from None


class ArticlesFound:
    """The articles of a body of JSON."""

    def __init__(self, articles: list[Article], *, listed: bool) -> None:
        self.articles = articles
        self.listed = listed
        """Whether they stood in an array, as then their answers do."""


def exact_articles(body: bytes, limits: Limits, most: int) -> ArticlesFound:
    """The articles of an array that has their fields as they are: nothing is looked for in them.

    So an article that was read once is not read again, which might change it. Raises RecordError,
    RefusedError.
    """
    return _each(_listed(body, limits, most), partial(_exact, limits))


def articles_in_body(body: bytes, finder: FieldFinder, limits: Limits, most: int) -> ArticlesFound:
    """The article of an object, or those of an array. Raises RecordError, RefusedError."""
    with naming_no_option():
        if not body.lstrip().startswith(b"["):
            return ArticlesFound([article_in(Line(1, body), finder, limits)], listed=False)
        values = _listed(body, limits, most)
        return _each(values, lambda value: article_of_value(value, finder, limits))


def value_in_body(body: bytes, limits: Limits) -> Any:
    """The value of a body of JSON. Raises RecordError."""
    try:
        return loaded(body, limits)
    except RecursionError:
        raise RecordError("fields are nested too deep") from None
    except ValueError as error:
        raise RecordError(reason_of(error, body)) from None


def _listed(body: bytes, limits: Limits, most: int) -> list[Any]:
    """The elements of an array."""
    values = value_in_body(body, limits)
    if not isinstance(values, list):
        raise RecordError("not an array")
    if len(values) > most:
        raise RefusedError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"{len(values):,} articles are more than {most:,}; send them in parts, or as lines "
            "(application/x-ndjson)",
        )
    return values


def _each(values: list[Any], read: Callable[[Any], Article]) -> ArticlesFound:
    """Those of an array, one by one."""
    articles = []
    for number, value in enumerate(values):
        try:
            articles.append(read(value))
        except RecordError as error:
            raise RecordError(f"article {number} of the array, from 0: {error}") from None
    return ArticlesFound(articles, listed=True)


def _exact(limits: Limits, value: Any) -> Article:
    if not isinstance(value, dict):
        raise RecordError("not an object")
    article = exact_article(value)
    if not article.id:
        raise RecordError("an article has no id; give each article its own")
    name, title, text = article.id, article.title, article.text
    check_row((name, title, text, article.date, article.source, article.url, article.lang), limits)
    return article
