"""What made-up outlets print around every article: navigation, standing lines, footers, a masthead.

An outlet is a number. It prints the same furniture around all of its articles of one language, each
language in words of its own; a language without any gets the English ones.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_ONSETS = ("Al", "Bren", "Cas", "Dor", "Elm", "Fen", "Gal", "Har", "Isk", "Jun", "Kol", "Lan")
_CODAS = ("bury", "dale", "ford", "gate", "holm", "mere", "stead", "wick")
SEPARATORS = (" | ", " · ", "\n", " / ", "  ")
USUAL = "en"
SHOWN_IN_NAVIGATION, SHOWN_LINES = 18, 6


@dataclass(frozen=True, slots=True)
class Words:
    """What the outlets of one language choose from."""

    masthead: str
    """With a place for the town."""
    navigation: list[str]
    standing: list[str]
    related: str
    """What stands over titles of other articles."""
    rights: str
    """With a place for the masthead."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """One made-up outlet in one language."""

    masthead: str
    domain: str
    above: str
    """What stands over each of its articles, with an empty line at the end."""
    below: str
    """What stands under each, with an empty line before it."""
    related: str

    def around(self, text: str, related: Sequence[str] = ()) -> str:
        """The text as this outlet's page has it."""
        more = "\n\n" + "\n".join((self.related, *related)) if related else ""
        return f"{self.above}{text}{more}{self.below}"


@cache
def known_words() -> dict[str, Words]:
    """The words of each language that has any, by its code."""
    path = Path(__file__).parent.parent / "data" / "furniture.toml"
    with path.open("rb") as file:
        return {code: Words(**words) for code, words in tomllib.load(file).items()}


def picked(key: str, n: int) -> int:
    """A number below ``n`` that depends on the key alone, and is the same on every machine."""
    digest = blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") % n


def outlet(number: int, language: str = USUAL) -> Outlet:
    """The outlet of a number."""
    return _made(number, language if language in known_words() else USUAL)


@lru_cache(maxsize=4096)
def _made(number: int, language: str) -> Outlet:
    words, town = known_words()[language], _town(number)
    masthead = words.masthead.format(town)
    separator = SEPARATORS[picked(f"separator {number}", len(SEPARATORS))]
    menu, foot = (
        separator.join(_chosen(f"{place} {number}", words.navigation, SHOWN_IN_NAVIGATION))
        for place in ("menu", "foot")
    )
    lines = _chosen(f"lines {number}", words.standing, SHOWN_LINES)
    head = (masthead, menu) if picked(f"order {number}", 2) else (menu, masthead)
    above = "\n".join((*head, lines[0]))
    below = "\n".join((*lines[1:], foot, words.rights.format(masthead)))
    domain = f"{town.lower()}-{number}.example"
    return Outlet(masthead, domain, f"{above}\n\n", f"\n\n{below}", words.related)


def _town(number: int) -> str:
    rest, onset = divmod(number, len(_ONSETS))
    ring, coda = divmod(rest, len(_CODAS))
    return _ONSETS[onset] + _CODAS[coda] + ("" if not ring else f"-{_ONSETS[ring % len(_ONSETS)]}")


def _chosen(key: str, options: Sequence[str], n: int) -> list[str]:
    """``n`` of the options, in an order of the key's own."""
    return sorted(options, key=lambda option: picked(f"{key} {option}", 1 << 62))[:n]
