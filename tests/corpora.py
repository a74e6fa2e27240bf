"""What the tests of the core share: texts in all scripts, and articles made up on the spot."""

from __future__ import annotations

import random
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from dedupe.kernels.terms import LEAD, TITLE
from dedupe.kernels.text import NAME, NUMBER
from dedupe.model import Article
from dedupe.read import articles_of, batches_of, read
from dedupe.sketch import Terms
from dedupe.weigh import Weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FIXTURES = Path(__file__).parent.parent / "fixtures" / "articles"

FLAGS = st.sets(st.sampled_from([NAME, NUMBER, TITLE, LEAD])).map(sum)
"""All that a term may be marked as."""


def terms_of(rows: Sequence[Mapping[int, tuple[int, int]]]) -> Terms:
    """Terms of articles: of each the count and the flags by bucket."""
    ordered = [(bucket, *row[bucket]) for row in rows for bucket in sorted(row)]
    buckets, counts, flags = zip(*ordered, strict=True) if ordered else ((), (), ())
    return Terms(
        np.array(buckets, np.uint32),
        np.array(counts, np.uint16),
        np.array(flags, np.uint8),
        np.cumsum([0, *map(len, rows)]).astype(np.int64),
    )


SAMPLES = (
    "The Mayor said on Monday. Anna O'Neil, 41, didn't vote for No 7_b!",
    "MILL BURNS DOWN <MIL> IN BENNING\nThree Mills <Burn.L> Down, A Baker and They Say",
    "Übermäßig viele Äpfel; cafe\u0301, naïve, Łódź, ﬁn, ǅ, İstanbul",
    "Министры говорили: всё хорошо, Ђорђе и Київ.",
    "3.5 1,000,000 7. 1.2.3 ٣.٤ 5.a",
    "अंतरराष्ट्रीय समाचार क़लम १२३।",
    "தமிழ்நாடு அரசு",
    "العَرَبِيَّةُ العـــربية ٢٠٢٥",
    "שָׁלוֹם עולם\u05be",
    "北京大学，2025年。",
    "カタカナ ｶﾀｶﾅ ひらがな ー々",
    "ภาษาไทย ๒๕๖๘",
    "ភាសាខ្មែរ",
    "မြန်မာစာ",
    "ພາສາລາວ",
    "한국어 \u1112\u1161\u11ab\u1100\u116e\u11a8",
    "👩\u200d👩\u200d👧 🇫🇷 ☺\ufe0f",
    "co\u00adoperate zero\u200bwidth \ufeff\u2060",
    "ＡＢＣ１２３ ² ½ №",
    "Straße Strasse Müller Mueller Æsir ĳ ﬂoß Işık IŞIK þing",
    "Kestrеl мoсква ΑBC Δt հello Хost",
    "Љубљана Ljubljana Ђоковић Đoković џеп всё за́мок",
    "Ελλάδα ΕΛΛΆΔΑ οδός ΟΔΟΣ",
    "والشاحنات بالجسر للمدينة أغلقت إلى مستشفى علی کتاب ﻻ مهندسون",
    "გედების ხიდზე ჩაიკეტა",
    "የአባይ ድልድይን ሠላም ኀይል ዐዲስ በድልድዩ",
    "漢語發展 汉语发展 臺灣 백조대교는 LG전자 2만3천 美국",
    "गाड़ियाँ गाडियां फ़ैसला ਖ਼ਬਰ z\u0336a\u0336l\u0336g\u0336o",
    "q\u0307\u0323 a\u0315\u0300\u05ae\u0062 \U0001d15e 豈",
)
TEXTS = st.lists(
    st.sampled_from([*SAMPLES, "", " ", ".", "\n", "a", "A", "7", "字", "ก", "\u0301", "\x00"])
    | st.text(st.sampled_from("".join(SAMPLES)), max_size=12)
    | st.text(st.characters(codec="utf-8"), max_size=6),
    max_size=6,
).map("".join)
"""Anything that UTF-8 can hold, mostly pieces of the world's scripts."""

SYLLABLES = [a + b for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "u", "an", "or")]


def prose(rng: random.Random, words: int, vocabulary: int = 4000) -> list[str]:
    """Made-up words, none more telling than another."""
    found = []
    for _ in range(words):
        n = rng.randrange(vocabulary)
        found.append(SYLLABLES[n % 84] + SYLLABLES[n // 84 % 84] + SYLLABLES[n * 7 % 84])
    return found


def edited(rng: random.Random, words: Sequence[str], share: float) -> list[str]:
    """The words, each replaced by another with the chance ``share``."""
    return [prose(rng, 1)[0] if rng.random() < share else word for word in words]


def article(name: str, words: Iterable[str] | str, **more: str) -> Article:
    """An article of the given words."""
    return Article(name, words if isinstance(words, str) else " ".join(words), **more)


def strings(texts: Iterable[str]) -> pa.Array:
    """Texts as the column that the kernels read."""
    return pa.array(list(texts), pa.large_string())


def term_rows(
    columns: Sequence[int], values: Sequence[float], bounds: Sequence[int], width: int
) -> Weights:
    """Weights of these rows alone; what only the story score asks for beside them is left out."""
    return Weights(
        np.array(columns, np.uint32),
        np.array(values, np.float32),
        np.array(bounds, np.int64),
        buckets=np.arange(width),
        marked=None,
        origins=None,
    )


def fixture_articles() -> list[Article]:
    """The articles of the fixtures, in the order in which they are read."""
    return [a for batch in read([FIXTURES]) for a in articles_of(batch)]


def in_batches(articles: Sequence[Article], sizes: Sequence[int]) -> list[pa.RecordBatch]:
    """The articles as batches of so many rows; what is left over makes a last one."""
    whole = next(batches_of(articles, batch_bytes=1 << 40))
    found, at = [], 0
    for size in sizes:
        found.append(whole.slice(at, size))
        at += size
    return [part for part in [*found, whole.slice(at)] if len(part)]


def newsroom(seed: int, stories: int = 8) -> list[Article]:
    """Made-up stories, each with a report, copies of it, an excerpt, and what stands alone."""
    rng, found = random.Random(seed), []
    for n in range(stories):
        report = prose(rng, 150)
        kinds = {
            "report": report,
            "twin": report,
            "edited": edited(rng, report, 0.03),
            "excerpt": report[20:80],
            "digest": [*prose(rng, 120), *report[20:80]],
            "other": prose(rng, 100),
        }
        chosen = rng.sample(sorted(kinds), rng.randint(1, 6))
        found += [article(f"{kind}-{n}", kinds[kind], title=f"On {kind}") for kind in chosen]
    return found


def background(language):
    """Share of all words of each term bucket in general text of a language."""
    from dedupe.sketch import TERM_BITS
    from dedupe.usual import listed

    shares = np.zeros(1 << TERM_BITS)
    terms = listed(language)
    shares[terms.buckets] = terms.shares
    return shares
