"""``python -m benchmarks.engine FILE``: the same run in one process and on an engine.

Each run is ``dedupe group`` in a process of its own, in turn. Sail runs twice: in the process of
the command, and as a server, so that the memory of driver and workers can be told apart.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
import orjson

from benchmarks.child import BenchmarkError, Run, run
from benchmarks.files import first_articles, unpacked
from benchmarks.machine import Others, described
from benchmarks.peers.stopwatch import weighed
from benchmarks.results import Table, markdown, page_option, replace_block, show

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ALONE, INSIDE, SERVED = "one process", "sail in it", "sail as a server"
MB = 1e6
SAIL = {"RUST_LOG": "error", "MIMALLOC_PURGE_DELAY": "0", "SAIL_EXECUTION__BATCH_SIZE": "512"}
"""What Sail is told where it runs in the command, see dedupe.spark.engine."""
WAIT = 60.0
"""Seconds within which a server must answer."""


class Ran(NamedTuple):
    """One run, its lines, and what its server took, where it had one."""

    process: Run
    lines: list[bytes]
    server_cpu: float = 0.0
    server_peak: int = 0

    @property
    def cpu(self) -> float:
        """Seconds of processor time, of command and server together."""
        return self.process.cpu + self.server_cpu


@contextmanager
def server() -> Iterator[tuple[str, int]]:
    """A server of Sail: its address and its process."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "pysail", "spark", "server", "--port", str(port)]
    process = subprocess.Popen(
        words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=dict(SAIL)
    )
    try:
        _wait_for(port, process)
        yield f"127.0.0.1:{port}", process.pid
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise BenchmarkError("the server of Sail does not answer")


def taken_by(process: int) -> tuple[float, int]:
    """Processor seconds of a process so far, and the most bytes that it held."""
    stat = Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
    held = re.search(r"VmHWM:\s*(\d+) kB", Path(f"/proc/{process}/status").read_text("utf-8"))
    ticks = int(stat[11]) + int(stat[12])
    return ticks / 100, int(held[1]) * 1024 if held else 0


def grouped(file: Path, folder: Path, *more: str | Path) -> Ran:
    """One run of the command."""
    out = folder / "out.jsonl"
    words = [sys.executable, "-m", "dedupe", "group", file, "-q", "-o", out, *more]
    return Ran(run(words), out.read_bytes().splitlines())


def served(file: Path, folder: Path, *more: str) -> Ran:
    """One run with a server of its own."""
    with server() as (address, process), tempfile.TemporaryDirectory(dir=folder) as stages:
        ran = grouped(file, folder, "--engine", f"connect:{address}", "--stages", stages, *more)
        cpu, peak = taken_by(process)
        return ran._replace(server_cpu=cpu, server_peak=peak)


def rounds(file: Path, folder: Path, times: int, more: Sequence[str]) -> dict[str, list[Ran]]:
    """Runs of each kind, in turn."""
    found: dict[str, list[Ran]] = {ALONE: [], INSIDE: [], SERVED: []}
    for _ in range(times):
        found[ALONE].append(grouped(file, folder, *more))
        found[INSIDE].append(grouped(file, folder, "--engine", "sail", *more))
        found[SERVED].append(served(file, folder, *more))
    return found


def planned(file: Path, *, copies_only: bool) -> float:
    """Bytes that the driver takes by the plan that is told before."""
    from dedupe.read import read
    from dedupe.spark import EnginePlan

    articles = text_bytes = 0
    for batch in read([file]):
        articles += len(batch)
        for name in ("title", "text"):
            text_bytes += sum(len(text.as_buffer() or b"") for text in batch.column(name))
    return EnginePlan(articles, text_bytes, copies_only, in_place=True).driver_bytes


def table_of(title: str, found: dict[str, list[Ran]], plan: float) -> Table:
    """Of each kind the run that took least, and how many lines differ from those of one process."""
    best = {name: min(runs, key=lambda one: one.cpu) for name, runs in found.items()}
    alone = best[ALONE]

    def differing(one: Ran) -> int:
        same = sum(a == b for a, b in zip(one.lines, alone.lines, strict=False))
        return max(len(one.lines), len(alone.lines)) - same

    def workers(one: Ran) -> str:
        return f"{one.server_peak / MB:,.0f}" if one.server_peak else ""

    figures: dict[str, Callable[[Ran], str]] = {
        "seconds": lambda one: f"{one.process.seconds:.1f}",
        "processor seconds": lambda one: f"{one.cpu:.1f}",
        "to those of one process": lambda one: f"{one.cpu / alone.cpu:.2f}",
        "peak MB of the command": lambda one: f"{one.process.peak / MB:,.0f}",
        "peak MB of the workers": workers,
    }
    kinds = (ALONE, INSIDE, SERVED)
    rows = [(name, *(figure(best[kind]) for kind in kinds)) for name, figure in figures.items()]
    different = [sum(map(differing, found[kind])) for kind in kinds]
    rows.append(("peak MB of the command, by the plan", "", "", f"{plan / MB:,.0f}"))
    rows.append(("lines that differ, in all runs", *(f"{count:,}" for count in different)))
    return Table(title, ("", *kinds), rows)


KINDS = {"Copies and stories": [], "Copies": ["--copies-only"]}
_ITSELF = (sys.executable, "-m", "benchmarks.engine")


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--articles", type=int, default=30_000, show_default=True, help="The first of FILE.")
@click.option("--times", type=int, default=3, show_default=True, help="Runs of each kind.")
@click.option("--plan", is_flag=True, help="Bytes that the driver takes by the plan, for FILE.")
@click.option("--copies-only", is_flag=True, help="The same of copies alone.")
@page_option
def main(
    *, file: Path, articles: int, times: int, plan: bool, copies_only: bool, page: Path | None
) -> None:
    """Run dedupe group on FILE (JSON Lines) in one process and on Sail, and compare."""
    if plan:
        sys.stdout.buffer.write(orjson.dumps(planned(file, copies_only=copies_only)))
        return
    others = Others()
    with tempfile.TemporaryDirectory(prefix="engine-") as name:
        folder = Path(name)
        cut = first_articles(unpacked(file, folder), articles, folder / "cut.jsonl")
        try:
            tables = []
            for title, more in KINDS.items():
                expected = orjson.loads(run([*_ITSELF, cut, "--plan", *more]).output)
                tables.append(table_of(title, rounds(cut, folder, times, more), expected))
        except BenchmarkError as error:
            raise click.ClickException(str(error)) from None
        heading = described(*weighed(cut))
    if (share := others.share()) is not None:
        heading.append(f"The best of {times} of each; others took {share:.0%} of the processors.")
    show(tables, heading, click.echo)
    if page:
        replace_block(page, markdown(tables, heading))


if __name__ == "__main__":
    main()
