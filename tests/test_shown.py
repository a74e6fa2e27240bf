"""No command lets anything act that strangers wrote: not on a terminal, in a pipe, or on a page.

All commands are found in the tree of commands, and each must have rows here: a command or an
option that is added later fails until it is walked, too.
"""

from __future__ import annotations

import ast
import gc
import io
import json
import os
import pty
import re
import sys
import threading
import tty
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import click
import hostile
import pytest
from rich.cells import cell_len
from test_report_html import Page

from dedupe.cli import cli, main
from dedupe.cli.sources import KEYS

WIDTH = 80
NAME = hostile.NAME
FORGED = hostile.FORGED.split()[0]


class Shown(NamedTuple):
    """What a call wrote to both of its streams."""

    code: int
    out: str
    err: str


class Stream:
    """A terminal or a pipe: what is written to one end is kept at the other."""

    def __init__(self, *, terminal: bool) -> None:
        if terminal:
            self._far, near = pty.openpty()
            tty.setraw(near)  # a line feed stays one
        else:
            self._far, near = os.pipe()
        self.near = io.TextIOWrapper(
            os.fdopen(near, "wb"), "utf-8", "backslashreplace", newline="\n"
        )
        self._parts: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        while True:
            try:
                part = os.read(self._far, 1 << 16)
            except OSError:  # the terminal's other end is closed
                break
            if not part:
                break
            self._parts.append(part)

    def text(self) -> str:
        self.near.close()
        self._reader.join()
        os.close(self._far)
        return b"".join(self._parts).decode()  # which is a test, too


def shown(*args: str | Path, terminal: bool) -> Shown:
    """One call in this process, its streams both terminals or both pipes."""
    out, err = Stream(terminal=terminal), Stream(terminal=terminal)
    before = sys.stdin, sys.stdout, sys.stderr
    given = sys.stdin = io.TextIOWrapper(io.BytesIO())
    sys.stdout, sys.stderr = out.near, err.near
    try:
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        sys.stdout.flush()
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
        gc.enable()
        given.close()
    return Shown(ended.value.code or 0, out.text(), err.text())


OURS = {"\n", "\u200c", "\u200d", "\u200e"}
"""Line feeds, the two joiners that scripts are spelled with, and the mark that ends right-to-left
text."""
STYLE = re.compile(r"\x1b\[[0-9;]*m")
PROGRESS = re.compile(r"\x1b\[(?:[0-9;]*m|2K|1A|\?25[hl])|\r")
TOWER = re.compile("[\u0301\u0489]{5}")


