"""One thread that owns an index, for programs in which many ask it at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from dedupe.errors import StoreError
from dedupe.hooks.filter import Decision, Filter

if TYPE_CHECKING:
    from dedupe.index import Index
    from dedupe.model import Article

MOST_TOGETHER = 256
"""Articles from which on no further request is decided in the same commit."""

Value = TypeVar("Value")
_Waiting = tuple[Sequence["Article"], Future[list[Decision]]]


class Worker:
    """Opens an index, and decides by it, in one thread: an index belongs to one.

    Requests that come while an answer is being found are decided together next, in their order,
    in one commit. Nothing waits for company.
    """

    def __init__(self, opened: Callable[[], tuple[Index, Filter]]) -> None:
        self._opened = opened
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="dedupe")
        self._waiting: deque[_Waiting] = deque()
        self._index: Index | None = None
        self._filter: Filter | None = None

    def start(self) -> None:
        """Opens the index. Raises what opening it raises; then nothing can be asked."""
        try:
            self._index, self._filter = self._thread.submit(self._opened).result()
        except BaseException:
            self._thread.shutdown()
            raise

    def decide(self, articles: Sequence[Article]) -> Future[list[Decision]]:
        """The decisions to come, or the StoreError of a filter that fails closed.

        The articles of a request are committed together, or none of them is. Raises RuntimeError
        before ``start`` and after ``stop``.
        """
        if self._filter is None:
            raise RuntimeError("the worker was not started, or was stopped")
        answer: Future[list[Decision]] = Future()
        self._waiting.append((articles, answer))
        self._thread.submit(self._decide_waiting, self._filter)
        return answer

    def ask(self, call: Callable[[Index], Value]) -> Future[Value]:
        """What a call of the index returns or raises, in its turn.

        Raises RuntimeError before ``start`` and after ``stop``.
        """
        if self._index is None:
            raise RuntimeError("the worker was not started, or was stopped")
        return self._thread.submit(call, self._index)

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
            decisions = iter(keep.decide_many(a for articles, _ in together for a in articles))
        except StoreError as error:
            for _, answer in together:
                answer.set_exception(error)
            return
        except Exception as error:  # noqa: BLE001 - whoever waits for an answer gets it
            self._decide_each(keep, together, error)
            return
        for articles, answer in together:
            answer.set_result([next(decisions) for _ in articles])

    def _decide_each(self, keep: Filter, together: list[_Waiting], error: Exception) -> None:
        """Decides requests one by one, so that an error reaches alone whose article causes it."""
        for articles, answer in together:
            if len(together) == 1:
                answer.set_exception(error)
                return
            try:
                answer.set_result(keep.decide_many(articles))
            except Exception as own:  # noqa: BLE001 - see above
                answer.set_exception(own)

    def _taken(self) -> list[_Waiting]:
        """Those that wait, first come first; without those whose answer nobody waits for."""
        together: list[_Waiting] = []
        count = 0
        while self._waiting and count < MOST_TOGETHER:
            articles, answer = self._waiting.popleft()
            if answer.set_running_or_notify_cancel():
                together.append((articles, answer))
                count += len(articles)
        return together
