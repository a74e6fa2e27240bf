"""The description of the server in OpenAPI 3.1, as ``/openapi.json`` returns it."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any, get_args

from dedupe.index.asking import FIRST_ANSWER, REQUEST_KEY
from dedupe.model import Relation

if TYPE_CHECKING:
    from dedupe.server.shared import ServerLimits

STRING: dict[str, Any] = {"type": "string"}
_NAME = {"type": "string", "minLength": 1}
TEXT_OR_NULL = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": "number"}
FLAG: dict[str, Any] = {"type": "boolean"}
STRINGS = {"type": "array", "items": STRING}
VERSION = {"type": "integer", "const": 1}
_RELATION = {"type": "string", "enum": list(get_args(Relation))}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(fields: dict[str, Any], optional: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required, **more}


_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SCORES = _object(
    {
        "jaccard": _SHARE,
        "containment": _SHARE,
        "cosine": _SHARE,
        "story": _SHARE,
        "share": {"type": ["number", "null"]},
    }
)
_EVIDENCE = _object({"name": STRING, "value": STRING, "weight": NUMBER})
_MATCH = _object(
    {
        "id": STRING,
        "relation": _RELATION,
        "scores": _ref("Scores"),
        "days": {"type": ["number", "null"]},
        "evidence": {"type": "array", "items": _ref("Evidence")},
    }
)
_DECISION = _object(
    {
        "schema_version": VERSION,
        "id": TEXT_OR_NULL,
        "relation": {"enum": [*get_args(Relation), None]},
        "story": TEXT_OR_NULL,
        "to": TEXT_OR_NULL,
        "scores": {"oneOf": [_ref("Scores"), {"type": "null"}]},
        "extends": FLAG,
        "mentions": STRINGS,
        "corrects": FLAG,
        "added": STRINGS,
        "admitted": FLAG,
        "replayed": FLAG,
        "matches": {"type": "array", "items": _ref("Match")},
        "passed": FLAG,
        "error": TEXT_OR_NULL,
        "held_as": STRING,
        "line": {"type": "integer", "minimum": 1},
    },
    optional=("held_as", "line"),
    description="What an article is, and whether it passes; docs/filter.md tells of each field.",
)
_ARTICLE = {
    "type": "object",
    "description": "An article in any shape that is read elsewhere, usually with id, title, text, "
    "date, source, url and lang: see docs/reading.md. Text or title must be there; without an id "
    "it is known by its address, else by its content.",
    "additionalProperties": True,
    "examples": [{"id": "a1", "title": "Ferry sinks", "text": "The ferry sank on Monday."}],
}
_ANSWER = _object(
    {
        "relation": _RELATION,
        "story": TEXT_OR_NULL,
        "matches": {"type": "array", "items": _ref("Match")},
        "extends": FLAG,
        "corrects": FLAG,
        "added": STRINGS,
        "mentions": STRINGS,
    },
    optional=("corrects", "added", "mentions"),
)
_INDEXED = _object(
    {
        "schema_version": VERSION,
        **dict.fromkeys(("id", "title", "text"), STRING),
        "date": TEXT_OR_NULL,
        **dict.fromkeys(("source", "url", "lang", "story", "copies", "arrived"), STRING),
        "verdict": _ref("Answer"),
    }
)
_STORY = _object(
    {
        "schema_version": VERSION,
        "id": STRING,
        "articles": STRINGS,
        "first_date": TEXT_OR_NULL,
        "last_date": TEXT_OR_NULL,
        "merged": STRINGS,
    }
)
_ERROR = _object(
    {
        "status": {"type": "integer"},
        "error": STRING,
        "kind": {"type": "string", "description": "The class of the error, '' for the request's"},
        "request_id": STRING,
    }
)
SCHEMAS = {
    "Scores": _SCORES,
    "Evidence": _EVIDENCE,
    "Match": _MATCH,
    "Decision": _DECISION,
    "Article": _ARTICLE,
    "Answer": _ANSWER,
    "IndexedArticle": _INDEXED,
    "Story": _STORY,
    "Stories": _object(
        {
            "schema_version": VERSION,
            "stories": {"type": "array", "items": _ref("Story")},
            "next": TEXT_OR_NULL,
        }
    ),
    "Removed": _object({"schema_version": VERSION, "id": STRING, "removed": {"const": True}}),
    "Comparison": _object(
        {"schema_version": {"type": "integer"}, "a": {"type": "object"}, "b": {"type": "object"}}
    ),
    "State": _object({"status": STRING}),
    "Error": _ERROR,
}
_FAILURES = {
    400: "What was sent can't be read; the sentence says where and why",
    401: "No token, or one that is not known",
    403: "The token has not the scope; or, without tokens, the host is not this machine",
    404: "There is no such article or story",
    405: "The path takes other methods",
    408: "The body did not come in time",
    409: "What is stored can't be compared",
    413: "The body is too long, or has too many articles",
    415: "The type of the body is none that is read, or it is compressed",
    503: "The server can't answer now; Retry-After says when to come again",
}
_ALWAYS = (400, 405, 503)


def _answers(told: str, schema: dict[str, Any], *failures: int) -> dict[str, Any]:
    error = {"application/json": {"schema": _ref("Error")}}
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
_KEY = {
    "name": REQUEST_KEY,
    "in": "header",
    "required": False,
    "description": "A request that is sent again with the same key, for the same body and within "
    f"minutes, gets its first answer, with {FIRST_ANSWER}: true",
    "schema": {"type": "string"},
}
_ID = {"name": "id", "in": "path", "required": True, "schema": _NAME}


def _judging(name: str, told: str, limits: ServerLimits) -> dict[str, Any]:
    """The operation of /v1/check or /v1/admit."""
    decisions = {"type": "array", "items": _ref("Decision")}
    several = {"type": "array", "items": _ref("Article")}
    lines = {"application/x-ndjson": {"schema": {"type": "string"}}}
    single = {"schema": {"oneOf": [_ref("Article"), several]}}
    found = _answers(
        "A decision for each article, in order", {"oneOf": [_ref("Decision"), decisions]},
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
        _query("after", "Stories that were begun after this one: next of the page before", STRING),
        _query("limit", "At most so many", {"type": "integer", "minimum": 1, "maximum": 1000}),
    ]
    sides = [_query(side, "The id of an article", _NAME, required=True) for side in ("a", "b")]
    one = (401, 403, 404)
    got = _operation("article", "An article and the answer about it", _ref("IndexedArticle"), one)
    removed = _operation("remove", "Lets an article go", _ref("Removed"), one)
    listed = _operation("stories", "Stories, as they were begun", _ref("Stories"), (401, 403))
    removed["parameters"] = [_KEY]
    told = "A story; of one that was merged, what it is part of"
    story = _operation("story", told, _ref("Story"), one)
    told = "Where two articles agree and differ"
    compared = _operation("compare", told, _ref("Comparison"), (*one, 409))
    return {
        "/v1/articles/{id}": {"parameters": [_ID], "get": got, "delete": removed},
        "/v1/stories": {"get": listed | {"parameters": page}},
        "/v1/stories/{id}": {"parameters": [_ID], "get": story},
        "/v1/compare": {"get": compared | {"parameters": sides}},
    }


def _about_the_server() -> dict[str, Any]:
    """What it tells of itself."""
    paths = {
        f"/{name}": {"get": _operation(name, told, schema, ()) | {"security": []}}
        for name, told, schema in (
            ("healthz", "Whether it runs", _ref("State")),
            ("readyz", "Whether it answers", _ref("State")),
            ("openapi.json", "This description", {"type": "object"}),
        )
    }
    metrics = _operation("metrics", "Counts for Prometheus", STRING, (401, 403))
    metrics["responses"]["200"]["content"] = {"text/plain": {"schema": STRING}}
    return paths | {"/metrics": {"get": metrics}}


def _operation(
    name: str, told: str, schema: dict[str, Any], failures: tuple[int, ...]
) -> dict[str, Any]:
    return {"operationId": name, "summary": told, "responses": _answers(told, schema, *failures)}
