"""From articles to stories: nothing is lost, nothing depends on order, every reason holds."""

from __future__ import annotations

import gc
import json
import random
import re
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from corpora import article, edited, fixture_articles, in_batches, newsroom, prose
from hypothesis import given
from hypothesis import settings as given_settings
from hypothesis import strategies as st

from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.lines import Lines
from dedupe.model import COPY_RELATIONS, Article, Grouping, Member
from dedupe.pipeline import analyse
from dedupe.scored import scored_pairs
from dedupe.sketch import Terms
from dedupe.sketches import analyse_sketches, sketched_tables
from dedupe.text import shingles, tokenize

ONE = Settings(threads=1)
CORPUS = [*fixture_articles(), *newsroom(1), Article("z-empty", ""), Article("z-blank", " \n")]


def grouped(articles, settings: Settings = ONE, *, copies_only: bool = False) -> Grouping:
    return grouping(analyse(articles, settings, copies_only=copies_only))


def members(found: Grouping) -> dict[str, Member]:
    return {member.id: member for story in found.stories for member in story.members}


def placed(found: Grouping) -> dict[str, tuple[str, Member]]:
    """Everything that is said of each article; NaN made equal to itself."""
    return {m.id: (story.id, repr(m)) for story in found.stories for m in story.members}


def together(found: Grouping) -> set[frozenset[str]]:
    """The groups of copies."""
    groups = defaultdict(set)
    for member in members(found).values():
        groups[member.copies].add(member.id)
    return {frozenset(group) for group in groups.values()}


def words_of(one: Article) -> list[int]:
    return [token.hash for token in tokenize(one.text or one.title)]


def plain_overlaps(one: Article, other: Article) -> tuple[float, float]:
    a, b = (set(shingles(words_of(x), 5)) for x in (one, other))
    if not a or not b:
        return 0.0, 0.0
    return len(a & b) / len(a | b), len(a & b) / min(len(a), len(b))


def plain_relation(one: Article, other: Article) -> str:
    """What two articles of one story are to each other, from their texts alone."""
    if words_of(one) and words_of(one) == words_of(other):
        return "identical"
    jaccard, containment = plain_overlaps(one, other)
    if jaccard >= 0.5:
        return "near_duplicate"
    return "contained" if containment >= 0.8 else "same_story"


def check(articles: list[Article], found: Grouping) -> None:
    """What must hold of every result, whatever the articles."""
    texts = {a.id: a for a in articles}
    assert found.order == tuple(texts)
    listed = [m.id for story in found.stories for m in story.members]
    assert sorted(listed) == sorted(texts)
    for story in found.stories:
        inside = {m.id: m for m in story.members}
        head, *others = story.members
        assert head.role == "representative"
        assert head.relation is head.to is head.scores is None
        for member in others:
            check_member(member, inside, texts)
        check_copies(story.members, texts)
        assert (story.weakest is None) == (len(inside) == 1)
    homes = {(m.copies, story.id) for story in found.stories for m in story.members}
    assert len({copies for copies, _ in homes}) == len(homes)


def check_member(member: Member, inside: dict[str, Member], texts: dict[str, Article]) -> None:
    assert member.role == "member"
    parent = inside[member.to]
    one, other = texts[member.id], texts[parent.id]
    assert member.relation == plain_relation(one, other)
    jaccard, containment = plain_overlaps(one, other)
    assert (member.scores.jaccard, member.scores.containment) == (jaccard, containment)
    assert 0 <= member.scores.story <= 1
    if member.copies == parent.copies:
        assert member.relation in COPY_RELATIONS
    steps, at = 0, member
    while at.to is not None:
        at, steps = inside[at.to], steps + 1
        assert steps < len(inside)


def check_copies(all_members: tuple[Member, ...], texts: dict[str, Article]) -> None:
    """Copies hang together by relations of copies, and texts without a word are nobody's."""
    groups = defaultdict(list)
    for member in all_members:
        groups[member.copies].append(texts[member.id])
    for group in groups.values():
        if len(group) > 1:
            assert all(words_of(one) for one in group)
            for one in group:
                kinds = {plain_relation(one, other) for other in group if other is not one}
                assert kinds & set(COPY_RELATIONS)


def test_every_article_of_the_corpus_has_its_place_and_its_reason() -> None:
    check(CORPUS, grouped(CORPUS))


