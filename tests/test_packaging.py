"""What a user has who has the package alone: links that lead somewhere, help that stands alone."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import Distribution, distribution
from pathlib import Path
from typing import TYPE_CHECKING

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from dedupe.cli import COMMANDS, cli

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Homepage"]
README = (ROOT / "README.md").read_text("utf-8")
OUTSIDE = sorted(
    path.name + ("/" if path.is_dir() else "")
    for path in ROOT.iterdir()
    if not path.name.startswith(".") and path.name != "dedupe"
)
"""Files and folders of the repository that the wheel does not hold."""


def in_repository(text: str) -> list[str]:
    """What each address in the text names that leads to a file of the repository."""
    return re.findall(rf"{re.escape(REPOSITORY)}/(?:blob|raw)/main/([\w./-]*\w)", text)


def test_the_readme_has_no_link_that_only_the_repository_can_follow() -> None:
    prose = re.sub(r"^```.*?^```$", "", README, flags=re.MULTILINE | re.DOTALL)
    links = re.findall(r"\]\(([^)\s]+)\)", prose)
    assert len(links) > 10
    assert [link for link in links if not link.startswith("https://")] == []
    assert "](" not in re.sub(r"\]\([^)\s]+\)", "", prose)


def test_every_address_of_a_repository_is_of_this_one() -> None:
    pages = [README, (ROOT / "SECURITY.md").read_text("utf-8"), *PROJECT["urls"].values()]
    owned = [url for page in pages for url in re.findall(r"https://[\w.]*github[\w./-]*", page)]
    assert len(owned) > 10
    assert [url for url in owned if not f"{url}/".startswith(f"{REPOSITORY}/")] == []


def test_the_links_that_are_followed_are_those_of_this_repository() -> None:
    from test_docs import FILES

    assert f"{REPOSITORY}/blob/main/" == FILES
    assert README.count(f"]({FILES}") > 10


def test_pictures_are_shown_as_they_are_not_as_a_page_about_them() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for url in pictures:
        assert url.startswith(f"{REPOSITORY}/raw/main/")
        assert (ROOT / in_repository(url)[0]).is_file()


@pytest.mark.parametrize("name", PROJECT["urls"])
def test_a_project_address_leads_to_a_file_that_is_there(name: str) -> None:
    url = PROJECT["urls"][name]
    assert url in {REPOSITORY, f"{REPOSITORY}/issues"} or (ROOT / in_repository(url)[0]).is_file()


def test_the_readme_installs_the_package_first_and_names_every_extra() -> None:
    section = README.partition("\n## Install\n")[2].partition("\n## ")[0]
    assert section.split("```")[1].split("\n")[1] == f"pip install {PROJECT['name']}"
    for extra in PROJECT["optional-dependencies"].keys() - {"dev", "bench"}:
        assert f"[{extra}]" in section


def helps() -> Iterator[tuple[str, str]]:
    """Every command and subcommand, with all that its help says."""
    context = click.Context(cli)
    found = [("dedupe", cli)]
    found += [(name, command) for name in COMMANDS if (command := cli.get_command(context, name))]
    for name, command in found:
        if isinstance(command, click.Group) and command is not cli:
            found += [(f"{name} {part}", inner) for part, inner in command.commands.items()]
        yield name, command.get_help(click.Context(command, info_name=name))


@pytest.mark.parametrize(
    ("name", "text"), list(helps()), ids=lambda value: value.partition("\n")[0]
)
def test_no_help_names_a_file_that_is_not_in_the_wheel(name: str, text: str) -> None:
    assert len(text) > 100
    for path in in_repository(text):
        assert (ROOT / path).is_file(), name
    text = text.replace(REPOSITORY, "")
    assert [outside for outside in OUTSIDE if re.search(rf"(?<![\w/]){outside}", text)] == []
    assert ".md" not in text.replace("/blob/main/docs/README.md", "")


def test_the_help_names_the_documentation() -> None:
    printed = re.sub(r"\s+", " ", cli.get_help(click.Context(cli, terminal_width=200)))
    assert f"Documentation: {PROJECT['urls']['Documentation']}" in printed


INSTALLED = {
    "charset-normalizer", "click", "cloudpickle", "datasketch", "jinja2", "joblib",
    "markdown-it-py", "markupsafe", "mdurl", "narwhals", "numpy", "orjson", "pyarrow", "pygments",
    "pystemmer", "rapidfuzz", "regex", "rich", "scikit-learn", "scipy", "text2num",
    "threadpoolctl",
}  # fmt: skip
"""What comes with the package without extras, at most: some have fewer requirements at first."""
BY_SYSTEM = {"colorama", "tzdata"}
"""What some systems need besides."""
MOST = 480e6
"""Bytes of all that, and of the package, as the wheels bring them: bytecode comes on top."""
HEAVY = 20e6
"""Bytes from which pyproject.toml gives a reason."""


def required() -> dict[str, Distribution]:
    """The distributions that an installation without extras brings, as they are found here."""
    found: dict[str, Distribution] = {}
    waiting = list(PROJECT["dependencies"])
    while waiting:
        requirement = Requirement(waiting.pop())
        name = canonicalize_name(requirement.name)
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found[name] = distribution(name)
        waiting += found[name].requires or []
    return found


def size(found: Distribution) -> int:
    """Bytes of the files that a wheel brought."""
    paths = [Path(found.locate_file(file)) for file in found.files or ()]
    return sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.is_file())


def test_no_distribution_comes_unasked() -> None:
    assert required().keys() - BY_SYSTEM <= INSTALLED


def test_all_that_is_installed_stays_in_bounds() -> None:
    files = [path for path in (ROOT / "dedupe").rglob("*") if path.is_file()]
    own = [path for path in files if path.suffix not in {".pyc", ".cpp", ".h"}]
    sizes = {name: size(found) for name, found in required().items()}
    assert sizes["numpy"] > HEAVY, "they are weighed at all"
    assert sum(sizes.values()) + sum(path.stat().st_size for path in own) < MOST


def test_each_heavy_distribution_has_its_weight_beside_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    lines = text.partition("\ndependencies = [")[2].partition("\n]")[0]
    heavy = {name for name, found in required().items() if size(found) > HEAVY}
    assert "numpy" in heavy
    weighed = {name for name in heavy if re.search(rf"\b{name}\b.*(\n +#.*)*\b\d+ MB", lines)}
    assert heavy - weighed == set()
