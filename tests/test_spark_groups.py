"""Groups that an engine's workers help to find are those of one process, whatever is hot."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest
from corpora import article, edited, fixture_articles, newsroom, prose
from digest_corpus import STORIES, letter, reports
from hypothesis import given
from hypothesis import strategies as st

from dedupe import Article, Settings, candidates, copies, digests, group_articles, room
from dedupe.assemble import placements
from dedupe.copy_tables import BLOCK, OTHERS, ROW
from dedupe.errors import EngineError, RecordError
from dedupe.pipeline import analyse
from dedupe.read import batches_of

pytest.importorskip("pysail", reason="the engine is an extra: story-dedupe[spark]")

from killed_server import fails_as_it_is_killed

from dedupe.spark import (
    Stages,
    asking,
    blocks,
    engine_session,
    group_dataframe,
    groups_on_engine,
    scale,
    terms,
    workers,
)
from dedupe.spark import corpus as entries
from dedupe.spark import engine as engines
from dedupe.spark.asking import Questions
from dedupe.spark.blocks import BlockSize, asked_table, pair_blocks
from dedupe.spark.groups import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame, SparkSession

    from dedupe.analysis import Analysis

SETTINGS = Settings(threads=2)


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with engine_session("sail") as found:
        yield found


def named(texts: list[list[str]], draw: random.Random) -> list[Article]:
    """Articles in an order that ids don't have; of each ninth the date is not known."""
    return [
        Article(
            f"{draw.randrange(10**9):09}-{k}",
            " ".join(words),
            date=datetime(2025, 1, 1 + k % 28, tzinfo=UTC) if k % 9 else None,
        )
        for k, words in enumerate(texts)
    ]


def mixed(draw: random.Random) -> list[list[str]]:
    """Copies of all kinds: near ones, excerpts, equal texts, edited ones, quotations."""
    text, words = prose(draw, 160), prose(draw, 800)
    found = [edited(draw, text, 0.01 * k) for k in range(16)]
    found += [words[50 * k : 50 * k + 90 + 20 * k] for k in range(10)] + [words]
    found += [prose(draw, 120)] * 5 + [["brief", "item"]] * 2 + [[]]
    found += [[*prose(draw, 60), *text[40:110], *prose(draw, 50)] for _ in range(4)]
    return [*found, *([[*text[:80], *prose(draw, 60)]] * 2)]


def hot(draw: random.Random) -> list[list[str]]:
    """500 near-copies of one text, a chain of 2,000, and one text that came 300 times."""
    text, chain = prose(draw, 120), prose(draw, 5 * 2000 + 80)
    found = [edited(draw, text, 0.02) for _ in range(500)]
    found += [chain[5 * k : 5 * k + 80] for k in range(2000)]
    return [*found, *([prose(draw, 90)] * 300), *(prose(draw, 90) for _ in range(200))]


def corpus(kind: Callable[[random.Random], list[list[str]]]) -> list[Article]:
    draw = random.Random(11)
    found = [*named(kind(draw), draw), *fixture_articles()]
    draw.shuffle(found)
    return found


ARTICLES = corpus(mixed)


def told(found: Analysis) -> tuple[list[str], tuple[str, ...]]:
    return [repr(one) for one in placements(found)], found.notes


def there(
    articles: list[Article], session: SparkSession, folder: Path, settings: Settings = SETTINGS,
    *, copies_only: bool = True, **more: Any,
) -> Analysis:  # fmt: skip
    return groups_on_engine(
        batches_of(articles, batch_bytes=5_000), Stages(session, str(folder)), settings,
        copies_only=copies_only, **more,
    )  # fmt: skip


def alone(
    articles: list[Article], settings: Settings = SETTINGS, *, copies_only: bool = True
) -> Analysis:
    return analyse(articles, settings, copies_only=copies_only)


@pytest.mark.parametrize("copies_only", [True, False])
@pytest.mark.parametrize("partitions", [1, 8, 400])
def test_groups_are_the_same_in_any_number_of_partitions(
    partitions: int, copies_only: bool, session: SparkSession, tmp_path: Path
) -> None:
    found = there(ARTICLES, session, tmp_path, copies_only=copies_only, partitions=partitions)
    assert told(found) == told(alone(ARTICLES, copies_only=copies_only))
    relations = {one.relation for one in placements(found)}
    assert relations >= {None, "identical", "near_duplicate", "contained", "edited_copy"}
    assert any(one.quotes for one in placements(found))