def test_copies_alone_have_their_reasons_too() -> None:
    found = grouped(CORPUS, copies_only=True)
    check_copies_only = [m for m in members(found).values() if m.relation is not None]
    assert check_copies_only
    texts = {a.id: a for a in CORPUS}
    for member in check_copies_only:
        assert member.relation in COPY_RELATIONS
        assert member.relation == plain_relation(texts[member.id], texts[member.to])
    assert all(len({m.copies for m in story.members}) == 1 for story in found.stories)


@pytest.mark.parametrize("copies_only", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_order_threads_and_batches_have_no_say(seed: int, copies_only: bool) -> None:
    rng = random.Random(seed)
    shuffled = rng.sample(CORPUS, len(CORPUS))
    batches = in_batches(shuffled, [rng.randint(1, 20) for _ in range(rng.randint(0, 9))])
    found = grouped(batches, Settings(threads=rng.choice([1, 2, 3])), copies_only=copies_only)
    wanted = grouped(CORPUS, copies_only=copies_only)
    assert placed(found) == placed(wanted)
    assert found.stories == wanted.stories or copies_only
    assert found.order == tuple(a.id for a in shuffled)


WORDS = st.sampled_from(["storm", "coast", "Anna", "7", "the", "港", "ก"])
TEXTS = st.lists(WORDS, max_size=9).map(" ".join)
DATES = st.none() | st.integers(0, 40).map(
    lambda d: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(d)
)
CORPORA = st.lists(st.tuples(TEXTS, TEXTS, DATES), max_size=9).map(
    lambda rows: [Article(f"{i}", x, title=t, date=d) for i, (x, t, d) in enumerate(rows)]
)


@given_settings(max_examples=40)
@given(CORPORA, st.randoms())
def test_any_few_articles_have_their_places_in_any_order(articles, rng) -> None:
    articles = [*articles, article("anchor", "port of call")]
    found = grouped(articles)
    check(articles, found)
    shuffled = rng.sample(articles, len(articles))
    assert placed(grouped(shuffled)) == placed(found)


def test_no_articles_give_no_stories() -> None:
    found = grouped([])
    assert (found.stories, found.order, found.text_bytes) == ((), (), 0)
    assert grouped([], copies_only=True).stories == ()


def test_one_article_is_its_own_story() -> None:
    [story] = grouped([article("a", "one two three four five six")]).stories
    assert [m.id for m in story.members] == ["a"]
    assert story.independent == 1
    assert story.weakest is None


def test_two_equal_texts_are_identical_whatever_their_titles() -> None:
    text = " ".join(prose(random.Random(1), 50))
    found = grouped([article("a", text, title="One"), article("b", text, title="Quite another")])
    [story] = found.stories
    assert [(m.id, m.relation, m.to) for m in story.members] == [
        ("a", None, None),
        ("b", "identical", "a"),
    ]
    assert story.members[1].scores.jaccard == 1.0
    assert story.copies == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The MAYOR spoke, at length; of harbours.", "the mayor spoke at length of harbours"),
        (
            "Le café d'été fut très animé hier",
            "Le cafe\u0301 d’e\u0301te\u0301 fut tre\u0300s anime\u0301 hier",
        ),
        ("العَرَبِيَّةُ لُغَةٌ جميلة جدا اليوم", "العربية لغة جميلة جدا اليوم"),
        ("１２３ ＡＢＣ de fg hi", "123 abc de fg hi"),
        ("Storm", "storm!"),
    ],
)
def test_texts_equal_but_for_their_writing_are_identical(one: str, other: str) -> None:
    found = grouped([article("a", one), article("b", other)])
    assert members(found)["b"].relation == "identical"


def test_texts_without_a_word_match_nothing_not_even_each_other() -> None:
    empty = [
        Article(f"{i}", text) for i, text in enumerate(["", "", " ", "...", "👩\u200d👧", "\n"])
    ]
    found = grouped([*empty, Article("word", "word")])
    assert [len(story.members) for story in found.stories] == [1] * 7
    assert len(together(found)) == 7


@pytest.mark.parametrize("text", ["", "..."])
def test_a_corpus_without_a_word_has_its_places_all_the_same(text: str) -> None:
    articles = [Article("a", text), Article("b", text)]
    check(articles, grouped(articles))


def test_under_five_words_only_equal_texts_are_copies() -> None:
    short = [
        "storm hits",
        "Storm hits!",
        "storm hits coast",
        "storm",
        "hits storm",
        "storm hits the coast",
    ]
    articles = [article(f"{i}", text) for i, text in enumerate(short)]
    articles.append(article("long", "storm hits the coast and then storm hits the coast again"))
    found = grouped(articles)
    check(articles, found)
    assert {group for group in together(found) if len(group) > 1} == {frozenset("01")}


