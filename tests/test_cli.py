"""The command line: exit codes, streams, bad input. Nothing is lost, nobody sees a traceback."""

from __future__ import annotations

import gc
import gzip
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

import pytest
from click.testing import CliRunner
from corpora import FIXTURES, newsroom
from index_corpus import Event
from rich.cells import cell_len

from dedupe.cli import COMMANDS, main
from dedupe.comparison.story_facts import MOST_REPORTS

COMMAND = [sys.executable, "-m", "dedupe"]
RECORDS = [
    {"id": "a", "title": "One", "text": "one two three four five six seven"},
    {"id": "b", "title": "Two", "text": "One two, three four five six seven!"},
    {"id": "c", "title": "Three", "text": "quite another text about something else"},
]
SHIPPED = [
    name for name in COMMANDS if (Path(__file__).parent.parent / f"dedupe/cli/{name}.py").exists()
]


class Ran(NamedTuple):
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.splitlines()]


def dedupe(*args: str | Path, stdin: str | bytes | None = None) -> Ran:
    """One call in this process, with streams of its own."""
    with CliRunner().isolation(input=stdin) as (out, err, _):
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        gc.enable()  # a run of its own process leaves it off
        sys.stdout.flush()
        sys.stderr.flush()
        return Ran(ended.value.code or 0, out.getvalue().decode(), err.getvalue().decode())


def spawned(
    *args: str | Path, env: dict[str, str] | None = None, **streams
) -> subprocess.CompletedProcess:
    """One call in a process of its own."""
    return subprocess.run(
        [*COMMAND, *map(str, args)], capture_output=True, env=os.environ | (env or {}),
        check=False, timeout=120, **streams,
    )  # fmt: skip


