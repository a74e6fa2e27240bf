"""Ends with 1 unless a tag fits the version in pyproject.toml and has its date in the changelog.

Run by the release workflow: ``make tag TAG=v0.2.0``.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def problem(tag: str, version: str, changelog: str) -> str:
    """What keeps a tag from being released, or nothing."""
    if tag != f"v{version}":
        return f"the tag {tag} does not fit version {version}: wanted v{version}"
    if not re.search(
        rf"^## \[{re.escape(version)}\] - \d{{4}}-\d\d-\d\d$", changelog, re.MULTILINE
    ):
        return f"CHANGELOG.md has no heading '## [{version}] - YYYY-MM-DD'"
    return ""


if __name__ == "__main__":
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sys.exit(problem("".join(sys.argv[1:]), project["version"], changes) or 0)
