"""From cosines to story scores: each pair against what is usual around its two articles.

Pairs are int32 (m, 2); per pair values are float64 (m,).
"""

from __future__ import annotations

import numpy as np


def logistic(value):
    return 1.0 / (1.0 + np.exp(-value))


def date_ratios(pairs, weights, dates, edges, same, corpus, strength):
    """Log P(gap | one story) - log P(gap | look-alikes) of each pair: float64 (m,).

    A gap is told by the last of ``edges`` (whole days) that it reaches. ``same`` float64 (edges,)
    are log probabilities. Those of look-alikes are the gaps around each article, its pairs counted
    by their ``weights`` (m,), on top of ``strength`` pairs of the ``corpus`` (edges,); a pair takes
    the mean of its two articles' logarithms. ``dates`` int64 (n,) are in microseconds; a pair with
    an undated article gets 0: no evidence.
    """
    day = 86_400_000_000
    none = np.iinfo(np.int64).max
    bins = np.empty(pairs.shape[0], np.uint8)
    usual = np.zeros((dates.size, edges.size))
    for p in range(pairs.shape[0]):
        a, b = dates[pairs[p, 0]], dates[pairs[p, 1]]
        bins[p] = edges.size
        if a != none and b != none:
            gap, k = abs(a - b) // day, 0
            while k + 1 < edges.size and gap >= edges[k + 1]:
                k += 1
            bins[p] = k
            usual[pairs[p, 0], k] += weights[p]
            usual[pairs[p, 1], k] += weights[p]
    for i in range(dates.size):
        total = usual[i].sum() + strength
        for k in range(edges.size):
            usual[i, k] = np.log((usual[i, k] + strength * corpus[k]) / total)
    ratios = np.zeros(pairs.shape[0])
    for p in range(pairs.shape[0]):
        k = bins[p]
        if k < edges.size:
            ratios[p] = same[k] - 0.5 * (usual[pairs[p, 0], k] + usual[pairs[p, 1], k])
    return ratios


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


def companions_in_common(pairs, logits, apart, n, least, offset):
    """Adds to each logit what the companions that both articles have say: float32 (m,).

    As shared nearest neighbours (Jarvis & Patrick 1973): the cosine of the two articles' rows of
    chances of ``least`` and more, with 1 in their own place, beside what it is of two that have
    nobody else. Nothing speaks for a pair that is ``apart`` bool (m,).
    """
    likely = [logistic(logit) for logit in logits]
    rows, lengths = [{} for _ in range(n)], np.ones(n)
    for p in range(pairs.shape[0]):
        if likely[p] >= least:
            a, b = pairs[p]
            for one, other in ((a, b), (b, a)):
                rows[one][other] = likely[p]
                lengths[one] += likely[p] * likely[p]
    lengths, added = np.sqrt(lengths), np.zeros(pairs.shape[0], np.float32)
    for p in range(pairs.shape[0]):
        a, b = pairs[p]
        if likely[p] >= least:
            shared = 2.0 * likely[p]
            for other, chance in rows[b].items():
                shared += chance * rows[a].get(other, 0.0)
            cosine = shared / (lengths[a] * lengths[b])
            alone = 2.0 * likely[p] / (1.0 + likely[p] * likely[p])
            value = np.log((cosine + offset) / (alone + offset))
            if value <= 0.0 or not apart[p]:
                added[p] = value
                logits[p] += value
    return added


def in_company(pairs, logits, near, apart, n, share, prior, caution, constant, common):
    """Turns logits of pairs read alone, in place, into those in their company.

    Only the pairs of ``near`` bool (m,) are surroundings of others. ``share`` as in contrast,
    ``prior`` what local_priors takes after n; ``caution`` is what an article without surroundings
    loses, and how many pairs halve that; ``common`` what companions_in_common takes after n.
    Returns what rivals took away, what the surroundings added, and what companions in common added:
    float32 (m,) each.
    """
    alone, best = logits.copy(), np.empty(n)
    contrast(pairs, logits, share, best)
    rivals = (logits - alone).astype(np.float32)
    shifts = np.empty(n)
    rounds, strength, true, change = prior
    around = local_priors(pairs[near], logits[near], n, rounds, strength, true, change, shifts)
    for i in range(n):
        shifts[i] -= caution[0] * caution[1] / (around[i] + caution[1])
    surroundings = np.empty(pairs.shape[0], np.float32)
    for p in range(pairs.shape[0]):
        added = 0.5 * (shifts[pairs[p, 0]] + shifts[pairs[p, 1]])
        surroundings[p] = added
        logits[p] += added + constant
    return rivals, surroundings, companions_in_common(pairs, logits, apart, n, *common)


def alone(found, coefficients, intercept):
    """Log-odds (m,) of pairs by their evidence float32 (m, k) and coefficients float64 (k,)."""
    return found @ coefficients + intercept


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
