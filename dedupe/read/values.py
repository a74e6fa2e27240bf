"""What a field contains, whatever its format wraps it in, as plain strings, and as dates in UTC."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

from dedupe.errors import RecordError
from dedupe.moments import EPOCH, in_utc
from dedupe.read.markup import line_of, plain_text

_CALENDAR_DIGITS = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
"""Digits alone of these lengths are calendar dates; as seconds they would lie in 1970, or far."""

_EPOCH_UNITS = ((1e8, 1e11, 1.0), (1e11, 1e14, 1e3), (1e14, 1e17, 1e6), (1e17, 1e20, 1e9))
"""(from, below, units a second): seconds since 1973, milli-, micro- and nanoseconds."""

_ZONE_NAME = re.compile(r"\s*\b(?:UTC|GMT|Z)$", re.IGNORECASE)
_LOOSE_DAY = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\d])(.*)", re.DOTALL)
_AFTERNOON = re.compile(r"(\d{1,2})(:\d{2}(?::\d{2})?)\s*([ap])\.?m\b\.?", re.IGNORECASE)


def parse_date(value: object) -> datetime | None:
    """The moment that a field's value names, in UTC; None where it names none.

    Reads ISO 8601, RFC 2822, ``YYYYMMDD[hhmm[ss]]``, English month names, seconds, milli-,
    micro- and nanoseconds since 1970, datetimes, dates, and the time tuples of feedparser.
    A day alone is its midnight; a time without zone is taken for UTC. Less than a day (a year,
    a month) is no date. Never raises.
    """
    if type(value) is str:
        return _from_text(value)
    if value is None or isinstance(value, bool):
        return None
    if isinstance(value, datetime):
        return in_utc(value)
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day, tzinfo=UTC)
    if isinstance(value, (int, float)):
        return _from_number(value)
    return _from_parts(value)


@lru_cache(maxsize=65536)
def _from_text(text: str) -> datetime | None:
    """Cached, as a corpus repeats its days."""
    text = text.strip()
    if text.isascii() and text.replace(".", "", 1).isdigit():
        return _from_digits(text)
    for parse in (_from_iso, _from_mail):
        moment = parse(text)
        if moment is not None:
            return in_utc(moment)
    return None


def _from_digits(text: str) -> datetime | None:
    layout = _CALENDAR_DIGITS.get(len(text))
    if layout is None or not text.isdigit():
        return _from_number(float(text)) if len(text) <= 32 else None
    try:
        return datetime.strptime(text, layout).replace(tzinfo=UTC)
    except ValueError:
        return _from_number(float(text))


def _from_iso(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    loose = _LOOSE_DAY.match(_ZONE_NAME.sub("Z", text))
    if loose is None:
        return None
    year, month, day, rest = loose.groups()
    try:
        return datetime.fromisoformat(f"{year}-{int(month):02}-{int(day):02}{rest.rstrip()}")
    except ValueError:
        return None


def _from_mail(text: str) -> datetime | None:
    """RFC 2822 and its kin: month by name. The parser asks for a time, so a day is given one."""
    if not 8 <= len(text) <= 64 or not any(c.isalpha() for c in text):
        return None
    from email.utils import parsedate_to_datetime

    text = _AFTERNOON.sub(_on_24_hours, text)
    for written in (text, f"{text} 00:00"):
        try:
            return parsedate_to_datetime(written)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
    return None


def _on_24_hours(match: re.Match[str]) -> str:
    hour, rest, half = match.groups()
    return f"{int(hour) % 12 + 12 * (half in 'pP'):02}{rest}"


def _from_number(number: float) -> datetime | None:
    if not math.isfinite(number):
        return None
    if isinstance(number, int) and 19000101 <= number <= 21001231:
        return _from_digits(str(number))
    for low, high, unit in _EPOCH_UNITS:
        if low <= number < high:
            return EPOCH + timedelta(seconds=number / unit)
    return None


def _from_parts(value: object) -> datetime | None:
    """A time tuple as feedparser has it: year, month, day, hour, minute, second, in UTC."""
    if not isinstance(value, Sequence) or len(value) < 6:
        return None
    try:
        year, month, day, hour, minute, second = (int(part) for part in value[:6])
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except (TypeError, ValueError, OverflowError):
        return None


_KINDS = {
    dict: "an object",
    list: "a list",
    bool: "a truth value",
    bytes: "binary",
    str: "a string",
}
_WRAPPED = ("name", "title", "value", "@value", "literal", "$oid", "@id", "id", "url")
"""Keys of the plain value where a format wraps it: schema.org, ninjs, JSON-LD, MongoDB."""


def shape_of(value: object) -> str:
    """A value's kind in words: ``a list``, ``a number``."""
    if value is None:
        return "null"
    return _KINDS.get(type(value), "a number" if isinstance(value, (int, float)) else "no string")


