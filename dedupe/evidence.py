"""What may tell that two articles report one event, each piece of it as a number for each pair.

FEATURES are the pieces. They are weighed against one another in :mod:`dedupe.story`; to add one see
docs/extending.md. Pure: arrays in, arrays out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from dedupe.gaps import date_ratios, days_apart
from dedupe.known import KnownPairs
from dedupe.sharing import TermsInCommon

if TYPE_CHECKING:
    from numpy.typing import NDArray

TEMPLATE_SHARE = 0.1
"""Share of one text's shingles in the other from which the two look written to one template."""
DAYS_APART = 2.5
"""Log-odds of the dates against one story that count, of a template, as names of which none is
shared."""
TEMPLATE_AGREEMENT = 4
"""Equal signature values from which the shingles of a pair are compared for that."""
COSINE_OFFSET = 0.02
"""Added to the cosine under the logarithm: below it differences mean nothing."""
FITTED_COSINE = 0.12
"""Cosine from which pairs are fitted to: below it are many, nearly all untrue, and all decided by
their company."""
LONG, SHORT = 400, 10
"""Tokens from which a text counts as long, and as short as can be."""
TITLES_USUAL, TITLES_MOST = 0.25, 0.5
"""Share of two titles' telling terms that speaks neither way; a higher share than the second says
no more."""
SUBJECT_SHARE = 0.66
"""Of the IDF of the rarest term that leads an article: the other has one as rare as that."""
EACH_SHARE = 0.8
"""The same of what each article of two has of the other's."""
TITLE_SLOTS_USUAL = 0.3
"""How far titles of one event may be alike but for names."""
SLOTS_USUAL, SLOTS_FULL = 0.06, 0.25
"""How much a cosine without names and numbers may be higher by chance; by how much more it is
where all slots of a template are filled otherwise."""
ALONE_USUAL = 0.7
"""Share of a cosine that one term may make where there are others too."""
NO_COSINE = 0.01
"""Cosine without names and numbers below which there is next to nothing in common but these."""
PLAIN_OFFSET = 0.03
"""Added to the cosine without names and numbers under the logarithm."""
LOOK_ALIKE = (5.3, 7.9)
"""Slope and intercept, over ln(cosine + offset), by which a pair counts as a look-alike."""
CHUNK = 1 << 14
"""Pairs that a thread takes at a time: what lies between the pieces stays in its cache."""


@dataclass(frozen=True)
class Window:
    """n articles at hand, and m pairs of them that are to be judged."""

    in_common: Callable[[slice], TermsInCommon]
    """What the pairs at these places have in common."""
    dates: NDArray[np.int64]
    """Microseconds since 1970 (n,); UNDATED for none."""
    pairs: NDArray[np.int32]
    """(m, 2); cheapest in runs of one first article."""
    cosine: NDArray[np.float32]
    containment: Callable[[NDArray[np.int64]], NDArray[np.float64]]
    """Of the pairs at these places (k,): share of one text's shingles in the other (k,), 0 where
    few of them are shared."""
    tokens: NDArray[np.int64]
    """Tokens of each text (n,)."""
    gaps: NDArray[np.float64]
    """How usual each gap between two dates is among all articles; see corpus_gaps."""
    known: KnownPairs = field(default_factory=KnownPairs.none)
    """Further pairs of these articles."""
    executor: Executor | None = None
    """Whose threads do the work; None for the caller's own."""

    @cached_property
    def terms(self) -> NDArray[np.float32]:
        """The cosines as evidence, see logs: (m,)."""
        return logs(self.cosine)

    @cached_property
    def _terms(self) -> TermsInCommon:
        return self.in_common(slice(0, len(self.pairs)))

    @property
    def shared(self) -> NDArray[np.float32]:
        """How far names, numbers, and those of title and lead agree: float32 (m, 4)."""
        return self._terms.shared

    @property
    def leading(self) -> NDArray[np.float32]:
        """What is in common of what leads, see TermsInCommon: float32 (m, 7)."""
        return self._terms.leading

    @cached_property
    def days(self) -> NDArray[np.float64]:
        """What the gaps between the dates say, see date_ratios: (m,)."""
        pairs, cosine = self.known.behind(self.pairs, self.cosine)
        return days_of(pairs, cosine, self.dates, self.gaps)[: len(self.pairs)]

    @cached_property
    def short(self) -> NDArray[np.float64]:
        """How short the shorter text of each pair is (m,): 0 for LONG tokens, 1 for SHORT."""
        one, other = self.tokens[self.pairs[:, 0]], self.tokens[self.pairs[:, 1]]
        least = np.maximum(np.minimum(np.minimum(one, other), LONG), SHORT)
        return np.asarray(np.log(LONG / least) / np.log(LONG / SHORT))

    def parts(self) -> Iterator[tuple[slice, Window]]:
        """Windows of some of the pairs each, and where these stand among all."""
        days = self.days  # of all pairs at once

        def part(first: int) -> tuple[slice, Window]:
            own = slice(first, first + CHUNK)
            found = replace(
                self, pairs=self.pairs[own], cosine=self.cosine[own], known=KnownPairs.none(),
                in_common=lambda at: self.in_common(slice(at.start + first, at.stop + first)),
                containment=lambda at: self.containment(at + first), executor=None,
            )  # fmt: skip
            vars(found)["days"] = days[own]
            return own, found

        return map(part, range(0, len(self.pairs), CHUNK))


