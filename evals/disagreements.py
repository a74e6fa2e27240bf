"""What two reports tell differently: of pairs of passages of this project's own writing.

A contradiction is found where one is told, and no update; of numbers, with the labelled values.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe import compare_articles
from dedupe.model import Article

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedupe.model_compare import Conflict

PAIRS = Path(__file__).parent.parent / "tests" / "data" / "compare" / "told_differently.jsonl"
COUNTED = frozenset(("killed", "injured", "missing", "arrested", "evacuated", "money", "percent"))
"""What labelled values are compared for; days and speakers have none."""
SHOWN = ("language", "pairs", "contradictions", "precision", "recall")


def labelled() -> list[dict[str, Any]]:
    """The pairs: language, kind, both passages with their dates, and the values that differ."""
    return [json.loads(line) for line in PAIRS.read_text("utf-8").splitlines()]


def outcome(pair: dict[str, Any]) -> tuple[str, str]:
    """The kind of a pair, and what is told of it: a kind that it has, or may be mistaken for."""
    one, other = (
        Article(
            side, "", pair[side]["text"], lang=pair["lang"],
            date=datetime.fromisoformat(pair[side]["date"]) if pair[side]["date"] else None,
        )
        for side in "ab"
    )  # fmt: skip
    found = compare_articles(one, other).facts.conflicts
    told = [conflict for conflict in found if not conflict.update]
    if told:
        right = pair["kind"] != "conflict" or _right(pair, told)
        return pair["kind"], "conflict" if right else "another conflict"
    return pair["kind"], "update" if found else "nothing"


def _right(pair: dict[str, Any], told: Iterable[Conflict]) -> bool:
    if pair["about"] not in COUNTED:
        return True
    return any({one.a.value, one.b.value} == set(pair["values"]) for one in told)


def table(pairs: Iterable[dict[str, Any]]) -> Table:
    """Precision and recall of contradictions, by language and in all."""
    counts: dict[str, Counter[tuple[str, str]]] = {}
    for pair in pairs:
        counts.setdefault(pair["lang"], Counter())[outcome(pair)] += 1
    counts["all"] = sum(counts.values(), Counter())
    rows = [
        (
            lang,
            str(found.total()),
            str(sum(n for (kind, _), n in found.items() if kind == "conflict")),
            *(f"{value:.2f}" for value in precision_and_recall(found)),
        )
        for lang, found in counts.items()
    ]
    return Table("Told differently", SHOWN, rows)


def precision_and_recall(found: Counter[tuple[str, str]]) -> tuple[float, float]:
    """Of contradictions, by outcomes; NaN where there is none to divide by."""
    right = found["conflict", "conflict"]
    told = sum(n for (_, told), n in found.items() if told.endswith("conflict"))
    labelled = sum(n for (kind, _), n in found.items() if kind == "conflict")
    return tuple(right / n if n else float("nan") for n in (told, labelled))  # type: ignore[return-value]
