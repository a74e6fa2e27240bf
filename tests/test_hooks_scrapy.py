"""The pipeline for Scrapy, by crawls of a site on this machine, and the thread that it asks in."""

from __future__ import annotations

import html
import json
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from exact_index import ExactIndex

from dedupe import Article
from dedupe.errors import BusyError
from dedupe.hooks import Filter
from dedupe.hooks.worker import Worker
from dedupe.index import open_index

HERE = Path(__file__).parent
ARTICLES = {
    record["id"]: record
    for line in (HERE.parent / "fixtures/articles/news.jsonl").read_text("utf-8").splitlines()
    if (record := json.loads(line))
}
LINKS = {
    "court-wire": "new",
    "court-local": "same_story",
    "rate-wire": "new",
    "rate-wire-copy": "near_duplicate",
    "ferry-local": "new",
    "ferry-local-retitled": "identical",
    "visit-2025-digest": "new",
    "visit-2025-item": "contained",
    "metro-news": "new",
    "metro-news?utm_source=again": "new",
    "metro-news?utm_source=changed": "revision",
    "match-calder": "new",
}
"""What each page is to an empty index, in this order: its address without the query is its id."""
REPLAY = "metro-news?utm_source=again"
COPIES = ("rate-wire-copy", "ferry-local-retitled", "visit-2025-item")

crawls = pytest.mark.skipif(find_spec("scrapy") is None, reason="Scrapy is not installed")


def nothing() -> None:
    """Happens when a front page is asked for."""


class Site(BaseHTTPRequestHandler):
    """A front page with links, and the articles; one of them may have changed."""

    visited: Callable[[], object] = staticmethod(nothing)
    """Called for the front page: by then the crawl has its index open."""

    def do_GET(self) -> None:
        name, _, query = self.path.strip("/").partition("?")
        body = self.article(name, changed="changed" in query) if name else self.front()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(f"<!doctype html><title>Site</title>{body}".encode())

    def front(self) -> str:
        type(self).visited()
        return "".join(f'<p><a href="/{name}">{name}</a></p>' for name in LINKS)

    def article(self, name: str, *, changed: bool) -> str:
        article = ARTICLES[name]
        parts = article["text"].split("\n\n")
        if changed:
            parts[-1] = (
                "The operator has since said that every train of that line is to be looked at."
            )
        text = "".join(f"<p>{html.escape(part)}</p>" for part in parts)
        return f"<h1>{html.escape(article['title'])}</h1><article>{text}</article>"

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


def crawl(site: str, folder: Path, *, kinds: str = "dict", **settings: Any) -> Crawl:
    """One crawl, as a process of its own."""
    out = folder / "out.jsonl"
    out.unlink(missing_ok=True)
    given = {"DEDUPE_INDEX": str(folder / "news.index"), **settings}
    words = [sys.executable, HERE / "crawl_site.py", site, out, json.dumps(given), kinds]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    items = (
        [json.loads(line) for line in out.read_text("utf-8").splitlines()] if out.exists() else []
    )
    stats = json.loads(done.stdout) if done.stdout else {}
    return Crawl(items, stats, done.stderr)


@dataclass
class Crawl:
    items: list[dict[str, Any]]
    stats: dict[str, Any]
    log: str

    def pages(self) -> list[str]:
        return [item["url"].rpartition("/")[2] for item in self.items]

    def counted(self) -> dict[str, int]:
        return {
            name.removeprefix("dedupe/"): count
            for name, count in self.stats.items()
            if name.startswith("dedupe/")
        }

    def reasons(self) -> dict[str, int]:
        return {
            name.rpartition("/")[2]: count
            for name, count in self.stats.items()
            if name.startswith("item_dropped_reasons_count/")
        }


@crawls
@pytest.mark.parametrize(
    "loop",
    [{}, {"TWISTED_REACTOR": "twisted.internet.selectreactor.SelectReactor"}],
    ids=["asyncio", "select"],
)
def test_a_crawl_drops_copies_and_marks_what_passes(
    site: str, tmp_path: Path, loop: dict[str, str]
) -> None:
    done = crawl(site, tmp_path, **loop)
    assert done.pages() == [page for page in LINKS if page not in COPIES]
    relations = {page: relation for page, relation in LINKS.items() if page not in COPIES}
    assert {
        page: item["dedupe"]["relation"]
        for page, item in zip(done.pages(), done.items, strict=True)
    } == relations
    assert done.reasons() == {"NearDuplicate": 1, "Identical": 1, "Contained": 1}
    assert done.counted() == {**Counter(LINKS.values()), "replayed": 1, "dropped": 3}
    assert "Dropped: near_duplicate, story s" in done.log
    assert "ERROR" not in done.log
    assert "DeprecationWarning" not in done.log
    told = {page: item["dedupe"] for page, item in zip(done.pages(), done.items, strict=True)}
    assert told["court-local"]["story"] == told["court-wire"]["story"]
    assert told[REPLAY]["replayed"]
    assert told["metro-news?utm_source=changed"]["id"] == told["metro-news"]["id"]


