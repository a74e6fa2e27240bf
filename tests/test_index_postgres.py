"""The store in PostgreSQL: what it promises beyond the suite of all stores."""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from threading import Thread

import numpy as np
import pytest
from corpora import FIXTURES
from index_corpus import Event, copy_of, newsroom
from store_contract import add, contents, entry, known

from dedupe import open_index
from dedupe.cli import main
from dedupe.errors import (
    BusyError,
    DamagedError,
    FullError,
    MissingExtraError,
    NotAnIndexError,
    ReadOnlyError,
    StoreError,
)
from dedupe.index.postgres import PostgresStore, connection, schema
from dedupe.index.postgres.address import PostgresAddress, address_of
from dedupe.index.postgres.connection import given_text, kept_text
from dedupe.index.postgres.database import UNKNOWN
from dedupe.index.postgres.failures import refusal_of, session_failure
from dedupe.index.postgres.target import PostgresTarget
from dedupe.index.target import target_of
from soak.postgres_server import PostgresServer, binaries

SECRET = "s3cr3t-word"


@pytest.fixture
def opened():
    """Opens stores, and closes them when the test has ended."""
    with ExitStack() as stores:
        yield lambda *of, **how: stores.enter_context(closing(PostgresStore(*of, **how)))


def schema_of(address: str) -> str:
    return address_of(address).schema


def restarted(server: PostgresServer) -> None:
    server.kill()
    server.start()


@pytest.fixture
def own_server():
    """A server that a test may kill."""
    if binaries() is None:
        pytest.skip("PostgreSQL is missing")
    server = PostgresServer()
    yield server
    server.stop()


# Addresses.


def test_the_schema_is_ours_and_all_else_is_of_the_server():
    found = address_of(f"postgres://me:{SECRET}@host:5/db?sslmode=require&schema=news&password=x")
    assert found.schema == "news"
    assert found.server == f"postgresql://me:{SECRET}@host:5/db?sslmode=require&password=x"
    assert found.name == "postgres://host:5/db?sslmode=require&schema=news&password=…"
    assert address_of("postgresql:///db").schema == "dedupe"


@pytest.mark.parametrize("name", ["", "a-b", "A", "pg_mine", "a%22b", "a.b", "1a", "a" * 49])
def test_a_schema_that_needs_quotes_is_refused(name):
    with pytest.raises(NotAnIndexError, match="another name"):
        target_of(f"postgresql:///db?schema={name}")


@pytest.mark.parametrize("name", ["user", "all", "full"])
def test_a_schema_may_have_the_name_of_a_word_of_sql(own_server, name):
    target = target_of(own_server.url(schema=name))
    with target.fresh() as new:
        holding(new._address, "old")
    with target.replacement(None) as new:
        holding(new._address, "new")
    with target.replacement(target.old_name()) as new:
        holding(new._address, "newer")
    assert target.exists()
    assert held(own_server.url(schema=name)) == {"newer"}


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://me:{SECRET}@127.0.0.1:1/db",
        f"postgresql://me:{SECRET}@127.0.0.1:1/db?nosuch={SECRET}",
        f"postgresql://127.0.0.1:1/db?password={SECRET}&user=me",
        f"postgresql://me:{SECRET}@[::1/db",
        f"postgresql://me:{SECRET}@127.0.0.1:x/db",
        f"postgresql://me:a/{SECRET}@127.0.0.1:1/db",
    ],
)
def test_no_message_shows_a_password(address):
    with pytest.raises(StoreError) as told:
        open_index(address)
    assert SECRET not in str(told.value)
    assert "\n" not in str(told.value)


def test_without_psycopg_it_is_told_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(MissingExtraError, match=r"story-dedupe\[postgres\]"):
        PostgresStore("postgresql:///db")


