# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Quotations: what stands between quotation marks, in the styles of the world's news."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from dedupe.compare.facts.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.compare.reading import Reading

LONGEST = 1500
"""Code points beyond which a mark is taken to be left open: no quotation is that long."""

_PAIRS = (
    ("“", "”"),
    ("”", "”"),
    ("„", "“”"),
    ("«", "»"),
    ("»", "«"),
    ("「", "」"),
    ("『", "』"),
    ("‹", "›"),
    ("‘", "’"),
    ("‚", "‘’"),
    ('"', '"'),
)
"""Opening and closing marks: English, Swedish, German, French and Russian, Danish, East Asian."""
_SINGLE = "’"
"""Closing mark that is an apostrophe too: it closes only where no letter follows."""


def _pattern() -> regex.Pattern[str]:
    styles = []
    for opening, closing in _PAIRS:
        inside = rf"[^{regex.escape(opening + closing)}\n]"
        end = f"[{regex.escape(closing)}]"
        if _SINGLE in closing:
            inside = rf"(?:[^{regex.escape(opening + closing)}\n]|’(?=\p{{L}}))"
            end += r"(?!\p{L})"
        start = opening
        if opening in "”»":  # closing marks of other styles: they open only after white space
            start = rf"(?<![^\s(\[]){opening}"
        elif opening in '"‘':
            start = rf"(?<![\p{{L}}\p{{Nd}}]){opening}"
        styles.append(f"{start}(?=\\S)({inside}{{1,{LONGEST}}}+){end}")
    return regex.compile("|".join(styles))


_QUOTED = _pattern()


def quotations(reading: Reading, _taken: Sequence[Found]) -> Iterator[Found]:
    """All quotations with at least one word, in order; offsets are those inside the marks.

    A quotation ends with its line at the latest, so that a mark left open does no harm.
    """
    for match in _QUOTED.finditer(reading.text):
        start, end = match.span(match.lastindex or 0)
        inside = reading.words[reading.index_at(start) : reading.index_at(end)]
        words = [word.text for word in inside if word.end <= end]
        if words:
            yield Found(start, end, " ".join(words))
