"""The kinds of facts: the one list that finding, matching, conflicts and all reports go through.

They are shown in this order and found in the opposite one, so that a kind further down takes its
words first: a date is no number.
"""

from __future__ import annotations

from dedupe.compare.facts import match
from dedupe.compare.facts.conflicts import dates_contradict, numbers_contradict
from dedupe.compare.facts.dates import dates
from dedupe.compare.facts.kind import Kind, in_each
from dedupe.compare.facts.numbers import numbers
from dedupe.compare.facts.quotes import quotations
from dedupe.compare.facts.spellings import named

KINDS: list[Kind] = [
    Kind(
        "name",
        "names",
        named,
        longest=True,
        frequency=match.rarest_word,
    ),
    Kind(
        "number",
        "numbers",
        in_each(numbers),
        same=match.same_number,
        about=match.number_about,
        contradict=numbers_contradict,
        frequency=match.number_frequency,
        digits_only=True,
    ),
    Kind(
        "date",
        "dates",
        in_each(dates),
        same=match.same_date,
        keys=match.date_keys,
        about=match.date_about,
        contradict=dates_contradict,
        conflict_label="date",
        features=match.date_features,
    ),
    Kind(
        "quotation",
        "quoted",
        in_each(quotations),
        takes=False,
        quoted=True,
        same=match.same_quotation,
        keys=match.quotation_keys,
        features=lambda _fact: (),
    ),
]


def kind_of(name: str) -> Kind:
    """The kind of a name; StopIteration for none."""
    return next(kind for kind in KINDS if kind.name == name)
