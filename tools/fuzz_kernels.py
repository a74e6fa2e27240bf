"""Calls of the kernels that take what an index stores, with arguments that were mutated.

Each case is a call that an index made, or rows that it stores, changed at random from a seed. A
kernel may refuse it by ValueError or TypeError. Whatever else comes is a find: a report of a
sanitizer, a crash, a hang, another exception. IndexError comes from the checked build alone, where
the normal one would read past the end of an array.

    .venv/bin/python tools/build_kernels.py --checked
    .venv/bin/python tools/fuzz_kernels.py --cases 1000000 --processes 2
    .venv/bin/python tools/fuzz_kernels.py --first 4711 --cases 1  # one of them again

Uses ``build/checked`` where that is, unless ``--normal`` is given. Ends with 1 where it found
anything.
"""

from __future__ import annotations

import argparse
import mmap
import os
import random
import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

ROOMS = ("incoming", "postings", "kept")
RECORDED = 40
"""Calls of each kernel that are mutated."""
LONGEST = 3000
"""Values of an array that is mutated: to copy a longer one takes too long, and tells no more."""
PATIENCE = 60
"""Seconds that one case may take."""
STORED_EVERY = 256
"""One case of so many goes through all kernels that read stored articles."""
ALLOWED = (ValueError, TypeError)
EDGES = (
    *(0, 1, 2, 3, 7, 8, 63, 64, 127, 128, 255, 256, 1 << 16, (1 << 31) - 1, 1 << 31),
    *((1 << 32) - 1, 1 << 32, 1 << 62, (1 << 63) - 1, -1, -2, -(1 << 31), -(1 << 63)),
)
FLOATS = (0.0, -0.0, 1.0, -1.0, 0.5, 1e-30, 1e30, float("inf"), float("-inf"), float("nan"))

Call = tuple[str, Callable[..., Any], tuple[Any, ...]]


def value_for(draw: random.Random, kind: np.dtype[Any]) -> Any:
    """A value of a type, an odd one as often as any other."""
    if kind.kind == "f":
        return draw.choice(FLOATS) if draw.random() < 0.7 else draw.uniform(-9, 9)
    if kind.kind == "b":
        return draw.random() < 0.5
    bits = 8 * kind.itemsize
    value = draw.choice(EDGES) if draw.random() < 0.7 else draw.getrandbits(bits)
    value &= (1 << bits) - 1
    return value - (1 << bits) if kind.kind == "i" and value >> (bits - 1) else value


