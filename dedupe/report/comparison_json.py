"""A comparison as one JSON object; its fields are told in docs/compare.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from dedupe.json_form import rounded
from dedupe.moments import written
from dedupe.report.jsonl import SCHEMA_VERSION, encode

if TYPE_CHECKING:
    from dedupe.model import Article
    from dedupe.model_compare import Comparison


def write_comparison(comparison: Comparison, a: Article, b: Article, out: BinaryIO) -> None:
    """Write one line of JSON. Raises OSError as ``out`` does, BrokenPipeError included."""
    out.write(encode(comparison_object(comparison, a, b)))


def comparison_object(comparison: Comparison, a: Article, b: Article) -> dict[str, Any]:
    """The object that is written: the two articles, then every field of the comparison.

    Numbers have six digits, dates are ISO 8601 in UTC or null, places count code points.
    """
    told = asdict(comparison)
    del told["a"], told["b"]
    return {
        "schema_version": SCHEMA_VERSION,
        "a": _article(a),
        "b": _article(b),
        **{name: rounded(value) for name, value in told.items()},
    }


def _article(article: Article) -> dict[str, Any]:
    return asdict(article) | {"date": written(article.date)}
