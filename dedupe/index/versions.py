"""Which incoming articles are copies, of what, and into which group of copies they go.

A group is named by a label: the number of its first article; of a group that begins with row r of
those that come in, -1 - r until that one has a number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dedupe.index.hand import Compared, MarkedPairs, Rows, Version, Versions
from dedupe.novelty import edited_likeness
from dedupe.score import relation

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.model import Relation

Lengths = Mapping[int, NDArray[np.int64]]
"""Tokens of the members of stored groups of copies."""

Related = Sequence[tuple[int, "Relation"]]
"""Pairs that are copies, as places among the compared ones, and of which kind."""

COPY_SHARE = 0.3
"""Share of the fewer copy keys from which two texts may be copies; of an excerpt 0.8 is usual."""
EXCERPT = 0.8
"""A member of a group that has under this share of a text's tokens is an excerpt of it."""


def versions(
    rows: Rows,
    n: int,
    compared: Compared,
    related: Related,
    lengths: Lengths,
    different: MarkedPairs,
    settings: Settings,
) -> Versions:
    """Decides by exact overlaps, of the first n rows one after the other, as the batch path does.

    Equal texts first; then near-duplicates and edited copies, where the mean Jaccard to what is
    known of the group holds (average linkage); then an excerpt, tied to the text that holds most of
    it, and a text to the longest excerpt that it holds. ``different`` pairs of rows must not come
    together; ``related`` are those of ``related_pairs``, ``lengths`` those of ``groups_asked``.
    """
    result, tokens = Versions(rows.copies.copy()), rows.sketches.tokens
    overlaps, pairs = compared.overlaps, compared.rows
    result.apart.update(_other_articles(rows, compared, settings))
    for at, kind in related:
        one, other = pairs[at].tolist()
        extends = kind == "contained" and bool(tokens[one] > tokens[other])
        jaccard, containment = float(overlaps.jaccard[at]), float(overlaps.containment[at])
        cosine, adds = float(compared.cosine[at]), int(compared.texts.adds[at])
        share = float(compared.texts.edited[at]) if kind == "edited_copy" else None
        version = Version(other, kind, jaccard, containment, cosine, extends, adds, share)
        result.found.setdefault(one, []).append(version)
    for row in sorted(result.found):
        result.found[row].sort(key=_rank)
        forbidden = _forbidden(rows, n, result.labels, row, different)
        first, last = np.searchsorted(pairs[:, 0], [row, row + 1])
        near = zip(pairs[first:last, 1].tolist(), compared.texts.likeness[first:last], strict=True)
        groups = _groups(row, result, list(near), settings)
        _join(row, result, tokens, groups, forbidden, lengths)
        # What adds nothing to one of its versions is a copy, whatever it adds to another.
        result.found[row].sort(key=lambda version: (version.says_more, _rank(version)))
    result.quoted.update(_quotations(result.labels, compared, settings))
    return result


def _quotations(
    labels: NDArray[np.int64], compared: Compared, settings: Settings
) -> Iterator[tuple[tuple[int, int], tuple[int, float]]]:
    """Pairs that quote one another, and are of two groups of copies."""
    told = compared.texts.quotations(settings)
    if not told.any():
        return
    pairs = compared.rows
    apart = labels[pairs[:, 0]] != labels[pairs[:, 1]]
    for at in np.flatnonzero(told & apart).tolist():
        one, other = pairs[at].tolist()
        yield (one, other), (at, float(compared.texts.quoted[at]))


def groups_asked(rows: Rows, n: int, compared: Compared, related: Related) -> list[int]:
    """Stored groups of copies whose members' lengths decide whether one joins as an excerpt."""
    contained, surer = set[tuple[int, int]](), set[int]()
    for at, kind in related:
        one, other = compared.rows[at].tolist()
        if kind in {"identical", "near_duplicate"}:  # an edited copy may join none after all
            surer.add(one)
        elif kind == "contained" and other >= n:
            contained.add((one, int(rows.copies[other])))
    return sorted({label for one, label in contained if one not in surer})


def _forbidden(
    rows: Rows, n: int, labels: NDArray[np.int64], row: int, different: MarkedPairs
) -> set[int]:
    """Groups that a row must not join: those of all stories that one marked different is in."""
    others = [other for one, other in different if one == row]
    if not others:
        return set()
    stories = rows.stories[[other for other in others if other >= n]]
    near = rows.copies[np.isin(rows.stories, stories)]
    return {*near.tolist(), *(int(labels[other]) for other in others)}


UNTIED_OF_DIGESTS = frozenset({"contained", "edited_copy"})


