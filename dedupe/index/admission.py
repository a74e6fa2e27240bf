"""Articles into an index: judged on a view, then written with all that follows from it.

The lock for writing is taken only once the answers are known. Under it is looked whether anything
came that bears on them; only then the articles are judged again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from dedupe.index.answers import restored, revised, rounded_scores, story_id
from dedupe.index.arrivals import Arrivals, arrivals, digest
from dedupe.index.judge import judge
from dedupe.index.naming import known_as
from dedupe.index.upkeep import let_go, set_aside
from dedupe.model import Article, Verdict

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.identity import SameBy
    from dedupe.index.find import Finder
    from dedupe.index.judgement import Judgement
    from dedupe.index.store import Reader, Writer
    from dedupe.story import StoryModel


class Decided(NamedTuple):
    """What new articles are, with the answers: of who begins a story it is not named yet."""

    judgement: Judgement
    verdicts: Sequence[Verdict]

    @property
    def arrivals(self) -> Arrivals:
        """The articles, each under the id that it has in the index."""
        return self.judgement.hand.arrivals


class Admission:
    """One session: judges articles in order and, where there is a writer, adds them."""

    def __init__(
        self,
        finder: Finder,
        model: StoryModel,
        settings: Settings,
        reader: Reader,
        writer: Writer | None,
        *,
        arrived: int,
        keeps_texts: bool,
        same_by: SameBy,
    ) -> None:
        self._finder = finder
        self._model = model
        self._settings = settings
        self._reader = reader
        self._writer = writer
        self._arrived = arrived
        self._keeps_texts = keeps_texts
        self._same_by: SameBy = same_by

    def ahead(self, prepared: Arrivals) -> Decided | list[Verdict] | None:
        """Answers before the lock is taken: replays, or what was decided about new articles.

        None where some of several articles are known, or two have one id: those are taken one
        after the other. What was decided stays counted, see ``Tallies.count``.
        """
        prepared = self._named(prepared)
        ids = [article.id for article in prepared.articles]
        known = self._reader.find(ids)
        if not known and len(set(ids)) == len(ids):
            self._finder.tallies.follow(self._reader)
            self._finder.tallies.count(prepared, 1)
            return self._decided(prepared)
        digests = [digest(article) for article in prepared.articles]
        if all(known.get(name, (0, b""))[1] == d for name, d in zip(ids, digests, strict=True)):
            return [self._replayed(name, known[name][0]) for name in ids]
        return None

    def admit(self, prepared: Arrivals, ahead: Decided | None) -> list[Verdict]:
        """Adds articles, and answers about each. ``ahead`` is what was decided about them."""
        tallies, reader = self._finder.tallies, self._reader
        if ahead is None:
            return self.answers(prepared.articles, prepared)
        if reader.position().change != ahead.judgement.hand.position:
            prepared = self._named(prepared)
            ids, judged = ([a.id for a in p.articles] for p in (prepared, ahead.arrivals))
            if ids != judged or reader.find(ids):
                tallies.forget()
                return self.answers(prepared.articles, prepared)
            changes = reader.changes(ahead.judgement.hand.position)
            stands = self._finder.stands(reader, ahead.judgement.hand, changes)
            if changes is not None and stands:
                tallies.put_off(changes)
                return self._add(ahead)
            counted = ahead.judgement.hand.arrivals
            if tallies.follow(reader, changes):
                tallies.count(counted, 1)
            tallies.recount(counted, prepared)
            ahead = self._decided(prepared)
        return self._add(ahead)

    def answers(
        self, articles: Sequence[Article], prepared: Arrivals | None = None
    ) -> list[Verdict]:
        """An answer about each, in order.

        ``prepared`` are the same articles, sketched before the session; they are used where all
        of them are new.
        """
        self._finder.tallies.follow(self._reader)
        if prepared is None:
            articles = known_as(self._reader, articles, self._same_by)
        else:
            prepared = self._named(prepared)
            articles = prepared.articles
        held = self._reader.find([article.id for article in articles])
        ids = {article.id for article in articles}
        if prepared is not None and not held and len(ids) == len(articles):
            return self._judged(prepared)
        return self._one_by_one(articles, held)

    def _named(self, prepared: Arrivals) -> Arrivals:
        return replace(prepared, articles=known_as(self._reader, prepared.articles, self._same_by))

    def _one_by_one(
        self, articles: Sequence[Article], held: Mapping[str, tuple[int, bytes]]
    ) -> list[Verdict]:
        """Answers where some ids are held: what is new between two revisions is judged together."""
        fresh: list[Article] = []
        met: set[str] = set()
        answers: list[Verdict | None] = []
        for article in articles:
            if any(article.id == other.id for other in fresh):
                self._filled(answers, fresh)
            found = self._reader.find([article.id]) if article.id in met else held
            met.add(article.id)
            number, known = found.get(article.id, (0, b""))
            if not number:
                fresh.append(article)
                answers.append(None)
            elif known == digest(article):
                answers.append(self._replayed(article.id, number))
            else:
                self._filled(answers, fresh)
                answers.append(self._revised(article, number))
                met.update(other.id for other in articles)  # copies of it may be entered again
        self._filled(answers, fresh)
        return [answer for answer in answers if answer is not None]

    def _filled(self, answers: list[Verdict | None], fresh: list[Article]) -> None:
        """Judges what is new so far, and puts its answers into their places."""
        self._finder.tallies.follow(self._reader)
        if fresh:
            for verdict in reversed(self._judged(self._arrivals(fresh))):
                last = max(at for at, answer in enumerate(answers) if answer is None)
                answers[last] = verdict
            fresh.clear()
            self._finder.tallies.follow(self._reader)

    def _arrivals(self, articles: Sequence[Article]) -> Arrivals:
        texts = None if self._writer is None else self._keeps_texts
        return arrivals(articles, self._settings, texts=texts)

    def _replayed(self, name: str, number: int) -> Verdict:
        return restored(name, self._reader.blobs("verdict", [number]).row(0))

    def _judged(self, incoming: Arrivals) -> list[Verdict]:
        self._finder.tallies.count(incoming, 1)
        found = self._decided(incoming)
        if self._writer is None:
            self._finder.tallies.count(found.judgement.hand.arrivals, -1)
            return [replace(verdict, admitted=False) for verdict in found.verdicts]
        return self._add(found)

    def _decided(self, incoming: Arrivals, leave_out: frozenset[int] = frozenset()) -> Decided:
        """Finds what is near, judges, and answers. The tallies must count the articles.

        They count those at hand afterwards.
        """
        moments = [incoming.moment(row, self._arrived) for row in range(len(incoming))]
        hand = self._finder.find(self._reader, incoming, moments, leave_out)
        found = judge(hand, self._model)
        overlaps = self._finder.named(self._reader, hand, found.named_pairs)
        return Decided(found, found.verdicts(overlaps, admitted=True))

    def _revised(self, article: Article, number: int) -> Verdict:
        """The new text takes the old one's place and stays in its story."""
        before = self._reader.rows([number])
        story, copies = int(before.stories[0]), int(before.copies[0])
        incoming = self._arrivals([article])
        self._finder.tallies.count(incoming, 1)
        found = self._decided(incoming, frozenset([number]))
        incoming = found.judgement.hand.arrivals
        alike = rounded_scores(*self._finder.likeness(self._reader, incoming, number), 1.0)
        self._finder.tallies.count(incoming, -1)
        verdict = revised(article.id, story_id(story), alike, self._settings)
        if self._writer is None:
            return replace(verdict, admitted=False)
        group = self._reader.rows(self._reader.members([copies])[copies])
        others = [name for name in group.ids if name != article.id]
        stays = alike.jaccard >= self._settings.near_duplicate and bool(others)
        let_go(self._writer, self._finder, [number])
        label = self._group_of(others[0]) if stays else 0
        self._store(found.judgement, [verdict], [story], [label], folded=False)
        return verdict

    def _group_of(self, name: str) -> int:
        number = self._reader.find([name])[name][0]
        return int(self._reader.rows([number]).copies[0])

    def _add(self, found: Decided) -> list[Verdict]:
        """Writes what was decided; the articles are counted already."""
        judgement, writer = found.judgement, self._writing()
        placed, n = judgement.placement, len(found.verdicts)
        new = {s for s in (*placed.stories.values(), *placed.moves.values()) if s < 0}
        last = writer.position().story
        opened = {story: last + at for at, story in enumerate(sorted(new, reverse=True), start=1)}
        stories = [opened.get(story, story) for story in judgement.stories[:n].tolist()]
        verdicts = [
            verdict if verdict.story else replace(verdict, story=story_id(story))
            for verdict, story in zip(found.verdicts, stories, strict=True)
        ]
        self._store(judgement, verdicts, stories, judgement.hand.labels[:n].tolist())
        self._rearrange(judgement, opened)
        self._finder.tallies.position = writer.position().change  # these are counted already
        self._finder.tallies.save(writer)
        return verdicts

    def _store(
        self,
        found: Judgement,
        verdicts: Sequence[Verdict],
        stories: Sequence[int],
        labels: Sequence[int],
        *,
        folded: bool | None = None,
    ) -> None:
        """Writes the entries; a negative label is that of an article among them, 0 its own."""
        writer = self._writing()
        first = writer.position().change + 1
        numbers = range(first, first + len(verdicts))
        writer.add([
            found.entry(
                row,
                verdict,
                digest=digest(found.hand.arrivals.articles[row]),
                arrived=self._arrived,
                story=stories[row],
                copies=labels[row] if labels[row] >= 0 else numbers[-1 - labels[row]],
                numbers=numbers,
                folded=folded,
            )
            for row, verdict in enumerate(verdicts)
        ])  # fmt: skip

    def _rearrange(self, found: Judgement, opened: Mapping[int, int]) -> None:
        """Stored articles into the stories that they belong in by now; an emptied one is merged."""
        placed, writer, rows = found.placement, self._writing(), found.hand.rows
        before = dict(zip(rows.copies.tolist(), rows.stories.tolist(), strict=True))
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
        for number in found.hand.newly_told:
            set_aside(writer, number)

    def _writing(self) -> Writer:
        if self._writer is None:
            raise ValueError("a session for reading writes nothing")
        return self._writer
