"""What only a file has: damage, locks, crashes, full disks, foreign hands."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from store_contract import add, contents, discard, entry, holders

from dedupe.errors import (
    BusyError,
    DamagedError,
    FullError,
    NotAnIndexError,
    ReadOnlyError,
    StoreError,
)
from dedupe.index import index, open_index
from dedupe.index.sqlite import SqliteStore, schema
from dedupe.index.sqlite import store as sqlite_store
from dedupe.index.sqlite.database import PAUSE_LONGEST, SqliteDatabase
from dedupe.index.sqlite.file import PAGE
from dedupe.index.tables import merge, postings
from soak.behind import connected, summed

TESTS = str(Path(__file__).parent)


@pytest.fixture
def path(tmp_path, monkeypatch):
    """Where an index of short runs will be, so that all kinds of rows are in a small one."""
    monkeypatch.setattr(postings, "SEGMENT", 16)
    monkeypatch.setattr(postings, "BLOCK", 4)
    monkeypatch.setattr(merge, "RATIO", 2)
    monkeypatch.setattr(merge, "KEYS", 4)
    return tmp_path / "index.db"


def fill(path: Path, count: int = 200) -> dict[str, object]:
    """Makes an index with something in every table; what it holds."""
    store = SqliteStore(path)
    numbers = add(
        store, *(entry(keys=[9 + i, i % 7, 2**31 + i], story=1 + i % 6) for i in range(count))
    )
    discard(store, *numbers[: count // 4])
    with store.write() as writer:
        writer.record("name", b"value")
        writer.mark_different("e1", "e2")
        writer.merge(5, 4)
        writer.tidy(10**5)
    for number in add(store, *(entry(keys=[i]) for i in range(count // 4))):
        discard(store, number)
    held = contents(store)
    store.close()
    return held


def folder(path: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in path.parent.iterdir()}


def rows(path: Path, statement: str, connect=connected) -> list[tuple]:
    connection = connect(path)
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()


# What is not an index.


@pytest.mark.parametrize(
    "content", [b"x", b"hello\n" * 999, b"SQLite format 3\0", b"\0" * 8192], ids=repr
)
@pytest.mark.parametrize("create", [True, False])
def test_another_file_is_refused_and_left_as_it_is(path, content, create):
    path.write_bytes(content)
    before = folder(path)
    with pytest.raises(NotAnIndexError, match="no index"):
        SqliteStore(path, create=create)
    assert folder(path) == before


@pytest.mark.parametrize("mode", ["DELETE", "WAL"])
def test_anothers_database_is_refused_and_left_as_it_is(path, mode):
    rows(path, f"PRAGMA journal_mode = {mode}", sqlite3.connect)
    rows(path, "CREATE TABLE theirs (a)", sqlite3.connect)
    before = folder(path)
    with pytest.raises(NotAnIndexError):
        SqliteStore(path)
    with pytest.raises(NotAnIndexError):
        SqliteStore(path, read_only=True)
    assert folder(path) == before


@pytest.mark.parametrize("read_only", [True, False])
def test_an_index_of_a_newer_version_is_refused_and_left_as_it_is(path, read_only):
    fill(path)
    rows(path, f"PRAGMA user_version = {schema.VERSION + 1}")
    before = path.read_bytes()
    with pytest.raises(NotAnIndexError, match=rf"version {schema.VERSION + 1}.*upgrade"):
        SqliteStore(path, read_only=read_only)
    assert path.read_bytes() == before


def test_a_missing_index_is_told_and_not_made(path):
    for options in ({"create": False}, {"read_only": True}):
        with pytest.raises(NotAnIndexError, match="there is no index"):
            SqliteStore(path, **options)
    assert not path.exists()


def test_a_path_that_cannot_be_opened_is_told(path, tmp_path):
    with pytest.raises(NotAnIndexError, match="folder"):
        SqliteStore(tmp_path)
    with pytest.raises(StoreError, match="cannot be opened"):
        SqliteStore(tmp_path / "none" / "index.db")
    with pytest.raises(StoreError):
        SqliteStore(f"{tmp_path}/a\0b")
    path.write_text("")
    with pytest.raises(StoreError):
        SqliteStore(path / "below")


def test_an_empty_file_becomes_an_index_where_one_may_be_made(path):
    path.touch()
    with pytest.raises(NotAnIndexError):
        SqliteStore(path, create=False)
    assert path.read_bytes() == b""
    store = SqliteStore(path)
    add(store, entry())
    store.close()
    SqliteStore(path, create=False).close()


@pytest.mark.parametrize("name", ["a b?mode=ro#x%20.db", "é漢.db", "index"])
def test_the_path_may_hold_any_characters(tmp_path, name):
    store = SqliteStore(tmp_path / name)
    add(store, entry("there"))
    store.close()
    assert (tmp_path / name).is_file()
    store = SqliteStore(str(tmp_path / name), read_only=True)
    with store.read() as reader:
        assert "there" in reader.find(["there"])
    store.close()


# Damage.


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5, 0.9, 0.999])
def test_an_index_that_was_cut_short_is_told_at_once(path, share):
    fill(path)
    size = int(path.stat().st_size * share)
    os.truncate(path, size)
    for read_only in (False, True):
        with pytest.raises((DamagedError, NotAnIndexError)) as told:
            SqliteStore(path, read_only=read_only)
        assert str(path) in str(told.value)
    assert path.stat().st_size == size


def ask_everything(path: Path) -> list[str]:
    store = SqliteStore(path)
    try:
        contents(store)
        with store.write() as writer:
            writer.discard(list(writer.walk(0, 5)))
            writer.add([entry(keys=[1, 2, 3], story=writer.position().story + 1)])
            writer.tidy(10**6)
        store.shrink()
        with store.read() as reader:
            return list(reader.problems())
    finally:
        store.close()


@pytest.mark.parametrize("seed", range(15))
def test_whatever_is_damaged_only_our_errors_are_raised(path, seed):
    fill(path)
    chance = random.Random(seed)
    content = bytearray(path.read_bytes())
    for _ in range(chance.choice([1, 3, 30])):
        start = chance.randrange(100, len(content))
        length = chance.choice([1, 40, 4096])
        content[start : start + length] = chance.randbytes(len(content[start : start + length]))
    path.write_bytes(content)
    with contextlib.suppress(StoreError):
        ask_everything(path)


DAMAGES = {
    "has no sketch": "DELETE FROM sketch WHERE number = (SELECT max(number) FROM sketch)",
    "has no answer": "DELETE FROM cold WHERE number = (SELECT max(number) FROM cold)",
    "has no story": "UPDATE article SET story = 99 WHERE story = 1",
    "but not its sketch": "INSERT INTO sketch VALUES (1, x'00')",
    "but not its answer": "INSERT INTO cold VALUES (1, x'00', x'00', x'00')",
    "but not its keys": "INSERT INTO tail VALUES (1, x'00000000')",
    "no story of its own": "INSERT INTO story VALUES (3, 5)",
    "was merged into another": "INSERT INTO story VALUES (2, 1)",
    "never was": "UPDATE article SET copies = 10000 WHERE number = (SELECT max(number) FROM article)",
    "not given yet": "UPDATE state SET counter = 180",
    "by its own keys": "UPDATE article SET key_sum = key_sum + 1",
    "other blocks than": "DELETE FROM block WHERE id = (SELECT max(id) FROM block)",
    "is not sorted": "UPDATE block SET postings = (SELECT postings FROM block ORDER BY id DESC) "
    "WHERE id = (SELECT min(id) FROM block)",
    "but keys lead to it": "DELETE FROM article WHERE number = (SELECT max(number) FROM article "
    "WHERE number < (SELECT sealed FROM state))",
}


@pytest.mark.parametrize("told", DAMAGES)
def test_problems_are_found_and_told(path, told):
    fill(path)
    rows(path, DAMAGES[told])
    store = SqliteStore(path)
    with store.read() as reader:
        assert any(told in problem for problem in reader.problems())
    store.close()


def test_problems_of_the_file_itself_are_told(path):
    fill(path)
    (page,) = rows(path, "SELECT rootpage FROM sqlite_master WHERE name = 'article_moment'")[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * PAGE + 100)
        file.write(b"\xff" * 500)
    path.write_bytes(summed(path.read_bytes()))
    store = SqliteStore(path)
    with store.read() as reader:
        assert any("the file is damaged" in problem for problem in reader.problems())
    store.close()


# Space and permissions.


@pytest.mark.posix
def test_a_full_disk_is_told_and_nothing_is_lost(path):
    held = fill(path)
    store = SqliteStore(path)
    store._database.one(f"PRAGMA max_page_count = {path.stat().st_size // PAGE + 3}")
    with pytest.raises(FullError, match=r"no space is left"):
        add(store, *(entry(text=os.urandom(9000)) for _ in range(50)))
    assert contents(store) == held
    store._database.one("PRAGMA max_page_count = 1000000")
    (number,) = add(store, entry(keys=[2]))
    assert number in holders(store, [2])[0]
    with store.read() as reader:
        assert list(reader.problems()) == []
    store.close()


LIMITED = """
import os, resource, sys
sys.path.insert(0, sys.argv[2])
from store_contract import add, entry
from dedupe.errors import FullError
from dedupe.index.sqlite import SqliteStore
store = SqliteStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))
added = 0
try:
    for i in range(1000):
        add(store, entry(f"limited{i}", text=os.urandom(9000)))
        added += 1
