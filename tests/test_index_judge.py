"""How the index judges: the evidence of the batch path, groups of copies, stories around them."""

from __future__ import annotations

import random
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest
from corpora import fixture_articles, prose
from hypothesis import given, settings
from hypothesis import strategies as st
from index_corpus import (
    EARLIER,
    LATER,
    START,
    Event,
    admitted,
    copies,
    copy_of,
    day,
    edited,
    grouped,
    newsroom,
    sound,
)

from dedupe.config import Settings
from dedupe.errors import DamagedError
from dedupe.evidence import DAYS_APART, FEATURES, TEMPLATE_SHARE
from dedupe.index import Index, open_index
from dedupe.index.answers import (
    article_of_text,
    compressed,
    restored,
    stored_form,
    story_id,
    story_number,
)
from dedupe.index.arrivals import (
    LOWEST_SHINGLES,
    MOST_COPY_KEYS,
    arrivals,
    copy_keys,
    digest,
    microseconds,
    story_keys,
)
from dedupe.index.contents import moment
from dedupe.index.find import Finder
from dedupe.index.judge import judge
from dedupe.index.judgement import Judgement
from dedupe.index.placing import Regrouping
from dedupe.index.record import MOST_EDGES, Sketches
from dedupe.index.sqlite.store import MemoryStore
from dedupe.kernels.linkage import combined
from dedupe.model import Article
from dedupe.moments import UNDATED
from dedupe.pipeline import analyse
from dedupe.score import ShingleSets
from dedupe.story import story_model

NAMES = [feature.name for feature in FEATURES]
DAYS, TEMPLATE = NAMES.index("days"), NAMES.index("template")
ALIKE = [at for at, name in enumerate(NAMES) if name != "days"]
"""Evidence that depends on the two articles and on frequencies alone."""
SETTINGS = Settings(threads=1)