@pytest.mark.parametrize(
    ("said", "kind", "words"),
    [
        ('FATAL:  password authentication failed for user "x"', StoreError, "PGPASSWORD"),
        ('FATAL:  database "x" does not exist', NotAnIndexError, "no such database"),
        ('FATAL:  role "x" does not exist', StoreError, "refuses the user"),
        ("FATAL:  sorry, too many clients already", BusyError, "no connection left"),
        ("FATAL:  the database system is starting up", BusyError, "refuses the connection"),
        ("connection refused\nIs the server running?", BusyError, "can't be reached"),
        ("connection failed: fe_sendauth: no password supplied", StoreError, "wants a password"),
    ],
)
def test_who_is_not_let_in_is_told_why(said, kind, words):
    found = refusal_of(OSError(said), "name")
    assert type(found) is kind
    assert words in str(found)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("DiskFull", FullError), ("InsufficientPrivilege", ReadOnlyError),
        ("ReadOnlySqlTransaction", ReadOnlyError), ("LockNotAvailable", BusyError),
        ("SerializationFailure", BusyError), ("DeadlockDetected", BusyError),
        ("DataCorrupted", DamagedError), ("IndexCorrupted", DamagedError),
        ("AdminShutdown", BusyError), ("CrashShutdown", BusyError), ("QueryCanceled", BusyError),
        ("IdleInTransactionSessionTimeout", BusyError), ("TransactionTimeout", BusyError),
        ("UndefinedTable", StoreError),
        ("InternalError_", StoreError),
    ],
)  # fmt: skip
def test_a_failure_of_the_server_is_one_of_ours(name, kind):
    errors = pytest.importorskip("psycopg.errors")
    found = session_failure(getattr(errors, name)("what\nit says"), "name")
    assert type(found) is kind
    assert str(found).startswith("name: ")
    assert "(PostgreSQL: what it says)" in str(found)


# What is there.


@pytest.mark.parametrize("text", ["", "\0", "\1", "\1\2", "\0\1\2\0", "a\0", "\1\1", "é\0"])
def test_any_text_is_kept_in_an_order_that_stays(text):
    kept = kept_text(text)
    assert "\0" not in kept
    assert given_text(kept) == text
    for other in ("", "\0", "\1", "\2", "a", "\0\0", "\1\0"):
        assert (kept_text(other) < kept) == (other < text)


def test_what_is_kept_lasts(opened, postgres):
    store = opened(postgres)
    numbers = add(store, entry("a\0b", keys=[1, 2], text=b"t"), entry("c", keys=[2]))
    before = contents(store)
    store = opened(postgres, create=False)
    assert contents(store) == before
    with store.read() as reader:
        assert reader.rows(numbers).ids == ["a\0b", "c"]
        assert reader.counts().size > 100_000


def test_where_there_is_no_index_none_is_made_unasked(opened, postgres, ask):
    for how in ({"create": False}, {"read_only": True}):
        with pytest.raises(NotAnIndexError, match="there is no index"):
            opened(postgres, **how)
    name = schema_of(postgres)
    assert not ask(f"SELECT 1 FROM pg_namespace WHERE nspname = '{name}'").fetchall()


