"""The measures against their definitions, and an analysis against labels by brute force."""

from __future__ import annotations

import gzip
import itertools
import json
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from corpora import FIXTURES
from hypothesis import given
from hypothesis import strategies as st

from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.errors import SourceError
from dedupe.evaluate.judge import evaluate
from dedupe.evaluate.labels import read_labels
from dedupe.evaluate.measures import (
    adjusted_rand,
    average_precision,
    b_cubed,
    best_f1,
    calibration_error,
    pair_agreement,
    pearson,
    reliability,
)
from dedupe.evaluate.pairs import (
    CUTS,
    Causes,
    alike_pairs,
    banded,
    bands,
    cuts_of_stories,
    true_pairs,
)
from dedupe.pipeline import analyse
from dedupe.read import FieldKeys, read
from dedupe.score import overlaps
from dedupe.sketch import to_datasketch

GOLD = FIXTURES.parent / "gold.jsonl"
JUDGE = Path(__file__).parent.parent.parent / "shared" / "eval" / "score.py"

groupings = st.integers(1, 30).flatmap(
    lambda n: st.tuples(*[st.lists(st.integers(0, 8), min_size=n, max_size=n)] * 2)
)
scored_pairs = st.lists(
    st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.75, 1.0])), max_size=30
)


def of(labels, i):
    return {k for k, label in enumerate(labels) if label == labels[i]}


def together(labels):
    n = len(labels)
    return {(i, j) for i, j in itertools.combinations(range(n), 2) if labels[i] == labels[j]}


@given(groupings)
def test_b_cubed_is_the_mean_over_articles_of_what_their_groups_share(both):
    gold, found = both
    shares = [(of(gold, i) & of(found, i), of(gold, i), of(found, i)) for i in range(len(gold))]
    scores = b_cubed(gold, found)
    assert scores.precision == pytest.approx(np.mean([len(s) / len(f) for s, _, f in shares]))
    assert scores.recall == pytest.approx(np.mean([len(s) / len(g) for s, g, _ in shares]))


@given(groupings)
def test_pair_agreement_counts_pairs(both):
    gold, found = map(together, both)
    scores = pair_agreement(*both)
    assert scores.precision == pytest.approx(len(gold & found) / max(len(found), 1))
    assert scores.recall == pytest.approx(len(gold & found) / max(len(gold), 1))


@given(groupings)
def test_the_adjusted_rand_index_is_scikit_learns_but_for_trivial_groupings(both):
    from sklearn.metrics import adjusted_rand_score

    gold, found = both
    sizes = {len(set(gold)), len(set(found))}
    trivial = sizes <= {1} or sizes <= {len(gold)}
    expected = 0.0 if trivial else adjusted_rand_score(gold, found)
    assert adjusted_rand(gold, found) == pytest.approx(expected)


def test_equal_groupings_agree_whatever_their_labels_are():
    gold, found = ["a", "a", "b", "c"], [7, 7, None, "x"]
    scores = b_cubed(gold, found)
    assert (scores.precision, scores.recall, scores.f1) == (1, 1, 1)
    assert pair_agreement(gold, found).f1 == adjusted_rand(gold, found) == 1


def test_all_in_one_group_has_full_recall_and_little_precision():
    scores = b_cubed([1, 1, 2, 3], [0, 0, 0, 0])
    assert scores.recall == 1
    assert scores.precision == pytest.approx((2 * 2 + 1 + 1) / 16)


def test_groupings_of_two_lengths_are_no_groupings_of_the_same_articles():
    with pytest.raises(ValueError, match="2 gold labels, but 3 found ones"):
        b_cubed([1, 2], [1, 2, 3])


def test_measures_of_nothing_are_0():
    assert b_cubed([], []).f1 == adjusted_rand([], []) == pair_agreement([], []).f1 == 0
    assert average_precision([], []) == best_f1([], []).f1 == pearson([], []) == 0
    assert calibration_error(reliability([], [])) == 0


