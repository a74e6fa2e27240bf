# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Numerals as they are written, to decimals: digits of any script, Han numerals."""

from __future__ import annotations

import unicodedata
from decimal import Decimal
from typing import NamedTuple

import regex

LONGEST = 18
"""Digits beyond which a numeral is an identifier, not a quantity."""
LONGEST_HAN = 16
HAN_MAGNITUDES = {
    "十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8,
    "兆": 12, "조": 12,
}  # fmt: skip
HAN_DIGITS = {
    "〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9,
}  # fmt: skip
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


class Literal(NamedTuple):
    """A numeral: its value, where it ends, whether it is an ordinal."""

    value: Decimal
    end: int
    ordinal: bool = False


def numeral_end(text: str, start: int) -> int:
    """Where the run of digits and signs that begins at ``start`` ends."""
    match = _PLAIN.match(text, start)
    return match.end() if match else start


def from_digits(text: str, start: int, *, comma: bool) -> Literal | None:
    """The numeral in digits that begins at ``start``; None for what is no quantity.

    ``comma``: the decimal sign is a comma, and blanks may part the thousands.
    """
    match = (_DIGITS if comma else _PLAIN).match(text, start)
    value = _decimal(match.group(), comma=comma) if match else None
    return None if match is None or value is None else Literal(value, match.end())


def _decimal(written: str, *, comma: bool) -> Decimal | None:
    """Reads thousands and decimal signs; None for dotted codes, addresses and long identifiers."""
    written = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in written)
    signs = [c for c in written if not c.isdigit()]
    if len(written) - len(signs) > LONGEST:
        return None
    if not signs:
        return Decimal(written)
    last = signs[-1]
    point = "," if comma else "."
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
            read = _decimal(part["digits"], comma=False)
            if read is None:
                return None
            current = read
    value = total + section + (current or 0)
    return Literal(value, end) if len(str(value)) <= LONGEST + 2 else None
