"""One article's language is the one that the compiled vote gives a batch."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pytest

from dedupe.compare.language import language
from dedupe.compare.words import words
from dedupe.language import languages
from dedupe.sketch import composed, tokens_of

ARTICLES = Path(__file__).parent.parent / "fixtures" / "articles" / "news.jsonl"
TEXTS = [json.loads(line)["text"] for line in ARTICLES.read_text("utf-8").splitlines()]
SHORT = [
    "",
    "...",
    "Zzyzx qwrtp",
    "Президент подписал закон о пенсиях",
    "央行周二宣布下调利率",
    "der die das und",
]


def test_both_ways_agree() -> None:
    texts = TEXTS + SHORT
    batch = languages([""] * len(texts), tokens_of(composed(pa.array(texts, pa.large_string()))))
    assert [language("", words(text)) for text in texts] == batch
    assert {"en", "zh", "es"} <= set(batch)


@pytest.mark.parametrize(
    ("stated", "read"), [("de", "de"), ("no", "nb"), ("hr", "sh"), ("xx", "xx")]
)
def test_a_stated_language_is_believed(stated: str, read: str) -> None:
    assert language(stated, words("the and of to is")) == read
