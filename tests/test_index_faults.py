"""Disks, files and locks that fail an index: what is told, and what becomes of the data.

The scenarios of ``python -m soak faults`` at a small size.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from soak import damage, faults, full
from soak.findings import Findings


@pytest.fixture(autouse=True)
def unmeasured(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits on files would cut off what a process measures, so that it measures nothing."""
    monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def findings() -> Findings:
    return Findings(print)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return faults.stocked(tmp_path_factory.mktemp("sound"))


def test_what_is_no_index_is_told_and_left_as_it_is(tmp_path: Path, findings: Findings) -> None:
    faults.foreign(tmp_path, findings)
    assert findings.broken == []


def test_an_index_that_was_cut_is_told_and_left_as_it_is(
    tmp_path: Path, sound: Path, findings: Findings
) -> None:
    faults.cut(sound, tmp_path, faults.CUTS[::3], findings)
    assert findings.broken == []


def test_an_index_that_may_not_be_written_is_read(
    tmp_path: Path, sound: Path, findings: Findings
) -> None:
    faults.protected(sound, tmp_path, findings)
    assert findings.broken == []


def test_one_that_another_has_locked_is_told_in_time(
    tmp_path: Path, sound: Path, findings: Findings
) -> None:
    faults.locked(sound, tmp_path, findings)
    assert findings.broken == []


def test_without_room_nothing_is_lost_and_with_room_it_goes_on(
    tmp_path: Path, findings: Findings
) -> None:
    full.run(3, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["admitted while there was room"] > 0


def test_whatever_is_damaged_only_errors_of_the_index_are_raised(
    tmp_path: Path, sound: Path, findings: Findings
) -> None:
    damage.run(10, sound, tmp_path, findings)
    assert findings.broken == []
    assert findings.measured["told by a call or by verify()"] > 0
