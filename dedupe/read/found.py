"""Records as readers hand them over, and those that one value contains."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from dedupe.errors import RecordError
from dedupe.read.record import Refused
from dedupe.read.usual import as_json
from dedupe.read.values import shape_of

FoundRecord = tuple[int, dict[str, Any], bytes]
"""Line (or row), record, and the record as it stood in the source ('' where it has no own)."""

Reject = Callable[[int, str, bytes], None]
"""Called with line, reason and raw bytes of what could not be taken in."""

RecordsIn = Callable[[Any], list[Any] | None]
"""The records in a value that contains some, None of any other; see FieldFinder.records_in."""


def unpacked(
    line: int,
    value: Any,
    raw: bytes,
    reject: Reject,
    records_in: RecordsIn,
    element: int = 1,
) -> Iterable[FoundRecord]:
    """The records in one value: itself, or those that it contains.

    Several are numbered from ``element`` on; one alone has the number of its line.
    """
    records = None
    if isinstance(value, (dict, list)):
        try:
            records = records_in(value)
        except RecordError as error:
            reject(line, str(error), raw)
            return ()
    if records is None:
        return one_record(line, value, raw, reject)
    return _each(line, records, reject, element)


def _each(line: int, records: list[Any], reject: Reject, element: int) -> Iterator[FoundRecord]:
    for number, record in enumerate(records, element):
        yield from one_record(number if len(records) > 1 else line, record, b"", reject)


def one_record(number: int, value: Any, raw: bytes, reject: Reject) -> tuple[FoundRecord, ...]:
    """A value as a record, where it is one."""
    if isinstance(value, dict):
        return ((number, value, raw),)
    if isinstance(value, Refused):
        reject(number, value.reason, raw or as_json(value.element))
    else:
        told = f"{shape_of(value)}, wanted an object"
        text = ' for each article, as {"text": "..."}' if isinstance(value, str) else ""
        reject(number, told + text, raw or as_json(value))
    return ()
