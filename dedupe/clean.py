"""The one gate for what is shown: all that was not written by this package is hostile until here.

==================  ============================================================================
``clean``           one line of a report on a terminal or in a picture
``seen``            a line that is ready to be printed, once more: nothing gets past a page
``printable``       a value or a message on standard error or output: file names, reasons, ids
``visible``         text for a page of HTML, which the templates escape
``web_address``     where a link of a page may lead
``language_tag``    which language a page may say that a text is in
``escaped``         JSON: a terminal that it reaches does nothing
``untowered``       JSON that is written to a terminal: nothing paints over other lines either
==================  ============================================================================

What acts on a terminal is a control character, and so is never written by any of them: escape
sequences begin with one. What hides or turns text around goes too (bidirectional overrides and
isolates, zero widths, tags), and so do towers of combining marks, which paint over other lines.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import regex

READ_AT_MOST = 2000
"""Characters of one text that are looked at: a headline may be a whole article without breaks."""

# Only what begins with ESC: the one-byte introducers U+0080 to U+009F stand in many a headline
# that was decoded wrongly, and must not swallow the words after them. They go as controls.
_ESCAPE_SEQUENCE = regex.compile(
    r"""\x1b\[ [0-?]* [ -/]* [@-~]?                            # CSI: colours, cursor, screen
      | \x1b[\]PX^_] [^\x07\x1b\n]* (?:\x07|\x1b\\)           # OSC, DCS, SOS, PM, APC: strings
    """,
    regex.VERBOSE,
)
_BREAK = regex.compile(r"[\p{Zl}\p{Zp}]")
_SPACE = regex.compile(r"[\s\p{Zl}\p{Zp}]+")
# Cc: controls. Cf: bidi overrides, isolates and marks, soft hyphens, tags, byte order marks.
# The two joiners stay: Indic scripts, Persian and emoji are spelled with them.
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}--[\u200c\u200d]]", regex.VERSION1)
# JSON keeps what it says: each of these is written as its number.
_ESCAPED = regex.compile(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}--[\n\u200c\u200d]]", regex.VERSION1)
_UNPRINTABLE = regex.compile(
    r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Noncharacter_Code_Point}--[\u200c\u200d]]", regex.VERSION1
)
# A mark that ends right-to-left text is the page's own.
_UNSEEN_IN_LINE = regex.compile(
    r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}--[\u200c-\u200e]]", regex.VERSION1
)
# A browser sets the direction of each text apart: there the directional marks stay too.
_UNSEEN_IN_HTML = regex.compile(r"[\p{Cc}\p{Cf}--[\n\t\u200c-\u200f\u061c]]", regex.VERSION1)
# Lone surrogates cannot be encoded, noncharacters have no place in XML and HTML.
_UNWRITABLE = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}]")
_NO_XML = regex.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\p{Cs}\ufffe\uffff]")
# No script stacks more than four marks on one letter; a tower of them paints over other lines.
_TOWER = regex.compile(r"(\p{M}{4})\p{M}+")
_ON_TOWER = regex.compile(r"(?<=\p{M}{4})\p{M}")

# Of all that has no decomposition, what headlines are full of.
_PUNCTUATION = dict(
    zip("\u2018\u2019\u201c\u201d\u00ab\u00bb\u2013\u2014\u2026", '\'\'""""--~', strict=True)
)


def clean(text: str, encoding: str = "utf-8") -> str:
    """One line of visible characters, each of which ``encoding`` can write.

    Escape sequences, control characters and invisible formatting characters (bidirectional
    overrides among them) are taken out, every run of white space becomes one space, towers of
    combining marks are cut at four, and what cannot be encoded becomes its base letter or ``?``.
    """
    text = _ESCAPE_SEQUENCE.sub("", text[:READ_AT_MOST])
    return _encodable(_writable(_UNSEEN.sub("", _SPACE.sub(" ", text))).strip(), encoding)


def seen(line: str) -> str:
    """The line with a ``?`` for each character that would act or hide: as long as it was."""
    return line if line.isprintable() else _UNSEEN_IN_LINE.sub("?", line)


def printable(text: str, encoding: str = "utf-8") -> str:
    """One line for a message, in which each character that would act or hide is a ``?``.

    So a file name stays as long as it is and can be told from others. What is longer than
    ``READ_AT_MOST`` is cut; what ``encoding`` cannot write becomes its base letter or ``?``.
    """
    if len(text) > READ_AT_MOST:
        text = f"{text[:READ_AT_MOST]}..."
    if not text.isprintable():
        text = _UNPRINTABLE.sub("?", text)
    return _encodable(_TOWER.sub(r"\1", text), encoding)


def escaped(data: bytes) -> bytes:
    """Lines of JSON that mean the same, all that would act or hide written as its number.

    Of JSON itself only white space is a control, and becomes spaces; line feeds stay. What is not
    UTF-8 becomes U+FFFD.
    """
    if data.isascii() and b"\x7f" not in data and b"\r" not in data and b"\t" not in data:
        return data  # what writes JSON has escaped the other controls of ASCII
    text = data.decode("utf-8", "replace")
    if not text.replace("\n", "").isprintable():
        text = _ESCAPED.sub(_as_number, text.replace("\r", " ").replace("\t", " "))
    return text.encode()


def untowered(data: bytes) -> bytes:
    """Lines of JSON from :func:`escaped` that mean the same, towers of marks as their numbers."""
    if data.isascii():
        return data
    return _ON_TOWER.sub(_as_number, data.decode()).encode()


def _as_number(found: regex.Match[str]) -> str:
    """In JSON's way: four hexadecimal digits, twice for what lies above the first plane."""
    units = found.group().encode("utf-16-be").hex()
    return "".join(f"\\u{units[i : i + 4]}" for i in range(0, len(units), 4))


def xml_text(text: str) -> str:
    """The text of an element of XML 1.0: what would act or hide as its number.

    What has no place in XML becomes U+FFFD.
    """
    from xml.sax.saxutils import escape

    text = _NO_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    return _ESCAPED.sub(lambda found: f"&#x{ord(found.group()):x};", escape(text))


def _encodable(text: str, encoding: str) -> str:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_written(character, encoding) for character in text)
    return text


def visible(text: str) -> str:
    """The text without what is not seen: controls, bidi overrides, lone surrogates, mark towers.

    Line breaks stay. The result is not yet HTML: the templates escape it.
    """
    if text.isascii() and text.isprintable():
        return text
    return _writable(_UNSEEN_IN_HTML.sub("", _BREAK.sub("\n", text)))


def web_address(url: str) -> str:
    """The address as a page may link to it; '' where it is none of http and https."""
    address = visible(url).strip() if len(url) <= READ_AT_MOST else ""
    of_the_web = address.lower().startswith(("http://", "https://"))
    return address if of_the_web and not _SPACE.search(address) else ""


def language_tag(lang: str) -> str:
    """The language as a page may name it (a primary subtag of BCP 47); '' where it is none."""
    return lang if 2 <= len(lang) <= 3 and lang.isascii() and lang.isalpha() else ""


def _writable(text: str) -> str:
    return _TOWER.sub(r"\1", _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text))


@lru_cache(maxsize=4096)
def _written(character: str, encoding: str) -> str:
    """The character, else its base letter, else ``?``, or nothing for a combining mark."""
    base = _PUNCTUATION.get(character) or unicodedata.normalize("NFKD", character)[0]
    for attempt in (character, base):
        try:
            attempt.encode(encoding)
        except UnicodeEncodeError:
            continue
        return attempt
    return "" if unicodedata.combining(character) else "?"
