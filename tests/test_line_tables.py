"""Recurring lines told by tables of a few articles are those that the sketch of all tells."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from corpora import article, fixture_articles, prose

from dedupe.collect import Articles, collect
from dedupe.config import Settings
from dedupe.copy_tables import ROW
from dedupe.errors import RecordError, SettingError
from dedupe.line_tables import (
    GROUPS,
    LEFT_OUT,
    OWN,
    BucketWeights,
    own_schema,
    own_sketches,
    ragged_column,
    verdicts_of,
)
from dedupe.model import Article
from dedupe.read import batches_of
from dedupe.recurring import (
    LineHolders,
    line_weights,
    lines_to_leave_out,
    sampled_articles,
    take_out_recurring,
    unlike_holders,
)
from dedupe.room import Room
from dedupe.sketch import Sketch
from dedupe.sketch_form import NUMBERS, from_arrow, sketch_form_of, sketch_schema
from dedupe.sketches import sketched_tables

SETTINGS = Settings(threads=1)
ONE = ThreadPoolExecutor(1)


def some_articles() -> list[Article]:
    """Articles of two outlets with menus and notices, and of one with a notice in one story."""
    draw = random.Random(6)
    menu, notice = " | ".join(prose(draw, 14)), " ".join(prose(draw, 9))
    told = [" ".join(prose(draw, 12)) for _ in range(4)]
    found = []
    for k in range(60):
        lines = [" ".join(prose(draw, 12)) for _ in range(5)]
        if k % 3 == 0:
            lines = [menu, *lines, notice]
        elif k % 3 == 1:
            lines = [*lines[:2], *told, notice] if k % 2 else [*told, *lines]
        title = f"{' '.join(prose(draw, 5))} - {'mumu' if k % 2 else 'gogi lalo'}"
        found.append(article(f"{k:03}", "\n".join(lines), title=title, source=f"of {k % 2}"))
    return [*found, article("no-text", "", title="A title"), *fixture_articles()]


def sketched(given: list[Article]) -> tuple[Articles, Sketch]:
    return collect(
        batches_of(given), SETTINGS, ONE, room=Room(), copies_only=False, keep_texts=False
    )[:2]


def table_of(given: list[Article]) -> pa.Table:
    found = pa.Table.from_batches([*sketched_tables(given, SETTINGS)]).sort_by("id")
    return found.append_column(ROW, pa.array(range(len(found))))


def weights_of(sketch: Sketch) -> np.ndarray:
    return line_weights(sketch.wordings, sketch.languages, SETTINGS.prior_articles)


def told_by_tables(given: list[Article], sketch: Sketch, sizes: list[int]) -> list[bool]:
    """Verdicts on lines, of the holders of some lines at a time."""
    table, found = table_of(given), {}
    weights = BucketWeights.of(weights_of(sketch))

    def unlike(holders: LineHolders) -> np.ndarray:
        rows, starts, one = holders
        numbers = np.flatnonzero(np.diff(starts) > 1).tolist()
        while numbers:
            some = numbers[: sizes[len(numbers) % len(sizes)]]
            del numbers[: len(some)]
            groups: dict[int, list[int]] = {}
            for number in some:
                own = rows[starts[number] : starts[number + 1]].tolist()
                place = int(one[number] - lines.bounds[own[-1]])
                groups.setdefault(own[0], []).extend((number, place, len(own), *own))
                for row in own:
                    groups.setdefault(row, [])
            kept = table.take(pa.array(random.Random(1).sample(sorted(groups), len(groups))))
            told = [np.array(groups[r], "<i8").tobytes() for r in kept.column(ROW).to_pylist()]
            verdicts = verdicts_of(
                kept.append_column(GROUPS, pa.array(told, pa.binary())), SETTINGS, weights
            )
            found.update(zip(*verdicts.to_pydict().values(), strict=True))
        wanted = unlike_holders(
            holders, lines, sketch.wordings.buckets, sketch.wordings.bounds, weights.every()
        )
        assert [found.get(k, False) for k in range(len(wanted))] == wanted.tolist()
        assert wanted.any()
        assert not wanted[np.diff(starts) > 1].all()
        return wanted

    lines = sketch.lines
    assert lines
    left_out = lines_to_leave_out(lines, unlike)
    assert left_out is not None
    return left_out.tolist()


@pytest.mark.parametrize("sizes", [[1], [3, 1, 7], [1000]])
def test_holders_of_a_line_are_told_alone_as_among_all(sizes: list[int]) -> None:
    given = some_articles()
    _, sketch = sketched(given)
    assert any(told_by_tables(given, sketch, sizes))


def test_sketches_without_what_recurs_are_those_of_all() -> None:
    given = some_articles()
    articles, sketch = sketched(given)
    lines = sketch.lines
    assert lines
    left_out = np.array(told_by_tables(given, sketch, [5]))
    goes = [left_out[a:b].tobytes() for a, b in zip(lines.bounds, lines.bounds[1:], strict=False)]
    told = [own if any(own) else None for own in goes]
    assert None in told
    rows = table_of(given).append_column(LEFT_OUT, pa.array(told, pa.binary()))
    parts = [own_sketches(batch, SETTINGS) for batch in rows.to_batches(max_chunksize=9)]
    found = pa.Table.from_batches(parts)
    assert found.schema == own_schema()
    assert found.column("id").to_pylist() == articles.ids
    assert found.column(ROW).to_pylist() == [*range(len(given))]
    wanted = take_out_recurring(sketch, SETTINGS)
    batch = found.combine_chunks().select(sketch_schema().names).to_batches()[0]
    own = from_arrow(batch, SETTINGS, sketch_form_of(SETTINGS, copies_only=True), 0)[3]
    for name in ("signatures", "contents", "shingles", "starts", "lengths"):
        assert np.array_equal(getattr(own, name), getattr(wanted, name)), name
    terms, marked = wanted.wordings, wanted.wordings.flags != 0
    assert own.wordings.buckets.tolist() == terms.buckets[marked].tolist()
    assert own.wordings.flags.tolist() == terms.flags[marked].tolist()
    columns: list[Any] = [terms.buckets, terms.counts, terms.flags]
    kinds = ("terms", "term_counts", "term_flags")
    for name, kind, values in zip(OWN, kinds, columns, strict=True):
        numbers, bounds = ragged_column(found.column(name), NUMBERS[kind])
        assert numbers.tolist() == values.tolist()
        assert bounds.tolist() == terms.bounds.tolist()


def test_terms_weigh_by_sampled_articles_what_they_weigh_by_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dedupe import recurring

    monkeypatch.setattr(recurring, "SAMPLE", 30)
    _, sketch = sketched(some_articles())
    rows = sampled_articles(len(sketch))
    assert len(rows) == 30
    assert (np.diff(rows) >= 1).all()
    of_all: list[np.ndarray] = []
    real = unlike_holders

    def seen(*given: Any) -> np.ndarray:
        columns, _, weights = given[2:]
        spread = np.zeros(1 << 22, np.float32)
        spread[sketch.wordings.buckets] = weights[columns]
        of_all.append(spread)
        return real(*given)

    monkeypatch.setattr(recurring, "unlike_holders", seen)
    recurring.without_recurring(sketch, SETTINGS)
    terms = sketch.wordings
    parts = [terms.part(slice(row, row + 1)) for row in rows.tolist()]
    bounds = np.cumsum([0, *(len(part.buckets) for part in parts)]).astype(np.int64)
    columns = (
        np.concatenate([getattr(p, k) for p in parts]) for k in ("buckets", "counts", "flags")
    )
    sample = type(terms)(*columns, bounds)
    spoken = [sketch.languages[row] for row in rows.tolist()]
    found = line_weights(sample, spoken, SETTINGS.prior_articles)
    assert np.array_equal(found, of_all[0])
    assert found.any()


def test_sketches_of_another_form_have_no_lines() -> None:
    (batch,) = sketched_tables([article("a", "some words")], SETTINGS, copies_only=True)
    held = batch.append_column(ROW, pa.array([0])).append_column(LEFT_OUT, pa.nulls(1, pa.binary()))
    with pytest.raises(SettingError, match="are of the form"):
        own_sketches(held, SETTINGS)


@pytest.mark.parametrize("count", [30, 66, 140])
def test_of_many_lines_of_the_same_articles_the_first_speak_for_the_others(count: int) -> None:
    pytest.importorskip("pysail", reason="the engine is an extra: story-dedupe[spark]")
    from dedupe.kernels.lines import SAME_HOLDERS
    from dedupe.recurring import looked_at

    draw = random.Random(count)
    shared = [" ".join(prose(draw, 6)) for _ in range(count)]
    own = [[" ".join(prose(draw, 12)) for _ in range(3 * count)] for _ in range(2)]
    given = [article(f"a{k}", "\n".join([*own[k], *shared])) for k in range(2)]
    given += [article(f"b{k:02}", prose(draw, 40)) for k in range(20)]
    sketch = sketched(given)[1]
    lines = sketch.lines
    assert lines
    columns = sketch.wordings.buckets, sketch.wordings.bounds, weights_of(sketch)
    looked: list[int] = []

    def unlike(holders: LineHolders) -> np.ndarray:
        wanted = unlike_holders(holders, lines, *columns)
        alike = np.arange(len(wanted))
        for number, line, rows in looked_at(holders, lines, alike):
            assert lines.bounds[rows[-1]] + line == holders.one[number]
            looked.append(number)
        assert wanted[alike].tolist() == wanted.tolist()
        return wanted

    lines_to_leave_out(lines, unlike)
    assert len(looked) == min(count, SAME_HOLDERS + 1)


@pytest.mark.parametrize(
    "ends", [[b"\1\0\0\0" * 2, b"\1\0\0\0"], [b"\1\0\0\0", b"\1\0\0\0"]], ids=["sizes", "titles"]
)
def test_lines_that_do_not_agree_are_refused(ends: list[bytes]) -> None:
    pytest.importorskip("pysail", reason="the engine is an extra: story-dedupe[spark]")
    from dedupe.spark.lines import lines_in

    keys = [b"\1\0\0\0" * (len(own) // 4) for own in (ends if ends[0] == ends[1] else ends[:1] * 2)]
    known = [b"\0" * (len(own) // 4) for own in keys]
    columns = {"line_keys": keys, "line_ends": ends, "line_known": known}
    with pytest.raises(RecordError, match="do not agree"):
        lines_in(pa.table({name: pa.array(held, pa.binary()) for name, held in columns.items()}))
