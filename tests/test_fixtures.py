"""The fixtures are what their README says, measured without the package under test."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import regex

FIXTURES = Path(__file__).parent.parent / "fixtures"
FIELDS = ["id", "title", "text", "date", "source", "url", "lang"]
NEAR_DUPLICATE = 0.5
CONTAINED = 0.8
INDEPENDENT = 0.05
TOKEN = regex.compile(r"\p{Han}|[\w--\p{Han}]+", regex.V1)

LOOK_ALIKES = [
    ("visit-2025-wire", "visit-2023"),
    ("visit-2025-wire", "parade-2024"),
    ("visit-2023", "parade-2024"),
    ("000_bb5fe9f4d5d8fbea.txt", "visit-2023"),
    ("000_bb5fe9f4d5d8fbea.txt", "parade-2024"),
    ("002_1f8b4ef79c703c32.txt", "visit-2023"),
    ("002_1f8b4ef79c703c32.txt", "parade-2024"),
    ("earnings-brightwell-q1", "earnings-cordane-q1"),
    ("earnings-brightwell-q1", "earnings-brightwell-q2"),
    ("earnings-brightwell-q2", "earnings-cordane-q1"),
    ("match-calder", "match-thornley"),
    ("quake-february", "quake-june"),
]
OF_ONE_TEMPLATE = [pair for pair in LOOK_ALIKES if not pair[1].endswith(("2023", "2024"))]

Record = dict[str, Any]
Shingles = dict[str, frozenset[tuple[str, ...]]]


def records(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def plain_text(path: Path) -> Record:
    return {"id": path.name, "title": "", "text": path.read_text(encoding="utf-8")}


NEWS = records(FIXTURES / "articles" / "news.jsonl")
SEEDS = [plain_text(path) for path in sorted((FIXTURES / "articles").glob("*.txt"))]
ARTICLES = {article["id"]: article for article in [*NEWS, *SEEDS]}
GOLD_LINES = records(FIXTURES / "gold.jsonl")
GOLD = {line["id"]: line for line in GOLD_LINES}


def tokens(text: str) -> list[str]:
    return [match.group() for match in TOKEN.finditer(text.lower())]


def five_grams(text: str) -> frozenset[tuple[str, ...]]:
    words = tokens(text)
    return frozenset(tuple(words[i : i + 5]) for i in range(max(1, len(words) - 4)))


def jaccard(a: frozenset[Any], b: frozenset[Any]) -> float:
    return len(a & b) / len(a | b)


def containment(a: frozenset[Any], b: frozenset[Any]) -> float:
    return len(a & b) / min(len(a), len(b))


def are_copies(a: frozenset[Any], b: frozenset[Any]) -> bool:
    return jaccard(a, b) >= NEAR_DUPLICATE or containment(a, b) >= CONTAINED


def groups(key: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in GOLD_LINES:
        found[line[key]].append(line["id"])
    return found


def reached(start: str, members: list[str], shingles: Shingles) -> set[str]:
    seen, frontier = {start}, [start]
    while frontier:
        at = shingles[frontier.pop()]
        new = [m for m in members if m not in seen and are_copies(at, shingles[m])]
        seen.update(new)
        frontier.extend(new)
    return seen


@pytest.fixture(scope="module", params=["text", "title and text"])
def shingles(request: pytest.FixtureRequest) -> Shingles:
    """5-grams of every article, once of the text alone and once with its title before it."""
    if request.param == "text":
        return {i: five_grams(a["text"]) for i, a in ARTICLES.items()}
    return {i: five_grams(f"{a['title']}\n{a['text']}") for i, a in ARTICLES.items()}


def test_gold_names_every_article_exactly_once() -> None:
    assert Counter(line["id"] for line in GOLD_LINES) == Counter(
        article["id"] for article in [*NEWS, *SEEDS]
    )


def test_articles_folder_holds_articles_alone() -> None:
    names = sorted(path.name for path in (FIXTURES / "articles").iterdir())
    assert names == ["000_bb5fe9f4d5d8fbea.txt", "002_1f8b4ef79c703c32.txt", "news.jsonl"]


def test_gold_lines_carry_a_story_and_a_group_of_copies() -> None:
    for line in GOLD_LINES:
        assert list(line) == ["id", "story", "copies"]
        assert all(line.values())


def test_a_group_of_copies_lies_inside_one_story() -> None:
    for members in groups("copies").values():
        assert len({GOLD[m]["story"] for m in members}) == 1


@pytest.mark.parametrize("article", NEWS, ids=lambda a: a["id"])
def test_an_article_is_well_formed(article: Record) -> None:
    assert list(article) == FIELDS
    assert article["text"].strip() == article["text"] != ""
    assert article["source"]
    assert article["url"].endswith(article["id"])
    assert article["lang"] in {"en", "es", "hi", "zh"}
    if article["date"] is not None:
        assert datetime.fromisoformat(article["date"]).tzinfo is not None


def test_one_article_lacks_its_title_and_one_its_date() -> None:
    assert [a["id"] for a in NEWS if not a["title"]] == ["court-local"]
    assert [a["id"] for a in NEWS if a["date"] is None] == ["fire-trade"]


def test_one_article_is_a_brief_of_under_twenty_words() -> None:
    assert [i for i, a in ARTICLES.items() if len(tokens(a["text"])) < 20] == ["brief-road"]


def test_every_group_of_copies_is_connected_by_overlap(shingles: Shingles) -> None:
    for name, members in groups("copies").items():
        assert reached(members[0], members, shingles) == set(members), name


def test_no_pair_across_groups_overlaps_as_copies_do(shingles: Shingles) -> None:
    across = [(a, b) for a, b in combinations(GOLD, 2) if GOLD[a]["copies"] != GOLD[b]["copies"]]
    assert [pair for pair in across if are_copies(shingles[pair[0]], shingles[pair[1]])] == []


def test_independent_reports_share_hardly_any_wording(shingles: Shingles) -> None:
    for name, members in groups("story").items():
        for a, b in combinations(members, 2):
            if GOLD[a]["copies"] != GOLD[b]["copies"]:
                assert jaccard(shingles[a], shingles[b]) < INDEPENDENT, (name, a, b)


def test_lightly_edited_copies_are_neither_equal_nor_far(shingles: Shingles) -> None:
    for original, copy in [
        ("visit-2025-wire", "visit-2025-wire-cut"),
        ("visit-2025-wire", "visit-2025-wire-recast"),
        ("ferry-wire", "ferry-wire-trimmed"),
        ("fire-wire", "fire-wire-copy"),
        ("rate-wire", "rate-wire-copy"),
        ("tren-agencia", "tren-agencia-copia"),
        ("metro-news", "metro-news-copy"),
    ]:
        assert 0.6 <= jaccard(shingles[original], shingles[copy]) <= 0.9, copy


def test_an_excerpt_is_found_by_containment_alone(shingles: Shingles) -> None:
    item, digest = shingles["visit-2025-item"], shingles["visit-2025-digest"]
    assert containment(item, digest) >= CONTAINED
    assert jaccard(item, digest) < NEAR_DUPLICATE
    assert len(digest) > 4 * len(item)


def test_a_retitled_article_keeps_its_text() -> None:
    first, again = ARTICLES["ferry-local"], ARTICLES["ferry-local-retitled"]
    assert first["text"] == again["text"]
    assert first["title"] != again["title"]


@pytest.mark.parametrize("pair", LOOK_ALIKES, ids="/".join)
def test_look_alikes_are_different_stories(pair: tuple[str, str]) -> None:
    assert GOLD[pair[0]]["story"] != GOLD[pair[1]]["story"]


@pytest.mark.parametrize("pair", OF_ONE_TEMPLATE, ids="/".join)
def test_reports_of_one_template_share_wording_but_not_numbers(pair: tuple[str, str]) -> None:
    a, b = (ARTICLES[i]["text"] for i in pair)
    assert jaccard(five_grams(a), five_grams(b)) > 0.02
    numbers_a, numbers_b = (set(regex.findall(r"\d[\d.,]*\d", text)) for text in (a, b))
    assert jaccard(frozenset(numbers_a), frozenset(numbers_b)) < 0.25


@pytest.mark.parametrize("lang", ["en", "es", "hi", "zh"])
def test_each_language_has_independent_reports_and_an_unrelated_article(lang: str) -> None:
    lines = [GOLD[a["id"]] for a in NEWS if a["lang"] == lang]
    reports = {line["copies"]: line["story"] for line in lines}
    sizes = Counter(reports.values()).values()
    assert max(sizes) >= 2
    assert min(sizes) == 1
