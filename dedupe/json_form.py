"""Lines of JSON, and scores and matches as objects in them; docs/output.md tells of every field."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import orjson

from dedupe.clean import escaped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedupe.model import Match, Scores

DIGITS = 6


def encode(value: Mapping[str, Any]) -> bytes:
    """One line of JSON in UTF-8 with its line feed. Nothing in it acts on a terminal."""
    try:
        line = orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A lone surrogate, as in a file name of another encoding: UTF-8 cannot encode it, \\u can.
        line = json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"
    return escaped(line)


def scores_object(scores: Scores | None) -> dict[str, float | None] | None:
    """``jaccard``, ``containment``, ``cosine``, ``story`` and ``share``; None without scores."""
    if scores is None:
        return None
    return {
        "jaccard": round(scores.jaccard, DIGITS),
        "containment": round(scores.containment, DIGITS),
        "cosine": round(scores.cosine, DIGITS),
        "story": round(scores.story, DIGITS),
        "share": None if scores.share is None else round(scores.share, DIGITS),
    }


def match_object(match: Match) -> dict[str, Any]:
    """All that is told of a match but for its two articles."""
    return {
        "relation": match.relation,
        "scores": scores_object(match.scores),
        "days": None if match.days is None else round(match.days, DIGITS),
        "evidence": [
            {"name": e.name, "value": e.value, "weight": round(e.weight, DIGITS)}
            for e in match.evidence
        ],
    }


def rounded(value: object) -> object:
    """The same value, and all that is in it, with its floats as they are given out."""
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    return [rounded(inner) for inner in value] if isinstance(value, list | tuple) else value
