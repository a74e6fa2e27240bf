"""Finds the article in a record: which field is the text, which the date, by the record's shape.

A shape is the record's field names in their order. A file has few of them, so what is worked out
once a shape costs nothing a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from dedupe.errors import RecordError
from dedupe.read import bodies, values
from dedupe.read.account import Account
from dedupe.read.batch import Row
from dedupe.read.dates import date_of, unwrapped_date
from dedupe.read.envelope import Look, records_in
from dedupe.read.names import (
    FIRST_SUMMARY,
    HOLDERS,
    LISTS,
    NAMES,
    WRAPPERS,
    ZONES,
    folded,
    rank_of_text,
)
from dedupe.read.plan import Plan
from dedupe.read.prose import longest_prose, may_be_body
from dedupe.read.record import enumerated, fields_of, holds_article, inside, with_inner

_BARE = re.compile(r'[^"\\\0-\x1f]*').fullmatch
"""Whether a name is written in JSON as it is."""
_DEEPEST = 5
"""Objects inside of each other that are opened for want of a text and a title."""
_SUMMARY_SHARE = 1.25
"""How much longer than a summary a field must be that is taken for the body by what it holds."""
_SHAPES_KEPT = 4096
"""Shapes, and characters of the names of one: ever new names must not fill the memory."""
Convert = Callable[[Any], Any]
Candidate = tuple[str, Convert]
"""A field and what makes a string (for dates: what `parse_date` reads) of its value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKeys:
    """Field names that the user sets; None lets the shape decide. Dots lead into objects.

    A name set for ``text`` or ``id`` must be in every record; the others may be missing.
    """

    id: str | None = None
    text: str | None = None
    title: str | None = None
    date: str | None = None
    source: str | None = None
    url: str | None = None
    lang: str | None = None


BY_SHAPE = FieldKeys()
"""No names set: the shape of each record decides."""


@dataclass(frozen=True, slots=True)
class _Shape:
    columns: dict[str, list[Candidate]]  # for each column the fields to try, in order
    wrappers: list[str]
    """Objects whose fields count as the record's own."""
    holders: list[str]
    """The same where it lacks a text or a title without them."""
    prose: list[str]
    """Where no field of a known name is the body: fields that may be, by what they hold."""
    refusal: str


class Opened(NamedTuple):
    """A record as it is read."""

    record: Mapping[str, Any]
    shape: _Shape
    text: str
    title: str