def test_a_database_of_another_encoding_is_refused(postgres_server, postgres, ask):
    ask(f"CREATE DATABASE {(name := schema_of(postgres))} ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(NotAnIndexError, match="keeps texts as LATIN1"):
        PostgresStore(postgres_server.url(name))


def test_a_server_that_is_too_old_is_refused(opened, postgres, monkeypatch):
    opened(f"{postgres}&client_encoding=latin1")
    monkeypatch.setattr(connection, "OLDEST", 99)
    with pytest.raises(NotAnIndexError, match="needs PostgreSQL 99"):
        PostgresStore(postgres)


def test_tables_of_others_are_left_as_they_are(opened, postgres, ask):
    name = schema_of(postgres)
    ask(f"CREATE SCHEMA {name}")
    ask(f"CREATE TABLE {name}.article (headline text)")
    with pytest.raises(NotAnIndexError, match="tables of others"):
        opened(postgres)
    assert ask(f"SELECT count(*) FROM {name}.article").fetchone() == (0,)


def test_a_newer_version_is_refused_and_left_as_it_is(opened, postgres, ask):
    PostgresStore(postgres).close()
    ask(f"INSERT INTO {schema_of(postgres)}.migration VALUES (77)")
    with pytest.raises(NotAnIndexError, match="version 77"):
        opened(postgres)


def test_a_table_that_was_changed_is_damage(opened, postgres, ask):
    PostgresStore(postgres).close()
    ask(f"ALTER TABLE {schema_of(postgres)}.sketch ALTER COLUMN sketch TYPE text USING ''")
    with pytest.raises(DamagedError, match="table sketch"):
        opened(postgres)


def test_each_migration_leaves_its_record(postgres, ask, monkeypatch):
    PostgresStore(postgres).close()
    more = ("ALTER TABLE run ADD COLUMN more bigint",)
    monkeypatch.setattr(schema, "STEPS_OF_SERVER", (*schema.STEPS_OF_SERVER, more))
    monkeypatch.setattr(schema, "VERSION_OF_SERVER", 2)
    tables = dict(schema.TABLES_OF_INDEX)
    tables["run"] += ", more bigint"
    monkeypatch.setattr(schema, "TABLES_OF_INDEX", tables)
    PostgresStore(postgres).close()
    PostgresStore(postgres).close()
    found = ask(f"SELECT version FROM {schema_of(postgres)}.migration ORDER BY 1").fetchall()
    assert found == [(1,), (2,)]


def test_of_many_who_make_an_index_at_once_all_get_it(opened, postgres):
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: opened(postgres), range(6)))
    for number, store in enumerate(stores):
        assert add(store, entry()) == [number + 1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE {0}.sketch SET sketch = ''", None),
        ("UPDATE {0}.tail SET keys = 'x'", "its keys is 1 bytes"),
        ("DELETE FROM {0}.state", "lost its counters"),
        ("UPDATE {0}.state SET counter = -1", "table state"),
        ("UPDATE {0}.article SET moment = 4611686018427387904", "can't be"),
        ("DELETE FROM {0}.cold", "has no verdict"),
    ],
)
def test_what_another_hand_changed_is_told_as_damage(opened, postgres, ask, change, told):
    store = opened(postgres)
    add(store, *(entry(keys=[1, 2]) for _ in range(5)))
    ask(change.format(schema_of(postgres)))

    def read() -> None:
        with opened(postgres).read() as reader:
            numbers = list(reader.walk(0, 9))
            known(reader, numbers)
            reader.blobs("verdict", numbers)

    if told is None:
        read()
    else:
        with pytest.raises(DamagedError, match=told):
            read()


def test_what_does_not_fit_together_is_found(opened, postgres, ask):
    store = opened(postgres)
    add(store, *(entry(keys=[1, 2]) for _ in range(5)))
    name = schema_of(postgres)
    ask(f"DELETE FROM {name}.tail WHERE number = 3")
    ask(f"DELETE FROM {name}.sketch WHERE number = 4")
    ask(f"INSERT INTO {name}.different VALUES ('b', 'a')")
    store = opened(postgres)
    with store.read() as reader:
        told = " ".join(reader.problems())
    assert "entry 4 has no sketch" in told
    assert "entry 3 is not found by its own keys alone" in told
    assert "a pair in the wrong order" in told


# Sessions.


def test_readers_see_what_was_there_and_wait_for_nobody(opened, postgres):
    ours, theirs = opened(postgres), opened(postgres, patience=0.2)
    add(ours, entry("a"))
    with ours.write() as writer:
        writer.add([entry("b")])
        with theirs.read() as reader:
            assert set(reader.find(["a", "b"])) == {"a"}
            with pytest.raises(StoreError, match="session is open"), theirs.write():
                pass
    with theirs.read() as reader:
        add(ours, entry("c"))
        assert set(reader.find(["a", "b", "c"])) == {"a", "b"}
        assert reader.counts().articles == 2
    with theirs.read() as reader:
        assert set(reader.find(["a", "b", "c"])) == {"a", "b", "c"}


def test_of_writers_there_is_one_and_the_next_sees_what_it_wrote(opened, postgres):
    ours, theirs = opened(postgres), opened(postgres)
    seen = []

    def write() -> None:
        with theirs.write() as writer:
            seen.append(set(writer.find(["a"])))
            seen.append(writer.add([entry("b")]))

    with ours.write() as writer:
        other = Thread(target=write)
        other.start()
        time.sleep(0.3)
        assert seen == []
        (number,) = writer.add([entry("a")])
    other.join()
    assert seen == [{"a"}, range(number + 1, number + 2)]


def test_a_writer_that_waits_too_long_is_told(opened, postgres):
    ours, theirs = opened(postgres), opened(postgres, patience=0.1)
    with ours.write(), pytest.raises(BusyError, match="be more patient"), theirs.write():
        pass
    add(theirs, entry())


