"""What an index holds that bears on articles that come in: all reading, up to a frozen Hand.

What is to be read next follows from what the judge makes of what was read before: which texts may
be copies, and which stories may be touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from dedupe.errors import DamagedError
from dedupe.index.around import lengths_of, with_groups, with_marked, with_stored
from dedupe.index.arrivals import Arrivals, story_keys
from dedupe.index.hand import (
    Asked,
    Compared,
    Hand,
    MarkedPairs,
    Rows,
    Scored,
    Telling,
    Versions,
    touching,
)
from dedupe.index.judge import Met, in_their_company, scored, told_apart
from dedupe.index.own import own_arrivals
from dedupe.index.placing import MOST_GROUPS, touched
from dedupe.index.record import Sketches
from dedupe.index.tallies import Tallies
from dedupe.index.texts import TEMPLATE_COSINE, overlaps_of, texts_compared
from dedupe.index.versions import COPY_SHARE, groups_asked, related_pairs, versions
from dedupe.score import Overlaps, cosines
from dedupe.story import LEAST_COSINE, StoryModel
from dedupe.weigh import Weigher

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings
    from dedupe.index.store import Change, Reader
    from dedupe.weigh import Weights

TELLING_TERMS = 48
"""Heaviest terms under which an article is entered, and looked for."""
NEWEST = 128
"""Holders of a key that are looked at, the newest ones: a story is told within days."""
NEWEST_COPIES = 48
"""The same of a key of the copy view: more hold only a set phrase, or one text many times."""
LEAST_COMPANIONS, MOST_COMPANIONS, COMPANION_TERMS = 20, 128, 960
"""Stored articles that one is compared with for terms in common: as many as have about so many
telling terms if each has as many as it has, at least and at most. By the few terms of a headline
its companions can't be told from others so well that the first twenty are enough, and to compare
it costs as much less."""
MOST_COPIES = 10
"""The same for shingles in common."""
Shared = tuple["NDArray[np.int32]", "NDArray[np.int64]"]
"""Pairs of rows (m, 2), and how many copy keys each has in common (m,)."""
MOST_MET = 4096
"""Articles that came times those that were judged: of more, all are judged again."""


class Finder:
    """Finds what is near. Keeps the memory that it needs, and the frequencies of terms."""

    def __init__(self, settings: Settings, window: int | None, model: StoryModel) -> None:
        self.tallies = Tallies(settings)
        self._settings = settings
        self._model = model
        self._weigher = Weigher(self.tallies.terms)
        self._terms = max(TELLING_TERMS, settings.story_terms)
        self._window = window

    def find(
        self,
        reader: Reader,
        arrivals: Arrivals,
        moments: Sequence[int],
        leave_out: frozenset[int] = frozenset(),
    ) -> Hand:
        """All that n articles are judged by, in their order; none of them is stored yet.

        The tallies must follow the reader, and count the articles: so does the batch path. Lines
        that recur are left out of the articles at hand, and the tallies count these then.
        ``moments`` are when they were written, or came: microseconds since 1970. ``leave_out`` are
        numbers that count as gone.
        """
        hand = self._found(reader, arrivals, moments, leave_out)
        own = own_arrivals(reader, hand, self._settings, self._weigher)
        if own is arrivals:
            return hand
        self.tallies.recount(arrivals, own)
        return self._found(reader, own, moments, leave_out)

    def _found(
        self,
        reader: Reader,
        arrivals: Arrivals,
        moments: Sequence[int],
        leave_out: frozenset[int],
    ) -> Hand:
        """The same by the sketches that they have."""
        telling = self._telling(arrivals.packed.weighed(self._weigher), len(arrivals))
        position = reader.position()
        asked, pairs, shared = self._met(reader, arrivals, telling, position.change)
        rows = Rows.incoming(arrivals, moments)
        rows, marked, near = self._near(
            reader, rows, pairs, shared, leave_out, different=position.different
        )
        met = self._compared(reader, arrivals, rows, near)
        copies, found = self._judged(reader, met, marked, rows.digests)
        company = in_their_company(rows, found, copies, rows.digests, met.gaps, self._model)
        stories = touched(rows, len(arrivals), company, copies.labels)
        groups = reader.groups(stories, MOST_GROUPS + 1) if stories else {}
        around = with_groups(reader, rows, groups)
        if len(around) > len(rows) and position.different:
            around, marked = with_marked(reader, around)
        if len(around) > len(rows):
            company = in_their_company(around, found, copies, around.digests, met.gaps, self._model)
        told, mentions = told_apart(
            around, met, found, company, self._settings, self._model, self._weigher
        )
        digests = around.digests | told
        if told.any():
            copies, found = self._judged(reader, met, marked, digests[: len(rows)])
            company = in_their_company(around, found, copies, digests, met.gaps, self._model)
            bearing = touched(around, len(arrivals), company, copies.labels_of(around))
            bearing += around.stories[told].tolist()
            groups = {story: held for story, held in groups.items() if story in bearing}
        return Hand(
            arrivals, telling, around, met.compared, copies, found, company, groups, digests,
            mentions, marked, asked, position.change,
        )  # fmt: skip

    def _near(
        self,
        reader: Reader,
        rows: Rows,
        pairs: NDArray[np.int64],
        shared: NDArray[np.int64],
        leave_out: frozenset[int],
        *,
        different: bool,
    ) -> tuple[Rows, MarkedPairs, Shared]:
        """The rows with those that were met, what is marked different, and the pairs by rows."""
        from dedupe.kernels.postings import distinct

        n, numbers = len(rows), distinct(pairs[pairs[:, 1] > 0, 1])
        if leave_out:
            numbers = numbers[~np.isin(numbers, list(leave_out))]
        if len(numbers):
            rows = with_stored(reader, rows, reader.rows(numbers))
        places, shared = self._placed(rows, n, pairs, shared)
        if not different:
            return rows, frozenset(), (places, shared)
        rows, marked = with_marked(reader, rows)
        apart = np.array([pair not in marked for pair in map(tuple, places.tolist())], bool)
        return rows, marked, (places[apart], shared[apart])

    def _compared(self, reader: Reader, arrivals: Arrivals, rows: Rows, met: Shared) -> Met:
        from dedupe.kernels.incoming import worth_comparing

        (places, shared), weights = met, rows.sketches.weighed(self._weigher)
        cosine = cosines(weights, places)
        near = worth_comparing(
            places, shared, cosine, rows.sketches.copy_keys, COPY_SHARE, LEAST_COSINE,
            TEMPLATE_COSINE,
        )  # fmt: skip
        pairs = places[near]
        texts = texts_compared(reader, arrivals, rows, pairs, self._settings.shingle_words)
        containment = np.zeros(len(places))
        containment[near] = texts.overlaps.containment
        compared, gaps = Compared(pairs, cosine[near], texts), self.tallies.days.gaps()
        return Met(rows, len(arrivals), weights, places, cosine, containment, compared, gaps)

    def _judged(
        self, reader: Reader, met: Met, marked: MarkedPairs, digests: NDArray[np.bool_]
    ) -> tuple[Versions, Scored]:
        rows, n, compared, settings = met.rows, met.n, met.compared, self._settings
        related = related_pairs(rows, compared, digests, settings)
        lengths = lengths_of(reader, groups_asked(rows, n, compared, related))
        copies = versions(rows, n, compared, related, lengths, marked, settings)
        return copies, scored(met, copies, digests)

    def stands(self, reader: Reader, hand: Hand, changes: Sequence[Change] | None) -> bool:
        """Whether all is as it was at the position of the hand, as far as it bears on an answer.

        ``changes`` are all after that position, None where they can't be told. It does not where an
        article came that would be compared with one of those judged; where a story that they may
        belong with, or an article at hand, changed; and where too much came to tell. How common
        terms are is not looked at: one article changes that by next to nothing.
        """
        if changes is None:
            return False
        came = [change.number for change in changes if change.event == "added"]
        if len(came) * len(hand.arrivals) > MOST_MET or touching(changes, hand):
            return False
        if len(came) < len(changes) and hand.groups:  # only this tells what moved away
            groups = reader.groups(list(hand.groups), MOST_GROUPS + 1)
            return groups == hand.groups and not self._reached(reader, came, hand)
        return not self._reached(reader, came, hand)

    def _reached(self, reader: Reader, came: Sequence[int], hand: Hand) -> bool:
        """Whether one of those that came would be compared with one of those that were judged.

        They are found as all others are, by their keys; most aren't, and nothing is read of those.
        """
        if not came:
            return False
        asked = hand.asked
        holders = reader.holders(asked.keys, NEWEST, hand.position)
        near, copies = asked.reached(holders, came)
        if copies or not len(near):
            return copies
        numbers, near[:, 1] = np.unique(near[:, 1], return_inverse=True)
        sketches = Sketches.read(reader.blobs("sketch", numbers), numbers)
        near[:, 1] += len(hand.arrivals)
        both = hand.arrivals.packed.followed_by(sketches).weighed(self._weigher)
        return bool((cosines(both, near.astype(np.int32, order="C")) >= LEAST_COSINE).any())

    def named(self, reader: Reader, hand: Hand, pairs: NDArray[np.int32]) -> Overlaps:
        """Exact overlaps of pairs (m, 2) of rows that an answer names."""
        places = hand.compared.at(pairs)
        missing, known = places < 0, hand.compared.overlaps
        found = Overlaps(*(np.empty(len(pairs)) for _ in range(2)))
        late = overlaps_of(reader, hand.arrivals, hand.rows, pairs[missing])
        for name in ("jaccard", "containment"):
            values = getattr(found, name)
            values[~missing] = getattr(known, name)[places[~missing]]
            values[missing] = getattr(late, name)
        return found

    def likeness(
        self, reader: Reader, arrivals: Arrivals, number: int
    ) -> tuple[float, float, float]:
        """Jaccard, containment and cosine of one article that comes in and a stored one."""
        rows = with_stored(reader, Rows.incoming(arrivals, [0]), reader.rows([number]))
        pair = np.array([[0, 1]], np.int32)
        found = overlaps_of(reader, arrivals, rows, pair)
        cosine = cosines(rows.sketches.weighed(self._weigher), pair)
        return float(found.jaccard[0]), float(found.containment[0]), float(cosine[0])

    def entered(self, sketch: bytes, edges: bytes) -> tuple[bytes, NDArray[np.uint32]]:
        """A stored sketch with the edges of another, and the keys of its telling terms."""
        own = Sketches.of([sketch])
        keys = self._telling(own.weighed(self._weigher), 1).row(0)
        return own.entered(0, Sketches.of([edges]).edges(0), len(keys)), keys

    def _telling(self, weights: Weights, n: int) -> Telling:
        """The heaviest terms of the first n rows, as many as articles are entered under."""
        from dedupe.kernels.weights import telling

        buckets, values, bounds = telling(
            weights.columns, weights.values, weights.bounds, weights.buckets, n, self._terms
        )
        return Telling(story_keys(buckets), values, bounds)

    def _met(
        self, reader: Reader, arrivals: Arrivals, telling: Telling, last: int
    ) -> tuple[Asked, NDArray[np.int64], NDArray[np.int64]]:
        """What is asked, pairs of an incoming row and a number, and their copy keys in common.

        An earlier one of those that come in has the number -1 - row; ``last`` is the last number
        that was given.
        """
        from dedupe.kernels.incoming import asked, met, met_among

        slots, keys, strengths, bounds = asked(
            *arrivals.copy_keys, telling.keys, telling.weights, telling.bounds
        )
        bound = (_companions(telling), MOST_COPIES, NEWEST_COPIES)
        holders = reader.holders(keys, NEWEST)
        if len(holders.numbers) and int(holders.numbers.max()) > last:
            raise DamagedError("a key in the index leads to an article that never was")
        pairs, shared, dots, times = met(
            slots, strengths, bounds, holders.starts, holders.numbers, *bound
        )
        sought = Asked(slots, keys, strengths, bounds, dots, times)
        if len(arrivals) == 1:
            return sought, pairs, shared
        among, often = met_among(slots, strengths, bounds, len(keys), *bound)
        return sought, np.concatenate((pairs, among)), np.concatenate((shared, often))

    def _placed(
        self, rows: Rows, n: int, pairs: NDArray[np.int64], shared: NDArray[np.int64]
    ) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Pairs by rows, in order, without those of articles that are gone or too old."""
        from dedupe.kernels.incoming import placed

        window = -1 if self._window is None else self._window
        return placed(pairs, shared, rows.numbers[n:], n, rows.moments, window)


def _companions(telling: Telling) -> NDArray[np.int64]:
    """How many stored articles each of n is compared with for its terms (n,)."""
    sizes = np.maximum(telling.bounds[1:] - telling.bounds[:-1], 1)
    wanted = COMPANION_TERMS // sizes
    return np.asarray(np.minimum(np.maximum(wanted, LEAST_COMPANIONS), MOST_COMPANIONS))
