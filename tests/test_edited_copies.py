"""Edited copies and quotations: found, told with their share, and what the filter makes of them."""

from __future__ import annotations

import random
import re
import zlib
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import orjson
import pytest
from test_novelty import ABOUT, NOTICE, covered

from dedupe import Article, Settings, compare_articles, explain_article, group_articles, open_index
from dedupe.hooks import Filter
from dedupe.index.answers import restored, stored_form
from dedupe.model import Member, Verdict

BRIDGE = (
    "The old bridge over the Senne at Valby was closed to all traffic on Tuesday after divers found "
    "cracks in two of its five piers. Engineer Ada Holm, who led the inspection, said that the "
    "cracks were up to nine centimetres wide and had grown since the spring flood. Some 14,000 cars "
    "cross the bridge on a working day, and most of them will now have to drive by way of Gransund. "
    "The town has asked the army for a floating bridge, which could be in place within three weeks. "
    "Mayor Ilse Brandt called the closure painful but said that there had been no choice. Shops on "
    "the northern bank fear for their trade, and some have already sent their staff home. A ferry "
    "that last sailed in 1974 is to carry people on foot, free of charge, from six in the morning "
    "until midnight. The bridge was built in 1931 and was last repaired eleven years ago, when the "
    "roadway was made wider. At the time, experts had warned that the piers would not bear the "
    "weight of heavy lorries for long. The ministry in Oskar Street wants to know by the end of the "
    "month who signed the papers. Pupils of the school on the southern bank have been told to learn "
    "at home for now. Holm said that it would take a year, and about 60 million crowns, to put the "
    "piers right. Whether a new bridge would be cheaper is to be worked out by the autumn."
)
ORCHARD = (
    "Late frost has killed more than half of the blossom in the orchards around Lake Tarn, growers "
    "said on Friday. Fans and small fires were lit in the rows for three nights, but the cold came "
    "down from the hills faster than anyone had foreseen. Piet Rask, whose family has grown pears "
    "since 1887, spoke of the worst spring of his life. Cherries seem to be lost altogether, while "
    "late apples may still bear a little. The growers' union has asked the province for help and for "
    "loans without interest. Insurance pays for hail and storm, yet hardly anyone is insured against "
    "frost, because it costs too much. In the market halls of Tolvik the price of last year's apples "
    "rose by a fifth within two days. Beekeepers, too, are worried, for their hives find nothing to "
    "live on. A weather station near the lake measured seven degrees below zero at four in the "
    "morning. Meteorologist Jun Okada said that such nights in May come about once in thirty years. "
    "Some farmers have begun to plant walnuts, which wake up later. Others think of giving up and of "
    "selling their land to the makers of solar panels. The province will send experts next week to "
    "count what is left on the trees."
)
OTHERS = [
    Article(f"x{n}", f"{word} {ORCHARD[at : at + 300]}", f"{word} news")
    for n, (word, at) in enumerate([("First", 0), ("Second", 700)])
]
FIRST = Article("a", BRIDGE, "Valby bridge closed", datetime(2024, 5, 7, tzinfo=UTC))


def sentences(text: str) -> list[str]:
    return re.split(r"(?<=\.) ", text)


