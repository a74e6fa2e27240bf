"""``dedupe calibrate``: the story score fitted to labels of the user's own."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dedupe.cli.evaluate import with_labels
from dedupe.cli.sources import (
    Sources,
    changed,
    file_option,
    run,
    with_json,
    with_sources,
)
from dedupe.cli.streams import tell, write_json
from dedupe.errors import DedupeError, SourceError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dedupe.calibrate import Calibration
    from dedupe.config import Settings
    from dedupe.evaluate.labels import Labels
    from dedupe.story import StoryModel

FIGURES = {
    "b_cubed_f1": "B-cubed F1 of stories",
    "adjusted_rand": "adjusted Rand index",
    "calibration_error": "calibration error",
    "log_loss": "log loss",
}


@click.command("calibrate")
@with_labels
@with_sources
@file_option(
    "-o", "--output", help="Write the settings file here, for --settings of the other commands."
)
@click.option("--force", is_flag=True, help="Write it even where the fit does not help.")
@with_json("one JSON object")
def command(
    *,
    labels: Labels,
    sources: Sources,
    settings: Settings,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> int:
    """Fit the story score to labels, and measure what that is worth on labels that it has not seen.

    GOLD and SOURCE are as in dedupe evaluate. At least 30 pairs must be of one story and 30 of
    two, from 10 stories or more. The fit begins with the model that the package ships, or that of
    --settings, and few labels change little. It is judged five times, each time on a fifth of the
    stories that it was not fitted to. Ends with 2, and writes no file, where it does not help; see
    --force.

    --json writes one object: schema_version, gold, kind (stories or pairs), articles, labels,
    pairs (fitted to), true, before and after (b_cubed_f1 and adjusted_rand, null for pairs;
    calibration_error, log_loss), helps, and settings, which is what -o writes.
    """
    from dedupe.calibrate import calibrate, labelled, settings_object
    from dedupe.story import story_model

    sources.must_not_be(output, "--output", labels.name)
    if not (labels.stories or labels.pairs):
        raise SourceError(f"{labels.name}: holds copies alone; a fit needs stories or pairs")
    analysis, _ = run(sources, settings)
    start = sources.model or story_model()
    with sources.at_work("fitting"):
        found = calibrate(labelled(analysis, labels), start)
    fitted_with = {k: v for k, v in changed(settings).items() if k != "threads"}
    stored = settings_object(found.model, _provenance(labels, found), fitted_with)
    if as_json:
        write_json(_object(labels, found, len(analysis.articles.ids), stored))
    else:
        tell(*_lines(labels, found, start))
    if output is not None:
        _write(output, stored, found, force=force)
    return 0


def _write(output: Path, stored: dict[str, Any], found: Calibration, *, force: bool) -> None:
    if not (found.helps or force):
        raise DedupeError(
            f"the fit does not help on labels that it has not seen, so {output} was not written; "
            "go on without, label more, or write it all the same with --force"
        )
    output.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")


def _kind(labels: Labels) -> str:
    return "pairs" if labels.pairs else "stories"


def _provenance(labels: Labels, found: Calibration) -> dict[str, Any]:
    from importlib.metadata import version

    return {
        "labels": Path(labels.name).name,
        "kind": _kind(labels),
        "labelled": len(labels.pairs or labels.stories),
        "pairs": found.pairs,
        "true": found.true,
        "date": datetime.now(UTC).date().isoformat(),
        "version": version("story-dedupe"),
    }


def _object(
    labels: Labels, found: Calibration, articles: int, stored: dict[str, Any]
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "schema_version": 1,
        "gold": labels.name,
        "kind": _kind(labels),
        "articles": articles,
        "labels": len(labels.pairs or labels.stories),
        "pairs": found.pairs,
        "true": found.true,
        "before": asdict(found.before),
        "after": asdict(found.after),
        "helps": found.helps,
        "settings": stored,
    }


def _lines(labels: Labels, found: Calibration, start: StoryModel) -> Iterator[str]:
    from dedupe.evidence import FEATURES

    yield f"{labels.name}: {found.pairs:,} pairs, {found.true:,} of one story"
    yield ""
    yield f"{'on labels not fitted to':26}{'before':>10}{'after':>10}"
    for name, label in FIGURES.items():
        before, after = getattr(found.before, name), getattr(found.after, name)
        if before is not None:
            yield f"{label:26}{before:10.3f}{after:10.3f}"
    yield ""
    yield f"{'coefficient':26}{'before':>10}{'after':>10}"
    names = (*(feature.name for feature in FEATURES), "intercept", "company")
    fits = ((*m.coefficients, m.intercept, m.company) for m in (start, found.model))
    for name, one, other in zip(names, *fits, strict=True):
        yield f"{name:26}{one:10.2f}{other:10.2f}"
    yield ""
    yield "The fit helps." if found.helps else "The fit does not help: better go on without."
