"""Shells complete commands, options, what an option can be, and files: asked as a shell asks."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from test_docs import commands, text_of

SHELLS = ("bash", "zsh", "fish")
DEDUPE = (sys.executable, "-m", "dedupe")


def asked(shell: str, line: str) -> list[str]:
    """What a shell is told for the last word of a line: kind and value of each way on."""
    words = shlex.split(line) + [""] * line.endswith(" ")
    environment = os.environ | {
        "_DEDUPE_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": line,
        "COMP_CWORD": words[-1] if shell == "fish" else str(len(words) - 1),
    }
    done = subprocess.run(
        DEDUPE, env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    assert (done.returncode, done.stderr) == (0, "")
    found = done.stdout.split("\n")
    if shell == "zsh":
        pairs = zip(found[::3], found[1::3], strict=False)
        return [f"{kind},{value}" for kind, value in pairs if kind]
    return [line.partition("\t")[0] for line in found if line]


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("dedupe re", ["plain,report"]),
        ("dedupe index s", ["plain,stats", "plain,stories", "plain,show", "plain,salvage"]),
        ("dedupe report --so", ["plain,--source-key", "plain,--sort"]),
        ("dedupe report --sort ", ["plain,size", "plain,date", "plain,score"]),
        ("dedupe filter --mode ", ["plain,drop", "plain,mark", "plain,verdict"]),
        ("dedupe report new", ["file,new"]),
        ("dedupe compare a.txt b", ["file,b"]),
        ("dedupe compare a b --in new", ["file,new"]),
        ("dedupe filter --index new", ["file,new"]),
        ("dedupe index show new", ["file,new"]),
        ("dedupe index show news.index s", []),
        ("dedupe report --html pa", ["file,pa"]),
        ("dedupe no such", []),
    ],
)
def test_a_shell_is_told_how_a_word_goes_on(shell: str, line: str, wanted: list[str]) -> None:
    assert sorted(asked(shell, line)) == sorted(wanted)


@pytest.mark.parametrize("shell", SHELLS)
def test_the_documents_tell_each_shell_the_line_that_works(shell: str) -> None:
    (told,) = re.findall(rf"`[^`]*_DEDUPE_COMPLETE={shell}_source dedupe[^`]*` \|", COMPLETION)
    assert told.startswith("`eval" if shell != "fish" else "`_DEDUPE")
    environment = os.environ | {"_DEDUPE_COMPLETE": f"{shell}_source"}
    done = subprocess.run(
        DEDUPE, env=environment, capture_output=True, check=True, encoding="utf-8"
    )
    assert f"_DEDUPE_COMPLETE={shell}_complete" in done.stdout
    if shutil.which(shell):
        checked = subprocess.run(
            [shell, "-n"], input=done.stdout, capture_output=True, check=False, encoding="utf-8"
        )
        assert (checked.returncode, checked.stderr) == (0, "")


COMPLETION = text_of("docs/commands.md").partition("\n## Completion\n")[2].partition("\n## ")[0]


TYPED = {
    "bash": """
        eval "$(_DEDUPE_COMPLETE=bash_source dedupe)" || exit 1
        COMP_WORDS=(dedupe report --sort s); COMP_CWORD=3
        _dedupe_completion dedupe; printf '%s\\n' "${COMPREPLY[@]}"
        """,
    "fish": """
        _DEDUPE_COMPLETE=fish_source dedupe | source
        complete -C 'dedupe report --sort s'
        """,
}
"""Scripts that complete ``dedupe report --sort s``. Of zsh it takes a terminal to see that."""


@pytest.mark.posix
@pytest.mark.parametrize("shell", TYPED)
def test_a_shell_completes_what_is_typed(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    program = tmp_path / "dedupe"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(DEDUPE)} "$@"\n')
    program.chmod(0o755)
    environment = os.environ | {
        "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parent.parent),
    }
    script = [shell, "-c", TYPED[shell]]
    done = subprocess.run(
        script, env=environment, capture_output=True, check=False, encoding="utf-8"
    )
    if "Bash versions older than 4.4" in done.stderr:
        pytest.skip("this bash is older than 4.4")
    assert sorted(done.stdout.split()) == ["score", "size"], done.stderr


def words_that_name_files() -> list[tuple[str, click.Parameter]]:
    """Arguments and options of all commands whose value is a file, or may be one."""
    found = []
    for name, command in commands():
        inner = command.commands.values() if isinstance(command, click.Group) else [command]
        for part in inner:
            found += [
                (f"{name} {part.name}", param)
                for param in part.params
                if param.name in FILES or getattr(param, "metavar", None) in METAVARS
            ]
    return found


FILES = {"source", "gold", "file", "html", "svg", "rejects", "settings", "output", "left_out"}
METAVARS = {"FILE", "FOLDER", "NEW", "SOURCE"}


@pytest.mark.parametrize(
    ("command", "param"),
    words_that_name_files(),
    ids=lambda value: value if isinstance(value, str) else value.name,
)
def test_files_are_completed_wherever_one_may_stand(command: str, param: click.Parameter) -> None:
    (item,) = param.shell_complete(click.Context(click.Command(command)), "new")
    assert (item.type, item.value) == ("file", "new")
