"""What another index held, taken in with the stories and the answers that were given there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index.admission import WORK
from dedupe.index.answers import story_number
from dedupe.index.arrivals import arrivals, digest
from dedupe.moments import since_1970

if TYPE_CHECKING:
    from dedupe.config import Settings
    from dedupe.index.judge import Judge
    from dedupe.index.store import Writer
    from dedupe.model import IndexedArticle


class Restoration:
    """One session of it: articles are sketched and compared anew, but not judged."""

    def __init__(
        self,
        judge: Judge,
        settings: Settings,
        writer: Writer,
        *,
        keeps_texts: bool,
    ) -> None:
        self._judge = judge
        self._settings = settings
        self._writer = writer
        self._keeps_texts = keeps_texts

    def add(self, group: Sequence[IndexedArticle]) -> None:
        """Takes articles in, in their order. Raises StoreError where one is held already."""
        writer = self._writer
        self._judge.tallies.follow(writer)
        articles = [found.article for found in group]
        if held := writer.find([article.id for article in articles]):
            raise StoreError(f"the index holds {next(iter(held))!r} already")
        incoming = arrivals(articles, self._settings, texts=self._keeps_texts)
        arrived = [since_1970(found.arrived) for found in group]
        moments = [incoming.moment(row, came) for row, came in enumerate(arrived)]
        judged = self._judge.judge(writer, incoming, moments)
        firsts = writer.find([found.copies for found in group])
        labels = {name: number for name, (number, _) in firsts.items()}
        numbers: list[int] = []
        for row, found in enumerate(group):
            name, label = found.article.id, labels.get(found.copies, 0)
            number = writer.add(
                judged.entry(
                    row,
                    found.verdict,
                    digest=digest(found.article),
                    arrived=arrived[row],
                    story=self._story(found.story),
                    copies=label,
                    numbers=numbers,
                )
            )
            labels.setdefault(name, label or number)
            numbers.append(number)
        writer.tidy(WORK * len(group))
        self._judge.tallies.save(writer)

    def _story(self, name: str) -> int:
        """The story of this id; those up to it are opened where there are none yet."""
        wanted = story_number(name)
        if wanted is None:
            raise StoreError(f"{name!r} is no id of a story")
        if wanted > self._writer.last_story() or self._writer.resolve(wanted) is None:
            self._writer.claim_story(wanted)
        return self._writer.resolve(wanted) or wanted
