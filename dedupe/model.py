"""What flows through the project: articles, matches, stories. Frozen values; others show them.

A batch of articles travels as a ``pyarrow.RecordBatch`` with the columns of
:data:`ARTICLE_COLUMNS`; :class:`Article` is one row of it as a Python value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from importlib import import_module
from typing import Any, Literal, NamedTuple

Relation = Literal[
    "identical",
    "near_duplicate",
    "contained",
    "edited_copy",
    "same_story",
    "quotation",
    "revision",
    "new",
]
"""What one article is to another, the first that holds."""
Role = Literal["representative", "member"]

COPY_RELATIONS: tuple[Relation, ...] = ("identical", "near_duplicate", "contained", "edited_copy")
"""Relations of two versions of one text, as opposed to two texts about one event."""

ARTICLE_COLUMNS = ("id", "title", "text", "date", "source", "url", "lang")
"""Columns of an article batch: strings without null, but ``date``: timestamp[us, UTC] or null."""


@dataclass(frozen=True, slots=True)
class Article:
    """One article as it was read. Empty strings stand for what the source did not say."""

    id: str
    text: str
    title: str = ""
    date: datetime | None = None
    """Time of publication, aware, in UTC."""
    source: str = ""
    url: str = ""
    lang: str = ""
    """BCP 47 primary language subtag in lower case, such as ``en``."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A record that could not be taken in: where it stood, why, and what to do about it."""

    source: str
    """File name as given, ``-`` for standard input."""
    line: int
    """1-based line (for tables: row) of the record; 0 where the file as a whole was refused."""
    reason: str
    raw: bytes = b""
    """The record as it stood in the source, cut at 1 MiB."""
    older: bool = False
    """Whether it is an older version of an article that was taken in, and nothing is wrong."""


class Place(NamedTuple):
    """Where one article stood."""

    file: str
    """As it was named; inside a folder, the folder's name and the way from there."""
    line: int
    """The line on which its record begins, its row or its element, from 1."""
    row: int | None
    """How many records the file has up to it, those that were rejected too; None where that can't
    be told."""


@dataclass(frozen=True, slots=True)
class Scores:
    """How alike two articles are. Every score lies in [0, 1]."""

    jaccard: float
    """Exact Jaccard of the two sets of word 5-grams."""
    containment: float
    """The larger share of one article's word 5-grams that lie in the other."""
    cosine: float
    """Cosine of the two TF-IDF vectors."""
    story: float
    """Calibrated: of pairs scored 0.8 about 80 % report the same event."""
    share: float | None = None
    """Of an edited copy the words of both texts that stand in the other, five in a row or more, of
    all words of both. Where one text quotes another, those of one that stand in passages of the
    other. None for all else."""


class Quote(NamedTuple):
    """What an article quotes of another, in a text of its own."""

    id: str
    share: float
    """As in Scores."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One reason for or against a match, as it is shown to a person."""

    name: str
    """The feature, such as ``names in common``."""
    value: str
    """What was found, such as ``Xi Jinping, Kremlin``."""
    weight: float
    """What it adds to the log-odds of the story score; positive speaks for one story."""


