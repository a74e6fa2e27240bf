"""What the index benchmark keeps from run to run: made once, as it was built, of one input."""

from __future__ import annotations

import random
from importlib.util import find_spec
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from benchmarks.child import BenchmarkError
from benchmarks.index import job, kept, space, speed
from benchmarks.index.__main__ import main
from benchmarks.index.files import copied, disk, removed
from benchmarks.index.stream import prepared

WORDS = [f"word{n}" for n in range(500)]
SIZE = 40
needs_index = pytest.mark.skipif(
    find_spec("dedupe.index.index") is None, reason="this build has no index"
)


def written(file: Path, seed: int) -> Path:
    """Twenty-five unrelated articles over ten days."""
    draw = random.Random(seed)
    rows = [
        {
            "id": f"a{n:02}",
            "title": f"title {n}",
            "text": " ".join(draw.choices(WORDS, k=60)),
            "date": f"2026-03-{10 - n % 10:02}",
        }
        for n in range(25)
    ]
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return file


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    return written(tmp_path / "tiny.jsonl", 7)


@pytest.fixture
def keep(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def a_job(file: Path, folder: Path, keep: Path | None, sizes: tuple[int, ...] = (SIZE,)) -> job.Job:
    folder.mkdir(exist_ok=True)
    return job.Job(
        file=file,
        folder=folder,
        keep=keep,
        sizes=sizes,
        articles=5,
        rounds=1,
        peer_most=0,
        labelled=(),
        say=lambda _: None,
    )


def contents(folder: Path) -> dict[str, bytes]:
    """All files in a folder, by their paths in it."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def built_anew(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The list to which the path of each index that is built from now on is added."""
    paths: list[Path] = []
    told = job.told

    def noted(name, *arguments):
        paths.extend(arguments[:1] if name == "build" else [])
        return told(name, *arguments)

    monkeypatch.setattr(job, "told", noted)
    return paths


def table(output: str, title: str) -> list[str]:
    """Lines of a table that was printed, its title left out."""
    return output.partition(f"\n{title}\n")[2].partition("\n\n")[0].splitlines()


@needs_index
def test_a_second_run_builds_nothing_and_finds_the_index_as_it_was_built(
    articles: Path, keep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "STARTS", 1)
    monkeypatch.setattr(space, "ALONE", 0.2)
    paths = built_anew(monkeypatch)
    arguments = [str(articles), "--sizes", str(SIZE), "--articles", "5", "--rounds", "1"]
    arguments += ["--peer-most", "0", "--keep", str(keep)]
    only = ["--only", "admit,bulk,open,size,expire"]
    first = CliRunner().invoke(main, [*arguments, *only])
    assert first.exit_code == 0, first.output
    assert len(paths) == 2
    assert first.stdout.count("Index of 40: built in this run.") == 5
    assert "Index of 40 without texts: built in this run." in first.stdout
    left = contents(keep)
    assert {Path(name).suffix for name in left} == {".index", ".json", ".jsonl"}

    second = CliRunner().invoke(main, [*arguments, *only])
    assert second.exit_code == 0, second.output
    assert len(paths) == 2
    assert contents(keep) == left
    assert second.stdout.count("Index of 40: kept from an earlier run (built on 20") == 5
    assert "built in this run" not in second.stdout
    bulk = "Articles in batches of 1,000"
    assert table(second.stdout, bulk)[:-1] == table(first.stdout, bulk)[:-1]
    assert "Seconds of an index that was kept are those recorded" in second.stdout
    assert "Seconds of an index that was kept" not in first.stdout
    assert str(keep) not in second.stdout


@needs_index
def test_what_is_lent_may_be_changed_and_ends_with_its_use(
    articles: Path, keep: Path, tmp_path: Path
) -> None:
    asked = a_job(articles, tmp_path / "run", keep)
    index = asked.built(SIZE).path
    before = index.read_bytes()
    for _ in range(2):
        with asked.lent(SIZE) as path:
            taken = job.turn("admit", path, "normal", asked.cut(SIZE, 105))
            assert len(taken.seconds) == 5
            assert path.read_bytes() != before
        assert list(asked.folder.iterdir()) == []
    assert index.read_bytes() == before


@needs_index
def test_without_a_kept_folder_the_index_itself_is_lent_and_nothing_is_told_of_it(
    articles: Path, tmp_path: Path
) -> None:
    asked = a_job(articles, tmp_path / "run", None)
    with asked.lent(SIZE) as path:
        assert path == asked.built(SIZE).path
    assert path.exists()
    assert path.parent == asked.folder
    assert not list(asked.folder.glob("*.json"))
    assert job.origins([asked.built(SIZE)]) == ""


@needs_index
def test_a_record_of_another_input_is_not_used(
    articles: Path, keep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_job(articles, tmp_path / "run", keep).built(SIZE)
    shelf = kept.kept(articles, SIZE, keep, lambda _: None)
    file = first.path.with_suffix(".json")
    record = orjson.loads(file.read_bytes())
    assert record["seconds"] == first.seconds
    assert record["maker"].keys() == {"version", "commit", "day"}
    assert shelf.find(first.path, SIZE, job.TEXTS) is not None
    for other in (
        {"texts": "no-texts"},
        {"articles": 41},
        {"rounds": 1},
        {"digest": "0" * 64},
        {"algorithm": 0},
    ):
        file.write_bytes(orjson.dumps({**record, "input": {**record["input"], **other}}))
        assert shelf.find(first.path, SIZE, job.TEXTS) is None
    paths = built_anew(monkeypatch)
    assert not a_job(articles, tmp_path / "run", keep).built(SIZE).earlier
    assert paths == [first.path]
    assert orjson.loads(file.read_bytes())["input"] == record["input"]


@needs_index
def test_an_index_without_a_record_is_built_from_nothing(
    articles: Path, keep: Path, tmp_path: Path
) -> None:
    first = a_job(articles, tmp_path / "run", keep).built(SIZE)
    record, log = first.path.with_suffix(".json"), first.path.with_suffix(".index-wal")
    record.unlink()
    first.path.write_bytes(b"what was cut short")
    log.write_bytes(b"what was cut short")
    again = a_job(articles, tmp_path / "run", keep).built(SIZE)
    assert not again.earlier
    assert again.disk == first.path.stat().st_size == first.disk
    assert record.exists()
    assert not log.exists()


@needs_index
def test_an_index_that_is_not_as_its_record_tells_is_not_used(
    articles: Path, keep: Path, tmp_path: Path
) -> None:
    first = a_job(articles, tmp_path / "run", keep).built(SIZE)
    shelf = kept.kept(articles, SIZE, keep, lambda _: None)
    whole = contents(first.path.parent)
    for name, content in (
        (f"{SIZE}-texts.index-wal", b"what was not moved into the file"),
        (f"{SIZE}-texts.index", b"what was cut short"),
        (f"{SIZE}-texts.json", b'{"input": {'),
        (f"{SIZE}-texts.json", b"[]"),
    ):
        changed = first.path.with_name(name)
        changed.write_bytes(content)
        assert shelf.find(first.path, SIZE, job.TEXTS) is None
        if name in whole:
            changed.write_bytes(whole[name])
        else:
            changed.unlink()
        assert shelf.find(first.path, SIZE, job.TEXTS) is not None


@needs_index
def test_an_index_whose_building_failed_leaves_no_record(
    articles: Path, keep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = a_job(articles, tmp_path / "run", keep).built(SIZE)
    record = first.path.with_suffix(".json")
    first.path.unlink()

    def fails(name, *arguments):
        assert not record.exists()
        raise BenchmarkError("build.py ended with 1")

    monkeypatch.setattr(job, "told", fails)
    with pytest.raises(BenchmarkError):
        a_job(articles, tmp_path / "run", keep).built(SIZE)
    assert not record.exists()


def test_another_file_has_a_stream_of_its_own(articles: Path, keep: Path, tmp_path: Path) -> None:
    other = written(tmp_path / "other.jsonl", 8)
    streams = [a_job(file, tmp_path / "run", keep).stream for file in (articles, other)]
    assert streams[0].folder != streams[1].folder
    assert next(streams[0].lines(0)) != next(streams[1].lines(0))
    renamed = articles.rename(tmp_path / "renamed.jsonl")
    assert a_job(renamed, tmp_path / "run", keep).stream == streams[0]


def test_a_kept_stream_is_the_one_that_is_made_without(
    articles: Path, keep: Path, tmp_path: Path
) -> None:
    asked = a_job(articles, tmp_path / "run", keep)
    plain = a_job(articles, tmp_path / "plain", None)
    assert list(asked.stream.lines(0)) == list(plain.stream.lines(0))
    assert asked.cut(30, 10).read_bytes() == plain.cut(30, 10).read_bytes()
    assert asked.cut(30, 10).parent == asked.stream.folder


def test_the_shortest_kept_stream_that_is_long_enough_is_used(
    articles: Path, keep: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    # Texts depend on the number of rounds: what was built of one stream must not meet another.
    made = [kept.kept(articles, size, keep, said.append).stream for size in (60, 120, 200)]
    assert [len(stream.rounds) for stream in made] == [3, 5, 8]
    assert len({stream.folder for stream in made}) == 3
    monkeypatch.setattr(kept, "prepared", None)
    for size, stream in ((20, made[0]), (75, made[0]), (76, made[1]), (126, made[2])):
        assert kept.kept(articles, size, keep, said.append).stream == stream
    assert said.count("making the stream of articles") == 3


def test_a_stream_that_was_cut_short_is_made_anew(articles: Path, keep: Path) -> None:
    whole = kept.kept(articles, 60, keep, lambda _: None).stream
    lines = list(whole.lines(0))
    for leave in (
        (whole.folder / kept.STREAM).unlink,
        lambda: whole.rounds[1].write_bytes(b""),
        whole.rounds[2].unlink,
    ):
        leave()
        assert kept.kept(articles, 60, keep, lambda _: None).stream == whole
        assert list(whole.lines(0)) == lines
    assert list(keep.iterdir()) == [whole.folder]


def test_a_cut_that_is_there_is_used_again(articles: Path, keep: Path, tmp_path: Path) -> None:
    cut = a_job(articles, tmp_path / "run", keep).cut(10, 5)
    made = cut.stat()
    assert a_job(articles, tmp_path / "run", keep).cut(10, 5) == cut
    assert cut.stat().st_mtime_ns == made.st_mtime_ns
    assert cut.stat().st_ino == made.st_ino


def test_two_runs_do_not_keep_in_one_folder_at_once(articles: Path, keep: Path) -> None:
    arguments = [str(articles), "--only", "stories", "--keep", str(keep)]
    with kept.alone(keep):
        refused = CliRunner().invoke(main, arguments)
        assert refused.exit_code == 1
        assert "another run keeps its indexes in" in refused.output
    assert CliRunner().invoke(main, arguments).exit_code == 0


def test_a_folder_that_is_not_there_is_made_and_files_go_under_a_name_alone(
    articles: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "kept"
    with kept.alone(folder):
        index, other = folder / "1-texts.index", folder / "11-texts.index"
        for path, size in ((index, 3), (index.with_name(f"{index.name}-wal"), 2), (other, 7)):
            path.write_bytes(b"x" * size)
        assert disk(index) == 5
        assert disk(copied(index, folder / "copy")) == 5
        removed(index)
    assert sorted(path.name for path in folder.iterdir()) == [other.name, "copy", "copy-wal"]


def test_the_maker_is_told_by_version_and_commit_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    git = tmp_path / "git"
    told = {}
    for case, script in (("none", ""), ("fails", "exit 128"), ("found", "echo abc1234-dirty")):
        if script:
            git.write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            git.chmod(0o755)
        maker = {**kept.this_code(), "version": "1.2", "day": "2026-03-01"}
        told[case] = kept.Record({}, maker, [1.0], 5).origin
    built = "kept from an earlier run (built on 2026-03-01 by story-dedupe 1.2"
    assert told == {
        "none": f"{built})",
        "fails": f"{built})",
        "found": f"{built}, commit abc1234-dirty)",
    }


def test_rounds_are_as_many_as_the_articles_need(articles: Path, tmp_path: Path) -> None:
    for size, rounds in ((1, 1), (25, 1), (26, 2), (60, 3)):
        assert len(prepared(articles, size, tmp_path).rounds) == rounds
