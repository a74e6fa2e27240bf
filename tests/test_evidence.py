"""What may tell that two articles report one event: values of made-up pairs, kernels by the book."""

from __future__ import annotations

import numpy as np
import pytest
from corpora import FIXTURES, article, fixture_articles

from dedupe.config import Settings
from dedupe.evidence import FEATURES, SUBJECT_SHARE
from dedupe.kernels.evidence import TITLE_SMOOTHING, leading_evidence, row_leads
from dedupe.kernels.terms import CODE, TITLE
from dedupe.kernels.text import NAME
from dedupe.pipeline import analyse

NAMES = [feature.name for feature in FEATURES]
FIRE = (
    "Fire crews were called to a warehouse in {place} shortly after {n}. {m} engines attended. "
    "Nobody was hurt, and residents of {place} were asked to keep their windows shut. The cause "
    "is being investigated, a spokesman of the {place} brigade said."
)


@pytest.fixture(scope="module")
def weights():
    return analyse(fixture_articles(), Settings(threads=1)).weights


def leading(weights, pairs):
    """What the kernel finds of pairs of rows."""
    of = weights.origins
    rows = (weights.columns, weights.values, of.marks, weights.bounds, of.kinds, of.idf, of.spoken)
    found = np.empty((len(pairs), 7), np.float32)
    leading_evidence(*rows, row_leads(*rows), weights.width, np.array(pairs, np.int32), found)
    return found


def terms_of(weights, row):
    """The terms of a row by column: weight, whether in the title, whether in title or lead."""
    part = slice(weights.bounds[row], weights.bounds[row + 1])
    marks = weights.origins.marks[part]
    values = zip(weights.values[part], marks & TITLE != 0, marks != 0, strict=True)
    return dict(zip(weights.columns[part].tolist(), values, strict=True))


def by_the_book(weights, a, b):
    """The same as the kernel, term by term."""
    of, (one, other) = weights.origins, (terms_of(weights, row) for row in (a, b))
    shared = one.keys() & other.keys()
    mass = {c: (of.idf[of.spoken[a], c] + of.idf[of.spoken[b], c]) / 2 for c in shared}
    titled = [[c for c in side if side[c][1]] for side in (one, other)]
    own = [
        [of.idf[of.spoken[row], c] for c in side] for row, side in zip((a, b), titled, strict=True)
    ]
    titles, best = -1.0, [0.0, 0.0]
    if all(sum(masses) > 0 for masses in own):
        both = sum(mass[c] for c in shared if one[c][1] and other[c][1])
        titles = both / (min(map(sum, own)) + TITLE_SMOOTHING)
    named = [
        sum(of.idf[of.spoken[row], c] for c in side if of.kinds[c] == NAME)
        for row, side in zip((a, b), titled, strict=True)
    ]
    slots = 0.0
    if min(named) > 0:
        same = sum(mass[c] for c in shared if of.kinds[c] == NAME and one[c][1] and other[c][1])
        words = max(sum(masses) - names for masses, names in zip(own, named, strict=True)) + same
        slots = both / (words + TITLE_SMOOTHING) * max(0, max(named) - same) / max(named)
    for at, (row, side) in enumerate(((a, one), (b, other))):
        for kind in (1, 2) if titles >= 0 else (2,):
            top = max((of.idf[of.spoken[row], c] for c in side if side[c][kind]), default=0)
            met = max((mass[c] for c in shared if side[c][kind]), default=0)
            best[at] = max(best[at], met / top if top > 0 else 0)
    dots = {c: one[c][0] * other[c][0] for c in shared}
    plain = [sum(side[c][0] ** 2 for c in side if of.kinds[c] == 0) ** 0.5 for side in (one, other)]
    rest = sum(dots[c] for c in shared if of.kinds[c] == 0)
    return [
        titles,
        min(max(best), 1),
        rest / (plain[0] * plain[1]) if plain[0] * plain[1] > 0 else 0,
        max(dots.values()) / sum(dots.values()) if dots else 1,
        min(*best, 1),
        slots,
        0,  # no ticker
    ]


def test_the_kernel_finds_what_the_book_says(weights):
    n = len(weights.bounds) - 1
    pairs = [(a, b) for a in range(n) for b in range(a + 1, n)]
    expected = np.array([by_the_book(weights, a, b) for a, b in pairs])
    assert leading(weights, pairs) == pytest.approx(expected, abs=1e-4)
    assert leading(weights, [(b, a) for a, b in pairs]) == pytest.approx(expected, abs=1e-4)
    assert len(np.unique(expected[:, 0])) > 40
    assert len(np.unique(expected[:, 5])) > 40
    assert not (weights.origins.marks & CODE).any()
    assert (expected[:, 0] == -1).any(), f"one of {FIXTURES} has no title"


