"""Words with places are the tokens of the reference, and their offsets lead to them."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from dedupe.comparison.words import CAPITAL, grams, syllables, words
from dedupe.text import NAME, TICKER, compose, named_terms, tokenize

TEXTS = st.text(
    st.sampled_from("aB12,ЖЯшэюяеıßاლلი한국漢የድ.é\u0301 .-!\u200d\u05b0अि中文กข가\u1100\u1161\n'_Ä")
    | st.characters()
)


@given(TEXTS)
@example("1.234,5. Am 2. Mai, 3,Жители. x1,2")
@example("Ein Haus.\u200b Cafe\u0301s, 中文字 U.S. \u1100\u1161\u11a8")
def test_words_are_the_tokens_of_the_reference(text: str) -> None:
    found, tokens = [w for word in words(text) for w in syllables(word)], tokenize(text)
    assert [(w.text, w.flags & ~(CAPITAL | NAME), w.stem or w.text) for w in found] == [
        (t.text, t.flags & ~(NAME | TICKER), t.stem) for t in tokens
    ]
    # In a line with capitals throughout a comparison takes its words for names all the same.
    assert all(
        w.flags & NAME or not t.flags & NAME or t.flags & TICKER
        for w, t in zip(found, tokens, strict=True)
    )


def test_korean_words_stand_whole() -> None:
    assert [w.text for w in words("백조대교는 LG전자 2만3천")] == [
        "백조대교는", "lg", "전자", "2", "만", "3", "천",
    ]  # fmt: skip


@given(TEXTS)
def test_story_terms_are_those_of_the_reference(text: str) -> None:
    assert [g.text for g in grams(words(text), story=True)] == [
        t for t, _ in named_terms(tokenize(text))
    ]


@given(TEXTS)
def test_places_run_forward_inside_the_text(text: str) -> None:
    end = 0
    for word in words(text):
        assert end <= word.start < word.end <= len(text)
        end = word.start


def test_places_point_at_the_word_in_a_decomposed_text() -> None:
    text = "Le cafe\u0301 d'Orle\u0301ans ferme."
    cut = [compose(text[w.start : w.end]) for w in words(text)]
    assert cut == ["Le", "café", "d", "Orléans", "ferme"]


def test_grams_leave_words_whole_and_pair_characters() -> None:
    assert [g.text for g in grams(words("Жители 1,5 中文字"))] == [
        "жители",
        "1",
        "5",
        "中文",
        "文字",
    ]
