"""``python -m benchmarks.pages``: how large the page of a report is, and how soon it can be read.

The news is made up: events of a name, a place and words of their own, each told by a few outlets
in sentences of their own, and printed by others word for word or with some words changed.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click
import orjson

from benchmarks.child import BenchmarkError
from benchmarks.machine import processor
from benchmarks.results import Table, show

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = (218, 1000, 50_000)
OUTLETS = 120
BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
DAYS = 30
SENTENCES = 12
"""Of a report."""
COPIED = 0.4
"""Share of the articles that print the text of another one."""
ALONE = 0.45
"""Share of the events that one article tells of."""
STARTS = ("la", "mo", "ter", "vin", "gro", "hal", "sen", "ka", "bru", "ost", "pel", "rin")
ENDS = ("den", "rick", "mar", "tov", "lin", "sby", "gard", "ne", "zia", "holm", "rath", "cu")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@click.command(name="pages")
@click.option("--size", "sizes", type=int, multiple=True, default=SIZES, show_default=True)
@click.option("--rounds", type=click.IntRange(1), default=3, show_default=True)
def main(sizes: tuple[int, ...], rounds: int) -> None:
    """Write reports of made-up news as pages, and open each in a browser."""
    table = Table(
        "Pages",
        ("articles", "page MB", "seconds to write", "to open", "of a processor"),
        [_measured(size, rounds) for size in sizes],
    )
    show([table], [f"{processor()}, {os.cpu_count()} processors"], click.echo)


def _measured(size: int, rounds: int) -> tuple[str, ...]:
    with tempfile.TemporaryDirectory() as folder:
        news, page = Path(folder, "news.jsonl"), Path(folder, "page.html")
        write_news(news, size)
        began = time.perf_counter()
        call = ["report", str(news), "-q", "--top", "0", "--min-size", "1", "--html", str(page)]
        subprocess.run([sys.executable, "-m", "dedupe", *call], check=True)
        wrote = time.perf_counter() - began
        opened = [opening(page) for _ in range(rounds)]
        seconds, cpu = (median(values) for values in zip(*opened, strict=True))
        cells = (page.stat().st_size / 1e6, wrote, seconds, cpu)
        return f"{size:,}", *(f"{value:.2f}" for value in cells)


def opening(page: Path) -> tuple[float, float]:
    """Seconds from asking for the page until its list is drawn; processor time of that.

    The second is told beside a browser that opens nothing, by all of its processes.
    """
    _, nothing = _opened("about:blank", "html")
    seconds, cpu = _opened(page.as_uri(), ".story")
    return seconds, cpu - nothing


def _opened(address: str, wanted: str) -> tuple[float, float]:
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        raise BenchmarkError("no Chromium found: install the package chromium")
    with sync_playwright() as playwright:
        switches = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=path, args=switches)
        tab = browser.new_page()
        began = time.perf_counter()
        tab.goto(address)
        tab.wait_for_selector(wanted)
        tab.evaluate("() => new Promise(done => requestAnimationFrame(() => done()))")
        seconds = time.perf_counter() - began
        told = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")
        browser.close()
    return seconds, sum(process["cpuTime"] for process in told["processInfo"])


def write_news(path: Path, size: int) -> None:
    """Writes so many articles as JSON Lines; the same number gives the same news."""
    draw = random.Random(size)
    words = sorted({_word(draw) for _ in range(6000)})
    left = size
    with path.open("wb") as out:
        for event in range(size):
            made = list(_event(event, left, words, draw))
            for article in made:
                out.write(orjson.dumps(article, option=orjson.OPT_APPEND_NEWLINE))
            left -= len(made)
            if not left:
                return


def _word(draw: random.Random) -> str:
    return draw.choice(STARTS) + draw.choice(("", *STARTS)) + draw.choice(ENDS)


def _event(
    event: int, most: int, words: list[str], draw: random.Random
) -> Iterator[dict[str, Any]]:
    count = 1 if draw.random() < ALONE else min(2 + int(draw.paretovariate(1.1)), 120)
    own = [*draw.sample(words, 24), *(w.capitalize() for w in draw.sample(words, 6))]
    began = BEGIN + timedelta(minutes=draw.randrange(DAYS * 1440))
    told: list[tuple[str, list[str]]] = []
    for number in range(min(count, most)):
        if told and draw.random() < COPIED:
            title, text = draw.choice(told)
            text = [draw.choice(words) if draw.random() < 0.01 else word for word in text]
        else:
            title, text = _report(own, words, draw)
            told.append((title, text))
        outlet = f"{draw.choice(STARTS)}{ENDS[draw.randrange(OUTLETS // 10)]}".capitalize()
        moment = began + timedelta(minutes=draw.randrange(2000) if number else 0)
        name = "-".join(title.lower().split()[:6])
        yield {
            "id": f"{event}-{number}",
            "title": title,
            "text": " ".join(text),
            "date": moment.isoformat(),
            "source": f"{outlet} News",
            "url": f"https://{outlet.lower()}.example/{moment:%Y/%m/%d}/{name}-{event}-{number}",
        }


def _report(own: list[str], words: list[str], draw: random.Random) -> tuple[str, list[str]]:
    """Headline and words of one report: most words of a sentence are the event's."""
    text: list[str] = []
    for _ in range(SENTENCES):
        sentence = draw.choices(own, k=9) + draw.choices(words, k=9)
        draw.shuffle(sentence)
        text += [sentence[0].capitalize(), *sentence[1:-1], f"{sentence[-1]}."]
    return " ".join(draw.sample(own, 8)).capitalize(), text


if __name__ == "__main__":
    main()
