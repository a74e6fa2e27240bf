"""The page at / of a server: the report of what came last, which tells of news."""

from __future__ import annotations

import asyncio
import base64
import re
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from server_harness import Answer, Served, article, asked
from test_server_access import DESK, READER, bearer

import dedupe.server.livepage
from dedupe.index import open_index
from dedupe.index.changes import Changes
from dedupe.report.html.news import NEWS, PROMISE, with_news
from dedupe.server.answering import Service
from dedupe.server.failures import RefusedError
from dedupe.server.livepage import LivePage
from dedupe.server.measures import Measures
from dedupe.server.shared import ServerLimits, SharedIndex

pytestmark = pytest.mark.posix


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("page") / "page.html"
    fixtures = Path(__file__).parent.parent / "fixtures" / "articles"
    command = [sys.executable, "-m", "dedupe", "report", "-q", fixtures, "--html", path]
    subprocess.run(command, check=True)
    return path.read_text("utf-8")


def policy_of(page: str) -> str:
    return unescape(re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1])


# The page itself


def test_a_page_with_news_is_the_page_that_was_written_and_a_script(written: str) -> None:
    page, policy = with_news(written, 'v1/events?after=3&"<')
    script = re.search(r"<script data-events=.*?</script>\n", page, re.DOTALL)[0]
    assert script.startswith('<script data-events="v1/events?after=3&amp;&quot;&lt;">')
    back = page.replace(script, "").replace(NEWS, PROMISE)
    assert policy_of(page) == policy
    meta = re.compile(r'(Content-Security-Policy" content=")[^"]*')
    assert meta.sub(r"\1", back) == meta.sub(r"\1", written)


def test_its_policy_allows_one_more_script_and_its_own_server(written: str) -> None:
    import hashlib

    page, policy = with_news(written, "v1/events")
    code = re.search(r"<script data-events=[^>]*>(.*?)</script>", page, re.DOTALL)[1]
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert policy.endswith("; connect-src 'self'")
    assert "unsafe" not in policy
    assert policy.replace(f"'sha256-{digest}' ", "").removesuffix("; connect-src 'self'") == (
        policy_of(written)
    )


def test_a_headline_that_says_what_the_foot_says_is_left_alone(tmp_path: Path) -> None:
    path, page = tmp_path / "a.jsonl", tmp_path / "page.html"
    path.write_text(f'{{"id": "a", "title": "{PROMISE}</body>", "text": "x"}}\n', "utf-8")
    command = [sys.executable, "-m", "dedupe", "report", "-q", "--min-size", "1", path]
    subprocess.run([*command, "--html", page], check=True)
    text = page.read_text("utf-8")
    changed = with_news(text, "v1/events").text
    assert changed.count(PROMISE) == text.count(PROMISE) - 1
    assert changed.rstrip().endswith("</script>\n</body>\n</html>")


@pytest.mark.parametrize("page", ["", "<html>", f"{PROMISE}</body>"])
def test_what_is_no_page_of_a_report_is_refused(page: str) -> None:
    with pytest.raises(ValueError, match="no page of a report"):
        with_news(page, "v1/events")


# Over HTTP


def test_a_browser_is_shown_what_came_last(tmp_path: Path) -> None:
    with Served(tmp_path / "i") as served:
        served.admit([article(1, title="Ferry sinks"), article(2, title="<b>Storm</b>")])
        found = served.ask("GET", "/")
        assert (found.status, found.headers["content-type"]) == (200, "text/html; charset=utf-8")
        page = found.body.decode()
        assert "Ferry sinks" in page
        assert "<b>Storm" not in page
        assert 'data-events="v1/events?after=2"' in page
        assert found.headers["content-security-policy"] == (
            f"{policy_of(page)}; frame-ancestors 'none'"
        )
        assert found.headers["cache-control"] == "private, no-cache"
        assert found.headers["x-content-type-options"] == "nosniff"
        tag = found.headers["etag"]
        for known in (tag, f'"other", W/{tag}'):
            again = served.ask("GET", "/", If_None_Match=known)
            assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert served.ask("GET", "/", If_None_Match='"other"').body == found.body
        head = served.ask("HEAD", "/")
        assert (head.status, head.body, head.headers["etag"]) == (200, b"", tag)


def test_of_an_index_without_texts_it_is_said_why_there_is_no_page(tmp_path: Path) -> None:
    with open_index(tmp_path / "i", texts=False) as index:
        index.admit({"id": "a", "title": "Ferry sinks", "text": "The ferry sank."})
    with Served(tmp_path / "i") as served:
        told = served.ask("GET", "/")
        assert told.status == 409
        assert told.json["error"].startswith(f"the page can't be made: {tmp_path}")
        assert "give the files that its articles came from" in told.json["error"]


