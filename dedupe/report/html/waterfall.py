"""How a story score comes about, as a waterfall: each piece of evidence is a step."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from dedupe.report.explain import by_part, probability_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.model import Evidence, Match

BEGINNING = "to begin with"
"""The name of the evidence that each pair begins with: the constants of the story model."""
LEAST_WIDTH = 1.0
"""Log-odds that the picture is wide at least: what hardly weighs anything is drawn so."""
StepEffect = Literal["for", "against", "nothing"]


@dataclass(frozen=True, slots=True)
class WaterfallStep:
    """One piece of evidence; its bar begins where that of the step before ends."""

    name: str
    value: str
    """What was found."""
    weight: float
    """In log-odds."""
    effect: StepEffect
    left: float
    """Of its bar, in percent of the width."""
    width: float


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps from where a pair begins to its story score."""

    steps: Sequence[WaterfallStep]
    silent: Sequence[str]
    """Names of the evidence that has no part in it."""
    even: float
    """Where the log-odds are 0, in percent of the width: as likely as not."""
    total: float
    """Log-odds."""
    end: float
    """Where they are, in percent of the width."""
    chance: float
    """What the log-odds are as a probability."""
    score: float
    """The story score; another one than ``chance`` where it was kept from elsewhere."""


def waterfall(match: Match) -> Waterfall | None:
    """The steps of a match, the model's constant first; None for one without evidence."""
    if not match.evidence:
        return None
    telling, silent = by_part(_from_the_constant(match.evidence))
    ends = [0.0]
    for one in telling:
        ends.append(ends[-1] + one.weight)
    total = math.fsum(one.weight for one in match.evidence)
    low, high = min(*ends, total), max(*ends, total)
    scale = 100 / max(high - low, LEAST_WIDTH)

    def place(log_odds: float) -> float:
        return round((log_odds - low) * scale, 1)

    steps = [
        WaterfallStep(
            one.name,
            one.value,
            one.weight,
            "for" if one.weight > 0 else "against" if one.weight < 0 else "nothing",
            place(min(begin, end)),
            round(abs(one.weight) * scale, 1),
        )
        for one, begin, end in zip(telling, ends, ends[1:], strict=False)
    ]
    return Waterfall(
        steps,
        [one.name for one in silent],
        place(0.0),
        total,
        place(total),
        probability_of(total),
        match.scores.story,
    )


def _from_the_constant(evidence: Sequence[Evidence]) -> list[Evidence]:
    """The evidence in its order, behind the constant with which each pair begins."""
    return sorted(evidence, key=lambda one: one.name != BEGINNING)
