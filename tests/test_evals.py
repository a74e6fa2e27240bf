"""The quality harness, on a small folder of labelled sets made of the fixtures."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from corpora import FIXTURES

ROOT = Path(__file__).parent.parent


@pytest.fixture(autouse=True)
def found_modules(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def packed(path, rows):
    path.write_bytes(gzip.compress("".join(json.dumps(row) + "\n" for row in rows).encode()))


@pytest.fixture
def folder(tmp_path):
    """A set of stories, a set of pairs, and a haystack."""
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
    packed(tmp_path / "heap.jsonl.gz", [row | {"story": None} for row in articles])
    near = [{"a": fires[0], "b": fires[1], "jaccard": 0.55}]
    packed(tmp_path / "heap.neardup.jsonl.gz", near)
    return tmp_path


def test_every_set_of_a_folder_is_measured_beside_plain_methods(folder, capsys):
    from evals.__main__ import main

    assert main(["quality", "--data", str(folder), "--json", str(folder / "out.json")]) == 0
    table = capsys.readouterr().out
    for part in ("alone", "with others mixed in", "all sets together", "TF-IDF", "Pearson"):
        assert part in table
    figures = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    stories = {(row["set"], row["mix"], row["method"]): row for row in figures["stories"]}
    own = stories["news", "alone", "dedupe"]
    assert own["articles"] == 39
    assert own["b_cubed"]["f1"] > stories["news", "alone", "5-gram MinHash"]["b_cubed"]["f1"]
    assert [row["set"] for row in figures["candidates"]] == ["news"]
    assert {row["ap"] for row in figures["pairs"] if row["method"].startswith("dedupe")} == {1.0}
    cases = {row["case"].split(",")[0].split(" among")[0] for row in figures["cases"]}
    assert {"fixtures", "two reports of one visit", "the same"} <= cases


def test_only_what_is_named_is_measured(folder, capsys):
    from evals.__main__ import main

    assert main(["quality", "--data", str(folder), "--only", "two", "--no-peers"]) == 0
    table = capsys.readouterr().out
    assert "two" in table
    assert "TF-IDF" not in table
    assert "B-cubed" not in table


def test_without_data_nothing_is_measured_and_said_so(tmp_path, capsys):
    from evals.__main__ import main

    assert main(["quality", "--data", str(tmp_path / "none")]) == 0
    assert "nothing to measure; see --data" in capsys.readouterr().out