def json_lines(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "news.jsonl"
    path.write_text(json_lines(*RECORDS), encoding="utf-8")
    return path


def assert_one_line(text: str) -> None:
    assert text.endswith("\n")
    assert text.count("\n") == 1


# What it writes


def test_group_writes_one_object_an_article_with_the_fields_of_the_contract(source: Path) -> None:
    ran = dedupe("group", source)
    assert (ran.code, ran.err) == (0, "")
    a, b, c = ran.rows
    assert [row["id"] for row in (a, b, c)] == ["a", "b", "c"]
    for row in (a, b, c):
        assert list(row) == [
            "schema_version", "id", "story", "copies", "role", "relation", "to", "scores",
            "mentions", "quotes", "extends", "corrects", "file", "line", "row",
        ]  # fmt: skip
        assert row["schema_version"] == 1
        assert isinstance(row["story"], str)
        assert isinstance(row["copies"], str)
    assert (a["story"], a["copies"]) == (b["story"], b["copies"])
    assert a["copies"] != c["copies"]
    for row in (a, c):
        assert row["role"] == "representative"
        assert row["relation"] is row["to"] is row["scores"] is None
    assert (b["role"], b["relation"], b["to"]) == ("member", "identical", "a")
    assert list(b["scores"]) == ["jaccard", "containment", "cosine", "story", "share"]
    assert b["scores"]["jaccard"] == b["scores"]["containment"] == b["scores"]["story"] == 1.0
    assert 0 < b["scores"]["cosine"] <= 1


def test_group_keeps_input_order_over_several_sources(tmp_path: Path, source: Path) -> None:
    other = tmp_path / "0.jsonl"
    other.write_text(json_lines({"id": "0", "text": "first by name"}), encoding="utf-8")
    assert [row["id"] for row in dedupe("group", source, other).rows] == ["a", "b", "c", "0"]


def test_every_article_of_the_fixtures_is_in_the_result_once() -> None:
    rows = dedupe("group", FIXTURES).rows
    assert len({row["id"] for row in rows}) == len(rows) == 41
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        if row["to"] is not None:
            assert by_id[row["to"]]["story"] == row["story"]


def test_copies_only_knows_no_cosine(source: Path) -> None:
    _, b, _ = dedupe("group", "--copies-only", source).rows
    assert b["relation"] == "identical"
    assert b["scores"]["cosine"] is None


def test_output_goes_to_a_file_where_asked(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    ran = dedupe("group", source, "-o", out)
    assert ran == (0, "", f"dedupe: {out}: 3 articles\n")
    assert out.read_text(encoding="utf-8") == dedupe("group", source).out


def test_report_writes_stories_for_people_and_for_programs(source: Path) -> None:
    people = dedupe("report", source)
    assert (people.code, people.err) == (0, "")
    assert people.out.startswith("3 articles in 2 stories")
    [story, *_] = dedupe("report", "--json", source).rows
    assert (story["headline"], story["articles"], story["copies"]) == ("One", 2, 1)


def test_explain_shows_why_an_article_is_where_it_is(source: Path) -> None:
    ran = dedupe("report", source, "--explain", "b")
    assert (ran.code, ran.err) == (0, "")
    assert "identical" in ran.out


def test_facts_are_shown_of_a_story_of_more_reports_than_are_compared(tmp_path: Path) -> None:
    event, number = Event(7), MOST_REPORTS + 4
    path = tmp_path / "many.jsonl"
    reports = [event.report(f"a{at}", own=20) for at in range(number)]
    rows = [{"id": r.id, "title": r.title, "text": r.text} for r in reports]
    path.write_text(json_lines(*rows), encoding="utf-8")
    assert len({row["story"] for row in dedupe("group", path).rows}) == 1
    ran = dedupe("report", "--facts", path)
    assert (ran.code, ran.err) == (0, "")
    assert "Facts: " in ran.out
    assert f"\n   {MOST_REPORTS} " in ran.out
    assert f"\n   {MOST_REPORTS + 1} " not in ran.out


@pytest.mark.parametrize("command", SHIPPED)
def test_every_command_has_its_help(command: str) -> None:
    ran = dedupe(command, "--help")
    assert ran.code == 0
    assert ran.out.startswith(f"Usage: dedupe {command}")
    assert ran.err == ""


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(
            c,
            marks=[] if c in SHIPPED else [pytest.mark.xfail(strict=True, reason="not there yet")],
        )
        for c in COMMANDS
    ],
)
def test_every_command_that_is_listed_can_be_called(command: str) -> None:
    assert dedupe(command, "--help").code == 0


def test_version_and_help_go_to_standard_output() -> None:
    assert dedupe("--version").out.startswith("dedupe, version ")
    ran = dedupe("--help")
    assert (ran.code, ran.err) == (0, "")
    assert all(name in ran.out for name in COMMANDS)


# Exit codes


