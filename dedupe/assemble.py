"""From the arrays of an analysis to the stories that people and programs read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from dedupe.group import representatives
from dedupe.model import (
    COPY_RELATIONS,
    Grouping,
    Match,
    Member,
    Placement,
    Quote,
    Relation,
    Scores,
    Story,
)
from dedupe.moments import EPOCH, days_between, latest, moment, since_1970
from dedupe.novelty import CORRECTION, UPDATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.analysis import Analysis


COPIES_THAT_MAY_ADD = frozenset(COPY_RELATIONS) - {"identical"}


@dataclass(frozen=True, slots=True)
class Held:
    """Relation and scores of each article against the one that holds it in its story."""

    relations: list[Relation | None]
    scores: list[Scores | None]
    adds: list[int]
    """What each copy adds to that one, see novelty.additions."""


def grouping(analysis: Analysis) -> Grouping:
    """Every article in its story, stories largest first."""
    links, articles = analysis.links, analysis.articles
    held = evidence_of_links(analysis)
    copies = group_ids(links.copies, articles.ids, "c")
    stories = group_ids(links.stories, articles.ids, "s")
    dated = articles.dates.tolist()
    dates = [moment(value) for value in dated]
    heads, parents = links.tree.heads.tolist(), links.tree.parents.tolist()
    mentions, quotes = _mentions(analysis), _quotes(analysis)
    members = [
        Member(
            id=articles.ids[i],
            headline=articles.headlines[i],
            source=articles.sources[i],
            date=dates[i],
            role="representative" if heads[i] == i else "member",
            copies=copies[i],
            relation=held.relations[i],
            to=articles.ids[parents[i]] if parents[i] >= 0 else None,
            scores=held.scores[i],
            mentions=tuple(articles.ids[other] for other in mentions.get(i, ())),
            quotes=tuple(quotes.get(i, ())),
            extends=bool(held.adds[i] & UPDATE),
            corrects=bool(held.adds[i] & CORRECTION),
        )
        for i in range(len(articles.ids))
    ]
    mentioned: dict[int, list[int]] = {}
    for digest, others in mentions.items():
        for other in others:
            mentioned.setdefault(int(links.stories[other]), []).append(digest)
    found = [
        replace(
            _story(stories[group[0]], group, members, articles.dates),
            mentioned=_by_date(mentioned.get(int(links.stories[group[0]]), []), members, dated),
        )
        for group in _groups(links.stories)
    ]
    found.sort(key=_by_size)
    order = np.argsort(articles.arrival)
    return Grouping(
        stories=tuple(found),
        order=tuple(articles.ids[i] for i in order.tolist()),
        text_bytes=analysis.text_bytes,
        seconds=analysis.seconds,
        notes=analysis.notes,
    )


def placements(analysis: Analysis) -> Iterator[Placement]:
    """Where every article stands, in input order; stories are not put together for it."""
    links, articles = analysis.links, analysis.articles
    held, ids = evidence_of_links(analysis), articles.ids
    copies = group_ids(links.copies, ids, "c")
    stories = group_ids(links.stories, ids, "s")
    heads, parents = links.tree.heads.tolist(), links.tree.parents.tolist()
    mentions, quotes = _mentions(analysis), _quotes(analysis)
    for i in np.argsort(articles.arrival).tolist():
        yield Placement(
            ids[i],
            stories[i],
            copies[i],
            "representative" if heads[i] == i else "member",
            held.relations[i],
            ids[parents[i]] if parents[i] >= 0 else None,
            held.scores[i],
            tuple(ids[other] for other in mentions.get(i, ())),
            tuple(quotes.get(i, ())),
            bool(held.adds[i] & UPDATE),
            bool(held.adds[i] & CORRECTION),
        )


def stand_ins(analysis: Analysis, *, of_stories: bool) -> NDArray[np.int32]:
    """The article that stands for each one's group of copies, or story: the earliest (n,)."""
    links, articles = analysis.links, analysis.articles
    labels = links.stories if of_stories else links.copies
    return representatives(labels, articles.dates, analysis.sketch.lengths)


def _mentions(analysis: Analysis) -> dict[int, list[int]]:
    """The articles that each digest tells of, likeliest first, one of each story."""
    stories, found = analysis.links.stories, dict[int, dict[int, int]]()
    for digest, other in analysis.links.mentions.tolist():
        found.setdefault(digest, {}).setdefault(int(stories[other]), other)
    return {digest: list(others.values()) for digest, others in found.items()}


