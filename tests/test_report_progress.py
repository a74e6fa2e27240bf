"""Progress on standard error."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dedupe.report.progress import Progress, Stage
from dedupe.report.wording import TELLING


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def run(progress: Progress) -> None:
    with progress as shown:
        shown.stage("reading")
        shown.on_progress(500_000, 2_000_000)
        shown.on_progress(2_000_000, 2_000_000)
        shown.stage("grouping [red]")


def test_a_pipe_stays_silent() -> None:
    out = io.StringIO()
    run(Progress(out))
    assert out.getvalue() == ""


def test_a_terminal_gets_a_bar_that_is_wiped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    run(Progress(out))
    assert "grouping [red]" in out.getvalue()
    assert out.getvalue().rstrip("\r").endswith("\x1b[2K")


def test_the_bar_of_what_is_read_tells_how_much_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    with Progress(out) as progress:
        progress.on_progress(500_000, 2_000_000)
    assert "500 kB of 2 MB" in out.getvalue()


def test_a_bar_without_a_known_total_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    with Progress(out) as progress:
        progress.on_progress(3_000_000, None)
    assert "3 MB" in out.getvalue()
    assert "?" not in out.getvalue().replace("\x1b[?", "")


def test_a_bar_begins_with_the_stage_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    with Progress(out, "describing stories"):
        pass
    assert "describing stories" in out.getvalue()
    assert "reading" not in out.getvalue()


def test_a_stage_moves_on_once_all_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    with Progress(out) as progress:
        progress.on_progress(2_000_000, 2_000_000)
        for name in ("sketching", "grouping"):
            progress.stage(name)
            before = len(out.getvalue())
            time.sleep(0.5)
            drawn = out.getvalue()[before:].split("\r")
            assert len(set(drawn)) > 1, "neither the bar nor the spinner moves"
            assert all(name in line for line in drawn if "━" in line)
            assert "MB" not in drawn[-1]


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("seconds", "done", "total", "text"),
    [
        (0.4, 0, None, ""),
        (2.4, 0, None, "2.4 s"),
        (75.0, 0, None, "1 min 15 s"),
        (0.4, 3_000_000, None, "3 MB"),
        (9.0, 3_000_000, None, "3 MB, 333 kB/s"),
        (2.9, 20_000_000, 90_000_000, "20 MB of 90 MB"),
        (10.0, 20_000_000, 100_000_000, "20 MB of 100 MB, 2 MB/s, 40 s left"),
        (10.0, 80_000_000, 100_000_000, "80 MB of 100 MB, 8 MB/s"),
        (10.0, 100_000_000, 100_000_000, "100 MB of 100 MB"),
    ],
)
def test_what_is_said_of_a_stage(seconds: float, done: int, total: int | None, text: str) -> None:
    clock = Clock()
    stage = Stage(clock)
    stage.done, stage.total = done, total
    clock.now = seconds
    assert str(stage) == text


@given(st.floats(0, TELLING, exclude_max=True), st.integers(0, 10**12), st.integers(0, 10**12))
def test_no_rate_and_no_time_left_is_made_up_of_a_moment(seconds, done, more) -> None:
    clock = Clock()
    stage = Stage(clock)
    stage.done, stage.total = done, done + more
    clock.now = seconds
    assert "/s" not in str(stage)
    assert "left" not in str(stage)


def test_a_dumb_terminal_is_not_animated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "dumb")
    out = Terminal()
    run(Progress(out))
    assert out.getvalue() == ""


def test_the_bar_is_stopped_when_the_run_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    out = Terminal()
    progress = Progress(out)
    with pytest.raises(ValueError, match="broken"), progress:
        raise ValueError("broken")
    assert "\x1b[?25h" in out.getvalue()