def test_an_edited_copy_is_a_near_duplicate() -> None:
    rng = random.Random(3)
    text = prose(rng, 200)
    found = grouped([article("a", text), article("b", edited(rng, text, 0.03))])
    assert members(found)["b"].relation == "near_duplicate"


def test_an_excerpt_is_contained_in_what_holds_it() -> None:
    rng = random.Random(4)
    text = prose(rng, 300)
    found = grouped([article("whole", text), article("part", text[100:160])])
    [story] = found.stories
    assert {m.relation for m in story.members} == {None, "contained"}
    assert story.independent == 1


@pytest.mark.parametrize("copies_only", [False, True])
def test_an_excerpt_in_two_digests_does_not_tie_the_digests(copies_only: bool) -> None:
    rng = random.Random(5)
    item = prose(rng, 80)
    digests = [article(f"digest-{n}", [*prose(rng, 120), *item, *prose(rng, 20)]) for n in range(2)]
    found = grouped([*digests, article("item", item)], copies_only=copies_only)
    copies = {name: m.copies for name, m in members(found).items()}
    assert copies["digest-0"] != copies["digest-1"]
    assert copies["item"] in {copies["digest-0"], copies["digest-1"]}


TRIALS = 40


@pytest.mark.parametrize("copies_only", [False, True])
@pytest.mark.parametrize("times", [2, 4, 6, 10])
def test_excerpts_of_sixty_words_are_found_in_much_longer_texts(
    times: int, copies_only: bool
) -> None:
    articles = []
    for trial in range(TRIALS):
        rng = random.Random(trial)
        text = prose(rng, 60 * times, vocabulary=10**6)
        start = rng.randint(0, len(text) - 60)
        articles += [
            article(f"whole-{trial}", text),
            article(f"part-{trial}", text[start : start + 60]),
        ]
    groups = together(grouped(articles, copies_only=copies_only))
    pairs = {frozenset({f"whole-{trial}", f"part-{trial}"}) for trial in range(TRIALS)}
    assert len(groups & pairs) >= 0.9 * TRIALS
    assert all(len(group) == 1 for group in groups - pairs)


@pytest.mark.parametrize("copies_only", [False, True])
def test_two_items_in_one_digest_do_not_become_one_text(copies_only: bool) -> None:
    rng = random.Random(11)
    longer, shorter = prose(rng, 110), prose(rng, 80)
    digest = [*shorter, *prose(rng, 60), *longer]
    articles = [article("digest", digest), article("longer", longer), article("shorter", shorter)]
    found = grouped(articles, copies_only=copies_only)
    assert together(found) == {frozenset({"digest", "longer"}), frozenset({"shorter"})}


def made_up_items() -> list[Article]:
    rng = random.Random(0)
    return [article(f"{words} words", prose(rng, words, vocabulary=10**6)) for words in (110, 80)]


def items_from_the_fixtures() -> list[Article]:
    texts = {a.id: a.text.split() for a in fixture_articles()}
    return [
        article("quake", texts["quake-june"][:90]),
        article("match", texts["match-calder"][:80]),
    ]


@pytest.mark.parametrize("items", [made_up_items, items_from_the_fixtures])
def test_two_items_in_one_digest_do_not_become_one_story(items) -> None:
    longer, shorter = items()
    rng = random.Random(1)
    # More than the items, or the longer one would be a near-duplicate of it.
    rest = " ".join(prose(rng, 80, vocabulary=10**6))
    digest = article("digest", f"{longer.text} {rest} {shorter.text}")
    strangers = [article(f"{n}", prose(rng, 100, vocabulary=10**6)) for n in range(20)]
    found = grouped([longer, shorter, digest, *strangers])
    homes = {member.id: story.id for story in found.stories for member in story.members}
    assert homes[longer.id] == homes["digest"]
    assert homes[shorter.id] != homes["digest"]


@pytest.mark.parametrize("copies_only", [False, True])
def test_an_excerpt_of_several_versions_is_tied_to_their_representative(copies_only: bool) -> None:
    rng = random.Random(12)
    text = prose(rng, 300)
    versions = [article(f"v{n}", edited(rng, text, 0.02)) for n in range(3)]
    # The excerpt is whole in the last version alone; the first stands for all three.
    part = article("part", versions[2].text.split()[:70])
    found = grouped([*versions, part], copies_only=copies_only)
    assert len(together(found)) == 1
    [story] = found.stories
    first = story.members[0].id
    assert members(found)["part"].relation == "contained"
    assert members(found)["part"].to == first


