"""What is true, read from a labelled file: stories, groups of copies, or pairs.

JSON Lines (or one JSON array), plain or compressed. A record is an article's label, ``{"id",
"story"[, "copies"]}``, whatever else it contains, or a pair, ``{"a", "b", "label"[, "score"]}``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from dedupe.errors import RecordError, SourceError
from dedupe.evaluate.measures import numbers_of
from dedupe.read.budget import USUAL
from dedupe.read.fields import BY_SHAPE, FieldFinder, FieldKeys
from dedupe.read.jsonl import read_records
from dedupe.read.opening import content_of
from dedupe.read.source import one_source
from dedupe.read.values import plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

APART = frozenset(["different", "distinct", "false", "negative", "related", "unrelated", "0"])
"""Labels of a pair that does not belong together, as are those that begin with one of ``NOT``;
every other label says that it does. Case does not matter."""
NOT = frozenset({"no", "non", "not"})
SHOWN_IDS = 10
"""Ids that an evaluation or an error names; the rest is counted."""


@dataclass(frozen=True, slots=True)
class LabelledPair:
    """Two articles and what a person said of them."""

    a: str
    b: str
    label: str
    grade: float | None
    """How different they are, as a number that falls with likeness; None where not graded."""

    @property
    def same(self) -> bool:
        """Whether they belong together."""
        words = re.findall(r"[^\W_]+", self.label.casefold())
        return "_".join(words) not in APART and not NOT.intersection(words[:1])


@dataclass(slots=True)
class Labels:
    """The labels of one file: either stories (and copies), or pairs."""

    name: str
    stories: dict[str, str] = field(default_factory=dict)
    """Story of each labelled article, by id."""
    copies: dict[str, str] = field(default_factory=dict)
    """Group of copies, of the articles that have one."""
    pairs: list[LabelledPair] = field(default_factory=list)
    articles: bool = False
    """Whether the records contain the articles' text as well."""

    def ids(self) -> dict[str, None]:
        """The ids that labels speak of, in order, each once."""
        if self.pairs:
            return dict.fromkeys(i for pair in self.pairs for i in (pair.a, pair.b))
        return dict.fromkeys([*self.stories, *self.copies])

    def places(self, ids: Sequence[str]) -> dict[str, int]:
        """Place of each of the articles ``ids``. Raises SourceError where a label has none."""
        places = {name: at for at, name in enumerate(ids)}
        missing = [name for name in self.ids() if name not in places]
        if missing:
            first = ", ".join(missing[:SHOWN_IDS])
            more = f" and {len(missing) - SHOWN_IDS:,} more" if len(missing) > SHOWN_IDS else ""
            have = "id has" if len(missing) == 1 else "ids have"
            raise SourceError(
                f"{self.name}: {len(missing):,} labelled {have} no article among those read: "
                f"{first}{more}; ids are compared as they are written"
            )
        return places

    def sides(self, places: Mapping[str, int]) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """Places of both articles of each pair (k, 2), and whether they belong together (k,)."""
        sides = [(places[pair.a], places[pair.b]) for pair in self.pairs]
        return np.array(sides, np.int32), np.array([pair.same for pair in self.pairs])

    def numbers(self, places: Mapping[str, int]) -> NDArray[np.int64]:
        """Number of the story of the article at each place, -1 for none: int64 (n,)."""
        column = np.full(len(places), -1, np.int64)
        column[[places[name] for name in self.stories]] = numbers_of(list(self.stories.values()))
        return column


def read_labels(name: str, keys: FieldKeys = BY_SHAPE) -> Labels:
    """The labels in a file. ``keys.id`` is the field of an article's id, ``id`` if not set.

    A null story or group of copies leaves the article without that label. Raises SourceError,
    with the line, for what is no label, for an id with two stories, and for a file without any.
    """
    file = one_source(name)
    name = file.name
    labels, finder = Labels(name), FieldFinder(keys)

    def refuse(line: int, reason: str, _: bytes) -> None:
        raise SourceError(f"{name}:{line}: {reason}")

    with content_of(file, USUAL) as content:
        for line, record, _ in read_records(content, refuse):
            try:
                _take(labels, record, keys.id or "id")
            except RecordError as error:
                raise SourceError(f"{name}:{line}: {error}") from None
            labels.articles = labels.articles or _is_article(finder, record)
    if not labels.ids():
        raise SourceError(f"{name}: contains no label; {WANTED}")
    if labels.pairs and (labels.stories or labels.copies):
        raise SourceError(f"{name}: contains pairs and stories; score them one file at a time")
    return labels


WANTED = 'a line must contain "id" and "story", or "a", "b" and "label"'


def _take(labels: Labels, record: Mapping[str, Any], id_key: str) -> None:
    if "a" in record and "b" in record:
        labels.pairs.append(_pair(record))
        return
    if not {"story", "copies"} & record.keys():
        raise RecordError(f"no label here; {WANTED}")
    name = plain(record.get(id_key))
    if not name:
        raise RecordError(f"a label without {id_key}; every labelled article needs one")
    for kind, known in (("story", labels.stories), ("copies", labels.copies)):
        value = plain(record.get(kind))
        if value and known.setdefault(name, value) != value:
            raise RecordError(f"id {name} already has another {kind}: {known[name]}")


def _pair(record: Mapping[str, Any]) -> LabelledPair:
    a, b, label = (plain(record.get(key)) for key in ("a", "b", "label"))
    if not (a and b and label):
        raise RecordError('a pair needs "a", "b" and "label"')
    if a == b:
        raise RecordError(f"a pair of the article {a} with itself")
    grade = record.get("score")
    if grade is not None and (
        isinstance(grade, bool) or not isinstance(grade, int | float) or not math.isfinite(grade)
    ):
        raise RecordError(f"the score of a pair must be a number, not {grade!r}")
    return LabelledPair(a, b, label, None if grade is None else float(grade))


def _is_article(finder: FieldFinder, record: Mapping[str, Any]) -> bool:
    """Whether the reader of articles would take the record for one."""
    try:
        return any(finder.row(record)[1:3])
    except RecordError:
        return False
