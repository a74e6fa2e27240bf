"""Pairs that are read in their company: who resembles the same others, and who does not."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from dedupe.evidence import logistic
from dedupe.story import put_in_company, story_model


def in_company(chances, apart=()):
    """Chances of pairs by what they are alone; and what companions in common add to each."""
    pairs = np.array(sorted(chances), np.int32)
    alone = np.array([chances[pair] for pair in map(tuple, pairs.tolist())])
    logits = np.log(alone / (1 - alone))
    held = np.array([pair in apart for pair in map(tuple, pairs.tolist())])
    cosine = np.full(len(pairs), 0.5, np.float32)
    n = int(pairs.max()) + 1
    _, _, common = put_in_company(pairs, cosine, logits, held, n, story_model())
    names = list(map(tuple, pairs.tolist()))
    return dict(zip(names, logistic(logits), strict=True)), dict(zip(names, common, strict=True))


def circle(*members, chance=0.8):
    return dict.fromkeys(combinations(members, 2), chance)


def test_two_that_resemble_the_same_others_gain() -> None:
    _, common = in_company(circle(0, 1, 2, 3) | {(0, 1): 0.3})
    assert common[0, 1] > 0.2


def test_two_that_resemble_each_other_in_two_circles_lose() -> None:
    _, common = in_company(circle(0, 1, 2, 3) | circle(4, 5, 6, 7) | {(0, 4): 0.6})
    assert common[0, 4] < -0.2
    assert all(common[pair] > common[0, 4] for pair in common if pair != (0, 4))


@pytest.mark.parametrize("chance", [0.05, 0.3, 0.97])
def test_a_pair_that_is_alone_keeps_its_score(chance) -> None:
    _, common = in_company({(0, 1): chance})
    assert common[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_companions_do_not_speak_for_two_whose_dates_speak_against_them() -> None:
    alike = circle(0, 1, 2, 3) | {(0, 1): 0.3}
    assert in_company(alike, apart={(0, 1)})[1][0, 1] == 0.0
    lone = circle(0, 1, 2, 3) | circle(4, 5, 6, 7) | {(0, 4): 0.6}
    assert in_company(lone, apart={(0, 4)})[1][0, 4] < -0.2


def test_what_is_hardly_likely_is_nobody_s_companion() -> None:
    """However many of them there are."""
    many = {(0, other): 0.0005 for other in range(2, 60)}
    many |= {(1, other): 0.0005 for other in range(2, 60)}
    _, common = in_company({(0, 1): 0.5} | many)
    assert common[0, 1] == pytest.approx(0.0, abs=1e-6)


def test_the_order_of_pairs_has_no_say() -> None:
    alike = circle(0, 1, 2, 3) | {(0, 1): 0.3, (3, 4): 0.4}
    pairs = np.array(sorted(alike), np.int32)
    alone = np.array([alike[pair] for pair in map(tuple, pairs.tolist())])
    found = []
    for order in (np.arange(len(pairs)), np.random.default_rng(3).permutation(len(pairs))):
        logits = np.log(alone / (1 - alone))[order]
        cosine, apart = np.full(len(pairs), 0.5, np.float32), np.zeros(len(pairs), np.bool_)
        put_in_company(pairs[order], cosine, logits, apart, 5, story_model())
        found.append(logits[np.argsort(order)])
    np.testing.assert_allclose(*found, rtol=1e-12)
