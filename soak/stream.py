"""A long stream of random bytes, broken JSON and articles through ``dedupe filter``."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from statistics import median
from threading import Thread
from typing import TYPE_CHECKING

import orjson

from dedupe.index import open_index
from soak.texts import News

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from soak.findings import Findings

SIZE = 1_000_000
"""Lines, a third of each kind."""
WORDS = 80
"""Of an article."""
STORIES = 40_000
"""Texts; with more lines they come again, so that a third of many lines fits on a disk."""
LANGUAGES = ("en", "en", "de")
"""As the articles say. A process keeps tables for each language that it meets, once."""
SAMPLE = 0.02
"""Seconds from one look at the memory of the process to the next."""
GROWTH = 96 << 20
"""Bytes by which a process may have more at the end than in the second tenth of the run: pages,
blocks of keys and sketches that it keeps, and keys that wait to be merged, all of them bounded."""
SEED = 61


@dataclass
class Watched:
    """What came out of the process, and how large it was."""

    answers: list[str | int] = field(default_factory=list)
    """The id of each, or the number of a line that has none."""
    sizes: list[tuple[int, int]] = field(default_factory=list)
    """Answers by then, and bytes."""

    def tenth(self, number: int) -> float:
        """Median bytes over this tenth of the answers."""
        tenth = len(self.answers) / 10
        found = [
            size for count, size in self.sizes if tenth * number <= count < tenth * (number + 1)
        ]
        return median(found) if found else nan


def run(size: int, folder: Path, findings: Findings) -> None:
    """``size`` lines."""
    findings.begin(f"{size:,} lines of random bytes, broken JSON and articles, in verdict mode")
    path, rejects = folder / "stream.index", folder / "rejects.jsonl"
    coming = (line for _, line, _ in lines(size))
    watched = filtered(path, ["--rejects", str(rejects)], coming, size, findings)
    wanted = [f"n{number}" for number, _, good in lines(size) if good]
    findings.measure("articles", len(wanted))
    findings.hold("every article is answered, in order", unlike(watched.answers, wanted))
    broken = [place for place, (_, _, good) in enumerate(lines(size), 1) if not good]
    with rejects.open("rb") as rows:
        told = [orjson.loads(row)["line"] for row in rows]
    findings.hold("every other line is rejected, with its number", unlike(told, broken))
    hold_flat(watched, findings)
    with open_index(path, create=False) as index:
        held = index.stats().articles
        findings.hold_true("all are in the index", held == len(set(wanted)), f"{held:,}")
        findings.hold("verify() is clean", list(index.verify()))


def filtered(
    index: Path, options: Sequence[str], coming: Iterable[bytes], size: int, findings: Findings
) -> Watched:
    """What ``dedupe filter`` answers to ``size`` lines; it is to end well."""
    command = [sys.executable, "-m", "dedupe", "filter", "--index", str(index), "--mode", "verdict"]
    began = time.monotonic()
    with subprocess.Popen(
        [*command, *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        watched = _watched(process, coming)
        errors = process.stderr.read() if process.stderr else b""
    findings.measure("lines", size / (time.monotonic() - began), "a second")
    findings.hold_true("it ends with 0 and says nothing", process.returncode == 0 and not errors,
                       f"{process.returncode}: {errors[-500:]!r}")  # fmt: skip
    return watched


def lines(size: int) -> Iterator[tuple[int, bytes, bool]]:
    """Number, bytes and whether an article is in it, of each line; the same every time."""
    draw = random.Random(SEED)
    news = News(SEED, words=WORDS)
    makers = (_random, broken_line, article_line)
    for number in range(size):
        maker = draw.choice(makers)
        seed = draw.randrange(1 << 32)
        yield number, maker(random.Random(seed), news, number), maker is article_line


def article_line(_: random.Random, news: News, number: int) -> bytes:
    """An article as a line."""
    article = news.article(number % STORIES)
    return orjson.dumps(
        {
            "id": f"n{number}",
            "title": article.title,
            "text": article.text,
            "date": article.date,
            "source": article.source,
            "lang": LANGUAGES[number % len(LANGUAGES)],
        }
    )


def _random(draw: random.Random, _: News, __: int) -> bytes:
    """Any bytes but a line feed, that are no blank line."""
    return b"\xfe" + draw.randbytes(draw.randrange(1, 400)).replace(b"\n", b"\xff")


def broken_line(draw: random.Random, news: News, number: int) -> bytes:
    """An article's line, broken in one of the ways in which lines break."""
    whole = article_line(draw, news, number)
    at = draw.randrange(1, len(whole) - 1)
    return draw.choice(
        (
            whole[:at],
            whole[:at] + b"\xff\xfe" + whole[at:],
            b"[" * draw.randrange(1, 3000) + whole,
            whole + whole,
            b'{"id": "n", "text": "half a character: \\ud800"}',
            b'{"id": "n", "note": "neither text nor title"}',
            *(b"null", b"[]", b"17", b'"text"', b"{}", b"NaN"),
        )
    )


def _watched(process: subprocess.Popen[bytes], coming: Iterable[bytes]) -> Watched:
    """Feeds a process these lines, and takes what it answers."""
    watched = Watched()
    feeding = Thread(target=_feed, args=(process, coming))
    watching = Thread(target=_watch, args=(process, watched))
    feeding.start()
    watching.start()
    if process.stdout:
        for line in process.stdout:
            told = orjson.loads(line)
            watched.answers.append(told["line"] if told["id"] is None else told["id"])
    feeding.join()
    watching.join()
    return watched


def _feed(process: subprocess.Popen[bytes], coming: Iterable[bytes]) -> None:
    if process.stdin is None:
        return
    try:
        for line in coming:
            process.stdin.write(line + b"\n")
        process.stdin.close()
    except BrokenPipeError:
        return  # it ended early, which its exit code tells


def _watch(process: subprocess.Popen[bytes], watched: Watched) -> None:
    """Notes the memory of a process until it ends."""
    while (size := resident(process.pid)) is not None:
        watched.sizes.append((len(watched.answers), size))
        time.sleep(SAMPLE)


def resident(process: int) -> int | None:
    """Bytes of memory that a process holds and does not share with files; None once it ended."""
    try:
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) << 10
    except OSError:
        return None
    return None  # what has ended and was not waited for has no memory


def hold_flat(watched: Watched, findings: Findings) -> None:
    """Memory may grow by GROWTH between the second and the last tenth of the answers."""
    if not watched.sizes:
        findings.leave_out("memory", f"{os.uname().sysname} has no /proc")
        return
    first, second, last = (watched.tenth(number) for number in (0, 1, 9))
    findings.measure("memory in the first tenth", first / (1 << 20), "MiB")
    findings.measure("memory in the second tenth", second / (1 << 20), "MiB")
    findings.measure("memory in the last tenth", last / (1 << 20), "MiB")
    findings.measure("memory at most", max(size for _, size in watched.sizes) / (1 << 20), "MiB")
    grown = last - second
    seen = f"it grew by {grown / (1 << 20):.0f} MiB"
    findings.hold_true("memory stays flat", not grown >= GROWTH, seen)


def unlike(found: Sequence[object], wanted: Sequence[object]) -> list[str]:
    """Where two sequences part."""
    if found == wanted:
        return []
    pairs = enumerate(zip(found, wanted, strict=False))
    at = next((place for place, (a, b) in pairs if a != b), min(len(found), len(wanted)))
    return [f"at {at:,}: {found[at : at + 1]} for {wanted[at : at + 1]}; {len(found):,} in all"]
