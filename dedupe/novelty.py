"""What one text adds to another: whether the two are one text, and whether the second says more.

Two texts may share most of their words and be two articles all the same: what they share is a
notice of their outlet, an "About" block, or a template. So the shared words are not counted alone;
it is looked at what is each article's own: its head, its title, its names and numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.score import Overlaps, ShingleSets
from dedupe.sketch import terms_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.model import Article
    from dedupe.sketch import Sketch, Terms

UPDATE, CORRECTION = 1, 2
"""What a text adds to another that it is a copy of, bit by bit: sentences of its own; other names,
numbers or dates in the same sentences. 0: no more than furniture, or other words for the same."""

LEAST_ALIKE = 0.2
"""Jaccard or containment below which two texts are not compared word by word."""
SHORT, SHORTEST = 40, 24
"""Words below which a title says more of an article than its text; and each of its words counts."""
LEAST_HEAD, SAME_HEAD = 0.5, 0.9
"""Share of the first words that stand in the other text, of one of the two, where they are one; and
where the head is the same."""
LEAST_TITLE = 0.6
"""Share of the titles' terms that the other article has, where two heads are unlike."""
LEAST_NAMES = 0.75
"""Share of the names and numbers in common, of those and the ones that stand against each other: of
40 pairs of one template it was .57 at most, of copies with errors in reading .82 at least."""
LEAST_WORDS = 0.85
"""The same of all words, where a text has no capitals and neither head is that of the other."""
LEAST_BRIEF = 0.9
"""The same of all words of two items shorter than SHORTEST: one in ten is another."""
SURE_NAMES, MANY_NAMES = 0.9, 20
"""The same of two texts without titles whose heads are unlike; and how many must be in common."""
SURER_NAMES, MOST_NAMES = 0.93, 40
"""The same whatever the titles: an "About" block has fewer, a report with a new lead has them."""
OWN_WORDS, MANY_OWN_WORDS = 10, 20
"""Words in a row from which they are sentences: with a name or number that the other text has
nowhere, and without one."""
LEAST_EDITED = 100
"""Words of the shorter text from which two are one, edited; and of the longer one from which they
are one whatever their titles name."""
LEAST_QUOTED, QUOTED_NAMES = 40, 3
"""Words in passages, and names and numbers in common, from which one text may quote the other: a
notice has none of those."""
MOST_SLOTS = 0.1
"""Words that stand in place of others, as a share of those in passages, up to which two texts are
not taken for one template."""

MOST_READ, MOST_TOLD, LONGEST_TOLD = 40_000, 8, 40
"""Characters that are looked at, words that are told, and letters of one, of what was added."""
WORD = re.compile(r"\w[^\s]*\w|\w")


@dataclass(frozen=True, slots=True)
class Wordings:
    """n texts in their order of words, with the terms that tell them apart."""

    shingles: NDArray[np.uint32]
    starts: NDArray[np.int64]
    lengths: NDArray[np.int64]
    """Words of each (n,)."""
    buckets: NDArray[np.uint32]
    """Terms of each, ascending; more than the telling ones do no harm."""
    counts: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    bounds: NDArray[np.int64]
    words: int
    """Words in a shingle."""

    @classmethod
    def of(cls, sketch: Sketch, words: int) -> Wordings:
        """Those of a sketch."""
        terms = sketch.wordings
        return cls(
            sketch.shingles, sketch.starts, sketch.lengths, terms.buckets, terms.counts,
            terms.flags, terms.bounds, words,
        )  # fmt: skip


class Differences(NamedTuple):
    """What m pairs of texts have in common, and what each has of its own."""

    words: NDArray[np.float64]
    """(m, 13), see kernels.novelty.compared_words."""
    terms: NDArray[np.int64]
    """(m, 14), see kernels.novelty.compared_terms."""


def differences(texts: Wordings, sets: ShingleSets, pairs: NDArray[np.int32]) -> Differences:
    """What the texts of each pair (m, 2) have in common and of their own.

    ``sets`` are the shingles of these texts.
    """
    from dedupe.kernels.novelty import compared_words

    own = texts.shingles, texts.starts, sets.values, sets.bounds, texts.lengths
    return Differences(compared_words(*own, texts.words, pairs), term_differences(texts, pairs))


def term_differences(texts: Wordings, pairs: NDArray[np.int32]) -> NDArray[np.int64]:
    """The same of their terms alone (m, 14)."""
    from dedupe.kernels.novelty import compared_terms

    return compared_terms(texts.buckets, texts.counts, texts.flags, texts.bounds, pairs)


def likeness(words: NDArray[np.float64]) -> NDArray[np.float64]:
    """Jaccard by words that stand in shared shingles (m,), of ``words`` as in Differences.

    Of blocks it is the Jaccard of the shingles; a changed word counts once, not five times.
    """
    sizes = words[:, 6:8]
    shared = (words[:, :2] * sizes).sum(axis=1) / 2
    return np.asarray(shared / np.maximum(sizes.sum(axis=1) - shared, 1))


