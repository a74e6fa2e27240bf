"""Installs a wheel without extras into an empty environment and runs every command there.

What the tests cannot see is seen here: a file missing from the wheel, a package that only the
development environment has, a command that needs an extra without naming it. Needs the package
index; run it with ``make smoke``, which builds the wheel first.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = "Scripts" if os.name == "nt" else "bin"
NEWS = str(ROOT / "fixtures" / "articles" / "news.jsonl")
MANUAL = "share/man/man1/dedupe.1"
LIST_COMMANDS = """
import click
from dedupe.cli import cli

context = click.Context(cli)
for name in cli.list_commands(context):
    found = cli.get_command(context, name)
    inner = found.list_commands(context) if isinstance(found, click.Group) else [""]
    print("\\n".join(f"{name} {part}".strip() for part in inner))
"""
READ_FROM_PYTHON = """
import sys
from dedupe import Filter, group_articles, open_index, read_articles
from dedupe.errors import MissingExtraError

articles = list(read_articles(sys.argv[1]))
print(len(group_articles(articles).stories), "stories")
with open_index(sys.argv[2]) as index:
    print(sum(Filter(index).decide(article).passed for article in articles), "passed")
try:
    import dedupe.hooks.scrapy
except MissingExtraError as error:
    print(error)
"""

WEIGH = """
from importlib.metadata import distributions

sizes, compiled = {}, 0
for found in distributions():
    if found.name in ("pip", "setuptools"):  # they are in any environment
        continue
    files = [path for file in found.files or () if (path := found.locate_file(file)).is_file()]
    sizes[found.name] = sum(path.stat().st_size for path in files)
    compiled += sum(path.stat().st_size for path in files if path.suffix == ".pyc")
heavy = sorted((size, name) for name, size in sizes.items() if size > 5e6)[::-1]
print(f"{sum(sizes.values()) / 1e6:.0f} MB on disk, {compiled / 1e6:.0f} of them bytecode;",
      ", ".join(f"{name} {size / 1e6:.0f}" for size, name in heavy))
