"""Where two reports agree and where they differ: two articles to a :class:`Comparison`.

Pure: no I/O beyond the package's own tables, no clock, no randomness. Imports scikit-learn,
wordfreq, Snowball and RapidFuzz, all at the first call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.align import align_sentences, idf
from dedupe.compare.background import RAREST
from dedupe.compare.edits import edits
from dedupe.compare.facts import compare_facts, gather
from dedupe.compare.features import features, together
from dedupe.compare.measures import measures, overlap, relation
from dedupe.compare.reading import PARTS, Read, read
from dedupe.compare.terms import compare_terms, cosine, terms
from dedupe.config import Settings
from dedupe.model_compare import Comparison, Edit

if TYPE_CHECKING:
    from dedupe.model import Article

__all__ = ["compare"]

_EDITED = ("near_duplicate", "contained")


def compare(
    a: Article, b: Article, *, settings: Settings | None = None, story: float | None = None
) -> Comparison:
    """Compares two articles; every part of the answer says where in the texts it stands.

    ``story`` is their calibrated story score in [0, 1], where one is known: it decides whether
    both report one event; without it the cosine does. The articles may be of two languages.
    """
    chosen = settings or Settings()
    one, other = read(a), read(b)
    body_a, body_b = _body(one), _body(other)
    found = overlap(body_a, body_b, chosen.shingle_words)
    shared, own_a, own_b = compare_terms(
        terms(one.words["title"], one.words["text"]),
        terms(other.words["title"], other.words["text"]),
        one.lang or other.lang,
    )
    likeness = cosine(shared)
    related = relation(found, min(len(body_a), len(body_b)), likeness, story, chosen)
    gathered = gather(one, other)
    features_a, frequency_a = features(one, gathered[0])
    features_b, frequency_b = features(other, gathered[1])
    weight = idf([*features_a, *features_b], together(frequency_a, frequency_b), RAREST)
    alignments = align_sentences(features_a, features_b, weight)
    in_a, in_b = {pair.a for pair in alignments}, {pair.b for pair in alignments}
    return Comparison(
        a=a.id,
        b=b.id,
        relation=related,
        measures=measures(found, likeness, story, chosen.shingle_words),
        shared_terms=shared,
        terms_a=own_a,
        terms_b=own_b,
        sentences_a=one.sentences,
        sentences_b=other.sentences,
        alignments=alignments,
        only_a=tuple(i for i in range(len(one.sentences)) if i not in in_a),
        only_b=tuple(i for i in range(len(other.sentences)) if i not in in_b),
        facts=compare_facts(one, other, gathered, alignments),
        edits=_edits(one, other) if related in _EDITED else (),
    )


def _body(one: Read) -> list[str]:
    """The tokens that copies are told by: those of the text, or of the title where it has none."""
    return [word.text for word in one.words["text" if one.article.text else "title"]]


def _edits(one: Read, other: Read) -> tuple[Edit, ...]:
    return tuple(edit for part in PARTS for edit in edits(part, one.words[part], other.words[part]))
