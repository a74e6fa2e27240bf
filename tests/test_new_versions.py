"""Copies that say more than the text they hang from, or something else: told by a batch."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from rich.console import Console
from test_novelty import STRIKE

from dedupe.assemble import grouping, placements
from dedupe.config import Settings
from dedupe.model import Article
from dedupe.pipeline import analyse
from dedupe.report.jsonl import placement_object
from dedupe.report.terminal import render_report
from dedupe.report.wording import says_anew

MORE = (
    " A mediator named by the county, Torvald Lien, met both sides on Tuesday night and wants to "
    "put forward an offer of his own by the end of the week."
)
TEXTS = {
    "a-wire": STRIKE,
    "b-masthead": STRIKE + " Valby Echo",
    "c-corrected": STRIKE.replace("1,340", "1,430"),
    "d-longer": STRIKE + MORE,
}
ARTICLES = [
    Article(name, text, "Tram drivers walk out", datetime(2025, 3, 3, hour, tzinfo=UTC))
    for hour, (name, text) in enumerate(TEXTS.items(), start=6)
]


@pytest.mark.parametrize("copies_only", [False, True])
def test_a_copy_tells_whether_it_says_more_or_something_else(copies_only) -> None:
    found = {
        member.id: member
        for story in grouping(analyse(ARTICLES, copies_only=copies_only)).stories
        for member in story.members
    }
    assert len({member.copies for member in found.values()}) == 1
    root = next(member for member in found.values() if member.to is None)
    told = {
        name: (member.extends, member.corrects)
        for name, member in found.items()
        if member.to == root.id
    }
    assert root.id == "a-wire"
    assert told["b-masthead"] == (False, False)
    assert told["c-corrected"] == (False, True)
    assert told["d-longer"][0]


def test_it_stands_in_the_lines_and_on_the_terminal() -> None:
    analysis = analyse(ARTICLES)
    lines = {line["id"]: line for line in map(placement_object, placements(analysis))}
    assert lines["c-corrected"]["corrects"] is True
    assert lines["a-wire"]["extends"] is lines["a-wire"]["corrects"] is False
    console = Console(file=io.StringIO(), width=200)
    render_report(grouping(analysis), console)
    assert "other names or numbers; a copy of" in console.file.getvalue()


def test_it_has_words() -> None:
    by_id = {m.id: m for s in grouping(analyse(ARTICLES, Settings())).stories for m in s.members}
    assert says_anew(by_id["c-corrected"]) == "other names or numbers"
    assert not says_anew(by_id["b-masthead"])
