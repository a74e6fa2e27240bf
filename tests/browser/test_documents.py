"""The documents in a real browser: opened from disk, silent, searchable, legible on a phone."""

from __future__ import annotations

import pytest

PHONE = {"viewport": {"width": 390, "height": 844}}
PAGES = ("docs/README", "docs/tutorial", "docs/commands", "docs/site/api", "docs/site/dedupe")


@pytest.fixture
def page(browser, site, request):
    """A page on a phone, in the scheme of the parameter."""
    context = browser.new_context(**PHONE, color_scheme=getattr(request, "param", "light"))
    opened = context.new_page()
    opened.said, opened.asked = [], []
    opened.on("console", lambda message: opened.said.append(message.text))
    opened.on("pageerror", lambda error: opened.said.append(str(error)))
    opened.on("request", lambda asked: opened.asked.append(asked.url))
    yield opened
    context.close()


def opened(page, site, name):
    page.goto((site / f"{name}.html").as_uri())
    page.wait_for_load_state("networkidle")


@pytest.mark.parametrize("name", PAGES)
def test_a_document_says_nothing_asks_nobody_and_is_no_wider_than_the_phone(page, site, name):
    opened(page, site, name)
    assert page.said == []
    assert [url for url in page.asked if not url.startswith(site.as_uri())] == []
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["viewport"]["width"]


@pytest.mark.parametrize("page", ["light", "dark"], indirect=True)
def test_the_documents_follow_the_scheme_of_the_system(page, site, request):
    opened(page, site, "docs/tutorial")
    color = page.evaluate("getComputedStyle(document.body).backgroundColor")
    brightness = sum(map(int, color[color.index("(") + 1 : -1].split(",")[:3])) / 3
    assert (brightness > 128) == (request.node.callspec.params["page"] == "light")


def test_the_search_finds_a_page_from_disk(page, site):
    opened(page, site, "docs/README")
    page.locator("label.nav-overlay-icon[for='__navigation']").first.click()
    page.locator("input[name='q']").first.fill("furniture")
    page.locator("input[name='q']").first.press("Enter")
    page.locator("#search-results li").first.wait_for()
    found = page.locator("#search-results li a").all_inner_texts()
    assert any("furniture" in title.lower() for title in found)
    assert page.said == []
    assert [url for url in page.asked if not url.startswith("file:")] == []
