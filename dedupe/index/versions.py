"""Which incoming articles are copies, of what, and into which group of copies they go.

A group is named by a label: the number of its first article; of a group that begins with row r of
those that come in, -1 - r until that one has a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.index.record import Sketches
from dedupe.score import relation

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.nearby import Local
    from dedupe.index.store import Reader
    from dedupe.model import Relation
    from dedupe.score import Overlaps

EXCERPT = 0.8
"""A member of a group that has under this share of a text's tokens is an excerpt of it."""


class Version(NamedTuple):
    """One that a row is a copy of."""

    row: int
    relation: Relation
    jaccard: float
    containment: float
    cosine: float
    extends: bool
    """Whether the incoming text holds the other, and more."""


@dataclass
class Versions:
    """Copies among the articles at hand."""

    labels: NDArray[np.int64]
    """Group of each row."""
    found: dict[int, list[Version]] = field(default_factory=dict)
    """What each incoming row is a copy of, best first."""
    folded: set[int] = field(default_factory=set)
    """Incoming rows that add nothing to their group: told by what it tells."""
    apart: set[tuple[int, int]] = field(default_factory=set)
    """Pairs of a text and an item in it that are not tied, for the text reports more events."""

    def tied(self, rows: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which pairs (m, 2) are none of those that are kept apart: (m,)."""
        if not self.apart:
            return np.ones(len(rows), np.bool_)
        return np.array([(min(a, b), max(a, b)) not in self.apart for a, b in rows.tolist()], bool)

    def follow(self, local: Local) -> None:
        """Takes in the labels of stored articles that were read meanwhile."""
        self.labels = np.concatenate((self.labels, local.copies[len(self.labels) :]))


def versions(
    reader: Reader,
    local: Local,
    rows: NDArray[np.int32],
    cosine: NDArray[np.float32],
    overlaps: Overlaps,
    settings: Settings,
    different: set[tuple[int, int]],
) -> Versions:
    """Decides by exact overlaps of pairs (m, 2), in order, row after row, as the batch path does.

    Equal texts first; then near-duplicates, where the mean Jaccard to what is known of the group
    holds (average linkage); then an excerpt, tied to the text that holds most of it, and a text
    to the longest excerpt that it holds. ``different`` are pairs of rows that must not come
    together.
    """
    labels = local.copies.copy()
    result, tokens = Versions(labels), local.sketches.tokens
    for at, kind in _related(local, rows, overlaps, settings):
        one, other = rows[at].tolist()
        extends = kind == "contained" and bool(tokens[one] > tokens[other])
        jaccard, containment = float(overlaps.jaccard[at]), float(overlaps.containment[at])
        version = Version(other, kind, jaccard, containment, float(cosine[at]), extends)
        result.found.setdefault(one, []).append(version)
    for row in sorted(result.found):
        result.found[row].sort(key=_rank)
        forbidden = _forbidden(local, labels, row, different)
        first, last = np.searchsorted(rows[:, 0], [row, row + 1])
        compared = zip(rows[first:last, 1].tolist(), overlaps.jaccard[first:last], strict=True)
        groups = _groups(row, result, list(compared), settings)
        _join(reader, row, result, tokens, groups, forbidden)
    return result


def _forbidden(
    local: Local, labels: NDArray[np.int64], row: int, different: set[tuple[int, int]]
) -> set[int]:
    """Groups that a row must not join: those of all stories that one marked different is in."""
    n = len(local.arrivals)
    others = [other for one, other in different if one == row]
    if not others:
        return set()
    stories = local.stories[[other for other in others if other >= n]]
    near = local.copies[np.isin(local.stories, stories)]
    return {*near.tolist(), *(int(labels[other]) for other in others)}


def _related(
    local: Local, rows: NDArray[np.int32], overlaps: Overlaps, settings: Settings
) -> Iterator[tuple[int, Relation]]:
    """Which pairs are copies, as places among the rows, and of which kind."""
    contents, tokens = local.sketches.contents[rows], local.sketches.tokens[rows]
    same = contents[:, 0] == contents[:, 1]
    related = same | (overlaps.jaccard >= settings.near_duplicate)
    related |= overlaps.containment >= settings.contained
    for at in np.flatnonzero(related & (tokens > 0).all(axis=1)).tolist():
        jaccard, containment = float(overlaps.jaccard[at]), float(overlaps.containment[at])
        yield at, relation(settings, jaccard, containment, same=bool(same[at]))


_ORDER = {"identical": 0, "near_duplicate": 1, "contained": 2}


def _rank(version: Version) -> tuple[int, bool, float, int]:
    alike = version.containment if version.relation == "contained" else version.jaccard
    return _ORDER[version.relation], version.extends, -alike, version.row


def _groups(
    row: int, result: Versions, compared: list[tuple[int, float]], settings: Settings
) -> dict[int, float]:
    """Groups in which a row has a near-duplicate, with its mean Jaccard to what was compared."""
    near = {int(result.labels[v.row]) for v in result.found[row] if v.relation == "near_duplicate"}
    means = {
        label: float(np.mean([j for other, j in compared if result.labels[other] == label]))
        for label in near
    }
    return {label: mean for label, mean in means.items() if mean >= settings.near_duplicate}


def _join(
    reader: Reader,
    row: int,
    result: Versions,
    tokens: NDArray[np.int64],
    groups: dict[int, float],
    forbidden: set[int],
) -> None:
    label = _group(reader, row, result, tokens, groups)
    if label in forbidden:
        label = None
    if label is not None:
        result.labels[row] = label
        tied = [v for v in result.found[row] if result.labels[v.row] == label]
        if not all(version.extends for version in tied):
            result.folded.add(row)
    for version in result.found[row]:
        if version.relation == "contained" and result.labels[version.row] != label:
            result.apart.add((min(row, version.row), max(row, version.row)))


def _group(
    reader: Reader,
    row: int,
    result: Versions,
    tokens: NDArray[np.int64],
    groups: dict[int, float],
) -> int | None:
    """The label of the group that a row joins; None where it begins one."""
    found, labels = result.found[row], result.labels
    if found[0].relation == "identical":
        return int(labels[found[0].row])
    if groups:
        return max(groups, key=lambda label: (groups[label], -abs(label)))
    if found[0].relation == "near_duplicate":
        return None
    held = [version for version in found if not version.extends]
    for version in held[:1]:
        label = int(labels[version.row])
        if not _has_excerpt(reader, label, int(tokens[version.row])):
            return label
    holding = [version for version in found if version.extends]
    if holding and not held:
        longest = max(holding, key=lambda v: (int(tokens[v.row]), -v.row))
        label = int(labels[longest.row])
        if not _has_holder(reader, label, int(tokens[longest.row])):
            return label
    return None


def _has_excerpt(reader: Reader, label: int, tokens: int) -> bool:
    """Whether a group has a member that is but a part of a text of so many tokens."""
    return bool((_lengths(reader, label) < EXCERPT * tokens).any())


def _has_holder(reader: Reader, label: int, tokens: int) -> bool:
    """Whether a group has a member of which a text of so many tokens is but a part."""
    return bool((EXCERPT * _lengths(reader, label) > tokens).any())


def _lengths(reader: Reader, label: int) -> NDArray[np.int64]:
    """Tokens of a stored group's members; of a group that only begins there are none yet."""
    if label < 0:
        return np.empty(0, np.int64)
    return Sketches.read(reader.blobs("sketch", reader.members([label])[label])).tokens
