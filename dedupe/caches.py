"""Caches that hostile text cannot fill: bounded in entries, and each entry in length."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, TypeVar

LONGEST = 128
"""Characters of a text whose result is kept: names, words and dates are shorter."""

Function = TypeVar("Function", bound=Callable[..., Any])


def short_cache(most: int) -> Callable[[Function], Function]:
    """Keeps the latest ``most`` results for texts, the first argument, of LONGEST characters.

    What is longer comes from nobody who repeats it, and is worked out each time. Without this
    bound 65,536 entries of a megabyte each are what a stranger can have kept.
    """

    def decorated(function: Function) -> Function:
        kept = lru_cache(maxsize=most)(function)

        @wraps(function)
        def found(text: str, *rest: Any, **more: Any) -> Any:
            return (function if len(text) > LONGEST else kept)(text, *rest, **more)

        return found  # type: ignore[return-value]

    return decorated
