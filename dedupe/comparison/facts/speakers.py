"""Who said it: one quotation that two reports give to two people.

Cautious: the sentences of the quotation must name nobody in common outside of it, and each one
person at least.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.model_compare import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from dedupe.model_compare import Fact, Mention, SharedFact

SHORTEST = 5
"""Words of a quotation that two people hardly say alike."""
FULL_NAME = 2
"""Words of a name that is a person's rather than a place's or a paper's."""


def contradicting_speakers(
    both: Iterable[SharedFact], names: Sequence[Sequence[Fact]]
) -> list[Conflict]:
    """Conflicts about who said a quotation that both articles have.

    ``names`` are those of either article.
    """
    found = []
    for shared in both:
        if shared.a.kind != "quotation" or min(map(_words, (shared.a, shared.b))) < SHORTEST:
            continue
        said = shared.a.mentions[0], shared.b.mentions[0]
        beside = [_beside(one, facts) for one, facts in zip(said, names, strict=True)]
        if beside[0].keys() & beside[1].keys():
            continue
        one, other = (_nearest(*side) for side in zip(said, beside, strict=True))
        if one and other:
            found.append(Conflict(one, other, "speaker", said[0].sentence, said[1].sentence))
    return found


def _words(fact: Fact) -> int:
    return len(fact.value.split())


def _beside(quoted: Mention, names: Iterable[Fact]) -> dict[str, Fact]:
    """The names in the sentence of a quotation, and outside of it, by value."""
    return {
        fact.value: fact
        for fact in names
        for mention in fact.mentions
        if mention.sentence == quoted.sentence and not _inside(mention, quoted)
    }


def _inside(mention: Mention, quoted: Mention) -> bool:
    return quoted.span.start <= mention.span.start and mention.span.end <= quoted.span.end


def _nearest(quoted: Mention, beside: Mapping[str, Fact]) -> Fact | None:
    """The full name that stands nearest to a quotation."""
    near = [
        (
            min(
                abs(mention.span.start - quoted.span.end), abs(quoted.span.start - mention.span.end)
            ),
            i,
        )
        for i, fact in enumerate(beside.values())
        for mention in fact.mentions
        if mention.sentence == quoted.sentence and _words(fact) >= FULL_NAME
    ]
    return list(beside.values())[min(near)[1]] if near else None