except FullError:
    print(added)
"""


def test_a_limit_of_size_is_a_full_disk(path):
    fill(path)
    ran = subprocess.run(
        [sys.executable, "-c", LIMITED, str(path), TESTS],
        capture_output=True,
        text=True,
        check=True,
    )
    added = int(ran.stdout)
    store = SqliteStore(path)
    with store.read() as reader:
        assert len(reader.find([f"limited{i}" for i in range(1000)])) == added > 0
        assert list(reader.problems()) == []
    store.close()


def test_an_index_opened_for_reading_is_not_written(path):
    held = fill(path)
    store = SqliteStore(path, read_only=True)
    assert contents(store) == held
    with pytest.raises(ReadOnlyError), store.write():
        pass
    with pytest.raises(ReadOnlyError):
        store.shrink()
    assert contents(store) == held
    store.close()


def as_nobody(code: str, *arguments: object) -> str:
    """What a script prints that runs without the right to pass over permissions."""
    drop = "import os\nif not os.getuid(): os.setgid(65534); os.setuid(65534)\n"
    warm = "import sys; sys.path.insert(0, sys.argv[-1])\nimport store_contract\n"
    warm += "from dedupe.errors import *\nfrom dedupe.index.sqlite import SqliteStore\n"
    ran = subprocess.run(
        [sys.executable, "-c", warm + drop + code, *map(str, arguments), TESTS],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return ran.stdout.strip()


@pytest.fixture
def shared(path):
    """The same, in a folder that any user may enter: those of the tests are not."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name) / path.name
        Path(name).chmod(0o777)


