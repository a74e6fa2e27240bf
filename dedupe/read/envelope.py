"""Finds the articles in what is no article itself: an answer of an API, a dump, an export, a feed.

What their lists are called differs from one to the next. So a list is known by its elements: most
of them are articles, of one shape.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from itertools import islice
from typing import Any, NamedTuple, Protocol

from dedupe.errors import RecordError
from dedupe.read.json_tables import SAMPLE, is_row, keyed_records, table_in, table_of
from dedupe.read.names import LISTS, NAMES, folded, names_in
from dedupe.read.record import Refused

_DEEPEST = 8
"""Objects and lists inside of each other that are looked into."""
_MOST_NODES = 20_000
_SAME_SHAPE = 0.5
"""Share of field names that two lists have in common whose elements are of one kind."""
_FEED = frozenset(
    names_in("homepageurl feedurl link description subtitle lastbuilddate generator version")
)
"""Folded names by which an object with a list and a title is a feed, whose title is the outlet."""
_FAILURES = frozenset({"error", "fail", "failed", "failure"})
_FAILED = ("error", "errors", "fault")
_TELLING = frozenset({"status", *_FAILED})
_REASONS = ("message", "reason", "info", "type")
_TOLD = 200
"""Characters of what a failed answer says that a message repeats."""


class Look(NamedTuple):
    """What a record says of itself."""

    title: bool
    body: bool
    summary: bool
    own: bool
    """Whether it has an address or a date."""
    id: bool
    set: bool
    """Whether it has a field that the user named."""

    @property
    def is_article(self) -> bool:
        """Whether as an element of a list it would be an article."""
        if self.set:
            return True
        said = self.title and (self.summary or self.own)
        return said or (self.body and (self.title or self.own or self.id))


class Looks(Protocol):
    """What is asked of the finder of fields."""

    def look(self, record: Mapping[str, Any], *, by_content: bool = False) -> Look:
        """What a record says of itself; ``by_content`` a field may be its body by what it holds."""


class _Found(NamedTuple):
    elements: list[Any]
    names: frozenset[str]
    size: int
    """Characters of the elements that were judged."""
    named: bool
    """Whether its name is one of LISTS."""
    feed: dict[str, Any]
    """What the feed whose entries they are says of all of them."""


def records_in(value: Any, finder: Looks) -> list[Any] | None:
    """The records in a value of JSON; None where it is a record itself, or no container.

    Raises RecordError for an answer that says that it failed; among others it is Refused alone.
    """
    return _Search(finder).records(value, 0)


class _Search:
    """One way through a value."""

    def __init__(self, finder: Looks) -> None:
        self._finder = finder
        self._left = _MOST_NODES

    def records(self, value: Any, depth: int) -> list[Any] | None:
        """As `records_in`."""
        if depth > _DEEPEST:
            return None
        if isinstance(value, list):
            table = table_of(value[0], value[1:]) if value and is_row(value[0]) else None
            if table is None and not _holds_objects(value, depth):
                return None
            return self._flat(value if table is None else table, depth)
        if not isinstance(value, Mapping):
            return None
        for inner in value.values():
            if isinstance(inner, (list, dict)):
                try:
                    return self._in_object(value, depth)
                except RecursionError:
                    raise RecordError("fields are nested too deep") from None
        _refuse_failure(value, self._finder)
        return None

    def _in_object(self, value: Mapping[str, Any], depth: int) -> list[Any] | None:
        graph = value.get("@graph")
        if isinstance(graph, list) and any(map(is_article_node, graph)):
            named = {
                str(n["@id"]): n for n in reversed(graph) if isinstance(n, dict) and "@id" in n
            }
            return [_with_publisher(node, named) for node in graph if is_article_node(node)]
        table = table_in(value)
        if table is not None and self._judged("", table, depth):
            return table
        look = self._finder.look(value)
        if look.set or (look.body and not self._only_list(value)):
            return None
        found = self._chosen(value, look, depth)
        if found is None:
            _refuse_failure(value, self._finder)
            return None
        records = list[Any]()
        for part in found:
            inner = self._flat(part.elements, depth)
            records += [part.feed | e if part.feed and isinstance(e, dict) else e for e in inner]
        return records

    def _flat(self, elements: list[Any], depth: int) -> list[Any]:
        """The elements, with the records of those that are containers in their place."""
        flat = list[Any]()
        for element in elements:
            if depth <= 1:
                self._left = _MOST_NODES
            nested = self._nested(element, depth + 1)
            flat.extend([element] if nested is None else nested)
        return flat

    def _nested(self, element: Any, depth: int) -> list[Any] | None:
        """The records in an element, as `records`; one that is refused costs itself alone."""
        try:
            return self.records(element, depth)
        except RecordError as error:
            return [Refused(str(error), element)]

    def _only_list(self, value: Mapping[str, Any]) -> bool:
        """Whether what stands under the name of a body is a list of articles."""
        lists = [v for k, v in value.items() if folded(str(k)) in NAMES["text"]]
        lists = [v for v in lists if v and not (isinstance(v, str) and v.isspace())]
        return bool(lists) and all(
            isinstance(v, list) and self._judged("", v, 0, strict=True) for v in lists
        )

    def _chosen(self, value: Mapping[str, Any], look: Look, depth: int) -> list[_Found] | None:
        """The lists of articles in an object that is none itself."""
        found = [part for part in self._lists("", value, depth) if part.elements]
        # As an element of a list it need not say where or when: it is one of its kind.
        whole = look.title and (look.own or (depth > 0 and look.id))
        found = [part for part in found if part.named or not whole]
        if not found:
            if not (whole or look.body):
                _refuse_empty(value)
            return None
        best = max(found, key=lambda part: (part.named, part.size))
        return [part for part in found if _alike(part.names, best.names)]

    def _lists(
        self, path: str, value: Mapping[str, Any], depth: int, *, titled: bool = False
    ) -> Iterator[_Found]:
        """All lists of articles at and below an object.

        ``titled`` says that it is in one with a title, of which its objects may be the parts.
        """
        if depth > _DEEPEST or self._left < 0:
            return
        table, keyed = table_in(value), keyed_records(value)
        if table and (judged := self._judged(path, table, depth)):
            yield judged
            return
        if keyed and (judged := self._judged_keyed(path, keyed, depth, titled=titled)):
            yield judged
            return
        titled = titled or any(folded(str(name)) in NAMES["title"] for name in value)
        for name, inner in value.items():
            self._left -= 1
            below = f"{path}.{name}" if path else str(name)
            if isinstance(inner, list):
                if judged := self._judged(below, inner, depth):
                    yield judged._replace(feed=_feed(value))
            elif isinstance(inner, Mapping):
                found = self._lists(below, inner, depth + 1, titled=titled)
                own = _is_own(self._finder.look(inner))
                yield from (part for part in found if part.named or not own)

    def _judged_keyed(
        self, path: str, elements: list[Any], depth: int, *, titled: bool
    ) -> _Found | None:
        """The same of an object of objects, which may be parts of one article.

        They are articles if all look so and are of one shape, or most say where or when.
        """
        first = elements[:SAMPLE]
        if not titled and all(self._finder.look(element).is_article for element in first):
            judged = self._judged(path, elements, depth)
            if judged and all(_alike(judged.names, element.keys()) for element in first):
                return judged
        return self._judged(path, elements, depth, strict=True)

    def _judged(
        self, path: str, elements: list[Any], depth: int, *, strict: bool = False
    ) -> _Found | None:
        """The list, if most of its elements are articles, or contain some.

        ``strict`` asks for a title as well, so that blocks of a body are none.
        """
        sample = [e for e in islice(elements, SAMPLE) if isinstance(e, (Mapping, list))]
        if not sample or depth > _DEEPEST:
            return None
        named = folded(path.rpartition(".")[2]) in LISTS
        good, size, names = 0, 0, set[str]()
        for element in sample:
            self._left -= 1
            if self._left < 0:
                return None
            if isinstance(element, list):
                inner = self._judged(path, element, depth + 1, strict=strict)
                good += inner is not None
                continue
            look = self._finder.look(element)
            article = _is_whole(look) if strict else look.is_article or (named and look.title)
            if not (article or strict) and (records := self._nested(element, depth + 1)):
                good += 1
                size += len(records)
                continue
            # What holds articles may hold prose, too, and so is asked for them first.
            if article or (not strict and self._finder.look(element, by_content=True).is_article):
                good += 1
                names |= element.keys()
                size += sum(len(v) for v in element.values() if isinstance(v, str))
        if 2 * good < len(sample):
            return None
        return _Found(elements, frozenset(names), size, named, {})


def _feed(value: Mapping[str, Any]) -> dict[str, Any]:
    """What a feed says of its entries: its title is their outlet. Nothing of any other object."""
    title = value.get("title")
    if not isinstance(title, str) or not _FEED & {folded(str(name)) for name in value}:
        return {}
    return {"source": title, "language": value.get("language")}


def _holds_objects(values: list[Any], depth: int) -> bool:
    """Whether any of the values is an object, or a list with one."""
    return depth <= _DEEPEST and any(
        isinstance(v, Mapping) or (isinstance(v, list) and _holds_objects(v, depth + 1))
        for v in values
    )


def _is_own(look: Look) -> bool:
    """Whether an object is an article, so that a list in it is a part of it."""
    return look.body or _is_whole(look)


def _is_whole(look: Look) -> bool:
    return (look.title and look.own) or look.set


def _alike(a: AbstractSet[str], b: AbstractSet[str]) -> bool:
    return len(a & b) >= _SAME_SHAPE * len(a | b)


def _refuse_empty(value: Mapping[str, Any]) -> None:
    """Raises RecordError for an answer without any article, so that it is none itself."""
    for name, inner in value.items():
        if isinstance(inner, list) and not inner and folded(str(name)) in LISTS:
            raise RecordError(f"{name} is an empty list: there is no article in it")


def _refuse_failure(value: Mapping[str, Any], finder: Looks) -> None:
    """Raises RecordError for an answer that says that it failed, so that it is no article."""
    if _TELLING.isdisjoint(value):
        return
    failed = str(value.get("status", "")).lower() in _FAILURES
    told = next((value[name] for name in _FAILED if value.get(name)), None)
    if not failed and told is None:
        return
    look = finder.look(value)
    if look.set or look.title or look.body:
        return
    if isinstance(told, Mapping):
        told = next((told[name] for name in _REASONS if told.get(name)), told)
    told = value.get("message") or told or dict(value)
    raise RecordError(f"an answer that says that it failed: {str(told)[:_TOLD]}")


def is_article_node(node: Any) -> bool:
    """Whether a node of JSON-LD is an article, by its type."""
    if not isinstance(node, dict):
        return False
    kinds = node.get("@type")
    known = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    return any(isinstance(k, str) and k.endswith(("Article", "Posting", "Report")) for k in known)


def _with_publisher(node: dict[str, Any], named: Mapping[str, Any]) -> dict[str, Any]:
    """The node, with a publisher that is only referred to put in its place."""
    publisher = node.get("publisher")
    if not isinstance(publisher, dict) or set(publisher) != {"@id"}:
        return node
    return {**node, "publisher": named.get(str(publisher["@id"]), publisher)}