def _quotes(analysis: Analysis) -> dict[int, list[Quote]]:
    """What each article quotes of others, most first."""
    links, ids, found = analysis.links, analysis.articles.ids, dict[int, list[Quote]]()
    shares = links.quoted.tolist()
    for (row, other), share in zip(links.quotations.tolist(), shares, strict=True):
        found.setdefault(row, []).append(Quote(ids[other], share))
    return found


def _by_date(rows: list[int], members: list[Member], dates: list[int]) -> tuple[Member, ...]:
    return tuple(members[row] for row in sorted(rows, key=lambda row: (latest(dates[row]), row)))


def group_ids(labels: NDArray[np.int32], ids: list[str], kind: str) -> list[str]:
    """Id of each article's group: a hash of the members' ids, so a function of the group alone."""
    found = [""] * len(ids)
    for group in _groups(labels):  # members in the order of ids
        names = [ids[i].encode("utf-8", "surrogatepass") for i in group]
        told = b"".join(len(name).to_bytes(8, "little") + name for name in names)
        name = kind + hashlib.blake2b(told, digest_size=8).hexdigest()
        for i in group:
            found[i] = name
    return found


def evidence_of_links(analysis: Analysis) -> Held:
    """Exact scores of every article against its parent, and the relation that follows."""
    tree, n = analysis.links.tree, len(analysis.articles.ids)
    relations: list[Relation | None] = [None] * n
    scores: list[Scores | None] = [None] * n
    adds = [0] * n
    pairs = tree.pairs()
    bound = pairs[:, 1]
    if not len(bound):
        return Held(relations, scores, adds)
    shared = analysis.overlaps(pairs)
    cosine = analysis.cosines(pairs)
    story = analysis.links.chances[bound]
    told = analysis.relations(pairs, shared)
    columns = (shared.jaccard, shared.containment, cosine, story)
    for i, (relation, share), jaccard, containment, near, likely in zip(
        bound.tolist(), told, *(column.tolist() for column in columns), strict=True
    ):
        relations[i] = relation
        scores[i] = Scores(jaccard, containment, near, likely, share)
    copies = np.array([relation in COPIES_THAT_MAY_ADD for relation, _ in told], np.bool_)
    for i, more in zip(
        bound[copies].tolist(), analysis.additions(pairs[copies, ::-1]).tolist(), strict=True
    ):
        adds[i] = more
    return Held(relations, scores, adds)


def _groups(labels: NDArray[np.int32]) -> Iterator[list[int]]:
    """Members of each group, in the order of ids."""
    order = np.argsort(labels, kind="stable")
    ends = [*(np.flatnonzero(np.diff(labels[order])) + 1).tolist(), len(order)]
    members, first = order.tolist(), 0
    for end in ends if len(order) else ():
        yield members[first:end]
        first = end


def _story(name: str, group: list[int], members: list[Member], dates: NDArray[np.int64]) -> Story:
    if len(group) == 1:
        return Story(name, (members[group[0]],))
    ends = {i: latest(int(dates[i])) for i in group}
    group = sorted(group, key=lambda i: (members[i].role != "representative", ends[i], i))
    chosen = tuple(members[i] for i in group)
    by_id = {member.id: member for member in chosen}
    bound = [m for m in chosen if m.scores is not None]
    last = min(bound, key=_strength)
    return Story(name, chosen, weakest=_match(last, by_id[last.to or ""]))


def _strength(member: Member) -> tuple[float, float, str]:
    scores = member.scores
    return (scores.story, scores.jaccard, member.id) if scores else (1.0, 1.0, member.id)


def _match(member: Member, parent: Member) -> Match:
    days = None
    if member.date is not None and parent.date is not None:
        days = days_between(since_1970(member.date), since_1970(parent.date))
    if member.relation is None or member.scores is None:
        raise ValueError(f"{member.id} is a representative: nothing holds it")
    return Match(parent.id, member.id, member.relation, member.scores, days)


def _by_size(story: Story) -> tuple[int, bool, datetime, str]:
    first = story.span[0] if story.span else None
    return -len(story.members), first is None, first or EPOCH, story.id
