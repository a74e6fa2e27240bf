"""The figures as Markdown, for the page about quality."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from evals.table import MIXES, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from evals.quality import Figures

MARKERS = ("<!-- quality: begin -->", "<!-- quality: end -->")


def markdown(figures: Figures) -> str:
    """The result, with its date and version."""
    return "\n".join([*_all(figures)]) + "\n"


def _all(figures: Figures) -> Iterator[str]:
    yield f"{datetime.now(UTC).date()}; story-dedupe {version('story-dedupe')}."
    for part, write in (
        ("stories", _stories),
        ("candidates", _candidates),
        ("pairs", _pairs),
        ("cases", _cases),
    ):
        if figures[part]:
            yield ""
            yield from write(figures[part])


def _table(heads: list[str], rows: list[list[str]]) -> Iterator[str]:
    yield "| " + " | ".join(heads) + " |"
    yield "|---|" + "---:|" * (len(heads) - 1)
    for row in rows:
        yield "| " + " | ".join(row) + " |"


def _stories(rows: list[dict[str, Any]]) -> Iterator[str]:
    """One table a mix: B-cubed F1 of each method, and the package's Rand index."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for mix, told in MIXES.items():
        own = {(row["set"], row["method"]): row for row in rows if row["mix"] == mix}
        names = list(dict.fromkeys(name for name, _ in own))
        if not own:
            continue
        table = [_of_set(name, own, methods) for name in names]
        each = [values for name, values in zip(names, table, strict=True) if name != "all"]
        table.append([sum(column) / len(each) for column in zip(*each, strict=True)])
        yield f"**Stories, {told}: B-cubed F1 of each method; P, R and ARI of the package**"
        yield ""
        heads = ["set", *methods, "P", "R", "ARI"]
        cells = [[f"{value:.3f}" for value in row] for row in table]
        named = zip([*names, "mean"], cells, strict=True)
        yield from _table(heads, [[name, *row] for name, row in named])
        if mix != next(reversed(MIXES)):
            yield ""


def _of_set(
    name: str, rows: dict[tuple[str, str], dict[str, Any]], methods: list[str]
) -> list[float]:
    package = rows[name, methods[0]]
    scores = [rows[name, method]["b_cubed"]["f1"] for method in methods]
    own = package["b_cubed"]
    return [*scores, own["precision"], own["recall"], package["adjusted_rand"]]


def _candidates(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "**True pairs that the searches meet, and that end in one group; calibration error**"
    yield ""
    heads = ["set", "true pairs", "met", "in one story", "copies", "met", "grouped", "error"]
    table = []
    for row in rows:
        cells = [row["set"]]
        for kind in ("stories", "copies"):
            part = row[kind]
            cells += [f"{part['pairs']:,}", f"{part['met']:.3f}", f"{part['grouped']:.3f}"]
        table.append([*cells, f"{row['calibration_error']:.3f}"])
    yield from _table(heads, table)
    yield ""
    yield "**Reliability of the story score: all scored pairs of all sets, by their score**"
    yield ""
    heads = ["score", "pairs", "mean score", "share that is true", "the same, mean over the sets"]
    yield from _table(heads, list(_reliability(rows)))


def _reliability(rows: list[dict[str, Any]]) -> Iterator[list[str]]:
    for bins in zip(*(row["calibration"] for row in rows if row["calibration"]), strict=True):
        pairs = sum(row["pairs"] for row in bins)
        stated = sum(row["pairs"] * row["predicted"] for row in bins) / max(pairs, 1)
        true = sum(row["pairs"] * row["observed"] for row in bins) / max(pairs, 1)
        each = [row["observed"] for row in bins if row["pairs"]]
        mean = sum(each) / max(len(each), 1)
        span = f"{bins[0]['low']:.1f} to {bins[0]['high']:.1f}"
        yield [span, f"{pairs:,}", f"{stated:.3f}", f"{true:.3f}", f"{mean:.3f}"]


def _pairs(rows: list[dict[str, Any]]) -> Iterator[str]:
    yield "**Labelled pairs, ranked by a score**"
    yield ""
    table = []
    for row in rows:
        grade = "" if row["pearson"] is None else f"{row['pearson']:.3f}"
        table.append([row["set"], row["method"], f"{row['ap']:.3f}", f"{row['best_f1']:.3f}"])
        table[-1] += [grade, f"{row['calibration_error']:.3f}"]
    heads = ["set", "method", "average precision", "best F1", "Pearson", "calibration error"]
    yield from _table(heads, table)


def _cases(rows: list[dict[str, Any]]) -> Iterator[str]:
    figures: Figures = {"stories": [], "candidates": [], "pairs": [], "cases": rows}
    yield "**Known cases**"
    yield ""
    yield "```"
    yield from (line for line in lines(figures) if line)
    yield "```"
