"""NDJSON in, NDJSON out: every line with an article is decided about, in order.

What the index admitted is committed before its answer is written, and written before the next
lines are taken. Who is stopped in between gives the same lines again, and gets the same answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import BinaryIO, Literal

import orjson

from dedupe.errors import RecordError, StoreError
from dedupe.hooks.filter import Decision, Filter
from dedupe.hooks.lines import KEPT_OF_LONG, Line
from dedupe.hooks.record import article_in, beginning
from dedupe.hooks.splice import with_member
from dedupe.hooks.verdict_json import decision_object
from dedupe.model import Article, Rejection
from dedupe.read.fields import Finder

Mode = Literal["drop", "mark", "verdict"]
Answer = Callable[[Line, Decision], bytes]
"""What is written for a line, with its line feed; nothing for one that is dropped."""

MEMBER = "dedupe"
"""The member that a mark adds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipe:
    """What happens to the lines of one stream."""

    keep: Filter
    finder: Finder
    answer: Answer
    out: BinaryIO
    on_reject: Callable[[Rejection], None]
    """Told of every line that holds no article; blank lines are passed over."""
    on_unjudged: Callable[[int, int, str], None]
    """Told the first and last line of those that passed unjudged, and why."""
    source: str = "-"

    def run(self, groups: Iterable[list[Line]]) -> None:
        """Answers the groups one by one, until they end.

        Raises StoreError if the index cannot answer and the filter fails ``closed``: it names the
        first line without an answer. Raises SourceError for a stream that is compressed or UTF-16,
        and OSError as ``out`` does.
        """
        for group in groups:
            if group[0].number == 1:
                group[0] = beginning(group[0], self.source)
            self._pass_on(group)

    def _pass_on(self, group: list[Line]) -> None:
        articles, lines, rejections = self._read(group)
        try:
            decisions = self.keep.decide_many(articles) if articles else []
        except StoreError as error:
            raise self._unanswered(error, lines[0].number, rejections) from error
        # Told before the answers are given: who is stopped in between is told twice, not never.
        for rejection in rejections:
            self.on_reject(rejection)
        if decisions and decisions[0].error:
            self.on_unjudged(lines[0].number, lines[-1].number, decisions[0].error)
        self.out.write(b"".join(map(self.answer, lines, decisions)))
        self.out.flush()

    def _read(self, group: list[Line]) -> tuple[list[Article], list[Line], list[Rejection]]:
        """The articles, the lines that hold them, and what holds none."""
        articles, lines, rejections = [], [], []
        for line in group:
            if not line.data or line.data.isspace():
                continue
            try:
                articles.append(article_in(line, self.finder))
            except RecordError as error:
                raw = line.data[:KEPT_OF_LONG]
                rejections.append(Rejection(self.source, line.number, str(error), raw))
            else:
                lines.append(line)
        return articles, lines, rejections

    def _unanswered(self, error: StoreError, first: int, rejections: list[Rejection]) -> StoreError:
        """The error that tells where to go on; what was rejected before that line is told too."""
        for rejection in rejections:
            if rejection.line < first:
                self.on_reject(rejection)
        return type(error)(
            f"{error}; {self.source}:{first} is the first line without an answer: nothing from"
            " there on was admitted, so give it again from that line"
        )


def passed_line(line: Line, decision: Decision) -> bytes:
    """The line as it came, if it passes."""
    return line.data + b"\n" if decision.passed else b""


def marked_line(line: Line, decision: Decision) -> bytes:
    """The line as it came, with the decision added to its object."""
    mark = orjson.dumps(decision_object(decision))
    return with_member(line.data, MEMBER, mark) + b"\n"


def verdict_line(_: Line, decision: Decision) -> bytes:
    """The decision alone."""
    return orjson.dumps(decision_object(decision), option=orjson.OPT_APPEND_NEWLINE)


ANSWERS: dict[Mode, Answer] = {"drop": passed_line, "mark": marked_line, "verdict": verdict_line}
