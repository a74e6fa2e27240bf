"""A fact at one place of one text, before equal ones are gathered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from dedupe.model_compare import Qualifier


@dataclass(frozen=True, slots=True)
class Found:
    """Offsets are into the title or the text, whichever was read."""

    start: int
    end: int
    value: str
    """Normalised, as in :class:`dedupe.model_compare.Fact`."""
    unit: str = ""
    of: tuple[str, ...] = ()
    qualifier: Qualifier = ""


def with_free(taken: Sequence[Found], found: Iterable[Found]) -> list[Found]:
    """Both, in order of place; what overlaps one of ``taken`` is left out."""
    return sorted([*taken, *free(found, taken)], key=lambda one: one.start)


def free(found: Iterable[Found], taken: Sequence[Found]) -> list[Found]:
    """Those of ``found`` that overlap none of ``taken``; both in order of place."""
    kept: list[Found] = []
    i = 0
    for one in found:
        while i < len(taken) and taken[i].end <= one.start:
            i += 1
        if i == len(taken) or taken[i].start >= one.end:
            kept.append(one)
    return kept
