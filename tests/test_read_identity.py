"""Ids: unique, stable where they are made, and no article lost to a repeated one."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from read_harness import Result, article, json_lines, written

from dedupe import group_articles
from dedupe.identity import canonical_url
from dedupe.read import FieldKeys, articles_of, read
from dedupe.read.batch import RowBuffer
from dedupe.read.ids import Ids
from dedupe.read.places import Places


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
    assert [(r.source, r.line, r.reason.partition(";")[0]) for r in result.rejections] == [
        (str(second), 2, f"id a2 was already used at {first}:2"),
        (str(second), 3, f"id a3 was already used at {second}:1"),
    ]
    assert all("--id-key" in rejection.reason for rejection in result.rejections)


def test_an_id_and_the_number_of_the_same_digits_are_one_id(tmp_path: Path) -> None:
    path = written(
        tmp_path, "a.jsonl", json_lines({"id": 7, "text": "a"}, {"id": "7", "text": "b"})
    )
    ((line, reason),) = Result(path).reasons
    assert (line, reason.partition(";")[0]) == (2, f"id 7 was already used at {path}:1")


def test_two_articles_of_one_line_do_not_share_an_id() -> None:
    ids = Ids(RowBuffer())
    ids.enter("f")
    row = ("x", "", "", None, "", "", "")
    assert ids.claim(row, 1).name == "x"
    assert "f:1" in ids.claim(row, 1).wrong


def test_many_equal_articles_are_numbered_without_counting_anew() -> None:
    ids = Ids(RowBuffer())
    ids.enter("f")
    row = ("", "", "", None, "", "", "")
    given_ids = [ids.claim_any(["x"], row, n) for n in range(20_000)]
    assert given_ids[0] == "x"
    assert given_ids[-1] == "x-20000"


HOUR = "2025-05-04T{:02}:00:00Z"
TAKEN = "The crane fell into the harbour at {} and nobody was hurt."


def record(name: str, hour: int = 10, **more: Any) -> dict[str, Any]:
    return {"id": name, "text": TAKEN.format(hour), "date": HOUR.format(hour), **more}


FORMS: dict[str, Callable[[list[dict[str, Any]]], tuple[str, bytes]]] = {
    "lines of the usual shape": lambda records: ("a.jsonl", json_lines(*records)),
    "records one by one": lambda records: ("a.json", json.dumps(records).encode()),
    "rows": lambda records: ("a.csv", "\n".join(
        ",".join(map(str, row)) for row in (records[0], *(r.values() for r in records))).encode()),
}  # fmt: skip


@pytest.fixture(params=FORMS)
def given_as(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[..., Result]:
    def read(*records: dict[str, Any], **options: Any) -> Result:
        name, data = FORMS[request.param](list(records))
        return Result(written(tmp_path, name, data), **options)

    return read


def test_sources_that_number_alike_keep_their_articles(given_as: Callable[..., Result]) -> None:
    names = [("1", "Post"), ("2", "Post"), ("1", "Lamp"), ("2", "Lamp"), ("3", "Lamp")]
    read = given_as(*(record(name, n, source=of) for n, (name, of) in enumerate(names)))
    assert [a.text for a in read.articles] == [TAKEN.format(n) for n in range(5)]
    assert not read.rejections
    assert len(set(read.ids)) == 5
    assert [name.partition("@")[0] for name in read.ids] == ["1", "2", "1", "2", "3"]
    assert read.ids[4] == "3"


def test_a_guid_that_is_used_again_under_another_address_is_another_article(
    given_as: Callable[..., Result],
) -> None:
    pages = ["https://h.example/a", "https://h.example/b", "https://h.example/c"]
    read = given_as(*(record("g", n, source="Post", url=url) for n, url in enumerate(pages)))
    assert [a.url for a in read.articles] == pages
    assert len(set(read.ids)) == 3
    again = given_as(*(record("g", n, source="Post", url=url) for n, url in enumerate(pages[::-1])))
    assert sorted(again.ids) == sorted(read.ids), "whatever came first"


def test_links_to_one_page_are_one_address(given_as: Callable[..., Result]) -> None:
    pages = ["https://h.example/a", "http://www.h.example/a/?utm_source=x#top"]
    read = given_as(*(record("g", n, source=f"S{n}", url=url) for n, url in enumerate(pages, 1)))
    assert (read.ids, [r.older for r in read.rejections]) == (["g"], [True])


@pytest.mark.parametrize("hours", [(1, 2, 3), (3, 2, 1), (2, 3, 1), (1, 3, 2)])
def test_of_several_versions_the_newest_is_taken(
    given_as: Callable[..., Result], hours: tuple[int, ...]
) -> None:
    notes: list[str] = []
    read = given_as(*(record("v", n, source="Post") for n in hours), on_note=notes.append)
    assert [a.text for a in read.articles] == [TAKEN.format(3)]
    assert [r.older for r in read.rejections] == [True, True]
    assert all("older version of id v" in r.reason for r in read.rejections)
    assert len(notes) == 1
    assert "2 older" in notes[0]


def test_a_newer_version_of_an_article_that_was_handed_on_has_its_id_again(
    given_as: Callable[..., Result],
) -> None:
    records = [record("v", n, source="Post") for n in (1, 2)]
    read = given_as(*records, batch_bytes=1)
    assert read.ids == ["v", "v"]
    (story,) = group_articles(read.batches, copies_only=True).stories
    assert [member.date.hour for member in story.members] == [2]


def test_versions_that_no_date_orders_are_told(given_as: Callable[..., Result]) -> None:
    read = given_as(record("v", 1, source="Post"), record("v", 1, source="Post"))
    assert read.ids == ["v"]
    ((_, reason),) = read.reasons
    assert "already used" in reason
    assert not read.rejections[0].older


@pytest.mark.parametrize(("same_by", "count"), [("address", 3), ("source", 2), ("id", 1)])
def test_what_makes_one_article_can_be_set(
    given_as: Callable[..., Result], same_by: str, count: int
) -> None:
    where = [("Post", "a"), ("Post", "b"), ("Lamp", "c")]
    records = [
        record("g", 9 - n, source=of, url=f"https://h.example/{url}")
        for n, (of, url) in enumerate(where)
    ]
    read = given_as(*records, same_by=same_by)
    assert len(read.ids) == len(set(read.ids)) == count
    assert all(rejection.older for rejection in read.rejections)


def test_many_of_one_id_take_no_longer_each(tmp_path: Path) -> None:
    def seconds(n: int) -> float:
        records = [record("g", 1, source="P", url=f"https://h.example/{i}") for i in range(n)]
        path = written(tmp_path, "a.jsonl", json_lines(*records))
        start = time.process_time()
        assert len(set(Result(path).ids)) == n
        return time.process_time() - start

    seconds(10)
    assert seconds(4000) < 12 * max(seconds(1000), 0.05)


def test_a_field_may_be_named_for_the_ids_of_a_feed(tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid>g</guid><link>https://h.example/{n}</link><title>{n}</title></item>"
        for n in "ab"
    )
    path = written(tmp_path, "a.rss", f"<rss version='2.0'><channel>{items}</channel></rss>")
    pages = ["https://h.example/a", "https://h.example/b"]
    assert Result(path, keys=FieldKeys(id="url")).ids == pages
    wrong = Result(path, keys=FieldKeys(id="uri"))
    assert [reason for _, reason in wrong.reasons] == [wrong.reasons[0][1]] * 2
    assert "uri" in wrong.reasons[0][1]
    assert "url" in wrong.reasons[0][1]


def test_a_file_that_is_one_article_says_that_it_has_no_fields(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        written(tmp_path, name, "A text of five words.")
    notes: list[str] = []
    assert Result(tmp_path, keys=FieldKeys(id="uri"), on_note=notes.append).ids == [
        "a.txt",
        "b.txt",
    ]
    assert len(notes) == 1
    assert "--id-key" in notes[0]


def test_places_are_those_of_the_articles_whatever_ids_come_again(tmp_path: Path) -> None:
    for seed in range(150):
        rng = random.Random(seed)
        files = [tmp_path / f"{seed}-{n}.jsonl" for n in range(rng.randint(1, 3))]
        for file in files:
            rows = [
                {
                    "text": f"text {file.name} {n}.",
                    **({"id": rng.choice("abc")} if rng.random() < 0.9 else {}),
                    **({"source": rng.choice("PQR")} if rng.random() < 0.7 else {}),
                    **({"date": f"2026-03-{rng.randint(1, 28):02d}"} if rng.random() < 0.7 else {}),
                }
                for n in range(rng.randint(1, 14))
            ]
            file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        found: list[Places] = []
        size = rng.choice([1, 300, 1 << 20])
        batches = read(files, on_places=found.append, on_reject=lambda _: None, batch_bytes=size)
        newest: dict[str, str] = {}
        for one in (row for batch in batches for row in articles_of(batch)):
            newest.pop(one.id, None)
            newest[one.id] = one.text
        stood = [
            json.loads(Path(place.file).read_text("utf-8").splitlines()[place.line - 1])["text"]
            for place in found[0].each({})
        ]
        assert stood == list(newest.values()), seed
