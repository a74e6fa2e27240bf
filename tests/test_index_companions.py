"""With how many articles an index compares a short text, and what it reads of those."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from dedupe.evaluate.measures import b_cubed
from dedupe.index import find, open_index
from dedupe.index.hand import Telling
from evals.templates import TEMPLATES, twins


def test_a_text_of_few_telling_terms_is_compared_with_more_articles() -> None:
    bounds = np.cumsum([0, 48, 30, 10, 0])
    none = np.empty(0)
    assert find._companions(Telling(none, none, bounds)).tolist() == [20, 32, 96, 128]


def test_phrases_of_a_template_are_seen_though_no_key_is_in_common(monkeypatch) -> None:
    (template,) = (one for one in TEMPLATES if one.kind == "payouts")
    titled, events = twins(template, 40)
    articles = [replace(article, title="") for article in titled]

    def precision() -> float:
        with open_index("memory:") as index:
            index.admit_many(articles)
            story = {held.article.id: held.story for held in index.articles()}
        return b_cubed(events, [story[article.id] for article in articles]).precision

    found = precision()
    monkeypatch.setattr(find, "TEMPLATE_COSINE", 2.0)
    assert found > 1.05 * precision()
