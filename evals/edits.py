"""Copies under edits: articles of a haystack, rewritten in part, among others of it.

What is put in comes from articles that are not among those analysed, so that an edited text is like
its original and like nothing else.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from benchmarks.results import Table
from dedupe.assemble import grouping
from dedupe.comparison.reading import spans
from dedupe.model import COPY_RELATIONS, Article
from dedupe.pipeline import analyse
from evals.tables import figure

if TYPE_CHECKING:
    from dedupe.model import Member
    from evals.sets import Data

EDITED = 300
LEAST_WORDS, LEAST_SENTENCES = 150, 8
"""Shorter articles are left alone: there a share of the words or sentences is a handful."""
Edit = Callable[[Article, Article, random.Random], Article]
"""An article and a stranger to the edited article, whose id is still that of the one it is."""


def exchanged(share: float, parts: Callable[[Article], list[str]]) -> Edit:
    """So large a share of the parts replaced by parts of the stranger."""

    def edit(own: Article, stranger: Article, draw: random.Random) -> Article:
        kept, others = parts(own), parts(stranger)
        for place in draw.sample(range(len(kept)), round(share * len(kept))):
            kept[place] = draw.choice(others)
        return replace(own, text=" ".join(kept))

    return edit


def quoted(share: float) -> Edit:
    """So large a share of the sentences, in a row, in the middle of the stranger's text."""

    def edit(own: Article, stranger: Article, draw: random.Random) -> Article:
        sentences, others = sentences_of(own), sentences_of(stranger)
        n = round(share * len(sentences))
        start, middle = draw.randint(0, len(sentences) - n), len(others) // 2
        whole = (*others[:middle], *sentences[start : start + n], *others[middle:])
        return replace(stranger, text=" ".join(whole))

    return edit


def words_of(article: Article) -> list[str]:
    """The words of a text, with what stands around them."""
    return article.text.split()


def sentences_of(article: Article) -> list[str]:
    """The sentences of a text."""
    return [article.text[start:end] for start, end in spans(article.text, article.lang)]


EDITS = {
    "5 % of words swapped": exchanged(0.05, words_of),
    "10 % of words swapped": exchanged(0.10, words_of),
    "15 % of words swapped": exchanged(0.15, words_of),
    "30 % of sentences replaced": exchanged(0.3, sentences_of),
    "40 % of sentences replaced": exchanged(0.4, sentences_of),
    "half quoted in another text": quoted(0.5),
    "a third quoted in another text": quoted(1 / 3),
}


def measured(data: Data) -> Iterator[dict[str, Any]]:
    """One row an edit: the share found, and as what."""
    originals, strangers = _drawn(data)
    if not originals:
        return
    sampled = {article.id for article in (*originals, *strangers)}
    others = [article for article in data.sample if article.id.partition("/")[2] not in sampled]
    for name, edit in EDITS.items():
        draw = random.Random(f"edits {name}")
        edited = [
            replace(edit(own, stranger, draw), id=f"{own.id}/edited")
            for own, stranger in zip(originals, strangers, strict=True)
        ]
        found = grouping(analyse([*originals, *edited, *others]))
        members = {member.id: member for story in found.stories for member in story.members}
        told = Counter(
            tie(members[own.id], members[copy.id])
            for own, copy in zip(originals, edited, strict=True)
        )
        share = sum(told[kind] for kind in told if kind != UNTIED) / len(originals)
        yield {"edit": name, "articles": len(originals), "found": share, "told": dict(told)}


UNTIED, IN_GROUP, QUOTATION = "not told", "in one group of copies", "quotation"


def tie(one: Member, other: Member) -> str:
    """As what an article is told to be a copy of the other, or to quote it, if it is."""
    for member, to in ((one, other.id), (other, one.id)):
        if member.to == to and member.relation not in (None, "same_story"):
            return str(member.relation)
    if one.copies == other.copies:
        return IN_GROUP
    quoted = {quote.id for quote in (*one.quotes, *other.quotes)}
    return QUOTATION if quoted & {one.id, other.id} else UNTIED


def _drawn(data: Data) -> tuple[list[Article], list[Article]]:
    """Articles to be edited, and for each a stranger to take from."""
    long = [a for a in data.whole if len(a.text.split()) >= LEAST_WORDS]
    drawn = random.Random("edited articles").sample(long, min(3 * EDITED, len(long)))
    drawn = [a for a in drawn if len(sentences_of(a)) >= LEAST_SENTENCES][: 2 * EDITED]
    half = len(drawn) // 2
    return drawn[:half], drawn[half : 2 * half]


def tables(rows: list[dict[str, Any]]) -> Iterator[Table]:
    """One line an edit."""
    kinds = [*COPY_RELATIONS, IN_GROUP, QUOTATION]
    kinds += sorted({kind for row in rows for kind in row["told"]} - {*kinds, UNTIED})
    cells = [
        (row["edit"], figure(row["found"]), *(f"{row['told'].get(kind, 0):,}" for kind in kinds))
        for row in rows
    ]
    title = f"Copies under edits: {rows[0]['articles']:,} articles, each edited once"
    yield Table(title, ("edit", "found", *(kind.replace("_", " ") for kind in kinds)), cells)
