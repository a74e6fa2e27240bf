"""One source is read, judged and admitted, and each answer is told.

What is about to be admitted is noted first, then admitted, then told, then noted as told. Who is
killed in between is told the rest at the next start: an answer may be told twice, but never not.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Protocol

from dedupe.hooks.filter import Decision, Filter
from dedupe.hooks.watch.seen import Intent, Seen
from dedupe.identity import origin, own_id
from dedupe.read.articles import Intake
from dedupe.read.batch import articles_of

if TYPE_CHECKING:
    from dedupe.config import Limits
    from dedupe.identity import SameBy
    from dedupe.index import Index
    from dedupe.model import Article, Rejection
    from dedupe.read.fields import FieldKeys
    from dedupe.read.openable import OpenSource, Source

TOGETHER = 256
"""Articles that are admitted at once."""
_BATCH = 2 << 20


class Audience(Protocol):
    """Who is told what happens, in the thread that watches."""

    def decision(self, source: str, article: Article, decision: Decision) -> object:
        """An article is in the index for good, and this is what it is."""

    def flush(self) -> object:
        """What was told so far is to be written now."""

    def rejection(self, rejection: Rejection) -> object:
        """A record was not taken in."""

    def message(self, message: str) -> object:
        """What else there is to know."""

    def changed(self) -> object:
        """Something was admitted since the last time, and nothing is under way."""


@dataclass(slots=True)
class Summary:
    """What a run did."""

    admitted: int = 0
    """Articles that the index did not hold, or held with another text."""
    recalled: int = 0
    """Articles that an earlier run admitted, and that are told of by this one."""
    asked: int = 0
    """Questions to feeds."""
    unchanged: int = 0
    """Of them, those that were answered with nothing new."""
    files: int = 0
    """Files that were read."""
    failing: set[str] = field(default_factory=set)
    """Sources that could not be read when they were last tried."""


class Taking:
    """Takes sources in, one after the other, in one thread."""

    def __init__(
        self,
        index: Index,
        seen: Seen,
        told: Audience,
        *,
        keys: FieldKeys,
        limits: Limits,
        same_by: SameBy,
        is_stopped: Callable[[], bool],
    ) -> None:
        self._index, self._keep, self._seen, self._told = index, Filter(index), seen, told
        self._keys, self._limits, self._same_by = keys, limits, same_by
        self._is_stopped = is_stopped
        self.summary = Summary()

    def recall(self) -> None:
        """Tells what an earlier run admitted and may not have told."""
        unsaid = self._seen.unsaid
        for name in unsaid.ids:
            found = self._index.get(name)
            if found is not None and _in_microseconds(found.arrived.timestamp()) >= unsaid.moment:
                passed = self._keep.passes(found.verdict)
                decision = Decision(found.article.id, passed, found.verdict)
                self.summary.recalled += 1
                self._told.decision(unsaid.source, found.article, decision)
        if unsaid.ids:
            self._told.flush()
            self._seen.said()

    def take(self, name: str, source: Source, opened: OpenSource | None = None) -> None:
        """Admits the articles of a source, until the end is asked for.

        ``opened`` is read in its place. Raises SourceError for one that is broken as a whole, and
        StoreError where the index cannot answer: all before that is admitted.
        """
        run = Intake(self._keys, None, self._limits, self._rejected, lambda _: None, self._same_by)
        if opened is not None:
            run.through = lambda _: opened
        batches = run.batches([source], _BATCH, lambda *_: None)
        articles = chain.from_iterable(map(articles_of, batches))
        while group := list(islice(articles, TOGETHER)):
            if self._is_stopped():
                return
            self._admit(name, group)

    def _rejected(self, rejection: Rejection) -> None:
        if not rejection.older:
            self._told.rejection(rejection)

    def _admit(self, name: str, group: list[Article]) -> None:
        ids = dict.fromkeys(chain.from_iterable(map(self._names, group)))
        self._seen.intend(Intent(name, tuple(ids), _in_microseconds(time.time())))
        for article, decision in zip(group, self._keep.decide_many(group), strict=True):
            verdict = decision.verdict
            if verdict is not None and not verdict.replayed:
                self.summary.admitted += 1
                self._told.decision(name, article, decision)
        self._told.flush()
        self._seen.said()

    def _names(self, article: Article) -> tuple[str, str]:
        """The ids under which the index may hold an article."""
        of = origin(article.source, article.url)
        return article.id, own_id(article.id, of, self._same_by)


def _in_microseconds(seconds: float) -> int:
    return round(seconds * 1e6)
