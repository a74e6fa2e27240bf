"""Rows that a process keeps in memory: what it says they are, they are, however few fit."""

from __future__ import annotations

import os

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.index.tables.kept import Kept


def row(at: int) -> bytes:
    """The one row of an id."""
    return bytes([at % 251]) * (1 + at * 7 % 40)


class Table:
    """Where rows come from; counts how many were asked for."""

    def __init__(self) -> None:
        self.fetched = 0

    def fetch(self, ids):
        self.fetched += len(ids)
        return [(at, row(at)) for at in ids if at < 1000]


def asked(kept, table, ids):
    blobs = kept.of(np.array(ids, np.int64), table.fetch)
    if blobs is None:
        return None
    return [blobs.data[a:b].tobytes() for a, b in zip(blobs.bounds, blobs.bounds[1:], strict=False)]


IDS = st.lists(st.integers(0, 200), max_size=30, unique=True)


@settings(max_examples=200)
@given(st.lists(IDS, max_size=20), st.integers(1, 60), st.integers(1, 60))
def test_rows_are_what_was_fetched_whatever_room_there_is(calls, rows, length) -> None:
    kept, table = Kept(rows, length), Table()
    for ids in calls:
        assert asked(kept, table, ids) == [row(at) for at in ids]
        memory, spans = kept.lying(np.array(ids, np.int64), table.fetch)
        assert [memory[a:b].tobytes() for a, b in spans] == [row(at) for at in ids]


def test_what_was_asked_of_late_is_fetched_no_more() -> None:
    kept, table = Kept(200, 40), Table()
    for first in range(0, 100, 10):
        asked(kept, table, range(first, first + 10))
    assert table.fetched == 100
    asked(kept, table, range(100))
    assert table.fetched == 100


def test_the_oldest_go_and_the_table_is_freed_of_them() -> None:
    kept, table = Kept(8, 20), Table()
    for at in range(400):
        assert asked(kept, table, [at]) == [row(at)]
    table.fetched = 0
    asked(kept, table, [399, 398])
    assert table.fetched == 0
    asked(kept, table, [0])
    assert table.fetched == 1


def test_a_row_that_is_nowhere_is_told() -> None:
    kept, table = Kept(8, 20), Table()
    assert asked(kept, table, [5, 2000]) is None
    assert asked(kept, table, [5]) == [row(5)]


def test_nothing_is_known_of_rows_that_were_taken_back() -> None:
    kept = Kept(8, 20)
    ids = np.array([3], np.int64)
    assert kept.of(ids, lambda _: [(3, b"old")]).data.tobytes() == b"old"
    kept.forget()
    assert kept.of(ids, lambda _: [(3, b"new")]).data.tobytes() == b"new"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes aren't forked here")
def test_a_process_that_is_forked_changes_nothing_of_its_parents() -> None:
    kept, table = Kept(8, 20), Table()
    asked(kept, table, [1, 2])
    child = os.fork()
    if not child:
        asked(kept, table, range(100, 140))
        os._exit(0)
    os.waitpid(child, 0)
    assert asked(kept, table, [1, 2]) == [row(1), row(2)]
    assert table.fetched == 2