@pytest.mark.parametrize("copies_only", [False, True])
def test_a_chain_of_rewrites_is_not_one_text(copies_only: bool) -> None:
    words = prose(random.Random(6), 1000, vocabulary=10**6)
    chain = [article(f"{n}", words[70 * n : 70 * n + 300]) for n in range(9)]
    steps = [plain_overlaps(a, b)[0] for a, b in pairwise(chain)]
    assert min(steps) >= 0.5
    assert plain_overlaps(chain[0], chain[-1])[0] < 0.1
    found = grouped(chain, Settings(threads=1, edited=1.0), copies_only=copies_only)
    texts = {a.id: a for a in chain}
    groups = together(found)
    assert len(groups) > 2
    for group in groups:
        pairs = [plain_overlaps(texts[a], texts[b])[0] for a, b in combinations(group, 2)]
        assert not pairs or sum(pairs) / len(pairs) >= 0.5


def test_a_chain_too_long_for_all_pairs_is_gathered_around_heads(monkeypatch) -> None:
    monkeypatch.setattr("dedupe.copies.COMPONENT_LIMIT", 8)
    words = prose(random.Random(6), 3000, vocabulary=10**6)
    chain = [article(f"{n:02}", words[70 * n : 70 * n + 300]) for n in range(30)]
    found = grouped(chain, Settings(threads=1, edited=1.0), copies_only=True)
    texts = {a.id: a for a in chain}
    groups = [group for group in together(found) if len(group) > 1]
    assert max(map(len, groups)) == 3  # a head, the one before it and the one after it
    for group in groups:
        likeness = [[plain_overlaps(texts[a], texts[b])[0] for b in group] for a in group]
        assert max(min(row) for row in likeness) >= 0.5
    assert [note for note in found.notes if note.startswith("30 articles stood in chains")]


def test_what_must_hold_of_every_result_holds_around_heads_too(monkeypatch) -> None:
    monkeypatch.setattr("dedupe.copies.COMPONENT_LIMIT", 2)
    check(CORPUS, grouped(CORPUS))


def many_versions(n: int) -> list[Article]:
    """Versions of one text, each with one word of its own."""
    rng = random.Random(7)
    text = prose(rng, 200)
    versions = []
    for i in range(n):
        words = list(text)
        words[i % 200] = f"own{i}"
        versions.append(article(f"{i:04}", words))
    return versions


def test_more_versions_than_a_component_may_hold_are_one_group_and_that_is_noted() -> None:
    articles = many_versions(600)
    found = grouped(articles)
    [story] = found.stories
    assert len({m.copies for m in story.members}) == 1
    assert len(story.members) == 600
    assert {m.relation for m in story.members[1:]} == {"near_duplicate"}
    assert any(note.startswith("600 articles stood in chains") for note in found.notes)


def test_a_bucket_beyond_its_limit_loses_no_version_and_is_noted() -> None:
    articles = [*many_versions(320), *newsroom(2, 3)]
    found = grouped(articles)
    versions = {a.id for a in articles[:320]}
    assert versions in [{m.id for m in story.members} for story in found.stories]
    assert any("LSH buckets, of articles that met more than 256" in note for note in found.notes)


@pytest.mark.parametrize("way", [analyse, analyse_sketches])
def test_what_was_sketched_of_terms_and_lines_is_freed_before_stories_are_grouped(way) -> None:
    given = list(sketched_tables(CORPUS, ONE)) if way is analyse_sketches else CORPUS
    held: dict[str, int] = {}

    def count(stage: str) -> None:
        held[stage] = sum(isinstance(value, Terms | Lines) for value in gc.get_objects())

    gc.collect()
    count("before")
    way(given, ONE, on_stage=count)
    assert held["finding copies"] >= held["before"] + 2
    assert held["grouping stories"] == held["before"]


def test_terms_of_too_many_articles_are_noted() -> None:
    [note] = grouped(CORPUS, ONE.changed({"term_limit": 2})).notes
    assert re.fullmatch(
        r"[\d,]+ meetings in \d+ terms, each of which tells most of more than 2 articles, were not"
        " looked at",
        note,
    )


def test_an_ordinary_run_has_nothing_to_note() -> None:
    assert grouped(CORPUS).notes == ()


def test_ids_of_groups_are_a_function_of_their_members() -> None:
    before = grouped(newsroom(1), copies_only=True)
    after = grouped([*newsroom(1), *fixture_articles()], copies_only=True)
    ids = {frozenset(m.id for m in story.members): story.id for story in after.stories}
    for story in before.stories:
        assert ids[frozenset(m.id for m in story.members)] == story.id
    assert len(set(ids.values())) == len(ids)


