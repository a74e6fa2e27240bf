"""Lines that recur in articles with nothing else in common are taken out of what is counted."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from corpora import TEXTS, prose
from hypothesis import given
from hypothesis import strategies as st

from dedupe.collect import collect
from dedupe.config import Settings
from dedupe.kernels.terms import LEAD, count_terms
from dedupe.lines import split, title_ends
from dedupe.model import Article
from dedupe.read import batches_of
from dedupe.recurring import without_recurring
from dedupe.room import Room
from dedupe.sketch import LEAD_TERMS, TERM_BITS, Sketch, Terms
from dedupe.tokens import texts_of, tokens_of


@given(st.lists(st.lists(TEXTS, max_size=4).map("\n".join), min_size=1, max_size=4))
def test_a_text_has_the_same_tokens_line_by_line(texts: list[str]) -> None:
    encoded = texts_of(texts)
    for found, wanted in zip(split(encoded).whole(), tokens_of(encoded), strict=True):
        assert found.tolist() == wanted.tolist()


@pytest.mark.parametrize(
    ("title", "words", "end"),
    [
        ("Fire at the mill - The Daily Echo", 7, 4),
        ("Fire at the mill | Echo", 5, 4),
        ("Fire - all safe – Echo", 4, 3),
        ("Fire — Echo", 2, 1),
        ("Fire · Echo", 2, 1),
        ("Well-known mill burns", 4, 4),
        ("Fire -- Echo", 2, 2),
        ("", 0, 0),
        (" - ", 0, 0),
    ],
)
def test_the_end_of_a_title_begins_at_its_last_dash(title: str, words: int, end: int) -> None:
    texts = texts_of(["before", title, "far behind"])
    tokens = tokens_of(texts)
    assert tokens.bounds.tolist() == [0, 1, 1 + words, 3 + words]
    assert title_ends(texts, tokens).tolist() == [1, 1 + end, 3 + words]


def sketched(articles: list[Article]) -> Sketch:
    with ThreadPoolExecutor(1) as executor:
        return collect(
            batches_of(articles),
            Settings(),
            executor,
            room=Room(),
            copies_only=False,
            keep_texts=False,
        )[1]


def dict_of(terms: Terms, row: int) -> dict[int, tuple[int, int]]:
    part = slice(terms.bounds[row], terms.bounds[row + 1])
    values = zip(terms.counts[part].tolist(), terms.flags[part].tolist(), strict=True)
    return dict(zip(terms.buckets[part].tolist(), values, strict=True))


def written(name: str, lines: list[str], title: str = "") -> Article:
    return Article(name, "\n".join(lines), title)


def story(rng: random.Random, lines: int = 6) -> list[str]:
    return [" ".join(prose(rng, 12)) for _ in range(lines)]


def counted(articles: list[Article]) -> Terms:
    """Their terms, as if they had no lines."""
    titles, texts = ([getattr(a, of) for a in articles] for of in ("title", "text"))
    parts = [tuple(tokens_of(texts_of(values))) for values in (titles, texts)]
    return Terms(*count_terms(*parts, TERM_BITS, LEAD_TERMS))


def own_terms(articles: list[Article]) -> Terms:
    found = without_recurring(sketched(articles), Settings()).terms
    assert found is not None
    return found


def assert_counted_as(dressed: list[Article], bare: list[Article]) -> None:
    """That what recurs in the dressed ones is taken out, down to their leads."""
    found, wanted = own_terms(dressed), counted(bare)
    for row in range(len(bare)):
        assert dict_of(found, row) == dict_of(wanted, row)


def test_menus_stock_sentences_and_ends_of_titles_go_and_the_lead_moves_up() -> None:
    rng = random.Random(1)
    menu, notice = " | ".join(prose(rng, 14)), " ".join(prose(rng, 9))
    bare, dressed = [], []
    for n in range(30):
        lines, title = story(rng), " ".join(prose(rng, 5))
        bare.append(written(f"{n:02}", lines, title))
        if n % 3:
            dressed.append(bare[-1])
        else:
            name = f"{title} - {'gogi lalo' if n % 2 else 'mumu'}"
            dressed.append(written(f"{n:02}", [menu, "", *lines, notice], name))
    assert_counted_as(dressed, bare)
    found, wanted = without_recurring(sketched(dressed), Settings()), sketched(bare)
    assert np.array_equal(found.starts, wanted.starts)
    assert np.array_equal(found.shingles, wanted.shingles)
    assert np.array_equal(found.lengths, wanted.lengths)
    assert np.array_equal(found.signatures, wanted.signatures)


def test_items_of_menus_go_in_whatever_order_each_site_has_them() -> None:
    rng = random.Random(7)
    items = prose(rng, 24)
    bare = [written(f"{n:02}", story(rng), " ".join(prose(rng, 5))) for n in range(30)]
    dressed = [
        replace(a, text=f"{sign.join(rng.sample(items, 16))}\n{a.text}")
        for a, sign in zip(bare, [" | ", " · ", " • ", " » ", " › "] * 6, strict=True)
    ]
    assert_counted_as(dressed, bare)


def test_a_table_is_no_menu() -> None:
    rng = random.Random(12)
    rows = [" | ".join([*prose(rng, 2), "3", "1", "44", "x"]) for _ in range(10)]
    table = written("a", rows, "All results")
    assert_counted_as([table], [table])


def test_capitals_tell_the_same_on_either_side_of_a_bar() -> None:
    texts = texts_of(["The Ann Bob Cid Dan | small words follow here for ever | MILL BURNS"])
    assert split(texts).whole().flags.tolist() == tokens_of(texts).flags.tolist()


def test_a_bar_within_a_word_or_at_the_end_parts_nothing() -> None:
    texts = texts_of(["kela|mumu lolo |raru | ", "", "|", "a | b"])
    assert split(texts).firsts.tolist() == [0, 2, 2, 3, 5]


def test_the_name_of_a_site_that_is_met_once_goes_from_title_and_text() -> None:
    rng = random.Random(8)
    bare = [written(f"{n:02}", story(rng), " ".join(prose(rng, 5))) for n in range(30)]
    named = replace(
        bare[0], title=f"{bare[0].title} - Bavu Echo", text=f"Bavu Echo\n{bare[0].text}"
    )
    assert_counted_as([named, *bare[1:]], bare)
    titled = replace(bare[0], title=f"{bare[0].title} - Bavu Echo")
    assert_counted_as([titled, *bare[1:]], [titled, *bare[1:]])


def test_the_name_of_the_outlet_goes_from_the_end_of_a_title_and_its_line_too() -> None:
    rng = random.Random(11)
    (bare,) = (written("a", story(rng), " ".join(prose(rng, 5))) for _ in range(1))
    named = replace(
        bare, title=f"{bare.title} | Bavu Echo", text=f"{bare.text}\nBAVU ECHO", source="Bavu echo"
    )
    assert_counted_as([named], [bare])
    other = replace(named, source="Bavu")
    assert_counted_as([replace(other, text=bare.text)], [replace(other, text=bare.text)])
    alone = replace(named, title="Bavu Echo", text="")
    assert_counted_as([alone], [alone])


def test_what_stays_in_the_text_is_no_part_of_the_title_any_more() -> None:
    rng = random.Random(9)
    bare = [
        written(f"{n:02}", [*story(rng), f"bavu {' '.join(prose(rng, 8))}"], "kelu mira")
        for n in range(30)
    ]
    dressed = [
        replace(a, title=f"{a.title} - bavu echo", text=f"bavu echo\n{a.text}") for a in bare
    ]
    assert_counted_as(dressed, bare)


def test_a_text_of_which_no_shingle_would_stay_keeps_its_shingles() -> None:
    rng = random.Random(10)
    notice = " ".join(prose(rng, 4))
    short = [
        written(f"a{n}", [" ".join(prose(rng, 4)), notice, " ".join(prose(rng, 4))])
        for n in range(6)
    ]
    articles = [*short, *(written(f"b{n:02}", story(rng)) for n in range(30))]
    before, found = sketched(articles), without_recurring(sketched(articles), Settings())
    assert found.terms is not None
    assert len(found.terms.buckets) < len(counted(articles).buckets)
    assert np.array_equal(found.starts, before.starts)
    assert np.array_equal(found.shingles, before.shingles)


def test_headlines_of_other_articles_under_a_text_go_and_own_headlines_stay() -> None:
    rng = random.Random(2)
    bare = [written(f"{n:02}", story(rng), " ".join(prose(rng, 6))) for n in range(30)]
    dressed = [
        replace(a, text=f"{a.title}\n{a.text}\n{bare[(n + 7) % 30].title}")
        for n, a in enumerate(bare)
    ]
    own = [replace(a, text=f"{a.title}\n{a.text}") for a in bare]
    assert_counted_as(dressed, own)


def test_lines_of_reports_that_are_alike_without_them_stay() -> None:
    rng = random.Random(3)
    facts, quote = prose(rng, 40), " ".join(prose(rng, 10))
    same = [written(f"a{n}", [" ".join([*rng.sample(facts, 30)]), quote]) for n in range(4)]
    others = [written(f"b{n:02}", story(rng)) for n in range(30)]
    articles = [*same, *others]
    assert_counted_as(articles, articles)


def test_a_line_that_is_most_of_an_article_stays() -> None:
    rng = random.Random(4)
    line = " ".join(prose(rng, 10))
    articles = [written(f"a{n}", [line, " ".join(prose(rng, 4))]) for n in range(5)]
    articles += [written(f"b{n:02}", story(rng)) for n in range(30)]
    assert_counted_as(articles, articles)


def test_few_articles_keep_all_their_lines() -> None:
    rng = random.Random(5)
    notice = " ".join(prose(rng, 9))
    articles = [written(f"{n:02}", [*story(rng), notice]) for n in range(19)]
    assert_counted_as(articles, articles)


def test_the_lead_of_an_article_without_such_lines_is_left_as_it_was() -> None:
    rng = random.Random(6)
    articles = [written(f"{n:02}", story(rng, 9)) for n in range(25)]
    found = own_terms(articles)
    for row in range(25):
        led = sum((flags & LEAD) > 0 for _, flags in dict_of(found, row).values())
        assert 50 <= led <= LEAD_TERMS
    assert np.array_equal(found.bounds, counted(articles).bounds)
