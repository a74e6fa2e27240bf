"""``python -m benchmarks.scale FILE``: what an article costs, stage by stage, as a corpus grows.

Each size is a file of varied versions of the articles (see ``benchmarks.vary``), and each run a
process of its own: ``dedupe group``'s stages, from the file to the result in memory. From bytes and
seconds an article follows what a larger corpus takes. With ``--alike`` the corpora are such in
which all articles are alike (see ``benchmarks.alike``), where a search for pairs grows first.
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from benchmarks.alike import KINDS, write_alike
from benchmarks.child import BenchmarkError, Run, run
from benchmarks.files import first_articles, unpacked
from benchmarks.machine import Others, described
from benchmarks.peers.stopwatch import weighed
from benchmarks.results import BEGIN, END, Table, markdown, page_option, replace_block, show
from benchmarks.rounds import exponent
from benchmarks.vary import vary

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

SIZES, ALIKE_SIZES = "30000,100000,300000", "2500,5000,10000,20000"
MARKERS = BEGIN, END
ALIKE_MARKERS = "<!-- alike: begin -->", "<!-- alike: end -->"
MB = 1e6
READING = "reading and sketching"
ON_PAPER = (1_000_000, 10_000_000, 100_000_000, 1_000_000_000)
PAPER = (
    "articles", "processor hours", "the same by the exponent", "GB of memory in one process",
    "GB of sketches", "GB of them as Parquet",
)  # fmt: skip
SOME = 5000
"""Articles by which the size of a sketch is measured."""


@dataclass(frozen=True, slots=True)
class Scaled:
    """One run at one size."""

    articles: int
    seconds: dict[str, float]
    """By stage, in their order."""
    cpu: dict[str, float]
    """Processor time of the same, on all processors together."""
    pairs: int
    """Pairs that were scored for stories."""
    groups: int
    """Groups of copies, of each of which one article was paired with others."""
    passed_over: str
    """What the run itself says that it did not look at."""
    process: Run


def staged(file: Path, memory: int) -> dict[str, Any]:
    """Seconds and processor time of each stage of a run on a file, and how many pairs it scored.

    It is kept to so many bytes of ``memory``, 0 for no bound.
    """
    from dedupe.config import Settings
    from dedupe.pipeline import analyse
    from dedupe.read import read

    marks: list[tuple[str, float, float]] = [(READING, time.perf_counter(), time.process_time())]

    def on_stage(name: str) -> None:
        marks.append((name, time.perf_counter(), time.process_time()))

    found = analyse(read([file]), Settings(memory=memory), on_stage=on_stage)
    on_stage("")
    steps = [(a[0], b[1] - a[1], b[2] - a[2]) for a, b in pairwise(marks)]
    return {
        "seconds": {name: seconds for name, seconds, _ in steps},
        "cpu": {name: cpu for name, _, cpu in steps},
        "pairs": found.links.scored,
        "groups": len(set(found.links.copies.tolist())),
        "notes": [*found.notes],
    }


def stored(file: Path) -> list[float]:
    """Bytes that the sketch of an article takes as a table, and as Parquet with zstd."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dedupe import sketch_articles
    from dedupe.read import read

    table, out = pa.Table.from_batches(sketch_articles(read([file]))), BytesIO()
    pq.write_table(table, out, compression="zstd")
    return [table.nbytes / len(table), out.tell() / len(table)]


def _itself(*words: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "benchmarks.scale", *words]


def measured(file: Path, articles: int, memory: int) -> Scaled:
    """The same in a process of its own."""
    process = run(_itself("--one", file, "--memory", str(memory)))
    row = orjson.loads(process.output)
    notes = " ".join(note + "." for note in row["notes"])
    seconds, cpu, pairs, groups = (row[key] for key in ("seconds", "cpu", "pairs", "groups"))
    return Scaled(articles, seconds, cpu, pairs, groups, notes, process)


def tables_of(runs: Sequence[Scaled], sketch: Sequence[float]) -> list[Table]:
    """Time, memory and pairs an article by size; processor time by stage; estimates from both.

    ``sketch`` are the bytes of an article's sketch as ``stored`` gives them.
    """
    sizes = [f"{one.articles:,}" for one in runs]
    counts = [one.articles for one in runs]

    def row(name: str, values: Sequence[float], digits: int, *, grows: bool) -> tuple[str, ...]:
        slope = [f"{exponent(counts, values):.2f}"] if grows and len(runs) > 1 else [""]
        return (name, *(f"{value:,.{digits}f}" for value in values), *slope)

    cpu = [sum(one.cpu.values()) for one in runs]
    whole = [
        row("seconds", [sum(one.seconds.values()) for one in runs], 1, grows=True),
        row("processor seconds", cpu, 1, grows=True),
        row("peak MB", [one.process.peak / MB for one in runs], 0, grows=True),
        row("kB of memory an article", [one.process.peak / one.articles / 1e3 for one in runs], 1,
            grows=False),
        row("pairs scored an article", [one.pairs / one.articles for one in runs], 1, grows=False),
        row("pairs scored a group of copies", [one.pairs / one.groups for one in runs], 1,
            grows=False),
    ]  # fmt: skip
    stages = [
        row(name, [1e6 * one.cpu[name] / one.articles for one in runs], 0, grows=False)[:-1]
        for name in runs[0].cpu
    ]
    one, steep = runs[-1], exponent(counts, cpu) if len(runs) > 1 else 1.0
    paper = []
    for wanted in ON_PAPER:
        times = wanted / one.articles
        figures = (
            cpu[-1] * times / 3600, cpu[-1] * times**steep / 3600,
            one.process.peak * times / 1e9, *(size * wanted / 1e9 for size in sketch),
        )  # fmt: skip
        paper.append((f"{wanted:,}", *(f"{figure:,.1f}" for figure in figures)))
    told = " ".join(f"{n} articles: {one.passed_over}" for n, one in zip(sizes, runs, strict=True)
                    if one.passed_over)  # fmt: skip
    return [
        Table("A whole run", ("articles", *sizes, "exponent"), whole, told),
        Table("Microseconds of processor time an article, by stage", ("stage", *sizes), stages),
        Table(f"On paper, from the run of {sizes[-1]}", PAPER, paper),
    ]


