"""JSON Lines and JSON documents: what is read, what is rejected, and that nothing gets lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from read_harness import Result, article, json_lines, written

from dedupe.config import Limits

REMEDY = "; name the field of the text with --text-key"
STRAY = 'a string, wanted an object for each article, as {"text": "..."}'


def test_each_line_becomes_an_article_in_input_order(tmp_path: Path) -> None:
    path = written(tmp_path, "a.jsonl", json_lines(*(article(n) for n in range(5))))
    result = Result(path)
    assert result.ids == ["a0", "a1", "a2", "a3", "a4"]
    assert result.articles[3].title == "Title 3"
    assert result.texts[3] == "Text number 3 of the harbour."
    assert not result.rejections


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\n\n  \n"])
def test_line_ends_and_blank_lines_make_no_difference(tmp_path: Path, end: bytes) -> None:
    lines = [json.dumps(article(n)).encode() for n in range(3)]
    result = Result(written(tmp_path, "a.ndjson", end.join(lines)))
    assert result.ids == ["a0", "a1", "a2"]
    assert not result.rejections


def test_an_empty_file_is_no_article_and_no_error(tmp_path: Path) -> None:
    for name in ("a.jsonl", "b.json", "c.csv", "d.txt", "e.html", "f.xml"):
        result = Result(written(tmp_path, name, b""))
        assert (result.articles, result.rejections) == ([], [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"id": "x", "text": "cut', "broken JSON: unexpected end of data (column 25)"),
        (b"plain words", "broken JSON: unexpected character, expected a JSON value (column 1)"),
        (b'["a", "b"]', "a list, wanted an object"),
        (b'"text"', STRAY),
        (b"17", "a number, wanted an object"),
        (b"null", "null, wanted an object"),
        (b'{"id": "x", "text": "caf\xe9"}', "not UTF-8 at byte 25"),
        (b'{"id": "x", "text": "\\ud800"}', "broken JSON: no low surrogate in string (column 22)"),
        (b'{"id": "x", "text": [1]}', f"text is a list, wanted a string{REMEDY}"),
        (b'{"id": "x", "text": {"a": 1}}', f"text is an object, wanted a string{REMEDY}"),
        (b'{"id": "x", "text": 5}', f"text is a number, wanted a string{REMEDY}"),
        (b'{"id": "x", "text": true}', f"text is a truth value, wanted a string{REMEDY}"),
        (
            b'{"id": "x", "headword": "b"}',
            "neither text nor title found; name the field of the text with --text-key; fields: id, headword",
        ),
        (
            b"{}",
            "neither text nor title found; name the field of the text with --text-key; fields: none",
        ),
    ],
)
def test_a_bad_line_is_rejected_with_its_reason_and_the_run_goes_on(
    tmp_path: Path, line: bytes, reason: str
) -> None:
    data = json_lines(article(1)) + line + b"\n" + json_lines(article(3))
    path = written(tmp_path, "a.jsonl", data)
    result = Result(path)
    assert result.ids == ["a1", "a3"]
    (rejection,) = result.rejections
    assert (rejection.source, rejection.line, rejection.reason) == (str(path), 2, reason)
    assert rejection.raw == line


def test_nan_which_python_writes_counts_as_missing(tmp_path: Path) -> None:
    line = b'{"id": NaN, "text": "A story.", "title": NaN, "score": -Infinity, "url": NaN}\n'
    (read,) = Result(written(tmp_path, "a.jsonl", line)).articles
    assert (read.text, read.title, read.url) == ("A story.", "", "")
    assert len(read.id) == 16


def test_a_nul_inside_a_text_becomes_a_space(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.jsonl", b'{"id": "a\\u0000b", "text": "one\\u0000two", "title": ""}'
    )
    (read,) = Result(path).articles
    assert (read.id, read.text) == ("a b", "one two")


def test_deep_nesting_is_rejected_rather_than_fatal(tmp_path: Path) -> None:
    deep = b'{"text": "t", "id": ' + b"[" * 1000 + b"]" * 1000 + b"}\n"
    deeper = b'{"text": "t", "x": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n"
    result = Result(written(tmp_path, "a.jsonl", deep + deeper + json_lines(article(3))))
    assert result.ids[-1] == "a3"
    assert len(result.articles) + len(result.rejections) == 3


def test_a_very_long_line_is_read(tmp_path: Path) -> None:
    text = "harbour " * 1_500_000
    path = written(
        tmp_path, "a.jsonl", json_lines(article(1), {"id": "b", "text": text}, article(3))
    )
    result = Result(path)
    assert result.ids == ["a1", "b", "a3"]
    assert result.texts[1] == text


def test_a_line_over_the_limit_is_rejected(tmp_path: Path) -> None:
    huge = {"id": "b", "text": "x" * (5 << 20)}
    path = written(tmp_path, "a.jsonl", json_lines(article(1), huge, article(3)))
    result = Result(path, limits=Limits(record_bytes=3 << 20))
    assert result.ids == ["a1", "a3"]
    told = "(limit record_bytes; raise it with --limit record_bytes=6291456)"
    assert result.reasons == [(2, f"the line is longer than 3 MiB {told}")]
    assert Result(path, limits=Limits(record_bytes=6 << 20)).ids == ["a1", "b", "a3"]


@pytest.mark.parametrize("indent", [None, 1])
def test_a_file_may_be_one_array_of_articles(tmp_path: Path, indent: int | None) -> None:
    records = [article(1), "stray", article(3)]
    result = Result(written(tmp_path, "a.json", json.dumps(records, indent=indent)))
    assert result.ids == ["a1", "a3"]
    assert result.reasons == [(2, STRAY)]
    assert result.rejections[0].raw == b'"stray"'


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_may_be_one_article(tmp_path: Path, indent: int | None) -> None:
    result = Result(written(tmp_path, "a.json", json.dumps(article(1), indent=indent)))
    assert result.ids == ["a1"]


def test_lines_in_a_file_called_json_are_read_as_lines(tmp_path: Path) -> None:
    assert Result(written(tmp_path, "a.json", json_lines(article(1), article(2)))).ids == [
        "a1",
        "a2",
    ]


def test_a_broken_first_line_does_not_hide_the_others(tmp_path: Path) -> None:
    for broken in (b'{"id": "x"', b"[1, 2]", b"[1, 2", b'{"id": \n"x"'):
        data = broken + b"\n" + json_lines(article(2), article(3))
        result = Result(written(tmp_path, "a.jsonl", data))
        assert result.ids == ["a2", "a3"]
        assert 1 <= len(result.rejections) <= 2


def test_a_broken_document_is_one_rejection_that_names_the_line(tmp_path: Path) -> None:
    data = b'{\n  "id": "x",\n  "text": oops\n}\n'
    result = Result(written(tmp_path, "a.json", data))
    assert result.reasons == [
        (3, "broken JSON: unexpected character, expected a JSON value (column 11)")
    ]
    assert result.rejections[0].raw == data


@pytest.mark.parametrize("indent", [None, 2])
def test_the_entries_of_a_json_feed_are_articles(tmp_path: Path, indent: int | None) -> None:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Harbour News",
        "language": "en-GB",
        "items": [
            {"id": "1", "url": "https://h.example/1", "content_html": "<p>One &amp; two.</p>"},
            {"id": 2, "content_text": "Three.", "date_published": "2024-05-01T10:00:00+02:00"},
            "stray",
        ],
    }
    result = Result(written(tmp_path, "feed.json", json.dumps(feed, indent=indent)))
    one, two = result.articles
    assert (one.id, one.text, one.source, one.lang) == ("1", "One & two.", "Harbour News", "en")
    assert (two.id, two.text) == ("2", "Three.")
    assert two.date is not None
    assert two.date.isoformat() == "2024-05-01T08:00:00+00:00"
    assert result.reasons == [(3, STRAY)]


def test_the_article_inside_a_graph_is_found_with_its_publisher(tmp_path: Path) -> None:
    graph = {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "Organization", "@id": "#org", "name": "Harbour News"},
            {"@type": "WebPage", "@id": "https://h.example/1", "name": "Page"},
            {
                "@type": ["NewsArticle"],
                "@id": "https://h.example/1#article",
                "headline": "Crane falls",
                "articleBody": "A crane fell.",
                "publisher": {"@id": "#org"},
            },
        ],
    }
    (read,) = Result(written(tmp_path, "a.jsonl", json_lines(graph))).articles
    assert (read.title, read.text, read.source) == ("Crane falls", "A crane fell.", "Harbour News")
    assert read.id == "https://h.example/1#article"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding(tmp_path: Path, encoding: str) -> None:
    records = [{"id": "ü", "text": "Жёлтый"}, {"id": "2", "text": "二"}]
    text = "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)
    result = Result(written(tmp_path, "a.jsonl", text.encode(encoding)))
    assert result.texts == ["Жёлтый", "二"]
    document = json.dumps(records, ensure_ascii=False, indent=1).encode(encoding)
    assert Result(written(tmp_path, "b.json", document)).ids == ["ü", "2"]


def test_bad_bytes_behind_a_byte_order_mark_are_still_rejected(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + json_lines(article(1)) + b'{"text": "\xff"}\n' + json_lines(article(3))
    result = Result(written(tmp_path, "a.jsonl", data))
    assert result.ids == ["a1", "a3"]
    assert result.reasons == [(2, "not UTF-8 at byte 11")]


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=7)
        | st.dictionaries(st.sampled_from(["name", "value", "role", "@id", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)
_names = st.sampled_from(
    [
        *("id", "title", "headlines", "text", "body", "bodies", "content", "date", "published"),
        *("source", "publisher", "url", "lang", "metadata", "@graph", "items", "version"),
    ]
)


def count(value: object) -> int:
    """The records in a line: a list with an object in it is none itself."""
    has_objects = isinstance(value, list) and any(count_of_objects(v) for v in value)
    return sum(map(count, value)) if has_objects else 1


def count_of_objects(value: object) -> int:
    return sum(map(count_of_objects, value)) if isinstance(value, list) else isinstance(value, dict)


def may_contain_records(value: object) -> bool:
    """Whether an object has a list of objects somewhere, which may make it a container."""
    if isinstance(value, list):
        return any(map(may_contain_records, value))
    if not isinstance(value, dict):
        return False
    lists = (v for v in value.values() if isinstance(v, list))
    return any(map(count_of_objects, lists)) or any(map(may_contain_records, value.values()))


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(_names, _values, max_size=6) | _values, max_size=6))
def test_read_and_rejected_add_up_to_the_lines_whatever_they_hold(
    tmp_path: Path, records: list[object]
) -> None:
    assume(not any(map(may_contain_records, records)))  # see test_read_envelope.py
    result = Result(written(tmp_path, "a.jsonl", json_lines({"text": "first"}, *records)))
    assert len(result.articles) + len(result.rejections) == sum(map(count, records)) + 1
    assert len(set(result.ids)) == len(result.ids)
    assert all(batch.column("id").null_count == 0 for batch in result.batches)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200))
def test_no_bytes_are_fatal_in_a_file_of_lines(tmp_path: Path, data: bytes) -> None:
    result = Result(written(tmp_path, "a.jsonl", json_lines(article(1)) + data))
    assert result.ids[:1] == ["a1"]
