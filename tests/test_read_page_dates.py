"""When a page says that it was published."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.read.page_dates import page_date

DAY = datetime(2025, 9, 3, tzinfo=UTC)
EVENING = datetime(2025, 9, 3, 21, 5, tzinfo=UTC)
SAID = "2025-09-03T23:05:00+02:00"


@pytest.mark.parametrize(
    "html",
    [
        f'<meta property="article:published_time" content="{SAID}">',
        f"<META CONTENT='{SAID}' PROPERTY='article:published_time' />",
        f'<meta name="parsely-pub-date" content="{SAID}">',
        f'<meta name="DC.date.issued" content="{SAID}">',
        f'<meta itemprop="datePublished" content="{SAID}">',
        f'<span class="when" itemprop="datePublished" content="{SAID}">yesterday</span>',
        f'<time itemprop="datePublished" datetime="{SAID}">yesterday</time>',
        f'<time pubdate datetime="{SAID}">yesterday</time>',
        f'<time datetime="{SAID}">yesterday</time>',
        '<meta name="date" content="2025-09-03"><time datetime="2025-09-03 21:05">21:05</time>',
        '<meta name="pubdate" content="Wed, 03 Sep 2025 17:05:00 EDT">',
        f'<script type="application/ld+json">{{"@type": "NewsArticle", "datePublished": "{SAID}"}}</script>',
        (
            '<script type="application/ld+json">{"@graph": [{"@type": "WebPage", "datePublished":'
            f' "2020-01-01T01:00:00Z"}}, {{"@type": ["Thing", "BlogPosting"], "datePublished": "{SAID}"}}]}}'
            "</script>"
        ),
        f'<script type="application/ld+json">{{broken</script><time datetime="{SAID}"></time>',
    ],
)
def test_the_time_of_day_of_a_page_is_kept(html: str) -> None:
    assert page_date(f"<html><head>{html}</head></html>", "2025-09-03", "en") == EVENING


@pytest.mark.parametrize(
    "html",
    [
        "",
        '<meta name="pubdate" content="3 September 2025">',
        '<meta property="article:modified_time" content="2025-09-03T23:05:00+02:00">',
        '<time itemprop="dateModified" datetime="2025-09-03T23:05:00+02:00"></time>',
        '<time datetime="2025-08-01T23:05:00+02:00">a comment</time>',
        '<meta property="article:published_time" content="">',
    ],
)
def test_a_page_that_tells_no_time_has_its_day(html: str) -> None:
    assert page_date(f"<html><head>{html}</head></html>", "2025-09-03", "en") == DAY


def test_a_time_element_alone_dates_no_page() -> None:
    assert page_date('<time datetime="2025-08-01T23:05:00">a comment</time>', None, "en") is None


def test_a_page_is_read_with_its_time(tmp_path: Path) -> None:
    text = "<p>The crane fell into the water at noon, and nobody was hurt by it.</p>" * 3
    page = f'<html><head><meta property="article:published_time" content="{SAID}"></head><body><article>{text}'
    (read,) = Result(written(tmp_path, "a.html", page + "</article></body></html>")).articles
    assert read.date == EVENING


def test_dates_of_feeds_are_read_as_they_are_written(tmp_path: Path) -> None:
    dates = [
        "Wed, 03 Sep 2025 23:05:00 CEST",
        "mié, 03 sep 2025 23:05:00 +0200",
        "2025年9月3日 21:05",
    ]
    items = "".join(
        f"<item><title>{n}</title><pubDate>{d}</pubDate></item>" for n, d in enumerate(dates)
    )
    path = written(tmp_path, "a.rss", f"<rss version='2.0'><channel>{items}</channel></rss>")
    assert [article.date for article in Result(path).articles] == [EVENING] * 3


def test_what_was_no_date_is_told_once_with_the_first_of_them(tmp_path: Path) -> None:
    lines = "".join(f'{{"id": "{d}", "text": "x", "date": "{d}"}}\n' for d in (
        "2025-09-03T21:05:00Z", "03/09/2025", "", "2025-09-03 21:05 XQT"))  # fmt: skip
    path, notes = written(tmp_path, "a.jsonl", lines), list[str]()
    assert [a.date for a in Result(path, on_note=notes.append).articles] == [
        EVENING,
        None,
        None,
        DAY,
    ]
    assert notes == [
        (
            f"dates that could not be read, or without their time of day: 2; the first at {path}:2:"
            " '03/09/2025': nothing tells whether the day or the month comes first"
        )
    ]
