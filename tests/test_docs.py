"""The documents cannot drift: examples run, and everything that a user meets is told.

Outputs in the README and in the pages on the index are compared with what the commands print now.
To write them anew, and look at the difference: ``UPDATE_GOLDEN=1 pytest tests/test_docs.py``.
"""

from __future__ import annotations

import ast
import html
import inspect
import os
import re
import shutil
import subprocess
import sys
import tomllib
from contextlib import suppress
from dataclasses import fields
from functools import cache
from importlib import import_module
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, get_args

import click
import numpy as np
import orjson
import pytest
from test_architecture import ALLOWED

import dedupe
import dedupe.errors
from dedupe import group_articles, read_articles
from dedupe.cli import COMMANDS, INTERRUPTED, cli
from dedupe.cli.filter import TERMINATED
from dedupe.cli.sources import FORMATS
from dedupe.config import Limits, Settings
from dedupe.errors import DedupeError
from dedupe.hooks.filter import Decision, Filter, decision_object
from dedupe.index import Index, open_index
from dedupe.model import IndexedArticle, IndexedStory, IndexStats, Place, Relation, Verdict
from dedupe.read.formats import known_format
from dedupe.sketch_form import NUMBERS, sketch_schema

if TYPE_CHECKING:
    from dedupe.analysis import Analysis
    from dedupe.model import Grouping

ROOT = Path(__file__).parent.parent
README = ROOT / "README.md"
FILES = "https://github.com/story-dedupe/story-dedupe/blob/main/"
"""Where the repository's files are; tests/test_packaging.py compares it with pyproject.toml."""
SHELL_PAGES = (
    README,
    ROOT / "docs/index.md",
    ROOT / "docs/filter.md",
    ROOT / "docs/keep.md",
    ROOT / "docs/tutorial.md",
    ROOT / "docs/newsroom.md",
    ROOT / "docs/crawler.md",
    ROOT / "docs/researcher.md",
    ROOT / "docs/corpus.md",
)
"""Pages of which the shell examples run, from top to bottom in one folder."""
PYTHON_PAGES = (README, ROOT / "docs/crawler.md", ROOT / "docs/researcher.md")
"""Pages of which each example for Python has its output below."""
PAGES = sorted({*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "fixtures/README.md"})
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
DECIMAL = re.compile(r"\b\d+\.\d+\b")
BARS = re.compile(r"[▏▎▍▌▋▊▉█]+ *")
TIME = re.compile(r"\A[\d,]+ articles? in [^:]*\b[\d.]+ s\b")
TOLERANCE = 0.011
"""Scores may differ so much from one processor's arithmetic to another's."""


def text_of(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(page.read_text("utf-8")) if kind == language]


def row(page: str, name: str) -> str:
    """The line of a table whose first cell holds the name in code."""
    found = [
        line
        for line in text_of(page).splitlines()
        if line.startswith("|") and f"`{name}`" in line.split("|")[1]
    ]
    assert found, f"docs say nothing of {name}: {page} has no row for it"
    return found[0]


def section(page: str, heading: str) -> str:
    """What stands under a heading of the second level."""
    found = text_of(page).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert found, f"{page} has no heading {heading}"
    return found


def settled(output: str, command: str) -> str:
    """The output without what differs from run to run: the first lines may tell time and speed."""
    first, _, others = output.partition("\n\n")
    if command.startswith("dedupe report") and TIME.search(first):
        output = others
    return BARS.sub("", output)


def alike(old: str, new: str) -> bool:
    """Equal but for decimals, which may differ a little."""
    numbers = zip(DECIMAL.findall(old), DECIMAL.findall(new), strict=False)
    near = all(abs(float(a) - float(b)) <= TOLERANCE for a, b in numbers)
    return near and DECIMAL.sub("#", old) == DECIMAL.sub("#", new)


