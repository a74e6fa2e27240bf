"""Which names of two articles are one: none that is not, of what people name alike."""

from __future__ import annotations

import pytest

from dedupe import compare_articles
from dedupe.model import Article

ONE = [
    # Short forms
    ("Volodymyr Zelenskiy spoke in Kyiv. Zelenskiy left.", "Later Zelensky spoke again.", "Zelensky"),
    ("The minister Anna Solheim resigned. Solheim said so.", "Then Solheim left the room.", "Solheim"),
    ("There the minister Sergei Lavrov spoke. Lavrov left.", "There the minister Sergey Lavrov spoke.", "Sergey Lavrov"),
    ("The leader Xi Jinping arrived in Paris.", "In Paris the leader Xi met others.", "Xi"),
    # Acronyms
    ("The United Nations met. The United Nations said so.", "Envoys of the UN met in Geneva.", "UN"),
    ("The World Health Organization met in May.", "In May experts of the WHO met.", "WHO"),
    ("Troops of NATO arrived in May.", "In May troops of Nato arrived.", "Nato"),
    ("The leader Kim Jong Un met envoys of the U.N. there.", "There the United Nations met him.", "United Nations"),
    ("There the Harbour Rescue Service (HR) met.", "In May crews of the HR met the Harbour Rescue.", "HR"),
    ("The U.S. Senate voted in May.", "In May the Senate voted.", "Senate"),
    # A surname that is as usual in other languages, and one that is no word of a list
    ("There the singer Mara Jackson spoke.", "Later Jackson left.", "Jackson"),
    ("There the singer Mara Solheim spoke.", "Later Solheim left.", "Solheim"),
    ("There mayor Abdul al-Torvani spoke.", "Later Torvani left.", "Torvani"),
    ("There the clerk Bill de Ravello spoke.", "Later Mayor de Ravello left.", "de Ravello"),
]  # fmt: skip
TWO = [
    ("The leader Kim Jong Un met envoys. Kim Jong Un smiled.", "The UN met in May.", "Kim Jong Un", "UN"),
    ("The leader Kim Jong Un met the UN in May.", "The United Nations met in May.", "Kim Jong Un", "United Nations"),
    ("The actor Van Dien spoke of the EU in May.", "The author Nguyen Eu spoke in May.", "EU", "Nguyen Eu"),
    ("They prayed to God in May, and God heard.", "The magazine Good wrote so.", "God", "Good"),
    ("The actor Tom Ford spoke in May.", "The skipper of the Fford spoke.", "Ford", "Fjord"),
    ("The reporter Jan saw it all in May.", "The reporter Ian saw it all in May.", "Jan", "Ian"),
    ("The singer Yang left in May.", "The singer Jang left in May.", "Yang", "Jang"),
    ("A general named Khan left in May.", "A general named Han left in May.", "Khan", "Han"),
    ("The mayor Reid spoke in May.", "The mayor Reed spoke in May.", "Reid", "Reed"),
    # What a place makes of a name, and what it is beside
    ("Fans of the Orvanne Otters sang.", "Fans sang in Orvanne.", "Orvanne Otters", "Orvanne"),
    ("It aired on Radio Brazil.", "It was seen by Brazil.", "Radio Brazil", "Brazil"),
    ("They left Orvanne College Dunford.", "They were in Dunford.", "Orvanne College Dunford", "Dunford"),
    ("It is at Orvanne College Dunford.", "DUNFORD (Acme News) - It is here.", "Orvanne College Dunford", "DUNFORD"),
    ("They left for Northwest Dunford.", "They saw Dunford.", "Northwest Dunford", "Dunford"),
    ("It was at St. Kesmir in May.", "A man named Kesmir spoke.", "St. Kesmir", "Kesmir"),
    # Nations, parties, and nouns
    ("They swam at the French Riviera.", "A French ship came.", "French Riviera", "French"),
    ("The Office of Harbour Security met.", "They spoke of Security there.", "Harbour Security", "Security"),
    ("They read the Orvanne Coroner there.", "Later Coroner spoke, as a coroner of a coroner and no coroner.", "Orvanne Coroner", "Coroner"),
    # Hyphens and particles
    ("The Dunford-Kesmir road is shut.", "The people of Kesmir waited.", "Dunford-Kesmir", "Kesmir"),
    ("There the Bank of Orvanne spoke.", "The town Orvanne waited.", "Bank of Orvanne", "Orvanne"),
    # Two letters, two names, and a company's last word
    ("There Dana Carrow spoke.", "They went to DC in May.", "Dana Carrow", "DC"),
    ("There Dr. Mara Austin spoke.", "There Dr. Austin Kettle spoke, and Austin left.", "Mara Austin", "Austin Kettle"),
    ("There Acme Motors Co. paid.", "There Co. paid.", "Acme Motors Co", "Co"),
    ("A picture by Kim Kyung Hoon shows it.", "There the dictator Kim Jong watched. It was Kim.", "Kim Kyung Hoon", "Kim"),
]  # fmt: skip


