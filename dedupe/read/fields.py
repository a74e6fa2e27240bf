"""Finds the article in a record: which field is the text, which the date, by the record's shape.

A shape is the record's field names in their order. A file has few of them, so what is worked out
once a shape costs nothing a record.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from functools import lru_cache, partial
from operator import itemgetter
from typing import Any, NamedTuple

from dedupe.errors import RecordError
from dedupe.lexicon import codes_by_tag, known_codes
from dedupe.read import values
from dedupe.read.batch import Row
from dedupe.read.prose import longest_prose, may_be_body


@lru_cache(maxsize=4096)
def primary_subtag(written: str) -> str:
    """``en`` for ``en``, ``en-US``, ``en_GB``, ``eng_Latn`` and ``English``; '' for no language."""
    subtag = written.strip().lower().replace("_", "-").partition("-")[0]
    if subtag not in known_codes():
        subtag = codes_by_tag().get(subtag, subtag)
    return subtag if subtag.isascii() and subtag.isalpha() and len(subtag) in {2, 3} else ""


_SEPARATORS = re.compile(r"(?<=.)[-_\s.]+")
_BARE = re.compile(r'[^"\\\0-\x1f]*').fullmatch
"""Whether a name is written in JSON as it is."""


def folded(name: str) -> str:
    """A field name as it is compared: without case, hyphens, underscores, dots and spaces."""
    return _SEPARATORS.sub("", name.strip().lstrip("\ufeff")).lower()


_FORMS = re.compile(r"(?<=.)(?:x?html|plain|text|txt|raw|clean|rendered|markdown|full)$")
"""What names of texts may end in, in folded form: the form that the text is in."""


def _rank(ranks: Mapping[str, int], name: str) -> tuple[int, bool] | None:
    """Where a name of a text stands: ``article_html`` right behind ``article``."""
    name = folded(name)
    rank = ranks.get(name)
    if rank is not None:
        return rank, False
    rank = ranks.get(_FORMS.sub("", name))
    return None if rank is None else (rank, True)


def _in_order(names: str) -> dict[str, int]:
    return {name: rank for rank, name in enumerate(names.split())}


NAMES: dict[str, dict[str, int]] = {
    "id": _in_order(
        "id guid uri _id @id identifier uuid articleid docid documentid storyid newsid itemid"
    ),
    "title": _in_order(
        "title headline headlines articletitle pagetitle titlepage titlerss heading"
        " alternativeheadline name"
    ),
    # maintext: news-please; articlebody: schema.org; bodies: ninjs 3; plaintext: Fundus;
    # contenttext, contenthtml: JSON Feed; bodyhtml: Superdesk; bodyxhtml: ninjs 1.
    "text": _in_order(
        "text maintext articlebody plaintext body bodytext content contenttext bodies"
        " bodyhtml bodyxhtml contenthtml articletext fulltext article document rawtext"
        " html summary abstract description"
    ),
    "date": _in_order(
        "datepublished datepublish published publishedparsed publishedat publisheddate"
        " publishdate publishedtime publishingdate pubdate publicationdate dategmt date"
        " versioncreated firstcreated contentcreated datetime timestamp time datecreated createdat"
        " created datemodified datemodify modified updatedparsed updated updatedat"
    ),
    "source": _in_order(
        "sourcehostname source sourcename publisher sourceorganization sourcedomain sitename"
        " metasitename infosource infosources originalsource outlet publication newspaper"
        " provider domain hostname site"
    ),
    "url": _in_order(
        "url link canonicallink canonicalurl articleurl weburl permalink href"
        " mainentityofpage source externalurl @id"
    ),
    "lang": _in_order("lang language inlanguage metalang languagecode langcode locale"),
}
"""Column -> folded name -> rank, 0 the best.

The order matters where a record has several: the whole body before its summary, the time of
publication before that of a change. Times of download are left out, as they date the crawl.
"""

WRAPPERS = frozenset({"metadata", "meta"})
"""Objects whose fields count as the record's own, where it has none of that name (datatrove)."""

_SHAPES_KEPT = 4096
"""Records with ever new field names must not fill the memory."""

_FIELDS_NAMED = 20
"""Field names that a rejection lists."""

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
    columns: dict[str, list[Candidate]]
    """For each column the fields to try, in order."""
    wrappers: list[str]
    prose: list[str]
    """Where no field of a known name is the text: fields that may be, by what they hold."""
    refusal: str


class Plan(NamedTuple):
    """What is read of records of which every value that counts is a string, to be done in columns.

    See kernels.articles.lines.
    """

    names: list[str]
    columns: list[int]
    """What each name is read as: its place among the COLUMNS of that kernel."""
    alone: list[bool]
    """Whether no other name stands in for it where it is empty."""


PlanFor = Callable[[tuple[str, ...]], Plan | None]
"""The plan for records of these names, None where it takes more than one name a column."""


