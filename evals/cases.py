"""Known cases: the fixtures, two reports of one visit, copies of known Jaccard in a haystack."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.evaluate.labels import read_labels
from dedupe.pipeline import analyse
from evals.methods import copies_of, package, stories_of
from evals.sets import articles_in, records
from evals.stories import grouped

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedupe.model import Article
    from evals.sets import Data

Row = dict[str, Any]

FIXTURES = Path(__file__).parent.parent / "fixtures"
NEAR = 0.5
"""Jaccard from which two texts are near-duplicates."""


def _visit() -> list[Article]:
    return articles_in(*sorted((FIXTURES / "articles").glob("*.txt")))


def fixtures(_: Data) -> Iterator[Row]:
    """Which stories and copies of the fixtures are exactly those of the labels."""
    labels = read_labels(str(FIXTURES / "gold.jsonl"))
    articles = articles_in(FIXTURES / "articles")
    analysis = analyse(articles)
    for kind, gold, groups in (
        ("stories", labels.stories, stories_of(analysis, articles)),
        ("copies", labels.copies, copies_of(analysis, articles)),
    ):
        own = dict(zip([a.id for a in articles], groups, strict=True))
        true, got = (_as_sets(by) for by in (gold, {i: own[i] for i in gold}))
        missed = "; ".join(sorted(", ".join(sorted(group)) for group in true - got))
        yield {
            "case": f"fixtures: {kind} exactly as labelled",
            "result": f"{len(true & got)} of {len(true)}" + (f"; not {missed}" if missed else ""),
            **grouped(list(gold.values()), [own[i] for i in gold]),
        }
    one = len(set(package(_visit()))) == 1
    yield {"case": "two reports of one visit, alone", "result": "one story" if one else "NOT one"}


def _as_sets(groups: dict[str, Any]) -> set[frozenset[str]]:
    members: dict[Any, set[str]] = {}
    for name, group in groups.items():
        members.setdefault(group, set()).add(name)
    return set(map(frozenset, members.values()))


def haystack(data: Data) -> Iterator[Row]:
    """The two reports among all others, and the copies of known Jaccard."""
    visit, whole = _visit(), data.whole
    if not whole:
        return
    began = time.perf_counter()
    analysis = analyse([*visit, *whole])
    seconds = time.perf_counter() - began
    labels = stories_of(analysis, [*visit, *whole])
    own, sizes = labels[: len(visit)], Counter(labels)
    exact = len(set(own)) == 1 and sizes[own[0]] == len(own)
    others = sum(sizes[label] for label in set(own)) - len(own)
    yield {
        "case": f"the same among {len(whole):,} others",
        "result": (
            f"{'one story' if exact else 'NOT one'}, {others} others with them; {len(sizes):,} "
            f"stories, the largest of {sizes.most_common(1)[0][1]}; {seconds:.1f} s"
        ),
    }
    copies = dict(zip([a.id for a in whole], copies_of(analysis, whole), strict=True))
    for path in (s.near_pairs for s in data.haystacks):
        if path is not None:
            yield _copies([*records(path)], copies)


def _copies(pairs: list[Row], copies: dict[str, int]) -> Row:
    """Share of pairs of known Jaccard in one group of copies, by tenths of Jaccard."""
    known, met = Counter[int](), Counter[int]()
    for pair in pairs:
        tenth = min(9, int(pair["jaccard"] * 10))
        known[tenth] += 1
        met[tenth] += copies[str(pair["a"])] == copies[str(pair["b"])]
    near = [tenth for tenth in known if tenth >= NEAR * 10]
    recall = sum(met[tenth] for tenth in near) / max(sum(known[tenth] for tenth in near), 1)
    by_tenth = {f"{t / 10}": met[t] / known[t] for t in sorted(known)}
    told = ", ".join(f"{low}: {share:.3f}" for low, share in by_tenth.items())
    return {
        "case": f"pairs of Jaccard {NEAR} or more in one group of copies",
        "result": f"{recall:.4f} (from {told})",
        "recall": recall,
        "by_jaccard": by_tenth,
    }


def tables(rows: list[Row]) -> Iterator[Table]:
    """One line a case."""
    yield Table("Known cases", ("case", "result"), [(row["case"], row["result"]) for row in rows])
