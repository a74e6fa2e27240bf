"""RSS and Atom feeds."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from read_harness import Result, written

from dedupe.errors import SourceError

pytest.importorskip("feedparser")

RSS = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Harbour News</title><link>https://h.example/</link><language>en-gb</language>
<item><guid isPermaLink="false">n-1</guid><title>Crane &amp;amp; ship</title>
<link>https://h.example/1</link><pubDate>Sun, 04 May 2025 12:00:00 +0200</pubDate>
<description>Short.</description>
<content:encoded><![CDATA[<p>A crane fell.</p><p>No one was hurt.</p>]]></content:encoded></item>
<item><title>No guid</title><link>https://h.example/2</link>
<description>&lt;b&gt;Only&lt;/b&gt; a summary</description></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Hafenblatt</title>
<entry><id>tag:h,1</id><title>Kran</title><link href="https://h.example/k"/>
<updated>2025-05-04T10:00:00Z</updated><content type="html">&lt;p&gt;Ein Kran fiel.&lt;/p&gt;</content>
</entry></feed>"""


def test_rss_items_are_articles(tmp_path: Path) -> None:
    one, two = Result(written(tmp_path, "a.rss", RSS)).articles
    assert (one.id, one.title, one.url) == ("n-1", "Crane & ship", "https://h.example/1")
    assert one.text == "A crane fell.\n\nNo one was hurt."
    assert one.date == datetime(2025, 5, 4, 10, tzinfo=UTC)
    assert (one.source, one.lang) == ("Harbour News", "en")
    assert (two.text, two.date) == ("Only a summary", None)
    assert len(two.id) == 16


def test_atom_entries_are_articles(tmp_path: Path) -> None:
    (read,) = Result(written(tmp_path, "a.xml", ATOM)).articles
    assert (read.id, read.title, read.text) == ("tag:h,1", "Kran", "Ein Kran fiel.")
    assert (read.source, read.lang) == ("Hafenblatt", "de")
    assert read.date == datetime(2025, 5, 4, 10, tzinfo=UTC)


def test_a_feed_without_entries_holds_no_articles(tmp_path: Path) -> None:
    empty = "<rss version='2.0'><channel><title>x</title></channel></rss>"
    result = Result(written(tmp_path, "a.rss", empty))
    assert (result.articles, result.rejections) == ([], [])


def test_a_feed_cut_off_gives_the_entries_before_and_a_rejection(tmp_path: Path) -> None:
    cut = RSS[: RSS.index("<item><title>No guid")]
    result = Result(written(tmp_path, "a.rss", cut))
    assert result.ids == ["n-1"]
    ((line, reason),) = result.reasons
    assert line == 2
    assert reason.startswith("the feed is broken here")


def test_other_xml_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "a.rss", "<?xml version='1.0'?><catalog><book/></catalog>")
    with pytest.raises(SourceError, match=r"a\.rss: no RSS or Atom feed"):
        Result(path)
    written(tmp_path, "b.txt", "Fine.")
    assert Result(tmp_path).reasons == [(0, "no RSS or Atom feed")]


def test_a_local_file_named_inside_a_feed_is_not_opened(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "HIDDEN")
    feed = f"""<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x SYSTEM "file://{secret}">]>
    <rss version="2.0"><channel><title>t</title><item><title>T</title>
    <description>&x;</description></item></channel></rss>"""
    result = Result(written(tmp_path, "a.rss", feed))
    assert all("HIDDEN" not in a.text for a in result.articles)


def test_where_the_content_says_nothing_the_summary_is_the_text(tmp_path: Path) -> None:
    for empty in ("", "&lt;p&gt;&lt;img src='a.jpg'&gt;&lt;/p&gt;"):
        content = f"<content:encoded>{empty}</content:encoded>"
        old = "<content:encoded><![CDATA[<p>A crane fell.</p><p>No one was hurt.</p>]]>"
        feed = RSS.replace(old + "</content:encoded>", content)
        assert feed != RSS
        assert Result(written(tmp_path, "a.rss", feed)).texts[0] == "Short."
