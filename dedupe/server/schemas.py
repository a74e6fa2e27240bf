"""The values of JSON that the server takes and returns, as schemas of OpenAPI 3.1."""

from __future__ import annotations

from typing import Any, get_args

from dedupe.index.changes import Happened
from dedupe.model import Relation

STRING: dict[str, Any] = {"type": "string"}
NAME = {"type": "string", "minLength": 1}
TEXT_OR_NULL = {"type": ["string", "null"]}
NUMBER: dict[str, Any] = {"type": "number"}
COUNT = {"type": "integer", "minimum": 0}
FLAG: dict[str, Any] = {"type": "boolean"}
STRINGS = {"type": "array", "items": STRING}
VERSION = {"type": "integer", "const": 1}
_RELATION = {"type": "string", "enum": list(get_args(Relation))}


def schema_ref(name: str) -> dict[str, str]:
    """A schema of SCHEMAS, by its name."""
    return {"$ref": f"#/components/schemas/{name}"}


def schema_object(
    fields: dict[str, Any], optional: tuple[str, ...] = (), **more: Any
) -> dict[str, Any]:
    """An object that has these fields, all but the optional ones always."""
    required = [name for name in fields if name not in optional]
    return {"type": "object", "properties": fields, "required": required, **more}


_SHARE = {"type": "number", "minimum": 0, "maximum": 1}
_SCORES = schema_object(
    {
        "jaccard": _SHARE,
        "containment": _SHARE,
        "cosine": _SHARE,
        "story": _SHARE,
        "share": {"type": ["number", "null"]},
    }
)
_EVIDENCE = schema_object({"name": STRING, "value": STRING, "weight": NUMBER})
_MATCH = schema_object(
    {
        "id": STRING,
        "relation": _RELATION,
        "scores": schema_ref("Scores"),
        "days": {"type": ["number", "null"]},
        "evidence": {"type": "array", "items": schema_ref("Evidence")},
    }
)
_DECISION = schema_object(
    {
        "schema_version": VERSION,
        "id": TEXT_OR_NULL,
        "relation": {"enum": [*get_args(Relation), None]},
        "story": TEXT_OR_NULL,
        "to": TEXT_OR_NULL,
        "scores": {"oneOf": [schema_ref("Scores"), {"type": "null"}]},
        "extends": FLAG,
        "mentions": STRINGS,
        "corrects": FLAG,
        "added": STRINGS,
        "admitted": FLAG,
        "replayed": FLAG,
        "matches": {"type": "array", "items": schema_ref("Match")},
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
_ANSWER = schema_object(
    {
        "relation": _RELATION,
        "story": TEXT_OR_NULL,
        "matches": {"type": "array", "items": schema_ref("Match")},
        "extends": FLAG,
        "corrects": FLAG,
        "added": STRINGS,
        "mentions": STRINGS,
    },
    optional=("corrects", "added", "mentions"),
)
_INDEXED = schema_object(
    {
        "schema_version": VERSION,
        **dict.fromkeys(("id", "title", "text"), STRING),
        "date": TEXT_OR_NULL,
        **dict.fromkeys(("source", "url", "lang", "story", "copies", "arrived"), STRING),
        "verdict": schema_ref("Answer"),
    }
)
_STORY = schema_object(
    {
        "schema_version": VERSION,
        "id": STRING,
        "articles": STRINGS,
        "first_date": TEXT_OR_NULL,
        "last_date": TEXT_OR_NULL,
        "merged": STRINGS,
        "facts": {"oneOf": [schema_ref("StoryFront"), {"type": "null"}]},
        "no_facts": TEXT_OR_NULL,
    },
    optional=("facts", "no_facts"),
)
_SAYING = schema_object({"text": STRING, "articles": STRINGS, "sentences": STRINGS})
_STORY_FRONT = schema_object(
    {
        "first": {
            "oneOf": [
                schema_object({"id": STRING, "source": STRING, "date": TEXT_OR_NULL}),
                {"type": "null"},
            ]
        },
        **dict.fromkeys(("independent_reports", "copies", "outlets", "looked_at"), COUNT),
        "front": {
            "type": "array",
            "items": schema_object({"label": STRING, "pieces": STRINGS}),
        },
        "compared": STRINGS,
        "disagreements": {
            "type": "array",
            "items": schema_object(
                {
                    "about": STRING,
                    "update": FLAG,
                    "sayings": {"type": "array", "items": _SAYING},
                }
            ),
        },
    },
    description="Who was first, who told it, and what its reports tell differently: docs/serve.md",
)
_EVENT = schema_object(
    {
        "id": {"type": "string", "pattern": "^[0-9]+$", "description": "The position of the index"},
        "event": {"enum": [*get_args(Happened), "reset"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    optional=("event", "data"),
    description="An event of the stream; its data is an object of JSON: docs/serve.md",
)
_ERROR = schema_object(
    {
        "status": {"type": "integer"},
        "error": STRING,
        "kind": {"type": "string", "description": "The class of the error, '' for the request's"},
        "request_id": STRING,
    }
)
_PAIR = schema_object(dict.fromkeys("ab", NAME), description="Ids of two articles")
SCHEMAS = {
    "Scores": _SCORES,
    "Evidence": _EVIDENCE,
    "Match": _MATCH,
    "Decision": _DECISION,
    "Article": _ARTICLE,
    "Answer": _ANSWER,
    "IndexedArticle": _INDEXED,
    "Story": _STORY,
    "StoryFront": _STORY_FRONT,
    "Event": _EVENT,
    "Stories": schema_object(
        {
            "schema_version": VERSION,
            "stories": {"type": "array", "items": schema_ref("Story")},
            "next": TEXT_OR_NULL,
        }
    ),
    "Different": schema_object(
        {"schema_version": VERSION, **dict.fromkeys("ab", STRING), "different": {"const": True}}
    ),
    "Pair": _PAIR,
    "Pairs": schema_object(
        {
            "schema_version": VERSION,
            "pairs": {"type": "array", "items": schema_ref("Pair")},
            "next": {"oneOf": [schema_ref("Pair"), {"type": "null"}]},
        }
    ),
    "Removed": schema_object({"schema_version": VERSION, "id": STRING, "removed": {"const": True}}),
    "Comparison": schema_object(
        {"schema_version": {"type": "integer"}, "a": {"type": "object"}, "b": {"type": "object"}}
    ),
    "State": schema_object({"status": STRING}),
    "Error": _ERROR,
}
