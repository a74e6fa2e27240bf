"""Everything that a run found out about its articles; reports and comparisons are drawn from it."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from dedupe.evidence import logistic
from dedupe.group import Tree, pair_keys, places_among
from dedupe.model import Article, Relation
from dedupe.moments import moment
from dedupe.novelty import Wordings, additions, differences, edited_shares
from dedupe.score import Overlaps, ShingleSets, cosines, overlaps, relation, some_at_a_time
from dedupe.story import StoryModel, StoryScores
from dedupe.text import without_surrogates

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from dedupe.collect import Articles
    from dedupe.config import Settings
    from dedupe.sketch import Sketch
    from dedupe.weigh import Weights


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
    copy_pairs: NDArray[np.int32]
    """Pairs of copies: int32 (k, 2); none where the analysis was made without evidence."""
    pairs: NDArray[np.int32]
    """Candidates for one story that were scored, of each group of copies one article: int32
    (m, 2); none where the analysis was made without evidence."""
    mentions: NDArray[np.int32]
    """Pairs of a digest and an article that it tells of, likeliest first: int32 (k, 2)."""
    quotations: NDArray[np.int32]
    """Pairs of an article and one that it quotes, of each group of copies one, most first: int32
    (k, 2)."""
    quoted: NDArray[np.float64]
    """How much of one text the other quotes (k,)."""
    scored: int
    """How many candidates for one story there were, whether they are kept or not."""


SAME_STORY = 0.5
"""Story score from which two articles that are no copies are called one story."""


class Likeness(NamedTuple):
    """How alike two articles of an analysis are."""

    relation: Relation | None
    """None where not even one story is shown, and neither quotes the other."""
    share: float | None
    """As in Scores."""
    jaccard: float
    a_in_b: float
    """Share of the first text's shingles that the second has."""
    b_in_a: float
    cosine: float
    story: float | None
    """Story score; None where the two have next to nothing in common."""
    articles: int
    """Among how many articles they were weighed and judged; 2 for the two alone."""
    languages: tuple[str, str]
    weights: tuple[dict[int, float], dict[int, float]]
    """Of each article, the TF-IDF weight of each term bucket."""


class HeldPairs(NamedTuple):
    """What was found out about m pairs of articles where their sketches lie; of no others."""

    pairs: NDArray[np.int32]
    """Each article that is held, ascending, behind the one that holds it: int32 (m, 2)."""
    overlaps: Overlaps
    edited: NDArray[np.float64]
    """As of novelty.edited_shares (m,)."""
    adds: NDArray[np.int8]
    """What the held one adds to the other, see novelty.additions (m,)."""
    cosine: NDArray[np.float64]
    """By TF-IDF; NaN where only copies were sought (m,)."""

    def places(self, pairs: NDArray[np.int32]) -> NDArray[np.int64]:
        """Where pairs (k, 2) are among them, in either order: (k,). Raises KeyError."""
        known, found = self.pairs[:, 1].astype(np.int64), np.full(len(pairs), -1)
        for asked in (pairs, pairs[:, ::-1]):
            at, there = places_among(known, asked[:, 1].astype(np.int64))
            there[there] = self.pairs[at[there], 0] == asked[there, 0]
            found[there] = at[there]
        if (found < 0).any():
            raise KeyError(tuple(pairs[found < 0][0].tolist()))
        return found


class ScoredGroups(NamedTuple):
    """Pairs of groups of copies that were scored as one story, each once, sorted by its key.

    Only one version of a text is looked at, and speaks for all: a pair of articles has the score
    of the pair of groups that they are in.
    """

    keys: NDArray[np.int64]
    """Lower group * n + higher group (m,)."""
    scores: NDArray[np.float64]
    """The highest story score of the two groups' articles (m,)."""
    places: NDArray[np.int64]
    """Where that score is among the pairs of the analysis (m,)."""


