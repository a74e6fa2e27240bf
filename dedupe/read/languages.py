"""Language tags as sources write them, into BCP 47 primary subtags."""

from __future__ import annotations

from functools import lru_cache

from dedupe.lexicon import codes_by_tag, known_codes


@lru_cache(maxsize=4096)
def primary_subtag(written: str) -> str:
    """``en`` for ``en``, ``en-US``, ``en_GB``, ``eng_Latn`` and ``English``; '' for no language."""
    subtag = written.strip().lower().replace("_", "-").partition("-")[0]
    if subtag not in known_codes():
        subtag = codes_by_tag().get(subtag, subtag)
    return subtag if subtag.isascii() and subtag.isalpha() and len(subtag) in {2, 3} else ""
