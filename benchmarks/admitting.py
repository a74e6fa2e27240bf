"""What clients or processes measured that admitted articles, and the table of several such."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Admitted(NamedTuple):
    """What some of them measured, all at once."""

    articles: int
    seconds: float
    waits: np.ndarray
    """Seconds of each call or request."""
    cpu: float
    """Seconds of the processor time that is told of."""

    @property
    def rate(self) -> float:
        """Articles a second."""
        return self.articles / self.seconds

    def wait(self, share: int) -> float:
        """Milliseconds that so many of a hundred calls took at most."""
        return float(np.percentile(self.waits, share)) * 1000

    def cells(self, name: str) -> tuple[str, ...]:
        """Its row: articles a second, half and 99 of a hundred calls, processor time."""
        return (
            name,
            f"{self.rate:,.0f}",
            f"{self.wait(50):,.1f}",
            f"{self.wait(99):,.1f}",
            f"{self.cpu / self.articles * 1000:.2f}",
        )
