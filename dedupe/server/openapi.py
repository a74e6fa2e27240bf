"""The description of the server in OpenAPI 3.1, as ``/openapi.json`` returns it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from dedupe.index.answers import STORY_DIGITS
from dedupe.index.asking import FIRST_ANSWER, REQUEST_KEY
from dedupe.server.events import LAST_POSITION, LONGEST_SECONDS
from dedupe.server.schemas import NAME, SCHEMAS, STRING, schema_ref

if TYPE_CHECKING:
    from dedupe.server.shared import ServerLimits

_FAILURES = {
    400: "What was sent can't be read; the sentence says where and why",
    401: "No token, or one that is not known",
    403: "The token has not the scope; or, without tokens, the host is not this machine",
    404: "There is no such article, story or page",
    405: "The path takes other methods",
    408: "The body did not come in time",
    409: "What is stored can't be compared, or no page be made of it",
    413: "The body is too long, or has too many articles",
    415: "The type of the body is none that is read, or it is compressed",
    503: "The server can't answer now; Retry-After says when to come again",
}
_ALWAYS = (400, 405, 503)


def _answers(told: str, schema: dict[str, Any], *failures: int) -> dict[str, Any]:
    error = {"application/json": {"schema": schema_ref("Error")}}
    return {
        "200": {"description": told, "content": {"application/json": {"schema": schema}}},
        **{
            str(code): {"description": _FAILURES[code], "content": error}
            for code in sorted({*_ALWAYS, *failures})
        },
    }


def _query(name: str, told: str, schema: dict[str, Any], *, required: bool = False) -> Any:
    return {"name": name, "in": "query", "required": required, "description": told,
            "schema": schema}  # fmt: skip


_EXACT = _query(
    "exact",
    "With 1 the body is an array, and its articles have all seven fields as they are, as in an "
    "export: nothing is looked for in them",
    {"type": "integer", "enum": [0, 1]},
)
_LIMIT = _query("limit", "At most so many", {"type": "integer", "minimum": 1, "maximum": 1000})
_ID = {"name": "id", "in": "path", "required": True, "schema": NAME}
_KEY = {
    "name": REQUEST_KEY,
    "in": "header",
    "required": False,
    "description": "A request that is sent again with the same key, for the same body and within "
    f"minutes, gets its first answer, with {FIRST_ANSWER}: true",
    "schema": {"type": "string"},
}


def _judging(name: str, told: str, limits: ServerLimits) -> dict[str, Any]:
    """The operation of /v1/check or /v1/admit."""
    decisions = {"type": "array", "items": schema_ref("Decision")}
    several = {"type": "array", "items": schema_ref("Article")}
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    single = {"schema": {"oneOf": [schema_ref("Article"), several]}}
    found = _answers(
        "A decision for each article, in order", {"oneOf": [schema_ref("Decision"), decisions]},
        401, 403, 408, 413, 415,
    )  # fmt: skip
    found["200"]["content"] |= lines
    return {
        "operationId": name,
        "summary": told,
        "parameters": [_EXACT, *([_KEY] if name == "admit" else [])],
        "description": "An object is answered by an object, an array by an array; of an array, of "
        f"{limits.articles} at most, all are taken in, or none. Lines are answered as they come, "
        f"each by one: also one that holds no article. A body, or a line, has at most "
        f"{limits.body_bytes} bytes.",
        "requestBody": {"required": True, "content": {"application/json": single, **lines}},
        "responses": found,
    }


def openapi_object(limits: ServerLimits) -> dict[str, Any]:
    """The description as an object of JSON."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "dedupe",
            "version": version("story-dedupe"),
            "description": "Tells of each news article whether it is new, a copy, or another "
            "report of a known story. Errors are objects with a sentence.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": {
            "/v1/check": {"post": _judging("check", "What articles are, by what is held", limits)},
            "/v1/admit": {"post": _judging("admit", "The same, and takes them in", limits)},
            **_reading(),
            **_different(),
            **_followed(),
            **_about_the_server(),
        },
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
        "security": [{"token": []}, {}],
    }


