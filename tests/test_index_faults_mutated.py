"""Indexes and arrays that were changed at random: no crash, no hang, no error of another kind.

The scenario of ``python -m soak mutated`` and ``tools/fuzz_kernels.py`` at a small size.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from soak import mutated
from soak.findings import Findings

TOOL = Path(__file__).parent.parent / "tools" / "fuzz_kernels.py"


def test_whatever_is_changed_the_answers_are_as_before_or_damage_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)  # it would count as their memory
    findings = Findings(print)
    mutated.run(16, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["told by verify(), or refused"] > 0


def test_kernels_refuse_arrays_that_do_not_fit() -> None:
    ran = subprocess.run(
        [sys.executable, TOOL, "--normal", "--cases", "20000"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "20,000 cases" in ran.stdout
    assert ", 0 finds" in ran.stdout