@dataclass(frozen=True, slots=True)
class Feature:
    """One piece of evidence; its weight times its value is added to a pair's log-odds."""

    name: str
    """By which models and stored answers know it."""
    label: str
    """What a person is told that it is."""
    column: Callable[[Window], NDArray[np.floating]]
    """Its value for each pair of a window (m,)."""
    shown: Callable[[float, float | None], str] = lambda value, _: f"{value:.2f}"
    """A value as a person reads it, beside the days between the two dates (None: not known)."""


def logs(cosine: NDArray[np.float32]) -> NDArray[np.float32]:
    """Cosines as evidence: ln(cosine + COSINE_OFFSET) (m,)."""
    return np.log(cosine.astype(np.float64) + COSINE_OFFSET).astype(np.float32)


def cosine_of(log: float) -> float:
    """The cosine behind a value of ``logs``."""
    return max(0.0, float(np.exp(log)) - COSINE_OFFSET)


def _template(window: Window) -> NDArray[np.floating]:
    """Phrases in common, while names or numbers of title and lead don't agree, or the dates.

    As in reports of earnings, matches and quakes, told by one template. Reports of one event share
    phrases within days: where the dates speak against it, as of the next quarter, so do phrases.
    """
    disagree = np.minimum(np.minimum(window.shared[:, 2], window.shared[:, 3]), 0.0)
    apart = np.maximum(-disagree, -window.days / DAYS_APART)
    found, (at,) = np.zeros(len(apart), np.float32), (apart > 0).nonzero()
    found[at] = np.minimum(1.0, window.containment(at) / TEMPLATE_SHARE) * apart[at]
    return found


def _titles(window: Window) -> NDArray[np.floating]:
    """Telling terms that both titles have; 0 where one has no title: no evidence."""
    share = window.leading[:, 0]
    return np.asarray(np.where(share < 0, 0.0, np.minimum(share, TITLES_MOST) - TITLES_USUAL))


def _subject(window: Window) -> NDArray[np.floating]:
    """How far the other lacks what is rarest in title and lead of each, below SUBJECT_SHARE.

    Reports of one event share what one of them is about, in other words or not. Items of one
    template share what is common in such items, and each lacks the other's company or place.
    """
    return np.asarray(np.minimum(0.0, window.leading[:, 1] - SUBJECT_SHARE))


def _each(window: Window) -> NDArray[np.floating]:
    """How far either lacks what is rarest in title and lead of the other, below EACH_SHARE.

    Where places recur, an item of one template may name in passing whom the next is about: one has
    what is rarest in the other. In reports of one event it is so both ways.
    """
    return np.asarray(np.minimum(0.0, window.leading[:, 4] - EACH_SHARE))


def _title_slots(window: Window) -> NDArray[np.floating]:
    """Titles alike but for names: `Fire in Benning`, `Fire in Drayford`."""
    return np.asarray(np.maximum(0.0, window.leading[:, 5] - TITLE_SLOTS_USUAL))


def _codes(window: Window) -> NDArray[np.floating]:
    """Both begin with tickers (`<IBM>`, `(NYSE: IBM)`), and neither names the other's."""
    return np.asarray(np.minimum(0.0, window.leading[:, 6]))


def _slots(window: Window) -> NDArray[np.floating]:
    """Alike but for names and numbers: the slots of one template, filled otherwise.

    The cosine of all else is higher than that of the whole only where names and numbers disagree.
    """
    more = window.leading[:, 2] - window.cosine - SLOTS_USUAL
    return np.asarray(np.minimum(np.maximum(more / SLOTS_FULL, 0.0), 1.0))


