"""What names an index: paths, addresses, targets, open stores."""

from __future__ import annotations

import os

import pytest
from index_corpus import Event, copy_of, newsroom

from dedupe.config import Settings
from dedupe.errors import NotAnIndexError
from dedupe.index import open_index
from dedupe.index.rebuild import rebuilt
from dedupe.index.sqlite.store import MemoryStore
from dedupe.index.target import Target, target_of


@pytest.mark.parametrize("form", ["{}", "sqlite:{}"])
def test_an_address_and_a_path_name_the_same_file(tmp_path, form) -> None:
    path = tmp_path / "news.index"
    target = target_of(form.format(path))
    assert isinstance(target, Target)
    assert (target.lasting, target.exists(), target.uses(path)) == (True, False, True)
    with open_index(target) as index:
        index.admit(Event(1).report("a"))
    assert target.exists()
    assert target.uses(path)
    assert not target.uses(tmp_path)
    with open_index(path, create=False) as index:
        assert index.get("a") is not None
        assert target.uses(tmp_path / "news.index-wal")
        assert index.path == os.fspath(path)


@pytest.mark.parametrize("address", ["mysql://host/news", "ftp://a.example/", "x+y://"])
def test_an_address_of_another_kind_is_refused(address) -> None:
    with pytest.raises(NotAnIndexError, match="give a file"):
        open_index(address)


@pytest.mark.parametrize("address", ["http://a.example/", "HTTPS://user@a.example:8370/news"])
def test_an_address_of_the_web_names_a_server(address, tmp_path) -> None:
    target = target_of(address)
    assert isinstance(target, Target)
    assert (target.lasting, target.exists(), target.uses(tmp_path)) == (True, False, False)
    assert "user" not in target.name
    with pytest.raises(NotAnIndexError, match="name a file"):
        target.open()


def test_each_index_in_memory_is_its_own() -> None:
    target = target_of("memory:")
    assert (target.lasting, target.exists()) == (False, False)
    with open_index(target) as one, open_index(target) as other:
        one.admit(Event(1).report("a"))
        assert other.get("a") is None


def test_an_open_store_outlives_the_indexes_over_it() -> None:
    store, text = MemoryStore(), Event(1).report("a")
    with open_index(store, settings=Settings(near_duplicate=0.7)) as index:
        index.admit(text)
    with open_index(store) as index:
        assert index.check(copy_of(text, "b")).relation == "identical"
        assert index.settings.near_duplicate == 0.7
    store.close()


def test_no_index_is_made_from_another_in_memory(tmp_path) -> None:
    with open_index(tmp_path / "news.index") as index:
        index.admit_many(newsroom(1, events=1))
    with pytest.raises(NotAnIndexError, match="name a file"):
        rebuilt(tmp_path / "news.index", Settings(), "memory:", print)
