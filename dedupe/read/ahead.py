"""Work that is begun on threads before its turn comes; what comes of it comes in order.

Nothing tells from outside that it was begun early: it depends on its item alone, and an error of
the items, or of the work, is raised when its turn comes.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")

PREPARED = 2
"""Items that `on_a_thread` makes before they are asked for."""
_END = object()


class Workers:
    """The threads that a run of reading has beside its own; none are started before one is needed.

    With a single thread wanted there are none, and work is done when what it makes is asked for.
    """

    def __init__(self, threads: int = 1) -> None:
        """``threads`` of 0 are one for each processor."""
        self.threads = threads or os.cpu_count() or 1
        self._pool: ThreadPoolExecutor | None = None

    @property
    def ahead(self) -> int:
        """Items that may wait, begun, behind the one whose turn it is."""
        return self.threads - 1

    def begin(self, work: Callable[[], Made]) -> Callable[[], Made]:
        """Begins some work; what is returned waits for what it makes, or raises what it raised."""
        if self.threads == 1:
            return work
        if self._pool is None:
            self._pool = ThreadPoolExecutor(self.threads, "dedupe-read")
        return self._pool.submit(work).result

    def close(self) -> None:
        """Ends the threads once they are through with what they are at."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None


def in_turn(
    items: Iterator[Item], begin: Callable[[Item], Made], ahead: Callable[[], int]
) -> Iterator[tuple[Item, Made]]:
    """Each item with what ``begin`` returned for it, while those behind it are begun, too.

    ``ahead`` says, each time before a further item is asked for, how many may wait.
    """
    waiting = deque[tuple[Item, Made]]()
    error: Exception | None = None
    over = False
    while True:
        while not over and len(waiting) <= ahead():
            try:
                item = next(items)
            except StopIteration:
                over = True
            except Exception as raised:  # noqa: BLE001 - raised again in its turn
                error, over = raised, True
            else:
                waiting.append((item, begin(item)))
        if not waiting:
            break
        yield waiting.popleft()
    if error is not None:
        raise error


def on_a_thread(items: Generator[Item, None, None]) -> Generator[Item, None, None]:
    """The items, made on a thread of their own, PREPARED of them before they are asked for.

    The thread ends with the iterator, which must be closed where it is not read to its end.
    """
    pool = ThreadPoolExecutor(1, "dedupe-unpack")
    try:
        waiting = deque[Future[Item | object]](
            pool.submit(next, items, _END) for _ in range(PREPARED)
        )
        while (item := waiting.popleft().result()) is not _END:
            waiting.append(pool.submit(next, items, _END))
            yield item  # type: ignore[misc]
    finally:
        pool.shutdown(cancel_futures=True)
