"""JSON Lines, and JSON files of one array, one object, a JSON Feed or a JSON-LD graph."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import orjson

from dedupe.read.content import Content, encoding_by_mark, line_blocks, utf8_blocks
from dedupe.read.fields import Plan, PlanFor
from dedupe.read.usual import MOST_OTHERS, Other, PlainRows, split_block
from dedupe.read.values import shape_of

FoundRecord = tuple[int, dict[str, Any], bytes]
"""Line (or row), record, and the record as it stood in the source ('' where it has no own)."""

Reject = Callable[[int, str, bytes], None]
"""Called with line, reason and raw bytes of what could not be taken in."""

LINE_LIMIT = 256 << 20
"""Bytes in a line beyond which it is no article, but a file without line breaks."""

_PLACE = re.compile(r": line (\d+) column (\d+) \(char \d+\)$")
_NOT_A_NUMBER = re.compile(rb"\b(?:NaN|Infinity)\b")
_FEED_VERSION = "https://jsonfeed.org/version/"


def read_json(
    content: Content, reject: Reject, plan_for: PlanFor
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a JSON file, laid out one a line or as one document: the beginning shows which.

    Line numbers count from 1; in an array they are the element's number. Lines for whose names
    there is a plan come together.
    """
    encoding = encoding_by_mark(content.head)
    if not _is_document(content.beginning):
        yield from _Lines(content, reject, plan_for).read(utf8_blocks(content, encoding))
        return
    data = content.whole()
    if encoding:
        data = data.decode(encoding, "surrogateescape").encode("utf-8", "surrogateescape")
    try:
        value = loaded(data)
    except ValueError as error:
        if b"\n{" in data:  # lines after all, the first of them broken
            yield from _Lines(content, reject, plan_for).read(iter([data]))
        else:
            line = int(place[1]) if (place := _PLACE.search(str(error))) else 1
            reject(line, reason_of(error, data), data)
        return
    if not isinstance(value, list):
        yield from unpacked(1, value, data, reject)
        return
    for number, element in enumerate(value, 1):
        yield from unpacked(number, element, b"", reject)


