"""What a run on an engine will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

from dedupe.room import run_bytes

_STORIES, _COPIES = (1500.0, 1.4), (600.0, 0.9)
"""Bytes of a sketch: of an article, and to each byte of its text."""
_LIGHT = (4400.0, 300.0)
"""Bytes an article that come back where sketches stay with the engine, with stories and without."""
_TOLD = (2350.0, 0.0)
"""Those that are held together: of 48 companions, 49 bytes each."""
ON_THE_WAY = 100_000_000
"""Bytes of questions about pairs, and of answers, that the driver holds beside them."""


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """How much goes through an engine, and how much of it to its driver.

    Estimates are of ordinary news; ``python -m benchmarks.engine`` puts them beside what was taken.
    """

    articles: int
    text_bytes: int
    """Of all titles and texts in UTF-8."""
    copies_only: bool
    in_place: bool = False
    """Whether sketches stay with the engine, whose workers compare them, too."""
    memory: int = 0
    """Bytes that the driver is kept to, 0 for no bound."""

    @property
    def sketch_bytes(self) -> float:
        """Bytes of all sketches; an estimate."""
        each, of_text = _COPIES if self.copies_only else _STORIES
        return each * self.articles + of_text * self.text_bytes

    @property
    def collected_bytes(self) -> float:
        """Bytes that come back to the driver; an estimate."""
        return _LIGHT[self.copies_only] * self.articles if self.in_place else self.sketch_bytes

    @property
    def driver_bytes(self) -> float:
        """Memory that the driver takes, without an engine in its process; an estimate.

        By the same figures a run that is kept to a ``memory`` puts into files what would not fit.
        """
        held = self.sketch_bytes
        if self.in_place:
            held = _TOLD[self.copies_only] * self.articles
            held += 0 if self.copies_only else ON_THE_WAY
        wanted = run_bytes(held, self.articles)
        if 0 < self.memory < wanted:
            return max(float(self.memory), run_bytes(0, self.articles))
        return wanted