def growth_of(kinds: Mapping[str, Sequence[Scaled]]) -> list[Table]:
    """Time and memory by kind of articles that are alike and by size."""
    counts = [one.articles for one in next(iter(kinds.values()))]
    sizes = tuple(f"{count:,}" for count in counts)

    def table(what: str, value: Callable[[Scaled], float], digits: int) -> Table:
        rows, columns = [], ("articles", *sizes)
        for kind, runs in kinds.items():
            figures = [value(one) for one in runs]
            rows.append((kind, *(f"{figure:,.{digits}f}" for figure in figures)))
            if len(runs) > 1:
                rows[-1] = *rows[-1], f"{exponent(counts, figures):.2f}"
        return Table(what, (*columns, "exponent") if len(counts) > 1 else columns, rows)

    return [
        table("Processor seconds", lambda one: sum(one.cpu.values()), 2),
        table("Seconds", lambda one: sum(one.seconds.values()), 2),
        table("Peak MB", lambda one: one.process.peak / MB, 0),
    ]


def numbers(given: str) -> list[int]:
    """Sizes, ascending. Raises click.UsageError for what is none."""
    try:
        sizes = sorted({int(size) for size in given.split(",")})
    except ValueError:
        sizes = []
    if not sizes or sizes[0] < 1:
        raise click.UsageError("--articles wants numbers above 0, with commas")
    return sizes


def _grown(plain: Path, held: int, sizes: Sequence[int], memory: int) -> list[Table]:
    """Runs on varied versions of a file of so many articles."""
    runs = []
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = Path(name)
        some = first_articles(plain, SOME, folder / "some.jsonl")
        bytes_each = orjson.loads(run(_itself("--stored", some)).output)
        for wanted in sizes:
            click.echo(f"{wanted:,} articles", err=True)
            whole = folder / "varied.jsonl"
            vary(plain, whole, max(1, -(-wanted // held)))
            cut = first_articles(whole, wanted, folder / "cut.jsonl")
            runs.append(measured(cut, weighed(cut)[0], memory))
    return tables_of(runs, bytes_each)


def _grown_alike(plain: Path, sizes: Sequence[int], memory: int) -> list[Table]:
    """Runs on articles that are alike, of the words of a file."""
    kinds: dict[str, list[Scaled]] = {}
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        made = Path(name) / "alike.jsonl"
        for kind in KINDS:
            for wanted in sizes:
                click.echo(f"{wanted:,} articles, {kind}", err=True)
                write_alike(kind, wanted, plain, made)
                kinds.setdefault(kind, []).append(measured(made, wanted, memory))
    return growth_of(kinds)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--articles", help=f"Sizes, with commas.  [default: {SIZES}; {ALIKE_SIZES} alike]")
@click.option("--alike", is_flag=True, help="Corpora of articles that are alike, of FILE's words.")
@click.option("--memory", default=0, help="Bytes that each run is kept to; 0 for no bound.")
@click.option("--one", is_flag=True, help="One run on FILE as it is: what each size is run by.")
@click.option("--stored", "sketched", is_flag=True, help="Bytes of the sketches of FILE.")
@page_option
def main(
    *,
    file: Path,
    articles: str | None,
    alike: bool,
    memory: int,
    one: bool,
    sketched: bool,
    page: Path | None,
) -> None:
    """Measure what an article of FILE (JSON Lines: id, title, text, date) costs as it grows."""
    if one or sketched:
        sys.stdout.buffer.write(orjson.dumps(staged(file, memory) if one else stored(file)))
        return
    usual = ALIKE_SIZES if alike else SIZES
    sizes, others = numbers(usual if articles is None else articles), Others()
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        plain = unpacked(file, Path(name))
        held, size = weighed(plain)
        try:
            if alike:
                found = _grown_alike(plain, sizes, memory)
            else:
                found = _grown(plain, held, sizes, memory)
        except BenchmarkError as error:
            raise click.ClickException(str(error)) from None
    heading = described(held, size)
    if (share := others.share()) is not None:
        heading.append(f"One run of each size; others took {share:.0%} of the processors.")
    if memory:
        heading.append(f"Each run kept to {memory / 1e9:,.1f} GB of memory.")
    show(found, heading, click.echo)
    if page:
        replace_block(page, markdown(found, heading), ALIKE_MARKERS if alike else MARKERS)


if __name__ == "__main__":
    main()
