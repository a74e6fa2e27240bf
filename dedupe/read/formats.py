"""The formats of files, one row each: by what a format is known, and which function reads it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import PurePath
from typing import Any

from dedupe.errors import MissingExtraError, UnknownFormatError
from dedupe.read.files import read_feed, read_html, read_text
from dedupe.read.found import FoundRecord
from dedupe.read.jsonl import read_json
from dedupe.read.parquet import read_parquet
from dedupe.read.table import read_csv, read_tsv
from dedupe.read.usual import PlainRows


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of file."""

    read: Callable[..., Iterator[FoundRecord | PlainRows]]
    """A Content and a Reject to the records of the file, and lines that are read in columns."""
    endings: tuple[str, ...]
    """Of file names, in lower case."""
    aliases: tuple[str, ...] = ()
    """Further names of the format."""
    begins: re.Pattern[bytes] | None = None
    """What the first bytes of such a file match, where they show the format."""
    extra: tuple[str, str, str] | None = None
    """The package that it needs, the extra of ours that installs it, and for what."""
    fields: bool = False
    """Whether records have field names of their own, which the user may name."""
    asks: tuple[str, ...] = ()
    """Methods of the FieldFinder that the reader is also given: ``wanted``, which of the columns of
    a table count, ``plan``, how lines or rows are read in columns, ``records_in``, the records in
    a value that contains some."""
    one_article: bool = False
    """Whether a file is one article, so that its path is its id."""
    media_types: tuple[str, ...] = ()
    """What servers call it, in lower case."""
    about: str = ""
    """What is read, as the table in docs/reading.md says it."""


Reader = Callable[..., Iterator[FoundRecord | PlainRows]]


def _in_room(module: str, name: str) -> Reader:
    """A reader of a module that only files of its format need."""

    def read(*given: Any) -> Iterator[FoundRecord | PlainRows]:
        reader: Reader = getattr(import_module(f"dedupe.read.{module}"), name)
        yield from reader(*given)

    return read


_LEAD = rb"[\xef\xbb\xbf \t\r\n]*+"
"""A byte order mark and white space."""
_HTML = rb"\s*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+)*+<(?:!doctype\s+html|html|head|body)\b"
_PROLOG = (
    rb"\s*+(?:<\?(?:[^?]|\?(?!>))*+\?>\s*+|<!--(?:[^-]|-(?!->))*+-->\s*+"
    rb"|<!doctype[^<>\[]*+(?:\[[^\]]*+\]\s*+)?+>\s*+)*+"
)
_FEED = _PROLOG + rb"<(?:\w+:)?(?:rss|feed|rdf|channel)\b"
_XML = rb"\s*(?:<\?xml\b|<(?:newsitem|newsmessage|newsml|nitf|urlset|packageitem|sitemapindex)\b)"
_SGML = rb"\s*(?:<!doctype\s+lewis\b|<reuters\b|<doc\b)"
_ANY_CASE = re.IGNORECASE | re.DOTALL