def evidence_of(one, other):
    """The evidence of two articles alone, by name."""
    found = analyse([one, other], Settings(threads=1), with_evidence=True).scores.evidence
    assert len(found) == 1
    return dict(zip(NAMES, found[0].tolist(), strict=True))


def fire(name, place, n, m):
    text = FIRE.format(place=place, n=n, m=m)
    return article(name, text, title=f"Firefighters tackle blaze in {place}", lang="en")


def test_a_template_filled_otherwise_is_alike_but_for_its_slots():
    twins = evidence_of(fire("a", "Brannock", 4, 7), fire("b", "Selwick", 9, 3))
    assert twins["slots"] > 0.5
    assert twins["title_slots"] > 0.2
    assert twins["subject"] <= 0


def test_one_number_in_common_is_one_number_alone():
    pair = evidence_of(
        article("a", "The evening school offers 40 courses, from beekeeping to accounting."),
        article("b", "Entry to the museum is free for its first 40 visitors on Saturday."),
    )
    again = evidence_of(
        article("a", "The school of Brannock offers 40 courses, from beekeeping to accounting."),
        article("b", "In Brannock pupils may choose among 40 courses, and learn of bees, too."),
    )
    assert pair["number_alone"] > 0.9
    assert again["number_alone"] == 0


def test_a_text_told_twice_has_no_slots():
    again = evidence_of(
        fire("a", "Brannock", 4, 7),
        article("b", "Brannock's warehouse burned, and 7 engines of the Brannock brigade came.",
                title="Blaze in Brannock put out", lang="en"),
    )  # fmt: skip
    assert again["slots"] == 0
    assert again["title_slots"] == 0
    assert again["subject"] == 0
    assert again["each"] == 0


RATED = "Norwick Ratings said it {what} {n} mln of senior debt of {name} and its units."


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        ("BRANNOCK MILLS <BRM> DEBT CUT", "SELWICK GAS <SWG> DEBT RAISED", -1),
        ("BRANNOCK MILLS <X> DEBT CUT", "SELWICK GAS <SWG.L> DEBT RAISED", -1),
        ("Brannock Mills (NYSE: BRM) debt cut", "Selwick Gas (Nasdaq:SWG) debt raised", -1),
        ("BRANNOCK MILLS <BRM> DEBT CUT", "BRM: Norwick Ratings cuts debt", 0),
        ("BRANNOCK MILLS <BRM> DEBT CUT", "SELWICK GAS <SWG> MAY BUY BRANNOCK <BRM>", 0),
        ("BRANNOCK MILLS <BRM> DEBT CUT", "NORWICK CUTS BRANNOCK <BRM>", 0),
        ("Brannock Mills (BRM) debt cut", "Selwick Gas (SWG) debt raised", 0),
        ("BRANNOCK MILLS <BRM> DEBT CUT", "SELWICK GAS DEBT RAISED", 0),
    ],
)
def test_tickers_of_which_neither_has_the_others_part_two_articles(one, other, codes):
    told = [
        article("a", RATED.format(what="cut", n=300, name="Brannock Mills"), title=one, lang="en"),
        article("b", RATED.format(what="raised", n=250, name="its issuer"), title=other, lang="en"),
    ]
    assert evidence_of(*told)["codes"] == codes
    assert evidence_of(*told[::-1])["codes"] == codes


def test_one_number_is_little_to_have_in_common():
    one = article("a", "The council of Kelling bought 40731 trees for its parks.", lang="en")
    other = article("b", "A ship with 40731 crates of pears left Jorvik harbour.", lang="en")
    found = evidence_of(one, other)
    assert found["alone"] == pytest.approx(1)
    assert found["numbers"] > 0.4
    assert found["short"] > 0.8


def test_the_subject_speaks_against_one_story_only_below_its_share(weights):
    n = len(weights.bounds) - 1
    share = leading(weights, [(0, b) for b in range(1, n)])[:, 1]
    assert 0 <= share.min() < SUBJECT_SHARE < share.max() <= 1


def test_who_is_named_in_passing_is_not_what_both_are_about():
    places = ("Ulmden", "Yorham", "Kardow", "Nasfels", "Pelmont", "Rasridge", "Sollow", "Vennau")
    fires = [fire(f"f{k}", place, 2 * k, k) for k, place in enumerate(places)]
    long = " ".join(FIRE.format(place="Selwick", n=n, m=n - 20) for n in (90, 80, 70))
    passing = f"{long} Help had come from Brannock."  # far behind the lead
    told = [
        fire("a", "Brannock", 44, 57),
        article("b", passing, title="Firefighters tackle blaze in Selwick", lang="en"),
    ]
    analysis = analyse([*told, *fires], Settings(threads=1), with_evidence=True)
    at = np.flatnonzero((analysis.links.pairs == (0, 1)).all(axis=1))[0]
    found = dict(zip(NAMES, analysis.scores.evidence[at].tolist(), strict=True))
    assert found["subject"] == 0
    assert found["each"] < 0
