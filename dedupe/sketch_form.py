"""Sketches as Arrow batches: the form in which they are stored, and handed to other processes.

A row is what a run keeps of an article once its text has gone by. What comes back from a file or
from another process is looked into, each row: kernels trust what they get.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dedupe.collect import KeptColumns
from dedupe.config import ALGORITHM_VERSION
from dedupe.errors import RecordError, SettingError
from dedupe.lines import BODY_LINE, Lines
from dedupe.moments import FIRST_MOMENT, LAST_MOMENT, UNDATED
from dedupe.sketch import TERM_BITS, MarkedTerms, Sketch, Terms

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.config import Settings

FORM = 1
"""Raised whenever the columns change, or what their bytes mean."""
NUMBERS = {
    "signature": "<u4",
    "shingles": "<u4",
    "terms": "<u4",
    "term_counts": "<u2",
    "term_flags": "u1",
    "line_keys": "<u4",
    "line_ends": "<u4",
    "line_token_ends": "<u4",
    "line_known": "u1",
    "occurrences": "<u2",
    "telling": "<u4",
}
"""The columns of bytes, and of what type their numbers are: little-endian, one after the other.
Not each engine has lists, or numbers without a sign; all have bytes."""
POSITION = "position"
"""A column beside them: the place of each article in the input, where rows may come in any order.
"""
MOST_TOKENS = 1 << 31
MOST_POSITION = 1 << 62


def sketch_schema() -> pa.Schema:
    """Columns of a batch of sketches, one row an article; null may be a ``date`` alone.

    ``form`` says what they were made by, ``again`` whether a row takes the place of an earlier one
    of its id. What stands in the columns of bytes is described in docs/sketches.md.
    """
    import pyarrow as pa

    text, number = pa.large_string(), pa.int64()
    kinds = {
        "form": text, "id": text, "again": pa.bool_(), "headline": text, "source": text,
        "date": pa.timestamp("us", tz="UTC"), "text_bytes": number, "language": text,
        "tokens": number, "content": number,
    } | dict.fromkeys(NUMBERS, pa.large_binary())  # fmt: skip
    return pa.schema([pa.field(name, kinds[name], nullable=name == "date") for name in kinds])


def sketch_form_of(settings: Settings, *, copies_only: bool) -> str:
    """What sketches that are compared must have in common, as it stands in their rows."""
    views = "copies" if copies_only else "copies and stories"
    return (
        f"sketch {FORM}, algorithm {ALGORITHM_VERSION}, {settings.permutations} permutations of"
        f" seed {settings.seed}, {settings.shingle_words} words, {views}"
    )


def as_arrow(form: str, columns: KeptColumns, again: list[bool], made: Sketch) -> pa.RecordBatch:
    """A sketch with what names its n articles."""
    import pyarrow as pa

    n, none = len(made), np.zeros(len(made) + 1, np.int64)
    terms, lines, telling = made.terms, made.lines, made.telling
    nothing: tuple[NDArray[Any], NDArray[np.int64]] = np.empty(0, np.uint8), none
    numbers = dict.fromkeys(NUMBERS, nothing)
    width = made.signatures.shape[1]
    numbers["signature"] = made.signatures.ravel(), np.arange(n + 1, dtype=np.int64) * width
    numbers["shingles"] = made.shingles, made.starts
    if terms is not None:
        numbers["terms"] = terms.buckets, terms.bounds
        numbers["term_counts"] = terms.counts, terms.bounds
        numbers["term_flags"] = terms.flags, terms.bounds
    if lines is not None:
        numbers["line_keys"] = lines.keys, lines.bounds
        numbers["line_ends"] = lines.ends, lines.bounds
        numbers["line_token_ends"] = lines.token_ends, lines.bounds
        numbers["line_known"] = lines.known, lines.bounds
        numbers["occurrences"] = lines.order, lines.order_bounds
    if telling is not None:
        numbers["telling"] = telling.packed, telling.bounds
    ticks = pa.array(columns.dates, pa.int64(), mask=columns.dates == UNDATED)
    dates = ticks.cast(pa.timestamp("us", tz="UTC"))
    held = {
        "form": [form] * n, "id": columns.ids, "again": again, "headline": columns.headlines,
        "source": columns.sources, "date": dates, "text_bytes": columns.text_bytes,
        "language": made.languages or [""] * n, "tokens": made.lengths,
        "content": made.contents.view(np.int64),
    }  # fmt: skip
    schema = sketch_schema()
    arrays = [
        _packed(*numbers[field.name], NUMBERS[field.name])
        if field.name in NUMBERS
        else pa.array(held[field.name], field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _packed(values: NDArray[Any], bounds: NDArray[np.int64], kind: str) -> pa.Array:
    """Numbers that lie between bounds (n + 1,) as n values of bytes."""
    import pyarrow as pa

    data = np.ascontiguousarray(values, kind)
    buffers = [None, pa.py_buffer(bounds * data.itemsize), pa.py_buffer(data)]
    return pa.Array.from_buffers(pa.large_binary(), len(bounds) - 1, buffers)


def from_arrow(
    batch: pa.RecordBatch, settings: Settings, form: str, first: int
) -> tuple[KeptColumns, list[bool], str, Sketch]:
    """A batch as it was sketched: what names its articles, ``again``, its form, and its sketch.

    ``form`` is that of the batches before, "" for none; ``first`` the number of its first row, as
    it is told. Raises SettingError for another one, and for one that the settings don't make;
    RecordError for what is no batch of sketches, or broken.
    """
    batch = _cast(batch)
    ours = [sketch_form_of(settings, copies_only=only) for only in (False, True)]
    for other in batch.column("form").unique().to_pylist():
        if other not in ours or form not in {"", other}:
            raise SettingError(
                f"these sketches are of the form {other!r}, and {form or ours[0]!r} is wanted:"
                " sketch the articles anew, or give the settings with which they were sketched"
            )
        form = form or other
    rows, copies_only = _Rows(batch, first), form == ours[1]
    dates, text_bytes = _look_at_names(rows)
    _look_at_words(rows, settings, copies_only=copies_only)
    if not copies_only:
        _look_at_lines(rows)
    spoken = () if copies_only else tuple(batch.column("language").to_pylist())
    made = Sketch(
        rows.values("signature").reshape(len(batch), settings.permutations),
        rows.integers("content").view(np.uint64),
        *rows.ragged["shingles"],
        rows.integers("tokens"),
        spoken,
        telling=MarkedTerms(*rows.ragged["telling"]) if copies_only else None,
    )
    if not copies_only:
        made = replace(made, terms=_terms_in(rows), lines=_lines_in(rows))
    ids, headlines, sources = (batch.column(k).to_pylist() for k in ("id", "headline", "source"))
    own = KeptColumns(ids, headlines, sources, dates, [], text_bytes)
    return own, batch.column("again").to_pylist(), form, made


def positions_in(batch: pa.RecordBatch, first: int) -> NDArray[np.int64] | None:
    """The place of each article of a batch in the input (n,); None without a column of it.

    ``first`` is the number of the first row. Raises RecordError for what is no place.
    """
    import pyarrow as pa

    if POSITION not in batch.schema.names:
        return None
    held = batch.column(POSITION)
    if not pa.types.is_integer(held.type):
        raise RecordError(f"column {POSITION!r} of the sketches is of {held.type}, wanted int64")
    found = held.fill_null(0).to_numpy(zero_copy_only=False)
    nulls = held.is_null().to_numpy(zero_copy_only=False)
    wrong = np.flatnonzero(nulls | (found < 0) | (found > MOST_POSITION))
    if len(wrong):
        raise RecordError(
            f"row {first + int(wrong[0])} of the sketches is broken: {POSITION!r} is no place"
        )
    return np.asarray(found, np.int64)


def _terms_in(rows: _Rows) -> Terms:
    counts, flags = rows.values("term_counts"), rows.values("term_flags")
    return Terms(rows.values("terms"), counts, flags, rows.ragged["terms"].bounds)


def _lines_in(rows: _Rows) -> Lines:
    return Lines(
        rows.values("line_keys"),
        rows.values("line_ends").astype(np.int64),
        rows.values("line_token_ends").astype(np.int64),
        rows.values("line_known").astype(np.bool_),
        rows.ragged["line_keys"].bounds,
        *rows.ragged["occurrences"],
    )


def _cast(batch: pa.RecordBatch) -> pa.RecordBatch:
    """The columns of the schema, of its types; others are left out. Raises RecordError."""
    import pyarrow as pa

    arrays = []
    for field in sketch_schema():
        if batch.schema.names.count(field.name) != 1:
            raise RecordError(f"what was given is no table of sketches: no column {field.name!r}")
        held = batch.column(field.name)
        try:
            if pa.types.is_dictionary(held.type):
                held = held.dictionary_decode()
            array = held.cast(field.type)
        except pa.ArrowException as error:
            reason = str(error).partition("\n")[0]
            raise RecordError(f"column {field.name!r} of the sketches: {reason}") from None
        if array.null_count and not field.nullable:
            raise RecordError(f"column {field.name!r} of the sketches has nulls")
        arrays.append(array)
    return pa.RecordBatch.from_arrays(arrays, schema=sketch_schema())


class _Ragged(NamedTuple):
    """Numbers of n articles: those of one lie between its bounds (n + 1,)."""

    values: NDArray[Any]
    bounds: NDArray[np.int64]

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Numbers of each (n,)."""
        return np.diff(self.bounds)

    def rows(self) -> NDArray[np.int64]:
        """The article of each number."""
        return np.repeat(np.arange(len(self.bounds) - 1), self.sizes)

    def sinks(self, *, equal: bool) -> NDArray[np.bool_]:
        """Whether a number is below the one before it in its article, or ``equal`` to it."""
        found = np.zeros(len(self.values), np.bool_)
        steps = np.diff(self.values.astype(np.int64))
        found[1:] = (steps <= 0 if equal else steps < 0) & (np.diff(self.rows()) == 0)
        return found


