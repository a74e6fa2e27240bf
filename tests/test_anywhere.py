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
        ["group", NEWS, "-o", str(own / "out.jsonl"), "--rejects", str(own / "rejects.jsonl")],
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
        ["group", NEWS, "-o", "{there}/out.jsonl"],
        ["report", NEWS, "--html", "{there}/page.html"],
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
@pytest.mark.parametrize("words", ["report", "group", "compare", "--help"])
def test_a_full_disk_is_told_in_one_line(words: str) -> None:
    ran = run(words, *(TWO if words[0] != "-" else []), redirected=">/dev/full")
    assert (ran.returncode, ran.stderr) == (2, "dedupe: No space left on device\n")
