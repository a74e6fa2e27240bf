"""A story over HTTP: who was first, who told it, what its reports tell differently."""

from __future__ import annotations

from pathlib import Path

import pytest
from server_harness import Served, asked

import dedupe.server.fronts
from dedupe import Article, Index, open_index
from dedupe.index.exchange import story_from
from dedupe.report.jsonl import story_object
from dedupe.server.answering import Service
from dedupe.server.fronts import NO_TEXTS
from dedupe.server.measures import Measures
from dedupe.server.shared import ServerLimits, SharedIndex

pytestmark = pytest.mark.posix

FERRY: list[dict] = [
    {
        "id": "wire",
        "text": "The ferry Halcyon Star sank off Port Meridian on Monday night. At least 60 people were "
        "killed, the coast guard of Meridia said. Divers searched the hull for survivors.",
        "title": "At least 60 killed as ferry Halcyon Star sinks off Port Meridian",
        "date": "2025-03-03T22:10:00Z",
        "source": "Meridian Press",
    },
    {
        "id": "radio",
        "text": "Rescuers worked through the night after the ferry Halcyon Star sank off Port Meridian. "
        "The disaster killed 84 people, said the coast guard of Meridia, and divers were still "
        "searching the hull of the Halcyon Star for survivors.",
        "title": "Ferry Halcyon Star sinks off Port Meridian, 84 killed",
        "date": "2025-03-04T07:00:00Z",
        "source": "Coast Radio",
    },
    {
        "id": "copy",
        "text": "The ferry Halcyon Star sank off Port Meridian on Monday night. At least 60 people were "
        "killed, the coast guard of Meridia said. Divers searched the hull for survivors.",
        "title": "At least 60 killed as ferry Halcyon Star sinks off Port Meridian",
        "date": "2025-03-04T08:00:00Z",
        "source": "The Evening Gazette",
    },
]


@pytest.fixture(scope="module")
def ferry(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index with one story of three articles."""
    path = tmp_path_factory.mktemp("ferry") / "i"
    with open_index(path) as index:
        index.admit_many(FERRY)
        assert index.story("s1").articles == ("wire", "radio", "copy")
    return path


def test_a_story_without_facts_is_as_the_command_writes_it(ferry: Path) -> None:
    with Served(ferry) as served, open_index(ferry, read_only=True) as index:
        told = served.ask("GET", "/v1/stories/s1").json
        assert told == story_object(index.story("s1"))
        assert served.ask("GET", "/v1/stories/s1?facts=0").json == told


def test_the_facts_of_a_story_name_who_was_first_and_what_is_told_differently(ferry: Path) -> None:
    with Served(ferry) as served:
        told = served.ask("GET", "/v1/stories/s1?facts=1").json
    assert story_from(told).articles == ("wire", "radio", "copy")
    facts = told["facts"]
    assert told["no_facts"] is None
    assert facts["first"] == {
        "id": "wire", "source": "Meridian Press", "date": "2025-03-03T22:10:00Z",
    }  # fmt: skip
    counts = {name: facts[name] for name in ("independent_reports", "copies", "outlets")}
    assert counts == {"independent_reports": 2, "copies": 1, "outlets": 3}
    assert (facts["compared"], facts["looked_at"]) == (["wire", "radio"], 3)
    (toll,) = facts["disagreements"]
    values = [(saying["text"], saying["articles"]) for saying in toll["sayings"]]
    assert values == [("60", ["wire"]), ("84", ["radio"])]
    assert all(saying["sentences"] for saying in toll["sayings"])
    labels = [line["label"] for line in facts["front"]]
    assert labels == ["first", "told by", "both say", "told differently", "only one says"]


def test_a_story_of_one_article_has_a_front_without_comparisons(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        served.admit({"id": "a", "text": "One article alone.", "source": "x"})
        facts = served.ask("GET", "/v1/stories/s1?facts=1").json["facts"]
    assert (facts["front"], facts["compared"], facts["disagreements"]) == ([], [], [])
    assert facts["first"] is None


def test_an_index_without_texts_says_why_there_are_no_facts(tmp_path: Path) -> None:
    with open_index(tmp_path / "i", texts=False) as index:
        index.admit(Article("a", "One article."))
    with Served(tmp_path / "i") as served:
        told = served.ask("GET", "/v1/stories/s1?facts=1").json
    assert (told["facts"], told["no_facts"]) == (None, NO_TEXTS)


@pytest.mark.parametrize("value", ["2", "", "yes", "01x", "-1"])
def test_facts_are_asked_for_with_1(ferry: Path, value: str) -> None:
    with Served(ferry) as served:
        told = served.ask("GET", f"/v1/stories/s1?facts={value}")
    assert (told.status, "facts is a number" in told.json["error"]) == (400, True)


def test_of_a_story_of_thousands_the_first_articles_are_looked_at(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(dedupe.server.fronts, "MOST_READ", 5)
    monkeypatch.setattr(dedupe.server.fronts, "TOGETHER", 2)
    path = tmp_path / "i"
    with open_index(path) as index:
        index.admit_many([{"id": f"a{n}", "text": "One text of many copies."} for n in range(9)])

    def opened() -> Index:
        return open_index(path)

    shared = SharedIndex(opened, opened, (), ServerLimits())
    shared.start()
    try:
        service = Service(shared=shared, measures=Measures(shared), log=print)
        status, body = asked(service, "/v1/stories/s1", b"facts=1")
    finally:
        shared.stop()
    assert status == 200
    assert b'"looked_at":5' in body
