"""The page of a server in a browser: it counts what comes in, under its own policy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from server_harness import Served, article

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOKEN = "t" * 32

pytestmark = pytest.mark.posix


def test_a_page_behind_a_token_counts_what_comes_in_and_is_had_anew(
    browser: Any, audit: Callable[[Any], list[str]], tmp_path: Path
) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"desk check,admit {TOKEN}\n", "utf-8")
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    with Served(tmp_path / "i", "--tokens", tokens) as served:
        served.admit(article(1, title="Ferry sinks"), **bearer)
        context = browser.new_context(http_credentials={"username": "", "password": TOKEN})
        page, messages, asked = context.new_page(), list[str](), list[str]()
        page.on("console", lambda message: messages.append(message.text))
        page.on("pageerror", lambda error: messages.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(served.address)
        assert page.get_by_text("Ferry sinks").first.is_visible()
        served.admit(article(2), **bearer)
        page.get_by_text("1 article came in since this page was made.").wait_for()
        served.admit([article(3), article(4)], **bearer)
        page.get_by_text("3 articles came in since this page was made.").wait_for()
        assert audit(page) == []
        page.get_by_role("button", name="Reload").click()
        page.get_by_text("3 articles came in").wait_for()  # it is too early for another page
        assert {url.removeprefix(served.address) for url in asked} <= {
            "/", "/v1/events?after=1", "/favicon.ico",
        }  # fmt: skip
        assert [message for message in messages if "favicon" not in message] == []
        context.close()
