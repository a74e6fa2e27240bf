"""The batch path from end to end: articles in, groups of copies and stories out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.analysis import Analysis, Links
from dedupe.candidates import UNSEEN, least_dot, story_candidates, telling_terms
from dedupe.collect import Articles, as_batches, collect, release
from dedupe.config import Settings
from dedupe.copies import Copies, find_copies
from dedupe.digests import digests, mentions, told_by_copies, with_sure
from dedupe.evidence import TEMPLATE_AGREEMENT, Window, logistic
from dedupe.gaps import corpus_gaps
from dedupe.group import (
    pair_keys,
    places_among,
    representatives,
    rooted,
    stories_of,
)
from dedupe.moments import UNDATED, latest
from dedupe.recurring import without_recurring
from dedupe.score import cosines, overlaps
from dedupe.sketch import Sketch, Terms
from dedupe.story import (
    LEAST_COSINE,
    Alone,
    StoryModel,
    StoryScores,
    put_in_company,
    read_alone,
    scores_of,
    story_model,
    without_each,
)
from dedupe.weigh import Frequencies, Weigher, Weights

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.tabular import Tabular

Stage = Callable[[str], None]


def analyse(
    batches: Tabular,
    settings: Settings | None = None,
    *,
    copies_only: bool = False,
    with_evidence: bool = False,
    model: StoryModel | None = None,
    on_stage: Stage = lambda _: None,
) -> Analysis:
    """Groups articles, given as tables (see dedupe.read.batches_from) or one by one.

    ``with_evidence`` keeps the texts and all scored pairs, so that links can be explained (see
    dedupe.explain); that takes more memory. ``on_stage`` is told when reading ends and each later
    stage begins. ``model`` takes the place of the story model that the package ships.
    """
    chosen = settings or Settings()

    def read(executor: Executor) -> tuple[Articles, Sketch, int]:
        return collect(
            _to_the_end(batches, on_stage), chosen, executor, copies_only=copies_only,
            keep_texts=with_evidence,
        )  # fmt: skip

    return analysed_sketch(
        read, chosen, model=model, with_evidence=with_evidence, on_stage=on_stage
    )


def analysed_sketch(
    sketch_of: Callable[[Executor], tuple[Articles, Sketch, int]],
    settings: Settings,
    *,
    model: StoryModel | None,
    with_evidence: bool = False,
    on_stage: Stage,
) -> Analysis:
    """Groups the articles whose sketch is made on the given threads, as collect returns it.

    It is made here, so that nobody else holds it: most of it is freed on the way.
    """
    began, none, notes = time.perf_counter(), np.empty((0, 2), np.int32), list[str]()
    judge = model or story_model()
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        articles, sketched, text_bytes = sketch_of(executor)
        on_stage("finding copies")
        sketched, weighing = without_recurring(sketched, settings), None
        if sketched.terms is not None:
            weighing = executor.submit(
                _weighed, sketched.terms, sketched.languages, articles.sources, settings
            )
        copies = find_copies(articles, sketched, settings, executor, notes)
        if weighing is None:
            links = _linked(articles, sketched, copies, copies.labels, none, np.empty(0))
            weights = scores = None
        else:
            weights = weighing.result()
            # All that is needed of terms is in the weights.
            sketched = replace(sketched, terms=None)
            release()
            links, scores = _find_stories(
                articles, sketched, weights, copies, settings, judge, executor, on_stage,
                notes=notes, with_evidence=with_evidence,
            )  # fmt: skip
    if not with_evidence:
        links, scores = replace(links, copy_pairs=none, pairs=none), None
    seconds = time.perf_counter() - began
    return Analysis(
        articles, sketched, links, weights, scores, settings, judge, seconds, text_bytes,
        tuple(notes),
    )  # fmt: skip


def _to_the_end(items: object, on_stage: Stage) -> Iterator[pa.RecordBatch]:
    """The items as batches; when there are no more, some of them are still being sketched."""
    yield from as_batches(items)
    on_stage("sketching")


def _weighed(
    terms: Terms, languages: Sequence[str], sources: Sequence[str], settings: Settings
) -> Weights:
    """Term weights of articles that are all there is, without their furniture."""
    frequencies = Frequencies.of(terms, languages, settings.prior_articles)
    return Weigher(frequencies).weigh_without_furniture(terms, languages, sources)


def window_of(
    articles: Articles,
    sketched: Sketch,
    weights: Weights,
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    executor: Executor | None = None,
) -> Window:
    """All articles of a batch, and pairs of them that are to be judged."""
    from dedupe.kernels.bands import agreements

    def containment(at: NDArray[np.int64]) -> NDArray[np.float64]:
        found = np.zeros(len(at))
        near = agreements(sketched.signatures, pairs[at]) >= TEMPLATE_AGREEMENT
        # On the thread that asks: it may be one of the executor's own.
        found[near] = overlaps(sketched, pairs[at[near]]).containment
        return found

    gaps = corpus_gaps(articles.dates)
    return Window(
        weights, articles.dates, pairs, cosine, containment, sketched.lengths, gaps,
        executor=executor,
    )  # fmt: skip


def _find_stories(
    articles: Articles,
    sketched: Sketch,
    weights: Weights,
    copies: Copies,
    settings: Settings,
    model: StoryModel,
    executor: Executor,
    on_stage: Stage,
    *,
    notes: list[str],
    with_evidence: bool,
    settled: bool = False,
) -> tuple[Links, StoryScores]:
    """Stories among groups of copies.

    Once more, and ``settled`` then, where a digest turned out to stand for copies of it.
    ``with_evidence`` leaves that of the pairs in their scores.
    """
    on_stage("finding stories")
    n, nodes = len(sketched), copies.holders
    among, cosine = _story_pairs(weights, copies, settings, executor, [] if settled else notes)
    on_stage("grouping stories")
    pairs = nodes[among]
    window = window_of(articles, sketched, weights, pairs, cosine, executor)
    read = read_alone(window, model, keep=with_evidence)
    scores = scores_of(pairs, cosine, read, n, model)
    told_chances = without_each(logistic(scores.logits), read.each, model)
    near, surely = _with_excerpts(copies, pairs, told_chances)
    told = digests(near, surely, sketched.lengths, lambda _: weights.term_rows)
    if not settled and _ties_others(copies, told):
        others = told_by_copies(told, copies.labels, near, surely, sketched.lengths, weights)
        untied = copies.untied(others, sketched.lengths)
        if not untied.groups_as(copies):
            return _find_stories(
                articles, sketched, weights, untied, settings, model, executor, on_stage,
                notes=notes, with_evidence=with_evidence, settled=True,
            )  # fmt: skip
    told_of = mentions(near, surely, told)
    if told.any():
        scores = _without(told, scores, read, pairs, cosine, model)
    chances = logistic(scores.logits)
    of_none = ~(told[pairs[:, 0]] | told[pairs[:, 1]])
    stories = stories_of(copies.labels, nodes, among[of_none], chances[of_none])
    links = _linked(articles, sketched, copies, stories, pairs, chances)
    return replace(links, mentions=told_of), scores


def _story_pairs(
    weights: Weights, copies: Copies, settings: Settings, executor: Executor, notes: list[str]
) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
    """Pairs of places among the holders that may be of one story, and their cosines.

    What was passed over by rule is added to ``notes``.
    """
    from dedupe.kernels.postings import distinct

    nodes = copies.holders
    terms = telling_terms(
        weights, nodes, least=settings.story_terms, work=settings.pair_work, executor=executor
    )
    least = least_dot(terms, executor, per_article=settings.companions)
    most = UNSEEN * settings.companions * len(nodes)
    among = story_candidates(
        terms, least=least, limit=settings.term_limit, most=most, executor=executor
    )
    usual, meetings = terms.passed_over(settings.term_limit)
    if usual:
        notes.append(
            f"{meetings:,} meetings in {usual:,} terms, each of which tells most of more than"
            f" {settings.term_limit:,} articles, were not looked at"
        )
    cosine = cosines(weights, nodes[among], executor)
    among, cosine = among[cosine >= LEAST_COSINE], cosine[cosine >= LEAST_COSINE]
    together = pair_keys(copies.labels, nodes[among])
    _, apart = places_among(distinct(pair_keys(copies.labels, copies.apart)), together)
    return among[~apart], cosine[~apart]


def _ties_others(copies: Copies, told: NDArray[np.bool_]) -> bool:
    """Whether one that is told to be a digest has copies."""
    size = np.bincount(copies.labels, minlength=len(told))
    return bool((size[copies.labels[told]] > 1).any())


def _with_excerpts(
    copies: Copies, pairs: NDArray[np.int32], chances: NDArray[np.float64]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The scored pairs with their chances, and those of a text and what it holds or quotes."""
    outside = np.concatenate((copies.apart, copies.quotations))
    held = np.concatenate((_standing_in(copies, outside), copies.excerpts))
    return with_sure(pairs, chances, held, len(copies.labels))


