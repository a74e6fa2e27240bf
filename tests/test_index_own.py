"""An index sketches an article by its own part: without lines that stored articles have, too."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
from corpora import prose

from dedupe.index import open_index
from dedupe.index.exchange import export_lines
from dedupe.index.rebuild import restored_index
from dedupe.model import Article

RNG, MANY = random.Random(31), 400_000
"""So many words that unrelated reports share next to none."""
ABOVE = [" | ".join(prose(RNG, 12)), " ".join(prose(RNG, 9)), " ".join(prose(RNG, 4))]
BELOW = [" ".join(prose(RNG, 11)) for _ in range(4)]


def report(n: int) -> Article:
    rng = random.Random(n)
    lines = [" ".join(prose(rng, 12, MANY)) for _ in range(9)]
    return Article(f"{n:02}", "\n".join(lines), " ".join(prose(rng, 5, MANY)))


def printed(article: Article) -> Article:
    """The article with the furniture of an outlet around it."""
    return replace(article, text="\n".join([*ABOVE, "", article.text, *BELOW]))


def shingles(index, name: str) -> list[int]:
    with index._store.read() as reader:
        number = reader.find([name])[name][0]
        return np.frombuffer(reader.blobs("shingles", [number]).row(0), "<u4").tolist()


def test_all_but_the_first_of_an_outlet_are_kept_without_its_lines() -> None:
    bare = [report(n) for n in range(70)]
    with open_index("memory:") as plain, open_index("memory:") as index:
        plain.admit_many(bare)
        for article in bare:
            assert index.admit(printed(article)).relation in ("new", "same_story")
        own = [shingles(index, article.id) for article in bare]
        assert own[1:] == [shingles(plain, article.id) for article in bare[1:]]
        assert len(own[0]) > len(shingles(plain, "00"))


def test_of_many_that_come_together_all_are_kept_without_the_lines_of_their_outlet() -> None:
    bare = [report(n) for n in range(70)]
    with open_index("memory:") as plain, open_index("memory:") as index:
        plain.admit_many(bare)
        index.admit_many([printed(article) for article in bare])
        plain.admit_many([report(80), report(81)])
        for name in (80, 81):
            index.admit(printed(report(name)))
        for article in [*bare, report(81)]:
            assert shingles(index, article.id) == shingles(plain, article.id), article.id
        assert len(shingles(index, "80")) > len(shingles(plain, "80"))


def test_what_both_tell_in_the_middle_stays() -> None:
    quote = " ".join(prose(RNG, 30))
    one, other = (
        replace(a, text=a.text.replace("\n", f"\n{quote}\n", 5).replace(f"\n{quote}", "", 4))
        for a in (report(1), report(2))
    )
    assert quote in one.text
    with open_index("memory:") as index, open_index("memory:") as alone:
        index.admit_many([one])
        index.admit_many([other])
        alone.admit(other)
        assert shingles(index, other.id) == shingles(alone, other.id)


def test_a_quotation_at_the_head_of_a_comment_stays() -> None:
    names = [word.capitalize() for word in prose(RNG, 12)]
    speech = [f"the {name} {' '.join(prose(RNG, 9, MANY))}" for name in names]
    one = Article("a", "\n".join([*report(1).text.split("\n"), *speech]), "of the speech")
    other = Article("b", "\n".join([*speech[:6], *report(2).text.split("\n")]), "what to think")
    with open_index("memory:") as index, open_index("memory:") as alone:
        index.admit(one)
        (found,) = index.admit(other).matches
        alone.admit(other)
        assert found.scores.share is not None
        assert shingles(index, "b") == shingles(alone, "b")


def test_lines_of_reports_that_are_alike_without_them_stay() -> None:
    first, ending = report(1), " ".join(prose(RNG, 20))
    rng = random.Random(5)
    words = first.text.split()
    rng.shuffle(words)
    again = Article("b", f"{' '.join(words)}\n{ending}")
    with open_index("memory:") as index, open_index("memory:") as alone:
        index.admit(replace(first, text=f"{first.text}\n{ending}"))
        index.admit(again)
        alone.admit(again)
        assert shingles(index, "b") == shingles(alone, "b")


def test_words_are_counted_as_they_are_kept(tmp_path) -> None:
    path = tmp_path / "a.index"
    probe = replace(report(3), id="probe")
    with open_index(path) as index:
        for n in range(30):
            index.admit(printed(report(n)))
        index.check(printed(report(40)))
        index.admit(replace(printed(report(2)), text=printed(report(50)).text))  # a revision
        found = index.check(probe)
        with open_index(path) as again:
            assert again.check(probe) == found
        lines = list(export_lines(index))
        restored_index(lines, "x", tmp_path / "b.index", lambda _: None)
        with open_index(tmp_path / "b.index") as copied:
            for n in range(1, 30):
                assert shingles(copied, f"{n:02}") == shingles(index, f"{n:02}"), n
    assert found.relation == "near_duplicate"
