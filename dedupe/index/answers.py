"""Verdicts, put together from what was found, and articles: stored as bytes, and read back."""

from __future__ import annotations

import zlib
from dataclasses import astuple, replace
from datetime import datetime
from itertools import repeat
from operator import attrgetter
from types import UnionType
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import orjson

from dedupe.errors import DamagedError, RecordError
from dedupe.evidence import FEATURES
from dedupe.model import Article, Evidence, Match, Relation, Scores, Verdict
from dedupe.read.budget import USUAL, PastLimitError, check_values
from dedupe.score import relation
from dedupe.story import COMPANY, StoryModel, labels_told, weights_told
from dedupe.text import without_surrogates

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dedupe.config import Settings

LEVEL = 1
"""Of zlib: answers repeat themselves, and become half as large by the quickest way; a higher level
makes an article of news a little smaller and takes longer."""
MOST_BYTES = 1 << 28
"""Of an article or an answer, before it is compressed: what claims to be longer is not read."""
MOST_MATCHES = 3
"""Matches that an answer names."""
SCORE_DIGITS, WEIGHT_DIGITS = 4, 3
TOLD = ("corrects", "added", "mentions")
"""What few answers say."""
RELATIONS = frozenset(get_args(Relation))
STORY_DIGITS = 18
"""Digits that the number of a story may have: it fits 64 bits then."""


_CODED = (
    "terms names numbers lead_names lead_numbers template days rivals surroundings start titles "
    "subject slots alone plain short short_terms short_numbers each number_alone common"
)
CODES = {name: code for code, name in enumerate(_CODED.split())}
"""Numbers under which evidence is stored, for good: a new piece gets one that was never used, one
without a number is stored under its own name."""
_LABELS = {
    **{feature.name: feature.label for feature in FEATURES},
    **dict(zip(("rivals", "surroundings", "common", "start"), COMPANY, strict=True)),
}
_CODE_OF = {label: CODES.get(name, label) for name, label in _LABELS.items()}
_LABEL_OF = {code: _LABELS.get(name, name) for name, code in CODES.items()}
_UNSAID = ("",) * len(COMPANY)
_VALUES = attrgetter("jaccard", "containment", "cosine", "story")


class Reasons(NamedTuple):
    """Why a pair has its story score: what it adds up from."""

    found: NDArray[Any]
    """Each piece of evidence (features,)."""
    rivals: float
    surroundings: float
    common: float


def story_id(number: int) -> str:
    """A story's id, as it is given out."""
    return f"s{number}"


def story_number(name: str) -> int | None:
    """The number behind a story's id; None where it is none."""
    digits = name[1:]
    given = name[:1] == "s" and digits.isascii() and digits.isdigit() and digits[0] != "0"
    return int(digits) if given and len(digits) <= STORY_DIGITS else None


def evidence_of(reasons: Reasons, days: float | None, model: StoryModel) -> tuple[Evidence, ...]:
    """What a person is shown: the weights add up to the log-odds of the story score."""
    found = reasons.found.tolist()
    said = [feature.shown(value, days) for feature, value in zip(FEATURES, found, strict=True)]
    weights, constant = weights_told(found, model)
    names = [*labels_told(weights), *COMPANY]
    weights += (reasons.rivals, reasons.surroundings, reasons.common, constant)
    rounded = [round(weight, WEIGHT_DIGITS) for weight in weights]
    return tuple(map(Evidence, names, (*said, *_UNSAID), rounded))


def rounded_scores(*scores: float, share: float | None = None) -> Scores:
    """Scores as they are given out, of Jaccard, containment, cosine and story."""
    found = Scores(*(round(min(1.0, max(0.0, score)), SCORE_DIGITS) for score in scores))
    return found if share is None else replace(found, share=round(share, SCORE_DIGITS))


def told(verdict: Verdict) -> dict[str, Any]:
    """What few answers say, and only they have: not what is false or empty."""
    return {name: value for name in TOLD if (value := getattr(verdict, name))}


def _unpacked(data: bytes) -> Any:
    """What was kept as compressed JSON. Raises ValueError, zlib.error."""
    stream = zlib.decompressobj()
    found = stream.decompress(data, MOST_BYTES)
    if not stream.eof or stream.unused_data:
        raise ValueError("it does not end where it should")
    try:
        check_values(found, USUAL)
    except PastLimitError:
        raise ValueError("it has more values than are ever written") from None
    return orjson.loads(found)


