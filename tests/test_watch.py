"""Feeds and folders are watched: nothing that comes is lost, and nothing is taken in twice."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import NoReturn

import pytest
from read_harness import json_lines
from test_cli import dedupe
from web_server import Answer, Request, Site, body, conditional, serving, status

from dedupe.config import Limits
from dedupe.errors import BusyError, SourceError
from dedupe.hooks.watch.folders import QUIET_SECONDS, Folder
from dedupe.hooks.watch.pace import MOST_ASKED, MOST_SECONDS, Pace, Paces
from dedupe.hooks.watch.seen import Intent, Seen, SeenFeed, SeenFile
from dedupe.hooks.watch.sources import Watched, watched_of
from dedupe.hooks.watch.watcher import Watcher
from dedupe.index import open_index
from dedupe.read import FieldKeys
from dedupe.read.budget import USUAL
from dedupe.read.opml import feeds_listed

KILLS = 20
QUICKLY = """
import sys
import dedupe.cli.watch as command
from dedupe.hooks.watch import folders, pace
command._SECONDS["s"] = 0.1
pace.LEAST_SECONDS = 0.0
folders.QUIET_SECONDS = 0.1
from dedupe.cli import main
main(sys.argv[1:])
"""
"""The command, with seconds ten times as short as they are."""
WORDS = [
    "harbour",
    "quarry",
    "museum",
    "tunnel",
    "market",
    "theatre",
    "orchard",
    "viaduct",
    "signal",
    "granary",
]


def told(number: int) -> dict[str, str]:
    """An article that has little in common with those of other numbers."""
    chance = random.Random(number)
    text = " ".join(f"{chance.choice(WORDS)}{chance.randrange(10**6)}" for _ in range(40))
    return {"id": f"n{number}", "title": f"Report {number} {text[:20]}", "text": text}


def rss(*numbers: int) -> bytes:
    items = "".join(
        "<item><guid>{id}</guid><title>{title}</title><description>{text}</description></item>".format(
            **{name: escape(value) for name, value in told(number).items()}
        )
        for number in numbers
    )
    return f'<rss version="2.0"><channel><title>Wire</title>{items}</channel></rss>'.encode()


def json_feed(*numbers: int) -> bytes:
    items = [
        {"id": one["id"], "title": one["title"], "content_text": one["text"]}
        for one in map(told, numbers)
    ]
    version = "https://jsonfeed.org/version/1.1"
    return json.dumps({"version": version, "title": "Ledger", "items": items}).encode()


class Publisher:
    """Two feeds that grow while they are asked, and say by an ETag whether they did."""

    def __init__(self, site: Site) -> None:
        self.numbers: tuple[list[int], list[int]] = ([], [])
        self.unchanged = 0
        self.urls = [
            site.put("/feed.rss", self._answer(0, "application/rss+xml", rss)),
            site.put("/feed.json", self._answer(1, "application/feed+json", json_feed)),
        ]

    def _answer(self, which: int, kind: str, made) -> Answer:
        def answer(request: Request) -> None:
            numbers = list(self.numbers[which])
            etag = f'"{len(numbers)}"'
            if request.headers.get("If-None-Match") == etag:
                self.unchanged += 1
                request.head(304, ETag=etag)
                return
            body(made(*numbers), kind, ETag=etag)(request)

        return answer

    def publish(self, number: int) -> None:
        self.numbers[number % 2].append(number)

    @property
    def ids(self) -> set[str]:
        return {f"n{number}" for numbers in self.numbers for number in numbers}


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in list(os.environ):
        if name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    with serving() as found:
        yield found


def watching(*arguments: object, **more) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", QUICKLY, "watch", *map(str, arguments)], encoding="utf-8", **more
    )


def ids_in(index: Path) -> list[str]:
    with open_index(index, create=False, read_only=True) as found:
        assert list(found.verify()) == []
        return [one.article.id for one in found.articles()]


@contextmanager
def publishing(feeds: Publisher) -> Iterator[None]:
    """New articles by the dozen, so that many a kill comes while they are taken in."""
    ended = threading.Event()

    def work() -> None:
        number = 0
        while not ended.wait(0.3):
            for _ in range(12):
                feeds.publish(number)
                number += 1

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


@pytest.mark.posix
def test_who_is_killed_again_and_again_loses_nothing_and_takes_nothing_twice(
    site: Site, tmp_path: Path
) -> None:
    feeds, index, out = Publisher(site), tmp_path / "news.index", tmp_path / "out"
    words = [*feeds.urls, "--index", index, "--every", "1s", "--json"]
    chance = random.Random(7)
    with publishing(feeds), out.open("wb") as lines:
        for _ in range(KILLS):
            process = watching(*words, stdout=lines, stderr=subprocess.DEVNULL)
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(chance.uniform(0.3, 2.5))  # from before it works to long after
            process.kill()
            process.wait()
    with out.open("ab") as lines:
        process = watching(*words, "--once", stdout=lines, stderr=subprocess.PIPE)
        assert process.wait() == 0
        process.stderr.close()
    assert sorted(ids_in(index)) == sorted(feeds.ids)
    rows = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    said = Counter(row["id"] for row in rows)
    assert said.keys() == feeds.ids  # each is told
    assert not any(row["relation"] == "revision" or row["replayed"] for row in rows)
    assert len(feeds.ids) > 100
    before = feeds.unchanged
    assert watching(*words, "--once", stderr=subprocess.DEVNULL).wait() == 0
    assert feeds.unchanged == before + 2


@pytest.mark.posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_a_summary(
    site: Site, tmp_path: Path, number: signal.Signals
) -> None:
    feeds, index = Publisher(site), tmp_path / "news.index"
    feeds.publish(1)

    def silent(_: Request) -> None:
        site.ended.wait(30)

    urls = [*feeds.urls, site.put("/silent.rss", silent).replace("127.0.0.1", "localhost")]
    process = watching(*urls, "--index", index, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline().startswith("new             s1      Report 1 ")
    start = time.monotonic()
    process.send_signal(number)
    out, err = process.communicate(timeout=10)
    assert time.monotonic() - start < 2
    assert (process.returncode, out) == (0, "")
    assert err.startswith("dedupe: watched 3 feeds (3 questions, 0 answered with nothing new) for ")
    assert err.endswith("; admitted 1 article: 1 new\n")


def test_what_did_not_change_is_neither_sent_nor_read_again(site: Site, tmp_path: Path) -> None:
    index = tmp_path / "news.index"
    tagged = site.put("/a.rss", conditional(rss(1, 2), '"one"', "application/rss+xml"))
    plain = site.put("/b.json", body(json_feed(3), "application/feed+json"))
    words = ("watch", tagged, plain, "--index", index, "--once")
    assert len(dedupe(*words).out.splitlines()) == 3
    ran = dedupe(*words)
    assert (ran.code, ran.out) == (0, "")
    assert "2 questions, 2 answered with nothing new" in ran.err
    first, second = (headers for path, headers in site.asked if path == "/a.rss")
    assert "If-None-Match" not in first
    assert second["If-None-Match"] == '"one"'
    site.put("/a.rss", conditional(rss(1, 2, 4), '"two"', "application/rss+xml"))
    (line,) = dedupe(*words).out.splitlines()
    assert line.startswith("new             s4      Report 4 ")


def test_without_what_was_seen_all_is_asked_for_and_nothing_taken_twice(
    site: Site, tmp_path: Path
) -> None:
    index, state = tmp_path / "news.index", tmp_path / "news.index.watch"
    feed = site.put("/a.rss", conditional(rss(1, 2), '"one"', "application/rss+xml"))
    words = ("watch", feed, "--index", index, "--once")
    dedupe(*words)
    for left in (b"", state.read_bytes()[:-9], b'{"watched":1}\n{"feed":3}\n{"file":\n[1]\n'):
        state.write_bytes(left)
        ran = dedupe(*words)
        assert (ran.code, ran.out) == (0, "")
        assert sorted(ids_in(index)) == ["n1", "n2"]
    state.unlink()
    assert dedupe(*words).out == ""


def test_a_server_that_asks_to_wait_is_left_alone(site: Site, tmp_path: Path) -> None:
    feed = site.put("/a.rss", status(429, Retry_After=3600), body(rss(1), "application/rss+xml"))
    words = ("watch", feed, "--index", tmp_path / "news.index", "--once")
    ran = dedupe(*words)
    assert ran.code == 2
    assert f"{feed}: the server answers 429 Too Many Requests, and asks to wait 3600 s" in ran.err
    ran = dedupe(*words)
    assert ran.code == 0
    assert f"{feed}: asks not to be asked for 3600 s more" in ran.err
    assert len(site.asked) == 1


def test_who_is_started_again_and_again_does_not_ask_each_time(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = site.put("/a.rss", body(rss(1), "application/rss+xml"))
    heard, index = Heard(), tmp_path / "news.index"
    once(index, heard, url)
    for least, asked in ((60.0, 1), (0.0, 2)):
        monkeypatch.setattr("dedupe.hooks.watch.pace.LEAST_SECONDS", least)
        with open_index(index) as judging, Seen(tmp_path / "seen") as seen:
            watcher = Watcher(
                judging, seen, heard, Watched([url], []), Paces(PACE, PACE),
                keys=FieldKeys(), limits=USUAL, same_by="address",
            )  # fmt: skip
            threading.Timer(0.5, watcher.stop).start()
            watcher.run()
        assert len(site.asked) == asked
    assert (heard.ids, heard.messages) == (["n1"], [])


def test_one_feed_that_fails_keeps_no_other_from_being_read(site: Site, tmp_path: Path) -> None:
    good = site.put("/a.rss", body(rss(1), "application/rss+xml"))
    gone, page = site.url("/gone.rss"), site.put("/page.rss", body(b"<html><p>", "text/html"))
    ran = dedupe("watch", gone, page, good, "--index", tmp_path / "news.index", "--once")
    assert ran.code == 2
    assert len(ran.out.splitlines()) == 1
    assert f"{gone}: the server answers 404 Not Found" in ran.err
    assert f"{page}: a page of HTML was sent, not feed" in ran.err
    assert "2 sources not readable at last" in ran.err


class Heard:
    """Takes down what is told."""

    def __init__(self, most: int = 10**9) -> None:
        self.decisions: list[tuple[str, str, str]] = []
        self.messages: list[str] = []
        self.rejections: list[str] = []
        self.pages = 0
        self._most = most

    def decision(self, source, article, decision) -> None:
        if len(self.decisions) >= self._most:
            raise KeyboardInterrupt
        self.decisions.append((source, article.id, decision.verdict.relation))

    def flush(self) -> None:
        """Nothing is held back."""

    def rejection(self, rejection) -> None:
        self.rejections.append(rejection.reason)

    def message(self, message: str) -> None:
        self.messages.append(message)

    def changed(self) -> None:
        self.pages += 1

    @property
    def ids(self) -> list[str]:
        return [name for _, name, _ in self.decisions]


PACE = Pace(900.0, lambda: 0.0)


def once(index: Path, heard: Heard, *names: str) -> Watcher:
    with (
        open_index(index) as judging,
        Seen(index.with_name("seen")) as seen,
    ):
        watcher = Watcher(
            judging, seen, heard, watched_of(names, USUAL), Paces(PACE, PACE),
            keys=FieldKeys(), limits=USUAL, same_by="address", once=True,
        )  # fmt: skip
        watcher.run()
    return watcher


def aged(path: Path, data: bytes, seconds: float = 60.0) -> Path:
    """A file that was written so long ago."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def test_what_was_admitted_and_not_told_is_told_at_the_next_start(tmp_path: Path) -> None:
    index, source = tmp_path / "news.index", tmp_path / "in" / "a.jsonl"
    aged(source, json_lines(*map(told, range(5))))
    first = Heard(most=2)
    with pytest.raises(KeyboardInterrupt):
        once(index, first, str(source.parent))
    assert first.ids == ["n0", "n1"]
    assert len(ids_in(index)) == 5
    source.unlink()  # even where the source is gone
    second = Heard()
    aged(source.with_name("b.jsonl"), json_lines(told(9)))
    summary = once(index, second, str(source.parent)).summary
    assert (summary.recalled, summary.admitted) == (5, 1)
    assert second.decisions == [
        *((str(source), f"n{number}", "new") for number in range(5)),
        (str(source.with_name("b.jsonl")), "n9", "new"),
    ]
    third = Heard()
    once(index, third, str(source.parent))
    assert third.decisions == []


