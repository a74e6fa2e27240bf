"""What a scenario measured, and which promises held."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

EXAMPLES = 3
"""Exceptions to a promise that are told."""


@dataclass
class Findings:
    """Tells each finding at once; keeps what a promise was broken by."""

    say: Callable[[str], None]
    broken: list[str] = field(default_factory=list)
    measured: dict[str, float] = field(default_factory=dict)

    def begin(self, what: str) -> None:
        """A part of the scenario begins."""
        self.say(what)

    def measure(self, name: str, value: float, unit: str = "") -> None:
        """A figure that no promise is about."""
        self.measured[name] = value
        told = f"{value:,}" if isinstance(value, int) else f"{value:,.2f}"
        self.say(f"  {name}: {told} {unit}".rstrip())

    def hold(self, promise: str, exceptions: Sequence[object]) -> None:
        """A promise, and all that it did not hold for."""
        if not exceptions:
            self.say(f"  held: {promise}")
            return
        named = "; ".join(str(one)[:300] for one in exceptions[:EXAMPLES])
        more = f"; and {len(exceptions) - EXAMPLES:,} more" if len(exceptions) > EXAMPLES else ""
        self.broken.append(f"{promise}: {named}{more}")
        self.say(f"  BROKEN: {promise}: {named}{more}")

    def hold_true(self, promise: str, kept: bool, found: object) -> None:  # noqa: FBT001
        """A promise that is kept or not as a whole; ``found`` is what was seen instead."""
        self.hold(promise, [] if kept else [found])

    def leave_out(self, what: str, why: str) -> None:
        """Something that can't be shown on this machine."""
        self.say(f"  not shown here: {what}: {why}")
