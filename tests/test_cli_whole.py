"""What a command answers is written in whole, or its end says that it was not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from read_harness import article, json_lines

LINES = 400
LONG = {"text": "The harbour was closed on Monday. " * 300}


def command(*arguments: object, **environment: str) -> tuple[list[str], dict[str, str]]:
    return [sys.executable, "-m", "dedupe", *map(str, arguments)], {**os.environ, **environment}


def slowly_read(reader: int, found: list[bytes]) -> None:
    while block := os.read(reader, 777):
        found.append(block)
    os.close(reader)


@pytest.mark.skipif(os.name == "nt", reason="pipes of Windows are never non-blocking")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("blocking", [True, False])
def test_all_lines_reach_a_slow_reader(tmp_path: Path, unbuffered: str, blocking: bool) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(
        json_lines(*(article(n, **LONG, title=f"{n} {n * 7}") for n in range(LINES)))
    )
    reader, writer = os.pipe()
    os.set_blocking(writer, blocking)
    words, environment = command(
        *("filter", "--index", tmp_path / "i.db", "--mode", "mark", source),
        PYTHONUNBUFFERED=unbuffered,
    )
    process = subprocess.Popen(words, env=environment, stdout=writer)
    os.close(writer)
    found: list[bytes] = []
    reading = threading.Thread(target=slowly_read, args=(reader, found))
    reading.start()
    assert process.wait() == 0
    reading.join()
    ids = [json.loads(line)["id"] for line in b"".join(found).splitlines()]
    assert ids == [f"a{n}" for n in range(LINES)]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a full disk is played by Linux alone")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("name", ["group", "filter"])
def test_a_full_disk_is_no_success(tmp_path: Path, unbuffered: str, name: str) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(json_lines(article(1)))
    more = ["--index", tmp_path / "i.db"] if name == "filter" else []
    words, environment = command(name, *more, source, PYTHONUNBUFFERED=unbuffered)
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            words, env=environment, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 2
    assert b"No space left" in done.stderr


def test_a_rejects_file_that_was_cut_off_within_a_line_goes_on_with_the_next(
    tmp_path: Path,
) -> None:
    rejects = tmp_path / "rejects.jsonl"
    rejects.write_bytes(b'{"source": "-", "li')
    words, environment = command("filter", "--index", tmp_path / "i.db", "--rejects", rejects)
    subprocess.run(
        words,
        env=environment,
        input=b"[1\n" + json_lines(article(1)),
        check=True,
        stdout=subprocess.DEVNULL,
    )
    first, second = rejects.read_bytes().splitlines()
    assert first == b'{"source": "-", "li'
    assert json.loads(second)["line"] == 1


@pytest.mark.skipif(os.name == "nt", reason="descriptors are numbered otherwise on Windows")
def test_a_filter_works_beyond_1024_open_files(tmp_path: Path) -> None:
    import resource

    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    if most != resource.RLIM_INFINITY and most < 1200:
        pytest.skip("fewer files may be open here")
    script = (
        "import os, resource, sys\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (1200, resource.getrlimit(7)[1]))\n"
        "held = [os.open(os.devnull, os.O_RDONLY) for _ in range(1100)]\n"
        "from dedupe.cli import main\n"
        "main(sys.argv[1:])\n"
    ).replace("getrlimit(7)", "getrlimit(resource.RLIMIT_NOFILE)")
    words = [sys.executable, "-c", script, "filter", "--index", str(tmp_path / "i.db")]
    done = subprocess.run(words, input=json_lines(article(1)), capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["id"] == "a1"


@pytest.mark.skipif(os.name == "nt", reason="a shell of Unix closes descriptors")
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_is_an_empty_one(tmp_path: Path, closed: str) -> None:
    source = tmp_path / "a.jsonl"
    source.write_bytes(json_lines(article(1)))
    for name in ("group", f"filter --index {tmp_path / 'i.db'}"):
        words = f"exec {sys.executable} -m dedupe {name} {source} {closed}"
        done = subprocess.run(["sh", "-c", words], capture_output=True, check=False)
        assert done.returncode == 0
        assert b"mistake" not in done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")
def test_the_rejects_of_a_file_whose_name_is_no_utf8_are_kept(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.jsonl"
    with open(name, "wb") as file:  # noqa: PTH123 - a path of bytes
        file.write(b"[1\n" + json_lines(article(1)))
    rejects = tmp_path / "rejects.jsonl"
    words = [sys.executable, "-m", "dedupe", "group", name, "--rejects", str(rejects)]
    done = subprocess.run(words, capture_output=True, check=False)
    assert (done.returncode, done.stdout.count(b"\n")) == (0, 1), done.stderr
    [line] = rejects.read_bytes().splitlines()
    assert json.loads(line)["line"] == 1


PIPED = [
    ["report", "{source}", "-q", "--min-size", "1", "--top", "0"],
    ["report", "{index}", "-q", "--min-size", "1", "--top", "0"],
    ["report", "{source}", "-q", "--json"],
    ["report", "{source}", "-q", "--facts"],
    ["group", "{source}", "-q"],
    ["keep", "{source}", "-q"],
    ["index", "stories", "{index}"],
    ["index", "stories", "{index}", "--json"],
    ["index", "show", "{index}", "a1"],
    ["index", "stats", "{index}"],
    ["index", "export", "{index}"],
    ["filter", "--index", "{index}", "--mode", "mark", "{source}"],
    ["report", "--help"],
]


@pytest.mark.posix
@pytest.mark.parametrize("lines", [0, 1])
@pytest.mark.parametrize("words", PIPED, ids=" ".join)
def test_a_reader_that_has_seen_enough_is_no_error(
    words: list[str], lines: int, tmp_path: Path
) -> None:
    source, index = tmp_path / "a.jsonl", tmp_path / "i.db"
    source.write_bytes(
        json_lines(*(article(n, **LONG, title=f"{n} {n * 7}") for n in range(LINES)))
    )
    words = [word.format(source=source, index=index) for word in words]
    first, environment = command("filter", "--index", index, "--mode", "drop", source)
    subprocess.run(first, env=environment, check=True, stdout=subprocess.DEVNULL)
    called, environment = command(*words)
    with subprocess.Popen(
        called, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
