"""What a person is shown about a story beyond its scores: its terms, and the evidence of a link."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evidence import FEATURES
from dedupe.gaps import days_apart
from dedupe.model import Evidence, Grouping, Match, Scores, Story, Term
from dedupe.moments import UNDATED, days_between
from dedupe.sketch import TERM_BITS, terms_of
from dedupe.story import COMPANY, labels_told, weights_told
from dedupe.text import NUMBER, named_terms, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.weigh import Weights

LOOKED_AT = 256
"""Texts that are read together for terms that they may have."""
CENTRAL_AMONG = 40
"""Reports of a story among which the central one is sought: 780 pairs."""
SHOWN_TERMS, SHOWN_MATCHES, SHOWN_FURNITURE = 8, 8, 12


def described(analysis: Analysis, grouping: Grouping, stories: Iterable[Story]) -> Grouping:
    """The grouping with the terms and the central report of the given stories filled in.

    The analysis must have been made with ``with_evidence``.
    """
    named = {
        story.id: replace(
            story, terms=story_terms(analysis, story), central=_central(analysis, story)
        )
        for story in stories
        if len(story.members) > 1 and analysis.weights is not None
    }
    return replace(grouping, stories=tuple(named.get(s.id, s) for s in grouping.stories))


def _central(analysis: Analysis, story: Story) -> str:
    """Id of the report with a headline that is most like the others: highest mean cosine.

    Of the first :data:`CENTRAL_AMONG` reports; ties go to the first. '' for fewer than three.
    """
    reports = story.reports[:CENTRAL_AMONG]
    if len(reports) < 3:
        return ""
    rows, (one, other) = analysis.rows(r.id for r in reports), np.triu_indices(len(reports), 1)
    likeness = analysis.cosines(np.stack((rows[one], rows[other]), axis=1).astype(np.int32))
    total = np.bincount(one, likeness, len(reports)) + np.bincount(other, likeness, len(reports))
    named = np.array([bool(report.headline.strip()) for report in reports])
    return reports[int(np.argmax(np.where(named, total, -1.0)))].id if named.any() else ""


def story_terms(analysis: Analysis, story: Story) -> tuple[Term, ...]:
    """The terms that hold a story together: highest mean weight among those of several articles.

    Each with the number of all its articles that have it, be it as one word of thousands.
    """
    rows = analysis.rows([member.id for member in story.members])
    weights = _weights(analysis)
    parts = [slice(weights.bounds[row], weights.bounds[row + 1]) for row in rows.tolist()]
    entries = np.concatenate([weights.columns[part] for part in parts]).astype(np.int64)
    ordered = np.sort(entries)  # np.unique would import masked arrays
    columns = ordered[np.flatnonzero(np.diff(ordered, prepend=-1))]
    place = np.searchsorted(columns, entries)
    of = np.repeat(np.arange(len(rows)), [part.stop - part.start for part in parts])
    total = np.bincount(place, np.concatenate([weights.values[part] for part in parts]))
    articles = np.bincount(place)
    buckets = weights.buckets[columns]
    shared = np.flatnonzero((articles > 1) & (total > 0))
    shared = shared[np.lexsort((buckets[shared], -(total * articles)[shared]))][:SHOWN_TERMS]
    held = np.zeros((len(rows), len(shared)), np.bool_)
    for at, term in enumerate(shared.tolist()):
        held[of[place == term], at] = True
    words = _words(analysis, _first_with(rows, held), set(buckets[shared].tolist()))
    _look_again(analysis, rows, buckets[shared], held)
    return tuple(
        Term(words[bucket], min(1.0, weight / len(rows)), count)
        for bucket, weight, count in zip(
            buckets[shared].tolist(),
            total[shared].tolist(),
            held.sum(axis=0).tolist(),
            strict=True,
        )
        if bucket in words
    )


def _first_with(rows: NDArray[np.int32], held: NDArray[np.bool_]) -> list[int]:
    """The rows that have one of the terms first, in order."""
    return [int(rows[at]) for at in sorted(set(held.argmax(axis=0).tolist()))]


def _look_again(
    analysis: Analysis,
    rows: NDArray[np.int32],
    buckets: NDArray[np.int64],
    held: NDArray[np.bool_],
) -> None:
    """Fills in which rows have which terms, of those that are too light in an article to be kept.

    ``held`` is of shape (rows, buckets).
    """
    lacking = np.flatnonzero(~held.all(axis=1))
    for start in range(0, len(lacking), LOOKED_AT):
        part = lacking[start : start + LOOKED_AT]
        found = terms_of([analysis.articles.texts[row] for row in rows[part].tolist()])
        for at, row in enumerate(part.tolist()):
            own = set(found.buckets[found.bounds[at] : found.bounds[at + 1]].tolist())
            held[row] |= [bucket in own for bucket in buckets.tolist()]


def matches_of(analysis: Analysis, name: str) -> list[Match]:
    """The links of one article, its own first, then the likeliest others, each with evidence.

    Others are also those that quote it or that it quotes, and those that were looked at and not
    believed. Raises KeyError for an unknown id.
    """
    row = analysis.row(name)
    parent = int(analysis.links.tree.parents[row])
    quotations = analysis.links.quotations
    quoted = quotations[(quotations == row).any(axis=1)].sum(axis=1) - row
    ordered = list(dict.fromkeys([*([parent] if parent >= 0 else []), *quoted.tolist()]))
    if analysis.scores is not None:
        pairs = analysis.links.pairs
        near = np.flatnonzero((pairs[:, 0] == row) | (pairs[:, 1] == row))
        best = near[np.argsort(-analysis.scores.logits[near], kind="stable")][:SHOWN_MATCHES]
        others = np.where(pairs[best, 0] == row, pairs[best, 1], pairs[best, 0])
        ordered += [int(other) for other in others if other not in ordered]
    return [match_of(analysis, row, other) for other in ordered]


def match_of(analysis: Analysis, row: int, other: int) -> Match:
    """What one article is to another, both by their places, with all evidence."""
    pair = np.array([[min(row, other), max(row, other)]], np.int32)
    shared = analysis.overlaps(pair)
    a = analysis.articles
    jaccard, containment = float(shared.jaccard[0]), float(shared.containment[0])
    kind, share = analysis.relations(pair, shared)[0]
    together = analysis.links.copies[row] == analysis.links.copies[other]
    story = float(np.nan_to_num(analysis.story_scores(pair))[0])
    cosine = float(np.nan_to_num(analysis.cosines(pair))[0])
    if kind == "same_story" and analysis.links.stories[row] != analysis.links.stories[other]:
        kind = "quotation" if share else "new"
    dates = int(a.dates[row]), int(a.dates[other])
    days = None if UNDATED in dates else days_between(*dates)
    evidence = () if together else _evidence(analysis, pair, days)
    scores = Scores(jaccard, containment, cosine, story, share)
    return Match(a.ids[other], a.ids[row], kind, scores, days, evidence)


def _evidence(
    analysis: Analysis, pair: NDArray[np.int32], days: float | None
) -> tuple[Evidence, ...]:
    """All that makes up a pair's story score: the weights add up to its log-odds."""
    scores, at = analysis.scores, int(analysis.places(pair)[0])
    if scores is None or at < 0:
        return ()
    rows = [int(row) for row in pair[0]]
    shared, furniture = _shared_buckets(analysis, rows), _furniture_of(analysis, rows)
    # One look into the texts for all of them: it is what takes time.
    words = _words(analysis, rows, furniture.union(*shared.values()))
    shown = {
        name: ", ".join(words[bucket] for bucket in buckets if bucket in words)
        for name, buckets in shared.items()
    }
    shown["days"] = days_apart(days)
    left_out = sorted(words[bucket] for bucket in furniture if bucket in words)
    weights, constant = weights_told(scores.evidence[at].tolist(), analysis.model)
    parts = [
        Evidence(label, shown.get(feature.name, "") if label == feature.label else "", weight)
        for feature, label, weight in zip(FEATURES, labels_told(weights), weights, strict=True)
    ]
    return (
        *parts,
        Evidence(COMPANY[0], "", float(scores.rivals[at])),
        Evidence(COMPANY[1], "", float(scores.surroundings[at])),
        Evidence(COMPANY[2], "", float(scores.common[at])),
        Evidence(COMPANY[3], "", constant),
        *([_left_out(left_out)] if furniture else []),
    )


