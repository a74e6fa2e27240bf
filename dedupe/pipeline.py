"""The batch path from end to end: articles in, groups of copies and stories out.

Articles are put into the order of their ids as soon as they are sketched, so that nothing after
that can depend on the order in which they came.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

from dedupe.candidates import candidates, least_dot, story_candidates, telling_terms
from dedupe.config import Settings
from dedupe.group import (
    Tree,
    bounded_components,
    excerpts,
    linked,
    merged,
    pairs_within,
    representatives,
    rooted,
    story_groups,
)
from dedupe.score import (
    Overlaps,
    ShingleSets,
    Weights,
    cosines,
    overlaps,
    term_weights,
)
from dedupe.sketch import Sketch, joined, sketch
from dedupe.story import StoryScores, evidence, logistic, story_scores

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.model import Article

UNDATED = np.iinfo(np.int64).max
LEAST_COSINE = 0.06
"""Below this cosine a pair is not looked at: of true pairs 1 % lie there."""
EXCERPT_COSINE = 0.2
"""A pair found by its telling terms may be an excerpt from here on."""

Stage = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Articles:
    """What is kept of n articles to name them, in the order of their ids."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    """Microseconds since 1970 (n,); UNDATED for none."""
    arrival: NDArray[np.int64]
    """Place of each in the input (n,)."""
    texts: list[str] = field(default_factory=list)
    """Title and text, for explanations; empty where they were not asked for."""


@dataclass(frozen=True, slots=True)
class Links:
    """What ties n articles together."""

    tree: Tree
    """What holds each article in its story."""
    chances: NDArray[np.float64]
    """Story score of each article's link to its parent (n,); 1 between copies."""
    copies: NDArray[np.int32]
    """Group of copies of each article (n,)."""
    stories: NDArray[np.int32]
    """Story of each article (n,)."""
    pairs: NDArray[np.int32]
    """Pairs of copies first, then all candidates for one story that were scored: int32 (m, 2);
    none where the analysis was made without evidence."""
    copy_pairs: int
    """How many of ``pairs`` are pairs of copies."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that a run found out about its articles; the reports are drawn from it."""

    articles: Articles
    sketch: Sketch
    links: Links
    weights: Weights | None
    """None where only copies were sought."""
    scores: StoryScores | None
    """Of ``links.pairs[links.copy_pairs:]``; None where only copies were sought, or without
    evidence."""
    seconds: float
    text_bytes: int
    notes: tuple[str, ...]


def analyse(
    batches: Iterable[pa.RecordBatch | Article],
    settings: Settings | None = None,
    *,
    copies_only: bool = False,
    with_evidence: bool = False,
    on_stage: Stage = lambda name: None,
) -> Analysis:
    """Groups articles, given as batches (see dedupe.read) or one by one.

    ``with_evidence`` keeps the texts and all scored pairs, so that links can be explained (see
    dedupe.explain); that takes about twice the memory. ``on_stage`` is told when reading ends and each later stage begins.
    """
    chosen = settings or Settings()
    began = time.perf_counter()
    with ThreadPoolExecutor(chosen.threads or os.cpu_count() or 1) as executor:
        articles, sketched, text_bytes = _collect(
            _as_batches(batches), chosen, executor, copies_only=copies_only, keep_texts=with_evidence
        )
        notes: list[str] = []
        on_stage("finding copies")
        copies = _find_copies(articles, sketched, chosen, executor, notes)
        if copies_only or not articles.ids:
            links = _copies_alone(articles, copies, sketched, chosen)
            weights = scores = None
        else:
            weights = term_weights(sketched.terms, sketched.languages, chosen)
            sketched = replace(sketched, terms=None)  # all that is needed of them is in the weights
            links, scores = _find_stories(
                articles, sketched, weights, copies, chosen, executor, on_stage
            )
    if not with_evidence:
        links, scores = replace(links, pairs=links.pairs[:0], copy_pairs=0), None
    seconds = time.perf_counter() - began
    return Analysis(articles, sketched, links, weights, scores, seconds, text_bytes, tuple(notes))


def _as_batches(items: Iterable[pa.RecordBatch | Article]) -> Iterator[pa.RecordBatch]:
    from dedupe.model import Article
    from dedupe.read import batches_of

    iterator = iter(items)
    first = next(iterator, None)
    if first is None:
        return iter(())
    whole = chain((first,), iterator)
    return batches_of(whole) if isinstance(first, Article) else whole


def _collect(
    batches: Iterator[pa.RecordBatch],
    settings: Settings,
    executor: Executor,
    *,
    copies_only: bool,
    keep_texts: bool,
) -> tuple[Articles, Sketch, int]:
    """Reads and sketches; on return everything stands in the order of ids."""
    pending: list[Future[Sketch]] = []
    parts: list[Sketch] = []
    columns: list[_Columns] = []
    ahead = 2 * (settings.threads or os.cpu_count() or 1)
    for batch in batches:
        pending.append(executor.submit(sketch, batch, settings, copies_only=copies_only))
        columns.append(_Columns.of(batch, keep_texts=keep_texts))
        if len(pending) > ahead:  # bounds the batches in memory
            parts.append(pending.pop(0).result())
    parts += [future.result() for future in pending]
    return _ordered(columns, parts, settings)


