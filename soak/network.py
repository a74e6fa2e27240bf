"""Another machine's network on this one, and the line to it, which can be cut.

Where a line is cut nothing comes through, and neither end is told: it is not as when a connection
is ended, which reaches both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from contextlib import suppress

NET, HERE, THERE = "203.0.113.0/30", "203.0.113.1", "203.0.113.2"
"""Of the addresses that are for examples (RFC 5737)."""


class Network:
    """A namespace with the far end of a line in it. For root, on Linux."""

    net, address = NET, THERE
    """All addresses on the line, and that of whoever listens at its far end."""

    def __init__(self) -> None:
        """Raises RuntimeError where the system gives no such thing."""
        self._name = f"dedupe-{os.getpid()}"
        self._near, self._far = f"dd{os.getpid()}a", f"dd{os.getpid()}b"
        if _ip("route", "show", "root", NET):
            raise RuntimeError(f"the addresses {NET} are in use here")
        self.within = ["ip", "netns", "exec", self._name]
        """Before a command that is to run there."""
        try:
            self._lay()
        except BaseException:
            self.close()
            raise

    def _lay(self) -> None:
        _ip("netns", "add", self._name)
        far = ("peer", "name", self._far, "netns", self._name)
        _ip("link", "add", self._near, "type", "veth", *far)
        _ip("addr", "add", f"{HERE}/30", "dev", self._near)
        _ip("link", "set", self._near, "up")
        # Whatever becomes of the line, what is meant for it goes nowhere else.
        _ip("route", "add", "blackhole", NET, "metric", "4000")
        self._of_far("addr", "add", f"{THERE}/30", "dev", self._far)
        self._of_far("link", "set", "lo", "up")
        self._of_far("link", "set", self._far, "up")

    def _of_far(self, *words: str) -> None:
        _ip("-n", self._name, *words)

    def cut(self, seconds: float) -> None:
        """Lets nothing through for so long."""
        self._of_far("link", "set", self._far, "down")
        time.sleep(seconds)
        self._of_far("link", "set", self._far, "up")

    def close(self) -> None:
        """Takes it away."""
        for words in (
            ("link", "delete", self._near),
            ("route", "delete", "blackhole", NET, "metric", "4000"),
            ("netns", "delete", self._name),
        ):
            with suppress(RuntimeError):
                _ip(*words)


def _ip(*words: str) -> str:
    """What the command tells. Raises RuntimeError where it fails."""
    if shutil.which("ip") is None:
        raise RuntimeError("the command ip is missing")
    done = subprocess.run(["ip", *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout
