"""On an engine the result is that of one process; what goes wrong there is told in a sentence.

The engine is Sail, which needs no Java. Its workers run on threads that no tracer sees, so that
what they do is tested here as well without it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from functools import partial
from pathlib import Path
from subprocess import DEVNULL, PIPE, Popen, run
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from corpora import FIXTURES, article, edited, fixture_articles, newsroom, prose
from digest_corpus import STORIES, letter, reports
from test_cli import dedupe

from dedupe import Article, Settings, group_articles, group_sketches
from dedupe.assemble import placements
from dedupe.cli import INTERRUPTED
from dedupe.copy_tables import ROW
from dedupe.errors import EngineError, MissingExtraError, RecordError, SettingError
from dedupe.line_tables import LEFT_OUT, own_schema
from dedupe.pipeline import analyse
from dedupe.read import FieldKeys, batches_of, read
from dedupe.room import Room
from dedupe.sketches import analyse_sketches, sketched_tables

# With Spark itself there may be no Sail, see test_spark_itself.py.
pytest.importorskip(
    "pyspark" if os.environ.get("DEDUPE_SPARK") else "pysail",
    reason="the engine is an extra: story-dedupe[spark]",
)

from killed_server import fails_as_it_is_killed

from dedupe.spark import EnginePlan, Stages, engine_session, files, group_dataframe, workers
from dedupe.spark import engine as engines
from dedupe.spark.engine import collected
from dedupe.spark.files import ARTICLES as STAGED
from dedupe.spark.files import SKETCHES, groups_on_engine, stage_sketches
from dedupe.spark.plan import ON_THE_WAY
from dedupe.spark.workers import (
    REFUSED,
    Sketching,
    leave_out,
    make_keys,
    sketch_in_place,
    sketch_rows,
    spark_columns,
    spark_types,
    spark_values,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyspark.sql import DataFrame, SparkSession

    from dedupe.analysis import Analysis

SETTINGS = Settings(threads=2)
# More than there are articles in some; Spark takes a minute for as many.
PARTITIONS = [1, 8] if os.environ.get("DEDUPE_SPARK") else [1, 8, 400]


@pytest.fixture(scope="module")
def session() -> Iterator[SparkSession]:
    with engine_session("sail") as found:
        yield found


def corpus() -> list[Article]:
    """Stories, copies, a digest, articles without text or date."""
    draw = random.Random(8)
    text = prose(draw, 200)
    copies = [article(f"copy-{n:02}", edited(draw, text, 0.01 * n)) for n in range(20)]
    odd = [Article("no-text", "", title="A title alone"), Article("short", "Two words")]
    told = [letter("letter", [*STORIES][:5])]
    return [*newsroom(3), *reports(), *told, *copies, *odd, *fixture_articles()]


ARTICLES = corpus()


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files with ids that come twice, records that are no articles, and a file without any."""
    folder = tmp_path_factory.mktemp("news")
    rows = [
        {**asdict(one), "date": None if one.date is None else one.date.isoformat()}
        for one in ARTICLES
    ]
    draw = random.Random(3)
    versions = [
        {
            "id": "told",
            "date": f"2025-03-0{day}",
            "title": f"Day {day}",
            "text": " ".join(prose(draw, 40)),
        }
        for day in (2, 1, 3, 3)
    ]
    numbered = [
        {"id": "7", "url": f"https://{name}.example/7", "text": " ".join(prose(draw, 60))}
        for name in ("one", "two", "three")
    ]
    nameless = [{"url": "https://a.example/x", "text": "The same words " * 9}] * 2
    parts = {
        "a.jsonl": [*rows[::2], versions[0], numbered[0], {"nothing": 1}],
        "b.jsonl": [versions[1], numbered[1], *rows[1::2], *nameless],
        "c.jsonl": [versions[2], rows[0], numbered[2], versions[3], {"text": 5}, *nameless],
        "d.jsonl": [],
    }
    for name, records in parts.items():
        lines = [json.dumps(record) + "\n" for record in records]
        (folder / name).write_text("".join(lines), "utf-8")
    return folder


@pytest.mark.parametrize("more", [(), ("--copies-only",)], ids=["stories", "copies"])
def test_the_lines_are_those_of_one_process(source: Path, tmp_path: Path, more: tuple[str]) -> None:
    words = ("group", source, "--rejects", tmp_path / "rejected", *more)
    alone, rejected = dedupe(*words), (tmp_path / "rejected").read_bytes()
    there = dedupe(*words, "--engine", "sail")
    assert alone.out.count("\n") > 100
    assert (there.out, there.err, there.code) == (alone.out, alone.err, alone.code)
    assert (tmp_path / "rejected").read_bytes() == rejected


def told(found: Any) -> str:
    return repr([*placements(found)])


@pytest.mark.parametrize("copies_only", [False, True])
@pytest.mark.parametrize("partitions", PARTITIONS)
def test_partitions_do_not_matter(
    partitions: int, copies_only: bool, source: Path, session: SparkSession, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(files, "CHUNK", 30_000)
    found = groups_on_engine(
        read([source], batch_bytes=5_000), Stages(session, str(tmp_path)), SETTINGS,
        copies_only=copies_only, partitions=partitions,
    )  # fmt: skip
    wanted = told(analyse(read([source], batch_bytes=5_000), SETTINGS, copies_only=copies_only))
    assert told(found) == wanted
    there = collected(Stages(session, str(tmp_path)).read(SKETCHES), "they")
    shuffled = there.take(pa.array(random.Random(1).sample(range(len(there)), len(there))))
    assert told(analyse_sketches(shuffled, SETTINGS)) == wanted


def test_what_holds_no_article_gives_nothing(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    ran = dedupe("group", tmp_path / "none.jsonl", "--engine", "sail", "--explain-plan")
    assert (ran.out, ran.code) == ("", 0)
    assert "plan: 0 articles" in ran.err


def test_an_output_that_is_a_folder_holds_the_result_and_the_stages(tmp_path: Path) -> None:
    out = tmp_path / "new" / "out"
    for _ in range(2):  # it is made, and then it is there
        ran = dedupe("group", FIXTURES, "--engine", "sail", "-o", out)
        assert ran.err.endswith(f"dedupe: {out / 'groups.jsonl'}: 41 articles\n")
        assert {path.name for path in out.iterdir()} == {"groups.jsonl", "stages"}
        assert (out / "groups.jsonl").read_text("utf-8") == dedupe("group", FIXTURES).out


def test_an_output_with_an_ending_is_a_file_and_stages_go(tmp_path: Path) -> None:
    assert dedupe("group", FIXTURES, "--engine", "sail", "-o", tmp_path / "g.csv").code == 0
    assert dedupe("group", FIXTURES, "-o", tmp_path / "alone.csv").code == 0
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["alone.csv", "g.csv"]
    assert (tmp_path / "g.csv").read_bytes() == (tmp_path / "alone.csv").read_bytes()


def test_a_plan_is_told_before(tmp_path: Path) -> None:
    ran = dedupe("group", FIXTURES, "--engine", "sail", "--explain-plan", "-o", tmp_path)
    first, second, *_ = ran.err.splitlines()
    assert first == "dedupe: plan: 41 articles, 52 kB of text, go to the engine's workers"
    assert second.startswith("dedupe: plan: about ")
    assert "of sketches stay there; about " in second
    assert "come back to this process, which will hold about" in second
    words = ("--engine", "sail", "--explain-plan", "--copies-only", "-o", tmp_path)
    _, second, *_ = dedupe("group", FIXTURES, *words).err.splitlines()
    assert "of sketches stay there; about 12 kB of what is told of them come back" in second


def test_a_plan_and_a_run_go_by_one_estimate_of_memory() -> None:
    free = EnginePlan(1_000_000, 3_000_000_000, copies_only=False, in_place=True)
    held = 2350 * free.articles + ON_THE_WAY
    for memory, in_files in ((int(free.driver_bytes) + 1, False), (2_500_000_000, True)):
        room = Room(memory)
        room.counts(held, free.articles)
        assert room.in_files == in_files
        kept = replace(free, memory=memory)
        assert kept.driver_bytes == (memory if in_files else free.driver_bytes)
    least = replace(free, memory=1).driver_bytes  # what can't go into files
    assert 2_000_000_000 < least < 2_500_000_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--engine", "dask"], "'dask' is no engine: give sail, spark or connect:ADDRESS"),
        (["--engine", "connect:"], "'connect:' is no engine"),
        (["--engine", "connect:a:1"], "name with --stages a folder or address"),
        (["--engine", "spark"], "the engine spark needs the package pyspark and Java"),
        (["--stages", "x"], "--stages belongs to --engine"),
        (["--explain-plan"], "--explain-plan belongs to --engine"),
        (["-o", str(FIXTURES)], "is a folder; name a file in it"),
    ],
)
def test_what_is_no_engine_is_told(words: list[str], said: str) -> None:
    ran = dedupe("group", FIXTURES, *words)
    assert (ran.code, ran.out) == (2, "")
    assert said in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_a_server_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "_SECONDS", 0.2)
    with (
        pytest.raises(EngineError, match=r"no engine answers at sc://localhost:1$"),
        engine_session("connect:localhost:1"),
    ):
        pass


def test_a_server_of_spark_connect_is_an_engine(tmp_path: Path) -> None:
    with engines._sail() as address:  # it speaks the same protocol
        words = ("--engine", f"connect:{address}", "--stages", tmp_path)
        ran = dedupe("group", FIXTURES, *words)
    assert (ran.code, ran.out) == (0, dedupe("group", FIXTURES).out)


@pytest.mark.parametrize("name", ["sail", "connect:localhost:1"])
def test_without_its_package_an_engine_names_the_extra(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    for missing in ("pysail.spark", "pyspark.sql.connect.session"):
        monkeypatch.setitem(sys.modules, missing, None)
    with pytest.raises(MissingExtraError, match=r"story-dedupe\[spark\]"), engine_session(name):
        pass


# Stages


def made(folder: Path) -> set[str]:
    """Names of the files of the sketches, of which each run gives its own."""
    return {path.name for path in (folder / SKETCHES).glob("*.parquet")}


def run_to(folder: Path, session: SparkSession, **changed: Any) -> set[str]:
    given = {"articles": ARTICLES, "settings": SETTINGS, "copies_only": False} | changed
    stages = Stages(session, str(folder))
    batches = batches_of(given["articles"])
    stage_sketches(batches, stages, given["settings"], copies_only=given["copies_only"])
    return made(folder)


def test_a_stage_that_ended_is_taken_again(session: SparkSession, tmp_path: Path) -> None:
    first = run_to(tmp_path, session)
    assert run_to(tmp_path, session) == first
    assert run_to(tmp_path, session, settings=Settings(near_duplicate=0.9)) == first


@pytest.mark.parametrize(
    "changed",
    [
        {"settings": Settings(seed=9)},
        {"copies_only": True},
        {"articles": ARTICLES[:-1]},
        {"articles": [*ARTICLES[:-1], Article(ARTICLES[-1].id, "Other words")]},
    ],
    ids=["settings", "form", "fewer", "text"],
)
def test_a_stale_stage_is_not(changed: Any, session: SparkSession, tmp_path: Path) -> None:
    first = run_to(tmp_path, session)
    assert not run_to(tmp_path, session, **changed) & first


def test_a_stage_that_did_not_end_is_made_anew(session: SparkSession, tmp_path: Path) -> None:
    stages, by = Stages(session, str(tmp_path)), {"of": "these"}
    rows = session.range(4)
    assert not stages.is_made("x", by)
    stages.make("x", by, rows)
    assert stages.is_made("x", by)
    assert not stages.is_made("x", {"of": "those"})

    def fail(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        yield from batches
        raise ValueError("the disk is full")

    with pytest.raises(EngineError, match=r"x was not made: ValueError: the disk is full$"):
        stages.make("x", by, rows.mapInArrow(fail, "id bigint"))
    assert not stages.is_made("x", by)
    stages.make("x", by, rows)
    assert stages.is_made("x", by)
    assert stages.read("x").count() == 4


def test_sketches_that_are_not_all_there_are_told(session: SparkSession, tmp_path: Path) -> None:
    for part in run_to(tmp_path, session):
        (tmp_path / SKETCHES / part).unlink()
        break
    with pytest.raises(EngineError, match=r"has [\d,]+ sketches of \d+ articles: remove"):
        groups_on_engine(batches_of(ARTICLES), Stages(session, str(tmp_path)), SETTINGS)


@pytest.mark.posix
@pytest.mark.parametrize("stage", ["reading", "sketching"])
def test_a_server_that_is_killed_is_told_and_a_run_goes_on_from_there(
    stage: str, session: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_MANY", 2)
    monkeypatch.setattr(files, "CHUNK", 30_000)

    def go(session: SparkSession, on_stage: Callable[[str], None]) -> Analysis:
        def batches() -> Iterator[pa.RecordBatch]:
            for number, batch in enumerate(batches_of(ARTICLES, batch_bytes=10_000)):
                if number == 5:
                    on_stage("reading")
                yield batch

        stages = Stages(session, str(tmp_path))
        return groups_on_engine(batches(), stages, SETTINGS, on_stage=on_stage)

    fails_as_it_is_killed(stage, go)
    assert not any(tmp_path.glob("dedupe-[0-9]*"))
    assert told(go(session, lambda _: None)) == told(analyse(ARTICLES, SETTINGS))


@pytest.mark.posix
def test_who_is_told_to_end_leaves_no_texts(source: Path, tmp_path: Path) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    words = [sys.executable, "-m", "dedupe", "group", "--engine", "sail", "-", "--format", "jsonl"]
    process = Popen(
        words, stdin=PIPE, stdout=DEVNULL, stderr=DEVNULL, env=os.environ | {"TMPDIR": str(folder)}
    )
    assert process.stdin
    deadline = time.monotonic() + 300
    while not any(folder.glob("dedupe-*")):
        time.sleep(0.05)
        assert time.monotonic() < deadline
    process.terminate()
    process.stdin.close()
    assert process.wait(timeout=120) == 128 + signal.SIGTERM
    assert not any(folder.iterdir())


@pytest.mark.posix
def test_an_interrupt_ends_the_engine_and_the_command(tmp_path: Path) -> None:
    line = json.dumps({"text": "words " * 20_000}).encode() + b"\n"
    words = [sys.executable, "-m", "dedupe", "group", "--engine", "sail", "--stages", tmp_path]
    process = Popen(
        [*words, "--format", "jsonl"], stdin=PIPE, stdout=DEVNULL, stderr=PIPE, bufsize=0
    )
    deadline = time.monotonic() + 300
    assert process.stdin
    assert process.stderr
    while process.poll() is None and not any((tmp_path / STAGED).glob("*.parquet")):
        process.stdin.write(line)
        assert time.monotonic() < deadline
    process.send_signal(signal.SIGINT)
    with suppress(BrokenPipeError):
        while process.poll() is None:  # who reads a pipe hears of a signal once it is given more
            process.stdin.write(line)
            assert time.monotonic() < deadline
    assert process.wait(timeout=120) == INTERRUPTED
    assert process.stderr.read().strip() == b"dedupe: interrupted"
    process.stdin.close()
    process.stderr.close()


def test_a_program_that_is_no_file_may_use_an_engine() -> None:
    code = (
        "from dedupe.spark import engine_session\n"
        "with engine_session('sail') as session:\n    print(session.range(3).count())"
    )
    ran = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("3\n", "")


# What workers do


def how(*, copies_only: bool = False) -> Sketching:
    return Sketching.alone(SETTINGS, copies_only=copies_only)


def rows_of(given: list[dict[str, Any]], keys: FieldKeys | None = None) -> pa.Table:
    """What a worker makes of a partition with these rows."""
    batches = iter(pa.Table.from_pylist(given).to_batches()) if given else iter(())
    found = [*sketch_rows(how(), keys or FieldKeys(), batches)]
    return pa.Table.from_batches(found) if found else pa.table({})


def test_an_empty_partition_gives_nothing() -> None:
    table = pa.Table.from_batches([*batches_of(ARTICLES[:3])])
    assert [*sketch_rows(how(), FieldKeys(), iter(()))] == []
    assert [*sketch_rows(how(), FieldKeys(), iter(table[:0].to_batches()))] == []
    assert [*sketch_in_place(how(), iter(()))] == []
    assert [*make_keys(SETTINGS, "id", iter(()))] == []
    assert [*leave_out(SETTINGS, iter(()))] == []


def test_a_partition_without_an_article_tells_why() -> None:
    found = rows_of([{"id": "", "text": "some words"}, {"id": None, "text": "others"}])
    assert found.column(REFUSED).to_pylist() == ["it has no id; its title is ''"] * 2
    assert found.column("id").null_count == 2


def test_rows_are_refused_one_by_one() -> None:
    rows = [{"id": name, "text": "some words of it"} for name in ("a", "b" * 70_000, "", "c")]
    found = rows_of(rows)
    assert found.column("id").drop_null().to_pylist() == ["a", "c"]
    refused = found.column(REFUSED).drop_null().to_pylist()
    assert any("limit field_chars" in why for why in refused)
    assert any("it has no id" in why for why in refused)


def test_workers_sketch_as_one_process_does() -> None:
    given = [asdict(one) for one in ARTICLES]
    found = rows_of(given).drop_columns([REFUSED])
    wanted = pa.Table.from_batches([*sketched_tables(ARTICLES, SETTINGS)])
    assert found.to_pylist() == wanted.to_pylist()


def test_workers_make_keys_and_leave_lines_out_of_any_batch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(workers, "ROWS", 16)
    (whole,) = sketched_tables(ARTICLES[:50], SETTINGS)
    told = pa.array([b"\0" * (len(own.as_py()) // 4) for own in whole.column("line_keys")])
    rows = whole.append_column(ROW, pa.array(range(50))).append_column(LEFT_OUT, told)
    own = [*leave_out(SETTINGS, iter([rows]))]
    assert [len(part) for part in own] == [16, 16, 16, 2]
    found = pa.Table.from_batches(own)
    assert found.schema.types == spark_values(own_schema().empty_table()).schema.types
    assert found.column("own_terms").to_pylist() == whole.column("terms").to_pylist()
    keys = pa.Table.from_batches([*make_keys(SETTINGS, ROW, iter(own))])
    assert keys.column(ROW).to_pylist() == [*range(50)]
    said = {"tokens": "bigint", "buckets": "array<bigint>", "sampled": "array<int>"}
    kinds = dict(kind.split() for kind in spark_types(keys.schema).split(", "))
    assert said.items() <= kinds.items()


def test_columns_are_as_they_are_told_to_the_engine() -> None:
    found = rows_of([{"id": "a", "text": "words"}])
    said = spark_columns(f"{REFUSED} string").split(", ")
    kinds = {"string": "string", "binary": "binary", "bool": "boolean", "int64": "bigint"}
    assert said == [
        f"{field.name} {kinds.get(str(field.type), 'timestamp')}" for field in found.schema
    ]


# DataFrames


def frame(session: SparkSession, given: pa.Table, partitions: int) -> DataFrame:
    shuffled = random.Random(partitions).sample(range(len(given)), len(given))
    return session.createDataFrame(given.take(pa.array(shuffled))).repartition(partitions)


@pytest.mark.parametrize("partitions", PARTITIONS)
def test_a_dataframe_is_grouped_as_a_table_is(partitions: int, session: SparkSession) -> None:
    table = pa.Table.from_batches([*batches_of(ARTICLES)])
    found = group_dataframe(frame(session, table, partitions), SETTINGS).toArrow()
    wanted = group_articles(table, SETTINGS).to_arrow().sort_by("id")
    assert found.to_pylist() == wanted.to_pylist()


def test_fields_of_a_dataframe_are_found_as_in_files(session: SparkSession) -> None:
    moments = [f"2025-03-0{day}T09:00" for day in (1, 2)]
    draw = random.Random(2)
    text = " ".join(prose(draw, 50))
    table = pa.table(
        {
            "guid": ["x", "y"],
            "Titel": ["Eins", "Zwei"],
            "body": [text, text],
            "published": pa.array(moments).cast(pa.timestamp("us")),
            "more": pa.array([[("k", "v")], None], pa.map_(pa.string(), pa.string())),
        }
    )
    seen: list[EnginePlan] = []
    found = group_dataframe(session.createDataFrame(table), on_plan=seen.append)
    rows = found.toArrow().to_pylist()
    assert [(row["id"], row["role"], row["relation"]) for row in rows] == [
        ("x", "representative", None),
        ("y", "member", "identical"),
    ]
    assert seen[-1].articles == 2
    dated = session.createDataFrame(
        pa.table({"id": ["a"], "day": [date(2025, 1, 2)], "words": ["one two three"]})
    )
    keys = FieldKeys(text="words", date="day")
    assert group_dataframe(dated, keys=keys).count() == 1


def test_a_dataframe_without_rows_has_no_groups(session: SparkSession) -> None:
    empty = session.createDataFrame([], "id string, text string")
    found = group_dataframe(empty)
    assert (found.count(), found.columns[:2]) == (0, ["id", "story"])


REFUSED_ROWS: list[tuple[list[tuple[Any, ...]], str]] = [
    ([("a", "one"), ("", "two")], "can't be taken in: it has no id; its title is ''$"),
    ([("a", "one"), (None, "two")], "can't be taken in: it has no id"),
    ([("a" * 70_000, "one")], "its id is longer than 65536 characters"),
    ([("", "one")] * 5, "; it has no id; its title is '', and 2 more$"),
    ([("a", "one"), ("b", "two"), ("a", "three")], "1 id comes more than once, such as 'a': rows"),
    (
        [("a", "one"), ("a", "one"), ("b", "1"), ("b", "2")],
        "2 ids come more than once, such as 'a'",
    ),
]


@pytest.mark.parametrize(("rows", "said"), REFUSED_ROWS, ids=range(len(REFUSED_ROWS)))
def test_rows_that_cannot_be_taken_in_are_told(
    rows: list[tuple[Any, ...]], said: str, session: SparkSession
) -> None:
    given = session.createDataFrame(rows, "id string, text string").repartition(3)
    with pytest.raises(RecordError, match=said):
        group_dataframe(given)


def test_a_dataframe_without_ids_is_refused(session: SparkSession) -> None:
    given = session.createDataFrame([("t", "x")], "title string, text string")
    with pytest.raises(RecordError, match=r"hold ids \(title, text\): name it with keys="):
        group_dataframe(given)
    keys = FieldKeys(id="title")
    assert group_dataframe(given, keys=keys).toArrow().column("id").to_pylist() == ["t"]


def test_what_moves_from_one_column_to_another_is_another_dataframe(
    session: SparkSession, tmp_path: Path
) -> None:
    columns, text = "id string, text string, raw string", ARTICLES[0].text
    for rows in ([("a", text, None), ("b", None, text)], [("a", text, None), ("b", text, None)]):
        frame = session.createDataFrame(rows, columns)
        kept, fresh = (
            group_dataframe(frame, stages=stages).toArrow().to_pylist()
            for stages in (str(tmp_path), None)
        )
        assert kept == fresh


def test_no_rows_have_no_groups_in_a_folder_of_stages(
    session: SparkSession, tmp_path: Path
) -> None:
    frame = session.createDataFrame([], "id string, text string")
    assert group_dataframe(frame, stages=str(tmp_path)).collect() == []


def test_a_folder_of_stages_has_a_name(session: SparkSession) -> None:
    with pytest.raises(SettingError, match="needs a name"):
        Stages(session, "")


def test_sketches_of_a_dataframe_are_kept_by_what_it_holds(
    session: SparkSession, tmp_path: Path
) -> None:
    rows = [(f"{n}", f"words of article {n} one two three four") for n in range(9)]

    def go(given: list[tuple[str, str]], **more: Any) -> set[str]:
        given = session.createDataFrame(given, "id string, text string")
        assert group_dataframe(given, stages=str(tmp_path), **more).count() == 9
        return made(tmp_path)

    first = go(rows)
    assert go(rows[::-1]) == first
    assert not go([*rows[:8], ("8", "another text")]) & first
    latest = go(rows)
    assert not latest & first
    assert not go(rows, copies_only=True) & latest


def test_settings_are_looked_at_by_the_driver(session: SparkSession, tmp_path: Path) -> None:
    stages = Stages(session, str(tmp_path))
    stage_sketches(batches_of(ARTICLES[:5]), stages, Settings(seed=5))
    found = collected(stages.read(SKETCHES), "they")
    with pytest.raises(SettingError, match="are of the form"):
        group_sketches(found)
    assert len(group_sketches(found, Settings(seed=5)).order) == 5


def refuse(error: Exception, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    yield from batches
    raise error


@pytest.mark.parametrize(
    ("error", "kind", "said"),
    [
        (RecordError("column 'a' is broken"), RecordError, "^column 'a' is broken$"),
        (
            ModuleNotFoundError("No module named 'dedupe'"),
            EngineError,
            "no package 'dedupe'; install story-dedupe for their Python, too, or name with PYSPARK",
        ),
        (ValueError("odd"), EngineError, "^it failed: ValueError: odd$"),
    ],
)
def test_what_a_worker_raises_is_told_in_a_sentence(
    error: Exception, kind: type[Exception], said: str, session: SparkSession
) -> None:
    failing: Callable[..., Any] = partial(refuse, error)
    with pytest.raises(kind, match=said), engines.engine_errors("it failed"):
        session.range(3).mapInArrow(failing, "id bigint").toArrow()


def test_what_is_no_failure_of_an_engine_passes() -> None:
    with pytest.raises(KeyError), engines.engine_errors("it failed"):
        raise KeyError("a mistake of ours")
