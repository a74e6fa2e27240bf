# ruff: noqa: RUF001, SIM905 - words and signs of all scripts stand as text
"""Tables behind the numbers: number words, magnitudes, units and hedges by language.

Words are folded as tokens are. A language that is missing here still has its digits read.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import regex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from dedupe.model_compare import Qualifier

COMMA_DECIMAL = frozenset(
    "de fr es it pt nl ru uk be bg pl cs sk sl hr sr sh ro hu fi sv da nb nn no is et lv lt el "
    "tr az "
    "id vi ca eu gl mk sq ka hy kk".split()
)
"""Languages that write ``3,4`` and ``1.000`` (CLDR); all others write ``3.4`` and ``1,000``."""


def _counted(start: int, words: str) -> dict[str, int]:
    """``one two ...`` to consecutive values; forms of one value are joined by ``/``."""
    return {form: start + i for i, forms in enumerate(words.split()) for form in forms.split("/")}


_ENGLISH_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_ENGLISH_ORDINAL_TENS = (
    "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth".split()
)
CARDINALS: Mapping[str, Mapping[str, int]] = {
    "en": {
        **_counted(
            1,
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
            "fifteen sixteen seventeen eighteen nineteen",
        ),
        **{word: 20 + 10 * i for i, word in enumerate(_ENGLISH_TENS)},
    },
    "de": _counted(2, "zwei drei vier fünf sechs sieben acht neun zehn elf zwölf"),
    "fr": _counted(2, "deux trois quatre cinq six sept huit neuf dix onze douze"),
    "es": _counted(2, "dos tres cuatro cinco seis siete ocho nueve diez once doce"),
    "pt": _counted(2, "dois/duas três quatro cinco seis sete oito nove dez onze doze"),
    "it": _counted(2, "due tre quattro cinque sei sette otto nove dieci undici dodici"),
    "nl": _counted(2, "twee drie vier vijf zes zeven acht negen tien elf twaalf"),
    "ru": _counted(
        2,
        "два/две/двух/двумя три/трех/трёх/тремя четыре/четырех/четырёх пять/пяти шесть/шести "
        "семь/семи восемь/восьми девять/девяти десять/десяти",
    ),
    "hi": _counted(2, "दो तीन चार पाँच/पांच छह/छः सात आठ नौ दस ग्यारह बारह"),
}
"""Number words from 2 up (1 is the article or a pronoun in most languages)."""

ORDINALS: Mapping[str, Mapping[str, int]] = {
    "en": {
        **_counted(
            3,
            "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
            "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth",
        ),
        **{word: 20 + 10 * i for i, word in enumerate(_ENGLISH_ORDINAL_TENS)},
    },
    "de": _counted(3, "dritte/dritten/dritter/drittes vierte/vierten/vierter fünfte/fünften"),
    "fr": _counted(3, "troisième quatrième cinquième sixième septième huitième"),
    "es": _counted(3, "tercer/tercera/tercero cuarto/cuarta quinto/quinta sexto/sexta"),
    "ru": _counted(3, "третий/третья/третье/третьего четвертый/четвёртый пятый/пятая/пятого"),
}
"""From the third up: first and second are mostly not counted but said."""

_SHARED_MAGNITUDES = {"mn": 6, "bn": 9, "tn": 12, "k": 3, "млн": 6, "млрд": 9, "трлн": 12}
_LONG_SCALE = {"billion": 12, "billions": 12}
_MAGNITUDES: Mapping[str, Mapping[str, int]] = {
    "en": {
        "hundred": 2, "thousand": 3, "lakh": 5, "lakhs": 5, "million": 6, "millions": 6, "m": 6,
        "crore": 7, "crores": 7, "billion": 9, "billions": 9, "b": 9, "trillion": 12,
    },
    "de": {
        "hundert": 2, "tausend": 3, "mio": 6, "million": 6, "millionen": 6, "mrd": 9,
        "milliarde": 9, "milliarden": 9, "billion": 12, "billionen": 12,
    },
    "fr": {
        "cent": 2, "mille": 3, "million": 6, "millions": 6, "milliard": 9, "milliards": 9,
        **_LONG_SCALE,
    },
    "es": {"mil": 3, "millón": 6, "millones": 6, "billón": 12, "billones": 12},
    "pt": {
        "mil": 3, "milhão": 6, "milhões": 6, "bilhão": 9, "bilhões": 9, "trilhão": 12,
        "trilhões": 12,
    },
    "it": {"mila": 3, "milione": 6, "milioni": 6, "miliardo": 9, "miliardi": 9},
    "nl": {"duizend": 3, "miljoen": 6, "miljard": 9, "biljoen": 12},
    "sv": {"tusen": 3, "miljon": 6, "miljoner": 6, "miljard": 9, "miljarder": 9},
    "pl": {"tys": 3, "tysiąc": 3, "tysięcy": 3, "tysiące": 3, "mln": 6, "mld": 9,
           "milion": 6, "milionów": 6, "miliony": 6, "miliard": 9, "miliardów": 9},
    "ru": {
        "тыс": 3, "тысяча": 3, "тысячи": 3, "тысяч": 3, "миллион": 6, "миллиона": 6,
        "миллионов": 6, "миллиард": 9, "миллиарда": 9, "миллиардов": 9, "триллион": 12,
        "триллиона": 12, "триллионов": 12,
    },
    "uk": {"тис": 3, "тисяч": 3, "тисячі": 3, "мільйон": 6, "мільйони": 6, "мільйонів": 6,
           "мільярд": 9, "мільярди": 9, "мільярдів": 9},
    "hi": {
        "सौ": 2, "हज़ार": 3, "हजार": 3, "लाख": 5, "करोड़": 7, "अरब": 9, "खरब": 11,
    },
    "ar": {"ألف": 3, "آلاف": 3, "مليون": 6, "ملايين": 6, "مليار": 9, "مليارات": 9},
    "tr": {"bin": 3, "milyon": 6, "milyar": 9, "trilyon": 12},
    "vi": {"nghìn": 3, "ngàn": 3, "triệu": 6, "tỷ": 9, "tỉ": 9},
    "id": {"ribu": 3, "juta": 6, "miliar": 9, "triliun": 12},
}  # fmt: skip
HAN_MAGNITUDES = {
    "十": 1, "百": 2, "千": 3, "万": 4, "萬": 4, "만": 4, "亿": 8, "億": 8, "억": 8,
    "兆": 12, "조": 12,
}  # fmt: skip
HAN_DIGITS = {
    "〇": 0, "零": 0, "一": 1, "二": 2, "两": 2, "兩": 2, "三": 3, "四": 4, "五": 5, "六": 6,
    "七": 7, "八": 8, "九": 9,
}  # fmt: skip

_UNITS = {
    "percent": "% ٪ percent pct prozent procent procento pourcent процент процента процентов "
    "процентам проценты відсотків प्रतिशत फीसदी फ़ीसदी プロセント パーセント 퍼센트 yüzde",
    "point": "point points punkte punkten puntos ponto pontos 个百分点 ポイント",
    "USD": "$ us$ dollar dollars dólar dólares dollari dólar доллар доллара долларов डॉलर "
    "美元 ドル "
    "달러 دولار",
    "EUR": "€ euro euros евро यूरो 欧元 ユーロ 유로 يورو",
    "GBP": "£ sterling фунтов 英镑",
    "JPY": "¥ yen 日元 円",
    "CNY": "yuan 人民币 元 юаней юаня",
    "INR": "₹ rupee rupees रुपये रुपए",
    "RUB": "₽ rouble roubles ruble rubles рубль рубля рублей руб",
    "KRW": "₩ 원",
    "second": "second seconds sekunde sekunden seconde secondes segundo segundos секунд "
    "секунды 秒 सेकंड",
    "minute": "minute minutes minuten minuto minutos минут минуты 分钟 分 मिनट",
    "hour": "hour hours stunde stunden heure heures hora horas час часа часов 小时 時間 "
    "시간 घंटे घंटा ساعة",
    "day": "day days tag tage tagen tägige tägigen tägiger tägiges jour jours día días dia "
    "dias giorno "
    "giorni день дня дней дневное дневный дневного дневной дневное 天 日間 일 दिन दिनों "
    "दिवसीय يوم أيام",
    "week": "week weeks woche wochen semaine semaines semana semanas неделя недели недель "
    "周 週間 주 हफ्ते",
    "month": "month months monat monate monaten mois mes meses месяц месяца месяцев 个月 "
    "か月 개월 महीने",
    "year": "year years jahr jahre jahren jährige jähriger jährigen ans année années año años "
    "ano anos anni год года лет летие летия летний летнего 年 년 वर्ष साल वर्षीय سنة سنوات",
    "kilometre": "km kilometre kilometres kilometer kilometers kilometern kilomètre kilomètres "
    "kilómetro kilómetros км километр километра километров 公里 キロ 킬로미터 किलोमीटर किमी",
    "metre": "m metre metres meter meters metern mètre mètres metro metros м метр метра "
    "метров 米 मीटर",
    "mile": "mile miles meilen milles millas миль मील",
    "kilogram": "kg kilogram kilograms kilogramme kilo kilos kilogramm кг килограмм "
    "килограммов 公斤 किलो",
    "tonne": "ton tons tonne tonnes tonnen tonelada toneladas тонн тонны 吨 トン टन",
    "hectare": "ha hectare hectares hektar hectárea hectáreas гектар гектара гектаров 公顷 हेक्टेयर",
    "degree": "° degree degrees grad degrés grados градус градуса градусов 度",
    "barrel": "barrel barrels baril barils barriles баррель баррелей 桶",
    "person": "people person persons menschen personen personnes persona personas pessoas "
    "persone "
    "человек человека людей людина чоловік 人 名 位 명 लोग लोगों व्यक्ति شخص أشخاص người "
    "orang kişi",
}
UNIT_OF = {form: unit for unit, forms in _UNITS.items() for form in forms.split()}
"""Folded form of a unit, in any language, to its canonical name."""
COMMON = 1.5e-3
"""Frequency from which a word tells nothing of what is counted: ``of``, ``were``, ``have``."""
PLURALS = frozenset(
    "men women children police staff crew dead injured wounded missing hurt cattle sheep "
    "fish feet "
    "troops personnel aircraft media data".split()
)
"""English words that are counted without an s."""
PREPOSITIONS = frozenset(
    "during since after before against under between without within along around until among "
    "across while despite including through toward towards near seit nach vor während gegen "
    "desde "
    "durante hasta entre depuis pendant avant après contre dopo durante после перед против "
    "между tháng ngày năm".split()
)
"""Words that end what a number counts though they are rarer than its commonest nouns."""
CURRENCIES = frozenset("USD EUR GBP JPY CNY INR RUB KRW".split())
CURRENCY_SIGNS = {
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "₽": "RUB",
    "₩": "KRW",
}
FREE_UNITS = frozenset("percent point second minute hour day week month year degree".split())
"""Units that say nothing of what is measured: two such numbers need more in common."""

_HEDGES: Mapping[Qualifier, str] = {
    "over": "over|more than|at least|above|exceeding|in excess of|upwards of|as many as|"
    "más de|al menos|por lo menos|mehr als|mindestens|über|wenigstens|plus de|au moins|mais de|"
    "pelo menos|oltre|più di|almeno|meer dan|более чем|более|больше|свыше|не менее|минимум|"
    "超过|超過|逾|至少|कम से कम|أكثر من",
    "under": "under|fewer than|less than|below|nearly|almost|up to|menos de|casi|weniger "
    "als|fast|"
    "knapp|moins de|presque|près de|quase|quasi|menos de|meno di|менее|почти|до|不到|近|أقل من",
    "about": "about|around|some|roughly|approximately|approx|an "
    "estimated|estimated|circa|rund|etwa|"
    "ungefähr|gut|environ|quelque|unos|unas|cerca de|alrededor de|около|примерно|приблизительно|"
    "लगभग|करीब|क़रीब|约|約|大约|大約|حوالي|نحو",
}
_HEDGE = regex.compile(
    r"(?:\A|(?<!\p{L})|(?<=\p{Han}))(?:"
    + "|".join(f"(?P<{qualifier}>{phrases})" for qualifier, phrases in _HEDGES.items())
    + r")(?:\s+(?:an|a|the|de|una?|ein|estimated|another|other))*\s*(?:US|A|C)?[$€£¥₹₽₩]?\Z",
    regex.IGNORECASE,
)


def hedge(text: str, start: int) -> Qualifier:
    """How the number that begins at ``start`` is hedged by the words before it."""
    match = _HEDGE.search(text[max(0, start - 32) : start])
    if match is None:
        return ""
    return "over" if match["over"] else "under" if match["under"] else "about"


@cache
def magnitudes(lang: str) -> Mapping[str, int]:
    """Powers of ten by folded word, for one language; English where it is not known."""
    return {**_SHARED_MAGNITUDES, **_MAGNITUDES.get(lang, _MAGNITUDES["en"])}