@dataclass(frozen=True)
class Analysis:
    """What was found out about n articles, in the order of their ids."""

    articles: Articles
    sketch: Sketch
    links: Links
    weights: Weights | None
    """None where only copies were sought, or the terms lie elsewhere."""
    scores: StoryScores | None
    """Of ``links.pairs``; None where only copies were sought, or without evidence."""
    settings: Settings
    model: StoryModel
    """By which ``scores`` were made."""
    seconds: float
    text_bytes: int
    notes: tuple[str, ...]
    known: HeldPairs | None = None
    """All that can be told of pairs, where the sketches lie elsewhere; else None."""

    def row(self, name: str) -> int:
        """The place of an article by its id. Raises KeyError for an unknown one."""
        ids, name = self.articles.ids, without_surrogates(name)
        row = bisect_left(ids, name)
        if row == len(ids) or ids[row] != name:
            raise KeyError(name)
        return row

    def rows(self, names: Iterable[str]) -> NDArray[np.int32]:
        """The places of several: int32 (k,)."""
        return np.array([self.row(name) for name in names], np.int32)

    def overlaps(self, pairs: NDArray[np.int32]) -> Overlaps:
        """Exact Jaccard and containment of any pairs of articles (k, 2)."""
        if self.known is None:
            return overlaps(self.sketch, pairs)
        found, at = self.known.overlaps, self.known.places(pairs)
        return Overlaps(found.jaccard[at], found.containment[at])

    def cosines(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """TF-IDF cosine of any pairs of articles (k, 2); NaN where only copies were sought."""
        if self.known is not None:
            return self.known.cosine[self.known.places(pairs)]
        if self.weights is None:
            return np.full(len(pairs), np.nan)
        return cosines(self.weights, pairs).astype(np.float64)

    def story_scores(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """Story score of any pairs of articles (k, 2): 1 between copies, NaN where none was made.

        None is made of articles that have next to nothing in common, and none without evidence.
        """
        groups = self.links.copies
        at, known = self.places(pairs), np.full(len(pairs), np.nan)
        known[at >= 0] = self._chances[at[at >= 0]]
        known[groups[pairs[:, 0]] == groups[pairs[:, 1]]] = 1.0
        return known

    def relations(
        self, pairs: NDArray[np.int32], found: Overlaps
    ) -> list[tuple[Relation, float | None]]:
        """What pairs of articles (k, 2) are to each other, by their exact overlaps.

        With the share of words that an edited copy, or a quotation, has of the other. Two that
        share most of their words and are no copies, as of one template, are two reports.
        """
        contents, groups = self.sketch.contents[pairs], self.links.copies[pairs]
        same = (contents[:, 0] == contents[:, 1]) & (self.sketch.lengths[pairs] > 0).all(axis=1)
        together = groups[:, 0] == groups[:, 1]
        edited, quoted = np.zeros(len(pairs)), self._quoted(pairs)
        near = found.jaccard < self.settings.near_duplicate
        at = np.flatnonzero(together & ~same & near & (found.jaccard > 0))
        edited[at] = self._edited(pairs[at])
        columns = (same, together, found.jaccard, found.containment, edited, quoted)
        rows = zip(*(column.tolist() for column in columns), strict=True)
        return [self._relation(*row) for row in rows]

    def _relation(
        self,
        same: bool,  # noqa: FBT001 - a row of columns
        together: bool,  # noqa: FBT001
        jaccard: float,
        containment: float,
        edited: float,
        quoted: float,
    ) -> tuple[Relation, float | None]:
        kind = relation(self.settings, jaccard, containment, same=same, edited=edited)
        if kind in ("identical", "near_duplicate") and not together:
            kind = "same_story"
        if kind == "same_story":
            return kind, quoted or None
        return kind, edited if kind == "edited_copy" else None

    def _edited(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """How much of two versions of one text is the same, of each pair (k, 2): (k,)."""
        if self.known is not None:
            return self.known.edited[self.known.places(pairs)]
        words, parts = self.settings.shingle_words, some_at_a_time(pairs)
        return np.concatenate([edited_shares(self.sketch, part, words) for part in parts])

    def additions(self, pairs: NDArray[np.int32]) -> NDArray[np.int8]:
        """What the first text of each pair (k, 2) adds to the second: (k,), see novelty."""
        if self.known is not None:
            return self.known.adds[self.known.places(pairs)]
        texts = self._wordings
        return np.concatenate([
            additions(differences(texts, ShingleSets.of(self.sketch, part.ravel()), part))
            for part in some_at_a_time(pairs)
        ])  # fmt: skip

    @property
    def _wordings(self) -> Wordings:
        """The texts with their names and numbers: of the terms that is what the weights keep."""
        words = self.settings.shingle_words
        if self.weights is None:
            return Wordings.of(self.sketch, words)
        marked, sketch = self.weights.marked, self.sketch
        buckets = self.weights.buckets[marked.columns].astype(np.uint32)
        return Wordings(
            sketch.shingles, sketch.starts, sketch.lengths, buckets,
            np.ones(len(buckets), np.uint16), marked.flags, marked.bounds, words,
        )  # fmt: skip

    def _quoted(self, pairs: NDArray[np.int32]) -> NDArray[np.float64]:
        """How much of one text the other quotes, by their groups of copies (k,); else 0."""
        links = self.links
        keys, wanted = (pair_keys(links.copies, p) for p in (links.quotations, pairs))
        known = dict(zip(keys.tolist(), links.quoted.tolist(), strict=True))
        return np.array([known.get(key, 0.0) for key in wanted.tolist()], np.float64)

    def likeness(self, a: str, b: str) -> Likeness:
        """How alike two articles are, by their ids; needs evidence. Raises KeyError.

        Where only copies were sought the cosine is NaN, and there are no weights.
        """
        rows = self.rows((a, b))
        pair, sets = rows.reshape(1, 2), ShingleSets.of(self.sketch, rows)
        one, other = (sets.values[sets.bounds[row] : sets.bounds[row + 1]] for row in rows)
        shared = len(np.intersect1d(one, other, assume_unique=True))
        in_b, in_a = (shared / len(side) if len(side) else 0.0 for side in (one, other))
        found, story = sets.overlaps(pair), float(self.story_scores(pair)[0])
        kind: Relation | None
        kind, share = self.relations(pair, found)[0]
        if kind == "same_story" and not story >= SAME_STORY:
            kind = "quotation" if share else None
        weights = [self.weights.row(int(row)) if self.weights else {} for row in rows]
        return Likeness(
            kind, share, float(found.jaccard[0]), in_b, in_a, float(self.cosines(pair)[0]),
            None if np.isnan(story) else story, len(self.articles.ids),
            (self._language(int(rows[0])), self._language(int(rows[1]))),
            (weights[0], weights[1]),
        )  # fmt: skip

    def article(self, name: str) -> Article:
        """An article by its id, as far as it was kept; needs evidence. Raises KeyError."""
        row, kept = self.row(name), self.articles
        # Title, line feed, text: a title is the headline, and may have line feeds itself.
        whole, headline = kept.texts[row], kept.headlines[row]
        title = headline if whole.startswith(f"{headline}\n") else ""
        text, date = whole[len(title) + 1 :], moment(int(kept.dates[row]))
        source, url = kept.sources[row], kept.urls[row]
        return Article(name, text, title, date, source, url, self._language(row))

    def _language(self, row: int) -> str:
        return self.sketch.languages[row] if self.sketch.languages else ""

    def places(self, pairs: NDArray[np.int32]) -> NDArray[np.int64]:
        """Which of ``links.pairs`` speaks for any pairs of articles (k, 2): (k,), -1 for none."""
        scored, wanted = self.scored_groups, pair_keys(self.links.copies, pairs)
        if not len(scored.keys):
            return np.full(len(pairs), -1, np.int64)
        at = np.minimum(np.searchsorted(scored.keys, wanted), len(scored.keys) - 1)
        return np.where(scored.keys[at] == wanted, scored.places[at], -1)

    @cached_property
    def _chances(self) -> NDArray[np.float64]:
        return np.empty(0) if self.scores is None else logistic(self.scores.logits)

    @cached_property
    def scored_groups(self) -> ScoredGroups:
        """The scored pairs by groups of copies; none without evidence."""
        if self.scores is None:
            return ScoredGroups(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
        keys, scores = pair_keys(self.links.copies, self.links.pairs), self._chances
        order = np.lexsort((-scores, keys))
        distinct, first = np.unique(keys[order], return_index=True)
        return ScoredGroups(distinct, scores[order][first], order[first])
