"""An index as lines of JSON, and such lines read.

The first line contains the settings, then comes one line an article as they arrived, and the last
line contains what is known of the index as a whole, with the number of articles: an export that
was cut short has no such line and is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar, get_args

import orjson

from dedupe.config import Settings
from dedupe.errors import RecordError, SettingError, SourceError
from dedupe.index.answers import told
from dedupe.json_form import encode
from dedupe.model import (
    Article,
    Evidence,
    IndexedArticle,
    IndexedStory,
    Match,
    Relation,
    Scores,
    Verdict,
)
from dedupe.moments import in_utc, written

if TYPE_CHECKING:
    from dedupe.index.index import Index

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""

_STORY = re.compile(r"s[1-9][0-9]{0,9}")
Value = TypeVar("Value")
MEASURED = ("jaccard", "containment", "cosine", "story")
"""The scores that every match has."""
RELATIONS: dict[str, Relation] = {name: name for name in get_args(Relation)}


@dataclass(slots=True)
class Export:
    """An export that is being read: ``articles`` first, then what the last line contains."""

    settings: Settings
    texts: bool
    """Whether the articles are there with their texts."""
    articles: Iterator[IndexedArticle]
    """Raises SourceError with the line where one can't be read, or where the end is missing."""
    last_story: str = ""
    """The last story id that was ever given; empty where there was none."""
    merged: dict[str, str] = field(default_factory=dict)
    """Stories that are part of others by now, and of which."""
    different: tuple[tuple[str, str], ...] = ()
    """Ids of articles that are never of one story."""


def export_lines(index: Index) -> Iterator[bytes]:
    """The index as lines of JSON, each with its line feed.

    Others may go on writing: an article that comes or goes meanwhile is in it or not, and a story
    that is merged meanwhile is in ``merged``. Raises StoreError as the index does.
    """
    yield _heading(index)
    count = 0
    for found in index.articles():
        count += 1
        yield encode(article_object(found))
    merged = {old: story.id for story in index.stories() for old in story.merged}
    yield encode(
        {
            "articles": count,
            "last_story": index.last_story(),
            "merged": merged,
            "different": [list(pair) for pair in index.differences()],
        }
    )


def source_lines(index: Index, newest: int | None = None) -> Iterator[bytes]:
    """The same with the articles alone, without where they stand: the index as a source.

    With ``newest`` only the so many that came last.
    """
    yield _heading(index)
    count = 0
    for found in index.articles(newest):
        count += 1
        yield encode(article_fields(found.article))
    yield encode({"articles": count})


def _heading(index: Index) -> bytes:
    settings = asdict(index.settings)
    return encode(
        {"schema_version": SCHEMA_VERSION, "settings": settings, "texts": index.keeps_texts}
    )


def article_fields(article: Article) -> dict[str, Any]:
    """The fields of an article as an object of JSON."""
    return {
        "id": article.id,
        "title": article.title,
        "text": article.text,
        "date": written(article.date),
        "source": article.source,
        "url": article.url,
        "lang": article.lang,
    }


def article_object(found: IndexedArticle) -> dict[str, Any]:
    """One line of an export: the article, where it stands, and the answer that it was given."""
    article, verdict = found.article, found.verdict
    return {
        **article_fields(article),
        "story": found.story,
        "copies": found.copies,
        "arrived": written(found.arrived),
        "verdict": {
            "relation": verdict.relation,
            "story": verdict.story,
            "matches": [_match_object(match) for match in verdict.matches],
            "extends": verdict.extends,
            **told(verdict),
        },
    }


def _match_object(match: Match) -> dict[str, Any]:
    """To all digits, so that what is taken in again is what was written."""
    return {
        "id": match.b,
        "relation": match.relation,
        "scores": asdict(match.scores),
        "days": match.days,
        "evidence": [asdict(evidence) for evidence in match.evidence],
    }


def read_export(lines: Iterable[bytes], name: str) -> Export:
    """An export from its lines. ``name`` stands in messages.

    Raises SourceError where the first line is not that of an export, or of one of a newer
    version.
    """
    numbered = enumerate(lines, start=1)
    _, first = next(numbered, (0, b""))
    try:
        heading = _decoded(first)
        found = Export(_settings(heading), _flag(heading, "texts"), iter(()))
    except RecordError as error:
        raise SourceError(
            f"{name}: not an export of an index, as dedupe index export writes it: {error}"
        ) from None
    except SettingError as error:
        raise SourceError(f"{name}: {error} (was it written by a newer version?)") from None
    found.articles = _articles(numbered, name, found)
    return found


def _articles(
    numbered: Iterator[tuple[int, bytes]], name: str, export: Export
) -> Iterator[IndexedArticle]:
    count = 0
    for line, raw in numbered:
        try:
            row = _decoded(raw)
            if "articles" in row:
                _close(row, count, export)
                return
            article = indexed_article(row)
        except RecordError as error:
            raise SourceError(f"{name}:{line}: {error}") from None
        count += 1
        yield article
    raise SourceError(f"{name}: cut short after {count:,} articles; export the index again")


def _close(row: Mapping[str, Any], count: int, export: Export) -> None:
    if row["articles"] != count:
        raise RecordError(f"{row['articles']} articles were written, {count} are here")
    merged = {
        _story({"merged": old}, "merged"): _story({"merged": new}, "merged")
        for old, new in _typed(row, "merged", dict, "an object").items()
    }
    different = row.get("different")
    if not isinstance(different, list) or not all(_are_ids(p) and len(p) == 2 for p in different):
        raise RecordError("different must be a list of pairs of ids")
    export.last_story = _story(row, "last_story") if row.get("last_story") else ""
    export.merged, export.different = merged, tuple((one, other) for one, other in different)


