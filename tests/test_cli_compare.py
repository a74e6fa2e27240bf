"""``dedupe compare`` as a user meets it: files, ids, JSON, and what goes wrong.

The pages in ``docs/compare.md`` are what the commands above them print. To write them anew:
``UPDATE_GOLDEN=1 pytest tests/test_cli_compare.py``.
"""

from __future__ import annotations

import io
import json
import os
import re
import shlex
from pathlib import Path

import pytest
from corpora import FIXTURES
from rich.cells import cell_len

from dedupe.cli import main

ROOT = Path(__file__).parent.parent
GUIDE = ROOT / "docs" / "compare.md"
ONE = str(FIXTURES / "000_bb5fe9f4d5d8fbea.txt")
OTHER = str(FIXTURES / "002_1f8b4ef79c703c32.txt")
WITHIN = ("--in", str(FIXTURES))


@pytest.fixture
def dedupe(capsysbinary, monkeypatch):
    """Runs the command; gives exit code, standard output and standard error."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*args, command="compare"):
        with pytest.raises(SystemExit) as ended:
            main([command, *args])
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode(), err.decode()

    return run


@pytest.fixture
def seeds(dedupe):
    """The comparison of the two plain-text fixtures, as JSON."""
    return json.loads(dedupe(ONE, OTHER, "--json")[1])


def written(path, *rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def scores(told):
    return {measure["name"]: measure["value"] for measure in told["measures"]}


def test_two_files_are_compared(dedupe):
    code, out, err = dedupe(ONE, OTHER)
    assert (code, err) == (0, "")
    assert out.startswith("One event, told in separate words.")
    for part in ("Both report", "Only A reports", "Only B reports", "Volodymyr Zelensky"):
        assert part in out
    assert max(map(cell_len, out.splitlines())) <= 80


def test_the_two_seeds_are_one_story_and_no_copies(seeds):
    assert seeds["relation"] == "same_story"
    assert scores(seeds)["story"] >= 0.5
    assert scores(seeds)["jaccard"] < 0.01
    assert seeds["company"] == 2


def test_the_other_order_gives_the_same_scores(dedupe, seeds):
    turned = json.loads(dedupe(OTHER, ONE, "--json")[1])
    assert scores(turned)["story"] == pytest.approx(scores(seeds)["story"])
    assert scores(turned)["containment_a"] == scores(seeds)["containment_b"]


def test_ids_are_judged_in_the_company_of_their_source(dedupe):
    told = json.loads(dedupe("ferry-wire", "ferry-local", *WITHIN, "--json")[1])
    assert told["a"]["id"] == "ferry-wire"
    assert told["b"]["date"].endswith("Z")
    assert told["company"] == 41
    assert told["relation"] == "same_story"


def test_copies_of_two_reports_have_the_score_of_the_reports(dedupe):
    own = json.loads(dedupe("ferry-wire", "ferry-local", *WITHIN, "--json")[1])
    copy = json.loads(dedupe("ferry-wire-trimmed", "ferry-local-retitled", *WITHIN, "--json")[1])
    assert copy["company"] == 41
    assert scores(copy)["story"] == scores(own)["story"]


def test_the_score_is_that_of_the_report(dedupe):
    told = json.loads(dedupe("000_bb5fe9f4d5d8fbea.txt", "002_1f8b4ef79c703c32.txt", *WITHIN, "--json")[1])  # fmt: skip
    rows = map(json.loads, dedupe(str(FIXTURES), command="group")[1].splitlines())
    row = next(row for row in rows if row["id"] == told["b"]["id"])
    assert row["to"] == told["a"]["id"]
    assert scores(told)["story"] == pytest.approx(row["scores"]["story"], abs=1e-5)


def test_copies_show_their_edits(dedupe):
    code, out, _ = dedupe("ferry-wire", "ferry-wire-trimmed", *WITHIN)
    assert code == 0
    assert out.startswith("Two versions of one text")
    assert "[-searching" in out or "[-Divers" in out
    assert "{+" in out


def test_ids_may_lie_in_two_sources(dedupe, tmp_path):
    first = written(tmp_path / "a.jsonl", {"id": "x", "text": "Rain fell on the harbour town."})
    second = written(tmp_path / "b.jsonl", {"id": "y", "text": "Snow fell on the harbour town."})
    code, out, _ = dedupe("x", "y", "--in", first, "--in", second)
    assert code == 0
    assert "id x" in out
    assert "id y" in out


def test_an_article_is_identical_with_itself(dedupe):
    for args in ((ONE, ONE), ("ferry-wire", "ferry-wire", *WITHIN)):
        told = json.loads(dedupe(*args, "--json")[1])
        assert told["relation"] == "identical"
        assert scores(told) == dict.fromkeys(scores(told), 1.0)
        assert "story" in scores(told)


def test_files_of_one_name_in_two_folders_keep_apart(dedupe, tmp_path):
    paths = []
    for name, text in (("one", "The bridge opened on Monday."), ("two", "It rained all week.")):
        (tmp_path / name).mkdir()
        paths.append(tmp_path / name / "a.txt")
        paths[-1].write_text(text, encoding="utf-8")
    told = json.loads(dedupe(*map(str, paths), "--json")[1])
    assert [told["a"]["id"], told["b"]["id"]] == [str(path) for path in paths]
    assert told["relation"] is None


def test_articles_with_nothing_in_common_are_told_so(dedupe):
    code, out, _ = dedupe("ferry-wire", "tea-zh", *WITHIN)
    assert code == 0
    assert out.startswith("Nothing ties the two articles together.")


def test_standard_input_may_be_one_of_the_two(dedupe, monkeypatch):
    line = json.dumps({"id": "piped", "text": Path(ONE).read_text(encoding="utf-8")}).encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(line)))
    code, out, _ = dedupe("-", OTHER)
    assert code == 0
    assert "id piped" in out


def test_standard_input_cannot_be_both(dedupe):
    code, out, err = dedupe("-", "-")
    assert (code, out) == (2, "")
    assert "standard input can be only one of the two" in err


@pytest.mark.parametrize("args", [(ONE,), (ONE, OTHER, ONE)])
def test_two_articles_are_wanted(dedupe, args):
    code, out, err = dedupe(*args)
    assert (code, out) == (2, "")
    assert "name two articles" in err
    assert "Usage: dedupe compare [OPTIONS] A B\n" in err


def test_a_file_of_several_articles_is_refused_and_ids_are_asked_for(dedupe):
    news = str(FIXTURES / "news.jsonl")
    code, out, err = dedupe(ONE, news)
    assert (code, out) == (2, "")
    assert f"{news}: holds several articles" in err
    assert f"dedupe compare ID ID --in {news}" in err


def test_a_file_without_an_article_is_refused_with_the_reason(dedupe, tmp_path):
    path = written(tmp_path / "a.jsonl", {"id": "x"})
    code, out, err = dedupe(path, ONE)
    assert (code, out) == (2, "")
    assert f"{path}: no article in it: " in err


def test_the_reason_of_one_file_is_not_told_of_the_other(dedupe, tmp_path):
    first = written(tmp_path / "a.jsonl", {"id": "x", "text": "It rained."}, {"id": "y"})
    empty = tmp_path / "b.jsonl"
    empty.write_text("\n", encoding="utf-8")
    code, _, err = dedupe(first, str(empty))
    assert code == 2
    assert err.strip().endswith(f"{empty}: no article in it")


def test_rejected_records_of_both_files_are_kept(dedupe, tmp_path):
    paths = [
        written(tmp_path / f"{name}.jsonl", {"id": name, "text": "It rained."}, {"id": f"{name}2"})
        for name in "ab"
    ]
    rejects = tmp_path / "rejects.jsonl"
    code, _, err = dedupe(*paths, "--rejects", str(rejects))
    assert code == 0
    assert "2 records rejected" in err
    rows = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [row["source"] for row in rows] == paths


def test_an_unknown_id_is_named(dedupe):
    code, out, err = dedupe("ferry-wire", "no\x1b[31msuch", *WITHIN)
    assert (code, out) == (2, "")
    assert "no article has the id 'no\\x1b[31msuch'" in err
    assert "dedupe group lists all ids" in err
    assert "\x1b" not in err


def test_a_missing_file_is_named(dedupe):
    code, out, err = dedupe(ONE, "gone.txt")
    assert (code, out) == (2, "")
    assert "gone.txt" in err
    assert "Traceback" not in err


def test_hostile_articles_leave_the_terminal_alone(dedupe, tmp_path, monkeypatch):
    text = (
        "\x1b[2J\x1b]0;owned\x07The [red]mayor[/] of Weir\u202e spoke for 20 minutes. \x9b31m" * 9
    )
    paths = [written(tmp_path / f"{n}.jsonl", {"id": n, "title": text, "text": text + n}) for n in "ab"]  # fmt: skip
    for columns in ("80", "160"):
        monkeypatch.setenv("COLUMNS", columns)
        code, out, _ = dedupe(*paths)
        assert code == 0
        assert "[red]mayor[/]" in out
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", out)


def test_quiet_says_nothing_of_rejected_records(dedupe, tmp_path):
    path = written(tmp_path / "a.jsonl", {"id": "x", "text": "It rained."}, {"id": "y"})
    assert "1 record rejected" in dedupe(path, ONE)[2]
    assert dedupe("-q", path, ONE)[2] == ""


def test_settings_count(dedupe):
    out = dedupe(ONE, OTHER, "--set", "shingle_words=2")[1]
    assert "runs of 2 words" in out


def keys_of(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from keys_of(inner)
    if isinstance(value, list):
        for inner in value:
            yield from keys_of(inner)


def test_every_field_of_the_object_is_documented(dedupe, tmp_path):
    guide = GUIDE.read_text(encoding="utf-8")
    seen = set()
    for pair in (("earnings-brightwell-q1", "earnings-brightwell-q2"), ("ferry-wire", "ferry-wire-trimmed")):  # fmt: skip
        seen |= set(keys_of(json.loads(dedupe(*pair, *WITHIN, "--json")[1])))
    for name, text in (
        ("a.txt", "Sixty people were killed when the Brannock mill burned down on Tuesday."),
        ("b.txt", "The Brannock mill burned down on Tuesday, killing at least 84 people."),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
    told = dedupe(str(tmp_path / "a.txt"), str(tmp_path / "b.txt"), "--json")[1]
    seen |= set(keys_of(json.loads(told)))
    assert {"conflicts", "sentence_a", "edits", "qualifier", "share"} <= seen
    assert {key for key in seen if f"`{key}`" not in guide} == set()


EXAMPLE = re.compile(r"```console\n\$ dedupe (\w+) ([^\n]*)\n(.*?)```", re.DOTALL)


def test_the_guide_shows_what_the_commands_print(dedupe, monkeypatch):
    monkeypatch.chdir(ROOT)
    guide = GUIDE.read_text(encoding="utf-8")

    def printed(example):
        code, out, _ = dedupe("-q", *shlex.split(example[2]), command=example[1])
        assert code == 0
        # Time and speed differ from run to run.
        out = re.sub(r"(?m)\A(.*?), [\d.,]+ s(?:,.*(?:\n.*/s.*)?)?$", r"\1", out)
        return f"```console\n$ dedupe {example[1]} {example[2]}\n{out}```"

    assert len(EXAMPLE.findall(guide)) == 3
    now = EXAMPLE.sub(printed, guide)
    if os.environ.get("UPDATE_GOLDEN"):
        GUIDE.write_text(now, encoding="utf-8", newline="\n")
    assert now == GUIDE.read_text(encoding="utf-8")
