"""A grouping as a table: one row an article, for Arrow, pandas and Polars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from dedupe.errors import DedupeError, RecordError

if TYPE_CHECKING:
    import pyarrow as pa

    from dedupe.model import Grouping, Member, Scores

COLUMNS = (
    *("id", "story", "copies", "role", "relation", "to", "jaccard", "containment", "cosine"),
    *("story_score", "share", "extends", "corrects", "mentions", "quotes"),
)
"""Columns of the table, in order."""
_NO_SCORES = (None,) * 5


def to_arrow(grouping: Grouping, beside: Any = None) -> pa.Table:
    """One row an article, in the order of input; see Grouping.to_arrow."""
    import pyarrow as pa

    placed = {m.id: (story.id, m) for story in grouping.stories for m in story.members}
    rows = [_row(*placed[name]) for name in grouping.order]
    columns = list(zip(*rows, strict=True)) or [()] * len(COLUMNS)
    text, words, number = pa.string(), pa.dictionary(pa.int8(), pa.string()), pa.float64()
    quote = pa.struct([("id", text), ("share", number)])
    kinds = [text, text, text, words, words, text, *[number] * 5, pa.bool_(), pa.bool_()]
    kinds += [pa.list_(text), pa.list_(quote)]
    made = [pa.array(values, kind) for values, kind in zip(columns, kinds, strict=True)]
    table = pa.table(made, names=list(COLUMNS))
    if beside is None:
        return table
    from dedupe.read import table_from

    given = table_from(beside)
    kept = _kept(given.schema.names, len(given), len(table))
    both = given.select(kept)
    for name, column in zip(table.schema.names, table.columns, strict=True):
        both = both.append_column(name, column)
    return both


def to_pandas(grouping: Grouping, beside: Any = None) -> Any:
    """The same as a pandas.DataFrame. Raises DedupeError where pandas is missing."""
    pandas = _imported("pandas")
    table = to_arrow(grouping).to_pandas()
    if beside is None:
        return table
    if not isinstance(beside, pandas.DataFrame):
        return to_arrow(grouping, beside).to_pandas()
    names = [*beside.columns]
    kept = beside[_kept(names, len(beside), len(table))]
    return pandas.concat([kept, table.set_axis(beside.index)], axis=1)


def to_polars(grouping: Grouping, beside: Any = None) -> Any:
    """The same as a polars.DataFrame. Raises DedupeError where Polars is missing."""
    polars = _imported("polars")
    table = polars.from_arrow(to_arrow(grouping))
    if beside is None:
        return table
    if not isinstance(beside, polars.DataFrame):
        return polars.from_arrow(to_arrow(grouping, beside))
    return beside.select(_kept(beside.columns, len(beside), len(table))).hstack(table)


def _row(story: str, member: Member) -> tuple[Any, ...]:
    place = (member.id, story, member.copies, member.role, member.relation, member.to)
    quotes = [quote._asdict() for quote in member.quotes]
    added = (member.extends, member.corrects, list(member.mentions), quotes)
    return (*place, *_numbers(member.scores), *added)


def _numbers(scores: Scores | None) -> tuple[float | None, ...]:
    if scores is None:
        return _NO_SCORES
    return scores.jaccard, scores.containment, scores.cosine, scores.story, scores.share


def _kept(names: list[Any], rows: int, articles: int) -> list[Any]:
    """The columns of a table that are put beside ours. Raises RecordError if they can't be."""
    if rows != articles:
        raise RecordError(
            f"the table has {rows:,} rows, and the grouping {articles:,} articles: give the one"
            " that was grouped, or join them by id"
        )
    twice = [name for name in names if name in COLUMNS and name != "id"]
    if twice:
        raise RecordError(f"the table has a column {twice[0]!r} of its own: rename it")
    return [name for name in names if name != "id"]


def _imported(name: str) -> Any:
    from importlib import import_module

    try:
        return import_module(name)
    except ImportError:
        raise DedupeError(f"to_{name} needs the package {name}: pip install {name}") from None
