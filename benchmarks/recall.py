"""How many near-duplicates are found, and whether what is reported is one.

``python -m benchmarks.recall FILE PAIRS`` prints one line of JSON. Everything is judged by plain
Python sets of word 5-grams, lower-cased runs of ``\\w+``, and none of the project's own counting.
"""

from __future__ import annotations

import gzip
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from dedupe.model import Member

Pair = tuple[str, str]

JACCARD = 0.5
SHINGLE = 5
_words = re.compile(r"\w+").findall


def measured(file: Path, pairs: Path) -> dict[str, float]:
    """Recall of the candidates alone and of the groups, and the reported pairs that are none."""
    wanted = list(near_duplicates(pairs))
    texts = texts_of(file)
    missing = {name for pair in wanted for name in pair} - texts.keys()
    if missing:
        raise click.ClickException(f"{pairs.name} names articles that are not in {file.name}")
    met = candidate_pairs(file)
    members = reported(file)
    group = {member.id: member.copies for member in members}
    bound = [m for m in members if m.relation == "near_duplicate" and m.to is not None]
    exact = [jaccard(texts[m.id], texts[m.to]) for m in bound if m.to is not None]
    return {
        "pairs": len(wanted),
        "candidates": len(met),
        "candidate_recall": share(ordered(*pair) in met for pair in wanted),
        "group_recall": share(group[a] == group[b] for a, b in wanted),
        "reported": len(bound),
        "below": sum(value < JACCARD for value in exact),
        "least": min(exact, default=1.0),
    }


def near_duplicates(pairs: Path) -> Iterator[Pair]:
    """Pairs of a Jaccard of at least .5 in a JSON Lines file of ``a``, ``b``, ``jaccard``."""
    opened = gzip.open if pairs.suffix == ".gz" else open
    with opened(pairs, "rb") as lines:
        for row in map(orjson.loads, lines):
            if row["jaccard"] >= JACCARD:
                yield row["a"], row["b"]


def texts_of(file: Path) -> dict[str, str]:
    """The text of each article by its id."""
    with file.open("rb") as lines:
        return {
            row["id"]: row.get("text") or row.get("title") or "" for row in map(orjson.loads, lines)
        }


def candidate_pairs(file: Path) -> set[Pair]:
    """All pairs that the banding of the copy view finds, before any is compared."""
    import numpy as np

    from dedupe.candidates import candidates
    from dedupe.config import Settings
    from dedupe.joining import joined
    from dedupe.read import read
    from dedupe.sketch import sketch

    settings = Settings()
    ids: list[str] = []
    parts = []
    for batch in read([file]):
        ids += batch.column("id").to_pylist()
        parts.append(sketch(batch, settings, copies_only=True))
    with ThreadPoolExecutor(os.cpu_count() or 1) as executor:
        whole = joined(parts, np.arange(len(ids)), executor)
        found = candidates(
            whole.signatures,
            settings.copy_bands,
            settings.copy_rows,
            limit=settings.bucket_limit,
            executor=executor,
        )
    return {ordered(ids[a], ids[b]) for a, b in found.pairs.tolist()}


def reported(file: Path) -> list[Member]:
    """Every article as ``dedupe group`` reports it."""
    from dedupe.assemble import grouping
    from dedupe.pipeline import analyse
    from dedupe.read import read

    found = grouping(analyse(read([file])))
    return [member for story in found.stories for member in story.members]


def ordered(a: str, b: str) -> Pair:
    """The pair in one order."""
    return (a, b) if a <= b else (b, a)


def share(found: Iterable[bool]) -> float:
    """The share of what is true; 1 of nothing."""
    values = list(found)
    return sum(values) / len(values) if values else 1.0


def jaccard(a: str, b: str) -> float:
    """Exact Jaccard of two texts' sets of word 5-grams."""
    first, second = shingles(a), shingles(b)
    union = len(first | second)
    return len(first & second) / union if union else 0.0


def shingles(text: str) -> set[tuple[str, ...]]:
    """Word 5-grams; of a shorter text the one run of its words."""
    words: Any = _words(text.lower())
    if len(words) < SHINGLE:
        return {tuple(words)} if words else set()
    return set(zip(*(words[i:] for i in range(SHINGLE)), strict=False))


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def main(file: Path, pairs: Path) -> None:
    """Measure the recall of near-duplicates of FILE against PAIRS."""
    click.echo(orjson.dumps(measured(file, pairs)))


if __name__ == "__main__":
    main()
