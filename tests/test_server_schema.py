"""The server held to its own description by requests that are drawn from it."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from server_harness import Served

EXAMPLES = int(os.environ.get("DEDUPE_SCHEMA_EXAMPLES", "12"))
"""For each operation; set it higher to look longer."""
TAKEN = "positive_data_acceptance"
"""Left out: an article in which no text is found is refused, and no schema can say where one is."""

pytestmark = [
    pytest.mark.posix,
    pytest.mark.skipif(not find_spec("schemathesis"), reason="schemathesis is not installed"),
]


@pytest.mark.parametrize("guarded", [False, True], ids=["open", "with a token"])
def test_no_request_that_can_be_drawn_gets_an_answer_that_is_not_described(
    tmp_path: Path, guarded: bool
) -> None:
    token, options, told = "t" * 32, [], []
    if guarded:
        (tmp_path / "tokens").write_text(f"all check,admit,manage {token}\n", "utf-8")
        options = ["--tokens", tmp_path / "tokens"]
        told = ["--header", f"Authorization: Bearer {token}"]
    with Served(tmp_path / "i", "--quiet", *options) as served:
        command = [
            sys.executable,
            "-c",
            "from schemathesis.cli import schemathesis; schemathesis()",
        ]
        command += ["run", f"{served.address}/openapi.json", "--max-examples", str(EXAMPLES)]
        command += ["--exclude-checks", TAKEN, "--no-color", "--seed", "57", *told]
        hooks = {"SCHEMATHESIS_HOOKS": "schema_hooks", "PYTHONPATH": str(Path(__file__).parent)}
        done = subprocess.run(
            command,
            cwd=tmp_path,
            env={**os.environ, **hooks},
            capture_output=True,
            check=False,
            text=True,
            timeout=800,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert served.ask("GET", "/healthz").status == 200