def edited_share(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same as the words of both in shared shingles, of all words of both (m,)."""
    return np.asarray(2 * likeness / (1 + likeness))


def edited_likeness(share: float) -> float:
    """The likeness of which ``edited_share`` is this share."""
    return share / (2 - share)


def edited_shares(sketch: Sketch, pairs: NDArray[np.int32], words: int) -> NDArray[np.float64]:
    """The same share of any pairs of articles (m, 2), one text or not: (m,)."""
    from dedupe.kernels.novelty import compared_words

    sets = ShingleSets.of(sketch, pairs.ravel())
    texts = sketch.shingles, sketch.starts, sets.values, sets.bounds, sketch.lengths
    return edited_share(likeness(compared_words(*texts, words, pairs)))


def one_text(found: Differences) -> NDArray[np.bool_]:
    """Which pairs that share most of their words are versions of one text (m,).

    Not those that share but a block that says nothing of either: both begin otherwise, and have
    other titles. Nor those of one template: names and numbers of one stand in the place of those of
    the other. Nor those whose common words name less than all words do.
    """
    terms, against, slots = found.terms, _against(found), _against(found, _in_place(found))
    head, plain = found.words[:, 2:4].max(axis=1), terms[:, 11] > 0
    other_head = (head < LEAST_HEAD) & ~_titles_agree(found, against)
    template = np.where(plain, (slots < LEAST_WORDS) & (head < SAME_HEAD), slots < LEAST_NAMES)
    template |= against < LEAST_NAMES * found.words[:, :2].max(axis=1)
    nothing_told = (terms[:, 0] == 0) & (terms[:, 1:3].max(axis=1) > 0) & ~plain
    nothing_told &= ~_titles_agree(found, against)
    return np.asarray(~(other_head | template | nothing_told | _other_brief(found)))


def edited_text(found: Differences) -> NDArray[np.bool_]:
    """Which pairs of one text are long enough, and alike enough by their titles (m,).

    To be told for such where fewer of their shingles are in common: items of one template, that are
    short as a rule, share as many words, and each title names what the other article does not.
    """
    long = found.words[:, 6:8].min(axis=1) >= LEAST_EDITED
    return np.asarray(long & (found.terms[:, 7:9].min(axis=1) == 0))


def quoted_share(found: Differences) -> NDArray[np.float64]:
    """The larger share of one text's words that stand in passages of the other (m,).

    0 where few do, and of two texts of one template. A passage that begins both texts, or ends
    both, is no quotation: it may be a notice, or an "About" block.
    """
    words, terms = found.words[:, 11:13], found.terms
    slots = found.words[:, 9:11].max(axis=1) > MOST_SLOTS * words.max(axis=1)
    told = (terms[:, 0] >= QUOTED_NAMES) | (terms[:, 11] > 0)
    quoted = (words.min(axis=1) >= LEAST_QUOTED) & ~slots & told
    share = (words / np.maximum(found.words[:, 6:8], 1)).max(axis=1)
    return np.asarray(np.where(quoted, share, 0.0))


def _in_place(found: Differences) -> NDArray[np.float64]:
    """Of its own words the share of each text that stand in place of others (m, 2).

    Sentences of its own may name what they like.
    """
    own = (1 - found.words[:, :2]) * found.words[:, 6:8]
    return np.asarray(np.minimum(found.words[:, 9:11] / np.maximum(own, 1), 1.0))


def _against(found: Differences, counted: NDArray[np.float64] | float = 1.0) -> NDArray[np.float64]:
    """The share in common of names and numbers, of those and what stands against each other.

    Where one of the two has no names, that of all words. ``counted`` is how much of each text's own
    (m, 2) counts.
    """
    both, own = found.terms[:, 0], (found.terms[:, 1:3] * counted).min(axis=1)
    named = (both + (own == 0)) / np.maximum(both + own + (own == 0), 1)
    return np.asarray(np.where(found.terms[:, 11] > 0, _words_in_common(found, counted), named))


def _words_in_common(
    found: Differences, counted: NDArray[np.float64] | float = 1.0
) -> NDArray[np.float64]:
    """The share of words in both texts, of those and the ones that stand against each other."""
    shares, sizes = found.words[:, :2], found.words[:, 6:8]
    both, own = (shares * sizes).mean(axis=1), ((1 - shares) * sizes * counted).min(axis=1)
    return np.asarray(both / np.maximum(both + own, 1))


def _titles_agree(found: Differences, against: NDArray[np.float64]) -> NDArray[np.bool_]:
    sizes, missing = found.terms[:, 3:5], found.terms[:, 5:7]
    shares = 1 - missing / np.maximum(sizes, 1)
    untitled = (sizes == 0).any(axis=1)
    agree = np.where(
        untitled,
        (against >= SURE_NAMES) & (found.terms[:, 0] >= MANY_NAMES),
        shares.mean(axis=1) >= LEAST_TITLE,
    )
    return np.asarray(agree | ((against >= SURER_NAMES) & (found.terms[:, 0] >= MOST_NAMES)))


def _other_brief(found: Differences) -> NDArray[np.bool_]:
    """Which pairs are two items of few words: other names in the titles, or one other word.

    Of longer ones names that the text tells, too: the end of a title may name the outlet.
    """
    longest, named = found.words[:, 6:8].max(axis=1), found.terms[:, 7:9].min(axis=1) > 0
    titles = (longest < SHORT) & named
    titles |= (longest < LEAST_EDITED) & (found.terms[:, 12:14].min(axis=1) > 0)
    return np.asarray(titles | ((longest < SHORTEST) & (_words_in_common(found) < LEAST_BRIEF)))


def additions(found: Differences) -> NDArray[np.int8]:
    """What the first text of each pair adds to the second, that it is a copy of (m,).

    In a brief item any other name or number is a correction, wherever it stands, and so is a word
    of title and lead alike that the other text has nowhere: one of its subject.
    """
    run, told = found.words[:, 4], found.terms[:, 9] > 0
    subject = found.terms[:, 12] > 0
    update = (run >= MANY_OWN_WORDS) | ((run >= OWN_WORDS) & told)
    brief = (found.words[:, 6:8].max(axis=1) < SHORT) & (run > 0)
    correction = ((found.words[:, 8] > 0) & told) | (brief & (told | subject))
    return np.asarray(UPDATE * update + CORRECTION * correction, np.int8)


def own_terms(terms: Terms, row: int, other: int) -> set[int]:
    """Buckets of names and numbers that the text of one article has more often than another."""
    from dedupe.kernels.novelty import more_often

    found = more_often(terms.buckets, terms.counts, terms.flags, terms.bounds, row, other)
    return set(found.tolist())


def added_words(article: Article, buckets: set[int]) -> tuple[str, ...]:
    """The first names and numbers of a text whose terms are in these buckets, as written."""
    chunks = article.text[:MOST_READ].split()
    # Most begin with a small letter: those are passed over without a search.
    found = (WORD.search(chunk) for chunk in chunks if not "a" <= chunk[0] <= "z")
    named = (match[0][:LONGEST_TOLD] for match in found if match)
    words = list(dict.fromkeys(word for word in named if word[0].isupper() or word[0].isdigit()))
    terms = terms_of(words)
    inside = [bucket in buckets for bucket in terms.buckets.tolist()]
    told = (
        word
        for word, (first, last) in zip(words, pairwise(terms.bounds.tolist()), strict=True)
        if any(inside[first:last])
    )
    return tuple(islice(told, MOST_TOLD))


class Alike(NamedTuple):
    """m pairs of texts, compared word by word."""

    overlaps: Overlaps
    likeness: NDArray[np.float64]
    """Jaccard by words in shared shingles; 0 for two articles, see ``one_text`` (m,)."""
    adds: NDArray[np.int8]
    """What the first adds to the second, see ``additions`` (m,)."""
    edited: NDArray[np.float64]
    """How much of two texts is the same that may be one, edited, see ``edited_share``; else 0
    (m,)."""
    quoted: NDArray[np.float64]
    """What one quotes of the other, see ``quoted_share`` (m,)."""

    def quotations(self, settings: Settings) -> NDArray[np.bool_]:
        """Which pairs quote one another, unless they are of one group of copies (m,)."""
        enough = (self.quoted >= settings.quoted) & (self.quoted > 0)
        if not enough.any():
            return np.zeros(len(enough), np.bool_)
        return np.asarray(enough & (self.overlaps.containment < settings.contained))

    def at(self, places: NDArray[np.int64]) -> Alike:
        """Some of them, in the order of their places."""
        overlaps = Overlaps(self.overlaps.jaccard[places], self.overlaps.containment[places])
        columns: Iterable[Any] = self[1:]
        return Alike(overlaps, *(column[places] for column in columns))

    @classmethod
    def joined(cls, parts: Sequence[Alike]) -> Alike:
        """Several, one after the other."""
        overlaps = Overlaps(
            np.concatenate([part.overlaps.jaccard for part in parts]),
            np.concatenate([part.overlaps.containment for part in parts]),
        )
        columns = zip(*(part[1:] for part in parts), strict=True)
        return cls(overlaps, *(np.concatenate(column) for column in columns))


def compared(
    sets: ShingleSets,
    pairs: NDArray[np.int32],
    texts: Callable[[NDArray[np.int32]], Wordings],
    least: float,
) -> Alike:
    """Compares pairs (m, 2) of texts whose shingles are in ``sets``.

    Those of which neither Jaccard nor containment reaches ``least`` have no likeness, and quote
    nothing; ``texts`` gives the wordings of the others.
    """
    shared, m = sets.overlaps(pairs), len(pairs)
    alike, edited, quoted = np.zeros((3, m))
    adds = np.zeros(m, np.int8)
    (near,) = (np.maximum(shared.jaccard, shared.containment) >= least).nonzero()
    if len(near):
        found = differences(texts(pairs[near]), sets, pairs[near])
        alike[near] = np.where(one_text(found), likeness(found.words), 0.0)
        edited[near] = np.where(edited_text(found), edited_share(alike[near]), 0.0)
        adds[near], quoted[near] = additions(found), quoted_share(found)
    return Alike(shared, alike, adds, edited, quoted)
