"""Files read a second time: the records as they stand there, and whether each became an article."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from dedupe.errors import SourceError
from dedupe.read.fields import FieldFinder
from dedupe.read.formats import FORMATS
from dedupe.read.usual import PlainRows

if TYPE_CHECKING:
    from dedupe.read.content import Content


class FoundAgain(NamedTuple):
    """A record that is read a second time."""

    line: int
    record: dict[str, Any] | None
    """None for one that its reader rejects."""
    raw: bytes
    """As in FoundRecord: how it stands there, b"" where it has no own form."""
    article: int | None = None
    """Which article of the file it became, from 0; None for none."""


def read_again(
    content: Content, form: str, lines: list[int], finder: FieldFinder, *, named: bool
) -> Iterator[list[FoundAgain]]:
    """The records of a file that was read before; those of one line together.

    ``lines`` are those of its articles. A table has all of its columns. Raises SourceError where
    the articles are not there any more, where it can't be told which records they are, and for a
    file that was ``named`` as reading does: of any other one all that comes before is taken.
    """
    taken = 0
    for line, group in groupby(_found(content, form, finder, named), attrgetter("line")):
        found = list(group)
        here = _run(lines, taken, line, len(found))
        if here == len(found):
            found = [one._replace(article=n) for n, one in enumerate(found, taken)]
        elif here:
            raise SourceError(
                f"{content.name}:{line}: several records stand here, and not all are articles;"
                " write it as JSON Lines, one article a line, and try again"
            )
        taken += here
        yield found
    if taken != len(lines):
        raise changed_meanwhile(content.name)


def changed_meanwhile(name: str) -> SourceError:
    """The error that says that a file is not what it was when it was read first."""
    return SourceError(f"{name}: changed while it was read; try again once nobody writes to it")


def _run(lines: list[int], first: int, line: int, most: int) -> int:
    """How many articles from this one on are of this line."""
    stop = first
    while stop < min(first + most, len(lines)) and lines[stop] == line:
        stop += 1
    return stop - first


def _found(
    content: Content,
    form: str,
    finder: FieldFinder,
    named: bool,  # noqa: FBT001
) -> Iterator[FoundAgain]:
    waiting: list[FoundAgain] = []

    def reject(line: int, _: str, raw: bytes) -> None:
        waiting.append(FoundAgain(line, None, raw))

    def all_of(names: Iterable[str]) -> list[str]:
        return list(names)

    asked = {"wanted": all_of, "plan": lambda _: None}
    row = FORMATS[form]
    reader = row.read(content, reject, *(asked.get(n) or getattr(finder, n) for n in row.asks))
    try:
        for found in reader:
            yield from waiting
            waiting.clear()
            if not isinstance(found, PlainRows):  # which come by a plan alone
                yield FoundAgain(*found)
    except SourceError:
        if named:
            raise
    yield from waiting
