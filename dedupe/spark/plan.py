"""What a run on an engine will take, told before it begins."""

from __future__ import annotations

from dataclasses import dataclass

_STORIES, _COPIES = (1500.0, 1.4), (600.0, 0.9)
"""Bytes of a sketch: of an article, and to each byte of its text."""
_DRIVER, _HELD = 220e6, 3.2
"""Bytes that the driver holds at its fullest: libraries, and to each byte of sketches."""
_LIGHT, _GROUPED = (2700.0, 300.0), (7400.0, 800.0)
"""Bytes an article where the sketches stay with the engine, with stories and without: that come
back, and that are held."""
_BARE, _READ, _ON_THE_WAY = 170e6, 2.1, 160e6
"""Bytes that the driver holds there at all events, to each byte of texts, and of these at most."""


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
        """Memory that the driver takes, without an engine in its process; an estimate."""
        if not self.in_place:
            return _DRIVER + _HELD * self.sketch_bytes
        on_the_way = min(_READ * self.text_bytes, _ON_THE_WAY)
        return _BARE + on_the_way + _GROUPED[self.copies_only] * self.articles
