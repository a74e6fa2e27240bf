"""What the unit forbids the server does without: its system calls, told by strace, and its memory."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import server_harness
from programs import needed
from server_harness import Served, article
from test_deploy import UNIT, unit

pytestmark = pytest.mark.posix

WITHOUT_WRITABLE_CODE = """
import ctypes, os, sys
done = ctypes.CDLL(None, use_errno=True).prctl(65, 1, 0, 0, 0)  # PR_SET_MDWE, from Linux 6.3 on
sys.exit(os.EX_UNAVAILABLE) if done else os.execv(sys.argv[1], sys.argv[1:])
"""
"""MemoryDenyWriteExecute, as the system itself has it."""


def calls_of(group: str) -> set[str]:
    """The system calls of a group of systemd's."""
    words = [needed("systemd-analyze"), "syscall-filter", group]
    said = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    lines = [line.strip() for line in said.splitlines()[1:]]
    inner = [calls_of(line) for line in lines if line.startswith("@")]
    return {line for line in lines if line and line[0] not in "@#"}.union(*inner)


def use(served: Served) -> None:
    """Asks for all that a server does."""
    for number in range(0, 60, 20):
        assert served.admit([article(n) for n in range(number, number + 20)]).status == 200
    assert served.check(article(1)).status == 200
    assert served.ask("GET", "/v1/stories").status == 200
    assert served.ask("GET", "/metrics").status == 200
    assert served.ask("DELETE", "/v1/articles/a1").status == 200


def test_the_server_makes_no_system_call_that_the_unit_forbids(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    strace, trace = needed("strace"), tmp_path / "trace"
    taken, left = unit()["SystemCallFilter"]
    forbidden = set().union(*map(calls_of, left.removeprefix("~").split()))
    allowed = calls_of(taken) - forbidden
    # What only speeds things up is refused, as there; and what SQLite does as root alone is let pass.
    refused = "--inject=mbind,set_mempolicy,sched_setaffinity:error=EPERM"
    words = (strace, "-f", "-qq", refused, "-o", str(trace))
    monkeypatch.setattr(server_harness, "COMMAND", (*words, *server_harness.COMMAND))
    with Served(tmp_path / "news.index") as served:
        use(served)
        os.kill(int(trace.read_text("utf-8").split(None, 1)[0]), signal.SIGTERM)
        assert served.process.wait(60) == 143
    made = set(re.findall(r"^\d+ +(\w+)\(", trace.read_text("utf-8"), re.MULTILINE))
    assert len(made) > 30
    assert made - allowed <= {"mbind", "set_mempolicy", "sched_setaffinity", "fchown"}, UNIT.name


def test_the_server_needs_no_memory_that_is_written_and_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert unit()["MemoryDenyWriteExecute"] == ["yes"]
    words = (sys.executable, "-c", WITHOUT_WRITABLE_CODE, *server_harness.COMMAND)
    tried = [*words[:3], sys.executable, "-c", ""]
    if subprocess.run(tried, check=False, capture_output=True).returncode:
        pytest.skip("the system can't forbid it")
    monkeypatch.setattr(server_harness, "COMMAND", words)
    with Served(tmp_path / "news.index") as served:
        use(served)
        assert served.stop() == 143
