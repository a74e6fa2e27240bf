"""``dedupe evaluate``: the grouping against labels of the user's own."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.completion import files
from dedupe.cli.sources import Sources, run, with_json, with_sources
from dedupe.cli.streams import console, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from dedupe.analysis import Analysis
    from dedupe.config import Settings
    from dedupe.evaluate.judge import ConditionScores
    from dedupe.evaluate.labels import Labels


def with_labels(command: Callable[..., Any]) -> Callable[..., Any]:
    """Reads GOLD first, and reads the articles from it too where no SOURCE is named."""

    @wraps(command)
    def wrapped(**values: Any) -> Any:
        from dedupe.evaluate.labels import read_labels
        from dedupe.read import FieldKeys

        gold = values.pop("gold")
        labels = read_labels(gold, FieldKeys(id=values["id_key"], text=values["text_key"]))
        if not values["source"]:
            if not labels.articles:
                raise click.UsageError(
                    f"{labels.name} holds labels without texts: name the articles too, as SOURCE "
                    "(- for standard input)"
                )
            values["source"] = (gold,)
        return command(labels=labels, **values)

    return click.argument("gold", shell_complete=files)(wrapped)


@click.command("evaluate")
@with_labels
@with_sources
@click.option(
    "--worst", type=click.IntRange(0), default=5, help="Show so many mistakes of each kind."
)
@click.option(
    "--conditions",
    is_flag=True,
    help="Score the articles also as other sources would have them: short, undated, in furniture.",
)
@with_json("one JSON object")
def command(
    *,
    labels: Labels,
    sources: Sources,
    settings: Settings,
    worst: int,
    conditions: bool,
    as_json: bool,
) -> int:
    """Score the grouping against labels, and show its worst mistakes.

    GOLD is JSON Lines, plain or compressed: {"id", "story"[, "copies"]} for articles, or
    {"a", "b", "label"[, "score"]} for pairs of ids. A pair belongs together unless its label is
    "different", "related", 0 or another no; its score is a grade that falls with likeness. SOURCE
    is as in dedupe group; it may be left out where the lines of GOLD are whole articles.

    --json writes one object. Of stories and copies (null where not labelled): articles, gold,
    found (numbers of groups), largest (found group), b_cubed and pairs (precision, recall, f1),
    adjusted_rand. Of pairs (or null): pairs, true, average_precision, best (f1, score), pearson,
    grouped (precision, recall, f1). story_recall and copy_recall: low, high (bounds of cosine or
    Jaccard), pairs, met (by the search), grouped. cuts: score, precision, recall, f1. calibration:
    low, high, pairs, predicted, observed; calibration_error. mistakes: merged, split_alike and
    split_unlike, each with a and b (id, headline, source, date, gold), relation, scores, days,
    evidence, terms and others (further pairs of the same stories). conditions: condition, stories,
    copies, pairs. Also gold (the file), articles, unlabelled (their number) and unlabelled_ids (the
    first of them).

    --conditions groups the articles once more for each of: titles (alone), rss (title and first
    sentence), words100 and words50 (the first of the text), undated, untitled, furniture12 and
    furniture400 (the pages of so many outlets), related (with titles of other articles), tags
    (HTML); full is the set as it is. It takes about eleven times as long.
    """
    from dedupe.evaluate.judge import evaluate
    from dedupe.report.evaluation import render_evaluation
    from dedupe.report.jsonl import evaluation_object

    if conditions:
        sources.kept = []
    analysis, found = run(sources, settings)
    with sources.at_work("measuring"):
        measured = evaluate(analysis, found, labels, worst=worst)
    if conditions:
        others = _under_conditions(sources, settings, labels, analysis)
        measured = replace(measured, conditions=tuple(others))
    if as_json:
        write_json(evaluation_object(measured))
    else:
        render_evaluation(measured, console())
    return 0


def _under_conditions(
    sources: Sources, settings: Settings, labels: Labels, full: Analysis
) -> Iterator[ConditionScores]:
    """The scores under each condition; ``full`` is the analysis of the articles as they are."""
    from dedupe.evaluate.conditions import CONDITIONS, conditions
    from dedupe.evaluate.judge import under_condition
    from dedupe.pipeline import analyse
    from dedupe.read import articles_of

    articles = [article for batch in sources.kept or () for article in articles_of(batch)]
    first, *names = CONDITIONS
    yield under_condition(first, full, labels)
    with sources.at_work("changing the articles") as progress:
        for name, changed in conditions(articles, names):
            progress.stage(f"under the condition {name}")
            analysis = analyse(
                changed, settings, with_evidence=bool(labels.pairs), model=sources.model
            )
            yield under_condition(name, analysis, labels)