@dataclass(frozen=True, slots=True)
class Match:
    """Two articles that belong together, and the evidence for it."""

    a: str
    b: str
    relation: Relation
    scores: Scores
    days: float | None = None
    """Days between the two dates; None where one is missing."""
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an index answers about one article that comes in."""

    id: str
    """The one under which the index knows it: its own, unless an article from elsewhere has it."""
    relation: Relation
    """Against the best match; ``new`` where there is none, ``revision`` for a changed text."""
    story: str | None
    """Id of the story that it belongs to; None where it is new and was not admitted."""
    matches: tuple[Match, ...] = ()
    """Articles of the index that it belongs with, best first: ``a`` is this one, ``b`` the other;
    of a ``revision`` the text that it replaces."""
    admitted: bool = False
    """Whether the index holds it now, by this call or by the one that is replayed."""
    replayed: bool = False
    """Whether the same article was admitted before: this is the answer that was given then."""
    extends: bool = False
    """Whether its text adds sentences to the text that it matches: an update, or an excerpt was
    here first."""
    corrects: bool = False
    """Whether other names, numbers or dates stand in the same sentences."""
    added: tuple[str, ...] = ()
    """The first names and numbers that a text which extends or corrects has more often."""
    mentions: tuple[str, ...] = ()
    """Of a digest the ids of articles that it tells of, one of each story, likeliest first."""


@dataclass(frozen=True, slots=True)
class IndexedStory:
    """One story of an index."""

    id: str
    articles: tuple[str, ...]
    """Ids of its articles, as they came."""
    first: datetime | None
    last: datetime | None
    """First and last date of its articles, or of their arrival where they have none."""
    merged: tuple[str, ...] = ()
    """Ids of the stories that became part of it; they lead here."""


@dataclass(frozen=True, slots=True)
class IndexedArticle:
    """One article of an index, and the answer that was given when it was admitted."""

    article: Article
    """Without a text where the index keeps none."""
    story: str
    copies: str
    """Id of the article that came first of its group of copies."""
    arrived: datetime
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class IndexStats:
    """What an index holds."""

    articles: int
    stories: int
    texts: int
    """How many groups of copies: texts written independently."""
    bytes: int
    """Size of its files on disk."""
    keeps_texts: bool
    oldest: datetime | None
    newest: datetime | None
    languages: tuple[tuple[str, int], ...]
    """Articles by language, most first."""


@dataclass(frozen=True, slots=True)
class Member:
    """One article inside its story."""

    id: str
    headline: str
    """The title, else the first line of the text."""
    source: str
    date: datetime | None
    role: Role
    copies: str
    """Id of its group of copies: identical, near-duplicate, excerpt, edited copy."""
    relation: Relation | None = None
    to: str | None = None
    """The article whose evidence holds this one in its group; None for the representative."""
    scores: Scores | None = None
    """Against ``to``; None for the representative."""
    mentions: tuple[str, ...] = ()
    """Of a digest the ids of articles that it tells of, one of each story, likeliest first."""
    quotes: tuple[Quote, ...] = ()
    """Earlier articles that it quotes at length, most first."""
    extends: bool = False
    """Of a copy whether it has sentences that ``to`` has not."""
    corrects: bool = False
    """Of a copy whether other names, numbers or dates stand in the sentences of ``to``."""


class Placement(NamedTuple):
    """Where one article stands: what the machine form says of it, in the order of its fields."""

    id: str
    story: str
    copies: str
    role: Role
    relation: Relation | None
    to: str | None
    scores: Scores | None
    mentions: tuple[str, ...] = ()
    quotes: tuple[Quote, ...] = ()
    extends: bool = False
    corrects: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A term that several articles of a story share."""

    text: str
    weight: float
    """Mean TF-IDF weight over the story's articles, in [0, 1]."""
    articles: int
    """In how many of the story's articles it stands."""


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that report one event: versions of one text, and independent reports."""

    id: str
    members: tuple[Member, ...]
    """The representative first, then by date (undated last) and id."""
    terms: tuple[Term, ...] = ()
    """What holds it together, most telling first."""
    weakest: Match | None = None
    """The link with the lowest story score among those that hold the story together."""
    mentioned: tuple[Member, ...] = ()
    """Digests that tell of it among other stories, by date (undated last) and id."""
    central: str = ""
    """Id of the report that is most like the others; '' where it was not worked out."""

    def __repr__(self) -> str:
        return f"<Story {self.id!r}: {self.headline[:60]!r}, {len(self.members)} articles>"

    def _repr_html_(self) -> str:
        return str(_shown_by("report.notebook", "story_html", self))

    @property
    def headline(self) -> str:
        """Headline of the central report, where that was worked out, else of the representative."""
        return next((m for m in self.members if m.id == self.central), self.members[0]).headline

    @property
    def reports(self) -> tuple[Member, ...]:
        """Of each group of copies the one that no other of it holds, in the order of the story."""
        group = {member.id: member.copies for member in self.members}
        first: dict[str, Member] = {}
        for member in self.members:
            outside = member.to is None or group.get(member.to) != member.copies
            if outside or member.copies not in first:
                first[member.copies] = member
        chosen = {member.id for member in first.values()}
        return tuple(member for member in self.members if member.id in chosen)

    @property
    def independent(self) -> int:
        """How many texts were written independently: the number of groups of copies."""
        return len({m.copies for m in self.members})

    @property
    def copies(self) -> int:
        """How many articles repeat the text of another one."""
        return len(self.members) - self.independent

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """First and last date; None where no article is dated."""
        dates = [m.date for m in self.members if m.date is not None]
        return (min(dates), max(dates)) if dates else None


@dataclass(frozen=True, slots=True)
class Grouping:
    """The result of a run: every article in exactly one story."""

    stories: tuple[Story, ...]
    """Largest first; ties by earliest date, then id. Stories of one article are among them."""
    order: tuple[str, ...]
    """Article ids in input order."""
    text_bytes: int = 0
    """UTF-8 bytes of title and text that were read."""
    seconds: float = 0.0
    rejected: tuple[Rejection, ...] = ()
    """The first rejections, at most 100."""
    rejected_count: int = 0
    notes: tuple[str, ...] = field(default=())
    """What the run cut by rule and a reader must know, such as an oversized bucket."""

    def __repr__(self) -> str:
        return f"<Grouping: {len(self.order)} articles, {len(self.stories)} stories>"

    def _repr_html_(self) -> str:
        return str(_shown_by("report.notebook", "grouping_html", self))

    def to_arrow(self, beside: object = None) -> Any:
        """A pyarrow.Table: a row an article, in input order, behind the columns of ``beside``."""
        return _shown_by("views", "to_arrow", self, beside)

    def to_pandas(self, beside: object = None) -> Any:
        """The same as a pandas.DataFrame, with the index of ``beside``."""
        return _shown_by("views", "to_pandas", self, beside)

    def to_polars(self, beside: object = None) -> Any:
        """The same as a polars.DataFrame."""
        return _shown_by("views", "to_polars", self, beside)


def _shown_by(module: str, name: str, *values: object) -> Any:
    """What a module above makes of values, which know it by name alone."""
    return getattr(import_module(f"dedupe.{module}"), name)(*values)