def is_address(value: object) -> bool:
    """Whether the value is a web address."""
    return isinstance(value, str) and value[:8].lower().startswith(("http://", "https://"))


def plain(value: object) -> str:
    """A short value as a string: unwrapped from objects and lists, '' for null, NaN and blanks.

    Whole floats lose their ``.0``, as ids that passed through a data frame have one.
    """
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, Mapping):
        if "rendered" in value:
            return line_of(plain(value["rendered"]))
        return _first(value.get(key) for key in _WRAPPED)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return _first(value)
    return _written_out(value)


def _first(values: Iterable[object]) -> str:
    """The first of the values that says anything."""
    return next((text for value in values if (text := plain(value))), "")


def _written_out(value: object) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if isinstance(value, date) else str(value)


def title_text(value: object) -> str:
    """A title, without markup; of ninjs 3 headlines the one in the role ``main``."""
    return line_of(plain(_main_part(value) if isinstance(value, list) else value))


def source_name(value: object) -> str:
    """The outlet's name, without markup; of an address its host."""
    return _outlet(plain(value))


@lru_cache(maxsize=4096)
def _outlet(name: str) -> str:
    """Cached, as a corpus repeats its outlets."""
    name = line_of(name)
    if not is_address(name):
        return name
    try:
        return (urlsplit(name).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def address(value: object) -> str:
    """A web address, '' for all else."""
    if isinstance(value, Mapping):
        value = value.get("@id") or value.get("url")
    if isinstance(value, list):
        return next((found for part in value if (found := address(part))), "")
    return value.strip() if isinstance(value, str) and is_address(value.strip()) else ""


def any_address(value: object) -> str:
    """What stands in a field made for addresses: a relative one, too."""
    return value.strip() if isinstance(value, str) else address(value) or plain(value)


_BODY_KEYS = ("value", "@value", "rendered", "content", "html", "text", "#text", "$t")
"""Keys of the text where a format wraps it: ninjs, JSON-LD, WordPress, readers' exports, XML."""


def body_text(name: str, value: object) -> str:
    """The body in a field of this name, without markup, which its type or its shape shows.

    Raises RecordError for a value that is no text in any known format.
    """
    if isinstance(value, str):
        return plain_text(value)
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return plain_text(_from_utf8(name, value))
    if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        value = _main_part(value)
    if isinstance(value, Mapping):
        if "sections" in value:
            return _fundus_text(value)
        for key in _BODY_KEYS:
            if isinstance(text := value.get(key), str):
                known = key in {"rendered", "html"} or "html" in _content_type(value)
                return plain_text(text, markup=known)
    raise RecordError(f"{name} is {shape_of(value)}, wanted a string")


def markup_text(name: str, value: object) -> str:
    """As `body_text`, in a field whose name says that it is HTML."""
    if isinstance(value, str):
        return plain_text(value, markup=True)
    return body_text(name, value)


def _from_utf8(name: str, value: bytes) -> str:
    """Parquet writers without a string type leave text as bytes."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"{name} is not UTF-8 at byte {error.start + 1}") from None


def _main_part(parts: list[Any]) -> Mapping[str, Any]:
    """Of headlines or bodies in several roles: the main one, plain text before markup."""

    def rank(part: Mapping[str, Any]) -> tuple[bool, bool]:
        main = str(part.get("role")) in {"main", "body", "headline"}
        return not main, "html" in _content_type(part)

    known = [part for part in parts if isinstance(part, Mapping)]
    return min(known, key=rank) if known else {"value": plain(parts)}


def _content_type(part: Mapping[str, Any]) -> str:
    return str(part.get("contentType") or part.get("contenttype") or part.get("type") or "")


def _fundus_text(body: Mapping[str, Any]) -> str:
    """A structured body: the summary, then sections of headline and paragraphs."""
    sections = body["sections"] if isinstance(body["sections"], list) else []
    parts = [body.get("summary")]
    for section in sections:
        if isinstance(section, Mapping):
            parts += [section.get("headline"), section.get("paragraphs")]
    lines = [p for part in parts for p in (part if isinstance(part, list) else [part])]
    return "\n\n".join(line for line in lines if isinstance(line, str) and line.strip())


def unwrapped_date(value: Any) -> Any:
    """A date out of ``{"$date": ...}`` (MongoDB) or ``{"@value": ...}``; all else as it is."""
    if isinstance(value, Mapping):
        value = value.get("$date", value.get("@value"))
        return value.get("$numberLong") if isinstance(value, Mapping) else value
    return value
