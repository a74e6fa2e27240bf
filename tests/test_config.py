"""Settings: bounded, frozen, and known by their fingerprint."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

import dedupe.config
from dedupe.config import Settings
from dedupe.errors import SettingError

FIELDS = fields(Settings)
ROOM = {"permutations": 1024, "copy_rows": 2}
"""Permutations enough for any other single field to reach its bounds."""


def named(field) -> str:
    return field.name


@pytest.mark.parametrize("field", FIELDS, ids=named)
def test_every_setting_is_documented_and_its_default_lies_within_its_bounds(field) -> None:
    assert field.metadata["doc"]
    assert field.metadata["low"] <= field.default <= field.metadata["high"]


@pytest.mark.parametrize("field", FIELDS, ids=named)
@pytest.mark.parametrize("side", ["low", "high"])
def test_a_bound_is_allowed_and_what_lies_beyond_is_not(field, side) -> None:
    bound = field.metadata[side]
    bound = int(bound) if field.type == "int" else bound
    room = {"copy_bands": 1, "copy_rows": 1} if field.name == "permutations" else ROOM
    assert getattr(Settings().changed({**room, field.name: bound}), field.name) == bound
    beyond = bound + 1 if side == "high" else bound - 1
    with pytest.raises(SettingError, match=rf"{field.name} must lie between .* not {beyond}"):
        Settings().changed({**room, field.name: beyond})


@pytest.mark.parametrize("field", FIELDS, ids=named)
@pytest.mark.parametrize("value", [True, "7", None, [1]])
def test_a_value_of_another_type_is_refused(field, value) -> None:
    with pytest.raises(SettingError, match=f"{field.name} must be "):
        Settings(**{field.name: value})


def test_a_whole_number_is_asked_for_where_half_of_one_means_nothing() -> None:
    with pytest.raises(SettingError, match=r"permutations must be int, not 128\.5"):
        Settings(permutations=128.5)


def test_a_share_may_be_a_whole_number() -> None:
    assert Settings(near_duplicate=1).near_duplicate == 1


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_lies_in_no_bounds(value: float) -> None:
    with pytest.raises(SettingError, match="near_duplicate must lie between"):
        Settings(near_duplicate=value)


@given(st.integers(1, 512), st.integers(1, 16), st.integers(16, 1024))
def test_bands_never_need_more_values_than_there_are(bands: int, rows: int, count: int) -> None:
    values = {"copy_bands": bands, "copy_rows": rows, "permutations": count}
    if bands * rows <= count:
        assert Settings(**values).copy_bands == bands
    else:
        with pytest.raises(SettingError, match=f"more than {count} permutations"):
            Settings(**values)


def test_settings_cannot_be_changed_in_place() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().seed = 2  # type: ignore[misc]


def test_an_unknown_setting_is_named_and_the_known_ones_listed() -> None:
    with pytest.raises(SettingError, match=r"no setting is called 'sead'; known: .*seed") as caught:
        Settings().changed({"sead": 2})
    for field in FIELDS:
        assert field.name in str(caught.value)


def test_a_change_leaves_the_others_as_they_are() -> None:
    before = Settings(threads=3)
    assert before.changed({"seed": 9}) == Settings(threads=3, seed=9)
    assert before == Settings(threads=3)


def other_value(field):
    value = field.default + 1 if field.type == "int" else field.default / 2
    return int(value) if field.type == "int" else value


@pytest.mark.parametrize("field", FIELDS, ids=named)
def test_the_fingerprint_tells_what_changes_a_signature_and_nothing_else(field) -> None:
    base = Settings(**ROOM)
    changed = base.changed(
        {field.name: 1023 if field.name == "permutations" else other_value(field)}
    )
    assert (changed.fingerprint() != base.fingerprint()) == field.metadata["sketch"]


def test_the_fingerprint_tells_another_algorithm(monkeypatch) -> None:
    before = Settings().fingerprint()
    monkeypatch.setattr(dedupe.config, "ALGORITHM_VERSION", 10**6)
    assert Settings().fingerprint() != before


def test_equal_settings_have_equal_fingerprints() -> None:
    assert Settings().fingerprint() == Settings(threads=8).fingerprint()
    assert len(bytes.fromhex(Settings().fingerprint())) == 16
