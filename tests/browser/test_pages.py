"""The pages in a real browser: silent, searchable, legible by mouse, by keyboard, on a phone."""

from __future__ import annotations

from itertools import pairwise

import pytest

PHONE = {"viewport": {"width": 360, "height": 740}}
BOTH = pytest.mark.parametrize("name", ["report", "comparison"])
ALL = pytest.mark.parametrize("name", ["report", "comparison", "outlets"])
SCHEMES = pytest.mark.parametrize("scheme", ["light", "dark"])


FIND = "Search headlines, outlets, terms"


def unfold_all(page):
    """Opens every story, then every part of it."""
    for _ in range(2):
        page.eval_on_selector_all(
            "details",
            "all => all.forEach(part => { part.removeAttribute('name'); part.open = true; })",
        )
        page.wait_for_timeout(100)


def opened_story(page, headline):
    story = page.locator(".story", has_text=headline).first
    story.locator("summary").first.click()
    story.locator(".detail").wait_for()
    return story


def shown_stories(page):
    return page.eval_on_selector_all("#list h3", "all => all.map(h => h.textContent)")


def address_of(page):
    """What stands behind the # once typing has come to rest."""
    page.wait_for_timeout(400)
    return page.evaluate("location.hash")


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.className")


@ALL
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
    assert watched.page.locator("script:not([type])").count() == 1
    assert (
        watched.page.locator("img, b, [onload], [onerror], [onmouseover], [onfocus]").count() == 0
    )
    title = watched.page.get_by_text("<script>alert('title')</script>", exact=True)
    assert title.first.is_visible()
    assert watched.page.title() == "5 stories in 15 articles, 14 to 16 May 2024"


def test_the_search_leaves_the_stories_that_hold_every_word(opened):
    page = opened("report").page
    assert len(shown_stories(page)) == 5
    page.get_by_label(FIND).fill("GAZETTE  Lindqvist")
    assert shown_stories(page) == ["Ferry with 214 aboard runs aground off Nordhavn"]
    assert page.locator("#status").text_content() == "1 of 5 stories"
    page.get_by_label(FIND).fill("台风")
    assert [headline[:2] for headline in shown_stories(page)] == ["台风"]
    page.get_by_label(FIND).fill("nowhere to be found")
    assert page.get_by_text("No story answers to the filters.").is_visible()
    page.get_by_label(FIND).fill("")
    assert page.locator("#status").text_content() == "5 stories"
    assert not page.get_by_text("No story answers to the filters.").is_visible()


def test_the_search_shows_which_headline_it_found(opened):
    page = opened("report").page
    page.get_by_label(FIND).fill("lindqvist rock")
    (found,) = page.locator("#list .match").all_inner_texts()
    assert found.endswith("Captain Lindqvist: ‘the rock was not on the chart’")
    page.get_by_label(FIND).fill("ferry")
    assert page.locator("#list .match").all_inner_texts() == [""]


def test_the_filters_go_by_size_source_and_relation(opened):
    page = opened("report").page
    page.get_by_label("Articles, at least").fill("3")
    assert len(shown_stories(page)) == 2
    page.get_by_label("Articles, at least").fill("1")
    page.get_by_label("Outlet", exact=True).select_option("Gazette")
    assert shown_stories(page) == [
        "Ferry with 214 aboard runs aground off Nordhavn",
        "Library opens on Sundays",
    ]
    page.get_by_label("Holds").select_option("contained")
    assert shown_stories(page) == ["Ferry with 214 aboard runs aground off Nordhavn"]


def test_filters_stand_in_the_address_and_come_back_with_it(opened, files):
    page = opened("report").page
    page.get_by_label(FIND).fill("ferry")
    page.get_by_label("Articles, at least").fill("3")
    page.get_by_label("Order").select_option("date")
    assert address_of(page) == "#find=ferry&size=3&sort=date"
    again = opened("report", address="#source=Gazette&sort=date").page
    assert shown_stories(again) == [
        "Ferry with 214 aboard runs aground off Nordhavn",
        "Library opens on Sundays",
    ]
    assert again.get_by_label("Outlet", exact=True).input_value() == "Gazette"
    again.get_by_role("button", name="Clear filters").click()
    assert len(shown_stories(again)) == 5
    assert address_of(again) == ""


