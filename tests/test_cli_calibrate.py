"""``dedupe calibrate`` and ``--settings`` as a user meets them."""

from __future__ import annotations

import gzip
import json
import math
import random

import pytest
from corpora import FIXTURES, prose

from dedupe.calibrate import settings_object
from dedupe.cli import main
from dedupe.evidence import FEATURES
from dedupe.story import StoryModel

ROOT = FIXTURES.parent.parent
GOLD = str(FIXTURES.parent / "gold.jsonl")
ARTICLES = str(FIXTURES)


@pytest.fixture
def dedupe(capsysbinary):
    """Runs a command; gives exit code, standard output and standard error."""

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode(), err.decode()

    return run


def labelled_news(topics=6, stories=5, reports=4, seed=5):
    """Articles of made-up words: reports share most with their story, something with the topic."""
    rng = random.Random(seed)
    rows = []
    for topic in range(topics):
        common = prose(rng, 60)
        for story in range(stories):
            own = prose(rng, 60)
            for report in range(reports):
                words = [*rng.sample(own, 30), *rng.sample(common, 30), *prose(rng, 30)]
                rng.shuffle(words)
                name = f"{topic}-{story}"
                rows.append({"id": f"{name}-{report}", "text": " ".join(words), "story": name})
    return rows


@pytest.fixture(scope="module")
def gold(tmp_path_factory):
    path = tmp_path_factory.mktemp("gold") / "labelled.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in labelled_news()), encoding="utf-8")
    return path


def test_the_fit_is_told_with_its_worth_and_used_by_other_commands(dedupe, gold, tmp_path):
    own = tmp_path / "own.json"
    code, out, err = dedupe("calibrate", "-q", gold, "-o", own)
    assert (code, err) == (0, "")
    for part in ("B-cubed F1 of stories", "adjusted Rand index", "calibration error", "log loss",
                 "before", "after", "lead_numbers", "company", "The fit helps."):  # fmt: skip
        assert part in out
    assert str(gold) in out
    stored = json.loads(own.read_text(encoding="utf-8"))
    assert stored["story_model"]["provenance"]["labels"] == "labelled.jsonl"
    assert stored["story_model"]["provenance"]["labelled"] == 120
    assert str(tmp_path) not in own.read_text(encoding="utf-8")

    def error(*options):
        _, out, _ = dedupe("evaluate", "-q", "--json", gold, *options)
        return json.loads(out)["calibration_error"]

    assert error("--settings", own) < error()


def test_json_holds_every_field_that_the_help_tells(dedupe, gold):
    code, out, _ = dedupe("calibrate", "-q", "--json", gold)
    assert code == 0
    found = json.loads(out)
    _, told, _ = dedupe("calibrate", "--help")
    assert set(found) <= set(told.replace(",", " ").replace("(", " ").replace(")", " ").split())
    assert found["kind"] == "stories"
    assert found["labels"] == found["articles"] == 120
    assert found["helps"] is True
    assert found["after"]["log_loss"] < found["before"]["log_loss"]
    assert found["settings"]["schema_version"] == 1


def test_pairs_are_fitted_to_as_well(dedupe, gold, tmp_path):
    rows = labelled_news()
    pairs = [
        {"a": a["id"], "b": b["id"], "label": "same" if a["story"] == b["story"] else "different"}
        for at, a in enumerate(rows)
        for b in rows[at + 1 : at + 12]
    ]
    labels = tmp_path / "pairs.jsonl"
    labels.write_text("".join(json.dumps(row) + "\n" for row in pairs), encoding="utf-8")
    code, out, _ = dedupe("calibrate", "-q", "--json", labels, gold)
    found = json.loads(out)
    assert code == 0
    assert found["kind"] == "pairs"
    assert found["before"]["b_cubed_f1"] is None
    assert 0 < found["true"] < found["pairs"] <= found["labels"] == len(pairs)