@pytest.mark.parametrize("most", [0, 100, 256, 300, 599])
def test_a_feed_is_asked_again_for_what_was_not_taken_in(
    site: Site, tmp_path: Path, most: int
) -> None:
    index = tmp_path / "news.index"
    url = site.put("/a.json", conditional(json_feed(*range(600)), '"all"', "application/feed+json"))
    with pytest.raises(KeyboardInterrupt):
        once(index, first := Heard(most), url)
    once(index, second := Heard(), url)
    wanted = {f"n{number}" for number in range(600)}
    assert {*first.ids, *second.ids} == wanted
    assert len(second.ids) == len({*second.ids}) <= 600 - most + 256
    assert sorted(ids_in(index)) == sorted(wanted)


def test_what_was_known_before_is_not_told_again_after_a_crash(tmp_path: Path) -> None:
    index, source = tmp_path / "news.index", tmp_path / "in" / "a.jsonl"
    aged(source, json_lines(told(1)))
    once(index, Heard(), str(source.parent))
    aged(source, json_lines(told(1), {**told(2), "text": told(3)["text"]}, told(4)), 50)
    with pytest.raises(KeyboardInterrupt):
        once(index, Heard(most=0), str(source.parent))
    heard = Heard()
    once(index, heard, str(source.parent))
    assert heard.ids == ["n2", "n4"]


