"""What a run on an engine will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

_STORIES, _COPIES = (1500.0, 1.4), (600.0, 0.9)
"""Bytes of a sketch: of an article, and to each byte of its text."""
_DRIVER, _HELD = 220e6, 3.2
"""Bytes that the driver holds at its fullest: libraries, and to each byte of sketches."""


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """How much goes through an engine, and how much of it to its driver.

    Estimates are of ordinary news; ``python -m benchmarks.engine`` puts them beside what was taken.
    """

    articles: int
    text_bytes: int
    """Of all titles and texts in UTF-8."""
    copies_only: bool

    @property
    def sketch_bytes(self) -> float:
        """Bytes of all sketches, which go to the driver; an estimate."""
        each, of_text = _COPIES if self.copies_only else _STORIES
        return each * self.articles + of_text * self.text_bytes

    @property
    def driver_bytes(self) -> float:
        """Memory that the driver takes, without an engine in its process; an estimate."""
        return _DRIVER + _HELD * self.sketch_bytes
