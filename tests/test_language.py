"""The language of an article: stated, else by the commonest words of the text."""

from __future__ import annotations

import numpy as np
import pytest
from corpora import TEXTS, strings
from hypothesis import given
from hypothesis import strategies as st

from dedupe import Article, analyse
from dedupe.language import (
    FIRST_TOKENS,
    LEAST_SHARE,
    MOST_APART,
    common_words,
    counted_apart,
    languages,
)
from dedupe.text import token_hash, tokenize
from dedupe.tokens import composed, tokens_of


def spoken(*texts: str, stated: list[str] | None = None) -> list[str]:
    return languages(stated or [""] * len(texts), tokens_of(composed(strings(texts))))


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The minister said that the talks with the union had been long and that they go on", "en"),
        ("Der Minister sagte, dass die Gespräche mit der Gewerkschaft nicht leicht waren", "de"),
        (
            "Le ministre a dit que les entretiens avec le syndicat ont été longs et se poursuivent",
            "fr",
        ),
        ("El ministro dijo que las conversaciones con el sindicato han sido largas y siguen", "es"),
        (
            "Il ministro ha detto che i colloqui con il sindacato sono stati lunghi e non finiti",
            "it",
        ),
        ("Министр сказал, что переговоры с профсоюзом были долгими и что они не закончены", "ru"),
        ("मंत्री ने कहा कि संघ के साथ बातचीत लंबी रही है और यह आज भी जारी है", "hi"),
        ("قال الوزير إن المحادثات مع النقابة كانت طويلة وهي لا تزال على جدول هذا الأسبوع", "ar"),
    ],
)
def test_the_words_of_a_text_tell_its_language(text: str, language: str) -> None:
    assert spoken(text) == [language]


def test_what_is_stated_is_believed() -> None:
    assert spoken("The end of the road and the sea", "Das Ende", stated=["fr", "de"]) == [
        "fr",
        "de",
    ]


@pytest.mark.parametrize(
    ("stated", "known"), [("no", "nb"), ("nn", "nb"), ("hr", "sh"), ("iw", "he")]
)
def test_a_language_goes_by_the_code_of_its_word_list(stated: str, known: str) -> None:
    assert spoken("x", stated=[stated]) == [known]


def test_one_text_may_state_its_language_while_another_leaves_it_open() -> None:
    text = "The minister said that the talks had been long"
    assert spoken(text, text, stated=["da", ""]) == ["da", "en"]


@pytest.mark.parametrize("text", ["", "...", "zxq vrrk plomf", "123 456"])
def test_a_text_without_common_words_has_no_language(text: str) -> None:
    assert spoken(text) == [""]


def test_only_the_first_tokens_vote() -> None:
    nonsense = "zxq " * FIRST_TOKENS
    assert spoken(nonsense + "the of and to in is that it was for " * 50) == [""]


@given(
    st.lists(TEXTS | st.sampled_from(["the of and", "der die und das", "de la que el"]), max_size=4)
)
def test_the_vote_is_a_plain_count(texts: list[str]) -> None:
    assert spoken(*texts) == [by_counting(text) for text in texts]


def by_counting(text: str) -> str:
    names, hashes, masks = common_words()
    table = dict(zip(hashes.tolist(), masks.tolist(), strict=True))
    voters = [token_hash(token.stem) for token in tokenize(text)][:FIRST_TOKENS]
    votes = np.zeros(len(names))
    for mask in (table[value] for value in voters if value in table):
        common = [k for k in range(len(names)) if mask >> k & 1]
        for k in common:
            votes[k] += 1.0 / len(common)
    best = int(votes.argmax())
    return names[best] if votes[best] > LEAST_SHARE * len(voters) else ""


def test_the_table_is_sorted_and_every_language_has_words() -> None:
    names, hashes, masks = common_words()
    assert (np.diff(hashes.astype(object)) > 0).all()
    assert len(names) <= 64
    assert all((masks >> np.uint64(k) & np.uint64(1)).sum() >= 100 for k in range(len(names)))


def codes(n: int) -> list[str]:
    return [f"q{chr(97 + k // 26)}{chr(97 + k % 26)}" for k in range(n)]


def test_all_languages_that_have_common_words_are_told_apart() -> None:
    assert len(common_words().names) <= MOST_APART


def test_of_many_languages_those_of_most_articles_are_told_apart() -> None:
    assert counted_apart([]) == ()
    usual = ["", *codes(MOST_APART)]
    assert counted_apart(usual) == tuple(usual)
    more = codes(MOST_APART + 3)
    frequent = more[1:3] + more[-2:]  # what is once is let go by its code, from the last on
    spoken = more + frequent + ["", ""]
    stay = {*frequent, *more[: MOST_APART - 2]}
    assert len(stay) == MOST_APART
    assert counted_apart(spoken) == tuple(code if code in stay else "" for code in spoken)


@pytest.mark.parametrize("n", [10, MOST_APART + 1, 300])
def test_a_corpus_has_a_bounded_number_of_tables(n: int) -> None:
    articles = [
        Article(
            f"a{k:03}", f"Article {k} tells of village {k % 7} and of river {k % 5}.", lang=code
        )
        for k, code in enumerate(codes(n))
    ]
    rows = []
    for order in (articles, articles[::-1]):
        weights = analyse(order).weights
        assert weights is not None
        assert len(weights.origins.idf) == min(n, MOST_APART + 1)
        rows.append(weights.values.tolist())
    assert rows[0] == rows[1]
