"""
From cosines to story scores: each pair against what is usual around its articles.
"""

import numpy
import numpy.typing

def date_ratios(
    pairs: numpy.typing.NDArray[numpy.int32],
    weights: numpy.typing.NDArray[numpy.float64],
    dates: numpy.typing.NDArray[numpy.int64],
    edges: numpy.typing.NDArray[numpy.int64],
    same: numpy.typing.NDArray[numpy.float64],
    corpus: numpy.typing.NDArray[numpy.float64],
    strength: float,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Log P(gap | one story) - log P(gap | look-alikes) of each pair: (m,).

    A gap is told by the last of ``edges`` (whole days) that it reaches. ``same`` (edges,) are log
    probabilities. Those of look-alikes are the gaps around each article, its pairs counted by their
    ``weights`` (m,), on top of ``strength`` pairs of the ``corpus`` (edges,); a pair takes the mean of
    its two articles' logarithms. ``dates`` (n,) are in microseconds; a pair with an undated article
    gets 0: no evidence.
    """

def in_company(
    pairs: numpy.typing.NDArray[numpy.int32],
    logits: numpy.typing.NDArray[numpy.float64],
    near: numpy.typing.NDArray[numpy.bool],
    apart: numpy.typing.NDArray[numpy.bool],
    n: int,
    share: float,
    prior: tuple[int, float, float, float],
    caution: tuple[float, float],
    constant: float,
    common: tuple[float, float],
) -> tuple[
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
    numpy.typing.NDArray[numpy.float32],
]:
    """
    Turns logits of pairs read alone, in place, into those in their company.

    Where both articles have a far better companion, a middling pair is a look-alike: it loses ``share``
    of the lower of its articles' best logits, if positive. Only the pairs of ``near`` (m,) are
    surroundings of others, of which a share is true that is estimated around each article, as in
    probabilistic record linkage (Fellegi & Sunter 1969; Winkler 1988): ``prior`` are the rounds of
    this, how many pairs it begins with, which share of those is true, and which share of the change in
    log-odds a pair takes on. ``caution`` is what an article without surroundings loses, and how many
    pairs halve that; ``constant`` is added then.

    In the end companions that both have speak for a pair, and those of one alone against it, as shared
    nearest neighbours do (Jarvis & Patrick 1973): log((cosine + offset) / (that of two that have nobody
    else + offset)) is added, the cosine being that of their rows of chances, with 1 in their own place.
    For those that are ``apart`` (m,) nobody speaks: who has no date may be the companion of both.
    ``common`` is the least chance that counts, and the offset.

    Returns what rivals took away, what the surroundings added, and what companions in common added:
    (m,) each.
    """

def alone(
    found: numpy.typing.NDArray[numpy.float32],
    coefficients: numpy.typing.NDArray[numpy.float64],
    intercept: float,
) -> numpy.typing.NDArray[numpy.float64]:
    """
    Log-odds (m,) of pairs by their evidence (m, k) and its coefficients (k,).
    """

def day_pairs(
    days: numpy.typing.NDArray[numpy.int64],
    counts: numpy.typing.NDArray[numpy.int64],
    edges: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    How many pairs of articles lie in each bin of the gap between their days: (edges,).

    ``days`` (k,) ascend, ``counts`` (k,) are the articles of each.
    """

def day_neighbours(
    counts: numpy.typing.NDArray[numpy.int64],
    articles: int,
    place: int,
    edges: numpy.typing.NDArray[numpy.int64],
) -> numpy.typing.NDArray[numpy.float64]:
    """
    How many articles lie in each bin of the gap from one day: (edges,).

    ``counts`` (days,) are the articles of days in a row, ``articles`` their sum, and ``place`` is the
    day; its own articles all count.
    """
