"""Ids of articles that come in: another article that has the id already keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from dedupe.identity import Origin, SameBy, is_same, origin, own_id
from dedupe.index.answers import article_of_text

if TYPE_CHECKING:
    from dedupe.index.store import Reader
    from dedupe.model import Article


def known_as(reader: Reader, articles: Sequence[Article], same_by: SameBy) -> Sequence[Article]:
    """The articles, each under the id by which the index knows it, or will.

    That is its own unless an article from elsewhere has it (see dedupe.identity). An article that
    got another id once keeps it, whatever became of the one for which it was given.
    """
    if same_by == "id":
        return articles
    origins = [origin(article.source, article.url) for article in articles]
    own = [own_id(one.id, of, same_by) for one, of in zip(articles, origins, strict=True)]
    held = reader.find(list(dict.fromkeys((*(article.id for article in articles), *own))))
    taken = _origins(reader, {a.id: held[a.id][0] for a in articles if a.id in held})
    known = set(held)
    found = []
    for article, of, other in zip(articles, origins, own, strict=True):
        apart = article.id in taken and not is_same(taken[article.id], of, same_by)
        if other in known or apart:
            known.add(other)
            article = replace(article, id=other)  # noqa: PLW2901
        else:
            taken.setdefault(article.id, of)
        found.append(article)
    return found


def _origins(reader: Reader, numbers: dict[str, int]) -> dict[str, Origin]:
    """Where the articles of some entries are from."""
    texts = reader.blobs("text", list(numbers.values()))
    kept = [article_of_text(name, texts.row(at)) for at, name in enumerate(numbers)]
    return {article.id: origin(article.source, article.url) for article in kept}
