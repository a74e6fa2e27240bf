"""The report as a picture."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from report_examples import GROUPING

from dedupe.report.svg import save_svg


@pytest.fixture
def picture(tmp_path: Path) -> str:
    save_svg(GROUPING, tmp_path / "a.svg", min_size=1)
    return (tmp_path / "a.svg").read_text(encoding="utf-8")


def test_it_is_well_formed_and_holds_the_report(picture: str) -> None:
    words = "".join(ET.fromstring(picture).itertext()).replace("\N{NO-BREAK SPACE}", " ")
    assert "Ferry with 214 aboard runs aground off Nordhavn" in words
    assert "[bold]markup[/] red txet line" in words


def test_opening_it_sends_no_request(picture: str) -> None:
    assert "@font-face" not in picture
    assert "url(http" not in picture
    assert "src:" not in picture
    links = set(re.findall(r"https?://[^\"\s<]+", picture))
    assert links <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}


def test_it_is_the_same_at_each_run_however_long_that_took(picture: str, tmp_path: Path) -> None:
    again = tmp_path / "b.svg"
    save_svg(replace(GROUPING, seconds=99.0), again, min_size=1)
    assert again.read_text(encoding="utf-8") == picture


def test_it_has_colours_even_where_the_terminal_has_none(
    picture: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "50")
    save_svg(GROUPING, tmp_path / "c.svg", min_size=1)
    assert (tmp_path / "c.svg").read_text(encoding="utf-8") == picture


def test_it_is_as_wide_as_asked(tmp_path: Path) -> None:
    save_svg(GROUPING, tmp_path / "w.svg", width=160)
    words = "".join(ET.parse(tmp_path / "w.svg").getroot().itertext())
    assert "cosine" in words
    assert "same\N{NO-BREAK SPACE}headline" in words
