"""The filter: asks an index about every article and says which of them pass.

::

    keep = Filter(index)
    for article in articles:
        if keep(article):
            publish(article)
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any, Literal, Protocol, get_args

from dedupe.errors import SettingError, StoreError
from dedupe.json_form import match_object, scores_object
from dedupe.model import COPY_RELATIONS, Article, Relation, Verdict
from dedupe.text import encodable

if TYPE_CHECKING:
    from dedupe.tabular import Record, Tabular

Droppable = Relation | Literal["replayed"]
"""What a filter may drop: a relation, or any article that was admitted before, id and text."""

OnFailure = Literal["open", "closed"]

DROPPABLE: tuple[str, ...] = (*get_args(Relation), "replayed")

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""
LATE_DAYS = 14.0
"""Days after which what is worded as an earlier article may be of the next event."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Decision:
    """One article was let through or dropped: the event that subscribers get."""

    id: str
    passed: bool
    verdict: Verdict | None
    """What the index answered; None where it could not, and the article passed unjudged."""
    error: str = ""
    """Why the index could not answer, in words."""
    seconds: float = 0.0
    """Time that the answer took; of articles that were decided together, the share of each."""


def decision_object(decision: Decision) -> dict[str, Any]:
    """The JSON object that docs/filter.md documents; ``to``, ``scores``: of the best match."""
    verdict = decision.verdict
    matches = verdict.matches if verdict else ()
    best = matches[0] if matches else None
    return {
        "schema_version": SCHEMA_VERSION,
        "id": decision.id,
        "relation": verdict and verdict.relation,
        "story": verdict and verdict.story,
        "to": best and best.b,
        "scores": best and scores_object(best.scores),
        "extends": bool(verdict and verdict.extends),
        "mentions": list(verdict.mentions) if verdict else [],
        "corrects": bool(verdict and verdict.corrects),
        "added": list(verdict.added) if verdict else [],
        "admitted": bool(verdict and verdict.admitted),
        "replayed": bool(verdict and verdict.replayed),
        "matches": [{"id": match.b, **match_object(match)} for match in matches],
        "passed": decision.passed,
        "error": None if verdict else decision.error,
        **({"held_as": verdict.id} if verdict and verdict.id != decision.id else {}),
    }


class Judge(Protocol):
    """What a filter asks of an index."""

    def admit_many(self, articles: Iterable[Article], /) -> list[Verdict]:
        """Judges and adds, in order: all of them, or with a StoreError none."""

    def check(self, article: Article, /) -> Verdict:
        """Judges, and changes nothing."""


class Filter:
    """Decides about articles by an index. One for each thread, as the index.

    ``drop`` names the relations that do not pass. A copy that says more than what is there passes
    all the same: one with sentences of its own (``verdict.extends``), and one that corrects names,
    numbers or dates (``verdict.corrects``); so does one that is not identical and whose date lies
    LATE_DAYS or more from those of all that it is a copy of. ``replayed`` in ``drop`` drops what is
    in the index already, id and text; without it such an article passes, or not, as it did the
    first time, so that one who was stopped between the answer and its use may ask again.
    ``on_failure`` says what becomes of articles about which the index cannot answer: ``closed``
    raises its StoreError, ``open`` lets them pass unjudged. With ``admit=False`` the index is
    asked and left as it is, so that no article is compared with the one before it. Each of
    ``subscribers`` is called with every Decision, in order; what one raises is logged, and nothing
    else comes of it.

    Raises SettingError for a name in ``drop``, or an ``on_failure``, that is not known.
    """

    def __init__(
        self,
        index: Judge,
        drop: Iterable[Droppable] = COPY_RELATIONS,
        *,
        on_failure: OnFailure = "closed",
        admit: bool = True,
        subscribers: Iterable[Callable[[Decision], object]] = (),
    ) -> None:
        self.drop = frozenset(drop)
        if unknown := self.drop - set(DROPPABLE):
            raise SettingError(
                f"cannot drop {', '.join(sorted(unknown))}; known: {', '.join(DROPPABLE)}"
            )
        if on_failure not in get_args(OnFailure):
            raise SettingError(f"on_failure is open or closed, not {on_failure!r}")
        self.on_failure = on_failure
        self._judged = index.admit_many if admit else partial(map, index.check)
        self._subscribers = tuple(subscribers)

    def __call__(self, article: Article | Record) -> bool:
        """Whether the article passes. Raises StoreError if the filter fails ``closed``."""
        return self.decide(article).passed

    def decide(self, article: Article | Record) -> Decision:
        """What becomes of the article, and why. Raises StoreError if the filter fails ``closed``.

        It is in the index, for good, when this returns.
        """
        return self.decide_many((article,))[0]

    def decide_many(self, articles: Tabular) -> list[Decision]:
        """The same for several at once, in order: quicker, as the index commits once.

        They are given as for ``group_articles``; of a table a decision a row.

        Where the index cannot answer, none of them was admitted; by a server some may have been.
        """
        from dedupe.read import articles_from

        # A Decision has the id that the index has.
        articles = tuple(map(encodable, articles_from(articles)))
        start = perf_counter()
        try:
            verdicts: list[Verdict | None] = [*self._judged(articles)]
            error = ""
        except StoreError as failure:
            if self.on_failure == "closed":
                raise
            verdicts, error = [None] * len(articles), str(failure)
        share = (perf_counter() - start) / max(len(articles), 1)
        decisions = [
            Decision(article.id, verdict is None or self.passes(verdict), verdict, error, share)
            for article, verdict in zip(articles, verdicts, strict=True)
        ]
        for decision in decisions:
            self._notify(decision)
        return decisions

    def passes(self, verdict: Verdict) -> bool:
        """Whether an article of this verdict passes."""
        if verdict.replayed and "replayed" in self.drop:
            return False
        says_more = verdict.relation in COPY_RELATIONS and (verdict.extends or verdict.corrects)
        return says_more or _is_late(verdict) or verdict.relation not in self.drop

    def _notify(self, decision: Decision) -> None:
        for subscriber in self._subscribers:
            try:
                subscriber(decision)
            except Exception:  # noqa: BLE001 - it is logged, and no reason to stop the stream
                _log.exception("a subscriber failed on the decision about %r", decision.id)


def _is_late(verdict: Verdict) -> bool:
    """Whether it has words of its own, and all that it is a copy of are LATE_DAYS from it.

    A bank holds its rates for the sixth time, seven weeks after the fifth, and the report says so
    in the same words but one.
    """
    if verdict.relation not in COPY_RELATIONS or verdict.relation == "identical":
        return False
    days = [match.days for match in verdict.matches if match.relation in COPY_RELATIONS]
    return bool(days) and all(gap is not None and abs(gap) >= LATE_DAYS for gap in days)
