"""A record and the objects in it: their fields as its own, and the names of all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, NamedTuple

from dedupe.read.names import HOLDERS, NAMES, folded

_DEEPEST = 4
"""Objects inside of each other whose fields count as the record's own."""

_FIELDS_NAMED = 20
"""Field names that a rejection lists."""
_NAMED = 80
"""Characters of such a name."""


class Refused(NamedTuple):
    """An element of a list that is an answer without records, and why it has none."""

    reason: str
    element: Any


def holds_article(value: object) -> bool:
    """Whether a value is an object with a title or a text in it, or another such object."""
    if not isinstance(value, Mapping):
        return False
    names = {folded(str(name)) for name in value}
    return bool(names & (NAMES["title"].keys() | NAMES["text"].keys() | HOLDERS))


def with_inner(
    record: Mapping[str, Any], holders: list[str], kept: frozenset[str], depth: int
) -> dict[str, Any]:
    """The fields of the objects of these names, and of those in them, under the record's own.

    The objects themselves go, but for those that are ``kept``.
    """
    fields_found: dict[str, Any] = {}
    for name in holders:
        inner = record[name]
        objects = (key for key, value in inner.items() if holds_article(value))
        below = [key for key in objects if folded(str(key)) in HOLDERS]
        if below and depth < _DEEPEST:
            inner = with_inner(inner, below, kept, depth + 1)
        fields_found |= {k: v for k, v in inner.items() if k not in fields_found}
    own = {k: v for k, v in record.items() if k not in holders or k in kept}
    return fields_found | own


def inside(path: list[str], convert: Callable[[Any], Any], value: Any) -> Any:
    """What stands at the end of a way into objects and lists, converted; None where it ends."""
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return convert(None)
    return convert(value)


def fields_of(record: Mapping[str, Any]) -> Iterator[str]:
    """The names of a record's fields, and of those of the objects in it: ``hits.total``."""
    for name, value in record.items():
        if value and isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in value)
        else:
            yield name


def shown_name(name: str) -> str:
    """A name of a field as a message shows it: of a table without a header it may be a text."""
    return " ".join(name.split())[:_NAMED]


def enumerated(names: Iterable[str]) -> str:
    """Names of fields as a message lists them."""
    first = [shown_name(name) for name in islice(names, _FIELDS_NAMED + 1)]
    return ", ".join([*first[:_FIELDS_NAMED], *(["..."] * (len(first) > _FIELDS_NAMED))]) or "none"
