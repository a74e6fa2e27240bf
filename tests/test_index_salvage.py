"""What is sound in a damaged index is taken over, and what is not is told."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from dedupe.cli import main
from dedupe.config import Settings
from dedupe.errors import NotAnIndexError, StoreError
from dedupe.index import open_index
from dedupe.index.exchange import export_lines
from dedupe.index.salvage import LOST_TEXT, Salvage, salvaged
from dedupe.index.sqlite.file import PAGE
from soak.behind import connected, summed
from soak.texts import News

NEWS = News(5, words=60)
HELD = 120


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sound") / "sound.index"
    settings = Settings().changed({"near_duplicate": 0.6})
    with open_index(path, settings=settings) as index:
        index.admit_many(NEWS.articles(0, HELD))
        index.remove("n7")
        index.mark_different("n0", "n10")
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "news.index"))


def exported(path: Path) -> list[dict]:
    with open_index(path, create=False) as index:
        assert list(index.verify()) == []
        return [json.loads(line) for line in export_lines(index)]


def salvage(path: Path) -> tuple[Salvage, list[dict]]:
    """What is told, and the lines of the new index's export; nothing is left or changed."""
    new = path.with_name("new.index")
    new.unlink(missing_ok=True)
    before = {file.name: file.read_bytes() for file in path.parent.iterdir()}
    counts: list[int] = []
    found = salvaged(path, new, counts.append)
    assert counts == list(range(1, found.articles + 1))
    lines = exported(new)
    after = {file.name: file.read_bytes() for file in path.parent.iterdir() if file != new}
    assert after == before
    return found, lines


def pages_of(path: Path, table: str) -> list[int]:
    """Numbers of the pages of a table, in which its rows lie."""
    with closing(connected(path)) as database:
        held = database.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))
        return [number for (number,) in held]


def spoilt(path: Path, *pages: int) -> None:
    content = bytearray(path.read_bytes())
    for number in pages:
        content[number * PAGE - 200] ^= 16
    path.write_bytes(content)


def test_all_of_a_sound_index_is_taken_over(path: Path) -> None:
    found, lines = salvage(path)
    assert found == Salvage(HELD - 1, {}, 0, 0, settings=True, removed=False)
    assert lines == exported(path)


def test_what_one_page_has_lost_is_told_and_all_else_is_taken_over(path: Path) -> None:
    before = exported(path)
    spoilt(path, pages_of(path, "cold")[2])
    found, lines = salvage(path)
    lost = set(found.lost[LOST_TEXT])
    assert len(found.lost) == 1
    assert (found.unnamed, found.pages) == (0, 1)
    assert found.articles + len(lost) == HELD - 1
    assert 0 < len(lost) < HELD // 4
    taken = {row["id"]: row for row in lines[1:-1]}
    for row in before[1:-1]:
        if row["id"] in lost:
            continue
        other = taken[row["id"]]
        if row["copies"] in lost:  # another stands for the group now
            assert other.pop("copies") in taken
            row.pop("copies")
        assert other == row
    assert {**before[-1], "articles": 0} == {**lines[-1], "articles": 0}


@pytest.mark.parametrize("who", ["number = copies", "number <> copies"])
def test_copies_whose_stories_differ_come_into_that_of_the_first(path: Path, who: str) -> None:
    with closing(connected(path, isolation_level=None)) as database:
        copied = "copies IN (SELECT copies FROM article WHERE number <> copies)"
        statement = f"SELECT number, copies FROM article WHERE {copied} AND {who} LIMIT 1"
        number, group = database.execute(statement).fetchone()
        update = "UPDATE article SET story = story % 5 + 1 WHERE number = ?"
        database.execute(update, (number,))
        ids = "SELECT id FROM article WHERE copies = ?"
        names = [name for (name,) in database.execute(ids, (group,))]
        stories = "SELECT story FROM article WHERE number = ?"
        (story,) = database.execute(stories, (group,)).fetchone()
    found, lines = salvage(path)
    assert found.articles == HELD - 1
    assert len(names) > 1
    assert {row["story"] for row in lines[1:-1] if row["id"] in names} == {f"s{story}"}


def test_ids_are_told_though_the_rows_of_articles_are_lost(path: Path) -> None:
    spoilt(path, *pages_of(path, "article"))
    found, lines = salvage(path)
    assert (found.articles, found.unnamed, len(lines)) == (0, 0, 2)
    ((_, names),) = found.lost.items()
    assert sorted(names) == sorted(f"n{n}" for n in range(HELD) if n != 7)
    spoilt(path, *pages_of_index(path, "sqlite_autoindex_article_1"))
    found, _ = salvage(path)
    assert (found.articles, found.lost, found.unnamed) == (0, {}, HELD - 1)