@dataclass(frozen=True, slots=True)
class _Columns:
    """What is kept of one batch beside its sketch."""

    ids: list[str]
    headlines: list[str]
    sources: list[str]
    dates: NDArray[np.int64]
    texts: list[str]
    text_bytes: int

    @classmethod
    def of(cls, batch: pa.RecordBatch, *, keep_texts: bool) -> _Columns:
        import pyarrow as pa
        import pyarrow.compute as pc

        title, text = batch.column("title"), batch.column("text")
        # The first line of the text, cut: an article may be one line of a megabyte.
        starts = pc.utf8_slice_codeunits(pc.utf8_ltrim_whitespace(text), 0, HEADLINE)
        lines = pc.replace_substring_regex(starts, r"(?s)[\r\n].*", "")
        headlines = pc.if_else(pc.equal(title, ""), lines, title)
        dates = batch.column("date").cast(pa.int64()).fill_null(UNDATED)
        whole = (
            pc.binary_join_element_wise(title, text, pa.scalar("\n", pa.large_string()))
            if keep_texts
            else None
        )
        size = pc.sum(pc.add(pc.binary_length(title), pc.binary_length(text))).as_py() or 0
        return cls(
            batch.column("id").to_pylist(),
            headlines.to_pylist(),
            batch.column("source").to_pylist(),
            dates.to_numpy(),
            whole.to_pylist() if whole is not None else [],
            size,
        )


HEADLINE = 200
"""Characters of a first line that may stand for a missing title."""


def _ordered(
    columns: list[_Columns], parts: list[Sketch], settings: Settings
) -> tuple[Articles, Sketch, int]:
    ids = [value for part in columns for value in part.ids]
    order = np.array(sorted(range(len(ids)), key=ids.__getitem__), np.int64)

    def arranged(values: list[str]) -> list[str]:
        return [values[i] for i in order] if values else []

    dates = np.concatenate([p.dates for p in columns]) if columns else np.empty(0, np.int64)
    articles = Articles(
        arranged(ids),
        arranged([value for part in columns for value in part.headlines]),
        arranged([value for part in columns for value in part.sources]),
        dates[order],
        order,
        arranged([value for part in columns for value in part.texts]),
    )
    if not parts:
        return articles, Sketch.empty(settings), 0
    return articles, joined(parts, order), sum(part.text_bytes for part in columns)


@dataclass(frozen=True, slots=True)
class _Copies:
    """Texts that are versions of one another, before excerpts are tied to what holds them."""

    labels: NDArray[np.int32]
    heads: NDArray[np.int32]
    pairs: NDArray[np.int32]
    """Within groups, with their Jaccard."""
    jaccard: NDArray[np.float64]
    candidates: NDArray[np.int32]
    """All pairs that banding found among distinct texts, with their overlaps."""
    overlaps: Overlaps


def _find_copies(
    articles: Articles,
    sketched: Sketch,
    settings: Settings,
    executor: Executor,
    notes: list[str],
) -> _Copies:
    n = len(sketched)
    same = representatives(_same_content(sketched), articles.dates, sketched.lengths)
    distinct = np.flatnonzero((same == np.arange(n)) & (sketched.lengths > 0)).astype(np.int32)
    found = candidates(
        sketched.signatures[distinct],
        settings.copy_bands,
        settings.copy_rows,
        limit=settings.bucket_limit,
        executor=executor,
    )
    if found.left_out:
        notes.append(
            f"{found.left_out:,} meetings in LSH buckets of more than {settings.bucket_limit} "
            "articles were not looked at"
        )
    pairs = distinct[found.pairs]
    sets = ShingleSets.of(sketched, pairs.ravel())
    shared = sets.overlaps(pairs)
    parts, cut = bounded_components(n, pairs, shared.jaccard, settings.near_duplicate)
    if cut:
        notes.append(
            f"{cut:,} articles stood in chains of near-duplicates too long to compare in all "
            "pairs; there, more than the usual likeness was asked for"
        )
    inner = pairs_within(parts)
    jaccard = sets.overlaps(inner).jaccard
    groups = linked(parts, inner, jaccard, settings.near_duplicate)[same]
    twins = np.flatnonzero(same != np.arange(n)).astype(np.int32)
    alike = np.concatenate((np.stack((same[twins], twins), axis=1), inner))
    return _Copies(
        groups,
        representatives(groups, articles.dates, sketched.lengths),
        alike,
        np.concatenate((np.ones(len(twins)), jaccard)),
        pairs,
        shared,
    )


def _same_content(sketched: Sketch) -> NDArray[np.int32]:
    """Labels of equal texts (n,); an empty one equals nothing, not even another empty one."""
    n = len(sketched)
    labels = np.unique(sketched.contents, return_inverse=True)[1].astype(np.int32)
    return np.where(sketched.lengths > 0, labels, np.arange(n, dtype=np.int32) + n).astype(np.int32)


