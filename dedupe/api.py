"""The library in a few calls: read, group, explain, score pairs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from dedupe.assemble import grouping
from dedupe.config import Settings
from dedupe.explain import matches_of
from dedupe.pipeline import analyse, scored_pairs
from dedupe.read import articles_of, read

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import pyarrow as pa

    from dedupe.model import Article, Grouping, Match


def read_articles(*sources: str | os.PathLike[str]) -> Iterator[Article]:
    """Articles of files, folders, globs or ``-``, one by one.

    Records that cannot be taken in are told to the log ``dedupe.read.articles``. Raises
    SourceError for a source that is missing or of no known kind. For batches, field names of
    your own and a callback for rejections see :func:`dedupe.read.read`.
    """
    for batch in read(sources):
        yield from articles_of(batch)


def group_articles(
    articles: Iterable[Article] | Iterable[pa.RecordBatch],
    settings: Settings | None = None,
    *,
    copies_only: bool = False,
) -> Grouping:
    """Groups articles, or batches of them, into copies and stories.

    ``copies_only`` leaves stories aside: every group of copies is a story of its own. Raises
    SettingError; ids must be unique (ValueError).
    """
    chosen = settings or Settings()
    return grouping(analyse(articles, chosen, copies_only=copies_only), chosen)


def explain_article(
    articles: Iterable[Article] | Iterable[pa.RecordBatch],
    name: str,
    settings: Settings | None = None,
) -> list[Match]:
    """Why an article is in its story: its link, then the likeliest others, with all evidence.

    Raises KeyError where no article has the id ``name``.
    """
    chosen = settings or Settings()
    return matches_of(analyse(articles, chosen, with_evidence=True), chosen, name)


def score_pairs(
    articles: Iterable[Article] | Iterable[pa.RecordBatch],
    pairs: Sequence[tuple[str, str]],
    settings: Settings | None = None,
) -> list[float]:
    """Grade in [0, 1], in order, of how much each pair of ids has in common.

    The articles are the corpus that says how common a term is; beyond that a pair is read alone.
    It ranks pairs and rises with likeness; what it is not is a probability: for that take the
    story scores of a grouping. Raises KeyError for an unknown id.
    """
    return scored_pairs(articles, pairs, settings or Settings())
