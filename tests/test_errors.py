"""The exception tree: every error is one of ours, tells what to do, and has its exit code."""

from __future__ import annotations

import inspect
import re

import pytest

from dedupe import errors
from dedupe.errors import (
    BusyError,
    DamagedError,
    DedupeError,
    FingerprintError,
    FullError,
    MissingExtraError,
    NotAnIndexError,
    ReadOnlyError,
    RecordError,
    SettingError,
    SourceError,
    StoreError,
    UnknownFormatError,
)

OF_AN_INDEX = [
    StoreError,
    NotAnIndexError,
    FingerprintError,
    DamagedError,
    BusyError,
    FullError,
    ReadOnlyError,
]
ALL = [e for _, e in inspect.getmembers(errors, inspect.isclass) if issubclass(e, Exception)]


@pytest.mark.parametrize("error", ALL)
def test_every_error_is_ours_and_ends_with_two(error: type[DedupeError]) -> None:
    assert issubclass(error, DedupeError)
    assert error.exit_code == 2


@pytest.mark.parametrize("error", ALL)
def test_the_tree_in_the_docstring_names_every_error_at_its_depth(error: type[DedupeError]) -> None:
    drawn = (errors.__doc__ or "").splitlines()
    line = next(line for line in drawn if re.search(rf"\b{error.__name__}\b", line))
    depth = len(error.__mro__) - len(DedupeError.__mro__)
    assert line.index(error.__name__) == 4 * (depth + 1)


def test_the_tree_is_as_drawn() -> None:
    assert {
        e.__name__: e.__base__.__name__ for e in ALL if e.__base__ and e is not DedupeError
    } == {
        "SettingError": "DedupeError",
        "SourceError": "DedupeError",
        "UnknownFormatError": "SourceError",
        "RecordError": "DedupeError",
        "NoRoomError": "DedupeError",
        "EngineError": "DedupeError",
        "MissingExtraError": "DedupeError",
        "StoreError": "DedupeError",
        "NotAnIndexError": "StoreError",
        "FingerprintError": "StoreError",
        "DamagedError": "StoreError",
        "BusyError": "StoreError",
        "FullError": "StoreError",
        "ReadOnlyError": "StoreError",
    }


def test_a_missing_extra_says_what_to_install() -> None:
    error = MissingExtraError("zstandard", "zstd", "reading a.zst")
    assert str(error) == (
        "reading a.zst needs the package zstandard: pip install 'story-dedupe[zstd]'"
    )


@pytest.mark.parametrize(
    "error",
    [SettingError, SourceError, UnknownFormatError, RecordError, *OF_AN_INDEX],
)
def test_one_handler_catches_them_all(error: type[DedupeError]) -> None:
    with pytest.raises(DedupeError, match=r"^what and how$"):
        raise error("what and how")


@pytest.mark.parametrize("error", OF_AN_INDEX)
def test_one_handler_catches_all_of_an_index(error: type[StoreError]) -> None:
    with pytest.raises(StoreError, match=r"^what and how$"):
        raise error("what and how")


def test_what_is_wrong_with_an_index_is_no_bad_input() -> None:
    assert not any(issubclass(error, SettingError | SourceError) for error in OF_AN_INDEX)
