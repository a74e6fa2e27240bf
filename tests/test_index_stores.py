"""Every store passes the suite of them all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Thread

import pytest
from store_contract import StoreContract, add, entry

from dedupe.errors import BusyError
from dedupe.index.postgres import PostgresStore
from dedupe.index.sqlite import SqliteStore
from dedupe.index.sqlite.store import MemoryStore
from dedupe.index.store import Entries, Log, Postings, Store, Writer
from dedupe.index.tables import postings


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        store = MemoryStore()
        yield store
        store.close()


@pytest.fixture
def short_runs(monkeypatch):
    """Has postings move into runs, and runs into longer ones, all the time."""
    monkeypatch.setattr(postings, "SEGMENT", 16)
    monkeypatch.setattr(postings, "BLOCK", 4)
    monkeypatch.setattr("dedupe.index.tables.merge.RATIO", 2)
    monkeypatch.setattr("dedupe.index.tables.merge.KEYS", 4)


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore(tmp_path / "index.db")
        yield store
        store.close()


class TestSqliteStoreOfShortRuns(TestSqliteStore):
    @pytest.fixture
    def store(self, tmp_path, short_runs):
        store = SqliteStore(tmp_path / "index.db")
        yield store
        store.close()


class TestPostgresStore(StoreContract):
    @pytest.fixture
    def store(self, postgres):
        store = PostgresStore(postgres)
        yield store
        store.close()


class TestPostgresStoreOfShortRuns(TestPostgresStore):
    @pytest.fixture
    def store(self, postgres, short_runs):
        store = PostgresStore(postgres)
        yield store
        store.close()


def test_the_interface_is_narrow() -> None:
    """A server's store has to write each of these."""
    names = [
        name
        for part in (Entries, Postings, Log, Writer, Store)
        for name in vars(part)
        if not name.startswith("_")
    ]
    assert len(names) == len(set(names))
    assert len(names) <= 25
    assert {name for name in dir(Writer) if not name.startswith("_")} <= set(names)


def test_threads_share_an_index_in_memory() -> None:
    store = MemoryStore()
    failures, seen = [], []

    def read() -> None:
        try:
            for _ in range(60):
                with store.read() as reader:
                    count = reader.counts().articles
                    assert len(reader.walk(0, 10**6)) == count
                    assert count % 3 == 0  # nothing of a session that goes on
                    seen.append(count)
        except Exception as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(40):
        with store.write() as writer:
            for _ in range(3):
                writer.add([entry(keys=[1, 2])])
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(seen) == 180


def test_a_thread_that_waits_too_long_for_an_index_in_memory_is_told() -> None:
    store = MemoryStore(patience=0.05)
    with ThreadPoolExecutor(1) as other, store.write():
        added = other.submit(add, store, entry())
        assert isinstance(added.exception(), BusyError)
    add(store, entry())
