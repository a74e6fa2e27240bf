"""Indexes of which one bit was flipped, as by a disk: no answer differs in silence."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from soak.changed import Changing
from soak.mutations import flip

if TYPE_CHECKING:
    from pathlib import Path

    from soak.findings import Findings

SIZE = 2000
"""Bits that are flipped, each in a copy of its own."""


def run(size: int, folder: Path, findings: Findings, first: int = 0) -> None:
    """``size`` copies, in each one bit at a random offset; the first has the number ``first``."""
    findings.begin(f"{size:,} copies with one bit flipped")
    broken: list[str] = []
    silent: list[str] = []
    missed: list[str] = []
    counts: Counter[str] = Counter()
    for where, outcome, other in Changing(folder, findings).changed(flip, first, size):
        broken += [f"flip {where}: {wrong}" for wrong in outcome.wrong]
        silent += [f"flip {where}: {', '.join(other)}"] * bool(other)
        effect = outcome.noticed or outcome.told or bool(other)
        missed += [f"flip {where}"] * (effect and not outcome.noticed)
        counts["with an effect"] += effect
        counts["found by verify(), or refused"] += outcome.noticed
        counts["answers that differ in silence"] += bool(other)
    for name, count in counts.items():
        findings.measure(name, count)
    findings.hold("no crash, hang, wish for memory, or error of another kind", broken)
    findings.hold("no answer differs in silence", silent)
    findings.hold("verify() finds all that have an effect", missed)
