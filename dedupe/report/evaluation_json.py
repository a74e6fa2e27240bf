"""An evaluation as one JSON object; its fields are told in the help of ``dedupe evaluate``."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from dedupe.json_form import rounded
from dedupe.moments import written
from dedupe.report.jsonl import SCHEMA_VERSION, encode

if TYPE_CHECKING:
    from dedupe.evaluate.judge import Evaluation
    from dedupe.evaluate.pairs import Cut, Mistake
    from dedupe.model import Member


def write_evaluation(evaluation: Evaluation, out: BinaryIO) -> None:
    """Write one line of JSON. Raises OSError as ``out`` does, BrokenPipeError included."""
    out.write(encode(evaluation_object(evaluation)))


def evaluation_object(evaluation: Evaluation) -> dict[str, Any]:
    """The object that is written: numbers to six digits, dates in ISO 8601 in UTC or null."""
    mistakes = evaluation.mistakes
    found: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "gold": evaluation.gold,
        "articles": evaluation.articles,
        "unlabelled": evaluation.unlabelled_count,
        "unlabelled_ids": list(evaluation.unlabelled),
        "stories": asdict(evaluation.stories) if evaluation.stories else None,
        "copies": asdict(evaluation.copies) if evaluation.copies else None,
        "pairs": asdict(evaluation.pairs) if evaluation.pairs else None,
        "story_recall": [asdict(band) for band in evaluation.story_recall],
        "copy_recall": [asdict(band) for band in evaluation.copy_recall],
        "cuts": [_cut(cut) for cut in evaluation.cuts],
        "calibration": [asdict(row) for row in evaluation.calibration],
        "calibration_error": evaluation.calibration_error,
        "mistakes": {
            "merged": [_mistake(m) for m in mistakes.merged],
            "split_alike": [_mistake(m) for m in mistakes.split_alike],
            "split_unlike": [_mistake(m) for m in mistakes.split_unlike],
        },
    }
    return {key: rounded(value) for key, value in found.items()}


def _cut(cut: Cut) -> dict[str, float]:
    return {"score": cut.score, **asdict(cut.agreement)}


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "a": _article(mistake.a, mistake.gold_a),
        "b": _article(mistake.b, mistake.gold_b),
        "relation": mistake.match.relation,
        "scores": asdict(mistake.match.scores),
        "days": mistake.match.days,
        "evidence": [asdict(evidence) for evidence in mistake.match.evidence],
        "terms": [asdict(term) for term in mistake.terms],
        "others": mistake.others,
    }


def _article(member: Member, gold: str) -> dict[str, Any]:
    named = {"id": member.id, "headline": member.headline, "source": member.source}
    return {**named, "date": written(member.date), "gold": gold}