def _reading() -> dict[str, Any]:
    """The operations on what the index holds."""
    page = [
        _query(
            "after",
            "Stories that were begun after this one: next of the page before",
            {"type": "string", "pattern": rf"^(s[1-9][0-9]{{0,{STORY_DIGITS - 1}}})?$"},
        ),
        _LIMIT,
    ]
    sides = [_query(side, "The id of an article", NAME, required=True) for side in ("a", "b")]
    one = (401, 403, 404)
    got = _operation(
        "article", "An article and the answer about it", schema_ref("IndexedArticle"), one
    )
    removed = _operation("remove", "Lets an article go", schema_ref("Removed"), one)
    listed = _operation("stories", "Stories, as they were begun", schema_ref("Stories"), (401, 403))
    removed["parameters"] = [_KEY]
    told = "A story; of one that was merged, what it is part of"
    story = _operation("story", told, schema_ref("Story"), one)
    facts = _query("facts", "With 1 also who was first, who told it, what is told differently",
                   {"type": "integer", "enum": [0, 1]})  # fmt: skip
    told = "Where two articles agree and differ"
    compared = _operation("compare", told, schema_ref("Comparison"), (*one, 409))
    return {
        "/v1/articles/{id}": {"parameters": [_ID], "get": got, "delete": removed},
        "/v1/stories": {"get": listed | {"parameters": page}},
        "/v1/stories/{id}": {"parameters": [_ID], "get": story | {"parameters": [facts]}},
        "/v1/compare": {"get": compared | {"parameters": sides}},
    }


def _different() -> dict[str, Any]:
    """The operations on what was marked different."""
    page = [
        _query("id", "Only pairs of this article", NAME),
        *(
            _query(f"after_{side}", f"Pairs after this one: {side} of next", STRING)
            for side in "ab"
        ),
        _LIMIT,
    ]
    told = "Pairs of articles that are never of one story"
    listed = _operation("differences", told, schema_ref("Pairs"), (401, 403))
    marked = _operation("mark_different", "Marks two articles so", schema_ref("Different"),
                        (401, 403, 408, 413, 415))  # fmt: skip
    body = {"required": True, "content": {"application/json": {"schema": schema_ref("Pair")}}}
    return {
        "/v1/different": {
            "get": listed | {"parameters": page},
            "post": marked | {"requestBody": body},
        }
    }


def _followed() -> dict[str, Any]:
    """The operation that tells what happens."""
    told = "What happens to the index, as server-sent events: see docs/serve.md"
    operation = _operation("events", told, STRING, (401, 403))
    operation["responses"]["200"]["content"] = {
        "text/event-stream": {"schema": schema_ref("Event")}
    }
    position = {"type": "integer", "minimum": 0, "maximum": LAST_POSITION}
    header = _query(
        "Last-Event-ID",
        "Events after this one; it goes before after, and counts for nothing where it is empty",
        {"anyOf": [position, {"type": "string", "maxLength": 0}]},
    )
    return {
        "/v1/events": {
            "get": operation
            | {
                "parameters": [
                    header | {"in": "header"},
                    _query("after", "Events after this position, the id of one", position),
                    _query(
                        "seconds",
                        "Ends after so long; with 0 once what is there is told",
                        {"type": "integer", "minimum": 0, "maximum": LONGEST_SECONDS},
                    ),
                ]
            }
        }
    }


def _about_the_server() -> dict[str, Any]:
    """What it tells of itself."""
    paths = {
        f"/{name}": {"get": _operation(name, told, schema, ()) | {"security": []}}
        for name, told, schema in (
            ("healthz", "Whether it runs", schema_ref("State")),
            ("readyz", "Whether it answers", schema_ref("State")),
            ("openapi.json", "This description", {"type": "object"}),
        )
    }
    metrics = _operation("metrics", "Counts for Prometheus", STRING, (401, 403))
    metrics["responses"]["200"]["content"] = {"text/plain": {"schema": STRING}}
    page = _operation("page", "The report of what came last, for a browser", STRING,
                      (401, 403, 404, 409))  # fmt: skip
    page["responses"]["200"]["content"] = {"text/html": {"schema": STRING}}
    page["responses"]["304"] = {"description": "The page of If-None-Match is the same still"}
    return paths | {"/metrics": {"get": metrics}, "/": {"get": page}}


def _operation(
    name: str, told: str, schema: dict[str, Any], failures: tuple[int, ...]
) -> dict[str, Any]:
    return {"operationId": name, "summary": told, "responses": _answers(told, schema, *failures)}
