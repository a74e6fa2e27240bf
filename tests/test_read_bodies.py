"""Bodies of paragraphs and blocks, as editors and agencies write them."""

from __future__ import annotations

from typing import Any

import pytest

from dedupe.errors import RecordError
from dedupe.read.fields import FieldFinder

BODIES: dict[str, Any] = {
    "paragraphs": ["One and two.", "Three."],
    "paragraphs of HTML": ["<p>One and <b>two</b>.</p>", "<p>Three.</p>"],
    "ProseMirror": {
        "type": "doc",
        "content": [
            {
                "type": "paragraph",
                "content": [
                    {"type": "text", "text": "One and "},
                    {"type": "text", "text": "two", "marks": [{"type": "bold"}]},
                    {"type": "text", "text": "."},
                ],
            },
            {"type": "image", "attrs": {"src": "x"}},
            {"type": "paragraph", "content": [{"type": "text", "text": "Three."}]},
        ],
    },
    "Contentful": {
        "nodeType": "document",
        "content": [
            {
                "nodeType": "paragraph",
                "content": [
                    {"nodeType": "text", "value": "One and ", "marks": []},
                    {"nodeType": "hyperlink", "content": [{"nodeType": "text", "value": "two"}]},
                    {"nodeType": "text", "value": ".", "marks": []},
                ],
            },
            {"nodeType": "embedded-asset-block", "content": [], "data": {"title": "A picture"}},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": "Three."}]},
        ],
    },
    "Portable Text": [
        {
            "_type": "block",
            "children": [{"_type": "span", "text": "One and "}, {"_type": "span", "text": "two."}],
        },
        {"_type": "image", "caption": "A picture."},
        {"_type": "block", "children": [{"_type": "span", "text": "Three."}]},
    ],
    "Strapi": [
        {"type": "paragraph", "children": [{"text": "One and "}, {"text": "two.", "bold": True}]},
        {"type": "paragraph", "children": [{"type": "text", "text": "Three."}]},
    ],
    "Editor.js": {
        "time": 1,
        "blocks": [
            {"type": "paragraph", "data": {"text": "One and <b>two</b>."}},
            {"type": "list", "data": {"items": ["Three."]}},
        ],
    },
    "Draft.js": {
        "blocks": [
            {"key": "a", "text": "One and two.", "type": "unstyled"},
            {"key": "b", "text": "Three.", "type": "unstyled"},
        ],
        "entityMap": {},
    },
    "Arc": [
        {"type": "text", "content": "One and <i>two</i>."},
        {"type": "image", "caption": "A picture."},
        {"type": "text", "content": "Three."},
    ],
    "The Washington Post": [
        {"type": "title", "content": "T"},
        {"type": "byline", "content": "By B"},
        {"type": "sanitized_html", "subtype": "paragraph", "content": "One and two."},
        {"type": "date", "content": 1},
        {"type": "sanitized_html", "content": "Three."},
    ],
    "Apple News": [
        {"role": "title", "text": "T"},
        {"role": "container", "components": [{"role": "body", "text": "One and two."}]},
        {"role": "photo", "caption": "A picture."},
        {"role": "body", "format": "html", "text": "<p>Three.</p>"},
    ],
    "Guardian": {
        "main": {"bodyHtml": "x"},
        "body": [{"bodyHtml": "<p>One and two.</p><p>Three.</p>"}],
    },
    "Gutenberg": [
        {"blockName": "core/paragraph", "innerHTML": "<p>One and two.</p>"},
        {"blockName": "core/group", "innerBlocks": [{"innerHTML": "<p>Three.</p>"}]},
    ],
    "sections": [{"heading": "h", "paragraphs": ["One and two."]}, {"paragraphs": ["Three."]}],
}


@pytest.mark.parametrize("kind", BODIES)
def test_the_blocks_of_a_body_are_its_paragraphs(kind: str) -> None:
    text = FieldFinder().row({"title": "T", "body": BODIES[kind]})[2]
    assert text.removeprefix("h\n\n") == "One and two.\n\nThree."


def test_text_around_links_is_one_paragraph() -> None:
    record = {"id": 1, "text": ["See ", {"type": "link", "text": "h.example"}, " for more."]}
    assert FieldFinder().row(record)[2] == "See h.example for more."


def test_quill_breaks_its_lines_itself() -> None:
    record = {"body": {"ops": [{"insert": "One\n"}, {"insert": "Two"}, {"insert": "\n"}]}}
    assert FieldFinder().row(record)[2] == "One\nTwo"


def test_words_are_no_paragraphs() -> None:
    words = "The crane fell into the harbour on a Friday".split()  # noqa: SIM905 - as written
    assert FieldFinder().row({"title": "T", "text": words})[2] == " ".join(words)


@pytest.mark.parametrize("body", [[], {}, [{"type": "image", "src": "x"}], {"blocks": []}])
def test_a_body_without_text_is_empty_rather_than_wrong(body: Any) -> None:
    assert FieldFinder().row({"title": "T", "body": body})[2] == ""


def test_blocks_without_end_are_refused() -> None:
    node: Any = {"text": "x"}
    for _ in range(60):
        node = {"children": [node]}
    with pytest.raises(RecordError, match="nested too deep"):
        FieldFinder().row({"title": "T", "body": node})


def test_the_body_may_lie_in_an_object_of_any_name() -> None:
    record = {"payload2": {"inner": {"headline": "T", "body": ["One."]}}}
    assert FieldFinder().row(record)[1:3] == ("T", "One.")
    deep = {
        "title": "T",
        "x": {"y": {"inhalt": "Das Haus am See ist alt und sehr schön, sagt er."}},
    }
    assert FieldFinder().row(deep)[2].startswith("Das Haus")


def test_prose_far_longer_than_a_summary_is_the_body() -> None:
    long = "The crane fell into the harbour on Friday. " * 20
    record = {"title": "T", "description": "A crane fell into the harbour.", "volltext_de": long}
    finder = FieldFinder()
    assert finder.row(record)[2] == long
    assert finder.account.chosen == {"volltext_de": 1}
    assert finder.row({**record, "volltext_de": "no"})[2] == record["description"]


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("title", {"rendered": "A &amp; B"}, "A & B"),
        ("headline", {"main": "M", "kicker": "K"}, "M"),
        ("headlines", {"basic": "M"}, "M"),
        ("title", {"en-US": "M", "de": "N"}, "M"),
        ("title", {"S": "M"}, "M"),
        ("title", {"stringValue": "M"}, "M"),
        ("og:title", "M", "M"),
        ("https://schema.org/headline", [{"@value": "M"}], "M"),
    ],
)
def test_titles_are_unwrapped(name: str, value: Any, wanted: str) -> None:
    assert FieldFinder().row({name: value, "text": "x"})[1] == wanted


def test_the_outlet_behind_a_title_is_no_part_of_it() -> None:
    row = FieldFinder().row(
        {"title": "Crane falls - H News", "source": {"id": None, "name": "H News"}}
    )
    assert (row[1], row[4]) == ("Crane falls", "H News")
    kept = FieldFinder().row({"title": "The fall of H News", "source": {"name": "H News"}})
    assert kept[1] == "The fall of H News"
