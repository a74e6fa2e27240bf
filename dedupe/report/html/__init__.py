"""The pages that a browser shows: one file each, which loads nothing."""

from __future__ import annotations

import base64
import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dedupe.clean import language_tag, visible, web_address
from dedupe.model_compare import SideBySide
from dedupe.report.front import short_front
from dedupe.report.html.copying import (
    HOW_DRAWN,
    NARROW,
    NOBODY_COPIED,
    WIDE,
    copying_picture,
)
from dedupe.report.html.overview import overview, score_bars
from dedupe.report.html.passages import passages
from dedupe.report.html.records import fitting
from dedupe.report.html.steps import in_step
from dedupe.report.html.waterfall import Waterfall, waterfall
from dedupe.report.outlets import HEADS, MEANINGS, figures_of
from dedupe.report.table import lineage
from dedupe.report.wording import RELATION_LABELS, after, counted, span, verdict, when

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from jinja2 import Environment
    from markupsafe import Markup

    from dedupe.comparison.story_facts import StoryFacts
    from dedupe.model import Article, Grouping, Match, Story
    from dedupe.model_compare import Comparison, ReportMap
    from dedupe.outlets import OutletTable
    from dedupe.report.terminal import Sort

SHOWN_FACTS, SHOWN_WORDS = 100, 20
"""Facts of a kind and terms that the page of a comparison lists."""
WITHOUT_SCRIPT = 50, 10
"""Stories, and articles of one, that are listed where no script may run."""
STYLES = ("colours.css", "style.css", "copying.css")
PAGE_BYTES = 9_500_000
"""Of the stories and of what is read side by side: with the rest a page stays under 10 MB."""


