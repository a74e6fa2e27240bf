"""Writes the types of the compiled kernels, ``dedupe/kernels/*.pyi``, from the extension module.

Run it after a change of what a kernel takes or returns, or of its docstring::

    .venv/bin/python tools/make_stubs.py
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
STUBS = ROOT / "dedupe" / "kernels"


def written(folder: Path) -> list[Path]:
    """Writes the stubs into a folder, formatted as all code is; raises CalledProcessError."""
    tool = (sys.executable, "-m")
    subprocess.run(
        [*tool, "nanobind.stubgen", "-q", "-r", "-m", "dedupe.kernels", "-O", str(folder)],
        check=True,
        cwd=ROOT,
    )
    stubs = sorted((folder / "kernels").glob("*.pyi"))
    configured = ("--config", str(ROOT / "pyproject.toml"))
    for command in (("check", "--quiet", "--fix-only", "--select", "I"), ("format", "--quiet")):
        subprocess.run([*tool, "ruff", *command, *configured, *map(str, stubs)], check=True)
    return stubs


if __name__ == "__main__":
    with TemporaryDirectory() as made:
        for old in STUBS.glob("*.pyi"):
            old.unlink()
        for stub in written(Path(made)):
            shutil.copy(stub, STUBS / stub.name)
