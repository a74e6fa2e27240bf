"""The manual page says what the commands say of themselves, and comes with the package."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from typing import TYPE_CHECKING

import click
import pytest
from sphinx_built import ROOT
from test_docs import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = ROOT / "docs/dedupe.1"


def said(page: str) -> str:
    """The words of a page, without what only a formatter reads: versions of Sphinx differ there."""
    page = page[page.index(".S") :]
    lines = [line for line in page.splitlines() if not re.match(r'\.(\\"|nr|in|sp|ft|EX|EE)', line)]
    text = "\n".join(lines).replace("\\-", "-").replace("\\(aq", "'").replace("\\(dq", '"')
    text = re.sub(
        r"\\f[A-Z]|\\[%&]|^\.(?:(?:UN)?INDENT|TP).*$|^\.[A-Z]+\b", " ", text, flags=re.MULTILINE
    )
    return words(text)


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def every_command() -> Iterator[tuple[str, click.Command]]:
    for name, command in commands():
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", inner) for part, inner in command.commands.items())


@pytest.mark.parametrize(
    ("name", "command"),
    list(every_command()),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_page_says_all_that_help_says(name: str, command: click.Command) -> None:
    page = PAGE.read_text("utf-8")
    (section,) = re.findall(rf"^(\.SS dedupe {name}\n.*?)(?=^\.S)", page, re.MULTILINE | re.DOTALL)
    told = f" {said(section)} "
    assert words(command.help or "") in told
    for param in command.params:
        if isinstance(param, click.Option):
            assert all(f" {words(flag)} " in told for flag in param.opts)
            assert words(param.help or "") in told
            if isinstance(param.type, click.Choice):
                assert words(" ".join(param.type.choices)) in told


def test_the_page_has_the_sections_that_readers_look_for() -> None:
    page = PAGE.read_text("utf-8")
    assert re.findall(r"^\.SH (.+)$", page, re.MULTILINE) == [
        "NAME", "SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "SEE ALSO"
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_the_page_is_formatted_without_a_warning() -> None:
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", PAGE], capture_output=True, check=True, encoding="utf-8"
    )
    assert done.stderr == ""
    assert "dedupe report" in re.sub(r"\x1b\[[\d;]*m|.\x08", "", done.stdout)


def test_the_page_comes_with_the_wheel() -> None:
    hatch = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["hatch"]
    installed = hatch["build"]["targets"]["wheel"]["shared-data"]
    assert installed == {"docs/dedupe.1": "share/man/man1/dedupe.1"}
