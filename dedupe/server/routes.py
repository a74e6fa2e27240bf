"""What the server can be asked: each route with its handlers."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import Response
from starlette.routing import Route, Router

from dedupe.api import compare_articles
from dedupe.hooks.filter import Decision, decision_object
from dedupe.index.exchange import SCHEMA_VERSION, article_object
from dedupe.read.fields import FieldFinder
from dedupe.report.jsonl import comparison_object, story_object
from dedupe.server.answering import Endpoint, Handler, Inquiry, Service, json_answer
from dedupe.server.bodies import (
    ArticlesFound,
    articles_in_body,
    body_form,
    body_of,
    exact_articles,
)
from dedupe.server.browsing import page
from dedupe.server.different import different_pairs, marked_different
from dedupe.server.events import events
from dedupe.server.failures import RefusedError, put_off
from dedupe.server.fronts import front_of
from dedupe.server.measures import METRICS_TYPE
from dedupe.server.openapi import openapi_object
from dedupe.server.queries import LARGEST_PAGE, PAGE, changed, number_in, read
from dedupe.server.shared import SMALL
from dedupe.server.streaming import LinesAnswer
from dedupe.server.telemetry import with_spans

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from dedupe.model import IndexedArticle
    from dedupe.server.access import Scope as Right

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")
COMPARED = 100_000
"""Characters of a text, more of which are not compared while others wait."""

Handlers = Mapping[str, tuple["Right | None", Handler]]
Decide = Callable[[Sequence[Any]], Awaitable[list[Decision]]]


def application(service: Service) -> ASGIApp:
    """The server as an ASGI application."""
    routes = [
        _whole(Route(route, _endpoint(service, route.replace(":path", ""), handlers)))
        for route, handlers in ROUTES.items()
    ]
    nothing = _endpoint(service, "other", dict.fromkeys(METHODS, (None, _no_such)))
    router = Router(routes, redirect_slashes=False, default=nothing)

    async def web_alone(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await router(scope, receive, send)

    return web_alone


def _whole(route: Route) -> Route:
    """The route for all of a path: an id may hold line feeds, and end with one."""
    pattern = route.path_regex.pattern.removesuffix("$")
    route.path_regex = re.compile(rf"{pattern}\Z", re.DOTALL)
    return route


def _endpoint(service: Service, route: str, handlers: Handlers) -> ASGIApp:
    return with_spans(Endpoint(service, route, handlers), route, handlers)


async def _no_such(_: Inquiry) -> ASGIApp:
    raise RefusedError(HTTPStatus.NOT_FOUND, "there is no such path; /openapi.json has them all")


async def _check(asked: Inquiry) -> ASGIApp:
    return await _decided(asked, "check", asked.service.shared.check)


async def _admit(asked: Inquiry) -> ASGIApp:
    return await _decided(asked, "admit", asked.service.shared.admit)


async def _decided(asked: Inquiry, name: str, decide: Decide) -> ASGIApp:
    bounds = asked.service.shared.limits
    limits = asked.service.shared.of_records
    if body_form(asked.request) == "lines":
        each = asked.service.shared.check_each if name == "check" else decide
        return LinesAnswer(asked, name, each, limits)
    exact = number_in(asked.request.query_params, "exact", 0, (0, 1))
    body = await body_of(asked.request, bounds.body_bytes, bounds.seconds, asked.held)
    at_once = len(body) <= SMALL
    parse: Callable[[], ArticlesFound] = partial(exact_articles, body, limits, bounds.articles)
    if not exact:
        finder = asked.service.finder if at_once else FieldFinder()
        parse = partial(articles_in_body, body, finder, limits, bounds.articles)

    async def answer() -> Response:
        async with asyncio.timeout(bounds.seconds):
            found = parse() if at_once else await asyncio.to_thread(parse)
            decisions = await decide(found.articles) if found.articles else []
        asked.decided(name, decisions)
        objects = [decision_object(decision) for decision in decisions]
        return json_answer(objects if found.listed else objects[0])

    return await (asked.once(body, answer) if name == "admit" else answer())


async def _article(asked: Inquiry) -> ASGIApp:
    found = await _article_of(asked, asked.request.path_params["id"])
    return json_answer({"schema_version": SCHEMA_VERSION, **article_object(found)})


async def _article_of(asked: Inquiry, name: str) -> IndexedArticle:
    found = await read(asked, lambda index: index.get(name))
    if found is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no article has the id {name!r}")
    return found


async def _remove(asked: Inquiry) -> ASGIApp:
    name = asked.request.path_params["id"]

    async def answer() -> Response:
        removed = await changed(asked, lambda index: index.remove(name))
        if not removed:
            raise RefusedError(HTTPStatus.NOT_FOUND, f"no article has the id {name!r}")
        asked.log("removed", {"id": name})
        return json_answer({"schema_version": SCHEMA_VERSION, "id": name, "removed": True})

    return await asked.once(b"", answer)


async def _stories(asked: Inquiry) -> ASGIApp:
    query = asked.request.query_params
    after, limit = query.get("after", ""), number_in(query, "limit", PAGE, (1, LARGEST_PAGE))
    found = await read(asked, lambda index: index.stories_page(after, limit))
    following = found[-1].id if len(found) == limit else None
    return json_answer(
        {
            "schema_version": SCHEMA_VERSION,
            "stories": [story_object(story) for story in found],
            "next": following,
        }
    )


async def _story(asked: Inquiry) -> ASGIApp:
    name = asked.request.path_params["id"]
    found = await read(asked, lambda index: index.story(name))
    if found is None:
        raise RefusedError(HTTPStatus.NOT_FOUND, f"no story has the id {name!r}")
    facts = {}
    if number_in(asked.request.query_params, "facts", 0, (0, 1)):
        facts = await front_of(asked, found)
    return json_answer(story_object(found) | facts)


async def _compare(asked: Inquiry) -> ASGIApp:
    query = asked.request.query_params
    if not (query.get("a") and query.get("b")):
        raise RefusedError(HTTPStatus.BAD_REQUEST, "name two articles by id: ?a=ID&b=ID")
    a, b = [(await _article_of(asked, query[side])).article for side in ("a", "b")]
    if not (a.text or a.title) or not (b.text or b.title):
        raise RefusedError(HTTPStatus.CONFLICT, "the index keeps no texts, and so compares none")
    if max(len(a.text), len(b.text)) > COMPARED:
        told = f"texts of over {COMPARED:,} characters are not compared here"
        raise RefusedError(HTTPStatus.CONFLICT, f"{told}; see dedupe compare")
    settings = await read(asked, lambda index: index.settings)
    async with asyncio.timeout(asked.service.shared.limits.seconds):
        found = await asked.service.shared.beside(lambda: compare_articles(a, b, None, settings))
    return json_answer(comparison_object(found, a, b))


async def _alive(_: Inquiry) -> ASGIApp:
    return json_answer({"status": "ok"})


async def _ready(asked: Inquiry) -> ASGIApp:
    """Whether it answers now: not while it ends, and not while the index can't be read."""
    if asked.service.ending.is_set():
        raise put_off("the server is about to end")
    await read(asked, lambda index: index.last_story())
    return json_answer({"status": "ready"})


async def _metrics(asked: Inquiry) -> ASGIApp:
    return Response(asked.service.measures.text(), headers={"Content-Type": METRICS_TYPE})


async def _openapi(asked: Inquiry) -> ASGIApp:
    return json_answer(openapi_object(asked.service.shared.limits))


ROUTES: dict[str, Handlers] = {
    "/": {"GET": ("check", page)},
    "/v1/check": {"POST": ("check", _check)},
    "/v1/admit": {"POST": ("admit", _admit)},
    "/v1/articles/{id:path}": {"GET": ("check", _article), "DELETE": ("manage", _remove)},
    "/v1/stories": {"GET": ("check", _stories)},
    "/v1/stories/{id}": {"GET": ("check", _story)},
    "/v1/different": {"GET": ("check", different_pairs), "POST": ("manage", marked_different)},
    "/v1/compare": {"GET": ("check", _compare)},
    "/v1/events": {"GET": ("check", events)},
    "/healthz": {"GET": (None, _alive)},
    "/readyz": {"GET": (None, _ready)},
    "/metrics": {"GET": ("check", _metrics)},
    "/openapi.json": {"GET": (None, _openapi)},
}
