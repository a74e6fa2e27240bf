"""What the page on running it says: its commands run, and what it calls a backup is one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

pytest.importorskip("uvicorn", reason="the server is an extra: story-dedupe[server]")

from server_harness import Served, article
from test_docs import ROOT, blocks, text_of

from dedupe.errors import DamagedError, DedupeError
from dedupe.index import open_index
from soak.postgres_server import PostgresServer, binaries

pytestmark = pytest.mark.posix
PAGE = ROOT / "docs/operations.md"
PLACE = re.compile(r"(?<![\w.])(?:127\.0\.0\.1:8370|/(?:etc|var)/)")
"""What a command names of the machine, which the test puts into a folder of its own."""


@contextmanager
def under_load(served: Served) -> Iterator[list[str]]:
    """Somebody admits article after article: the ids of those that were answered."""
    answered: list[str] = []
    enough, over = threading.Event(), threading.Event()

    def admit() -> None:
        number = 0
        while not over.is_set():
            rows = served.admit([article(n) for n in range(number, number + 5)]).json
            answered.extend(row["id"] for row in rows)
            number += 5
            if number >= 60:
                enough.set()

    thread = threading.Thread(target=admit)
    thread.start()
    try:
        assert enough.wait(60)
        yield answered
    finally:
        over.set()
        thread.join(60)


def held(path: Path | str) -> set[str]:
    """The ids of a copy that is sound."""
    with open_index(path, create=False) as index:
        assert list(index.verify()) == []
        return {one.article.id for one in index.articles()}


def command(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dedupe", *map(str, words)],
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_an_export_under_load_has_all_that_was_answered_before(tmp_path: Path) -> None:
    with Served(tmp_path / "news.index") as served, under_load(served) as answered:
        before = set(answered)
        done = command("index", "export", tmp_path / "news.index", "-o", tmp_path / "news.jsonl")
        assert done.returncode == 0, done.stderr
    done = command("index", "import", tmp_path / "restored.index", tmp_path / "news.jsonl")
    assert done.returncode == 0, done.stderr
    assert before <= held(tmp_path / "restored.index")


def test_a_snapshot_under_load_has_all_that_was_answered_before(tmp_path: Path) -> None:
    snapshot = tmp_path / "snapshot"
    snapshot.mkdir()
    with Served(tmp_path / "news.index") as served, under_load(served) as answered:
        served.process.send_signal(signal.SIGSTOP)  # both files, as they are in one moment
        os.waitpid(served.process.pid, os.WUNTRACED)
        before = set(answered)
        for name in ("news.index", "news.index-wal"):
            shutil.copy(tmp_path / name, snapshot)
        served.process.send_signal(signal.SIGCONT)
    assert before <= held(snapshot / "news.index")


@pytest.mark.parametrize("way", ["backup", "vacuum"])
def test_a_copy_by_the_tools_of_sqlite_is_refused(tmp_path: Path, way: str) -> None:
    with Served(tmp_path / "news.index") as served:
        served.admit([article(number) for number in range(200)])
        address = f"file:{tmp_path / 'news.index'}?mode=ro"
        with closing(sqlite3.connect(address, uri=True)) as found:
            if way == "backup":
                with closing(sqlite3.connect(tmp_path / "copy.index")) as copy:
                    found.backup(copy)
            else:
                found.execute("VACUUM INTO ?", (str(tmp_path / "copy.index"),))
        assert served.check({**article(1), "id": "b"}).json["relation"] == "identical"
    with pytest.raises(DamagedError):
        held(tmp_path / "copy.index")


def test_a_dump_of_postgres_under_load_has_all_that_was_answered_before(
    postgres_server: PostgresServer, tmp_path: Path
) -> None:
    programs = binaries()
    if programs is None or not (programs / "pg_dump").exists():
        pytest.skip("pg_dump is not installed: Debian has it in postgresql-client")
    place, dump = postgres_server.url(), tmp_path / "news.dump"
    [taken] = re.findall(
        r"`pg_dump (.+) --schema=dedupe --file=news\.dump DATABASE`", text_of(PAGE)
    )
    [put] = re.findall(r"`pg_restore (.+) --dbname=DATABASE news\.dump`", text_of(PAGE))
    address = postgres_server.url(schema="operations")
    with Served(address) as served:
        with under_load(served) as answered:
            before = set(answered)
            words = [programs / "pg_dump", *taken.split(), "--schema=operations"]
            subprocess.run([*words, f"--file={dump}", place], check=True, capture_output=True)
        assert served.stop() == 143
    words = [programs / "pg_restore", *put.split(), f"--dbname={place}", dump]
    subprocess.run(words, check=True, capture_output=True)
    assert before <= held(address) < set(answered)


def test_the_commands_of_the_page_run(tmp_path: Path) -> None:
    """Those in blocks of the kind ``sh``, from top to bottom, on a machine of their own.

    The server starts once it has its tokens and its index. Blocks of the kind ``bash`` need systemd
    or the package index.
    """
    if shutil.which("curl") is None or shutil.which("openssl") is None:
        pytest.skip("curl and openssl are not installed")
    for folder in ("etc", "var/lib/dedupe", "var/log", "var/backups"):
        (tmp_path / folder).mkdir(parents=True)
    program = tmp_path / "bin" / "dedupe"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dedupe "$@"\n')
    program.chmod(0o755)
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    said: dict[str, str] = {}

    def run(block: str, port: int) -> None:
        placed = PLACE.sub(
            lambda m: f"127.0.0.1:{port}" if m[0][0] == "1" else f"{tmp_path}{m[0]}", block
        )
        assert placed.count(str(tmp_path)) == len(re.findall(r"(?<=\s)/", block)), "nothing else"
        done = subprocess.run(
            ["sh", "-euc", placed], env={**os.environ, "PATH": path},
            capture_output=True, text=True, check=False, timeout=120,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stderr}"
        said[block] = done.stdout

    shell = blocks(PAGE, "sh")
    first = next(n for n, block in enumerate(shell) if "8370" in block)
    for block in shell[:first]:
        run(block, 0)
    tokens, index = tmp_path / "etc/dedupe/tokens", tmp_path / "var/lib/dedupe/news.index"
    token = {line.split()[0]: line.split()[2] for line in tokens.read_text("utf-8").splitlines()}
    with Served(index, "--tokens", tokens) as served:
        admitted = served.admit(
            [article(1), article(2)], Authorization=f"Bearer {token['crawler']}"
        )
        assert admitted.status == 200
        assert (
            served.ask("GET", "/metrics", Authorization=f"Bearer {token['prometheus']}").status
            == 200
        )
        served.ask("GET", "/v1/stories")
        served.stop()
        (tmp_path / "var/log/dedupe.jsonl").write_text("".join(served.out), encoding="utf-8")
    with Served(index, "--tokens", tokens) as served:
        for block in shell[first:]:
            run(block, served.port)
    told = "".join(said.values())
    assert '"status":"ready"' in told
    assert "sound: 2 articles, 2 stories" in told
    assert '"status":401' in told
    assert '2 "relation":"new"' in told


def test_the_page_names_files_that_are_there_and_all_of_them() -> None:
    linked = set(re.findall(r"\]\(\.\./deploy/([\w./-]+)\)", PAGE.read_text("utf-8")))
    files = [path for path in (ROOT / "deploy").rglob("*") if path.is_file()]
    given = {str(path.relative_to(ROOT / "deploy")) for path in files}
    assert linked == given - {"Dockerfile.dockerignore"}


def test_every_kind_of_error_that_the_page_names_is_one() -> None:
    kinds = {kind.__name__ for kind in every(DedupeError)}
    named = set(re.findall(r"`(\w+Error)`", PAGE.read_text("utf-8")))
    assert len(named) > 3
    assert named <= kinds


def every(kind: type) -> Iterator[type]:
    yield kind
    for inner in kind.__subclasses__():
        yield from every(inner)