def test_an_index_that_others_hold_is_asked_again(tmp_path: Path) -> None:
    index, folder = tmp_path / "news.index", tmp_path / "in"
    aged(folder / "a.jsonl", json_lines(told(1)))
    heard = Heard()
    with open_index(index, patience=0.1) as judging, Seen(tmp_path / "seen") as seen:
        admit, judging.admit_many = judging.admit_many, held_by_others  # type: ignore[method-assign]

        def watched() -> Watcher:
            return Watcher(
                judging, seen, heard, watched_of([str(folder)], USUAL), Paces(PACE, PACE),
                keys=FieldKeys(), limits=USUAL, same_by="address", once=True,
            )  # fmt: skip

        watched().run()
        assert heard.messages == [f"{folder.resolve() / 'a.jsonl'}: others hold it"]
        assert heard.decisions == []
        judging.admit_many = admit  # type: ignore[method-assign]
        watched().run()
    assert heard.ids == ["n1"]


def held_by_others(_: object) -> NoReturn:
    raise BusyError("others hold it")


def test_new_and_changed_files_are_read_and_others_left(tmp_path: Path) -> None:
    index, folder = tmp_path / "news.index", tmp_path / "in"
    aged(folder / "a.jsonl", json_lines(told(1)))
    aged(folder / "deep" / "b.csv", b"id,title,text\nb1,Ferry,It sank off the coast at noon\n")
    aged(folder / "notes.xyz", b"no article")
    heard = Heard()
    watcher = once(index, heard, str(folder))
    assert sorted(heard.ids) == ["b1", "n1"]
    assert heard.messages == [f"{folder}: 1 file of no known kind: passed over"]
    assert watcher.summary.files == 2
    assert once(index, heard, str(folder)).summary.files == 0
    aged(folder / "a.jsonl", json_lines(told(1), told(2)), 50)  # it grew
    aged(folder / "c.jsonl", json_lines(told(3)))
    assert once(index, heard, str(folder)).summary.files == 2
    assert sorted(heard.ids) == ["b1", "n1", "n2", "n3"]