class FieldFinder:
    """Rows out of records. One for all records that share a setting of field names."""

    def __init__(self, keys: FieldKeys = BY_SHAPE) -> None:
        self._keys = {f.name: getattr(keys, f.name) for f in fields(keys)}
        self._shapes: dict[tuple[str, ...], _Shape] = {}

    def row(self, record: Mapping[str, Any]) -> Row:
        """The article in a record; its id is '' where the record has none.

        Raises RecordError where there is neither text nor title, or the text is no text.
        """
        shape = self._shape(tuple(record))
        if shape.wrappers:
            inner = [w for name in shape.wrappers if isinstance(w := record[name], Mapping)]
            record = {k: v for part in (*inner, record) for k, v in part.items()}
            shape = self._shape(tuple(record))
        columns = shape.columns
        text = _text(record, columns["text"]) or longest_prose(record, shape.prose)
        if shape.refusal and not (text and shape.prose):
            raise RecordError(shape.refusal)
        lang = _first(record, columns["lang"])
        return (
            _first(record, columns["id"]),
            _first(record, columns["title"]),
            text,
            _date(record, columns["date"]),
            _first(record, columns["source"]),
            _first(record, columns["url"]),
            lang and primary_subtag(lang),
        )

    def wanted(self, names: Iterable[str]) -> list[str]:
        """Those of a table's columns that a row may be made of, in their order."""
        names = list(names)
        shape = self._shape(tuple(names))
        used = {name for fields_tried in shape.columns.values() for name, _ in fields_tried}
        chosen = [name for name in names if name in used or name in WRAPPERS]
        return chosen if not (shape.refusal or shape.prose) else names

    def plan(self, names: tuple[str, ...]) -> Plan | None:
        """How records of these names, in this order, are read in columns; None if they can't be."""
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
            if not tried:
                continue
            name, convert = tried[0]
            kind = "address" if convert is values.address else column
            if name in roles or not _reads_strings(column, convert):
                return None
            roles[name] = places(kind), len(tried) == 1
        found = {column for column, _ in roles.values()}
        needed = {places("id"), places("text")}
        if shape.wrappers or shape.refusal or not needed <= found or not all(map(_BARE, names)):
            return None
        unused = places("unused"), True
        columns, alone = zip(*(roles.get(name, unused) for name in names), strict=True)
        return Plan(list(names), list(columns), list(alone))

    def _shape(self, names: tuple[str, ...]) -> _Shape:
        shape = self._shapes.get(names)
        if shape is None:
            columns = {column: self._candidates(column, names) for column in NAMES}
            wrappers = [name for name in names if name in WRAPPERS]
            prose, refusal = self._prose(columns, names), self._refusal(columns, names)
            shape = _Shape(columns, wrappers, prose, refusal)
            if len(self._shapes) >= _SHAPES_KEPT:
                self._shapes.clear()
            self._shapes[names] = shape
        return shape

    def _candidates(self, column: str, names: tuple[str, ...]) -> list[Candidate]:
        key = self._keys[column]
        if key is not None:
            return _set_by_user(column, key, names)
        ranks = NAMES[column]
        if column == "text":
            known = [(rank, name) for name in names if (rank := _rank(ranks, name)) is not None]
        else:
            known = [((ranks[folded(n)], False), n) for n in names if folded(n) in ranks]
        ordered = sorted(known, key=itemgetter(0))
        return [(name, _converter(column, name)) for _, name in ordered]

    def _prose(self, columns: Mapping[str, list[Candidate]], names: tuple[str, ...]) -> list[str]:
        missing = self._keys["id"] is not None and not columns["id"]
        if columns["text"] or self._keys["text"] is not None or missing:
            return []
        used = {name for fields_tried in columns.values() for name, _ in fields_tried}
        return [name for name in names if name not in used and may_be_body(name)]

    def _refusal(self, columns: Mapping[str, list[Candidate]], names: tuple[str, ...]) -> str:
        seen = ", ".join(names[:_FIELDS_NAMED]) or "none"
        seen += ", ..." if len(names) > _FIELDS_NAMED else ""
        for column in ("text", "id"):
            if self._keys[column] is not None and not columns[column]:
                return f"no field {self._keys[column]} (set with --{column}-key); fields: {seen}"
        if columns["text"] or columns["title"]:
            return ""
        return f"neither text nor title found; name the field with --text-key; fields: {seen}"


def _converter(column: str, name: str) -> Convert:
    if column == "text":
        markup = folded(name).endswith("html")
        return partial(values.markup_text if markup else values.body_text, name)
    if column == "url":
        # trafilatura has the address in `source`, others the outlet; @id may be any IRI.
        return values.address if folded(name) in {"source", "@id"} else values.any_address
    return _CONVERTERS[column]


_CONVERTERS: dict[str, Convert] = {
    "id": values.plain,
    "title": values.title_text,
    "source": values.source_name,
    "lang": values.plain,
    "date": values.unwrapped_date,
}


def _reads_strings(column: str, convert: Convert) -> bool:
    """Whether a string is read by the rules of its column alone, not from inside of a value."""
    return not isinstance(convert, partial) or (
        column == "text" and convert.func is values.body_text
    )


def _set_by_user(column: str, key: str, names: tuple[str, ...]) -> list[Candidate]:
    """The one field that the user named: as it stands, else dots taken for a way into objects."""
    if key in names:
        return [(key, _converter(column, key))]
    top, *path = key.split(".")
    found = path and top in names
    return [(top, partial(_nested, path, _converter(column, path[-1])))] if found else []


def _nested(path: list[str], convert: Convert, value: Any) -> Any:
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return convert(None)
    return convert(value)


def _first(record: Mapping[str, Any], candidates: list[Candidate]) -> str:
    """The first that says something, without NULs, which many a tool takes for the end."""
    for name, convert in candidates:
        value: str = convert(record[name])
        if value:
            return value.replace("\0", " ") if "\0" in value else value
    return ""


def _text(record: Mapping[str, Any], candidates: list[Candidate]) -> str:
    """The first text that is not blank. Raises RecordError if there is none, but a wrong value."""
    wrong: RecordError | None = None
    for name, convert in candidates:
        try:
            text: str = convert(record[name])
        except RecordError as error:
            wrong = wrong or error
            continue
        if text and not text.isspace():
            return text.replace("\0", " ") if "\0" in text else text
    if wrong is not None:
        raise wrong
    return ""


def _date(record: Mapping[str, Any], candidates: list[Candidate]) -> datetime | None:
    for name, convert in candidates:
        date = values.parse_date(convert(record[name]))
        if date is not None:
            return date
    return None