@given(scored_pairs)
def test_the_best_f1_is_that_of_the_best_cut(rows):
    rows.sort(key=lambda row: -row[1])
    true = sum(t for t, _ in rows)
    f1s = [2 * sum(t for t, _ in rows[:k]) / (k + true) for k in range(1, len(rows) + 1)]
    best = best_f1([t for t, _ in rows], [s for _, s in rows])
    assert best.f1 == pytest.approx(max(f1s, default=0.0))


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_average_precision_of_scores_without_ties_is_scikit_learns(true):
    from sklearn.metrics import average_precision_score

    scores = np.linspace(1, 0, len(true))
    expected = average_precision_score(true, scores) if any(true) else 0.0
    assert average_precision(true, scores) == pytest.approx(expected)


def test_pearson_is_numpys():
    one, other = np.random.default_rng(1).random((2, 50))
    assert pearson(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1])
    assert pearson([1, 2, 3], [1, 1, 1]) == 0


def test_reliability_counts_each_pair_in_its_tenth():
    rows = reliability([False, True, True, False], [0.0, 0.1, 1.0, 0.15])
    assert [row.pairs for row in rows] == [1, 2, 0, 0, 0, 0, 0, 0, 0, 1]
    assert rows[1].predicted == pytest.approx(0.125)
    assert rows[1].observed == pytest.approx(0.5)


def test_the_calibration_error_is_0_where_the_stated_share_is_true():
    assert calibration_error(reliability([True] * 3 + [False], [0.75] * 4)) == 0
    assert calibration_error(reliability([False] * 4, [0.75] * 4)) == pytest.approx(0.75)


@pytest.mark.skipif(not JUDGE.exists(), reason="the independent judge is not here")
@pytest.mark.parametrize("seed", range(5))
def test_groupings_are_scored_as_the_judge_does(seed, tmp_path):
    rng = random.Random(seed)
    n, groups = rng.randrange(20, 200), rng.randrange(2, 50)
    gold, found = ([rng.randrange(groups) for _ in range(n)] for _ in "gf")
    result = judged(tmp_path, "stories", stories_of(gold), stories_of(found))
    blocks, pairs = b_cubed(gold, found), pair_agreement(gold, found)
    assert [result[key] for key in ("b3_precision", "b3_recall", "b3_f1", "ari")] == near(
        [blocks.precision, blocks.recall, blocks.f1, adjusted_rand(gold, found)]
    )
    assert [result[f"pair_{key}"] for key in ("precision", "recall", "f1")] == near(
        [pairs.precision, pairs.recall, pairs.f1]
    )


@pytest.mark.skipif(not JUDGE.exists(), reason="the independent judge is not here")
@pytest.mark.parametrize("seed", range(5))
def test_pairs_are_scored_as_the_judge_does(seed, tmp_path):
    rng = random.Random(seed)
    names = ["same_story", "near_dup", "related", "different"]
    rows = [
        (f"a{k}", f"b{k}", rng.choice(names), rng.randrange(1, 5), rng.randrange(8) / 8)
        for k in range(rng.randrange(20, 100))
    ]
    gold = [{"a": a, "b": b, "label": label, "score": grade} for a, b, label, grade, _ in rows]
    found = [{"a": a, "b": b, "score": score} for a, b, _, _, score in rows]
    result = judged(tmp_path, "pairs", gold, found)
    labels = read_labels(str(tmp_path / "gold.jsonl"))
    true, scores = [pair.same for pair in labels.pairs], [row[4] for row in rows]
    best = best_f1(true, scores)
    assert [result[key] for key in ("ap", "best_f1", "at_score", "pearson")] == near(
        [
            average_precision(true, scores),
            best.f1,
            best.score,
            pearson(scores, [-pair.grade for pair in labels.pairs]),
        ]
    )


def near(values):
    return pytest.approx(values, abs=6e-5)  # the judge rounds to four digits


def stories_of(labels):
    return [{"id": f"x{i}", "story": label} for i, label in enumerate(labels)]


