"""Sums in the pages of an index: a bit that was changed is told, and older files get sums, too."""

from __future__ import annotations

import errno
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from test_index_versions import old  # noqa: F401 - a fixture

import dedupe.config
from dedupe.errors import BusyError, DamagedError, NotAnIndexError, ReadOnlyError, StoreError
from dedupe.index import Index, open_index
from dedupe.index.exchange import export_lines
from dedupe.index.sqlite import SqliteStore, anew, file, opening
from dedupe.index.sqlite.database import SqliteDatabase
from dedupe.index.sqlite.file import HEADER, PAGE, file_uri
from dedupe.index.sqlite.opening import folder_held
from dedupe.index.tables.database import SqlRow
from dedupe.kernels.sums import page_sum
from soak.behind import connected, summed
from soak.texts import News

NEWS = News(5, words=60)
HELD = 40
MASK = (1 << 64) - 1


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sums") / "sound.index"
    with open_index(path) as index:
        index.admit_many(NEWS.articles(0, HELD))
        index.remove("n7")
        index.mark_different("n0", "n10")
    return path


@pytest.fixture
def path(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copy(sound, tmp_path / "news.index"))


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An index that was made where pages can't have sums."""
    path = tmp_path / "plain.index"
    with monkeypatch.context() as patch:
        unavailable(patch)
        with open_index(path) as index:
            index.admit_many(NEWS.articles(0, HELD))
            index.remove("n7")
            index.mark_different("n0", "n10")
            assert list(index.verify()) == []
    assert version(path) == (2, 0)
    return path


def unavailable(patch: pytest.MonkeyPatch) -> None:
    for module in (file, opening):
        patch.setattr(module, "available", lambda: False)


def version(path: Path) -> tuple[int, int]:
    """That of the tables, and how many bytes of each page are reserved."""
    header = path.read_bytes()[:HEADER]
    return int.from_bytes(header[60:64], "big"), header[20]


def told(index: Index) -> list[object]:
    """What there is in it, and some answers."""
    return [*export_lines(index), index.check_many(NEWS.articles(HELD - 5, 10))]


def rotated(word: int, by: int) -> int:
    return (word << by | word >> (64 - by)) & MASK


def plainly(page: bytes, number: int) -> int:
    """The sum of a page, as the kernel should have it."""
    words = np.frombuffer(page, "<u8").tolist()[:-1]
    factor, fold = 0x9E3779B185EBCA87, 0xC2B2AE3D27D4EB4F
    lanes = [(number + lane + 1) * fold & MASK for lane in range(4)]
    for at, word in enumerate(words):
        lanes[at % 4] = rotated((lanes[at % 4] ^ word) * factor & MASK, 29)
    found = number
    for lane in lanes:
        found = (rotated(found, 31) ^ lane) * fold & MASK
    return (found ^ found >> 32) * factor & MASK