def test_a_filter_that_the_page_does_not_offer_is_none(opened):
    watched = opened("report", address="#source=nobody&sort=sideways&size=x&from=then&story=none")
    assert len(shown_stories(watched.page)) == 5
    assert watched.messages == []


def test_days_are_chosen_in_the_picture_and_in_the_fields(opened):
    page = opened("report").page
    page.locator(".day").last.click()
    assert [name[:2] for name in shown_stories(page)] == ["मु"]
    assert page.get_by_label("From", exact=True).input_value() == "2024-05-16"
    page.get_by_label("From", exact=True).fill("2024-05-15")
    assert len(shown_stories(page)) == 3
    page.get_by_label("From", exact=True).fill("")
    page.get_by_label("To", exact=True).fill("2024-05-14")
    assert len(shown_stories(page)) == 2


def test_an_outlet_is_chosen_by_its_name(opened):
    page = opened("report").page
    page.get_by_role("button", name="The Harbour Post").click()
    assert shown_stories(page) == ["Ferry with 214 aboard runs aground off Nordhavn"]


def test_a_large_page_unpacks_its_stories(opened):
    watched = opened("large", address="#story=s-ferry")
    watched.page.locator(".story[open] .reading").first.wait_for(state="attached")
    assert len(shown_stories(watched.page)) == 5
    assert watched.messages == []
    assert len(watched.requests) == 1


def test_a_link_to_a_story_opens_it(opened):
    page = opened("report", address="#story=s-zh").page
    detail = page.locator(".story[open] .detail")
    assert "台风登陆" in detail.inner_text()
    assert page.locator(".story[open]").count() == 1
    link = detail.get_by_role("link", name="Link to this story").get_attribute("href")
    assert link == "#story=s-zh"
    page.locator("#newest a").last.click()
    page.wait_for_timeout(100)
    assert page.evaluate("location.hash").startswith("#story=")


def test_a_story_that_is_opened_is_in_the_address(opened):
    page = opened("report").page
    story = opened_story(page, "Ferry with 214")
    assert address_of(page) == "#story=s-ferry"
    story.locator("summary").first.click()
    assert address_of(page) == ""


def test_headlines_lead_to_their_articles_where_these_have_an_address_of_the_web(opened):
    page = opened("report").page
    unfold_all(page)
    links = page.eval_on_selector_all(
        ".row-head a", "all => all.map(a => [a.textContent, a.href, a.rel])"
    )
    assert links == [
        [
            "Ferry with 214 aboard runs aground off Nordhavn",
            "https://wire.example/ferry",
            "noopener noreferrer",
        ],
        [
            "Captain Lindqvist: ‘the rock was not on the chart’",
            "https://wire.example/captain?a=1&b=2",
            "noopener noreferrer",
        ],
    ]
    assert page.locator("[href^='javascript']").count() == 0


def test_a_story_begins_with_its_front(opened):
    page = opened("report").page
    story = opened_story(page, "Ferry with 214")
    labels = story.locator(".front dt").all_inner_texts()
    assert labels == ["first", "told by", "the first 2 say", "told differently", "only one says"]
    told = story.locator(".front dd").all_inner_texts()
    assert told[1] == "3 independent reports · 4 copies · 6 outlets · 14 to 15 May 2024"
    assert "231" in told[3]
    assert (
        story.locator(".front").bounding_box()["y"] < story.locator(".articles").bounding_box()["y"]
    )
    assert opened_story(page, "台风").locator(".front dt").all_inner_texts() == labels[:2]


def test_articles_of_one_moment_are_dots_on_one_another(opened):
    page = opened("report").page
    dots = opened_story(page, "Ferry with 214").locator(".time circle")
    assert dots.count() == 7
    places = dots.evaluate_all(
        "all => all.map(dot => dot.getAttribute('cx') + dot.getAttribute('cy'))"
    )
    assert len(set(places)) == 7


def test_a_story_shows_its_outlets_and_what_they_copied(opened):
    page = opened("report").page
    rows = opened_story(page, "Ferry with 214").locator(".detail .outlets tr").all_inner_texts()
    assert [row.split("\t")[-1] for row in rows if row.startswith("The Harbour Post")] == [
        "2 copies"
    ]
    assert len(rows) == 6