def judged(folder, verb, gold, found):
    for name, rows in (("gold", gold), ("found", found)):
        written(folder / f"{name}.jsonl", rows)
    command = [sys.executable, JUDGE, verb, folder / "gold.jsonl", folder / "found.jsonl"]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def written(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return str(path)


def test_labels_are_read_plain_or_compressed(tmp_path):
    rows = [{"id": 1, "story": "s", "copies": 4.0}, {"id": "b", "story": "s", "copies": None}]
    plain = read_labels(written(tmp_path / "gold.jsonl", rows))
    (tmp_path / "gold.gz").write_bytes(gzip.compress((tmp_path / "gold.jsonl").read_bytes()))
    packed = read_labels(str(tmp_path / "gold.gz"))
    assert plain.stories == packed.stories == {"1": "s", "b": "s"}
    assert plain.copies == {"1": "4"}
    assert not plain.articles


def test_a_null_story_leaves_an_article_without_a_label(tmp_path):
    rows = [{"id": "a", "story": "s"}, {"id": "b", "story": None}]
    assert read_labels(written(tmp_path / "gold.jsonl", rows)).stories == {"a": "s"}


def test_labelled_articles_are_known_by_their_text(tmp_path):
    rows = [{"guid": "a", "body": "Some words of an article.", "story": "s"}]
    labels = read_labels(written(tmp_path / "gold.jsonl", rows), FieldKeys(id="guid"))
    assert labels.articles
    assert labels.stories == {"a": "s"}


def test_pairs_belong_together_unless_they_are_different_or_related(tmp_path):
    names = ["same_story", "near_dup", "related", "different"]
    rows = [{"a": "x", "b": str(k), "label": name} for k, name in enumerate(names)]
    labels = read_labels(written(tmp_path / "gold.jsonl", rows))
    assert [pair.same for pair in labels.pairs] == [True, True, False, False]
    assert list(labels.ids()) == ["x", "0", "1", "2", "3"]


def test_a_label_may_be_a_yes_or_a_no(tmp_path):
    apart = [0, False, "0", "Different", "NO", "negative", "not_duplicate", "non-duplicate"]
    together = [1, True, "Yes", "same", "noted", "near-duplicate"]
    rows = [{"a": "x", "b": str(k), "label": name} for k, name in enumerate([*apart, *together])]
    labels = read_labels(written(tmp_path / "gold.jsonl", rows))
    assert [pair.same for pair in labels.pairs] == [False] * len(apart) + [True] * len(together)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{broken", r":2: broken JSON"),
        ('{"id": "b"}', r":2: no label here; a line must contain"),
        ('{"story": "s"}', r":2: a label without id"),
        ('{"id": "a", "story": "t"}', r":2: id a already has another story: s"),
        ('{"a": "x", "b": "y"}', r':2: a pair needs "a", "b" and "label"'),
        ('{"a": "x", "b": "x", "label": "same"}', r":2: a pair of the article x with itself"),
        ('{"a": "x", "b": "y", "label": "s", "score": "3"}', r":2: the score of a pair must be"),
        ('{"a": "x", "b": "y", "label": "same"}', r"contains pairs and stories"),
        ("[1]", r":2: .*wanted an object"),
    ],
)
def test_what_is_no_label_is_told_with_its_line(tmp_path, line, reason):
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "a", "story": "s"}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(SourceError, match=reason):
        read_labels(str(path))


@pytest.mark.parametrize(
    ("content", "reason"),
    [("", "contains no label"), ('{"id": "a", "story": null}\n', "contains no")],
)
def test_a_file_without_labels_is_refused(tmp_path, content, reason):
    path = tmp_path / "gold.jsonl"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SourceError, match=reason):
        read_labels(str(path))


def test_a_missing_file_is_refused():
    with pytest.raises(SourceError, match="no such file"):
        read_labels("/nowhere/gold.jsonl")


@pytest.fixture(scope="module")
def analysis():
    return analyse(read([FIXTURES]), with_evidence=True)


@pytest.fixture(scope="module")
def judgement(analysis):

    return evaluate(analysis, grouping(analysis), read_labels(str(GOLD)))


@pytest.fixture(scope="module")
def gold(analysis):
    labels = read_labels(str(GOLD)).stories
    known = sorted(set(labels.values()))
    return np.array([known.index(labels[name]) for name in analysis.articles.ids])


def all_pairs(analysis):
    n = len(analysis.articles.ids)
    return np.array(list(itertools.combinations(range(n), 2)), np.int32)


