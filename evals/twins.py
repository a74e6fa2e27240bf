"""Template twins: whether events that one template tells stay apart, alone and in a heap."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.results import Table
from dedupe.evaluate.measures import b_cubed, numbers_of, pairs_of
from dedupe.pipeline import analyse
from evals.methods import copies_of, package
from evals.tables import figure, means
from evals.templates import TEMPLATES, twins

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from evals.sets import Data

EVENTS, PAIRED = 40, 60
"""Events of a kind that are grouped; those of which every pair is looked at for a false copy."""
WHEN = {"one day": {}, "weekly": {"weekly": True}, "one region": {"narrow": True}}
"""Options of twins, by what the tables call them."""


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row a kind: B-cubed F1 in each situation, and pairs that are falsely tied as copies."""
    for template in TEMPLATES:
        row: dict[str, Any] = {"kind": template.kind, "f1": {}}
        for when, options in WHEN.items():
            articles, events = twins(template, EVENTS, **options)
            for among, others in (("alone", []), ("mixed", data.sample)):
                if among == "alone" or others:
                    found = package([*articles, *others])[: len(articles)]
                    row["f1"][f"{when}, {among}"] = b_cubed(events, found).f1
        articles, events = twins(template, PAIRED)
        copies = copies_of(analyse(articles, copies_only=True), articles)
        yield row | falsely_tied(events, copies)


def falsely_tied(events: Sequence[str], copies: Sequence[int]) -> dict[str, int]:
    """Pairs of two events in one group of copies, counting every event once; of how many."""
    together = set(zip(events, copies, strict=True))
    sizes = np.bincount(numbers_of([group for _, group in together]))
    return {"tied": int(pairs_of(sizes)), "pairs": int(pairs_of(np.array([len(set(events))])))}


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """The kinds, their mean and their least."""
    situations = list(rows[0]["f1"])
    cells = [[row["f1"][situation] for situation in situations] for row in rows]
    least = [min(column) for column in zip(*cells, strict=True)]
    named = [
        (row["kind"], values, f"{row['tied']:,}") for row, values in zip(rows, cells, strict=True)
    ]
    named += [("mean", means(cells), ""), ("least", least, "")]
    tied = sum(row["tied"] for row in rows)
    yield Table(
        f"Twins, {EVENTS} events of each kind: B-cubed F1; pairs falsely tied as copies",
        ("kind", *situations, "falsely tied"),
        [(name, *map(figure, values), count) for name, values, count in named],
        f"Mean of all {np.mean(cells):.3f}, least {np.min(cells):.3f}. Falsely tied: of the "
        f"{rows[0]['pairs']:,} pairs of {PAIRED} events of each kind; {tied:,} in all.",
    )