def test_a_map_shows_how_alike_each_two_reports_are(opened):
    page = opened("report").page
    story = opened_story(page, "Ferry with 214")
    story.locator("summary", has_text="How alike 3 independent reports are").click()
    rows = story.locator(".heat tbody tr").all_inner_texts()
    assert [row.split("\t")[1:] for row in rows] == [
        ["·", "21", "0"],
        ["87", "·", "2"],
        ["?", "61", "·"],
    ]


def test_evidence_is_a_waterfall_from_where_a_pair_begins_to_its_score(opened):
    page = opened("report").page
    story = opened_story(page, "Ferry with 214")
    story.locator("summary", has_text="Read beside").click()
    story.locator("summary", has_text="Why their story score is 0.62").click()
    bars = story.locator(".fall rect").evaluate_all(
        "all => all.map(bar => bar.getBoundingClientRect().toJSON())"
    )
    signs = story.locator(".fall rect").evaluate_all(
        "all => all.map(bar => bar.getAttribute('class'))"
    )
    assert signs == ["for", "for", "for", "for", "against", "against", "whole"]
    at = bars[0]["left"]
    for bar, sign in zip(bars[:-1], signs, strict=False):
        begin, end = (bar["left"], bar["right"]) if sign == "for" else (bar["right"], bar["left"])
        assert abs(begin - at) < 2
        at = end
    assert abs(at - bars[-1]["right"]) < 2
    assert story.locator(".fall tfoot").inner_text().startswith("story score 0.62")


def test_n_and_p_go_from_change_to_change(opened):
    page = opened("comparison").page
    page.keyboard.press("n")
    assert page.locator(".current").count() == 1
    first = page.locator(".current").inner_text()
    page.keyboard.press("n")
    assert page.locator(".current").inner_text() != first
    many = page.locator("[data-change]").count()
    assert page.locator(".at").text_content() == f"2 of {many}"
    page.keyboard.press("p")
    page.keyboard.press("p")
    assert page.locator(".at").text_content() == f"{many} of {many}"
    # By keyboard: a click that scrolls what is clicked away may be sent twice.
    page.get_by_role("button", name="Next").press("Enter")
    assert page.locator(".current").inner_text() == first


def test_letters_typed_into_the_search_are_no_keys(opened):
    page = opened("report").page
    page.get_by_label(FIND).press_sequentially("np")
    assert page.get_by_label(FIND).input_value() == "np"


def test_side_by_side_is_the_first_thing_of_a_comparison(opened):
    page = opened("comparison", viewport={"width": 1440, "height": 900}).page
    assert page.locator(".steps").bounding_box()["y"] < 200
    a, b = page.locator(".step").first.locator("td").all()
    assert a.bounding_box()["y"] == b.bounding_box()["y"]


def test_pointing_at_a_moved_sentence_lights_up_its_other_place(opened):
    page = opened("moved").page
    tag = page.locator(".cell.moved .pair").first
    tag.hover()
    assert page.locator(".said.lit").count() == 1
    partner = tag.get_attribute("data-to")
    assert "1961" in page.locator(f"#{partner}").text_content()
    tag.focus()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == f"#{partner}"


def test_the_keyboard_reaches_everything(opened):
    page = opened("report").page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the stories"
    assert page.locator(".skip").bounding_box()["y"] >= 0
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.tagName") == "SUMMARY":
            break
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.locator(".story[open] .detail").wait_for()
    for wanted in ("Link to this story", "Ferry with 214 aboard runs aground off Nordhavn"):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == wanted
    page.locator("summary", has_text="Read beside").first.focus()
    page.keyboard.press("Enter")
    page.keyboard.press("n")
    assert page.locator(".reading:visible .current").count() == 1
    for _ in range(4):  # over the links to the articles
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.dataset.step") == "1":
            break
    page.keyboard.press("Enter")
    at = page.locator(".reading:visible .at").text_content()
    assert at.startswith("2 of ")


