# ruff: noqa: RUF001 - words and signs of all scripts stand as text
"""Month and weekday names by language, and the words that join days into spans.

Forms that share an ending are spelt out; abbreviations stand beside the names. Chinese, Japanese
and Korean number their months and need no table.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_MONTHS: Mapping[str, str] = {
    "en": "january/jan february/feb march/mar april/apr may june/jun july/jul august/aug "
    "september/sept/sep october/oct november/nov december/dec",
    "de": "januar/jänner/jan februar/feb märz/mär april/apr mai juni/jun juli/jul august/aug "
    "september/sept/sep oktober/okt november/nov dezember/dez",
    "fr": "janvier/janv février/févr mars avril/avr mai juin juillet/juil août septembre/sept "
    "octobre/oct novembre/nov décembre/déc",
    "es": "enero/ene febrero/feb marzo/mar abril/abr mayo/may junio/jun julio/jul agosto/ago "
    "septiembre/setiembre/sept/sep octubre/oct noviembre/nov diciembre/dic",
    "pt": "janeiro/jan fevereiro/fev março/mar abril/abr maio/mai junho/jun julho/jul agosto/ago "
    "setembro/set outubro/out novembro/nov dezembro/dez",
    "it": "gennaio/gen febbraio/feb marzo/mar aprile/apr maggio/mag giugno/giu luglio/lug "
    "agosto/ago settembre/set ottobre/ott novembre/nov dicembre/dic",
    "nl": "januari/jan februari/feb maart/mrt april/apr mei juni/jun juli/jul augustus/aug "
    "september/sep oktober/okt november/nov december/dec",
    "ru": "январь/января/январе/янв февраль/февраля/феврале/фев март/марта/марте "
    "апрель/апреля/апреле/апр май/мая/мае июнь/июня/июне июль/июля/июле "
    "август/августа/августе/авг "
    "сентябрь/сентября/сентябре/сен октябрь/октября/октябре/окт ноябрь/ноября/ноябре/ноя "
    "декабрь/декабря/декабре/дек",
    "uk": "січень/січня/січні лютий/лютого/лютому березень/березня/березні квітень/квітня/квітні "
    "травень/травня/травні червень/червня/червні липень/липня/липні серпень/серпня/серпні "
    "вересень/вересня/вересні жовтень/жовтня/жовтні листопад/листопада/листопаді "
    "грудень/грудня/грудні",
    "hi": "जनवरी फरवरी/फ़रवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर/सितम्बर अक्टूबर/अक्तूबर "
    "नवंबर/नवम्बर दिसंबर/दिसम्बर",
    "tr": "ocak/ocakta şubat/şubatta mart/martta nisan/nisanda mayıs/mayısta haziran temmuz "
    "ağustos "
    "eylül ekim kasım aralık",
    "id": "januari februari maret april mei juni juli agustus september oktober november desember",
}
_WEEKDAYS: Mapping[str, str] = {
    "en": "monday/mon tuesday/tue wednesday/wed thursday/thu friday/fri saturday/sat sunday/sun",
    "de": "montag/montags dienstag/dienstags mittwoch/mittwochs donnerstag/donnerstags "
    "freitag/freitags samstag/sonnabend sonntag/sonntags",
    "fr": "lundi mardi mercredi jeudi vendredi samedi dimanche",
    "es": "lunes martes miércoles jueves viernes sábado domingo",
    "pt": "segunda-feira terça-feira quarta-feira quinta-feira sexta-feira sábado domingo",
    "it": "lunedì martedì mercoledì giovedì venerdì sabato domenica",
    "nl": "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag",
    "ru": "понедельник/понедельника вторник/вторника среда/среду/среды четверг/четверга "
    "пятница/пятницу/пятницы суббота/субботу/субботы воскресенье/воскресенья",
    "uk": "понеділок вівторок середа/середу четвер п'ятниця/п'ятницю субота/суботу неділя/неділю",
    "hi": "सोमवार मंगलवार बुधवार गुरुवार/बृहस्पतिवार शुक्रवार शनिवार रविवार",
    "tr": "pazartesi salı çarşamba perşembe cuma cumartesi pazar",
    "id": "senin selasa rabu kamis jumat sabtu minggu",
}
_SHORT_ONLY_BESIDE_DAY = 4
"""Month forms shorter than this (``mar``, ``may``, ``set``) are read only beside a day or year."""
JOINERS = (
    r"-|–|—|~|～|to|through|until|till|bis "
    r"zum|bis|au|al|a|até|tot|по|до|до|से|तक|sampai|至|到|から"
)
"""What stands between the first and the last day of a span. ``and`` is missing: two days."""


def _numbered(names: str) -> dict[str, int]:
    return {form: i for i, forms in enumerate(names.split(), start=1) for form in forms.split("/")}


@cache
def months(lang: str) -> Mapping[str, int]:
    """Folded month names to 1..12; English names where the language is not known here."""
    return _numbered(_MONTHS.get(lang, _MONTHS["en"]))


@cache
def weekdays(lang: str) -> Mapping[str, int]:
    """Folded weekday names to ISO numbers, Monday 1; English where the language is not known."""
    return _numbered(_WEEKDAYS.get(lang, _WEEKDAYS["en"]))


def stands_alone(month: str, lang: str) -> bool:
    """Whether a month's name says a month without a day or year beside it."""
    return len(month) >= _SHORT_ONLY_BESIDE_DAY or lang in ("hi", "zh", "ja", "ko")
