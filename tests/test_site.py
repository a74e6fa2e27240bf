"""The documents as a site: no link is broken, no other host is asked, all of the code is told."""

from __future__ import annotations

import os
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from sphinx_built import build
from test_docs import PAGES, ROOT, commands
from test_man import PAGE, said

import dedupe
import dedupe.errors

ASKED = {"src", "srcset", "poster", "data", "action", "formaction", "background"}
"""Attributes whose address a browser asks by itself, or for a form."""


class Read(HTMLParser):
    """A page of the site: its anchors, where it leads, and what it asks for."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.asked: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "id" and value:
                self.anchors.add(value)
            elif name == "href" and value and tag == "a":
                self.links.append(value)
            elif value and (name in ASKED or (name == "href" and tag != "a")):
                self.asked.append(value)


@cache
def read(path: Path) -> Read:
    return Read(path.read_text("utf-8"))


def test_every_link_leads_somewhere(site: Path) -> None:
    followed = 0
    for path in site.rglob("*.html"):
        page = read(path)
        for link in [*page.links, *page.asked]:
            address = urlsplit(link)
            if address.scheme:
                continue
            target = (path.parent / unquote(address.path)).resolve() if address.path else path
            assert target.is_file(), f"{path.name}: {link}"
            anchor = unquote(address.fragment)
            if anchor and target.suffix == ".html":
                assert anchor in read(target).anchors, f"{path.name}: {link}"
            followed += 1
    assert followed > 5000


def test_no_page_asks_another_host_for_anything(site: Path) -> None:
    pages = [read(path) for path in site.rglob("*.html")]
    assert len(pages) > 80
    assert [link for page in pages for link in page.asked if re.match(r"(\w+:)?//", link)] == []
    styles = [path.read_text("utf-8") for path in site.rglob("*.css")]
    assert len(styles) > 2
    named = [url for style in styles for url in re.findall(r"url\(['\"]?([^'\")]+)", style)]
    named += [url for style in styles for url in re.findall(r"@import\s+['\"]([^'\"]+)", style)]
    assert [url for url in named if not url.startswith(("data:", "#"))] == []


def test_every_document_has_its_page_and_its_place_in_the_navigation(site: Path) -> None:
    front = site / "docs/README.html"
    linked = {
        (front.parent / urlsplit(link).path).resolve() if urlsplit(link).path else front
        for link in read(front).links
        if not urlsplit(link).scheme
    }
    pages = {site / page.relative_to(ROOT).with_suffix(".html") for page in PAGES}
    assert {page for page in pages if not page.is_file()} == set()
    assert pages - linked - {front} == set()
    bar = re.search(r'<div class="sidebar-tree">(.*?)</div>', front.read_text("utf-8"), re.DOTALL)
    assert bar
    assert re.findall(r'class="caption-text">([^<]+)', bar[1]) == [
        "Tutorial", "How to", "Reference", "Explanation", "Project"
    ]  # fmt: skip
    named = set(re.findall(r'class="toctree-l1"><a [^>]*href="([^"#]+)"', bar[1]))
    named = {(front.parent / name).resolve() for name in named}
    titles = re.findall(r'class="toctree-l1"><a [^>]*>([^<]*)</a>', bar[1])
    assert {"Tutorial", "Overview", "In a newsroom", "From Python", "dedupe(1)"} <= {*titles}
    assert "" not in titles
    assert {page for page in pages - named if page.parent.name != "decisions"} == {front}


def test_the_site_opens_at_its_front_page(site: Path) -> None:
    assert read(site / "index.html").links == ["docs/README.html"]
    assert 'content="0; url=docs/README.html"' in (site / "index.html").read_text("utf-8")


def test_links_are_called_by_titles_not_by_files(site: Path) -> None:
    page = (site / "docs/commands.html").read_text("utf-8")
    assert not re.search(r"\.md</span></a>", page)
    assert '<span class="std std-doc">Watching feeds and folders</span>' in page


@pytest.mark.parametrize("kind", ["public", "errors"])
def test_all_that_is_public_is_told_from_its_code(site: Path, kind: str) -> None:
    page = read(site / "docs/site/api.html")
    names = [f"dedupe.{name}" for name in dedupe.__all__]
    if kind == "errors":
        names = [f"dedupe.errors.{name}" for name in vars(dedupe.errors) if name.endswith("Error")]
    assert len(names) > 10
    assert set(names) - page.anchors == set()


def test_every_command_and_option_is_told_from_its_code(site: Path) -> None:
    page = read(site / "docs/site/dedupe.html")
    for name, command in commands():
        assert f"dedupe-{name}" in page.anchors
        for option in command.params:
            if option.param_type_name == "option":
                anchors = {f"cmdoption-dedupe-{name}-{flag.lstrip('-')}" for flag in option.opts}
                assert anchors & page.anchors, f"dedupe {name} {option.opts}"


def test_what_docstrings_say_of_code_is_shown_as_code(site: Path) -> None:
    page = (site / "docs/site/api.html").read_text("utf-8")
    assert "``" not in re.sub(r"<[^>]+>", "", page)
    assert ":func:" not in page
    assert 'href="#dedupe.read.batches_from"' in page


def test_the_search_holds_what_pages_say(site: Path) -> None:
    index = (site / "searchindex.js").read_text("utf-8")
    assert index.startswith("Search.setIndex(")
    for word in ("jaccard", "newsroom", "furnitur"):
        assert f'"{word}":' in index


def test_the_manual_page_is_what_the_commands_make_of_it_now(site: Path) -> None:
    made = (build("man", site.parent) / "dedupe.1").read_text("utf-8")
    if os.environ.get("UPDATE_GOLDEN"):
        PAGE.write_text(made, encoding="utf-8")
    assert said(made) == said(PAGE.read_text("utf-8")), "make man writes it anew"
