"""Ids: unique, stable where they are made, and no article lost to a repeated one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result, article, json_lines, written

from dedupe.read.batch import Ids, canonical_url


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("HTTPS://H.Example/A?b=C#top", "https://h.example/A?b=C"),
        ("https://h.example", "https://h.example/"),
        ("https://h.example:443/a", "https://h.example/a"),
        ("http://h.example:8080/a", "http://h.example:8080/a"),
        ("https://h.example/a?utm_source=x&id=%207&fbclid=y", "https://h.example/a?id=%207"),
        ("https://h.example/a?utm_source=x", "https://h.example/a"),
        ("https://h.example/a?x=%20b&c", "https://h.example/a?x=%20b&c"),
        ("https://[bad/a", "https://[bad/a"),
        ("/a/b", "/a/b"),
    ],
)
def test_an_address_loses_what_varies_between_links(written: str, canonical: str) -> None:
    assert canonical_url(written) == canonical


@given(st.text(max_size=40).map("http://h.example/{}".format) | st.text(max_size=40))
def test_a_canonical_address_is_its_own_canonical_address(url: str) -> None:
    once = canonical_url(url)
    assert canonical_url(once) == once


def test_a_missing_id_is_a_stable_hash_of_the_address(tmp_path: Path) -> None:
    links = ["https://H.example/a?utm_medium=x#y", "https://h.example/a"]
    made = []
    for n, url in enumerate(links):
        path = written(tmp_path, f"{n}.jsonl", json_lines({"url": url, "text": f"Text {n}"}))
        made += Result(path).ids
    assert made[0] == made[1] == "50ab03d2a5fb6b54"


def test_a_missing_id_and_address_make_a_hash_of_the_content(tmp_path: Path) -> None:
    records = [{"text": "one"}, {"text": "two"}, {"text": "one", "date": "2025-05-04"}]
    one = Result(written(tmp_path, "a.jsonl", json_lines(*records)))
    other = Result(written(tmp_path, "b.jsonl", json_lines(*reversed(records))))
    assert len(set(one.ids)) == 3
    assert one.ids == other.ids[::-1]


def test_equal_articles_without_ids_are_all_kept(tmp_path: Path) -> None:
    url = {"url": "https://h.example/a"}
    records = [{**url, "text": "one"}, {**url, "text": "two"}, {**url, "text": "two"}] + [
        {"text": "same"}
    ] * 4
    result = Result(written(tmp_path, "a.jsonl", json_lines(*records)))
    assert len(set(result.ids)) == len(records)
    assert not result.rejections
    assert [i.partition("-")[2] for i in result.ids[3:]] == ["", "2", "3", "4"]


def test_a_repeated_id_is_rejected_and_names_where_it_was_used(tmp_path: Path) -> None:
    first = written(tmp_path, "a.jsonl", json_lines(article(1), article(2)))
    second = written(tmp_path, "b.jsonl", json_lines(article(3), article(2), article(3, text="x")))
    result = Result(first, second)
    assert result.ids == ["a1", "a2", "a3"]
    assert [(r.source, r.line, r.reason) for r in result.rejections] == [
        (str(second), 2, f"id a2 was already used at {first}:2"),
        (str(second), 3, f"id a3 was already used at {second}:1"),
    ]


def test_an_id_and_the_number_of_the_same_digits_are_one_id(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.jsonl", json_lines({"id": 7, "text": "a"}, {"id": "7", "text": "b"})
    )
    assert Result(path).reasons == [(2, f"id 7 was already used at {path}:1")]


def test_two_articles_of_one_line_do_not_share_an_id() -> None:
    ids = Ids()
    ids.enter("f")
    assert ids.claim("x", 1) is None
    assert ids.claim("x", 1) == "f:1"


def test_many_equal_articles_are_numbered_without_counting_anew() -> None:
    ids = Ids()
    ids.enter("f")
    given_ids = [ids.claim_any(["x"], n) for n in range(20_000)]
    assert given_ids[0] == "x"
    assert given_ids[-1] == "x-20000"