@pytest.mark.parametrize("command", ["group", "report"])
def test_exit_code_is_one_only_where_asked_and_where_copies_are(
    command: str, source: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "alone.jsonl"
    alone.write_text(json_lines(*RECORDS[1:]), encoding="utf-8")
    assert dedupe(command, source).code == 0
    assert dedupe(command, "--exit-code", source).code == 1
    assert dedupe(command, "--exit-code", alone).code == 0


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["--set", "sead=1"], "dedupe: no setting is called 'sead'; known: "),
        (["--set", "seed"], "dedupe: --set seed: wanted NAME=NUMBER\n"),
        (["--set", "seed=one"], "dedupe: --set seed=one: wanted NAME=NUMBER\n"),
        (["--set", "seed=²"], "dedupe: --set seed=²: wanted NAME=NUMBER\n"),
        (["--set", "seed=1.5"], "dedupe: seed must be int, not 1.5\n"),
        (["--set", "contained=nan"], "dedupe: contained must lie between 0 and 1, not nan\n"),
        (["--set", "threads=-1"], "dedupe: threads must lie between 0 and 1024, not -1\n"),
        (["--set", "copy_bands=200"], "dedupe: copy_bands * copy_rows is 600: more than 128 "),
        (["nowhere.jsonl"], "dedupe: nowhere.jsonl: no such file or folder\n"),
        (["nowhere-*.jsonl"], "dedupe: nowhere-*.jsonl: no file matches\n"),
        (["-o", "/nonexistent/x"], "dedupe: /nonexistent/x: No such file or directory\n"),
        (["--rejects", "/nonexistent/x"], "dedupe: /nonexistent/x: No such file or directory\n"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_line_and_ends_with_two(
    args: list[str], message: str, source: Path
) -> None:
    ran = dedupe("group", source, *args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(message)
    assert_one_line(ran.err)


@pytest.mark.parametrize("args", [["--nope"], ["--format", "xls"], ["--set"], ["--top", "many"]])
def test_wrong_usage_ends_with_two_and_says_where_help_is(args: list[str], source: Path) -> None:
    ran = dedupe("report", source, *args)
    assert (ran.code, ran.out) == (2, "")
    assert "Try 'dedupe report --help' for help." in ran.err or "requires an argument" in ran.err


@pytest.mark.parametrize(
    ("command", "args"),
    [
        ("report", ["--json", "--html", "out"]),
        ("report", ["--html", "out", "--svg", "out.svg"]),
        ("report", ["--explain", "1", "--json"]),
        ("compare", ["--json", "--html", "out"]),
    ],
)
def test_of_several_outputs_none_is_left_out_in_silence(
    command: str, args: list[str], source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = dedupe(command, source, *([source] if command == "compare" else []), *args)
    assert (ran.code, ran.out) == (2, "")
    assert "do not go together" in ran.err
    assert not Path("out").exists()


@pytest.mark.parametrize(
    ("args", "meant"),
    [
        (["grup", "x"], "Did you mean 'group'?"),
        (["Report", "x"], "Did you mean 'report'?"),
        (["index", "storys", "x"], "Did you mean 'stories'?"),
        (["group", "--rejekts", "x"], "Did you mean '--rejects'?"),
        (["index", "expire", "x", "--befor", "2024"], "Did you mean '--before'?"),
    ],
)
def test_what_was_meant_is_asked(args: list[str], meant: str) -> None:
    ran = dedupe(*args)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.endswith(f"{meant}\n")


@pytest.mark.parametrize("command", [[], *([name] for name in COMMANDS), ["index", "stats"]])
def test_the_short_option_shows_the_same_help(command: list[str]) -> None:
    # In processes of their own: Click keeps the option as it was first asked for, by whom ever.
    short, long = spawned(*command, "-h"), spawned(*command, "--help")
    assert (short.returncode, short.stdout) == (0, long.stdout)
    assert b"-h, --help" in short.stdout


@pytest.mark.parametrize("args", [["nosuch"], ["--nope"]])
def test_an_unknown_command_or_option_ends_with_two(args: list[str]) -> None:
    ran = dedupe(*args)
    assert (ran.code, ran.out) == (2, "")
    assert "Error: No such" in ran.err


def test_an_unknown_kind_of_file_says_how_to_name_its_format(tmp_path: Path) -> None:
    path = tmp_path / "news.xyz"
    path.write_text("some text", encoding="utf-8")
    ran = dedupe("group", path)
    assert ran.code == 2
    assert "name its format with --format" in ran.err
    assert_one_line(ran.err)
    named = re.search(r"--format \((.+)\)", ran.err)[1].split(", ")
    assert "text" in named
    for form in named:
        assert dedupe("group", path, "--format", form, "--quiet").err.count("Error") == 0, form


def test_an_unknown_id_cannot_be_explained(source: Path) -> None:
    ran = dedupe("report", source, "--explain", "nobody")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == "dedupe: no article has the id 'nobody'; dedupe group lists all ids\n"


def test_a_mistake_of_our_own_is_no_traceback(source: Path, monkeypatch) -> None:
    def broken(*args, **kwargs):
        raise ZeroDivisionError("how could that be")

    monkeypatch.delenv("DEDUPE_TRACEBACK", raising=False)
    monkeypatch.setattr("dedupe.pipeline.analyse", broken)
    ran = dedupe("group", source)
    assert ran.code == 2
    assert "please report it: ZeroDivisionError: how could that be" in ran.err
    assert "Traceback" not in ran.err


def test_memory_that_gives_out_is_told(source: Path, monkeypatch) -> None:
    def hungry(*args, **kwargs):
        raise MemoryError

    monkeypatch.setattr("dedupe.pipeline.analyse", hungry)
    ran = dedupe("group", source)
    assert (ran.code, ran.err) == (2, "dedupe: out of memory: give fewer articles at a time\n")


# Bad input

BROKEN = (
    json_lines(*RECORDS).encode()
    + b'{"id": "broken", "text": \n'
    + b"\n"
    + b"[1, 2]\n"
    + b'{"id": "latin", "text": "caf\xe9"}\n'
    + json_lines({"id": "e"}, {"id": "a", "text": "again"}, {"id": "t", "title": "Only"}).encode()
    + b'{"id": "nul", "text": "a\\u0000b and a few more words"}\n'
    + b'\x00{"id": "x"}\n'
    + b'{"id": "last", "text": "no line feed"}'
)


def test_broken_records_are_told_skipped_and_none_is_lost(tmp_path: Path) -> None:
    path, rejects = tmp_path / "broken.jsonl", tmp_path / "rejects.jsonl"
    path.write_bytes(BROKEN)
    ran = dedupe("group", path, "--rejects", rejects)
    assert ran.code == 0
    assert [row["id"] for row in ran.rows] == ["a", "b", "c", "t", "nul", "last"]
    kept = [json.loads(line) for line in rejects.read_text(encoding="utf-8").splitlines()]
    assert [row["line"] for row in kept] == [4, 6, 7, 8, 9, 12]
    lines = [line for line in BROKEN.split(b"\n") if line.strip()]
    assert len(ran.rows) + len(kept) == len(lines)
    for row in kept:
        assert row["source"] == str(path)
        assert row["raw"] == BROKEN.split(b"\n")[row["line"] - 1].decode("utf-8", "replace")
    assert f"dedupe: {path}:4: broken JSON" in ran.err
    assert ran.err.endswith(f"dedupe: 6 records rejected; all are in {rejects}\n")


def test_rejections_are_told_without_a_rejects_file_too(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(BROKEN)
    told = dedupe("group", path).err.splitlines()
    assert told[-1] == "dedupe: 6 records rejected"
    assert told[1].startswith("dedupe: 2 of 6 articles have no title")
    assert len(told) == 8  # the first five in full
    assert dedupe("group", "--quiet", path).err == ""


def test_a_rejects_file_never_overwrites_a_source(source: Path) -> None:
    before = source.read_bytes()
    ran = dedupe("group", source, "--rejects", source)
    assert source.read_bytes() == before
    assert ran.code == 2


def test_a_truncated_archive_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.jsonl.gz"
    records = [{"id": f"{i}", "text": os.urandom(40).hex()} for i in range(2000)]
    whole = gzip.compress(json_lines(*records).encode())
    path.write_bytes(whole[: len(whole) // 2])
    ran = dedupe("group", "--copies-only", path)
    assert ran.code == 0
    assert [row["id"] for row in ran.rows] == [f"{i}" for i in range(len(ran.rows))]
    assert 500 < len(ran.rows) < 1500
    assert f"{path}:{len(ran.rows) + 1}: the archive ends early" in ran.err


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_an_empty_file_gives_nothing(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "empty.jsonl"
    path.write_bytes(data)
    assert dedupe("group", path) == (0, "", "")
    assert dedupe("report", "--json", path) == (0, "", "")
    assert dedupe("group", "--exit-code", path).code == 0


def test_control_sequences_in_bad_input_never_reach_the_terminal(tmp_path: Path) -> None:
    path = tmp_path / "bad\x1b[31m.jsonl"
    path.write_bytes(b'{"id": "\\u001b]0;owned\\u0007"}\n{"id": "\\u001b[2J", "text": "x y"}\n')
    ran = dedupe("report", "--min-size", "1", path)
    assert ran.code == 0
    assert "\x1b" not in ran.out + ran.err
    assert "\x07" not in ran.out + ran.err


def test_one_line_of_fifty_megabytes_is_read_like_any_other(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("w", encoding="utf-8") as out:
        out.write(json_lines({"id": "long", "text": "word after word " * 3_200_000}, *RECORDS))
    assert path.stat().st_size > 50_000_000
    ran = dedupe("group", path)
    assert ran.code == 0
    assert [row["id"] for row in ran.rows] == ["long", "a", "b", "c"]


# Streams and signals


def test_standard_input_is_read_for_a_dash_and_where_no_source_is_named(source: Path) -> None:
    text = source.read_text(encoding="utf-8")
    named = dedupe("group", source).out.replace(f'"file":"{source}"', '"file":"-"')
    assert dedupe("group", "-", stdin=text).out == named
    assert dedupe("group", stdin=text).out == named


@pytest.mark.posix
def test_without_a_source_on_a_terminal_there_is_help_not_silence() -> None:
    controller, terminal = os.openpty()
    try:
        ran = spawned("group", stdin=terminal)
    finally:
        os.close(controller)
        os.close(terminal)
    assert ran.returncode == 2
    assert ran.stdout == b""
    assert ran.stderr.startswith(b"Usage: dedupe group")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_seen_enough_is_a_normal_end(tmp_path: Path, unbuffered) -> None:
    path = tmp_path / "many.jsonl"
    path.write_text(
        json_lines(*({"id": f"{i}", "text": f"number {i}"} for i in range(3000))), "utf-8"
    )
    process = subprocess.Popen(
        [*COMMAND, "group", "--copies-only", path],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
    )
    with process:
        assert json.loads(process.stdout.readline())["id"] == "0"
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.posix
def test_interrupted_it_says_so_in_one_line_and_ends_with_130(tmp_path: Path) -> None:
    rejects = tmp_path / "rejects.jsonl"
    process = subprocess.Popen(
        [*COMMAND, "group", "-", "--rejects", rejects],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    with process:
        process.stdin.write(json_lines(RECORDS[0]).encode())
        process.stdin.flush()
        for _ in range(600):  # the rejects file is there once reading has begun
            if rejects.exists():
                break
            time.sleep(0.05)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        process.wait(30)
        # A line feed of Click's comes first: it ends the line that shows ^C on a terminal.
        assert process.stderr.read().lstrip(b"\n") == b"dedupe: interrupted\n"
        assert process.stdout.read() == b""
    assert process.returncode == 130


def test_processes_with_other_hash_seeds_and_threads_write_the_same_bytes(tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    rows = [{"id": a.id, "title": a.title, "text": a.text} for a in newsroom(4)]
    path.write_text(json_lines(*rows), encoding="utf-8")
    ran = [
        spawned("group", FIXTURES, path, "--set", f"threads={n}", env={"PYTHONHASHSEED": f"{n}"})
        for n in (1, 2, 3)
    ]
    told = b"dedupe: 1 of 72 articles has no title\n"
    assert [(r.returncode, r.stderr) for r in ran] == [(0, told)] * 3
    assert ran[0].stdout == ran[1].stdout == ran[2].stdout
    assert ran[0].stdout.count(b"\n") == 41 + len(rows)


@pytest.mark.posix
@pytest.mark.parametrize("columns", [60, 80, 160])
def test_a_report_is_as_wide_as_it_is_asked_to_be_and_plain_off_a_terminal(
    columns: int, monkeypatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    ran = dedupe("report", "--top", "0", FIXTURES)
    widest = max(cell_len(line) for line in ran.out.splitlines())
    assert columns - 15 < widest <= columns
    assert "\x1b" not in ran.out


def on_a_terminal(*args: str | Path, env: dict[str, str]) -> bytes:
    """What a call writes to a terminal of its own."""
    controller, terminal = os.openpty()
    process = subprocess.Popen(
        [*COMMAND, *map(str, args)], stdout=terminal, stderr=subprocess.DEVNULL,
        env={k: v for k, v in os.environ.items() if k != "NO_COLOR"} | env,
    )  # fmt: skip
    os.close(terminal)
    seen = b""
    with process:
        while True:
            try:
                block = os.read(controller, 1 << 16)
            except OSError:  # the other side is closed
                break
            if not block:
                break
            seen += block
    os.close(controller)
    assert process.returncode == 0
    return seen


def test_colours_are_for_terminals_that_want_them(source: Path) -> None:
    assert b"\x1b[" in on_a_terminal("report", source, env={"TERM": "xterm-256color"})
    plain = on_a_terminal("report", source, env={"TERM": "xterm-256color", "NO_COLOR": "1"})
    assert plain.startswith(b"3 articles in 2 stories")
    assert b"\x1b" not in plain


def test_messages_never_mix_with_data(tmp_path: Path) -> None:
    path = tmp_path / "broken.jsonl"
    path.write_bytes(BROKEN)
    ran = spawned("group", path)
    assert ran.returncode == 0
    assert all(json.loads(line)["schema_version"] == 1 for line in ran.stdout.splitlines())
    assert all(line.startswith(b"dedupe: ") for line in ran.stderr.splitlines())


def test_options_may_be_set_in_the_environment(source: Path, monkeypatch) -> None:
    monkeypatch.setenv("DEDUPE_GROUP_EXIT_CODE", "1")
    assert dedupe("group", source).code == 1


@pytest.mark.parametrize(
    "state",
    [
        "import sys; sys.modules['dedupe.kernels'] = None",
        "import dedupe.kernels.text; del dedupe.kernels.text.tokenize",
    ],
    ids=["missing", "older than the sources"],
)
def test_kernels_that_are_missing_or_old_are_told_with_what_to_do(state: str, tmp_path) -> None:
    (tmp_path / "a.txt").write_text("Ferries stop in Oslo.", "utf-8")
    code = f"{state}; import dedupe.cli\ndedupe.cli.main(['report', {str(tmp_path / 'a.txt')!r}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].endswith("by make demo or python tools/build_kernels.py")


# Outputs that would be written over something


@pytest.mark.parametrize(
    ("command", "option"),
    [
        ("group", "-o"),
        ("group", "--rejects"),
        ("keep", "-o"),
        ("keep", "--left-out"),
        ("report", "--html"),
        ("report", "--svg"),
        ("report", "--rejects"),
    ],
)
@pytest.mark.parametrize("named", ["file", "folder", "glob", "link"])
def test_an_output_is_never_a_source(
    command: str, option: str, named: str, source: Path, tmp_path: Path
) -> None:
    before = source.read_bytes()
    output = source
    if named == "link":
        output = tmp_path / "link.jsonl"
        output.symlink_to(source)
    read = {"folder": source.parent, "glob": source.parent / f"{source.stem[0]}*.jsonl"}
    ran = dedupe(command, read.get(named, source), option, output)
    assert (ran.code, ran.out) == (2, "")
    assert "is read: give" in ran.err
    assert_one_line(ran.err)
    assert source.read_bytes() == before


@pytest.mark.parametrize(("command", "option"), [("group", "-o"), ("report", "--html")])
def test_two_outputs_are_two_files(command, option, source: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    ran = dedupe(command, source, option, output, "--rejects", tmp_path / "x" / ".." / "out")
    assert (ran.code, ran.out) == (2, "")
    assert "is for --rejects: give" in ran.err
    assert not output.exists()


def test_an_output_may_lie_in_a_folder_that_is_read(source: Path) -> None:
    output = source.parent / "stories.graphml"
    assert dedupe("group", source.parent, "-o", output).code == 0
    assert output.stat().st_size