@crawls
def test_a_second_crawl_finds_what_the_first_one_left(site: str, tmp_path: Path) -> None:
    first = crawl(site, tmp_path)
    again = crawl(site, tmp_path, DEDUPE_DROP="identical,near_duplicate,contained,replayed")
    # The revised page changes back, and forth.
    assert [item["dedupe"]["relation"] for item in again.items] == ["revision", "revision"]
    assert again.reasons() == {"Replayed": len(LINKS) - 2}
    with open_index(tmp_path / "news.index", create=False) as index:
        assert index.stats().articles == len(LINKS) - 2
        held = {found.article.id for found in index.articles()}
    assert {item["dedupe"]["id"] for item in first.items} <= held


@crawls
def test_in_the_shadow_all_items_pass_and_tell_what_would_have_become_of_them(
    site: str, tmp_path: Path
) -> None:
    done = crawl(site, tmp_path, DEDUPE_MODE="mark", DEDUPE_DROP=["identical", "same_story"])
    assert done.pages() == list(LINKS)
    stopped = [
        page
        for page, item in zip(done.pages(), done.items, strict=True)
        if not item["dedupe"]["passed"]
    ]
    assert stopped == ["court-local", "ferry-local-retitled"]
    assert done.counted()["would_drop"] == 2
    assert done.reasons() == {}


@crawls
def test_items_of_every_type_are_read_and_marked_where_they_can_be(
    site: str, tmp_path: Path
) -> None:
    kinds = "dict,item,class,attrs,bare,other"
    done = crawl(site, tmp_path, kinds=kinds, DEDUPE_MODE="mark")
    marked = {item["url"].rpartition("/")[2]: bool(item.get("dedupe")) for item in done.items}
    assert marked == dict(zip(LINKS, [True, True, True, True, False, False] * 2, strict=True))
    assert done.counted()["unmarked"] == 2
    assert done.counted()["no_article"] == 2
    assert done.log.count("holds no article") == 1
    assert done.log.count("items of type Bare have no field 'dedupe'") == 1


@contextmanager
def held(file: Path) -> Iterator[None]:
    """From the first page on another process writes to the index, and does not end."""
    others = []

    def hold() -> None:
        others.append(sqlite3.connect(file, check_same_thread=False))
        others[0].execute("begin immediate")

    Site.visited = staticmethod(hold)
    yield
    Site.visited = staticmethod(nothing)
    others[0].close()


@crawls
def test_without_an_answer_a_closed_filter_ends_the_crawl(site: str, tmp_path: Path) -> None:
    with held(tmp_path / "news.index"):
        done = crawl(site, tmp_path, DEDUPE_PATIENCE=0.1, DOWNLOAD_DELAY=1)
    assert done.items == []
    assert done.stats["finish_reason"] == "dedupe_unanswered"
    assert done.reasons()["Unanswered"] < len(LINKS)
    assert "the index cannot answer" in done.log
    assert "Traceback" not in done.log


@crawls
def test_without_an_answer_an_open_filter_lets_all_pass(site: str, tmp_path: Path) -> None:
    with held(tmp_path / "news.index"):
        done = crawl(site, tmp_path, DEDUPE_PATIENCE=0.1, DEDUPE_FAIL="open")
    assert done.pages() == list(LINKS)
    assert done.counted() == {"unjudged": len(LINKS)}
    assert done.items[0]["dedupe"]["error"]
    assert done.stats["finish_reason"] == "finished"


@crawls
def test_a_crawl_without_a_usable_index_does_not_begin(site: str, tmp_path: Path) -> None:
    (tmp_path / "news.index").write_text("these are my notes " * 500)
    done = crawl(site, tmp_path, DEDUPE_FAIL="open")
    assert done.items == []
    assert "NotAnIndexError" in done.log
    assert "downloader/request_count" not in done.stats
    assert (tmp_path / "news.index").read_text() == "these are my notes " * 500


