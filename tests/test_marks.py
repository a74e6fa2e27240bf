"""Marks of a new version: read at the head of a title or a text, and no word of a sentence."""

from __future__ import annotations

import pytest
from test_novelty import STRIKE

from dedupe.index import open_index
from dedupe.marks import mark_of
from dedupe.model import Article
from dedupe.novelty import CORRECTION, UPDATE


@pytest.mark.parametrize(
    ("title", "language", "adds"),
    [
        ("UPDATE 2-Tram drivers walk out", "en", UPDATE),
        ("CORRECTED-UPDATE 1-Tram drivers walk out", "en", UPDATE | CORRECTION),
        ("WRAPUP 3 - Votes counted in Gransund", "en", UPDATE),
        ("Corrected: Tram drivers walk out", "en", CORRECTION),
        ("KILL: Tram drivers walk out", "en", CORRECTION),
        ("Tram drivers walk out (updated)", "en", UPDATE),
        ("[UPDATED] Tram drivers walk out", "en", UPDATE),
        ("KORREKTUR: Fahrer legen Arbeit nieder", "de", CORRECTION),
        ("RECTIFICATIF - Les conducteurs en grève", "fr", CORRECTION),
        ("ACTUALIZACIÓN 2: Huelga de tranvías", "es", UPDATE),
        ("REFILE-Fahrer legen Arbeit nieder", "de", CORRECTION),
        ("\u3010更新\u3011电车司机罢工", "zh", UPDATE),
        ("更正\uff1a电车司机罢工", "zh", CORRECTION),
        ("ИСПРАВЛЕНО: Забастовка водителей трамваев", "ru", CORRECTION),
        ("Update your timetable, operator says", "en", 0),
        ("Correction in tram fares deepens", "en", 0),
        ("Corrected version of the roster is out", "en", 0),
        ("Update-resistant ticket machines", "en", 0),
        ("Kill-switch law passed", "en", 0),
        ("Updates from the strike: buses run", "en", 0),
        ("", "", 0),
    ],
)
def test_a_title_tells_a_new_version_by_a_mark_at_its_head(title, language, adds) -> None:
    assert mark_of(title, "", language).adds == adds


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        ("(Corrects name of mayor in second paragraph) Tram drivers walked out.", CORRECTION),
        ("(Adds quote, background) Tram drivers walked out.", UPDATE),
        ("(Gransund) Tram drivers walked out.", 0),
        ("Tram drivers (corrects an earlier count) walked out.", 0),
    ],
)
def test_a_text_tells_it_in_brackets_before_its_first_sentence(text, adds) -> None:
    assert mark_of("Tram drivers walk out", text, "en").adds == adds


def test_no_title_takes_long() -> None:
    hostile = "[UPDATE " * 20_000, "-" * 100_000, "UPDATE 1-" * 20_000, "(" * 100_000
    assert all(mark_of(title, title, "en").adds in {0, UPDATE} for title in hostile)


def test_a_marked_copy_passes_where_the_other_does_not_bear_the_mark() -> None:
    edited = STRIKE.replace("called the strike untimely", "said the strike was untimely")
    with open_index("memory:") as index:
        index.admit(Article("one", STRIKE, "Tram drivers walk out in Gransund"))
        plain = index.check(Article("two", edited, "Tram drivers walk out in Gransund"))
        told = index.admit(Article("three", edited, "CORRECTED-Tram drivers walk out in Gransund"))
        again = edited.replace("The last strike was in 2016", "The last one was in 2016")
        echo = index.check(Article("four", again, "CORRECTED-Tram drivers walk out in Gransund"))
        same = index.check(Article("five", STRIKE, "CORRECTED-Tram drivers walk out in Gransund"))
    assert (plain.relation, plain.corrects) == ("near_duplicate", False)
    assert (told.relation, told.corrects, told.extends) == ("near_duplicate", True, False)
    assert (echo.relation, echo.corrects) == ("near_duplicate", False)
    assert (same.relation, same.corrects) == ("identical", False)
