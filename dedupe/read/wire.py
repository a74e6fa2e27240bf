"""XML other than feeds: wires in NewsML and NITF, news site maps, and records of any other make."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any

from dedupe.errors import RecordError, SourceError
from dedupe.read.content import Content, decoded
from dedupe.read.found import FoundRecord, RecordsIn, Reject, unpacked
from dedupe.read.markup import plain_text
from dedupe.read.names import names_in
from dedupe.read.tree import Node, loose_tree_of, tree_of

_NO_TEXT = frozenset({"picture", "video", "audio", "graphic", "animation", "composite", "planning"})
"""Kinds of items, by the end of their code, of which a caption is no article."""

_DOCUMENT = re.compile(r"<(reuters|doc|document|article|story)\b[^<>]*>", re.IGNORECASE)
"""Where a document begins in SGML, which needs no element around all of them."""


def read_xml(content: Content, reject: Reject, records_in: RecordsIn) -> Iterator[FoundRecord]:
    """The articles of an XML file, numbered from 1 in its order.

    Raises SourceError for what is no XML. A file broken in its midst gives what came before, and a
    rejection.
    """
    data = content.whole()
    if not data.strip():
        return
    root, broken = tree_of(data, content.name)
    number = 0
    for number, record in enumerate(_records(root, content.name, records_in), 1):
        if isinstance(record, dict):
            yield number, record, b""
        else:
            reject(number, str(record), b"")
    if broken:
        reject(number + 1, f"the XML is broken here: {broken}", b"")


def _records(
    root: Node, name: str, records_in: RecordsIn
) -> Iterator[dict[str, Any] | RecordError]:
    """Records, and why others are none."""
    if root.first("sitemapindex") is not None:
        raise SourceError(f"{name}: an index of site maps; give the site maps that it names")
    for nodes, record_of in _kinds(root):
        if nodes:
            yield from map(_taken(record_of), nodes)
            return
    top = next(root.children(), None)
    wrong = list[RecordError]()

    def refuse(_: int, reason: str, __: bytes) -> None:
        wrong.append(RecordError(reason))

    value = {} if top is None else {top.name: _value(top)}
    for _, record, _ in unpacked(1, value, b"", refuse, records_in):
        yield record
    yield from wrong


Found = dict[str, Any] | RecordError
RecordOf = Callable[[Node], dict[str, Any]]


def _kinds(root: Node) -> Iterator[tuple[list[Node], RecordOf]]:
    """The elements of each kind that is known, and what reads them."""
    items = [item for item in root.below("newsitem") if item.first("newsitem") is None]
    yield [item for item in items if item.first("itemmeta", "contentmeta")], _newsml_g2
    yield [item for item in items if item.first("newsmanagement", "newscomponent")], _newsml_1
    packages = [] if items else list(root.below("packageitem"))
    yield packages, _package
    yield list(root.below("nitf")), _nitf
    yield [node for top in root.below("urlset") for node in top.children()], _mapped


def _taken(record_of: RecordOf) -> Callable[[Node], Found]:
    def record_or_reason(node: Node) -> Found:
        try:
            return record_of(node)
        except RecordError as error:
            return error

    return record_or_reason


def _line(node: Node | None) -> str:
    return "" if node is None else node.line()


def _attribute(node: Node | None, name: str) -> str:
    return "" if node is None else node.attributes.get(name, "")


def _longest(bodies: Iterator[str]) -> dict[str, str]:
    """A body as records have it: the longest, as alternatives may be short forms."""
    return {"value": max(bodies, key=len, default=""), "type": "text/html"}


def _body(node: Node) -> str:
    """The text of an element as HTML, be it NITF, HTML, or text, perhaps of escaped markup."""
    nitf = node.first("body.content")
    inside = nitf or node.first("body") or node
    whole = [block for block in inside.below("block") if "full_text" in _attribute(block, "class")]
    markup = "".join(block.html() for block in whole) or inside.html()
    if any(True for _ in inside.children()):
        return markup
    return "".join(f"<p>{part}</p>" for part in _paragraphs(plain_text(node.text())))


def _paragraphs(text: str) -> list[str]:
    """Paragraphs of a text that is laid out in lines, escaped for HTML."""
    from html import escape

    return [escape(part, quote=False) for part in re.split(r"\n\s*\n|\n(?=[ \t]{2,})", text)]


def _newsml_g2(item: Node) -> dict[str, Any]:
    """An item of NewsML-G2. Raises RecordError for a picture and the like."""
    meta = item.first("contentmeta") or Node("")
    kind = _attribute(item.first("itemclass"), "qcode").rpartition(":")[2]
    contents = item.below("inlinexml", "inlinedata")
    body = _longest(_body(node) for node in contents)
    if kind in _NO_TEXT and not body["value"].strip():
        raise RecordError(f"an item of the kind {kind}, without a text")
    provider = item.first("provider")
    names = (_line(provider and provider.first("name")), _attribute(provider, "literal"))
    language = _attribute(meta.first("language"), "tag") or _attribute(item, "lang")
    nitf_title = _line(item.first("hl1"))
    headlines = [node.line() for node in meta.below("headline") if node.line()]
    return {
        "id": _attribute(item, "guid"),
        "title": next(iter(headlines), "") or nitf_title or _line(item.first("title")),
        "text": body,
        "summary": _line(meta.first("description")),
        "versioncreated": _line(item.first("versioncreated")),
        "firstcreated": _line(item.first("firstcreated")),
        "contentcreated": _line(item.first("contentcreated")),
        "source": next(filter(None, names), _attribute(provider, "qcode").rpartition(":")[2]),
        "language": language,
    }


def _package(package: Node) -> dict[str, Any]:
    """No article. Raises RecordError."""
    number = sum(1 for _ in package.below("itemref"))
    raise RecordError(f"a package that refers to {number} items; give the items themselves")


def _newsml_1(item: Node) -> dict[str, Any]:
    """An item of NewsML 1."""
    bodies = [_body(node) for node in item.below("datacontent")]
    body = _longest(iter(bodies))
    kinds = {_attribute(node, "FormalName").lower() for node in item.below("mediatype")}
    if kinds and "text" not in kinds and not plain_text(body["value"], markup=True).strip():
        raise RecordError(f"an item of the kind {', '.join(sorted(kinds))}, without a text")
    provider = item.first("provider")
    party = _attribute(provider and provider.first("party"), "FormalName")
    return {
        "id": _line(item.first("publicidentifier")) or _line(item.first("newsitemid")),
        "title": _line(item.first("headline")) or _line(item.first("hl1")),
        "text": body,
        "published": _line(item.first("thisrevisioncreated")) or _line(item.first("firstcreated")),
        "date": _line(item.first("dateid")),
        "source": party or _line(item.first("providerid")),
        "language": _attribute(item.first("language"), "FormalName") or _attribute(item, "lang"),
    }


def _nitf(document: Node) -> dict[str, Any]:
    """A document of NITF."""
    head, publication = document.first("body.head") or Node(""), document.first("pubdata")
    dated = document.below("date.issue", "date.release", "story.date")
    dates = [_attribute(node, "norm") for node in dated]
    content = document.first("body.content")
    return {
        "id": _attribute(document.first("doc-id"), "id-string"),
        "title": _line(head.first("hl1")) or _line(document.first("title")),
        "text": {"value": _body(content) if content else "", "type": "text/html"},
        "summary": _line(head.first("abstract")),
        "published": _attribute(publication, "date.publication") or next(filter(None, dates), ""),
        "source": _attribute(publication, "name")
        or _line(head.first("distributor"))
        or _attribute(document.first("doc.copyright"), "holder"),
        "url": _attribute(publication, "ex-ref"),
        "language": _attribute(document, "baselang") or _attribute(document, "lang"),
    }


def _mapped(entry: Node) -> dict[str, Any]:
    """An entry of a news site map. Raises RecordError for one that names a page alone."""
    news = entry.first("news")
    if news is None or not (title := _line(news.first("title"))):
        raise RecordError("an entry of a site map without a title; give the pages themselves")
    return {
        "url": _line(entry.first("loc")),
        "title": title,
        "date": _line(news.first("publication_date")) or _line(entry.first("lastmod")),
        "source": _line(news.first("name")),
        "language": _line(news.first("language")),
    }


def _value(node: Node) -> Any:
    """An element of any other make: its text, or an object of what is in it."""
    children = list(node.children())
    texts = [part for part in node.inner if isinstance(part, str) and part.strip()]
    if not children:
        text = "" if _attribute(node, "nil") == "true" else node.text().strip()
        if "nil" in node.attributes:
            return text
        return text if text or not node.attributes else dict(node.attributes)
    if texts or all(child.name.lower() in _MARKUP for child in children):
        return {"value": node.html(), "type": "text/html"}
    value = dict[str, Any]()
    for child in children:
        inner, before = _value(child), value.get(child.name)
        if before is None:
            value[child.name] = inner
        elif isinstance(before, list):
            before.append(inner)
        else:
            value[child.name] = [before, inner]
    return node.attributes | value


_MARKUP = frozenset(names_in("p br div span b i em strong a ul ol li h1 h2 h3 h4 blockquote"))


def read_sgml(content: Content, reject: Reject, records_in: RecordsIn) -> Iterator[FoundRecord]:
    """The documents of an SGML file, as collections of wires have them, numbered from 1."""
    text = decoded(content.whole(), content.name)
    begins = list(_DOCUMENT.finditer(text))
    kind = begins[0][1].lower() if begins else ""
    places = [found.start() for found in begins if found[1].lower() == kind]
    if not places:
        if text.strip():
            raise SourceError(f"{content.name}: no document of SGML that is known")
        return
    for number, (start, end) in enumerate(pairwise([*places, len(text)]), 1):
        root, raw = loose_tree_of(text[start:end], content.name), text[start:end].encode()
        top = next(root.children(), None)
        if top is None:
            reject(number, "the first tag of the document is broken", raw)
            continue
        value = _value(top)
        if isinstance(value, dict) and "newid" in value:
            value["id"] = value.pop("newid")
        yield from unpacked(number, value, raw, reject, records_in)