class FieldFinder:
    """Rows out of records. One for all records that share a setting of field names."""

    def __init__(self, keys: FieldKeys = BY_SHAPE, account: Account | None = None) -> None:
        self._keys = {f.name: getattr(keys, f.name) for f in fields(keys)}
        self._shapes: dict[tuple[str, ...], _Shape] = {}
        self._planned: tuple[tuple[str, ...], Plan | None] = (), None
        self._kept = frozenset(key.split(".")[0] for key in self._keys.values() if key)
        self.account = Account() if account is None else account

    def row(self, record: Mapping[str, Any]) -> Row:
        """The article in a record; its id is '' where the record has none.

        Raises RecordError where there is neither text nor title, or the text is no text.
        """
        given, (record, shape, text, title) = record, self.opened(record)
        columns = shape.columns
        if not text:
            self.account.saw(fields_of(given))
        if shape.refusal and not (text and shape.prose):
            raise RecordError(f"{shape.refusal}; fields: {enumerated(fields_of(given))}")
        source, lang = _first(record, columns["source"]), _first(record, columns["lang"])
        lang, zone = lang and values.primary_subtag(lang), _first(record, columns["zone"])
        dates = [(name, convert(record[name])) for name, convert in columns["date"]]
        date, self.account.remark = date_of(dates, lang, zone)
        return (
            _first(record, columns["id"]),
            values.without_outlet(title, source) if _is_wrapped(record, columns) else title,
            text,
            date,
            source,
            _first(record, columns["url"]),
            lang,
        )

    def opened(self, record: Mapping[str, Any], *, by_content: bool = True) -> Opened:
        """The record with the fields of objects in it that count as its own, its text and title.

        Raises RecordError where the text is no text.
        """
        shape = self._shape(tuple(record))
        if shape.wrappers:
            record, shape = self._inside(record, shape, shape.wrappers)
        title, (text, wrong) = _first(record, shape.columns["title"]), _text(record, shape)
        for depth in range(_DEEPEST):
            # Any object will do where there is neither, and none of a known name is left.
            others = [*record] if by_content and shape.refusal and not text else []
            known = [name for name in shape.holders if holds_article(record[name])]
            holders = known if depth == 0 and known else others
            inner, inner_shape = self._inside(record, shape, () if text and title else holders)
            if inner is record:
                break
            record, shape = inner, inner_shape
            title, (text, wrong) = _first(record, shape.columns["title"]), _text(record, shape)
        if shape.prose and by_content:
            field, prose = longest_prose(record, shape.prose)
            if len(prose) > _SUMMARY_SHARE * len(text):
                text, wrong = prose, None
                self.account.chose(field)
        if wrong is not None:
            raise wrong
        return Opened(record, shape, text, title)

    def look(self, record: Mapping[str, Any], *, by_content: bool = False) -> Look:
        """What a record says of itself, by which it is told from what contains articles."""
        try:
            record, shape, text, title = self.opened(record, by_content=False)
            columns = shape.columns
            own = bool(_first(record, columns["url"])) or any(record[n] for n, _ in columns["date"])
        except (RecordError, RecursionError):
            return Look(*(False,) * 6)
        body = self.has_body(tuple(name for name, _ in columns["text"] if record[name]))
        if by_content and not body:
            strings = [name for name in shape.prose if isinstance(record[name], str)]
            text, body = longest_prose(record, strings)[1], True
        ids = any(record[name] for name, _ in columns["id"])
        named = self._keys["text"] is not None and bool(columns["text"])
        return Look(bool(title), bool(text) and body, bool(text) and not body, own, ids, named)

    def records_in(self, value: Any) -> list[Any] | None:
        """The records in a value of JSON; None where it is a record itself. Raises RecordError."""
        return records_in(value, self)

    def _inside(
        self, record: Mapping[str, Any], shape: _Shape, names: Iterable[str]
    ) -> tuple[Mapping[str, Any], _Shape]:
        """The record with the fields of the objects of these names, which give way to its own."""
        holders = [name for name in names if isinstance(record[name], Mapping)]
        if not holders:
            return record, shape
        record = with_inner(record, holders, self._kept, 0)
        return record, self._shape(tuple(record))

    def wanted(self, names: Iterable[str]) -> list[str]:
        """Those of a table's columns that a row may be made of, in their order."""
        names = list(names)
        shape = self._shape(tuple(names))
        used = {name for fields_tried in shape.columns.values() for name, _ in fields_tried}
        chosen = [name for name in names if name in used or folded(name) in HOLDERS]
        return chosen if not (shape.refusal or shape.prose) else names

    def plan(self, names: tuple[str, ...]) -> Plan | None:
        """How records of these names, in this order, are read in columns; None if they can't be."""
        if names != self._planned[0]:  # else asked again for each block of a file
            self._planned = names, self._plan(names)
        return self._planned[1]

    def _plan(self, names: tuple[str, ...]) -> Plan | None:
        from dedupe.kernels.articles import COLUMNS

        places = COLUMNS.split().index
        shape = self._shape(names)
        roles: dict[str, tuple[int, bool]] = {}
        for column, tried in shape.columns.items():
            outlet = [name for name, _ in shape.columns["source"][:1]]
            if (
                column == "url"
                and tried
                and tried[0] in [(name, values.address) for name in outlet]
            ):
                # An outlet that is an address is left to the reader of records.
                tried = tried[1:]  # noqa: PLW2901
            if not tried or column == "zone":
                continue
            name, convert = tried[0]
            kind = "address" if convert is values.address else column
            if name in roles or not _reads_strings(column, convert):
                return None
            roles[name] = places(kind), len(tried) == 1
        found = {column for column, _ in roles.values()}
        needed = {places("id"), places("text")}
        held = not shape.columns["title"] and any(name not in roles for name in shape.holders)
        inner = shape.wrappers, shape.prose, shape.refusal, shape.columns["zone"]
        deeper = held or any(inner)
        if deeper or not needed <= found or not all(map(_BARE, names)):
            return None
        if not self.has_body(names) and {folded(name) for name in names} & LISTS:
            return None
        unused = places("unused"), True
        columns, alone = zip(*(roles.get(name, unused) for name in names), strict=True)
        return Plan(list(names), list(columns), list(alone))

    def _shape(self, names: tuple[str, ...]) -> _Shape:
        shape = self._shapes.get(names)
        if shape is None:
            columns = {column: self._candidates(column, names) for column in NAMES}
            columns["zone"] = [(n, values.plain) for n in names if folded(n) in ZONES]
            if not (columns["text"] or columns["date"] or columns["url"]):
                # Anything may have a name: databases, tags, people.
                columns["title"] = [c for c in columns["title"] if folded(c[0]) != "name"]
            wrappers = [name for name in names if folded(name) in WRAPPERS]
            holders = [name for name in names if folded(name) in HOLDERS]
            prose, refusal = self._prose(columns, names), self._refusal(columns)
            shape = _Shape(columns, wrappers, holders, prose, refusal)
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            if sum(map(len, names)) < _SHAPES_KEPT:
                self._shapes[names] = shape
        return shape

    def _candidates(self, column: str, names: tuple[str, ...]) -> list[Candidate]:
        key = self._keys[column]
        if key is not None:
            return _set_by_user(column, key, names)
        ranks = NAMES[column]
        if column == "text":
            known = [
                (rank, name) for name in names if (rank := rank_of_text(ranks, name)) is not None
            ]
        else:
            known = [((ranks[folded(n)], False), n) for n in names if folded(n) in ranks]
        ordered = sorted(known, key=itemgetter(0))
        return [(name, _converter(column, name)) for _, name in ordered]

    def _prose(self, columns: Mapping[str, list[Candidate]], names: tuple[str, ...]) -> list[str]:
        missing = self._keys["id"] is not None and not columns["id"]
        if self._keys["text"] is not None or missing or self.has_body(names):
            return []
        used = {name for fields_tried in columns.values() for name, _ in fields_tried}
        return [name for name in names if name not in used and may_be_body(name)]

    def has_body(self, names: tuple[str, ...]) -> bool:
        """Whether one of these fields is a body, rather than a summary that stands in for it."""
        if self._keys["text"] is not None:
            return bool(self._candidates("text", names))
        return any(
            (rank := rank_of_text(NAMES["text"], n)) and rank[0] < FIRST_SUMMARY for n in names
        )

    def _refusal(self, columns: Mapping[str, list[Candidate]]) -> str:
        for column in ("text", "id"):
            if self._keys[column] is not None and not columns[column]:
                return f"no field {self._keys[column]} (set with --{column}-key)"
        if columns["text"] or columns["title"]:
            return ""
        return f"neither text nor title found{bodies.NAME_THE_TEXT}"


