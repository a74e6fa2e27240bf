"""Articles of an index, with the answers that they were given: scripts, hostile text, gaps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from dedupe.model import (
    Article,
    Evidence,
    IndexedArticle,
    IndexedStory,
    IndexStats,
    Match,
    Relation,
    Scores,
    Verdict,
)

START = datetime(2024, 5, 14, 6, 12, tzinfo=UTC)
EVIDENCE = (
    Evidence("cosine", "0.34", 1.31),
    Evidence("names in common", "Nordhavn, Ylva Lindqvist, Coast Guard", 1.12),
    Evidence("days between", "1.6", 0.21),
    Evidence("length", "112 and 840 words", -0.37),
    Evidence("told by one template", "0.00", -0.001),
    Evidence("constant", "", -1.781),
)


def match(a: str, b: str, relation: Relation, story: float, **more: object) -> Match:
    copied = 0.81 if relation in ("identical", "near_duplicate", "contained") else 0.0
    return Match(a, b, relation, Scores(copied, copied, 0.34, story), **more)


def indexed(
    name: str,
    title: str,
    source: str,
    hours: float | None,
    matches: tuple[Match, ...] = (),
    *,
    story: str = "s12",
    copies: str = "",
    text: str = "A ferry ran aground.\nAll are safe.",
    url: str = "",
    lang: str = "en",
    extends: bool = False,
) -> IndexedArticle:
    date = None if hours is None else START + timedelta(hours=hours)
    relation = matches[0].relation if matches else "new"
    verdict = Verdict(name, relation, story, matches, admitted=True, extends=extends)
    article = Article(name, text, title, date, source, url, lang)
    arrived = START + timedelta(hours=hours or 0, minutes=3)
    return IndexedArticle(article, story, copies or name, arrived, verdict)


WIRE = indexed("nord-001", "Ferry with 214 aboard runs aground off Nordhavn", "Nordic Wire", 0)
COPY = indexed(
    "daily-1",
    "Ferry with 214 aboard runs aground off Nordhavn",
    "Morning Daily",
    0.7,
    (match("daily-1", "nord-001", "identical", 1.0, days=0.03),),
    copies="nord-001",
)
REPORT = indexed(
    "gazette-77",
    "Harbour pilot was not on board, says coast guard after the grounding that closed the port",
    "The Nordhavn Gazette",
    38,
    (
        match("gazette-77", "nord-001", "same_story", 0.62, days=1.6, evidence=EVIDENCE),
        match("gazette-77", "gone-3", "same_story", 0.51),
    ),
    url="https://gazette.example/2024/05/15/harbour-pilot-was-not-on-board-says-coast-guard.html",
)
CHINESE = indexed(
    "zh-1",
    "台风登陆东南沿海，三十万人连夜转移，铁路全线停运，学校停课两天（图）",
    "每日快讯",
    None,
    (match("zh-1", "nord-001", "same_story", 0.4),),
    lang="zh",
)
HOSTILE = indexed(
    "x[red]1\x1b[2J",
    "[bold]markup[/] \x1b[31mred\x1b[0m\x07 \u202etxet\u202c\nline",
    "ev\x1bil",
    50,
    (
        match(
            "x[red]1\x1b[2J",
            "zh-1",
            "contained",
            0.9,
            evidence=(Evidence("na\x1bme", "[red]va\x1b[2Jlue", 0.5),),
        ),
    ),
    lang="\x1b[2J",
    url="https://x.example/\x1b]0;title\x07",
    extends=True,
)
ARTICLES = (WIRE, COPY, REPORT, CHINESE, HOSTILE)
OTHERS = {one.article.id: one for one in ARTICLES}
STORY = IndexedStory(
    "s12",
    tuple(OTHERS),
    START,
    START + timedelta(hours=50),
    merged=("s14", "s20"),
)
ALONE = IndexedStory("s3", ("one",), None, None)
STATS = IndexStats(
    articles=20_113,
    stories=12_345,
    texts=15_003,
    bytes=120_456_000,
    keeps_texts=True,
    oldest=START,
    newest=START + timedelta(days=400),
    languages=(("en", 12_000), ("de", 8_000), ("", 113)),
)
