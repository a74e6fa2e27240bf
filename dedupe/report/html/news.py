"""A page that was written, as a server sends it: it says how much has come in since."""

from __future__ import annotations

import re
from html import escape, unescape
from typing import NamedTuple

from dedupe.report.html import inline_source, page_part

_POLICY = re.compile(r'(<meta http-equiv="Content-Security-Policy" content=")([^"<>]*)(">)')
_SCRIPT = re.compile(r"script-src ")
PROMISE = "This page loads nothing and sends nothing.</p>"
"""At the foot of a page; with a tag, as no text of an article has one there that is not escaped."""
NEWS = "This page asks the server that it came from for news, and nobody else.</p>"


class PageWithNews(NamedTuple):
    """A page, and what its policy lets a browser do."""

    text: str
    policy: str


def with_news(page: str, events: str) -> PageWithNews:
    """The page with a script that follows the events at an address of its own server.

    Raises ValueError for what is no page of ``write_report_page``.
    """
    found = _POLICY.search(page)
    before, promise, after = page.rpartition(PROMISE)
    rest, end, last = after.rpartition("</body>")
    if found is None or not promise or not end:
        raise ValueError("no page of a report")
    script = page_part("news.js")
    own = f"script-src '{inline_source(script)}' "
    policy = f"{_SCRIPT.sub(own, unescape(found[2]), count=1)}; connect-src 'self'"
    head = f"{before[: found.start()]}{found[1]}{escape(policy)}{found[3]}{before[found.end() :]}"
    element = f'<script data-events="{escape(events)}">{script}</script>\n'
    return PageWithNews(f"{head}{NEWS}{rest}{element}{end}{last}", policy)
