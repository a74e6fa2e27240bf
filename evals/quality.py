"""What is measured: each set alone, among unrelated articles, all together; pairs; known cases."""

from __future__ import annotations

import gzip
import json
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.evaluate.judge import evaluate
from dedupe.evaluate.measures import (
    adjusted_rand,
    average_precision,
    b_cubed,
    best_f1,
    calibration_error,
    pair_agreement,
    pearson,
    reliability,
)
from dedupe.pipeline import analyse
from evals.methods import GROUPERS, PACKAGE, SCORERS, copies_of, package, stories_of
from evals.sets import LabelledSet, articles_in, marked

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from dedupe.model import Article

Figures = dict[str, list[dict[str, Any]]]

MIXED_IN = 3_000
"""Articles of the haystack that are mixed into each set: every k-th."""
FIXTURES = Path(__file__).parent.parent / "fixtures"


def measured(sets: Sequence[LabelledSet], only: set[str], *, peers: bool = True) -> Figures:
    """All figures, by part; ``only`` names the sets and parts wanted, empty for all."""

    def wanted(name: str) -> bool:
        return not only or name in only

    stories = [s for s in sets if s.labels is not None and s.labels.stories]
    pairs = [s for s in sets if s.labels is not None and s.labels.pairs]
    haystacks = [s for s in sets if s.labels is None]
    names = [PACKAGE] if not peers else list(GROUPERS)
    whole = [article for s in haystacks for article in s.articles()]
    sample = marked(whole[:: max(1, len(whole) // MIXED_IN)][:MIXED_IN], "haystack")
    figures: Figures = {"stories": [], "candidates": [], "pairs": [], "cases": []}
    chosen = [s for s in stories if wanted(s.name)]
    for labelled in chosen:
        figures["stories"] += _stories(labelled, sample, names)
        figures["candidates"].append(_candidates(labelled))
    if stories and wanted("together"):
        figures["stories"] += _together(stories, names)
    for labelled in pairs:
        if wanted(labelled.name):
            figures["pairs"] += _pairs(labelled, peers=peers)
    if wanted("fixtures"):
        figures["cases"].append(_fixtures())
    seeds = articles_in(*sorted((FIXTURES / "articles").glob("*.txt")))
    if wanted("seeds"):
        figures["cases"].append(_seeds_alone(seeds))
    if whole and wanted("haystack"):
        figures["cases"] += _haystack(haystacks, whole, seeds)
    return figures


def _stories(
    labelled: LabelledSet, sample: list[Article], names: Iterable[str]
) -> list[dict[str, Any]]:
    """One set by each method: alone, and scored on its own articles among others."""
    articles, found = labelled.articles(), []
    gold = labelled.labels.stories if labelled.labels else {}
    for mix, others in (("alone", []), ("mixed", sample)):
        if mix == "mixed" and not sample:
            continue
        for name in names:
            _say(f"{labelled.name}, {mix}: {name}")
            labels, seconds = _timed(GROUPERS[name], [*articles, *others])
            own = {a.id: label for a, label in zip(articles, labels, strict=False)}
            row = {"set": labelled.name, "mix": mix, "method": name, "seconds": seconds}
            found.append(row | _grouped(list(gold.values()), [own[i] for i in gold]))
    return found


def _together(sets: Sequence[LabelledSet], names: Iterable[str]) -> list[dict[str, Any]]:
    """All sets thrown together, scored set by set and as a whole."""
    articles: list[Article] = []
    gold: dict[str, str] = {}
    for labelled in sets:
        articles += marked(labelled.articles(), labelled.name)
        stories = labelled.labels.stories if labelled.labels else {}
        gold |= {f"{labelled.name}/{i}": f"{labelled.name}/{story}" for i, story in stories.items()}
    found = []
    for name in names:
        _say(f"together: {name}")
        labels, seconds = _timed(GROUPERS[name], articles)
        own = {a.id: label for a, label in zip(articles, labels, strict=True)}
        for part in [*(f"{labelled.name}/" for labelled in sets), ""]:
            ids = [i for i in gold if i.startswith(part)]
            row = {"set": part[:-1] or "all", "mix": "together", "method": name}
            scores = _grouped([gold[i] for i in ids], [own[i] for i in ids])
            found.append(row | {"seconds": seconds} | scores)
    return found


def _grouped(gold: list[str], found: list[int]) -> dict[str, Any]:
    return {
        "articles": len(gold),
        "gold": len(set(gold)),
        "found": len(set(found)),
        "b_cubed": asdict(b_cubed(gold, found)),
        "pairs": asdict(pair_agreement(gold, found)),
        "adjusted_rand": adjusted_rand(gold, found),
    }


def _candidates(labelled: LabelledSet) -> dict[str, Any]:
    """Recall of the searches, and the calibration of the story score."""
    settings = Settings()
    analysis = analyse(labelled.articles(), settings, with_evidence=True)
    if labelled.labels is None:
        raise ValueError(f"{labelled.name} has no labels")
    found = evaluate(analysis, grouping(analysis), labelled.labels, worst=0)
    near = [band for band in found.copy_recall if band.low >= settings.near_duplicate]
    rows: dict[str, Any] = {"set": labelled.name, "calibration_error": found.calibration_error}
    for name, bands in (("stories", found.story_recall), ("copies", near)):
        pairs = sum(band.pairs for band in bands)
        rows[name] = {
            "pairs": pairs,
            "met": sum(band.met for band in bands) / max(pairs, 1),
            "grouped": sum(band.grouped for band in bands) / max(pairs, 1),
            "bands": [asdict(band) for band in bands],
        }
    return rows | {"calibration": [asdict(row) for row in found.calibration]}


def _pairs(labelled: LabelledSet, *, peers: bool) -> list[dict[str, Any]]:
    articles, found = labelled.articles(), []
    pairs = labelled.labels.pairs if labelled.labels else []
    same = [pair.same for pair in pairs]
    graded = [at for at, pair in enumerate(pairs) if pair.grade is not None]
    grades = [-(pairs[at].grade or 0.0) for at in graded]
    for name, scorer in SCORERS.items():
        if not (peers or name.startswith(PACKAGE)):
            continue
        _say(f"{labelled.name}: {name}")
        scores = scorer(articles, [(pair.a, pair.b) for pair in pairs])
        best = best_f1(same, scores)
        row = {"set": labelled.name, "method": name, "pairs": len(pairs), "true": sum(same)}
        row |= {"ap": average_precision(same, scores), "best_f1": best.f1, "at": best.score}
        row["pearson"] = pearson(scores[graded], grades) if len(graded) > 2 else None
        row["calibration_error"] = calibration_error(reliability(same, scores))
        row["by_label"] = {
            label: [float(s.min()), float(np.median(s)), float(s.max())]
            for label in dict.fromkeys(pair.label for pair in pairs)
            if len(s := scores[[pair.label == label for pair in pairs]])
        }
        found.append(row)
    return found


def _fixtures() -> dict[str, Any]:
    """The look-alikes of the fixtures: which stories and copies are exactly those of the labels."""
    from dedupe.evaluate.labels import read_labels

    labels = read_labels(str(FIXTURES / "gold.jsonl"))
    articles = articles_in(FIXTURES / "articles")
    analysis = analyse(articles)
    found: dict[str, Any] = {"case": "fixtures"}
    for kind, gold, groups in (
        ("stories", labels.stories, stories_of(analysis, articles)),
        ("copies", labels.copies, copies_of(analysis, articles)),
    ):
        own = dict(zip([a.id for a in articles], groups, strict=True))
        true, got = (_as_sets(by) for by in (gold, {i: own[i] for i in gold}))
        found[kind] = {"exact": len(true & got), "of": len(true), "found": len(got)}
        found[kind] |= _grouped(list(gold.values()), [own[i] for i in gold])
        found[kind]["missed"] = sorted(sorted(group) for group in true - got)
    return found


def _as_sets(groups: dict[str, Any]) -> set[frozenset[str]]:
    members: dict[Any, set[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, set()).add(name)
    return set(map(frozenset, members.values()))


def _seeds_alone(seeds: list[Article]) -> dict[str, Any]:
    labels = package(seeds)
    return {"case": "two reports of one visit, alone", "one_story": len(set(labels)) == 1}


def _haystack(
    haystacks: Sequence[LabelledSet], whole: list[Article], seeds: list[Article]
) -> list[dict[str, Any]]:
    """The two reports among all others, and the copies of known Jaccard."""
    _say(f"haystack of {len(whole):,}")
    began = time.perf_counter()
    analysis = analyse([*seeds, *whole])
    seconds = time.perf_counter() - began
    labels = stories_of(analysis, [*seeds, *whole])
    own = labels[: len(seeds)]
    sizes = Counter(labels)
    row = {
        "case": f"the same among {len(whole):,} others",
        "one_story": len(set(own)) == 1 and sizes[own[0]] == len(own),
        "others": sum(sizes[label] for label in set(own)) - len(own),
        "largest": sizes.most_common(1)[0][1],
        "stories": len(sizes),
        "seconds": seconds,
    }
    copies = dict(zip([a.id for a in whole], copies_of(analysis, whole), strict=True))
    return [row, *(_copies(path, copies) for s in haystacks if (path := s.near_pairs))]


def _copies(path: Path, copies: dict[str, int]) -> dict[str, Any]:
    """Share of pairs of known Jaccard in one group of copies, by tenths of Jaccard."""
    pairs: Counter[int] = Counter()
    grouped: Counter[int] = Counter()
    with gzip.open(path, "rt", encoding="utf-8") as rows:
        for row in map(json.loads, rows):
            tenth = min(9, int(row["jaccard"] * 10))
            pairs[tenth] += 1
            grouped[tenth] += copies[str(row["a"])] == copies[str(row["b"])]
    near = [tenth for tenth in pairs if tenth >= 5]
    total = sum(pairs[tenth] for tenth in near)
    return {
        "case": "pairs of Jaccard 0.5 or more in one group of copies",
        "recall": sum(grouped[tenth] for tenth in near) / max(total, 1),
        "by_jaccard": {f"{t / 10}": grouped[t] / pairs[t] for t in sorted(pairs)},
    }


def _timed(group: Callable[..., list[int]], articles: list[Article]) -> tuple[list[int], float]:
    began = time.perf_counter()
    labels = group(articles)
    return labels, time.perf_counter() - began


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)
