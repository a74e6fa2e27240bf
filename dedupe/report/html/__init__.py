"""The pages that a browser shows: one file each, which loads nothing and reads without script."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.model_compare import Reading
from dedupe.report.html.document import document
from dedupe.report.html.passages import passages
from dedupe.report.html.stories import SHOWN_MEMBERS, branches, dots, sources

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from dedupe.model import Article, Grouping, Story
    from dedupe.model_compare import Comparison, ReportOverlaps

__all__ = ["write_comparison_page", "write_report_page"]

SHOWN_FACTS, SHOWN_WORDS = 100, 20
"""Facts of a kind and terms that the page of a comparison lists."""


def write_report_page(
    grouping: Grouping,
    path: Path,
    *,
    stories: Sequence[Story],
    readings: Mapping[str, Sequence[Reading]] | None = None,
    overlaps: Mapping[str, ReportOverlaps] | None = None,
    remarks: Sequence[str] = (),
) -> None:
    """Write the stories as one self-contained page. Raises OSError.

    ``stories`` are listed in their order, with their terms; ``readings`` (the representative
    first in each) and ``overlaps`` go by story id. ``remarks`` say what the page leaves out, such
    as how many pairs were compared. The same arguments always give the same bytes: time and
    speed are not shown.
    """
    text = document(
        "report.html",
        grouping=grouping,
        stories=stories,
        readings=readings or {},
        overlaps=overlaps or {},
        remarks=remarks,
        branches=branches,
        dots=dots,
        sources=sources(stories),
        passages=passages,
        shown_members=SHOWN_MEMBERS,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_comparison_page(comparison: Comparison, a: Article, b: Article, path: Path) -> None:
    """Write where two articles agree and differ as one self-contained page. Raises OSError.

    ``comparison`` must be that of ``a`` and ``b``, in this order.
    """
    from dedupe.compare.facts.kinds import KINDS

    text = document(
        "comparison.html",
        comparison=comparison,
        kinds=KINDS,
        reading=Reading(comparison, a, b),
        passages=passages,
        shown_facts=SHOWN_FACTS,
        shown_words=SHOWN_WORDS,
    )
    path.write_text(text, encoding="utf-8", newline="\n")
