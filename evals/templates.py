"""Twins: many events told by one template. Each is a story of its own, however alike they read.

Everything in them is made up. Of every fifth event there are two reports: the second is the first
as another outlet sent it on, without its last sentence.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from dedupe.model import Article

STARTS = (
    *("Ar", "Bel", "Cro", "Dun", "Esk", "Fal", "Gri", "Hol", "Ing", "Kar", "Lud", "Mor"),
    *("Nas", "Ost", "Pel", "Quin", "Ras", "Sol", "Tor", "Ulm", "Var", "Wen", "Yor", "Zan"),
)
PLACES = ("bach", "den", "fels", "ham", "low", "mont", "nau", "ridge", "ton", "ville")
FAMILIES = ("ado", "berg", "eau", "ini", "ov", "quist", "sen", "ski")
GIVEN = (
    *("Agnes", "Boris", "Carla", "Dmitri", "Edith", "Fabio", "Gudrun", "Henrik", "Irene", "Jorge"),
    *("Katya", "Luis", "Marta", "Nora", "Oscar", "Petra", "Rafael", "Silvia", "Tomas", "Vera"),
)
FIRST_DAY = datetime(2023, 10, 17, 9, tzinfo=UTC)
OUTLETS, EVERY = 11, 5
"""Outlets that the reports come from; of every so many events one is reported twice."""
NEXT = 7
"""In a narrow region the event whose first name is the second of this one is so many further on."""


@dataclass(frozen=True, slots=True)
class Template:
    """One kind of event.

    Places: ``a`` (whom it is about, ``A`` in capitals, ``t`` as a ticker), ``b`` (a second name),
    ``p`` (a person), ``n`` (the numbers).
    """

    kind: str
    lang: str
    title: str
    text: str
    numbers: tuple[tuple[int, int], ...]
    """Bounds of each number."""


TEMPLATES = (
    Template(
        "earnings",
        "en",
        "{a} Corp quarterly profit up {n[0]} pct",
        "{a} Corp said on Tuesday that its net profit in the third quarter rose {n[0]} percent to "
        "{n[1]}.{n[2]} million crowns. Sales were {n[3]} million crowns, against {n[4]} million a "
        "year earlier. Chief executive {p} said demand had been solid in all regions. The company "
        "left its forecast for the full year unchanged and will pay a dividend of {n[5]} cents. "
        "Its shares closed at {n[6]} crowns on Monday.",
        ((2, 48), (11, 240), (1, 9), (300, 980), (200, 890), (10, 90), (12, 410)),
    ),
    Template(
        "quakes",
        "en",
        "Moderate quake shakes {a} region",
        "An earthquake of magnitude {n[0]}.{n[1]} shook the {a} region on Tuesday, the "
        "seismological office said. Its centre lay {n[2]} kilometres from {b} at a depth of {n[3]} "
        "kilometres. There were no reports of casualties. Residents ran into the streets, and "
        "some {n[4]} houses were left with cracks. The office recorded {n[5]} aftershocks and "
        "asked people to stay calm.",
        ((4, 5), (0, 9), (4, 80), (5, 60), (10, 300), (3, 40)),
    ),
    Template(
        "matches",
        "en",
        "{a} beat {b} to go third",
        "{a} beat {b} {n[0]}-{n[1]} on Tuesday evening and moved up to third place in the league. "
        "{p} opened the scoring in minute {n[2]} and added a second after the break. The visitors "
        "were reduced to ten men in minute {n[3]}. A crowd of {n[4]},{n[5]} watched the game. The "
        "home side's coach praised his defence, while his opposite number spoke of a bad day. "
        "Both teams play again on Saturday.",
        ((2, 6), (0, 1), (2, 40), (55, 80), (4, 60), (100, 999)),
    ),
    Template(
        "recalls",
        "en",
        "{a} recalls {n[0]}00 strollers over faulty brake",
        "The manufacturer {a} is recalling some {n[0]}00 strollers of the model {b} {n[1]} because "
        "the brake may fail, the consumer safety agency said on Tuesday. They were sold between "
        "{n[2]} and 2022 for about {n[3]} crowns. The agency knows of {n[4]} incidents and of no "
        "injuries. Owners should stop using the product at once and may return it to any shop for "
        "a full refund. The batch number stands on the frame.",
        ((11, 95), (100, 999), (2014, 2021), (90, 700), (2, 30)),
    ),
    Template(
        "sentences",
        "en",
        "Court jails {a} man for {n[0]} years over fraud",
        "A court in {a} on Tuesday sentenced {p}, {n[1]}, to {n[0]} years in prison for fraud. The "
        "judges found that the former accountant had taken {n[2]}.{n[3]} million crowns from a "
        "housing association in {b} over {n[4]} years. He had confessed at the beginning of the "
        "trial. The prosecution had asked for {n[5]} years. The ruling is not yet final, and his "
        "lawyer said an appeal was being considered.",
        ((2, 9), (28, 71), (1, 8), (1, 9), (3, 14), (10, 13)),
    ),
    Template(
        "outages",
        "en",
        "Power cut leaves thousands without electricity in {a}",
        "Some {n[0]},{n[1]} households in {a} were without electricity for {n[2]} minutes on "
        "Tuesday, the grid operator said. A fault at the substation of {b} was to blame. Traffic "
        "lights failed, and {n[3]} people had to be freed from lifts. Hospitals switched to "
        "emergency supply. Technicians restored service step by step, and the operator "
        "apologised to its customers.",
        ((2, 60), (100, 999), (15, 280), (2, 40)),
    ),
    Template(
        "warnings",
        "en",
        "Storm warning for {a}",
        "The weather service issued a storm warning for {a} on Tuesday. Gusts of up to {n[0]} "
        "kilometres an hour are expected from {n[1]} o'clock, and more than {n[2]} millimetres of "
        "rain may fall. People should stay indoors, keep away from trees and tie down what stands "
        "outside. Ferries and cable cars may be stopped. The warning holds until midnight.",
        ((75, 140), (10, 20), (10, 60)),
    ),
    Template(
        "payouts",
        "en",
        "{A} INC <{t}> SETS QUARTERLY PAYOUT",
        "Quarterly payout {n[0]} cents a share, previous quarter {n[1]} cents. Payable November "
        "{n[2]} to holders of record October {n[3]}.",
        ((3, 60), (3, 60), (1, 29), (18, 31)),
    ),
    Template(
        "burglaries",
        "de",
        "{a}: Einbruch in Einfamilienhaus",
        "Unbekannte sind am Dienstag zwischen {n[0]} und {n[1]} Uhr in ein Einfamilienhaus in der "
        "{b}straße in {a} eingebrochen. Sie hebelten ein Fenster auf der Rückseite auf und "
        "durchsuchten alle Räume. Nach ersten Angaben erbeuteten sie Schmuck und {n[2]} Euro "
        "Bargeld. Der Schaden am Fenster beträgt etwa {n[3]}00 Euro. Wer etwas Verdächtiges "
        "beobachtet hat, wird gebeten, sich unter der Nummer 0{n[4]} {n[5]} bei der Polizei zu "
        "melden.",
        ((6, 12), (13, 23), (40, 4000), (3, 30), (2100, 9800), (10000, 99999)),
    ),
    Template(
        "appointments",
        "es",
        "{p}, nuevo director general de {a}",
        "El grupo {a} anunció el martes el nombramiento de {p} como director general, con efecto "
        "desde el día {n[0]} de noviembre. Sustituye en el cargo a {b}, que deja la empresa "
        "después de {n[1]} años. El nuevo directivo, de {n[2]} años, dirigía hasta ahora la "
        "división comercial. La compañía emplea a {n[3]} personas y facturó {n[4]} millones de "
        "euros el año pasado. El consejo de administración aprobó la decisión por unanimidad.",
        ((2, 28), (3, 25), (38, 62), (120, 9800), (14, 890)),
    ),
)


def twins(
    template: Template, n: int, *, weekly: bool = False, narrow: bool = False
) -> tuple[list[Article], list[str]]:
    """Reports of ``n`` events, all of one day or one event a week, and the event of each.

    In a ``narrow`` region the second name of an event is the first of another one.
    """
    draw = random.Random(f"twins {template.kind} {weekly}")
    names = draw.sample([start + end for start in STARTS for end in PLACES], 2 * n)
    families = [start + end for start in STARTS for end in FAMILIES]
    articles: list[Article] = []
    events: list[str] = []
    for event in range(n):
        person = f"{draw.choice(GIVEN)} {draw.choice(families)}"
        numbers = [draw.randint(low, high) for low, high in template.numbers]
        a, b = names[event], names[(event + NEXT) % n if narrow else n + event]
        told = {"a": a, "b": b, "p": person, "n": numbers, "A": a.upper(), "t": a[:4].upper()}
        first = Article(
            id=f"{template.kind}-{event}",
            title=template.title.format(**told),
            text=template.text.format(**told),
            date=FIRST_DAY + timedelta(days=7 * event if weekly else 0, minutes=7 * event),
            source=f"outlet{event % OUTLETS}.example",
            lang=template.lang,
        )
        found = [first, _sent_on(first, event)] if event % EVERY == 0 else [first]
        articles += found
        events += [first.id] * len(found)
    return articles, events


def _sent_on(article: Article, event: int) -> Article:
    if article.date is None:
        raise ValueError("a twin has a date")
    return replace(
        article,
        id=f"{article.id}-again",
        text=article.text[: article.text.rindex(". ") + 1],
        date=article.date + timedelta(hours=2),
        source=f"outlet{(event + 5) % OUTLETS}.example",
    )