def _left_out(words: Sequence[str]) -> Evidence:
    """The furniture of the two, which counts for nothing."""
    return Evidence("left out as furniture", ", ".join(words[:SHOWN_FURNITURE]), 0.0)


def _furniture_of(analysis: Analysis, rows: Sequence[int]) -> set[int]:
    """The term buckets of two articles that are furniture."""
    weights = _weights(analysis)
    if weights.furniture is None:
        return set()
    columns, bounds = weights.furniture
    parts = [columns[bounds[row] : bounds[row + 1]] for row in rows]
    return {int(weights.buckets[column]) for part in parts for column in part}


def _shared_buckets(analysis: Analysis, rows: Sequence[int]) -> dict[str, list[int]]:
    """The term buckets in common: terms, names and numbers, of each the heaviest, in order."""
    marked, weights = _weights(analysis).marked, _weights(analysis)
    parts = [slice(marked.bounds[row], marked.bounds[row + 1]) for row in rows]
    masses = [
        dict(zip(marked.columns[part].tolist(), marked.masses[part].tolist(), strict=True))
        for part in parts
    ]
    kinds = dict(
        zip(marked.columns[parts[0]].tolist(), marked.flags[parts[0]].tolist(), strict=True)
    )
    both = sorted(masses[0].keys() & masses[1].keys(), key=lambda c: (-masses[0][c], c))
    one, other = (weights.row(row) for row in rows)
    common = sorted(one.keys() & other.keys(), key=lambda b: (-one[b] * other[b], b))
    return {
        "terms": common[:SHOWN_TERMS],
        "names": [int(weights.buckets[c]) for c in both if not kinds[c] & NUMBER][:SHOWN_TERMS],
        "numbers": [int(weights.buckets[c]) for c in both if kinds[c] & NUMBER][:SHOWN_TERMS],
    }


def _words(analysis: Analysis, rows: Iterable[int], wanted: set[int]) -> dict[int, str]:
    """The wording of term buckets, as the first of the articles that has each one has it."""
    found: dict[int, str] = {}
    lines = chain.from_iterable(analysis.articles.texts[row].split("\n") for row in rows)
    while len(found) < len(wanted) and (line := next(lines, None)) is not None:
        for text, value in named_terms(tokenize(line)):
            bucket = value >> (64 - TERM_BITS)
            if bucket in wanted:
                found.setdefault(bucket, text)
    return found


def _weights(analysis: Analysis) -> Weights:
    if analysis.weights is None:
        raise ValueError("only copies were sought: there are no term weights")
    return analysis.weights
