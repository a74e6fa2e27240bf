"""One HTML file that asks for nothing else: templates, style and script in one piece."""

from __future__ import annotations

import base64
import hashlib
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import regex

from dedupe.report.wording import RELATION_LABELS, clock, counted, day, in_utc, span

if TYPE_CHECKING:
    from jinja2 import Environment

# Cc: controls. Cf: bidi overrides and isolates, tags, byte order marks; the joiners and the
# directional marks stay, for scripts are written with them.
_UNSEEN = regex.compile(r"[\p{Cc}\p{Cf}--[\n\t\u200c-\u200f\u061c]]", regex.VERSION1)
# Lone surrogates cannot be encoded, noncharacters have no place in HTML.
_UNWRITABLE = regex.compile(r"[\p{Cs}\p{Noncharacter_Code_Point}]")
# No script stacks more than four marks on one letter; a tower of them paints over other lines.
_TOWER = regex.compile(r"(\p{M}{4})\p{M}+")


def visible(text: str) -> str:
    """The text without what is not seen: controls, bidi overrides, lone surrogates, mark towers.

    Line breaks stay. What is left is not yet HTML: the templates escape it.
    """
    return _TOWER.sub(r"\1", _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", text)))


def document(template: str, **values: Any) -> str:
    """A whole page. Its policy lets the browser run this script and style, and load nothing.

    ``values`` may hold hostile text: every string is made visible and escaped on its way in.
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
        finalize=_final,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(
        relation_labels=RELATION_LABELS, counted=counted, span=span, moment=_moment, level=_level
    )
    made.filters["iso"] = lambda date: in_utc(date).isoformat()
    return made


def _final(value: Any) -> Any:
    # Only plain text: Markup is what the templates and this package have made.
    return visible(value) if type(value) is str else value


def _moment(date: Any) -> str:
    if date is None:
        return "undated"
    text, time = day(date), clock(date)
    return text if time == "00:00" else f"{text}, {time} UTC"


LEVELS = (0.05, 0.2, 0.4, 0.6)
"""Where the next shade of a heat map begins."""


def _level(value: float) -> int:
    return sum(value >= bound for bound in LEVELS)