def _standing_in(copies: Copies, pairs: NDArray[np.int32]) -> NDArray[np.int32]:
    """The articles that stand for the groups of copies of pairs (m, 2)."""
    stand_in = np.empty(len(copies.labels), np.int32)
    stand_in[copies.labels[copies.holders]] = copies.holders
    return np.asarray(stand_in[copies.labels[pairs]])


def _without(
    told: NDArray[np.bool_],
    scores: StoryScores,
    read: Alone,
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    model: StoryModel,
) -> StoryScores:
    """The scores with all pairs but those of digests read anew: these are nobody's company."""
    kept = ~(told[pairs[:, 0]] | told[pairs[:, 1]])
    logits = read.logits[kept]
    rivals, surroundings = put_in_company(pairs[kept], cosine[kept], logits, len(told), model)

    def both(before: NDArray[np.floating], after: NDArray[np.floating]) -> NDArray[Any]:
        found = before.copy()
        found[kept] = after
        return found

    return replace(
        scores,
        logits=both(scores.logits, logits),
        rivals=both(scores.rivals, rivals),
        surroundings=both(scores.surroundings, surroundings),
    )


def _linked(
    articles: Articles,
    sketched: Sketch,
    copies: Copies,
    stories: NDArray[np.int32],
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
) -> Links:
    """Hangs each article from the one that speaks most for it being in its story."""
    first = len(copies.pairs)
    tying = np.concatenate((copies.pairs, pairs))
    # Strengths of copies lie above 1: they hang from copies, all else from its likeliest pair.
    strength = np.concatenate((copies.strength + 2.0, chances))
    heads = representatives(stories, articles.dates, sketched.lengths)
    tree = rooted(stories, heads, tying, strength)
    held = np.ones(len(heads))
    by_story = tree.links >= first
    held[by_story] = chances[tree.links[by_story] - first]
    none = np.empty((0, 2), np.int32)
    quotations, quoted = _quoting(copies, articles, sketched)
    return Links(
        tree, held, copies.labels, stories, copies.pairs, pairs, none, quotations, quoted,
        len(pairs),
    )  # fmt: skip


def _quoting(
    copies: Copies, articles: Articles, sketched: Sketch
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of an article and one that it quotes, most first, and how much (k,).

    The later one quotes; where the dates don't tell, the longer one.
    """
    pairs, dates = copies.quotations, articles.dates[copies.quotations]
    known = (dates != UNDATED).all(axis=1)
    known &= (latest(dates) < dates[:, ::-1]).any(axis=1)
    sides = np.where(known[:, None], dates, sketched.lengths[pairs])
    pairs = np.where((sides[:, 0] > sides[:, 1])[:, None], pairs, pairs[:, ::-1])
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -copies.quoted))
    return pairs[order], copies.quoted[order]
