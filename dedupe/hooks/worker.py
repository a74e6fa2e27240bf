"""A filter in a thread of its own, for hosts whose loop must not wait for an answer."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from dedupe.hooks.filter import Decision, Filter
    from dedupe.index import Index
    from dedupe.model import Article

MOST_TOGETHER = 256
"""Articles that are committed at once, of those that wait."""


class Worker:
    """Opens an index, and decides by it, in one thread: an index belongs to one.

    Articles that come while an answer is being found are decided together next, in their order,
    in one commit.
    """

    def __init__(self, opened: Callable[[], tuple[Index, Filter]]) -> None:
        self._opened = opened
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dedupe")
        self._waiting: deque[tuple[Article, Future[Decision]]] = deque()
        self._index: Index | None = None
        self._filter: Filter | None = None

    def start(self) -> None:
        """Opens the index. Raises what opening it raises; then nothing can be asked."""
        try:
            self._index, self._filter = self._thread.submit(self._opened).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def decide(self, article: Article) -> Future[Decision]:
        """The decision to come, or the StoreError of a filter that fails closed.

        Raises RuntimeError before ``start`` and after ``stop``.
        """
        if self._filter is None:
            raise RuntimeError("the worker was not started, or was stopped")
        answer: Future[Decision] = Future()
        self._waiting.append((article, answer))
        self._thread.submit(self._decide_waiting, self._filter)
        return answer

    def stop(self) -> None:
        """Closes the index once all is decided. May be called at any time, and again."""
        if self._index is not None:
            self._thread.submit(self._index.close).result()
        self._index = self._filter = None
        self._thread.shutdown()

    def _decide_waiting(self, keep: Filter) -> None:
        together = self._taken()
        if not together:
            return
        try:
            decisions = keep.decide_many(article for article, _ in together)
        except Exception as error:  # noqa: BLE001 - whoever waits for an answer gets it
            for _, answer in together:
                answer.set_exception(error)
            return
        for (_, answer), decision in zip(together, decisions, strict=True):
            answer.set_result(decision)

    def _taken(self) -> list[tuple[Article, Future[Decision]]]:
        """Those that wait, first come first; without those whose answer nobody waits for."""
        together: list[tuple[Article, Future[Decision]]] = []
        while self._waiting and len(together) < MOST_TOGETHER:
            article, answer = self._waiting.popleft()
            if answer.set_running_or_notify_cancel():
                together.append((article, answer))
        return together