def _alone(window: Window) -> NDArray[np.floating]:
    """How far one term is all that they have in common: a number, a country, a weekday."""
    return np.asarray(np.maximum(0.0, window.leading[:, 3] - ALONE_USUAL) / (1.0 - ALONE_USUAL))


def _number_alone(window: Window) -> NDArray[np.floating]:
    """How far one number is all that they have in common: no name, and no other word."""
    shared = window.shared
    nothing_else = (shared[:, 0] <= 0) & (shared[:, 1] > 0) & (window.leading[:, 2] < NO_COSINE)
    return np.asarray(np.where(nothing_else, _alone(window), 0.0))


def _plain(window: Window) -> NDArray[np.floating]:
    """Terms in common that are neither names nor numbers."""
    return np.asarray(np.log(window.leading[:, 2] + PLAIN_OFFSET))


def _short_terms(window: Window) -> NDArray[np.floating]:
    """Terms in common where a text is short: there less of them is enough.

    How much less is known from FITTED_COSINE on; below it a short text is given no more.
    """
    return np.asarray(
        window.short * np.maximum(window.terms, np.log(FITTED_COSINE + COSINE_OFFSET))
    )


def days_of(
    pairs: NDArray[np.int32],
    cosine: NDArray[np.float32],
    dates: NDArray[np.int64],
    gaps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """What the gaps between the dates of pairs (m, 2) say of them: log-odds (m,).

    ``dates`` (n,) and ``gaps`` as in Window.
    """
    return date_ratios(pairs, _unlike(cosine), dates, gaps)


FEATURES = [
    Feature(
        "terms",
        "terms in common",
        lambda window: window.terms,
        lambda value, _: f"cosine {cosine_of(value):.2f}",
    ),
    Feature("names", "names in common", lambda window: window.shared[:, 0]),
    Feature("numbers", "numbers in common", lambda window: window.shared[:, 1]),
    Feature("lead_names", "names of title and lead", lambda window: window.shared[:, 2]),
    Feature("lead_numbers", "numbers of title and lead", lambda window: window.shared[:, 3]),
    Feature("template", "told by one template", _template),
    Feature("titles", "terms of both titles", _titles),
    Feature("subject", "both lack what is rarest in the other", _subject),
    Feature("each", "either lacks what is rarest in the other", _each),
    Feature("title_slots", "titles alike but for names", _title_slots),
    Feature("codes", "neither has the other's ticker", _codes),
    Feature("slots", "alike but for names and numbers", _slots),
    Feature("alone", "one term alone in common", _alone),
    Feature("number_alone", "one number alone in common", _number_alone),
    Feature("plain", "in common without names and numbers", _plain),
    Feature("short", "a short text", lambda window: window.short),
    Feature("short_terms", "terms of a short text", _short_terms),
    Feature("short_numbers", "numbers of a short text", lambda w: w.short * w.shared[:, 1]),
    Feature(
        "days",
        "days between the dates",
        lambda window: window.days,
        lambda _, days: days_apart(days),
    ),
]
"""What a pair is judged by. Whoever adds to it adds a coefficient to data/story_model.json."""


def evidence(window: Window) -> NDArray[np.float32]:
    """The evidence of each pair, float32 (m, features), columns as in FEATURES."""
    found = np.empty((len(window.pairs), len(FEATURES)), np.float32)
    for at, feature in enumerate(FEATURES):
        found[:, at] = feature.column(window)
    return found


def evidence_in_parts(window: Window, take: Callable[[slice, NDArray[np.float32]], None]) -> None:
    """The same some pairs at a time, on all threads: ``take`` is given it, and where they stand."""
    executor = window.executor
    # Windows that nobody holds once they were read: each keeps what lies between its pieces.
    parts = window.parts() if len(window.pairs) > CHUNK else iter([(slice(None), window)])
    fill = lambda part: take(part[0], evidence(part[1]))  # noqa: E731
    list(map(fill, parts) if executor is None else executor.map(fill, parts))


def logistic(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities from log-odds."""
    found = np.clip(logits, -700, 700)
    np.exp(np.negative(found, out=found), out=found)
    found += 1.0
    return np.divide(1.0, found, out=found)


def _unlike(cosine: NDArray[np.float32]) -> NDArray[np.float64]:
    """Chance (m,) that a pair of this cosine is none, before all other evidence."""
    (slope, intercept), found = LOOK_ALIKE, np.empty(len(cosine))
    for first in range(0, len(cosine), CHUNK):
        log = logs(cosine[first : first + CHUNK]).astype(np.float64)
        found[first : first + CHUNK] = 1.0 - logistic(slope * log + intercept)
    return found