READ = """
store = SqliteStore(sys.argv[1], read_only=sys.argv[2] == "True")
with store.read() as reader:
    print(reader.counts().articles, end=" ")
try:
    with store.write() as writer:
        writer.add([])
except ReadOnlyError:
    print("read only")
"""


@pytest.mark.posix
@pytest.mark.parametrize("folder_mode", [0o777, 0o555])
def test_a_file_that_may_not_be_written_is_read(shared, folder_mode):
    held = fill(shared)
    shared.chmod(0o444)
    shared.parent.chmod(folder_mode)
    assert as_nobody(READ, shared, True) == f"{held['counts'].articles} read only"


@pytest.mark.posix
def test_a_file_that_may_not_be_written_is_told_to_those_who_would(shared):
    fill(shared)
    shared.chmod(0o444)
    shared.parent.chmod(0o555)
    code = """
try:
    SqliteStore(sys.argv[1])
except ReadOnlyError as error:
    print(error)
"""
    assert "may not be written" in as_nobody(code, shared)


@pytest.mark.posix
def test_a_file_that_may_not_be_read_is_told(shared):
    fill(shared)
    shared.chmod(0)
    code = """
try:
    SqliteStore(sys.argv[1])
except ReadOnlyError as error:
    print(error)
"""
    assert "may not be read" in as_nobody(code, shared)


# Others.