def test_strangers_stay_apart() -> None:
    rng = random.Random(8)
    found = grouped([article(f"{n}", prose(rng, 120)) for n in range(30)])
    assert len(together(found)) == 30


def test_copies_are_found_among_many_strangers() -> None:
    rng = random.Random(9)
    strangers = [article(f"{n}", prose(rng, 80)) for n in range(300)]
    text = prose(rng, 120)
    pair = [article("x", text), article("y", edited(rng, text, 0.05))]
    found = grouped([*strangers, *pair])
    assert members(found)["x"].copies == members(found)["y"].copies


def test_the_bounds_of_the_settings_hold() -> None:
    rng = random.Random(10)
    text = prose(rng, 200)
    articles = [article("a", text), article("b", edited(rng, text, 0.04))]
    jaccard, _ = plain_overlaps(*articles)
    bound = min(1.0, jaccard + 0.01)
    strict = Settings(threads=1, near_duplicate=bound, contained=1.0, edited=1.0)
    assert members(grouped(articles))["b"].relation == "near_duplicate"
    assert len(together(grouped(articles, strict))) == 2


def test_stages_are_told_in_their_order() -> None:
    stages: list[str] = []
    analyse(newsroom(1, 2), ONE, on_stage=stages.append)
    assert stages == ["sketching", "finding copies", "finding stories", "grouping stories"]


def test_bytes_and_seconds_are_counted() -> None:
    found = grouped([article("a", "Grüße", title="Ü"), article("b", "x")])
    assert found.text_bytes == len("Grüße".encode()) + len("Ü".encode()) + 1
    assert found.seconds > 0


JUDGED_RIGHTLY = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "judged_rightly.jsonl")
    .read_text(encoding="utf-8")
    .splitlines()
]
"""Pairs that were judged wrongly once."""


def from_record(record: dict[str, str]) -> Article:
    date = record.get("date")
    return Article(**{**record, "date": date and datetime.fromisoformat(date).astimezone(UTC)})


@pytest.mark.parametrize("case", JUDGED_RIGHTLY, ids=lambda case: f"{case['a']['id']}")
def test_what_was_judged_wrongly_once_is_judged_rightly(case: dict) -> None:
    a, b = from_record(case["a"]), from_record(case["b"])
    others = [one for one in fixture_articles() if one.id not in {a.id, b.id}]
    for company in ([], others):
        found = grouped([a, b, *company])
        [home] = [
            {m.id for m in s.members} for s in found.stories if a.id in {m.id for m in s.members}
        ]
        assert (b.id in home) == case["same_story"]


def test_grades_rise_with_what_two_articles_have_in_common() -> None:
    rng = random.Random(8)
    words = prose(rng, 200)
    articles = [
        article("text", words),
        article("same", words),
        article("near", edited(rng, words, 0.3)),
        article("far", edited(rng, words, 0.8)),
        article("other", prose(rng, 200)),
    ]
    pairs = [("text", name) for name in ("same", "near", "far", "other")]
    found = scored_pairs(articles, pairs, Settings())
    assert found == sorted(found, reverse=True)
    assert len(set(found)) == len(found)
    assert found[0] > 0.75
    assert found[-1] < 0.25


def test_a_grade_is_a_pair_s_own_and_in_bounds_in_any_order_of_articles_and_pairs() -> None:
    articles = fixture_articles()
    pairs = list(combinations(sorted(a.id for a in articles)[:12], 2))
    found = scored_pairs(articles, pairs, Settings())
    assert all(0 <= grade <= 1 for grade in found)
    turned = scored_pairs(articles[::-1], [(b, a) for a, b in pairs[::-1]], Settings())
    assert turned[::-1] == pytest.approx(found, abs=1e-6)
    assert scored_pairs(articles, pairs[:1], Settings()) == pytest.approx(found[:1])


def test_grades_of_no_pairs_are_none_and_an_unknown_id_is_said() -> None:
    articles = fixture_articles()[:3]
    assert scored_pairs(articles, [], Settings()) == []
    with pytest.raises(KeyError, match="nobody"):
        scored_pairs(articles, [("nobody", articles[0].id)], Settings())


def test_an_article_without_a_word_has_a_grade_near_nothing() -> None:
    articles = [article("empty", ""), article("text", "a minister opened the bridge")]
    assert scored_pairs(articles, [("empty", "text")], Settings())[0] < 0.1
