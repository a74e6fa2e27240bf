"""What the sentences of two articles are compared by: stems, and facts in their normal form.

A name counts as one feature under any of its forms, a number or date by its value, so that
``Zelenskiy`` meets ``Zelensky``, and ``May 7th to May 10th`` meets ``7-10 May``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.compare.facts.kind import free
from dedupe.compare.facts.kinds import KINDS
from dedupe.compare.reading import PARTS, Read
from dedupe.compare.words import Word, grams
from dedupe.model_compare import Span

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedupe.compare.facts import Gathered
    from dedupe.compare.facts.kind import Kind
    from dedupe.model_compare import Part


def features(read: Read, gathered: Gathered) -> tuple[list[list[str]], dict[str, float]]:
    """The features of each sentence, and the frequency of each feature in its language."""
    sentences: list[list[str]] = [[] for _ in read.sentences]
    frequency: dict[str, float] = {}
    held: dict[Part, list[Span]] = {part: [] for part in PARTS}
    for kind in KINDS:
        for fact in gathered[kind.name]:
            told = kind.features(fact)
            for mention in fact.mentions if told else ():
                sentences[mention.sentence] += told
                held[mention.span.part] += _replaced(mention.span, read, kind)
            for feature in told:
                known = frequency.get(feature, 0.0)
                frequency[feature] = max(known, kind.frequency(fact, read))
    for part in PARTS:
        held[part].sort(key=lambda span: span.start)
        _add_words(read, part, free(read.words[part], held[part]), sentences)
    for word, stem in read.stems.items():
        frequency[stem] = max(frequency.get(stem, 0.0), read.frequency[word])
    return sentences, frequency


def _add_words(read: Read, part: Part, outside: list[Word], sentences: list[list[str]]) -> None:
    """Adds the stem of each word (or pair of characters) to its sentence's features."""
    first, starts = read.starts[part]
    if not starts:
        return
    ends = [*starts[1:], len(read.text(part)) + 1]
    i = 0
    for gram in grams(outside):
        while ends[i] <= gram.start:
            i += 1
        sentences[first + i].append(read.stems.get(gram.text, gram.text))


def together(a: Mapping[str, float], b: Mapping[str, float]) -> dict[str, float]:
    """Frequencies of both articles' features; the higher where they differ."""
    return {feature: max(a.get(feature, 0.0), b.get(feature, 0.0)) for feature in {**a, **b}}


def _replaced(span: Span, read: Read, kind: Kind) -> list[Span]:
    """The part of a fact's place that its feature stands for: of a number not what it counts."""
    if not kind.digits_only:
        return [span]
    text = read.text(span.part)[span.start : span.end]
    digits = [span.start + i for i, c in enumerate(text) if c.isdecimal()]
    return [Span(span.part, digits[0], digits[-1] + 1)] if digits else []
