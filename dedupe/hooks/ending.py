"""Signals that ask for an end, taken as the wish to finish what is under way."""

from __future__ import annotations

import os
import signal
from types import FrameType
from typing import Self

TAKEN = () if os.name == "nt" else (signal.SIGINT, signal.SIGTERM)


class Ending:
    """While it is entered, SIGINT and SIGTERM only make it readable; a second one acts as usual.

    For the main thread alone, as only that may set what a signal does. Raises ValueError elsewhere.
    On Windows, where nothing can wait for a signal and a pipe at once, signals act as usual.
    """

    def __init__(self) -> None:
        self.signal = 0
        """The signal that came, or 0."""

    def __enter__(self) -> Self:
        self._reader, self._writer = os.pipe()
        self._before = {
            number: signal.signal(number, self._note)
            for number in TAKEN
            if signal.getsignal(number) != signal.SIG_IGN  # as in the background of a script
        }
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._reader)
        os.close(self._writer)

    def fileno(self) -> int:
        """Readable once a signal came."""
        return self._reader

    def _note(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        os.write(self._writer, b"\0")
        for kind, handler in self._before.items():
            signal.signal(kind, handler)
