"""What a field contains, whatever its format wraps it in, as plain strings."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from dedupe.caches import short_cache
from dedupe.lexicon import codes_by_tag, known_codes
from dedupe.read.markup import line_of

_KINDS = {
    dict: "an object",
    list: "a list",
    bool: "a truth value",
    bytes: "binary",
    str: "a string",
}
_WRAPPED = (
    *("name", "title", "value", "@value", "literal", "$oid", "main", "basic", "default", "text"),
    *("#text", "$t", "S", "N", "stringValue", "integerValue", "$numberLong", "@id", "id", "url"),
)
"""Keys of the plain value where a format wraps it: schema.org, ninjs, JSON-LD, MongoDB, the New
York Times, Arc, XML, DynamoDB, Firestore."""
_LOCALE = re.compile(r"[a-z]{2,3}(?:[-_][A-Za-z]{2,4})?")
"""A key of one of several translations, as Contentful has them."""
_ADDRESSES = ("@id", "url", "href", "permalink")


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
    if value is None:
        return ""
    if isinstance(value, Mapping):
        if "rendered" in value:
            return line_of(plain(value["rendered"]))
        found = _first(value.get(key) for key in _WRAPPED)
        return found or _first(value.values() if all(map(_is_locale, value)) else ())
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return _first(value)
    return _written_out(value)


def _is_locale(key: object) -> bool:
    return isinstance(key, str) and bool(_LOCALE.fullmatch(key)) and key != "id"


def _first(values: Iterable[object]) -> str:
    """The first of the values that says anything."""
    return next((text for value in values if (text := plain(value))), "")


def _written_out(value: object) -> str:
    if isinstance(value, float) and math.isnan(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    return value.isoformat() if isinstance(value, date) else str(value)


def title_text(value: object) -> str:
    """A title, without markup; of ninjs 3 headlines the one in the role ``main``."""
    return line_of(plain(main_part(value) if isinstance(value, list) else value))


def source_name(value: object) -> str:
    """The outlet's name, without markup; of an address its host."""
    return _outlet(plain(value))


@short_cache(4096)
def _outlet(name: str) -> str:
    """Cached, as a corpus repeats its outlets."""
    name = line_of(name)
    if not is_address(name):
        return name
    try:
        return (urlsplit(name).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@short_cache(4096)
def primary_subtag(written: str) -> str:
    """``en`` for ``en``, ``en-US``, ``en_GB``, ``eng_Latn`` and ``English``; '' for no language."""
    subtag = written.strip().lower().replace("_", "-").partition("-")[0]
    if subtag not in known_codes():
        subtag = codes_by_tag().get(subtag, subtag)
    return subtag if subtag.isascii() and subtag.isalpha() and len(subtag) in {2, 3} else ""


_OUTLET_BEHIND = re.compile(r"(?<!\s)\s+[-–—|·]\s+$")


def without_outlet(title: str, outlet: str) -> str:
    """The title without the outlet's name behind it."""
    if not (outlet and title.endswith(outlet)):
        return title
    before = title[: -len(outlet)]
    return _OUTLET_BEHIND.sub("", before) if _OUTLET_BEHIND.search(before) else title


def address(value: object) -> str:
    """A web address, '' for all else."""
    if isinstance(value, Mapping):
        value = next((value[key] for key in _ADDRESSES if value.get(key)), None)
    if isinstance(value, list):
        return next((found for part in value if (found := address(part))), "")
    return value.strip() if isinstance(value, str) and is_address(value.strip()) else ""


def any_address(value: object) -> str:
    """What stands in a field made for addresses: a relative one, too."""
    return value.strip() if isinstance(value, str) else address(value) or plain(value)


def main_part(parts: list[Any]) -> Mapping[str, Any]:
    """Of headlines or bodies in several roles: the main one, plain text before markup."""

    def rank(part: Mapping[str, Any]) -> tuple[bool, bool]:
        main = str(part.get("role")) in {"main", "body", "headline"}
        return not main, "html" in content_type(part)

    known = [part for part in parts if isinstance(part, Mapping)]
    return min(known, key=rank) if known else {"value": plain(parts)}


def content_type(part: Mapping[str, Any]) -> str:
    """What a part says that it is: ``text/html``; '' where it says nothing."""
    return str(part.get("contentType") or part.get("contenttype") or part.get("type") or "")