def test_texts_of_one_name_in_two_folders_are_two_articles(tmp_path: Path) -> None:
    index = tmp_path / "news.index"
    paths = [
        aged(tmp_path / name / "a.txt", told(n)["text"].encode()) for n, name in enumerate("ab")
    ]
    heard = Heard()
    once(index, heard, str(tmp_path / "a"), str(tmp_path / "b"))
    assert heard.ids == [str(path.resolve()) for path in paths]
    assert {relation for _, _, relation in heard.decisions} == {"new"}


def test_a_file_that_is_written_to_is_taken_when_it_is_quiet(tmp_path: Path) -> None:
    path, clock = aged(tmp_path / "in" / "a.jsonl", b"{", 0.0), [100.0]
    ahead = time.time() - 3600  # a clock that says that all of it is yet to come
    with Seen(tmp_path / "seen") as seen:
        folder = Folder(str(path.parent), seen, clock=lambda: clock[0], now=lambda: ahead)
        assert folder.look()[:2] == ([], 1)
        clock[0] += QUIET_SECONDS - 0.1
        path.write_bytes(b'{"text"')
        assert folder.look()[:2] == ([], 1)
        clock[0] += QUIET_SECONDS - 0.1
        assert folder.look()[:2] == ([], 1)
        clock[0] += 0.2
        [(source, was)] = folder.look().ready
        assert (source.name, was.size) == (str(path.resolve()), 7)
        seen.saw_file(source.name, was)
        assert folder.look()[:2] == ([], 0)


