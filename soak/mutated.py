"""Indexes of which one thing was changed: the same answers as before, or an error that says what.

Whatever there is is changed, as by somebody who knows the format and its sums.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from soak.asked import SLOW, TOLD
from soak.changed import MEMORY, Changing
from soak.mutations import is_crafted, mutate

if TYPE_CHECKING:
    from pathlib import Path

    from soak.findings import Findings

SIZE = 20_000
"""Indexes that are mutated."""


def run(size: int, folder: Path, findings: Findings, first: int = 0) -> None:
    """``size`` copies of sound indexes, each mutated once; the first has the number ``first``."""
    findings.begin(f"{size:,} indexes, anything changed in each, sums and all")
    broken: list[str] = []
    unnoticed: list[str] = []
    silent: list[str] = []
    counts: Counter[str] = Counter()
    slowest, longest, memory = 0.0, 0.0, 0
    for where, outcome, other in Changing(folder, findings).changed(mutate, first, size):
        broken += [f"mutation {where}: {wrong}" for wrong in outcome.wrong]
        slowest, longest = max(slowest, outcome.slowest), max(longest, outcome.longest)
        memory = max(memory, outcome.memory)
        counts["told by a call"] += outcome.told
        counts["told by verify(), or refused"] += outcome.noticed
        counts["answered otherwise, and verify() tells"] += bool(other) and outcome.noticed
        counts["answered otherwise, and verify() can't know"] += bool(other) and not outcome.noticed
        if outcome.told and not outcome.noticed:
            calls = [name for name, found in outcome.answers.items() if TOLD in found]
            unnoticed.append(f"mutation {where}: told by {', '.join(calls)} alone")
        if other and not is_crafted(outcome.done):
            silent.append(f"mutation {where}: {', '.join(other)}")
        elif other and not outcome.noticed:
            findings.say(f"  unnoticed: mutation {where}: {', '.join(other)}")
    for name, count in sorted(counts.items()):
        findings.measure(name, count)
    findings.measure("slowest call", slowest, "s of the processor")
    findings.measure("slowest call by the clock, which others slow down", longest, "s")
    findings.measure("memory of a process at most", memory / 2**20, "MiB")
    findings.hold(
        f"right answers or a StoreError: no signal, no call of more than {SLOW} s, no more than "
        f"{MEMORY / 1e9:.0f} GB, no error of another kind",
        broken,
    )
    findings.hold("what was changed without its sum is never answered otherwise", silent)
    findings.hold("what a call stumbles over, verify() tells of", unnoticed)