def read_records(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The same record by record, whatever it is."""
    for found in read_json(content, reject, lambda _: None):
        if not isinstance(found, PlainRows):
            yield found


def _is_document(head: bytes) -> bool:
    """Whether what begins like this is one JSON value over several lines, or one array."""
    head = head.lstrip()
    first, _, rest = head.partition(b"\n")
    rest = rest.lstrip()
    if head[:1] == b"[":
        return not (rest and _is_complete(first))
    if head[:1] == b"{" and rest:
        return not (rest[:1] == b"{" or _is_complete(first))
    return False


def _is_complete(line: bytes) -> bool:
    try:
        loaded(line)
    except ValueError:
        return False
    return True


class _Lines:
    """The records of a file of lines."""

    def __init__(self, content: Content, reject: Reject, plan_for: PlanFor) -> None:
        self._content = content
        self._reject = reject
        self._plan_for = plan_for
        self._names: tuple[str, ...] = ()
        """Of the latest record that was read by itself."""
        self._vain: set[tuple[str, ...]] = set()
        """Names of records that have a plan, of which most lines were left over all the same."""

    def read(self, blocks: Iterator[bytes]) -> Iterator[FoundRecord | PlainRows]:
        """One record a line, and lines of the usual shape together."""
        number, whole, cut_short = 1, 0, b""
        for block in line_blocks(blocks, LINE_LIMIT):
            if block is None:
                reason = f"the line is longer than {LINE_LIMIT >> 20} MiB"
                self._reject(number, reason, b"")
                number += 1
                continue
            for found in self._block(block, number):
                if not isinstance(found, Other):
                    yield found
                elif self._content.damage:  # known only once the last whole line is through
                    whole, cut_short = found.number - 1, found.line
                else:
                    self._reject(found.number, _wrong_with(found.line), found.line)
            number += block.count(b"\n") + (not block.endswith(b"\n"))
            whole = whole if cut_short else number - 1
        if self._content.damage:
            damage = f"{self._content.damage} at line {whole + 1}"
            self._reject(whole + 1, damage, cut_short)

    def _block(self, data: bytes, number: int) -> Iterator[FoundRecord | PlainRows | Other]:
        """The records in a block of whole lines; what is none comes as it is."""
        plan = self._plan()
        if plan is None:
            first, _, rest = data.partition(b"\n")
            yield from self._line(Other(number, first))
            plan = self._plan()
            if plan is None:
                for at, line in enumerate(rest.split(b"\n") if rest else (), number + 1):
                    yield from self._line(Other(at, line))
                return
            data, number = rest, number + 1
        usual, others = 0, 0
        for found in split_block(data, plan, number) if data else ():
            if isinstance(found, Other):
                others += 1
                yield from self._line(found)
            else:
                usual += len(found.numbers)
                yield found
        names = tuple(plan.names)
        if others <= MOST_OTHERS * (usual + others):
            self._names = names
        elif self._names == names:
            self._vain.add(names)

    def _plan(self) -> Plan | None:
        """How records are read that have the names of the latest one."""
        wanted = self._names and self._names not in self._vain
        return self._plan_for(self._names) if wanted else None

    def _line(self, found: Other) -> Iterator[FoundRecord | Other]:
        number, line = found
        if not line or line.isspace():
            return
        try:
            value = loaded(line)
        except ValueError:
            yield found
            return
        if type(value) is dict and "@graph" not in value and "items" not in value:
            self._names = tuple(value)
            yield number, value, line
        else:
            yield from unpacked(number, value, line, self._reject)


def _wrong_with(line: bytes) -> str:
    try:
        loaded(line)
    except ValueError as error:
        return reason_of(error, line)
    return ""


def unpacked(number: int, value: Any, raw: bytes, reject: Reject) -> Iterator[FoundRecord]:
    """The articles in one value: the entries of a JSON Feed, the article nodes of a graph."""
    if not isinstance(value, dict):
        reject(number, f"{shape_of(value)}, wanted an object", raw or orjson.dumps(value))
        return
    items, graph = value.get("items"), value.get("@graph")
    if isinstance(items, list) and str(value.get("version")).startswith(_FEED_VERSION):
        feed = {"source": value.get("title"), "language": value.get("language")}
        inner = [feed | item if isinstance(item, dict) else item for item in items]
    elif isinstance(graph, list) and any(_is_article(node) for node in graph):
        inner = [_with_publisher(node, graph) for node in graph if _is_article(node)]
    else:
        yield number, value, raw
        return
    for n, record in enumerate(inner, 1):
        if isinstance(record, dict):
            yield (number if len(inner) == 1 else n), record, b""
        else:
            reject(n, f"{shape_of(record)}, wanted an object", orjson.dumps(record))


def _is_article(node: Any) -> bool:
    if not isinstance(node, dict):
        return False
    kinds = node.get("@type")
    known = [kinds] if isinstance(kinds, str) else kinds if isinstance(kinds, list) else []
    return any(isinstance(k, str) and k.endswith(("Article", "Posting", "Report")) for k in known)


def _with_publisher(node: dict[str, Any], graph: list[Any]) -> dict[str, Any]:
    """The node, with a publisher that is only referred to put in its place."""
    publisher = node.get("publisher")
    if not isinstance(publisher, dict) or set(publisher) != {"@id"}:
        return node
    same = (n for n in graph if isinstance(n, dict) and n.get("@id") == publisher["@id"])
    return {**node, "publisher": next(same, publisher)}


def loaded(data: bytes) -> Any:
    """The JSON value; NaN and Infinity, which Python's writer leaves in, become null.

    Raises ValueError.
    """
    try:
        return orjson.loads(data)
    except ValueError:
        if not _NOT_A_NUMBER.search(data):
            raise
    import json

    try:
        return orjson.loads(orjson.dumps(json.loads(data)))
    except (RecursionError, TypeError) as error:
        raise ValueError(str(error)) from error


def reason_of(error: ValueError, data: bytes) -> str:
    """What is wrong with the JSON; the offset of a byte that is no UTF-8 counts from 1."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"not UTF-8 at byte {wrong.start + 1}"
    place = _PLACE.search(str(error))
    what = str(error)[: place.start()] if place else str(error)
    return f"broken JSON: {what}" + (f" (column {place[2]})" if place else "")
