"""The batch path from end to end: articles in, groups of copies and stories out."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.analysis import Analysis, HeldPairs, Links
from dedupe.collect import Articles, as_batches, collect
from dedupe.config import Settings
from dedupe.copies import Copies, find_copies
from dedupe.corpus import CorpusAtHand, TextCorpus
from dedupe.group import representatives, rooted
from dedupe.moments import UNDATED, latest
from dedupe.recurring import take_out_recurring
from dedupe.room import Room, release
from dedupe.sketch import Sketch
from dedupe.stories import Batch, find_stories
from dedupe.story import StoryModel, StoryScores, story_model
from dedupe.term_corpus import TermCorpus, TermsAtHand
from dedupe.weighing import NumberedTerms, numbered_terms, weighed

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.sketch import Terms
    from dedupe.tabular import Tabular
    from dedupe.weigh import Weights

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

    def read(executor: Executor, room: Room) -> tuple[Articles, Sketch, int]:
        return collect(
            _to_the_end(batches, on_stage), chosen, executor, room=room, copies_only=copies_only,
            keep_texts=with_evidence,
        )  # fmt: skip

    return analysed_sketch(
        read, chosen, model=model, with_evidence=with_evidence, on_stage=on_stage
    )


class Elsewhere(NamedTuple):
    """What answers for texts whose sketches lie elsewhere."""

    corpus: TextCorpus
    holding: Callable[[NDArray[np.int32]], HeldPairs]
    """What is told of pairs that hold groups together: int32 (m, 2), those that are held second."""
    terms: Callable[[], TermCorpus] | None
    """Makes what answers for their terms; None where only copies are sought."""


def analysed_sketch(
    sketch_of: Callable[[Executor, Room], tuple[Articles, Sketch, int]],
    settings: Settings,
    *,
    model: StoryModel | None,
    with_evidence: bool = False,
    on_stage: Stage,
    elsewhere_of: Callable[[Executor, Room], Elsewhere] | None = None,
) -> Analysis:
    """Groups the articles whose sketch is made on the given threads, as collect returns it.

    It is made here, so that nobody else holds it: most of it is freed on the way. Where texts lie
    elsewhere, it is without shingles and terms, and without what recurs.
    """
    began, none, notes = time.perf_counter(), np.empty((0, 2), np.int32), list[str]()
    judge, room = model or story_model(), Room(settings.memory)
    with ThreadPoolExecutor(settings.threads or os.cpu_count() or 1) as executor:
        articles, sketched, text_bytes = sketch_of(executor, room)
        on_stage("finding copies")
        elsewhere = elsewhere_of(executor, room) if elsewhere_of else None
        sketched, numbering = take_out_recurring(sketched, settings), []
        if sketched.terms is not None:
            counted = sketched.terms, sketched.languages, articles.sources, settings
            numbering.append(executor.submit(numbered_terms, *counted))
            del counted
        corpus = elsewhere.corpus if elsewhere else CorpusAtHand(sketched, settings, executor)
        copies = find_copies(corpus, articles.dates, settings, notes)
        del corpus
        weights = scores = None
        terms = elsewhere.terms() if elsewhere and elsewhere.terms else None
        if numbering:
            held, sketched = [sketched.wordings], replace(sketched, terms=None)
            weights = _weighed_once(numbering, held, executor, room)
            terms = TermsAtHand(weights, sketched, executor)
        if terms is None:
            links = _linked(articles, sketched.lengths, copies, copies.labels, none, np.empty(0))
        else:
            batch = Batch(
                articles, sketched.lengths, terms, settings, judge, executor, on_stage,
                elsewhere and elsewhere.corpus,
            )  # fmt: skip
            links, scores = _grouped(batch, copies, notes, with_evidence=with_evidence)
        known = elsewhere.holding(links.tree.pairs()) if elsewhere else None
    if not with_evidence:
        links, scores = replace(links, copy_pairs=none, pairs=none), None
    seconds = time.perf_counter() - began
    return Analysis(
        articles, sketched, links, weights, scores, settings, judge, seconds, text_bytes,
        tuple(notes), known,
    )  # fmt: skip


def _grouped(
    batch: Batch, copies: Copies, notes: list[str], *, with_evidence: bool
) -> tuple[Links, StoryScores]:
    """What ties the articles of a batch in stories, and the scores of pairs."""
    found = find_stories(batch, copies, notes, with_evidence=with_evidence)
    links = _linked(
        batch.articles, batch.lengths, found.copies, found.stories, found.pairs, found.chances
    )
    return replace(links, mentions=found.mentions), found.scores


def _weighed_once(
    numbering: list[Future[NumberedTerms]], terms: list[Terms], executor: Executor, room: Room
) -> Weights:
    """Weighs terms, which are taken from their list, as nobody else is to hold them."""
    numbered, held = numbering.pop().result(), terms.pop()
    counts, flags, bounds = held.counts, held.flags, held.bounds
    del held  # the buckets are in the columns
    release()
    found = weighed(numbered, counts, flags, bounds, executor, room.empty)
    del numbered, counts, flags
    release()
    return found


def _to_the_end(items: object, on_stage: Stage) -> Iterator[pa.RecordBatch]:
    """The items as batches; when there are no more, some of them are still being sketched."""
    yield from as_batches(items)
    on_stage("sketching")


def _linked(
    articles: Articles,
    lengths: NDArray[np.int64],
    copies: Copies,
    stories: NDArray[np.int32],
    pairs: NDArray[np.int32],
    chances: NDArray[np.float64],
) -> Links:
    """Hangs each article from the one that speaks most for it being in its story."""
    first, inside = len(copies.pairs), stories[pairs[:, 0]] == stories[pairs[:, 1]]
    tying = np.concatenate((copies.pairs, pairs[inside]))
    # Strengths of copies lie above 1: they hang from copies, all else from its likeliest pair.
    strength = np.concatenate((copies.strength + 2.0, chances[inside]))
    heads = representatives(stories, articles.dates, lengths)
    tree = rooted(stories, heads, tying, strength)
    held = np.ones(len(heads))
    by_story = tree.links >= first
    held[by_story] = strength[tree.links[by_story]]
    none = np.empty((0, 2), np.int32)
    quotations, quoted = _quoting(copies, articles, lengths)
    return Links(
        tree, held, copies.labels, stories, copies.pairs, pairs, none, quotations, quoted,
        len(pairs),
    )  # fmt: skip


def _quoting(
    copies: Copies, articles: Articles, lengths: NDArray[np.int64]
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of an article and one that it quotes, most first, and how much (k,).

    The later one quotes; where the dates don't tell, the longer one.
    """
    pairs, dates = copies.quotations, articles.dates[copies.quotations]
    known = (dates != UNDATED).all(axis=1)
    known &= (latest(dates) < dates[:, ::-1]).any(axis=1)
    sides = np.where(known[:, None], dates, lengths[pairs])
    pairs = np.where((sides[:, 0] > sides[:, 1])[:, None], pairs, pairs[:, ::-1])
    order = np.lexsort((pairs[:, 1], pairs[:, 0], -copies.quoted))
    return pairs[order], copies.quoted[order]
