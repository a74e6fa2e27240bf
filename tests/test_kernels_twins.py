"""Whole commands give the same with the readable twins in the place of the kernels.

A tracer sees their lines. They are slow, so that the articles are few and short.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import twins
from corpora import article, newsroom

from dedupe import Article, compare_articles, group_articles, open_index, read_articles

TESTS = Path(__file__).parent
FIXTURES = TESTS.parent / "fixtures"


@pytest.fixture(scope="module")
def news(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Stories of made-up words: for a language its list of words would be read by the kernels."""
    path = tmp_path_factory.mktemp("interpreted") / "news.jsonl"
    articles, rng = newsroom(1, stories=4), random.Random(1)
    for known in articles[:4]:
        words = known.text.split()
        articles.append(article(f"retold-{known.id}", rng.sample(words, len(words))))
    rows = [{"id": a.id, "title": a.title, "text": a.text} for a in articles]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def ran(folder: Path, *words: object, interpreted: bool) -> bytes:
    """Standard output of a command."""
    # Hashes overflow on purpose, of which NumPy warns where its scalars are not compiled.
    paths = os.pathsep.join(filter(None, (str(TESTS), os.environ.get("PYTHONPATH"))))
    more = {"PYTHONWARNINGS": "ignore", "PYTHONPATH": paths} if interpreted else {}
    done = subprocess.run(
        [sys.executable, "-m", "twins" if interpreted else "dedupe", *map(str, words)],
        cwd=folder, env=os.environ | more, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_groups_and_scores_are_the_same(news: Path, tmp_path: Path) -> None:
    outputs = [ran(tmp_path, "group", news, interpreted=slow) for slow in (False, True)]
    compiled, interpreted = ([json.loads(line) for line in out.splitlines()] for out in outputs)
    scores = [[row.pop("scores") or {} for row in rows] for rows in (compiled, interpreted)]
    assert {row["relation"] for row in compiled} >= {None, "contained", "same_story"}
    assert interpreted == compiled
    for of_compiled, of_interpreted in zip(*scores, strict=True):
        # Compiled sums of 32 bits are rounded in another order.
        assert of_interpreted == pytest.approx(of_compiled, abs=2e-6)


def test_answers_of_an_index_are_the_same(news: Path, tmp_path: Path) -> None:
    outputs = []
    for slow in (False, True):
        words = ("filter", "--index", f"{slow}.index", "--mode", "verdict", news)
        answers = ran(tmp_path, *words, "--batch", 4, interpreted=slow)
        answers += ran(tmp_path, *words, "--check-only", interpreted=slow)
        outputs.append([json.loads(line) for line in answers.splitlines()])
    compiled, interpreted = outputs
    found = {row["relation"] for row in compiled}
    assert found >= {"new", "contained", "same_story"}
    texts, numbers = zip(*(parted(answers) for answers in (interpreted, compiled)), strict=True)
    assert texts[0] == texts[1]
    # A sum in another order may be rounded to the next digit that is told.
    assert numbers[0] == pytest.approx(numbers[1], abs=1.1e-3)


def parted(value: object) -> tuple[object, list[float]]:
    """The same with 0.0 for each number with a fraction, and those numbers, in order."""
    numbers: list[float] = []

    def without(inner: object) -> object:
        if isinstance(inner, float):
            numbers.append(inner)
            return 0.0
        if isinstance(inner, dict):
            return {key: without(held) for key, held in inner.items()}
        return [without(held) for held in inner] if isinstance(inner, list) else inner

    return without(value), numbers


MENU = (
    "\nHome | News | Sport | Weather\nSign up for the evening letter of the Harbour Courier here."
)


SEEN_IN_THEIR_OWN_TESTS = {
    # Called by other kernels, or where there are more articles than Python can go through here.
    "add_sums", "average_tree", "best_partition", "cosines_among", "day_pairs", "improve",
    "in_common", "in_passages", "mark_terms", "name_kinds", "posting_spans", "spread", "summed",
    "swept", "unit_rows",
}  # fmt: skip


def runs_of_all_kinds(articles: list[Article], path: Path) -> None:
    """Batches, an index and a comparison."""
    for copies_only in (False, True):
        group_articles(articles, copies_only=copies_only)
    compare_articles(articles[0], articles[1])
    with open_index(path) as index:
        index.admit_many(articles[:25])
        for known in articles[25:]:
            index.admit(known)
        index.admit(replace(articles[3], text=f"{articles[3].text}\n\nOne more line of 42 words."))
        index.expire(before=datetime(2025, 5, 5, tzinfo=UTC))
        index.verify()
        index.compact()


def test_each_kernel_gives_what_its_twin_gives(monkeypatch, tmp_path) -> None:
    articles = [
        replace(known, text=" ".join(known.text.split(" ")[:60]) + MENU * (place % 3 > 0))
        for place, known in enumerate(read_articles(FIXTURES / "articles"))
    ]
    # Once without the twins, which would take minutes for the lists of words of ten languages.
    runs_of_all_kinds(articles, tmp_path / "first.index")
    called = set()
    for room, twin, name in list(twins.kernels()):
        both = twins.compared(getattr(room, name), getattr(twin, name))

        def noted(*arguments, _both=both, _name=name):
            called.add(_name)
            return _both(*arguments)

        kernel = getattr(room, name)
        for module in [loaded for key, loaded in sys.modules.items() if key.startswith("dedupe.")]:
            for place in [key for key, value in vars(module).items() if value is kernel]:
                monkeypatch.setattr(module, place, noted)
    runs_of_all_kinds(articles, tmp_path / "again.index")
    wanted = {name for _, _, name in twins.kernels()} - SEEN_IN_THEIR_OWN_TESTS
    assert sorted(wanted - called) == []