"""


@dataclass(frozen=True)
class Step:
    """One command line of ``dedupe``, its exit code, what it must print and the file it writes."""

    command: str
    arguments: tuple[str, ...]
    code: int = 0
    says: str = ""
    writes: str = ""


STEPS = (
    Step("report", (NEWS, "--html", "report.html"), writes="report.html"),
    Step("report", (NEWS, "--svg", "report.svg"), writes="report.svg"),
    Step("report", (NEWS, "--facts"), says="39 articles in 21 stories"),
    Step("report", (NEWS, "--explain", "ferry-wire"), says="ferry-wire"),
    Step("report", (NEWS, "--exit-code", "--json"), code=1, says='"schema_version":1'),
    Step("group", (NEWS, "--output", "groups.jsonl"), writes="groups.jsonl"),
    Step("group", (NEWS, "--output", "groups.parquet"), writes="groups.parquet"),
    Step("keep", (NEWS, "-o", "kept.csv", "--left-out", "left.jsonl"), writes="kept.csv"),
    Step("outlets", (NEWS,), says="outlet"),
    Step("group", ("none.jsonl",), code=2, says="none.jsonl"),
    Step("compare", ("ferry-wire", "ferry-local", "--in", NEWS), says="story"),
    Step(
        "compare",
        ("ferry-wire", "fire-wire", "--in", NEWS, "--html", "pair.html"),
        writes="pair.html",
    ),
    Step("evaluate", ("labelled.jsonl",), says="B-cubed"),
    Step("calibrate", ("labelled.jsonl", "--force", "-o", "own.json"), writes="own.json"),
    Step("calibrate", ("few.jsonl",), code=2, says="too few labels"),
    Step("report", (NEWS, "--settings", "own.json"), says="stories"),
    Step("filter", ("--index", "news.index", NEWS), says='"ferry-wire"', writes="news.index"),
    Step(
        "filter",
        ("--index", "news.index", "--mode", "verdict", "--check-only", NEWS),
        says='"relation":"identical"',
    ),
    Step("watch", (NEWS, "--index", "watched.index", "--once"), writes="watched.index"),
    Step("index create", ("empty.index",), writes="empty.index"),
    Step("index create", ("empty.index",), code=2, says="exists already"),
    Step("index stats", ("news.index",), says="39"),
    Step("index stories", ("news.index",), says="articles"),
    Step("index show", ("news.index", "ferry-wire"), says="ferry-wire"),
    Step("index different", ("news.index", "ferry-wire", "fire-wire"), says="apart"),
    Step("index remove", ("news.index", "mango-hi"), says="1 article removed"),
    Step("index expire", ("news.index", "--before", "2025-01-01"), says="removed"),
    Step("index compact", ("news.index",), says="after"),
    Step("index verify", ("news.index",), says="sound"),
    Step("index export", ("news.index", "-o", "export.jsonl"), writes="export.jsonl"),
    Step("index import", ("copy.index", "export.jsonl"), writes="copy.index"),
    Step(
        "index rebuild",
        ("copy.index", "--set", "near_duplicate=0.6", "-o", "new.index"),
        writes="new.index",
    ),
    Step("index verify", ("new.index",), says="sound"),
    Step("index salvage", ("new.index", "-o", "saved.index"), writes="saved.index"),
    Step("report", ("page.html",), code=2, says="story-dedupe[html]"),
    Step("report", ("feed.xml",), code=2, says="story-dedupe[feeds]"),
    Step("report", ("news.jsonl.zst",), code=2, says="story-dedupe[zstd]"),
    Step("report", ("s3://news/a.jsonl",), code=2, says="story-dedupe[s3]"),
    Step("report", ("gs://news/a.jsonl",), code=2, says="story-dedupe[gs]"),
    Step("report", ("memory://a.jsonl",), code=2, says="story-dedupe[remote]"),
    Step("report", ("http://127.0.0.1:9/a.jsonl",), code=2, says="http://127.0.0.1:9/a.jsonl: "),
)
"""In this order, in one folder: later steps read what earlier ones wrote."""


@dataclass(frozen=True)
class Installed:
    """An environment with nothing but the wheel, and the folder in which its commands run."""

    environment: Path
    folder: Path

    def script(self, name: str) -> str:
        """The path of a program of the environment."""
        return str(self.environment / SCRIPTS / name)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """What a program does here. No path of this clone or of the caller reaches it."""
        kept = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")}
        return subprocess.run(
            words,
            cwd=self.folder,
            env=kept | {"PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            encoding="utf-8",
        )

    def commands(self) -> set[str]:
        """Every command and subcommand that the wheel offers, such as ``index stats``."""
        listed = self.run(self.script("python"), "-c", LIST_COMMANDS)
        if listed.returncode:
            sys.exit(f"the commands cannot be listed:\n{listed.stderr}")
        return set(listed.stdout.split("\n")) - {""}


def labelled_news(stories: int = 30, reports: int = 4) -> list[dict[str, str]]:
    """Articles of made-up words: enough labels for ``dedupe calibrate``."""
    chance = random.Random(1)
    words = [
        a + b + c for a in "bdfgklm" for b in ("ano", "eri", "osu") for c in ("tal", "vin", "")
    ]
    rows = []
    for story in range(stories):
        topic = [f"{word}{story % 6}" for word in words]
        own = [f"{word}x{story}" for word in words]
        for report in range(reports):
            text = chance.sample(own, 25) + chance.sample(topic, 25) + chance.sample(words, 25)
            chance.shuffle(text)
            rows.append({"id": f"{story}-{report}", "story": f"s{story}", "text": " ".join(text)})
    return rows


def prepare(folder: Path) -> None:
    """Writes the input of the steps that the fixtures do not hold."""
    lines = [json.dumps(row) + "\n" for row in labelled_news()]
    (folder / "labelled.jsonl").write_text("".join(lines), encoding="utf-8")
    (folder / "few.jsonl").write_text("".join(lines[:8]), encoding="utf-8")
    page = "<!doctype html><html><body><p>A ferry sank.</p></body></html>"
    (folder / "page.html").write_text(page, encoding="utf-8")
    feed = "<?xml version='1.0'?><rss version='2.0'><channel><title>News</title></channel></rss>"
    (folder / "feed.xml").write_text(feed, encoding="utf-8")
    # An empty frame. The extra is missed before it is read.
    (folder / "news.jsonl.zst").write_bytes(bytes.fromhex("28b52ffd2000010000"))


def install(wheel: Path, folder: Path) -> Installed:
    """The wheel with what it requires, and no extra, in a new environment."""
    found = Installed(folder / "environment", folder / "work")
    found.folder.mkdir()
    venv.create(found.environment, with_pip=True)
    pip = (found.script("python"), "-m", "pip", "--disable-pip-version-check")
    done = found.run(*pip, "install", "--quiet", str(wheel.resolve()))
    if done.returncode:
        sys.exit(f"{wheel.name} cannot be installed:\n{done.stderr}")
    return found


def failure(step: Step, installed: Installed) -> str:
    """Runs a step; what is wrong with it, or nothing."""
    words = (installed.script("dedupe"), *step.command.split(), *step.arguments)
    done = installed.run(*words)
    output = done.stdout + done.stderr
    if done.returncode != step.code:
        return f"exit code {done.returncode} in place of {step.code}\n{output}"
    if step.says not in output:
        return f"does not print {step.says!r}\n{output}"
    if "Traceback" in output or "a mistake of its own" in output:
        return f"fails with a traceback\n{output}"
    if step.writes and not (installed.folder / step.writes).stat().st_size:
        return f"does not write {step.writes}"
    return ""


def main(wheel: str) -> int:
    """Runs all steps; the number of those that failed, at most 1."""
    failures = 0
    with TemporaryDirectory(ignore_cleanup_errors=True) as made:
        installed = install(Path(wheel), Path(made))
        print(installed.run(installed.script("python"), "-c", WEIGH).stdout.strip())
        prepare(installed.folder)
        missed = installed.commands() - {step.command for step in STEPS}
        if missed:
            sys.exit(f"no step runs {', '.join(sorted(missed))}")
        for step in STEPS:
            wrong = failure(step, installed)
            failures += bool(wrong)
            shown = [Path(word).name if word == NEWS else word for word in step.arguments]
            print("FAILED" if wrong else "ok", "dedupe", step.command, *shown, flush=True)
            if wrong:
                print(wrong)
        if not (installed.environment / MANUAL).is_file():
            failures += 1
            print("FAILED", MANUAL, "is not installed")
        words = (installed.script("python"), "-c", READ_FROM_PYTHON, NEWS, "python.index")
        done = installed.run(*words)
        wanted = ("21 stories", "34 passed", "story-dedupe[scrapy]")
        if not all(part in done.stdout for part in wanted):
            failures += 1
            print("FAILED the package from Python", done.stdout, done.stderr, sep="\n")
    print(f"{len(STEPS) + 2 - failures} passed, {failures} failed")
    return int(bool(failures))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python tools/smoke.py WHEEL")
    sys.exit(main(sys.argv[1]))
