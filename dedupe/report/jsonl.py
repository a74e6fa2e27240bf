"""The machine form: JSON Lines, and the objects of comparisons, evaluations and indexes."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, BinaryIO

from dedupe.json_form import encode, match_object, rounded, scores_object
from dedupe.moments import written

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from dedupe.comparison.disagreements import Disagreement
    from dedupe.comparison.story_facts import StoryFacts
    from dedupe.evaluate.judge import Evaluation
    from dedupe.evaluate.pairs import Mistake
    from dedupe.model import (
        Article,
        Grouping,
        IndexedStory,
        IndexStats,
        Match,
        Member,
        Place,
        Placement,
        Quote,
        Story,
    )
    from dedupe.model_compare import Comparison

SCHEMA_VERSION = 1
"""Raised when a field changes its meaning or goes; a new field leaves it as it is."""


def placed_objects(
    placements: Iterable[Placement], places: Iterable[Place]
) -> Iterator[dict[str, Any]]:
    """One object an article, in the order of the placements: placement_object, and its place.

    That is ``file``, ``line`` and ``row``, where it stood in the sources.
    """
    for placement, place in zip(placements, places, strict=True):
        yield {**placement_object(placement), **place._asdict()}


def placement_object(placement: Placement) -> dict[str, Any]:
    """Where an article stands among the others.

    ``schema_version``, ``id``, ``story``, ``copies``, ``role``, ``relation``, ``to`` and ``scores``
    (``jaccard``, ``containment``, ``cosine``, ``story``, ``share``, to six digits), those three
    null for a representative; ``mentions``, ``quotes``, ``extends`` and ``corrects``.
    """
    return {
        "schema_version": SCHEMA_VERSION,
        "id": placement.id,
        "story": placement.story,
        "copies": placement.copies,
        "role": placement.role,
        "relation": placement.relation,
        "to": placement.to,
        "scores": scores_object(placement.scores),
        "mentions": list(placement.mentions),
        "quotes": _quotes(placement.quotes),
        "extends": placement.extends,
        "corrects": placement.corrects,
    }


def _quotes(quotes: Iterable[Quote]) -> list[dict[str, Any]]:
    return [{"id": quote.id, "share": rounded(quote.share)} for quote in quotes]


def story_objects(grouping: Grouping) -> Iterator[dict[str, Any]]:
    """One object a story, in the order of the grouping; dates are ISO 8601 in UTC, or null."""
    for story in grouping.stories:
        first, last = story.span or (None, None)
        yield {
            "schema_version": SCHEMA_VERSION,
            "id": story.id,
            "headline": story.headline,
            "articles": len(story.members),
            "independent_reports": story.independent,
            "copies": story.copies,
            "first_date": written(first),
            "last_date": written(last),
            "members": [_member(member) for member in story.members],
            "terms": [rounded(asdict(term)) for term in story.terms],
            "weakest": _match(story.weakest),
            "mentioned": [member.id for member in story.mentioned],
        }


def write_stories(grouping: Grouping, out: BinaryIO) -> None:
    """Write the objects of :func:`story_objects`, one line each. Raises OSError as ``out`` does."""
    out.writelines(map(encode, story_objects(grouping)))


def _member(member: Member) -> dict[str, Any]:
    return {
        "id": member.id,
        "headline": member.headline,
        "source": member.source,
        "date": written(member.date),
        "role": member.role,
        "copies": member.copies,
        "relation": member.relation,
        "to": member.to,
        "scores": scores_object(member.scores),
        "mentions": list(member.mentions),
        "quotes": _quotes(member.quotes),
        "extends": member.extends,
        "corrects": member.corrects,
    }


def _match(match: Match | None) -> dict[str, Any] | None:
    return None if match is None else {"a": match.a, "b": match.b, **match_object(match)}


def comparison_object(comparison: Comparison, a: Article, b: Article) -> dict[str, Any]:
    """The object that is written: the two articles, then every field of the comparison.

    Numbers have six digits, dates are ISO 8601 in UTC or null, places count code points.
    """
    both = {
        side: asdict(article) | {"date": written(article.date)}
        for side, article in (("a", a), ("b", b))
    }
    fields = asdict(comparison)
    return {
        "schema_version": SCHEMA_VERSION,
        **both,
        **{name: rounded(value) for name, value in fields.items() if name not in both},
    }


def evaluation_object(evaluation: Evaluation) -> dict[str, Any]:
    """The object that is written: numbers to six digits, dates in ISO 8601 in UTC or null."""
    fields = asdict(evaluation)
    measured = ("stories", "copies", "pairs", "story_recall", "copy_recall")
    kinds = ("merged", "split_alike", "split_unlike")
    found: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "gold": evaluation.gold,
        "articles": evaluation.articles,
        "unlabelled": evaluation.unlabelled_count,
        "unlabelled_ids": evaluation.unlabelled,
        **{name: fields[name] for name in measured},
        "cuts": [{"score": cut.score, **asdict(cut.agreement)} for cut in evaluation.cuts],
        "calibration": fields["calibration"],
        "calibration_error": evaluation.calibration_error,
        "mistakes": {
            kind: [_mistake(m) for m in getattr(evaluation.mistakes, kind)] for kind in kinds
        },
        "conditions": fields["conditions"],
    }
    return {key: rounded(value) for key, value in found.items()}


def _mistake(mistake: Mistake) -> dict[str, Any]:
    return {
        "a": _labelled(mistake.a, mistake.gold_a),
        "b": _labelled(mistake.b, mistake.gold_b),
        **match_object(mistake.match),
        "terms": [asdict(term) for term in mistake.terms],
        "others": mistake.others,
    }


def _labelled(member: Member, gold: str) -> dict[str, Any]:
    named = {"id": member.id, "headline": member.headline, "source": member.source}
    return {**named, "date": written(member.date), "gold": gold}


def stats_object(
    path: str, stats: IndexStats, settings: Mapping[str, float], fingerprint: str
) -> dict[str, Any]:
    """The sums of an index. ``settings`` are those that are not the usual ones."""
    each = round(stats.bytes / stats.articles) if stats.articles else None
    return {
        "schema_version": SCHEMA_VERSION,
        "path": path,
        "articles": stats.articles,
        "stories": stats.stories,
        "independent_texts": stats.texts,
        "bytes": stats.bytes,
        "bytes_per_article": each,
        "keeps_texts": stats.keeps_texts,
        "oldest": written(stats.oldest),
        "newest": written(stats.newest),
        "languages": dict(stats.languages),
        "settings": dict(settings),
        "fingerprint": fingerprint,
    }


def story_object(story: IndexedStory) -> dict[str, Any]:
    """One story; dates are ISO 8601 in UTC, or null."""
    return {
        "schema_version": SCHEMA_VERSION,
        "id": story.id,
        "articles": list(story.articles),
        "first_date": written(story.first),
        "last_date": written(story.last),
        "merged": list(story.merged),
    }


def front_object(story: Story, facts: StoryFacts | None) -> dict[str, Any]:
    """Who was first, who told it, its front in words, and what its reports tell differently.

    ``facts`` are None where fewer than two reports could be compared.
    """
    from dedupe.report.front import first_member, outlet_count, short_front

    first = first_member(story)
    about = {"id": first.id, "source": first.source, "date": written(first.date)} if first else None
    return {
        "first": about,
        "independent_reports": story.independent,
        "copies": story.copies,
        "outlets": outlet_count(story),
        "front": [
            {"label": line.label, "pieces": list(line.pieces)} for line in short_front(story, facts)
        ],
        "compared": list(facts.ids) if facts else [],
        "disagreements": [_disagreement(one, facts.ids) for one in facts.disagreements]
        if facts
        else [],
    }


def _disagreement(one: Disagreement, ids: Sequence[str]) -> dict[str, Any]:
    return {
        "about": one.about,
        "update": one.update,
        "sayings": [
            {
                "text": saying.text,
                "articles": [ids[number] for number in saying.reports],
                "sentences": list(saying.sentences),
            }
            for saying in one.sayings
        ],
    }
