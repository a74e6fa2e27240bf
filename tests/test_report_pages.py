"""What a page of stories compares, what it leaves out, and that it says so."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from corpora import article, edited, prose

from dedupe import pages
from dedupe.assemble import grouping
from dedupe.comparison.story_facts import story_facts
from dedupe.config import Settings
from dedupe.explain import described
from dedupe.model import Article
from dedupe.pipeline import analyse
from dedupe.report.html import write_report_page
from dedupe.report.html.records import NONE, MemberRecord, StoryRecord


@pytest.fixture(scope="module")
def found():
    """Three stories: three reports and a copy, two reports, one text in two versions."""
    rng, articles = random.Random(7), []
    for story, number in (("flood", 3), ("vote", 2)):
        common = prose(rng, 40, 900)
        for n in range(number):
            words = [*prose(rng, 30), *common]
            rng.shuffle(words)
            articles.append(article(f"{story}-{n}", words, title=" ".join(common[:8])))
    copied = articles[0].text.split()
    articles.append(article("flood-copy", edited(rng, copied, 0.02), title="Copied\nin two lines"))
    text = prose(rng, 120)
    articles += [article("twin-a", text), article("twin-b", edited(rng, text, 0.02))]
    analysis = analyse(articles, Settings(), with_evidence=True)
    grouped = grouping(analysis)
    return analysis, described(analysis, grouped, grouped.stories)


def written(found, path, stories=None):
    analysis, grouped = found
    listed = stories or list(grouped.stories)
    shown = pages.shown_on_page(analysis, grouped, listed)
    write_report_page(
        grouped, path, stories=listed, readings=shown.readings, matches=shown.matches, maps=shown.maps,
        facts=shown.facts, addresses=shown.addresses, remarks=shown.remarks,
    )  # fmt: skip
    return path.read_text(encoding="utf-8")


def pairs(found):
    story = {s.id: {m.id for m in s.members} for s in found[1].stories}
    made, left = pages._readings(found[0], found[1].stories)
    return [(r.a.id, r.b.id) for rs in made.values() for r in rs], left, made, story


def test_the_representative_is_read_beside_each_independent_report(found):
    read, left, made, story = pairs(found)
    assert left == 0
    heads = {s.id: s.members[0].id for s in found[1].stories}
    for name, readings in made.items():
        assert {reading.a.id for reading in readings} == {heads[name]}
        assert {reading.b.id for reading in readings} <= story[name] - {heads[name]}
    assert sorted(len(readings) for readings in made.values()) == [1, 1, 2]
    assert {"flood-0", "flood-copy"} not in [set(pair) for pair in read]


def test_a_story_of_one_text_is_read_beside_its_edited_copy(found):
    read, _, _, _ = pairs(found)
    assert {"twin-a", "twin-b"} in [set(pair) for pair in read]


def test_every_story_gets_its_first_pair_before_any_gets_its_second(found, monkeypatch, tmp_path):
    monkeypatch.setattr(pages, "SHOWN_READINGS", 3)
    read, left, made, _ = pairs(found)
    assert (len(read), left) == (3, 1)
    assert [len(readings) for readings in made.values()] == [1, 1, 1]
    page = written(found, tmp_path / "page.html")
    assert "Left out: 1 such pair." in page
    assert "3 pairs can be read side by side" in page


def test_the_text_that_is_read_has_a_bound(found, monkeypatch):
    monkeypatch.setattr(pages, "READ_CHARACTERS", 50)
    monkeypatch.setattr(pages, "READ_IN_ALL", 250)
    read, left, made, _ = pairs(found)
    assert (len(read), left) == (2, 2)
    assert {len(article.text) for rs in made.values() for r in rs for article in (r.a, r.b)} == {50}


def test_title_and_text_are_told_apart_again(found):
    analysis, grouped = found
    members = {m.id: m for s in grouped.stories for m in s.members}
    assert pages._article(analysis, members["flood-copy"]).title == "Copied\nin two lines"
    assert "Copied" not in pages._article(analysis, members["flood-copy"]).text
    assert pages._article(analysis, members["twin-a"]).title == ""


def test_the_map_of_a_story_has_what_its_reports_are_to_each_other_both_ways(found):
    analysis, grouped = found
    story = max(grouped.stories, key=lambda s: s.independent)
    drawn = pages._map(analysis, story)
    n = story.independent
    assert set(drawn.ids) == {report.id for report in story.reports}
    for matrix in (drawn.containment, drawn.story):
        assert [len(row) for row in matrix] == [n] * n
        assert all(matrix[i][j] == matrix[j][i] for i in range(n) for j in range(n))
        assert all(0 <= value <= 1 + 1e-6 for row in matrix for value in row)
    for member in story.members:
        if member.to in drawn.ids and member.id in drawn.ids:
            one, other = drawn.ids.index(member.to), drawn.ids.index(member.id)
            assert drawn.story[one][other] == pytest.approx(member.scores.story, abs=1e-6)
            assert drawn.containment[one][other] == pytest.approx(
                member.scores.containment, abs=1e-6
            )


def test_there_is_a_map_of_three_to_thirty_reports_alone(found, monkeypatch):
    analysis, grouped = found
    (three,) = (story.id for story in grouped.stories if story.independent == 3)
    assert list(pages.shown_on_page(analysis, grouped, grouped.stories).maps) == [three]
    monkeypatch.setattr(pages, "MOST_MAPPED", 2)
    assert pages.shown_on_page(analysis, grouped, grouped.stories).maps == {}


def test_what_is_read_side_by_side_has_the_evidence_of_its_story_score(found):
    analysis, grouped = found
    shown = pages.shown_on_page(analysis, grouped, grouped.stories)
    read = [(r.a.id, r.b.id) for reads in shown.readings.values() for r in reads]
    assert list(shown.matches) == read
    for (one, other), match in shown.matches.items():
        assert {match.a, match.b} == {one, other}
        assert bool(match.evidence) == (one[:4] != "twin")  # copies have none


def test_the_facts_of_a_story_are_those_of_reports_of_which_each_two_were_compared(found):
    analysis, grouped = found
    several = [story for story in grouped.stories if story.independent > 1]
    facts = pages.shown_on_page(analysis, grouped, grouped.stories).facts
    for story in several:
        ids = [member.id for member in story.reports]
        assert facts[story.id] == replace(story_facts(analysis, ids), overlap=())


def test_versions_of_one_text_are_asked_for_what_they_tell_differently_alone(found):
    analysis, grouped = found
    facts = pages.shown_on_page(analysis, grouped, grouped.stories).facts
    (twins,) = (one for one in facts.values() if one.ids[0].startswith("twin"))
    assert (twins.among, twins.by_all, twins.by_one) == (1, (), ())


def test_facts_are_told_as_far_as_pairs_go(found, monkeypatch):
    analysis, grouped = found
    monkeypatch.setattr(pages, "COMPARED_FOR_FACTS", 0)
    shown = pages.shown_on_page(analysis, grouped, grouped.stories)
    # What is read side by side costs nothing: of two reports all is known, of three two pairs.
    among = {len(facts.ids): facts.among for facts in shown.facts.values() if facts.among != 1}
    assert among == {2: 2}
    monkeypatch.setattr(pages, "FRONT_REPORTS", 2)
    shown = pages.shown_on_page(analysis, grouped, grouped.stories)
    assert sorted((len(facts.ids), facts.among) for facts in shown.facts.values()) == [
        (2, 1), (2, 2), (3, 2),
    ]  # fmt: skip


def test_stories_that_are_not_listed_are_counted(found, tmp_path):
    assert len(found[1].stories) == 3
    page = written(found, tmp_path / "page.html", list(found[1].stories[:1]))
    assert "Not on this page: 2 more stories of several articles." in page


def test_a_page_of_copies_alone_has_no_cosines(tmp_path):
    words = prose(random.Random(3), 100)
    articles = [article("a", words), article("b", edited(random.Random(4), words, 0.01))]
    analysis = analyse(articles, Settings(), with_evidence=True, copies_only=True)
    grouped = grouping(analysis)
    page = written((analysis, grouped), tmp_path / "page.html")
    assert "near-duplicate" in page
    (data,) = re.findall('id="data">(.*?)</script>', page, re.DOTALL)
    members = [MemberRecord(*row) for story in json.loads(data)["stories"] for row in StoryRecord(*story).members]  # fmt: skip
    assert [row.scores[1] for row in members if row.scores] == [NONE]


def test_the_scores_of_all_pairs_are_counted(found):
    analysis, grouped = found
    shown = pages.shown_on_page(analysis, grouped, grouped.stories)
    scores = analysis.scored_groups.scores
    assert len(shown.scores) == pages.SCORE_BINS
    assert sum(shown.scores) == len(scores) > 0
    assert sum(shown.scores[pages.SCORE_BINS // 2 :]) == (scores >= 0.5).sum()


def test_a_page_knows_the_addresses_of_its_articles():
    rng = random.Random(5)
    articles = [
        replace(article(name, prose(rng, 80)), url=url)
        for name, url in (("b", "https://wire.example/b"), ("a", ""))
    ]
    analysis = analyse(articles, Settings(), with_evidence=True)
    grouped = grouping(analysis)
    shown = pages.shown_on_page(analysis, grouped, grouped.stories)
    assert shown.addresses == {"b": "https://wire.example/b"}
    assert analysis.article("b").url == "https://wire.example/b"


def test_what_is_told_differently_stands_once_with_who_says_so(tmp_path):
    rest = "The ferry Grey Hen sank off Port Kessel on Tuesday in a storm, with cars and cattle aboard."
    told = (
        ("a", 8, "<b>Paper</b>", "At least 60 people were killed when a ferry sank off Port Kessel."),
        ("b", 9, "Radio", "Eighty-four passengers died on the Grey Hen off Port Kessel, police said."),
        ("c", 10, "Gazette", "Rescuers say 60 people died when the Grey Hen sank off Port Kessel."),
    )  # fmt: skip
    analysis = analyse(
        [
            Article(
                name, f"Ferry, {name}", f"{text} {rest}", datetime(2025, 3, 4, hour, tzinfo=UTC),
                source=source, url=f"https://wire.example/{name}", lang="en",
            )
            for name, hour, source, text in told
        ],
        Settings(), with_evidence=True,
    )  # fmt: skip
    page = written((analysis, grouping(analysis)), tmp_path / "page.html")
    (table,) = re.findall(r'<table class="told">.*?</table>', page, re.DOTALL)
    rows = [" ".join(re.sub(r"<[^>]+>", " ", row).split()) for row in table.split("<tr>")[2:]]
    assert len(rows) == 2
    assert rows[0].startswith(
        "killed 60 people &lt;b&gt;Paper&lt;/b&gt; 4 Mar 2025, 08:00 UTC Gazette"
    )
    assert "Eighty-four passengers Radio 4 Mar 2025, 09:00 UTC" in rows[1]
    assert 'href="https://wire.example/b" rel="noopener noreferrer"' in table
