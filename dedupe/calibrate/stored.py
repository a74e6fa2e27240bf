"""The settings file: a story model of one's own, and settings, as JSON."""

from __future__ import annotations

import json
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dedupe.errors import SettingError, SourceError
from dedupe.evidence import FEATURES
from dedupe.story import StoryModel

if TYPE_CHECKING:
    from collections.abc import Mapping

SCHEMA_VERSION = 1
KEYS = ("schema_version", "story_model", "settings")
MODEL_KEYS = ("coefficients", "intercept", "company", "provenance")
DIGITS = 6
NEEDED = ("terms", "names", "numbers", "lead_names", "lead_numbers", "template", "days")
"""Evidence without whose coefficient a model can't be read; what came later counts as 0 there, as
it did when the model was fitted."""
LARGEST = 1e4
"""Of coefficients: beyond, log-odds mean nothing any more."""


def settings_object(
    model: StoryModel, provenance: Mapping[str, Any], settings: Mapping[str, float]
) -> dict[str, Any]:
    """What is written; numbers to six digits."""
    coefficients = zip(FEATURES, model.coefficients, strict=True)
    return {
        "schema_version": SCHEMA_VERSION,
        "story_model": {
            "coefficients": {feature.name: round(value, DIGITS) for feature, value in coefficients},
            "intercept": round(model.intercept, DIGITS),
            "company": round(model.company, DIGITS),
            "provenance": dict(provenance),
        },
        "settings": dict(settings),
    }


def read_model(path: str | PathLike[str]) -> StoryModel | None:
    """The story model of a settings file, as dedupe calibrate writes it; None where it has none.

    Raises SourceError, SettingError.
    """
    return read_settings(Path(path))[0]


def read_settings(path: Path) -> tuple[StoryModel | None, dict[str, Any]]:
    """The story model and the settings of a file, either of which may be missing.

    The values of settings are checked where they are used. Raises SourceError where the file
    can't be read, SettingError for what is no such file, an unknown key or a wrong type.
    """
    try:
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise SourceError(f"{path}: {(error.strerror or str(error)).lower()}") from None
    except (ValueError, RecursionError):
        raise SettingError(f"{path}: no JSON; wanted what dedupe calibrate writes") from None
    try:
        return _checked(found)
    except SettingError as error:
        raise SettingError(f"{path}: {error}") from None


def _checked(found: object) -> tuple[StoryModel | None, dict[str, Any]]:
    values = _known("the whole", found, KEYS)
    if values.get("schema_version") != SCHEMA_VERSION:
        raise SettingError(f"schema_version must be {SCHEMA_VERSION}")
    settings = values.get("settings", {})
    if not isinstance(settings, dict):
        raise SettingError("settings must be an object")
    return _model(values["story_model"]) if "story_model" in values else None, settings


def _model(stored: object) -> StoryModel:
    values = _known("story_model", stored, MODEL_KEYS)
    names = tuple(feature.name for feature in FEATURES)
    coefficients = _known("coefficients", values.get("coefficients"), names)
    return StoryModel(
        tuple(
            _number(coefficients, name) if name in coefficients or name in NEEDED else 0.0
            for name in names
        ),
        _number(values, "intercept"),
        _number(values, "company"),
    )


def _known(name: str, value: object, keys: tuple[str, ...]) -> dict[str, Any]:
    """The value, if it is an object with no other keys than these."""
    if not isinstance(value, dict):
        raise SettingError(f"{name} must be an object")
    for key in value:
        if key not in keys:
            raise SettingError(f"unknown key {key!r}; known: {', '.join(keys)}")
    return value


def _number(values: Mapping[str, Any], name: str) -> float:
    value = values.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= LARGEST:
        raise SettingError(f"{name} must be a number, at most {LARGEST:.0f} either way")
    return float(value)
