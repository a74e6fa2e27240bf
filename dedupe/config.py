"""One frozen object holds every setting, another one every limit of reading.

What changes a signature is in the fingerprint of the settings.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from dedupe.errors import SettingError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

ALGORITHM_VERSION = 2
"""Raised whenever the same settings would yield other signatures: hashes, tokeniser, tables."""


def _in(low: float, high: float, what: str, default: Any, *, sketch: bool = False) -> Any:
    return field(
        default=default, metadata={"low": low, "high": high, "doc": what, "sketch": sketch}
    )


def _hold_bounds(values: DataclassInstance) -> None:
    for f in fields(values):
        value, low, high = getattr(values, f.name), f.metadata["low"], f.metadata["high"]
        number = int if f.type == "int" else (int, float)
        if isinstance(value, bool) or not isinstance(value, number):
            raise SettingError(f"{f.name} must be {f.type}, not {value!r}")
        if not low <= value <= high:
            raise SettingError(f"{f.name} must lie between {low} and {high}, not {value}")


def _with(start: Any, values: Mapping[str, Any], kind: str) -> Any:
    known = {f.name for f in fields(start)}
    for name in values:
        if name not in known:
            raise SettingError(f"no {kind} is called {name!r}; known: {', '.join(sorted(known))}")
    return replace(start, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, each with its bounds. Raises SettingError on a value outside of them.

    Fields marked ``sketch`` change signatures: an index written with other values of them is
    refused (see :meth:`fingerprint`).
    """

    permutations: int = _in(16, 1024, "hash values in a MinHash signature", 128, sketch=True)
    seed: int = _in(0, 2**31 - 1, "seed of the permutations, as in datasketch", 1, sketch=True)
    shingle_words: int = _in(1, 16, "words in a shingle of the copy view", 5, sketch=True)
    copy_bands: int = _in(1, 512, "LSH bands of the copy view", 42, sketch=True)
    copy_rows: int = _in(1, 16, "rows in a band of the copy view", 3, sketch=True)
    story_terms: int = _in(
        4,
        256,
        "terms, at least, that stand for an article when companions are sought",
        32,
        sketch=True,
    )
    prior_articles: float = _in(
        0, 1e6, "articles that the background word frequencies count for", 1000.0, sketch=True
    )
    near_duplicate: float = _in(0, 1, "exact Jaccard from which two texts are copies", 0.5)
    contained: float = _in(0, 1, "share of one text's shingles in the other: an excerpt", 0.8)
    edited: float = _in(
        0, 1, "share of all words of two texts in shared shingles: an edited copy", 0.5
    )
    quoted: float = _in(0, 1, "share of one text's words in passages of the other", 0.3)
    bucket_limit: int = _in(
        2, 10**6, "articles that one meets in LSH buckets up to which it is compared with each", 256
    )
    pair_work: int = _in(
        0,
        10**12,
        "meetings of equal terms up to which more terms an article are looked at",
        60_000_000,
    )
    companions: int = _in(
        1, 10**6, "pairs an article, on average, that are scored as one story", 48
    )
    term_limit: int = _in(
        2, 10**9, "articles that may share a telling term before it tells nothing", 2000
    )
    threads: int = _in(0, 1024, "worker threads; 0 takes one for each processor", 0)
    memory: int = _in(0, 2**50, "bytes that a run is kept to by temporary files; 0 for no bound", 0)

    def __post_init__(self) -> None:
        _hold_bounds(self)
        used = self.copy_bands * self.copy_rows
        if used > self.permutations:
            raise SettingError(
                f"copy_bands * copy_rows is {used}: more than {self.permutations} permutations"
            )

    def sketched(self) -> dict[str, int | float]:
        """The settings that change signatures."""
        return {f.name: getattr(self, f.name) for f in fields(self) if f.metadata["sketch"]}

    def fingerprint(self) -> str:
        """Hex digest over all that changes a signature; equal digests, comparable signatures."""
        used = self.sketched()
        text = json.dumps({"algorithm": ALGORITHM_VERSION, **used}, sort_keys=True)
        return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()

    def changed(self, values: Mapping[str, Any]) -> Settings:
        """A copy with some fields set. Raises SettingError for a name that is no setting."""
        changed: Settings = _with(self, values, "setting")
        return changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much may be read of what strangers bring. Raises SettingError on a value out of bounds.

    What is past a limit is rejected, and told with the limit's name; the run goes on. With these
    values a source of up to 1 MB, packed or not, is read in seconds and 600 MB.
    """

    unpacked_ratio: int = _in(
        1, 10**6, "bytes that an archive or a Parquet file may unpack to, to each of its own", 50
    )
    record_bytes: int = _in(
        1 << 10, 1 << 30, "bytes of a line, a table row, or an element of a JSON array", 64 << 20
    )
    document_bytes: int = _in(
        1 << 10, 1 << 32, "bytes of a page, a feed, a text file, or a JSON file of one object",
        32 << 20,
    )  # fmt: skip
    values: int = _in(1, 10**8, "names, values, lists and objects in a JSON record", 1_000_000)
    tags: int = _in(1, 10**8, "tags of a page or a feed", 60_000)
    columns: int = _in(1, 10**6, "columns of a table", 10_000)
    field_chars: int = _in(
        64, 1 << 30, "characters of an id, a title, a source or an address", 1 << 16
    )
    fetched_bytes: int = _in(
        1 << 10,
        1 << 40,
        "bytes of a source that is named by its address, as they are sent",
        1 << 30,
    )
    fetched_seconds: int = _in(
        1, 86_400, "seconds from the first request for an address of the web to its last byte", 600
    )

    def __post_init__(self) -> None:
        _hold_bounds(self)

    def changed(self, values: Mapping[str, Any]) -> Limits:
        """A copy with some fields set. Raises SettingError for a name that is no limit."""
        changed: Limits = _with(self, values, "limit")
        return changed

    def told(self, name: str) -> str:
        """What a message on something past a limit ends with: its name, and how to raise it."""
        highest = next(f.metadata["high"] for f in fields(self) if f.name == name)
        more = min(2 * getattr(self, name), highest)
        return f"(limit {name}; raise it with --limit {name}={more})"