def write_report_page(
    grouping: Grouping,
    path: Path,
    *,
    stories: Sequence[Story],
    readings: Mapping[str, Sequence[SideBySide]] | None = None,
    matches: Mapping[tuple[str, str], Match] | None = None,
    maps: Mapping[str, ReportMap] | None = None,
    facts: Mapping[str, StoryFacts] | None = None,
    addresses: Mapping[str, str] | None = None,
    scores: Sequence[int] = (),
    remarks: Sequence[str] = (),
    read_from: Sequence[str] = (),
    sort: Sort = "size",
) -> None:
    """Write the stories as one self-contained page. Raises OSError.

    ``stories`` are listed in their order, which is that of ``sort``, with their terms, as long as
    the page stays under 10 MB; ``readings`` (the representative first in each), ``maps`` and
    ``facts`` go by story id, ``matches`` by the ids of two that are read, ``addresses`` by those of
    articles. ``scores`` count pairs by their story score, in equal parts of [0, 1]. ``remarks`` say
    what the page leaves out, such as how many pairs were compared, and ``read_from`` where the
    articles came from. The same arguments always give the same bytes: time and speed are not shown.
    """
    from markupsafe import Markup

    addresses, facts = addresses or {}, facts or {}
    held = _held(stories, readings or {}, matches or {}, facts, addresses)
    room = PAGE_BYTES - sum(len(part.encode()) for part in held.values())
    listed, records = fitting(stories, addresses, maps or {}, facts, room)
    text = document(
        "report.html",
        ("changes.js", "stories.js"),
        grouping=grouping,
        stories=listed,
        left_out=len(stories) - len(listed),
        overview=overview(grouping, listed),
        records=Markup(records),  # noqa: S704 - fit for an element of a script
        held=held,
        addresses=addresses,
        scores=scores,
        score_bars=score_bars(scores),
        remarks=remarks,
        read_from=read_from,
        sort=sort,
        entries=lineage,
        front=lambda story: short_front(story, facts.get(story.id)),
        without_script=WITHOUT_SCRIPT,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def _held(
    stories: Iterable[Story],
    readings: Mapping[str, Sequence[SideBySide]],
    matches: Mapping[tuple[str, str], Match],
    facts: Mapping[str, StoryFacts],
    addresses: Mapping[str, str],
) -> dict[str, Markup]:
    """What the page holds of stories beyond their records, where there is any."""
    found = {}
    for number, story in enumerate(stories, 1):
        told = facts[story.id].disagreements if story.id in facts else ()
        read = readings.get(story.id, ())
        if not read and not told:
            continue
        members = {member.id: member for member in story.members}
        found[story.id] = fragment(
            "story.html",
            story=story,
            number=number,
            readings=read,
            falls=[_fall(reading, matches) for reading in read],
            disagreements=told,
            voices=[members[name] for name in facts[story.id].ids] if told else (),
            addresses=addresses,
        )
    return found


def _fall(reading: SideBySide, matches: Mapping[tuple[str, str], Match]) -> Waterfall | None:
    match = matches.get((reading.a.id, reading.b.id))
    return waterfall(match) if match else None


def write_comparison_page(comparison: Comparison, a: Article, b: Article, path: Path) -> None:
    """Write where two articles agree and differ as one self-contained page. Raises OSError.

    ``comparison`` must be that of ``a`` and ``b``, in this order.
    """
    from dedupe.comparison.facts.kinds import KINDS

    text = document(
        "comparison.html",
        ("changes.js",),
        comparison=comparison,
        kinds=KINDS,
        reading=SideBySide(comparison, a, b),
        shown_facts=SHOWN_FACTS,
        shown_words=SHOWN_WORDS,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def write_outlets_page(
    table: OutletTable, path: Path, *, top: int | None = None, read_from: Sequence[str] = ()
) -> None:
    """Write what outlets did as one self-contained page, without a script. Raises OSError.

    The ``top`` outlets and pairs of them are listed (None: all); ``read_from`` is told as where
    the articles came from.
    """
    drawn = (copying_picture(table, width) for width in (WIDE, NARROW))
    text = document(
        "outlets.html",
        (),
        table=table,
        outlets=table.outlets[:top],
        copied=table.copied[:top],
        pictures=[picture for picture in drawn if picture],
        heads=HEADS,
        meanings=MEANINGS,
        figures_of=figures_of,
        after=after,
        how_drawn=HOW_DRAWN,
        nobody_copied=NOBODY_COPIED,
        read_from=read_from,
    )
    path.write_text(text, encoding="utf-8", newline="\n")


def svg_copying(table: OutletTable) -> str:
    """Who copied whom as an SVG picture of its own, which loads nothing."""
    from markupsafe import Markup

    style = "".join(map(page_part, ("colours.css", "copying.css", "alone.css")))
    return str(
        fragment(
            "copying_alone.svg",
            style=Markup(style),  # noqa: S704 - the package's own files
            picture=copying_picture(table, WIDE),
            width=WIDE,
            how_drawn=HOW_DRAWN,
            nobody_copied=NOBODY_COPIED,
        )
    )


def document(template: str, scripts: Sequence[str], **values: Any) -> str:
    """A whole page. Its policy lets the browser run these scripts and the style, and load nothing.

    ``values`` may contain hostile text: every string is made visible and escaped on its way in.
    """
    from markupsafe import Markup

    style, script = "".join(map(page_part, STYLES)), "".join(map(page_part, scripts))
    policy = (
        f"default-src 'none'; style-src '{inline_source(style)}'; "
        f"script-src '{inline_source(script)}'; base-uri 'none'; form-action 'none'"
    )
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


def fragment(template: str, **values: Any) -> Markup:
    """A part of a page, of ours or of somebody else, escaped as a whole page is; without script."""
    from markupsafe import Markup

    return Markup(_environment().get_template(template).render(**values))  # noqa: S704


def page_part(name: str) -> str:
    """A style or a script of the package, as it stands in pages."""
    return files("dedupe.report.html").joinpath(name).read_text(encoding="utf-8")


def inline_source(text: str) -> str:
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
        counted=counted,
        in_step=in_step,
        language_tag=language_tag,
        passages=passages,
        span=span,
        verdict=verdict,
        moment=partial(when, separator=", "),
        web_address=web_address,
    )
    return made