def _converter(column: str, name: str) -> Convert:
    if column == "text":
        markup = folded(name).endswith("html")
        return partial(bodies.markup_text if markup else bodies.body_text, name)
    if column == "url":
        # trafilatura has the address in `source`, others the outlet; @id may be any IRI.
        return values.address if folded(name) in _PERHAPS_ADDRESSES else values.any_address
    return _CONVERTERS[column]


_PERHAPS_ADDRESSES = frozenset({"source", "@id", "links", "alternate", "canonical", "sourceurl"})

_CONVERTERS: dict[str, Convert] = {
    "id": values.plain,
    "title": values.title_text,
    "source": values.source_name,
    "lang": values.plain,
    "date": unwrapped_date,
}


def _reads_strings(column: str, convert: Convert) -> bool:
    """Whether a string is read by the rules of its column alone, not from inside of a value."""
    return not isinstance(convert, partial) or (
        column == "text" and convert.func is bodies.body_text
    )


def _set_by_user(column: str, key: str, names: tuple[str, ...]) -> list[Candidate]:
    """The one field that the user named: as it stands, else dots taken for a way into objects."""
    if key in names:
        return [(key, _converter(column, key))]
    top, *path = key.split(".")
    found = path and top in names
    return [(top, partial(inside, path, _converter(column, path[-1])))] if found else []


def _first(record: Mapping[str, Any], candidates: list[Candidate]) -> str:
    """The first that says something, without NULs, which many a tool takes for the end."""
    for name, convert in candidates:
        value: str = convert(record[name])
        if value:
            return value.replace("\0", " ") if "\0" in value else value
    return ""


def _text(record: Mapping[str, Any], shape: _Shape) -> tuple[str, RecordError | None]:
    """The first text that is not blank; where there is none, the first value that is no text."""
    wrong: RecordError | None = None
    for name, convert in shape.columns["text"]:
        try:
            text: str = convert(record[name])
        except RecordError as error:
            wrong = wrong or error
            continue
        if text and not text.isspace():
            return text.replace("\0", " ") if "\0" in text else text, None
    return "", wrong


def _is_wrapped(record: Mapping[str, Any], columns: Mapping[str, list[Candidate]]) -> bool:
    """Whether the outlet is an object, as in answers of news APIs, which put it behind titles."""
    return any(isinstance(record[name], Mapping) for name, _ in columns["source"])