def test_a_broken_file_is_told_once_and_read_again_when_it_is_another(tmp_path: Path) -> None:
    index, path = tmp_path / "news.index", aged(tmp_path / "in" / "a.jsonl", b"broken\n")
    heard = Heard()
    assert once(index, heard, str(path.parent)).summary.failing == {str(path.resolve())}
    (message,) = heard.messages
    assert message.startswith(f"{path.resolve()}: no article in it: broken JSON")
    once(index, heard, str(path.parent))
    assert len(heard.messages) == 1
    aged(path, json_lines(told(1)), 50)
    once(index, heard, str(path.parent))
    assert heard.ids == ["n1"]


def test_the_page_is_there_after_what_changed(tmp_path: Path) -> None:
    index, page, folder = tmp_path / "news.index", tmp_path / "page.html", tmp_path / "in"
    aged(folder / "a.jsonl", json_lines(told(1)))
    words = ("watch", folder, "--index", index, "--once", "--html", page)
    assert dedupe(*words).code == 0
    first = page.read_text("utf-8")
    assert "Report 1 " in first
    aged(folder / "b.jsonl", json_lines(told(2)))
    assert dedupe(*words).code == 0
    assert "Report 2 " in page.read_text("utf-8")
    page.unlink()  # as where an earlier run was killed before it came to it
    assert dedupe(*words).out == ""
    assert "Report 2 " in page.read_text("utf-8")
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "in", "news.index", "news.index.watch", "page.html",
    ]  # fmt: skip


def test_lists_of_feeds_are_taken_apart(tmp_path: Path) -> None:
    urls = [f"http://x.test/{n}.rss?a=1&b=2" for n in range(2)]
    outlines = "".join(f'<outline text="x" xmlUrl="{escape(url)}"/>' for url in urls)
    inner = "<outline text='folder'><OUTLINE XMLURL='https://x.test/f'/></outline>"
    other = '<outline xmlUrl="file:///etc/passwd"/><outline htmlUrl="https://x.test/page"/>'
    own = tmp_path / "feeds.opml"
    own.write_text(f"<opml version='2.0'><body>{outlines}{inner}{other}</body></opml>", "utf-8")
    wanted = [*urls, "https://x.test/f"]
    assert watched_of([str(own), urls[1], "https://x.test/g"], USUAL) == Watched(
        [*wanted, "https://x.test/g"], []
    )


@pytest.mark.parametrize("data", [b"", b"<opml><body><outline text='x'/></body></opml>", b"\xff"])
def test_what_lists_no_feed_is_an_error(data: bytes) -> None:
    with pytest.raises(SourceError, match=r"a\.opml: no list of feeds \(OPML\)"):
        feeds_listed(data, "a.opml", Limits())


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["https://x.test/f", "--every", "10s"], "no feed is asked more than once in 60 s"),
        (["https://x.test/f", "--every", "soon"], "soon: no time; wanted one such as 90s, 15m"),
        (["https://x.test/f", "--every", "0s"], "0s: no time"),
        (["https://x.test/a.opml"], "a list of feeds is read from a file of this machine"),
        (["s3://bucket/f"], "feeds at http: and https: are watched, and folders and files of this"),
        (["-"], "a stream is for dedupe filter"),
        (["/dev/null"], "a stream is for dedupe filter"),
        (["x.test/feed"], "no such file or folder; the address of a feed begins with https://"),
        (["{folder}", "--html", "{folder}/page.html"], "is watched; give --html a file elsewhere"),
        (["{folder}", "--rejects", "{folder}/r.jsonl"], "give --rejects a file elsewhere"),
        (["{folder}", "--state", "{folder}/a.jsonl"], "give --state a file elsewhere"),
        (["{folder}", "--state", "{other}"], "no file of what dedupe watch saw; name another"),
    ],
)  # fmt: skip
def test_what_cannot_be_watched_is_told_at_once(tmp_path: Path, words: list[str], why: str) -> None:
    aged(tmp_path / "in" / "a.jsonl", json_lines(told(1)))
    other = aged(tmp_path / "other", b"something else\n")
    words = [word.format(folder=tmp_path / "in", other=other) for word in words]
    ran = dedupe("watch", *words, "--index", tmp_path / "news.index", "--once")
    assert (ran.code, ran.out) == (2, "")
    assert why in " ".join(ran.err.split())
    assert other.read_bytes() == b"something else\n"


