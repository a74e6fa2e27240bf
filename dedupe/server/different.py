"""Articles that were marked different, over HTTP: which are, and that two are."""

from __future__ import annotations

from bisect import bisect_right
from http import HTTPStatus
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index.exchange import SCHEMA_VERSION
from dedupe.index.reading import two_ids
from dedupe.read.budget import USUAL
from dedupe.server.answering import json_answer
from dedupe.server.bodies import body_form, body_of, value_in_body
from dedupe.server.failures import RefusedError
from dedupe.server.queries import LARGEST_PAGE, PAGE, changed, number_in, read

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from dedupe.server.answering import Inquiry

PAIR_BYTES = 1 << 16
"""Of a body that names two articles."""
_WANTED = 'send an object of two ids: {"a": ID, "b": ID}'


async def different_pairs(asked: Inquiry) -> ASGIApp:
    """A page of the pairs, in order: all, or those of one article."""
    query = asked.request.query_params
    limit = number_in(query, "limit", PAGE, (1, LARGEST_PAGE))
    name = query.get("id")
    if name == "":
        raise RefusedError(HTTPStatus.BAD_REQUEST, "id is that of an article, or left out")
    found = await read(asked, lambda index: index.differences(name))
    start = bisect_right(found, (query.get("after_a", ""), query.get("after_b", "")))
    pairs = [{"a": one, "b": other} for one, other in found[start : start + limit]]
    following = pairs[-1] if start + limit < len(found) else None
    return json_answer({"schema_version": SCHEMA_VERSION, "pairs": pairs, "next": following})


async def marked_different(asked: Inquiry) -> ASGIApp:
    """Marks the two articles of the body."""
    if body_form(asked.request) != "json":
        raise RefusedError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            f"Content-Type is application/json here; {_WANTED}",
            {"Connection": "close"},
        )
    limits = asked.service.shared.limits
    most = min(PAIR_BYTES, limits.body_bytes)
    body = await body_of(asked.request, most, limits.seconds, asked.held)
    a, b = _pair(value_in_body(body, USUAL))
    await changed(asked, lambda index: index.mark_different(a, b))
    asked.log("different", {"a": a, "b": b})
    return json_answer({"schema_version": SCHEMA_VERSION, "a": a, "b": b, "different": True})


def _pair(value: object) -> tuple[str, str]:
    """The two ids of a body. Raises RefusedError."""
    found = (value.get("a"), value.get("b")) if isinstance(value, dict) else (None, None)
    a, b = (name if isinstance(name, str) else "" for name in found)
    if not (a and b):
        raise RefusedError(HTTPStatus.BAD_REQUEST, _WANTED)
    try:
        return two_ids(a, b)
    except StoreError as error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, str(error)) from None
