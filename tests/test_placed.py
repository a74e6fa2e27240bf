"""Files in the making: what a killed process left goes, what another is making stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dedupe import placed
from dedupe.placed import clear_left, leaving_nothing, part_of, writing

NEWS = str(Path(__file__).parent.parent / "fixtures" / "articles" / "news.jsonl")
pytestmark = [
    pytest.mark.posix,
    pytest.mark.skipif(sys.platform == "win32", reason="no look at processes there"),
]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def dead() -> int:
    """The number of a process that is no more."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return ended.pid


def of(process: int, target: Path) -> Path:
    """What the process would make beside the target."""
    own = part_of(target).name
    return target.with_name(own.replace(f".{os.getpid()}-", f".{process}-"))


def dedupe(*args: object) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "dedupe", *map(str, args)]
    return subprocess.run(words, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def index(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("made") / "news.index"
    assert dedupe("filter", "--index", path, NEWS).returncode == 0
    return path


@pytest.fixture(scope="module")
def export(index: Path) -> Path:
    path = index.with_name("export.jsonl")
    assert dedupe("index", "export", index, "-o", path).returncode == 0
    return path


KILLED = """
import os, signal
from dedupe.cli import main
from dedupe.index import {module}
inner = {module}.{name}
def killed(*args):
    for number, made in enumerate(inner(*args)):
        if number == 5:
            os.kill(os.getpid(), signal.SIGKILL)
        yield made
{module}.{name} = killed
main({words!r})
"""


@pytest.mark.parametrize(
    ("words", "module", "name"),
    [
        (["rebuild", "{folder}/news.index"], "rebuild", "_counted"),
        (["rebuild", "{folder}/news.index", "-o", "{folder}/new.index"], "rebuild", "_counted"),
        (["import", "{folder}/new.index", "{export}"], "rebuild", "_counted"),
        (["export", "{folder}/news.index", "-o", "{folder}/x.jsonl"], "exchange", "export_lines"),
    ],
    ids=["rebuild", "rebuild -o", "import", "export"],
)
def test_what_a_killed_command_left_goes_with_the_next(
    words, module, name, index, export, tmp_path
) -> None:
    (tmp_path / "news.index").write_bytes(index.read_bytes())
    words = ["index", *(word.format(folder=tmp_path, export=export) for word in words)]
    code = KILLED.format(words=words, module=module, name=name)
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert ran.returncode == -signal.SIGKILL, ran.stderr
    assert any(".part" in left for left in names(tmp_path)), "it left something"
    assert dedupe(*words).returncode == 0
    assert [left for left in names(tmp_path) if ".part" in left] == []


@pytest.mark.parametrize("ending", ["", "-wal", "-shm", "-journal"])
def test_what_a_dead_process_left_goes(tmp_path, dead, ending) -> None:
    target = tmp_path / "news[1].index"
    of(dead, target).with_name(of(dead, target).name + ending).write_bytes(b"x")
    with leaving_nothing(target):
        assert names(tmp_path) == []


def test_what_an_earlier_process_of_this_number_left_goes(tmp_path) -> None:
    target = tmp_path / "x"
    part_of(target).write_bytes(b"an index that was begun")
    with leaving_nothing(target) as beside:
        assert not beside.exists()


def test_what_others_are_making_stays(tmp_path) -> None:
    target = tmp_path / "x"
    of(os.getppid(), target).write_bytes(b"x")
    with leaving_nothing(target):
        pass
    assert names(tmp_path) == [of(os.getppid(), target).name]


def test_what_another_machine_left_stays(tmp_path, dead, monkeypatch) -> None:
    target = tmp_path / "x"
    there = of(dead, target)
    there.write_bytes(b"x")
    monkeypatch.setattr("platform.node", lambda: "elsewhere.example")
    clear_left(target)
    assert there.exists()


@pytest.mark.parametrize(
    "name", ["x.part", "x.12.part", "x.old", "x.1-2.part", "xy.{}", "x.{}.gz", "y.{}"]
)
def test_files_of_other_names_stay(tmp_path, dead, name) -> None:
    part = of(dead, tmp_path / "x").name.removeprefix("x.")
    other = tmp_path / name.format(part)
    other.write_bytes(b"x")
    clear_left(tmp_path / "x")
    assert other.exists()


def test_a_file_that_someone_has_locked_stays(tmp_path, dead, monkeypatch) -> None:
    target = tmp_path / "x"
    code = (
        "import sys; from pathlib import Path; from dedupe.placed import writing\n"
        "with writing(Path(sys.argv[1])): print(flush=True); sys.stdin.read()"
    )
    words = [sys.executable, "-c", code, str(target)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        other.stdout.readline()
        monkeypatch.setattr(placed, "_lives", lambda _: False)  # as seen from another container
        clear_left(target)
        assert names(tmp_path) == [of(other.pid, target).name]
        other.communicate()
    assert names(tmp_path) == ["x"]


def test_a_second_name_of_an_index_goes_and_the_index_stays_locked(tmp_path, index, dead) -> None:
    from dedupe.errors import BusyError
    from dedupe.index import open_index
    from dedupe.index.rebuild import replaced

    path = tmp_path / "news.index"
    path.write_bytes(index.read_bytes())
    spare = of(dead, tmp_path / "news.index.old")
    os.link(path, spare)
    with open_index(path) as opened:
        clear_left(tmp_path / "news.index.old")
        assert not spare.exists()
        code = (
            "import sys; from dedupe.index.rebuild import replaced\n"
            "from dedupe.config import Settings\n"
            "replaced(sys.argv[1], Settings(), None, lambda _: None)"
        )
        ran = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=False
        )
        assert BusyError.__name__ in ran.stderr
        assert opened.stats().articles
    replaced(path, opened.settings, None, lambda _: None)


def test_a_file_is_there_once_it_is_whole(tmp_path) -> None:
    with writing(tmp_path / "x") as file:
        file.write(b"all")
        assert not (tmp_path / "x").exists()
    assert (tmp_path / "x").read_bytes() == b"all"
    with pytest.raises(TypeError), writing(tmp_path / "x") as file:
        file.writelines([b"half", None])
    assert (names(tmp_path), (tmp_path / "x").read_bytes()) == (["x"], b"all")