def test_a_fit_that_does_not_help_is_written_by_force_alone(dedupe, tmp_path):
    rows = labelled_news(reports=6)
    names = [row["story"] for row in rows]
    random.Random(1).shuffle(names)  # labels by chance: nothing is to be learned from them
    gold, again = tmp_path / "chance.jsonl", tmp_path / "again.json"
    gold.write_text(
        "".join(
            json.dumps(row | {"story": name}) + "\n" for row, name in zip(rows, names, strict=True)
        )
    )
    rate = math.log(5 / 174)  # of 179 others five have the same label
    chance = StoryModel((0.0,) * len(FEATURES), rate, 0.0)
    first = tmp_path / "first.json"
    first.write_text(json.dumps(settings_object(chance, {}, {})))
    options = ["-q", gold, "--settings", first, "-o", again]
    for _ in range(8):
        code, out, err = dedupe("calibrate", *options)
        if code:
            break
        first.write_bytes(again.read_bytes())
        again.unlink()
    assert code == 2
    assert "The fit does not help" in out
    assert f"so {again} was not written" in err
    assert not again.exists()
    assert dedupe("calibrate", *options, "--force")[0] == 0
    assert again.exists()


def test_settings_that_were_changed_are_kept_with_the_model(dedupe, gold, tmp_path):
    own = tmp_path / "own.json"
    given = ["--set", "prior_articles=500", "--set", "threads=1", "--force", "-o", own]
    assert dedupe("calibrate", "-q", gold, *given)[0] == 0
    assert json.loads(own.read_text(encoding="utf-8"))["settings"] == {"prior_articles": 500}


def test_too_few_labels_are_refused(dedupe, tmp_path):
    own = tmp_path / "own.json"
    code, out, err = dedupe("calibrate", "-q", GOLD, ARTICLES, "-o", own)
    assert (code, out) == (2, "")
    assert "too few labels" in err
    assert "label more articles" in err
    assert not own.exists()


def test_copies_alone_are_no_labels_to_fit_to(dedupe, tmp_path):
    labels = tmp_path / "copies.jsonl"
    labels.write_text('{"id": "ferry-wire", "copies": "c"}\n', encoding="utf-8")
    code, _, err = dedupe("calibrate", "-q", labels, ARTICLES)
    assert code == 2
    assert "holds copies alone" in err


def test_what_is_read_is_not_written_over(dedupe, gold):
    before = gold.read_bytes()
    code, _, err = dedupe("calibrate", "-q", gold, "-o", gold)
    assert code == 2
    assert "give --output a file of its own" in err
    assert gold.read_bytes() == before


@pytest.fixture
def stored(tmp_path):
    """Writes a settings file with the given parts."""

    def write(**parts):
        path = tmp_path / "settings.json"
        path.write_text(json.dumps({"schema_version": 1, **parts}), encoding="utf-8")
        return path

    return write


def stories(out):
    return {json.loads(line)["story"] for line in out.splitlines()}


def test_group_and_report_take_the_model_of_a_settings_file(dedupe, stored):
    coefficients = dict.fromkeys(
        ("terms", "names", "numbers", "lead_names", "lead_numbers", "template", "days"), 0.0
    )
    model = {"coefficients": coefficients, "intercept": -50, "company": 0}
    never = stored(story_model=model)
    usual = stories(dedupe("group", "-q", ARTICLES)[1])
    apart = stories(dedupe("group", "-q", ARTICLES, "--settings", never)[1])
    assert len(usual) < len(apart)
    code, out, _ = dedupe("report", "-q", "--json", ARTICLES, "--settings", never)
    assert code == 0
    assert len(out.splitlines()) == len(apart)


