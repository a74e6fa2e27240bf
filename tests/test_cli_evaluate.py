"""``dedupe evaluate`` as a user meets it: reports, JSON, and what goes wrong."""

from __future__ import annotations

import io
import json

import pytest
from corpora import FIXTURES
from rich.cells import cell_len

from dedupe.cli import main
from dedupe.evaluate.conditions import CONDITIONS
from dedupe.evaluate.judge import ConditionScores, Evaluation, GroupScores, PairScores
from dedupe.evaluate.labels import Labels
from dedupe.evaluate.measures import Agreement, BestCut, Bin
from dedupe.evaluate.pairs import Band, Cut, Mistake, Mistakes
from dedupe.model import Evidence, Match, Member, Scores, Term
from dedupe.report.evaluation import render_evaluation
from dedupe.report.jsonl import evaluation_object
from dedupe.report.page import make_console

GOLD = str(FIXTURES.parent / "gold.jsonl")
ARTICLES = str(FIXTURES)


@pytest.fixture
def dedupe(capsysbinary):
    """Runs the command; gives exit code, standard output and standard error."""

    def run(*args):
        with pytest.raises(SystemExit) as ended:
            main(["evaluate", *args])
        out, err = capsysbinary.readouterr()
        return ended.value.code, out.decode(), err.decode()

    return run


def labelled_articles():
    labels = {row["id"]: row["story"] for row in rows_of(FIXTURES.parent / "gold.jsonl")}
    return [row | {"story": labels[row["id"]]} for row in rows_of(FIXTURES / "news.jsonl")]


def rows_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_a_report_is_written_for_labels_and_their_articles(dedupe):
    code, out, err = dedupe("-q", GOLD, ARTICLES)
    assert (code, err) == (0, "")
    for part in ("stories found", "copies found", "B-cubed", "true pairs by cosine",
                 "pairs by Jaccard", "story score of candidate pairs", "calibration error"):  # fmt: skip
        assert part in out
    assert max(map(cell_len, out.splitlines())) <= 80


def test_labelled_articles_need_no_other_source(dedupe, tmp_path):
    gold = written(tmp_path / "gold.jsonl", labelled_articles())
    code, out, _ = dedupe("-q", "--json", gold)
    assert code == 0
    found = json.loads(out)
    assert found["stories"]["articles"] == found["articles"] == 39
    assert found["copies"] is None
    again = json.loads(dedupe("-q", "--json", gold, gold, ARTICLES + "/*.txt")[1])
    assert again["articles"] == 41
    assert again["unlabelled"] == 2
    assert len(again["unlabelled_ids"]) == 2


def test_json_holds_every_field_that_the_help_tells(dedupe):
    _, out, _ = dedupe("-q", "--json", "--worst", "2", GOLD, ARTICLES)
    found = json.loads(out)
    _, text, _ = dedupe("--help")
    told = text.replace(",", " ").replace("(", " ").replace(")", " ").replace(":", " ")
    told = set(told.replace(";", " ").replace(".", " ").split())
    names = {"schema_version"} | told
    assert set(found) <= names
    for part in ("stories", "copies", "story_recall", "copy_recall", "cuts", "calibration"):
        rows = found[part] if isinstance(found[part], list) else [found[part]]
        assert {key for row in rows for key in row} <= names
    mistakes = [m for kind in found["mistakes"].values() for m in kind]
    assert {key for m in mistakes for key in (*m, *m["a"])} <= names
    assert all(len(kind) <= 2 for kind in found["mistakes"].values())


def test_labelled_pairs_are_scored_with_their_articles(dedupe, tmp_path):
    rows = [
        {"a": "ferry-wire", "b": "ferry-local", "label": "same_story", "score": 1},
        {"a": "quake-june", "b": "quake-february", "label": "different", "score": 3},
        {"a": "tea-zh", "b": "mango-hi", "label": "different", "score": 4},
    ]
    ids = {row["id"] for row in labelled_articles()}
    rows = [row for row in rows if {row["a"], row["b"]} <= ids]
    ferries = sorted(name for name in ids if name.startswith("ferry-"))
    rows.append({"a": ferries[0], "b": ferries[1], "label": "same_story", "score": 1})
    gold = written(tmp_path / "pairs.jsonl", rows)
    code, out, _ = dedupe("-q", "--json", gold, ARTICLES)
    found = json.loads(out)
    assert code == 0
    assert found["stories"] is None
    assert found["pairs"]["pairs"] == len(rows)
    assert found["pairs"]["average_precision"] == 1
    assert found["pairs"]["pearson"] > 0.5
    code, out, _ = dedupe("-q", gold, ARTICLES)
    assert code == 0
    assert "put into one story" in out


def under_conditions(dedupe, *args):
    code, out, _ = dedupe("-q", "--json", "--worst", "0", "--conditions", *args)
    assert code == 0
    found = json.loads(out)
    assert [row["condition"] for row in found["conditions"]] == list(CONDITIONS)
    return found, {row["condition"]: row for row in found["conditions"]}


def test_labelled_stories_and_copies_are_scored_under_every_condition(dedupe):
    found, rows = under_conditions(dedupe, GOLD, ARTICLES)
    assert {"stories": found["stories"], "copies": found["copies"]}.items() <= rows["full"].items()
    for row in rows.values():
        assert row["stories"]["articles"] == 41
        assert row["pairs"] is None
    f1 = {name: row["stories"]["b_cubed"]["f1"] for name, row in rows.items()}
    assert f1["titles"] < f1["words100"] < f1["full"]
    told = dedupe("-q", "--worst", "0", "--conditions", GOLD, ARTICLES)[1]
    assert "stories under conditions, by B-cubed" in told
    assert "copies under conditions" in told
    for name in CONDITIONS:
        assert f"\n  {name:16}" in told
    assert f"{f1['titles']:.3f}" in told
    assert max(map(cell_len, told.splitlines())) <= 80


