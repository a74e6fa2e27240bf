"""The text of a body, whatever its format makes it of: a string, paragraphs, blocks, roles.

A body of blocks is a tree: lists of strings and objects, of which some hold text and some more
blocks. What each editor calls these differs; that a few names hold the text does not.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from dedupe.errors import RecordError
from dedupe.read.markup import plain_text
from dedupe.read.names import folded, names_in
from dedupe.read.values import content_type, main_part, shape_of

NAME_THE_TEXT = "; name the field of the text with --text-key"
"""What a command is told to do where no text was found."""
_TEXTS = names_in(
    "value @value rendered text #text $t content html paragraph insert innerhtml bodyhtml bodytext"
    " body bodytextsummary headline"
)
"""Folded names of a node's own text, the best first: ninjs, JSON-LD, WordPress, readers' exports,
XML, Quill, Gutenberg, the Guardian."""
_BRANCHES = names_in(
    "content children blocks components contentelements paragraphs elements innerblocks body root"
    " ops data nodes document fields sentences items value text"
)
"""Folded names of a node's further blocks: ProseMirror, Slate, Editor.js, Apple News, Arc, Fundus,
Lexical, Quill, Contentful."""
_IN_ORDER = ("summary", "headline", "heading", "sections", "paragraphs")
"""Of a node that has sections or paragraphs besides a headline: its parts as Fundus has them."""
_MARKUP = frozenset({"rendered", "html", "innerhtml", "bodyhtml"})
_INLINE = frozenset(
    names_in(
        "text span link hyperlink a strong em b i bold italic underline code mention hashtag"
        " autolink emphasis plain entity cashtag email phone tab linebreak hardbreak"
    )
)
_BREAKS = frozenset({"linebreak", "hardbreak"})
_OTHER = frozenset(
    names_in(
        "image img picture photo gallery video audio media embed caption credit byline author"
        " authors authorinfo date kicker title ad advert advertisement iframe script style tweet"
        " instagram youtube map chart interactive related relatedlink newsletter promo tag tags"
        " divider separator embeddedassetblock embeddedentryblock assethyperlink logo button"
    )
)
"""Kinds of blocks that hold none of the body's words."""
_DEEPEST = 24
_MOST_NODES = 200_000


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
    if isinstance(value, (Mapping, list)):
        text = _tree_text(value)
        if text is not None:
            return text
    told = f"{name} is {shape_of(value)}, wanted a string"
    raise RecordError(f"{told}{NAME_THE_TEXT}")


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


def _tree_text(value: Mapping[str, Any] | list[Any]) -> str | None:
    """The text of a body of blocks; None where no block is of a kind that is known."""
    if isinstance(value, list) and value and all(map(_is_version, value)):
        value = main_part(value)
    walk = _Walk()
    parts = [part for part in walk.blocks(value, 0) if part]
    return "\n\n".join(parts) if parts or walk.known or not value else None


def _is_version(part: object) -> bool:
    """Whether this is one of several versions of a body, as ninjs 3 and Atom have them."""
    if not isinstance(part, Mapping) or "value" not in part:
        return False
    return "role" in part or "/" in content_type(part)


def _joined(parts: list[str]) -> str:
    """Paragraphs, apart by empty lines; or words, where most parts are no more than one."""
    said = [part.strip() for part in parts if not part.isspace()]
    single = len(said) > 8 and 3 * sum(" " not in part for part in said) > 2 * len(said)
    return plain_text((" " if single else "\n\n").join(said)).strip()


class _Walk:
    """One way through the blocks of a body."""

    def __init__(self) -> None:
        self.known = False
        """Whether any block was of a kind that is known, were it one without text."""
        self._left = _MOST_NODES

    def blocks(self, node: object, depth: int) -> Iterator[str]:
        """The texts of the blocks at and below a node, in order.

        Raises RecordError for a tree that is too large.
        """
        self._step(depth)
        if isinstance(node, str):
            yield plain_text(node).strip()
        elif isinstance(node, Mapping):
            yield from self._block(node, depth)
        elif isinstance(node, list):
            if all(isinstance(part, str) for part in node):
                yield _joined(node)
            elif _is_line(node, depth):
                yield plain_text(self._line(node, depth)).strip()
            else:
                for part in node:
                    yield from self.blocks(part, depth + 1)

    def _block(self, node: Mapping[str, Any], depth: int) -> Iterator[str]:
        if _kind(node) in _OTHER:
            self.known = True
            return
        parts = {folded(str(name)): value for name, value in node.items()}
        if parts.keys() & {"sections", "paragraphs"} and len(parts.keys() & set(_IN_ORDER)) > 1:
            self.known = True
            for name in _IN_ORDER:
                yield from self.blocks(parts.get(name), depth + 1)
            return
        texts = [name for name in _TEXTS if isinstance(parts.get(name), str)]
        below = [name for name in _BRANCHES if isinstance(parts.get(name), (list, Mapping))]
        self.known = self.known or bool(texts or below)
        if texts:
            markup = texts[0] in _MARKUP or "html" in content_type(node)
            yield plain_text(parts[texts[0]], markup=markup).strip()
        if below:
            yield from self.blocks(parts[below[0]], depth + 1)

    def _line(self, node: object, depth: int) -> str:
        """The text of what stands within a paragraph, with nothing put in between."""
        self._step(depth)
        if isinstance(node, str):
            return node
        if isinstance(node, list):
            return "".join(self._line(part, depth + 1) for part in node)
        if not isinstance(node, Mapping):
            return ""
        self.known = True
        if _kind(node) in _BREAKS:
            return "\n"
        inner = (node.get(name) for name in ("text", "value", "insert", "content", "children"))
        return next((self._line(part, depth + 1) for part in inner if part), "")

    def _step(self, depth: int) -> None:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise RecordError("the blocks of the body are too many, or nested too deep")


def _kind(node: Mapping[str, Any]) -> str:
    """The kind of a block, folded."""
    kind = next((node[k] for k in ("type", "_type", "nodeType", "role", "kind") if k in node), "")
    return folded(kind) if isinstance(kind, str) else ""


def _is_line(parts: list[Any], depth: int) -> bool:
    """Whether the parts stand within one paragraph: runs of an editor, or text around links."""
    mixed = any(isinstance(part, str) for part in parts)
    runs = [part for part in parts if not isinstance(part, str)]
    if not all(isinstance(run, Mapping) for run in runs):
        return False
    if mixed or all("insert" in run for run in runs):  # Telegram; Quill, which breaks lines itself
        return True
    return depth > 0 and all(_kind(run) in _INLINE or _is_leaf(run) for run in runs)


def _is_leaf(run: Mapping[str, Any]) -> bool:
    return not _kind(run) and isinstance(run.get("text"), str)
