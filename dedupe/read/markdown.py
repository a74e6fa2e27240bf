"""Markdown inside a field: its text without the marks.

Most marks are no letters and never count as words. Link addresses do, and underscores join words.
As in :mod:`dedupe.read.html` every pattern looks a fixed number of characters ahead, at most.
"""

from __future__ import annotations

import re

from dedupe.read.html import LINK, LINK_END, laid_out

_LABEL = r"\[((?:[^\[\]\n]|\[[^\[\]\n]{0,80}\]){0,300}+)\]"
_ADDRESS = (
    r"\(\s?(?:<?(?:https?://|mailto:|www\.|[/#]|\.\.?/)(?:[^()\n]|\([^()\n]{0,200}\)){0,2000}+"
    r"|(?=[^\s()<>]{0,300}[./])[^\s()<>]{1,1000}+(?:\s[\"'][^\"'\n]{0,300}[\"'])?|)\s?\)"
)
_IMAGE = re.compile(rf"!{_LABEL}{_ADDRESS}")
_LINKED = re.compile(_LABEL + _ADDRESS)
_DEFINITION = re.compile(
    r"^ {0,3}\[([^\[\]\n]{1,200})\]:[ \t]{0,9}<?(?:https?:|mailto:|/|#)[^\n]*$\n?", re.MULTILINE
)
_REFERRED = re.compile(r"!?\[([^\[\]\n]{1,300})\]\[([^\[\]\n]{0,200})\]")
_HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]{1,9}(?=\S)", re.MULTILINE)
_HEADING_END = re.compile(r"(?<=\S)[ \t]{1,9}#{1,6}[ \t]{0,9}$", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(?:```|~~~)[^`\n]{0,80}$\n?", re.MULTILINE)
_QUOTE = re.compile(r"^ {0,3}(?:> ?){1,9}", re.MULTILINE)
_EMPHASIS = re.compile(
    r"(?<![\w*\\])(\*{1,3})(?=[^\s*])([^*\n]{1,600}+)(?<=[^\s\\])\1(?![\w*])"
    r"|(?<![^\s(\[\"'“‘«—–*>-])(_{1,3})(?=[^\s_])([^_\n]{1,600}+)(?<=[^\s\\])\3(?!\w)"
)
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+.!|>~-])")


def without_marks(text: str) -> str:
    """The text of Markdown: words of links without their addresses, no images, no marks.

    A text without link and without heading at its beginning comes back as it is: no other mark
    counts as a word, or shows that it is one.
    """
    linked = "](" in text and bool(_LINKED.search(text))
    defined = "]:" in text and bool(_DEFINITION.search(text))
    if not (linked or defined or _HEADING.match(text)):
        return text
    text = _FENCE.sub("", _QUOTE.sub("", text))
    text = _LINKED.sub(rf"{LINK}\1{LINK_END}", _IMAGE.sub("", text))
    if defined:
        text = _REFERRED.sub(_referred, _DEFINITION.sub("", text))
    text = _HEADING_END.sub("", _HEADING.sub("", text))
    return _ESCAPED.sub(r"\1", laid_out(_without_emphasis(text)))


def _referred(found: re.Match[str]) -> str:
    return "" if found[0][0] == "!" else f"{LINK}{found[1]}{LINK_END}"


def _without_emphasis(text: str) -> str:
    """Twice, as one kind may stand inside the other: ``**_both_**``."""
    for _ in range(2):
        text = _EMPHASIS.sub(lambda found: found[2] or found[4], text)
    return text
