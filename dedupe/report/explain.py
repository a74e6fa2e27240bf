"""Why two articles belong together, and why an article is in its story."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from dedupe.model import Evidence, Match, Member, Scores, Story
from dedupe.report.page import Page
from dedupe.report.terminal import name_of, size_in_words
from dedupe.report.wording import RELATION_LABELS, apart, between, counted, says_anew

if TYPE_CHECKING:
    from rich.console import Console

INDENT = 2
SCORE_BAR = 10
WEIGHT_BAR, NARROW_BAR = 8, 3
"""Cells on either side of the middle of a signed bar; fewer where the page has no room for more."""
NARROWEST = 60
"""Width of a page below which there is no room for values."""
LEAST_VALUE = 12
"""Cells for what a piece of evidence rests on."""
RESULT = len(" > story 0.00")
LEAST_WEIGHT = 0.005
"""Of evidence that has a line of its own: what is less is 0.00."""
SHOWN_LINKS = 10


def render_match(match: Match, a: Member, b: Member, console: Console) -> None:
    """Print the verdict on two articles, and everything from which it can be checked.

    ``a`` and ``b`` are the articles with the ids ``match.a`` and ``match.b``.
    """
    page = Page(console)
    page.paragraph(Text(_match_sentence(match), style="bold"))
    page.blank()
    _article("A", a, page)
    _article("B", b, page)
    _match_body(match, between(a.date, b.date), page)


def render_explain(
    member: Member, story: Story, matches: Sequence[Match], console: Console
) -> None:
    """Print why ``member`` is in ``story``; ``matches`` may contain others too."""
    page = Page(console)
    members = {m.id: m for m in story.members}
    holder = members.get(member.to) if member.to is not None else None
    page.paragraph(Text(_member_sentence(member, story), style="bold"))
    page.blank()
    _article("this", member, page)
    if holder is not None:
        _article("to", holder, page)
    own = [match for match in matches if member.id in (match.a, match.b)]
    shown = next((m for m in own if member.to in (m.a, m.b)), None)
    if shown is not None:
        dates = (member.date, holder.date) if holder is not None else (None, None)
        _match_body(shown, between(*dates), page)
    elif member.scores is not None:
        _scores(member.scores, page)
    _other_links(member, members, [m for m in own if m is not shown], page)


def _percent(share: float) -> str:
    """``91%``; what is short of all or of nothing is never rounded to it."""
    if 0 < share < 0.01:
        return "under 1%"
    return f"{math.floor(share * 100 + 1e-9) if share > 0.99 else round(share * 100)}%"


def _match_sentence(match: Match) -> str:
    scores = match.scores
    sentences = {
        "identical": "The two texts are identical once normalised.",
        "near_duplicate": "Two versions of one text: they share "
        f"{_percent(scores.jaccard)} of their five-word sequences.",
        "contained": f"One text holds {_percent(scores.containment)} of the other's five-word "
        "sequences: an excerpt.",
        "edited_copy": f"One text, edited: {_percent(scores.share or 0.0)} of the words stand in "
        "both, five in a row or more.",
        "same_story": "One event in separate words: the estimated probability that both report "
        f"it is {_percent(scores.story)}.",
        "quotation": "Two texts, of which one quotes the other at length: "
        f"{_percent(scores.share or 0.0)} of one stand in the other.",
        "revision": "A later text under the same id.",
        "new": "Nothing ties the two articles together.",
    }
    told = sentences[match.relation]
    quoted = match.relation == "same_story" and scores.share is not None
    return f"{told} {sentences['quotation']}" if quoted else told


def _member_sentence(member: Member, story: Story) -> str:
    size = size_in_words(story)
    if member.mentions:
        told = counted(len(member.mentions), "story", "stories")
        return f"A digest: this article tells of {told} and belongs to none."
    if len(story.members) == 1:
        return "This article stands alone: nothing else tells its story."
    if member.relation is None or member.scores is None:
        return f"This article represents its story: {size}."
    match = Match(member.id, member.to or "", member.relation, member.scores)
    anew = says_anew(member)
    told = f" It has {anew}." if anew else ""
    return f"{_match_sentence(match)}{told} Its story: {size}."


def _article(label: str, member: Member, page: Page) -> None:
    about = page.about(member.source, member.date, member.id)
    page.article((label, "dim"), name_of(member, page), about)


def _match_body(match: Match, gap: str, page: Page) -> None:
    _scores(match.scores, page)
    if match.evidence:
        _evidence(match, page)
    page.blank()
    if match.days is None:
        page.paragraph("Days between: unknown, as an article is undated.")
    else:
        page.paragraph(f"Published {gap or apart(match.days)}.")


def _scores(scores: Scores, page: Page) -> None:
    page.blank()
    rows = [
        ("story", scores.story, "estimated probability that both report one event"),
        ("jaccard", scores.jaccard, "five-word sequences in both, of those in either"),
        ("containment", scores.containment, "five-word sequences of one found in the other"),
        ("cosine", scores.cosine, "likeness of the words, rare ones counting most"),
    ]
    if scores.share is not None:
        rows.append(("share", scores.share, "words of the text that are the other's"))
    for name, value, meaning in rows:
        bar = page.fit(page.bar(value, SCORE_BAR), SCORE_BAR)
        label = f"{'':{INDENT}}{name:<11}  {value:.2f} {bar}  "
        page.paragraph(meaning, indent=len(label), label=label)


def _evidence(match: Match, page: Page) -> None:
    """Each reason with its weight as a bar to either side, the sum, and the score it gives."""
    page.blank()
    page.line((" " * INDENT + "for (+) and against (-) one story, in log-odds", "dim"))
    telling, silent = by_part(match.evidence)
    rows = [(page.clean(e.name), page.clean(e.value), e.weight) for e in telling]
    total = math.fsum(e.weight for e in match.evidence)
    longest = max((abs(weight) for _, _, weight in rows), default=0.0)
    names = max((cell_len(name) for name, _, _ in rows), default=1)
    values = max((cell_len(value) for _, value, _ in rows), default=0)
    bar = WEIGHT_BAR if names + values <= _room(WEIGHT_BAR, page) else NARROW_BAR
    room = _room(bar, page)
    least = LEAST_VALUE if page.width >= NARROWEST else 0
    names = min(names, room - least)
    values = min(values, room - names) if least else 0
    for name, value, weight in rows:
        style = "green" if weight > 0 else "red" if weight < 0 else ""
        first, *more = Text(name).wrap(page.console, names - 2 if cell_len(name) > names else names)
        page.line(
            f"{'':{INDENT}}{page.fit(first.plain, names)}  {page.fit(value, values)}  ",
            (f"{weight:+6.2f} {_signed_bar(weight, longest, bar, page)}", style),
        )
        for line in more:
            page.line(f"{'':{INDENT + 2}}{line.plain}")
    probability = probability_of(total)
    label = page.fit("sum", names + 2 + values)
    arrow = page.glyphs.arrow
    page.line(f"{'':{INDENT}}{label}  {total:+6.2f} {arrow} story {probability:.2f}")
    if abs(probability - match.scores.story) >= 0.005:
        page.line(f"{'':{INDENT}}story score kept at {match.scores.story:.2f}")
    if silent:
        page.blank()
        unheard = ", ".join(page.clean(e.name) for e in silent)
        page.paragraph(Text(unheard, style="dim"), indent=INDENT + 9, label="  no part")


def by_part(evidence: Sequence[Evidence]) -> tuple[list[Evidence], list[Evidence]]:
    """What has a part in a score, or was left out of it by rule, and what has none."""
    telling = [e for e in evidence if abs(e.weight) >= LEAST_WEIGHT or (e.value and not e.weight)]
    return telling, [e for e in evidence if e not in telling]


def probability_of(log_odds: float) -> float:
    """The probability of log-odds, in [0, 1]: the logistic function, which does not overflow."""
    return (1 + math.tanh(log_odds / 2)) / 2


def _room(bar: int, page: Page) -> int:
    """Cells for names and values beside weights and bars."""
    return page.width - INDENT - 2 - 2 - 6 - max(2 * bar + 2, RESULT)


def _signed_bar(weight: float, longest: float, most: int, page: Page) -> str:
    """Whole cells only: partial blocks grow from the left, and a bar may grow to the left."""
    full = page.glyphs.blocks[-1]
    cells = max(round(abs(weight) / longest * most), 1) if weight else 0
    against = full * cells if weight < 0 else ""
    return f"{against:>{most}}|{full * cells if weight > 0 else ''}"


def _other_links(
    member: Member, members: dict[str, Member], matches: Sequence[Match], page: Page
) -> None:
    """The other matches of the member, the surest first."""
    links = sorted(matches, key=lambda m: (-m.scores.story, m.a, m.b))
    if not links:
        return
    page.blank()
    page.line((counted(len(links), "other link"), "bold"))
    for link in links[:SHOWN_LINKS]:
        other = link.b if link.a == member.id else link.a
        name = name_of(members[other], page) if other in members else f"id {page.clean(other)}"
        label = f"{'':{INDENT}}{link.scores.story:.2f}  {RELATION_LABELS[link.relation]:<14}  "
        page.line(label, page.crop(name, page.width - len(label)))
    if len(links) > SHOWN_LINKS:
        page.line(f"{'':{INDENT}}and {counted(len(links) - SHOWN_LINKS, 'more link')}")
