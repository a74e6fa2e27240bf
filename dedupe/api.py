"""The library in a few calls: read, group, explain, compare, score pairs."""

from __future__ import annotations

import os
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from dedupe.assemble import grouping
from dedupe.collect import without
from dedupe.config import Limits, Settings
from dedupe.explain import matches_of
from dedupe.pipeline import analyse
from dedupe.read import article_from, articles_of, batches_of, read
from dedupe.scored import scored_pairs
from dedupe.sketches import analyse_sketches, sketched_tables
from dedupe.text import encodable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from dedupe.model import Article, Grouping, Match
    from dedupe.model_compare import Comparison
    from dedupe.story import StoryModel
    from dedupe.tabular import Record, Table, Tabular


def read_articles(
    *sources: str | os.PathLike[str], limits: Limits | None = None
) -> Iterator[Article]:
    """Articles of files, folders, globs, addresses or ``-``, one by one.

    Records that cannot be taken in, or are past the ``limits``, are told to the log
    ``dedupe.read.articles``. Raises SourceError for a source that is missing or of no known kind.
    For batches, field names of your own and a callback for rejections see
    :func:`dedupe.read.read`.
    """
    for batch in read(sources, limits=limits or Limits()):
        yield from articles_of(batch)


def group_articles(
    articles: Tabular,
    settings: Settings | None = None,
    *,
    copies_only: bool = False,
    model: StoryModel | None = None,
) -> Grouping:
    """Groups articles into copies and stories.

    They are a table of any library that knows Arrow (pandas, Polars, pyarrow), or articles, dicts
    or tables one by one: see :func:`dedupe.read.batches_from`, also for fields of other names.
    ``copies_only`` leaves stories aside: every group of copies is a story of its own. ``model``
    takes the place of the story model that the package ships; see read_model. Raises SettingError;
    RecordError, with row and field, for what is no article, or has the id of another one.
    """
    return grouping(analyse(articles, settings, copies_only=copies_only, model=model))


def sketch_articles(
    articles: Tabular, settings: Settings | None = None, *, copies_only: bool = False
) -> Iterator[pa.RecordBatch]:
    """Sketches of articles, given as for ``group_articles``: what a run keeps of them.

    Batches with the columns of ``dedupe.sketch_form.sketch_schema()``, in the order of the
    articles, for ``group_sketches``: of this process or of another, of one call or of many. Texts
    are not in them. Raises SettingError; RecordError, with row and field, for what is no article.
    """
    return sketched_tables(articles, settings or Settings(), copies_only=copies_only)


def group_sketches(
    sketches: Table | Iterable[Table],
    settings: Settings | None = None,
    *,
    model: StoryModel | None = None,
) -> Grouping:
    """Groups articles by their sketches, as ``group_articles`` groups the articles themselves.

    They are tables of any library that knows Arrow, each of one or more calls of
    ``sketch_articles``, and are looked into, row by row: they may come from anywhere. Sketched
    with ``copies_only`` they are grouped into copies. ``model`` is that of ``group_articles``.
    Raises SettingError for sketches that were made with other settings; RecordError, with row and
    column, for what is no sketch or is broken, and for an id that is in two calls' sketches.
    """
    return grouping(analyse_sketches(sketches, settings or Settings(), model=model))


def explain_article(
    articles: Tabular,
    name: str,
    settings: Settings | None = None,
    *,
    model: StoryModel | None = None,
) -> list[Match]:
    """Why an article is in its story: its link, then the likeliest others, with all evidence.

    Raises KeyError where no article has the id ``name``.
    """
    return matches_of(analyse(articles, settings, with_evidence=True, model=model), name)


def compare_articles(
    a: Article | Record,
    b: Article | Record,
    among: Tabular | None = None,
    settings: Settings | None = None,
    *,
    model: StoryModel | None = None,
) -> Comparison:
    """Where two articles agree and where they differ, in words, facts and scores.

    Each is an Article, or a dict of its fields. ``among`` are articles as for ``group_articles``
    that say how usual the words and the likeness of the two are; the two themselves may be among
    them, by their ids. Without it they are weighed and judged alone. Raises SettingError;
    RecordError for an id that two others share.
    """
    from dedupe.comparison import compare

    a, b = encodable(article_from(a)), encodable(article_from(b))
    one, other = a.id, b.id
    pair = [a, b]
    if one == other or among is None:
        # Alone they may have one id, or none; among others they are two all the same.
        one, other = ("a", "b") if among is None else (f"{a.id} (a)", f"{b.id} (b)")
        pair = [replace(a, id=one), replace(b, id=other)]
    others = () if among is None else without(among, {a.id, b.id})
    batches = chain(others, batches_of(pair))
    analysis = analyse(batches, settings, with_evidence=True, model=model)
    return compare(a, b, analysis.likeness(one, other), analysis.settings)


def article_signatures(
    articles: Tabular, settings: Settings | None = None
) -> tuple[list[str], NDArray[np.uint32]]:
    """Ids of articles, ascending, and the MinHash signatures of their texts: (n, permutations).

    They are datasketch's, scheme ``affine32``: ``to_datasketch`` hands one to its indexes, and
    ``from_datasketch`` takes one from there. Raises SettingError.
    """
    analysis = analyse(articles, settings, copies_only=True)
    return analysis.articles.ids, analysis.sketch.signatures


def score_pairs(
    articles: Tabular,
    pairs: Sequence[tuple[str, str]],
    settings: Settings | None = None,
) -> list[float]:
    """Grade in [0, 1], in order, of how much each pair of ids has in common.

    The articles are the corpus that says how common a term is; beyond that a pair is read alone.
    It ranks pairs and rises with likeness; what it is not is a probability: for that take the
    story scores of a grouping. Raises KeyError for an unknown id.
    """
    return scored_pairs(articles, pairs, settings or Settings())
