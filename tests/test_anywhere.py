"""Commands run where nothing is theirs: no rights, no home, no temporary folder, no streams."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
ARTICLES = ROOT / "fixtures" / "articles"
NEWS = str(ARTICLES / "news.jsonl")
TWO = [str(path) for path in sorted(ARTICLES.glob("*.txt"))]
NOBODY = 65534
AS_NOBODY = [
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
    # Python itself may lie where only root may look. To write this gives no right.
    "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search",
]  # fmt: skip


def may_be_nobody() -> bool:
    if os.name == "nt" or os.geteuid() != 0 or shutil.which("setpriv") is None:
        return False
    return subprocess.run([*AS_NOBODY, "true"], capture_output=True, check=False).returncode == 0


def as_nobody(*args: str, temporary: str | None) -> subprocess.CompletedProcess[str]:
    """One call by a user without a name, home, terminal or right to write anywhere."""
    environment = {"HOME": "/nonexistent", "PATH": os.defpath, "PYTHONPATH": str(ROOT)}
    if temporary is not None:
        environment["TMPDIR"] = temporary
    return subprocess.run(
        [*AS_NOBODY, sys.executable, "-m", "dedupe", *args], env=environment, cwd="/",
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
        start_new_session=True,
    )  # fmt: skip


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder that belongs to that user."""
    folder = tmp_path / "own"
    folder.mkdir()
    os.chown(folder, NOBODY, NOBODY)
    return folder


@pytest.mark.posix
@pytest.mark.skipif(not may_be_nobody(), reason="only root can become nobody, by setpriv")
@pytest.mark.parametrize("temporary", [None, "/proc", "/nonexistent"])
def test_a_user_who_owns_one_folder_can_do_everything_there(own, temporary) -> None:
    index = str(own / "news.index")
    for args in (
        ["report", *TWO],
        ["report", *TWO, "--html", str(own / "page.html")],
        [
            "group",
            "-q",
            NEWS,
            "-o",
            str(own / "out.jsonl"),
            "--rejects",
            str(own / "rejects.jsonl"),
        ],
        ["compare", *TWO],
        ["filter", "--index", index, NEWS],
        ["index", "stats", index],
        ["index", "verify", index],
        ["index", "compact", index],
        ["index", "rebuild", index],
        ["index", "export", index],
    ):
        ran = as_nobody(*args, temporary=temporary)
        assert (ran.returncode, ran.stderr) == (0, ""), args
    made = {path.name for path in own.iterdir()}
    assert made >= {"page.html", "out.jsonl", "rejects.jsonl", "news.index"}


@pytest.mark.posix
@pytest.mark.skipif(not may_be_nobody(), reason="only root can become nobody, by setpriv")
@pytest.mark.parametrize(
    "args",
    [
        ["filter", "--index", "{there}/news.index", NEWS],
        ["index", "create", "{there}/news.index"],
        ["group", "-q", NEWS, "-o", "{there}/out.jsonl"],
        ["report", "-q", NEWS, "--html", "{there}/page.html"],
    ],
    ids=lambda args: args[0],
)
def test_where_nothing_may_be_written_that_is_told_in_one_line(args, tmp_path) -> None:
    ran = as_nobody(*(word.format(there=tmp_path) for word in args), temporary=None)
    assert ran.returncode == 2
    assert ran.stderr.startswith("dedupe: ")
    assert ran.stderr.count("\n") == 1
    assert str(tmp_path) in ran.stderr


def run(words: str, *args: str, redirected: str) -> subprocess.CompletedProcess[str]:
    """A call by the shell, with streams redirected as it writes that."""
    line = f'exec "$0" -m dedupe {words} "$@" {redirected}'
    return subprocess.run(
        ["sh", "-c", line, sys.executable, *args],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


@pytest.mark.posix
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
@pytest.mark.parametrize("command", ["report", "group", "compare"])
def test_a_closed_stream_is_one_into_nowhere(command: str, closed: str) -> None:
    ran = run(command, *TWO, redirected=closed)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert bool(ran.stdout) == (">&-" not in closed.split())


@pytest.mark.posix
def test_a_filter_without_an_input_ends_at_once(tmp_path: Path) -> None:
    ran = run("filter", "--index", str(tmp_path / "news.index"), redirected="<&-")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@pytest.mark.posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
def test_a_full_disk_for_messages_changes_no_exit_code(tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text('{"id": "a", "text": "Some words."}\n{"broken')
    ran = run("group", str(tmp_path / "bad.jsonl"), redirected="2>/dev/full")
    assert (ran.returncode, ran.stdout.count("\n")) == (0, 1)
    assert run("group", str(tmp_path / "missing"), redirected="2>/dev/full").returncode == 2


@pytest.mark.posix
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has such a device")
@pytest.mark.parametrize("words", ["report", "group", "compare", "--help"])
def test_a_full_disk_is_told_in_one_line(words: str) -> None:
    ran = run(words, *(TWO if words[0] != "-" else []), redirected=">/dev/full")
    assert (ran.returncode, ran.stderr) == (2, "dedupe: No space left on device\n")


READ_NO_FURTHER = [
    ["--help"],
    ["-h"],
    ["--version"],
    ["report", "--help"],
    ["index", "--help"],
    ["report", "-q", NEWS],
    ["report", "-q", NEWS, "--json"],
    ["report", "-q", NEWS, "--facts"],
    ["report", "-q", NEWS, "--explain", "ferry-wire"],
    ["group", "-q", NEWS],
    ["compare", *TWO],
    ["compare", *TWO, "--json"],
    ["index", "stats", "{index}"],
    ["index", "stories", "{index}"],
    ["index", "show", "{index}", "ferry-wire"],
    ["index", "verify", "{index}"],
    ["index", "export", "{index}"],
]


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("index") / "news.index"
    run("filter", "--index", str(path), NEWS, redirected=">/dev/null")
    return path


def with_no_reader(args: list[str], *, messages: bool) -> subprocess.CompletedProcess[str]:
    """One call whose output, and messages too if so, go into a pipe that nobody reads."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run(
            [sys.executable, "-m", "dedupe", *args],
            stdin=subprocess.DEVNULL, stdout=writing,
            stderr=writing if messages else subprocess.PIPE,
            text=True, check=False, timeout=120,
        )  # fmt: skip
    finally:
        os.close(writing)


@pytest.mark.posix
@pytest.mark.parametrize("args", READ_NO_FURTHER, ids=" ".join)
def test_output_that_nobody_reads_is_a_quiet_end(args, index, monkeypatch) -> None:
    monkeypatch.delenv("PYTHONUNBUFFERED", raising=False)
    args = [word.format(index=index) for word in args]
    ran = with_no_reader(args, messages=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    assert with_no_reader(args, messages=False).returncode == 0


@pytest.mark.posix
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("args", [["nonsense"], ["--nope"], ["report", "/nowhere.jsonl"]])
def test_an_error_ends_with_two_where_nobody_reads_messages(args, unbuffered, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    assert with_no_reader(args, messages=True).returncode == 2


@pytest.mark.posix
def test_what_is_asked_for_is_done_where_nobody_reads_messages(tmp_path: Path) -> None:
    source, output = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('broken\n{"id": "a", "text": "The ferry ran aground at dawn."}\n')
    args = ["group", str(source), "-o", str(output)]
    assert with_no_reader(args, messages=True).returncode == 0
    assert len(output.read_text().splitlines()) == 1
