"""Digests in reports: what a story is also told in, and what a digest tells of."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from digest_corpus import STORIES, article, letter, reports

from dedupe import group_articles, open_index
from dedupe.explain import matches_of
from dedupe.pipeline import analyse
from dedupe.report.explain import render_explain
from dedupe.report.html import write_report_page
from dedupe.report.index import render_article
from dedupe.report.jsonl import story_objects
from dedupe.report.page import make_console
from dedupe.report.terminal import SHOWN_DIGESTS, render_report

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.model import Grouping

ALL = list(STORIES)


def told(grouping: Grouping, width: int = 100, **choices: int) -> str:
    out = io.StringIO()
    render_report(grouping, make_console(out, width=width), **choices)
    return out.getvalue()


@pytest.fixture(scope="module")
def found() -> Grouping:
    return group_articles([*reports(), letter("letter", ALL, title="The morning desk")])


def test_a_story_says_in_which_digests_it_stands(found: Grouping) -> None:
    page = told(found)
    assert page.count("also in  The morning desk (The Desk)") == 3
    assert "also in" not in told(group_articles(reports()))


def test_digests_are_listed_once_at_the_end(found: Grouping) -> None:
    page = told(found)
    assert "1 digest tells of several stories, and belongs to none:" in page
    assert "The morning desk (The Desk): 8 stories" in page
    assert "digest" not in told(group_articles(reports()))


def test_of_many_digests_some_are_named_and_the_rest_counted(found: Grouping) -> None:
    one = next(m for s in found.stories for m in s.members if m.mentions)
    many = tuple(replace(one, id=f"d{number}") for number in range(SHOWN_DIGESTS + 3))
    stories = tuple(replace(s, mentioned=many) if s.mentioned else s for s in found.stories)
    page = told(replace(found, stories=stories))
    assert "3 more digests" in page
    assert f"{len(many)} digests tell of several stories, and belong to none:" in page


def test_what_an_article_says_does_not_reach_the_terminal_raw(found: Grouping) -> None:
    one = next(m for s in found.stories for m in s.members if m.mentions)
    hostile = replace(one, headline="\x1b[31mred\u202e", source="<b>\x07")
    stories = tuple(replace(s, mentioned=(hostile,)) if s.mentioned else s for s in found.stories)
    page = told(replace(found, stories=stories))
    assert not {"\x1b", "\u202e", "\x07"} & set(page)


def test_the_objects_of_stories_name_their_digests(found: Grouping) -> None:
    objects = list(story_objects(found))
    mentions = next(m["mentions"] for o in objects for m in o["members"] if m["id"] == "letter")
    assert len(mentions) == len(ALL)
    for story in objects:
        ids = {member["id"] for member in story["members"]}
        assert story["mentioned"] == ([] if ids == {"letter"} else ["letter"])


def test_a_page_names_digests_and_escapes_them(found: Grouping, tmp_path: Path) -> None:
    one = next(m for s in found.stories for m in s.members if m.mentions)
    hostile = replace(one, headline="<script>alert(1)</script>")
    stories = [replace(s, mentioned=(hostile,)) if s.mentioned else s for s in found.stories]
    path = tmp_path / "page.html"
    write_report_page(replace(found, stories=tuple(stories)), path, stories=stories)
    page = path.read_text(encoding="utf-8")
    assert "Also in: " in page
    assert "<script>alert" not in page
    assert "A digest: it tells of 8 stories and belongs to none." in page


def test_the_explanation_of_a_digest_says_that_it_is_one() -> None:
    analysis = analyse(iter([*reports(), letter("letter", ALL)]), with_evidence=True)
    grouped = group_articles([*reports(), letter("letter", ALL)])
    story, member = next((s, m) for s in grouped.stories for m in s.members if m.id == "letter")
    matches = matches_of(analysis, "letter")
    out = io.StringIO()
    render_explain(member, story, matches, make_console(out, width=80))
    assert "A digest: this article tells of 8 stories and belongs to none." in out.getvalue()
    assert {match.relation for match in matches} <= {"new", "quotation"}


def test_an_index_shows_what_a_digest_tells_of(tmp_path: Path) -> None:
    with open_index(tmp_path / "news.index") as index:
        index.admit_many(reports())
        index.admit(letter("letter", ALL))
        index.admit(article("alone", "A quiet day", "Nothing at all went on in Stour.", 50, "W"))
        shown, other = index.get("letter"), index.get("alone")
    assert shown is not None
    assert other is not None
    out = io.StringIO()
    render_article(shown, {}, make_console(out, width=100))
    assert "of 8 stories" in out.getvalue()
    plain = io.StringIO()
    render_article(other, {}, make_console(plain, width=100))
    assert "digest" not in plain.getvalue()
