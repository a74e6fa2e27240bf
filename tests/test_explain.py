"""What is shown of a story is in its articles, and the evidence adds up to the score."""

from __future__ import annotations

import random
from math import exp

import pytest
from corpora import FIXTURES, article, fixture_articles, prose

from dedupe.analysis import Analysis
from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.explain import described, matches_of, story_terms
from dedupe.model import COPY_RELATIONS, Grouping, Match, Story
from dedupe.pipeline import analyse
from dedupe.sketch import TERM_BITS
from dedupe.text import named_terms, tokenize

ONE = Settings(threads=1)
TEXTS = {a.id: a for a in fixture_articles()}


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    return analyse(fixture_articles(), ONE, with_evidence=True)


@pytest.fixture(scope="module")
def found(analysis: Analysis) -> Grouping:
    plain = grouping(analysis)
    return described(analysis, plain, plain.stories)


def members(found: Grouping):
    return {m.id: (story, m) for story in found.stories for m in story.members}


def test_keeping_the_evidence_changes_no_story(found: Grouping) -> None:
    plain = grouping(analyse(fixture_articles(), ONE))
    assert [s.id for s in found.stories] == [s.id for s in plain.stories]
    assert [s.members for s in found.stories] == [s.members for s in plain.stories]


def test_what_two_articles_share_is_never_told_as_against_them(analysis: Analysis) -> None:
    told = [one for name in TEXTS for match in matches_of(analysis, name) for one in match.evidence]
    shared = [one for one in told if one.name.endswith(" in common") and one.value]
    assert len(shared) > 100
    assert min(one.weight for one in shared) >= 0
    lacking = [one for one in told if one.name == "names not in common"]
    assert lacking
    assert all(one.weight < 0 and not one.value for one in lacking)


def test_terms_stand_in_as_many_of_the_articles_as_is_said(found: Grouping) -> None:
    told = [story for story in found.stories if len(story.members) > 1]
    for story in told:
        assert 0 < len(story.terms) <= 8
        assert len({term.text for term in story.terms}) == len(story.terms)
        held = [terms_of(m.id) for m in story.members]
        for term in story.terms:
            assert 0 < term.weight <= 1
            assert 1 < term.articles == sum(term.text in terms for terms in held)
    assert len(told) > 3


def test_terms_are_counted_in_all_articles_however_many_and_however_lightly_they_weigh() -> None:
    rng = random.Random(3)
    own = prose(rng, 40)
    articles = []
    for n in range(30):
        # The later ones are long, and have each term once among a thousand words.
        words = [*own, "Nordhavn", *prose(rng, 20 if n < 15 else 4000, 60000)]
        articles.append(article(f"a{n:02}", words, title="Ferry aground off Nordhavn"))
    made = analyse(articles, ONE, with_evidence=True)
    story = Story("s", tuple(found for s in grouping(made).stories for found in s.members))
    assert len(story.members) == 30
    terms = story_terms(made, story)
    assert {term.articles for term in terms} == {30}
    assert "nordhavn" in {term.text for term in terms}


def terms_of(name: str) -> set[str]:
    one = TEXTS[name]
    return {text for text, _ in named_terms(tokenize(f"{one.title}\n{one.text}"))}


def test_terms_are_worded_as_the_first_article_words_them(
    analysis: Analysis, found: Grouping
) -> None:
    for story in found.stories:
        worded: dict[int, str] = {}
        for member in story.members:
            one = TEXTS[member.id]
            for text, value in named_terms(tokenize(f"{one.title}\n{one.text}")):
                worded.setdefault(value >> (64 - TERM_BITS), text)
        assert {term.text for term in story.terms} <= set(worded.values())


def test_a_story_of_one_article_has_no_terms_in_common(found: Grouping) -> None:
    alone: list[Story] = [story for story in found.stories if len(story.members) == 1]
    assert alone
    assert {story.terms for story in alone} == {()}


def test_an_articles_own_link_comes_first(analysis: Analysis, found: Grouping) -> None:
    for name, (_, member) in members(found).items():
        matches = matches_of(analysis, name)
        if member.to is not None:
            assert same_link(matches[0], member)
        assert len({match.a for match in matches}) == len(matches)
        assert name not in {match.a for match in matches}


def same_link(match: Match, member) -> bool:
    return (
        {match.a, match.b} == {member.id, member.to}
        and match.relation == member.relation
        and match.scores.jaccard == member.scores.jaccard
        and match.scores.containment == member.scores.containment
        and match.scores.cosine == pytest.approx(member.scores.cosine, abs=1e-6)
        and match.scores.story == pytest.approx(member.scores.story, abs=1e-4)
    )


def test_the_evidence_adds_up_to_the_story_score(analysis: Analysis) -> None:
    judged = [m for name in TEXTS for m in matches_of(analysis, name) if m.evidence]
    for match in judged:
        log_odds = sum(e.weight for e in match.evidence)
        assert match.scores.story == pytest.approx(1 / (1 + exp(-log_odds)), abs=1e-6)
    assert len(judged) > 20


def test_what_ties_two_articles_is_told_as_for_them(analysis: Analysis) -> None:
    judged = [m for name in TEXTS for m in matches_of(analysis, name) if m.evidence]
    for match in judged:
        weights = {e.name: e.weight for e in match.evidence}
        assert weights["terms in common"] > 0
        assert weights["in common without names and numbers"] >= 0
        assert weights["to begin with"] < 0
    alike = sorted((m.scores.cosine, m.evidence[0].weight) for m in judged)
    assert [weight for _, weight in alike] == sorted(weight for _, weight in alike)


def test_a_link_believed_leads_into_the_same_story_and_a_new_one_out_of_it(
    analysis: Analysis, found: Grouping
) -> None:
    where = members(found)
    kinds = set()
    for name in TEXTS:
        for match in matches_of(analysis, name):
            same = where[match.a][0].id == where[match.b][0].id
            assert same or match.relation in {"new", *COPY_RELATIONS}
            assert not same or match.relation != "new"
            kinds.add(match.relation)
    assert {"same_story", "new", "near_duplicate"} <= kinds


def test_days_between_are_those_of_the_dates(analysis: Analysis) -> None:
    for name in TEXTS:
        for match in matches_of(analysis, name):
            dates = [TEXTS[match.a].date, TEXTS[match.b].date]
            if None in dates:
                assert match.days is None
            else:
                assert match.days == abs((dates[0] - dates[1]).total_seconds()) / 86400


def test_an_unknown_id_has_no_matches(analysis: Analysis) -> None:
    for name in ("", "nobody", "zzz"):
        with pytest.raises(KeyError, match=repr(name)):
            matches_of(analysis, name)


def test_an_article_alone_matches_nothing() -> None:
    assert matches_of(analyse([article("a", "a few words")], ONE, with_evidence=True), "a") == []


def test_the_fixtures_are_where_they_should_be() -> None:
    assert {path.suffix for path in FIXTURES.iterdir()} == {".jsonl", ".txt"}
