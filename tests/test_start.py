"""A command starts at once, and takes little memory for little work."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ARTICLES = Path(__file__).parent.parent / "fixtures" / "articles"
TWO = [str(path) for path in sorted(ARTICLES.glob("*.txt"))]
TRIES = 3
SCRIPT = """
import json, os, sys, time
from dedupe.cli import main
try:
    main(sys.argv[1:])
finally:
    kilobytes = 0
    if sys.platform == "linux":  # getrusage would tell of the parent, if that has more
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        kilobytes = int(status["VmHWM"].split()[0])
    told = (time.process_time(), kilobytes / 1000, os.environ["OPENBLAS_NUM_THREADS"])
    print(json.dumps(told), file=sys.stderr)
"""


def started(
    *args: str, stdin: bytes = b"", env: dict[str, str] | None = None
) -> tuple[float, float, str]:
    """Seconds of processor time and megabytes that a command took, and threads of OpenBLAS."""
    ran = subprocess.run(
        [sys.executable, "-c", SCRIPT, *args],
        input=stdin,
        capture_output=True,
        check=True,
        env={name: value for name, value in os.environ.items() if "BLAS" not in name} | (env or {}),
    )
    return tuple(json.loads(ran.stderr.splitlines()[-1]))


@pytest.mark.posix
@pytest.mark.timed
@pytest.mark.parametrize(
    ("command", "seconds", "megabytes"),
    [(["report", *TWO], 1.0, 120), (["group", *TWO], 1.0, 120), (["compare", *TWO], 1.2, 130)],
    ids=lambda given: given[0] if isinstance(given, list) else "",
)
def test_two_articles_are_read_at_once(command, seconds: float, megabytes: float) -> None:
    taken = [started(*command) for _ in range(TRIES)]
    assert min(time for time, _, _ in taken) <= seconds
    assert min(memory for _, memory, _ in taken) <= megabytes


@pytest.mark.posix
@pytest.mark.timed
def test_the_first_answer_of_a_new_index_comes_at_once(tmp_path: Path) -> None:
    line = (ARTICLES / "news.jsonl").read_bytes().splitlines(keepends=True)[0]
    taken = [
        started("filter", "--index", str(tmp_path / f"{n}.index"), stdin=line) for n in range(TRIES)
    ]
    assert min(time for time, _, _ in taken) <= 1.0


@pytest.mark.posix
def test_threads_of_openblas_are_one_where_nobody_says_otherwise() -> None:
    assert started("--version")[2] == "1"
    assert started("--version", env={"OPENBLAS_NUM_THREADS": "3"})[2] == "3"


@pytest.mark.posix
def test_on_a_terminal_nothing_untrue_is_shown(tmp_path: Path) -> None:
    controller, terminal = os.openpty()
    out = tmp_path / "out.jsonl"
    environment = os.environ | {"TERM": "xterm-256color", "COLUMNS": "100"}
    command = [sys.executable, "-m", "dedupe", "report", "--json", str(ARTICLES)]
    with out.open("wb") as file:
        ran = subprocess.Popen(command, stdout=file, stderr=terminal, env=environment)
    os.close(terminal)
    shown = b""
    while True:
        try:
            part = os.read(controller, 65536)
        except OSError:  # nobody has the other end any more
            break
        if not part:
            break
        shown += part
    os.close(controller)
    assert ran.wait() == 0
    assert json.loads(out.read_text("utf-8").splitlines()[0])["members"]
    text = shown.decode()
    for stage in ("reading", "putting stories together", "describing stories"):
        assert stage in text
    for untrue in ("0:00:00", "/s", "left", "0/?"):
        assert untrue not in text
