"""CSV and TSV, row by row."""

from __future__ import annotations

import csv
import itertools
from collections import deque
from collections.abc import Iterator
from functools import partial

from dedupe.errors import SourceError
from dedupe.read.content import Content, encoding_by_mark, guessed_encoding, lines, utf8_blocks
from dedupe.read.jsonl import Found, Reject

FIELD_LIMIT = 256 << 20
"""Characters in a field; csv's own limit of 128 KiB is shorter than a long article."""

_DELIMITERS = ",;\t|"


class _Lines:
    """The lines of a file for csv, and the memory of those that made up the record at hand."""

    def __init__(self, content: Content) -> None:
        head = content.head
        encoding = encoding_by_mark(head) or guessed_encoding(head, content.name)
        self._lines = lines(utf8_blocks(content, encoding), FIELD_LIMIT)
        self._again: deque[bytes] = deque()
        self.name = content.name
        self.number = 0
        self.spoilt = ""
        self.record: list[bytes] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        self.number += 1
        if line is None:
            raise csv.Error(f"the line is longer than {FIELD_LIMIT >> 20} MiB")
        self.record.append(line)
        try:
            return line.decode("utf-8") + "\n"
        except UnicodeDecodeError as error:
            self.spoilt = f"not UTF-8 at byte {error.start + 1} of line {self.number}"
            return line.decode("utf-8", "replace") + "\n"

    def start_record(self) -> int:
        """Forgets the last record; the line that the next one begins on."""
        self.record.clear()
        self.spoilt = ""
        return self.number + 1

    @property
    def raw(self) -> bytes:
        """The record at hand as it stood in the file."""
        return b"\n".join(self.record)

    def back_to_second(self) -> None:
        """Gives back all lines of the record at hand but its first."""
        self._again.extendleft(reversed(self.record[1:]))
        self.number -= len(self.record) - 1
        del self.record[1:]


def read_csv(content: Content, reject: Reject, delimiter: str | None = None) -> Iterator[Found]:
    """Records of a table with a header; numbered by the line that each begins on.

    Without a delimiter given, it is the one of ``, ; tab |`` that the header has most of. A row
    of another width than the header, or with a quote left open, is rejected.
    """
    if csv.field_size_limit() < FIELD_LIMIT:
        csv.field_size_limit(FIELD_LIMIT)
    source = _Lines(content)
    header = _header(source, delimiter)
    if header is None:
        return
    names, delimiter = header
    rows = csv.reader(source, delimiter=delimiter, strict=True)
    while True:
        first = source.start_record()
        try:
            values = next(rows)
        except StopIteration:
            break
        except csv.Error as error:
            _recover(source, names, delimiter)
            to = f" (to line {source.number})" if source.number > first else ""
            reject(first, f"broken table row{to}: {_in_words(error)}", source.raw)
            continue
        wrong = _wrong(values, names, source)
        if wrong:
            reject(first, wrong, source.raw)
        elif values and any(values):
            yield first, dict(zip(names, values, strict=True)), source.raw
    if content.damage:
        reject(source.number + 1, f"{content.damage} at line {source.number + 1}", b"")


read_tsv = partial(read_csv, delimiter="\t")


def _header(source: _Lines, delimiter: str | None) -> tuple[list[str], str] | None:
    """Column names and delimiter; None for an empty file."""
    first = next((line for line in source if line.strip()), None)
    if first is None:
        return None
    chosen = delimiter or max(_DELIMITERS, key=first.count)
    try:
        names = next(csv.reader(itertools.chain([first], source), delimiter=chosen, strict=True))
    except csv.Error as error:
        raise SourceError(f"{source.name}: broken table header: {error}") from None
    return _distinct(names), chosen


def _distinct(names: list[str]) -> list[str]:
    """Each column gets a name of its own, so that none hides another one's values."""
    seen: set[str] = set()
    for n, name in enumerate(map(str.strip, names), 1):
        own = name if name and name not in seen else f"{name or 'column'} {n}"
        while own in seen:
            own += "'"
        seen.add(own)
        names[n - 1] = own
    return names


def _wrong(values: list[str], names: list[str], source: _Lines) -> str:
    """What is wrong with a row; '' for a good one and for an empty line."""
    if source.spoilt:
        return source.spoilt
    if values and len(values) != len(names):
        return f"{len(values)} columns, the header has {len(names)}"
    return ""


def _recover(source: _Lines, names: list[str], delimiter: str) -> None:
    """After a quote left open swallowed further lines: reads those again, if they are rows."""
    if len(source.record) < 2:
        return
    second = source.record[1].decode("utf-8", "surrogateescape")
    try:
        values = next(csv.reader([second], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return
    if len(values) == len(names):
        source.back_to_second()


def _in_words(error: csv.Error) -> str:
    if "unexpected end" in str(error):
        return "a quote is opened here and never closed"
    if "expected after" in str(error):
        return "text stands between a closing quote and the next column; double quotes inside text"
    return str(error)