def test_readers_go_on_while_another_writes_and_see_what_was(path):
    fill(path)
    ours, theirs = SqliteStore(path), SqliteStore(path)
    with theirs.write() as writer:
        writer.add([entry("new", keys=[12345])])
        assert holders(ours, [12345]) == [[]]
    with ours.read() as reader:
        assert "new" in reader.find(["new"])
        add(theirs, entry("newer", keys=[12345]))
        with theirs.write() as writer:
            writer.tidy(10**6)
        assert "newer" not in reader.find(["newer"])
        assert len(reader.holders(np.array([12345], np.uint32), 9).numbers) == 1
    assert len(holders(ours, [12345])[0]) == 2
    ours.close()
    theirs.close()


def test_a_store_follows_what_others_merge_and_shrink(path):
    ours, theirs = SqliteStore(path), SqliteStore(path)
    truth = {}
    for step in range(40):
        writing = (ours, theirs)[step % 3 == 0]
        for number in add(writing, *(entry(keys=[step % 5, 9 + i]) for i in range(9))):
            truth[number] = step % 5
        if step % 4 == 0:
            gone = sorted(truth)[::7]
            discard(writing, *gone)
            for number in gone:
                del truth[number]
        with writing.write() as writer:
            writer.tidy(3000)
        if step % 11 == 10:
            theirs.shrink()
        for store in (ours, theirs):
            for key, found in enumerate(holders(store, range(5), 10**6)):
                right = {number for number, held in truth.items() if held == key}
                assert right <= set(found)
    for store in (ours, theirs):
        with store.read() as reader:
            assert list(reader.problems()) == []
        store.close()


def test_one_who_waits_longer_than_its_patience_is_told(path):
    held = fill(path)
    ours, theirs = SqliteStore(path, patience=0.2), SqliteStore(path)
    with theirs.write():
        start = time.monotonic()
        with pytest.raises(BusyError, match="others use the index"), ours.write():
            pass
        assert 0.2 <= time.monotonic() - start < 5
        assert contents(ours) == held
    add(ours, entry())
    ours.close()
    theirs.close()


def test_one_who_is_patient_gets_its_turn(path):
    fill(path)
    ours = SqliteStore(path, patience=20)
    script = "import sqlite3, sys, time; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
    script += "c.execute('BEGIN IMMEDIATE'); print(flush=True); time.sleep(.5); c.execute('COMMIT')"
    with subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE
    ) as other:
        other.stdout.readline()
        assert add(ours, entry())
    ours.close()


