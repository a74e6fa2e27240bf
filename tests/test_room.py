"""Runs that are kept to a memory: the same answer, from files of which nothing is left."""

from __future__ import annotations

import gc
import random
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from corpora import article, edited, prose

from dedupe import room
from dedupe.assemble import placements
from dedupe.cli.sources import bytes_of
from dedupe.config import Settings
from dedupe.errors import NoRoomError, SettingError
from dedupe.json_form import encode
from dedupe.pipeline import analyse
from dedupe.report.jsonl import placement_object
from dedupe.room import Room

if TYPE_CHECKING:
    from dedupe.analysis import Analysis
    from dedupe.model import Article

LEAST = Settings(memory=1)
"""Nothing fits."""
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the system does not tell it")
on_posix = pytest.mark.skipif(sys.platform == "win32", reason="files have names as long as open")


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of temporary files, into which each column goes, be it ever so small."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(room, "SMALL", 0)
    monkeypatch.setattr(room, "SLAB", 1 << 16)
    return tmp_path


def articles() -> list[Article]:
    """Copies, stories, menus and newer versions, in no order."""
    rng = random.Random(3)
    menu = " | ".join(prose(rng, 14))
    made: list[Article] = []
    first, later = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC)
    for story in range(30):
        words, common = prose(rng, 120), prose(rng, 40)
        texts = [words, edited(rng, words, 0.04), edited(rng, words, 0.3)]
        texts += [[*rng.sample(common, 30), *prose(rng, 40)] for _ in range(3)]
        for k, text in enumerate(texts):
            one = replace(article(f"{story:02}-{k}", text), date=first)
            made.append(replace(one, text=f"{menu}\n{one.text}") if k % 2 else one)
    newer = [
        replace(one, text=f"{one.text} {' '.join(prose(rng, 9))}", date=later) for one in made[::7]
    ]
    rng.shuffle(made)
    return [*made, *newer]


def told(analysis: Analysis) -> list[bytes]:
    return [encode(placement_object(placement)) for placement in placements(analysis)]


@pytest.mark.parametrize("copies_only", [False, True])
def test_a_run_whose_columns_are_in_files_answers_the_same(copies_only: bool) -> None:
    usual = analyse(articles(), Settings(), copies_only=copies_only)
    bounded = analyse(articles(), LEAST, copies_only=copies_only)
    assert not is_mapped(usual.sketch.shingles)
    assert is_mapped(bounded.sketch.shingles)
    assert is_mapped(bounded.sketch.signatures)
    assert told(bounded) == told(usual)
    if usual.weights is not None and bounded.weights is not None:
        assert is_mapped(bounded.weights.values)
        assert np.array_equal(bounded.weights.values, usual.weights.values)


def is_mapped(values: np.ndarray) -> bool:
    while isinstance(values, np.ndarray):
        values = values.base
    return type(getattr(values, "obj", values)).__name__ == "mmap"


def test_what_fits_stays_in_memory() -> None:
    bounded = analyse(articles(), Settings(memory=1 << 30))
    assert not is_mapped(bounded.sketch.shingles)


@on_posix
def test_at_no_time_is_there_a_file_that_would_have_to_be_removed(temporary: Path) -> None:
    seen: list[list[Path]] = []
    found = analyse(articles(), LEAST, on_stage=lambda _: seen.append([*temporary.iterdir()]))
    assert len(seen) > 3
    assert seen == [[]] * len(seen)
    assert is_mapped(found.sketch.shingles)


@on_linux
def test_files_end_with_the_arrays_in_them() -> None:
    found = analyse(articles(), LEAST)
    assert mapped_files() > 0
    del found
    gc.collect()
    assert mapped_files() == 0


def mapped_files() -> int:
    lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
    return sum("(deleted)" in line and "/dev/" not in line for line in lines)


@on_linux
def test_pages_that_are_let_go_of_are_held_no_more_and_what_is_on_them_is_there() -> None:
    own = Room(1 << 50)
    own.in_files = True
    values = own.empty(1 << 22, np.uint32)
    values[:] = np.arange(1 << 22)
    before = of_files()
    assert own._pages.let_go()
    assert of_files() < before - (1 << 23)
    assert np.array_equal(values, np.arange(1 << 22))
    del values
    assert not own._pages.let_go()


def of_files() -> int:
    """Bytes of files that the process holds."""
    return int(room.STATM.read_text().split()[2]) * 4096


@pytest.mark.parametrize(
    ("memory", "sizes", "found"),
    [
        (0, [1 << 40], False),
        (4 << 30, [1 << 30, 1 << 30], False),
        (4 << 30, [1 << 30, 2 << 30], True),
        (1, [0], True),
    ],
)
def test_columns_go_into_files_from_where_the_run_would_not_fit(
    memory: int, sizes: list[int], found: bool
) -> None:
    own = Room(memory)
    for size in sizes:
        own.counts(size, 1000)
    assert own.in_files == found


def test_a_folder_that_takes_no_files_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    with pytest.raises(NoRoomError, match=r"/nowhere/at/all \(No such file .*TMPDIR"):
        analyse(articles(), LEAST)


FULL = """
import resource, sys
from dedupe.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 19, 1 << 19))
sys.argv[1:] = ["group", "--memory", "1", sys.argv[1]]
sys.exit(main())
"""


@on_posix
def test_a_disk_without_room_is_told_in_a_sentence_and_nothing_is_left(
    tmp_path: Path, temporary: Path
) -> None:
    file = tmp_path / "articles.jsonl"
    file.write_text('{"id": "a", "text": "some words of it"}\n', "utf-8")
    command = [sys.executable, "-c", FULL, str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "MB more of temporary files in" in done.stderr
    assert "TMPDIR" in done.stderr
    assert "Traceback" not in done.stderr
    assert [*temporary.iterdir()] == [file]


@pytest.mark.parametrize(
    ("word", "size"), [("512", 512), ("7k", 7000), ("300M", 300_000_000), ("4G", 4_000_000_000)]
)
def test_bytes_are_told_as_people_write_them(word: str, size: int) -> None:
    assert bytes_of(word, "--memory") == size


@pytest.mark.parametrize("word", ["", "G", "4GB", "-1G", "1.5G", "four", "٤G"])
def test_what_is_no_number_of_bytes_is_told(word: str) -> None:
    with pytest.raises(SettingError, match=r"--memory .*: wanted a number of bytes, as 512M or 4G"):
        bytes_of(word, "--memory")
