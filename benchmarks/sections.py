"""What is measured, section by section. Each adds its tables and goals to the findings."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

import orjson

from benchmarks.child import Run, dedupe, run, script
from benchmarks.files import every, first_articles
from benchmarks.machine import Others
from benchmarks.results import Findings, Goal, Table
from benchmarks.rounds import Spread, exponent, in_turn, ratios

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MB = 1e6
OURS_COPIES, OURS_STORIES = "dedupe, copies only", "dedupe, copies and stories"
GAOYA = "gaoya"
RHO = "rensa, rho: flagged articles, no pairs"
COPIES = {
    OURS_COPIES: "dedupe_copies",
    GAOYA: "gaoya_copies",
    "rensa, 5-grams in lists": "rensa_listed_copies",
    "rensa, 5-grams streamed": "rensa_copies",
    "rensa, 5-grams by tuned Python": "rensa_tuned_copies",
    RHO: "rensa_rho_copies",
    "datasketch, 5-grams in lists": "datasketch_listed_copies",
    "datasketch, 5-grams streamed": "datasketch_copies",
}
STORIES = {OURS_STORIES: "dedupe_stories", GAOYA: "gaoya_copies"}
TIMES_FASTER = {"gaoya": 3.0, "rensa": 9.0, RHO: 1.0, "datasketch": 18.0}
"""By how much copies are to be found faster than each peer, or way of it, finds them."""
SMALL = 30_000
"""Articles up to which a whole process need only be faster than gaoya's, not 2.5 times."""
SHORT = 400
"""Words of a short article."""
REPORTS = 5
"""Whole-process runs of the start section, a round."""


@dataclass(frozen=True, slots=True)
class Job:
    """What the sections work on."""

    file: Path
    """JSON Lines, not compressed."""
    articles: int
    size: int
    """Bytes of titles and texts."""
    folder: Path
    """For files that sections make."""
    rounds: int
    versions: int
    """Varied versions of each article in the large file; below 2, there is none."""
    pairs: Path | None
    peers: frozenset[str]
    """Peers that are installed."""
    say: Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Timed:
    """One run of a pipeline inside its own process."""

    seconds: float
    pairs: int
    process: Run


def timed(name: str, file: Path) -> Timed:
    """Runs one of the pipelines in ``peers`` on a file."""
    process = run(script(name, file))
    row = orjson.loads(process.output)
    return Timed(row["seconds"], row["pairs"], process)


def copies(job: Job, findings: Findings) -> None:
    """Copies only, from the file to the result inside one process."""
    _against(job, findings, "Copies only, file to result inside one process", COPIES, TIMES_FASTER)


def stories(job: Job, findings: Findings) -> None:
    """Both views, against a peer that finds copies alone."""
    title = "Copies and stories, file to result inside one process (gaoya: copies)"
    _against(job, findings, title, STORIES, {GAOYA: 1.0})


def _against(
    job: Job, findings: Findings, title: str, runners: dict[str, str], asked: dict[str, float]
) -> None:
    job.say(title)
    ours = next(iter(runners))
    chosen = {n: s for n, s in runners.items() if n == ours or n.split(",")[0] in job.peers}
    others = Others()
    found = in_turn({n: partial(timed, s, job.file) for n, s in chosen.items()}, job.rounds)
    seconds = {name: [t.seconds for t in runs] for name, runs in found.items()}
    rows = []
    for name, runs in found.items():
        taken = Spread.of(seconds[name])
        faster = ratios(seconds[name], seconds[ours])
        rows.append(
            (
                name,
                taken.shown(2),
                f"{job.articles / taken.median:,.0f}",
                f"{job.size / MB / taken.median:,.1f}",
                peak(runs).shown(0),
                f"{runs[-1].pairs:,}",
                faster.shown(2) if name != ours else "",
            )
        )
        if name != ours:
            bound = asked.get(name) or asked[name.split(",")[0]]
            what = f"{ours}: times faster than {name}"
            findings.goals.append(Goal(what, faster.median, bound, " x"))
    columns = ("pipeline", "seconds", "docs/s", "MB/s", "peak MB", "pairs", "its time / ours")
    findings.tables.append(Table(title, columns, rows, _noise(job, others)))