@crawls
def test_without_the_setting_the_pipeline_is_off(site: str, tmp_path: Path) -> None:
    done = crawl(site, tmp_path, DEDUPE_INDEX="")
    assert done.pages() == list(LINKS)
    assert done.counted() == {}
    assert "DEDUPE_INDEX is not set" in done.log


@crawls
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("DEDUPE_MODE", "delete", "DEDUPE_MODE is drop or mark, not 'delete'"),
        ("DEDUPE_FAIL", "maybe", "DEDUPE_FAIL is closed or open, not 'maybe'"),
        ("DEDUPE_DROP", "copies", "DEDUPE_DROP names identical, near_duplicate"),
        ("DEDUPE_WINDOW", "a week", "DEDUPE_WINDOW is a number, not 'a week'"),
        ("DEDUPE_DURABILITY", "half", "DEDUPE_DURABILITY is normal or full, not 'half'"),
        ("DEDUPE_FIELDS", {"body": "story"}, "DEDUPE_FIELDS names the field of id, text, title"),
        ("DEDUPE_FIELDS", "story", "DEDUPE_FIELDS names the field of id, text, title"),
    ],
)
def test_a_setting_that_cannot_be_is_told(name: str, value: object, said: str) -> None:
    told = in_a_process(
        "from scrapy.settings import Settings\n"
        "from dedupe.hooks.scrapy import Options\n"
        f"Options.of(Settings({{'DEDUPE_INDEX': 'news.index', {name!r}: {value!r}}}))\n"
    )
    assert f"dedupe.errors.SettingError: {said}" in told


def test_without_scrapy_the_extra_is_named() -> None:
    told = in_a_process("import sys; sys.modules['scrapy'] = None; import dedupe.hooks.scrapy")
    assert told.endswith(
        "the pipeline for Scrapy needs the package scrapy: pip install 'story-dedupe[scrapy]'\n"
    )


def in_a_process(code: str) -> str:
    """What a piece of Python says on standard error before it fails."""
    words = [sys.executable, "-c", code]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 1
    return done.stderr


class SlowIndex(ExactIndex):
    """Answers when it is told to; knows in which threads it was used."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.go = threading.Event()
        self.threads = {threading.get_ident()}

    def admit_many(self, articles: Any) -> Any:
        self.go.wait(30)
        self.threads.add(threading.get_ident())
        return super().admit_many(articles)

    def close(self) -> None:
        self.threads.add(threading.get_ident())


def working(index: SlowIndex) -> Worker:
    def opened() -> tuple[Any, Filter]:
        index.threads = {threading.get_ident()}
        return index, Filter(index)

    worker = Worker(opened)
    worker.start()
    return worker


def article(number: int) -> Article:
    return Article(f"a{number}", f"text {number}")


def test_what_waits_is_decided_together_and_in_order() -> None:
    index = SlowIndex()
    worker = working(index)
    first = worker.decide([article(0)])
    while not first.running():
        pass
    others = [worker.decide([article(number)]) for number in range(1, 300)]
    index.go.set()
    assert [answer.result(30)[0].id for answer in [first, *others]] == [f"a{n}" for n in range(300)]
    assert index.calls == [1, 256, 43]
    worker.stop()
    assert len(index.threads) == 1
    assert threading.get_ident() not in index.threads


def test_a_failure_reaches_each_who_waits_and_the_next_is_answered() -> None:
    index = SlowIndex(failures=[None, BusyError("others hold it"), None])
    worker = working(index)
    first = worker.decide([article(0)])
    while not first.running():
        pass
    waiting = [worker.decide([article(number)]) for number in (1, 2)]
    index.go.set()
    assert first.result(30)[0].passed
    assert [str(answer.exception(30)) for answer in waiting] == ["others hold it"] * 2
    assert worker.decide([article(3)]).result(30)[0].passed
    worker.stop()


def test_what_nobody_waits_for_any_more_is_not_admitted() -> None:
    index = SlowIndex()
    worker = working(index)
    first = worker.decide([article(0)])
    while not first.running():
        pass
    given_up, kept = worker.decide([article(1)]), worker.decide([article(2)])
    assert given_up.cancel()
    index.go.set()
    assert kept.result(30)[0].passed
    worker.stop()
    assert set(index.texts) == {"a0", "a2"}


def test_an_index_that_does_not_open_is_told_and_nothing_can_be_asked() -> None:
    def opened() -> tuple[Any, Filter]:
        raise BusyError("others hold it")

    worker = Worker(opened)
    with pytest.raises(BusyError, match="others hold it"):
        worker.start()
    with pytest.raises(RuntimeError, match="was not started"):
        worker.decide([article(0)])
    worker.stop()
    worker.stop()
