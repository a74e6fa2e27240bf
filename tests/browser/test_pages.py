"""The pages in a real browser: silent, searchable, legible by mouse, by keyboard, on a phone."""

from __future__ import annotations

from itertools import pairwise

import pytest

PHONE = {"viewport": {"width": 360, "height": 740}}
BOTH = pytest.mark.parametrize("name", ["report", "comparison"])


def unfold_all(page):
    page.eval_on_selector_all(
        "details", "all => all.forEach(part => { part.removeAttribute('name'); part.open = true; })"
    )


def shown_stories(page):
    return page.eval_on_selector_all(
        ".story", "all => all.filter(s => !s.hidden).map(s => s.querySelector('h2').textContent)"
    )


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.className")


@BOTH
def test_a_page_opens_without_a_message_and_asks_for_nothing_but_itself(opened, files, name):
    watched = opened(name)
    unfold_all(watched.page)
    watched.page.wait_for_load_state("networkidle")
    assert watched.messages == []
    assert watched.requests == [files[name].as_uri()]


def test_the_policy_stops_a_request_that_someone_smuggles_in(opened):
    watched = opened("report")
    with watched.page.expect_event("requestfailed") as failed:
        watched.page.evaluate("() => { new Image().src = 'https://news.example/x.png'; }")
    assert failed.value.failure == "csp"
    assert any("Content Security Policy" in message for message in watched.messages)


def test_a_script_in_an_article_stays_text(opened):
    watched = opened("report")
    unfold_all(watched.page)
    assert watched.page.locator("script").count() == 1
    assert (
        watched.page.locator("img, b, [onload], [onerror], [onmouseover], [onfocus]").count() == 0
    )
    title = watched.page.get_by_text("<script>alert('title')</script>", exact=True)
    assert title.first.is_visible()
    assert watched.page.title().startswith("Stories")


def test_the_search_leaves_the_stories_that_hold_every_word(opened):
    page = opened("report").page
    assert len(shown_stories(page)) == 5
    page.get_by_label("Search headlines, sources, terms").fill("GAZETTE  Lindqvist")
    assert shown_stories(page) == ["Ferry with 214 aboard runs aground off Nordhavn"]
    assert page.locator("#status").text_content() == "1 of 5 stories"
    page.get_by_label("Search headlines, sources, terms").fill("台风")
    assert [headline[:2] for headline in shown_stories(page)] == ["台风"]
    page.get_by_label("Search headlines, sources, terms").fill("nowhere to be found")
    assert page.get_by_text("No story answers to the filters.").is_visible()
    page.get_by_label("Search headlines, sources, terms").fill("")
    assert page.locator("#status").text_content() == "5 stories"
    assert not page.get_by_text("No story answers to the filters.").is_visible()


def test_the_filters_go_by_size_source_and_relation(opened):
    page = opened("report").page
    page.get_by_label("Articles, at least").fill("3")
    assert len(shown_stories(page)) == 2
    page.get_by_label("Articles, at least").fill("1")
    page.get_by_label("Source", exact=True).select_option("Gazette")
    assert shown_stories(page) == [
        "Ferry with 214 aboard runs aground off Nordhavn",
        "Library opens on Sundays",
    ]
    page.get_by_label("Holds").select_option("contained")
    assert shown_stories(page) == ["Ferry with 214 aboard runs aground off Nordhavn"]


@BOTH
def test_pointing_at_a_passage_lights_up_its_partner(opened, name):
    page = opened(name).page
    unfold_all(page)
    reading = page.locator(".reading").first
    mark = reading.locator(".pane").first.locator(".read-text .shared").first
    mark.hover()
    partner = page.locator(f"#{mark.get_attribute('data-to')}")
    assert "231 people" in partner.text_content()
    assert "lit" in partner.get_attribute("class").split()
    assert reading.locator(".lit").count() == 2
    page.mouse.move(0, 0)
    assert reading.locator(".lit").count() == 0


