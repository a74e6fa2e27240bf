"""What one text adds to another, and which texts that share most of their words are one."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.config import Settings
from dedupe.hooks import Filter
from dedupe.index import open_index
from dedupe.kernels import novelty as kernel
from dedupe.model import Article
from dedupe.novelty import CORRECTION, UPDATE, Wordings, compared, differences, likeness, one_text
from dedupe.pipeline import analyse
from dedupe.score import ShingleSets
from dedupe.sketch import Sketch, unsigned
from dedupe.tokens import texts_of

PAIR = np.array([[0, 1]], np.int32)
NOTICE = (
    "You have read your three free stories of this week. Become a member today and read on without "
    "limits, on paper, in the app and on the web. Members also get our letter for the evening, the "
    "crossword and the recipes. It takes a minute, and you may leave whenever you like. Are you a "
    "member already? Then sign in at the top of this page, or ask for a new password."
)
ABOUT = (
    "About Tolvik Pumps. Tolvik Pumps builds pumps and valves for mines, mills and waterworks. Set "
    "up in 1951 and seated in Gransund, the group has 4,300 workers in 17 countries and is traded in "
    "Valby under the sign TLV. What is said here of times to come may turn out otherwise for many "
    "reasons, which the group does not rule over, and it need not be brought up to date. Press: "
    "Tolvik Pumps, 8 Mill Lane, Gransund, telephone 555 0190. Owners: telephone 555 0191."
)
STRIKE = (
    "Tram drivers in Gransund walked out on Monday over a new roster, and 19 of 24 lines stood "
    "still. Mayor Ilse Brandt called the strike untimely and asked both sides to meet at the town "
    "hall on Wednesday. The union, which speaks for 1,340 drivers, says that shifts of eleven hours "
    "are unsafe. The operator offers 3.5 percent more pay and two more days of rest in a year. "
    "Buses ran to the harbour and to Valby every 20 minutes. The last strike was in 2016 and lasted "
    "six days."
)


def sketched(*articles: Article) -> Sketch:
    return unsigned(
        texts_of([article.title for article in articles]),
        texts_of([article.text for article in articles]),
        texts_of([article.source for article in articles]),
        ["en"] * len(articles),
        Settings(),
    )


def of(one: Article, other: Article):
    sketch = sketched(one, other)
    sets = ShingleSets.of(sketch, np.arange(2, dtype=np.int32))
    return differences(Wordings.of(sketch, 5), sets, PAIR)


def are_one(one: Article, other: Article) -> bool:
    there, back = of(one, other), of(other, one)
    assert one_text(there) == one_text(back)
    return bool(one_text(there)[0])


def adds(one: Article, other: Article) -> int:
    sketch = sketched(one, other)
    sets = ShingleSets.of(sketch, np.arange(2, dtype=np.int32))
    return int(compared(sets, PAIR, lambda _: Wordings.of(sketch, 5), 0.2).adds[0])


STUBS = [
    Article("s1", f"A dredger ran aground off Valby on Friday.\n\n{NOTICE}", "Dredger aground"),
    Article("s2", f"The Gransund choir won a prize in Oslo.\n\n{NOTICE}", "Prize for the choir"),
    Article("s3", f"{NOTICE}\n\nFrost killed half of Ada Holm's vines.", "Frost in the vineyards"),
]
RELEASES = [
    Article(
        "r1", f"Tolvik Pumps has named Eva Rask head of sales.\n\n{ABOUT}", "Rask joins Tolvik"
    ),
    Article(
        "r2",
        f"Tolvik Pumps takes back 700 valves of the type K-4.\n\n{ABOUT}",
        "Tolvik recalls valves",
    ),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [(STUBS[0], STUBS[1]), (STUBS[0], STUBS[2]), (STUBS[1], STUBS[2]), tuple(RELEASES)],
)
def test_a_block_in_common_makes_no_copy(one: Article, other: Article) -> None:
    assert likeness(of(one, other).words)[0] > 0.5
    assert not are_one(one, other)


def test_articles_of_one_template_are_no_copies() -> None:
    form = (
        "{} Bank has set the rate for savings at {} percent from {} on. The rate holds for sums of up "
        "to 50,000 crowns, the bank said in a notice on its doors. It may be changed at any time, and "
        "those who wish to leave may do so within the month without a fee."
    )
    one = Article("a", form.format("Gransund", "2.1", "May"), "Gransund Bank sets rate at 2.1")
    other = Article("b", form.format("Valby", "1.8", "June"), "Valby Bank sets rate at 1.8")
    assert likeness(of(one, other).words)[0] > 0.5
    assert not are_one(one, other)


def test_brief_items_are_told_apart_by_their_titles_even_where_texts_are_equal() -> None:
    text = "Quarterly payout 12 cents against 12 cents before. Paid April 1 to holders of March 13"
    one, other = Article("a", text, "HOLM MILLS PAYOUT"), Article("b", text, "RASK OIL PAYOUT")
    assert not are_one(one, other)
    assert are_one(one, Article("c", text, "HOLM MILLS PAYOUT"))


@pytest.mark.parametrize(
    "text",
    [
        f"The Valby Courier, the paper for all of the coast since 1890.\n\n{STRIKE}",
        f"{STRIKE}\n\n{NOTICE}",
        " ".join(reversed(STRIKE.split(". "))),
        STRIKE.replace("untimely", "ill-timed").replace("offers", "has offered"),
        STRIKE[: len(STRIKE) // 2],
    ],
)
def test_a_text_stays_one_under_a_masthead_a_block_or_cut(text: str) -> None:
    assert are_one(Article("a", STRIKE, "Trams stand still"), Article("b", text, "No trams today"))


def test_what_a_text_adds_is_told_apart() -> None:
    first = Article("a", STRIKE, "Trams stand still")
    more = f"{STRIKE} On Tuesday night the union and the operator agreed in Valby to talk again."
    assert adds(Article("b", more, "Talks"), first) == UPDATE
    assert adds(first, Article("b", more, "Talks")) == 0
    other = STRIKE.replace("1,340", "1,430")
    assert adds(Article("b", other, "Trams stand still"), first) == CORRECTION
    noted = f"(Corrects the number of drivers to 1,430, not 1,340)\n\n{other}"
    assert adds(Article("b", noted, "CORRECTED-Trams"), first) & CORRECTION
    assert adds(Article("b", f"{STRIKE} Page 7", "Trams"), first) == 0
    near = STRIKE.replace("in Gransund walked", "in Gransund, 30 miles from Holm, walked")
    assert adds(Article("b", near, "Trams"), first) == 0


def test_a_brief_that_names_another_subject_is_no_mere_copy() -> None:
    terms = "Monthly payout 7.1 cents against 7.1 cents before. Paid April 1 to holders of March 13"
    one = Article("a", f"{terms}\n\nNOTE: Holm Insured Bond Fund", "HOLM INSURED FUND PAYOUT")
    other = Article(
        "b", f"{terms}\n\nNOTE: Holm High-Yield Insured Bond Fund",
        "HOLM HIGH-YIELD INSURED FUND PAYOUT",
    )  # fmt: skip
    assert adds(other, one) == CORRECTION
    assert adds(Article("c", one.text, one.title), one) == 0
    with open_index("memory:") as index:
        keep = Filter(index)
        assert keep(one)
        assert keep(other)


def test_the_filter_passes_what_is_new_and_says_what_it_is() -> None:
    corrected = Article("b", STRIKE.replace("1,340", "1,430"), "Trams stand still")
    with open_index("memory:") as index:
        keep = Filter(index)
        assert all(keep(article) for article in (*STUBS, *RELEASES))
        assert keep(Article("a", STRIKE, "Trams stand still"))
        assert not keep(Article("a2", STRIKE, "No trams today"))
        found = keep.decide(corrected)
        again = keep.decide(corrected)
        assert not keep(Article("c", corrected.text, "No trams today"))
    assert found.passed
    assert found.verdict is not None
    assert (found.verdict.relation, found.verdict.corrects) == ("near_duplicate", True)
    assert found.verdict.added == ("1,430",)
    assert again.verdict is not None
    assert (again.verdict.corrects, again.verdict.added) == (True, ("1,430",))


@pytest.mark.parametrize("copies_only", [False, True])
def test_a_batch_says_the_same(copies_only: bool) -> None:
    copy = Article("t2", f"{STRIKE}\n\n{NOTICE}", "No trams today")
    articles = [*STUBS, *RELEASES, Article("t1", STRIKE, "Trams stand still"), copy]
    found = analyse(articles, copies_only=copies_only)
    groups = found.links.copies
    assert len(set(groups.tolist())) == len(articles) - 1
    assert groups[found.row("t1")] == groups[found.row("t2")]


WORDS = st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=30)


@given(WORDS, WORDS)
def test_words_in_common_are_those_of_shared_shingles(one: list[str], other: list[str]) -> None:
    words = of(Article("a", " ".join(one)), Article("b", " ".join(other))).words[0]
    for side, (own, against) in enumerate(((one, other), (other, one))):
        held = covered(own, against)
        assert words[side] == pytest.approx(sum(held) / len(held))
        head = held[: kernel.HEAD]
        assert words[2 + side] == pytest.approx(sum(head) / len(head))
        runs = "".join("x" if there else "." for there in held).split("x")
        assert words[4 + side] == max(map(len, runs))
        assert words[6 + side] == len(own)
        places = gaps_of(own, against), gaps_of(against, own)
        assert words[9 + side] == sum(n for gap, n in places[0] if slot(gap, n, places[1]))


def gaps_of(own: list[str], other: list[str]) -> list[tuple[tuple[object, object], int]]:
    """Where a text differs: the shared runs of five before and after, and the words between."""
    runs, there = [tuple(run) for run in runs_of(own)], {tuple(run) for run in runs_of(other)}
    marks = [at for at, run in enumerate(runs) if run in there]
    ends = [*marks, len(runs)] if not marks or marks[-1] < len(runs) - 1 else marks
    found, before = [], -1
    for at in ends:
        if at > before + 1:
            left, right = before >= 0, at < len(runs)
            start, stop = before + 5 if left else 0, at if right else len(own)
            sides = (runs[before] if left else None, runs[at] if right else None)
            found.append((sides, stop - start))
        before = at
    return found


def slot(sides: object, words: int, others: list[tuple[tuple[object, object], int]]) -> bool:
    """Whether words stand in the place of others."""
    if words < 1:
        return False
    return any(
        sides == place
        and n > 0
        and (max(words, n) <= 12 or 8 * abs(words - n) <= max(words, n) <= 40)
        for place, n in others
    )


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 40)), max_size=6))
def test_passages_are_long_runs_and_those_at_the_edges_are_known(
    runs: list[tuple[bool, int]],
) -> None:
    held = np.array([there for there, length in runs for _ in range(length)], np.bool_)
    text = "".join("x" if there else "." for there in held)
    places = [(m.start(), m.end()) for m in re.finditer("x+", text) if len(m[0]) >= kernel.PASSAGE]
    first = next((end - begin for begin, end in places if begin <= kernel.EDGE), 0)
    last = next((e - b for b, e in reversed(places) if len(text) - e <= kernel.EDGE), 0)
    whole = sum(end - begin for begin, end in places)
    assert kernel.in_passages(held, len(held)) == (whole, first, last)


def covered(own: list[str], other: list[str]) -> list[bool]:
    """Which words stand in a run of five that the other text has; a shorter text is one run."""
    runs = {tuple(run) for run in runs_of(other)}
    held = [False] * len(own)
    for at, run in enumerate(runs_of(own)):
        if tuple(run) in runs:
            held[at : at + len(run)] = [True] * len(run)
    return held


def runs_of(words: list[str]) -> list[list[str]]:
    return [words[at : at + 5] for at in range(max(1, len(words) - 4))]


TITLES = st.lists(st.sampled_from(["Holm", "7", "mill", "Rask", "fire", "1,250"]), max_size=6)


@given(TITLES, TITLES)
def test_marked_terms_are_the_marked_of_all_terms(title: list[str], text: list[str]) -> None:
    from dedupe.sketch import unsigned_copies

    titles, texts = texts_of([" ".join(title)]), texts_of(["A tale of " + " ".join(text)])
    terms = unsigned(titles, texts, texts_of([""]), ["en"], Settings()).terms
    telling = unsigned_copies(titles, texts, Settings()).wordings
    assert terms is not None
    marked = terms.flags != 0
    assert telling.buckets.tolist() == terms.buckets[marked].tolist()
    assert telling.flags.tolist() == terms.flags[marked].tolist()
