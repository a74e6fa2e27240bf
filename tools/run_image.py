"""Runs the steps of deploy/Dockerfile, and then what its image starts, where there is no Docker.

A folder stands for the root of the image: paths of /src, /opt, /var and /run lie in it. Of the
first stage only what the second one copies is kept. As root the server runs as the user of the
image, who may write to the volume alone. Needs the package index; ``make smoke`` runs it.

    python tools/run_image.py WHEEL

installs the wheel in the place of what is copied, once it is sure that no file of it would be
missing there: compiling takes minutes. Without a wheel it is compiled, as in the image.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
INSIDE = re.compile(r"(?<![\w/.])/(?=(?:src|opt|var|run)(?:/|\b))")
"""Where a path of the image begins that lies in the folder."""
TOKEN = "of-the-image-0123456789"
ARTICLE = {"id": "a1", "text": "The ferry Halcyon Star sank in Orrin Sound on Monday evening."}


@dataclass(frozen=True)
class Instruction:
    """One instruction of a Dockerfile."""

    word: str
    rest: str

    @property
    def words(self) -> list[str]:
        """What follows, as a list of JSON or as words."""
        text = self.rest.partition("CMD ")[2] if self.word == "HEALTHCHECK" else self.rest
        found: list[str] = json.loads(text) if text.startswith("[") else shlex.split(text)
        return found


@dataclass
class Image:
    """What is known of it once all steps were run."""

    folder: Path
    """Stands for its root."""
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: str = ""
    entrypoint: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)
    health: list[str] = field(default_factory=list)
    volume: str = ""
    port: str = ""

    def mapped(self, text: str) -> str:
        """The same with its paths in the folder."""
        return INSIDE.sub(f"{self.folder}/", text)

    def place(self, path: str) -> Path:
        """Where a path of the image lies, from its working directory on."""
        return Path(self.mapped(os.path.normpath(os.path.join(self.workdir, path))))  # noqa: PTH118


def instructions(text: str) -> list[Instruction]:
    """Those of a Dockerfile, in order."""
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    whole = lines.replace("\\\n", " ").splitlines()
    return [Instruction(*line.strip().split(None, 1)) for line in whole if line.strip()]


def stages(text: str) -> list[list[Instruction]]:
    """The instructions of each stage, without its FROM."""
    found: list[list[Instruction]] = []
    for one in instructions(text):
        if one.word == "FROM":
            found.append([])
        else:
            found[-1].append(one)
    return found


def copied(image: Image, words: list[str]) -> None:
    """Copies files of the repository, without what the builder is not sent."""
    *sources, target = words
    into = image.place(target)
    for source in sources:
        path = ROOT / source
        place = into / path.name if target.endswith("/") else into
        place.parent.mkdir(parents=True, exist_ok=True)
        if path.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "kernels.*.so")
            shutil.copytree(path, place, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(path, place)


def run(image: Image, command: str) -> None:
    """Runs a command of a step. Those that say whose a folder is take root."""
    command = image.mapped(command)
    if os.geteuid():
        command = re.sub(r" -[og] \d+", "", command)
    image.place(".").mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["sh", "-euc", command],
        cwd=image.place("."),
        env=surroundings(image),
        capture_output=True,
        check=False,
        text=True,
    )
    if done.returncode:
        sys.exit(f"RUN {command}\n{done.stdout}{done.stderr}")


def surroundings(image: Image) -> dict[str, str]:
    """The variables of its processes: no path of this clone, and the Python that runs this one."""
    interpreters = image.folder / "interpreters"
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "DEDUPE", "VIRTUAL"))
    }
    path = image.mapped(image.environment.get("PATH", "/usr/local/bin:/usr/bin:/bin"))
    return kept | image.environment | {"PATH": f"{path}:{interpreters}"}


def built(folder: Path, wheel: Path | None) -> Image:
    """Runs all steps into the folder."""
    folder.chmod(0o755)  # its user looks into it
    interpreter = folder / "interpreters" / "python"
    interpreter.parent.mkdir()
    base = Path(sys.base_prefix) / "bin" / "python3"
    interpreter.write_text(f'#!/bin/sh\nexec "{base}" "$@"\n')
    interpreter.chmod(0o755)
    first, last = stages(DOCKERFILE.read_text("utf-8"))
    image = Image(folder)
    for step in first:
        if step.word == "RUN" and wheel is not None and "pip install" in step.rest:
            must_have_all(image, wheel)
            step = Instruction("RUN", step.rest.replace("'.[", f"'{wheel.resolve()}["))  # noqa: PLW2901
        taken(image, step)
    kept = [step.words[1] for step in last if step.rest.startswith("--from=")]
    shutil.rmtree(folder / "src")
    left = {f"/{path.relative_to(folder)}" for path in folder.glob("*/*") if path != interpreter}
    if left != set(kept):
        sys.exit(f"the second stage copies {kept}, and the first one left {left}")
    image = Image(folder)
    for step in last:
        taken(image, step)
    return image


def taken(image: Image, step: Instruction) -> None:
    """Does what an instruction says, or keeps it for the start."""
    if step.word == "COPY":
        if not step.rest.startswith("--from="):  # which stays where it is
            copied(image, step.words)
    elif step.word == "RUN":
        run(image, step.rest)
    elif step.word == "ENV":
        name, _, value = step.rest.partition("=")
        image.environment[name] = value
    elif step.word in {"ENTRYPOINT", "CMD", "HEALTHCHECK"}:
        name = {"CMD": "command", "HEALTHCHECK": "health"}.get(step.word, "entrypoint")
        setattr(image, name, step.words)
    elif step.word in {"WORKDIR", "USER", "VOLUME", "EXPOSE"}:
        setattr(image, "port" if step.word == "EXPOSE" else step.word.lower(), step.rest)
    elif step.word != "STOPSIGNAL":
        sys.exit(f"{DOCKERFILE.name}: {step.word} is not known here")


def must_have_all(image: Image, wheel: Path) -> None:
    """Ends where the wheel holds a file that would not be there to build it from."""
    names = [name for name in zipfile.ZipFile(wheel).namelist() if name.startswith("dedupe/")]
    source = image.place(".")
    missing = [n for n in names if not n.endswith(".so") and not (source / n).is_file()]
    if missing or len(names) < 100:
        sys.exit(f"{DOCKERFILE.name} does not copy {missing}")


@contextmanager
def started(image: Image, port: int) -> Iterator[subprocess.Popen[str]]:
    """What the image starts, on a port of this machine."""
    words = [*image.entrypoint, *image.command]
    words = [image.mapped(w).replace(f"0.0.0.0:{image.port}", f"127.0.0.1:{port}") for w in words]
    process = subprocess.Popen(
        [*as_user(image), *words],
        cwd=image.place("."),
        env=surroundings(image),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def as_user(image: Image) -> list[str]:
    """What comes before a command, so that it runs as the image's user."""
    if os.geteuid():
        return []
    user, _, group = image.user.partition(":")
    return ["setpriv", f"--reuid={user}", f"--regid={group}", "--clear-groups", "--no-new-privs"]


