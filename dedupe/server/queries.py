"""What handlers have in common: the index is asked within a time, queries are read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from dedupe.server.failures import RefusedError

if TYPE_CHECKING:
    from dedupe.index import Index
    from dedupe.server.answering import Inquiry

PAGE, LARGEST_PAGE = 100, 1000
"""Rows of one answer, and how many may be asked for."""
DIGITS = 15
"""Of a number in a query."""

Value = TypeVar("Value")


async def read(asked: Inquiry, call: Callable[[Index], Value]) -> Value:
    """What a call that changes nothing returns or raises. Raises TimeoutError."""
    async with asyncio.timeout(asked.service.shared.limits.seconds):
        return await asked.service.shared.read(call)


async def changed(asked: Inquiry, call: Callable[[Index], Value]) -> Value:
    """The same of one that changes something, once it has committed."""
    async with asyncio.timeout(asked.service.shared.limits.seconds):
        return await asked.service.shared.change(call)


def number_in(query: Mapping[str, str], name: str, usual: int, bounds: tuple[int, int]) -> int:
    """A number of a query; ``usual`` where it is not there. Raises RefusedError."""
    told, (least, most) = query.get(name, str(usual)), bounds
    digits = told.isascii() and told.isdecimal() and len(told) <= DIGITS
    if not (digits and least <= int(told) <= most):
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{name} is a number from {least} to {most}")
    return int(told)
