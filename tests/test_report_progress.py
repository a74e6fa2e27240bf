"""Progress on standard error."""

from __future__ import annotations

import io

import pytest

from dedupe.report.progress import Progress


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
    assert "2.0/2.0 MB" in out.getvalue()
    assert "grouping [red]" in out.getvalue()
    assert out.getvalue().rstrip("\r").endswith("\x1b[2K")


def test_a_bar_without_a_known_total_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")
    out = Terminal()
    with Progress(out) as progress:
        progress.on_progress(3_000_000, None)
    assert "3.0" in out.getvalue()


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
