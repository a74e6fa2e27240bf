"""The pages that a browser shows: one file each, which loads nothing and reads without script."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dedupe.clean import visible
from dedupe.model_compare import SideBySide
from dedupe.moments import is_day
from dedupe.report.html.passages import passages
from dedupe.report.table import lineage, text_shared
from dedupe.report.wording import RELATION_LABELS, counted, says_anew, shown_in_utc, span, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from jinja2 import Environment

    from dedupe.model import Article, Grouping, Member, Story
    from dedupe.model_compare import Comparison, ReportOverlaps

SHOWN_FACTS, SHOWN_WORDS = 100, 20
"""Facts of a kind and terms that the page of a comparison lists."""
SHOWN_MEMBERS = 200
"""Articles of one story that the page lists."""
SHOWN_DIGESTS = 20
"""Digests that tell of one story."""
SHOWN_SOURCES = 200
"""Sources that the page's filter offers."""
EDGE = 2.0
"""Percent of the width that the time line leaves free at either end."""
LEVELS = (0.05, 0.2, 0.4, 0.6)
"""Where the next shade of a heat map begins."""


def write_report_page(
    grouping: Grouping,
    path: Path,
    *,
    stories: Sequence[Story],
    readings: Mapping[str, Sequence[SideBySide]] | None = None,
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
        dots=timeline_dots,
        sources=sources(stories),
        passages=passages,
        shown_members=SHOWN_MEMBERS,
        shown_digests=SHOWN_DIGESTS,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_comparison_page(comparison: Comparison, a: Article, b: Article, path: Path) -> None:
    """Write where two articles agree and differ as one self-contained page. Raises OSError.

    ``comparison`` must be that of ``a`` and ``b``, in this order.
    """
    from dedupe.comparison.facts.kinds import KINDS

    text = document(
        "comparison.html",
        comparison=comparison,
        kinds=KINDS,
        reading=SideBySide(comparison, a, b),
        passages=passages,
        shown_facts=SHOWN_FACTS,
        shown_words=SHOWN_WORDS,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def document(template: str, **values: Any) -> str:
    """A whole page. Its policy lets the browser run this script and style, and load nothing.

    ``values`` may contain hostile text: every string is made visible and escaped on its way in.
    """
    style, script = _part("style.css"), _part("page.js")
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    from markupsafe import Markup

    return (
        _environment()
        .get_template(template)
        .render(
            **values,
            policy=policy,
            style=Markup(style),  # noqa: S704 - the package's own file
            script=Markup(script),  # noqa: S704
        )
    )


def fragment(template: str, **values: Any) -> str:
    """A part of a page of somebody else, escaped as a whole page is; without script."""
    return _environment().get_template(template).render(**values)


def _part(name: str) -> str:
    return files("dedupe.report.html").joinpath(name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    """The source expression that allows an inline element of exactly this content (CSP 3)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("dedupe.report.html", "."),
        autoescape=True,
        undefined=StrictUndefined,
        # Only plain text: Markup is what the templates and this package have made.
        finalize=lambda value: visible(value) if type(value) is str else value,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        relation_labels=RELATION_LABELS,
        says_anew=says_anew,
        text_shared=text_shared,
        counted=counted,
        span=span,
        moment=partial(when, separator=", "),
        level=lambda value: sum(value >= bound for bound in LEVELS),
    )
    made.filters["iso"] = lambda date: shown_in_utc(date).isoformat()
    return made


@dataclass(slots=True)
class Branch:
    """A member and the copies that hang from it."""

    member: Member
    copies: list[Branch] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Dot:
    """One article on a time line."""

    x: float
    """Percent of the width, in [EDGE, 100 - EDGE]."""
    member: Member
    report: bool
    """An independent report, not a copy of one."""


def branches(story: Story) -> list[Branch]:
    """The independent reports in order, each with its copies; at most SHOWN_MEMBERS in all."""
    reports: list[Branch] = []
    path: list[Branch] = []
    for count, entry in enumerate(lineage(story)):
        if count == SHOWN_MEMBERS:
            break
        depth = len(entry.ancestors_last)
        branch = Branch(entry.member)
        (path[depth - 1].copies if depth else reports).append(branch)
        path[depth:] = [branch]
    return reports


def timeline_dots(story: Story) -> list[Dot]:
    """The dated members of a story along its span of time."""
    if story.span is None:
        return []
    dated = [(_middle(m.date), m) for m in story.members if m.date is not None]
    first, last = min(moment for moment, _ in dated), max(moment for moment, _ in dated)
    own = {member.id for member in story.reports}
    return [Dot(_place(moment, first, last), member, member.id in own) for moment, member in dated][
        :SHOWN_MEMBERS
    ]


def _middle(date: datetime) -> datetime:
    """Where a date stands on a line: a day in its middle."""
    moment = shown_in_utc(date)
    return moment + timedelta(hours=12) if is_day(moment) else moment


def _place(date: datetime, first: datetime, last: datetime) -> float:
    whole = (last - first).total_seconds()
    share = (date - first).total_seconds() / whole if whole else 0.5
    return round(EDGE + share * (100 - 2 * EDGE), 2)


def sources(stories: Iterable[Story]) -> list[str]:
    """The sources of most articles, in the order of the alphabet."""
    counts = Counter(m.source for story in stories for m in story.members if m.source)
    return sorted(name for name, _ in counts.most_common(SHOWN_SOURCES))
