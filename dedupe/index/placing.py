"""Into which story each incoming article goes, and what that changes for those around it.

The stories that it touches are grouped anew, as the batch path would group them: by the partition
of the best expected B-cubed F1. A part of a large story is not torn out of it: such a story
joins or merges whole.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from dedupe.group import story_groups

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from dedupe.index.hand import Company, Hand, Rows

TOUCHED = 0.2
"""Chance from which a pair brings another article's story into play."""
MOST_GROUPS = 32
"""Groups of copies up to which a story is grouped anew; a larger one is read by so many of them."""


@dataclass
class Regrouping:
    """What is to be written. Stories are numbers, or -1, -2 and so on for new ones."""

    stories: dict[int, int] = field(default_factory=dict)
    """Story of each group of copies that incoming articles begin, by its label."""
    moves: dict[int, int] = field(default_factory=dict)
    """Stored groups of copies that go into another story."""
    merges: dict[int, int] = field(default_factory=dict)
    """Large stories that go whole into another."""

    @classmethod
    def of_new(cls, labels: Sequence[int]) -> Regrouping:
        """A story of its own for each group of copies that begins here."""
        new = [label for label in dict.fromkeys(labels) if label < 0]
        return cls({label: -1 - at for at, label in enumerate(new)})


@dataclass
class _Graph:
    """Groups of copies, and stories too large to be taken apart, as nodes."""

    labels: list[int] = field(default_factory=list)
    """Label of each group; of a whole story 0."""
    owners: list[int | None] = field(default_factory=list)
    """Story of each node; None for what comes in."""
    sizes: list[float] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    """Of how many groups each node was read: one, or of a large story some."""
    of_label: dict[int, int] = field(default_factory=dict)

    def add(self, labels: Sequence[int], owner: int | None, size: float, *, whole: bool) -> None:
        for label in labels:
            self.of_label[label] = len(self.labels)
        self.labels.append(0 if whole else labels[0])
        self.owners.append(owner)
        self.sizes.append(size)
        self.read.append(len(labels))


def touched(rows: Rows, n: int, company: Company, labels: NDArray[np.int64]) -> list[int]:
    """Stories of the stored articles that one of n incoming may belong with, likeliest first."""
    pairs, chances = company.rows, company.chances
    near = (chances >= TOUCHED) & (pairs[:, 0] < n) & (pairs[:, 1] >= n)
    (at,) = near.nonzero()
    at = at[labels[pairs[at, 0]] != labels[pairs[at, 1]]]
    order = at[(-chances[at]).argsort(kind="stable")]
    return list(dict.fromkeys(rows.stories[pairs[order, 1]].tolist()))


def place(hand: Hand) -> Regrouping:
    """Groups the touched stories anew together with what comes in.

    What was marked different does not come together.
    """
    labels, company = hand.labels, hand.company
    graph = _graph(hand)
    different = [(int(labels[one]), int(labels[other])) for one, other in hand.marked]
    nodes = [
        (graph.of_label[one], graph.of_label[other])
        for one, other in different
        if one in graph.of_label and other in graph.of_label
    ]
    pairs, chances = _linked(labels, company, graph)
    for one, other in nodes:
        chances[((pairs == one) | (pairs == other)).all(axis=1)] = 0.0
    found = story_groups(pairs, chances, np.array(graph.sizes, np.float64))
    for one, other in nodes:
        if found[one] == found[other] and one != other:
            # The one that came last goes; of what comes in there is nothing to be moved.
            later = one if graph.owners[one] is None else other
            found[later] = len(graph.sizes) + later
    return _named(graph, found)


def _graph(hand: Hand) -> _Graph:
    graph, rows = _Graph(), hand.rows
    incoming = Counter(int(label) for label in hand.labels[: len(hand.arrivals)])
    for label in incoming:
        if label < 0:
            graph.add([label], None, incoming[label], whole=False)
    for story, found in hand.groups.items():
        if len(found.groups) <= MOST_GROUPS:
            for group in found.groups:
                size = group.size + incoming.get(group.copies, 0)
                graph.add([group.copies], story, size, whole=False)
        else:
            read = rows.copies[rows.stories == story].tolist()
            graph.add(list(dict.fromkeys(read)), story, found.size, whole=True)
    return graph


def _linked(
    labels: NDArray[np.int64], company: Company, graph: _Graph
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Chances between nodes: the best of their pairs; of a large story the mean over its groups."""
    from dedupe.kernels.linkage import combined

    of_label, count = graph.of_label, len(graph.labels)
    nodes = np.array([of_label.get(label, -1) for label in labels.tolist()], np.int64)
    if max(graph.read) == 1:  # each node is a group
        pairs, chances = combined(nodes[company.rows], company.chances, count, False)
        return pairs, np.minimum(chances, 1.0)
    names = {label: at for at, label in enumerate(dict.fromkeys(labels.tolist()))}
    groups = np.array([names[label] for label in labels.tolist()], np.int64)
    of_group = np.array([of_label.get(label, -1) for label in names], np.int64)
    within = nodes[company.rows].min(axis=1, initial=0) < 0
    ends = np.where(within[:, None], -1, groups[company.rows])
    pairs, best = combined(ends, company.chances, len(names), False)
    pairs, total = combined(of_group[pairs], best, count, True)
    read = np.array(graph.read, np.float64)
    return pairs, np.minimum(total / (read[pairs[:, 0]] * read[pairs[:, 1]]), 1.0)


def _named(graph: _Graph, found: NDArray[np.int32]) -> Regrouping:
    """Gives each part of the partition the story that most of it was in; else a new one."""
    parts: dict[int, list[int]] = defaultdict(list)
    for node, part in enumerate(found.tolist()):
        parts[part].append(node)
    placement, used, new = Regrouping(), set[int](), 0
    order = sorted(parts.values(), key=lambda nodes: (-_stored_size(graph, nodes), nodes[0]))
    for nodes in order:
        held: Counter[int] = Counter()
        for node in nodes:
            owner = graph.owners[node]
            if owner is not None and owner not in used:
                held[owner] += int(graph.sizes[node])
        if held:
            story = min(held, key=lambda owner: (-held[owner], owner))
        else:
            new -= 1
            story = new
        used.add(story)
        for node in nodes:
            label, owner = graph.labels[node], graph.owners[node]
            if owner is None:
                placement.stories[label] = story
            elif owner != story and label:
                placement.moves[label] = story
            elif owner != story:
                placement.merges[owner] = story
    return placement


def _stored_size(graph: _Graph, nodes: Sequence[int]) -> float:
    return sum(graph.sizes[node] for node in nodes if graph.owners[node] is not None)
