"""The report as a picture."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest
from report_examples import GROUPING

from dedupe.report.terminal import svg_report


@pytest.fixture
def picture() -> str:
    return svg_report(GROUPING, min_size=1)


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


def test_it_is_the_same_at_each_run_however_long_that_took(picture: str) -> None:
    assert svg_report(replace(GROUPING, seconds=99.0), min_size=1) == picture


def test_it_has_colours_even_where_the_terminal_has_none(
    picture: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("COLUMNS", "50")
    assert svg_report(GROUPING, min_size=1) == picture


def test_it_is_as_wide_as_asked() -> None:
    words = "".join(ET.fromstring(svg_report(GROUPING, width=160)).itertext())
    assert "cosine" in words
    assert "same\N{NO-BREAK SPACE}headline" in words
