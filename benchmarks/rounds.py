"""Several runners in turn, round after round, and what is said of their figures."""

from __future__ import annotations

import math
import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

T = TypeVar("T")


def in_turn(runners: Mapping[str, Callable[[], T]], rounds: int) -> dict[str, list[T]]:
    """Results of A B C A B C ...: what else the machine does meets all of them alike."""
    found: dict[str, list[T]] = {name: [] for name in runners}
    for _ in range(rounds):
        for name, runner in runners.items():
            found[name].append(runner())
    return found


@dataclass(frozen=True, slots=True)
class Spread:
    """Median, least and most of several figures."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """The spread of at least one figure."""
        return cls(statistics.median(values), min(values), max(values))

    def shown(self, digits: int = 1) -> str:
        """Such as ``3.4 (3.1 to 3.9)``; the bounds only where they differ."""
        median, least, most = (f"{v:,.{digits}f}" for v in (self.median, self.least, self.most))
        return median if least == most else f"{median} ({least} to {most})"


def ratios(numerators: Sequence[float], denominators: Sequence[float]) -> Spread:
    """Ratios pair by pair: both figures of a pair come from one round."""
    return Spread.of([a / b for a, b in zip(numerators, denominators, strict=True)])


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """Growth of time with size: the slope of the least-squares line through their logarithms."""
    logs = ([math.log(value) for value in values] for values in (sizes, seconds))
    return statistics.linear_regression(*logs).slope