def is_healthy(image: Image, port: int) -> bool:
    """Whether the health check of the image says so."""
    words = [word.replace(f":{image.port}", f":{port}") for word in image.health]
    words = [*as_user(image), *words]
    done = subprocess.run(words, env=surroundings(image), capture_output=True, check=False)
    return done.returncode == 0


def asked(port: int, path: str, body: Any = None) -> Any:
    """What the server answers to somebody with a token."""
    address = f"http://127.0.0.1:{port}{path}"
    request = urllib.request.Request(address, body and json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {TOKEN}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def seen(image: Image) -> set[tuple[Path, int]]:
    """All files outside of the volume, with the time when each was written."""
    volume = image.place(image.volume)
    paths = (path for path in image.folder.rglob("*") if volume not in (path, *path.parents))
    return {(path, path.lstat().st_mtime_ns) for path in paths}


def run_twice(image: Image) -> Iterator[str]:
    """Starts it, has it admit an article and end, twice; what is wrong, one by one, or nothing."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    tokens = image.place("/run/secrets/tokens")
    tokens.parent.mkdir(parents=True)
    tokens.write_text(f"crawler check,admit {TOKEN}\n")
    before = seen(image)
    for replayed in ("false", "true"):
        if is_healthy(image, port):
            yield "the health check is content before anything runs"
        with started(image, port) as server:
            end = time.monotonic() + 60
            while not is_healthy(image, port) and time.monotonic() < end:
                if server.poll() is not None:
                    yield f"it ended: {server.communicate()[0]}"
                    return
            if f'"replayed":{replayed}' not in asked(port, "/v1/admit", ARTICLE):
                yield f"an article was not answered with replayed {replayed}"
            if "dedupe_decisions_total" not in asked(port, "/metrics"):
                yield "no decision is counted"
            server.send_signal(signal.SIGTERM)
            if server.wait(60) != 143:
                yield f"SIGTERM ended it with {server.returncode}"
    if seen(image) != before:
        yield f"files outside of the volume changed: {seen(image) ^ before}"


def main(wheel: Path | None) -> int:
    """The number of things that are wrong, at most 1."""
    if not sys.platform.startswith("linux"):
        print("the image is one of Linux: its steps are run there")
        return 0
    with TemporaryDirectory(ignore_cleanup_errors=True) as made:
        start = time.monotonic()
        image = built(Path(made), wheel)
        print(f"ok the steps of {DOCKERFILE.name}, in {time.monotonic() - start:.0f} s", flush=True)
        wrong = list(run_twice(image))
        size = sum(p.lstat().st_size for p in Path(made).rglob("*")) / 1e6
        print(
            *[f"FAILED {told}" for told in wrong] or ["ok what it starts, stops, and starts again"]
        )
        print(f"{size:.0f} MB on top of Python's image")
    print(f"{2 - bool(wrong)} passed, {int(bool(wrong))} failed")
    return int(bool(wrong))


if __name__ == "__main__":
    if len(sys.argv) > 2:
        sys.exit("usage: python tools/run_image.py [WHEEL]")
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) == 2 else None))