def test_stories_and_copies_are_scored_over_the_labelled_articles(analysis, judgement, gold):
    found = b_cubed(gold.tolist(), analysis.links.stories.tolist())
    assert judgement.stories.b_cubed.f1 == pytest.approx(found.f1)
    assert judgement.stories.articles == judgement.copies.articles == len(gold)
    assert judgement.stories.gold == len(set(gold.tolist()))
    assert judgement.stories.found == len(set(analysis.links.stories.tolist()))
    assert judgement.unlabelled_count == 0


def test_copies_share_the_score_of_the_version_that_was_looked_at(analysis):
    copies, pairs = analysis.links.copies, analysis.links.pairs
    made = {}
    for (a, b), logit in zip(pairs.tolist(), analysis.scores.logits.tolist(), strict=True):
        key = frozenset((int(copies[a]), int(copies[b])))
        made[key] = max(made.get(key, 0.0), 1 / (1 + np.exp(-logit)))
    wanted = all_pairs(analysis)
    expected = [
        1.0 if copies[a] == copies[b] else made.get(frozenset((int(copies[a]), int(copies[b]))), -1)
        for a, b in wanted
    ]
    found = np.nan_to_num(analysis.story_scores(wanted), nan=-1.0)
    assert found == pytest.approx(expected)
    assert 1.0 in expected
    assert -1 in expected


def test_pair_scores_do_not_depend_on_the_order_of_a_pair(analysis):
    ids = analysis.articles.ids
    pairs = list(itertools.combinations(ids, 2))
    rows = np.stack([analysis.rows(side) for side in zip(*pairs, strict=True)], axis=1)
    one, other = (np.nan_to_num(analysis.story_scores(at)) for at in (rows, rows[:, ::-1]))
    assert one.tolist() == other.tolist()
    assert one.min() == 0
    assert one.max() == 1


def test_the_row_of_an_unknown_article_is_refused(analysis):
    with pytest.raises(KeyError):
        analysis.rows([analysis.articles.ids[0], "nobody"])


@pytest.mark.parametrize("unlabelled", [[], [0, 3, 4, 17]])
def test_cuts_count_every_pair_of_labelled_articles(analysis, gold, unlabelled):
    stories = gold.copy()
    stories[unlabelled] = -1
    pairs = np.array([p for p in all_pairs(analysis) if (stories[p] >= 0).all()])
    scores, true = (
        np.nan_to_num(analysis.story_scores(pairs)),
        stories[pairs[:, 0]] == stories[pairs[:, 1]],
    )
    cuts = cuts_of_stories(analysis, stories)
    assert [cut.score for cut in cuts] == list(CUTS)
    for cut in cuts:
        above = scores >= cut.score
        assert cut.agreement.precision == pytest.approx(true[above].mean())
        assert cut.agreement.recall == pytest.approx(above[true].mean())


def test_recall_counts_every_true_pair_once(analysis, judgement, gold):
    expected = together(gold.tolist())
    assert {tuple(p) for p in true_pairs(gold.astype(np.int64)).tolist()} == expected
    met = ~np.isnan(analysis.story_scores(np.array(sorted(expected), np.int32)))
    assert sum(band.pairs for band in judgement.story_recall) == len(expected)
    assert sum(band.met for band in judgement.story_recall) == met.sum()
    stories = analysis.links.stories
    grouped = sum(bool(stories[a] == stories[b]) for a, b in expected)
    assert sum(band.grouped for band in judgement.story_recall) == grouped


def test_of_too_many_true_pairs_every_kth_is_taken(monkeypatch):
    monkeypatch.setattr("dedupe.evaluate.pairs.MOST_PAIRS", 10)
    stories = np.array([0] * 6 + [1] * 5 + [-1] + [2] * 4)
    everything = [
        (a, b) for a, b in itertools.combinations(range(16), 2) if stories[a] == stories[b] >= 0
    ]
    assert [tuple(p) for p in true_pairs(stories).tolist()] == everything[::4]


def test_pairs_that_share_a_shingle_are_all_found(analysis):
    pairs = all_pairs(analysis)
    shared = pairs[overlaps(analysis.sketch, pairs).jaccard > 0]
    found = alike_pairs(analysis.sketch, np.arange(len(analysis.articles.ids)))
    assert sorted(map(tuple, found.tolist())) == sorted(map(tuple, shared.tolist()))