def swapped(text: str, every: int) -> str:
    """Every so manieth word replaced by one of the other text, in lower case and without digits."""
    words = text.split()
    plain = [word for word in ORCHARD.split() if word.islower() and word.isalpha()]
    for at in range(every // 2, len(words), every):
        if words[at].islower() and words[at].isalpha():
            words[at] = plain[at % len(plain)]
    return " ".join(words)


def replaced(text: str, places: tuple[int, ...]) -> str:
    """The sentences at these places replaced by ones of the other text."""
    own, others = sentences(text), sentences(ORCHARD)
    for place in places:
        own[place] = others[place % len(others)]
    return " ".join(own)


SWAPPED = Article("b", swapped(BRIDGE, 10), "Valby bridge shut", datetime(2024, 5, 8, tzinfo=UTC))
REPLACED = Article("c", replaced(BRIDGE, (1, 4, 6, 9, 11)), "Valby bridge closed")
HALVES = sentences(ORCHARD)
QUOTING = Article(
    "q",
    " ".join([*HALVES[:6], *sentences(BRIDGE)[3:9], *HALVES[6:]]),
    "Frost in the orchards",
    datetime(2024, 5, 9, tzinfo=UTC),
)


def members(*articles: Article, **more: bool) -> dict[str, Member]:
    stories = group_articles([*articles, *OTHERS], **more).stories
    return {member.id: member for story in stories for member in story.members}


def words_in_both(one: str, other: str) -> float:
    """Words of both texts that stand in runs of five in the other, of all words of both."""
    sides = [re.findall(r"\w+", text.lower().replace(",", "")) for text in (one, other)]
    held = [sum(covered(own, against)) for own, against in (sides, sides[::-1])]
    return sum(held) / sum(map(len, sides))


@pytest.mark.parametrize("copies_only", [False, True])
@pytest.mark.parametrize("edited", [SWAPPED, REPLACED], ids=["words", "sentences"])
def test_an_edited_copy_is_told_with_its_share(edited: Article, copies_only: bool) -> None:
    found = members(FIRST, edited, copies_only=copies_only)
    told = next(found[name] for name in ("a", edited.id) if found[name].to is not None)
    assert (told.relation, {told.id, told.to}) == ("edited_copy", {"a", edited.id})
    assert found["a"].copies == found[edited.id].copies
    assert told.scores is not None
    assert told.scores.jaccard < 0.5
    assert told.scores.share == pytest.approx(words_in_both(BRIDGE, edited.text), abs=0.01)


@pytest.mark.parametrize("copies_only", [False, True])
def test_a_quotation_is_told_and_ties_nothing(copies_only: bool) -> None:
    found = members(FIRST, QUOTING, copies_only=copies_only)
    ((name, share),) = found["q"].quotes
    assert name == "a"
    quoted = " ".join(sentences(BRIDGE)[3:9])
    assert share == pytest.approx(len(quoted.split()) / len(BRIDGE.split()), abs=0.03)
    assert found["a"].quotes == ()
    assert found["a"].copies != found["q"].copies


def test_the_later_one_quotes() -> None:
    early = replace(QUOTING, date=datetime(2024, 5, 1, tzinfo=UTC))
    found = members(FIRST, early)
    assert [quote.id for quote in found["a"].quotes] == ["q"]
    assert found["q"].quotes == ()


def verdicts(*articles: Article) -> list[Verdict]:
    with open_index("memory:") as index:
        return [index.admit(article) for article in articles]


@pytest.mark.parametrize("edited", [SWAPPED, REPLACED], ids=["words", "sentences"])
def test_an_index_tells_the_same(edited: Article) -> None:
    _, told = verdicts(FIRST, edited)
    assert (told.relation, told.matches[0].b) == ("edited_copy", "a")
    batch = members(FIRST, edited)
    share = next(m.scores.share for m in batch.values() if m.relation == "edited_copy" and m.scores)
    assert told.matches[0].scores.share == pytest.approx(share, abs=1e-4)


def test_an_index_tells_of_quotations_last() -> None:
    _, told = verdicts(FIRST, QUOTING)
    match = told.matches[-1]
    assert match.b == "a"
    assert match.scores.share == pytest.approx(
        members(FIRST, QUOTING)["q"].quotes[0].share, abs=1e-4
    )
    assert told.relation == match.relation == "quotation"
    assert not verdicts(FIRST, *OTHERS, Article("z", "Nothing of this. " * 40))[-1].matches


def test_the_filter_passes_what_is_new_in_an_edited_copy_and_any_quotation() -> None:
    with open_index("memory:") as index:
        keep = Filter(index)
        assert keep(FIRST)
        assert not keep(SWAPPED)
        update = keep.decide(REPLACED)
        assert keep(QUOTING)
    assert update.passed
    assert update.verdict is not None
    assert update.verdict.extends
    assert "Okada" in update.verdict.added


def test_a_replay_gives_the_share_again() -> None:
    with open_index("memory:") as index:
        index.admit(FIRST)
        first, again = index.admit(SWAPPED), index.admit(SWAPPED)
    assert again == replace(first, replayed=True)


def test_answers_that_were_stored_without_a_share_are_read() -> None:
    _, verdict = verdicts(FIRST, SWAPPED)
    held = orjson.loads(zlib.decompress(stored_form(verdict)))
    held["matches"][0][2] = held["matches"][0][2][:4]
    old = restored("b", zlib.compress(orjson.dumps(held)))
    assert old.matches[0].scores == replace(verdict.matches[0].scores, share=None)


FORM = (
    "{} council has put off the building of the new school in {} by a year, mayor {} said at its "
    "meeting on {}. Costs had risen from {} to {} million crowns within the past two years. "
    "Classes will be taught in wooden huts on the sports ground for now. Parents had handed in a "
    "list with {} names against the huts. The council will speak of it again in {}. Until then the "
    "old house in {} Street stays open, although its roof lets in the rain and two rooms of it have "
    "been locked. The lowest bid came from {}, a builder of {}, who asked for {} months. Members of "
    "the opposition called the delay a scandal and left the hall before the vote was taken."
)
SLOTS = (
    *(("Gransund", "Holmby", "Ilse Brandt", "Monday", "31", "44", "1,250", "March", "Mill"),),
    *(("Tarn", "Senneby", "Piet Rask", "Thursday", "18", "27", "830", "June", "Harbour"),),
)
BUILDERS = (("Okada & Sons", "Valby", "19"), ("Ferrow", "Tolvik", "26"))


def test_events_of_one_template_are_no_edited_copies() -> None:
    one, other = (
        Article(name, FORM.format(*slots, *builder), f"{slots[0]} school put off")
        for name, slots, builder in zip("ab", SLOTS, BUILDERS, strict=True)
    )
    assert words_in_both(one.text, other.text) > 0.5
    found = members(one, other)
    assert found["a"].copies != found["b"].copies
    assert not any(member.quotes for member in found.values())
    assert verdicts(one, other)[1].relation in ("new", "same_story")


@pytest.mark.parametrize("block", [NOTICE, ABOUT], ids=["notice", "about"])
def test_a_block_that_ends_two_texts_is_no_quotation(block: str) -> None:
    own = (sentences(BRIDGE)[:4], sentences(ORCHARD)[:4])
    one, other = (
        Article(name, f"{' '.join(text)}\n\n{block}", text[0][:30])
        for name, text in zip("ab", own, strict=True)
    )
    found = members(one, other)
    assert not any(member.quotes for member in found.values())
    assert found["a"].copies != found["b"].copies
    assert verdicts(one, other)[1].relation == "new"


def test_settings_say_how_much_must_have_stayed() -> None:
    strict = Settings(edited=1.0, quoted=1.0)
    stories = group_articles([FIRST, SWAPPED, QUOTING], strict).stories
    found = {member.id: member for story in stories for member in story.members}
    assert found["a"].copies != found["b"].copies
    assert not found["q"].quotes
    with open_index("memory:", settings=strict) as index:
        told = [index.admit(article).relation for article in (FIRST, SWAPPED, QUOTING)]
    assert not {"edited_copy", "quotation"} & set(told)


def test_a_comparison_names_the_kind_and_the_share() -> None:
    edited, quoting = compare_articles(FIRST, SWAPPED), compare_articles(FIRST, QUOTING)
    assert edited.relation == "edited_copy"
    assert edited.edits
    shares = [
        {measure.name: measure.value for measure in found.measures}["share"]
        for found in (edited, quoting)
    ]
    assert shares[0] == pytest.approx(words_in_both(BRIDGE, SWAPPED.text), abs=0.01)
    assert quoting.relation == "quotation"
    assert shares[1] == pytest.approx(members(FIRST, QUOTING)["q"].quotes[0].share)


def test_an_explanation_lists_what_is_quoted() -> None:
    matches = explain_article([FIRST, QUOTING, *OTHERS], "q")
    told = next(match for match in matches if {match.a, match.b} == {"a", "q"})
    assert told.relation == "quotation"
    assert told.scores.share is not None
    assert np.isclose(told.scores.share, members(FIRST, QUOTING)["q"].quotes[0].share)


def test_an_excerpt_that_is_an_edited_copy_of_one_of_a_group_joins_the_text_that_holds_it() -> None:
    rng = random.Random(7)
    words = [f"{rng.choice('bdfgklmnprst')}{n}o" for n in range(900)]
    own, rest, other, third = words[:150], words[150:450], words[450:540], words[540:570]
    one = own[:90] + other[:60]  # shares three fifths with the excerpt
    two = own[:60] + third + other[:60]  # its near-duplicate, and less like the excerpt
    with open_index("memory:") as index:
        index.admit(Article("whole", " ".join(own + rest)))
        index.admit(Article("one", " ".join(one)))
        index.admit(Article("two", " ".join(two)))
        found = index.admit(Article("excerpt", " ".join(own)))
        copies = {held.article.id: held.copies for held in index.articles()}
    assert copies["one"] == copies["two"] != copies["whole"]
    assert {match.relation for match in found.matches} >= {"contained", "edited_copy"}
    assert copies["excerpt"] == copies["whole"]