def test_a_server_without_a_page_says_so(tmp_path: Path) -> None:
    with Served(tmp_path / "i", "--newest", 0) as served:
        told = served.ask("GET", "/")
        assert (told.status, "--newest" in told.json["error"]) == (404, True)


def test_a_signal_ends_the_making_of_a_page_too(tmp_path: Path) -> None:
    import threading

    with Served(tmp_path / "i") as served:
        served.admit([article(number) for number in range(50)])
        found: list[Answer] = []
        asking = threading.Thread(target=lambda: found.append(served.ask("GET", "/")))
        asking.start()
        time.sleep(0.2)
        start = time.monotonic()
        assert served.stop() == 143
        assert time.monotonic() - start < 20
        asking.join(20)
    assert [answer.status for answer in found] in ([503], [200])


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(f'{name}:{password}'.encode()).decode()}"}


def test_a_browser_gives_the_token_as_password(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens"
    tokens.write_text(f"reader check {READER}\ndesk admit,manage {DESK}\n", "utf-8")
    with Served(tmp_path / "i", "--tokens", tokens) as served:
        for path in ("/", "/v1/events?seconds=0"):
            told = served.ask("GET", path)
            assert told.status == 401
            assert told.headers["www-authenticate"].startswith("Basic realm=")
            assert served.ask("GET", path, **basic("anyone", READER)).status == 200
            assert served.ask("GET", path, **bearer(READER)).status == 200
            assert served.ask("GET", path, **basic("desk", DESK)).status == 403
            for wrong in (basic("reader", READER[1:]), {"Authorization": f"Basic {READER}"},
                          {"Authorization": "Basic \xff"}, basic(READER, "")):  # fmt: skip
                assert served.ask("GET", path, **wrong).status == 401
        assert served.ask("GET", "/v1/stories", **basic("reader", READER)).status == 401
        served.stop()
        assert not [line for line in served.out if READER in line or DESK in line]


# How often it is made


class Fake(SharedIndex):
    """An index that only has a position."""

    def __init__(self) -> None:
        super().__init__(lambda: None, lambda: None, (), ServerLimits())
        self.position = 1

    async def read(self, call: Any) -> Any:
        return call(SimpleNamespace(changes=lambda _: Changes(self.position, ())))


def making(written: str, folder: Path) -> tuple[LivePage, Path]:
    """A page that a process copies, and notes that it did."""
    source, made = folder / "source.html", folder / "made"
    source.write_text(written, "utf-8")
    code = "import sys, shutil; shutil.copy(*sys.argv[1:3]); open(sys.argv[3], 'a').write('x')"
    return LivePage(lambda path: [sys.executable, "-c", code, source, path, made]), made


def test_many_who_ask_at_once_wait_for_one_page_and_a_new_one_waits_its_time(
    tmp_path: Path, written: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, made = making(written, tmp_path)
    shared = Fake()

    async def run() -> None:
        ending = asyncio.Event()
        found = await asyncio.gather(*(page.latest(shared, ending) for _ in range(9)))
        assert {one.position for one in found} == {1}
        assert made.read_text() == "x"
        shared.position = 2
        assert (await page.latest(shared, ending)).position == 1
        assert made.read_text() == "x", "it is too early for another"
        monkeypatch.setattr(dedupe.server.livepage, "EVERY_SECONDS", 0.0)
        assert (await page.latest(shared, ending)).position == 1, "nobody waits for the next one"
        await page._making
        assert (await page.latest(shared, ending)).position == 2
        await page.latest(shared, ending)
        assert made.read_text() == "xx", "nothing has changed"

    asyncio.run(run())


def test_why_there_is_no_page_is_told_in_the_words_of_the_command(tmp_path: Path) -> None:
    code = "import sys; sys.exit('first line\\nno \\x1b[31mluck')"
    page = LivePage(lambda _: [sys.executable, "-c", code])
    with pytest.raises(RefusedError, match=r"the page can't be made: no \?\[31mluck"):
        asyncio.run(page.latest(Fake(), asyncio.Event()))


def test_a_command_that_is_not_there_is_told_too() -> None:
    page = LivePage(lambda _: ["/no/such/command"])
    with pytest.raises(RefusedError, match="the page can't be made"):
        asyncio.run(page.latest(Fake(), asyncio.Event()))


def test_a_page_that_takes_too_long_is_given_up_with_its_process(monkeypatch) -> None:
    monkeypatch.setattr(dedupe.server.livepage, "LONGEST_SECONDS", 0.2)
    page = LivePage(lambda _: [sys.executable, "-c", "import time; time.sleep(60)"])
    start = time.monotonic()
    with pytest.raises(RefusedError, match="took too long"):
        asyncio.run(page.latest(Fake(), asyncio.Event()))
    assert time.monotonic() - start < 20


def test_a_service_that_was_given_no_page_has_none() -> None:
    shared = Fake()
    service = Service(shared=shared, measures=Measures(shared), log=lambda _: None)
    assert asked(service, "/")[0] == 404