def test_banded_pairs_are_those_that_datasketch_finds(analysis):
    from datasketch import MinHashLSH

    settings, sketch = Settings(), analysis.sketch
    params = (settings.copy_bands, settings.copy_rows)
    lsh = MinHashLSH(num_perm=settings.permutations, params=params)
    made = [to_datasketch(row, settings.seed) for row in sketch.signatures]
    for i, signature in enumerate(made):
        lsh.insert(i, signature)
    pairs = all_pairs(analysis)
    expected = [b in lsh.query(made[a]) for a, b in pairs]
    assert banded(sketch, pairs, settings).tolist() == expected
    assert any(expected)


def test_bands_hold_their_lower_bound_and_the_last_one_its_upper():
    likeness = np.array([0.0, 0.2, 0.5, 0.7, 1.0])
    met = np.array([True, True, True, False, True])
    grouped = np.array([True, False, True, False, False])
    found = bands(likeness, met, grouped, (0.2, 0.5, 1.0))
    counts = [(band.pairs, band.met, band.grouped) for band in found]
    assert counts == [(1, 1, 0), (3, 2, 1)]


def test_a_mistake_is_told_once_with_the_number_of_pairs_that_share_its_cause():
    gold = np.array([0, 0, 1, 1, 1, -1])
    causes = Causes(gold, np.zeros(6, np.int64))
    pairs = np.array(list(itertools.combinations(range(6), 2)), np.int32)
    merged = causes.wrongly_merged(pairs)
    assert len(merged) == 2 * 3
    assert list(causes.first_of_each(merged, 5)) == [(0, 2, 5)]
    assert list(causes.first_of_each(merged, 0)) == []
    assert len(causes.wrongly_split(pairs)) == 0


def test_split_pairs_have_one_gold_story_and_two_found_ones():
    causes = Causes(np.array([0, 0, 0, 1]), np.array([5, 5, 6, 6]))
    pairs = np.array(list(itertools.combinations(range(4), 2)), np.int32)
    assert causes.wrongly_split(pairs).tolist() == [[0, 2], [1, 2]]
    assert causes.wrongly_merged(pairs).tolist() == [[2, 3]]


def test_mistakes_are_wrong_and_carry_their_evidence(analysis):
    """Gold that splits every story by its ids' order, so that mistakes are certain."""

    labels = read_labels(str(GOLD))
    merged = dict.fromkeys(labels.stories, "everything")
    found = grouping(analysis)
    labels.stories = merged
    mistakes = evaluate(analysis, found, labels, worst=3).mistakes
    assert mistakes.merged == ()
    assert len(mistakes.split_alike) == len(mistakes.split_unlike) == 3
    cosines = [m.match.scores.cosine for m in mistakes.split_alike]
    assert cosines == sorted(cosines, reverse=True)
    labels.stories = {name: name for name in merged}
    mistakes = evaluate(analysis, found, labels, worst=3).mistakes
    assert mistakes.split_alike == mistakes.split_unlike == ()
    assert len(mistakes.merged) == 3
    for mistake in mistakes.merged:
        assert {mistake.match.a, mistake.match.b} == {mistake.a.id, mistake.b.id}
        assert (mistake.gold_a, mistake.gold_b) == (mistake.a.id, mistake.b.id)
        assert mistake.terms


def test_a_label_of_an_article_that_was_not_read_is_an_error(analysis):
    labels = read_labels(str(GOLD))
    labels.stories |= {f"lost-{k}": "s" for k in range(12)}
    with pytest.raises(SourceError, match=r"12 labelled ids have no article .* and 2 more"):
        evaluate(analysis, grouping(analysis), labels)


def test_articles_without_a_label_are_named_and_left_out_of_the_scores(analysis):
    labels = read_labels(str(GOLD))
    dropped = analysis.articles.ids[5]
    del labels.stories[dropped], labels.copies[dropped]
    found = evaluate(analysis, grouping(analysis), labels)
    assert (found.unlabelled, found.unlabelled_count) == ((dropped,), 1)
    assert found.stories.articles == len(analysis.articles.ids) - 1
