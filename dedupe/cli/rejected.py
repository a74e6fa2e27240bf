"""How records that were not taken in are written and told."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, cast

from dedupe.cli.outputs import must_be_apart, must_not_be_of
from dedupe.cli.streams import say, whole

if TYPE_CHECKING:
    from pathlib import Path

    from dedupe.index.target import Target
    from dedupe.model import Rejection

SHOWN_REJECTIONS, TOLD_AT = 5, frozenset(10**n for n in range(2, 12))
"""Records without an article that are told of in full; their numbers that are told after that."""


def rejects_line(rejection: Rejection) -> bytes:
    """One line of a rejects file."""
    from dedupe.json_form import encode

    raw = rejection.raw.decode("utf-8", "replace")
    row = {"source": rejection.source, "line": rejection.line}
    older = {"older": True} if rejection.older else {}
    return encode(row | {"reason": rejection.reason, "raw": raw} | older)


def say_rejected(rejection: Rejection) -> None:
    """Says on standard error where a record stood, and why it was rejected."""
    where = f"{rejection.source}:{rejection.line}" if rejection.line else rejection.source
    say(f"{where}: {rejection.reason}")


@contextmanager
def rejects_added(
    file: Path | None, sources: Iterable[str], index: Target, what: str
) -> Iterator[Callable[[Rejection], object]]:
    """Where a record without an article is reported: on standard error, or in the rejects file.

    The file is added to, never overwritten: what is started again must not lose what an earlier
    run left. ``what`` a record is called. Raises SourceError where the file is a source or the
    index itself.
    """
    if file is None:
        yield from _said(what)
        return
    must_be_apart(file, sources, "--rejects")
    must_not_be_of(index, file, "--rejects")
    cut_off = _ends_within_a_line(file)
    with file.open("ab", buffering=0) as out:
        kept = whole(cast("BinaryIO", out))
        if cut_off:
            kept.write(b"\n")
        yield lambda rejection: kept.write(rejects_line(rejection))


def _said(what: str) -> Iterator[Callable[[Rejection], object]]:
    """Says the first rejections in full, of the others now and then, and at the end, how many."""
    count = 0

    def reject(rejection: Rejection) -> None:
        nonlocal count
        count += 1
        if count <= SHOWN_REJECTIONS:
            say_rejected(rejection)
        elif count in TOLD_AT:
            say(f"{count:,} {what}s rejected so far; --rejects FILE keeps them all")

    try:
        yield reject
    finally:
        if count > SHOWN_REJECTIONS:
            say(f"{count:,} {what}s rejected; --rejects FILE keeps them all")


def _ends_within_a_line(file: Path) -> bool:
    """Whether an earlier run was cut off as it wrote: no line must be glued on to that."""
    if not file.is_file() or not file.stat().st_size:
        return False
    try:
        with file.open("rb") as before:
            before.seek(-1, os.SEEK_END)
            return before.read() != b"\n"
    except OSError:  # it may be written, but not read
        return False