class _Rows:
    """The rows of a batch of sketches, of which the first has the number ``first``."""

    def __init__(self, batch: pa.RecordBatch, first: int) -> None:
        self.batch, self.first = batch, first
        self.ragged = {name: self._unpacked(name, kind) for name, kind in NUMBERS.items()}
        """The columns of bytes."""

    def values(self, name: str) -> NDArray[Any]:
        """The numbers of a column of bytes, one row's after the other's."""
        return self.ragged[name].values

    def integers(self, name: str) -> NDArray[np.int64]:
        """The numbers of a column of 64 bits; of a null any."""
        column = self.batch.column(name)
        held = np.frombuffer(column.buffers()[1] or b"", np.int64)
        return held[column.offset : column.offset + len(column)]

    def _unpacked(self, name: str, kind: str) -> _Ragged:
        column, size = self.batch.column(name), np.dtype(kind).itemsize
        _, offsets, data = column.buffers()
        bounds = np.frombuffer(offsets or bytes(8), np.int64)
        bounds = bounds[column.offset : column.offset + len(column) + 1]
        wrong = np.diff(bounds) % size != 0
        self.refuse_if(name, wrong, f"is no row of numbers of {size} bytes")
        held = np.frombuffer(data or b"", np.uint8)[bounds[0] : bounds[-1]]
        values = np.frombuffer(held.tobytes(), kind) if bounds[0] % size else held.view(kind)
        native = values.astype(np.dtype(kind).newbyteorder("="), copy=False)
        return _Ragged(native, (bounds - bounds[0]) // size)

    def refuse_if(self, name: str, wrong: NDArray[np.bool_], what: str) -> None:
        """Raises RecordError for the first row that is ``wrong`` (n,)."""
        if wrong.any():
            row = self.first + int(np.flatnonzero(wrong)[0])
            raise RecordError(f"row {row} of the sketches is broken: {name!r} {what}")

    def refuse_each(self, name: str, wrong: NDArray[np.bool_], what: str) -> None:
        """The same where of the numbers of a column of bytes each is wrong or not."""
        if wrong.any():
            found = np.zeros(len(self.batch), np.bool_)
            found[self.ragged[name].rows()[wrong]] = True
            self.refuse_if(name, found, what)


def _look_at_names(rows: _Rows) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Dates, in microseconds or UNDATED, and bytes of the texts. Raises RecordError."""
    text_bytes, batch = rows.integers("text_bytes"), rows.batch
    nulls = batch.column("date").is_null().to_numpy(zero_copy_only=False)
    dates = np.where(nulls, UNDATED, rows.integers("date"))
    outside = (dates < FIRST_MOMENT) | (dates > LAST_MOMENT)
    nameless = np.array([not name for name in batch.column("id").to_pylist()], np.bool_)
    rows.refuse_if("id", nameless, "is empty")
    rows.refuse_if("date", ~nulls & outside, "is out of range")
    rows.refuse_if("text_bytes", text_bytes < 0, "is negative")
    return dates, text_bytes


def _look_at_words(rows: _Rows, settings: Settings, *, copies_only: bool) -> None:
    """Raises RecordError where signatures, shingles or terms are none that a sketch has."""
    tokens, ragged = rows.integers("tokens"), rows.ragged
    rows.refuse_if("tokens", (tokens < 0) | (tokens > MOST_TOKENS), "is out of range")
    width = ragged["signature"].sizes
    rows.refuse_if("signature", width != settings.permutations, "is of another size")
    shingles = np.where(tokens > 0, np.maximum(1, tokens - settings.shingle_words + 1), 0)
    rows.refuse_if("shingles", ragged["shingles"].sizes != shingles, "does not agree with 'tokens'")
    of_others = ("terms", "line_keys", "occurrences") if copies_only else ("telling",)
    for name in of_others:
        rows.refuse_if(name, ragged[name].sizes > 0, "belongs to another form")
    for name, bits in (("terms", 0), ("telling", 8)):
        own = ragged[name]._replace(values=rows.values(name) >> np.uint32(bits))
        rows.refuse_each(name, own.sinks(equal=True), "is not ascending")
        rows.refuse_each(name, own.values >> TERM_BITS != 0, "has a term that there is not")
    for name in ("term_counts", "term_flags"):
        rows.refuse_if(
            name, ragged[name].sizes != ragged["terms"].sizes, "is not as long as 'terms'"
        )
    rows.refuse_each("term_counts", rows.values("term_counts") == 0, "has a count of nothing")
    for name in ("line_ends", "line_token_ends", "line_known"):
        wrong = ragged[name].sizes != ragged["line_keys"].sizes
        rows.refuse_if(name, wrong, "is not as long as 'line_keys'")


def _look_at_lines(rows: _Rows) -> None:
    """Raises RecordError where lines are none of the text, or their terms none of the article."""
    terms, occurrences = rows.ragged["terms"], rows.ragged["occurrences"]
    rows.refuse_if("line_keys", rows.ragged["line_keys"].sizes < BODY_LINE, "is without a title")
    rows.refuse_each("line_known", rows.values("line_known") > 1, "is neither 0 nor 1")
    wholes = {"line_ends": occurrences.sizes, "line_token_ends": rows.integers("tokens")}
    for name, whole in wholes.items():
        values, bounds = ends = rows.ragged[name]
        rows.refuse_each(name, ends.sinks(equal=False), "is not ascending")
        rows.refuse_if(name, values[bounds[1:] - 1] != whole, "does not end where its text does")
    values, bounds = rows.ragged["line_token_ends"]
    titled = values[bounds[:-1] + BODY_LINE - 1] != 0
    rows.refuse_if("line_token_ends", titled, "has a title with tokens of its text")
    places, of_row = occurrences.values.astype(np.int64), occurrences.rows()
    strange = places >= terms.sizes[of_row]
    rows.refuse_each("occurrences", strange, "has a term that there is not")
    times = np.bincount(terms.bounds[of_row] + places, minlength=len(terms.values))
    fewer = np.minimum(times, 2**16 - 1) != rows.values("term_counts")
    rows.refuse_each("term_counts", fewer, "does not agree with 'occurrences'")