def test_pointing_at_a_fact_lights_up_where_the_other_gives_it(opened):
    page = opened("comparison").page
    fact = page.locator(".pane .fact").first
    fact.hover()
    lit = page.locator(".reading .lit")
    assert lit.count() >= 2
    assert all(fact.text_content() in text for text in lit.all_text_contents())


def test_a_short_pane_scrolls_to_the_partner_and_the_page_stays(opened):
    page = opened("comparison", viewport={"width": 1000, "height": 300}).page
    pane = page.locator(".pane").nth(1)
    mark = page.locator(".pane").first.locator(".read-text .shared").last
    mark.scroll_into_view_if_needed()
    page.wait_for_timeout(600)
    before = page.evaluate("scrollY"), pane.evaluate("e => e.scrollTop")
    mark.hover()
    page.wait_for_timeout(100)
    partner = page.locator(f"#{mark.get_attribute('data-to')}")
    inside = partner.evaluate(
        "(e) => { const p = e.closest('.pane').getBoundingClientRect(), r = e.getBoundingClientRect(); return r.top >= p.top && r.bottom <= p.bottom; }"
    )
    assert inside
    assert page.evaluate("scrollY") == before[0]


def test_the_keyboard_reaches_everything(opened):
    page = opened("report").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the stories"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    for wanted in ("find", "size", "source", "relation"):
        page.keyboard.press("Tab")
        assert focused(page) == wanted
    page.locator("summary", has_text="Read beside").first.focus()
    page.keyboard.press("Enter")
    assert page.locator(".reading").first.is_visible()
    mark = page.locator(".reading").first.locator(".pane").first.locator(".shared").first
    for _ in range(6):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.classList.contains('shared')"):
            break
    assert focused(page) == mark.get_attribute("id")
    assert mark.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
    partner = mark.get_attribute("data-to").split()[0]
    assert "lit" in page.locator(f"#{partner}").get_attribute("class").split()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == f"#{partner}"


def test_a_link_into_a_folded_reading_unfolds_it(opened):
    page = opened("report").page
    target = page.locator(".reading .shared").first.get_attribute("id")
    assert not page.locator(f"#{target}").is_visible()
    page.evaluate("id => { location.hash = id; }", target)
    page.wait_for_timeout(100)
    assert page.locator(f"#{target}").is_visible()


@BOTH
def test_a_phone_shows_one_column_and_never_scrolls_sideways(opened, name):
    page = opened(name, **PHONE).page
    unfold_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    left, right = (
        page.locator(".reading").first.locator(".pane").nth(n).bounding_box() for n in (0, 1)
    )
    assert left["x"] == right["x"]
    assert right["y"] >= left["y"] + left["height"]


@BOTH
def test_everything_is_there_without_script(opened, name):
    watched = opened(name, java_script_enabled=False)
    assert watched.page.locator(".filters:visible").count() == 0
    for summary in watched.page.locator("summary").all():
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()
    assert "231 people" in watched.page.locator("main").inner_text()
    mark = watched.page.locator(".pane .shared:visible").first
    if name == "comparison":
        mark.click()
        assert watched.page.url.endswith(mark.get_attribute("href"))


@BOTH
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colour_scheme_of_the_system(opened, name, scheme):
    page = opened(name, color_scheme=scheme).page
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (red + green + blue > 600) == (scheme == "light")


@BOTH
def test_a_screen_reader_finds_landmarks_headings_and_names(opened, name):
    page = opened(name).page
    for tag in ("header", "main", "footer"):
        assert page.locator(f"body > {tag}").count() == 1
    assert page.locator("h1").count() == 1
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4",
        "all => all.filter(h => h.checkVisibility()).map(h => Number(h.tagName[1]))",
    )
    assert all(below <= above + 1 for above, below in pairwise(levels))
    nameless = page.eval_on_selector_all(
        "svg:not([aria-hidden]), input, select, [role=region], section",
        "all => all.filter(e => !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length)).map(e => e.outerHTML)",
    )
    assert nameless == []