class Bench:
    """An index over a store that can be looked into."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self.index = Index(
            self.store, "memory:", SETTINGS, keeps_texts=True, window=None, model=None
        )
        self.finder = Finder(SETTINGS, None, story_model())

    def judged(self, *articles: Article) -> Judgement:
        """What is found out about articles that come in together."""
        incoming = arrivals(articles, SETTINGS)
        with self.store.read() as reader:
            self.finder.tallies.follow(reader)
            self.finder.tallies.count(incoming, 1)
            hand = self.finder.find(reader, incoming, incoming.dates.tolist())
            self.finder.tallies.count(hand.arrivals, -1)
            return judge(hand, story_model())

    def names(self, judged: Judgement) -> dict[int, str]:
        """Ids of all articles that were at hand."""
        return dict(enumerate(judged.hand.rows.ids))


@pytest.fixture
def bench():
    found = Bench()
    with found.index:
        yield found


@pytest.fixture
def index(bench) -> Index:
    return bench.index


# Evidence


def unique_fixtures() -> list[Article]:
    """One article of each text of the fixtures, so that each speaks for itself."""
    wanted = {
        "wire-copy",
        "copia",
        "news-copy",
        "trimmed",
        "retitled",
        "wire-cut",
        "recast",
        "item",
    }
    return [a for a in fixture_articles() if not any(a.id.endswith(end) for end in wanted)]


CORPORA = {
    "fixtures": unique_fixtures(),
    "two events": newsroom(21, events=2),
    "six events": newsroom(22, events=6, reports=2),
    "parts of one event": [
        *[Event(5).report(f"e{n}", n, part=EARLIER) for n in range(3)],
        *[Event(5).report(f"l{n}", None, part=LATER) for n in range(3)],
    ],
}


@pytest.mark.parametrize("corpus", CORPORA)
def test_a_pair_has_the_evidence_that_the_batch_path_finds(bench, corpus, monkeypatch) -> None:
    """Each article in turn comes last: document frequencies are then those of all.

    An index looks for no furniture, so the batch is kept from it.
    """
    monkeypatch.setattr("dedupe.furniture.LEAST_ARTICLES", 1 << 30)
    monkeypatch.setattr("dedupe.recurring.LEAST_ARTICLES", 1 << 30)
    articles = CORPORA[corpus]
    expected = batch_evidence(articles)
    bench.index.admit_many(articles)
    seen = set()
    for article in articles[:: 1 + len(articles) // 12]:
        bench.index.remove(article.id)
        judged = bench.judged(article)
        found = {
            frozenset((article.id, bench.names(judged)[other])): (cosine, evidence)
            for (_, other), cosine, evidence in zip(
                judged.hand.scored.rows.tolist(),
                judged.hand.scored.cosine,
                judged.hand.scored.found,
                strict=True,
            )
        }
        assert found.keys() == {pair for pair in expected if article.id in pair}
        for pair, (cosine, evidence) in found.items():
            batch_cosine, batch, alike = expected[pair]
            assert cosine == pytest.approx(batch_cosine, abs=1e-3)
            kept = [at for at in ALIKE if at != TEMPLATE]
            assert evidence[kept] == pytest.approx(batch[kept], abs=2e-3)
            # The batch path looks for templates where signatures agree, the index where shingles meet.
            own, there = evidence[TEMPLATE], batch[TEMPLATE]
            assert own == 0 or own == pytest.approx(template_of(alike, evidence), abs=1e-3)
            assert there == 0 or there == pytest.approx(template_of(alike, batch), abs=1e-3)
        seen |= found.keys()
        bench.index.admit(article)
    assert len(seen) > 4


def template_of(alike, evidence):
    """What a template counts, where so many phrases agree."""
    least = evidence[[NAMES.index("lead_names"), NAMES.index("lead_numbers")]].min(initial=0.0)
    return alike * max(-least, -evidence[DAYS] / DAYS_APART)


def batch_evidence(articles):
    """Cosine, evidence, and how far phrases agree, by all shingles, of each pair of ids."""
    analysis = analyse(articles, SETTINGS, with_evidence=True)
    pairs = analysis.links.pairs
    found = analysis.scores.evidence
    overlaps = ShingleSets.of(analysis.sketch, pairs.ravel()).overlaps(pairs)
    alike = np.minimum(1.0, overlaps.containment / TEMPLATE_SHARE)
    ids = analysis.articles.ids
    return {
        frozenset((ids[a], ids[b])): (np.exp(evidence[0]) - 0.02, evidence, exact)
        for (a, b), evidence, exact in zip(pairs.tolist(), found, alike, strict=True)
    }


def test_what_comes_in_together_is_compared_as_what_was_there(bench) -> None:
    """The same evidence of a pair, whether one of it is held already or comes along."""
    one, other, *rest = newsroom(23, events=2)
    bench.index.admit_many(rest)
    together = bench.judged(one, other)
    bench.index.admit(one)
    after = bench.judged(other)
    both = [
        (bench.names(judged)[a], bench.names(judged)[b])
        for judged in (together, after)
        for a, b in judged.hand.scored.rows
    ]
    assert both.count((other.id, one.id)) in {0, 2}
    for judged, row in ((together, 1), (after, 0)):
        mine = judged.hand.scored.rows[:, 0] == row
        names = [bench.names(judged)[b] for b in judged.hand.scored.rows[mine, 1]]
        order = np.argsort(names)
        if judged is together:
            expected = sorted(names), judged.hand.scored.found[mine][order][:, ALIKE]
        else:
            assert sorted(names) == expected[0]
            assert judged.hand.scored.found[mine][order][:, ALIKE] == pytest.approx(
                expected[1], abs=1e-5
            )


def test_a_dates_evidence_is_none_where_a_date_is_missing(bench) -> None:
    bench.index.admit(Event(1).report("a", None))
    assert bench.judged(Event(1).report("b", 3)).hand.scored.found[0, DAYS] == 0
    bench.index.admit(Event(1).report("c", 4))
    judged = bench.judged(Event(1).report("b", 3))
    days = dict(
        zip(
            [bench.names(judged)[b] for b in judged.hand.scored.rows[:, 1]],
            judged.hand.scored.found[:, DAYS],
            strict=True,
        )
    )
    assert days["a"] == 0
    assert days["c"] > 0


@pytest.mark.parametrize(("times", "counted"), [(62, 62), (63, 63), (64, 63), (500, 63)])
def test_a_term_counts_sixty_three_times_at_most(times, counted) -> None:
    incoming = arrivals([Article("a", "sandora " * times)], SETTINGS)
    stored = incoming.packed.terms()
    assert incoming.sketch.terms.counts.max() == times
    assert stored.counts.max() == counted


def test_evidence_is_kept_of_the_likeliest_companions_only(bench) -> None:
    bench.index.admit_many(Event(1).report(f"a{n}", n / 9) for n in range(30))
    edges = bench.judged(*(Event(1).report(f"b{n}", n / 9) for n in range(30))).edges(29)
    assert len(edges.numbers) == MOST_EDGES
    assert (np.diff(edges.logits) <= 0).all()
    assert len(set(edges.numbers.tolist())) == MOST_EDGES


# Copies


def text_of(*parts: list[str]) -> str:
    return " ".join(word for part in parts for word in part)


def passages(count: int, words: int = 60) -> list[list[str]]:
    rng = random.Random(f"passages {count} {words}")
    return [prose(rng, words) for _ in range(count)]


def test_a_chain_of_edits_is_no_one_text(index) -> None:
    """Each is a near-duplicate of the last; the last and the first have little in common."""
    one, two, three, four, five = passages(5)
    index.admit(Article("a", text_of(one, two, three)))
    index.admit(Article("b", text_of(two, three, four)))
    index.admit(Article("c", text_of(three, four, five)))
    found = index.get("c").verdict
    assert [(match.b, match.relation) for match in found.matches[:1]] != [("a", "near_duplicate")]
    assert not any({"a", "c"} <= group for group in copies(index))


def test_a_near_duplicate_joins_the_group_that_it_is_nearest_to_on_average(index) -> None:
    base = text_of(*passages(4)).split()
    rng = random.Random(1)
    first = Article("a", " ".join(base))
    drifted = [word if rng.random() > 0.03 else "x" + word for word in base]
    index.admit(first)
    assert index.admit(Article("b", " ".join(drifted), "", first.date)).relation == "near_duplicate"
    assert copies(index) == {frozenset("ab")}
    found = index.check(edited(first, "c"))
    assert [match.b for match in found.matches[:2]] == ["a", "b"]
    assert found.matches[0].scores.jaccard > found.matches[1].scores.jaccard > 0.5


def test_an_item_in_two_digests_does_not_make_them_one_text(index) -> None:
    item, one, two, three, four = passages(5)
    index.admit(Article("item", text_of(item)))
    index.admit(Article("digest 1", text_of(one, item, two)))
    index.admit(Article("digest 2", text_of(three, item, four)))
    assert not any({"digest 1", "digest 2"} <= group for group in copies(index))
    assert index.get("digest 2").verdict.relation == "contained"
    assert index.get("digest 2").verdict.extends


def test_two_items_in_one_digest_do_not_become_one_story(index) -> None:
    one, two, rest = passages(3)
    index.admit(Article("long item", text_of(one, rest[:20])))
    index.admit(Article("short item", text_of(two)))
    found = index.admit(Article("digest", text_of(one, rest[:20], two, rest[20:])))
    assert {match.relation for match in found.matches} == {"contained"}
    assert {match.b for match in found.matches} == {"long item", "short item"}
    assert copies(index) == {frozenset({"long item", "digest"}), frozenset({"short item"})}
    assert index.get("short item").story != index.get("digest").story
    apart = next(match for match in found.matches if match.b == "short item")
    assert apart.scores.story == 0


def test_an_excerpt_is_of_the_text_that_holds_most_of_it(index) -> None:
    one, two, three = passages(3)
    index.admit(Article("part", text_of(one, two[:50], three)))
    index.admit(Article("whole", text_of(three[:30], one, two)))
    found = index.admit(Article("excerpt", text_of(one, two)))
    assert found.matches[0].b == "whole"
    assert found.matches[0].scores.containment == 1
    assert index.get("excerpt").copies == index.get("whole").copies


def test_a_group_takes_in_one_excerpt_only(index) -> None:
    """Else two items of one digest would become one text by way of it."""
    one, two, three = passages(3)
    index.admit(Article("digest", text_of(one, two, three)))
    index.admit(Article("first item", text_of(one)))
    found = index.admit(Article("second item", text_of(two)))
    assert found.relation == "contained"
    assert copies(index) == {frozenset({"digest", "first item"}), frozenset({"second item"})}


def test_a_copy_that_adds_nothing_is_entered_under_its_shingles_alone(bench) -> None:
    bench.index.admit(Event(1).report("a"))
    bench.index.admit(copy_of(Event(1).report("a"), "b"))
    with bench.store.read() as reader:
        numbers = [number for number, _ in reader.find(["a", "b"]).values()]
        telling = Sketches.read(reader.blobs("sketch", numbers)).telling
    assert (telling > 0).tolist() == [True, False]


def test_a_whole_is_entered_under_terms_of_its_own_beside_its_excerpt(index) -> None:
    """What only the longer text tells must lead to it, too."""
    flood = Event(1).report("whole", own=10)
    index.admit(Article("excerpt", " ".join(flood.text.split()[:25]), "Flood", day(0)))
    assert index.admit(flood).extends
    assert "whole" in [
        match.b for match in index.check(Event(1).report("b", 1, part=LATER)).matches
    ]


@settings(max_examples=12)
@given(st.integers(0, 10**6), st.sampled_from([1, 5, 100]))
def test_groups_and_stories_of_made_up_news_are_those_of_the_batch_path(seed, together) -> None:
    rng = random.Random(seed)
    articles = newsroom(seed, events=3, reports=2)
    articles += [copy_of(a, f"{a.id} again") for a in rng.sample(articles, 2)]
    articles += [edited(a, f"{a.id} edited") for a in rng.sample(articles, 2)]
    rng.shuffle(articles)
    links = (analysis := analyse(articles, SETTINGS)).links
    with open_index("memory:") as index:
        for first in range(0, len(articles), together):
            index.admit_many(articles[first : first + together])
        assert copies(index) == as_sets(analysis.articles.ids, links.copies)
        assert grouped(index) == as_sets(analysis.articles.ids, links.stories)
        assert sound(index)


def as_sets(ids, labels) -> set[frozenset[str]]:
    return {frozenset(np.array(ids, object)[labels == label]) for label in set(labels.tolist())}


# Stories


@pytest.fixture
def small_stories(monkeypatch) -> None:
    """Stories of more than three texts are large: they are not taken apart."""
    monkeypatch.setattr("dedupe.index.placing.MOST_GROUPS", 3)


@pytest.mark.usefixtures("small_stories")
def test_a_large_story_is_joined_whole(index) -> None:
    admitted(index, [Event(1).report(f"a{n}") for n in range(8)])
    admitted(index, [Event(2).report(f"x{n}") for n in range(3)])
    assert grouped(index) == {
        frozenset(f"a{n}" for n in range(8)),
        frozenset(f"x{n}" for n in range(3)),
    }
    assert sound(index)


@pytest.mark.usefixtures("small_stories")
def test_a_large_story_merges_whole_and_both_ids_lead_to_it(index) -> None:
    admitted(index, [Event(1).report(f"a{n}", part=EARLIER, own=15) for n in range(6)])
    begun = index.get("a0").story
    index.admit(Event(1).report("b", 100, part=LATER, own=15, title=""))
    other = index.get("b").story
    assert other != begun
    admitted(index, [Event(1).report(f"c{n}", own=5) for n in range(5)])
    assert len(grouped(index)) == 1
    assert index.story(other) == index.story(begun)
    assert sound(index)


def test_groups_of_copies_that_begin_alone_get_stories_of_their_own() -> None:
    assert Regrouping.of_new([-1, -2, -1, 7]) == Regrouping({-1: -1, -2: -2})


@given(
    st.lists(st.tuples(st.integers(-1, 5), st.integers(-1, 5), st.floats(0, 1)), max_size=20),
    st.booleans(),
)
def test_values_of_one_pair_are_combined_whichever_end_comes_first(drawn, add) -> None:
    pairs = np.array([(a, b) for a, b, _ in drawn], np.int64).reshape(-1, 2)
    values = np.array([value for *_, value in drawn])
    expected: dict[tuple[int, int], float] = {}
    for a, b, value in drawn:
        key, how = (min(a, b), max(a, b)), float.__add__ if add else max
        if a != b and min(a, b) >= 0:
            expected[key] = how(expected.get(key, 0.0), value)
    found, best = combined(pairs, values, 6, add)
    assert dict(zip(map(tuple, found.tolist()), best.tolist(), strict=True)) == expected
    assert list(map(tuple, found.tolist())) == sorted(expected)


# Keys

SHINGLES = st.sets(st.integers(0, 2**32 - 1), max_size=80).map(
    lambda s: np.array(sorted(s), np.uint32)
)


@given(SHINGLES)
def test_copy_keys_are_the_lowest_shingles_and_a_sixteenth_of_the_others(shingles) -> None:
    found = copy_keys(shingles).tolist()
    assert found == [
        s for at, s in enumerate(shingles.tolist()) if at < LOWEST_SHINGLES or s % 16 == 0
    ]


def test_copy_keys_of_a_long_text_are_bounded() -> None:
    assert len(copy_keys(np.arange(10**6, dtype=np.uint32))) == MOST_COPY_KEYS


def test_story_keys_tell_all_buckets_apart() -> None:
    keys = story_keys(np.arange(1 << 22, dtype=np.uint32))
    keys.sort()
    assert (keys[1:] != keys[:-1]).all()


# Articles as they are kept


DATES = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@given(DATES)
def test_dates_are_counted_exactly(date) -> None:
    assert moment(microseconds(Article("a", "", date=date))) == date


def test_no_date_is_told_from_all_dates() -> None:
    assert microseconds(Article("a", "")) == UNDATED
    assert microseconds(Article("a", "", date=START)) == START.timestamp() * 1e6


TEXT = st.text(st.characters(), max_size=12)


@given(
    st.builds(Article, st.just("a"), TEXT, TEXT, st.none() | DATES, TEXT, TEXT, TEXT), st.booleans()
)
def test_an_article_is_kept_as_it_was_but_for_half_characters(article, whole) -> None:
    kept = article_of_text("a", compressed(article, whole=whole))
    fields = ("title", "source", "url", "lang", "text")
    expected = {name: mended(getattr(article, name)) for name in fields}
    if not whole:
        expected["text"] = ""
    assert kept == replace(article, **expected)


def mended(text: str) -> str:
    return "".join(
        "\ufffd" if "\ud800" <= c <= "\udfff" else c
        for c in text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    )


@pytest.mark.parametrize(
    "data", [b"", b"nonsense", zlib.compress(b"[1]"), zlib.compress(b'["","","","when?","",""]')]
)
def test_a_broken_article_is_told_by_its_id(data) -> None:
    with pytest.raises(DamagedError, match="'a7'"):
        article_of_text("a7", data)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"relation":"new","story":"s1","extends":false,"matches":[[1]]}']
)
def test_a_broken_answer_is_told_by_its_id(data) -> None:
    with pytest.raises(DamagedError, match="'a7'"):
        restored("a7", data)


def test_an_answer_is_restored_as_it_was_given(index) -> None:
    admitted(index, [*newsroom(24, events=2), edited(newsroom(24, events=2)[0], "edited")])
    for held in index.articles():
        name = held.article.id
        assert restored(name, stored_form(held.verdict)) == replace(held.verdict, replayed=True)


def test_with_no_least_share_a_text_that_has_a_part_of_another_is_no_edited_copy_either() -> None:
    """As in a batch: some shared words of a longer text make neither a copy nor an excerpt."""
    whole = [f"word{n}" for n in range(120)]
    part = [*whole[:44], *(f"other{n}" for n in range(11))]
    articles = [Article("whole", " ".join(whole)), Article("part", " ".join(part))]
    with open_index("memory:", settings=Settings(edited=0)) as index:
        index.admit(articles[0])
        overlap = index.check(articles[1]).matches
    assert [match.relation for match in overlap] in ([], ["same_story"])


@given(TEXT, TEXT)
def test_title_and_text_are_told_apart(title, text) -> None:
    one = digest(Article("a", text, title))
    assert one == digest(Article("b", text, title, START, "x", "y", "z"))
    assert (one == digest(Article("a", title, text))) == (title == text)
    assert one != digest(Article("a", text + "x", title))


@given(st.integers(1, 10**18 - 1))
def test_the_number_of_a_story_is_in_its_id(number) -> None:
    assert story_number(story_id(number)) == number


@given(st.text(st.characters(), max_size=6))
def test_ids_of_stories_have_one_form(name) -> None:
    number = story_number(name)
    assert number is None or story_id(number) == name
