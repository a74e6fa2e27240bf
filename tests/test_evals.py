"""The quality harness, on a small folder of labelled sets made of the fixtures."""

from __future__ import annotations

import gzip
import json
import random
from collections import Counter
from pathlib import Path

import pytest
from corpora import FIXTURES

from dedupe import Article

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def found_modules(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def packed(path, rows):
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


def brief(name, company, day, text):
    return {
        "id": name,
        "title": name,
        "text": text,
        "date": f"2024-03-{day:02}",
        "company": company,
    }


BRIEFS = [
    brief("one", "AB", 1, "Aldor Bank said net profit rose 4 percent in the quarter."),
    brief("two", "AB", 1, "Aldor Bank said net profit rose 4 percent in the quarter. It paid 3."),
    brief("late", "AB", 9, "Aldor Bank said net profit rose 4 percent in the quarter."),
    brief("other", "CD", 1, "Corran Docks opens a yard in Port Kessel with room for nine ships."),
    brief("none", None, 1, "Rates were left unchanged by the central bank of Valdora."),
]


@pytest.fixture
def folder(tmp_path):
    """A set of stories, a set of pairs, briefs, and a haystack."""
    stories = {row["id"]: row["story"] for row in rows_of(FIXTURES.parent / "gold.jsonl")}
    articles = rows_of(FIXTURES / "news.jsonl")
    packed(tmp_path / "news.jsonl.gz", [row | {"story": stories[row["id"]]} for row in articles])
    packed(tmp_path / "two.jsonl.gz", articles)
    fires = [row["id"] for row in articles if row["id"].startswith("fire-")]
    pairs = [
        {"a": fires[0], "b": fires[1], "label": "same_story"},
        {"a": fires[0], "b": "tea-zh", "label": "different"},
    ]
    packed(tmp_path / "two.pairs.jsonl.gz", pairs)
    packed(tmp_path / "wire.jsonl.gz", BRIEFS)
    packed(tmp_path / "heap.jsonl.gz", [row | {"story": None} for row in articles])
    near = [{"a": fires[0], "b": fires[1], "jaccard": 0.55}]
    packed(tmp_path / "heap.neardup.jsonl.gz", near)
    return tmp_path


def quality(folder, *args):
    """Exit code and all figures by section."""
    from evals.__main__ import main

    out = folder / "out.json"
    code = main(["quality", "--data", str(folder), "--json", str(out), *args])
    return code, json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}


def test_every_set_of_a_folder_is_measured_beside_plain_methods(folder, capsys):
    code, figures = quality(folder, "--only", "stories,together,candidates,pairs,fixtures,haystack")
    assert code == 0
    table = capsys.readouterr().out
    for part in ("alone", "with others mixed in", "all sets together", "TF-IDF", "Pearson", "Time"):
        assert part in table
    stories = {(row["set"], row["mix"], row["method"]): row for row in figures["stories"]}
    own = stories["news", "alone", "dedupe"]
    assert own["articles"] == 39
    assert own["b_cubed"]["f1"] > stories["news", "alone", "5-gram MinHash"]["b_cubed"]["f1"]
    assert {row["set"] for row in figures["together"]} == {"news", "all"}
    assert [row["set"] for row in figures["candidates"]] == ["news"]
    assert {row["ap"] for row in figures["pairs"] if row["method"].startswith("dedupe")} == {1.0}
    cases = {row["case"].split(",")[0].split(" among")[0]
             for part in ("fixtures", "haystack") for row in figures[part]}  # fmt: skip
    assert {
        "fixtures: stories exactly as labelled",
        "two reports of one visit",
        "the same",
    } <= cases


def test_each_set_is_measured_under_each_condition(folder, capsys):
    from dedupe.evaluate.conditions import CONDITIONS

    code, figures = quality(folder, "--only", "conditions,stories,news", "--no-peers")
    assert code == 0
    f1 = {row["condition"]: row["f1"] for row in figures["conditions"]}
    assert list(f1) == list(CONDITIONS)
    assert f1["full"] == figures["stories"][0]["b_cubed"]["f1"]
    assert f1["titles"] < f1["full"]
    table = capsys.readouterr().out
    assert "Stories under conditions: B-cubed F1" in table
    assert "furniture400" in table


def test_briefs_of_two_companies_are_counted_and_those_of_one_event_looked_for(folder):
    code, figures = quality(folder, "--only", "briefs")
    (row,) = figures["briefs"]
    assert code == 0
    assert (row["set"], row["articles"], row["named"]) == ("wire", 5, 4)
    assert row["one_event"] == 1, "the third came days later"
    assert row["kept"] == 1
    assert row["crossed"] == row["copy_crossed"] == 0
    assert row["copy_pairs"] >= 1


def test_only_what_is_named_is_measured(folder, capsys):
    code, figures = quality(folder, "--only", "two", "--no-peers")
    assert code == 0
    assert {name for name, rows in figures.items() if rows} == {"pairs"}
    table = capsys.readouterr().out
    assert "two" in table
    assert "TF-IDF" not in table
    assert "B-cubed" not in table


def test_a_name_that_is_neither_set_nor_section_is_refused(folder, capsys):
    assert quality(folder, "--only", "two,nothing") == (2, {})
    assert "nothing: no such set or section; sections are stories" in capsys.readouterr().err