def ran(arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """A command on a pipe of 80 columns, as a user would run it in the folder."""
    environment = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "NO_COLOR"}}
    environment |= {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONIOENCODING": "utf-8",
    }
    return subprocess.run(
        arguments, cwd=folder, env=environment, capture_output=True, check=False, encoding="utf-8"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A new one, with the fixtures where the examples expect them."""
    (tmp_path / "fixtures").symlink_to(ROOT / "fixtures")
    return tmp_path


@cache
def session(page: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """What the examples of a page do, one after the other: by the command.

    A block of the kind ``sh`` makes files, and prints nothing.
    """
    found = {}
    with TemporaryDirectory() as made:
        (Path(made) / "fixtures").symlink_to(ROOT / "fixtures")
        for kind, body in BLOCK.findall(page.read_text("utf-8")):
            if kind == "console":
                command = body.partition("\n")[0].removeprefix("$ ")
                found[command] = ran(["sh", "-c", command], Path(made))
            elif kind == "sh":
                done = ran(["sh", "-c", body], Path(made))
                assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return found


def approve(page: Path, old: str, new: str) -> None:
    """Writes an output into a page in place of the old one."""
    text = page.read_text("utf-8")
    assert text.count(old) == 1, f"not one place, but {text.count(old)}, hold {old!r}"
    page.write_text(text.replace(old, new), encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="the examples are written for a POSIX shell")
@pytest.mark.parametrize(
    ("page", "block"),
    [(page, block) for page in SHELL_PAGES for block in blocks(page, "console")],
    ids=lambda v: v.stem if isinstance(v, Path) else v.splitlines()[0].removeprefix("$ ")[:40],
)
def test_an_example_for_the_shell_prints_what_stands_there(page: Path, block: str) -> None:
    first, _, old = block.partition("\n")
    command = first.removeprefix("$ ")
    done = session(page)[command]
    assert done.returncode == 0, done.stderr
    assert done.stdout
    if os.environ.get("UPDATE_GOLDEN"):
        approve(page, block, f"{first}\n{done.stdout}")
    else:
        told = settled(old, command)
        assert told, "nothing is left to compare"
        assert alike(told, settled(done.stdout, command)), done.stdout


def test_no_example_for_the_shell_is_given_twice_on_a_page() -> None:
    for page in SHELL_PAGES:
        assert len(session(page)) == len(blocks(page, "console"))


@pytest.mark.parametrize(
    ("page", "code", "old"),
    [
        (page, code, old)
        for page in PYTHON_PAGES
        for code, old in zip(blocks(page, "python"), blocks(page, "text"), strict=True)
    ],
)
def test_an_example_for_python_prints_what_stands_below_it(
    folder: Path, page: Path, code: str, old: str
) -> None:
    done = ran([sys.executable, "-c", code], folder)
    assert done.returncode == 0, done.stderr
    new = done.stdout
    assert new
    if os.environ.get("UPDATE_GOLDEN"):
        approve(page, f"{code}```\n\n```text\n{old}```", f"{code}```\n\n```text\n{new}```")
    else:
        assert old == new


def test_the_example_of_sketches_runs(monkeypatch, capsys, tmp_path) -> None:
    shutil.copytree(ROOT / "fixtures/articles", tmp_path / "fixtures/articles")
    monkeypatch.chdir(tmp_path)
    [code] = blocks(ROOT / "docs/sketches.md", "python")
    exec(compile(code, "docs/sketches.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert printed == f"{group_articles(read_articles('fixtures/articles')).stories[0].headline}\n"


def test_the_examples_of_engines_run(monkeypatch, capsys, tmp_path) -> None:
    pytest.importorskip("pysail", reason="the engine is an extra: story-dedupe[spark]")
    shutil.copytree(ROOT / "fixtures/articles", tmp_path / "fixtures/articles")
    monkeypatch.chdir(tmp_path)
    notebook, elsewhere = blocks(ROOT / "docs/engines.md", "python")
    exec(compile(notebook, "docs/engines.md", "exec"), {"__name__": "example"})
    assert capsys.readouterr().out.startswith("Row(id='brief-road', story='s")
    made = {}
    exec(compile(elsewhere, "docs/engines.md", "exec"), made)
    parts = [str(tmp_path / f"{n}.parquet") for n in (1, 2)]
    made["sketch_part"]("fixtures/articles/news.jsonl", parts[0])
    made["sketch_part"]("fixtures/articles/*.txt", parts[1])
    found, wanted = made["grouped"](parts), group_articles(read_articles("fixtures/articles"))
    assert {story.id for story in found.stories} == {story.id for story in wanted.stories}


def test_the_columns_of_sketches_are_those_of_the_schema() -> None:
    told = re.findall(r"^\| `(\w+)` \| ([\w, ]+) \|", text_of("docs/sketches.md"), re.MULTILINE)
    kinds = {"bool": "boolean", "large_string": "string", "large_binary": "bytes"}
    wanted = [
        (field.name, kinds.get(str(field.type), str(field.type))) for field in sketch_schema()
    ]
    sizes = {name: f"bytes, of {np.dtype(kind).itemsize}" for name, kind in NUMBERS.items()}
    when = {"date": "timestamp, microseconds, UTC"}
    assert told == [(name, (sizes | when).get(name, kind)) for name, kind in wanted]


def test_the_examples_for_python_run(monkeypatch, capsys) -> None:
    monkeypatch.chdir(ROOT)
    for code in blocks(ROOT / "docs/python.md", "python"):
        exec(compile(code, "docs/python.md", "exec"), {"__name__": "example"})
    printed = capsys.readouterr().out
    assert "b member identical a" in printed
    assert "41 articles, 0 rejected" in printed
    assert "frame <Grouping: 2 articles, 1 stories>" in printed
    assert "compared among 2" in printed
    assert "compared among 41 same_story" in printed
    assert "likeness near_duplicate" in printed
    assert "all reports: China" in printed
    assert "datasketch finds ferry-wire ferry-wire-trimmed" in printed
    assert "agreement 0.68" in printed
    assert "new b identical a" in printed
    assert "dropped b identical" in printed


ANALYSIS = ("row", "rows", "overlaps", "cosines", "story_scores", "likeness", "article")
"""Methods of an Analysis that are for users; the others are of use to reports alone."""


@pytest.mark.parametrize("name", dedupe.__all__)
def test_everything_public_is_documented(name: str) -> None:
    assert re.search(rf"^\| `{name}\b", text_of("docs/python.md"), re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        (heading, name)
        for heading, kind in (("Index", Index), ("Filter", Filter))
        for name in vars(kind)
        if not name.startswith("_")
    ]
    + [("An analysis", name) for name in ANALYSIS],
)
def test_every_method_of_what_is_public_is_documented(heading: str, name: str) -> None:
    assert re.search(rf"^\| `{name}\(", section("docs/python.md", heading), re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "name"),
    [("open_index", name) for name in inspect.signature(open_index).parameters]
    + [("Filter", name) for name in inspect.signature(Filter).parameters],
)
def test_every_argument_of_what_opens_or_filters_is_documented(heading: str, name: str) -> None:
    assert f"| `{name}` |" in section("docs/python.md", heading)


@pytest.mark.parametrize("name", [name for name in dedupe.__all__ if name[0].islower()])
def test_every_argument_of_a_function_is_documented(name: str) -> None:
    (call,) = re.findall(rf"^\| `{name}\((.*?)\)` \|", text_of("docs/python.md"), re.MULTILINE)
    given = set(re.findall(r"\w+", call))
    known = set(inspect.signature(getattr(dedupe, name)).parameters)
    assert known - given <= NAMED_ELSEWHERE.get(name, set())


NAMED_ELSEWHERE = {
    "analyse": {"batches", "on_stage"},
    "open_index": set(inspect.signature(open_index).parameters) - {"target"},
}
"""Parameters that have rows of their own, or go by another name, or serve progress alone."""


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field.name)
        for kind in (Verdict, IndexedArticle, IndexedStory, IndexStats, Decision)
        for field in fields(kind)
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_every_field_of_what_an_index_gives_is_documented(kind: type, field: str) -> None:
    assert f"`{field}`" in row("docs/python.md", kind.__name__)


@pytest.mark.parametrize("wrong", ["0.81 x", "0.95 y", "0.95"])
def test_outputs_that_differ_are_told_apart(wrong: str) -> None:
    assert alike("0.95 x", "0.955 x")
    assert not alike("0.95 x", wrong)


def test_the_picture_shows_the_stories_of_today() -> None:
    from dedupe.report.terminal import svg_report

    _, found = analysed()
    assert words_drawn(svg_report(found)) == words_drawn(text_of("docs/report.svg"))


def words_drawn(svg: str) -> list[str]:
    drawn = " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", svg))
    return re.findall(r"[^\W\d_]{2,}", html.unescape(drawn))


def command_of(name: str) -> click.Command:
    return cli.get_command(click.Context(cli), name)


def commands() -> list[tuple[str, click.Command]]:
    context = click.Context(cli)
    return [(name, found) for name in COMMANDS if (found := cli.get_command(context, name))]


def said() -> str:
    """All strings of the package, messages among them."""
    trees = (ast.parse(path.read_text("utf-8")) for path in (ROOT / "dedupe").rglob("*.py"))
    nodes = (node for tree in trees for node in ast.walk(tree))
    values = (node.value for node in nodes if isinstance(node, ast.Constant))
    return "\n".join(value for value in values if isinstance(value, str))


def test_every_option_that_is_advised_is_one() -> None:
    subcommands = command_of("index").commands.values()
    parts = [found for _, found in commands()] + list(subcommands) + [cli]
    options = {name for part in parts for option in part.params for name in option.opts}
    advised = set(re.findall(r"(?<![\w-])--[a-z][\w-]*", said())) - {"--help"}
    assert len(advised) > 30
    assert advised - options == set()


def test_every_command_that_is_advised_is_one() -> None:
    advised = set(re.findall(r"(?:run|see|with|name|in|as) dedupe ([a-z]+)", said()))
    assert "index" in advised
    assert advised - {*COMMANDS} == set()
    advised = set(re.findall(r"dedupe index ([a-z]+)", said()))
    assert "rebuild" in advised
    assert advised - command_of("index").commands.keys() == set()


def test_every_format_that_is_advised_can_be_given() -> None:
    from dedupe.read import FORMATS as READ

    assert READ.keys() <= set(FORMATS), "messages name all that can be read"
    assert {known_format(form) for form in FORMATS} == READ.keys()
    pages = "\n".join(page.read_text("utf-8") for page in PAGES)
    assert set(re.findall(r"--format[ =]([a-z]\w*)", said() + pages)) <= set(FORMATS)


def test_every_extra_that_is_advised_is_one() -> None:
    from dedupe.read import FORMATS as READ

    extras = tomllib.loads(text_of("pyproject.toml"))["project"]["optional-dependencies"]
    advised = {row.extra[1] for row in READ.values() if row.extra}
    advised |= set(re.findall(r"story-dedupe\[([a-z]+)\]", said()))
    assert {"html", "feeds"} <= advised <= extras.keys()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_documented_and_has_an_example(name: str) -> None:
    assert f"| `dedupe {name} " in text_of("docs/commands.md")
    assert any(f"$ dedupe {name} " in block for block in blocks(README, "console"))


@pytest.mark.parametrize(
    ("name", "option"),
    [
        (name, option)
        for name, command in commands()
        for option in command.params
        if isinstance(option, click.Option)
    ],
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_every_option_has_help_and_is_documented(name: str, option: click.Option) -> None:
    assert option.help
    page = text_of("docs/commands.md")
    told = page.partition("## Options of every command\n")[2].partition("\n## ")[0]
    told += page.partition(f"\n## {name}\n")[2].partition("\n## ")[0]
    for flag in option.opts:
        assert f"`{flag}`" in told, f"docs/commands.md says nothing of dedupe {name} {flag}"


def test_options_whose_variables_have_other_names_are_documented() -> None:
    told = text_of("docs/output.md").partition("## Environment variables")[2]
    for name, command in commands():
        for option in command.params:
            if not isinstance(option, click.Option) or option.name is None:
                continue
            flag = max(option.opts, key=len)
            usual = flag.lstrip("-").replace("-", "_")
            if option.name != usual:
                assert f"`{flag}` is `{option.name.upper()}`" in told, f"{name} {flag}"


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_documented_with_its_bounds(field: object) -> None:
    cells = [cell.strip() for cell in row("docs/settings.md", field.name).split("|")]
    _, _, default, low, high, meaning, sketch, _ = cells
    assert float(default) == field.default
    assert (float(low), float(high)) == (field.metadata["low"], field.metadata["high"])
    assert meaning
    assert sketch == ("yes" if field.metadata["sketch"] else "no")


def test_no_setting_is_documented_that_there_is_not() -> None:
    named = re.findall(r"^\| `(\w+)` \|", text_of("docs/settings.md"), re.MULTILINE)
    assert named == [field.name for field in fields(Settings)]


def test_the_limits_are_documented_as_they_are() -> None:
    rows = [
        f"| `{f.name}` | {f.default} | {f.metadata['low']} | {f.metadata['high']}"
        f" | {f.metadata['doc']} |"
        for f in fields(Limits)
    ]
    path = ROOT / "docs/reading.md"
    before, head, after = path.read_text().partition("| limit | default | from | to | what it is |")
    table, blank, rest = after.partition("\n\n")
    printed = "\n".join(["", "|---|---|---|---|---|", *rows])
    if os.environ.get("UPDATE_GOLDEN"):
        path.write_text(before + head + printed + blank + rest)
    else:
        assert table == printed


@cache
def analysed() -> tuple[Analysis, Grouping]:
    """The fixtures, as ``dedupe report`` sees them."""
    from dedupe.assemble import grouping
    from dedupe.explain import described
    from dedupe.pipeline import analyse
    from dedupe.read import read

    analysis = analyse(read([ROOT / "fixtures/articles"]), Settings(), with_evidence=True)
    found = grouping(analysis)
    return analysis, described(analysis, found, found.stories)


@cache
def written() -> dict[str, set[str]]:
    """Names of all fields in the JSON of each command, found by running it on the fixtures."""
    from dedupe.assemble import placements
    from dedupe.evaluate.judge import evaluate
    from dedupe.evaluate.labels import read_labels
    from dedupe.report.jsonl import encode, evaluation_object, placed_objects, write_stories

    analysis, found = analysed()
    labels = read_labels(str(ROOT / "fixtures/gold.jsonl"))
    outputs = {"dedupe group": BytesIO(), "dedupe report --json": BytesIO()}
    outputs["dedupe evaluate --json"] = BytesIO()
    group, report, evaluation = outputs.values()
    stood = (Place("news.jsonl", 1, 1) for _ in analysis.articles.ids)
    group.writelines(map(encode, placed_objects(placements(analysis), stood)))
    write_stories(found, report)
    measured = evaluate(analysis, found, labels, worst=3)
    evaluation.write(encode(evaluation_object(measured)))
    return {
        name: {key for line in out.getvalue().splitlines() for key in keys(orjson.loads(line))}
        for name, out in outputs.items()
    }


def keys(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for inner in value.values() for key in keys(inner)}
    return {key for inner in value for key in keys(inner)} if isinstance(value, list) else set()


@pytest.mark.parametrize(
    "command", ["dedupe group", "dedupe report --json", "dedupe evaluate --json"]
)
def test_every_json_field_is_documented(command: str) -> None:
    page = text_of("docs/output.md")
    told = page.partition(f"## `{command}`")[2].partition("\n## ")[0]
    told += page.partition("## `dedupe group`")[2].partition("\n## ")[0]
    assert told
    assert {key for key in written()[command] if f"`{key}`" not in told} == set()


def test_every_json_field_of_a_decision_is_told_of() -> None:
    judged = decision_object(Decision("a", True, Verdict("a", "new", None)))
    told = section("docs/output.md", "`dedupe filter`: one object a line")
    assert {name for name in judged if f"`{name}`" not in told} == set()


@pytest.mark.parametrize(
    "error", [name for name, _ in inspect.getmembers(dedupe.errors, inspect.isclass)]
)
def test_every_kind_of_error_is_documented(error: str) -> None:
    assert f"\n| `{error}` |" in section("docs/output.md", "Errors in Python")


@pytest.mark.parametrize("name", ["source", "line", "reason", "raw"])
def test_every_field_of_a_rejection_is_documented(name: str) -> None:
    told = text_of("docs/output.md").partition("## Rejects file")[2].partition("\n## ")[0]
    assert f"| `{name}` |" in told


@pytest.mark.parametrize("relation", get_args(Relation))
def test_every_relation_is_documented(relation: str) -> None:
    assert row("docs/output.md", relation)


@pytest.mark.parametrize("code", [0, 1, DedupeError.exit_code, INTERRUPTED, TERMINATED])
def test_every_exit_code_is_documented(code: int) -> None:
    assert f"\n| {code} |" in text_of("docs/output.md")
    assert re.search(rf"\b{code} ", text_of("README.md").partition("## Exit codes")[2])


def test_every_variable_that_is_read_is_documented() -> None:
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "dedupe").rglob("*.py"))
    read = set(re.findall(r"environ(?:\.get\(|\[)\"(\w+)\"", sources))
    assert "NO_COLOR" in read
    for name in read:
        assert row("docs/output.md", name)


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_is_documented(form: str) -> None:
    assert row("docs/reading.md", form)


@pytest.mark.parametrize("page", ["README.md", "docs/reading.md"])
def test_tables_of_what_is_read_are_as_the_code_has_them(
    page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    print_reading = import_module("print_reading")
    assert print_reading.printed(page, text_of(page)) == text_of(page)


def anchors(page: Path) -> set[str]:
    """Names of a page's headings, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", BLOCK.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_internal_links_lead_somewhere(page: Path) -> None:
    prose = BLOCK.sub("", page.read_text("utf-8"))
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        inside = link.removeprefix(FILES)
        if inside.startswith(("http://", "https://")):
            continue
        target, _, anchor = inside.partition("#")
        folder = page.parent if inside == link else ROOT
        path = (folder / target).resolve() if target else page
        assert path.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in anchors(path), f"{path.name} has no heading {anchor}"


def test_every_document_is_in_the_index() -> None:
    index = text_of("docs/README.md")
    listed = set(re.findall(r"\]\(([^)#]+)\)", index))
    pages = {str(p.relative_to(ROOT / "docs")) for p in (ROOT / "docs").rglob("*.md")}
    assert pages - {"README.md"} <= listed


def test_decisions_are_numbered_without_gaps_and_half_a_page_each() -> None:
    assert [int(path.name[:4]) for path in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    for path in DECISIONS:
        page = path.read_text("utf-8")
        assert page.startswith(f"# {path.name[:4]} ")
        assert "**Question.**" in page
        assert "**Choice.**" in page
        assert len(page.split()) <= 500, path.name


def test_the_version_has_its_place_in_the_changelog() -> None:
    version = re.search(r'^version = "(.+)"$', text_of("pyproject.toml"), re.MULTILINE)
    assert version
    assert f"\n## [{version[1]}]" in text_of("CHANGELOG.md")
    assert "\n## [Unreleased]\n" in text_of("CHANGELOG.md")


def modules() -> list[str]:
    package = ROOT / "dedupe"
    folders = {path.parent.name + "/" for path in package.glob("*/__init__.py*")}
    return sorted({p.name for p in package.glob("*.py") if not p.name.startswith("__")} | folders)


@pytest.mark.parametrize("module", modules())
def test_every_module_has_its_row_in_the_layout(module: str) -> None:
    _, name, meaning, allowed, _ = (
        cell.strip() for cell in row("ARCHITECTURE.md", module).split("|")
    )
    assert name == f"`{module}`"
    assert meaning
    named = set(re.findall(r"`(\w+)`", allowed)) or {"*"} & {allowed.replace("everything", "*")}
    assert named == ALLOWED[module.removesuffix(".py").removesuffix("/")]


def test_only_modules_have_rows_in_the_layout() -> None:
    rows = re.findall(r"^\| `([\w/.]+)` \|", text_of("ARCHITECTURE.md"), re.MULTILINE)
    assert sorted(rows) == modules()


GUIDES = ("ARCHITECTURE.md", "docs/extending.md")
"""Pages that lead through the code."""


@pytest.mark.parametrize("page", GUIDES)
def test_every_file_that_a_guide_names_is_there(page: str) -> None:
    paths = set(re.findall(r"`((?:dedupe|tests|docs|tools)/[\w/.]*)`", text_of(page)))
    assert paths
    missing = {path for path in paths if not (ROOT / path).exists()}
    assert missing <= {"dedupe/data/languages/eo.toml"}, "an example adds it"


@pytest.mark.parametrize("page", GUIDES)
def test_everything_that_a_guide_names_can_be_imported(page: str) -> None:
    prose = BLOCK.sub("", text_of(page))
    names = set(re.findall(r"`(?:dedupe\.)?(\w+(?:\.\w+)+)`", prose))
    names = {name.removeprefix("dedupe.") for name in names if not is_file(name)}
    assert names
    assert {name for name in names if located(f"dedupe.{name}") is None} == set()


def located(name: str) -> object:
    """What a dotted name names, a module or what is in one; None for nothing.

    Modules go first, as a package may have a function of the name of one of its modules.
    """
    parts = name.split(".")
    for cut in range(len(parts), 0, -1):
        with suppress(ModuleNotFoundError):
            found = import_module(".".join(parts[:cut]))
            for part in parts[cut:]:
                found = getattr(found, part, None)
            return found
    return None


def is_file(name: str) -> bool:
    return name.rpartition(".")[2] in {"py", "toml", "json", "md", "npz"}
