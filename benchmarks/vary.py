"""Makes a file many times larger: varied versions of each article, with new ids.

Version 0 is the article itself. Each other version has a share of its words, drawn between 2 and
40 %, replaced by words of the file's first articles, and in one of three also a passage of up to
30 % left out. Two texts share half of their word 5-grams where at most about 8 % of the words
were replaced in both together, so most versions of one article are no near-duplicates: of all
pairs of versions about one in thirty is. ``python -m benchmarks.vary FILE OUT`` prints the
share that it measured.
"""

from __future__ import annotations

import random
from itertools import combinations, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST, MOST = 0.02, 0.40
"""Bounds of the share of words that are replaced."""
CUT_CHANCE, LONGEST_CUT = 1 / 3, 0.3
VOCABULARY = 2000
"""Articles whose words are drawn from."""
SAMPLE = 100
"""Of so many articles one is looked at to measure the share of near-duplicates."""


def vary(source: Path, target: Path, versions: int) -> tuple[int, float]:
    """Writes ``versions`` versions of each article of a JSON Lines file, one after another.

    The same file gives the same versions. Returns the number of articles written, and of the pairs
    of versions the share whose Jaccard over word 5-grams is .5 or more, measured on a sample.
    """
    words = vocabulary(source)
    written, alike, compared = 0, 0, 0
    with source.open("rb") as lines, target.open("wb") as out:
        for number, line in enumerate(lines):
            made = list(versions_of(orjson.loads(line), number, versions, words))
            for record in made:
                out.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
            written += len(made)
            if number % SAMPLE == 0:
                sets = [_shingles(record["text"]) for record in made]
                compared += versions * (versions - 1) // 2
                alike += sum(_are_alike(a, b) for a, b in combinations(sets, 2))
    return written, alike / compared if compared else 0.0


def versions_of(
    record: dict[str, Any], number: int, versions: int, words: list[str]
) -> Iterator[dict[str, Any]]:
    """The versions of one article; ``number`` is its place in the file, from which they follow."""
    name = record.get("id") or number
    for version in range(versions):
        draw = random.Random(number * versions + version)
        text = record.get("text") or ""
        if version:
            text = varied(text, draw, words)
        yield {**record, "id": f"{name}-{version}", "text": text}


def varied(text: str, draw: random.Random, words: list[str]) -> str:
    """The text with some words replaced, and perhaps a passage left out."""
    parts = text.split(" ")
    if draw.random() < CUT_CHANCE:
        length = int(len(parts) * draw.uniform(0, LONGEST_CUT))
        first = draw.randrange(len(parts) - length + 1)
        del parts[first : first + length]
    places = draw.sample(range(len(parts)), int(len(parts) * draw.uniform(LEAST, MOST)))
    for place, word in zip(places, draw.choices(words, k=len(places)), strict=True):
        parts[place] = word
    return " ".join(parts)


def vocabulary(source: Path) -> list[str]:
    """Words of the first articles, as often as they stand there."""
    with source.open("rb") as lines:
        first = [orjson.loads(line).get("text") or "" for line in islice(lines, VOCABULARY)]
    return [word for text in first for word in text.split()] or [""]


def _shingles(text: str) -> set[tuple[str, ...]]:
    words = text.lower().split()
    return set(zip(*(words[i:] for i in range(5)), strict=False))


def _are_alike(a: set[tuple[str, ...]], b: set[tuple[str, ...]]) -> bool:
    shared = len(a & b)
    return 2 * shared >= len(a) + len(b) - shared > 0


@click.command()
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--versions", type=click.IntRange(1), default=10, show_default=True)
def main(source: Path, target: Path, versions: int) -> None:
    """Write varied versions of each article of SOURCE (JSON Lines) to TARGET."""
    written, share = vary(source, target, versions)
    click.echo(f"{written:,} articles; of the pairs of versions {share:.1%} are near-duplicates")


if __name__ == "__main__":
    main()
