"""A verdict as the JSON object that is documented in docs/filter.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedupe.json_form import match_object, scores_object

if TYPE_CHECKING:
    from dedupe.hooks.filter import Decision
    from dedupe.model import Verdict

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""


def verdict_object(verdict: Verdict) -> dict[str, Any]:
    """The object of an index's answer; ``to`` and ``scores`` are those of the best match."""
    best = verdict.matches[0] if verdict.matches else None
    return {
        "schema_version": SCHEMA_VERSION,
        "id": verdict.id,
        "relation": verdict.relation,
        "story": verdict.story,
        "to": best and best.b,
        "scores": best and scores_object(best.scores),
        "extends": verdict.extends,
        "admitted": verdict.admitted,
        "replayed": verdict.replayed,
        "matches": [{"id": match.b, **match_object(match)} for match in verdict.matches],
    }


def decision_object(decision: Decision) -> dict[str, Any]:
    """The object of what a filter decided: that of the verdict, ``passed`` and ``error``."""
    if decision.verdict is not None:
        return {**verdict_object(decision.verdict), "passed": decision.passed, "error": None}
    return {
        "schema_version": SCHEMA_VERSION,
        "id": decision.id,
        "relation": None,
        "story": None,
        "to": None,
        "scores": None,
        "extends": False,
        "admitted": False,
        "replayed": False,
        "matches": [],
        "passed": decision.passed,
        "error": decision.error,
    }
