"""The machine forms: one object an article, one object a story."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from report_examples import FERRY, GROUPING, SINGLE, member, scores

from dedupe.json_form import encode
from dedupe.model import Grouping, Placement, Story
from dedupe.report.jsonl import placement_object, story_objects, write_stories
from dedupe.write.rows import objects


def write_group(grouping: Grouping, out: io.BytesIO) -> None:
    placed = {m.id: (story.id, m) for story in grouping.stories for m in story.members}
    rows = ((article, *placed[article]) for article in grouping.order)
    placements = (
        Placement(article, story, m.copies, m.role, m.relation, m.to, m.scores, m.mentions)
        for article, story, m in rows
    )
    objects(map(encode, map(placement_object, placements)), "jsonl", out)


def written(grouping: Grouping = GROUPING) -> list[dict[str, Any]]:
    out = io.BytesIO()
    write_group(grouping, out)
    return [json.loads(line) for line in out.getvalue().decode("utf-8").splitlines()]


def test_one_object_an_article_in_input_order() -> None:
    assert [line["id"] for line in written()] == list(GROUPING.order)


def test_the_fields_are_those_of_the_contract() -> None:
    line = next(line for line in written() if line["id"] == "post-brief")
    assert line == {
        "schema_version": 1,
        "id": "post-brief",
        "story": "s-ferry",
        "copies": "c1",
        "role": "member",
        "relation": "contained",
        "to": "post-9",
        "scores": {
            "jaccard": 0.21,
            "containment": 0.97,
            "cosine": 0.61,
            "story": 0.95,
            "share": None,
        },
        "mentions": [],
        "quotes": [],
        "extends": False,
        "corrects": False,
    }


def test_the_three_last_fields_are_null_for_a_representative() -> None:
    representatives = [line for line in written() if line["role"] == "representative"]
    assert len(representatives) == len(GROUPING.stories)
    for line in representatives:
        assert line["relation"] is line["to"] is line["scores"] is None


def test_scores_have_six_digits() -> None:
    story = Story(
        "s",
        (
            member("a", "A", "", 0, "c"),
            member("b", "B", "", 0, "c", "near_duplicate", "a", scores(2 / 3, 1e-9, 0.12345678)),
        ),
    )
    line = written(Grouping((story,), ("a", "b")))[1]
    assert line["scores"] == {
        "jaccard": 0.666667,
        "containment": 0.666667,
        "cosine": 0.0,
        "story": 0.123457,
        "share": None,
    }


def test_lines_end_in_a_line_feed_and_text_stays_utf8() -> None:
    story = Story("s", (member("北京\n1", "A", "", 0, "c"),))
    out = io.BytesIO()
    write_group(Grouping((story,), ("北京\n1",)), out)
    assert out.getvalue().startswith('{"schema_version":1,"id":"北京\\n1",'.encode())
    assert out.getvalue().count(b"\n") == 1
    assert out.getvalue().endswith(b"}\n")


def test_an_id_that_utf8_cannot_hold_is_escaped_not_lost() -> None:
    story = Story("s", (member("bad\udc80", "A", "", 0, "c"),))
    assert written(Grouping((story,), ("bad\udc80",)))[0]["id"] == "bad\udc80"


def test_nothing_in_nothing_out() -> None:
    assert written(Grouping((), ())) == []


def test_more_articles_than_are_written_at_once_keep_their_order() -> None:
    ids = tuple(f"a{i}" for i in range(10_000))
    stories = tuple(Story(f"s{i}", (member(i, "A", "", 0, "c"),)) for i in reversed(ids))
    assert [line["id"] for line in written(Grouping(stories, ids))] == list(ids)


class Closed(io.BytesIO):
    """A pipe whose reader has gone."""

    def write(self, _: object) -> NoReturn:
        raise BrokenPipeError


def test_a_broken_pipe_reaches_the_caller() -> None:
    with pytest.raises(BrokenPipeError):
        write_group(GROUPING, Closed())


def test_a_story_object_says_what_the_report_says() -> None:
    story = next(story_objects(GROUPING))
    assert {key: story[key] for key in story if key not in ("members", "terms", "weakest")} == {
        "schema_version": 1,
        "id": "s-ferry",
        "headline": "Ferry with 214 aboard runs aground off Nordhavn",
        "articles": 7,
        "independent_reports": 3,
        "copies": 4,
        "first_date": "2024-05-14T06:12:00Z",
        "last_date": "2024-05-15T20:36:00Z",
        "mentioned": [],
    }
    assert [m["id"] for m in story["members"]] == [m.id for m in FERRY.members]
    assert story["members"][0] == {
        "id": "nord-001",
        "headline": "Ferry with 214 aboard runs aground off Nordhavn",
        "source": "Nordic Wire",
        "date": "2024-05-14T06:12:00Z",
        "role": "representative",
        "copies": "c1",
        "relation": None,
        "to": None,
        "scores": None,
        "mentions": [],
        "quotes": [],
        "extends": False,
        "corrects": False,
    }
    assert story["terms"][0] == {"text": "nordhavn", "weight": 0.31, "articles": 7}
    assert story["weakest"]["a"] == "nord-001"
    assert story["weakest"]["evidence"][0] == {"name": "cosine", "value": "0.34", "weight": 1.31}


def test_what_is_unknown_is_null() -> None:
    undated = replace(SINGLE, members=(replace(SINGLE.members[0], date=None),))
    story = next(story_objects(Grouping((undated,), ("one",))))
    assert story["first_date"] is story["last_date"] is story["weakest"] is None
    assert story["members"][0]["date"] is None
    assert story["terms"] == []


def test_stories_are_written_one_a_line() -> None:
    out = io.BytesIO()
    write_stories(GROUPING, out)
    lines = out.getvalue().splitlines()
    assert [json.loads(line)["id"] for line in lines] == [s.id for s in GROUPING.stories]


def test_writing_json_loads_no_terminal_library() -> None:
    program = (
        "import sys, dedupe.report.jsonl, dedupe.report.progress; sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
