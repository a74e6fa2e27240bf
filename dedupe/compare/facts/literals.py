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
_HAN_PART = regex.compile(
    r"(?:(?P<digits>\p{Nd}+(?:[.,]\p{Nd}+)*)"
    rf"|(?P<han>[{''.join(HAN_DIGITS)}]+(?:点[{''.join(HAN_DIGITS)}]+)?))?"
    rf"(?P<magnitude>[{''.join(HAN_MAGNITUDES)}])?"
)
_TO_DIGITS = str.maketrans({**{han: str(digit) for han, digit in HAN_DIGITS.items()}, "点": "."})


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
    total = section = Decimal(0)
    end, limit = start, start + LONGEST_HAN
    while (part := _HAN_PART.match(text, end, limit)) and part.end() > end:
        end, power = part.end(), HAN_MAGNITUDES.get(part["magnitude"], 0)
        number = Decimal((part["han"] or "0").translate(_TO_DIGITS))
        if part["digits"]:
            read = _decimal(part["digits"], comma=False)
            if read is None:
                return None
            number = read
        if power < 4:
            section += (number or (1 if power else 0)) * 10**power
        else:
            total, section = total + (section + number or 1) * 10**power, Decimal(0)
    value = total + section
    return Literal(value, end) if end > start and len(str(value)) <= LONGEST + 2 else None
