"""Ways to group articles and to score pairs: the package with its one default, and plain peers.

A way to group takes articles and gives the label of each one's story, in their order. None is
told which set it has before it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.analysis import Analysis
from dedupe.config import Settings
from dedupe.evaluate.measures import numbers_of
from dedupe.evidence import evidence, logistic
from dedupe.pipeline import analyse
from dedupe.scored import scored_pairs
from dedupe.stories import window_of
from dedupe.story import alone
from dedupe.term_corpus import TermsAtHand

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.model import Article

Group = Callable[[Sequence["Article"]], list[int]]

TFIDF_CUT = 0.26
"""The cosine that served average linkage best as the one cut for many sets."""
NO_COSINE = -1.0
"""Below every cosine: all pairs are taken."""
LSH_THRESHOLD, WORDS, PERMUTATIONS = 0.5, 5, 128

_sketches: dict[str, Any] = {}


def package(articles: Sequence[Article]) -> list[int]:
    """The package's stories."""
    return stories_of(analyse(articles), articles)


def stories_of(analysis: Analysis, articles: Sequence[Article]) -> list[int]:
    """Story labels of an analysis, in the articles' order."""
    return _in_order(analysis, analysis.links.stories, articles)


def copies_of(analysis: Analysis, articles: Sequence[Article]) -> list[int]:
    """Labels of the groups of copies, in the articles' order."""
    return _in_order(analysis, analysis.links.copies, articles)


class Groups(NamedTuple):
    """Labels of stories and of groups of copies, in the articles' order."""

    stories: list[int]
    copies: list[int]


def batched(articles: Sequence[Article]) -> Groups:
    """What a batch of them makes."""
    analysis = analyse(articles)
    return Groups(stories_of(analysis, articles), copies_of(analysis, articles))


def indexed(articles: Sequence[Article]) -> Groups:
    """What an index has made of them in the end, admitted by date."""
    from dedupe.index import open_index

    with open_index("memory:") as index:
        index.admit_many(by_date(articles))
        held = {entry.article.id: entry for entry in index.articles()}
    own = [held[article.id] for article in articles]
    named = ([entry.story for entry in own], [entry.copies for entry in own])
    return Groups(*(numbers_of(names).tolist() for names in named))


def by_date(articles: Iterable[Article]) -> list[Article]:
    """As they would arrive: by date, those without one first, then by id."""
    return sorted(articles, key=lambda a: (a.date.timestamp() if a.date else 0.0, a.id))


def _in_order(
    analysis: Analysis, labels: NDArray[np.int32], articles: Sequence[Article]
) -> list[int]:
    found = dict(zip(analysis.articles.ids, labels.tolist(), strict=True))
    return [found[article.id] for article in articles]


def minhash(articles: Sequence[Article]) -> list[int]:
    """Word 5-grams, MinHash, LSH at 0.5 by datasketch, then connected components."""
    from datasketch import MinHashLSH
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    lsh = MinHashLSH(threshold=LSH_THRESHOLD, num_perm=PERMUTATIONS)
    edges = []
    for place, article in enumerate(articles):
        signature = _signature(article)
        edges += [(place, other) for other in lsh.query(signature)]
        lsh.insert(place, signature)
    rows, columns = zip(*edges, strict=True) if edges else ((), ())
    n = len(articles)
    graph = coo_matrix((np.ones(len(edges), np.int8), (rows, columns)), shape=(n, n))
    labels: list[int] = connected_components(graph, directed=False)[1].tolist()
    return labels


