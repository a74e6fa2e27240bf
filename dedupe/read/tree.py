"""Elements of XML and SGML as trees, within bounds, and without anything that a file refers to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from html.parser import HTMLParser
from xml.parsers import expat

from dedupe.errors import SourceError
from dedupe.read.content import encoding_by_mark, guessed_encoding
from dedupe.read.names import names_in

MOST_ELEMENTS = 1_000_000
DEEPEST = 200
"""Elements inside of each other, beyond which no document of articles goes."""
_SWELLING = 2
"""How much longer text may be than the file, by the entities that the file itself declares."""

_DECLARED = re.compile(rb"<\?xml[^>]*?\sencoding\s*=\s*[\"']([\w.:-]+)[\"']", re.IGNORECASE)
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

_BLOCKS = frozenset(
    names_in(
        "p div block section article body hl1 hl2 h1 h2 h3 h4 h5 h6 hedline li ul ol dl dt dd tr"
        " table blockquote bq pre title headline dateline figure figcaption note"
    )
)
_SPACED = frozenset({"td", "th", "col", "br"})
_UNSEEN = frozenset(
    names_in(
        "media media-caption media-producer script style head header footer nav aside iframe"
        " object svg noscript button nitf-table-metadata byline credit"
    )
)
"""Elements without a word of the body; bylines and credits stand in fields of their own."""


@dataclass(slots=True)
class Node:
    """One element, its name and those of its attributes without a namespace."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inner: list[Node | str] = field(default_factory=list)

    def children(self) -> Iterator[Node]:
        """The elements in it."""
        return (part for part in self.inner if isinstance(part, Node))

    def below(self, *names: str) -> Iterator[Node]:
        """All elements of these names in it, at any depth, in the order of the document."""
        waiting = [self]
        while waiting:
            node = waiting.pop()
            if node is not self and node.name.lower() in names:
                yield node
            waiting.extend(reversed(list(node.children())))

    def first(self, *names: str) -> Node | None:
        """The first of them."""
        return next(self.below(*names), None)

    def text(self) -> str:
        """All text in it, white space as it stands."""
        parts, waiting = list[str](), list[Node | str]([self])
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                parts.append(part)
            else:
                waiting.extend(reversed(part.inner))
        return "".join(parts)

    def line(self) -> str:
        """The same in one line."""
        return " ".join(self.text().split())

    def html(self) -> str:
        """What is in it as HTML, its blocks as paragraphs and other elements as their text."""
        parts, waiting = list[str](), list[Node | str](reversed(self.inner))
        while waiting:
            part = waiting.pop()
            if isinstance(part, str):
                parts.append(part if type(part) is _End else escape(part, quote=False))
                continue
            name = part.name.lower()
            if name in _UNSEEN:
                continue
            if name in _BLOCKS:
                parts.append("<p>")
                waiting.append(_End("</p>"))
            elif name in _SPACED:
                parts.append("<br>" if name == "br" else " ")
            waiting.extend(reversed(part.inner))
        return "".join(parts)


class _End(str):
    """What closes a block on the way through a tree."""

    __slots__ = ()


class _Builder:
    """Puts a tree together from what begins and ends."""

    def __init__(self, name: str) -> None:
        self.root = Node("")
        self.open = [self.root]
        self._name = name
        self._count = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS or len(self.open) > DEEPEST:
            what = "nested too deep" if self._count <= MOST_ELEMENTS else "too many"
            raise SourceError(f"{self._name}: elements are {what} for a file of articles")
        local = {key.rpartition(":")[2]: value for key, value in attributes.items()}
        node = Node(name.rpartition(":")[2], local)
        self.open[-1].inner.append(node)
        self.open.append(node)

    def text(self, data: str) -> None:
        self.open[-1].inner.append(data)


def tree_of(data: bytes, name: str) -> tuple[Node, str]:
    """The elements of an XML document below a nameless root, and where it breaks off, or ''.

    Nothing is fetched; entities that the document declares may swell it little. Raises SourceError
    for what is no XML at all.
    """
    text = _decoded(data, name)
    begin = text.find("<")
    encoded = _CONTROL.sub(" ", text[max(begin, 0) :]).encode("utf-8", "replace")
    build = _Builder(name)
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.UseForeignDTD(True)  # so that entities of HTML are passed over, not an error
    size = 0

    def characters(written: str) -> None:
        nonlocal size
        size += len(written)
        if size > _SWELLING * len(encoded) + 1000:
            raise SourceError(f"{name}: its entities swell it; it may be made to do harm")
        build.text(written)

    def end(_: str) -> None:
        build.open.pop()

    def skipped(entity: str, is_parameter: bool) -> None:  # noqa: FBT001 - as expat calls it
        if not is_parameter:
            characters(unescape(f"&{entity};"))

    parser.StartElementHandler = build.start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = characters
    parser.SkippedEntityHandler = skipped
    try:
        parser.Parse(encoded, True)
    except expat.ExpatError as error:
        broken = f"{expat.errors.messages[error.code]} (line {error.lineno})"
        if not build.root.inner:
            raise SourceError(f"{name}: no XML: {broken}") from None
        return build.root, broken
    return build.root, ""


def _decoded(data: bytes, name: str) -> str:
    """The document as text: by its mark, as UTF-8 that is more than ASCII, as declared, a guess."""
    if encoding := encoding_by_mark(data):
        return data.decode(encoding, "replace")
    declared = _DECLARED.search(data, 0, 400)
    named = declared[1].decode("ascii") if declared else "utf-8"
    for tried in (named,) if data.isascii() else ("utf-8", named):
        try:
            return data.decode(tried)
        except (LookupError, UnicodeDecodeError):
            continue
    return data.decode(guessed_encoding(data, name), "replace")


class _Loose(HTMLParser):
    """Reads SGML: tags in any case, elements that are never closed."""

    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=True)
        self.build = _Builder(name)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        opened = self.build.open
        if tag == opened[-1].name:  # a paragraph ends where the next one begins
            opened.pop()
        self.build.start(tag, {key: value or "" for key, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        opened = self.build.open
        for place in range(len(opened) - 1, 0, -1):
            if opened[place].name == tag:
                del opened[place:]
                break

    def handle_data(self, data: str) -> None:
        self.build.text(_CONTROL.sub(" ", data))


def loose_tree_of(text: str, name: str) -> Node:
    """The elements of SGML, below a nameless root."""
    parser = _Loose(name)
    parser.feed(text)
    parser.close()
    return parser.build.root
