"""What a field holds, whatever its format wraps it in, as plain strings."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlsplit

from dedupe.errors import RecordError

_PARAGRAPHS = frozenset(
    {"p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "dl", "blockquote", "section"}
    | {"article", "header", "footer", "aside", "main", "table", "pre", "figure", "figcaption", "hr"}
)
_LINES = frozenset({"br", "li", "tr", "dt", "dd"})
_SILENT = frozenset({"script", "style", "template", "noscript"})
_SPACE = re.compile(r"[ \t\r\n\f]+")
_EDGES = re.compile(r" *\n *")
_GAPS = re.compile(r"\n{3,}")


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in _SILENT:
            self.silent += 1
        else:
            self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag not in _LINES:
            self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.parts.append(_SPACE.sub(" ", data))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.parts.append("\n\n")
        elif tag in _LINES:
            self.parts.append("\n")


def fragment_text(html: str) -> str:
    """The text of an HTML fragment: blocks apart by an empty line, ``br`` and items by a break.

    Scripts and styles are left out, character references resolved. Never raises.
    """
    if "<" not in html and "&" not in html:
        return html
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = _EDGES.sub("\n", "".join(parser.parts))
    return _GAPS.sub("\n\n", text).strip()


_KINDS = {
    dict: "an object",
    list: "a list",
    bool: "a truth value",
    bytes: "binary",
    str: "a string",
}
_WRAPPED = ("name", "title", "value", "@value", "literal", "$oid", "@id", "id", "url")
"""Keys that hold the plain value where a format wraps it: schema.org, ninjs, JSON-LD, MongoDB."""


def kind_of(value: object) -> str:
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
            return fragment_text(plain(value["rendered"]))
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
    """A title; of ninjs 3 headlines the one in the role ``main``."""
    return plain(_main_part(value) if isinstance(value, list) else value)


def source_name(value: object) -> str:
    """The outlet's name; of an address its host."""
    name = plain(value)
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


def body_text(name: str, value: object) -> str:
    """The body in a field of this name, as it stands; markup becomes text where it says it is.

    Raises RecordError for a value that is no text in any known format.
    """
    if isinstance(value, str):
        return value
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if isinstance(value, bytes):
        return _from_utf8(name, value)
    if isinstance(value, list) and value and all(isinstance(part, Mapping) for part in value):
        value = _main_part(value)
    if isinstance(value, Mapping):
        if "sections" in value:
            return _fundus_text(value)
        if isinstance(value.get("rendered"), str):
            return fragment_text(value["rendered"])
        for key in ("value", "@value"):
            if isinstance(text := value.get(key), str):
                return fragment_text(text) if "html" in _content_type(value) else text
    raise RecordError(f"{name} is {kind_of(value)}, wanted a string")


def markup_text(name: str, value: object) -> str:
    """As `body_text`, in a field whose name says that it holds HTML."""
    return fragment_text(body_text(name, value))


def _from_utf8(name: str, value: bytes) -> str:
    """Parquet writers without a string type leave text as bytes."""
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RecordError(f"{name} is not UTF-8 at byte {error.start + 1}") from None


def _main_part(parts: list[Any]) -> Mapping[str, Any]:
    """Of headlines or bodies in several roles: the main one, plain text before markup."""

    def rank(part: Mapping[str, Any]) -> tuple[bool, bool]:
        return str(part.get("role")) not in {"main", "body", "headline"}, "html" in _content_type(
            part
        )

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
