"""Articles into an index: judged, and written with all that follows from it, in one session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dedupe.index.answers import restored, revised, story_id
from dedupe.index.arrivals import Arrivals, arrivals, digest
from dedupe.index.departure import let_go
from dedupe.model import Article, Verdict

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.index.judge import Judge
    from dedupe.index.judgement import Judgement
    from dedupe.index.store import Reader, Writer


@dataclass(frozen=True)
class Seen:
    """An article that comes in, and what the index holds under its id."""

    article: Article
    digest: bytes
    held: int | None = None
    """Number of the text that it replaces."""


class Admission:
    """One session: judges articles in order and, where there is a writer, adds them."""

    def __init__(
        self,
        judge: Judge,
        settings: Settings,
        reader: Reader,
        writer: Writer | None,
        *,
        arrived: int,
        keeps_texts: bool,
    ) -> None:
        self._judge = judge
        self._settings = settings
        self._reader = reader
        self._writer = writer
        self._arrived = arrived
        self._keeps_texts = keeps_texts

    def answers(self, articles: Sequence[Article], prepared: Arrivals | None) -> list[Verdict]:
        """An answer about each, in order.

        ``prepared`` are the same articles, sketched before the session; they are used where all
        of them are new.
        """
        self._judge.tallies.follow(self._reader)
        digests = [digest(article) for article in articles]
        held = self._reader.find([article.id for article in articles])
        ids = {article.id for article in articles}
        if prepared is not None and not held and len(ids) == len(articles):
            return self._judged([Seen(*pair) for pair in zip(articles, digests, strict=True)],
                                prepared)  # fmt: skip
        return self._one_by_one(articles, digests, held)

    def _one_by_one(
        self,
        articles: Iterable[Article],
        digests: Iterable[bytes],
        held: Mapping[str, tuple[int, bytes]],
    ) -> list[Verdict]:
        """Answers where some ids are held: what is new between two revisions is judged together."""
        fresh: list[Seen] = []
        met: set[str] = set()
        answers: list[Verdict | None] = []
        for article, value in zip(articles, digests, strict=True):
            if any(article.id == seen.article.id for seen in fresh):
                self._filled(answers, fresh)
            found = self._reader.find([article.id]) if article.id in met else held
            met.add(article.id)
            number, known = found.get(article.id, (0, b""))
            if not number:
                fresh.append(Seen(article, value))
                answers.append(None)
            elif known == value:
                stored = self._reader.blobs("verdict", [number]).row(0)
                answers.append(restored(article.id, stored))
            else:
                self._filled(answers, fresh)
                answers.append(self._revised(Seen(article, value, number)))
        self._filled(answers, fresh)
        return [answer for answer in answers if answer is not None]

    def _filled(self, answers: list[Verdict | None], fresh: list[Seen]) -> None:
        """Judges what is new so far, and puts its answers into their places."""
        self._judge.tallies.follow(self._reader)
        if fresh:
            found = self._judged(fresh, self._arrivals([seen.article for seen in fresh]))
            for verdict in reversed(found):
                last = max(at for at, answer in enumerate(answers) if answer is None)
                answers[last] = verdict
            fresh.clear()
            self._judge.tallies.follow(self._reader)

    def _arrivals(self, articles: Sequence[Article]) -> Arrivals:
        texts = None if self._writer is None else self._keeps_texts
        return arrivals(articles, self._settings, texts=texts)

    def _moments(self, incoming: Arrivals) -> list[int]:
        return [incoming.moment(row, self._arrived) for row in range(len(incoming))]

    def _judged(self, group: Sequence[Seen], incoming: Arrivals) -> list[Verdict]:
        held = self._writer is not None
        found = self._judge.judge(self._reader, incoming, self._moments(incoming), held=held)
        found.look_up(self._reader)
        if self._writer is None:
            return [self._answer(found, row, {}) for row in range(len(group))]
        opened = self._opened(found)
        verdicts = [self._answer(found, row, opened) for row in range(len(group))]
        self._add(found, group, verdicts, opened)
        self._rearranged(found, opened)
        self._judge.tallies.position = self._writer.position().change  # these are counted already
        self._judge.tallies.save(self._writer)
        return verdicts

    def _revised(self, seen: Seen) -> Verdict:
        """The new text takes the old one's place and stays in its story."""
        number = seen.held or 0
        before = self._reader.rows([number])
        story, copies = int(before.stories[0]), int(before.copies[0])
        incoming = self._arrivals([seen.article])
        found = self._judge.judge(
            self._reader, incoming, self._moments(incoming), frozenset([number])
        )
        likeness = self._judge.likeness(self._reader, found.local, number)
        verdict = revised(seen.article.id, story_id(story), likeness, self._settings)
        if self._writer is None:
            return replace(verdict, admitted=False)
        group = self._reader.rows(self._reader.members([copies])[copies])
        others = [name for name in group.ids if name != seen.article.id]
        stays = likeness.jaccard >= self._settings.near_duplicate and bool(others)
        let_go(self._writer, self._judge, [number])
        label = self._group_of(others[0]) if stays else -1
        found.stories[0] = story  # worked out by the groups that were found
        found.versions.labels[0] = label
        found.versions.folded.clear()
        self._add(found, [seen], [verdict], {})
        self._judge.tallies.save(self._writer)
        return verdict

    def _group_of(self, name: str) -> int:
        number = self._reader.find([name])[name][0]
        return int(self._reader.rows([number]).copies[0])

    def _opened(self, found: Judgement) -> dict[int, int]:
        """Numbers of the new stories."""
        placed = found.placement
        new = {s for s in (*placed.stories.values(), *placed.moves.values()) if s < 0}
        last = self._reader.position().story
        return {story: last + at for at, story in enumerate(sorted(new, reverse=True), start=1)}

    def _answer(self, found: Judgement, row: int, opened: dict[int, int]) -> Verdict:
        matches = found.matches(row)
        story = int(found.stories[row])
        number = opened.get(story, story)
        versions = found.versions.found.get(row, [])
        return Verdict(
            found.local.arrivals.articles[row].id,
            matches[0].relation if matches else "new",
            story_id(number) if number > 0 else None,
            matches,
            admitted=self._writer is not None,
            extends=bool(versions and versions[0].extends),
        )

    def _add(
        self,
        found: Judgement,
        group: Sequence[Seen],
        verdicts: Sequence[Verdict],
        opened: dict[int, int],
    ) -> None:
        """Writes the entries of all rows."""
        writer = self._writing()
        first = writer.position().change + 1
        numbers = range(first, first + len(group))
        labels, stories = found.versions.labels.tolist(), found.stories.tolist()
        writer.add([
            found.entry(
                row,
                verdicts[row],
                digest=seen.digest,
                arrived=self._arrived,
                story=opened.get(stories[row], stories[row]),
                copies=labels[row] if labels[row] >= 0 else numbers[-1 - labels[row]],
                numbers=numbers,
            )
            for row, seen in enumerate(group)
        ])  # fmt: skip

    def _rearranged(self, found: Judgement, opened: dict[int, int]) -> None:
        """Stored articles into the stories that they belong in by now; an emptied one is merged."""
        placed, writer = found.placement, self._writing()
        local = found.local
        before = dict(zip(local.copies.tolist(), local.stories.tolist(), strict=True))
        left: dict[int, Counter[int]] = {}
        members = writer.members(list(placed.moves)) if placed.moves else {}
        for label, story in placed.moves.items():
            numbers, target = members[label], opened.get(story, story)
            writer.place(numbers, target, label)
            left.setdefault(before[label], Counter())[target] += len(numbers)
        for story, target in placed.merges.items():
            writer.merge(story, opened.get(target, target))
        stories = writer.groups(list(left), 1) if left else {}
        for story, targets in left.items():
            if not stories[story].size:
                writer.merge(story, targets.most_common(1)[0][0])

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ValueError("a session for reading writes nothing")
        return self._writer
