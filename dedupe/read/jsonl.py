"""JSON Lines, and files of JSON documents: articles, lists of them, what contains such lists."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

from dedupe.config import Limits
from dedupe.read.budget import LINE_BYTES, PastLimitError, past_ratio, past_record
from dedupe.read.content import Content, encoding_by_mark, utf8_blocks
from dedupe.read.documents import loaded, parts_of
from dedupe.read.elements import Elements
from dedupe.read.found import FoundRecord, RecordsIn, Reject, one_record, unpacked
from dedupe.read.json_lines import JsonLines
from dedupe.read.plan import PlanFor
from dedupe.read.usual import PlainRows


def read_json(
    content: Content, reject: Reject, plan_for: PlanFor, records_in: RecordsIn
) -> Iterator[FoundRecord | PlainRows]:
    """Records of a JSON file, laid out one a line or as documents: the beginning shows which.

    Line numbers count from 1; in a list they are the element's number. Lines for whose names
    there is a plan come together.
    """
    encoding = encoding_by_mark(content.head)
    if not _is_document(content.beginning):
        lines = JsonLines(content, reject, plan_for, records_in)
        yield from lines.read(utf8_blocks(content, encoding))
        return
    blocks = utf8_blocks(content, encoding)
    if content.beginning.lstrip()[:1] == b"[":
        yield from _of_array(content, blocks, reject, records_in)
        return
    data = content.whole(blocks)
    try:
        value = loaded(data, content.limits)
    except PastLimitError as error:
        reject(1, str(error), data)
    except ValueError:
        yield from _of_parts(data, reject, records_in, content.limits)
    else:
        yield from _of_document(1, 1, value, data, reject, records_in)


def _of_array(
    content: Content, blocks: Iterator[bytes], reject: Reject, records_in: RecordsIn
) -> Iterator[FoundRecord]:
    """Records of an array: as a whole, or element by element where it is too large for that."""
    limits, begun, size = content.limits, list[bytes](), 0
    for block in blocks:
        begun.append(block)
        size += len(block)
        if size > limits.document_bytes:
            break
    else:
        data = content.whole(iter(begun))
        try:
            value = loaded(data, limits)
        except PastLimitError:
            begun = [data]
        except ValueError:
            yield from _of_parts(data, reject, records_in, limits)
            return
        else:
            yield from _of_document(1, 1, value, data, reject, records_in)
            return
    yield from _of_elements(content, chain(begun, blocks), reject, records_in)


def _of_elements(
    content: Content, blocks: Iterator[bytes], reject: Reject, records_in: RecordsIn
) -> Iterator[FoundRecord]:
    """The same element by element."""
    limits, number, read = content.limits, 1, 0
    array = Elements(blocks, limits)
    for element in array:
        data = element.data
        read += len(data) + LINE_BYTES
        if content.unpacks_too_far(read):
            reject(number, past_ratio(limits), data)
            return
        if element.broken:
            reject(number, f"{element.broken}; the rest of the array is not read", data)
        elif element.past:
            reject(number, past_record("the element", limits), data)
        elif element.unended and content.damage:
            reject(number, content.damage, data)
        else:  # one without an end may have swallowed others: a quote is missing
            found = _of_element(number, data, reject, records_in, limits)
            for number, record, raw in found:
                yield number, record, raw
        number += 1
    if array.rest.strip():
        reject(number, "broken JSON: unexpected content after document", array.rest)


def _of_element(
    number: int, data: bytes, reject: Reject, records_in: RecordsIn, limits: Limits
) -> Iterator[FoundRecord]:
    """The records in one element of an array."""
    try:
        value = loaded(data, limits)
    except ValueError:
        yield from _of_parts(b"[%b" % data, reject, records_in, limits, number)
    else:
        yield from unpacked(number, value, data, reject, records_in, number)


def _of_parts(
    data: bytes, reject: Reject, records_in: RecordsIn, limits: Limits, element: int = 1
) -> Iterator[FoundRecord]:
    """Records of several values, or of one that is broken."""
    for part in parts_of(data, limits):
        if part.wrong:
            reject(part.line, part.wrong, part.raw)
            element += part.in_array
            continue
        line = element if part.in_array else part.line
        for found in _of_document(line, element, part.value, part.raw, reject, records_in):
            element += part.in_array or isinstance(part.value, list)
            yield found


def _of_document(
    line: int, element: int, value: Any, raw: bytes, reject: Reject, records_in: RecordsIn
) -> Iterator[FoundRecord]:
    """The records in a value; ``element`` is the number of the first, if it contains several."""
    if not isinstance(value, list):
        yield from unpacked(line, value, raw, reject, records_in, element)
        return
    records = records_in(value)
    for number, record in enumerate(value if records is None else records, element):
        yield from one_record(number, record, b"", reject)


def read_records(content: Content, reject: Reject) -> Iterator[FoundRecord]:
    """The same record by record, each value as it is."""
    for found in read_json(content, reject, lambda _: None, lambda _: None):
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
