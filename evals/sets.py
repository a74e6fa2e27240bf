"""The labelled sets of a folder, told apart by what their files hold.

``NAME.jsonl.gz`` holds articles, with their stories where they are labelled; the pairs of
``NAME.pairs.jsonl.gz`` label them two by two. Where articles name a ``company``, the set holds
briefs of a wire. A set without any label is a haystack, and ``NAME.neardup.jsonl.gz`` has its pairs
of known Jaccard.
"""

from __future__ import annotations

import gzip
import json
import sys
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dedupe.errors import SourceError
from dedupe.evaluate.labels import Labels, read_labels
from dedupe.read import articles_of, read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from dedupe.model import Article

ENDING, PAIRS, NEAR = ".jsonl.gz", ".pairs.jsonl.gz", ".neardup.jsonl.gz"


COMPANY = "company"
"""Field of a brief: the one company that its title names, or null."""
FITTED = ("ecbplus", "fnc1", "gva", "newscluster_5w1h", "vietnamese_mds")
"""Sets that the shipped model is fitted to. Means are given of these and of the others, and only
these are thrown together: how hard a heap is depends on what is in it."""
MIXED_IN = 3_000
"""Articles of the haystack that are mixed into a set: every k-th."""


@dataclass(frozen=True)
class LabelledSet:
    """One set: its file of articles and its labels."""

    name: str
    path: Path
    labels: Labels | None
    """None for a haystack, and for briefs."""
    briefs: bool = False

    def articles(self) -> list[Article]:
        """All articles, as the package reads them."""
        return articles_in(self.path)

    @property
    def stories(self) -> dict[str, str]:
        """Story of each labelled article, by id."""
        return self.labels.stories if self.labels else {}

    @property
    def near_pairs(self) -> Path | None:
        """The file of pairs of known Jaccard, if there is one."""
        path = self.path.with_name(self.name + NEAR)
        return path if path.exists() else None

    def companies(self) -> dict[str, str]:
        """The company that each brief names, by id."""
        rows = records(self.path)
        return {str(row["id"]): str(row[COMPANY]) for row in rows if row.get(COMPANY)}


@dataclass(frozen=True)
class Data:
    """The sets of a folder by what they are for; articles are read when they are asked for."""

    sets: Sequence[LabelledSet]
    chosen: frozenset[str] = frozenset()
    """Names of the sets that are wanted; all, where empty."""
    peers: bool = True
    """Whether plain methods are measured beside the package."""

    @cached_property
    def _wanted(self) -> list[LabelledSet]:
        return [s for s in self.sets if not self.chosen or s.name in self.chosen]

    @cached_property
    def stories(self) -> list[LabelledSet]:
        """Sets of labelled stories, those that the model was fitted to first."""
        found = [s for s in self._wanted if s.stories]
        return sorted(found, key=lambda s: s.name not in FITTED)

    @cached_property
    def fitted(self) -> list[LabelledSet]:
        """Those of them that the model was fitted to; all of them, where none is."""
        return [s for s in self.stories if s.name in FITTED] or self.stories

    @cached_property
    def pairs(self) -> list[LabelledSet]:
        """Sets of labelled pairs."""
        return [s for s in self._wanted if s.labels is not None and s.labels.pairs]

    @cached_property
    def briefs(self) -> list[LabelledSet]:
        """Sets of briefs."""
        return [s for s in self._wanted if s.briefs]

    @cached_property
    def haystacks(self) -> list[LabelledSet]:
        """Sets without labels, whichever are chosen: others are mixed with them."""
        return [s for s in self.sets if s.labels is None and not s.briefs]

    @cached_property
    def whole(self) -> list[Article]:
        """All articles of the haystacks."""
        return [article for s in self.haystacks for article in s.articles()]

    @cached_property
    def sample(self) -> list[Article]:
        """Articles of the haystacks that are mixed into others, their ids marked."""
        return marked(self.whole[:: max(1, len(self.whole) // MIXED_IN)][:MIXED_IN], "haystack")


def records(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of a packed file as they stand there."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)


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
        except SourceError as error:
            if COMPANY not in next(records(path), {}):  # labels for a judge of their own
                print(f"{path.name} is left out: {error}", file=sys.stderr)
                continue
            found.append(LabelledSet(name, path, None, briefs=True))
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