def acting(text: str) -> set[str]:
    """Names of what acts, hides or turns around in a text."""
    bad = {c for c in set(text) - OURS if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp")}
    found = {f"U+{ord(c):04X}" for c in bad}
    lines = text.split("\n")
    for before, line in zip(["", *lines], lines, strict=False):
        # What was wrapped begins a line too, below one without room for it.
        if line.startswith(FORGED) and cell_len(before) + len(FORGED) < WIDTH:
            found.add("a forged line")
    return found | ({"a tower of marks"} if TOWER.search(text) else set())


# The commands


@dataclass
class World:
    """Files of strangers, and an index of what is in them."""

    folder: Path
    news: Path
    broken: Path
    table: Path
    one: Path
    other: Path
    index: Path
    ids: list[str]
    settings: Path

    @property
    def new(self) -> Path:
        """A file that is not there."""
        self.count = getattr(self, "count", 0) + 1
        return self.folder / f"{NAME} new {self.count}"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("shown") / "in"
    files = hostile.written(folder)
    index = folder.parent / f"{NAME}.index"
    rows = shown("filter", "--index", index, "--mode", "verdict", files["news"], terminal=False).out
    ids = [json.loads(row)["id"] for row in rows.splitlines()]
    assert len(ids) == 49
    settings = folder.parent / f"{NAME}.json"
    settings.write_text(json.dumps({hostile.STRINGS["colour and cursor"]: 1}), encoding="utf-8")
    return World(folder=folder, index=index, ids=ids, settings=settings, **files)


def spoilt(world: World) -> Path:
    """A copy of the index without most of its texts, whose ids are thus told as lost."""
    from dedupe.index.sqlite.file import PAGE

    copy = world.new
    content = bytearray(world.index.read_bytes())
    for number in range(12, len(content) // PAGE, 2):
        content[number * PAGE - 200] ^= 1
    copy.write_bytes(content)
    return copy


Row = Callable[[World], list[Any]]
ROWS: dict[str, list[Row]] = {
    "group": [
        lambda w: [w.news],
        lambda w: [w.folder, "--copies-only", "--exit-code"],
        lambda w: [w.news, "-o", w.new],
        lambda w: [w.news, "-o", w.new.with_suffix(".csv")],
        lambda w: [w.news, "-o", w.new.with_suffix(".graphml")],
        lambda w: [w.news, "--memory", "1G"],
        lambda w: [w.news, "--engine", "connect:sc://[::1]:1", "--stages", w.new, "--explain-plan"],
    ],
    "outlets": [
        lambda w: [w.news],
        lambda w: [w.index, "--top", "0"],
        lambda w: [w.news, "--json"],
        lambda w: [w.news, "--html", w.new],
        lambda w: [w.news, "--svg", w.new],
    ],
    "keep": [
        lambda w: [w.news],
        lambda w: [w.folder, "--one-per", "story"],
        lambda w: [w.index],
        lambda w: [w.table],
        lambda w: [w.news, "-o", w.new],
        lambda w: [w.table, "-o", w.new.with_suffix(".json")],
        lambda w: [w.news, "-o", w.new.with_suffix(".tsv"), "--left-out", f"{w.new}.csv"],
        lambda w: [w.news, w.table, "-o", w.new.with_suffix(".csv")],
    ],
    "report": [
        lambda w: [w.news, "--top", "0", "--min-size", "1"],
        lambda w: [w.news, "--facts", "--sort", "score", "--top", "6"],
        *[lambda w, i=i: [w.news, "--explain", w.ids[i]] for i in range(0, 24, 3)],
        lambda w: [w.news, "--json", "--exit-code"],
        lambda w: [w.news, "--html", w.new],
        lambda w: [w.index, "--newest", "20"],
        lambda w: [w.news, "--svg", w.new, "--top", "0", "--min-size", "1"],
        lambda w: [w.folder, "--copies-only"],
        lambda w: [w.table],
    ],
    "compare": [
        lambda w: [w.one, w.other],
        lambda w: [w.one, w.other, "--json"],
        lambda w: [w.one, w.other, "--svg", w.new],
        lambda w: [w.one, w.other, "--html", w.new],
        *[lambda w, i=i: [w.ids[i], w.ids[i + 1], "--in", w.news] for i in range(23)],
        lambda w: [w.news, w.broken],
        lambda w: [NAME, NAME, "--in", w.news],
    ],
    "evaluate": [
        lambda w: [w.news, "--worst", "40"],
        lambda w: [w.news, "--json", "--worst", "40"],
        lambda w: [w.news, "--conditions"],
        lambda w: [w.broken],
    ],
    "calibrate": [
        lambda w: [w.news, "--force", "-o", w.new],
        lambda w: [w.news, "--json"],
        lambda w: [w.news, "-o", w.news],
    ],
    "filter": [
        lambda w: [w.news, "--index", w.new],
        lambda w: [w.news, "--index", w.new, "--mode", "mark", "--batch", "7"],
        lambda w: [w.news, "--index", w.index, "--mode", "verdict", "--check-only"],
        lambda w: [w.news, "--index", w.index, "--drop", "replayed", "--window", "3"],
        lambda w: [w.broken, "--index", w.index, "--durability", "full", "--patience", "1"],
        lambda w: [w.broken, "--index", w.index, "--rejects", w.new],
        lambda w: [w.table, "--index", w.index],
        lambda w: [w.news, "--index", w.news, "--fail", "open"],
        lambda w: [w.news, "--index", w.news, "--fail", "closed"],
        lambda w: [w.news, "--index", w.index, "--drop", NAME],
        lambda w: [w.broken, "--index", w.index, "--answer-all"],
    ],
    "serve": [
        lambda w: ["--index", w.news, "--listen", "127.0.0.1:0", "--body-bytes", "5000"],
        lambda w: ["--index", w.news, "--waiting-bytes", "5000", "--seconds", "1", "--window", "1"],
        lambda w: ["--index", w.news, "--no-tokens", "--durability", "full", "--patience", "1", "--newest", "0"],
        lambda w: ["--index", w.index, "--listen", NAME],
        lambda w: ["--index", w.index, "--drop", NAME],
        lambda w: ["--index", w.index, "--tokens", w.broken],
        lambda w: ["--index", f"http://{NAME}/", "--listen", "127.0.0.1:0"],
    ],
    "watch": [
        lambda w: [w.folder, "--index", w.new, "--once", "--state", w.new],
        lambda w: [w.folder, "--index", w.new, "--once", "--json", "--html", w.new],
        lambda w: [w.broken, "--index", w.new, "--once", "--durability", "full"],
        lambda w: [w.broken, w.table, "--index", w.new, "--once", "--patience", "1"],
        lambda w: [w.folder, "--index", w.new, "--once", "--window", "3", "--every", NAME],
        lambda w: [NAME, "--index", w.new, "--once"],
    ],
    "index create": [
        lambda w: [w.new],
        lambda w: [w.new, "--no-texts", "--set", "threads=1"],
        lambda w: [w.index],
        lambda w: [w.new, "--settings", w.settings],
    ],
    "index stats": [lambda w: [w.index], lambda w: [w.index, "--json"], lambda w: [w.news]],
    "index stories": [
        lambda w: [w.index],
        lambda w: [w.index, "--min-size", "2"],
        lambda w: [w.index, "--json"],
    ],
    "index show": [
        *[lambda w, i=i: [w.index, w.ids[i]] for i in range(24)],
        *[lambda w, i=i: [w.index, "--story", f"s{i}"] for i in range(1, 13)],
        lambda w: [w.index, w.ids[3], "--json"],
        lambda w: [w.index, NAME],
    ],
    "index verify": [lambda w: [w.index], lambda w: [w.news]],
    "index remove": [lambda w: [w.index, NAME, *w.ids[-3:], *list(hostile.file_names())]],
    "index expire": [
        lambda w: [w.index, "--before", "2024-05-01", "--dry-run"],
        lambda w: [w.index, "--older-than", "900w", "--no-compact"],
        lambda w: [w.index, "--before", NAME],
        lambda w: [w.index, "--older-than", NAME],
    ],
    "index compact": [lambda w: [w.index], lambda w: [w.new]],
    "index different": [
        lambda w: [w.index, w.ids[0], w.ids[9]],
        lambda w: [w.index, w.ids[0], NAME],
        lambda w: [w.index, "s1", "s1"],
    ],
    "index export": [lambda w: [w.index], lambda w: [w.index, "-o", w.new]],
    "index import": [
        lambda w: [w.new, w.broken],
        lambda w: [w.new, w.new],
        lambda w: [w.index, w.news],
    ],
    "index rebuild": [
        lambda w: [w.index, "-o", w.new, "--set", "threads=1"],
        lambda w: [w.index, "--no-keep"],
        lambda w: [w.news],
    ],
    "index salvage": [
        lambda w: [w.index, "-o", w.new],
        lambda w: [spoilt(w), "-o", w.new],
        lambda w: [w.news, "-o", w.new],
    ],
}  # fmt: skip
"""What each command is called with. Together they set each of its options."""

READING = {
    *(f"--{name}-key" for name in KEYS),
    "--format", "--rejects", "--settings", "--set", "--limit", "--same-by", "--quiet",
}  # fmt: skip
"""Options of many commands, walked below with strings as their values."""


def leaves(command: click.Command = cli, path: str = "") -> Iterator[tuple[str, click.Command]]:
    """All commands that are no groups, by their words."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    with click.Context(command) as context:
        for name in command.list_commands(context):
            found = command.get_command(context, name)
            if found is not None:
                yield from leaves(found, f"{path} {name}".strip())


COMMANDS = dict(leaves())
CALLS = [(name, n) for name, rows in ROWS.items() for n in range(len(rows))]


def test_every_command_is_walked() -> None:
    assert set(ROWS) == set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_of_a_command_is_walked(name: str, world: World) -> None:
    given = {str(word) for row in ROWS.get(name, ()) for word in row(world)}
    for option in COMMANDS[name].params:
        words = {*option.opts, *option.secondary_opts}
        if isinstance(option, click.Option) and not words & READING:
            assert words & given, f"no row of {name} gives {option.opts[-1]}"


@contextmanager
def plain(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A terminal to which the program writes no sequence of its own."""
    with monkeypatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        patch.setenv("TERM", "dumb")
        patch.setenv("COLUMNS", str(WIDTH))
        yield


@pytest.mark.parametrize(("name", "n"), CALLS)
@pytest.mark.parametrize("terminal", [True, False], ids=["terminal", "pipe"])
def test_nothing_acts(
    name: str, n: int, terminal: bool, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plain(monkeypatch):
        got = shown(*name.split(), *ROWS[name][n](world), terminal=terminal)
    assert "a mistake of its own" not in got.err
    assert got.code in {0, 1, 2}
    passes = name in {"filter", "keep"} and "verdict" not in ROWS[name][n](world)
    raw = passes and not terminal
    towers = set() if terminal else {"a tower of marks"}  # in a pipe JSON keeps them
    assert acting(got.err) == set()
    if not raw:  # which passes lines on as they came
        assert acting(got.out) - (towers if got.out.startswith("{") else set()) == set()


@pytest.mark.parametrize(("name", "n"), CALLS)
def test_on_a_terminal_with_colours_there_are_our_own_sequences_alone(
    name: str, n: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "160")
    got = shown(*name.split(), *ROWS[name][n](world), terminal=True)
    assert acting(STYLE.sub("", got.out)) == set()
    assert acting(PROGRESS.sub("", got.err)) == set()
    assert "\x1b]" not in got.out + got.err


PAGES = [
    ("report", ["--top", "0", "--min-size", "1"]),
    ("report", ["--facts", "--top", "6"]),
    ("evaluate", ["--worst", "40"]),
]


@pytest.mark.parametrize(("name", "options"), PAGES)
def test_no_line_leaves_the_page_and_markup_is_shown_as_it_is(
    name: str, options: list[str], world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plain(monkeypatch):
        out = shown(name, world.news, *options, terminal=True).out
    assert max(map(cell_len, out.splitlines())) <= WIDTH
    assert "[bold red]" in out or "--facts" in options


# What is given on the command line


def given_strings() -> Iterator[str]:
    for string in (*hostile.STRINGS.values(), NAME):
        if "\0" not in string and "\ud83d" not in string and "\udc00" not in string:
            yield string


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_given_is_said_again_harmlessly(
    name: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(world.folder.parent)
    joined = "".join(string[:60] for string in given_strings())
    calls: list[list[str]] = [[joined], [f"--{joined}"], [joined] * 3, [f"-{joined}"]]
    for option in COMMANDS[name].params:
        if isinstance(option, click.Option) and not option.is_flag:
            calls.append([option.opts[0], joined, str(world.news), "x"])
            calls.append([f"{option.opts[-1]}={joined}", str(world.index)])
        elif isinstance(option, click.Option):
            calls.append([f"{option.opts[-1]}={joined}"])
    with plain(monkeypatch):
        for call in calls:
            got = shown(*name.split(), *call, terminal=True)
            assert acting(got.out + got.err) == set(), call
            assert "a mistake of its own" not in got.err


@pytest.mark.parametrize("string", list(given_strings()), ids=range(len(list(given_strings()))))
def test_so_are_names_of_commands_settings_and_files(
    string: str, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = [
        [string],
        ["index", string],
        ["group", string[:200]],
        ["group", world.news, "--set", f"{string}=1"],
        ["group", world.news, "--set", f"threads={string}"],
        ["group", world.news, "--text-key", string],
        ["group", world.news, "--format", string],
        ["filter", world.news, "--index", f"{string[:40]}/there/is/no/such"],
        ["index", "show", world.index, string],
    ]
    with plain(monkeypatch):
        for call in calls:
            got = shown(*call, terminal=True)
            assert acting(got.out + got.err) == set(), call
            assert "a mistake of its own" not in got.err


# Pages and pictures


@pytest.fixture(scope="module")
def pages(world: World) -> list[str]:
    made = [["report", world.news, "--top", "0"], ["compare", world.one, world.other]]
    made += [["outlets", world.news]]
    made += [["compare", world.ids[i], world.ids[i + 1], "--in", world.news] for i in (0, 8, 12)]
    texts = []
    for call in made:
        path = world.new
        assert shown(*call, "--html", path, terminal=False).code == 0
        texts.append(path.read_text("utf-8"))
    return texts


def test_pages_ask_for_nothing_and_run_nothing_of_strangers(pages: list[str]) -> None:
    for page in pages:
        assert {
            name
            for name in re.findall(r"[^\n\t]", page)
            if unicodedata.category(name) in ("Cc", "Cs")
        } == set()
        assert not set(page) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2028\u2029")
        for tag, attributes in Page(page).elements:
            assert tag not in {"img", "iframe", "object", "embed", "link", "base", "form", "audio"}
            assert not [name for name in attributes if name.startswith("on")]
            assert not {"src", "srcset", "action", "data", "poster", "background", "ping"} & {
                *attributes
            }
            address = attributes.get("href") or "#"
            assert address.startswith(("#", "http://", "https://")), (tag, address)
            assert tag not in {"script", "style"} or not {*attributes} - {"type", "id"}
        scripts = [attributes for tag, attributes in Page(page).elements if tag == "script"]
        assert [a for a in scripts if "type" not in a] == [{}]
        assert [a["type"] for a in scripts[:-1]] in ([], ["application/json"])
        assert page.count("<script") == page.count("</script>") == len(scripts)
        policy = [a["content"] for _, a in Page(page).elements if "http-equiv" in a]
        assert len(policy) == 1
        assert str(policy[0]).startswith("default-src 'none'")


def strings_in(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings_in(one)


def test_the_data_of_a_page_holds_nothing_that_acts(pages: list[str]) -> None:
    (data,) = re.findall('id="data">(.*?)</script>', pages[0], re.DOTALL)
    assert "<" not in data

    found = list(strings_in(json.loads(data)))
    assert len(found) > 20
    for text in found:
        assert not {c for c in text if unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t"}
        assert not set(text) & set("\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2028\u2029\ufeff")


def test_pictures_ask_for_nothing_and_hold_text_alone(world: World) -> None:
    calls = ["report", world.news, "--top", "0"], ["compare", world.one, world.other]
    for call in (*calls, ["outlets", world.news]):
        path = world.new
        assert shown(*call, "--svg", path, terminal=False).code == 0
        picture = path.read_text("utf-8")
        assert acting(picture.replace("\N{LEFT-TO-RIGHT MARK}", "")) == set()
        for element in ET.fromstring(picture).iter():
            tag = element.tag.rpartition("}")[2]
            assert tag in {
                "svg",
                "style",
                "title",
                "defs",
                "clipPath",
                "rect",
                "g",
                "circle",
                "text",
                "path",
                "polygon",
            }
            assert not [a for a in element.attrib if a.startswith("on") or "href" in a]
        assert "url(http" not in picture


# The one place


def test_commands_write_by_the_functions_for_it_alone() -> None:
    folder = Path(main.__code__.co_filename).parent
    writers = []
    for path in sorted(folder.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Attribute):
                word = ast.unparse(node)
                if word in {"click.echo", "click.secho", "sys.stdout.buffer", "sys.stdout.write"}:
                    writers.append(path.name)
    assert set(writers) == {"streams.py"}
