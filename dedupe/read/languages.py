"""Language tags as sources write them, into BCP 47 primary subtags."""

from __future__ import annotations

from functools import lru_cache

_OTHER_WRITINGS = {
    "ar": "ara arabic",
    "bg": "bul bulgarian",
    "bn": "ben bengali bangla",
    "ca": "cat catalan",
    "cs": "ces cze czech",
    "da": "dan danish",
    "de": "deu ger german",
    "el": "ell gre greek",
    "en": "eng english",
    "es": "spa spanish",
    "fa": "fas per persian farsi",
    "fi": "fin finnish",
    "fr": "fra fre french",
    "he": "heb hebrew iw",
    "hi": "hin hindi",
    "hu": "hun hungarian",
    "id": "ind indonesian in",
    "is": "isl ice icelandic",
    "it": "ita italian",
    "ja": "jpn japanese",
    "ko": "kor korean",
    "lt": "lit lithuanian",
    "lv": "lav latvian",
    "mk": "mkd mac macedonian",
    "ms": "msa may malay",
    "nb": "nob bokmål",
    "nl": "nld dut dutch",
    "no": "nor norwegian",
    "pl": "pol polish",
    "pt": "por portuguese",
    "ro": "ron rum romanian",
    "ru": "rus russian",
    "sk": "slk slo slovak",
    "sl": "slv slovenian",
    "sv": "swe swedish",
    "ta": "tam tamil",
    "th": "tha thai",
    "tr": "tur turkish",
    "uk": "ukr ukrainian",
    "ur": "urd urdu",
    "vi": "vie vietnamese",
    "zh": "zho chi chinese",
}
"""ISO 639-2 codes, withdrawn codes and English names beside the tag: news archives use them all."""

_TAG_OF = {other: tag for tag, others in _OTHER_WRITINGS.items() for other in others.split()}


@lru_cache(maxsize=4096)
def primary_subtag(written: str) -> str:
    """``en`` for ``en``, ``en-US``, ``en_GB``, ``eng_Latn`` and ``English``; '' for no language."""
    subtag = written.strip().lower().replace("_", "-").partition("-")[0]
    subtag = _TAG_OF.get(subtag, subtag)
    return subtag if subtag.isascii() and subtag.isalpha() and len(subtag) in {2, 3} else ""
