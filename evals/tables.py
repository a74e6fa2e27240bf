"""Cells and means that the tables of all sections share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from evals.sets import FITTED

if TYPE_CHECKING:
    from collections.abc import Sequence


def figure(value: float | None) -> str:
    """Three digits; nothing where there is no figure."""
    return "" if value is None else f"{value:.3f}"


def means(rows: Sequence[Sequence[float]]) -> list[float]:
    """The mean of each column."""
    return [sum(column) / len(column) for column in zip(*rows, strict=True)]


def with_means(rows: Sequence[tuple[str, Sequence[float]]]) -> list[tuple[str, ...]]:
    """Sets with their figures, and the means: of those that the model was fitted to, of the others.

    One mean where there is but one kind of set.
    """
    fitted = [values for name, values in rows if name in FITTED]
    others = [values for name, values in rows if name not in FITTED]
    named: list[tuple[str, Sequence[float]]] = list(rows)
    if fitted and others:
        named += [("mean, fitted to", means(fitted)), ("mean, others", means(others))]
    elif rows:
        named.append(("mean", means(fitted or others)))
    return [(name, *map(figure, values)) for name, values in named]
