"""What a comparison of two articles gives: frozen values without behaviour, all of them placed.

Every part of a :class:`Comparison` points into the two articles by :class:`Span`, so that a view
may mark it there. Text copied out of the articles is as hostile as the articles are.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from dedupe.model import Article, Relation

Part = Literal["title", "text"]
"""The field of the article that a span lies in."""
EditKind = Literal["equal", "replace", "insert", "delete"]
Qualifier = Literal["", "about", "over", "under"]
"""How a number is hedged: not at all, ``about 20``, ``over 20`` (also: at least), ``under 20``."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in an article: ``getattr(article, part)[start:end]``, in code points as stored."""

    part: Part
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Measure:
    """One score and what it means, in a line fit to be shown."""

    name: str
    """``jaccard``, ``containment_a``, ``containment_b``, ``cosine``, ``story`` or ``share``."""
    value: float
    """In [0, 1]."""
    meaning: str


@dataclass(frozen=True, slots=True)
class SharedTerm:
    """A term of both articles, and how much of their cosine it makes up."""

    text: str
    """The folded term: a word, or a pair (three) of characters in scripts without spaces."""
    share: float
    """What it adds to the cosine; the shares of all shared terms add up to the cosine."""
    a: tuple[Span, ...]
    """All its places in the first article, in order, title first."""
    b: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class OwnTerm:
    """A telling term that the other article lacks."""

    text: str
    weight: float
    """Its TF-IDF weight in the article's vector of unit length; in [0, 1]."""
    places: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, headline or line; without the white space around it."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Alignment:
    """Two sentences that report the same in (mostly) other words."""

    a: int
    """Index into :attr:`Comparison.sentences_a`."""
    b: int
    """Index into :attr:`Comparison.sentences_b`."""
    cosine: float
    """Cosine of the sentences' TF-IDF vectors, at or above ``align.THRESHOLD``."""


@dataclass(frozen=True, slots=True)
class Mention:
    """One place where a fact stands."""

    text: str
    """As written."""
    span: Span
    sentence: int
    """Index into the sentences of its article."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A name, number, date or quotation of one article, with all places that give it."""

    kind: str
    """``name``, ``number``, ``date``, ``quotation``: see ``dedupe.comparison.facts.kinds``."""
    text: str
    """The fullest mention, as written: for a name its longest form, else the first mention."""
    value: str
    """Normalised, equal for equal facts of one kind:

    - name: the folded words of the longest form;
    - number: decimal digits such as ``27000000`` or ``3.4``, ``2-1`` for a result, ``19:30``
      for a time of day, ``5/10`` for a range from 5 to 10;
    - date: ISO 8601 as far as it is known: ``2025-05-07``, ``2022-02``, ``2022``, ``--05-07``
      (year unknown), ``--05``, two of them with ``/`` between for a span, ``weekday-7`` for a
      Sunday of no given date;
    - quotation: its folded words.
    """
    unit: str = ""
    """Numbers only: a known unit (``percent``, ``USD``, ``day``, ``person``), ``ordinal``,
    ``score``, ``clock``, else the folded noun that is counted; '' where there is none."""
    of: tuple[str, ...] = ()
    """Numbers only: stems of the words that follow and say what is counted."""
    qualifier: Qualifier = ""
    """Numbers only."""
    mentions: tuple[Mention, ...] = ()
    """In order of place, at least one."""


@dataclass(frozen=True, slots=True)
class SharedFact:
    """A fact that both articles give, each in its own writing."""

    a: Fact
    b: Fact


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same quantity, day or speaker, told differently by two sentences of one event."""

    a: Fact
    b: Fact
    about: str
    """What the two speak of, such as ``person`` or ``ceasefire``; ``date`` for dates."""
    sentence_a: int
    sentence_b: int
    update: bool = False
    """Whether one is a newer state of the other, by the reports' dates or their words: a toll that
    rose. Else they contradict each other."""


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts of two articles, sorted by kind (names, numbers, dates, quotations), then place."""

    both: tuple[SharedFact, ...]
    only_a: tuple[Fact, ...]
    only_b: tuple[Fact, ...]
    """Facts in conflict are in neither ``only_a`` nor ``only_b``."""
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """One step from the first text to the second, in whole words."""

    kind: EditKind
    a: Span
    """Empty (start equals end) for an insertion: where the words would stand."""
    b: Span
    """Empty for a deletion."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Where two reports agree and where they differ."""

    a: str
    """Id of the first article."""
    b: str
    relation: Relation | None
    """None where neither text nor story is shown to be the same, and neither quotes the other."""
    measures: tuple[Measure, ...]
    """Jaccard, containment both ways, cosine; then story score and share, where they are given."""
    shared_terms: tuple[SharedTerm, ...]
    """All of them, largest share first."""
    terms_a: tuple[OwnTerm, ...]
    """The telling terms that only the first article has, most telling first."""
    terms_b: tuple[OwnTerm, ...]
    sentences_a: tuple[Sentence, ...]
    """All sentences in order of reading: the title's first."""
    sentences_b: tuple[Sentence, ...]
    alignments: tuple[Alignment, ...]
    """What both report, ordered by place in the first article. A sentence may be in several."""
    only_a: tuple[int, ...]
    """Indexes of the first article's sentences that align with none."""
    only_b: tuple[int, ...]
    facts: Facts
    edits: tuple[Edit, ...]
    """Title first, then text; filled for near-duplicates, edited copies and excerpts only."""
    company: int = 2
    """Among how many articles the two were weighed and judged; 2 for the two alone."""

    def __repr__(self) -> str:
        scores = ", ".join(f"{measure.name} {measure.value:.2f}" for measure in self.measures)
        return f"<Comparison of {self.a!r} and {self.b!r}: {self.relation}, {scores}>"

    def _repr_html_(self) -> str:
        # The page above knows the values, and they know it by name alone.
        return str(import_module("dedupe.report.notebook").comparison_html(self))


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two articles that are read side by side."""

    comparison: Comparison
    a: Article
    b: Article


@dataclass(frozen=True, slots=True)
class ReportMap:
    """What the independent reports of a story are to each other, pair by pair."""

    ids: tuple[str, ...]
    """One article of each report; those that are most alike next to each other."""
    story: tuple[tuple[float, ...], ...]
    """Story scores; square, in [0, 1], 1 on the diagonal, NaN where none was made."""
    containment: tuple[tuple[float, ...], ...]
    """Share of the shorter text's word 5-grams that lie in the other; square, in [0, 1]."""