def test_the_sum_is_of_all_bytes_and_of_the_number() -> None:
    draw = random.Random(1)
    page = np.frombuffer(bytearray(draw.randbytes(PAGE)), np.uint8)
    found = page_sum(page, 7)
    assert found == plainly(page.tobytes(), 7)
    assert found != page_sum(page, 8)
    for at in draw.sample(range((PAGE - 8) * 8), 400):
        page[at // 8] ^= 1 << at % 8
        assert page_sum(page, 7) != found
        page[at // 8] ^= 1 << at % 8
    page[-8:] = 0  # where it is kept
    assert page_sum(page, 7) == found
    with pytest.raises(ValueError, match="8,192"):
        page_sum(page[1:], 7)


def test_each_page_of_an_index_has_its_sum(path: Path) -> None:
    content = path.read_bytes()
    assert len(content) % PAGE == 0
    assert version(path) == (3, 8)
    assert summed(content) == content


def test_a_bit_that_was_changed_is_told_or_is_of_no_effect(path: Path) -> None:
    content = path.read_bytes()
    with open_index(path) as index:
        before = told(index)
    draw, refused = random.Random(2), 0
    for bit in draw.sample(range(len(content) * 8), 120):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        try:
            with open_index(path) as index:
                problems = list(index.verify())
                found = None if problems else told(index)
        except StoreError:
            refused += 1
            continue
        refused += bool(problems)
        assert problems or found == before, bit
    assert refused > 80


def test_a_bit_of_the_header_is_told(path: Path) -> None:
    content = path.read_bytes()
    for bit in range(HEADER * 8):
        changed = bytearray(content)
        changed[bit // 8] ^= 1 << bit % 8
        path.write_bytes(changed)
        with pytest.raises((DamagedError, NotAnIndexError)):
            SqliteStore(path).close()


def test_pages_in_each_others_place_are_told(path: Path) -> None:
    content = bytearray(path.read_bytes())
    pages = [slice(at * PAGE, (at + 1) * PAGE) for at in range(len(content) // PAGE)]
    content[pages[4]], content[pages[5]] = content[pages[5]], content[pages[4]]
    path.write_bytes(content)
    with pytest.raises(DamagedError, match="not as it was written"), open_index(path) as index:
        told(index)


def test_damage_is_told_with_what_to_do(path: Path) -> None:
    ((page,),) = closing_rows(path, "SELECT rootpage FROM sqlite_master WHERE name = 'cold'")
    content = bytearray(path.read_bytes())
    content[page * PAGE - 100] ^= 4
    path.write_bytes(content)
    with open_index(path) as index:
        assert any("damaged" in problem for problem in index.verify())
        with pytest.raises(DamagedError, match="dedupe index salvage FILE -o NEW") as error:
            told(index)
    assert "I/O" not in str(error.value)


def closing_rows(path: Path, statement: str) -> list[tuple]:
    with closing(connected(path)) as database:
        return database.execute(statement).fetchall()


# Files without sums.


def test_an_index_without_sums_gets_them_once_it_is_opened_alone(plain: Path) -> None:
    plain.chmod(0o640)
    with open_index(plain, read_only=True) as index:
        assert index.stats().articles == HELD - 1
    assert version(plain) == (2, 0)
    with open_index(plain) as index:
        found = told(index)
        assert list(index.verify()) == []
    assert version(plain) == (3, 8)
    assert plain.stat().st_mode & 0o777 == 0o640
    assert summed(plain.read_bytes()) == plain.read_bytes()
    assert sorted(one.name for one in plain.parent.iterdir()) == [plain.name]
    with open_index(plain) as index:
        assert told(index) == found
        index.admit_many(NEWS.articles(HELD, 5))
        index.compact()
        assert list(index.verify()) == []


@pytest.mark.parametrize("why", ["open", "no room", "unreadable"])
def test_an_index_that_cannot_be_given_sums_goes_on_without(
    plain: Path, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        unavailable(patch)
        other = SqliteStore(plain)
    if why == "no room":
        monkeypatch.setattr(anew.shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(9, 9, 9))
    elif why == "unreadable":
        monkeypatch.setattr(
            SqliteDatabase, "each", lambda *_: (_ for _ in ()).throw(StoreError("no"))
        )
    if why != "open":
        other.close()
    with open_index(plain) as index:
        index.admit_many(NEWS.articles(HELD, 5))
        assert index.stats().articles == HELD + 4
    other.close()
    assert version(plain) == (2, 0)
    assert [one.name for one in plain.parent.iterdir() if "part" in one.name] == []
    monkeypatch.undo()
    with open_index(plain) as index:
        assert index.stats().articles == HELD + 4
    assert version(plain) == (3, 8)


def test_where_there_are_no_sums_an_index_with_them_is_read_and_not_written(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_index(path) as index:
        before = told(index)
    unavailable(monkeypatch)
    with pytest.raises(ReadOnlyError, match="reading only"):
        open_index(path)
    with open_index(path, read_only=True) as index:
        assert told(index) == before


def test_an_old_index_gets_sums_too(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(dedupe.config, "ALGORITHM_VERSION", 1)
    with open_index(old) as index:
        assert list(index.verify()) == []
    assert version(old) == (3, 8)


def test_processes_that_open_an_older_index_together_lose_nothing(plain: Path) -> None:
    script = (
        "import sys; from dedupe.index import open_index; from soak.texts import News\n"
        "with open_index(sys.argv[1]) as index:\n"
        "    index.admit_many(News(5, words=60).articles(int(sys.argv[2]), 5))\n"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(plain), str(HELD + 5 * turn)])
        for turn in range(4)
    ]
    assert [process.wait(120) for process in started] == [0] * 4
    with open_index(plain) as index:
        assert index.stats().articles == HELD - 1 + 20
        assert list(index.verify()) == []
    assert version(plain) == (3, 8)


def before_it_is_asked(act: Callable[[], None], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Has something done once, when a file is open and was asked nothing yet; tells whether."""
    migrate, turns = opening.migrate, list[int]()

    def meanwhile(database: SqliteDatabase, *, create: bool) -> None:
        if not turns:
            turns.append(1)
            act()
        migrate(database, create=create)

    monkeypatch.setattr(opening, "migrate", meanwhile)
    return turns


@pytest.mark.skipif(sys.platform == "win32", reason="there a file that is open is not replaced")
def test_none_puts_another_file_in_the_place_of_one_that_somebody_is_about_to_ask(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who asks it then takes the log of the new file for its own."""

    def another() -> None:
        with pytest.raises(BusyError, match="others use the index"):
            open_index(plain, patience=0.01)

    turns = before_it_is_asked(another, monkeypatch)
    open_index(plain).close()
    assert turns
    assert version(plain) == (3, 8)


def test_one_who_opens_an_index_waits_while_another_takes_in_its_log(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first read of a log meets it; all later ones are done without waiting."""
    one, turns = SqliteDatabase.one, list[int]()

    def busy(self: SqliteDatabase, statement: str) -> SqlRow | None:
        if statement == opening.READ and len(turns) < 2:
            turns.append(1)
            raise BusyError("the log is being taken in")
        return one(self, statement)

    monkeypatch.setattr(SqliteDatabase, "one", busy)
    open_index(path).close()
    assert len(turns) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="there a file that is open is not replaced")
def test_an_older_index_is_opened_by_one_at_a_time(plain: Path, path: Path) -> None:
    with folder_held(str(plain), 0) as held:
        assert held
        with pytest.raises(BusyError, match="others use the index"):
            open_index(plain, patience=0.01)
        with pytest.raises(BusyError, match="others use the index"):
            open_index(plain, patience=0.01, read_only=True)
        open_index(path, patience=0).close()  # one with sums is not replaced: nobody waits
    open_index(plain, patience=0).close()
    assert version(plain) == (3, 8)


@pytest.mark.skipif(sys.platform == "win32", reason="there a file that is open is not replaced")
def test_where_a_folder_cannot_be_held_an_older_index_is_left_as_it_is(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fcntl

    def none_here(*_: object) -> None:
        raise OSError(errno.ENOTSUP, "no locks")

    monkeypatch.setattr(fcntl, "flock", none_here)
    with open_index(plain) as index:
        assert index.stats().articles == HELD - 1
    assert version(plain) == (2, 0)


def test_one_who_has_opened_a_file_that_was_replaced_opens_the_new_one(
    plain: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where another gives it sums between the look at the file and its first statement."""

    def another() -> None:
        copy = plain.with_name("copy")
        shutil.copy(plain, copy)
        copy.replace(plain)

    before_it_is_asked(another, monkeypatch)
    store = SqliteStore(plain)
    assert not store._opened().moved()
    store.close()


# What came with a file is not carried out.


def test_a_connection_trusts_nothing_in_the_file(path: Path) -> None:
    database = SqliteStore(path)._opened()
    for setting, value in (("trusted_schema", 0), ("cell_size_check", 1), ("mmap_size", 0)):
        # The system below may know of no such size at all.
        assert database.one(f"PRAGMA {setting}") in {(value,), None}
    with pytest.raises(StoreError):
        database.one("ATTACH ':memory:' AS other")
    with pytest.raises(StoreError, match="too big"):
        database.one("SELECT length(zeroblob(600000000))")
    database.close()


CRAFTED = {
    "another table in a view's name": (
        "CREATE VIEW v AS SELECT 1 AS version",
        "PRAGMA writable_schema = 1",
        "DELETE FROM sqlite_master WHERE name = 'migration'",
        ("UPDATE sqlite_master SET name = 'migration', tbl_name = 'migration', "
        "sql = 'CREATE VIEW migration AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i "
        "FROM n) SELECT i AS version FROM n' WHERE name = 'v'"),
    ),
    "a generated column": (
        "PRAGMA writable_schema = 1",
        ("UPDATE sqlite_master SET sql = replace(sql, 'root INTEGER NOT NULL', "
        "'root INTEGER NOT NULL, more AS (root + 1)') WHERE name = 'story'"),
    ),
    "a table of a name that is SQLite's": (
        "PRAGMA writable_schema = 1",
        ("INSERT INTO sqlite_master VALUES ('table', 'sqlite_x', 'sqlite_x', 4, "
        "'CREATE TABLE sqlite_x (a)')"),
    ),
    "an index under another name": ("DROP INDEX article_moment",
                                    "CREATE INDEX more ON article (moment)"),
    "two tables on one page": (
        "PRAGMA writable_schema = 1",
        ("UPDATE sqlite_master SET rootpage = (SELECT rootpage FROM sqlite_master "
        "WHERE name = 'cold') WHERE name = 'sketch'"),
    ),
    "a virtual table": ("CREATE VIRTUAL TABLE theirs USING fts4 (a)",),
    "a trigger of a view": (
        "CREATE VIEW theirs AS SELECT 1 AS a",
        "CREATE TRIGGER more INSTEAD OF INSERT ON theirs BEGIN DELETE FROM article; END",
    ),
}  # fmt: skip


@pytest.mark.parametrize("read_only", [False, True])
@pytest.mark.parametrize("what", CRAFTED)
def test_tables_that_are_not_ours_are_refused(path: Path, what: str, read_only: bool) -> None:
    with closing(connected(path, isolation_level=None)) as database:
        for statement in CRAFTED[what]:
            database.execute(statement)
    before = path.read_bytes()
    with pytest.raises(DamagedError, match=r"its tables are not those .* salvage"):
        SqliteStore(path, read_only=read_only)
    assert path.read_bytes() == before


# Links.


@pytest.mark.posix
def test_an_index_is_sound_through_a_link_too_while_its_log_holds_pages(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    path, link = tmp_path / "there" / "news.index", tmp_path / "link.index"
    link.symlink_to(path)
    script = (
        "import os, sys; from dedupe.index import open_index; from soak.texts import News\n"
        "index = open_index(sys.argv[1])\n"
        "index.admit_many(News(5, words=60).articles(0, 40))\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", script, str(path)], check=True)
    assert Path(f"{path}-wal").stat().st_size
    with open_index(link, read_only=True) as index:
        stats = index.stats()
        assert (stats.articles, list(index.verify())) == (40, [])
        assert stats.bytes == sum(one.stat().st_size for one in path.parent.iterdir())
    with open_index(link) as index:
        index.admit_many(NEWS.articles(40, 2))
        assert index.stats().articles == 42


def test_a_file_of_other_pages_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.index"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute(f"PRAGMA application_id = {0x73744478}")
        database.execute("PRAGMA user_version = 2")
        database.execute("CREATE TABLE theirs (a)")
        database.commit()
    with pytest.raises(DamagedError, match="header"):
        SqliteStore(path)
    assert file_uri(os.fspath(path), "rw", sums=False).endswith("mode=rw")
