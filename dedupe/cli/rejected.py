"""How records that were not taken in are written and told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.cli.streams import say

if TYPE_CHECKING:
    from dedupe.model import Rejection


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
