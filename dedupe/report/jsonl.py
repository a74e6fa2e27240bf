"""The machine form: JSON Lines, one object an article or one object a story."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, BinaryIO

import orjson

from dedupe.json_form import DIGITS, match_object, scores_object
from dedupe.model import Grouping, Match, Member, Placement, Story
from dedupe.moments import written

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""

_LINES_AT_ONCE = 4096


def write_group(grouping: Grouping, out: BinaryIO) -> None:
    """Write one line of JSON an article, in input order.

    Fields: ``schema_version``, ``id``, ``story``, ``copies``, ``role``, ``relation``, ``to`` and
    ``scores`` (``jaccard``, ``containment``, ``cosine``, ``story``, to six digits); the last
    three are null for a representative. Raises OSError as ``out`` does, BrokenPipeError included.
    """
    write_placements(_placements(grouping), out)


def write_placements(placements: Iterable[Placement], out: BinaryIO) -> None:
    """Write one line of JSON a placement, as :func:`write_group` does."""
    lines = map(encode, map(_placed, placements))
    while chunk := b"".join(islice(lines, _LINES_AT_ONCE)):
        out.write(chunk)


def _placements(grouping: Grouping) -> Iterator[Placement]:
    placed = {m.id: (story.id, m) for story in grouping.stories for m in story.members}
    for article in grouping.order:
        story, m = placed[article]
        yield Placement(article, story, m.copies, m.role, m.relation, m.to, m.scores)


def _placed(placement: Placement) -> dict[str, Any]:
    return {
        "schema_version": SCHEMA_VERSION,
        "id": placement.id,
        "story": placement.story,
        "copies": placement.copies,
        "role": placement.role,
        "relation": placement.relation,
        "to": placement.to,
        "scores": scores_object(placement.scores),
    }


def story_objects(grouping: Grouping) -> Iterator[dict[str, Any]]:
    """One object a story, in the order of the grouping; dates are ISO 8601 in UTC, or null."""
    for story in grouping.stories:
        first, last = story.span or (None, None)
        yield {
            "schema_version": SCHEMA_VERSION,
            "id": story.id,
            "headline": story.headline,
            "articles": len(story.members),
            "independent_reports": story.independent,
            "copies": story.copies,
            "first_date": written(first),
            "last_date": written(last),
            "members": [_member(member) for member in story.members],
            "terms": _terms(story),
            "weakest": _match(story.weakest),
        }


def write_stories(grouping: Grouping, out: BinaryIO) -> None:
    """Write the objects of :func:`story_objects`, one line each. Raises OSError as ``out`` does."""
    out.writelines(map(encode, story_objects(grouping)))


def encode(value: dict[str, Any]) -> bytes:
    """One line of JSON in UTF-8 with its line feed."""
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except orjson.JSONEncodeError:
        # A lone surrogate, as in a file name of another encoding: UTF-8 cannot hold it, \u can.
        return json.dumps(value, separators=(",", ":")).encode("ascii") + b"\n"


def _member(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "headline": member.headline,
        "source": member.source,
        "date": written(member.date),
        "role": member.role,
        "copies": member.copies,
        "relation": member.relation,
        "to": member.to,
        "scores": scores_object(member.scores),
    }


def _terms(story: Story) -> list[dict[str, Any]]:
    return [
        {"text": term.text, "weight": round(term.weight, DIGITS), "articles": term.articles}
        for term in story.terms
    ]


def _match(match: Match | None) -> dict[str, Any] | None:
    return None if match is None else {"a": match.a, "b": match.b, **match_object(match)}
