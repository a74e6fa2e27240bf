"""The time of day in a date as people write it, and the zone that is named with it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import timedelta
from itertools import chain
from typing import NamedTuple

from dedupe.read.date_names import WORD, Meanings, months_of, names
from dedupe.read.zones import FURTHEST, OFFSETS, is_zone

_ALONE = r"(?<![\d:.,/+-])"
_SECONDS = r"(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?"
_FORMS = tuple(map(re.compile, (
    rf"(?<=\d)t(?P<h>\d{{2}})(?::?(?P<m>\d{{2}})(?::?{_SECONDS})?)?(?![\d:])",
    r"(?<=\d{8})[ _-]?(?P<h>\d{2})(?P<m>\d{2})(?P<s>\d{2})?(?!\d)",
    rf"{_ALONE}(?P<h>\d{{1,2}}):(?P<m>\d{{2}})(?::{_SECONDS})?(?![\d:])",
    (
        r"(?<!\d)(?P<h>\d{1,2})\s?[時时點点시](?!間|间|간)"
        r"(?:\s?(?P<m>\d{1,2})\s?[分분]?(?:\s?(?P<s>\d{1,2})\s?[秒초])?)?"
    ),
    rf"{_ALONE}(?P<h>\d{{1,2}})\s?h(?:\s?(?P<m>\d{{2}})(?:m|min)?)?(?!{WORD}|\d)",
    rf"{_ALONE}(?P<h>\d{{1,2}})(?=\s?(?:am|pm)(?!{WORD}))",
    rf"{_ALONE}(?P<h>\d{{1,2}})\.(?P<m>\d{{2}})(?:\.{_SECONDS})?(?![\d.]|\s?\d{{4}})",
)))  # fmt: skip
"""The first of these that a text holds is its time: ISO 8601, digits behind a day of eight, colons,
Chinese, Japanese and Korean, ``6h40``, ``6 pm``, stops."""

_OFFSET = re.compile(
    r"[\s,(\[]*(?P<name>(?:utc|gmt|ut)\s?)?(?P<sign>[+-])(?P<gap>\s?)(?P<hours>\d{1,2})"
    r"(?P<minutes>:?\d{2})?(?![\d:])(?P<last>\s*(?:$|[()\[\]]))?"
)
_REGION = re.compile(r"[\s,(\[]*([A-Z][A-Za-z]+(?:/[A-Z][A-Za-z0-9_+-]+)+)\]?")
_NEXT = re.compile(rf"[\s,(\[]*({WORD})")
_BEFORE = re.compile(rf"(\d?)({WORD})[\s,.;:|(-]*$")
_COMMENTS = re.compile(r"(?:\s*(?:\([^()]*\)|\[[^\[\]]*\]))*")
_EASTERN = "\u3000"
"""From here on scripts have no blanks between words."""
_WORDS_READ = 4
"""Words behind a time among which its zone is sought."""


class Time(NamedTuple):
    """A time of day as it stands in a text."""

    since_midnight: timedelta
    zone: timedelta | str | None
    """How far its clock is ahead of UTC, or the name of a zone; None where it names none."""
    begin: int
    end: int
    """Where it and its zone stand."""
    sure: bool
    """Whether it is known to be before or after noon."""


class _Beside(NamedTuple):
    """What the words on one side of a time say."""

    half: int | None = None
    """0 before noon, 12 after."""
    doubt: bool = False
    """Whether a word may be one for the half of a day, in a language that isn't known."""
    zone: timedelta | str | None = None
    end: int = 0


def time_in(raw: str, low: str, spoken: frozenset[str]) -> Time | None:
    """The time of day in a `levelled` text, ``low`` in lower case; None where there is none.

    ``spoken`` are the languages that the text may be in. Raises ValueError for two times, or one
    that no clock shows.
    """
    found = next((m for form in _FORMS if (m := form.search(low))), None)
    if found is None:
        return None
    parts = found.groupdict()
    hour, minute, second = (int(parts.get(part) or 0) for part in "hms")
    if not (hour < 24 or (hour == 24 and not minute + second)) or minute > 59 or second > 60:
        raise ValueError("no clock shows its time")
    before, behind = _before(low, found, spoken), _behind(raw, low, found.end(), spoken)
    if found.re.search(low, behind.end):
        raise ValueError("it holds two times")
    half = before.half if before.half is not None else behind.half
    if half is None:
        sure = hour > 12 or not (before.doubt or behind.doubt)
    else:
        sure = half == 12 or hour <= 12
        hour = hour % 12 + half if hour <= 12 else hour
    micro = int((parts.get("f") or "")[:6].ljust(6, "0"))
    since = timedelta(hours=hour, minutes=minute, seconds=min(second, 59), microseconds=micro)
    zone = behind.zone if before.zone is None else before.zone
    return Time(since, zone, found.start(), behind.end, sure)


