"""Which report an article copies: the members of a story as a tree, in reading order."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dedupe.model import Member, Story

DEEPEST = 3
"""A copy of a copy of a copy is indented no further: the table is a table first."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member at its place in the tree."""

    member: Member
    ancestors_last: tuple[bool, ...]
    """For each level below the report, whether this branch is the last one; () for a report."""
    above: Member | None
    """The article it stands beneath; None for a report."""


def lineage(story: Story) -> Iterator[Entry]:
    """Every member once: each independent report, followed by its copies beneath it."""
    groups: dict[str, list[Member]] = {}
    for member in story.members:
        groups.setdefault(member.copies, []).append(member)
    for members in groups.values():
        yield from _group(members)


def _group(members: list[Member]) -> Iterator[Entry]:
    """One group of copies, depth first; copies that hang from nothing hang from the report."""
    ids = {member.id for member in members}
    report = next((m for m in members if m.to not in ids), members[0])
    children: dict[str, list[Member]] = {}
    for member in members:
        if member is not report:
            children.setdefault(member.to if member.to in ids else report.id, []).append(member)
    seen = {report.id}
    reached = _reachable(report.id, children)
    children.setdefault(report.id, []).extend(m for m in members if m.id not in reached)
    yield Entry(report, (), None)
    waiting = _below(report, (), children)
    while waiting:
        entry = waiting.pop()
        if entry.member.id in seen:
            continue
        seen.add(entry.member.id)
        yield entry
        waiting.extend(_below(entry.member, entry.ancestors_last, children))


def _reachable(start: str, children: dict[str, list[Member]]) -> set[str]:
    reached, waiting = {start}, [start]
    while waiting:
        for child in children.get(waiting.pop(), []):
            if child.id not in reached:
                reached.add(child.id)
                waiting.append(child.id)
    return reached


def _below(above: Member, path: tuple[bool, ...], children: dict[str, list[Member]]) -> list[Entry]:
    """The entries right beneath ``above``, last one first, as a stack wants them."""
    found = children.get(above.id, [])
    return [
        Entry(child, (*path[: DEEPEST - 1], child is found[-1]), above) for child in reversed(found)
    ]
