"""The edits between two versions of one text, as marks that are read without colours too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from dedupe.report.passages import visible
from dedupe.report.wording import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dedupe.model import Article
    from dedupe.model_compare import Edit, Span
    from dedupe.report.page import Page

INDENT = 2
AROUND = 12
"""Words of what is equal that are shown on each side of an edit."""
AROUND_CHARACTERS = 120
"""The same in characters, for scripts without spaces."""
LONG = 80
"""Words of one edit from which its middle is left out."""
SHOWN = 60
"""Changed passages that are shown; the rest is counted."""
REMOVED, ADDED = "red", "green"


def render_edits(edits: Sequence[Edit], a: Article, b: Article, page: Page) -> None:
    """Print the changed passages, each with the words around it; the title's first."""
    hunks = [h for part in ("title", "text") for h in _hunks(edits, part)]
    for hunk in hunks[:SHOWN]:
        text = Text()
        for edit in hunk:
            if text.plain and not text.plain.endswith(" "):
                text.append(" ")
            _append(text, edit, hunk, a, b, page)
        page.paragraph(text, indent=INDENT)
    if len(hunks) > SHOWN:
        page.line(f"{'':{INDENT}}and {counted(len(hunks) - SHOWN, 'more passage')}")
    if not hunks:
        page.line(f"{'':{INDENT}}no word differs")


def _hunks(edits: Sequence[Edit], part: str) -> list[list[Edit]]:
    """Edits of one part in passages: a long equal run ends one and begins the next."""
    hunks: list[list[Edit]] = [[]]
    for edit in edits:
        if edit.a.part != part:
            continue
        hunks[-1].append(edit)
        if edit.kind == "equal" and edit.a.end - edit.a.start > AROUND * 20:
            hunks.append([edit])
    return [hunk for hunk in hunks if any(edit.kind != "equal" for edit in hunk)]


def _append(
    text: Text, edit: Edit, hunk: Sequence[Edit], a: Article, b: Article, page: Page
) -> None:
    if edit.kind == "equal":
        words = _words(b, edit.b)
        if edit is hunk[0]:
            text.append(_end(words, page))
        else:
            text.append(_beginning(words, page) if edit is hunk[-1] else _joined(words, page))
        return
    if edit.kind in ("delete", "replace"):
        text.append(f"[-{_shortened(_words(a, edit.a), page)}-]", REMOVED)
    if edit.kind == "replace":
        text.append(" ")
    if edit.kind in ("insert", "replace"):
        text.append("{+" + _shortened(_words(b, edit.b), page) + "+}", ADDED)


def _words(article: Article, span: Span) -> list[str]:
    text = article.title if span.part == "title" else article.text
    return text[span.start : span.end].split()


def _end(words: list[str], page: Page) -> str:
    """What leads up to the first edit of a passage."""
    whole = " ".join(words)
    kept = " ".join(words[-AROUND:])[-AROUND_CHARACTERS:]
    dots = f"{page.glyphs.ellipsis} " if len(kept) < len(whole) else ""
    return f"{dots}{visible(kept, page)}"


def _beginning(words: list[str], page: Page) -> str:
    """What follows on the last edit of a passage."""
    whole = " ".join(words)
    kept = " ".join(words[:AROUND])[:AROUND_CHARACTERS]
    dots = f" {page.glyphs.ellipsis}" if len(kept) < len(whole) else ""
    return f"{visible(kept, page)}{dots}"


def _shortened(words: list[str], page: Page) -> str:
    if len(words) <= LONG:
        return _joined(words, page)
    left = counted(len(words) - 2 * AROUND, "word")
    dots = page.glyphs.ellipsis
    return f"{_joined(words[:AROUND], page)} {dots} {left} {dots} {_joined(words[-AROUND:], page)}"


def _joined(words: list[str], page: Page) -> str:
    # Scripts without spaces make one word of a paragraph: it is cut by its length instead.
    return page.crop(visible(" ".join(words), page), 1200)
