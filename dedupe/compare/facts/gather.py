"""The facts of two articles, each with all the places that give it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dedupe.compare.facts.counted import Reading
from dedupe.compare.facts.dates import dates
from dedupe.compare.facts.names import (
    Name,
    Passage,
    Usage,
    names,
    parts_of_names,
    passages,
    uncased,
    usage,
    without_nouns,
)
from dedupe.compare.facts.numbers import numbers
from dedupe.compare.facts.quotes import quotations
from dedupe.compare.facts.spellings import Joins, Key, joins, keys
from dedupe.compare.reading import PARTS, Read
from dedupe.model_compare import Fact, FactKind, Mention, Part, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from dedupe.compare.facts.found import Found


@dataclass(frozen=True, slots=True)
class Places:
    """What was found in one article, part by part."""

    dates: Mapping[Part, list[Found]]
    numbers: Mapping[Part, list[Found]]
    quotations: Mapping[Part, list[Found]]
    names: dict[Part, list[Name]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """The facts of one article by kind, each kind by first place."""

    names: tuple[Fact, ...]
    numbers: tuple[Fact, ...]
    dates: tuple[Fact, ...]
    quotations: tuple[Fact, ...]


def gather(a: Read, b: Read) -> tuple[Gathered, Gathered]:
    """The facts of both articles; names are told apart and joined with both in view."""
    read = [
        {part: passages(r.text(part), r.words[part], r.by_sentence(part)) for part in PARTS}
        for r in (a, b)
    ]
    known = usage((p for side in read for part in PARTS for p in side[part]), a.lang or b.lang)
    said = Counter(w.text for r in (a, b) for part in PARTS for w in r.words[part])
    found = [_places(r, side, known, said) for r, side in zip((a, b), read, strict=True)]
    sure = parts_of_names(n for p in found for part in PARTS for n in p.names[part])
    for r, p in zip((a, b), found, strict=True):
        for part in PARTS:
            p.names[part] = without_nouns(p.names[part], r.lang, sure)
    named = [
        [(part, n, k) for part in PARTS
         for n, k in zip(p.names[part], keys(p.names[part], r.lang), strict=True)]
        for r, p in zip((a, b), found, strict=True)
    ]  # fmt: skip
    in_a, in_b = ([(name, key) for _, name, key in side] for side in named)
    joined = joins(in_a, in_b, a.lang or b.lang)
    fullest = _fullest(((n, k) for side in named for _, n, k in side), joined)
    one, other = (
        Gathered(
            _names(r, side, joined, fullest),
            _gathered(r, "number", p.numbers),
            _gathered(r, "date", p.dates),
            _gathered(r, "quotation", p.quotations),
        )
        for r, p, side in zip((a, b), found, named, strict=True)
    )
    return one, other


def _places(
    r: Read, read: Mapping[Part, list[Passage]], known: Usage, said: Counter[str]
) -> Places:
    found = Places({}, {}, {}, {})
    days, counts, quoted, named = {}, {}, {}, {}
    for part in PARTS:
        text, words = r.text(part), r.words[part]
        days[part] = dates(text, words, r.lang, r.article.date)
        reading = Reading(text, words, r.lang, r.frequency, r.stems)
        counts[part] = numbers(reading, days[part])
        quoted[part] = quotations(text, words)
        taken = [*days[part], *counts[part]]
        cased = names(text, read[part], replace(known, lang=r.lang), taken)
        named[part] = sorted(
            [*cased, *uncased(text, words, said, r.lang)], key=lambda name: name.start
        )
    return replace(found, dates=days, numbers=counts, quotations=quoted, names=named)


def _fullest(named: Iterable[tuple[Name, Key]], joined: Joins) -> dict[Key, str]:
    """The folded words of each name's longest form; of equally long ones the first in order."""
    best: dict[Key, tuple[int, int, str]] = {}
    for name, key in named:
        form = (-len(name.words), -sum(map(len, name.words)), " ".join(name.words))
        group = joined.find(key)
        best[group] = min(best.get(group, form), form)
    return {group: form[2] for group, form in best.items()}


def _names(
    r: Read,
    named: Iterable[tuple[Part, Name, Key]],
    joined: Joins,
    fullest: Mapping[Key, str],
) -> tuple[Fact, ...]:
    groups: dict[Key, list[Mention]] = {}
    for part, name, key in named:
        groups.setdefault(joined.find(key), []).append(_mention(r, part, name.start, name.end))
    return tuple(
        Fact(
            "name",
            max((m.text for m in mentions), key=len),
            fullest[group],
            mentions=tuple(mentions),
        )
        for group, mentions in groups.items()
    )


def _gathered(r: Read, kind: FactKind, found: Mapping[Part, list[Found]]) -> tuple[Fact, ...]:
    """Equal facts as one, with all their mentions."""
    groups: dict[tuple[str, ...], list[tuple[Found, Mention]]] = {}
    for part in PARTS:
        for one in found[part]:
            mention = _mention(r, part, one.start, one.end)
            groups.setdefault(_key(one), []).append((one, mention))
    return tuple(
        Fact(
            kind,
            group[0][1].text,
            group[0][0].value,
            group[0][0].unit,
            tuple(dict.fromkeys(stem for one, _ in group for stem in one.of)),
            group[0][0].qualifier,
            tuple(mention for _, mention in group),
        )
        for group in groups.values()
    )


def _key(one: Found) -> tuple[str, ...]:
    """Numbers are one fact where value, unit and the first counted word agree."""
    return one.value, one.unit, *one.of[:1]


def _mention(r: Read, part: Part, start: int, end: int) -> Mention:
    return Mention(r.text(part)[start:end], Span(part, start, end), r.sentence_at(part, start))
