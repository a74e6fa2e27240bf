"""Labelled articles as other sources would have them: short, undated, among furniture, in tags.

A set of whole, clean, dated articles says little of what a feed of headlines will bring. Each
condition takes away, or adds, what such a source does; the labels stay true. What is drawn depends
on the ids alone, so that a variant is the same on every machine and in every order of articles.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from html import escape

from dedupe.comparison.reading import spans
from dedupe.comparison.words import words
from dedupe.evaluate.outlets import outlet, picked
from dedupe.model import Article
from dedupe.read.fields import FieldFinder

Change = Callable[[Sequence[Article]], Iterator[Article]]
"""What a condition makes of articles."""


TITLE_WORDS, LEAD_WORDS = 15, 40
"""At most so many words of a first sentence stand for a missing title, or are the lead."""
LEAST_LEAD = 20
"""Characters of a sentence that says something: a shorter one is taken together with the next."""
WORD_CHARACTERS = 64
"""Characters of the beginning that are read for each word wanted, so that a huge text costs as
little as any other."""
RELATED, RELATED_CHARACTERS = 5, 200
"""Titles of other articles that are printed with each, and how much of each title."""
PARAGRAPHS = 400
"""Lines of a text that get tags of their own; all after them share the last one's."""


def conditions(
    articles: Sequence[Article], names: Sequence[str] | None = None
) -> Iterator[tuple[str, Iterator[Article]]]:
    """The articles under each condition, by name: made as they are asked for, ids as they were.

    ``names`` are of CONDITIONS, by default all of them, in their order. Raises KeyError for a name
    that is none. The furniture is in the language that an article states, where there is any in
    it, else in English.
    """
    for name in CONDITIONS if names is None else names:
        yield name, CONDITIONS[name](articles)


def first_sentence(article: Article, most: int) -> str:
    """The first sentence that says something, at most so many words of it."""
    beginning = article.text.lstrip()[: most * WORD_CHARACTERS]
    found = spans(beginning, article.lang)
    if not found:
        return first_words(beginning, most)
    start = found[0][0]
    end = next((end for _, end in found if end - start >= LEAST_LEAD), found[-1][1])
    return first_words(beginning[start:end], most)


def first_words(text: str, most: int) -> str:
    """The text up to its ``most``-th word, in every script."""
    beginning = text[: most * WORD_CHARACTERS]
    found = words(beginning)
    if len(found) > most:
        return beginning[: found[most - 1].end]
    return beginning if len(beginning) < len(text) else text


def _titled(article: Article) -> str:
    return article.title or first_sentence(article, TITLE_WORDS)


def _full(articles: Sequence[Article]) -> Iterator[Article]:
    yield from articles


def _titles(articles: Sequence[Article]) -> Iterator[Article]:
    for article in articles:
        yield replace(article, title=_titled(article), text="")


def _rss(articles: Sequence[Article]) -> Iterator[Article]:
    for article in articles:
        lead = first_sentence(article, LEAD_WORDS)
        yield replace(article, title=_titled(article), text=lead)


def _cut(most: int) -> Change:
    def change(articles: Sequence[Article]) -> Iterator[Article]:
        for article in articles:
            yield replace(article, text=first_words(article.text, most))

    return change


def _undated(articles: Sequence[Article]) -> Iterator[Article]:
    for article in articles:
        yield replace(article, date=None)


def _untitled(articles: Sequence[Article]) -> Iterator[Article]:
    for article in articles:
        yield replace(article, title="")


def _furnished(outlets: int, related: int = 0) -> Change:
    """Each article printed by one of so many outlets, with titles of others below it."""

    def change(articles: Sequence[Article]) -> Iterator[Article]:
        titles: list[str] = []
        if related:
            in_order = sorted(articles, key=lambda article: article.id)
            titles = [_titled(article)[:RELATED_CHARACTERS] for article in in_order]
        for article in articles:
            number = picked(f"outlet of {article.id}", outlets)
            printed = outlet(number, article.lang)
            more = [
                titles[picked(f"related {k} of {article.id}", len(titles))] for k in range(related)
            ]
            title = f"{article.title} - {printed.masthead}" if article.title else ""
            text = printed.around(article.text, more)
            yield replace(article, title=title, text=text, source=printed.domain)

    return change


def _tags(articles: Sequence[Article]) -> Iterator[Article]:
    """The text as markup, read back by the reader of records, as from a feed's JSON."""
    finder = FieldFinder()
    for article in articles:
        record = {"id": article.id, "title": article.title, "text": _marked_up(article.text)}
        _, title, text, *_ = finder.row(record)
        yield replace(article, title=title, text=text)


def _marked_up(text: str) -> str:
    lines = [escape(line) for line in text.split("\n", PARAGRAPHS) if line.strip()]
    if lines and "\n" in lines[-1]:
        lines[-1] = lines[-1].replace("\n", "<br/>")
    body = "\n".join(
        f'<p id="par-{k}" style="margin:0">{line} <a rel="nofollow" '
        f'href="https://example.com/go?to={k}&amp;from=feed">Full report</a></p>'
        for k, line in enumerate(lines)
    )
    return f'<div class="story">\n{body}\n</div>' if body else ""


CONDITIONS: dict[str, Change] = {
    "full": _full,
    "titles": _titles,
    "rss": _rss,
    "words100": _cut(100),
    "words50": _cut(50),
    "undated": _undated,
    "untitled": _untitled,
    "furniture12": _furnished(12),
    "furniture400": _furnished(400),
    "related": _furnished(12, RELATED),
    "tags": _tags,
}
"""By name; docs/quality.md tells what each does."""