def pages_of_index(path: Path, name: str) -> list[int]:
    """The same where SQLite can't read the table any more."""
    sound = path.with_name("other")
    content = bytearray(path.read_bytes())
    for number in range(1, len(content) // PAGE + 1):
        page = content[(number - 1) * PAGE : number * PAGE]
        page[-200] ^= 16
        if summed(bytes((number - 1) * PAGE) + page)[-PAGE:] == page:
            content[(number - 1) * PAGE : number * PAGE] = page
    sound.write_bytes(content)
    found = pages_of(sound, name)
    sound.unlink()
    return found


def test_where_the_file_begins_with_nothing_the_rest_is_taken_over(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: 2 * PAGE] = bytes(2 * PAGE)
    path.write_bytes(content)
    with pytest.raises(NotAnIndexError):
        open_index(path)
    found, _ = salvage(path)
    assert (found.articles, found.pages, found.removed) == (HELD - 1, 2, True)


@pytest.mark.parametrize("page", [1, 2])
def test_what_was_removed_stays_so(path: Path, page: int) -> None:
    """Page 1 is where the list of free pages begins, page 2 says the same of each page."""
    with closing(connected(path, isolation_level=None)) as database:
        database.execute("PRAGMA secure_delete = OFF")  # as it usually is
        for table in ("article", "cold", "sketch", "tail"):
            database.execute(f"DELETE FROM {table} WHERE number > 40")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    spoilt(path, page)
    found, lines = salvage(path)
    names = {row["id"] for row in lines[1:-1]}
    if not found.removed:
        assert f"n{HELD - 2}" not in names
    assert names >= {f"n{n}" for n in range(40) if n != 7}
    assert found.removed == (page == 2)


def rows_of(path: Path) -> list[dict]:
    with open_index(path) as index:
        return [json.loads(line) for line in list(export_lines(index))[1:-1]]


def test_what_stands_in_the_log_is_taken_over_too(tmp_path: Path) -> None:
    path = tmp_path / "news.index"
    script = (
        "import os, sys; from dedupe.index import open_index; from soak.texts import News\n"
        "index = open_index(sys.argv[1])\n"
        "index.admit_many(News(5, words=60).articles(0, 30))\n"
        "index.admit_many(News(5, words=60).articles(30, 10))\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    log = path.with_name(f"{path.name}-wal")
    whole = log.read_bytes()
    assert len(whole) > 10 * PAGE
    found, _ = salvage(path)
    assert (found.articles, found.pages) == (40, 0)
    log.write_bytes(whole[:-PAGE])  # as by a loss of power: the last session is not whole
    assert salvage(path)[0].articles == 30
    changed = bytearray(whole)
    changed[len(whole) // 2] ^= 1
    log.write_bytes(changed)
    assert salvage(path)[0].articles <= 30


def test_settings_that_are_lost_are_told(path: Path) -> None:
    assert exported(path)[0]["settings"]["near_duplicate"] == 0.6
    spoilt(path, *pages_of(path, "record"))
    found, lines = salvage(path)
    assert (found.articles, found.settings) == (HELD - 1, False)
    assert lines[0]["settings"]["near_duplicate"] == Settings().near_duplicate


def test_an_index_without_sums_is_salvaged_too(tmp_path: Path, monkeypatch) -> None:
    from test_index_sums import unavailable

    path = tmp_path / "plain.index"
    with monkeypatch.context() as patch:
        unavailable(patch)
        with open_index(path) as index:
            index.admit_many(NEWS.articles(0, HELD))
            before = [json.loads(line) for line in export_lines(index)]
        (page, *_) = pages_of(path, "cold")[3:]
    found, lines = salvage(path)
    assert (found.articles, found.lost, lines) == (HELD, {}, before)
    content = bytearray(path.read_bytes())
    content[page * PAGE - 5000 : page * PAGE - 2000] = random.Random(1).randbytes(3000)
    path.write_bytes(content)
    found, lines = salvage(path)
    assert HELD * 0.8 < found.articles < HELD
    taken = {row["id"]: row["text"] for row in lines[1:-1]}
    told = {row["id"]: row["text"] for row in before[1:-1]}
    assert taken.items() <= told.items()


def damaged(content: bytes, draw: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(draw.choice((1, 1, 3, 10))):
        at = draw.randrange(len(changed))
        match draw.randrange(4):
            case 0:
                changed[at] ^= 1 << draw.randrange(8)
            case 1:
                changed[at : at + 900] = draw.randbytes(len(changed[at : at + 900]))
            case 2:
                changed[at // PAGE * PAGE :][:PAGE] = bytes(PAGE)
                changed = changed[: len(content)]
            case _:
                del changed[max(at, 4 * PAGE) :]
    return bytes(changed)


def crafted(content: bytes, draw: random.Random) -> bytes:
    """With the right sums, so that all of it is believed."""
    return summed(damaged(content, draw))


@pytest.mark.parametrize("how", [damaged, crafted])
def test_whatever_is_damaged_the_new_index_is_sound(
    path: Path, how: Callable[[bytes, random.Random], bytes]
) -> None:
    whole = path.read_bytes()
    texts = {article.id: article.text for article in NEWS.articles(0, HELD)}
    taken = 0
    for turn in range(25):
        path.write_bytes(how(whole, random.Random(f"{how.__name__} {turn}")))
        try:
            found, lines = salvage(path)
        except StoreError:
            continue
        taken += found.articles
        held = {row["id"]: row["text"] for row in lines[1:-1]}
        assert held.items() <= texts.items()
        if how is damaged:
            lost = {name for names in found.lost.values() for name in names}
            assert not lost & set(held)
            assert found.articles == HELD - 1 or found.pages
    assert taken > HELD * 10


def test_what_cannot_be_salvaged_is_told(path: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.index"

    def refused(source: object, kind: type[StoreError], told: str) -> None:
        with pytest.raises(kind, match=told):
            salvaged(source, new, lambda _: None)
        assert not new.exists()

    refused(tmp_path / "missing", NotAnIndexError, "there is no index")
    refused(tmp_path, NotAnIndexError, "this is a folder")
    refused("no\0name", StoreError, "cannot be opened")
    other = tmp_path / "other"
    for content in (b"", b"no index at all", bytes(3 * PAGE)):
        other.write_bytes(content)
        refused(other, NotAnIndexError, "this is no index")
    refused("memory:", NotAnIndexError, "memory:")
    with open_index(path):
        refused(path, StoreError, "close it first")
    with open_index(tmp_path / "short.index", texts=False) as index:
        index.admit_many(NEWS.articles(0, 5))
    refused(tmp_path / "short.index", StoreError, "keeps no texts")


@pytest.mark.posix
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    # Without the check it would be waited for a writer: there is one, that says nothing.
    end = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    try:
        with pytest.raises(NotAnIndexError, match="this is no file"):
            salvaged(pipe, tmp_path / "new.index", lambda _: None)
    finally:
        os.close(end)


@pytest.fixture
def command(capsys, monkeypatch) -> Callable[..., tuple[int, list[str], str]]:
    """Runs the subcommand; gives exit code, lines of standard output, and standard error."""

    def run(*args: object) -> tuple[int, list[str], str]:
        with pytest.raises(SystemExit) as ended:
            main(["index", "salvage", *map(str, args)])
        out, err = capsys.readouterr()
        return ended.value.code, out.splitlines(), err

    return run


def test_the_command_tells_what_was_lost(path: Path, tmp_path: Path, command) -> None:
    new = tmp_path / "new.index"
    spoilt(path, pages_of(path, "cold")[2], *pages_of(path, "record"))
    code, lost, err = command(path, "-o", new)
    assert code == 2
    assert set(lost) <= {f"n{n}" for n in range(HELD)}
    assert f"{len(lost)} articles lost: {LOST_TEXT}" in err
    assert "its settings are lost" in err
    assert f"{new}: {HELD - 1 - len(lost)} articles" in err
    code, _, err = command(path, "-o", new)
    assert (code, "exists already" in err) == (2, True)
    code, _, err = command(tmp_path / "missing", "-o", tmp_path / "other")
    assert (code, "there is no index" in err) == (2, True)


def test_the_command_ends_with_0_where_nothing_was_lost(path, tmp_path: Path, command) -> None:
    new = tmp_path / "new.index"
    code, lost, err = command(path, "-o", new)
    assert (code, lost) == (0, [])
    assert f"{new}: {HELD - 1} articles" in err
    with open_index(new) as index:
        assert index.stats().articles == HELD - 1
