"""What a person is shown about a story beyond its scores: its terms, and the evidence of a link."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from dedupe.evidence import FEATURES, days_apart
from dedupe.model import Evidence, Grouping, Match, Scores, Story, Term
from dedupe.moments import moment
from dedupe.sketch import TERM_BITS
from dedupe.story import COMPANY
from dedupe.text import NUMBER, named_terms, tokenize

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dedupe.analysis import Analysis
    from dedupe.weigh import Weights

READ = 12
"""Articles of a story whose texts are read for the wording of its terms."""
SHOWN_TERMS, SHOWN_MATCHES, SHOWN_FURNITURE = 8, 8, 12


def described(analysis: Analysis, grouping: Grouping, stories: Iterable[Story]) -> Grouping:
    """The grouping with the terms of the given stories filled in.

    The analysis must have been made with ``with_evidence``.
    """
    named = {
        story.id: replace(story, terms=story_terms(analysis, story))
        for story in stories
        if len(story.members) > 1 and analysis.weights is not None
    }
    return replace(grouping, stories=tuple(named.get(s.id, s) for s in grouping.stories))


def story_terms(analysis: Analysis, story: Story) -> tuple[Term, ...]:
    """The terms that hold a story together: highest mean weight among those of several articles."""
    rows = [analysis.row(member.id) for member in story.members[:READ]]
    total: dict[int, float] = {}
    articles: dict[int, int] = {}
    weights = _weights(analysis)
    for row in rows:
        for bucket, weight in weights.row(row).items():
            total[bucket] = total.get(bucket, 0.0) + weight
            articles[bucket] = articles.get(bucket, 0) + 1
    shared = [bucket for bucket in total if articles[bucket] > 1 and total[bucket] > 0]
    shared.sort(key=lambda bucket: (-total[bucket] * articles[bucket], bucket))
    words = _words(analysis, rows, set(shared[:SHOWN_TERMS]))
    return tuple(
        Term(words[bucket], min(1.0, total[bucket] / len(rows)), articles[bucket])
        for bucket in shared[:SHOWN_TERMS]
        if bucket in words
    )


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
    one, two = moment(int(a.dates[row])), moment(int(a.dates[other]))
    days = abs((one - two).total_seconds()) / 86400 if one and two else None
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
    model = analysis.model
    shown = {**_shown(analysis, pair[0]), "days": days_apart(days)}
    weights = scores.evidence[at] * model.coefficients
    parts = [
        Evidence(feature.label, shown.get(feature.name, ""), float(weight))
        for feature, weight in zip(FEATURES, weights, strict=True)
    ]
    constant = model.intercept + model.company
    return (
        *parts,
        Evidence(COMPANY[0], "", float(scores.rivals[at])),
        Evidence(COMPANY[1], "", float(scores.surroundings[at])),
        Evidence(COMPANY[2], "", constant),
        *_left_out(analysis, pair[0]),
    )


def _left_out(analysis: Analysis, pair: NDArray[np.int32]) -> tuple[Evidence, ...]:
    """The furniture of the two, which counts for nothing."""
    weights, rows = _weights(analysis), [int(row) for row in pair]
    if weights.furniture is None:
        return ()
    columns, bounds = weights.furniture
    parts = [columns[bounds[row] : bounds[row + 1]] for row in rows]
    found = {int(weights.buckets[column]) for part in parts for column in part}
    if not found:
        return ()
    words = sorted(_words(analysis, rows, found).values())
    return (Evidence("left out as furniture", ", ".join(words[:SHOWN_FURNITURE]), 0.0),)


def _shown(analysis: Analysis, pair: NDArray[np.int32]) -> dict[str, str]:
    """The terms, names and numbers in common, heaviest first."""
    marked, weights = _weights(analysis).marked, _weights(analysis)
    rows = [slice(marked.bounds[row], marked.bounds[row + 1]) for row in pair]
    masses = [
        dict(zip(marked.columns[row].tolist(), marked.masses[row].tolist(), strict=True))
        for row in rows
    ]
    kinds = dict(zip(marked.columns[rows[0]].tolist(), marked.flags[rows[0]].tolist(), strict=True))
    both = sorted(masses[0].keys() & masses[1].keys(), key=lambda c: (-masses[0][c], c))
    names = [int(weights.buckets[c]) for c in both if not kinds[c] & NUMBER][:SHOWN_TERMS]
    numbers = [int(weights.buckets[c]) for c in both if kinds[c] & NUMBER][:SHOWN_TERMS]
    words = _words(analysis, [int(row) for row in pair], {*names, *numbers})
    return {
        "terms": ", ".join(_shared_words(analysis, pair)),
        "names": ", ".join(words[bucket] for bucket in names if bucket in words),
        "numbers": ", ".join(words[bucket] for bucket in numbers if bucket in words),
    }


def _shared_words(analysis: Analysis, pair: NDArray[np.int32]) -> list[str]:
    one, other = (_weights(analysis).row(int(row)) for row in pair)
    common = sorted(one.keys() & other.keys(), key=lambda b: (-one[b] * other[b], b))
    words = _words(analysis, [int(row) for row in pair], set(common[:SHOWN_TERMS]))
    return [words[bucket] for bucket in common[:SHOWN_TERMS] if bucket in words]


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