def _signature(article: Article) -> Any:
    from datasketch import MinHash

    key = f"{article.id}\0{len(article.text)}"
    if key not in _sketches:
        words = re.findall(r"\w+", article.text.lower())
        shingles = {" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))}
        made = MinHash(PERMUTATIONS)
        made.update_batch([shingle.encode() for shingle in shingles])
        _sketches[key] = made
    return _sketches[key]


def tfidf(articles: Sequence[Article]) -> list[int]:
    """Plain TF-IDF cosine, average linkage, one cut."""
    from sklearn.cluster import AgglomerativeClustering

    rows = _tfidf_rows(articles)
    distances = 1.0 - (rows @ rows.T).toarray()
    model = AgglomerativeClustering(
        None, metric="precomputed", linkage="average", distance_threshold=1.0 - TFIDF_CUT
    )
    labels: list[int] = model.fit_predict(np.maximum(distances, 0.0)).tolist()
    return labels


def _tfidf_rows(articles: Sequence[Article]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer().fit_transform([f"{a.title}\n{a.text}" for a in articles])


PACKAGE = "dedupe"
GROUPERS: dict[str, Group] = {
    PACKAGE: package,
    "5-gram MinHash": minhash,
    "TF-IDF": tfidf,
}

Pairs = Sequence[tuple[str, str]]


def pair_scores(analysis: Analysis, pairs: Pairs) -> NDArray[np.float64]:
    """Story score of pairs of article ids (k,), each in [0, 1]: 1 between copies.

    0 where an article of the pair has next to nothing in common with the other: it was never a
    candidate. The analysis must have been made with evidence.
    """
    return np.nan_to_num(analysis.story_scores(_rows(analysis, pairs)))


def _rows(analysis: Analysis, pairs: Pairs) -> NDArray[np.int32]:
    """Places of the articles of pairs (k, 2)."""
    return np.stack([analysis.rows(side) for side in zip(*pairs, strict=True)], axis=1)


def package_pairs(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Story scores of pairs, term weights and surroundings taken from all articles."""
    return pair_scores(analyse(articles, with_evidence=True), pairs)


def package_pairs_evidence(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Story scores of pairs by their own evidence, without their company; weights from all."""
    analysis = analyse(articles, with_evidence=True)
    if analysis.weights is None:
        raise ValueError("there are no articles")
    rows = np.sort(_rows(analysis, pairs), axis=1)
    given, back = np.unique(rows, axis=0, return_inverse=True)
    with ThreadPoolExecutor() as executor:
        terms = TermsAtHand(analysis.weights, analysis.sketch, executor)
        near = terms.near(given, NO_COSINE)
        dates, lengths = analysis.articles.dates, analysis.sketch.lengths
        found = evidence(window_of(dates, lengths, near, executor))
    return logistic(alone(found))[back.ravel()]


def package_pairs_alone(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Story scores of pairs, each as if its two articles were all there is."""
    known = {article.id: article for article in articles}
    found = [
        pair_scores(analyse([known[a], known[b]], with_evidence=True), [(a, b)])[0]
        for a, b in pairs
    ]
    return np.array(found)


def package_grades(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Grades of likeness, each pair read by itself; weights from all articles."""
    return np.array(scored_pairs(articles, pairs, Settings()))


def minhash_pairs(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Estimated Jaccard of word 5-grams."""
    known = {article.id: article for article in articles}
    signatures = [(_signature(known[a]), _signature(known[b])) for a, b in pairs]
    return np.array([one.jaccard(other) for one, other in signatures])


def tfidf_pairs(articles: Sequence[Article], pairs: Pairs) -> NDArray[np.float64]:
    """Plain TF-IDF cosine."""
    rows, place = _tfidf_rows(articles), {a.id: at for at, a in enumerate(articles)}
    one, other = (rows[[place[pair[side]] for pair in pairs]] for side in (0, 1))
    return np.asarray(one.multiply(other).sum(axis=1)).ravel()


SCORERS: dict[str, Callable[[Sequence[Article], Pairs], NDArray[np.float64]]] = {
    PACKAGE: package_pairs,
    f"{PACKAGE}, evidence": package_pairs_evidence,
    f"{PACKAGE}, pair alone": package_pairs_alone,
    f"{PACKAGE}, grade": package_grades,
    "5-gram MinHash": minhash_pairs,
    "TF-IDF": tfidf_pairs,
}