def test_an_index_without_texts_makes_no_page(tmp_path: Path) -> None:
    index, folder = tmp_path / "news.index", tmp_path / "in"
    folder.mkdir()
    dedupe("index", "create", index, "--no-texts")
    ran = dedupe("watch", folder, "--index", index, "--once", "--html", tmp_path / "page.html")
    assert ran.code == 2
    assert f"{index}: the index keeps no texts, of which --html is made" in ran.err


@pytest.mark.posix
def test_a_folder_is_looked_into_again_and_again(tmp_path: Path) -> None:
    folder, page = tmp_path / "in", tmp_path / "page.html"
    folder.mkdir()
    process = watching(
        folder, "--index", tmp_path / "news.index", "--every", "1s", "--html", page,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    growing = folder / "a.jsonl"
    for number in range(3):
        with growing.open("ab") as file:  # in two parts, as by a slow writer
            line = json_lines(told(number))
            file.write(line[:50])
            file.flush()
            time.sleep(0.15)
            file.write(line[50:])
        assert process.stdout.readline().startswith(f"new             s{number + 1}      Report")
    process.terminate()
    assert process.stdout.read() == ""
    assert process.wait() == 0
    process.stdout.close()
    assert sorted(ids_in(tmp_path / "news.index")) == ["n0", "n1", "n2"]
    assert "Report 1 " in page.read_text("utf-8")


@pytest.mark.posix
def test_two_at_work_with_one_state_are_told(tmp_path: Path) -> None:
    with (
        Seen(tmp_path / "seen"),
        pytest.raises(SourceError, match="another dedupe watch is at work with it"),
        Seen(tmp_path / "seen"),
    ):
        pass


def test_what_was_seen_is_there_again_and_short_and_has_no_secret(tmp_path: Path) -> None:
    path, was = tmp_path / "seen", SeenFile(3, 10**18)
    feed = SeenFeed('"e"', "", "https://x.test/f", "d1", 5.0, 4.0)
    secret = "https://me:hunter2@x.test/f"
    with Seen(path) as seen:
        for n in range(2000):
            seen.saw_feed("https://x.test/f", feed._replace(digest=f"d{n}"))
        seen.saw_feed(secret, feed)
        seen.saw_file("/in/a", was)
        seen.saw_file("/in/b", was)
        seen.forget_files(["/in/b"])
        seen.intend(Intent("here", ("a", "b"), 7))
    long = path.stat().st_size
    assert b"hunter2" not in path.read_bytes()
    for _ in range(2):
        with Seen(path) as seen:
            assert seen.feed("https://x.test/f") == feed._replace(digest="d1999")
            assert seen.feed(secret) == SeenFeed(digest="d1", not_before=5.0, asked=4.0)
            assert (seen.file("/in/a"), seen.file("/in/b")) == (was, None)
            assert seen.unsaid == Intent("here", ("a", "b"), 7)
    assert path.stat().st_size < long / 100
    assert [one.name for one in tmp_path.iterdir()] == ["seen"]


@pytest.mark.parametrize("chance", [0.0, 0.5, 1.0])
def test_waits_grow_with_failures_and_are_never_shorter_than_asked(chance: float) -> None:
    pace = Pace(900.0, lambda: chance)
    assert 900 <= pace.next() < 991
    waits = [pace.again(failures) for failures in range(1, 200)]
    assert waits == sorted(waits)
    assert waits[0] == 900
    assert MOST_SECONDS / 2 <= waits[-1] <= MOST_SECONDS
    assert pace.again(1, 5000) == 5000
    assert pace.again(1, 10**9) == MOST_ASKED
    daily = Pace(86400.0, lambda: chance)
    assert daily.again(9) == 86400
