"""Groups of copies to stories: which pairs may be of one, how likely each is, and the groups.

The pairs are the largest that is held here. What is made of each goes some at a time, and nothing
of a first judgement is kept where a second one is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.candidates import UNSEEN, least_dot, story_candidates, telling_terms
from dedupe.collect import Articles
from dedupe.config import Settings
from dedupe.copies import Copies
from dedupe.corpus import Comparing
from dedupe.digests import digests, mentions, told_by_copies, with_sure
from dedupe.evidence import FEATURES, Window, logistic
from dedupe.gaps import corpus_gaps
from dedupe.group import LEAST_CHANCE, pair_keys, places_among, stories_of
from dedupe.room import release
from dedupe.story import (
    LEAST_COSINE,
    Alone,
    StoryModel,
    StoryScores,
    put_in_company,
    read_alone,
    scores_of,
    without_each,
)
from dedupe.term_corpus import NearPairs, TermCorpus, some_places

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Batch(NamedTuple):
    """n articles that are all there is, and by what they are judged."""

    articles: Articles
    lengths: NDArray[np.int64]
    """Tokens of each (n,)."""
    terms: TermCorpus
    settings: Settings
    model: StoryModel
    executor: Executor
    on_stage: Callable[[str], None]
    elsewhere: Comparing | None = None
    """What compares the texts, where they are not at hand."""


@dataclass(frozen=True, slots=True)
class Stories:
    """Stories of n articles, and the m pairs that speak for and against them."""

    copies: Copies
    """The groups among which they were found."""
    stories: NDArray[np.int32]
    """Story of each article (n,)."""
    pairs: NDArray[np.int32]
    """Those that were scored: int32 (m, 2)."""
    chances: NDArray[np.float64]
    """That they report one event (m,)."""
    mentions: NDArray[np.int32]
    """See analysis.Links."""
    scores: StoryScores


def window_of(
    dates: NDArray[np.int64], lengths: NDArray[np.int64], near: NearPairs, executor: Executor
) -> Window:
    """All articles of a batch, of so many tokens (n,), and pairs of them that are to be judged."""
    return Window(
        near.in_common, dates, near.pairs, near.cosine, near.containment or _nothing, lengths,
        corpus_gaps(dates), executor=executor,
    )  # fmt: skip


def _nothing(at: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.zeros(len(at))


def find_stories(batch: Batch, copies: Copies, notes: list[str], *, with_evidence: bool) -> Stories:
    """Stories among groups of copies.

    They are sought once more where a digest turned out to stand for copies of it. What was passed
    over by rule is added to ``notes``. ``with_evidence`` leaves that of the pairs in their scores.
    """
    judged = _judged(batch, copies, notes, with_evidence=with_evidence)
    near, surely = _likely(batch, copies, judged)
    told = _digests(batch, near, surely)
    if _ties_others(copies, told):
        others = told_by_copies(told, copies.labels, near, surely, batch.lengths, batch.terms)
        untied = copies.untied(others, batch.lengths)
        if not untied.groups_as(copies):
            del judged, near, surely
            release()
            copies = untied
            judged = _judged(batch, copies, [], with_evidence=with_evidence)
            near, surely = _likely(batch, copies, judged)
            told = _digests(batch, near, surely)
    told_of = mentions(near, surely, told)
    del near, surely
    scores = _without(told, judged, batch.model) if told.any() else judged.scores
    pairs = judged.pairs
    del judged
    chances = logistic(scores.logits)
    stories = _grouped(copies, told, pairs, chances)
    return Stories(copies, stories, pairs, chances, told_of, scores)


class _Judged(NamedTuple):
    """m pairs that may be of one story."""

    pairs: NDArray[np.int32]
    cosine: NDArray[np.float32]
    read: Alone
    scores: StoryScores


def _judged(batch: Batch, copies: Copies, notes: list[str], *, with_evidence: bool) -> _Judged:
    batch.on_stage("finding stories")
    pairs = _story_pairs(batch, copies, notes)
    batch.on_stage("grouping stories")
    near = batch.terms.near(pairs, LEAST_COSINE)
    pairs, cosine = near.pairs, near.cosine
    window = window_of(batch.articles.dates, batch.lengths, near, batch.executor)
    if batch.elsewhere is not None:
        window = _told_ahead(window, near.template, batch.elsewhere)
    del near
    read = read_alone(window, batch.model, keep=with_evidence)
    del window
    release()
    scores = scores_of(pairs, cosine, read, len(batch.lengths), batch.model)
    return _Judged(pairs, cosine, read, scores)


def _told_ahead(window: Window, template: NDArray[np.bool_], elsewhere: Comparing) -> Window:
    """The same window, of which the containments that evidence wants were asked for together.

    Of pairs that may be of one ``template`` (m,).
    """
    (feature,) = (feature for feature in FEATURES if feature.name == "template")

    def wanted(part: tuple[slice, Window]) -> NDArray[np.int64]:
        own, some = part
        asked = [np.empty(0, np.int64)]

        def note(at: NDArray[np.int64]) -> NDArray[np.float64]:
            asked.append(at)
            return _nothing(at)

        trial = replace(some, containment=note)
        vars(trial).update(days=some.days)
        feature.column(trial)
        at = np.concatenate(asked) + own.start
        return np.asarray(at[template[at]])

    at = np.concatenate([np.empty(0, np.int64), *map(wanted, window.parts())])
    held = np.zeros(len(window.pairs))
    held[at] = elsewhere.compared(window.pairs[at], np.inf).overlaps.containment
    found = replace(window, containment=lambda places: held[places])
    vars(found).update(days=window.days)
    return found


def _story_pairs(batch: Batch, copies: Copies, notes: list[str]) -> NDArray[np.int32]:
    """Pairs of articles, of each group of copies one, that may be of one story (m, 2)."""
    from dedupe.kernels.postings import distinct

    settings, executor, nodes = batch.settings, batch.executor, copies.holders
    terms = telling_terms(
        partial(batch.terms.heaviest, nodes), least=settings.story_terms, work=settings.pair_work
    )
    companions = terms.companions(settings.companions)
    least = least_dot(terms, executor, per_article=companions)
    most = UNSEEN * companions * len(nodes)
    pairs = story_candidates(
        terms, least=least, limit=settings.term_limit, most=most, executor=executor
    )
    usual, meetings = terms.passed_over(settings.term_limit)
    if usual:
        notes.append(
            f"{meetings:,} meetings in {usual:,} terms, each of which tells most of more than"
            f" {settings.term_limit:,} articles, were not looked at"
        )
    del terms
    release()
    kept = np.ones(len(pairs), np.bool_)
    apart = distinct(pair_keys(copies.labels, copies.apart))

    def look(some: slice) -> None:
        pairs[some] = nodes[pairs[some]]
        kept[some] = ~places_among(apart, pair_keys(copies.labels, pairs[some]))[1]

    list(executor.map(look, some_places(len(pairs))))
    return pairs if kept.all() else pairs[kept]


def _likely(
    batch: Batch, copies: Copies, judged: _Judged
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of which one may tell what the other tells, with the chances of that.

    Also those of a text and what it holds or quotes, which are sure. Others than those of
    LEAST_CHANCE and more say nothing. Companions in common have no say: the items of a digest have
    none, and would seem still less to have to do with each other.
    """
    from dedupe.kernels.postings import distinct

    outside = np.concatenate((copies.apart, copies.quotations))
    held = np.concatenate((_standing_in(copies, outside), copies.excerpts))
    own = np.arange(len(copies.labels), dtype=np.int32)
    sure, likely = distinct(pair_keys(own, held)), []
    for some in some_places(len(judged.pairs)):
        logits = judged.scores.logits[some] - judged.scores.common[some]
        chances = without_each(logistic(logits), judged.read.each[some], batch.model)
        keys = pair_keys(own, judged.pairs[some])
        kept = (chances >= LEAST_CHANCE) | places_among(sure, keys)[1]
        likely.append((judged.pairs[some][kept], chances[kept]))
    pairs = np.concatenate([np.empty((0, 2), np.int32), *(pairs for pairs, _ in likely)])
    chances = np.concatenate([np.empty(0), *(chances for _, chances in likely)])
    return with_sure(pairs, chances, held, len(own))


