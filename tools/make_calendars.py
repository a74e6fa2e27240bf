"""Writes the calendars in dedupe/data/languages: the names of months, weekdays and halves of a day.

They are those of Unicode's CLDR, as the package Babel carries it: wide and abbreviated, inside a
date and standing alone, of all regions where the language is written; and whether the day comes
first in a date of numbers alone. The package needs no Babel while it runs. Forms that CLDR lacks
stand in the hand-written part of each file, which this script leaves as it is:
python tools/make_calendars.py
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

from babel import Locale
from babel.core import get_cldr_version
from babel.localedata import locale_identifiers

LANGUAGES = Path(__file__).parent.parent / "dedupe" / "data" / "languages"
HEADER = "# Names of months and weekdays, written by tools/make_calendars.py from CLDR"
COMMON = {"am", "pm"}
"""Halves of the day that every language is read with: they stand in und.toml."""
LOCALES = {"nb": ("nb", "nn"), "sh": ("bs", "hr", "sr")}
"""Codes that stand for several languages of CLDR."""
OTHER_SCRIPTS = {"Dsrt", "Latn", "Shaw"}
"""Reformed and romanised spellings in which no newspaper is written; of Serbian Latin is one."""
NUMBERED = "月월"
"""Chinese, Japanese and Korean number their months."""
MONTHS, DAYS = range(1, 13), range(7)
CONTEXTS = ("format", "stand-alone")
COUNTRY, BESIDE = re.compile("(?!X[AB]|ZZ)[A-Z]{2}"), re.compile(r"[()]|,.*| - .*")
"""Codes of countries in CLDR, but for two of tests and one that stands for none; and what parts
names: ``Myanmar (Burma)``."""
CITIES = "# Names of cities, written by tools/make_calendars.py from CLDR"
SHARED = "und"
CONTINENTS = {"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
CASED = 100
"""Countries with a capital from which a language has capitals, and not only borrows some."""


def main() -> None:
    license_of = metadata("babel").get("License-Expression") or metadata("babel")["License"]
    print(
        f"CLDR {get_cldr_version()} (Unicode License), "
        f"from Babel {metadata('babel')['Version']} ({license_of or 'BSD-3-Clause'})"
    )
    for path in sorted(LANGUAGES.glob("*.toml")):
        if path.stem != SHARED:
            write(path)
    write_shared(LANGUAGES / f"{SHARED}.toml")


def write(path: Path) -> None:
    locales = list(of_language(path.stem))
    months = forms([(locale.months, MONTHS) for locale in locales])
    weekdays = forms([(locale.days, DAYS) for locale in locales])
    kept = path.read_text("utf-8").partition(HEADER)[0].rstrip()
    lines = [kept, "", f"{HEADER} {get_cldr_version()}.", "[calendar]"]
    for name, tables in (("months", months), ("weekdays", weekdays)):
        for key, table in zip((name, f"short_{name}"), tables, strict=True):
            if any(table):
                rows = (f"    {json.dumps(found, ensure_ascii=False)}," for found in table)
                lines += [f"{key} = [", *rows, "]"]
    for half in ("am", "pm"):
        if found := halves(locales, half):
            lines.append(f"{half} = {json.dumps(found, ensure_ascii=False)}")
    if day_first(locales[0]):
        lines.append("day_first = true")
    if found := countries(locales):
        lines += ["", "# Names of countries and cities, from there too.", "[territories]"]
        lines.append(f"countries = {json.dumps(found, ensure_ascii=False)}")
        if found := cities(locales):
            lines.append(f"cities = {json.dumps(found, ensure_ascii=False)}")
    path.write_text("\n".join(lines) + "\n", "utf-8")
    print(path.name, *(sum(map(len, table)) for table in (*months, *weekdays)))


def of_language(code: str) -> Iterator[Locale]:
    """The locales of a language, the general one first."""
    for language in LOCALES.get(code, (code,)):
        for name in sorted(locale_identifiers()):
            parts = name.split("_")
            if parts[0] == language and (language == "sr" or not OTHER_SCRIPTS & set(parts)):
                yield Locale.parse(name)


def halves(locales: list[Locale], half: str) -> list[str]:
    """Folded names of a half of the day, without stops and blanks; no single letter of Europe's."""
    tables = [locale.day_periods[c] for locale in locales for c in CONTEXTS]
    written = [
        table[width][half]
        for table in tables
        for width in ("wide", "abbreviated", "narrow")
        if half in table.get(width, {})
    ]
    names = dict.fromkeys("".join(filter(of_word, folded(name))) for name in written)
    return [name for name in names if name not in COMMON and (len(name) > 1 or name > "\u0590")]


def of_word(character: str) -> bool:
    """Whether it is a letter or a mark on one."""
    return unicodedata.category(character)[0] in "LM"


def day_first(locale: Locale) -> bool:
    """Whether the short date of a language begins with the day."""
    return locale.date_formats["short"].pattern.lstrip("\u200e\u200f").startswith("d")


def write_shared(path: Path) -> None:
    kept = path.read_text("utf-8").partition(CITIES)[0].rstrip()
    names = json.dumps(sorted(zone_cities()), ensure_ascii=False)
    lines = [kept, "", f"{CITIES} {get_cldr_version()}.", "[territories]", f"cities = {names}"]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def zone_cities() -> set[str]:
    """Folded names of the cities after which time zones are named, as CLDR's root has them."""
    zones = (zone.split("/") for zone in Locale("ru").time_zones)
    return {folded(parts[-1].replace("_", " ")) for parts in zones if parts[0] in CONTINENTS}


def cities(locales: list[Locale]) -> list[str]:
    """Folded names of such cities that differ from those of :func:`zone_cities`."""
    written = {
        folded(str(names["city"]))
        for locale in locales
        for zone, names in locale.time_zones.items()
        if "city" in names and zone.split("/")[0] in CONTINENTS
    }
    return sorted(written - zone_cities())


def countries(locales: list[Locale]) -> list[str]:
    """Folded names of countries and unions of them; none where names have no capitals."""
    written = [
        name
        for locale in locales
        for code, names in locale.territories.items()
        if COUNTRY.fullmatch(code)
        for name in BESIDE.split(names)
    ]
    found = {folded(name.strip()) for name in written if name != name.lower()}
    return sorted(found) if len(found) >= CASED else []


def forms(tables: list[tuple[Mapping[str, Any], range]]) -> tuple[list[list[str]], ...]:
    """Folded names of each month or weekday, wide ones and shorter ones; no form of two of them."""
    wide, short = (
        [
            dict.fromkeys(folded(table[c][width][n]) for table, _ in tables for c in CONTEXTS)
            for n in tables[0][1]
        ]
        for width in ("wide", "abbreviated")
    )
    short = [
        {form: None for form in names if form not in long}
        for names, long in zip(short, wide, strict=True)
    ]
    every = [form for names in (*wide, *short) for form in names]
    return tuple(
        [[form for form in names if every.count(form) == 1 and named(form)] for names in table]
        for table in (wide, short)
    )


def folded(name: str) -> str:
    """As tokens are folded, without the stop of an abbreviation."""
    low = unicodedata.normalize("NFC", name).lower().replace("i\u0307", "i")
    return low.rstrip(".").replace("\u02bc", "'")


def named(form: str) -> bool:
    """False for a number and a single character, which say no month or day in a text."""
    return len(form) > 1 and not any(c.isdigit() for c in form) and form[-1] not in NUMBERED


if __name__ == "__main__":
    main()
