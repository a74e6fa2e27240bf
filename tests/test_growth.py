"""Articles that were written to be alike cost each as much among many as among few.

The work is counted, not timed: pairs that are compared or scored, by the number of articles. The
bounds of an article are lowered, so that small corpora reach them.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from corpora import article, prose

from benchmarks.alike import KINDS, Draw
from dedupe import candidates, copies, corpus, pipeline, term_corpus
from dedupe.config import Settings

if TYPE_CHECKING:
    from benchmarks.alike import Maker
    from dedupe.model import Article

SIZES = 300, 1200
MOST = 1.2
"""The power of the number of articles with which the work may grow."""
LOW = Settings(bucket_limit=12, companions=6, term_limit=60, pair_work=0, threads=1)


def made(maker: Maker) -> Callable[[random.Random, int], list[list[str]]]:
    """A kind that the benchmark measures, too."""
    return lambda rng, n: maker(Draw(rng, prose, prose), n, 150)


def spun(rate: float, synonyms: int) -> Callable[[random.Random, int], list[list[str]]]:
    """One text, ``rate`` of whose words are each taken from so many synonyms."""

    def texts(rng: random.Random, n: int) -> list[list[str]]:
        words = [[word] for word in prose(rng, 150)]
        for place in rng.sample(range(150), int(rate * 150)):
            words[place] += prose(rng, synonyms - 1)
        return [[rng.choice(choices) for choices in words] for _ in range(n)]

    return texts


def spun_paragraphs(rng: random.Random, n: int) -> list[list[str]]:
    parts = [[prose(rng, 25), prose(rng, 25)] for _ in range(12)]
    return [[word for part in parts for word in rng.choice(part)] for _ in range(n)]


def of_one_pool(rng: random.Random, n: int) -> list[list[str]]:
    pool = [prose(rng, 30) for _ in range(40)]
    return [[word for part in rng.sample(pool, 10) for word in part] for _ in range(n)]


def excerpts(rng: random.Random, n: int) -> list[list[str]]:
    text = prose(rng, 2000)
    begins = [rng.randrange(1500) for _ in range(n)]
    return [text[begin : begin + rng.randrange(80, 400)] for begin in begins]


ATTACKS: dict[str, Callable[[random.Random, int], list[list[str]]]] = {
    **{kind: made(maker) for kind, maker in KINDS.items()},
    "spun paragraphs": spun_paragraphs,
    "one pool": of_one_pool,
    "excerpts": excerpts,
    **{
        f"spun {rate} of {synonyms}": spun(rate, synonyms)
        for rate, synonyms in ((0.1, 5), (0.2, 2), (0.3, 5), (0.4, 20), (0.5, 2), (0.6, 2))
    },
}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Pairs by what was done with them."""
    counted: Counter[str] = Counter()

    def count(module: Any, name: str, place: int) -> None:
        real = getattr(module, name)

        def counting(*given: Any, **named: Any) -> Any:
            counted[name] += len(given[place])
            return real(*given, **named)

        monkeypatch.setattr(module, name, counting)

    count(corpus, "compared", 1)
    count(term_corpus, "cosines", 1)  # of stories, and of what digests tell
    monkeypatch.setattr(copies, "COMPONENT_LIMIT", 24)
    monkeypatch.setattr(candidates, "SAMPLE_ROWS", 8)
    return counted


def articles(kind: str, n: int) -> list[Article]:
    rng = random.Random(f"{kind} {n}")
    return [article(f"{k:05}", words) for k, words in enumerate(ATTACKS[kind](rng, n))]


def test_copies_are_found_in_a_crowd() -> None:
    rng = random.Random(9)
    draw = Draw(rng, prose, prose)
    texts = KINDS["one boilerplate"](draw, 600, 150)
    copies = [draw.edited(text) for text in texts[:60]]
    crowd = [article(f"{k:03}", words) for k, words in enumerate([*texts, *copies])]
    found = pipeline.analyse(crowd, LOW, copies_only=True).links.copies
    assert sum(found[k] == found[600 + k] for k in range(60)) >= 55
    assert len({*found.tolist()}) >= 600


@pytest.mark.parametrize("kind", ATTACKS)
def test_each_of_many_alike_is_compared_with_no_more_than_each_of_few(
    kind: str, work: Counter[str]
) -> None:
    counts = []
    for n in SIZES:
        work.clear()
        pipeline.analyse(articles(kind, n), LOW)
        counts.append(Counter(work))
    few, many = counts
    for what, count in many.items():
        # Of what is rare among the few, up to an article's own bound is no growth.
        before = max(few[what], 12 * SIZES[0])
        assert count <= before * (SIZES[1] / SIZES[0]) ** MOST, (what, few, many)
