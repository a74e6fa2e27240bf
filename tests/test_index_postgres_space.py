"""What an index in PostgreSQL gives back to the system."""

from __future__ import annotations

from contextlib import closing

import psycopg
import pytest
from store_contract import add, contents, discard, entry

from dedupe.errors import BusyError, ReadOnlyError, StoreError
from dedupe.index.postgres import PostgresStore, space
from dedupe.index.postgres.address import address_of
from dedupe.index.postgres.failures import session_failure

ARTICLES, KEPT = 600, 10
TEXT = b"word " * 600


@pytest.fixture
def strict(monkeypatch):
    """A small index gives back what a large one would."""
    monkeypatch.setattr(space, "SLACK", 1 << 15)


@pytest.fixture
def store(postgres):
    """An index of which what is left lies at the end of its tables."""
    with closing(PostgresStore(postgres)) as store:
        for start in range(0, ARTICLES, 100):
            add(store, *(entry(f"a{n}", text=TEXT) for n in range(start, start + 100)))
        discard(store, *range(1, ARTICLES - KEPT + 1))
        yield store


def bytes_of(store: PostgresStore) -> int:
    with store.read() as reader:
        return reader.counts().size


def patience_of(store: PostgresStore) -> str:
    ((patience,),) = store._opened().all("SELECT current_setting('lock_timeout')")
    return patience


def held_in(store: PostgresStore) -> list[object]:
    found = contents(store)
    return [found["rows"], found["blobs"], found["problems"]]


@pytest.mark.usefixtures("strict")
def test_room_amid_a_table_is_given_back(store):
    before, held = bytes_of(store), held_in(store)
    store.shrink()
    assert bytes_of(store) < before / 4
    assert held_in(store) == held


def test_what_is_small_is_not_worth_that_others_wait(store, monkeypatch):
    written = []
    do = space.PostgresDatabase.do

    def noted(self, statement, *values):
        written.append(statement)
        return do(self, statement, *values)

    monkeypatch.setattr(space.PostgresDatabase, "do", noted)
    monkeypatch.setattr(space, "SLACK", 1 << 23)
    store.shrink()
    assert "VACUUM cold" in written
    assert not any("FULL" in statement for statement in written)


@pytest.mark.usefixtures("strict")
def test_who_reads_is_waited_for_but_not_for_long(store, postgres, monkeypatch):
    monkeypatch.setattr(space, "WAIT", "50ms")
    before, held = bytes_of(store), held_in(store)
    with closing(PostgresStore(postgres)) as other, other.read() as reader:
        reader.find(["a591"])
        reader.blobs("text", [592])
        store.shrink()
        assert bytes_of(store) > before / 2
        assert reader.find(["a591"])
    assert held_in(store) == held
    monkeypatch.undo()
    monkeypatch.setattr(space, "SLACK", 1 << 15)
    store.shrink()
    assert bytes_of(store) < before / 4


@pytest.mark.usefixtures("strict")
def test_a_view_that_is_older_still_sees_what_it_saw(store, postgres):
    """The rows that it may see are written anew with the others."""
    with closing(PostgresStore(postgres)) as other, other.read() as reader:
        seen = reader.find(["a591", "a595"])
        store.shrink()
        assert reader.find(["a591", "a595"]) == seen
        assert len(reader.blobs("text", [592]).row(0)) > 0


@pytest.mark.usefixtures("strict")
def test_afterwards_locks_are_waited_for_as_before(store):
    store.shrink()
    assert patience_of(store) == "30s"


@pytest.mark.usefixtures("strict")
@pytest.mark.parametrize("name", ["DiskFull", "QueryCanceled"])
def test_after_a_failure_they_are_too_and_no_further_table_is_begun(store, monkeypatch, name):
    written = []
    do = space.PostgresDatabase.do

    def failing(self, statement, *values):
        if "FULL" in statement:
            written.append(statement)
            error = getattr(psycopg.errors, name)("as it says")
            raise session_failure(error, "name") from error
        return do(self, statement, *values)

    monkeypatch.setattr(space.PostgresDatabase, "do", failing)
    with pytest.raises(StoreError, match="as it says"):
        store.shrink()
    assert len(written) == 1
    assert patience_of(store) == "30s"


@pytest.mark.usefixtures("strict")
def test_who_does_not_own_the_tables_is_told_that_their_room_stays(store, postgres, ask):
    held, name = held_in(store), address_of(postgres).schema
    role = f"role_{name}"
    ask(f"CREATE ROLE {role} LOGIN")
    ask(f"GRANT USAGE ON SCHEMA {name} TO {role}")
    ask(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {name} TO {role}")
    theirs = postgres.replace("//dedupe@", f"//{role}@")
    with closing(PostgresStore(theirs)) as other, pytest.raises(ReadOnlyError, match="owner"):
        other.shrink()
    assert held_in(store) == held
    ask(f"GRANT dedupe TO {role}")
    before = bytes_of(store)
    with closing(PostgresStore(theirs)) as other:
        other.shrink()
    assert bytes_of(store) < before / 4


@pytest.mark.usefixtures("strict")
def test_a_connection_that_is_lost_amid_it_is_told(store, postgres_server, monkeypatch):
    do = space.PostgresDatabase.do

    def cut(self, statement, *values):
        if "FULL" in statement:
            with psycopg.connect(postgres_server.url(), autocommit=True) as ask:
                ask.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'dedupe'"
                )
        return do(self, statement, *values)

    monkeypatch.setattr(space.PostgresDatabase, "do", cut)
    held = held_in(store)
    with pytest.raises(BusyError, match="try again"):
        store.shrink()
    monkeypatch.undo()
    assert held_in(store) == held