def peak(runs: Sequence[Timed]) -> Spread:
    """Peak memory of processes in MB."""
    return Spread.of([t.process.peak / MB for t in runs])


def process(job: Job, findings: Findings) -> None:
    """The whole command against a whole script of gaoya, on the file and on a larger one."""
    _whole(job, findings)
    if job.versions < 2:
        return
    from benchmarks.vary import vary

    job.say(f"writing {job.versions} versions of each article")
    large = job.folder / "varied.jsonl"
    articles, alike = vary(job.file, large, job.versions)
    note = f"{job.versions} versions of each article; {alike:.1%} of their pairs near-duplicates. "
    rounds = max(1, (job.rounds + 1) // 2)
    _whole(replace(job, file=large, articles=articles, rounds=rounds), findings, note)
    large.unlink()


def _whole(job: Job, findings: Findings, note: str = "") -> None:
    title = f"dedupe group --copies-only as a whole process, {job.articles:,} articles"
    job.say(title)
    out = job.folder / "out.jsonl"
    ours, peer = "dedupe group --copies-only", "gaoya script"
    commands = {ours: dedupe("group", "--copies-only", "--quiet", job.file, "-o", out)}
    if GAOYA in job.peers:
        commands[peer] = script("gaoya_script", job.file, out)
    warm = first_articles(job.file, 100, job.folder / "warm.jsonl")
    run(dedupe("group", "--copies-only", "--quiet", warm, "-o", out))
    others = Others()
    found = in_turn({name: partial(run, command) for name, command in commands.items()}, job.rounds)
    seconds = {name: [r.seconds for r in runs] for name, runs in found.items()}
    rows = [
        (
            name,
            Spread.of(seconds[name]).shown(2),
            f"{job.articles / Spread.of(seconds[name]).median:,.0f}",
            Spread.of([r.peak / MB for r in runs]).shown(0),
            ratios(seconds[name], seconds[ours]).shown(2) if name != ours else "",
        )
        for name, runs in found.items()
    ]
    if peer in found:
        bound = 1.0 if job.articles <= SMALL else 2.5
        faster = ratios(seconds[peer], seconds[ours]).median
        what = f"{ours}, {job.articles:,} articles: times faster than the gaoya script"
        findings.goals.append(Goal(what, faster, bound, " x"))
    columns = ("process", "seconds", "docs/s", "peak MB", "its time / ours")
    findings.tables.append(Table(title, columns, rows, note + _noise(job, others)))


def memory(job: Job, findings: Findings) -> None:
    """Most memory that the command holds at once."""
    title = "Peak memory of dedupe group"
    job.say(title)
    out = job.folder / "out.jsonl"
    commands = {
        "dedupe group": dedupe("group", "--quiet", job.file, "-o", out),
        "dedupe group --copies-only": dedupe(
            "group", "--copies-only", "--quiet", job.file, "-o", out
        ),
    }
    rounds = min(3, job.rounds)
    found = in_turn({n: partial(run, c) for n, c in commands.items()}, rounds)
    peaks = {name: Spread.of([r.peak / MB for r in runs]) for name, runs in found.items()}
    rows = [
        (name, peaks[name].shown(0), Spread.of([r.seconds for r in runs]).shown(2))
        for name, runs in found.items()
    ]
    findings.tables.append(Table(title, ("command", "peak MB", "seconds"), rows))
    most = peaks["dedupe group"].most
    what = f"dedupe group, {job.articles:,} articles: most memory in any round"
    findings.goals.append(Goal(what, most, 900, " MB", at_least=False, digits=0))


def growth(job: Job, findings: Findings) -> None:
    """How time grows with the number of articles: every k-th of the file, so the span is one."""
    title = "Growth of time with the number of articles"
    job.say(title)
    files = {
        n: every(job.file, step, job.folder / f"{step}.jsonl") for step, n in _steps(job.articles)
    }
    runners: dict[str, Callable[[], Timed]] = {}
    for name in ("dedupe_copies", "dedupe_stories"):
        runners |= {f"{name} {n}": partial(timed, name, file) for n, file in files.items()}
    others = Others()
    found = in_turn(runners, job.rounds)
    rows = []
    for name, shown in (("dedupe_copies", OURS_COPIES), ("dedupe_stories", OURS_STORIES)):
        taken = [Spread.of([t.seconds for t in found[f"{name} {n}"]]) for n in files]
        slope = exponent(list(files), [spread.median for spread in taken])
        rows.append((shown, *(spread.shown(2) for spread in taken), f"{slope:.2f}"))
        what = f"{shown}: exponent of growth"
        findings.goals.append(Goal(what, slope, 1.25, at_least=False))
    columns = ("seconds for", *(f"{n:,} articles" for n in files), "exponent")
    findings.tables.append(Table(title, columns, rows, _noise(job, others)))


def _steps(articles: int) -> list[tuple[int, int]]:
    """Steps through the file, and how many articles each takes: a tenth, a third, all."""
    return [(step, -(-articles // step)) for step in (10, 3, 1)]


def recall(job: Job, findings: Findings) -> None:
    """Near-duplicates found, of those in the file of pairs."""
    if job.pairs is None:
        job.say("no file of pairs: recall is not measured")
        return
    title = "Near-duplicates: exact Jaccard of at least .5 over word 5-grams"
    job.say(title)
    done = run([sys.executable, "-m", "benchmarks.recall", job.file, job.pairs])
    row = orjson.loads(done.output)
    rows = [
        ("pairs in the file of pairs", f"{row['pairs']:,}"),
        ("pairs that banding finds, of any likeness", f"{row['candidates']:,}"),
        ("recall of the candidates alone", f"{row['candidate_recall']:.4f}"),
        ("recall of the groups of copies", f"{row['group_recall']:.4f}"),
        ("articles reported as near_duplicate", f"{row['reported']:,}"),
        ("of these with a Jaccard under .5", f"{row['below']:,}"),
        ("least Jaccard among them", f"{row['least']:.4f}"),
    ]
    findings.tables.append(Table(title, ("figure", "value"), rows))
    findings.goals += [
        Goal("recall of the candidates alone", row["candidate_recall"], 0.995, digits=4),
        Goal("recall of the groups of copies", row["group_recall"], 0.97, digits=4),
        Goal("near-duplicates under Jaccard .5", row["below"], 0, at_least=False, digits=0),
    ]


def start(job: Job, findings: Findings) -> None:
    """Whole-process time of the help text, and of a report on two short articles."""
    title = "From the command to its end"
    job.say(title)
    short = [job.folder / f"{n}.txt" for n in (1, 2)]
    with job.file.open("rb") as lines:
        for file, line in zip(short, lines, strict=False):
            words = (orjson.loads(line).get("text") or "nothing").split()
            file.write_text(" ".join(words[:SHORT]) + "\n", "utf-8")
    commands = {
        "dedupe --help": dedupe("--help"),
        "dedupe report, two short files": dedupe("report", *short),
    }
    runners = {name: partial(run, command) for name, command in commands.items()}
    in_turn(runners, 1)  # fills the caches
    others = Others()
    found = in_turn(runners, max(REPORTS, job.rounds))
    taken = {name: Spread.of([r.seconds for r in runs]) for name, runs in found.items()}
    rows = [(name, spread.shown(3)) for name, spread in taken.items()]
    note = _noise(job, others, max(REPORTS, job.rounds))
    findings.tables.append(Table(title, ("command", "seconds"), rows, note))
    for (name, spread), bound in zip(taken.items(), (0.25, 2.5), strict=True):
        findings.goals.append(Goal(name, spread.median, bound, " s", at_least=False, digits=3))


SECTIONS = {
    "copies": copies,
    "stories": stories,
    "process": process,
    "memory": memory,
    "growth": growth,
    "recall": recall,
    "start": start,
}


def _noise(job: Job, others: Others, rounds: int | None = None) -> str:
    count = rounds or job.rounds
    said = f"{count} rounds in turn" if count > 1 else "One round"
    share = others.share()
    busy = f"; other processes took {share:.0%} of the processors" if share is not None else ""
    return f"{said}{busy}."
