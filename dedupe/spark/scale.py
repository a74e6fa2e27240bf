"""What terms weigh, counted on an engine: the driver sees how many articles hold each.

And terms of a few articles of a group never: workers tell which of them are furniture.
"""

from __future__ import annotations

import hashlib
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from dedupe.copy_tables import BLOCK, ROW
from dedupe.furniture import groups_of, least_holders, unusual
from dedupe.line_tables import OWN
from dedupe.spark.asking import column_numbers
from dedupe.spark.workers import count_terms, spark_types, weigh_rows
from dedupe.story_tables import (
    LEAST,
    OUTLET,
    SPOKEN,
    AskedTerms,
    counts_schema,
    furniture_in,
    furniture_schema,
    weighed_schema,
)
from dedupe.term_scale import TermCounts, TermScale
from dedupe.usual import usual_shares

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from pyspark.sql import DataFrame

    from dedupe.furniture import ArticleGroup
    from dedupe.spark.asking import ArticlesThere

GROUPS = 256
"""Languages and outlets that are looked at in one job, each by some hundred articles at most."""


class _Groups(NamedTuple):
    """Languages and outlets of n articles, by their numbers."""

    articles: dict[str, int]
    """Articles of each language, in the order of the numbers."""
    spoken: NDArray[np.int64]
    """Of each article (n,)."""
    outlets: NDArray[np.int64]
    """The number of its outlet, behind those of the languages; -1 for one that is small (n,)."""
    large: dict[int, ArticleGroup]
    """Those in which something may be furniture."""

    @classmethod
    def of(cls, languages: Sequence[str], sources: Sequence[str]) -> _Groups:
        order = {language: at for at, language in enumerate(dict.fromkeys(languages))}
        spoken = np.array([order[language] for language in languages], np.int64)
        sizes = np.bincount(spoken, minlength=len(order)).tolist()
        outlets = np.full(len(spoken), -1, np.int64)
        large: dict[int, ArticleGroup] = {}
        for group in groups_of(spoken, sources):
            if group.outlet:
                number = len(order) + sum(one.outlet for one in large.values())
                outlets[group.members] = number
            else:
                number = group.language
            large[number] = group
        return cls(dict(zip(order, sizes, strict=True)), spoken, outlets, large)


def weighed_on_engine(
    there: ArticlesThere, languages: Sequence[str], sources: Sequence[str]
) -> ArticlesThere:
    """The same articles by their weighed terms: a stage, see story_tables.weighed_of.

    They are known by their ROW, and have OWN terms; ``languages`` and ``sources`` (n,) are theirs.
    Raises EngineError, RecordError.
    """
    groups = _Groups.of(languages, sources)
    counts = _counts(there, groups)
    scale = TermScale.of(counts, groups.articles, there.settings.prior_articles)
    scale = scale._replace(furniture=_furniture(there, groups, counts, scale))
    asked, kinds = _asked(there, groups), spark_types(weighed_schema())

    def weigh(rows: DataFrame) -> DataFrame:
        sketches = there.sketches().select(ROW, "signature", *OWN)
        return rows.join(sketches, ROW).mapInArrow(partial(weigh_rows, scale), kinds)

    questions = there.questions
    stage = questions.answered("weighed", asked, {"scale": scale.digest()}, weigh)
    questions.by = {**questions.by, stage: scale.digest()}
    return there._replace(source=stage)


def _asked(there: ArticlesThere, groups: _Groups) -> pa.Table:
    """All articles with the numbers of their groups."""
    least = np.ones(len(groups.spoken), np.int64)
    for group in groups.large.values():
        if group.outlet:
            least[group.members] = least_holders(len(group.members))
    asked = there.asked(np.arange(len(groups.spoken)))
    for name, column in ((SPOKEN, groups.spoken), (OUTLET, groups.outlets), (LEAST, least)):
        asked = asked.append_column(name, pa.array(column))
    return asked


