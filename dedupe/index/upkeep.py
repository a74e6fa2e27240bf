"""Articles that leave an index or a group of copies, or come from another index: none is judged.

What stays is found as before. A copy that adds nothing to its group is entered under its shingles
alone; the one by which the group goes is entered under its telling terms, too. Where it leaves,
another takes its place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError, StoreError
from dedupe.index.answers import story_number
from dedupe.index.around import shingles_of
from dedupe.index.arrivals import arrivals, digest, stored_copy_keys
from dedupe.index.judge import judge
from dedupe.index.record import Sketches
from dedupe.index.store import Entry
from dedupe.moments import since_1970
from dedupe.text import encodable

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.find import Finder
    from dedupe.index.store import Columns, Writer
    from dedupe.model import IndexedArticle
    from dedupe.story import StoryModel


def let_go(writer: Writer, finder: Finder, numbers: Sequence[int]) -> None:
    """Lets entries go. Of the groups of copies that they stood for, others stand in.

    Raises DamagedError where none of them is there: whoever asks for more would never end.
    """
    known = writer.rows(numbers)
    if numbers and not known.ids:
        raise DamagedError("the index names articles that it does not contain")
    leaving = set(known.numbers.tolist())
    groups = writer.members(sorted(leaving.intersection(known.copies.tolist())))
    heirs = {name: [n for n in group if n not in leaving] for name, group in groups.items()}
    sketches = {name: _sketch(writer, name) for name, left in heirs.items() if left}
    writer.discard(sorted(leaving))
    for name, sketch in sketches.items():
        _renamed(writer, finder, heirs[name], sketch)


def part(writer: Writer, finder: Finder, pair: Columns) -> None:
    """Puts the later of two articles of one story, with all of its copies, into a new one."""
    number, (other, name) = int(pair.numbers[1]), pair.copies.tolist()
    new, members = writer.position().story + 1, writer.members([name])[name]
    if other != name:
        writer.place(members, new, name)
        return
    left = [member for member in members if member != number]
    sketch = _sketch(writer, number)
    if number == name:
        _renamed(writer, finder, left, sketch)
    else:
        number = _entered(writer, finder, number, sketch)
    writer.place([number], new, number)


def _sketch(writer: Writer, number: int) -> bytes:
    return writer.blobs("sketch", [number]).row(0)


def _renamed(writer: Writer, finder: Finder, left: Sequence[int], sketch: bytes) -> None:
    """Has a group go by the first of those left that is entered under telling terms.

    Where none is, the first of all is entered again, with the edges of ``sketch``.
    """
    telling = Sketches.read(writer.blobs("sketch", left), left).telling
    if not Sketches.of([sketch]).telling[0]:  # a digest: so are its copies
        telling[:1] = 1
    chosen = [number for number, terms in zip(left, telling, strict=True) if terms]
    name = chosen[0] if chosen else _entered(writer, finder, left[0], sketch)
    group = left if chosen else [*left[1:], name]
    writer.place(group, int(writer.rows([name]).stories[0]), name)


def _entered(writer: Writer, finder: Finder, number: int, edges: bytes) -> int:
    """Enters an article again, under its telling terms too; its new number."""
    finder.tallies.follow(writer)
    sketch, telling = finder.entered(_sketch(writer, number), edges)
    return _added(writer, number, sketch, telling)


def set_aside(writer: Writer, number: int) -> None:
    """Enters the first of a group of copies anew as a digest: under its shingles alone."""
    own, none = Sketches.of([_sketch(writer, number)], [number]), np.empty(0, np.uint32)
    story, members = int(writer.rows([number]).stories[0]), writer.members([number])[number]
    name = _added(writer, number, own.entered(0, none, 0), none)
    writer.place([name, *(member for member in members if member != number)], story, name)


def _added(writer: Writer, number: int, sketch: bytes, telling: NDArray[np.uint32]) -> int:
    """Enters an article again with another sketch, under these terms; its new number."""
    known = writer.rows([number])
    (name,) = known.ids
    shingles = shingles_of(writer, [number]).row(0)
    keys = stored_copy_keys(shingles)
    copies = int(known.copies[0])
    entry = Entry(
        id=name,
        digest=writer.find([name])[name][1],
        moment=int(known.moments[0]),
        arrived=int(known.arrived[0]),
        language=Sketches.of([sketch]).languages[0],
        story=int(known.stories[0]),
        copies=0 if copies == number else copies,
        keys=np.union1d(keys, telling),
        sketch=sketch,
        shingles=shingles,
        verdict=writer.blobs("verdict", [number]).row(0),
        text=writer.blobs("text", [number]).row(0),
    )
    writer.discard([number])
    return writer.add([entry])[0]


@dataclass(frozen=True, slots=True)
class Restoration:
    """One session in which articles of another index are taken in with their stories and answers.

    They are sketched and compared again, but not judged.
    """

    _finder: Finder
    _model: StoryModel
    _settings: Settings
    _writer: Writer
    _: KW_ONLY
    keeps_texts: bool

    def add(self, group: Sequence[IndexedArticle]) -> None:
        """Takes articles in, in their order. Raises StoreError where one is there already."""
        writer = self._writer
        self._finder.tallies.follow(writer)
        articles = [encodable(found.article) for found in group]
        if held := writer.find([article.id for article in articles]):
            raise StoreError(f"the index contains {next(iter(held))!r} already")
        incoming = arrivals(articles, self._settings, texts=self.keeps_texts)
        arrived = [since_1970(found.arrived) for found in group]
        moments = [incoming.moment(row, came) for row, came in enumerate(arrived)]
        self._finder.tallies.count(incoming, 1)
        hand = self._finder.find(writer, incoming, moments)
        self._finder.tallies.count(hand.arrivals, -1)
        judged = judge(hand, self._model)
        firsts = writer.find([found.copies for found in group])
        labels = {name: number for name, (number, _) in firsts.items()}
        first = writer.position().change + 1
        numbers = range(first, first + len(group))
        stories = self._stories(group)
        entries = []
        for row, found in enumerate(group):
            label = labels.get(found.copies, numbers[row])
            entries.append(
                judged.entry(
                    row,
                    found.verdict,
                    digest=digest(found.article),
                    arrived=arrived[row],
                    story=stories[row],
                    copies=label,
                    numbers=numbers,
                    folded=True if found.verdict.mentions else None,
                )
            )
            labels.setdefault(found.article.id, label)
        writer.add(entries)
        self._finder.tallies.save(writer)

    def _stories(self, group: Sequence[IndexedArticle]) -> list[int]:
        """The story of each article, which another may be part of by now."""
        wanted = [story_number(found.story) for found in group]
        numbers = [number for number in wanted if number is not None]
        if len(numbers) < len(group):
            name = group[wanted.index(None)].story
            raise StoreError(f"{name!r} is no id of a story")
        there = self._writer.groups(list(dict.fromkeys(numbers)), 1)
        return [there[number].story if number in there else number for number in numbers]
