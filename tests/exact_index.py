"""A small index that knows only equal texts, honest about replays, revisions and failures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from dedupe.errors import StoreError
from dedupe.model import Article, Match, Scores, Verdict

EQUAL = Scores(jaccard=1.0, containment=1.0, cosine=1.0, story=1.0)


class ExactIndex:
    """Ids and texts in memory. Fails as often as asked for, and is unchanged by that."""

    def __init__(self, failures: Iterable[StoreError | None] = ()) -> None:
        self.texts: dict[str, str] = {}
        self.answers: dict[str, Verdict] = {}
        self.calls: list[int] = []
        self.failures = iter(failures)
        self.stories = 0

    def admit_many(self, articles: Iterable[Article]) -> list[Verdict]:
        articles = list(articles)
        self._called(articles)
        return [self._admitted(article) for article in articles]

    def check(self, article: Article) -> Verdict:
        self._called([article])
        return self._judged(article)

    def _called(self, articles: list[Article]) -> None:
        self.calls.append(len(articles))
        if failure := next(self.failures, None):
            raise failure

    def _judged(self, article: Article) -> Verdict:
        former = self.texts.get(article.id)
        if former == article.text:
            return replace(self.answers[article.id], replayed=True)
        if former is not None:
            match = Match(article.id, article.id, "revision", EQUAL)
            return Verdict(article.id, "revision", self.answers[article.id].story, (match,))
        same = [name for name, text in self.texts.items() if text == article.text]
        if not same:
            return Verdict(article.id, "new", None)
        match = Match(article.id, same[0], "identical", EQUAL, days=0.5)
        return Verdict(article.id, "identical", self.answers[same[0]].story, (match,))

    def _admitted(self, article: Article) -> Verdict:
        found = self._judged(article)
        if found.replayed:
            return found
        if found.story is None:
            self.stories += 1
        found = replace(found, story=found.story or f"s{self.stories}", admitted=True)
        self.texts[article.id], self.answers[article.id] = article.text, found
        return found