def test_a_link_into_a_reading_opens_its_story_and_unfolds_it(opened):
    page = opened("report").page
    target = page.locator(".reading .said").first.get_attribute("id")
    assert not page.locator(f"#{target}").is_visible()
    page.evaluate("id => { location.hash = id; }", target)
    page.wait_for_timeout(200)
    assert page.locator(f"#{target}").is_visible()
    assert page.evaluate("location.hash") == f"#{target}"
    assert opened("report", address=f"#{target}").page.locator(f"#{target}").is_visible()


@BOTH
def test_a_phone_shows_one_column_and_never_scrolls_sideways(opened, name):
    page = opened(name, **PHONE).page
    unfold_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    a, b = page.locator(".step:not(.as-one)", has_text="231 people").first.locator("td").all()
    assert a.bounding_box()["x"] == b.bounding_box()["x"]
    assert b.bounding_box()["y"] >= a.bounding_box()["y"] + a.bounding_box()["height"]


def test_a_phone_shows_once_what_both_have(opened):
    page = opened("comparison", **PHONE).page
    same = page.locator(".as-one").first
    assert same.locator("td:visible").count() == 1


@BOTH
def test_everything_can_be_read_without_script(opened, name):
    watched = opened(name, java_script_enabled=False)
    assert watched.page.locator(".filters:visible, .keys:visible").count() == 0
    for summary in watched.page.locator("summary:visible").all():
        if summary.locator("xpath=..").get_attribute("open") is None:
            summary.click()
    assert "231 people" in watched.page.locator("main").inner_text()
    if name == "report":
        assert watched.page.get_by_role("link", name="Captain Lindqvist").is_visible()


@ALL
@SCHEMES
def test_the_page_follows_the_colour_scheme_of_the_system(opened, name, scheme):
    page = opened(name, color_scheme=scheme).page
    red, green, blue = page.evaluate(
        "getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number)"
    )
    assert (red + green + blue > 600) == (scheme == "light")


@ALL
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
        "all => all.filter(e => !e.ownerSVGElement && !(e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') || e.labels?.length)).map(e => e.outerHTML)",
    )
    assert nameless == []


@ALL
@SCHEMES
@pytest.mark.parametrize("width", [1440, 390])
def test_what_an_audit_of_accessibility_finds_is_nothing(opened, audit, name, scheme, width):
    page = opened(name, color_scheme=scheme, viewport={"width": width, "height": 900}).page
    unfold_all(page)
    assert audit(page) == []


OVER = """figure => {
  const shown = Array.from(figure.querySelectorAll("text")).filter(text => text.checkVisibility());
  const boxes = shown.map(text => {
    const [one, frame] = [text, text.ownerSVGElement].map(e => e.getBoundingClientRect());
    return [Math.max(one.left, frame.left), one.top, Math.min(one.right, frame.right), one.bottom];
  });
  const over = ([a, b, c, d], [e, f, g, h]) => Math.min(c, g) - Math.max(a, e) > 1 && Math.min(d, h) - Math.max(b, f) > 5;
  return boxes.flatMap((box, at) => boxes.slice(at + 1).filter(other => over(box, other)));
}"""
"""Boxes of texts of a picture that lie on one another by more than the room between two lines."""


@pytest.mark.parametrize("width", [1440, 390])
def test_no_name_lies_over_another_in_whatever_script(opened, width):
    page = opened("outlets", viewport={"width": width, "height": 900}).page
    assert page.locator(".copying text:visible").count() > 40
    assert page.eval_on_selector(".copying", OVER) == []


def test_the_outlets_are_read_on_a_phone_without_scrolling_the_page_sideways(opened):
    page = opened("outlets", **PHONE).page
    unfold_all(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert page.locator(".copying svg.narrow").is_visible()
    assert not page.locator(".copying svg.wide").is_visible()


def test_the_picture_of_outlets_alone_shows_itself_and_asks_for_nothing(opened, files):
    watched = opened("copying", color_scheme="dark")
    assert watched.messages == []
    assert watched.requests == [files["copying"].as_uri()]
    assert watched.page.eval_on_selector("svg", OVER) == []
    assert (
        watched.page.eval_on_selector(".paper", "e => getComputedStyle(e).fill")
        == "rgb(21, 23, 26)"
    )
