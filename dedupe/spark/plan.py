"""What a run on an engine will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

_ROW, _TEXT = 700.0, 1.7
"""Bytes of a sketch: of an article, and to each byte of its text."""
_DRIVER = 200e6
_HELD, _HELD_COPIES = 4.0, 3.0
"""Bytes that the driver holds at its fullest to each byte of sketches; `python -m
benchmarks.engine` prints them."""


@dataclass(frozen=True, slots=True)
class EnginePlan:
    """How much goes through an engine, and how much of it to its driver."""

    articles: int
    text_bytes: int
    """Of all titles and texts in UTF-8."""
    copies_only: bool

    @property
    def sketch_bytes(self) -> float:
        """Bytes of all sketches, which go to the driver; an estimate."""
        return _ROW * self.articles + _TEXT * self.text_bytes

    @property
    def driver_bytes(self) -> float:
        """Memory that the driver takes; an estimate."""
        held = _HELD_COPIES if self.copies_only else _HELD
        return _DRIVER + held * self.sketch_bytes
