"""The report as a picture."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from report_examples import GROUPING
from rich.cells import cell_len

from dedupe.model import Story
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


HEADLINES = {
    "新华社": "联合国安理会周一就加沙局势举行紧急会议并呼吁立即停火各方保持克制",
    "दैनिक": "संयुक्त राष्ट्र सुरक्षा परिषद ने सोमवार को गाजा पर आपात बैठक की और संघर्ष विराम की अपील की",
    "الجزيرة": "مجلس الأمن يعقد جلسة طارئة بشأن غزة ويدعو إلى وقف إطلاق النار",
    "ไทยรัฐ": "คณะมนตรีความมั่นคงแห่งสหประชาชาติจัดประชุมฉุกเฉินเกี่ยวกับกาซา",
    "朝日新聞": "東京で震度5強の地震、けが人の情報なし",
    "한겨레": "한국 중앙은행 기준금리 동결",
    "Wire": "Plain, and then 北京 in the middle of it 👩‍👩‍👧 and on",
}


@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_cell_is_painted_over_another_in_any_script(width: int) -> None:
    one = GROUPING.stories[0].members[0]
    members = tuple(
        replace(one, id=f"m{n}", headline=headline, source=source, copies=f"m{n}", to=None)
        for n, (source, headline) in enumerate(HEADLINES.items())
    )
    drawn = svg_report(replace(GROUPING, stories=(Story("s", members),)), width)
    lines: dict[str, list[tuple[float, float, str]]] = {}
    for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text"):
        if "textLength" in text.attrib and (text.text or "").strip("\n"):
            place, length = float(text.attrib["x"]), float(text.attrib["textLength"])
            lines.setdefault(text.attrib["y"], []).append((place, length, text.text or ""))
    stretched = 0
    for line in lines.values():
        for (x, length, text), (following, *_) in pairwise(line):
            assert x + length <= following + 0.1, text
        for _, length, text in line:
            assert length == pytest.approx(12.2 * cell_len(text)), text
            stretched += cell_len(text) != len(text)
    assert stretched >= len(HEADLINES) - 1
    assert drawn.count("spacingAndGlyphs") >= len(HEADLINES) - 1