def test_one_for_reading_only_changes_nothing(opened, postgres):
    PostgresStore(postgres).close()
    store = opened(postgres, read_only=True)
    with pytest.raises(ReadOnlyError), store.write():
        pass
    with store.read() as reader:
        assert reader.counts().articles == 0


def test_a_role_without_rights_is_told(opened, postgres_server, postgres, ask):
    PostgresStore(postgres).close()
    name, role = schema_of(postgres), f"role_{schema_of(postgres)}"
    ask(f"CREATE ROLE {role} LOGIN")
    for right in ("USAGE ON SCHEMA {0}", "SELECT ON ALL TABLES IN SCHEMA {0}"):
        ask(f"GRANT {right.format(name)} TO {role}")
    theirs = postgres.replace("//dedupe@", f"//{role}@")
    store = opened(theirs, read_only=True)
    with store.read() as reader:
        assert reader.counts().articles == 0
    with pytest.raises(ReadOnlyError, match="grant"), opened(theirs).write():
        pass
    with pytest.raises(ReadOnlyError, match="grant"):
        opened(theirs.replace(f"schema={name}", f"schema={name}_x"))


def test_a_full_index_waits_for_the_disk_whatever_the_server_says(
    opened, postgres_server, postgres
):
    asked = "SHOW synchronous_commit"
    off = f"{postgres}&options=-csynchronous_commit%3Doff"
    assert opened(off)._database.one(asked) == ("off",)
    assert opened(off, durability="full")._database.one(asked) == ("on",)


def test_a_server_for_reading_only_is_told(opened, postgres):
    PostgresStore(postgres).close()
    standing_by = f"{postgres}&options=-cdefault_transaction_read_only%3Don"
    store = opened(standing_by)
    with store.read() as reader:
        assert reader.counts().articles == 0
    with pytest.raises(ReadOnlyError, match="the one that is written to"), store.write():
        pass


def test_who_hangs_in_a_session_holds_up_nobody_for_long(opened, postgres, monkeypatch):
    add(opened(postgres), entry("a"))
    lease = "idle_in_transaction_session_timeout"
    monkeypatch.setitem(connection.SETTINGS_OF_SESSION, lease, "200ms")
    hanging = opened(postgres)
    monkeypatch.undo()
    other = opened(postgres, patience=20)

    def hang() -> None:
        with hanging.write() as writer:
            writer.add([entry("b")])
            assert add(other, entry("c")) == [2]

    with pytest.raises(BusyError, match="connection to the server was lost"):
        hang()
    assert add(hanging, entry("d")) == [3]
    with other.read() as reader:
        assert set(reader.find(["a", "b", "c", "d"])) == {"a", "c", "d"}


def test_who_is_gone_amid_a_long_statement_holds_nobody_up(opened, postgres, ask):
    hanging = opened(postgres)
    hanging._opened()._wire.send("SELECT pg_sleep(600)")
    hanging._opened()._wire.part()
    asked = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)'"
    for sessions in (1, 0):
        end = time.monotonic() + 4 * connection.LOOK
        while ask(asked).fetchone() != (sessions,):
            assert time.monotonic() < end, "the server goes on for nobody"
            time.sleep(0.1)
        hanging.close()


def test_an_end_is_no_loss_to_the_server(own_server):
    for _ in range(3):
        with closing(PostgresStore(own_server.url())) as store, store.read() as reader:
            assert reader.counts().articles == 0
    assert "connection to client lost" not in (own_server.folder / "log").read_text("utf-8")


def test_a_lost_connection_is_told_and_made_again(opened, own_server):
    store = opened(own_server.url(), patience=20)
    add(store, entry("a", keys=[1]))

    def lose() -> None:
        with store.write() as writer:
            writer.add([entry("b", keys=[1])])
            restarted(own_server)
            writer.find(["b"])

    with pytest.raises(BusyError, match="nothing of the last call"):
        lose()
    with store.read() as reader:
        assert set(reader.find(["a", "b"])) == {"a"}
    restarted(own_server)  # between two sessions nobody needs to know
    assert add(store, entry("c", keys=[1])) == [2]
    with store.read() as reader:
        restarted(own_server)
        with pytest.raises(BusyError):
            reader.find(["a"])
    with store.read() as reader:
        assert list(reader.problems()) == []


