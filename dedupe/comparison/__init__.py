"""Where two reports agree and where they differ: two articles to a :class:`Comparison`.

Pure: no I/O beyond the package's own tables, no clock, no randomness. Imports Snowball,
text2num and RapidFuzz, all at the first call.
"""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING

from dedupe.comparison.align import align_sentences, features_of
from dedupe.comparison.events import sentences_of_one_event
from dedupe.comparison.facts.kinds import compare_facts, gather
from dedupe.comparison.reading import PARTS, read_article
from dedupe.comparison.words import compare_terms, edits
from dedupe.model_compare import Comparison, Measure

if TYPE_CHECKING:
    from dedupe.analysis import Likeness
    from dedupe.config import Settings
    from dedupe.model import Article

__all__ = ["compare"]

_EDITED = ("near_duplicate", "contained", "edited_copy")


def compare(a: Article, b: Article, likeness: Likeness, settings: Settings) -> Comparison:
    """Compares two articles; every part of the answer says where in the texts it stands.

    ``likeness`` is that of the two, by an analysis that was made with ``settings``. The articles
    may be of two languages, and be cut: then what is said of words and facts is about what is
    left, and the measures are about the whole.
    """
    one, other = (
        read_article(article, language)
        for article, language in zip((a, b), likeness.languages, strict=True)
    )
    words_a, words_b = (
        {part: reading.words for part, reading in side.parts.items()} for side in (one, other)
    )
    shared, own_a, own_b = compare_terms(words_a, words_b, likeness.weights)
    gathered = gather(one, other)
    features = [features_of(*side) for side in zip((one, other), gathered, strict=True)]
    alignments = align_sentences(*features)
    told = sentences_of_one_event(
        alignments, features, (one, other), one_story=likeness.relation is not None
    )
    in_a, in_b = {pair.a for pair in alignments}, {pair.b for pair in alignments}
    return Comparison(
        a=a.id,
        b=b.id,
        relation=likeness.relation,
        measures=_measures(likeness, settings.shingle_words),
        shared_terms=shared,
        terms_a=own_a,
        terms_b=own_b,
        sentences_a=one.sentences,
        sentences_b=other.sentences,
        alignments=alignments,
        only_a=tuple(i for i in range(len(one.sentences)) if i not in in_a),
        only_b=tuple(i for i in range(len(other.sentences)) if i not in in_b),
        facts=compare_facts(one, other, gathered, alignments, told),
        edits=tuple(
            edit
            for part in PARTS
            if likeness.relation in _EDITED
            for edit in edits(part, words_a[part], words_b[part])
        ),
        company=likeness.articles,
    )


def _measures(found: Likeness, words: int) -> tuple[Measure, ...]:
    """The scores of a pair, each with what it means; ``words`` is the length of a shingle."""
    run = f"runs of {words} words"
    among = "the two alone" if found.articles == 2 else f"{found.articles:,} articles"
    scores = [
        Measure("jaccard", found.jaccard, f"share of all {run} that both texts have"),
        Measure("containment_a", found.a_in_b, f"share of the first text's {run} in the second"),
        Measure("containment_b", found.b_in_a, f"share of the second text's {run} in the first"),
    ]
    if not isnan(found.cosine):
        meaning = f"likeness of the words used, weighed among {among}; rare ones count most"
        scores.append(Measure("cosine", found.cosine, meaning))
    if found.story is not None:
        meaning = f"probability that both report the same event, judged among {among}"
        scores.append(Measure("story", found.story, meaning))
    if found.share is not None:
        of = f"the words in {run}" if found.relation == "edited_copy" else "one text in passages"
        scores.append(Measure("share", found.share, f"share of {of} that both have"))
    return tuple(scores)
