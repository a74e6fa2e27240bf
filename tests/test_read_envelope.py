"""Answers, dumps and exports: the articles in them, and never the whole for one of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from read_harness import Result, article, json_lines, written

from dedupe.read import FieldKeys

A, B = "A crane fell into the harbour on Friday, and nobody was hurt.", "The council will meet."


def one(n: int, **more: Any) -> dict[str, Any]:
    return {"title": f"Title {n}", "url": f"https://h.example/{n}", **more}


def two(**names: str) -> list[dict[str, Any]]:
    """Two articles of which the text stands under this name."""
    name = names.get("text", "body")
    return [one(1, **{name: A}), one(2, **{name: B})]


CONTAINERS: dict[str, Any] = {
    "NewsAPI": {"status": "ok", "totalResults": 2, "articles": two(text="content")},
    "GNews": {"totalArticles": 2, "articles": two(text="description")},
    "Guardian": {
        "response": {
            "status": "ok",
            "results": [
                {"id": n, "webTitle": f"Title {n}", "webUrl": f"https://h.example/{n}", "fields": f}
                for n, f in (
                    (1, {"trailText": "Short.", "bodyText": A}),
                    (2, {"body": f"<p>{B}</p>"}),
                )
            ],
        }
    },
    "New York Times": {
        "copyright": "Copyright (c) by the paper. All rights are reserved, as is usual.",
        "response": {
            "docs": [
                {"headline": {"main": f"Title {n}", "kicker": None}, "lead_paragraph": text}
                | {"web_url": f"https://h.example/{n}", "snippet": "Short."}
                for n, text in ((1, A), (2, B))
            ],
            "meta": {"hits": 2},
        },
    },
    "Event Registry": {"articles": {"results": two(), "totalResults": 2, "page": 1}},
    "Elasticsearch": {
        "took": 3,
        "hits": {
            "total": {"value": 2},
            "hits": [{"_index": "n", "_id": str(n), "_source": a} for n, a in enumerate(two(), 1)],
        },
    },
    "search of several": {"responses": [{"hits": {"hits": [{"_source": a}]}} for a in two()]},
    "Google Reader": {
        "id": "user/-/state/starred",
        "title": "Starred articles",
        "updated": 1746352800,
        "items": [
            {
                "title": f"Title {n}",
                "published": 1746352800,
                "alternate": [{"href": f"https://h.example/{n}", "type": "text/html"}],
                "content": {"direction": "ltr", "content": f"<p>{text}</p>"},
                "origin": {"streamId": "feed/1", "title": "Harbour News"},
            }
            for n, text in ((1, A), (2, B))
        ],
    },
    "Tiny Tiny RSS": {"seq": 0, "status": 0, "content": two(text="content")},
    "JSON Feed 1": {"version": "https://jsonfeed.org/version/1", "title": "F", "items": two()},
    "RSS as JSON": {
        "rss": {
            "channel": {
                "title": "Harbour News",
                "link": "https://h.example",
                "description": "All of it.",
                "pubDate": "Sun, 04 May 2025 10:00:00 GMT",
                "item": two(text="description"),
            }
        }
    },
    "Strapi": {"data": [{"id": n, "attributes": a} for n, a in enumerate(two(), 1)], "meta": {}},
    "Contentful": {
        "sys": {"type": "Array"},
        "items": [
            {
                "sys": {"id": "x1", "createdAt": "2025-05-04"},
                "fields": {"title": "Title 1", "body": A},
            },
            {
                "sys": {"id": "x2", "createdAt": "2025-05-04"},
                "fields": {"title": "Title 2", "body": B},
            },
        ],
        "includes": {"Asset": [{"sys": {"id": "p"}, "fields": {"title": "A picture"}}]},
    },
    "Reddit": {
        "kind": "Listing",
        "data": {
            "after": "t3_x",
            "children": [{"kind": "t3", "data": a} for a in two(text="selftext")],
        },
    },
    "Ghost's export": {
        "db": [
            {
                "meta": {"version": "5"},
                "data": {
                    "posts": two(text="html"),
                    "tags": [{"id": "t", "name": "News", "slug": "news"}],
                },
            }
        ]
    },
    "GraphQL": {"data": {"posts": {"edges": [{"cursor": "x", "node": a} for a in two()]}}},
    "CouchDB": {
        "total_rows": 2,
        "rows": [{"id": a["url"], "value": {"rev": "1"}, "doc": a} for a in two()],
    },
    "Bing": {
        "_type": "News",
        "value": [
            {"name": f"Title {n}", "url": f"https://h.example/{n}", "description": t}
            for n, t in ((1, A), (2, B))
        ],
    },
    "webhose.io": {"posts": [{"thread": {"site": "h.example"}, **a} for a in two(text="text")]},
    "CKAN": {
        "success": True,
        "result": {"fields": [{"id": "title", "type": "text"}], "records": two()},
    },
    "a list with a name of its own": {"weekly_pieces": two(), "count": 2},
    "Firebase": {"-Na": two()[0], "-Nb": two()[1]},
    "rows apart from names": {
        "columns": ["title", "url", "text"],
        "index": [0, 1],
        "data": [[a["title"], a["url"], a["body"]] for a in two()],
    },
    "a list for each column": {"title": ["Title 1", "Title 2"], "text": [A, B]},
    "a data frame by columns": {
        "title": {"0": "Title 1", "1": "Title 2"},
        "text": {"0": A, "1": B},
    },
    "rows under a header": [["title", "text"], ["Title 1", A], ["Title 2", B]],
    "pages in an array": [{"page": n, "results": [a]} for n, a in enumerate(two())],
    "JSON-LD": {
        "@graph": [
            {"@type": "NewsArticle", "headline": f"Title {n}", "articleBody": text}
            for n, text in ((1, A), (2, B))
        ]
    },
}


@pytest.mark.parametrize("kind", CONTAINERS)
@pytest.mark.parametrize("indent", [None, 1])
def test_the_articles_in_it_are_found(tmp_path: Path, kind: str, indent: int | None) -> None:
    path = written(tmp_path, "a.json", json.dumps(CONTAINERS[kind], indent=indent))
    result = Result(path)
    assert [a.title for a in result.articles] == ["Title 1", "Title 2"]
    assert result.texts == [A, B]
    assert not result.rejections


def test_objects_under_names_of_their_own_are_articles_without_place_or_time(
    tmp_path: Path,
) -> None:
    keyed = {f"k{n}": {"title": f"Title {n}", "text": text} for n, text in enumerate((A, B), 1)}
    for value in (keyed, {"articles": keyed}, {"data": {"found": keyed}}):
        result = Result(written(tmp_path, "a.json", json.dumps(value)))
        assert result.ids == ["k1", "k2"], value
        assert result.texts == [A, B]


def test_a_list_is_known_by_what_its_fields_hold_where_no_name_is(tmp_path: Path) -> None:
    posts = [
        {"id": str(n), "created_time": "2025-09-03T16:40:00+0000", "message": f"{text} So it is."}
        for n, text in enumerate((A, f"{B} It begins at nine in the morning."), 1)
    ]
    answer = {"notice": "All of this is ours. Nobody may use it elsewhere.", "data": posts}
    result = Result(written(tmp_path, "a.json", json.dumps(answer)))
    assert result.ids == ["1", "2"]
    assert result.texts == [post["message"] for post in posts]
    assert all(one.date for one in result.articles)


def test_parts_of_an_article_under_names_are_no_articles(tmp_path: Path) -> None:
    parts = {"intro": {"title": "What", "text": A}, "more": {"title": "Then", "text": B}}
    whole = {"title": "Harbour", "date": "2025-09-03", "text": A, "parts": parts}
    (one,) = Result(written(tmp_path, "a.json", json.dumps(whole))).articles
    assert (one.title, one.text) == ("Harbour", A)
    beside = {"article": {"title": "Harbour", "text": A}, "author": {"name": "Eva", "text": B}}
    (one,) = Result(written(tmp_path, "b.json", json.dumps(beside))).articles
    assert (one.title, one.text) == ("Harbour", A)


def test_containers_may_be_lines(tmp_path: Path) -> None:
    lines = json_lines(CONTAINERS["NewsAPI"], article(3), CONTAINERS["Strapi"])
    assert Result(written(tmp_path, "a.jsonl", lines)).texts == [A, B, article(3)["text"], A, B]


def test_the_title_of_a_feed_is_the_outlet_and_that_of_a_list_is_not(tmp_path: Path) -> None:
    feed = written(tmp_path, "a.json", json.dumps(CONTAINERS["RSS as JSON"]))
    assert {a.source for a in Result(feed).articles} == {"Harbour News"}
    starred = written(tmp_path, "b.json", json.dumps(CONTAINERS["Google Reader"]))
    (first, _) = Result(starred).articles
    assert (first.source, first.url) == ("Harbour News", "https://h.example/1")


@pytest.mark.parametrize(
    "lists",
    [
        {"related": two()},
        {"articles": two()},
        {"comments": [{"id": 1, "author": "x", "text": A}, {"id": 2, "author": "y", "text": B}]},
        {"images": [{"url": "https://h.example/p.jpg", "title": "P", "caption": A}]},
        {"sections": [{"title": "s", "url": "https://h.example/s"}], "items": [1, 2]},
    ],
)
def test_an_article_with_a_body_is_one_whatever_lists_it_has(
    tmp_path: Path, lists: dict[str, Any]
) -> None:
    record = {**article(1), "url": "https://h.example/x", **lists}
    assert Result(written(tmp_path, "a.json", json.dumps(record))).texts == [record["text"]]


def test_an_article_without_a_body_is_one_beside_its_comments(tmp_path: Path) -> None:
    story = one(1, created_at="2025-05-04", children=[{"id": n, "text": A} for n in (1, 2)])
    (read,) = Result(written(tmp_path, "a.json", json.dumps(story))).articles
    assert (read.title, read.url) == ("Title 1", "https://h.example/1")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (
            {"status": "error", "code": "x", "message": "Your key is bad."},
            "failed: Your key is bad.",
        ),
        ({"error": {"type": "e", "reason": "No such index."}, "status": 404}, "No such index."),
        ({"status": "ok", "totalResults": 0, "articles": []}, "articles is an empty list"),
        ({"took": 3, "hits": {"total": 0}}, "fields: took, hits.total"),
        ({"took": 3, "hits": {"total": 0, "hits": []}}, "neither text nor title"),
    ],
)
def test_an_answer_without_articles_is_rejected_with_what_it_says(
    tmp_path: Path, answer: dict[str, Any], reason: str
) -> None:
    ((_, told),) = Result(written(tmp_path, "a.json", json.dumps(answer))).reasons
    assert reason in told


DEEP = "[" * 1000 + "]" * 1000


@pytest.mark.parametrize(
    ("failed", "reason"),
    [
        ({"status": "error", "message": "Too many.", "more": {"of": []}}, "failed: Too many."),
        ({"error": "Too many."}, "failed: Too many."),
        ({"status": "ok", "articles": []}, "articles is an empty list"),
        ({"title": "T", "text": A, "url": DEEP}, "nested too deep"),
        ({"error": DEEP}, "nested too deep"),
    ],
    ids=["answer", "object", "empty", "address", "error"],
)
@pytest.mark.parametrize("name", [None, "pages", "items"])
@pytest.mark.parametrize("indent", [None, 1])
def test_one_that_failed_among_others_costs_itself_alone(
    tmp_path: Path, failed: dict[str, Any], reason: str, name: str | None, indent: int | None
) -> None:
    page = {"status": "ok", "articles": [one(1, body=A)]}
    pages: Any = [page, failed, {**page, "articles": [one(2, body=B)]}]
    text = json.dumps({name: pages} if name else pages, indent=indent)
    text = text.replace(f'"{DEEP}"', DEEP)
    result = Result(written(tmp_path, "a.json", text))
    assert result.texts == [A, B]
    ((_, told),) = result.reasons
    assert reason in told


def test_a_field_that_the_user_named_makes_an_article_of_its_record(tmp_path: Path) -> None:
    record = {"items": [{"title": "T", "url": "https://h.example", "text": B}], "words": A}
    path = written(tmp_path, "a.json", json.dumps(record))
    assert Result(path, keys=FieldKeys(text="words")).texts == [A]
    inner = written(tmp_path, "b.json", json.dumps({"pieces": [{"words": A}, {"words": B}]}))
    assert Result(inner, keys=FieldKeys(text="words")).texts == [A, B]


DOCUMENTS = [
    b'{"id": "1",\n"text": "one"}\n{"id": "2",\n"text": "two"}\n',
    b'{"id": "1", "text": "one"}{"id": "2", "text": "two"}',
    b'{"id": "1", "text": "one"},\n{"id": "2", "text": "two"},\n',
    b'\x1e{"id": "1", "text": "one"}\n\x1e{"id": "2", "text": "two"}\n',
    b'[\n{"id": "1", "text": "one"}\n][\n{"id": "2", "text": "two"}\n]',
    b'[{"id": "1", "text": "one"}]\n[{"id": "2", "text": "two"}]\n',
    b'{"index": {"_index": "n", "_id": "1"}}\n{"text": "one"}\n{"create": {"_id": "2"}}\n{"text": "two"}\n',
    b'{"items": [{"id": "1", "text": "one"}]}\n{"items": [{"id": "2", "text": "two"}]}',
]


@pytest.mark.parametrize("data", DOCUMENTS)
def test_documents_may_follow_each_other(tmp_path: Path, data: bytes) -> None:
    result = Result(written(tmp_path, "a.json", data))
    assert (result.ids, result.texts, result.rejections) == (["1", "2"], ["one", "two"], [])


@pytest.mark.parametrize(
    "cut",
    [
        b'[{"id": "1", "text": "one"}, {"id": "2", "text": "two"}, {"id": "3", "te',
        b'[\n {"id": "1", "text": "one"},\n {"id": oops},\n {"id": "2", "text": "two"}\n]',
        b'{"total": 3,\n "articles": [\n {"id": "1", "text": "one"},\n {"id": "2", "text": "two"},\n {',
    ],
)
def test_of_a_list_that_is_cut_off_all_is_read_that_is_whole(tmp_path: Path, cut: bytes) -> None:
    result = Result(written(tmp_path, "a.json", cut))
    assert result.ids == ["1", "2"]
    assert 1 <= len(result.rejections) <= 2


def test_nesting_beyond_measure_is_no_error_but_a_rejection(tmp_path: Path) -> None:
    value: Any = two()
    for n in range(400):
        value = {f"level{n}": value} if n % 2 else [value]
    result = Result(written(tmp_path, "a.json", json.dumps(value)))
    assert len(result.articles) + len(result.rejections) >= 1


def test_a_list_of_very_many_containers_is_read_whole(tmp_path: Path) -> None:
    pages = [{"page": n, "data": {"docs": [one(n, id=str(n), body=A)]}} for n in range(3000)]
    assert len(Result(written(tmp_path, "a.json", json.dumps(pages))).ids) == 3000


@pytest.mark.parametrize(
    "inner",
    [
        {
            "blocks": {
                "body": [{"id": "a", "bodyHtml": f"<p>{A}</p>"}, {"bodyHtml": "<p>More.</p>"}]
            }
        },
        {"body": A, "related": two()},
        {"body": A, "images": [{"url": "https://h.example/p.jpg", "title": "P", "caption": B}]},
    ],
)
def test_one_article_inside_of_an_answer_is_one(tmp_path: Path, inner: dict[str, Any]) -> None:
    answer = {"response": {"status": "ok", "content": one(1, date="2025-05-04", **inner)}}
    (read,) = Result(written(tmp_path, "a.json", json.dumps(answer))).articles
    assert read.title == "Title 1"
    assert read.text.startswith(A)


def test_what_an_element_has_of_its_own_is_no_article(tmp_path: Path) -> None:
    file = {"id": "r", "name": "x.csv", "url": "https://h.example/x", "description": A}
    sets = [{"id": str(n), "title": f"Title {n}", "resources": [file]} for n in (1, 2)]
    result = Result(written(tmp_path, "a.json", json.dumps({"result": {"results": sets}})))
    assert [a.title for a in result.articles] == ["Title 1", "Title 2"]


def test_a_name_alone_makes_no_article(tmp_path: Path) -> None:
    parts = [{"type": "database", "name": "news"}, {"type": "table", "name": "t", "data": two()}]
    result = Result(written(tmp_path, "a.json", json.dumps(parts)))
    assert [a.title for a in result.articles] == ["Title 1", "Title 2"]
    assert [line for line, _ in result.reasons] == [1]