def test_settings_of_the_file_count_and_those_of_the_line_win(dedupe, stored):
    path = stored(settings={"near_duplicate": 1.0, "contained": 1.0})
    everything = dedupe("group", "-q", ARTICLES)[1]
    strict = dedupe("group", "-q", ARTICLES, "--settings", path)[1]
    assert strict.count('"near_duplicate"') < everything.count('"near_duplicate"')
    back = ["--set", "near_duplicate=0.5", "--set", "contained=0.8"]
    assert dedupe("group", "-q", ARTICLES, "--settings", path, *back)[1] == everything


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"settings": {"speed": 3}}, "no setting is called 'speed'"),
        ({"settings": {"seed": "x"}}, "seed must be int, not 'x'"),
        ({"settings": {"seed": None}}, "seed must be int"),
        ({"colour": 1}, "unknown key 'colour'"),
        ({"story_model": {"coefficients": {}}}, "terms must be a number"),
    ],
)
def test_a_wrong_settings_file_is_told_in_one_line(dedupe, stored, parts, message):
    path = stored(**parts)
    code, out, err = dedupe("group", "-q", ARTICLES, "--settings", path)
    assert (code, out) == (2, "")
    assert err.startswith(f"dedupe: {path}: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two labelled sets and a dated haystack without labels."""
    monkeypatch.syspath_prepend(str(ROOT))
    heap = labelled_news(seed=8)
    for at, row in enumerate(heap):
        row |= {"story": None, "date": f"20{10 + at % 10}-06-01"}
    sets = {"one": labelled_news(), "two": labelled_news(seed=6), "heap": heap}
    for name, rows in sets.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(lines.encode()))
    return tmp_path


def test_the_shipped_model_is_fitted_to_all_sets_and_to_all_but_one(folder, capsys):
    from evals.__main__ import main as evals

    assert evals(["calibrate", "--data", str(folder)]) == 0
    out = capsys.readouterr().out
    for part in ("shipped", "all", "without one", "without two", "left out", "mean"):
        assert part in out
    stored = json.loads(out.splitlines()[-1])
    assert stored["coefficients"]["days"] == 1
    assert stored["provenance"].startswith("2 sets of labelled stories, ")
    assert "120 dated articles" in stored["provenance"]
    assert "items of 10 made-up templates" in stored["provenance"]
    assert "one.jsonl" not in stored["provenance"]


def test_the_stored_model_is_one_that_the_package_reads(folder, tmp_path):
    from dedupe.evidence import FEATURES
    from evals.calibrate import fits, rounded, write
    from evals.sets import Data, found_in

    data = Data(found_in(folder))
    found = fits(data, data.stories)
    assert [fold.left_out for fold in found.others] == ["one", "two"]
    assert min(found.counts[kind] for kind in ("stories", "short", "twins", "apart")) > 0
    write(found.pooled.model, found.counts, tmp_path / "model.json")
    stored = json.loads((tmp_path / "model.json").read_text(encoding="utf-8"))
    model = rounded(found.pooled.model)
    assert tuple(stored["coefficients"][feature.name] for feature in FEATURES) == model.coefficients
    assert (stored["intercept"], stored["company"]) == (model.intercept, model.company)


def test_one_set_is_too_little_for_the_shipped_model(folder, capsys):
    from evals.__main__ import main as evals

    (folder / "two.jsonl.gz").unlink()
    assert evals(["calibrate", "--data", str(folder)]) == 2
    assert "at least two sets of labelled stories" in capsys.readouterr().err


def test_the_page_about_quality_takes_the_result_between_its_markers(folder):
    from evals.__main__ import main as evals

    page = folder / "page.md"
    page.write_text("above\n<!-- quality: begin -->\nold\n<!-- quality: end -->\nbelow\n")
    given = ["quality", "--data", str(folder), "--only", "one", "--no-peers"]
    assert evals([*given, "--markdown", str(page)]) == 0
    text = page.read_text(encoding="utf-8")
    assert text.startswith("above\n")
    assert text.endswith("<!-- quality: end -->\nbelow\n")
    assert "old" not in text
    for part in ("| one |", "**Stories, alone", "**Reliability of the story score", "0.9 to 1.0"):
        assert part in text


def test_a_page_without_markers_is_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from benchmarks.results import replace_block
    from evals.__main__ import MARKERS

    page = tmp_path / "page.md"
    page.write_text("words\n")
    with pytest.raises(ValueError, match="has no lines"):
        replace_block(page, "new\n", MARKERS)
    assert page.read_text(encoding="utf-8") == "words\n"
