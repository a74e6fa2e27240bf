# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Quotations: what stands between quotation marks, in the styles of the world's news."""

from __future__ import annotations

from typing import TYPE_CHECKING

import regex

from dedupe.comparison.facts.kind import Found

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from dedupe.comparison.reading import Reading

LONGEST = 1500
"""Code points beyond which a mark is taken to be left open: no quotation is that long."""

_STYLES = (
    r"“(?=\S)([^“”\n]{{1,{n}}}+)”",
    r"(?<![^\s(\[])”(?=\S)([^”\n]{{1,{n}}}+)”",
    r"„(?=\S)([^„“”\n]{{1,{n}}}+)[“”]",
    r"«(?=\S)([^«»\n]{{1,{n}}}+)»",
    r"(?<![^\s(\[])»(?=\S)([^»«\n]{{1,{n}}}+)«",
    r"「(?=\S)([^「」\n]{{1,{n}}}+)」",
    r"『(?=\S)([^『』\n]{{1,{n}}}+)』",
    r"‹(?=\S)([^‹›\n]{{1,{n}}}+)›",
    r"(?<![\p{{L}}\p{{Nd}}])‘(?=\S)((?:[^‘’\n]|’(?=\p{{L}})){{1,{n}}}+)’(?!\p{{L}})",
    r"‚(?=\S)((?:[^‚‘’\n]|’(?=\p{{L}})){{1,{n}}}+)[‘’](?!\p{{L}})",
    r"(?<![\p{{L}}\p{{Nd}}])\"(?=\S)([^\"\n]{{1,{n}}}+)\"",
)
"""English, Swedish, German, French and Russian, Danish, East Asian marks.

Marks that close in other styles open only after white space; an apostrophe closes nothing.
"""
_QUOTED = regex.compile("|".join(style.format(n=LONGEST) for style in _STYLES))


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