def _counts(there: ArticlesThere, groups: _Groups) -> TermCounts:
    """How many articles of each group hold each term, of outlets those of many alone."""
    from pyspark.sql import functions as sql

    kinds = spark_types(counts_schema())

    def counted(rows: DataFrame) -> DataFrame:
        parts = rows.join(there.sketches().select(ROW, *OWN), ROW).mapInArrow(count_terms, kinds)
        sums = [sql.sum(name).alias(name) for name in ("held", "named", "numbers")]
        every = parts.groupBy("key").agg(*sums, sql.max(LEAST).alias(LEAST))
        return every.filter(every["held"] >= every[LEAST])

    found = there.questions.collected("terms", _asked(there, groups), {}, counted, counts_schema())
    return TermCounts.of_keys(
        *(column_numbers(found, name) for name in ("key", "held", "named", "numbers"))
    )


def _furniture(
    there: ArticlesThere, groups: _Groups, counts: TermCounts, scale: TermScale
) -> dict[int, NDArray[np.uint32]]:
    """Buckets that are furniture, by the number of the group whose it is."""
    asked = _may_be_furniture(groups, counts, scale)
    found: dict[int, NDArray[np.uint32]] = {}
    kinds, numbers = spark_types(furniture_schema()), list(asked)
    for first in range(0, len(numbers), GROUPS):
        some = {number: asked[number] for number in numbers[first : first + GROUPS]}
        rows = {number: groups.large[number].sampled() for number in some}
        table = there.asked(np.concatenate([*rows.values()]))
        of = np.repeat(list(rows), [len(own) for own in rows.values()]).astype(np.int64)
        spoken = groups.spoken[np.concatenate([*rows.values()])]
        table = table.append_column(BLOCK, pa.array(of)).append_column(SPOKEN, pa.array(spoken))

        def tell(rows: DataFrame, some: dict[int, AskedTerms] = some) -> DataFrame:
            blocks = rows.join(there.sketches().select(ROW, *OWN), ROW).groupBy(BLOCK)
            return blocks.applyInArrow(lambda block: furniture_in(block, scale, some), kinds)

        digest = hashlib.blake2b(digest_size=16)
        for terms in some.values():
            digest.update(terms.buckets.tobytes())
        by = {"scale": scale.digest(), "terms": digest.hexdigest()}
        told = there.questions.collected("furniture", table, by, tell, furniture_schema())
        for row in told.to_pylist():
            number = row[BLOCK]
            fixed = asked[number].buckets[np.frombuffer(row["fixed"], np.bool_)]
            if len(fixed):
                found[number] = fixed.astype(np.uint32)
    return found


def _may_be_furniture(
    groups: _Groups, counts: TermCounts, scale: TermScale
) -> dict[int, AskedTerms]:
    """Terms of each group that many of it hold, and few else."""
    codes, found = list(groups.articles), {}
    everywhere = _held_by_any(groups, counts, scale)
    for number, group in groups.large.items():
        own, size = counts.of(number), len(group.members)
        common = own.held >= least_holders(size)
        buckets, held = own.buckets[common], own.held[common]
        if group.outlet:
            usual = everywhere[np.searchsorted(scale.buckets, buckets)] / len(groups.spoken)
        else:
            usual = usual_shares(codes[number], buckets)
        buckets = buckets[unusual(held, size, usual)]
        if len(buckets):
            found[number] = AskedTerms(buckets, group.alike)
    return found


def _held_by_any(groups: _Groups, counts: TermCounts, scale: TermScale) -> NDArray[np.int64]:
    """How many articles hold each bucket of a scale, of whatever language (w,)."""
    spoken = counts.groups < len(groups.articles)
    at = np.searchsorted(scale.buckets, counts.buckets[spoken])
    found = np.zeros(len(scale.buckets), np.int64)
    np.add.at(found, at, counts.held[spoken])
    return found