def test_without_data_nothing_is_measured_and_said_so(tmp_path, capsys):
    from evals.__main__ import main

    assert main(["quality", "--data", str(tmp_path / "none")]) == 0
    assert "nothing to measure; see --data" in capsys.readouterr().out


def test_twins_are_measured_alone_and_in_a_heap(folder, capsys, monkeypatch):
    from evals import templates, twins

    monkeypatch.setattr(twins, "TEMPLATES", templates.TEMPLATES[:1])
    code, figures = quality(folder, "--only", "twins")
    (row,) = figures["twins"]
    assert code == 0
    situations = [f"{when}, {among}" for when in twins.WHEN for among in ("alone", "mixed")]
    assert list(row["f1"]) == situations
    assert row["pairs"] == 60 * 59 // 2
    assert "least" in capsys.readouterr().out


@pytest.mark.parametrize("weekly", [False, True])
def test_each_event_of_a_template_is_told_once_and_every_fifth_twice(weekly):
    from evals.templates import TEMPLATES, twins

    for template in TEMPLATES:
        articles, events = twins(template, 40, weekly=weekly)
        assert sorted(Counter(events).values()) == [1] * 32 + [2] * 8
        assert len({a.id for a in articles}) == len(articles) == 48
        assert len({a.text for a in articles}) == 48
        assert "{" not in "".join(a.title + a.text for a in articles)
        days = {a.date.date() for a in articles}
        assert len(days) == (40 if weekly else 1)
        assert twins(template, 40, weekly=weekly) == (articles, events)


def test_in_a_narrow_region_each_second_name_is_the_first_of_another_event():
    from evals.templates import TEMPLATES, twins

    matches = next(template for template in TEMPLATES if template.kind == "matches")
    titles = [a.title for a in twins(matches, 40, narrow=True)[0] if "again" not in a.id]
    winners, losers = zip(*(title.split(" beat ") for title in titles), strict=True)
    assert sorted(winners) == sorted(loser.split(" to ")[0] for loser in losers)
    assert len(set(winners)) == 40


def test_pairs_of_two_events_in_one_group_of_copies_are_false():
    from evals.twins import falsely_tied

    assert falsely_tied(["a", "a", "b", "c"], [0, 0, 1, 2]) == {"tied": 0, "pairs": 3}
    assert falsely_tied(["a", "a", "b", "c"], [0, 1, 1, 1]) == {"tied": 3, "pairs": 3}


def article(name, sentences):
    return Article(name, " ".join(sentences), f"Title of {name}", lang="en")


OWN = article(
    "own", [f"Sentence {k} tells of the harbour at Kessel and its boats." for k in range(10)]
)
STRANGER = article(
    "stranger", [f"Line {k} has nothing but words of another town." for k in range(20)]
)


def test_edits_change_the_share_that_they_say():
    from evals.edits import exchanged, quoted, sentences_of, words_of

    draw = random.Random("test")
    words = exchanged(0.1, words_of)(OWN, STRANGER, draw).text.split(" ")
    assert sum(a != b for a, b in zip(words, OWN.text.split(" "), strict=True)) == 11
    edited = exchanged(0.4, sentences_of)(OWN, STRANGER, draw)
    assert edited.title == OWN.title
    assert sum(a == b for a, b in zip(sentences_of(edited), sentences_of(OWN), strict=True)) == 6
    quoting = quoted(0.5)(OWN, STRANGER, draw)
    assert quoting.title == STRANGER.title
    whole = sentences_of(quoting)
    assert len(whole) == 25
    assert sum(sentence in sentences_of(OWN) for sentence in whole) == 5


def test_edited_copies_and_what_the_filter_drops_are_measured(folder, capsys, monkeypatch):
    from evals import edits, filtering, templates

    monkeypatch.setattr(filtering, "TEMPLATES", templates.TEMPLATES[:1])
    monkeypatch.setattr(edits, "LEAST_WORDS", 60)
    monkeypatch.setattr(edits, "LEAST_SENTENCES", 4)
    code, figures = quality(folder, "--only", "edits,filter")
    assert code == 0
    found = {row["edit"]: row["found"] for row in figures["edits"]}
    assert list(found) == list(edits.EDITS)
    assert found["5 % of words swapped"] > found["half quoted in another text"]
    streams = {row["stream"]: row for row in figures["filter"]}
    assert streams["wire"]["dropped"] >= 1
    assert streams["wire"]["another_event"] == 0
    assert streams["twins, one day"]["articles"] == 48
    assert streams["haystack"]["another_event"] is None
    assert "not known" in capsys.readouterr().out


def test_a_tie_is_told_by_the_relation_of_either_side_to_the_other():
    from dedupe.model import Member
    from evals.edits import IN_GROUP, UNTIED, tie

    def member(name, copies, relation=None, to=None):
        return Member(name, "", "", None, "member", copies, relation, to)

    head = member("a", "c")
    assert tie(head, member("b", "c", "contained", "a")) == "contained"
    assert tie(member("b", "c", "near_duplicate", "a"), head) == "near_duplicate"
    assert tie(head, member("b", "d", "same_story", "a")) == UNTIED
    assert tie(head, member("b", "c", "near_duplicate", "x")) == IN_GROUP


def test_every_section_is_documented():
    from evals.quality import SECTIONS

    page = (ROOT / "docs" / "quality.md").read_text("utf-8")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    for section in SECTIONS:
        assert any(f"`{section.name}`" in cell for cell in rows), section.name
