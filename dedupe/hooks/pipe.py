"""NDJSON in, NDJSON out: every line with an article is decided about, in order.

Whoever waits for an answer to each line gets one to the others too (ANSWERS_TO_ALL).

What the index admitted is committed before its answer is written, and written before the next
lines are taken. Who is stopped in between gives the same lines again, and gets the same answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, BinaryIO, Literal

import orjson

from dedupe.config import Limits
from dedupe.errors import RecordError, SourceError, StoreError
from dedupe.hooks.filter import Decision, Filter, decision_object
from dedupe.hooks.lines import KEPT_OF_LONG, Line
from dedupe.hooks.start import TRIED, StreamStart, must_be_text
from dedupe.json_form import encode
from dedupe.model import Article, Rejection
from dedupe.read.batch import made_ids
from dedupe.read.budget import USUAL, check_row, past_record
from dedupe.read.documents import loaded, reason_of
from dedupe.read.fields import FieldFinder
from dedupe.read.found import unpacked

Mode = Literal["drop", "mark", "verdict"]
Answer = Callable[[Line, Decision], bytes]
"""What is written for a line, with its line feed; nothing for one that is dropped."""
Refusal = Callable[[int, str], bytes]
"""The same for a line without an article: its number, and why there is none."""

MEMBER = "dedupe"
"""The member that a mark adds."""
BLANK = "the line is blank"
"""Why a blank line has no article."""

_TOKEN = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"|[][{},]', re.DOTALL)
"""Whole strings, as what stands in them is no punctuation; and what opens, closes and parts."""


def no_line(_: int, __: str) -> bytes:
    """Nothing is written."""
    return b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipe:
    """What happens to the lines of one stream."""

    keep: Filter
    finder: FieldFinder
    answer: Answer
    out: BinaryIO
    on_reject: Callable[[Rejection], object]
    """Called with every line without an article, but for blank ones."""
    on_unjudged: Callable[[int, int, str], None]
    """Called with the first and last line of those that passed unjudged, and why."""
    refusal: Refusal = no_line
    """What is written for a line without an article, blank ones too."""
    tried: int = TRIED
    """As in StreamStart."""
    source: str = "-"
    limits: Limits = USUAL

    def run(self, groups: Iterable[list[Line]]) -> None:
        """Answers the groups one by one, until they end.

        Raises StoreError if the index cannot answer and the filter fails ``closed``: it names the
        first line without an answer. Raises SourceError for a stream that is compressed, UTF-16 or
        begins as StreamStart takes none, and for one that ends without an article, once its lines
        were reported; and OSError as ``out`` does.
        """
        start = StreamStart(self.source, self.on_reject, self.tried)
        for group in groups:
            if group[0].number == 1:
                must_be_text(group[0], self.source)
            self._pass_on(group, start)
        start.end()

    def _pass_on(self, group: list[Line], start: StreamStart) -> None:
        """Answers the lines of one group."""
        articles, lines, others = self._read(group)
        rejections = [
            Rejection(self.source, line.number, reason, line.data[:KEPT_OF_LONG])
            for line, reason in others
            if reason != BLANK
        ]
        if articles:
            start.article()
        try:
            decisions = self.keep.decide_many(articles) if articles else []
        except StoreError as error:
            self._write([], [], [other for other in others if other[0].number < lines[0].number])
            raise self._unanswered(error, lines[0].number, rejections) from error
        # Reported before the answers are given: after a stop in between they are reported again.
        try:
            for rejection in rejections:
                start.reject(rejection)
        except SourceError:
            self._write(lines, decisions, others)
            raise
        if decisions and decisions[0].error:
            self.on_unjudged(lines[0].number, lines[-1].number, decisions[0].error)
        self._write(lines, decisions, others)

    def _write(
        self, lines: list[Line], decisions: list[Decision], others: list[tuple[Line, str]]
    ) -> None:
        """Writes the answers, in the order of the lines."""
        answers = {
            line.number: self.answer(line, decision)
            for line, decision in zip(lines, decisions, strict=True)
        }
        answers |= {line.number: self.refusal(line.number, reason) for line, reason in others}
        self.out.write(b"".join(answer for _, answer in sorted(answers.items())))
        self.out.flush()

    def _read(self, group: list[Line]) -> tuple[list[Article], list[Line], list[tuple[Line, str]]]:
        """The articles, their lines, and the lines without an article, each with the reason."""
        articles, lines, others = [], [], []
        for line in group:
            try:
                articles.append(article_in(line, self.finder, self.limits))
            except RecordError as error:
                others.append((line, str(error)))
            else:
                lines.append(line)
        return articles, lines, others

    def _unanswered(self, error: StoreError, first: int, rejections: list[Rejection]) -> StoreError:
        """The error that says where to go on; what was rejected before that line is reported."""
        for rejection in rejections:
            if rejection.line < first:
                self.on_reject(rejection)
        return type(error)(
            f"{error}; {self.source}:{first} is the first line without an answer: give it again "
            "from that line"
        )


def article_in(line: Line, finder: FieldFinder, limits: Limits = USUAL) -> Article:
    """The article of one line.

    Raises RecordError for a line of no article, or of several, or past a limit.
    """
    if not line.data or line.data.isspace():
        raise RecordError(BLANK)
    if line.cut:
        raise RecordError(past_record("the line", limits))
    try:
        value = loaded(line.data, limits)
    except RecursionError:
        raise RecordError("fields are nested too deep") from None
    except ValueError as error:
        raise RecordError(reason_of(error, line.data)) from None
    return article_of_value(value, finder, limits)


def article_of_value(value: Any, finder: FieldFinder, limits: Limits = USUAL) -> Article:
    """The article of a value of JSON. Raises RecordError for one of no article, or of several."""
    try:
        return article_of_record(_record(value, finder), finder, limits)
    except RecursionError:
        raise RecordError("fields are nested too deep") from None


def article_of_record(
    record: dict[str, Any], finder: FieldFinder, limits: Limits = USUAL
) -> Article:
    """The article of a record; without an id it gets that of its address, else of its content.

    Raises RecordError.
    """
    row = finder.row(record)
    check_row(row, limits)
    name, title, text, date, source, url, lang = row
    name = name or next(made_ids(row))
    return Article(name, text, title=title, date=date, source=source, url=url, lang=lang)


def _record(value: Any, finder: FieldFinder) -> dict[str, Any]:
    found = [record for _, record, _ in unpacked(1, value, b" ", _refuse, finder.records_in)]
    if len(found) != 1:
        raise RecordError(f"{len(found)} articles in one line; give each a line of its own")
    return found[0]


def _refuse(_: int, reason: str, __: bytes) -> None:
    raise RecordError(reason)


def passed_line(line: Line, decision: Decision) -> bytes:
    """The line as it came, if it passes."""
    return line.data + b"\n" if decision.passed else b""


def marked_line(line: Line, decision: Decision) -> bytes:
    """The line as it came, with the decision added to its object."""
    mark = encode(decision_object(decision)).rstrip(b"\n")
    return with_member(line.data, MEMBER, mark) + b"\n"


def verdict_line(_: Line, decision: Decision) -> bytes:
    """The decision alone."""
    return encode(decision_object(decision))


def passed_or_told_line(line: Line, decision: Decision) -> bytes:
    """The line as it came, if it passes, else an object of nothing but the mark."""
    return passed_line(line, decision) or encode({MEMBER: decision_object(decision)})


def refused_line(number: int, reason: str) -> bytes:
    """A decision about no article."""
    return encode(_refused(number, reason))


def refused_mark_line(number: int, reason: str) -> bytes:
    """The same as an object of nothing but the mark."""
    return encode({MEMBER: _refused(number, reason)})


def _refused(number: int, reason: str) -> dict[str, Any]:
    nothing = Decision("", passed=False, verdict=None, error=reason)
    return decision_object(nothing) | {"id": None, "line": number}


def with_member(data: bytes, name: str, value: bytes) -> bytes:
    """The object with ``"name": value`` as its last member, in place of any of that name.

    ``data`` is one valid JSON object of at least one other member, perhaps among blanks. To read
    and write it again would change numbers, escapes, and members that come twice.
    """
    close = data.rindex(b"}")
    body = data[:close]
    if name.encode() in body or rb"\u" in body:  # perhaps as a name, perhaps with escapes
        body = _without(body, name)
    return b'%b,"%b":%b%b' % (body, name.encode(), value, data[close:])


def _without(body: bytes, name: str) -> bytes:
    """An object, up to its closing brace, without its members of this name."""
    start = body.index(b"{") + 1
    kept = [part for part in _members(body, start) if _name(part) != name]
    return body[:start] + b",".join(kept)


def _members(body: bytes, start: int) -> list[bytes]:
    """The bytes between the commas of the object itself, not of what lies inside."""
    edges, depth = [start - 1], 0
    for token in _TOKEN.finditer(body, start):
        first = body[token.start()]
        if first in b"{[":
            depth += 1
        elif first in b"]}":
            depth -= 1
        elif first in b"," and depth == 0:
            edges.append(token.start())
    edges.append(len(body))
    return [body[a + 1 : b] for a, b in pairwise(edges)]


def _name(member: bytes) -> str:
    token = _TOKEN.search(member)
    return str(orjson.loads(token[0])) if token else ""


ANSWERS: dict[Mode, Answer] = {"drop": passed_line, "mark": marked_line, "verdict": verdict_line}
ANSWERS_TO_ALL: dict[Mode, tuple[Answer, Refusal]] = {
    "drop": (passed_or_told_line, refused_mark_line),
    "mark": (marked_line, refused_mark_line),
    "verdict": (verdict_line, refused_line),
}
"""One line for each that came in."""
