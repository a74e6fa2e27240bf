"""Articles, comparisons and a whole page for the tests of the HTML report."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from report_examples import GROUPING, WEAKEST

from dedupe.api import compare_articles
from dedupe.comparison.story_facts import facts_of
from dedupe.model import Article, Evidence, Grouping, Match, Member, Story
from dedupe.model_compare import ReportMap, SideBySide
from dedupe.outlets import OutletTable, outlets_of
from dedupe.report.html import write_comparison_page, write_outlets_page, write_report_page

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.model_compare import Comparison

FERRY = Article(
    "nord-001",
    "A ferry with 214 people aboard ran aground off Nordhavn early on Tuesday, the Coast Guard "
    "said. At least 38 people were hurt when the ferry hit a rock.\n\nCaptain Ylva Lindqvist "
    "stayed on the bridge until noon. The harbour office has closed the northern channel.",
    "Ferry with 214 aboard runs aground off Nordhavn",
    datetime(2024, 5, 14, 6, 12, tzinfo=UTC),
    "Nordic Wire",
    "https://wire.example/ferry",
    "en",
)
RADIO = Article(
    "radio-5",
    "Helicopters took passengers off a stranded ferry near Nordhavn all morning. A ferry with "
    "231 people aboard ran aground off Nordhavn early on Tuesday, the Coast Guard said. "
    "The harbour office has closed the northern channel. Schools took in the families.",
    "Passengers taken off stranded ferry by helicopter",
    datetime(2024, 5, 14, 11, 42, tzinfo=UTC),
    "Coast Radio",
    lang="en",
)
HOSTILE = Article(
    "<img src=x onerror=alert(1)>",
    "<script>document.title = 'taken'</script> \"quotes\" & 'more' </style></script><!-- "
    "\x1b[31mred\x00 \u202etxet\u202c \ud800 <b onmouseover='alert(1)'>bold</b>\u2028 a"
    + "\u0301"
    * 40,
    "<script>alert('title')</script>",
    source="</title><svg onload=alert(1)>",
    url="javascript:alert(1)",
    lang='en" onfocus="alert(1)',
)


VOTE = (
    "The council voted on Monday evening to close the old swimming hall in Ostby after a debate of "
    "three hours in which members of all five parties asked what a town of nine thousand people is "
    "to do without a pool of its own."
)
WIRE = Article(
    "wire",
    f"{VOTE}\n\nRepairs would cost 4 million crowns, the mayor said. Parents had gathered 2,000 "
    "signatures.\n\nThe hall was built in 1961. A new one opens next spring beside the station.",
)
PRINTED = replace(
    WIRE,
    id="printed",
    text=f"The hall was built in 1961. {VOTE}\n\nRepairs would cost 4 million crowns, the mayor "
    "said. Swimmers protested outside.\n\nA new one opens next summer beside the station.",
)


def compared(a: Article, b: Article) -> Comparison:
    """The comparison of articles whose language nobody has looked at."""
    return compare_articles(replace(a, lang=""), replace(b, lang=""))


def reading(a: Article, b: Article) -> SideBySide:
    return SideBySide(compared(a, b), a, b)


def comparison_page(path: Path, a: Article = FERRY, b: Article = RADIO) -> str:
    write_comparison_page(compared(a, b), a, b, path)
    return path.read_text(encoding="utf-8")


def report_page(path: Path) -> str:
    """The page of all stories of the examples, with readings and overlaps of two."""
    write_report_page(
        GROUPING,
        path,
        stories=GROUPING.stories,
        readings={
            "s-ferry": [reading(FERRY, RADIO)],
            "s-hostile": [reading(HOSTILE, FERRY)],
        },
        matches={
            ("nord-001", "radio-5"): replace(WEAKEST, b="radio-5"),
            (HOSTILE.id, FERRY.id): Match(
                HOSTILE.id,
                FERRY.id,
                "new",
                WEAKEST.scores,
                evidence=(Evidence("terms in common", HOSTILE.text, -0.5),),
            ),
        },
        maps={
            "s-ferry": ReportMap(
                ("nord-001", "radio-5", "gazette-77"),
                ((1.0, 0.87, float("nan")), (0.87, 1.0, 0.61), (float("nan"), 0.61, 1.0)),
                ((1.0, 0.21, 0.0), (0.21, 1.0, 0.02), (0.0, 0.02, 1.0)),
            )
        },
        facts={"s-ferry": facts_of([FERRY, RADIO], [(0, 1, compared(FERRY, RADIO))], (), 2)},
        addresses={
            "nord-001": "https://wire.example/ferry",
            "gazette-77": "https://wire.example/captain?a=1&b=2",
            HOSTILE.id: HOSTILE.url,
            "x[red]1": "javascript:alert(1)",
        },
        scores=[900, 40, 0, 3],
        remarks=["2 pairs can be read side by side."],
        read_from=["may.jsonl", "<b>feed</b>.csv"],
    )
    return path.read_text(encoding="utf-8")


NAMES = (
    "Meridian Press",
    "北京晚报与东南沿海联合新闻网国际频道编辑部",
    "جريدة الصباح الجديد للأخبار العربية والدولية",
    "หนังสือพิมพ์ข่าวสารประจำวันแห่งกรุงเทพมหานคร",
    "प्रभात समाचार",
    '</svg><script>alert(1)</script>\x1b[31m\u202e & "co"',
    "W" * 80,
    "Z" + "\u0301" * 30 + "algo Post",
)
"""Outlets whose names are hard to draw; the first of them had most texts first."""


def many_outlets(count: int = 300, texts: int = 400) -> OutletTable:
    """What outlets did that run each other's texts after a minute, hours, or no one knows when."""
    names = [*NAMES, *(f"Outlet {n:03}" for n in range(count - len(NAMES)))]
    stories = []
    for n in range(texts):
        first, later = names[n * n % 7], names[n // 2 % 8 if n % 3 else n * 7 % count]
        moment = datetime(2025, 3, 5, 0 if n % 11 == 0 else 6, tzinfo=UTC)
        wait = timedelta(days=1) if n % 11 == 0 else timedelta(minutes=1 + 37 * (n % 40) * (n % 3))
        members = (
            Member(f"{n}a", "Ferry", first, moment, "representative", f"t{n}"),
            Member(f"{n}b", "Ferry", later, moment + wait, "member", f"t{n}", "identical", f"{n}a"),
        )
        stories.append(Story(f"s{n}", members))
    return outlets_of(Grouping(tuple(stories), ()))


def outlets_page(path: Path) -> str:
    write_outlets_page(many_outlets(), path, top=120, read_from=["may.jsonl", "<b>feed</b>.csv"])
    return path.read_text(encoding="utf-8")
