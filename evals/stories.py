"""Each set of stories alone, among unrelated articles, and all of them thrown together."""

from __future__ import annotations

import time
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.evaluate.judge import evaluate
from dedupe.evaluate.measures import adjusted_rand, b_cubed, pair_agreement
from dedupe.pipeline import analyse
from evals.methods import GROUPERS, PACKAGE
from evals.sets import FITTED, LabelledSet, marked
from evals.tables import figure, with_means

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from dedupe.model import Article
    from evals.sets import Data

Row = dict[str, Any]

MIXES = {"alone": "alone", "mixed": "with others mixed in", "together": "all sets together"}


def _methods(data: Data) -> list[str]:
    return list(GROUPERS) if data.peers else [PACKAGE]


def measured(data: Data) -> Iterator[Row]:
    """One row a set, mix and method."""
    for labelled in data.stories:
        articles, gold = labelled.articles(), labelled.stories
        for mix, others in (("alone", []), ("mixed", data.sample)):
            if mix == "mixed" and not others:
                continue
            for name in _methods(data):
                labels, seconds = _timed(GROUPERS[name], [*articles, *others])
                own = {a.id: label for a, label in zip(articles, labels, strict=False)}
                row = {"set": labelled.name, "mix": mix, "method": name, "seconds": seconds}
                yield row | grouped(list(gold.values()), [own[i] for i in gold])


def together(data: Data) -> Iterator[Row]:
    """The sets that the model was fitted to, thrown together: set by set and as a whole."""
    articles: list[Article] = []
    gold: dict[str, str] = {}
    for labelled in data.fitted:
        articles += marked(labelled.articles(), labelled.name)
        name = labelled.name
        gold |= {f"{name}/{i}": f"{name}/{story}" for i, story in labelled.stories.items()}
    for method in _methods(data) if articles else ():
        labels, seconds = _timed(GROUPERS[method], articles)
        own = {a.id: label for a, label in zip(articles, labels, strict=True)}
        for part in [*(f"{labelled.name}/" for labelled in data.fitted), ""]:
            ids = [i for i in gold if i.startswith(part)]
            row = {"set": part[:-1] or "all", "mix": "together", "method": method}
            scores = grouped([gold[i] for i in ids], [own[i] for i in ids])
            yield row | {"seconds": seconds} | scores


def grouped(gold: Sequence[str], found: Sequence[int]) -> Row:
    """Agreement of two groupings."""
    return {
        "articles": len(gold),
        "gold": len(set(gold)),
        "found": len(set(found)),
        "b_cubed": asdict(b_cubed(gold, found)),
        "pairs": asdict(pair_agreement(gold, found)),
        "adjusted_rand": adjusted_rand(gold, found),
    }


def _timed(group: Callable[..., list[int]], articles: list[Article]) -> tuple[list[int], float]:
    began = time.perf_counter()
    labels = group(articles)
    return labels, time.perf_counter() - began


def tables(rows: list[Row]) -> Iterator[Table]:
    """One table a mix: B-cubed F1 of each method, and more of the package."""
    methods = list(dict.fromkeys(row["method"] for row in rows))
    for mix, told in MIXES.items():
        own = {(row["set"], row["method"]): row for row in rows if row["mix"] == mix}
        names = list(dict.fromkeys(name for name, _ in own if name != "all"))
        if not own:
            continue
        cells = with_means([(name, _of_set(name, own, methods)) for name in names])
        if ("all", PACKAGE) in own:
            cells.append(("all as one", *map(figure, _of_set("all", own, methods))))
        title = f"Stories, {told}: B-cubed F1 of each method; P, R and ARI of {PACKAGE}"
        yield Table(title, ("set", *methods, "P", "R", "ARI"), cells)


def _of_set(name: str, rows: dict[tuple[str, str], Row], methods: Sequence[str]) -> list[float]:
    scores = [rows[name, method]["b_cubed"]["f1"] for method in methods]
    own = rows[name, PACKAGE]
    agreed = own["b_cubed"]
    return [*scores, agreed["precision"], agreed["recall"], own["adjusted_rand"]]


def candidates(data: Data) -> Iterator[Row]:
    """One row a set: recall of the searches, calibration of the story score."""
    for labelled in data.stories:
        yield _candidates(labelled)


def _candidates(labelled: LabelledSet) -> Row:
    settings = Settings()
    analysis = analyse(labelled.articles(), settings, with_evidence=True)
    if labelled.labels is None:
        raise ValueError(f"{labelled.name} has no labels")
    found = evaluate(analysis, grouping(analysis), labelled.labels, worst=0)
    near = [band for band in found.copy_recall if band.low >= settings.near_duplicate]
    row: Row = {"set": labelled.name, "calibration_error": found.calibration_error}
    for name, bands in (("stories", found.story_recall), ("copies", near)):
        pairs = sum(band.pairs for band in bands)
        row[name] = {
            "pairs": pairs,
            "met": sum(band.met for band in bands) / max(pairs, 1),
            "grouped": sum(band.grouped for band in bands) / max(pairs, 1),
            "bands": [asdict(band) for band in bands],
        }
    return row | {"calibration": [asdict(each) for each in found.calibration]}


UNSURE = (0.6, 0.8)
"""Story scores between which about 7 of 10 pairs should be true."""
CANDIDATE_HEADS = (
    *("set", "true pairs", "met", "in one story", "copies", "met", "grouped"),
    *("calibration error", f"scored {UNSURE[0]} to {UNSURE[1]}", "share true"),
)
RELIABILITY_HEADS = (
    *("score", "pairs", "mean score", "share that is true"),
    "the same, mean over the sets",
)


def candidate_tables(rows: list[Row]) -> Iterator[Table]:
    """Recall and calibration of each set, and the reliability over all of them."""
    title = "True pairs that the searches meet, and that end in one group; the story score"
    yield Table(title, CANDIDATE_HEADS, [*map(_candidate_cells, rows)])
    fitted = [row for row in rows if row["set"] in FITTED] or rows
    bins = list(zip(*(row["calibration"] for row in fitted if row["calibration"]), strict=True))
    told = "the sets that the model was fitted to" if len(fitted) < len(rows) else "all sets"
    yield Table(
        f"Reliability of the story score: {told}", RELIABILITY_HEADS, [*map(_reliability, bins)]
    )


def _candidate_cells(row: Row) -> tuple[str, ...]:
    cells = [row["set"]]
    for kind in ("stories", "copies"):
        part = row[kind]
        cells += [f"{part['pairs']:,}", figure(part["met"]), figure(part["grouped"])]
    low, high = UNSURE
    unsure = [b for b in row["calibration"] if low - 1e-9 <= b["low"] and b["high"] <= high + 1e-9]
    pairs = sum(b["pairs"] for b in unsure)
    true = sum(b["pairs"] * b["observed"] for b in unsure)
    cells += [
        figure(row["calibration_error"]),
        f"{pairs:,}",
        figure(true / pairs if pairs else None),
    ]
    return tuple(cells)


def _reliability(bins: Iterable[Row]) -> tuple[str, ...]:
    found = list(bins)
    pairs = sum(row["pairs"] for row in found)
    stated = sum(row["pairs"] * row["predicted"] for row in found) / max(pairs, 1)
    true = sum(row["pairs"] * row["observed"] for row in found) / max(pairs, 1)
    each = [row["observed"] for row in found if row["pairs"]]
    mean = sum(each) / max(len(each), 1)
    span = f"{found[0]['low']:.1f} to {found[0]['high']:.1f}"
    return span, f"{pairs:,}", figure(stated), figure(true), figure(mean)
