"""What workers tell of a few articles is what one process finds of all; without an engine."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from corpora import fixture_articles, newsroom, prose
from hypothesis import given
from hypothesis import strategies as st

from dedupe import Article, Settings
from dedupe.copy_tables import BLOCK, ROW
from dedupe.errors import RecordError
from dedupe.kernels.weights import heaviest
from dedupe.line_tables import LEFT_OUT, OWN, own_sketches
from dedupe.novelty import Wordings, term_differences
from dedupe.score import cosines
from dedupe.sharing import Sharing
from dedupe.sketches import sketched_tables
from dedupe.spark import workers
from dedupe.spark.asking import ArticlesThere
from dedupe.spark.blocks import BlockSize, block_table, near_order, pair_blocks
from dedupe.spark.scale import _asked, _Groups, _may_be_furniture
from dedupe.story_tables import (
    PACKED,
    counts_of,
    furniture_in,
    heaviest_of,
    near_of,
    terms_in,
    tied_of,
    weighed_of,
)
from dedupe.term_corpus import of_one_template
from dedupe.term_scale import TermCounts, TermScale
from dedupe.weigh import Weights
from dedupe.weighing import numbered_terms, weighed

SETTINGS = Settings(threads=1)


def corpus() -> list[Article]:
    """Stories, articles in two languages, and an outlet that signs all that it prints."""
    draw = random.Random(5)
    signed = [
        Article(
            f"s{k:02}", f"{' '.join(prose(draw, 60))} Zyxwvut Gazette", source="gazette.example"
        )
        for k in range(30)
    ]
    odd = [
        Article("none", ""),
        Article("fr", " ".join(prose(draw, 50)), title="Un titre", lang="fr"),
        Article("fr-2", " ".join([*prose(draw, 30), "Zyxwvut"]), title="Un titre", lang="fr"),
    ]
    return [*fixture_articles(), *newsroom(3), *signed, *odd]


class There:
    """A corpus as tables, weighed as workers do it, and as one process does it."""

    def __init__(self) -> None:
        rows = pa.Table.from_batches([*sketched_tables(corpus(), SETTINGS)]).sort_by("id")
        n = len(rows)
        asked = rows.append_column(ROW, pa.array(np.arange(n)))
        asked = asked.append_column(LEFT_OUT, pa.nulls(n, pa.binary())).combine_chunks()
        own = pa.Table.from_batches([own_sketches(asked.to_batches()[0], SETTINGS)])
        languages = rows.column("language").to_pylist()
        sources = rows.column("source").to_pylist()
        lengths = rows.column("tokens").to_numpy()
        nobody: Any = None
        there = ArticlesThere(nobody, "", ROW, pa.array(np.arange(n)), lengths, SETTINGS)
        self.groups, self.lengths = _Groups.of(languages, sources), lengths
        told = _asked(there, self.groups)
        for name in told.schema.names[1:]:
            own = own.append_column(name, told.column(name))
        self.own = own
        terms = terms_in(own)
        numbered = numbered_terms(terms, languages, sources, SETTINGS)
        self.weights = weighed(numbered, terms.counts, terms.flags, terms.bounds, None)
        self.scale = self._scale()
        parts = [own.slice(first, 7) for first in range(0, n, 7)]
        self.weighed = pa.concat_tables([weighed_of(part, self.scale) for part in parts])

    def _scale(self) -> TermScale:
        parts = [counts_of(self.own.slice(k, 11)) for k in range(0, len(self.own), 11)]
        every = pa.concat_tables(parts).group_by("key")
        sums = every.aggregate(
            [("held", "sum"), ("named", "sum"), ("numbers", "sum"), ("least", "max")]
        )
        key, *numbers, least = (
            sums.column(name).to_numpy()
            for name in ("key", "held_sum", "named_sum", "numbers_sum", "least_max")
        )
        kept = numbers[0] >= least
        counts = TermCounts.of_keys(key[kept], *(column[kept] for column in numbers))
        scale = TermScale.of(counts, self.groups.articles, SETTINGS.prior_articles)
        found = {}
        for number, terms in _may_be_furniture(self.groups, counts, scale).items():
            chosen = pa.array(self.groups.large[number].sampled()[::-1])  # in any order
            table = self.own.take(chosen)
            table = table.append_column(BLOCK, pa.array([number] * len(table)))
            fixed = furniture_in(table, scale, {number: terms}).column("fixed")[0].as_py()
            found[number] = terms.buckets[np.frombuffer(fixed, np.bool_)].astype(np.uint32)
        return scale._replace(furniture=found)


@pytest.fixture(scope="module")
def there() -> There:
    return There()


def rows_of(weights: Weights) -> list[tuple[list[Any], list[Any]]]:
    """Each row as buckets with all that is told of them, in order."""
    of, marked, found = weights.origins, weights.marked, []
    for row in range(len(weights.bounds) - 1):
        own = slice(weights.bounds[row], weights.bounds[row + 1])
        columns = weights.columns[own]
        told = (
            weights.buckets[columns], weights.values[own], of.marks[own],
            of.idf[of.spoken[row], columns], of.kinds[columns],
        )  # fmt: skip
        names = slice(marked.bounds[row], marked.bounds[row + 1])
        more = (weights.buckets[marked.columns[names]], marked.masses[names], marked.flags[names])
        found.append(([c.tolist() for c in told], [c.tolist() for c in more]))
    return found


def test_articles_weighed_a_few_at_a_time_weigh_what_they_weigh_among_all(there: There) -> None:
    from dedupe.story_tables import _weights_in

    assert any(len(buckets) for buckets in there.scale.furniture.values())
    assert there.weights.furniture is not None
    assert rows_of(_weights_in(there.weighed)) == rows_of(there.weights)


def test_a_scale_that_differs_has_another_digest(there: There) -> None:
    scale = there.scale
    others = [scale._replace(furniture={}), scale._replace(kinds=scale.kinds[::-1].copy())]
    assert len({one.digest() for one in (scale, *others)}) == 3


def test_heaviest_terms_are_those_of_all_rows(there: There) -> None:
    weights, n, most = there.weights, len(there.own), 9
    kept, values = np.zeros((n, most), np.uint32), np.zeros((n, most), np.float32)
    sizes, every = np.zeros(n, np.int64), np.arange(n, dtype=np.int32)
    heaviest(weights.columns, weights.values, weights.bounds, every, most, kept, values, sizes)
    found = heaviest_of(there.weighed, most).to_pylist()
    for row, size in enumerate(sizes.tolist()):
        buckets = weights.buckets[kept[row, :size]].astype("<u4")
        assert found[row]["buckets"] == buckets.tobytes()
        assert found[row]["values"] == values[row, :size].tobytes()


@pytest.mark.parametrize("entries", [1, 1 << 20])
def test_workers_go_through_batches_of_any_size(
    there: There, entries: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "ENTRIES", entries)
    batches = [*there.own.to_batches(max_chunksize=37), *there.own.slice(0, 0).to_batches()]
    rows = pa.Table.from_batches([*workers.weigh_rows(there.scale, iter(batches))])
    assert rows.equals(there.weighed)
    found = pa.Table.from_batches([*workers.heaviest_rows(9, iter(rows.to_batches()))])
    assert found.equals(heaviest_of(there.weighed, 9))
    counts = pa.Table.from_batches([*workers.count_terms(iter(batches))])
    sums = [(name, "sum") for name in ("held", "named", "numbers")]
    told, wanted = (
        table.group_by("key").aggregate(sums).sort_by("key")
        for table in (counts, counts_of(there.own))
    )
    assert told.equals(wanted)
    assert [*workers.count_terms(iter(()))] == []


def some_pairs(n: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    pairs = np.unique(np.sort(draw.integers(0, n, (300, 2)), axis=1), axis=0)
    return pairs[pairs[:, 0] < pairs[:, 1]].astype(np.int32)


@pytest.mark.parametrize("most", [BlockSize(2_000, 9), BlockSize(1 << 20, 1 << 15)])
def test_what_pairs_have_in_common_is_told_block_by_block(there: There, most: BlockSize) -> None:
    n = len(there.own)
    pairs = some_pairs(n, 3)
    blocks = pair_blocks(pairs, there.lengths, most)
    asked = block_table(blocks, pairs, pa.array(np.arange(n)), ROW)
    told, tied = [], []
    for block in np.unique(blocks).tolist():
        rows = asked.filter(pa.array(asked.column(BLOCK).to_numpy() == block))
        table = rows.join(there.weighed, ROW)
        told.append(near_of(table).to_pylist()[0])
        tied += tied_of(table).to_pylist()
    shared, leading = Sharing.of(there.weights).in_common(pairs)
    signatures = np.frombuffer(b"".join(there.own.column("signature").to_pylist()), "<u4")
    template = of_one_template(signatures.reshape(n, -1).astype(np.uint32), pairs)
    wanted = (cosines(there.weights, pairs), shared, leading, template)
    for (name, (kind, width)), column in zip(PACKED.items(), wanted, strict=True):
        values = np.frombuffer(b"".join(one[name] for one in told), kind).reshape(-1, width)
        assert np.array_equal(values, column.reshape(-1, width))
    assert [(one["row"], one["other"]) for one in tied] == [tuple(p) for p in pairs.tolist()]
    assert [one["cosine"] for one in tied] == wanted[0].tolist()
    marked = there.weights.marked
    words = Wordings(
        np.empty(0, np.uint32), np.zeros(n + 1, np.int64), np.zeros(n, np.int64),
        there.weights.buckets[marked.columns].astype(np.uint32),
        np.ones(len(marked.columns), np.uint16), marked.flags, marked.bounds, 1,
    )  # fmt: skip
    differences = term_differences(words, pairs[:, ::-1].copy())
    assert [one["terms"] for one in tied] == differences.tolist()


@pytest.mark.parametrize("column", [*OWN])
def test_terms_that_are_broken_are_refused(there: There, column: str) -> None:
    at = there.own.schema.get_field_index(column)
    values = [*there.own.column(column).to_pylist()[1:], b"\xff\xff\xff\xff" * 2]
    broken = there.own.set_column(at, column, pa.array(values, pa.large_binary()))
    with pytest.raises(RecordError, match="do not agree with one another"):
        counts_of(broken)


@pytest.mark.parametrize("column", ["buckets", "values", "idf", "masses", "marked_buckets"])
def test_weights_that_are_broken_are_refused(there: There, column: str) -> None:
    at = there.weighed.schema.get_field_index(column)
    values = [b"\xff\xff\xff\xff" * 2, *there.weighed.column(column).to_pylist()[1:]]
    broken = there.weighed.set_column(at, column, pa.array(values, pa.binary()))
    asked = broken.append_column("others", pa.array([None] * len(broken), pa.binary()))
    with pytest.raises(RecordError, match="weights of terms"):
        near_of(asked.append_column(BLOCK, pa.array([0] * len(broken))))


def test_terms_of_other_articles_are_refused(there: There) -> None:
    fewer = there.scale._replace(buckets=there.scale.buckets[:-1], kinds=there.scale.kinds[:-1])
    with pytest.raises(RecordError, match="not counted among those of all"):
        weighed_of(there.own, fewer)


@given(st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=90), st.integers(0, 99))
def test_an_order_of_articles_has_each_once(drawn: set[tuple[int, int]], seed: int) -> None:
    pairs = np.array(sorted({p for p in drawn if p[0] != p[1]}), np.int32).reshape(-1, 2)
    strength = np.random.default_rng(seed).choice([0.0, 0.25, 0.5], len(pairs)).astype(np.float32)
    ranks = near_order(31, pairs, strength)
    assert sorted(ranks.tolist()) == [*range(31)]


def test_what_is_paired_strongly_stands_near() -> None:
    draw = np.random.default_rng(4)
    groups = draw.permutation(np.repeat(np.arange(60), 10))  # scattered over all
    pairs = np.argwhere(np.triu(groups[:, None] == groups, 1)).astype(np.int32)
    across = some_pairs(600, 8)
    strength = np.concatenate((np.full(len(pairs), 0.5), np.full(len(across), 0.1)))
    ranks = near_order(600, np.concatenate((pairs, across)), strength.astype(np.float32))
    assert all(np.ptp(np.sort(ranks[groups == group])) == 9 for group in range(60))
