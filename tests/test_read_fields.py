"""The article inside a record of every shape that news tools write."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

import pytest

from dedupe.errors import RecordError
from dedupe.model import ARTICLE_COLUMNS
from dedupe.read import FieldKeys
from dedupe.read.fields import FieldFinder
from dedupe.read.values import primary_subtag


def found(record: dict[str, Any], **keys: str) -> dict[str, Any]:
    return dict(zip(ARTICLE_COLUMNS, FieldFinder(FieldKeys(**keys)).row(record), strict=True))


MAY_4 = datetime(2025, 5, 4, tzinfo=UTC)
TEN = datetime(2025, 5, 4, 10, tzinfo=UTC)

SHAPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "trafilatura": (
        {
            "title": "Crane falls",
            "author": None,
            "hostname": "h.example",
            "date": "2025-05-04",
            "fingerprint": "1f3c",
            "id": None,
            "license": None,
            "comments": "No.",
            "raw_text": "A crane fell. No.",
            "text": "A crane fell.",
            "language": "en",
            "image": None,
            "pagetype": "article",
            "filedate": "2026-01-01",
            "source": "https://h.example/crane",
            "source-hostname": "Harbour News",
            "excerpt": None,
            "categories": "",
            "tags": "",
        },
        {"id": "", "url": "https://h.example/crane", "source": "Harbour News", "date": MAY_4},
    ),
    "news-please": (
        {
            "authors": [],
            "date_download": "2026-01-01 00:00:00",
            "date_modify": "2025-06-01 00:00:00",
            "date_publish": "2025-05-04 10:00:00",
            "description": "In short.",
            "filename": "x.json",
            "language": "en",
            "localpath": None,
            "maintext": "A crane fell.",
            "source_domain": "h.example",
            "title": "Crane falls",
            "title_page": None,
            "title_rss": None,
            "url": "https://h.example/crane",
        },
        {"id": "", "source": "h.example", "date": TEN},
    ),
    "newspaper4k": (
        {
            "url": "https://h.example/crane",
            "canonical_link": "https://h.example/crane",
            "title": "Crane falls",
            "text": "A crane fell.",
            "summary": "",
            "publish_date": "2025-05-04T10:00:00+00:00",
            "meta_site_name": "Harbour News",
            "meta_lang": "en",
        },
        {"url": "https://h.example/crane", "source": "Harbour News", "date": TEN},
    ),
    "Fundus": (
        {
            "title": "Crane falls",
            "authors": ["B"],
            "body": {
                "summary": [],
                "sections": [{"headline": [], "paragraphs": ["A crane fell."]}],
            },
            "publishing_date": "2025-05-04 10:00:00+00:00",
            "publisher": "Harbour News",
            "lang": "en",
            "topics": [],
        },
        {"source": "Harbour News", "date": TEN},
    ),
    "schema.org": (
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "identifier": {"@type": "PropertyValue", "value": "n-17"},
            "headline": "Crane falls",
            "articleBody": "A crane fell.",
            "datePublished": "2025-05-04T10:00:00Z",
            "dateModified": "2025-06-01",
            "inLanguage": {"@type": "Language", "name": "English"},
            "mainEntityOfPage": {"@type": "WebPage", "@id": "https://h.example/crane"},
            "publisher": [{"@type": "Organization", "name": "Harbour News"}],
        },
        {"id": "n-17", "url": "https://h.example/crane", "source": "Harbour News", "date": TEN},
    ),
    "ninjs 1": (
        {
            "uri": "urn:x:1",
            "headline": "Crane falls",
            "body_xhtml": "<p>A crane <b>fell</b>.</p>",
            "versioncreated": "2025-05-04T10:00:00Z",
            "infosource": [{"name": "Harbour News"}],
            "language": "en-GB",
            "subject": [{"name": "accident"}],
        },
        {"id": "urn:x:1", "source": "Harbour News", "date": TEN},
    ),
    "ninjs 3": (
        {
            "uri": "urn:x:1",
            "standard": {"name": "ninjs", "version": "3.1"},
            "headlines": [
                {"role": "short", "value": "Crane"},
                {"role": "main", "value": "Crane falls"},
            ],
            "bodies": [
                {"role": "summary", "value": "Short.", "contentType": "text/plain"},
                {"role": "main", "value": "<p>A crane fell.</p>", "contentType": "text/html"},
            ],
            "versionCreated": "2025-05-04T10:00:00Z",
            "infoSources": [{"name": "Harbour News", "role": "x"}],
            "language": "en",
        },
        {"id": "urn:x:1", "source": "Harbour News", "date": TEN},
    ),
    "Superdesk": (
        {
            "_id": "urn:x:1",
            "guid": "tag:x:1",
            "family_id": "f",
            "headline": "Crane falls",
            "slugline": "crane",
            "body_html": "<p>A crane fell.</p>",
            "versioncreated": "2025-05-04T10:00:00+0000",
            "source": "Harbour News",
            "original_source": "Other",
            "language": "en",
        },
        {"id": "tag:x:1", "source": "Harbour News", "url": "", "date": TEN},
    ),
    "datatrove": (
        {
            "text": "A crane fell.",
            "id": "w-1",
            "metadata": {
                "id": "inner",
                "title": "Crane falls",
                "url": "https://h.example/crane",
                "date": "2025-05-04T10:00:00Z",
                "language": "eng",
                "source": "Harbour News",
            },
        },
        {"id": "w-1", "url": "https://h.example/crane", "source": "Harbour News", "date": TEN},
    ),
    "feedparser": (
        {
            "id": "tag:x:1",
            "link": "https://h.example/crane",
            "title": "Crane falls",
            "summary": "Short.",
            "content": [{"type": "text/html", "value": "<p>A crane fell.</p>", "language": "en"}],
            "published": "Sun, 04 May 2025 10:00:00 GMT",
            "published_parsed": [2025, 5, 4, 10, 0, 0, 6, 124, 0],
            "source": {"title": "Harbour News"},
            "lang": "en",
        },
        {"id": "tag:x:1", "url": "https://h.example/crane", "source": "Harbour News", "date": TEN},
    ),
    "plain names in capitals": (
        {
            "Article ID": 17.0,
            "Title": "Crane falls",
            "Body": "A crane fell.",
            "Publication Date": "2025-05-04",
            "Publisher": "Harbour News",
            "Link": "https://h.example/crane",
            "Language": "EN",
        },
        {"id": "17", "url": "https://h.example/crane", "source": "Harbour News", "date": MAY_4},
    ),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_article_is_found_by_the_shape_of_the_record(shape: str) -> None:
    record, wanted = SHAPES[shape]
    row = found(record)
    assert {name: row[name] for name in wanted} == wanted
    assert (row["title"], row["text"], row["lang"]) == ("Crane falls", "A crane fell.", "en")


def test_an_address_in_source_next_to_a_url_tells_the_host() -> None:
    row = found({"text": "x", "source": "https://www.h.example/a", "url": "https://h.example/b"})
    assert (row["source"], row["url"]) == ("h.example", "https://h.example/b")


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("a1", "a1"),
        (" a1 ", "a1"),
        (17, "17"),
        (17.0, "17"),
        (1.5, "1.5"),
        (0, "0"),
        (2**63, "9223372036854775808"),
        (None, ""),
        (math.nan, ""),
        ("  ", ""),
        ({"$oid": "65f0"}, "65f0"),
        (["b", "c"], "b"),
    ],
)
def test_ids_of_every_type_become_strings(value: object, wanted: str) -> None:
    assert found({"id": value, "text": "x"})["id"] == wanted


@pytest.mark.parametrize("text", [None, "", "  ", math.nan])
def test_an_article_without_text_but_with_a_title_is_an_article(text: object) -> None:
    row = found({"title": "Crane falls", "text": text})
    assert (row["title"], row["text"]) == ("Crane falls", "")
    assert found({"title": "Crane falls"})["text"] == ""


def test_a_summary_stands_in_only_where_there_is_no_body() -> None:
    record = {"title": "t", "summary": "Short.", "content": "Whole."}
    assert found(record)["text"] == "Whole."
    assert found({**record, "content": None})["text"] == "Short."


def test_text_is_left_as_read_even_where_it_repeats_the_title() -> None:
    text = " Crane falls\n\nA cafe\u0301 fell. <3 & _so_\n"
    assert found({"title": "Crane falls", "text": text})["text"] == text


def test_markup_becomes_text_with_its_paragraphs_kept() -> None:
    html = "<h2>One</h2><p>Two <a href='x'>three</a>,<br>four &amp; five</p><ul><li>a<li>b</ul>"
    html += "<script>bad()</script><p>\n six\n seven </p>"
    text = found({"body_html": html})["text"]
    assert text == "One\n\nTwo three,\nfour & five\n\na\nb\n\nsix seven"


@pytest.mark.parametrize(
    "html", ["<p", "</p></p>", "<![x", "<!-- ", "&#xd800;&#0;", "<script>", "a<b"]
)
def test_broken_markup_is_no_error(html: str) -> None:
    assert isinstance(found({"content_html": html, "title": ""})["text"], str)


def test_the_user_names_fields_and_dots_lead_into_objects() -> None:
    record = {
        "text": "wrong",
        "story": {"full": {"txt": "A crane fell."}, "heads": [{"h": "Crane falls"}]},
        "a.b": "id-1",
        "when": "2025-05-04",
        "metadata": {"who": "Harbour News"},
        "date": "1999-01-01",
    }
    row = found(
        record, text="story.full.txt", title="story.heads.0.h", id="a.b", date="when", source="who"
    )
    assert (row["text"], row["title"], row["id"]) == ("A crane fell.", "Crane falls", "id-1")
    assert (row["date"], row["source"]) == (MAY_4, "Harbour News")


def test_markup_is_stripped_in_a_field_that_the_user_named() -> None:
    assert found({"x": {"html": "<p>One.</p>"}}, text="x.html")["text"] == "One."


@pytest.mark.parametrize("column", ["text", "id"])
def test_a_field_that_the_user_named_and_is_not_there_is_told(column: str) -> None:
    with pytest.raises(RecordError, match=rf"no field boddy .*--{column}-key.*fields: id, text"):
        found({"id": "1", "text": "x"}, **{column: "boddy"})


def test_a_rejection_does_not_list_fields_without_end() -> None:
    with pytest.raises(RecordError) as caught:
        found({f"field {n}": n for n in range(1000)})
    assert len(str(caught.value)) < 400


def test_ever_new_shapes_do_not_fill_the_memory() -> None:
    finder = FieldFinder()
    for n in range(10_000):
        assert finder.row({"text": "x", f"field{n}": n})[2] == "x"
    assert len(finder._shapes) <= 4096


def test_ever_new_names_of_the_text_do_not_fill_the_memory() -> None:
    finder = FieldFinder()
    for n in range(3000):
        assert finder.row({"title": "Crane falls", f"field{n}" + "x" * 500: PROSE})[2] == PROSE
    assert len(finder.account.chosen) == 1000
    assert max(map(len, finder.account.chosen)) == 100
    assert "1)" in finder.account.sentences()[0]


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("EN_gb", "en"),
        ("eng_Latn", "en"),
        ("German", "de"),
        ("fil", "fil"),
        ("", ""),
        ("??", ""),
        ("unknown", ""),
        ("zh-Hans-CN", "zh"),
        (" pt ", "pt"),
    ],
)
def test_languages_become_primary_subtags(written: str, wanted: str) -> None:
    assert primary_subtag(written) == wanted


PROSE = "A crane fell into the harbour on Friday. No one was hurt."


def test_where_no_name_is_known_the_longest_prose_is_the_text() -> None:
    record = {"head": "Crane falls", "blurb": PROSE, "lead": PROSE[:41], "tone": "x " * 99}
    assert found(record)["text"] == PROSE
    assert found({"headline": "Crane falls", "shortDescription": PROSE})["text"] == PROSE
    assert found({"title": "Kran", "zusammenfassung": "起重机星期五倒塌。"})["text"]


@pytest.mark.parametrize(
    "name", ["copyright_notice", "authorBio", "image_caption", "Comments", "keywords", "url2"]
)
def test_other_parts_of_a_record_are_never_taken_for_its_text(name: str) -> None:
    assert found({"title": "Crane falls", name: PROSE})["text"] == ""


def test_prose_is_not_looked_for_where_the_text_is_known_or_named() -> None:
    assert found({"title": "t", "text": "", "blurb": PROSE})["text"] == ""
    with pytest.raises(RecordError, match="no field body"):
        found({"title": "t", "blurb": PROSE}, text="body")
    with pytest.raises(RecordError, match="no field nr"):
        found({"title": "t", "blurb": PROSE}, id="nr")
    with pytest.raises(RecordError, match="neither text nor title"):
        found({"blurb": "short", "other": 1})


def test_a_table_of_which_no_column_is_known_is_read_whole() -> None:
    assert FieldFinder().wanted(["title", "blurb", "n"]) == ["title", "blurb", "n"]
    assert FieldFinder().wanted(["title", "text", "n"]) == ["title", "text"]


@pytest.mark.parametrize("name", ["article_html", "bodyRaw", "content markdown", "summaryFull"])
def test_a_name_may_end_in_the_form_of_the_text(name: str) -> None:
    assert found({"title": "t", name: "Fell."})["text"] == "Fell."
    assert found({"text": "", name: "Fell.", "abstract": "Short."})["text"] == "Fell."


@pytest.mark.parametrize(
    ("title", "text", "date", "source"),
    [
        ("Titel", "Inhalt", "Datum", "Quelle"),
        ("Überschrift", "Artikeltext", "Veröffentlicht", "Quelle"),
        ("titre", "contenu", "date", "source"),
        ("Título", "texto", "fecha", "fuente"),
        ("titolo", "testo", "data_pubblicazione", "fonte"),
        ("заголовок", "текст", "дата", "источник"),
        ("标题", "正文", "日期", "来源"),
        ("शीर्षक", "पाठ", "दिनांक", "स्रोत"),
        ("العنوان", "النص", "التاريخ", "المصدر"),
        ("title_t", "body_txt_en", "pubdate_dt", "source_s"),
        ("headline_txt", "content_t", "published_tdt", "publisher_ss"),
    ],
)
def test_names_of_fields_in_other_languages_and_of_solr_are_known(
    title: str, text: str, date: str, source: str
) -> None:
    record = {title: "Harbour opens", text: "Ships came back.", date: "2025-09-03T18:40:00Z"}
    _, found, body, when, outlet, _, _ = FieldFinder().row({**record, source: "Harbour News"})
    assert (found, body, outlet) == ("Harbour opens", "Ships came back.", "Harbour News")
    assert when is not None
