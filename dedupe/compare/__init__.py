"""Where two reports agree and where they differ: two articles to a :class:`Comparison`.

Pure: no I/O beyond the package's own tables, no clock, no randomness. Imports wordfreq, Snowball
and RapidFuzz, all at the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.align import align_sentences, idf
from dedupe.compare.edits import edits
from dedupe.compare.facts import compare_facts, gather
from dedupe.compare.features import features, together
from dedupe.compare.measures import measures
from dedupe.compare.reading import PARTS, Read, read
from dedupe.compare.terms import compare_terms, terms
from dedupe.model_compare import Comparison, Edit
from dedupe.weigh import LEAST_FREQUENCY

if TYPE_CHECKING:
    from dedupe.analysis import Likeness
    from dedupe.config import Settings
    from dedupe.model import Article

__all__ = ["compare"]

_EDITED = ("near_duplicate", "contained")


def compare(a: Article, b: Article, likeness: Likeness, settings: Settings) -> Comparison:
    """Compares two articles; every part of the answer says where in the texts it stands.

    ``likeness`` is that of the two, by an analysis that was made with ``settings``. The articles
    may be of two languages, and be cut: then what is said of words and facts is about what is
    left, and the measures are about the whole.
    """
    one, other = (
        read(article, language)
        for article, language in zip((a, b), likeness.languages, strict=True)
    )
    shared, own_a, own_b = compare_terms(
        terms(one.words["title"], one.words["text"]),
        terms(other.words["title"], other.words["text"]),
        likeness.weights,
    )
    gathered = gather(one, other)
    features_a, frequency_a = features(one, gathered[0])
    features_b, frequency_b = features(other, gathered[1])
    weight = idf([*features_a, *features_b], together(frequency_a, frequency_b), LEAST_FREQUENCY)
    alignments = align_sentences(features_a, features_b, weight)
    in_a, in_b = {pair.a for pair in alignments}, {pair.b for pair in alignments}
    return Comparison(
        a=a.id,
        b=b.id,
        relation=likeness.relation,
        measures=measures(likeness, settings.shingle_words),
        shared_terms=shared,
        terms_a=own_a,
        terms_b=own_b,
        sentences_a=one.sentences,
        sentences_b=other.sentences,
        alignments=alignments,
        only_a=tuple(i for i in range(len(one.sentences)) if i not in in_a),
        only_b=tuple(i for i in range(len(other.sentences)) if i not in in_b),
        facts=compare_facts(one, other, gathered, alignments),
        edits=_edits(one, other) if likeness.relation in _EDITED else (),
        company=likeness.articles,
    )


def _edits(one: Read, other: Read) -> tuple[Edit, ...]:
    return tuple(edit for part in PARTS for edit in edits(part, one.words[part], other.words[part]))
