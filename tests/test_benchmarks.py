"""The harness of the benchmarks on a tiny file: what it measures, counts and writes."""

from __future__ import annotations

import random
import re
from importlib.util import find_spec
from typing import TYPE_CHECKING

import orjson
import pytest
from click.testing import CliRunner

from benchmarks import recall
from benchmarks.__main__ import main
from benchmarks.alike import KINDS, write_alike
from benchmarks.child import BenchmarkError, run, script
from benchmarks.engine import main as engine
from benchmarks.files import pairs_beside
from benchmarks.results import BEGIN, END, Findings, Goal, Table, markdown, replace_block
from benchmarks.rounds import Spread, exponent, in_turn, ratios
from benchmarks.scale import main as scale
from benchmarks.vary import vary

if TYPE_CHECKING:
    from pathlib import Path

WORDS = [f"word{n}" for n in range(500)]


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """Twenty unrelated articles, and an edited copy of each of the first five."""
    draw = random.Random(7)
    texts = [draw.choices(WORDS, k=120) for _ in range(20)]
    copies = [[*text[:60], "changed", *text[60:]] for text in texts[:5]]
    rows = [
        {"id": f"a{n:02}", "title": f"title {n}", "text": " ".join(text)}
        for n, text in enumerate([*texts, *copies])
    ]
    file = tmp_path / "tiny.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return file


@pytest.fixture
def pairs(tmp_path: Path) -> Path:
    """The copied pairs, and one that is too unlike to count."""
    rows = [{"a": f"a{n:02}", "b": f"a{n + 20:02}", "jaccard": 0.92} for n in range(5)]
    rows.append({"a": "a00", "b": "a01", "jaccard": 0.31})
    file = tmp_path / "tiny.neardup.jsonl"
    file.write_bytes(b"".join(orjson.dumps(row) + b"\n" for row in rows))
    return file


PIPELINES = [
    ("dedupe_copies", "dedupe"),
    ("dedupe_stories", "dedupe"),
    ("gaoya_copies", "gaoya"),
    ("rensa_copies", "rensa"),
    ("rensa_listed_copies", "rensa"),
    ("rensa_tuned_copies", "rensa"),
    ("datasketch_copies", "xxhash"),
    ("datasketch_listed_copies", "xxhash"),
]


def test_rho_flags_articles_and_names_no_pairs(articles: Path) -> None:
    if find_spec("rensa") is None:
        pytest.skip("rensa is not installed")
    row = orjson.loads(run(script("rensa_rho_copies", articles)).output)
    assert 0 < row["pairs"] <= 10  # of the two of each pair of copies those that it can tell


@pytest.mark.parametrize(("name", "package"), PIPELINES)
def test_each_pipeline_finds_the_same_copies(articles: Path, name: str, package: str) -> None:
    if find_spec(package) is None:
        pytest.skip(f"{package} is not installed")
    row = orjson.loads(run(script(name, articles)).output)
    assert row["seconds"] > 0
    assert row["articles"] == 25
    text = [orjson.loads(line) for line in articles.read_bytes().splitlines()]
    assert row["bytes"] == sum(len(a["title"]) + len(a["text"]) for a in text)
    assert row["pairs"] == 5


