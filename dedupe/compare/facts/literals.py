# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Numerals as they are written, to decimals: digits of any script, number words, Han numerals."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

import regex

from dedupe.compare.facts.numerals import (
    CARDINALS,
    COMMA_DECIMAL,
    HAN_DIGITS,
    HAN_MAGNITUDES,
    ORDINALS,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dedupe.compare.words import Word

LONGEST = 18
"""Digits beyond which a numeral is an identifier, not a quantity."""
LONGEST_HAN = 16
_SPACES = "\u00a0\u202f\u2009"
_DIGITS = regex.compile(
    rf"\p{{Nd}}{{1,3}}(?:[{_SPACES} ]\p{{Nd}}{{3}}(?!\p{{Nd}}))+(?:[.,]\p{{Nd}}+)?"
    r"|\p{Nd}+(?:[.,٫٬'’]\p{Nd}+)*"
)
_PLAIN = regex.compile(r"\p{Nd}+(?:[.,٫٬'’]\p{Nd}+)*")
_GROUPED = regex.compile(r"\d{1,3}(?:\D\d{3})+|\d{1,2}(?:\D\d{2})*\D\d{3}")
_HAN = regex.compile(
    rf"[\p{{Nd}}.,{''.join(HAN_DIGITS)}{''.join(HAN_MAGNITUDES)}点]{{1,{LONGEST_HAN}}}+"
)
_HAN_PART = regex.compile(
    rf"(?P<digits>\p{{Nd}}+(?:[.,]\p{{Nd}}+)*)|(?P<digit>[{''.join(HAN_DIGITS)}])"
    rf"|(?P<magnitude>[{''.join(HAN_MAGNITUDES)}])|(?P<point>点)"
)

_AFTER_TENS = {"first": 1, "second": 2}
"""Ordinals that are counted only as part of a greater one, as ``twenty-first``."""


class Literal(NamedTuple):
    """A numeral: its value, where it ends, whether it is an ordinal."""

    value: Decimal
    end: int
    ordinal: bool = False


def numeral_end(text: str, start: int) -> int:
    """Where the run of digits and signs that begins at ``start`` ends."""
    match = _PLAIN.match(text, start)
    return match.end() if match else start


def from_digits(text: str, start: int, lang: str) -> Literal | None:
    """The numeral in digits that begins at ``start``; None for what is no quantity."""
    spaced = lang in COMMA_DECIMAL
    match = (_DIGITS if spaced else _PLAIN).match(text, start)
    if match is None:
        return None
    written = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in match.group())
    value = _decimal(written, lang)
    return None if value is None else Literal(value, match.end())


def _decimal(written: str, lang: str) -> Decimal | None:
    """Reads thousands and decimal signs; None for dotted codes, addresses and long identifiers."""
    signs = [c for c in written if not c.isdigit()]
    if len(written) - len(signs) > LONGEST:
        return None
    if not signs:
        return Decimal(written)
    last = signs[-1]
    point = "," if lang in COMMA_DECIMAL else "."
    alone = signs.count(last) == 1
    head, _, tail = written.rpartition(last)
    if alone and (last in (point, "٫") or (len(signs) > 1 and last in ".,") or len(tail) != 3):
        whole = "".join(c for c in head if c.isdigit())
        if len(signs) > 1 and not _GROUPED.fullmatch(head):
            return None
        return Decimal(f"{whole}.{tail}") if last in ".,٫" else None
    return (
        Decimal("".join(c for c in written if c.isdigit())) if _GROUPED.fullmatch(written) else None
    )


def from_words(words: Sequence[Word], i: int, text: str, lang: str) -> tuple[Literal, int] | None:
    """The number word or phrase that begins at word ``i``, and the index after it."""
    cardinals, ordinals = CARDINALS.get(lang, {}), ORDINALS.get(lang, {})
    total, j, last = 0, i, -1
    while j < len(words):
        word = words[j].text
        if j > i and text[words[j - 1].end : words[j].start].strip(" -\u2011\u00a0"):
            break
        value = cardinals.get(word, ordinals.get(word))
        ordinal = word in ordinals
        if lang == "en" and last >= 20 and word in _AFTER_TENS:
            value, ordinal = _AFTER_TENS[word], True
        if value is not None and _may_follow(last, value):
            total, last = total + value, value
        elif lang == "en" and word == "hundred" and 0 < total < 10:
            total, last = total * 100, 100
        elif not (
            lang == "en" and word == "and" and last == 100 and _counts(words, j + 1, cardinals)
        ):
            break
        j += 1
        if ordinal:
            return Literal(Decimal(total), words[j - 1].end, ordinal=True), j
    return (Literal(Decimal(total), words[j - 1].end), j) if total else None


def _may_follow(last: int, value: int) -> bool:
    return last < 0 or last == 100 or (20 <= last < 100 and value < 10)


def _counts(words: Sequence[Word], i: int, cardinals: Mapping[str, int]) -> bool:
    return i < len(words) and words[i].text in cardinals


def from_han(text: str, start: int) -> Literal | None:
    """A numeral of Han digits and magnitudes, or of digits with them: ``三百``, ``1亿2000万``."""
    run = _HAN.match(text, start)
    if run is None:
        return None
    total = section = Decimal(0)
    current: Decimal | None = None
    end = start
    for part in _HAN_PART.finditer(text, start, run.end()):
        if part.start() != end:
            break
        if part["point"]:
            tail = "".join(str(HAN_DIGITS.get(c, "")) for c in text[part.end() : run.end()])
            if current is not None and tail:
                current, end = current + Decimal(f"0.{tail}"), part.end() + len(tail)
            break
        end = part.end()
        if part["magnitude"]:
            power = HAN_MAGNITUDES[part["magnitude"]]
            if power < 4:
                section, current = section + (current or 1) * 10**power, None
            else:
                total += (section + (current or 0) or 1) * 10**power
                section, current = Decimal(0), None
        elif part["digit"]:
            digit = HAN_DIGITS[part["digit"]]
            current = Decimal(digit) if current is None else current * 10 + digit
        else:
            read = _decimal("".join(str(unicodedata.decimal(c)) if c.isdecimal() else c
                                    for c in part["digits"]), "zh")  # fmt: skip
            if read is None:
                return None
            current = read
    value = total + section + (current or 0)
    return Literal(value, end) if len(str(value)) <= LONGEST + 2 else None
