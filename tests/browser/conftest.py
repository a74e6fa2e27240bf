"""A browser without a window, and pages that are watched for messages and requests."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from page_examples import (
    PRINTED,
    WIRE,
    comparison_page,
    many_outlets,
    outlets_page,
    report_page,
)

from dedupe.report.html import records, svg_copying

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing(what: str) -> None:
    """Skips, but on a build server a test that never runs is a failure."""
    if os.environ.get("CI"):
        pytest.fail(f"{what}, and CI is set")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright is not installed: it comes with the extra dev")
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        missing("no Chromium found: install the package chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield launched
        launched.close()


@dataclass
class Watched:
    """An open page and what it said and asked for."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    names = ("report", "comparison", "moved", "large", "outlets")
    paths = {name: folder / f"{name}.html" for name in names}
    report_page(paths["report"])
    outlets_page(paths["outlets"])
    paths["copying"] = folder / "copying.svg"
    paths["copying"].write_text(svg_copying(many_outlets()), encoding="utf-8")
    comparison_page(paths["comparison"])
    comparison_page(paths["moved"], WIRE, PRINTED)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "PLAIN", 100)
        report_page(paths["large"])
    return paths


@pytest.fixture
def opened(browser: Any, files: dict[str, Path]) -> Iterator[Callable[..., Watched]]:
    """Opens one of the pages; keyword arguments are those of a Playwright context."""
    contexts = []

    def opens(name: str, address: str = "", **options: Any) -> Watched:
        contexts.append(browser.new_context(**options))
        watched = Watched(contexts[-1].new_page())
        watched.page.on("console", lambda message: watched.messages.append(message.text))
        watched.page.on("pageerror", lambda error: watched.messages.append(str(error)))
        watched.page.on("request", lambda request: watched.requests.append(request.url))
        watched.page.goto(files[name].as_uri() + address)
        return watched

    yield opens
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def audit() -> Callable[[Any], list[str]]:
    """What axe-core finds in a page, each with the first element that it finds it in."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        missing("axe-playwright-python is not installed: it comes with the extra dev")

    def finds(page: Any) -> list[str]:
        found = Axe().run(page).response["violations"]
        return [f"{one['impact']} {one['id']}: {one['nodes'][0]['html']}" for one in found]

    return finds