def test_while_the_server_is_away_sessions_wait_for_it_or_fail(opened, own_server):
    store = opened(own_server.url(), patience=0.3)
    own_server.kill()
    with pytest.raises(BusyError, match="reached"), store.read():
        pass
    store._patience = 20
    with ThreadPoolExecutor(1) as other:
        waiting = other.submit(add, store, entry("a"))
        time.sleep(0.5)
        own_server.start()
        assert waiting.result() == [1]


def test_a_commit_without_an_answer_says_that_it_may_count(opened, own_server, monkeypatch):
    store = opened(own_server.url())
    database = store._database
    sent = database._committed

    def cut() -> None:
        own_server.kill()
        return sent()

    monkeypatch.setattr(database, "_committed", cut)
    with pytest.raises(BusyError) as told, store.write() as writer:
        writer.add([entry("a")])
    assert UNKNOWN in str(told.value)
    monkeypatch.undo()
    own_server.start()
    with store.read() as reader:
        assert list(reader.find(["a"])) in ([], ["a"])


@pytest.mark.parametrize("connected", [False, True])
def test_a_server_that_went_back_is_noticed(opened, postgres, ask, connected):
    store = opened(postgres)
    add(store, entry("a"), entry("b"))
    name = schema_of(postgres)
    for table in ("article", "sketch", "cold", "tail"):
        ask(f"DELETE FROM {name}.{table} WHERE number = 2")
    ask(f"UPDATE {name}.state SET counter = 1")
    if not connected:
        store._database.drop()
    with pytest.raises(BusyError, match="earlier state"), store.read():
        pass
    with store.read() as reader:
        assert set(reader.find(["a", "b"])) == {"a"}
    assert add(store, entry("c")) == [2]


@pytest.mark.parametrize("session", ["read", "write"])
def test_another_index_beneath_a_connection_is_not_gone_on_with(opened, postgres, ask, session):
    store = opened(postgres)
    add(store, entry("a"))
    ask(f"DROP SCHEMA {schema_of(postgres)} CASCADE")
    other = PostgresStore(postgres)
    add(other, entry("b"), entry("c"))
    other.close()
    with (
        pytest.raises(StoreError, match="another index was put in its place"),
        getattr(store, session)(),
    ):
        pass


def test_an_index_that_another_took_the_place_of_is_not_gone_on_with(opened, postgres, ask):
    store = opened(postgres)
    ask(f"DROP SCHEMA {schema_of(postgres)} CASCADE")
    with pytest.raises(StoreError, match="no longer there"), store.read():
        pass
    PostgresStore(postgres).close()
    store._database.drop()
    with pytest.raises(StoreError, match="another index was put in its place"), store.read():
        pass


def test_two_processes_one_after_the_other_read_what_the_other_did(opened, postgres, monkeypatch):
    monkeypatch.setattr("dedupe.index.tables.postings.SEGMENT", 16)
    monkeypatch.setattr("dedupe.index.tables.postings.BLOCK", 4)
    stores = [opened(postgres) for _ in range(3)]
    for number in range(120):
        (own,) = add(stores[number % 3], entry(keys=[number % 7, 99]))
        assert own == number + 1
    for store in stores:
        with store.read() as reader:
            assert list(reader.problems()) == []
            assert len(reader.holders(np.array([99], np.uint32), 999).numbers) == 120


# As a target.


def holding(address: str | PostgresAddress, *names: str) -> None:
    """Adds entries to an index, which is made where there is none."""
    with closing(PostgresStore(address)) as store:
        add(store, *map(entry, names))


def held(address: str | PostgresAddress) -> set[str]:
    """Which of these ids are in an index."""
    with closing(PostgresStore(address, create=False)) as store, store.read() as reader:
        return set(reader.find(["old", "new 0", "new 1", "newer"]))


def test_a_new_index_is_there_once_it_is_complete(postgres):
    target = target_of(postgres)
    assert isinstance(target, PostgresTarget)
    assert not target.exists()

    def make(*, fail: bool) -> None:
        with target.fresh() as new:
            holding(new._address, "old")
            assert not target.exists()
            if fail:
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        make(fail=True)
    assert not target.exists()
    make(fail=False)
    assert held(postgres) == {"old"}


