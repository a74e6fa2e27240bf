"""The labelled sets of a folder, told apart by what their files hold.

``NAME.jsonl.gz`` holds articles, with their stories where they are labelled; the pairs of
``NAME.pairs.jsonl.gz`` label them two by two. A set without any label is a haystack, and
``NAME.neardup.jsonl.gz`` has its pairs of known Jaccard.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dedupe.errors import SourceError
from dedupe.evaluate.labels import Labels, read_labels
from dedupe.read import articles_of, read

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.model import Article

ENDING, PAIRS, NEAR = ".jsonl.gz", ".pairs.jsonl.gz", ".neardup.jsonl.gz"


@dataclass(frozen=True)
class LabelledSet:
    """One set: its file of articles and its labels."""

    name: str
    path: Path
    labels: Labels | None
    """None for a haystack."""

    def articles(self) -> list[Article]:
        """All articles, as the package reads them."""
        return articles_in(self.path)

    @property
    def near_pairs(self) -> Path | None:
        """The file of pairs of known Jaccard, if there is one."""
        path = self.path.with_name(self.name + NEAR)
        return path if path.exists() else None


def found_in(folder: Path) -> list[LabelledSet]:
    """All sets, by name."""
    found = []
    for path in sorted(folder.glob(f"*{ENDING}")):
        if path.name.endswith((PAIRS, NEAR)):
            continue
        name = path.name.removesuffix(ENDING)
        pairs = path.with_name(name + PAIRS)
        try:
            labels = _labels(pairs if pairs.exists() else path)
        except SourceError as error:  # labels of another kind, for a judge of their own
            print(f"{path.name} is left out: {error}", file=sys.stderr)
            continue
        found.append(LabelledSet(name, path, labels))
    return found


def _labels(path: Path) -> Labels | None:
    try:
        return read_labels(str(path))
    except SourceError as error:
        if "contains no label" not in str(error):
            raise
        return None


def articles_in(*paths: Path) -> list[Article]:
    """The articles of files, as the package reads them."""
    return [article for batch in read(paths) for article in articles_of(batch)]


def marked(articles: list[Article], name: str) -> list[Article]:
    """The articles with ids that tell their set, so that sets can be thrown together."""
    return [replace(article, id=f"{name}/{article.id}") for article in articles]
