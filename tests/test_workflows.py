"""What runs on GitHub and before a commit is what the Makefile runs, on what the package claims."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SYSTEMS = {
    "ubuntu": "Operating System :: POSIX :: Linux",
    "macos": "Operating System :: MacOS",
    "windows": "Operating System :: Microsoft :: Windows",
}


def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def workflow(name: str) -> dict:
    return yaml.safe_load((ROOT / ".github" / "workflows" / name).read_text("utf-8"))


def targets() -> set[str]:
    """The targets that the Makefile declares, each of which has a rule."""
    text = (ROOT / "Makefile").read_text("utf-8").replace("\\\n", " ")
    declared = set(re.search(r"^\.PHONY:(.+)$", text, re.MULTILINE)[1].split())
    assert declared == set(re.findall(r"^([\w-]+):", text, re.MULTILINE))
    return declared


def commands() -> list[tuple[str, str]]:
    """Each command line of a workflow, of the hooks and of .ci/run, with the place where it is."""
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]
    found = [
        (path.name, step["run"])
        for path in WORKFLOWS
        for job in workflow(path.name)["jobs"].values()
        for step in job.get("steps", [])
        if "run" in step
    ]
    found += [("hook", hook["entry"]) for repo in hooks for hook in repo["hooks"]]
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    return found + [(".ci/run", line) for line in re.findall(r"^make .+$", script, re.MULTILINE)]


def made(command: str) -> list[str]:
    """The make targets of a command line."""
    return [w for w in command.split()[1:] if not w.startswith("-") and "=" not in w]


@pytest.mark.parametrize(("place", "command"), commands())
def test_every_command_is_a_make_target_or_the_script_of_all(place: str, command: str) -> None:
    if command == ".ci/run":
        assert os.access(ROOT / command, os.X_OK)
        return
    assert command.startswith("make "), place
    assert len(made(command)) == 1
    assert set(made(command)) <= targets()


def test_the_gate_runs_each_check_that_a_developer_has() -> None:
    run = {target for place, line in commands() if place == ".ci/run" for target in made(line)}
    assert run == {
        "lint", "types", "workflows", "smoke", "checked", "fuzz-readers", "test", "spark"
    }  # fmt: skip
    assert {t for place, line in commands() if place == "hook" for t in made(line)} < run


def test_every_target_is_documented_and_no_other() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    named = {page: re.findall(r"`make ([\w-]+)", page.read_text("utf-8")) for page in pages}
    assert set(named[ROOT / "CONTRIBUTING.md"]) == targets()
    assert {page.name for page in pages if not set(named[page]) <= targets()} == set()


def claimed(prefix: str) -> set[str]:
    return {c.removeprefix(prefix) for c in project()["classifiers"] if c.startswith(prefix)}


def test_the_classifiers_name_the_pythons_and_systems_that_are_tested() -> None:
    jobs = workflow("ci.yml")["jobs"]
    matrix = jobs["tests"]["strategy"]["matrix"]
    pythons = {v for v in claimed("Programming Language :: Python :: ") if v.startswith("3.")}
    assert set(matrix["python"]) == pythons
    assert f">={min(pythons, key=lambda v: int(v.split('.')[1]))}" == project()["requires-python"]
    systems = {SYSTEMS[system.partition("-")[0]] for system in matrix["system"]}
    assert systems == {c for c in project()["classifiers"] if c.startswith("Operating System")}


def test_what_the_matrix_leaves_out_is_what_the_gate_runs() -> None:
    jobs = workflow("ci.yml")["jobs"]
    gate = jobs["gate"]
    (python,) = [
        s["with"]["python-version"] for s in gate["steps"] if "python" in s.get("uses", "")
    ]
    left_out = jobs["tests"]["strategy"]["matrix"]["exclude"]
    assert left_out == [{"system": gate["runs-on"], "python": python}]
    assert [step["run"] for step in gate["steps"] if "run" in step] == [".ci/run"]


def test_nothing_is_released_before_ci_has_passed_and_only_the_upload_has_a_token() -> None:
    jobs = workflow("release.yml")["jobs"]
    assert jobs["publish"]["needs"] == "ci"
    assert jobs["ci"]["uses"] == "./.github/workflows/ci.yml"
    assert jobs["ci"]["needs"] == "tag"
    granted = [
        (path.name, name, right)
        for path in WORKFLOWS
        for name, job in workflow(path.name)["jobs"].items()
        for right, level in job["permissions"].items()
        if level == "write"
    ]
    assert granted == [("release.yml", "publish", "id-token")]
    assert all(workflow(path.name)["permissions"] == {} for path in WORKFLOWS)


def test_one_action_has_one_pin_everywhere() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        used = re.findall(
            r"uses: ([\w/-]+)@(\S+ # v[\d.]+)$", path.read_text("utf-8"), re.MULTILINE
        )
        for action, pin in used:
            pins.setdefault(action, set()).add(pin)
    assert "actions/checkout" in pins
    assert {action: found for action, found in pins.items() if len(found) > 1} == {}


def test_the_hooks_are_understood() -> None:
    pytest.importorskip("pre_commit")
    words = [sys.executable, "-m", "pre_commit", "validate-config", ".pre-commit-config.yaml"]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("tag", "changelog", "wanted"),
    [
        ("v1.2.0", "## [1.2.0] - 2026-11-28\n", ""),
        ("v1.2.1", "## [1.2.0] - 2026-11-28\n", "the tag v1.2.1 does not fit version 1.2.0"),
        ("1.2.0", "## [1.2.0] - 2026-11-28\n", "wanted v1.2.0"),
        ("v1.2.0", "## [Unreleased]\n", "no heading '## [1.2.0] - YYYY-MM-DD'"),
        ("v1.2.0", "## [1.2.0]\n", "no heading '## [1.2.0] - YYYY-MM-DD'"),
    ],
)
def test_a_tag_is_released_that_fits_the_version_and_has_its_date(
    monkeypatch: pytest.MonkeyPatch, tag: str, changelog: str, wanted: str
) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    from check_tag import problem

    found = problem(tag, "1.2.0", changelog)
    assert wanted in found
    assert bool(wanted) == bool(found)
