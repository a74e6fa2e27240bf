"""JSON Lines: one record a line, lines of the usual shape together, blocks of them on threads."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from dedupe.read.ahead import in_turn
from dedupe.read.budget import PastLimitError, line_breaks, past_record
from dedupe.read.content import Content, line_blocks
from dedupe.read.documents import loaded, reason_of, values_on
from dedupe.read.found import FoundRecord, RecordsIn, Reject, unpacked
from dedupe.read.packed import BLOCK, Stand
from dedupe.read.plan import Plan, PlanFor
from dedupe.read.usual import MOST_OTHERS, Other, PlainRows, split_block

_ACTIONS = frozenset({"index", "create", "update"})
"""What stands in a bulk request of Elasticsearch on a line of its own, before each document."""


class JsonLines:
    """The records of a file of lines."""

    def __init__(
        self, content: Content, reject: Reject, plan_for: PlanFor, records_in: RecordsIn
    ) -> None:
        self._content = content
        self._reject = reject
        self._plan_for = plan_for
        self._records_in = records_in
        self._id: object = None
        """Of the document to come, where a line before it says so."""
        self._names: tuple[str, ...] = ()
        """Of the latest record that was read by itself."""
        self._vain: set[tuple[str, ...]] = set()
        """Names of records that have a plan, of which most lines were left over all the same."""
        self._steady: Plan | None = None
        """By which most lines of the latest block were read."""
        self._waiting = 0
        """Bytes of the blocks whose turn has not come."""
        self._end = content.stand

    def read(self, blocks: Iterator[bytes]) -> Iterator[FoundRecord | PlainRows]:
        """One record a line, and lines of the usual shape together."""
        number, whole, cut_short = 1, 0, b""
        content, limits = self._content, self._content.limits
        taken = self._taken(line_blocks(blocks, limits.record_bytes))
        for (block, content.stand), begun in in_turn(taken, self._begun, self._ahead):
            if block is None:
                self._reject(number, past_record("the line", limits), b"")
                number += 1
                continue
            self._waiting -= len(block)
            split = begun()
            for found in self._block(block, number, split):
                if not isinstance(found, Other):
                    yield found
                elif self._content.damage:  # known only once the last whole line is through
                    whole, cut_short = found.number - 1, found.line
                elif found.wrong is not None:
                    self._reject(found.number, reason_of(found.wrong, found.line), found.line)
            number += split.lines
            whole = whole if cut_short else number - 1
        content.stand = self._end
        if self._content.damage:
            damage = f"{self._content.damage} at line {whole + 1}"
            self._reject(whole + 1, damage, cut_short)

    def _taken(self, blocks: Iterator[bytes | None]) -> Iterator[tuple[bytes | None, Stand]]:
        """The blocks, each with how far the file was read for it."""
        for block in blocks:
            self._waiting += len(block or b"")
            stand = self._content.stand
            yield block, stand
            self._content.stand = stand  # which was that of the block whose turn it is
        self._end = self._content.stand

    def _begun(self, taken: tuple[bytes | None, Stand]) -> Callable[[], _Split]:
        """Begins to read a block as the latest was read: on a thread, if that was in columns."""
        block, plan = taken[0] or b"", self._steady
        work = partial(_Split.of, block, plan)
        return work if plan is None else self._content.workers.begin(work)

    def _ahead(self) -> int:
        """How many blocks may wait: none before it is known how they will be read."""
        workers = self._content.workers
        small = self._waiting < workers.threads * BLOCK
        return workers.ahead if self._steady is not None and small else 0

    def _block(
        self, data: bytes, number: int, split: _Split
    ) -> Iterator[FoundRecord | PlainRows | Other]:
        """The records in a block of whole lines; what is none comes as it is."""
        plan, self._steady = self._plan(), None
        if plan is None:
            first, _, rest = data.partition(b"\n")
            yield from self._line(Other(number, first))
            plan = self._plan()
            if plan is None:
                for at, line in enumerate(rest.split(b"\n") if rest else (), number + 1):
                    yield from self._line(Other(at, line))
                return
            data, number, split = rest, number + 1, _Split.of(rest, plan)
        elif split.plan != plan:
            split = _Split.of(data, plan)
        usual, others = 0, 0
        for found in split.parts(number) if split.parts else ():
            if isinstance(found, Other):
                others += 1
                yield from self._line(found)
            else:
                usual += len(found.numbers)
                yield found
        names = tuple(plan.names)
        if others <= MOST_OTHERS * (usual + others):
            self._names, self._steady = names, plan
        elif self._names == names:
            self._vain.add(names)

    def _plan(self) -> Plan | None:
        """How records are read that have the names of the latest one."""
        wanted = self._names and self._names not in self._vain
        return self._plan_for(self._names) if wanted else None

    def _line(self, found: Other) -> Iterator[FoundRecord | Other]:
        (number, line, _), limits = found, self._content.limits
        if not line or line.isspace():
            return
        try:
            values = [loaded(line, limits)]
        except ValueError as error:
            values = [] if isinstance(error, PastLimitError) else values_on(line, limits)
            if not values:
                yield Other(number, line, error)
                return
        for value in values:
            yield from self._value(number, value, line)

    def _value(self, number: int, value: Any, line: bytes) -> Iterator[FoundRecord]:
        if type(value) is dict:
            names = tuple(value)
            if len(names) == 1 and names[0] in _ACTIONS and isinstance(value[names[0]], dict):
                self._id = value[names[0]].get("_id")
                if self._id is not None or "_index" in value[names[0]]:
                    return
            if self._id is not None:
                value, self._id = {"_id": self._id, **value}, None
            self._names = names
        yield from unpacked(number, value, line, self._reject, self._records_in)


class _Split(NamedTuple):
    """A block of whole lines, as far as it can be read without what stands before it."""

    lines: int
    plan: Plan | None
    parts: Callable[[int], Iterator[PlainRows | Other]] | None
    """By the plan, see split_block."""

    @classmethod
    def of(cls, data: bytes, plan: Plan | None) -> _Split:
        lines = line_breaks(data) + (not data.endswith(b"\n"))
        return cls(lines, plan, split_block(data, plan) if plan and data else None)
