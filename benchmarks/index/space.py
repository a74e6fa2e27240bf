"""Space: bytes an article on disk, and what becomes of it when half of the articles expire."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import orjson

from benchmarks.index.files import copied, disk
from benchmarks.index.job import BESIDE, NO_TEXTS, TEXTS, Job, note, origins, percentile, told
from benchmarks.results import Findings, Table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

ALONE = 5.0
"""Seconds for which others are measured before anything expires."""


def size(job: Job, findings: Findings) -> None:
    """Bytes on disk an article, with its text and without."""
    title = "Size on disk, after all were admitted"
    job.say(title)
    rows, indexes = [], []
    for articles in job.sizes:
        for texts in (TEXTS, NO_TEXTS) if articles == min(job.sizes) else (TEXTS,):
            built = job.built(articles, texts)
            indexes.append(built)
            held = "with texts" if texts == TEXTS else "without texts"
            name = f"{articles:,} articles, {held}"
            rows.append((name, f"{built.disk / 1e6:,.0f}", f"{built.disk / articles:,.0f}"))
    texts_size = _text_bytes(job, min(job.sizes))
    said = f"Titles and texts of the first have {texts_size:,.0f} bytes an article."
    columns = ("index", "MB", "bytes an article")
    findings.tables.append(Table(title, columns, rows, note(said, origins(indexes))))


def _text_bytes(job: Job, articles: int) -> float:
    """Mean UTF-8 bytes of title and text of the first articles."""
    whole = 0
    for _, line in zip(range(articles), job.stream.lines(0), strict=False):
        record = orjson.loads(line)
        whole += len(record["title"].encode()) + len(record["text"].encode())
    return whole / articles


def expire(job: Job, findings: Findings) -> None:
    """Half of the smallest index expires and it is compacted, while another process works."""
    articles = min(job.sizes)
    title = f"The older half of {articles:,} articles expires, another process at work"
    job.say(title)
    built = job.built(articles)
    path = copied(built.path, job.folder / "expire.index")
    half = orjson.loads(next(job.stream.lines(articles // 2)))["date"]
    before = disk(path)
    beside, told_of = _beside(job, path, half)
    began, expired, compacted = told_of["times"]
    phases = {
        "before": (0.0, began),
        "while they expire": (began, expired),
        "while it is compacted": (expired, compacted),
    }
    rows = []
    for name, (start, end) in phases.items():
        for call in ("check", "admit"):
            taken = [seconds for at, seconds in beside[call] if start <= at < end]
            rows.append((f"{call}, {name}", *_latencies(taken)))
    columns = ("the other process", "calls", "p50 ms", "p99 ms", "most ms")
    problems = len(told_of["problems"])
    said = (
        f"{told_of['expired']:,} expired in {expired - began:.1f} s; compacted in"
        f" {compacted - expired:.1f} s. The files have {disk(path) / before:.1%} of their former"
        f" size, {len(beside['admit']):,} articles admitted meanwhile. verify found"
        f" {problems} problems."
    )
    findings.tables.append(Table(title, columns, rows, note(said, origins([built]))))


def _latencies(taken: Sequence[float]) -> tuple[str, ...]:
    if not taken:
        return "0", "", "", ""
    ranks = (percentile(taken, 0.5), percentile(taken, 0.99), max(taken))
    return f"{len(taken):,}", *(f"{value * 1e3:,.1f}" for value in ranks)


def _beside(job: Job, path: Path, half: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the process beside and the one that expires told."""
    ready, stop = job.folder / "ready", job.folder / "stop"
    file = job.cut(min(job.sizes) + job.reserved, BESIDE)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(told, "beside", path, file, ready, stop)
        try:
            while not ready.exists() and not working.done():
                time.sleep(0.05)
            time.sleep(ALONE)
            expiring = told("expire", path, half)[0]
        finally:
            stop.touch()
        return working.result()[0], expiring
