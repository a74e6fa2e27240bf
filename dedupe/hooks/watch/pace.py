"""When a source is asked again: pure, with chance and time handed in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

LEAST_SECONDS = 60.0
"""Seconds between two questions to one feed, however often it is to be asked."""
LOOK_SECONDS = 10.0
"""Seconds after which a folder is looked into at the latest."""
MOST_SECONDS = 6 * 3600.0
"""Seconds after which a source that fails is tried again at the latest, unless it asks for more."""
MOST_ASKED = 24 * 3600.0
"""Seconds that a server may ask to wait; more is taken for so many."""
SPREAD = 0.1
"""Share of a wait that is added by chance, so that many who watch do not ask at one moment."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one kind of source is asked."""

    every: float
    """Seconds from one question to the next."""
    chance: Callable[[], float]
    """Numbers from 0 to 1, as of random.random."""

    def next(self) -> float:
        """Seconds to wait after an answer: ``every``, and up to a tenth more."""
        return self.every * (1 + SPREAD * self.chance())

    def again(self, failures: int, asked: float | None = None) -> float:
        """Seconds to wait after so many failures in a row, the latest among them.

        They double from ``every`` on up to MOST_SECONDS, of which at least half is waited; never
        less than the server ``asked`` for.
        """
        whole = min(self.every * 2.0 ** min(failures - 1, 30), max(MOST_SECONDS, self.every))
        wait = whole * (0.5 + 0.5 * self.chance())
        return max(wait, self.every, asked_for(asked))


class Paces(NamedTuple):
    """How often all sources are asked."""

    feeds: Pace
    folders: Pace


def asked_for(asked: float | None) -> float:
    """The seconds that a server asked to wait, as far as they are believed."""
    return min(max(asked or 0.0, 0.0), MOST_ASKED)
