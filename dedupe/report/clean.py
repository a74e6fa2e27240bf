"""Article text made harmless, for a terminal or a page: it is hostile until it passed here."""

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
_SPACE = regex.compile(r"[\s\p{Zl}\p{Zp}]+")
# Cc: controls. Cf: bidi overrides, isolates and marks, soft hyphens, tags, byte order marks.
# The two joiners stay: Indic scripts, Persian and emoji are spelled with them.
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}--[\u200c\u200d]]", regex.VERSION1)
# A browser sets the direction of each text apart: there the directional marks stay too.
_UNSEEN_IN_HTML = regex.compile(r"[\p{Cc}\p{Cf}--[\n\t\u200c-\u200f\u061c]]", regex.VERSION1)
# Lone surrogates cannot be encoded, noncharacters have no place in XML and HTML.
_UNWRITABLE = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}]")
# No script stacks more than four marks on one letter; a tower of them paints over other lines.
_TOWER = regex.compile(r"(\p{M}{4})\p{M}+")

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
    text = _writable(_UNSEEN.sub("", _SPACE.sub(" ", text))).strip()
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return "".join(_written(character, encoding) for character in text)
    return text


def visible(text: str) -> str:
    """The text without what is not seen: controls, bidi overrides, lone surrogates, mark towers.

    Line breaks stay. The result is not yet HTML: the templates escape it.
    """
    return _writable(_UNSEEN_IN_HTML.sub("", text))


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