def test_the_whole_run_prints_its_figures_and_writes_them_into_the_page(
    articles: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", "utf-8")
    arguments = [str(articles), "--rounds", "1", "--only", "memory,start", "--markdown", str(page)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "dedupe --help" in result.stdout
    written = page.read_text("utf-8")
    assert re.search(r"^\| dedupe --help \| [\d.]+", written, re.MULTILINE)
    assert "at most" not in written  # what is asked of the project is no matter of its users
    assert "at most" in result.stdout
    assert "old" not in written
    assert written.startswith("before\n")
    assert written.endswith(f"{END}\nafter\n")
    assert str(tmp_path) not in written


def test_what_an_article_costs_is_measured_by_stage_and_size(
    articles: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", "utf-8")
    arguments = [str(articles), "--articles", "50,20", "--markdown", str(page)]
    result = CliRunner().invoke(scale, arguments)
    assert result.exit_code == 0, result.output
    written = page.read_text("utf-8")
    assert "| articles | 20 | 50 | exponent |" in written
    stages = re.findall(r"^\| (\w[\w ]*) \| +[\d,]+ \| +[\d,]+ \|$", written, re.MULTILINE)
    assert stages[1:] == [
        "reading and sketching", "sketching", "finding copies", "finding stories",
        "grouping stories",
    ]  # fmt: skip
    [pairs] = re.findall(r"pairs scored an article \| ([\d.]+) \| ([\d.]+)", written)
    assert min(map(float, pairs)) > 0
    [grouped] = re.findall(r"pairs scored a group of copies \| ([\d.]+) \| ([\d.]+)", written)
    assert float(grouped[1]) > float(pairs[1])  # copies share a pair
    assert re.search(r"^\| 1,000,000,000( \| [\d,.]+){5} \|$", written, re.MULTILINE)


def test_articles_that_are_alike_are_measured_by_kind_and_size(
    articles: Path, tmp_path: Path
) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- alike: begin -->\n<!-- alike: end -->\n", "utf-8")
    arguments = [str(articles), "--alike", "--articles", "60,20", "--markdown", str(page)]
    result = CliRunner().invoke(scale, arguments)
    assert result.exit_code == 0, result.output
    written = page.read_text("utf-8")
    assert written.count("| articles | 20 | 60 | exponent |") == 3
    for kind in KINDS:
        assert len(re.findall(rf"^\| {kind} (\| [\d.,]+ ){{2}}", written, re.MULTILINE)) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_of_articles_has_as_many_as_asked_for(
    kind: str, articles: Path, tmp_path: Path
) -> None:
    write_alike(kind, 7, articles, tmp_path / "made.jsonl")
    made = [orjson.loads(line) for line in (tmp_path / "made.jsonl").read_bytes().splitlines()]
    assert [record["id"] for record in made] == [f"{number:06}" for number in range(7)]
    assert (len({record["text"] for record in made}) == 1) == (kind == "identical")
    assert all(300 < len(record["text"].split()) < 600 for record in made)


def test_a_run_on_an_engine_is_measured_beside_one_process(articles: Path, tmp_path: Path) -> None:
    pytest.importorskip("pysail", reason="the engine is an extra: story-dedupe[spark]")
    page = tmp_path / "page.md"
    page.write_text(f"{BEGIN}\n{END}\n", "utf-8")
    result = CliRunner().invoke(engine, [str(articles), "--times", "1", "--markdown", str(page)])
    assert result.exit_code == 0, result.output
    written = page.read_text("utf-8")
    kinds = "| one process | sail in it | sail as a server |"
    assert written.count(kinds) == 2
    assert written.count("| lines that differ, in all runs | 0 | 0 | 0 |") == 2
    [[workers], _] = [
        re.findall(r"[\d,]+", row) for row in re.findall(r"of the workers .*", written)
    ]
    assert int(workers.replace(",", "")) > 100


@pytest.mark.parametrize("sizes", ["", "many", "10,", "0"])
def test_sizes_are_numbers(articles: Path, sizes: str) -> None:
    result = CliRunner().invoke(scale, [str(articles), "--articles", sizes])
    assert result.exit_code == 2
    assert "--articles wants numbers above 0, with commas" in result.output


def test_an_unknown_section_is_refused_with_the_known_ones(articles: Path) -> None:
    result = CliRunner().invoke(main, [str(articles), "--only", "speed"])
    assert result.exit_code == 2
    assert "no section is called speed; there are copies, stories" in result.output


def test_recall_counts_pairs_of_half_likeness_only(articles: Path, pairs: Path) -> None:
    found = recall.measured(articles, pairs)
    assert found["pairs"] == 5
    assert found["candidate_recall"] == 1.0
    assert found["group_recall"] == 1.0
    assert found["reported"] == 5
    assert found["below"] == 0
    assert found["least"] == pytest.approx(112 / 121, abs=0.02)


def test_pairs_are_found_beside_the_file(articles: Path, pairs: Path) -> None:
    assert pairs_beside(articles) == pairs
    assert pairs_beside(articles.with_name("other.jsonl")) is None


def test_the_judge_of_likeness_counts_sets() -> None:
    assert recall.jaccard("a b c d e f", "A b, c d e g") == 1 / 3
    assert recall.jaccard("a b", "A, b!") == 1.0
    assert recall.jaccard("", "") == 0.0


def test_versions_are_the_same_each_time_and_mostly_apart(articles: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    written, share = vary(articles, first, 4)
    assert written == 100
    assert 0 <= share < 0.5
    vary(articles, second, 4)
    assert first.read_bytes() == second.read_bytes()
    rows = [orjson.loads(line) for line in first.read_bytes().splitlines()]
    assert len({row["id"] for row in rows}) == 100
    assert rows[0]["text"] == orjson.loads(articles.read_bytes().splitlines()[0])["text"]
    assert rows[1]["text"] != rows[0]["text"]


def test_rounds_run_in_turn() -> None:
    order: list[str] = []
    runners = {name: lambda name=name: order.append(name) for name in "AB"}
    in_turn(runners, 2)
    assert order == ["A", "B", "A", "B"]


def test_ratios_are_taken_within_a_round() -> None:
    spread = ratios([4.0, 9.0, 8.0], [2.0, 3.0, 8.0])
    assert spread == Spread(2.0, 1.0, 3.0)
    assert spread.shown() == "2.0 (1.0 to 3.0)"


def test_growth_is_the_slope_of_the_logarithms() -> None:
    assert exponent([10, 100, 1000], [2, 20, 200]) == pytest.approx(1.0)
    assert exponent([10, 100, 1000], [1, 100, 10_000]) == pytest.approx(2.0)


def test_a_command_that_fails_is_told_with_its_last_words(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"dedupe_copies\.py ended with 1: .*No such file"):
        run(script("dedupe_copies", tmp_path / "missing.jsonl"))


def test_a_goal_is_judged_unrounded() -> None:
    assert not Goal("speed", 2.996, 3.0).met
    assert Goal("speed", 2.996, 3.0).cells() == ("speed", "at least 3", "3.00", "NO")
    assert Goal("memory", 900, 900, at_least=False).met


def test_a_page_without_markers_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", "utf-8")
    block = markdown([Table("t", ("a", "b"), [("x", "1")])], ["heading"])
    assert "| a | b |\n|---|---:|\n| x | 1 |" in block
    with pytest.raises(ValueError, match="has no lines"):
        replace_block(page, block)
    assert page.read_text("utf-8") == "nothing\n"


def test_goals_come_last() -> None:
    findings = Findings([Table("t", ("a",), [])], [Goal("speed", 4.0, 3.0, " x")])
    assert findings.all_tables()[-1].rows == [("speed", "at least 3 x", "4.00 x", "yes")]
