"""Every store passes the suite of them all."""

from __future__ import annotations

import pytest
from store_contract import StoreContract

from dedupe.index.sqlite import SqliteStore, schema
from dedupe.index.sqlite.memory import MemoryStore


class TestMemoryStore(StoreContract):
    @pytest.fixture
    def store(self):
        store = MemoryStore()
        yield store
        store.close()


class TestSqliteStore(StoreContract):
    @pytest.fixture
    def store(self, tmp_path):
        store = SqliteStore(tmp_path / "index.db")
        yield store
        store.close()


class TestSqliteStoreOfShortRuns(TestSqliteStore):
    """The same where postings move into runs, and runs into longer ones, all the time."""

    @pytest.fixture
    def store(self, tmp_path, monkeypatch):
        monkeypatch.setattr(schema, "SEGMENT", 16)
        monkeypatch.setattr(schema, "BLOCK", 4)
        monkeypatch.setattr("dedupe.index.sqlite.merge.RATIO", 2)
        monkeypatch.setattr("dedupe.index.sqlite.merge.KEYS", 4)
        store = SqliteStore(tmp_path / "index.db")
        yield store
        store.close()