FORMATS: dict[str, Format] = {
    "json": Format(
        read_json,
        (".jsonl", ".ndjson", ".json"),
        ("jsonl", "ndjson"),
        re.compile(_LEAD + rb"(?:[{\[]|\Z)"),
        fields=True,
        asks=("plan", "records_in"),
        media_types=(
            *("application/json", "application/x-ndjson", "application/ndjson", "text/json"),
            *("application/jsonl", "application/x-jsonlines", "application/jsonlines"),
            *("application/feed+json", "application/ld+json"),
        ),
        about=(
            "objects one a line, or documents: articles, arrays of them, and answers, dumps "
            "and exports that contain them; the beginning tells the layout"
        ),
    ),
    "csv": Format(
        read_csv,
        (".csv",),
        fields=True,
        asks=("plan",),
        media_types=("text/csv",),
        about="a table with a header; see [Tables](#tables)",
    ),
    "tsv": Format(
        read_tsv,
        (".tsv", ".tab"),
        fields=True,
        asks=("plan",),
        media_types=("text/tab-separated-values",),
        about="the same, parted by tabs",
    ),
    "parquet": Format(
        read_parquet,
        (".parquet", ".pq"),
        (),
        re.compile(rb"PAR1"),
        fields=True,
        asks=("wanted", "plan"),
        media_types=("application/vnd.apache.parquet", "application/x-parquet"),
        about="rows; only the columns that an article needs are read",
    ),
    "text": Format(
        read_text,
        (".txt", ".md", ".markdown"),
        ("txt", "md", "markdown"),
        one_article=True,
        media_types=("text/plain",),
        about=(
            "one article a file; the first line is the title where it looks like one: up to "
            "200 characters, not ending as a sentence does, and more text after it; of Markdown "
            "without its marks, with what its front matter says"
        ),
    ),
    "html": Format(
        read_html,
        (".html", ".htm", ".xhtml"),
        ("htm",),
        re.compile(_LEAD + _HTML, _ANY_CASE),
        ("trafilatura", "html", "reading HTML pages"),
        one_article=True,
        media_types=("text/html", "application/xhtml+xml"),
        about="one article a page: the body without the page's furniture",
    ),
    "feed": Format(
        read_feed,
        (".rss", ".atom", ".xml"),
        ("rss", "atom"),
        re.compile(_LEAD + _FEED, _ANY_CASE),
        ("feedparser", "feeds", "reading RSS and Atom feeds"),
        fields=True,
        media_types=(
            *("application/rss+xml", "application/atom+xml", "application/rdf+xml"),
            *("application/xml", "text/xml"),
        ),
        about=(
            "RSS and Atom, one article an entry: the full content where the feed has it and "
            "it holds text, else the summary"
        ),
    ),
    "xml": Format(
        _in_room("wire", "read_xml"),
        (".xml", ".nitf", ".newsml"),
        ("newsml", "nitf", "sitemap"),
        re.compile(_LEAD + _XML, _ANY_CASE),
        fields=True,
        asks=("records_in",),
        media_types=("application/xml", "text/xml"),
        about=(
            "wires in NewsML-G2, NewsML 1 and NITF, news site maps, and records of any other make"
        ),
    ),
    "sgml": Format(
        _in_room("wire", "read_sgml"),
        (".sgm", ".sgml"),
        ("sgm",),
        re.compile(_LEAD + _SGML, _ANY_CASE),
        fields=True,
        asks=("records_in",),
        about="collections of wires, a document after the other: Reuters-21578, TREC, Gigaword",
    ),
    "mail": Format(
        _in_room("mail", "read_mail"),
        (".mbox", ".mbx", ".eml"),
        ("mbox", "eml"),
        re.compile(rb"From \S+ .*\d\d:\d\d|(?:[A-Z][A-Za-z-]+: .*\r?\n(?:[ \t].*\r?\n)*){3}"),
        media_types=("application/mbox", "message/rfc822"),
        about="mailboxes and messages, newsletters among them; of a digest each item",
    ),
    "warc": Format(
        _in_room("crawl", "read_warc"),
        (".warc", ".wet"),
        ("wet",),
        re.compile(rb"WARC/\d"),
        ("warcio", "crawls", "reading archives of crawls"),
        media_types=("application/warc",),
        about="pages and texts of a crawl, also WET",
    ),
    "wacz": Format(
        _in_room("crawl", "read_wacz"),
        (".wacz",),
        (),
        None,
        ("warcio", "crawls", "reading archives of crawls"),
        media_types=("application/wacz",),
        about="the same, packed with an index",
    ),
    "iptc7901": Format(
        _in_room("teletype", "read_teletype"),
        (".iptc", ".anpa"),
        ("anpa",),
        re.compile(rb"[\x16\s]*\x01[^\x02]{1,400}\x02"),
        about="wires as they went over lines: IPTC 7901 and ANPA 1312",
    ),
    "index": Format(
        _in_room("export", "read_exported"),
        (),
        about=(
            "an index that keeps texts, in commands also as the file that it is, or its export "
            "(`dedupe index export`); the beginning tells"
        ),
    ),
}
"""By name, as `read` takes it; ``json`` is JSON Lines as well. The first that a beginning matches
is the format of a file whose name does not show it."""
_COMPRESSED = frozenset({".gz", ".zst", ".bz2", ".xz"})
_OTHERS = {
    b"\x89PNG": "a picture: there is no text in it to read",
    b"\xff\xd8\xff": "a picture: there is no text in it to read",
    b"GIF8": "a picture: there is no text in it to read",
    b"PK\x03\x04": "a ZIP archive or an office document: unpack it, or save it as CSV or text",
    b"Rar!": "a RAR archive: unpack it and name the folder",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive: unpack it and name the folder",
    b"%PDF-": "a PDF: give its text, as pdftotext writes it",
    b"\xd0\xcf\x11\xe0": "an old office document: save it as CSV or text",
    b"SQLite format 3\0": "a database of SQLite: give a table of it as CSV, of an index its export",
}
"""How files begin that are none of ours but often tried, and what helps."""
_TAR = 257, b"ustar"
"""The same of an archive of tar, and where."""


