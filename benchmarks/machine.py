"""What the figures were measured on, and who else was using it. Names no host and no path."""

from __future__ import annotations

import os
import platform
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "story-dedupe",
    "datasketch",
    "gaoya",
    "rensa",
    "numpy",
    "pyarrow",
    "orjson",
    "xxhash",
)


def described(articles: int, size: int) -> list[str]:
    """Date, processor, versions and the file's size, a line each."""
    today = datetime.now(UTC).date().isoformat()
    versions = ", ".join(f"{name} {found}" for name in PACKAGES if (found := installed(name)))
    system = f"{platform.system()}, Python {platform.python_version()}"
    return [
        f"{today}; {processor()}, {os.cpu_count()} processors; {system}.",
        f"{versions}.",
        f"{articles:,} articles, {size / 1e6:.1f} MB of text.",
    ]


def installed(package: str) -> str:
    """Version of a package; '' where it is not installed."""
    try:
        return version(package)
    except PackageNotFoundError:
        return ""


def processor() -> str:
    """Model of the processor, as the system names it."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


class Others:
    """Share of the processors that others took while we measured; None where it can't be told."""

    def __init__(self) -> None:
        self._began, self._busy, self._own = time.perf_counter(), _busy(), _own()

    def share(self) -> float | None:
        """From the start until now, in [0, 1]."""
        busy = _busy()
        if busy is None or self._busy is None:
            return None
        taken = (busy - self._busy) - (_own() - self._own)
        span = (time.perf_counter() - self._began) * (os.cpu_count() or 1)
        return min(1.0, max(0.0, taken / span))


def _busy() -> float | None:
    """Seconds that all processors together have been busy since the system started."""
    try:
        fields = Path("/proc/stat").read_text("utf-8").split("\n", 1)[0].split()[1:9]
    except OSError:
        return None
    ticks = [int(value) for value in fields]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def _own() -> float:
    """Seconds of processor time of this process and its finished children."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system
