"""``dedupe index`` as a user meets it: what is printed, what is refused, and how it ends."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from corpora import fixture_articles
from rich.cells import cell_len
from test_report_index import CONTROLS

from dedupe.cli import main
from dedupe.cli.index import command
from dedupe.errors import FullError
from dedupe.model import Article
from soak.behind import connected

if TYPE_CHECKING:
    from dedupe.index import Index

ROOT = Path(__file__).parent.parent
WIRE = "The ferry ran aground off the harbour at dawn with two hundred people aboard, all safe."
DAY = datetime(2024, 5, 14, 6, 12, tzinfo=UTC)
NEWS = [
    Article("wire-1", WIRE, "Ferry runs aground", DAY, "Wire", "https://w.example/1", "en"),
    Article("daily-1", WIRE, "Ferry aground", DAY + timedelta(hours=2), "Daily", lang="en"),
    Article("rain", "It rained in the hills all week, and the rivers rose.", "Rain", None, "Post"),
    Article(
        "x[red]\x1b[2J",
        "Quite another text about the council and its budget for the schools.",
        "[bold]Budget\x1b[31m",
        DAY + timedelta(days=30),
        "ev\x1bil",
    ),
]


@pytest.fixture(scope="session")
def news(tmp_path_factory) -> Path:
    """An index of four articles; to be copied, not written."""
    from dedupe.index import open_index

    path = tmp_path_factory.mktemp("index") / "news.index"
    with open_index(path) as index:
        index.admit_many(NEWS)
    return path


@pytest.fixture
def file(news: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(news, tmp_path / "news.index"))


@pytest.fixture
def opened(file: Path):
    """Opens the index, to look at what a command left."""
    from dedupe.index import open_index

    def run() -> Index:
        return open_index(file, create=False)

    return run


@pytest.fixture
def index(capsysbinary, monkeypatch):
    """Runs a subcommand; gives exit code, standard output and standard error."""

    def run(*args: object, stdin: bytes = b"") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"))
        with pytest.raises(SystemExit) as ended:
            main(["index", *map(str, args)])
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode(), err.decode()

    return run


def assert_refused(ran: tuple[int, str, str], *words: str) -> None:
    """Ended with 2, nothing on standard output, and one plain line."""
    code, out, err = ran
    assert (code, out) == (2, "")
    assert err.startswith("dedupe: ")
    assert err.count("\n") == 1
    for word in words:
        assert word in err


def files(folder: Path) -> list[str]:
    """What lies there, but for the empty logs that those leave who only read."""
    return sorted(p.name for p in folder.iterdir() if not p.name.endswith(("-wal", "-shm")))


# create


def test_create_makes_an_empty_index_with_settings(index, tmp_path: Path) -> None:
    path = tmp_path / "new.index"
    ran = index("create", path, "--set", "near_duplicate=0.6", "--set", "seed=7")
    said = f"{path}: an empty index that keeps texts; settings seed=7 near_duplicate=0.6\n"
    assert ran == (0, said, "")
    told = json.loads(index("stats", path, "--json")[1])
    assert (told["articles"], told["keeps_texts"]) == (0, True)
    assert told["settings"] == {"near_duplicate": 0.6, "seed": 7}


def test_create_takes_the_settings_of_a_file(index, tmp_path: Path) -> None:
    settings = tmp_path / "own.json"
    settings.write_text('{"schema_version": 1, "settings": {"near_duplicate": 0.7}}')
    path = tmp_path / "new.index"
    _, out, _ = index("create", path, "--settings", settings, "--set", "seed=3", "--no-texts")
    assert (
        out == f"{path}: an empty index that keeps no texts; settings seed=3 near_duplicate=0.7\n"
    )


def test_create_says_that_a_story_model_is_not_kept(index, tmp_path: Path) -> None:
    from dedupe.calibrate.stored import settings_object
    from dedupe.story import story_model

    settings, path = tmp_path / "own.json", tmp_path / "new.index"
    settings.write_text(json.dumps(settings_object(story_model(), {}, {"seed": 3})))
    code, out, err = index("create", path, "--settings", settings)
    assert (code, out) == (0, f"{path}: an empty index that keeps texts; settings seed=3\n")
    assert f"the story model of {settings} is not kept" in err


def test_create_refuses_a_file_that_is_there(index, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("mine")
    assert_refused(index("create", path), str(path), "exists already")
    assert path.read_text() == "mine"


def test_create_refuses_a_setting_that_is_none(index, tmp_path: Path) -> None:
    assert_refused(index("create", tmp_path / "x", "--set", "nosuch=1"), "nosuch")
    assert list(tmp_path.iterdir()) == []


# Files that are none


@pytest.mark.parametrize(
    "arguments",
    [
        ["stats"],
        ["stories"],
        ["show", "x"],
        ["verify"],
        ["remove", "x"],
        ["expire", "--older-than", "1d"],
        ["compact"],
        ["different", "x", "y"],
        ["export"],
        ["rebuild"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_file_that_is_no_index_gets_one_plain_line(index, tmp_path: Path, arguments) -> None:
    name, *more = arguments
    foreign = tmp_path / "foreign.txt"
    foreign.write_text("neither an index nor a database\n" * 99)
    before = foreign.read_bytes()
    for path in (tmp_path / "missing.index", foreign, tmp_path):
        assert_refused(index(name, path, *more), str(path))
    assert_refused(index(name, "memory:", *more), "memory:")
    assert [path.name for path in tmp_path.iterdir()] == ["foreign.txt"]
    assert foreign.read_bytes() == before


def test_an_index_that_was_cut_short_gets_one_plain_line(index, file: Path) -> None:
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert_refused(index("stats", file), str(file))


def test_an_index_of_a_newer_version_is_left_as_it_is(index, file: Path) -> None:
    with closing(connected(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
        before = list(connection.iterdump())
    for name, *more in (["stats"], ["verify"], ["compact"], ["rebuild"], ["remove", "rain"]):
        assert_refused(index(name, file, *more), str(file), "99", "upgrade")
    with closing(connected(file)) as connection:
        assert list(connection.iterdump()) == before


# stats, stories, show


def test_stats_tell_how_much_there_is(index, file: Path) -> None:
    code, out, err = index("stats", file)
    assert (code, err) == (0, "")
    assert re.search(r"articles +4\n", out)
    assert "3 written independently · 1 copy of them" in out
    assert "all as usual" in out


def test_stats_for_programs(index, file: Path) -> None:
    from dedupe.config import Settings

    told = json.loads(index("stats", file, "--json")[1])
    assert told["path"] == str(file)
    assert (told["articles"], told["stories"], told["independent_texts"]) == (4, 3, 3)
    assert told["bytes"] >= file.stat().st_size
    assert told["bytes_per_article"] == round(told["bytes"] / 4)
    assert told["settings"] == {}
    assert told["fingerprint"] == Settings().fingerprint()
    assert told["oldest"] == "2024-05-14T06:12:00Z"


def test_stories_are_listed_by_size(index, file: Path) -> None:
    code, out, err = index("stories", file)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 3
    _, out, _ = index("stories", file, "--min-size", 2)
    assert re.fullmatch(r"s\d+ +2 articles +14 May 2024 +Ferry runs aground\n", out)


def test_stories_for_programs(index, file: Path) -> None:
    rows = [json.loads(line) for line in index("stories", file, "--json")[1].splitlines()]
    assert sorted(name for row in rows for name in row["articles"]) == sorted(a.id for a in NEWS)
    [pair] = [row for row in rows if len(row["articles"]) == 2]
    assert (pair["first_date"], pair["last_date"]) == (
        "2024-05-14T06:12:00Z",
        "2024-05-14T08:12:00Z",
    )


def test_show_an_article(index, file: Path) -> None:
    code, out, err = index("show", file, "daily-1")
    assert (code, err) == (0, "")
    assert out.startswith("Ferry aground\nDaily · 14 May 2024 08:12 UTC · id daily-1\n")
    assert re.search(r"text +a copy of id wire-1\n", out)
    assert re.search(r"1\. identical +Ferry runs aground\n", out)


def test_show_an_article_for_programs(index, file: Path) -> None:
    told = json.loads(index("show", file, "daily-1", "--json")[1])
    assert told["schema_version"] == 1
    assert (told["text"], told["copies"]) == (WIRE, "wire-1")
    assert told["verdict"]["relation"] == "identical"
    assert told["verdict"]["matches"][0]["id"] == "wire-1"


def test_show_a_story(index, file: Path) -> None:
    story = json.loads(index("show", file, "wire-1", "--json")[1])["story"]
    code, out, err = index("show", file, story)
    assert (code, err) == (0, "")
    assert out.startswith(
        f"{story}  Ferry runs aground\n  2 articles, 1 independent report, 1 copy"
    )
    told = json.loads(index("show", file, story, "--json")[1])
    assert told["articles"] == ["wire-1", "daily-1"]


def test_a_story_is_shown_though_an_article_has_its_id(index, file: Path, opened) -> None:
    story = json.loads(index("show", file, "wire-1", "--json")[1])["story"]
    with opened() as found:
        found.admit(Article(story, "A text of an article whose id is that of a story.", "Odd"))
    assert index("show", file, story)[1].startswith("Odd\n")
    assert index("show", file, story, "--story")[1].startswith(f"{story}  Ferry runs aground\n")


def test_show_says_that_there_is_no_such_id(index, file: Path) -> None:
    assert_refused(index("show", file, "no\x1bpe"), "no article and no story has the id")
    assert_refused(index("show", file, "wire-1", "--story"), "no story has the id")


@pytest.mark.parametrize("width", [60, 80, 160])
def test_hostile_articles_are_shown_harmless(index, file: Path, width, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    shown = [index("show", file, "x[red]\x1b[2J"), index("stories", file), index("stats", file)]
    for code, out, _ in shown:
        assert code == 0
        assert CONTROLS.search(out) is None
        assert max(cell_len(line) for line in out.splitlines()) <= width
    assert "[bold]Budget" in shown[0][1]


# verify


def test_verify_says_that_all_is_sound(index, file: Path) -> None:
    said = "sound: 4 articles, 3 stories, 3 independent texts\n"
    assert index("verify", file) == (0, said, "")


def test_verify_lists_problems_and_ends_with_2(index, file: Path, monkeypatch) -> None:
    from dedupe.index import Index

    monkeypatch.setattr(Index, "verify", lambda self: iter(["a key leads\x1b[2J nowhere", "two"]))
    code, out, err = index("verify", file)
    assert code == 2
    assert out == "a key leads?[2J nowhere\ntwo\n"
    assert err.startswith(f"dedupe: {file}: 2 problems found; ")


# remove


def test_remove_takes_articles_out(index, file: Path, opened) -> None:
    assert index("remove", file, "rain", "wire-1") == (0, "2 articles removed, 2 left\n", "")
    with opened() as found:
        assert found.get("rain") is None
        assert found.get("daily-1") is not None


def test_remove_says_which_were_not_there_and_ends_with_2(index, file: Path) -> None:
    code, out, err = index("remove", file, "rain", "ra\x1bin")
    assert (code, out) == (2, "1 article removed, 3 left\n")
    assert err == f"dedupe: {file}: no article has the id ra?in\n"


def test_remove_reads_ids_from_standard_input(index, file: Path) -> None:
    many = "".join(f"no-{n}\n" for n in range(20))
    code, out, err = index("remove", file, "-", stdin=f"rain\r\n\nwire-1\n{many}".encode())
    assert (code, out) == (2, "2 articles removed, 2 left\n")
    assert len(err.splitlines()) == 6
    assert err.endswith(f"dedupe: {file}: 20 ids in all were not there\n")


def test_remove_wants_an_id(index, file: Path) -> None:
    code, _, err = index("remove", file)
    assert code == 2
    assert "Missing argument 'ID...'" in err


# expire, compact


def test_expire_before_a_day(index, file: Path, opened) -> None:
    code, out, err = index("expire", file, "--before", "2024-05-20")
    assert (code, err) == (0, "")
    first, second = out.splitlines()
    assert first == "2 articles of before 2024-05-20 00:00 UTC removed, 2 left"
    assert re.fullmatch(r"size: [\d.,]+ [kM]B before, [\d.,]+ [kM]B after", second)
    with opened() as found:
        assert [held.article.id for held in found.articles()] == ["rain", NEWS[3].id]


@pytest.mark.parametrize(("age", "left"), [("1d", 1), ("3w", 1), ("99999d", 4)])
def test_expire_by_age(index, file: Path, age: str, left: int) -> None:
    assert f", {left} left\n" in index("expire", file, "--older-than", age)[1]


def test_a_dry_run_lets_nothing_go(index, file: Path) -> None:
    before = file.read_bytes()
    code, out, err = index("expire", file, "--before", "2024-05-20", "-n")
    said = "2 articles of before 2024-05-20 00:00 UTC would go\n"
    assert (code, out, err) == (0, said, "")
    assert file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "either --before DATE or --older-than AGE"),
        (["--before", "2024", "--older-than", "1d"], "either --before DATE or --older-than AGE"),
        (["--before", "soon"], "--before soon: no date"),
        (["--older-than", "90"], "--older-than 90: no age"),
        (["--older-than", "-1d"], "no age"),
        (["--older-than", "999999w"], "before the calendar"),
    ],
)
def test_expire_wants_one_limit(index, file: Path, arguments: list[str], reason: str) -> None:
    code, out, err = index("expire", file, *arguments)
    assert (code, out) == (2, "")
    assert reason in err


def test_expire_tells_what_went_also_where_room_is_not_given_back(index, file, monkeypatch) -> None:
    def full(_: Index) -> None:
        raise FullError("no space is left")

    monkeypatch.setattr("dedupe.index.Index.compact", full)
    code, out, err = index("expire", file, "--before", "2024-05-20")
    assert (code, err) == (2, "dedupe: no space is left\n")
    assert out == "2 articles of before 2024-05-20 00:00 UTC removed, 2 left\n"


def test_expire_gives_room_back_unless_told_not_to(index, tmp_path: Path) -> None:
    from dedupe.index import open_index

    sizes = {}
    for flag in ("--no-compact", None):
        path = tmp_path / f"{flag}.index"
        with open_index(path) as found:
            found.admit_many(fixture_articles())
        index("expire", path, "--before", "2100-01-01", *([flag] if flag else []))
        sizes[flag] = path.stat().st_size
    assert sizes[None] < sizes["--no-compact"]


def test_compact_tells_the_size(index, file: Path) -> None:
    code, out, err = index("compact", file)
    assert (code, err) == (0, "")
    assert re.fullmatch(r"size: [\d.,]+ [kM]B before, [\d.,]+ [kM]B after\n", out)


# different


def test_different_keeps_two_apart(index, file: Path, opened) -> None:
    assert index("different", file, "rain", "wire-1") == (
        0,
        "rain and wire-1 are kept apart from now on\n",
        "",
    )
    with opened() as found:
        assert [set(pair) for pair in found.differences()] == [{"rain", "wire-1"}]


def test_different_keeps_all_texts_of_two_stories_apart(index, file: Path, opened) -> None:
    one = json.loads(index("show", file, "daily-1", "--json")[1])["story"]
    other = json.loads(index("show", file, "rain", "--json")[1])["story"]
    assert index("different", file, one, other)[0] == 0
    with opened() as found:
        assert [set(pair) for pair in found.differences()] == [{"rain", "wire-1"}]
    for a, b in ((one, one), (one, "daily-1"), ("wire-1", one)):
        assert_refused(index("different", file, a, b), "are one story; name two articles of it")
    assert_refused(index("different", file, "rain", "rain"), "'rain' cannot be different")


def test_different_parts_two_articles_of_one_story(index, file: Path) -> None:
    assert index("different", file, "wire-1", "daily-1")[0] == 0
    shown = [
        json.loads(index("show", file, n, "--json")[1])["story"] for n in ("wire-1", "daily-1")
    ]
    assert shown[0] != shown[1]
    assert index("verify", file)[0] == 0


def test_different_refuses_an_id_that_is_not_there(index, file: Path) -> None:
    assert_refused(index("different", file, "rain", "nope"), "no article and no story", "nope")


# export, import


def test_an_export_is_taken_in_again(index, file: Path, tmp_path: Path) -> None:
    out, new = tmp_path / "out.jsonl", tmp_path / "new.index"
    assert index("export", file, "-o", out) == (0, "", "")
    code, said, err = index("import", new, out)
    assert (code, err) == (0, "")
    assert said == f"{new}: 4 articles, each in the story it was in\n"
    assert index("export", new)[1] == out.read_text(encoding="utf-8")
    assert index("verify", new)[0] == 0


def test_import_reads_standard_input(index, file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.index"
    exported = index("export", file)[1]
    assert index("import", new, "-", stdin=exported.encode())[0] == 0
    assert index("export", new)[1] == exported


def test_a_broken_export_leaves_nothing(index, file: Path, tmp_path: Path) -> None:
    source, new = tmp_path / "out.jsonl", tmp_path / "new.index"
    lines = index("export", file)[1].splitlines(keepends=True)
    source.write_text("".join(lines[:-1]), encoding="utf-8")
    assert_refused(index("import", new, source), str(source), "cut short after 4 articles")
    source.write_text("".join([*lines[:2], "no line\n", *lines[3:]]), encoding="utf-8")
    assert_refused(index("import", new, source), f"{source}:3: not JSON")
    assert_refused(index("import", new, tmp_path / "missing.jsonl"), "missing.jsonl: no such file")
    assert files(tmp_path) == ["news.index", "out.jsonl"]


def test_import_refuses_an_index_that_is_there(index, file: Path) -> None:
    before = file.read_bytes()
    assert_refused(index("import", file, "-"), str(file), "exists already")
    assert file.read_bytes() == before


def test_an_export_is_there_once_it_is_complete(
    index, file: Path, tmp_path: Path, monkeypatch
) -> None:
    from dedupe.errors import DamagedError
    from dedupe.index import Index

    out = tmp_path / "out.jsonl"
    out.write_text("yesterday's")

    def broken(self):
        raise DamagedError(f"{file}: broken")
        yield

    monkeypatch.setattr(Index, "articles", broken)
    assert_refused(index("export", file, "-o", out), "broken")
    assert out.read_text() == "yesterday's"
    assert files(tmp_path) == ["news.index", "out.jsonl"]


def test_an_export_is_not_written_over_its_index(index, file: Path) -> None:
    assert_refused(index("export", file, "-o", file), "give --output a file of its own")


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_an_export_to_a_device_leaves_it_one(index, file: Path) -> None:
    assert index("export", file, "-o", os.devnull)[0] == 0
    assert Path(os.devnull).is_char_device()


def test_lines_of_an_export_can_be_grouped(index, file: Path, tmp_path: Path, capsysbinary) -> None:
    articles = tmp_path / "articles.jsonl"
    lines = index("export", file)[1].splitlines(keepends=True)[1:-1]
    articles.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["group", str(articles)])
    rows = [json.loads(line) for line in capsysbinary.readouterr()[0].splitlines()]
    assert not ended.value.code
    assert [row["id"] for row in rows] == [article.id for article in NEWS]


# rebuild


def test_rebuild_changes_settings_and_nothing_else(index, file: Path, tmp_path: Path) -> None:
    before = index("export", file)[1].splitlines()
    said = f"{file}: 4 articles; the old index is {file}.old\n"
    assert index("rebuild", file, "--set", "story_terms=40") == (0, said, "")
    assert json.loads(index("stats", file, "--json")[1])["settings"] == {"story_terms": 40}
    assert index("export", file)[1].splitlines()[1:] == before[1:]
    assert index("export", f"{file}.old")[1].splitlines() == before
    assert files(tmp_path) == ["news.index", "news.index.old"]


def test_rebuild_leaves_a_symbolic_link_one(index, file: Path, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    real = file.rename(tmp_path / "deep" / "real.index")
    file.symlink_to(real)
    said = f"{file}: 4 articles; the old index is {file}.old\n"
    assert index("rebuild", file, "--set", "story_terms=40") == (0, said, "")
    assert file.readlink() == real
    assert json.loads(index("stats", real, "--json")[1])["settings"] == {"story_terms": 40}
    assert json.loads(index("stats", f"{file}.old", "--json")[1])["settings"] == {}
    assert files(tmp_path / "deep") == ["real.index"]


def test_export_leaves_a_symbolic_link_one(index, file: Path, tmp_path: Path) -> None:
    real, link = tmp_path / "real.jsonl", tmp_path / "link.jsonl"
    real.write_text("an earlier export")
    link.symlink_to(real)
    assert index("export", file, "-o", link) == (0, "", "")
    assert link.readlink() == real
    assert len(real.read_text().splitlines()) == 6


def test_rebuild_of_an_address_keeps_the_old_index_beside(index, file: Path) -> None:
    code, out, _ = index("rebuild", f"sqlite:{file}")
    assert (code, out) == (0, f"sqlite:{file}: 4 articles; the old index is {file}.old\n")
    assert files(file.parent) == ["news.index", "news.index.old"]


def test_rebuild_refuses_a_link_to_another_file_system(index, file, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("dedupe.index.sqlite.target._are_apart", lambda *_: True)
    before = file.read_bytes()
    assert_refused(index("rebuild", file), "leads to another file system", str(file))
    assert (files(tmp_path), file.read_bytes()) == (["news.index"], before)


def test_rebuild_keeps_no_old_index_where_told_so(index, file: Path) -> None:
    assert index("rebuild", file, "--no-keep") == (0, f"{file}: 4 articles\n", "")
    assert [path.name for path in file.parent.iterdir()] == ["news.index"]


def test_rebuild_beside_leaves_the_index_as_it_is(index, file: Path, tmp_path: Path) -> None:
    before, new = file.read_bytes(), tmp_path / "new.index"
    said = f"{new}: 4 articles\n"
    assert index("rebuild", file, "-o", new, "--set", "seed=4") == (0, said, "")
    assert file.read_bytes() == before
    assert json.loads(index("stats", new, "--json")[1])["settings"] == {"seed": 4}
    assert_refused(index("rebuild", file, "-o", new), "exists already")


def test_rebuild_refuses_while_another_has_it_open(index, file: Path, opened) -> None:
    with opened():
        assert_refused(index("rebuild", file), str(file), "others have the index open")
    assert index("verify", file)[0] == 0


def test_rebuild_refuses_an_index_without_texts(index, tmp_path: Path) -> None:
    path = tmp_path / "bare.index"
    index("create", path, "--no-texts")
    assert_refused(index("rebuild", path), str(path), "keeps no texts")
    assert_refused(index("rebuild", path, "-o", tmp_path / "new"), "keeps no texts")
    exported = index("export", path)[1]
    ran = index("import", tmp_path / "new", "-", stdin=exported.encode())
    assert_refused(ran, "contains no texts")
    assert [found.name for found in tmp_path.iterdir()] == ["bare.index"]


def test_rebuild_to_another_file_keeps_the_old_one_anyway(index, file: Path) -> None:
    code, _, err = index("rebuild", file, "-o", "x", "--no-keep")
    assert code == 2
    assert "--no-keep" in err


# Documents


def test_every_subcommand_has_its_help(index) -> None:
    for name in command.commands:
        code, out, err = index(name, "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"Usage: dedupe index {name} [OPTIONS] FILE")


@pytest.mark.parametrize("name", command.commands)
def test_every_subcommand_is_documented(name: str) -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8").partition("\n## index\n")[2]
    assert f"| `dedupe index {name} FILE" in page.partition("\n## ")[0]
    told = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert f"\n### {name}\n" in told


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, found in command.commands.items()
        for option in found.params
        if isinstance(option, click.Option)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_option_of_a_subcommand_is_documented(name: str, option: click.Option) -> None:
    assert option.help
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8").partition("\n## index\n")[2]
    rows = [line.split("|") for line in page.partition("\n## ")[0].splitlines()]
    cells = [row for row in rows if len(row) == 5 and name in row[2].strip().split(", ")]
    told = " ".join(row[1] for row in cells)
    for flag in option.opts:
        assert f"`{flag}`" in told, f"docs/commands.md says nothing of dedupe index {name} {flag}"


@pytest.mark.parametrize(
    "field",
    ["schema_version", "path", "articles", "stories", "independent_texts", "bytes",
     "bytes_per_article", "keeps_texts", "oldest", "newest", "languages", "settings",
     "fingerprint"],
)  # fmt: skip
def test_every_field_of_the_sums_is_documented(index, file: Path, field: str) -> None:
    assert field in json.loads(index("stats", file, "--json")[1])
    told = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    assert f"`{field}`" in told.partition("### stats")[2].partition("\n### ")[0]


def test_variables_of_options_have_the_names_that_are_told_for_all_commands() -> None:
    told = (ROOT / "docs/output.md").read_text(encoding="utf-8")
    for found in command.commands.values():
        for option in found.params:
            flag = max(option.opts, key=len)
            if isinstance(option, click.Option) and option.name != flag[2:].replace("-", "_"):
                assert f"`{flag}` is `{option.name.upper()}`" in told, (found.name, flag)


def test_an_option_is_taken_from_the_environment(index, file: Path, monkeypatch) -> None:
    monkeypatch.setenv("DEDUPE_INDEX_EXPIRE_OLDER_THAN", "99999d")
    assert index("expire", file)[1].startswith("0 articles of before ")


def test_every_field_of_an_export_is_documented(index, file: Path) -> None:
    told = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    told = told.partition("### export")[2].partition("\n### ")[0]
    for line in index("export", file)[1].splitlines():
        row = json.loads(line)
        for name in {*row, *row.get("verdict", {})}:
            assert f"`{name}`" in told, name
