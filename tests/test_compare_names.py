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
    ("A picture by Kim Kyung Hoon shows it.", "There the dictator Kim Jong watched. It was Kim.", "Kim Kyung Hoon", "Kim"),
]  # fmt: skip


def tied(a: str, b: str) -> set[tuple[str, ...]]:
    found = compare_articles(Article("a", a, lang="en"), Article("b", b, lang="en")).facts
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