def test_a_file_that_is_locked_whole_is_told(path):
    fill(path)
    other = connected(path, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(BusyError):
        SqliteStore(path, patience=0.1)
    other.close()
    SqliteStore(path).close()


def test_a_store_belongs_to_its_thread(path):
    fill(path)
    store = SqliteStore(path)
    told = []

    def elsewhere():
        try:
            add(store, entry())
        except StoreError as error:
            told.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert len(told) == 1
    assert "thread" in told[0]
    assert add(store, entry())
    store.close()


def admit(path: str, own: int, shared: int) -> None:
    """Adds entries of its own, and those of all processes that no other has added yet."""
    store = SqliteStore(path)
    for i in range(own):
        for name in (f"own {os.getpid()} {i}", f"shared {i % shared}"):
            with store.write() as writer:
                if not writer.find([name]):
                    story = writer.position().story + 1
                    writer.add([entry(name, keys=[9 + i, i % 3], story=story)])
    store.close()


@pytest.mark.posix
def test_many_processes_make_and_fill_one_index(path):
    context = multiprocessing.get_context("fork")
    workers = [context.Process(target=admit, args=(str(path), 60, 30)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(120)
    assert [worker.exitcode for worker in workers] == [0] * 4
    store = SqliteStore(path)
    with store.read() as reader:
        assert reader.counts().articles == 4 * 60 + 30
        assert len(reader.holders(np.array([14], np.uint32), 99).numbers) == 5
        assert list(reader.problems()) == []
    store.close()


# Crashes.


KILLED = """
import sys
sys.path.insert(0, sys.argv[2])
from store_contract import entry
from dedupe.index.sqlite import SqliteStore, schema
from dedupe.index.tables import merge, postings
from dedupe.index.sqlite.file import PAGE
from soak.behind import connected, summed

from soak.behind import connected, summed
postings.SEGMENT, postings.BLOCK, merge.RATIO, merge.KEYS = 16, 4, 2, 4
store = SqliteStore(sys.argv[1])
with store.read() as reader:
    last = reader.position().change
i = last
while True:
    i += 1
    with store.write() as writer:
        story = writer.position().story + 1
        writer.add([entry(f"k{i}", keys=[i % 50, 99 + i], story=story)])
        if i % 3 == 0:
            writer.discard([number for number, _ in writer.find([f"k{i - 1}"]).values()])
    print(i, flush=True)
    if i % 40 == 0:
        store.shrink()
"""


@pytest.mark.posix
def test_what_was_acknowledged_outlives_a_killed_process(path):
    chance = random.Random(7)
    acknowledged = []
    for _ in range(8):
        with subprocess.Popen(
            [sys.executable, "-c", KILLED, str(path), TESTS], stdout=subprocess.PIPE, text=True
        ) as process:
            acknowledged.append(int(process.stdout.readline()))
            time.sleep(chance.random() * 0.4)
            process.send_signal(signal.SIGKILL)
            acknowledged += map(int, process.stdout.read().split("\n")[:-1])
        store = SqliteStore(path)
        with store.read() as reader:
            # Every third lets the one before it go.
            lost = {f"k{i}" for i in acknowledged if i % 3 != 2} - reader.find(
                [f"k{i}" for i in acknowledged]
            ).keys()
            assert list(reader.problems()) == []
        assert lost == set()
        store.close()
    assert len(acknowledged) > 50


def test_a_copy_of_the_files_of_a_living_index_is_sound(path, tmp_path):
    store = SqliteStore(path)
    add(store, *(entry(keys=[i]) for i in range(100)))
    (tmp_path / "copy").mkdir()
    for file in path.parent.glob("index.db*"):
        shutil.copy(file, tmp_path / "copy")
    held = contents(store)
    store.close()
    copy = SqliteStore(tmp_path / "copy" / "index.db")
    assert contents(copy) == held
    copy.close()


@pytest.mark.parametrize(("durability", "level"), [("normal", 1), ("full", 2)])
def test_durability_is_as_it_was_asked_for(path, durability, level):
    store = SqliteStore(path, durability=durability)
    assert store._database.one("PRAGMA synchronous") == (level,)
    assert store._database.one("PRAGMA journal_mode") == ("wal",)
    store.close()


# Versions of the schema.


def test_a_migration_is_recorded_with_what_it_did(path, monkeypatch):
    held = fill(path)
    step = ("CREATE TABLE extra (a)",)
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
    monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
    with pytest.raises(NotAnIndexError, match="open it once for writing"):
        SqliteStore(path, read_only=True)
    store = SqliteStore(path)
    assert contents(store) == held
    store.close()
    assert [row[0] for row in rows(path, "SELECT version FROM migration")] == [1, 2, 3, 4]
    assert rows(path, "PRAGMA user_version") == [(4,)]
    assert rows(path, "SELECT * FROM extra") == []


def test_a_migration_that_fails_leaves_the_index_as_it_was(path, monkeypatch):
    held = fill(path)
    with monkeypatch.context() as patch:
        step = ("CREATE TABLE extra (a)", "CREATE TABLE extra (a)")
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, step))
        patch.setattr(schema, "VERSION", schema.VERSION + 1)
        with pytest.raises(StoreError):
            SqliteStore(path)
    store = SqliteStore(path)
    assert contents(store) == held
    store.close()


# Space.


def test_the_file_shrinks_once_entries_went(path):
    store = SqliteStore(path)
    numbers = add(store, *(entry(keys=range(i, i + 40), text=b"t" * 2000) for i in range(400)))
    store.shrink()
    before = path.stat().st_size
    discard(store, *numbers[:300])
    store.shrink()
    assert path.stat().st_size < 0.4 * before
    assert Path(f"{path}-wal").stat().st_size == 0
    assert rows(path, "SELECT count(*) FROM gone") == [(0,)]
    with store.read() as reader:
        assert list(reader.walk(0, 1000)) == numbers[300:]
        assert list(reader.problems()) == []
    store.close()


def test_shrinking_lets_others_read_and_write(path):
    ours, theirs = SqliteStore(path), SqliteStore(path)
    numbers = add(ours, *(entry(keys=range(i, i + 40), text=b"t" * 2000) for i in range(300)))
    discard(ours, *numbers[::2])
    with theirs.read() as reader:
        ours.shrink()
        assert list(reader.walk(0, 1000)) == numbers[1::2]
    add(theirs, entry())
    ours.close()
    theirs.close()


def test_the_log_is_cut_while_others_go_on_reading(path, monkeypatch):
    monkeypatch.setattr("dedupe.index.sqlite.store.LOG_STEP", 10_000)
    monkeypatch.setattr("dedupe.index.sqlite.store.LONG_LOG", 100_000)
    ours, theirs = SqliteStore(path), SqliteStore(path)
    sizes = []
    for _ in range(30):
        with theirs.read():
            add(ours, entry(text=os.urandom(20_000)))
        add(ours, entry())
        sizes.append(Path(f"{path}-wal").stat().st_size)
    assert min(sizes[10:]) == 0
    assert max(sizes) < 300_000
    ours.close()
    theirs.close()


def test_of_many_who_write_one_moves_the_log_each_time_that_it_has_grown(path, monkeypatch):
    monkeypatch.setattr("dedupe.index.sqlite.store.LOG_STEP", 200_000)
    moved = []
    move = SqliteDatabase.move_log

    def noted(database):
        moved.append(move(database))
        return moved[-1]

    monkeypatch.setattr(SqliteDatabase, "move_log", noted)
    ours, theirs, reading = (SqliteStore(path) for _ in range(3))
    with reading.read():  # so that the log can't begin anew
        for _ in range(40):
            add(ours, entry())
            add(theirs, entry())
    grown = Path(f"{path}-wal").stat().st_size
    assert grown > 2_000_000
    assert len(moved) == grown // 200_000
    assert min(moved) > 0  # what is read can't be moved
    for store in (ours, theirs, reading):
        store.close()


def test_numbers_that_postings_have_no_room_for_are_not_given(path):
    fill(path)
    most = 2**32 - 3  # as where all changes up to there were forgotten
    rows(path, f"UPDATE state SET counter = {most}, forgotten = {most}, sealed = {2**32 - 16}")
    store = SqliteStore(path)
    (number,) = add(store, entry(keys=[2**32 - 1]))
    assert number == 2**32 - 2
    assert holders(store, [2**32 - 1]) == [[number]]
    with pytest.raises(StoreError, match="all its numbers"):
        add(store, entry())
    store.close()


def test_a_session_that_has_ended_answers_nothing_more(path):
    fill(path)
    store = SqliteStore(path)
    with store.read() as reader:
        pass
    with pytest.raises(StoreError, match="has ended"):
        reader.counts()
    with store.write() as writer:
        pass
    with pytest.raises(StoreError, match="has ended"):
        writer.add([entry()])
    store.close()


def test_tidying_ends(path):
    store = SqliteStore(path)
    numbers = add(store, *(entry(keys=range(i, i + 9)) for i in range(600)))
    discard(store, *numbers[:400])
    with store.write() as writer:
        for _ in range(10**5):
            if not writer.tidy(3000):
                break
        else:
            pytest.fail("there was always more to do")
    with store.read() as reader:
        assert list(reader.problems()) == []
    store.close()


def test_an_index_that_another_makes_meanwhile_is_opened(monkeypatch, tmp_path: Path) -> None:
    path, asked = tmp_path / "news.index", schema.check_version

    def before_another(database: SqliteDatabase, *, migrated: bool) -> int:
        monkeypatch.setattr(schema, "check_version", asked)
        found = asked(database, migrated=migrated)
        open_index(path).close()
        return found

    monkeypatch.setattr(schema, "check_version", before_another)
    with open_index(path) as index:
        assert list(index.verify()) == []


def test_pauses_are_longer_than_those_of_who_waits() -> None:
    longest = 1.5 * PAUSE_LONGEST  # see SqliteDatabase._when_free
    assert min(index.PAUSE, sqlite_store.SHRINK_PAUSE) >= longest