def _before(low: str, time: re.Match[str], spoken: frozenset[str]) -> _Beside:
    """What the word before says; an unknown one leaves ``6:40`` in doubt, but not ``06:40``."""
    found = _BEFORE.search(low, 0, time.start())
    if found is None or found[1]:  # a word on a number belongs to it
        found = None if found is None or found[2] < _EASTERN else found
    if found is None:
        return _Beside()
    word = found[2]
    for at in range(len(word)) if word >= _EASTERN else (0,):
        part = word[at:]
        if part in OFFSETS and part >= _EASTERN:
            return _Beside(zone=OFFSETS[part])
        beside = _half(part, spoken)
        if beside is not None:
            return beside
    known = word >= _EASTERN or word in names().beside_times or _is_of_day(word)
    return _Beside(doubt=not known and time["h"][0] != "0")


def _behind(raw: str, low: str, at: int, spoken: frozenset[str]) -> _Beside:
    """What the words behind say, up to a zone; a word that is nothing else is taken for one."""
    half, doubt = None, False
    zone: timedelta | str | None = None
    for _ in range(_WORDS_READ):
        offset = _OFFSET.match(low, at)
        zone = None if offset is None else _ahead(offset)
        if offset is not None and zone is not None:
            at = offset.end() - len(offset["last"] or "")
            break
        region = _REGION.match(raw, at)
        if region is not None:
            zone, at = region[1], region.end()
            break
        word = _NEXT.match(low, at)
        if word is None:
            break
        written = raw[word.start(1) : word.end(1)]
        beside = _half(word[1], spoken, written)
        if beside is None:
            said = _says_nothing(word[1], written, spoken)
            if said is None:
                zone, at = written, word.end()
            if not said:
                break
        if beside is not None:
            half, doubt = beside.half, doubt or beside.doubt
        at = word.end()
    comments = _COMMENTS.match(raw, at)
    return _Beside(half, doubt, zone, comments.end() if comments and zone is not None else at)


def _half(word: str, spoken: frozenset[str], written: str = "") -> _Beside | None:
    """The half of the day that a word names; None for a word that names none.

    A word of a European language must be one of the text's: ``de`` and ``em`` are other words too,
    and what is ``written`` in capitals may name a zone.
    """
    meant = names().halves.get(word)
    if meant is None:
        return None
    if word not in {"am", "pm"} and _may_name_a_zone(written, chain(*meant.values()), spoken):
        return None
    if word in {"am", "pm"} or word > "\u0590":
        fitting = list(meant)
    else:
        fitting = [hour for hour, codes in meant.items() if codes & spoken]
        if not fitting and (word in names().beside_times or _is_of_day(word)):
            return None
    return _Beside(fitting[0]) if len(fitting) == 1 else _Beside(doubt=True)


def _says_nothing(word: str, written: str, spoken: frozenset[str]) -> bool | None:
    """True for a word that goes with a time, False for a day's, None for what may name a zone.

    A single letter names one to armies, though to mail it is none (RFC 5322, section 4.3).
    """
    if is_zone(written) or (len(written) == 1 and "A" <= written <= "Z"):
        return None
    beside = names().beside_times.get(word, frozenset())
    day = {code for codes in _of_day(word).values() for code in codes}
    if _may_name_a_zone(written, beside | day, spoken):
        return None
    return bool(beside) or (False if day else None)


def _may_name_a_zone(written: str, codes: Iterable[str], spoken: frozenset[str]) -> bool:
    """Whether a word is in capitals, and none of English or else of the text's languages.

    ``codes`` are the languages that it is a word of.
    """
    likely = {"en"} if "en" in spoken or not spoken else spoken
    return written.isascii() and written.isupper() and likely.isdisjoint(codes)


def _of_day(word: str) -> Meanings:
    return months_of(word) or names().weekdays.get(word, {})


def _is_of_day(word: str) -> bool:
    return bool(_of_day(word))


def _ahead(offset: re.Match[str]) -> timedelta | None:
    """An offset from UTC; None for other numbers behind a time, or what no clock on Earth has."""
    hours, minutes = offset["hours"], (offset["minutes"] or "").lstrip(":")
    if not offset["name"]:
        told = len(hours) == 2 or ":" in (offset["minutes"] or "")
        if offset["gap"] or not told or not (minutes or offset["last"] is not None):
            return None
    ahead = timedelta(hours=int(hours), minutes=int(minutes or 0))
    if ahead > FURTHEST or int(minutes or 0) > 59:
        return None
    return -ahead if offset["sign"] == "-" else ahead