def _are(kinds: type | UnionType, *values: object) -> None:
    """Raises TypeError where one of the values is none of these kinds."""
    if not all(map(isinstance, values, repeat(kinds))):
        raise TypeError("a value is of another type than was written")


def stored_form(verdict: Verdict) -> bytes:
    """The answer as bytes: all that ``restored`` needs to give it again."""
    matches = [
        [
            match.b,
            match.relation,
            _VALUES(match.scores) if match.scores.share is None else astuple(match.scores),
            match.days,
            [[_CODE_OF.get(e.name, e.name), e.value, e.weight] for e in match.evidence],
        ]
        for match in verdict.matches
    ]
    held: dict[str, object] = {
        "relation": verdict.relation,
        "story": verdict.story,
        "extends": verdict.extends,
        "matches": matches,
        **told(verdict),
    }
    return zlib.compress(orjson.dumps(held), LEVEL)


def restored(name: str, stored: bytes) -> Verdict:
    """The answer that was given about an article, as a replay. Raises DamagedError."""
    try:
        held = _unpacked(stored)
        matches = tuple(_restored_match(name, values) for values in held["matches"])
        corrects = held.get("corrects", False)
        mentions, added = tuple(held.get("mentions", ())), tuple(held.get("added", ()))
        _are(str, held["relation"], *mentions, *added)
        _are(str | None, held["story"])
        _are(bool, held["extends"], corrects)
        if held["relation"] not in RELATIONS:
            raise ValueError("such an answer is never given")  # noqa: TRY301 - as what is read
        return Verdict(
            name, held["relation"], held["story"], matches,
            admitted=True, replayed=True, extends=held["extends"],
            mentions=mentions, corrects=corrects, added=added,
        )  # fmt: skip
    except (zlib.error, AttributeError, LookupError, TypeError, ValueError) as error:
        raise DamagedError(f"the answer kept for {name!r} can't be read ({error})") from None


def revised(name: str, story: str, likeness: Scores, settings: Settings) -> Verdict:
    """The answer about a changed text: what it has in common with the one that it replaces."""
    kind = relation(settings, likeness.jaccard, likeness.containment, same=False)
    match = Match(name, name, kind, likeness, 0.0)
    return Verdict(name, "revision", story, (match,), admitted=True)


def _restored_match(name: str, values: list[Any]) -> Match:
    other, relation, scores, days, evidence = values
    _are(str, other, relation, *(said for _, said, _ in evidence))
    _are(int | float, *(weight for _, _, weight in evidence), *scores[:4])
    _are(int | float | None, days, *scores[4:])
    if relation not in RELATIONS:
        raise ValueError(f"there is no relation {relation!r}")
    parts = tuple(
        Evidence(_LABEL_OF.get(code, str(code)), value, weight) for code, value, weight in evidence
    )
    return Match(name, other, relation, Scores(*scores), days, parts)


def compressed(article: Article, *, whole: bool) -> bytes:
    """The article as bytes; not ``whole``: without its text."""
    kept = article if whole else replace(article, text="")
    date = None if kept.date is None else kept.date.isoformat()
    fields = [kept.title, kept.source, kept.url, date, kept.lang, kept.text]
    try:
        data = orjson.dumps(fields)
    except orjson.JSONEncodeError:  # lone surrogates
        data = orjson.dumps([value and without_surrogates(value) for value in fields])
    if len(data) > MOST_BYTES:
        raise RecordError(f"the article {article.id!r} is too long to be kept: {len(data):,} bytes")
    return zlib.compress(data, LEVEL)


def article_of_text(name: str, data: bytes) -> Article:
    """The article that was kept under an id. Raises DamagedError."""
    try:
        title, source, url, date, lang, text = _unpacked(data)
        _are(str, title, source, url, lang, text)
        _are(str | None, date)
        written = datetime.fromisoformat(date) if date else None
        return Article(name, text, title, written, source, url, lang)
    except (zlib.error, ValueError, TypeError) as error:
        raise DamagedError(f"the article kept as {name!r} can't be read ({error})") from None