def related_pairs(
    rows: Rows, compared: Compared, digests: NDArray[np.bool_], settings: Settings
) -> Related:
    """Which pairs are copies, as places among the compared ones, and of which kind.

    An item in one of the ``digests`` (rows,) is no excerpt of it, nor is one an edited copy.
    """
    if not compared.texts.likeness.any():
        return []
    overlaps, edited = compared.overlaps, compared.texts.edited
    contents = rows.sketches.contents[compared.rows]
    same = contents[:, 0] == contents[:, 1]
    some = (edited >= settings.edited) & (edited > 0)  # with the setting 0, as in score.relation
    enough = _overlapping(rows, compared, settings) | some
    places = np.flatnonzero(enough & (compared.texts.likeness > 0))
    columns = (overlaps.jaccard, overlaps.containment, same, edited)
    values = zip(places.tolist(), *(column[places].tolist() for column in columns), strict=True)
    kinds = (
        (at, relation(settings, jaccard, containment, same=equal, edited=share))
        for at, jaccard, containment, equal, share in values
    )
    told = np.asarray(digests[compared.rows].any(axis=1))
    return [(at, kind) for at, kind in kinds if not told[at] or kind not in UNTIED_OF_DIGESTS]


def _overlapping(rows: Rows, compared: Compared, settings: Settings) -> NDArray[np.bool_]:
    """Which pairs share so many shingles that they may be copies (m,)."""
    overlaps = compared.overlaps
    enough = overlaps.jaccard >= settings.near_duplicate
    enough |= overlaps.containment >= settings.contained
    return np.asarray(enough & (rows.sketches.tokens[compared.rows] > 0).all(axis=1))


def _other_articles(rows: Rows, compared: Compared, settings: Settings) -> set[tuple[int, int]]:
    """Pairs that share that many and are two articles all the same, see novelty.one_text."""
    unlike = _overlapping(rows, compared, settings) & (compared.texts.likeness == 0)
    if not unlike.any():
        return set()
    return {(min(pair), max(pair)) for pair in compared.rows[unlike].tolist()}


_ORDER = {"identical": 0, "near_duplicate": 1, "contained": 2, "edited_copy": 3}


def _rank(version: Version) -> tuple[int, bool, float, int]:
    alike = version.containment if version.relation == "contained" else version.jaccard
    alike = alike if version.share is None else version.share
    return _ORDER[version.relation], version.extends, -alike, version.row


def _groups(
    row: int, result: Versions, compared: list[tuple[int, float]], settings: Settings
) -> dict[int, float]:
    """Groups in which a row has a near-duplicate, with its mean Jaccard to what was compared.

    Where it has none those in which it has an edited copy; what is none counts for 0 there.
    """
    copies = {v.row for v in result.found[row] if v.relation != "contained"}
    cuts = {
        "near_duplicate": settings.near_duplicate,
        "edited_copy": edited_likeness(settings.edited),
    }
    for kind, cut in cuts.items():
        held = {int(result.labels[v.row]) for v in result.found[row] if v.relation == kind}
        means = {
            label: float(
                np.mean(
                    [
                        j if kind == "near_duplicate" or other in copies else 0.0
                        for other, j in compared
                        if result.labels[other] == label
                    ]
                )
            )
            for label in held
        }
        if found := {label: mean for label, mean in means.items() if mean >= cut}:
            return found
    return {}


def _join(
    row: int,
    result: Versions,
    tokens: NDArray[np.int64],
    groups: dict[int, float],
    forbidden: set[int],
    lengths: Lengths,
) -> None:
    label = _group(row, result, tokens, groups, lengths)
    if label in forbidden:
        label = None
    if label is not None:
        result.labels[row] = label
        tied = [v for v in result.found[row] if result.labels[v.row] == label]
        if not all(version.says_more for version in tied):
            result.folded.add(row)
    for version in result.found[row]:
        if version.relation == "contained" and result.labels[version.row] != label:
            result.apart.add((min(row, version.row), max(row, version.row)))


def _group(
    row: int,
    result: Versions,
    tokens: NDArray[np.int64],
    groups: dict[int, float],
    lengths: Lengths,
) -> int | None:
    """The label of the group that a row joins; None where it begins one."""
    found, labels = result.found[row], result.labels
    if found[0].relation == "identical":
        return int(labels[found[0].row])
    if groups:
        return max(groups, key=lambda label: (groups[label], -abs(label)))
    if any(version.relation == "near_duplicate" for version in found):
        return None
    found = [version for version in found if version.relation == "contained"]
    held = [version for version in found if not version.extends]
    for version in held[:1]:
        label, size = int(labels[version.row]), int(tokens[version.row])
        # A group that only begins has no members yet; else none may be but a part of the text.
        if label < 0 or not (_members(label, result, tokens, lengths) < EXCERPT * size).any():
            return label
    holding = [version for version in found if version.extends]
    if holding and not held:
        longest = max(holding, key=lambda v: (int(tokens[v.row]), -v.row))
        label, size = int(labels[longest.row]), int(tokens[longest.row])
        if label < 0 or not (EXCERPT * _members(label, result, tokens, lengths) > size).any():
            return label
    return None


def _members(
    label: int, result: Versions, tokens: NDArray[np.int64], lengths: Lengths
) -> NDArray[np.int64]:
    """Tokens of the members of a stored group; of one that was not asked for, of those at hand.

    That one is met through an article that came together with the row, and joined it.
    """
    return lengths[label] if label in lengths else tokens[result.labels == label]