def test_what_is_built_goes_whatever_happens(postgres, ask):
    def make() -> None:
        with target_of(postgres).fresh() as new:
            holding(new._address)
            holding(postgres)

    with pytest.raises(StoreError, match="meanwhile"):
        make()
    name = schema_of(postgres)
    left = ask(f"SELECT nspname FROM pg_namespace WHERE nspname LIKE '{name}%'").fetchall()
    assert left == [(name,)]


def test_an_index_that_is_replaced_stays_under_another_name(postgres):
    holding(postgres, "old")
    target = target_of(postgres)
    for number in range(2):
        with target.replacement(target.old_name()) as new:
            holding(new._address, f"new {number}")
    assert held(postgres) == {"new 1"}
    assert held(address_of(postgres).beside("old")) == {"new 0"}
    with target.replacement(None) as new:
        holding(new._address, "old")
    assert held(postgres) == {"old"}
    assert held(address_of(postgres).beside("old")) == {"new 0"}


def test_an_index_that_others_use_is_not_replaced(opened, postgres):
    target = target_of(postgres)
    store = opened(postgres)
    with pytest.raises(BusyError, match="others have the index open"), target.replacement(None):
        pass
    store.close()
    with pytest.raises(BusyError, match="changed the index meanwhile"), target.replacement(None):
        holding(postgres, "old")
    assert held(postgres) == {"old"}


def test_nobody_opens_an_index_while_another_takes_its_place(postgres, ask):
    holding(postgres, "old")
    with closing(PostgresTarget.at(postgres)._connected().thing) as database:
        schema.be_alone(database, schema_of(postgres))
        with pytest.raises(BusyError):
            PostgresStore(postgres, patience=0.1)
    assert held(postgres) == {"old"}


def test_nothing_is_salvaged_past_a_server(postgres):
    with pytest.raises(NotAnIndexError, match="pg_dump"):
        target_of(postgres).remains()


# As an index.


def test_an_index_answers_as_one_in_memory_does(postgres):
    articles = newsroom(3)
    articles += [copy_of(one, f"{one.id} again") for one in articles[:6]]
    with open_index(postgres) as ours, open_index("memory:") as theirs:
        for article in articles:
            one, other = ours.admit(article), theirs.admit(article)
            assert one == other
        assert list(ours.verify()) == []


def test_a_text_is_new_once_however_many_race(postgres):
    articles = [Event(number).report(f"{number}") for number in range(40)]
    open_index(postgres).close()

    def admitted(number: int) -> list[str]:
        with open_index(postgres) as index:
            named = [copy_of(one, f"{one.id}-{number}") for one in articles]
            found = map(index.admit, named)
            return [
                one.id for one, told in zip(articles, found, strict=True) if told.relation == "new"
            ]

    with ThreadPoolExecutor(4) as threads:
        found = [name for names in threads.map(admitted, range(4)) for name in names]
    assert sorted(found) == sorted(one.id for one in articles)


# On the command line.


@pytest.fixture
def dedupe(capsys, monkeypatch):
    """Runs a command; its code, and what it wrote."""
    monkeypatch.setenv("COLUMNS", "200")

    def run(*arguments: str) -> tuple[object, str, str]:
        with pytest.raises(SystemExit) as ended:
            main([*arguments])
        return ended.value.code, *capsys.readouterr()

    return run


