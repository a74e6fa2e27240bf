"""A grouping with everything that makes a report hard: scripts, hostile text, gaps, copies."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dedupe.model import (
    Evidence,
    Grouping,
    Match,
    Member,
    Rejection,
    Relation,
    Scores,
    Story,
    Term,
)

START = datetime(2024, 5, 14, 6, 12, tzinfo=UTC)


def scores(jaccard: float, cosine: float, story: float, containment: float | None = None) -> Scores:
    return Scores(jaccard, jaccard if containment is None else containment, cosine, story)


def member(
    name: str,
    headline: str,
    source: str,
    hours: float | None,
    copies: str,
    relation: Relation | None = None,
    to: str | None = None,
    against: Scores | None = None,
) -> Member:
    date = None if hours is None else START + timedelta(hours=hours)
    role = "representative" if relation is None else "member"
    return Member(name, headline, source, date, role, copies, relation, to, against)


FERRY_EVIDENCE = (
    Evidence("cosine", "0.34", 1.31),
    Evidence("names in common", "Nordhavn, Ylva Lindqvist, Coast Guard", 1.12),
    Evidence("numbers in common", "214, 38", 0.64),
    Evidence("days between", "1.6", 0.21),
    Evidence("length", "112 and 840 words", -0.37),
    Evidence("constant", "", -2.4),
)

WEAKEST = Match(
    "nord-001",
    "gazette-77",
    "same_story",
    Scores(0.0, 0.0, 0.34, 0.62),
    days=1.6,
    evidence=FERRY_EVIDENCE,
)

FERRY = Story(
    id="s-ferry",
    members=(
        member(
            "nord-001", "Ferry with 214 aboard runs aground off Nordhavn", "Nordic Wire", 0, "c1"
        ),
        member(
            "daily-1",
            "Ferry with 214 aboard runs aground off Nordhavn",
            "Morning Daily",
            0.7,
            "c1",
            "identical",
            "nord-001",
            scores(1.0, 1.0, 0.99),
        ),
        member(
            "post-9",
            "UPDATE 1 - Ferry with 214 aboard runs aground, 38 hurt",
            "The Harbour Post",
            2.1,
            "c1",
            "near_duplicate",
            "nord-001",
            scores(0.83, 0.94, 0.98),
        ),
        member(
            "post-brief",
            "In brief: ferry aground",
            "The Harbour Post",
            3,
            "c1",
            "contained",
            "post-9",
            scores(0.21, 0.61, 0.95, 0.97),
        ),
        member(
            "radio-5",
            "Passengers taken off stranded ferry by helicopter",
            "Coast Radio",
            5.5,
            "c2",
            "same_story",
            "nord-001",
            scores(0.01, 0.52, 0.87),
        ),
        member(
            "radio-5b",
            "Passengers taken off stranded ferry by helicopter",
            "Coast Radio FM 2",
            6,
            "c2",
            "near_duplicate",
            "radio-5",
            scores(0.91, 0.98, 0.99),
        ),
        member(
            "gazette-77",
            "Captain Lindqvist: ‘the rock was not on the chart’",
            "Gazette",
            38.4,
            "c3",
            "same_story",
            "nord-001",
            scores(0.0, 0.34, 0.62),
        ),
    ),
    terms=(
        Term("nordhavn", 0.31, 7),
        Term("ferry", 0.28, 7),
        Term("aground", 0.22, 5),
        Term("ylva lindqvist", 0.2, 4),
        Term("coast guard", 0.14, 6),
    ),
    weakest=WEAKEST,
)

CHINESE = Story(
    id="s-zh",
    members=(
        member("zh-1", "台风登陆东南沿海，三十万人连夜转移", "东方晨报", 20, "c4"),
        member(
            "zh-2",
            "台风致多地停电，铁路部门宣布停运一百二十趟列车并为旅客办理退票",
            "海峡新闻网",
            23,
            "c5",
            "same_story",
            "zh-1",
            scores(0.04, 0.47, 0.81),
        ),
        member(
            "zh-3",
            "台风登陆东南沿海，三十万人连夜转移（图）",
            "每日快讯",
            None,
            "c4",
            "near_duplicate",
            "zh-1",
            scores(0.88, 0.96, 0.99),
        ),
    ),
    terms=(Term("台风", 0.4, 3), Term("停运", 0.2, 2)),
    weakest=Match("zh-1", "zh-2", "same_story", scores(0.04, 0.47, 0.81), days=0.125),
)

HINDI_AND_ARABIC = Story(
    id="s-hi",
    members=(
        member("hi-1", "मुख्यमंत्री ने नई सिंचाई योजना की घोषणा की", "प्रभात समाचार", 50, "c6"),
        member(
            "hi-2",
            "सिंचाई योजना से दो लाख किसानों को लाभ मिलेगा",
            "جريدة الصباح",
            54,
            "c7",
            "same_story",
            "hi-1",
            scores(0.02, 0.39, 0.74),
        ),
    ),
    terms=(Term("सिंचाई", 0.5, 2),),
    weakest=Match("hi-1", "hi-2", "same_story", scores(0.02, 0.39, 0.74), days=4 / 24),
)

LONG = "Council votes " + "again and " * 28 + "adjourns"

HOSTILE = Story(
    id="s-hostile",
    members=(
        member(
            "x[red]1",
            "[bold]markup[/] \x1b[31mred\x1b[0m\x07 \u202etxet\u202c\nline",
            "ev\x1bil",
            None,
            "c8",
        ),
        member("x2", LONG, "", None, "c8", "near_duplicate", "x[red]1", scores(0.5, 0.7, 0.9)),
    ),
)

SINGLE = Story(
    id="s-single",
    members=(member("one", "Library opens on Sundays", "Gazette", 12, "c9"),),
)

GROUPING = Grouping(
    stories=(FERRY, CHINESE, HINDI_AND_ARABIC, HOSTILE, SINGLE),
    order=(
        "one",
        "gazette-77",
        "zh-1",
        "nord-001",
        "hi-1",
        "daily-1",
        "post-9",
        "x2",
        "post-brief",
        "radio-5",
        "zh-2",
        "zh-3",
        "radio-5b",
        "hi-2",
        "x[red]1",
    ),
    text_bytes=48_210,
    seconds=0.412,
    rejected=(
        Rejection("may.jsonl", 17, "not JSON: expected a comma; mend the line or leave it out"),
        Rejection("feed\x1b[2J.csv", 0, "no column holds a text"),
    ),
    rejected_count=3,
    notes=("1 bucket of 900 articles was cut to neighbours (setting bucket_limit)",),
)
