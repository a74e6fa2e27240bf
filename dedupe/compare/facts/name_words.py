# ruff: noqa: SIM905 - words and signs of all scripts stand as text
"""Words that frame names: titles before them, particles inside them, openers that are none."""

from __future__ import annotations

TITLES = frozenset(
    (
        "president presidents vice premier chancellor prime minister ministers foreign "
        "defence defense "
        "interior king queen prince princess pope emperor senator sen rep representative "
        "governor gov "
        "general gen colonel col lieutenant lt sergeant sgt captain capt major maj admiral "
        "commander "
        "mr mrs ms miss dr sir lady lord judge justice secretary chairman chairwoman chair chief "
        "executive ceo director mayor ambassador spokesman spokeswoman coach manager "
        "professor prof "
        "reverend rev saint father sister inspector detective officer speaker leader striker "
        # German, French, Spanish, Italian, Portuguese, Dutch
        "präsident präsidentin bundespräsident bundeskanzler bundeskanzlerin kanzler "
        "kanzlerin ministerin "
        "außenminister außenministerin ministerpräsident herr frau "
        "président présidente ministre mme mlle monsieur madame roi reine "
        "presidente presidenta ministro ministra señor señora sr sra don doña rey reina papa "
        "primeiro signor signora mijnheer mevrouw "
        # Russian, Ukrainian
        "президент президента президентом президенту премьер министр министра губернатор король"
    ).split()
)
"""Words that stand before a person's name and are no part of it."""

PARTICLES = frozenset(
    "of the de la las los del du des da das do dos di della von van der den zu zur ter ten "
    "bin ibn al "
    "el ad af av".split()
)
"""Words in lower case that may stand inside a name, two at most in a row."""
LOOSE_PARTICLES = frozenset("of the du des della zu zur".split())
"""Particles of institutions and works: ``Bank of X`` is not ``X``."""

DIRECTIONS = frozenset(
    "north south east west northern southern eastern western central new old great upper "
    "lower saint "
    "san santa los las el la le les united red black white green blue high supreme national "
    "port puerto porto villa mount monte lake cape fort isla island nord süd ost west neu "
    "alt nueva nuevo norte sur este oeste grand grande "
    "северная южная северный южный восточный западный новый новая".split()
)
"""First words after which the rest is another name or none: ``South Sudan`` is not ``Sudan``."""

OPENERS = frozenset(
    "the a an and but or nor so yet for if as at by in on to from of with without into onto "
    "upon over under "
    "after before during since until till while when where why how what which who whose "
    "that this "
    "these those there here he she it we they you i his her its our their your my one both "
    "all any each "
    "every either neither many most more much few several some such other others another no "
    "not nothing "
    "despite although though because unless whereas meanwhile however moreover furthermore "
    "nevertheless "
    "nonetheless therefore thus hence instead otherwise besides previously earlier later "
    "afterwards "
    "recently currently now then today yesterday tomorrow once again also even only just "
    "still already "
    "perhaps maybe yes please according about above across against along among around "
    "between beyond "
    "inside outside near through throughout toward towards within like unlike including "
    "following given "
    "asked speaking last next first second third former latter half nearly almost around roughly "
    "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty".split()
)
"""English words that open a sentence with a capital and are no names."""

NUMERALS = {
    "ii": "2", "iii": "3", "iv": "4", "vi": "6", "vii": "7", "viii": "8", "ix": "9",
    "two": "2", "three": "3", "four": "4", "five": "5",
}  # fmt: skip
"""Last words of names that are numerals: ``World War Two`` is ``World War II``."""
ROMAN = {"2": "ii", "3": "iii", "4": "iv", "5": "v", "6": "vi", "7": "vii", "8": "viii", "9": "ix"}