_SAMPLE = 4096
_CONTROLS = bytes({*range(1, 8), *range(14, 27), *range(28, 32)})
"""What stands in no text: not the zeros of UTF-16, nor what terminals are told with."""


def known_format(name: str) -> str:
    """The format of this name. Raises UnknownFormatError for a name that is none."""
    name = name.lower()
    for form, row in FORMATS.items():
        if name == form or name in row.aliases:
            return form
    raise UnknownFormatError(f"no format is called {name!r}; known: {', '.join(FORMATS)}")


def formats_of_name(name: str) -> list[str]:
    """The formats that a file's name may show; ``news.csv.gz`` is ``csv``."""
    path = PurePath(name.lower())
    if path.suffix in _COMPRESSED:
        path = path.with_suffix("")
    return [form for form, row in FORMATS.items() if path.suffix in row.endings]


def format_of(name: str, head: bytes) -> str | None:
    """The format that a file's name shows; where several share an ending, by its first bytes."""
    forms = formats_of_name(name)
    if len(forms) < 2:
        return forms[0] if forms else None
    return next((form for form in forms if _begins(form, head)), forms[-1])


def format_of_type(media_type: str, head: bytes) -> str | None:
    """The format that a server's word for it shows; None for a word that says little.

    Where several have that word it is the one that the first bytes show, else the last. Pages and
    plain texts are what servers send whatever they don't know as: there the first bytes are asked
    before.
    """
    main = media_type.partition(";")[0].strip().lower()
    forms = [form for form, row in FORMATS.items() if main in row.media_types]
    if forms in (["html"], ["text"]):
        forms = [*(form for form in FORMATS if _begins(form, head)), *forms][:1]
    return next((form for form in forms if _begins(form, head)), forms[-1] if forms else None)


def is_page(head: bytes) -> bool:
    """Whether the first bytes are those of a page of HTML."""
    return _begins("html", head)


def _begins(form: str, head: bytes) -> bool:
    begins = FORMATS[form].begins
    return begins is not None and begins.match(head) is not None


def format_of_content(name: str, head: bytes) -> str:
    """The format that the first bytes show. Raises UnknownFormatError if they don't."""
    for form in FORMATS:
        if _begins(form, head):
            return form
    found = [told for begins, told in _OTHERS.items() if head.startswith(begins)]
    if head.startswith(_TAR[1], _TAR[0]):
        found = ["a tar archive: unpack it and name the folder"]
    elif not found and _is_binary(head):
        found = ["no text, and of no kind that is read; see the formats in docs/reading.md"]
    if found:
        raise UnknownFormatError(f"{'standard input' if name == '-' else name} is {found[0]}")
    told = "standard input is not JSON Lines" if name == "-" else f"{name}: unknown kind of file"
    raise UnknownFormatError(f"{told}; name its format with --format ({', '.join(FORMATS)})")


def _is_binary(head: bytes) -> bool:
    """Whether it has more bytes than any text that are no characters in any encoding."""
    head = head[:_SAMPLE]
    return len(head) - len(head.translate(None, _CONTROLS)) > len(head) / 50


def require_extra(form: str | None) -> None:
    """Raises MissingExtraError where the format needs a package that is not installed."""
    extra = FORMATS[form].extra if form else None
    if extra and find_spec(extra[0]) is None:
        raise MissingExtraError(*extra)
