"""Reports of events that never were, and digests made of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from dedupe.model import Article

START = datetime(2025, 3, 3, 8, tzinfo=UTC)

STORIES = {
    "dam": (
        "Villages below Orrin Dam told to leave as spillway crumbles",
        (
            "Some 3,400 people in Lower Orrin and Tass were told to leave their homes on Monday night "
            "after concrete broke away from the spillway of the Orrin Dam. Water masters opened both "
            "bottom outlets to bring the lake down by four metres before more snow melts. Engineer "
            "Petra Halvorsen said the earth wall itself was sound. Buses took families to the sports "
            "hall in Brekka, where the Red Cross had put up 900 beds. The dam was raised in 1974 and "
            "had its last full inspection six years ago."
        ),
    ),
    "bank": (
        "Selkirk Mutual to be taken over by rival lender Northgate",
        (
            "Northgate Bank will buy the building society Selkirk Mutual for 612 million pounds, ending "
            "a year of doubt about the lender's car loans. Savers keep their accounts and rates until "
            "January, chief executive Anjali Rao said. About 240 of 1,100 branch jobs may go. The "
            "regulator waved the deal through overnight after Selkirk's auditors refused to sign its "
            "accounts. Shares of Northgate fell by five percent in early trading in London."
        ),
    ),
    "comet": (
        "Amateur with a home-made telescope finds a comet",
        (
            "A retired bus driver in Tenterfield has found a comet that will be seen without glasses in "
            "August. Colin Abara, 71, noticed the smudge on three pictures that he took through a mirror "
            "he had ground in his garage. The Minor Planet Center confirmed the find and named it Abara. "
            "It passes the Sun inside the orbit of Mercury on 9 August and should then shine as brightly "
            "as Vega, with a tail ten degrees long."
        ),
    ),
    "strike": (
        "Ferry crews walk out over rosters on the Skerry route",
        (
            "No ferry sails to the Skerry islands until Thursday: deckhands and engineers of Hebridia "
            "Lines have walked out over new rosters that keep them aboard for three weeks at a time. The "
            "seafarers' union says 310 of its 340 members stayed ashore. Shops on Stour were short of "
            "milk by noon. The company flew in two dozen passengers for hospital visits, and said that "
            "it would meet the union's secretary, Fergus Dunmore, in Oban."
        ),
    ),
    "painting": (
        "Stolen Vermeylen portrait turns up behind a wardrobe",
        (
            "Police in Ghent have recovered a portrait by Lucas Vermeylen, cut from its frame in the "
            "museum of Kortrijk in 1993. A removal man found the rolled canvas behind the wardrobe of a "
            "flat whose tenant had died. Restorer Hilde Claes said that the paint had flaked along two "
            "folds but the face was whole. Insurers paid 1.9 million euros at the time and now own it; "
            "the museum hopes to borrow it for its new wing."
        ),
    ),
    "vaccine": (
        "Malaria vaccine halves deaths of small children in Lindi",
        (
            "Deaths of children under five fell by half in the Lindi region in the two years after "
            "nurses began to give the malaria vaccine R9, a study of 21,000 families shows. Four doses "
            "are needed, the last at eighteen months. Lead author Neema Mushi of the Ifakara institute "
            "said bed nets still mattered. Each dose costs under three dollars. Tanzania wants to give "
            "it in all regions from July, if donors pay for the cold chain."
        ),
    ),
    "football": (
        "Keeper scores in the last minute to keep Dravograd up",
        (
            "Goalkeeper Matej Kranjc headed in a corner in the 96th minute to save Dravograd from the "
            "drop on the last day of the season. His goal made it 2-2 against champions Celeia before "
            "7,200 people. Velenje go down instead on goal difference. Kranjc, 38, had said that it "
            "would be his last match. Coach Ines Zupan ran onto the pitch and lost a shoe. It was the "
            "first goal by a keeper in the league since 2006."
        ),
    ),
    "moths": (
        "Moths wipe out box hedges in the gardens of Chantevert",
        (
            "Caterpillars of the box tree moth have eaten eleven kilometres of clipped hedges in the "
            "baroque gardens of Chantevert, planted in 1688. Head gardener Sylvie Maurin found the first "
            "webs at Easter; by June the parterres were brown. Traps with scent and a spray of bacteria "
            "came too late. The palace will replant with dwarf holly, which no insect here eats, at a "
            "cost of 800,000 euros, and sell the old wood to turners."
        ),
    ),
}
"""Title and text of eight events that have nothing in common."""

ANGLES = {
    "dam": (
        "Brekka opens its sports hall to people from below the Orrin Dam",
        (
            "Families from Lower Orrin and Tass spent the night on camp beds in Brekka while engineers "
            "drained the lake behind the Orrin Dam. Concrete from the spillway had broken away on "
            "Monday. Petra Halvorsen, who leads the engineers, hopes to let the 3,400 people return "
            "within a week. A school class brought soup. Farmers came back for their cows with the fire "
            "brigade, two at a time."
        ),
    ),
    "bank": (
        "Branches at risk as Northgate swallows Selkirk Mutual",
        (
            "Staff of Selkirk Mutual learnt from the radio that Northgate Bank is to buy them for 612 "
            "million pounds. The union fears for more than the 240 branch jobs that chief executive "
            "Anjali Rao named. Auditors had refused to sign the building society's accounts because of "
            "its car loans. Savers queued in Selkirk, though their rates hold until January."
        ),
    ),
    "comet": (
        "Comet Abara will outshine most stars in August",
        (
            "The comet that Colin Abara discovered from his garage in Tenterfield will be visible to the "
            "naked eye from the first days of August, the Minor Planet Center says. The retired bus "
            "driver ground the mirror himself. On 9 August the comet slips inside the orbit of Mercury, "
            "and if it survives, its tail could span ten degrees of the evening sky."
        ),
    ),
}
"""Other reports of three of them."""


def article(name: str, title: str, text: str, hours: float, source: str) -> Article:
    return Article(name, text, title, START + timedelta(hours=hours), source, lang="en")


def reports(*, angles: bool = True) -> list[Article]:
    """Each event, and of three of them another report."""
    found = [
        article(name, *told, hours, "Wire") for hours, (name, told) in enumerate(STORIES.items())
    ]
    others = ANGLES.items() if angles else ()
    found += [
        article(f"{name}2", *told, 5 + hours, "Gazette")
        for hours, (name, told) in enumerate(others)
    ]
    return found


def begun(text: str, words: int) -> str:
    """The first words of a text."""
    return " ".join(text.split()[:words])


def letter(
    name: str,
    stories: Iterable[str],
    *,
    words: int | Sequence[int] = 60,
    title: str = "",
    hours: float = 24,
) -> Article:
    """A newsletter: each story's headline and first words, between a greeting and a farewell."""
    chosen = list(stories)
    lengths = [words] * len(chosen) if isinstance(words, int) else words
    items = [
        f"{STORIES[story][0]}\n{begun(STORIES[story][1], length)}"
        for story, length in zip(chosen, lengths, strict=True)
    ]
    greeting = "Good morning. Here is what our desk read for you over the first coffee."
    farewell = "That was it for today. Tell a friend, or sign off with one click below."
    heading = title or f"The morning desk: {STORIES[chosen[0]][0]}"
    return article(name, heading, "\n\n".join([greeting, *items, farewell]), hours, "The Desk")
