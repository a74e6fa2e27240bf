"""Who said it: one quotation that two reports give to two people.

Cautious: each sentence of the quotation must name one person with a title outside of it, and not
the other one's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from dedupe.model_compare import Conflict

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dedupe.comparison.facts.kind import Pair
    from dedupe.comparison.reading import Read
    from dedupe.model_compare import Fact, Mention, SharedFact

SHORTEST = 5
"""Words of a quotation that two people hardly say alike."""
LONG_TITLE = 4
"""Letters of a title that ends a compound: ``Bahnchefin``."""
TITLE_WORDS = 4
"""Words before a name in which a title stands: ``the mayor of Orvanne, Claire Dumontel``."""


def contradicting_speakers(both: Iterable[SharedFact], pair: Pair) -> list[Conflict]:
    """Conflicts about who said a quotation that both articles have."""
    found, read = [], (pair.a, pair.b)
    for shared in both:
        if shared.a.kind != "quotation" or min(map(_words, (shared.a, shared.b))) < SHORTEST:
            continue
        said = shared.a.mentions[0], shared.b.mentions[0]
        beside = [_beside(one, of["name"]) for one, of in zip(said, pair.facts, strict=True)]
        one, other = (_speaker(held, of) for held, of in zip(beside, read, strict=True))
        if one and other and not (_names(one, beside[1]) or _names(other, beside[0])):
            found.append(Conflict(one, other, "speaker", said[0].sentence, said[1].sentence))
    return found


def _names(fact: Fact, beside: Iterable[tuple[Fact, Mention]]) -> bool:
    """Whether a person is named there, be it by one word of the name."""
    words = set(fact.value.split())
    return any(words & set(other.value.split()) for other, _ in beside)


def _words(fact: Fact) -> int:
    return len(fact.value.split())


def _beside(quoted: Mention, names: Iterable[Fact]) -> list[tuple[Fact, Mention]]:
    """The names in the sentence of a quotation and outside of it; if none, in the one before."""
    outside = [
        (fact, mention)
        for fact in names
        for mention in fact.mentions
        if not quoted.span.start <= mention.span.start < quoted.span.end
    ]
    for sentence in (quoted.sentence, quoted.sentence - 1):
        here = [(fact, mention) for fact, mention in outside if mention.sentence == sentence]
        if here:
            break
    return here


def _speaker(beside: Iterable[tuple[Fact, Mention]], read: Read) -> Fact | None:
    """The one person with a title whom these name by a full name."""
    titled = {
        id(fact): fact for fact, mention in beside if _words(fact) > 1 and _is_titled(mention, read)
    }
    return next(iter(titled.values())) if len(titled) == 1 else None


def _is_titled(mention: Mention, read: Read) -> bool:
    """Whether a title stands before a name, or in it; in German as the end of a compound, too."""
    reading, language = read.parts[mention.span.part], read.language
    first = reading.index_at(mention.span.start)
    near = reading.words[max(0, first - TITLE_WORDS) : reading.index_at(mention.span.end)]
    if any(word.text in language.titles for word in near):
        return True
    ends = tuple(title for title in language.titles if len(title) >= LONG_TITLE)
    return language.capitalises_nouns and any(word.text.endswith(ends) for word in near)
