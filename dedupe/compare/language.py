"""The language that an article is read in, where its source did not say.

Told by script, and among languages of one script by counting short words that only one has. That
is enough to pick a word list and a set of month names; it is no language identifier.
"""

from __future__ import annotations

from collections import Counter

import regex

from dedupe.model import Article

_SAMPLE = 4000
_SCRIPTS = (
    ("ja", r"[\p{Hiragana}\p{Katakana}]"),
    ("ko", r"\p{Hangul}"),
    ("zh", r"\p{Han}"),
    ("hi", r"\p{Devanagari}"),
    ("ar", r"\p{Arabic}"),
    ("he", r"\p{Hebrew}"),
    ("th", r"\p{Thai}"),
    ("el", r"\p{Greek}"),
    ("bn", r"\p{Bengali}"),
    ("ta", r"\p{Tamil}"),
    ("ru", r"\p{Cyrillic}"),
)
_TELLING = {
    "en": "the and of to is was that for with said by has have from will",
    "de": "der die das und ist nicht mit ein den von wird dem auf sich auch",
    "fr": "le les des est une dans qui que pour pas sur du au aux et",
    "es": "el los las una que por con para del es lo su como más y",
    "pt": "o os uma não com para do da dos em um ao mais e foi",
    "it": "il gli che di una per non della sono con è nel alla dei ha",
    "nl": "de het een van en niet met is op voor dat zijn te aan ook",
    "sv": "och att det som för är på inte med av till har den om ett",
    "da": "og at det som for er på ikke med af til har den om et",
    "nb": "og at det som for er på ikke med av til har den om et",
    "pl": "i w nie na się jest że do z to przez od oraz został po",
    "tr": "ve bir bu da için ile olarak olan daha en çok gibi ise",
    "ro": "și în nu cu din este care pe la pentru că sunt mai a fost",
    "id": "yang dan di dari untuk dengan pada ini dalam tidak akan itu",
    "vi": "và của là có không được trong cho người một các đã với",
    "ru": "и в не на что с по как это из за для от был его",
    "uk": "і в не на що з та як це із за для від був його є у",
    "bg": "и в не на че с по как това от за за да е са",
}
_MINORITY = 0.15
"""Share of kana or Hangul from which a text with Han characters is Japanese or Korean."""


def language(article: Article) -> str:
    """The article's own tag, else a guess, else ''."""
    return article.lang or _guess(f"{article.title} {article.text[:_SAMPLE]}")


def _guess(text: str) -> str:
    letters = len(regex.findall(r"\p{L}", text))
    if not letters:
        return ""
    words = Counter(regex.findall(r"[\p{L}\p{M}]+", text.lower()))
    for lang, script in _SCRIPTS:
        share = len(regex.findall(script, text)) / letters
        if share > 0.5 or (lang in ("ja", "ko") and share > _MINORITY):
            return _by_words(words, ("ru", "uk", "bg")) or "ru" if lang == "ru" else lang
    return _by_words(words, tuple(t for t in _TELLING if t not in ("ru", "uk", "bg")))


def _by_words(words: Counter[str], among: tuple[str, ...]) -> str:
    counts = {lang: sum(words[w] for w in set(_TELLING[lang].split())) for lang in among}
    best = max(counts, key=lambda lang: counts[lang])
    return best if counts[best] else ""
