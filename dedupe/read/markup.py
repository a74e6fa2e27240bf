"""A field's text as its reader would see it, whatever markup the field holds."""

from __future__ import annotations

_LAYERS = 3
"""How often a text may have been escaped, one time after the other."""


class PlainText(str):
    """Text that an extractor has made: what looks like markup in it was written to be seen."""

    __slots__ = ()


def plain_text(text: str, *, markup: bool = False) -> str:
    """The text of HTML, of Markdown, or of both; any other comes back as it is.

    HTML is recognised by its shape, or known: ``markup``. It may be escaped, even several times.
    Character references are resolved in any text. Never raises; linear in the length.
    """
    if "<" in text or ("&" in text and ";" in text):
        if type(text) is PlainText:
            return text
        text = _without_html(text, markup=markup)
    if ("]" in text or text[:1] == "#") and type(text) is not PlainText:
        from dedupe.read.markdown import without_marks

        return without_marks(text)
    return text


def line_of(text: str) -> str:
    """The same of a title or a name, in one line."""
    if "<" not in text and "&" not in text:
        return text
    found = _without_html(text)
    return text if found is text else " ".join(found.split())


def _without_html(text: str, *, markup: bool = False) -> str:
    """Layer by layer. Below the first markup, only what begins as markup is more of it.

    What else looks like tags there was escaped in order to be read, as samples of code are.
    """
    from dedupe.read.html import html_text, is_html, resolved

    parsed = False
    for _ in range(_LAYERS):
        is_markup = "<" in text and (not parsed or text[0] == "<") and is_html(text)
        if is_markup or markup:
            text, parsed, markup = html_text(text), True, False
        elif "&" in text and (found := resolved(text)) != text:
            text = found
        else:
            break
    return text