def _are_ids(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value)


def _names(row: Mapping[str, Any], key: str) -> tuple[str, ...]:
    if not _are_ids(values := row[key]):
        raise RecordError(f"{key} must be a list of strings")
    return tuple(values)


def exact_article(row: Mapping[str, Any]) -> Article:
    """What :func:`article_fields` wrote. Raises RecordError for what it did not write."""
    keys = ("id", "text", "title", "source", "url", "lang")
    name, text, title, *rest = (_text(row, key) for key in keys)
    return Article(name, text, title, _moment(row, "date"), *rest)


def verdict_from(row: Mapping[str, Any]) -> Verdict:
    """The verdict in the object of a decision. Raises RecordError for what is none."""
    name = _text(row, "held_as" if "held_as" in row else "id")
    matches = tuple(_match(name, match) for match in _list(row, "matches"))
    return Verdict(
        name, _relation(row), None if row.get("story") is None else _story(row, "story"), matches,
        admitted=_flag(row, "admitted"), replayed=_flag(row, "replayed"),
        extends=_flag(row, "extends"), corrects=_flag(row, "corrects"),
        added=_names(row, "added"), mentions=_names(row, "mentions"),
    )  # fmt: skip


def story_from(row: Mapping[str, Any]) -> IndexedStory:
    """What is told of a story by its object. Raises RecordError for what is none."""
    first, last = _moment(row, "first_date"), _moment(row, "last_date")
    names, merged = _names(row, "articles"), _names(row, "merged")
    return IndexedStory(_story(row, "id"), names, first, last, merged)


def indexed_article(row: Mapping[str, Any]) -> IndexedArticle:
    """What :func:`article_object` wrote. Raises RecordError for what it did not write."""
    if (arrived := _moment(row, "arrived")) is None:
        raise RecordError("arrived must be a date")
    article = exact_article(row)
    name = article.id
    answer = _typed(row, "verdict", dict, "an object")
    matches = tuple(_match(name, match) for match in _list(answer, "matches"))
    full = {"corrects": False, "added": [], "mentions": [], **answer}
    verdict = Verdict(
        name, _relation(answer), _story(answer, "story"), matches, admitted=True,
        extends=_flag(answer, "extends"), corrects=_flag(full, "corrects"),
        mentions=_names(full, "mentions"), added=_names(full, "added"),
    )  # fmt: skip
    return IndexedArticle(article, _story(row, "story"), _text(row, "copies"), arrived, verdict)


def _match(name: str, row: Mapping[str, Any]) -> Match:
    return Match(
        name,
        _text(row, "id"),
        _relation(row),
        _scores(_typed(row, "scores", dict, "an object")),
        None if row.get("days") is None else _number(row, "days"),
        tuple(
            Evidence(_text(one, "name"), _text(one, "value"), _number(one, "weight"))
            for one in _list(row, "evidence")
        ),
    )


def _scores(row: Mapping[str, Any]) -> Scores:
    found = Scores(*(_number(row, name) for name in MEASURED))
    return found if row.get("share") is None else replace(found, share=_number(row, "share"))


def _relation(row: Mapping[str, Any]) -> Relation:
    name = _text(row, "relation")
    if name not in RELATIONS:
        raise RecordError(f"relation must be one of {', '.join(RELATIONS)}, not {name!r}")
    return RELATIONS[name]


def _settings(heading: Mapping[str, Any]) -> Settings:
    version = heading.get("schema_version")
    if version != SCHEMA_VERSION:
        raise RecordError(f"schema_version must be {SCHEMA_VERSION}, not {version!r}")
    return Settings().changed(_typed(heading, "settings", dict, "an object"))


def _decoded(line: bytes) -> dict[str, Any]:
    for loads in (orjson.loads, json.loads):  # the latter reads lone surrogates
        try:
            found = loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(found, dict):
            raise RecordError("not an object")
        return found
    raise RecordError("not JSON")


def _moment(row: Mapping[str, Any], name: str) -> datetime | None:
    value = row.get(name)
    if value is None:
        return None
    try:
        return in_utc(datetime.fromisoformat(value))
    except (TypeError, ValueError):
        raise RecordError(f"{name} must be a date in ISO 8601, not {value!r}") from None


def _typed(row: Mapping[str, Any], name: str, kind: type[Value], words: str) -> Value:
    value = row.get(name)
    if not isinstance(value, kind):
        raise RecordError(f"{name} must be {words}")
    return value


def _text(row: Mapping[str, Any], name: str) -> str:
    return _typed(row, name, str, "a string")


def _story(row: Mapping[str, Any], name: str) -> str:
    value = _text(row, name)
    if not _STORY.fullmatch(value):
        raise RecordError(f"{name} must be the id of a story, such as s12, not {value!r}")
    return value


def _number(row: Mapping[str, Any], name: str) -> float:
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError(f"{name} must be a number")
    return float(value)


def _flag(row: Mapping[str, Any], name: str) -> bool:
    return _typed(row, name, bool, "true or false")


def _list(row: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    values = _typed(row, name, list, "a list of objects")
    if not all(isinstance(value, dict) for value in values):
        raise RecordError(f"{name} must be a list of objects")
    return values