def test_every_command_takes_the_address_and_shows_no_password(dedupe, postgres, tmp_path):
    address = postgres.replace("//dedupe@", f"//dedupe:{SECRET}@")
    export, again = tmp_path / "export.jsonl", f"{address}_again"
    page = tmp_path / "page.html"
    news = str(FIXTURES / "news.jsonl")
    said = [
        dedupe("index", "create", address, "--no-texts"),
        dedupe("index", "create", address),
        dedupe("filter", "--index", f"{address}_x", "--mode", "verdict", news),
        dedupe("index", "stats", f"{address}_x"),
        dedupe("index", "stats", "--json", f"{address}_x"),
        dedupe("index", "remove", f"{address}_x", "none"),
        dedupe("index", "show", f"{address}_x", "none"),
        dedupe("index", "export", f"{address}_x", "-o", str(export)),
        dedupe("index", "import", again, str(export)),
        dedupe("index", "verify", again),
        dedupe("index", "rebuild", again, "--set", "near_duplicate=0.7"),
        dedupe("index", "compact", again),
        dedupe("index", "stories", again),
        dedupe("index", "salvage", again, "-o", f"{address}_s"),
        dedupe("watch", news, "--index", address, "--once"),
        dedupe("report", again, "--newest", "20", "--html", str(page)),
        dedupe("report", again, "--json"),
        dedupe("group", f"{again}_nowhere"),
    ]
    assert [code for code, *_ in said] == [0, 2, 0, 0, 0, 2, 2, 0, 0, 0, 0, 0, 0, 2, 2, 0, 0, 2]
    assert SECRET not in page.read_text("utf-8")
    assert said[16][1] == dedupe("report", str(export), "--json")[1]
    assert SECRET not in str(said)
    assert "Traceback" not in str(said)
    assert said[2][1].count("\n") == 39
    assert f"the old index is {address_of(again).beside('old').name}" in said[10][2] + said[10][1]
    with open_index(f"{again}_old") as old:
        assert old.stats().articles == 39


def test_a_page_that_a_disk_changed_is_told(own_server):
    store = PostgresStore(own_server.url())
    add(store, *(entry(f"{n}", keys=[n]) for n in range(40)))
    (path,) = store._database.one("SELECT pg_relation_filepath('sketch')::text")
    store.close()
    own_server.end()
    with (own_server.data / path).open("r+b") as file:
        file.seek(4000)
        file.write(b"changed")
    own_server.start()
    with closing(PostgresStore(own_server.url())) as store:
        with store.read() as reader, pytest.raises(DamagedError, match="last sound backup"):
            reader.blobs("sketch", [1, 2, 3])
        with store.read() as reader:
            assert "is damaged" in " ".join(reader.problems())


def test_a_dump_puts_an_index_back(opened, postgres_server, postgres):
    store = opened(postgres)
    add(store, *(entry(f"{n}\0", keys=[n, 99]) for n in range(40)))
    before = contents(store)
    name, dump = schema_of(postgres), str(postgres_server.folder / f"{schema_of(postgres)}.dump")
    server = f"--dbname={postgres_server.url()}"
    postgres_server.ran("pg_dump", "-Fc", f"--schema={name}", f"--file={dump}", server)
    add(store, entry("later"))
    store.close()
    postgres_server.ran("pg_restore", "--clean", "--if-exists", server, dump)
    assert contents(opened(postgres, create=False)) == before


def test_a_disk_that_is_full_keeps_what_was_there(opened, postgres, monkeypatch):
    from psycopg import errors

    store = opened(postgres)
    add(store, entry("a"))
    send = store._database._wire.send

    def full(statement, values=()):
        if statement.startswith("INSERT INTO sketch"):
            raise errors.DiskFull("could not extend file")
        send(statement, values)

    monkeypatch.setattr(store._database._wire, "send", full)
    with pytest.raises(FullError, match="make room"):
        add(store, entry("b"))
    monkeypatch.undo()
    assert add(store, entry("c")) == [2]
    with store.read() as reader:
        assert set(reader.find(["a", "b", "c"])) == {"a", "c"}


def test_more_than_the_network_takes_at_once_goes_through(opened, postgres):
    store = opened(postgres)
    large = [entry(f"{n}", text=bytes([n]) * 3_000_000) for n in range(12)]
    numbers = add(store, *large)
    with store.write() as writer:
        writer.add([entry("more", text=b"x" * 20_000_000)])
        found = writer.blobs("text", [*numbers, 13])
        assert [len(found.row(at)) for at in range(13)] == [3_000_000] * 12 + [20_000_000]


def test_what_is_to_be_done_about_damage_can_be_done_there(postgres, ask):
    with open_index(postgres) as index:
        index.admit(newsroom(1)[0])
    ask(f"UPDATE {schema_of(postgres)}.cold SET text = 'broken'")
    with open_index(postgres) as index, pytest.raises(DamagedError) as told:
        list(index.articles())
    assert "salvage" not in str(told.value)
    assert str(told.value).endswith("go back to the last sound backup")