def tied(a: str, b: str, lang: str = "en") -> set[tuple[str, ...]]:
    found = compare_articles(Article("a", a, lang=lang), Article("b", b, lang=lang)).facts
    return {
        tuple(sorted({m.text for fact in (both.a, both.b) for m in fact.mentions}))
        for both in found.both
        if both.a.kind == "name"
    }


@pytest.mark.parametrize(("a", "b", "short"), ONE)
def test_forms_of_one_name_are_tied(a: str, b: str, short: str) -> None:
    assert any(short in forms for forms in tied(a, b))
    assert any(short in forms for forms in tied(b, a))


@pytest.mark.parametrize(("a", "b", "one", "other"), TWO)
def test_two_names_are_not_tied(a: str, b: str, one: str, other: str) -> None:
    for forms in (*tied(a, b), *tied(b, a)):
        assert not {one, other} <= set(forms)


def test_a_headline_in_capitals_makes_no_acronyms() -> None:
    a = Article("a", "PUTIN ARRIVES IN PARIS\nThe president came at noon with Putin.", lang="en")
    b = Article("b", "At noon the president Vladimir Putin met envoys in Paris.", lang="en")
    putin = next(f for f in compare_articles(a, b).facts.both if f.b.text == "Vladimir Putin")
    assert {mention.text for mention in putin.a.mentions} == {"PUTIN", "Putin"}


@pytest.mark.parametrize(
    ("lang", "a", "b", "one", "other"),
    [
        ("pt", "A Polícia de Orvane falou.", "A cidade Orvane esperou.", "Polícia de Orvane", "Orvane"),
        ("es", "Habló la Universidad del Carrasol.", "Vieron Carrasol.", "Universidad del Carrasol", "Carrasol"),
        ("it", "Parla la Banca di Orvano.", "Vedono Orvano.", "Banca di Orvano", "Orvano"),
        ("vi", "Khách là anh Ngân, nói về Ngân.", "Ở đó có Ngăn, và anh Ngăn.", "Ngân", "Ngăn"),
        ("ru", "Там живёт Орвинск и его люди.", "Там была Орвинская область.", "Орвинск", "Орвинская"),
    ],
)  # fmt: skip
def test_names_of_other_languages_are_not_tied_by_a_part(
    lang: str, a: str, b: str, one: str, other: str
) -> None:
    for forms in tied(a, b, lang):
        assert not {one, other} <= set(forms)


def test_names_of_other_languages_are_tied_by_what_is_one() -> None:
    assert tied("Там был город Орвинск.", "Потом в Орвинске спали.", "ru")
    assert tied("Fala o ministro Rui de Carvela.", "Depois Rui de Carvela saiu.", "pt")
    for form in tied("Habló el Ministerio de Salud.", "El ministro de Salud habló.", "es"):
        assert "de Salud" not in form


def test_a_name_ends_where_a_headline_meets_its_text() -> None:
    found = compare_articles(
        Article(
            "a", "There PROFITS FALLING Kesmir Steel and Acme Inc. Orvanne Mills fell.", lang="en"
        ),
        Article("b", "There Kesmir Steel fell. There Orvanne Mills fell.", lang="en"),
    ).facts
    assert {"Kesmir Steel", "Orvanne Mills"} <= {both.a.text for both in found.both}