def _digests(
    batch: Batch, pairs: NDArray[np.int32], chances: NDArray[np.float64]
) -> NDArray[np.bool_]:
    return digests(pairs, chances, batch.lengths, batch.terms.rows)


def _ties_others(copies: Copies, told: NDArray[np.bool_]) -> bool:
    """Whether one that is told to be a digest has copies."""
    size = np.bincount(copies.labels, minlength=len(told))
    return bool((size[copies.labels[told]] > 1).any())


def _standing_in(copies: Copies, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """The articles that stand for the groups of copies of pairs (m, 2)."""
    stand_in = np.empty(len(copies.labels), np.int32)
    stand_in[copies.labels[copies.holders]] = copies.holders
    return np.asarray(stand_in[copies.labels[pairs]])


def _without(told: NDArray[np.bool_], judged: _Judged, model: StoryModel) -> StoryScores:
    """The scores with all pairs but those of digests read anew: these are nobody's company.

    In the arrays of those that were made before.
    """
    pairs, scores = judged.pairs, judged.scores
    kept = ~(told[pairs[:, 0]] | told[pairs[:, 1]])
    logits = judged.read.logits[kept]
    apart = judged.read.apart[kept]
    added = put_in_company(pairs[kept], judged.cosine[kept], logits, apart, len(told), model)
    scores.logits[kept] = logits
    scores.rivals[kept], scores.surroundings[kept], scores.common[kept] = added
    return scores


def _grouped(
    copies: Copies,
    told: NDArray[np.bool_],
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
) -> NDArray[np.int32]:
    """Story of each article (n,), of which those ``told`` (n,) are digests and belong to none."""
    nodes = copies.holders
    place = np.empty(len(told), np.int32)
    place[nodes] = np.arange(len(nodes), dtype=np.int32)
    counted = chances >= LEAST_CHANCE
    for some in some_places(len(pairs)):
        counted[some] &= ~(told[pairs[some, 0]] | told[pairs[some, 1]])
    return stories_of(copies.labels, nodes, place[pairs[counted]], chances[counted])