def mutated_array(draw: random.Random, array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """A copy with some values changed, moved, left out or added."""
    found, kind = array.copy(), array.dtype
    for _ in range(draw.choice((1, 1, 1, 2, 4))):
        size, act = len(found), draw.randrange(9)
        if act < 4 and size:
            flat = found.reshape(-1)
            at = draw.randrange(flat.size) if flat.size else 0
            if not flat.size:
                continue
            if act == 0 and kind.kind in "iu":
                flat[at : at + 1] += np.array([draw.choice((1, -1, 4))]).astype(kind)
            else:
                flat[at] = value_for(draw, kind)
        elif act == 4 and size > 1:
            one, other = draw.randrange(size), draw.randrange(size)
            found[[one, other]] = found[[other, one]]
        elif act == 5:
            found = found[: draw.choice((0, size // 2, max(0, size - 1)))].copy()
        elif act == 6:
            more = np.array([value_for(draw, kind) for _ in range(draw.randrange(1, 5))], kind)
            found = np.concatenate((found, np.resize(more, (len(more), *found.shape[1:]))))
        elif act == 7 and found.ndim == 2:
            found = np.ascontiguousarray(found[:, : draw.randrange(3)])
        elif act == 8 and size:
            found = found[::-1].copy()
    return found


def mutated(draw: random.Random, arguments: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments of which one or two were changed; all arrays are copies, as some are filled."""
    found = [copied(value) for value in arguments]
    for _ in range(draw.choice((1, 1, 2))):
        at = draw.randrange(len(found))
        value = found[at]
        if isinstance(value, np.ndarray):
            found[at] = mutated_array(draw, value) if value.size <= LONGEST else value
        elif isinstance(value, int):
            found[at] = value_for(draw, np.dtype(np.int64))
        elif isinstance(value, float):
            found[at] = value_for(draw, np.dtype(np.float64))
    return tuple(found)


def copied(value: Any) -> Any:
    """Arrays of a call that may be filled; long ones are tables and scratch, and stay."""
    small = isinstance(value, np.ndarray) and value.size <= LONGEST
    return value.copy() if small else value


class Recording:
    """The calls of some kernels while an index is at work, and what it stores."""

    def __init__(self) -> None:
        self.calls: dict[str, list[tuple[Callable[..., Any], tuple[Any, ...]]]] = defaultdict(list)
        self.sketches: list[bytes] = []
        self.shingles: list[bytes] = []
        self.words = 5

    def record(self) -> None:
        """Has an index work, and a ring that is short."""
        rooms = [sys.modules[f"dedupe.kernels.{name}"] for name in ROOMS]
        names = {(room, name): getattr(room, name) for room in rooms for name in vars(room)}
        kernels = {place: kernel for place, kernel in names.items() if callable(kernel)}
        replaced = []
        for (room, name), kernel in kernels.items():
            noting = self._noting(f"{room.__name__.rpartition('.')[2]}.{name}", kernel)
            for module in [m for key, m in sys.modules.items() if key.startswith("dedupe.")]:
                for place in [key for key, value in vars(module).items() if value is kernel]:
                    setattr(module, place, noting)
                    replaced.append((module, place, kernel))
        try:
            self._work()
        finally:
            for module, place, kernel in replaced:
                setattr(module, place, kernel)

    def _noting(self, name: str, kernel: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            held = self.calls[name]
            if len(held) < RECORDED or random.random() < 0.05:
                kept = tuple(map(copied, arguments))
                if len(held) < RECORDED:
                    held.append((kernel, kept))
                else:
                    held[random.randrange(RECORDED)] = (kernel, kept)
            return kernel(*arguments)

        return call

    def _work(self) -> None:
        from dedupe.index import open_index
        from dedupe.index.tables import merge, postings
        from dedupe.index.tables.kept import Kept
        from soak.texts import START, News

        merge.RATIO, merge.KEYS, postings.SEGMENT, postings.BLOCK = 2, 4, 16, 8
        news = News(7, words=60)
        random.seed(7)
        with open_index("memory:") as index:
            index.admit_many(news.articles(0, 30))
            for article in news.articles(30, 60):
                index.admit(article)
            index.check_many(news.articles(60, 8))
            index.expire(START.replace(minute=20))
            index.compact()
            list(index.verify())
            with index._store.read() as reader:  # noqa: SLF001 - as the index itself does
                numbers = reader.walk(0, 100)
                for kind, held in (("sketch", self.sketches), ("shingles", self.shingles)):
                    rows = reader.blobs(kind, numbers)
                    held += [rows.row(at) for at in range(len(numbers))]
        kept = Kept(8, 20)
        for first in range(0, 60, 3):
            ids = np.arange(first, first + 4, dtype=np.int64)
            kept.of(ids, lambda asked: [(at, bytes([at]) * (at % 30)) for at in asked])


class Stored:
    """All kernels that read what is stored of articles, one after the other."""

    def __init__(self, recording: Recording) -> None:
        from dedupe.config import Settings
        from dedupe.index.tallies import Tallies
        from dedupe.weigh import Weigher

        self._held = recording
        self._tallies = Tallies(Settings())
        self._weigher = Weigher(self._tallies.terms)

    def check(self, draw: random.Random) -> None:
        """Raises ValueError where a mutated row is refused."""
        from dedupe.errors import DamagedError

        count = draw.randrange(2, 9)
        rows = [draw.randrange(len(self._held.sketches)) for _ in range(count)]
        sketches = [self._held.sketches[at] for at in rows]
        shingles = [self._held.shingles[at] for at in rows]
        for held in (sketches, sketches, shingles):
            at = draw.randrange(count)
            held[at] = self._changed(draw, held[at])
        try:
            self._judged(sketches, shingles)
        except DamagedError as error:
            raise ValueError(str(error)) from None

    def _changed(self, draw: random.Random, row: bytes) -> bytes:
        """A row with a word changed, mostly in its low bits, so that it may still be one."""
        words = np.frombuffer(row[: len(row) // 4 * 4], "<u4").copy()
        for _ in range(draw.randrange(3) if len(words) else 0):
            at = draw.choice((3, 4, 5, 7, 8, 9)) if draw.random() < 0.3 else draw.randrange(1 << 20)
            if draw.random() < 0.5:
                words[at % len(words)] ^= 1 << draw.choice((0, 1, 2, 3, 6, 7, 8, 9, 10, 20, 31))
            else:
                words[at % len(words)] = value_for(draw, words.dtype)
        found = words.tobytes()
        return found[:-4] if draw.random() < 0.05 else found

    def _judged(self, parts: list[bytes], shingles: list[bytes]) -> None:
        from dedupe.evidence import Window, evidence, logistic
        from dedupe.group import story_groups
        from dedupe.index.record import Sketches
        from dedupe.index.store import Blobs
        from dedupe.known import KnownPairs
        from dedupe.novelty import Wordings, compared
        from dedupe.score import ShingleSets, cosines
        from dedupe.sharing import terms_in_common
        from dedupe.story import story_model, story_scores

        n = len(parts)
        sketches, read = Sketches.of(parts), Blobs.of(shingles)
        numbers = np.arange(1, n + 1, dtype=np.int64)
        pairs = np.array([(b, a) for b in range(n) for a in range(b)], np.int32)
        weights, terms = sketches.weighed(self._weigher), sketches.terms()
        near, starts = cosines(weights, pairs), read.bounds >> 2
        values = read.data.view("<u4").astype(np.uint32, copy=False)
        sets = ShingleSets.of_texts(values, starts, np.arange(n, dtype=np.int32))
        words = Wordings(values, starts, sketches.tokens, terms.buckets, terms.counts,
                         terms.flags, terms.bounds, self._held.words)  # fmt: skip
        alike = compared(sets, pairs, lambda _: words, 0.0)
        known = KnownPairs(*sketches.edges_within(numbers))
        window = Window(terms_in_common(weights, pairs), sketches.dates, pairs, near,
                        lambda at: alike.overlaps.containment[at], sketches.tokens,
                        self._tallies.days.gaps(), known)  # fmt: skip
        scores = story_scores(pairs, near, evidence(window), n, story_model(), known)
        chances = logistic(scores.logits)
        if not np.isfinite(chances).all():
            raise AssertionError(f"chances that are none: {chances}")
        story_groups(np.concatenate((pairs, known.pairs)), chances, np.ones(n))


def cases(recording: Recording) -> Callable[[int], tuple[str, Callable[[], object]]]:
    """What the case of a seed calls: the name of it, and the call."""
    calls = [(name, *call) for name in sorted(recording.calls) for call in recording.calls[name]]
    stored, draw = Stored(recording), random.Random()

    def case(seed: int) -> tuple[str, Callable[[], object]]:
        draw.seed(seed)
        if seed % STORED_EVERY == 0:
            return "stored rows", lambda: stored.check(draw)
        name, kernel, arguments = draw.choice(calls)
        changed = mutated(draw, arguments)
        return name, lambda: kernel(*changed)

    return case


def worked(first: int, count: int, progress: mmap.mmap | None) -> dict[tuple[str, str], int]:
    """Carries cases out; finds by kernel and message, with the first seed of each."""
    recording = Recording()
    recording.record()
    case, finds = cases(recording), dict[tuple[str, str], int]()
    refused = 0
    for seed in range(first, first + count):
        if progress is not None:
            progress[:8] = seed.to_bytes(8, "little")
        name, call = case(seed)
        try:
            call()
        except ALLOWED:
            refused += 1
        except Exception as error:  # noqa: BLE001 - that is what is looked for
            finds.setdefault((name, f"{type(error).__name__}: {error}"[:160]), seed)
    print(f"  {count:,} cases from {first:,}: {refused:,} refused")
    return finds


def install(path: str) -> None:
    """Another build of the kernels, before any other module imports one."""
    import twins

    twins.install_module(path)


def child(first: int, count: int, place: str) -> int:
    """One process: says what it found, a line each."""
    if built := os.environ.get("DEDUPE_KERNELS"):
        install(built)
    import dedupe.index.admission
    import dedupe.index.sqlite  # noqa: F401 - so that all that call kernels are there

    with open(place, "r+b") as file:  # noqa: PTH123 - it is mapped
        progress = mmap.mmap(file.fileno(), 8)
    for (name, message), seed in worked(first, count, progress).items():
        print(f"FOUND {seed} {name}: {message}")
    return 0


def checked_environment() -> dict[str, str]:
    """Of a process with the checked build; raises SystemExit where there is none."""
    built = sorted((ROOT / "build" / "checked" / "dedupe").glob("kernels.*"))
    if not built:
        raise SystemExit("no checked build: tools/build_kernels.py --checked makes it")
    libraries = [
        subprocess.run(["gcc", f"-print-file-name={name}.so"], capture_output=True, text=True,
                       check=True).stdout.strip()
        for name in ("libasan", "libubsan")
    ]  # fmt: skip
    options = "detect_leaks=0:allocator_may_return_null=1:max_allocation_size_mb=1024"
    return os.environ | {
        "DEDUPE_KERNELS": str(built[0]),
        "LD_PRELOAD": " ".join(libraries),
        "ASAN_OPTIONS": options,
        "UBSAN_OPTIONS": "print_stacktrace=0:halt_on_error=1",
    }


def watched(process: subprocess.Popen[str], place: Path) -> Iterator[str]:
    """Waits for the end of a process; tells what it ended with, and what it found."""
    seed, since = b"", time.monotonic()
    out = ""
    while True:
        try:
            out, _ = process.communicate(timeout=2)
            break
        except subprocess.TimeoutExpired:
            now = place.read_bytes()
            if now != seed:
                seed, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE:
                process.send_signal(signal.SIGKILL)
    at = int.from_bytes(place.read_bytes(), "little")
    for line in out.splitlines():
        if line.startswith("FOUND "):
            yield line.removeprefix("FOUND ")
        else:
            print(line)
    if process.returncode:
        yield f"{at} the process ended with {process.returncode}"


def main() -> int:
    """Cases in several processes; what was found, a line each."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--normal", action="store_true", help="the build of the package itself")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        return child(given.first, given.cases, given.child)
    environment = dict(os.environ) if given.normal else checked_environment()
    began, share = time.monotonic(), -(-given.cases // given.processes)
    from tempfile import TemporaryDirectory

    found = 0
    with TemporaryDirectory() as folder:
        started = []
        for at in range(given.processes):
            place = Path(folder, str(at))
            place.write_bytes(bytes(8))
            first = given.first + at * share
            command = [sys.executable, __file__, "--first", str(first), "--cases", str(share)]
            process = subprocess.Popen(
                [*command, "--child", str(place)],
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
            started.append((process, place))
        for process, place in started:
            for find in watched(process, place):
                found += 1
                print(f"found, seed {find}")
    print(f"{given.cases:,} cases in {time.monotonic() - began:,.0f} s, {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
