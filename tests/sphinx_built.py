"""What Sphinx makes of the documents, with the words of the Makefile."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
NO_NETWORK = """
import socket

def refused(*_):
    raise OSError("the documents are built without a network")

socket.socket.connect = socket.getaddrinfo = refused
"""


def build(kind: str, folder: Path) -> Path:
    """Builds pages of a kind below the folder, out of reach of any network; where they are.

    A warning, such as of a link that leads nowhere, is an error.
    """
    (folder / "sitecustomize.py").write_text(NO_NETWORK)
    made = re.search(
        r"^SPHINX = \$\(BIN\)/python (.+)$", (ROOT / "Makefile").read_text(), re.MULTILINE
    )
    words = shlex.split(made[1].replace("build/doctrees", str(folder / "doctrees")))
    done = subprocess.run(
        [sys.executable, *words, "-b", kind, ".", str(folder / kind)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), *sys.path])},
        capture_output=True,
        check=False,
        encoding="utf-8",
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return folder / kind
