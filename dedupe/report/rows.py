"""Results as rows of tables, one an article: of ``dedupe group``, and of what was left out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from dedupe.report.jsonl import SCHEMA_VERSION, placement_object

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from dedupe.model import Place, Placement

_BEGIN = ("=", "+", "-", "@", "\t", "\r")
"""What formulas begin with."""
_PLACE = {"file": "text", "line": "whole", "row": "whole"}
_SCORES = {
    f"scores.{name}": "number" for name in ("jaccard", "containment", "cosine", "story", "share")
}
GROUP_COLUMNS = {
    **_PLACE,
    **dict.fromkeys(("id", "story", "copies", "role", "relation", "to"), "text"),
    **_SCORES,
    "extends": "truth",
    "corrects": "truth",
    "mentions": "text",
    "quotes": "text",
}
"""Columns of a table of ``dedupe group``, and what each holds."""
LEFT_OUT_COLUMNS = {
    **_PLACE,
    **dict.fromkeys(("id", "kept", "kept_file"), "text"),
    "kept_line": "whole",
    "kept_row": "whole",
    **dict.fromkeys(("story", "copies", "relation", "to"), "text"),
    **_SCORES,
    "extends": "truth",
    "corrects": "truth",
}
"""The same of what ``dedupe keep`` left out."""


def flat(row: dict[str, Any]) -> dict[str, Any]:
    """An object as the row of a table: its scores become columns of their own."""
    scores = row.get("scores") or {}
    known = {name: value for name, value in scores.items() if value == value}  # noqa: PLR0124 - NaN
    return {**row, **{f"scores.{name}": value for name, value in known.items()}}


class Formulas:
    """Counts the cells that a spreadsheet would take for formulas; they are written as they are.

    A sign put before them would make another id of an id, and no row would be found again by it.
    """

    def __init__(self) -> None:
        self.count = 0

    def seen(self, row: dict[str, Any]) -> dict[str, Any]:
        """The row as it is."""
        values = (row[name] for name in ("file", "id", "to"))
        self.count += sum(value[:1] in _BEGIN for value in values if value)
        return row


def left_out_objects(
    placements: Iterable[Placement],
    places: Iterable[Place],
    ids: Sequence[str],
    instead: NDArray[np.int32],
) -> Iterator[dict[str, Any]]:
    """One object an article that was left out, in input order: where it stood, and why it went.

    ``ids`` are those of the n articles in their order, ``instead`` the place in it of the article
    that stands for each (n,).
    """
    stays = dict(zip(ids, instead.tolist(), strict=True))
    stood = list(zip(placements, places, strict=True))
    where = {
        placement.id: place
        for placement, place in stood
        if ids[stays[placement.id]] == placement.id
    }
    for placement, place in stood:
        kept = ids[stays[placement.id]]
        if kept == placement.id:
            continue
        told = placement_object(placement)
        yield {
            "schema_version": SCHEMA_VERSION,
            "id": placement.id,
            **place._asdict(),
            "kept": kept,
            **{f"kept_{name}": value for name, value in where[kept]._asdict().items()},
            **{name: told[name] for name in ("story", "copies", "relation", "to", "scores")},
            "extends": placement.extends,
            "corrects": placement.corrects,
        }