@pytest.mark.parametrize("copies_only", [True, False])
def test_neither_hot_buckets_nor_chains_change_a_group(
    copies_only: bool, session: SparkSession, tmp_path: Path
) -> None:
    articles = corpus(hot)
    found = there(articles, session, tmp_path, copies_only=copies_only)
    wanted = alone(articles, copies_only=copies_only)
    assert told(found) == told(wanted)
    assert any("meetings in LSH buckets" in note for note in found.notes)
    assert any("2,000 articles stood in chains" in note for note in found.notes)


def test_a_run_that_is_kept_to_a_memory_gives_the_same(
    session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapped: list[int] = []
    real = room.Room._mapped

    def note(self: room.Room, size: int) -> Any:
        mapped.append(size)
        return real(self, size)

    monkeypatch.setattr(room.Room, "_mapped", note)
    monkeypatch.setattr(room, "SMALL", 0)
    settings = Settings(threads=2, memory=1)  # all goes into files
    found = there(ARTICLES, session, tmp_path, settings, copies_only=False)
    assert told(found) == told(alone(ARTICLES, copies_only=False))
    looked_at = mapped[-1]
    assert mapped == [looked_at * size for size in (4, 16, 28, 1)]
    assert looked_at >= found.links.scored


@pytest.mark.parametrize("seed", range(3))
def test_small_bounds_are_those_of_one_process(
    seed: int, session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "COMPONENT_LIMIT", 6)
    monkeypatch.setattr(asking, "AHEAD", 30)
    monkeypatch.setattr(blocks, "TOKENS", 700)
    monkeypatch.setattr(blocks, "PAIRS", 5)
    monkeypatch.setattr(asking, "BLOCKS", 40)
    monkeypatch.setattr(candidates, "CHANCE", seed % 2)  # the next shingle counts, or does not
    monkeypatch.setattr(terms, "PAIRS", 40)
    monkeypatch.setattr(terms, "NEAR", BlockSize(3_000, 9))
    monkeypatch.setattr(terms, "FEW", 0)  # wider rows are asked for step by step
    monkeypatch.setattr(workers, "ENTRIES", 300)
    monkeypatch.setattr(entries, "ENTRIES", 400)
    monkeypatch.setattr(scale, "GROUPS", 1)
    monkeypatch.setattr(digests, "SUSPECTS", 1)
    settings = Settings(threads=1, bucket_limit=3 + seed, near_duplicate=0.3 + 0.2 * seed)
    found = there(ARTICLES, session, tmp_path, settings, copies_only=seed > 0)
    assert told(found) == told(alone(ARTICLES, settings, copies_only=seed > 0))
    assert any("meetings in LSH buckets" in note for note in found.notes)


def test_what_an_outlet_signs_with_is_furniture_there_too(
    session: SparkSession, tmp_path: Path
) -> None:
    draw = random.Random(6)
    outlets = [
        Article(
            f"{name}-{k:02}", f"{' '.join(prose(draw, 60))} {name.title()} Gazette", source=name,
            lang="fr" if k % 5 == 4 else "",
        )
        for name in ("zyxwvut", "qwerty")
        for k in range(25)
    ]  # fmt: skip
    articles = [*outlets, *newsroom(2), *reports(), letter("letter", [*STORIES][:5])]
    found = there(articles, session, tmp_path, copies_only=False, partitions=3)
    assert told(found) == told(alone(articles, copies_only=False))
    assert any(path.name.endswith("furniture.made") for path in tmp_path.iterdir())
    assert any(one.mentions for one in placements(found))


def test_the_driver_gets_neither_texts_nor_shingles_nor_signatures(
    session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns: set[str] = set()
    frame = type(session.range(1))
    real = frame.toArrow

    def to_arrow(self: DataFrame) -> pa.Table:
        found = real(self)
        columns.update(found.schema.names)
        return found

    monkeypatch.setattr(frame, "toArrow", to_arrow)
    found = there(ARTICLES, session, tmp_path)
    light = {
        "id", "again", "headline", "source", "date", "text_bytes", "language", "tokens", "content",
        "title", "samples", "position", "row", "band", "bucket", "sampled", "other", "jaccard",
        "containment", "likeness", "edited", "quoted", "adds", "words",
    }  # fmt: skip
    assert columns == light
    assert not found.sketch.shingles.size
    assert not found.sketch.signatures.size
    columns.clear()
    found = there(ARTICLES, session, tmp_path, copies_only=False)
    assert columns == light | {
        "line_keys", "line_ends", "line_known", "number", "unlike", "terms", "term_flags",
        "key", "held", "named", "numbers", "least", "block", "fixed", "buckets", "values",
        "cosine", "shared", "leading", "template",
    }  # fmt: skip
    assert found.weights is None
    assert not found.sketch.shingles.size


@pytest.mark.parametrize(
    "texts", [[], [""], ["one text of a few words"], ["", "  ", "."], ["a b c d e f g"] * 3]
)
def test_a_corpus_without_pairs_is_none_either(
    texts: list[str], session: SparkSession, tmp_path: Path
) -> None:
    articles = [article(f"{k}", text) for k, text in enumerate(texts)]
    for copies_only in (True, False):
        found = there(articles, session, tmp_path, copies_only=copies_only)
        assert told(found) == told(alone(articles, copies_only=copies_only))


# Stages


def files_of(folder: Path) -> dict[str, set[str]]:
    """Names of the files of each answer, of which each run gives its own."""
    ended = sorted(path.stem for path in folder.glob("*.made"))
    return {stage: {path.name for path in (folder / stage).iterdir()} for stage in ended}


def test_answers_that_are_there_are_taken_again(session: SparkSession, tmp_path: Path) -> None:
    there(ARTICLES, session, tmp_path)
    first = files_of(tmp_path)
    assert len(first) > 6
    there(ARTICLES, session, tmp_path)
    assert files_of(tmp_path) == first


def test_what_is_asked_otherwise_is_answered_anew(session: SparkSession, tmp_path: Path) -> None:
    there(ARTICLES, session, tmp_path)
    first = files_of(tmp_path)
    settings = Settings(threads=2, near_duplicate=0.9)
    assert told(there(ARTICLES, session, tmp_path, settings)) == told(alone(ARTICLES, settings))
    second = files_of(tmp_path)
    same = {stage for stage in first if first[stage] == second.get(stage)}
    kept = {KEYS, "dedupe-sketches", "dedupe-1-buckets"}
    assert same >= kept
    assert "dedupe-2-alike" not in same
    fewer = ARTICLES[1:]
    assert told(there(fewer, session, tmp_path)) == told(alone(fewer))
    third = files_of(tmp_path)
    assert not any(third[stage] & second[stage] for stage in kept)


STAGES = {
    "making keys": 1,
    "finding copies": 2,
    "finding buckets": 2,
    "comparing near-duplicates": 3,
    "finding excerpts": 5,
    "comparing excerpts": 6,
}
"""What a run says that it does, and how many answers there are by then."""
OF_STORIES = {
    "finding recurring lines": 1,
    "weighing terms": 11,
    "finding stories": 14,
    "grouping stories": 15,
}


@pytest.mark.posix
@pytest.mark.parametrize("stage", [*STAGES, *OF_STORIES])
def test_a_run_whose_server_is_killed_goes_on_from_its_last_answer(
    stage: str, session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_MANY", 2)
    copies_only = stage in STAGES
    fails_as_it_is_killed(
        stage,
        lambda lost, on_stage: there(
            ARTICLES, lost, tmp_path, copies_only=copies_only, on_stage=on_stage
        ),
    )
    before = files_of(tmp_path)
    found = there(ARTICLES, session, tmp_path, copies_only=copies_only)
    assert told(found) == told(alone(ARTICLES, copies_only=copies_only))
    after = files_of(tmp_path)
    assert "dedupe-sketches" in before
    assert len(before) == (STAGES | OF_STORIES)[stage]
    assert all(after[name] == files for name, files in before.items() if files)


def test_answers_that_are_not_all_there_are_told(session: SparkSession, tmp_path: Path) -> None:
    there(ARTICLES, session, tmp_path)
    for stage, said in (("dedupe-2-alike", "pairs were to be compared"), (KEYS, "lacks keys of")):
        for path in (tmp_path / stage).glob("*.parquet"):
            path.unlink()
            break
        with pytest.raises(EngineError, match=said):
            there(ARTICLES, session, tmp_path)


def test_questions_are_told_apart_by_all_that_they_depend_on(
    session: SparkSession, tmp_path: Path
) -> None:
    stages, made = Stages(session, str(tmp_path)), []

    def ask(table: pa.Table, by: dict[str, Any]) -> str:
        def answer(rows: DataFrame) -> DataFrame:
            made.append(rows.count())
            return rows

        return Questions(stages, {"of": "these"}).answered("x", table, by, answer)

    one, other = pa.table({"row": [1, 2]}), pa.table({"row": [1, 3]})
    assert {ask(one, {}), ask(one, {}), ask(other, {}), ask(other, {"a": 1})} == {"dedupe-1-x"}
    assert made == [2, 2, 2]


# DataFrames


@pytest.mark.parametrize("copies_only", [True, False])
@pytest.mark.parametrize("partitions", [1, 8])
def test_a_dataframe_is_grouped_where_it_lies(
    partitions: int, copies_only: bool, session: SparkSession, tmp_path: Path
) -> None:
    table = pa.Table.from_batches([*batches_of(ARTICLES)])
    shuffled = table.take(pa.array(random.Random(partitions).sample(range(len(table)), len(table))))
    frame = session.createDataFrame(shuffled).repartition(partitions)
    steps: list[str] = []
    found = group_dataframe(
        frame, SETTINGS, copies_only=copies_only, stages=str(tmp_path), on_stage=steps.append
    ).toArrow()
    wanted = group_articles(table, SETTINGS, copies_only=copies_only).to_arrow().sort_by("id")
    assert repr(found.to_pylist()) == repr(wanted.to_pylist())  # cosines are NaN
    first, *later = OF_STORIES
    assert steps == ["sketching", *([] if copies_only else [first]), *STAGES] + (
        [] if copies_only else later
    )


def test_rows_that_are_refused_are_told_before_anything_is_compared(
    session: SparkSession, tmp_path: Path
) -> None:
    rows = [("a", "one"), ("a", "two"), ("b", "three")]
    frame = session.createDataFrame(rows, "id string, text string")
    with pytest.raises(RecordError, match="1 id comes more than once, such as 'a'"):
        group_dataframe(frame, copies_only=True, stages=str(tmp_path))
    nameless = session.createDataFrame([("a", "x"), (None, "y")], "id string, text string")
    with pytest.raises(RecordError, match="it has no id"):
        group_dataframe(nameless, copies_only=True, stages=str(tmp_path))


# Blocks


PAIRS = st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=120)


@given(PAIRS, st.lists(st.integers(0, 900), min_size=31, max_size=31))
def test_a_block_has_what_its_pairs_need_and_not_much_more(
    drawn: set[tuple[int, int]], sizes: list[int]
) -> None:
    lengths = np.array(sizes, np.int64)
    pairs = np.array(sorted({p for p in drawn if p[0] != p[1]}), np.int32).reshape(-1, 2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "TOKENS", 3_000)
        patch.setattr(blocks, "PAIRS", 9)
        of_pairs = pair_blocks(pairs, lengths)
        shuffled = np.random.default_rng(1).permutation(pairs)
        table = asked_table(shuffled, lengths, pa.array(np.arange(31) + 100), "key")
    assert (np.diff(of_pairs) >= 0).all()
    found = []
    for block in np.unique(of_pairs).tolist():
        rows = table.filter(pa.array(table.column(BLOCK).to_numpy() == block))
        inside = rows.column(ROW).to_pylist()
        assert rows.column("key").to_pylist() == [row + 100 for row in inside]
        own = [
            (row, other)
            for row, others in zip(inside, rows.column(OTHERS).to_pylist(), strict=True)
            for other in np.frombuffer(others, "<i8").tolist()
        ]
        assert sorted(inside) == sorted({row for pair in own for row in pair})
        assert len(own) <= 9
        # What is past the bound is one more article than would fit, and the one that holds it.
        assert sum(lengths[inside] + blocks.EACH) <= 3_000 + 2 * (900 + blocks.EACH)
        found += own
    assert sorted(found) == pairs.tolist() or sorted(found) == [tuple(p) for p in pairs.tolist()]


def test_many_pairs_of_few_articles_take_few_blocks() -> None:
    pairs = np.stack(np.triu_indices(400, 1), axis=1).astype(np.int32)
    lengths = np.full(400, 500)
    found: NDArray[np.int64] = pair_blocks(pairs, lengths)
    assert found[-1] + 1 == -(-len(pairs) // blocks.PAIRS)
