"""From cosines to story scores: each pair against what is usual around its two articles.

Pairs are int32 (m, 2); per pair values are float64 (m,).
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(nogil=True, cache=True, inline="always")
def logistic(value):
    return 1.0 / (1.0 + np.exp(-value))


@njit(nogil=True, cache=True)
def gap_bins(pairs, dates, edges, bins):
    """Fills ``bins`` uint8 (m,) with the last of ``edges`` (whole days) that the gap reaches.

    ``dates`` int64 (n,) in microseconds; a pair with an undated article gets ``edges.size``.
    """
    day = 86_400_000_000
    none = np.iinfo(np.int64).max
    for p in range(pairs.shape[0]):
        a, b = dates[pairs[p, 0]], dates[pairs[p, 1]]
        bins[p] = edges.size
        if a != none and b != none:
            gap, k = abs(a - b) // day, 0
            while k + 1 < edges.size and gap >= edges[k + 1]:
                k += 1
            bins[p] = k


@njit(nogil=True, cache=True)
def gap_counts(pairs, bins, weights, counts):
    """Adds each dated pair's weight to its bin of both articles: ``counts`` float64 (n, edges)."""
    for p in range(pairs.shape[0]):
        if bins[p] < counts.shape[1]:
            counts[pairs[p, 0], bins[p]] += weights[p]
            counts[pairs[p, 1], bins[p]] += weights[p]


@njit(nogil=True, cache=True)
def date_ratios(pairs, bins, same, usual, ratios):
    """Fills ``ratios`` with log P(gap | one story) - log P(gap | look-alikes).

    ``same`` float64 (edges,) are log probabilities, ``usual`` float64 (n, edges) those of the gaps
    around each article; a pair takes the mean of its two. Undated pairs get 0: no evidence.
    """
    for p in range(pairs.shape[0]):
        k = bins[p]
        ratios[p] = 0.0
        if k < same.size:
            ratios[p] = same[k] - 0.5 * (usual[pairs[p, 0], k] + usual[pairs[p, 1], k])


@njit(nogil=True, cache=True)
def contrast(pairs, logits, share, best):
    """Takes from each logit ``share`` of the lower of its articles' best logits, if positive.

    Where both articles have a far better companion, a middling pair is a look-alike. ``best``
    float64 (n,) is filled.
    """
    best[:] = -np.inf
    for p in range(pairs.shape[0]):
        for side in range(2):
            best[pairs[p, side]] = max(best[pairs[p, side]], logits[p])
    for p in range(pairs.shape[0]):
        rival = min(best[pairs[p, 0]], best[pairs[p, 1]])
        logits[p] -= share * max(0.0, rival)


@njit(nogil=True, cache=True)
def local_priors(pairs, logits, n, rounds, strength, prior, share, shifts):
    """Expectation-maximisation of how many of the pairs around each article are true.

    As in probabilistic record linkage (Fellegi & Sunter 1969; Winkler 1988), with a prior of
    ``strength`` pairs of which ``prior`` are true. ``shifts`` float64 (n,) becomes ``share`` of
    the change in log-odds; a pair's is the mean of its two. Returns how many pairs there are
    around each article, its own and its neighbours': float64 (n,).
    """
    usual = np.log(prior / (1.0 - prior))
    shifts[:] = 0.0
    near = np.zeros(n)
    for p in range(pairs.shape[0]):
        near[pairs[p, 0]] += 1.0
        near[pairs[p, 1]] += 1.0
    around = near.copy()
    for p in range(pairs.shape[0]):
        around[pairs[p, 0]] += near[pairs[p, 1]]
        around[pairs[p, 1]] += near[pairs[p, 0]]
    for _ in range(rounds):
        true = np.zeros(n)
        for p in range(pairs.shape[0]):
            a, b = pairs[p, 0], pairs[p, 1]
            chance = logistic(logits[p] + 0.5 * (shifts[a] + shifts[b]))
            true[a] += chance
            true[b] += chance
        summed = true.copy()
        for p in range(pairs.shape[0]):
            summed[pairs[p, 0]] += true[pairs[p, 1]]
            summed[pairs[p, 1]] += true[pairs[p, 0]]
        for i in range(n):
            rate = (summed[i] + strength * prior) / (around[i] + strength)
            shifts[i] = share * (np.log(rate / (1.0 - rate)) - usual)
    return around


@njit(nogil=True, cache=True)
def day_pairs(days, counts, edges):
    """How many pairs of articles lie in each bin of the gap between their days: float64 (edges,).

    ``days`` int64 (k,) ascend, ``counts`` int64 (k,) are the articles of each.
    """
    found = np.zeros(edges.size)
    ends = np.zeros(edges.size, np.int64)
    upto = np.zeros(edges.size)  # articles of days before each end
    before, whole = 0.0, float(counts.sum())
    for i in range(days.size):
        before += counts[i]
        found[0] += 0.5 * counts[i] * (counts[i] - 1.0)
        for k in range(edges.size):
            while ends[k] < days.size and days[ends[k]] < days[i] + edges[k]:
                upto[k] += counts[ends[k]]
                ends[k] += 1
        for k in range(edges.size):
            # From this edge on to the next; days equal to its own are counted above.
            low = max(upto[k], before)
            high = upto[k + 1] if k + 1 < edges.size else whole
            if high > low:
                found[k] += counts[i] * (high - low)
    return found


@njit(nogil=True, cache=True)
def day_neighbours(counts, articles, place, edges):
    """How many articles lie in each bin of the gap from one day: float64 (edges,).

    ``counts`` int64 (days,) are the articles of days in a row, ``articles`` their sum, and
    ``place`` is the day; its own articles all count.
    """
    found = np.zeros(edges.size)
    for k in range(edges.size - 1):
        for gap in range(edges[k], edges[k + 1]):
            if place - gap >= 0:
                found[k] += counts[place - gap]
            if gap > 0 and place + gap < counts.size:
                found[k] += counts[place + gap]
    found[edges.size - 1] = articles - found.sum()
    return found