def _tied(
    copies: _Copies, sketched: Sketch, pairs: NDArray[np.int32], settings: Settings
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Pairs of an excerpt and the text that holds it, and their containment."""
    sides = np.concatenate((copies.candidates, pairs))
    # An excerpt is tied by its group's head; what was found for another version is looked up.
    shorter = np.argmin(sketched.lengths[sides], axis=1)
    rows = np.arange(len(sides))
    sides = sides.copy()
    sides[rows, shorter] = copies.heads[sides[rows, shorter]]
    sides = np.unique(np.sort(sides, axis=1), axis=0)
    containment = overlaps(sketched, sides).containment
    chosen = excerpts(copies.heads, sketched.lengths, sides, containment, settings.contained)
    return sides[chosen], containment[chosen]


def _copies_alone(
    articles: Articles, copies: _Copies, sketched: Sketch, settings: Settings
) -> Links:
    ties, containment = _tied(copies, sketched, np.empty((0, 2), np.int32), settings)
    labels = merged(copies.labels, ties)
    pairs = np.concatenate((copies.pairs, ties))
    strength = np.concatenate((copies.jaccard, containment - 1.0))
    heads = representatives(labels, articles.dates, sketched.lengths)
    tree = rooted(labels, heads, pairs, strength)
    return Links(tree, np.ones(len(labels)), labels, labels, pairs, len(pairs))


def _find_stories(
    articles: Articles,
    sketched: Sketch,
    weights: Weights,
    copies: _Copies,
    settings: Settings,
    executor: Executor,
    on_stage: Stage,
) -> tuple[Links, StoryScores]:
    on_stage("finding stories")
    n = len(sketched)
    nodes = np.unique(copies.heads)
    terms = telling_terms(
        weights,
        nodes,
        least=settings.story_terms,
        work=settings.pair_work,
        executor=executor,
    )
    least = least_dot(terms, executor, per_article=settings.companions)
    pairs = story_candidates(terms, least=least, limit=settings.term_limit, executor=executor)
    cosine = cosines(weights, nodes[pairs], executor)
    kept = cosine >= LEAST_COSINE
    pairs, cosine = nodes[pairs[kept]], cosine[kept]
    on_stage("grouping stories")
    likely = pairs[cosine >= EXCERPT_COSINE]
    ties, containment = _tied(
        copies, sketched, _maybe_excerpts(sketched, likely, settings), settings
    )
    versions = merged(copies.labels, ties)
    inside = versions[pairs[:, 0]] != versions[pairs[:, 1]]
    pairs, cosine = pairs[inside], cosine[inside]
    found = evidence(sketched, weights, pairs, cosine, articles.dates, executor)
    scores = story_scores(pairs, cosine, found, n)
    chances = logistic(scores.logits)
    holders = _holders(versions, nodes, sketched)
    at = np.full(n, -1, np.int32)
    at[holders] = np.arange(len(holders), dtype=np.int32)
    among = (at[pairs[:, 0]] >= 0) & (at[pairs[:, 1]] >= 0)
    sizes = np.bincount(versions, minlength=n)[versions[holders]].astype(np.float64)
    groups = story_groups(at[pairs[among]], chances[among], sizes)
    stories = merged(versions, np.stack((holders, holders[groups]), axis=1).astype(np.int32))
    heads = representatives(stories, articles.dates, sketched.lengths)
    tied = np.concatenate((copies.pairs, ties, pairs))
    # A copy always hangs from a copy (above 1), a version from its story's likeliest pair.
    strength = np.concatenate((copies.jaccard + 2.0, containment + 1.0, chances * among))
    tree = rooted(stories, heads, tied, strength)
    first = len(tied) - len(pairs)
    likely = np.ones(n)
    by_story = tree.links >= first
    likely[by_story] = logistic(scores.logits[tree.links[by_story] - first])
    return Links(tree, likely, versions, stories, tied, first), scores


def _maybe_excerpts(
    sketched: Sketch, pairs: NDArray[np.int32], settings: Settings
) -> NDArray[np.int32]:
    """Pairs whose signatures don't rule out that one text holds the other.

    Of texts of s and l shingles, s <= l, of which a share c of s is shared, the Jaccard is
    c s / (s + l - c s); signatures must agree in at least half as many values as that lets expect.
    """
    from dedupe.kernels.bands import agreements

    sizes = np.sort(sketched.lengths[pairs], axis=1)
    shared = settings.contained * sizes[:, 0]
    expected = shared / np.maximum(sizes.sum(axis=1) - shared, 1) * settings.permutations
    return pairs[agreements(sketched.signatures, pairs) >= np.maximum(1.0, expected / 2)]


def _holders(
    versions: NDArray[np.int32], nodes: NDArray[np.int32], sketched: Sketch
) -> NDArray[np.int32]:
    """Of each group of copies the node that stands for it in its story: the longest."""
    order = nodes[np.lexsort((nodes, -sketched.lengths[nodes], versions[nodes]))]
    first = np.ones(len(order), bool)
    first[1:] = versions[order][1:] != versions[order][:-1]
    return np.sort(order[first])
