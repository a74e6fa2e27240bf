"""A durable index: it answers about an article before it is taken in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal

from dedupe.errors import DamagedError, FingerprintError, SettingError
from dedupe.index.index import Index
from dedupe.index.reading import FAILURES
from dedupe.index.target import IndexPlace, ServedTarget, target_of

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.identity import SameBy
    from dedupe.index.store import Reader, Store
    from dedupe.story import StoryModel

__all__ = ["Index", "open_index"]

MOST_DAYS = 3_660_000
"""All days of the calendar."""
NOTES = "notes"
"""Name of the record of what holds for an index as a whole."""


def open_index(
    target: IndexPlace,
    *,
    settings: Settings | None = None,
    create: bool = True,
    texts: bool = True,
    window: float | None = None,
    durability: Literal["normal", "full"] = "normal",
    patience: float = 30.0,
    read_only: bool = False,
    model: StoryModel | None = None,
    same_by: SameBy = "address",
) -> Index:
    """Opens an index, or makes one where there is none and ``create`` says so.

    ``target`` is a file, ``memory:`` for an index that ends with the process,
    ``postgresql://USER@HOST/DATABASE``, the address of ``dedupe serve``, of which all but
    ``patience`` is set there, or a target or open store of :mod:`dedupe.index.target`; a store that
    is given stays open when the index is closed.
    ``settings`` are those of the index itself where they are not given; others than it was made
    with are refused.
    ``texts`` says of a new index whether it keeps the articles' texts, from which it can be made
    anew with other settings. ``window`` limits matches to articles at most so many days older, by
    their dates or their arrival. What was admitted survives the end of the process; with
    ``durability="full"`` the loss of power, too. ``patience`` is how many seconds a call waits for
    others. ``model`` takes the place of the story model that the package ships. ``same_by`` says
    what must agree for two articles of one id to be one, see dedupe.identity.

    Raises SettingError for a window that is none, FingerprintError for other settings than those of
    the index, and any other StoreError where the file can't be opened.
    """
    if window is not None and not 0 <= window < MOST_DAYS:
        raise SettingError(f"window must be from 0 to {MOST_DAYS:,} days, not {window}")
    place = target_of(target)
    if isinstance(place, ServedTarget):
        _must_be_usual(place, settings, window, model, durability, same_by)
        return place.index(patience=patience)
    path, store = (
        place.name,
        place.open(create=create, durability=durability, patience=patience, read_only=read_only),
    )
    notes, kept = _told_of_itself(store, path, settings, texts=texts, read_only=read_only)
    keeps = notes.get("texts") == "kept"
    return Index(store, path, kept, keeps_texts=keeps, window=window, model=model, same_by=same_by)


def _must_be_usual(place: ServedTarget, *given: object) -> None:
    """Raises SettingError where it is to be judged otherwise than a server was told."""
    if given != (None, None, None, "normal", "address"):
        raise SettingError(f"{place.name}: how a server judges is set where it is started")


def _told_of_itself(
    store: Store, path: str, settings: Settings | None, *, texts: bool, read_only: bool
) -> tuple[dict[str, str], Settings]:
    """The notes of an index, and its settings; where they can't be read the store is closed."""
    try:
        notes = _notes(store, settings, texts=texts, read_only=read_only)
        kept = _settings(path, notes, settings, store.remedy)
    except FAILURES as error:
        store.close()
        raise DamagedError(
            f"{path}: what the index tells of itself can't be read ({error}); {store.remedy}"
        ) from error
    except BaseException:
        store.close()
        raise
    return notes, kept


def _notes(
    store: Store, settings: Settings | None, *, texts: bool, read_only: bool
) -> dict[str, str]:
    """What is noted of an index as a whole; of a new one it is noted first."""
    with store.read() as reader:
        notes = _noted_in(reader)
    if "settings" not in notes and not read_only:
        with store.write() as writer:
            notes = _noted_in(writer)
            if "settings" not in notes:  # none was quicker
                notes = _noted(settings, texts=texts)
                writer.record(NOTES, json.dumps(notes).encode())
    return notes


def _noted_in(reader: Reader) -> dict[str, str]:
    return dict(*(json.loads(record.data) for record in reader.records(NOTES)))


def _noted(settings: Settings | None, *, texts: bool) -> dict[str, str]:
    from dedupe.config import Settings

    chosen = settings or Settings()
    return {
        "settings": json.dumps(asdict(chosen)),
        "fingerprint": chosen.fingerprint(),
        "texts": "kept" if texts else "left out",
    }


def _settings(path: str, notes: dict[str, str], asked: Settings | None, remedy: str) -> Settings:
    """The settings of an index. Raises FingerprintError, DamagedError."""
    from dedupe.config import Settings

    try:
        stored = json.loads(notes["settings"])
        own = Settings().changed(stored)
    except (KeyError, ValueError, SettingError) as error:
        raise DamagedError(f"{path}: its settings can't be read ({error}); {remedy}") from None
    if own.fingerprint() != notes.get("fingerprint"):
        raise FingerprintError(
            f"{path}: was written by a version of this package whose signatures differ; "
            "make it anew: dedupe index export with that version, dedupe index import with this one"
        )
    if asked is None or asked == own:
        return own
    if asked.fingerprint() != own.fingerprint():
        differ = [
            f"{name} is {value} in it, not {getattr(asked, name)}"
            for name, value in asdict(own).items()
            if name in asked.sketched() and getattr(asked, name) != value
        ]
        raise FingerprintError(
            f"{path}: was made with other settings: {'; '.join(differ)}. Leave them out, or make "
            "it anew with dedupe index rebuild"
        )
    return asked
