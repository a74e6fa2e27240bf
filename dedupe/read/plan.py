"""How records of one shape are read in columns."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple


class Plan(NamedTuple):
    """What is read of records of which every value that counts is a string, to be done in columns.

    See kernels.articles.lines.
    """

    names: list[str]
    columns: list[int]
    """What each name is read as: its place among the COLUMNS of that kernel."""
    alone: list[bool]
    """Whether no other name stands in for it where it is empty."""


PlanFor = Callable[[tuple[str, ...]], Plan | None]
"""The plan for records of these names, None where it takes more than one name a column."""
