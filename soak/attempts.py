"""One attempt at an index, in a process of its own: by the library, or by a command."""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from dedupe.errors import StoreError
from dedupe.index import open_index
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

    from dedupe.model import Article

OVERRIDES = (1 << 1) | (1 << 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: by which root reads and writes what it may not."""
CAPABILITY_VERSION = 0x20080522


@dataclass(frozen=True, slots=True)
class Refused:
    """The StoreError that an attempt ended with."""

    kind: type[StoreError]
    message: str


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that has ended."""

    code: int | None
    out: str
    errors: str


@dataclass(frozen=True, slots=True)
class Terms:
    """Under which an attempt is made."""

    patience: float = 30.0
    file_bytes: int | None = None
    """No file may grow beyond it: what is written after it fails, as on a full disk."""
    ordinary: bool = False
    """Whether permissions count, also for root."""

    def take_effect(self) -> None:
        """For this process, from now on."""
        if self.file_bytes is not None:
            _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
            resource.setrlimit(resource.RLIMIT_FSIZE, (self.file_bytes, most))
        if self.ordinary and os.geteuid() == 0:
            give_up_overrides()


def give_up_overrides() -> None:
    """Has permissions count for this process of root's, too. See capset(2)."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable, of 32 bits each, twice
    if libc.capget(header, sets):
        raise OSError(ctypes.get_errno(), "capget")
    sets[0] &= ~OVERRIDES
    sets[1] &= ~OVERRIDES  # access(2) asks for these
    if libc.capset(header, sets):
        raise OSError(ctypes.get_errno(), "capset")


def admitted(
    path: str, articles: Sequence[Article], terms: Terms, *, create: bool = True
) -> tuple[list[str], Refused | Failed | None]:
    """Admits articles one by one: ids of those that were, and what it ended with."""
    worker = Worker(_admit, path, articles, terms, create)
    told = list(worker.messages())
    worker.end()
    ids = [message for message in told if isinstance(message, str)]
    ends = [message for message in told if isinstance(message, Refused | Failed)]
    return ids, ends[0] if ends else None


def _admit(
    line: Connection,
    path: str,
    articles: Sequence[Article],
    terms: Terms,
    create: bool,  # noqa: FBT001
) -> None:
    terms.take_effect()
    try:
        with open_index(path, patience=terms.patience, create=create) as index:
            for article in articles:
                line.send(index.admit(article).id)
    except StoreError as error:
        line.send(Refused(type(error), str(error)))


def command(arguments: Sequence[str], terms: Terms) -> Ended:
    """Runs ``dedupe`` with these arguments."""
    with TemporaryDirectory(prefix="soak-command-") as folder:
        out, errors = Path(folder, "out"), Path(folder, "errors")
        worker = Worker(_command, list(arguments), terms, str(out), str(errors))
        failed = list(worker.messages())
        code = worker.end()
        told = "".join(f"{message}\n" for message in failed)
        return Ended(code, out.read_text(), told + errors.read_text())


def _command(
    line: Connection,
    arguments: list[str],
    terms: Terms,
    out: str,
    errors: str,
) -> None:
    from dedupe.cli import main

    line.close()
    for descriptor, path in ((1, out), (2, errors)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), descriptor)
    terms.take_effect()
    try:
        main(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
