"""Evidence of a young index, weighed again; and with how many a short text is compared."""

from __future__ import annotations

import math

import numpy as np
import pytest

from dedupe.evaluate.measures import b_cubed
from dedupe.index import find, open_index, today
from dedupe.index.hand import Telling
from dedupe.weigh import Frequencies
from evals.templates import TEMPLATES, twins

PRIOR = 1000


def grown(articles: int, position: int) -> float:
    frequencies = Frequencies(PRIOR)
    frequencies.articles["en"] = articles
    return today._grown(frequencies, position)


@pytest.mark.parametrize("articles", [10, 500, 20_000])
def test_the_idf_of_a_widespread_term_has_fallen_by_the_drift_since(articles) -> None:
    before = grown(articles, articles - 1)
    fallen = math.log((before + PRIOR) / before) - math.log((articles + PRIOR) / articles)
    assert fallen == pytest.approx(today.DRIFT)


def test_numbers_that_no_article_has_do_not_make_an_index_look_old() -> None:
    assert grown(500, 999) == pytest.approx(2 * grown(500, 499))


def test_a_large_index_is_young_no_more() -> None:
    assert grown(1_000_000, 999_999) < 10_000


def precision(articles, events, *, together: bool) -> float:
    with open_index("memory:") as index:
        for group in [articles] if together else [[article] for article in articles]:
            index.admit_many(group)
        story = {held.article.id: held.story for held in index.articles()}
    return b_cubed(events, [story[article.id] for article in articles]).precision


def test_what_looked_rare_in_a_young_index_ties_items_of_one_template_less_later(
    monkeypatch,
) -> None:
    (template,) = (one for one in TEMPLATES if one.kind == "payouts")
    articles, events = twins(template, 40)
    found = precision(articles, events, together=False)
    monkeypatch.setattr(today, "DRIFT", 99.0)
    assert found > 1.1 * precision(articles, events, together=False)


def test_a_text_of_few_telling_terms_is_compared_with_more_articles() -> None:
    bounds = np.cumsum([0, 48, 30, 10, 0])
    none = np.empty(0)
    assert find._companions(Telling(none, none, bounds)).tolist() == [20, 32, 64, 64]


def test_phrases_of_a_template_are_seen_though_no_key_is_in_common(monkeypatch) -> None:
    (template,) = (one for one in TEMPLATES if one.kind == "payouts")
    articles, events = twins(template, 40)
    found = precision(articles, events, together=True)
    monkeypatch.setattr(find, "TEMPLATE_COSINE", 2.0)
    assert found > 1.1 * precision(articles, events, together=True)
