"""One text in two spellings is one copy; inflected words are one term."""

from __future__ import annotations

import pytest
from corpora import TEXTS
from hypothesis import given

from dedupe import group_articles
from dedupe.model import Article
from dedupe.spelling import characters
from dedupe.text import NAME, named_terms, tokenize


def spellings(text: str) -> list[str]:
    return [token.spelling for token in tokenize(text)]


def grams(text: str) -> list[str]:
    return [text for text, _ in named_terms(tokenize(text))]


def names(text: str) -> list[str]:
    return [token.text for token in tokenize(text) if token.flags & NAME]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Straße Grüße Äpfel Öl", "Strasse Gruesse Aepfel Oel"),
        ("Müller", "Muller"),
        ("IŞIL KIZILIRMAK", "Işıl Kızılırmak"),
        ("Ελλάδα οδός", "ΕΛΛΑΔΑ ΟΔΟΣ"),
        ("Љубљана Његош Ђоковић џеп", "Ljubljana Njegoš Đoković džep"),
        ("всё ещё", "все еще"),
        ("أكد إلى مستشفى شؤون مدينة", "اكد الي مستشفي شوون مدينه"),
        ("علی کتاب", "علي كتاب"),
        ("क़लम गाड़ियाँ", "कलम गाडियां"),
        ("ሠላም ኀይል ዐዲስ ፀሐይ", "ሰላም ሀይል አዲስ ጸሀይ"),
        ("漢語發展", "汉语发展"),
        ("전통 시장 화재", "전통시장 화재"),
        ("Kеstrel Вridge оf", "Kestrel Bridge of"),
        ("мocквa", "москва"),
        ("ﬁnance ﬂag", "finance flag"),
        ("e\u0323\u0332xi\u0301t", "exit"),
    ],
)
def test_two_spellings_of_one_text_are_the_same_copy(one: str, other: str) -> None:
    assert spellings(one) == spellings(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("сор", "cop"),
        ("3 1", "31"),
        ("1 000", "1 001"),
        ("kalm", "kam"),
        ("शाम", "शम"),
        ("ድልድይ", "ድልድዩ"),
        ("백조", "백초"),
    ],
)
def test_what_differs_is_spelt_differently(one: str, other: str) -> None:
    assert spellings(one) != spellings(other)


@given(TEXTS)
def test_a_spelling_is_spelt_as_it_is(text: str) -> None:
    # But for what is left out after a, o, u and s, of which there may be more to leave out.
    for token in tokenize(text):
        again = "".join(characters().spelt(letter) or letter for letter in token.spelling)
        assert again == token.spelling


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("الجسر والجسر بالجسر للجسر", "جسر جسر جسر جسر"),
        ("شاحنات الشاحنة مهندسون", "شاحن شاحن مهندس"),
        ("ድልድይን በድልድዩ", "ድልድይ ድልድይ"),
        ("გედების მანქანებისა", "გედებმა მანქანა"),
    ],
)
def test_inflected_words_are_one_term(one: str, other: str) -> None:
    assert grams(one) == grams(other)


def test_a_word_of_mixed_scripts_is_read_in_one() -> None:
    assert grams("Kеstrel мocквa") == ["kestrel", "москв"]
    assert names("In Kеstrel and Вerlin") == ["kеstrel", "вerlin"]


@pytest.mark.parametrize(("one", "other"), [("рр", "pp"), ("οο", "oo"), ("օօ", "oo")])
def test_a_word_of_one_script_stays_in_it(one: str, other: str) -> None:
    assert spellings(one) != spellings(other)
    assert grams(one) != grams(other)


COPIES = [
    (
        "Die Straßenmeisterei hat die Brücke über die Grüne Aue gesperrt, weil Prüfer Risse",
        "Die Strassenmeisterei hat die Bruecke ueber die Gruene Aue gesperrt, weil Pruefer Risse",
    ),
    (
        "Мост код Ћуприје затворен је јер су инспектори нашли пукотине, рекао је Ђорђе Њежић.",
        "Most kod Ćuprije zatvoren je jer su inspektori našli pukotine, rekao je Đorđe Nježić.",
    ),
    ("檢查員發現裂縫後，市政府關閉了這座橋樑。", "检查员发现裂缝后，市政府关闭了这座桥梁。"),
    (
        "시는 전통 시장 앞 다리 를 닫았다. 검사 원 들 이 균열 을 찾았다.",
        "시는 전통시장앞 다리를 닫았다. 검사원들이 균열을 찾았다.",
    ),
]


@pytest.mark.parametrize(("one", "other"), COPIES)
def test_a_copy_in_another_spelling_is_found(one: str, other: str) -> None:
    stories = group_articles([Article("a", one), Article("b", other)]).stories
    assert len({member.copies for story in stories for member in story.members}) == 1