def test_labelled_pairs_are_scored_under_every_condition(dedupe, tmp_path):
    rows = [
        {"a": "ferry-wire", "b": "ferry-local", "label": "same_story"},
        {"a": "quake-june", "b": "quake-february", "label": "different"},
        {"a": "tea-zh", "b": "mango-hi", "label": "different"},
    ]
    gold = written(tmp_path / "pairs.jsonl", rows)
    found, under = under_conditions(dedupe, gold, ARTICLES)
    assert under["full"]["pairs"] == found["pairs"]
    assert under["words50"]["pairs"]["pairs"] == 3
    assert under["words50"]["stories"] is None
    told = dedupe("-q", "--conditions", gold, ARTICLES)[1]
    assert "pairs put into one story under conditions" in told


def test_standard_input_is_read_once_for_all_conditions(dedupe, monkeypatch):
    lines = (FIXTURES / "news.jsonl").read_bytes()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines)))
    labels = rows_of(FIXTURES.parent / "gold.jsonl")
    ids = {row["id"] for row in rows_of(FIXTURES / "news.jsonl")}
    monkeypatch.setattr("dedupe.evaluate.labels.read_labels", lambda *_: labels_of(labels, ids))
    _, rows = under_conditions(dedupe, GOLD, "-")
    assert rows["undated"]["stories"]["articles"] == 39


def labels_of(rows, ids):
    return Labels(GOLD, {row["id"]: row["story"] for row in rows if row["id"] in ids})


def test_without_the_option_there_is_nothing_of_conditions(dedupe):
    _, out, _ = dedupe("-q", "--json", GOLD, ARTICLES)
    assert json.loads(out)["conditions"] == []
    assert "under conditions" not in dedupe("-q", GOLD, ARTICLES)[1]


def test_labels_alone_ask_for_their_articles(dedupe):
    code, out, err = dedupe(GOLD)
    assert (code, out) == (2, "")
    assert "holds labels without texts: name the articles too" in err


def test_a_label_without_an_article_is_named(dedupe, tmp_path):
    gold = written(tmp_path / "gold.jsonl", [{"id": "lost", "story": "s"}])
    code, out, err = dedupe("-q", gold, ARTICLES)
    assert (code, out) == (2, "")
    assert "1 labelled id has no article among those read: lost" in err


def test_a_broken_label_is_told_with_its_line(dedupe, tmp_path):
    gold = tmp_path / "gold.jsonl"
    gold.write_text('{"id": "a", "story": "s"}\n{broken\n', encoding="utf-8")
    code, _, err = dedupe(str(gold), ARTICLES)
    assert code == 2
    assert f"{gold}:2: broken JSON" in err
    assert "Traceback" not in err


def test_without_gold_the_usage_is_told(dedupe):
    code, _, err = dedupe()
    assert code == 2
    assert "Missing argument 'GOLD'" in err


HOSTILE = "\x1b[31mred\x1b[0m [bold]news[/bold] \u202eevil\n" + "x" * 300


def hostile_evaluation():
    member = Member(HOSTILE, HOSTILE, HOSTILE, None, "representative", "c")
    scores = Scores(0.5, 0.6, 0.7, 0.8)
    match = Match("a", "b", "contained", scores, None, (Evidence(HOSTILE, HOSTILE, 1.5),))
    mistake = Mistake(member, member, HOSTILE, HOSTILE, match, (Term(HOSTILE, 0.5, 2),), 3)
    agreement = Agreement(0.25, 0.5, 1 / 3)
    groups = GroupScores(4, 2, 1, 4, agreement, agreement, -0.25)
    pairs = PairScores(1_000_000, 3, 0.5, BestCut(0.5, 0.25), -0.5, agreement)
    return Evaluation(
        HOSTILE,
        2_000_000,
        (HOSTILE,),
        1_500_000,
        groups,
        groups,
        pairs,
        (Band(0.0, 1.0, 0, 0, 0), Band(1.0, 2.0, 1_000_000, 1, 1)),
        (),
        (Cut(0.5, agreement),),
        (Bin(0.0, 0.1, 1_000_000, 0.05, 1.0), Bin(0.9, 1.0, 0, 0.0, 0.0)),
        0.95,
        Mistakes((mistake,), (mistake,), (mistake,)),
        (ConditionScores("furniture400", groups, groups, pairs),),
    )


@pytest.mark.parametrize("width", [40, 60, 80, 160])
def test_hostile_text_stays_on_its_line_and_unread(width):
    out = io.StringIO()
    render_evaluation(hostile_evaluation(), make_console(out, width=width))
    text = out.getvalue()
    assert max(map(cell_len, text.splitlines())) <= width
    assert not set("\x1b\u202e") & set(text)
    if width >= 80:
        assert "red [bold]news[/bold] evil" in text


def test_json_keeps_what_is_written_and_rounds_to_six_digits():
    found = evaluation_object(hostile_evaluation())
    assert found["gold"] == HOSTILE
    assert found["stories"]["b_cubed"]["f1"] == 0.333333
    assert found["mistakes"]["merged"][0]["a"]["gold"] == HOSTILE
    assert found["mistakes"]["merged"][0]["others"] == 3
