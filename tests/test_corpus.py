"""A corpus gives the same answers from tables of a few articles as from one sketch of all."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from corpora import article, edited, fixture_articles, prose
from hypothesis import given
from hypothesis import strategies as st

from dedupe import candidates, copies, corpus
from dedupe.analysis import HeldPairs
from dedupe.assemble import placements
from dedupe.buckets import Buckets, band_table, bucket_meetings
from dedupe.collect import Articles, collect
from dedupe.config import Settings
from dedupe.copy_tables import (
    OTHERS,
    ROW,
    holding_of,
    holding_schema,
    key_schema,
    keys_of,
    likeness_of,
    likeness_schema,
)
from dedupe.errors import RecordError, SettingError
from dedupe.moments import UNDATED
from dedupe.novelty import LEAST_ALIKE, Wordings, additions, differences, edited_shares
from dedupe.pipeline import analyse
from dedupe.read import batches_of
from dedupe.room import Room
from dedupe.score import Overlaps, ShingleSets
from dedupe.sketch_form import POSITION
from dedupe.sketches import sketched_tables

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.model import Article
    from dedupe.sketch import Sketch

SETTINGS = Settings(threads=1)
ONE = ThreadPoolExecutor(1)


def some_articles() -> list[Article]:
    draw = random.Random(4)
    text, words = prose(draw, 150), prose(draw, 500)
    near = [article(f"near-{k:02}", edited(draw, text, 0.01 * k)) for k in range(12)]
    parts = [article(f"part-{k:02}", words[40 * k : 40 * k + 90 + 20 * k]) for k in range(8)]
    names = [
        article(f"told-{k}", f"On Monday Anna Holm met {k} people. " + " ".join(text))
        for k in range(4)
    ]
    odd = [article("empty", ""), article("one", "word"), article("brief", "Two words")]
    return [*near, *parts, *names, *odd, *fixture_articles()]


def sketched(given: list[Article], settings: Settings = SETTINGS) -> tuple[Articles, Sketch]:
    found = collect(
        batches_of(given), settings, ONE, room=Room(), copies_only=True, keep_texts=False
    )
    return found[:2]


def tables(given: list[Article]) -> pa.Table:
    """Sketches of articles, in the order of their ids."""
    return pa.Table.from_batches([*sketched_tables(given, SETTINGS, copies_only=True)]).sort_by(
        "id"
    )


def all_pairs(n: int) -> NDArray[np.int32]:
    return np.stack(np.triu_indices(n, 1), axis=1).astype(np.int32)


def asked(pairs: NDArray[np.int32], given: pa.Table) -> pa.Table:
    others = [
        pairs[pairs[:, 0] == row, 1].astype("<i8").tobytes() or None for row in range(len(given))
    ]
    return given.append_column(ROW, pa.array(range(len(given)))).append_column(
        OTHERS, pa.array(others, pa.binary())
    )


# Buckets


SIGNATURES = st.lists(
    st.lists(st.integers(0, 2), min_size=6, max_size=6), max_size=14
).map(lambda rows: np.array(rows, np.uint32).reshape(-1, 6))  # fmt: skip


@given(SIGNATURES, st.sampled_from([(1, 1), (3, 2), (6, 1)]), st.integers(1, 5), st.randoms())
def test_entries_of_buckets_give_the_pairs_that_signatures_give(
    rows: NDArray[np.uint32],
    shape: tuple[int, int],
    limit: int,
    draw: random.Random,
) -> None:
    bands, width = shape
    among = np.array(sorted(draw.sample(range(len(rows)), len(rows) * 3 // 4)), np.int32)
    keys = band_table(rows, bands, width).view(np.int64)
    entries = [(band, keys[row, band], row) for row in among.tolist() for band in range(bands)]
    # Those that share their bucket with none may be there, or not.
    met = [(band, key) for band, key, _ in entries]
    entries = [e for e in entries if met.count(e[:2]) > 1 or draw.random() < 0.5]
    draw.shuffle(entries)
    columns = np.array(entries, np.int64).reshape(-1, 3)
    buckets = Buckets.of_keys(columns[:, 0], columns[:, 1], columns[:, 2].astype(np.int32))
    hot = buckets.hot(len(rows), limit, ONE)
    few = np.zeros_like(rows)
    few[hot] = rows[hot]
    found = bucket_meetings(few, buckets, limit, ONE)
    wanted = candidates.candidates(rows, bands, width, limit=limit, executor=ONE, among=among)
    assert found.pairs.tolist() == wanted.pairs.tolist()
    assert found.left_out == wanted.left_out


def test_an_article_that_meets_no_more_than_its_limit_needs_no_signature() -> None:
    keys = np.zeros(5, np.int64)
    buckets = Buckets.of_keys(keys.astype(np.int32), keys, np.arange(5, dtype=np.int32))
    assert buckets.hot(5, 4, ONE).tolist() == []
    twice = Buckets(np.tile(buckets.order, 2), np.tile(buckets.later, 2))
    assert twice.hot(5, 2, ONE).tolist() == []  # in each bucket the same two
    other = Buckets.of_keys(np.array([0, 0, 0, 1, 1]), keys, np.array([0, 1, 2, 0, 4], np.int32))
    assert other.hot(5, 2, ONE).tolist() == [0, 1, 2, 4]


# Keys


def test_keys_are_those_of_the_whole_sketch() -> None:
    given = some_articles()
    articles, whole = sketched(given)
    parts = [keys_of(batch, SETTINGS, "id") for batch in tables(given).to_batches(max_chunksize=7)]
    keys = pa.Table.from_batches(parts)
    assert keys.schema == key_schema(pa.field("id", pa.large_string(), nullable=False))
    assert keys.column("id").to_pylist() == articles.ids
    assert keys.column("tokens").to_pylist() == whole.lengths.tolist()
    assert keys.column("content").to_pylist() == whole.contents.view(np.int64).tolist()
    bands = band_table(whole.signatures, SETTINGS.copy_bands, SETTINGS.copy_rows)
    assert keys.column("buckets").to_pylist() == bands.view(np.int64).tolist()
    at_hand = corpus.CorpusAtHand(whole, SETTINGS, ONE)
    assert keys.column("title").to_pylist() == at_hand.titles.view(np.int64).tolist()
    sizes = [len(own) for own in keys.column("sampled").to_pylist()]
    assert keys.column("samples").to_pylist() == sizes
    assert sum(sizes) > 50


def test_an_article_may_be_known_by_its_position() -> None:
    batch = tables(some_articles()[:5]).combine_chunks().to_batches()[0]
    numbered = batch.append_column(POSITION, pa.array([9, 8, 7, 6, 5]))
    found = keys_of(numbered, SETTINGS, POSITION)
    assert found.schema.names[:2] == [POSITION, "tokens"]
    assert found.column(POSITION).to_pylist() == [9, 8, 7, 6, 5]


def test_sketches_of_another_form_have_no_keys() -> None:
    (batch,) = sketched_tables([article("a", "some words of it")], SETTINGS)
    with pytest.raises(SettingError, match="are of the form"):
        keys_of(batch, SETTINGS, "id")


@pytest.mark.parametrize("most", [candidates.SAMPLE_ROWS, 3])
def test_shingles_that_tell_nothing_may_be_left_out(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "SAMPLE_ROWS", most)
    _, whole = sketched(some_articles())
    rows = np.arange(0, len(whole), 2, dtype=np.int32)
    wanted = corpus.CorpusAtHand(whole, SETTINGS, ONE).excerpts(rows)
    entries, counts = candidates.sampled_shingles(whole.shingles, whole.starts, rows, 0)
    bits = candidates.SAMPLE_BITS
    beside, _ = candidates.sampled_shingles(whole.shingles, whole.starts, rows, bits)
    low = np.uint64(((1 << bits) - 1) << 32)
    assert (beside & low).any()
    assert (beside & ~low).tolist() == entries.tolist()  # as keys_of has them
    values = (entries >> np.uint64(32)).tolist()
    kept = entries[[2 <= values.count(value) <= most for value in values]]
    held = np.bincount((kept & np.uint64(0xFFFFFFFF)).astype(np.int64), minlength=len(whole))
    found = candidates.sampled_meetings(kept, held, counts, ONE)
    assert found.tolist() == wanted.tolist()
    assert len(kept) < len(entries)


# Pairs


@pytest.mark.parametrize("least", [LEAST_ALIKE, 0.0, np.inf])
def test_a_table_of_a_few_articles_tells_what_the_corpus_tells(least: float) -> None:
    given = some_articles()
    at_hand = corpus.CorpusAtHand(sketched(given)[1], SETTINGS, ONE)
    pairs = all_pairs(len(given))[::3].copy()
    wanted = at_hand.compared(pairs, least)
    shuffled = asked(pairs, tables(given)).take(
        pa.array(random.Random(1).sample(range(len(given)), len(given)))
    )
    found = likeness_of(shuffled, SETTINGS, least)
    assert found.schema == likeness_schema()
    order = np.lexsort((found.column("other").to_numpy(), found.column("row").to_numpy()))
    found = found.take(pa.array(order))
    assert np.stack((found["row"], found["other"]), axis=1).tolist() == pairs.tolist()
    columns = {
        "jaccard": wanted.overlaps.jaccard,
        "containment": wanted.overlaps.containment,
        "likeness": wanted.likeness,
        "edited": wanted.edited,
        "quoted": wanted.quoted,
        "adds": wanted.adds,
    }
    for name, values in columns.items():
        assert found.column(name).to_pylist() == values.tolist(), name
        assert values.any() or least == np.inf


def test_what_one_article_holds_is_told_with_what_the_other_adds() -> None:
    given = some_articles()
    whole = sketched(given)[1]
    pairs = all_pairs(len(given))[1::5].copy()
    found = holding_of(asked(pairs, tables(given)), SETTINGS)
    assert found.schema == holding_schema()
    sets, texts = ShingleSets.of(whole, pairs.ravel()), Wordings.of(whole, SETTINGS.shingle_words)
    adds = additions(differences(texts, sets, pairs[:, ::-1].copy()))
    shares = edited_shares(whole, pairs, SETTINGS.shingle_words)
    assert found.column("jaccard").to_pylist() == sets.overlaps(pairs).jaccard.tolist()
    assert found.column("containment").to_pylist() == sets.overlaps(pairs).containment.tolist()
    assert found.column("edited").to_pylist() == shares.tolist()
    assert found.column("adds").to_pylist() == adds.tolist()
    words = differences(texts, sets, pairs[:, ::-1].copy()).words
    assert found.column("words").to_pylist() == words.tolist()
    assert adds.any()


def test_a_broken_sketch_is_refused_before_it_is_compared() -> None:
    table = asked(all_pairs(3), tables(some_articles()[:3]))
    cut = table.set_column(
        table.schema.get_field_index("shingles"), "shingles", pa.array([b"", b"1234", b"12"])
    )
    with pytest.raises(RecordError, match="'shingles'"):
        likeness_of(cut, SETTINGS, LEAST_ALIKE)


# Groups


class _Ahead(corpus.CorpusAtHand):
    """A corpus that is asked for many pairs together, as one that lies elsewhere."""

    ahead = 40

    def among(self, rows: NDArray[np.int32]) -> _Ahead:
        assert np.array_equal(rows, np.unique(rows))
        return self


@pytest.mark.parametrize("seed", range(12))
def test_heads_are_the_same_where_more_is_asked_for_than_is_needed(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "COMPONENT_LIMIT", 6)
    draw = random.Random(seed)
    words, text = prose(draw, 900), prose(draw, 120)
    given = [article(f"{k:03}", words[7 * k : 7 * k + 100]) for k in range(60)]
    given += [article(f"x{k:03}", edited(draw, text, 0.002 * k)) for k in range(40)]
    _, whole = sketched(given)
    dates, found = np.full(len(whole), UNDATED), []
    for kind in (corpus.CorpusAtHand, _Ahead):
        notes: list[str] = []
        groups = copies.find_copies(kind(whole, SETTINGS, ONE), dates, SETTINGS, notes)
        assert any("stood in chains" in note for note in notes)
        found.append(
            (groups.labels.tolist(), groups.pairs.tolist(), groups.strength.tolist(), notes)
        )
    assert found[0] == found[1]
    assert len(set(found[0][0])) > 3


def held(pairs: list[tuple[int, int]]) -> HeldPairs:
    m = len(pairs)
    numbers = np.arange(m) / 10
    return HeldPairs(
        np.array(pairs, np.int32).reshape(-1, 2), Overlaps(numbers, numbers), numbers,
        np.arange(m, dtype=np.int8), numbers,
    )  # fmt: skip


def test_pairs_that_were_told_are_found_in_either_order() -> None:
    known = held([(3, 0), (3, 1), (4, 2), (5, 4)])
    asked = np.array([(4, 5), (3, 1), (0, 3), (4, 2)], np.int32)
    assert known.places(asked).tolist() == [3, 1, 0, 2]


@pytest.mark.parametrize("pair", [(0, 1), (2, 3), (5, 5), (9, 0)])
def test_a_pair_of_which_nothing_was_told_is_refused(pair: tuple[int, int]) -> None:
    with pytest.raises(KeyError):
        held([(3, 0), (3, 1), (4, 2), (5, 4)]).places(np.array([pair], np.int32))
    with pytest.raises(KeyError):
        held([]).places(np.array([pair], np.int32))


@pytest.mark.parametrize("copies_only", [True, False])
def test_an_analysis_without_sketches_tells_of_the_pairs_that_it_was_told(
    copies_only: bool,
) -> None:
    found = analyse(some_articles(), SETTINGS, copies_only=copies_only)
    pairs, sketch = found.links.tree.pairs(), found.sketch
    turned = pairs[:, ::-1].copy()
    wanted = found.additions(turned)
    told = HeldPairs(
        pairs, found.overlaps(pairs), found._edited(pairs), wanted, found.cosines(pairs)
    )
    there = sketch.elsewhere(sketch.contents, sketch.lengths)
    bare = replace(found, sketch=there, weights=None, known=told)
    shared = bare.overlaps(pairs)
    assert bare.relations(pairs, shared) == found.relations(pairs, found.overlaps(pairs))
    assert bare.additions(turned).tolist() == wanted.tolist()
    assert wanted.any()
    assert [*placements(bare)] == [*placements(found)] or copies_only  # cosines are NaN
    assert repr([*placements(bare)]) == repr([*placements(found)])
