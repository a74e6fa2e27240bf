"""The page of what came last: made by a process of its own, at most every so often, and held."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

from dedupe.clean import printable
from dedupe.report.html.news import with_news
from dedupe.server.failures import RefusedError, put_off

if TYPE_CHECKING:
    from dedupe.server.shared import SharedIndex

EVERY_SECONDS = 30.0
"""From the beginning of one page to that of the next."""
LONGEST_SECONDS = 600.0
"""In which a page must be made."""
PageCommand = Callable[[Path], Sequence[str]]
"""What writes the page into a file: the arguments of a process."""


class HeldPage(NamedTuple):
    """A page that was made."""

    position: int
    """Of the index: what happened since is not in it."""
    body: bytes
    tag: str
    """The same for the same bytes."""
    policy: str
    """What the page itself says that a browser may do on it."""


class LivePage:
    """The page of an index, from when it is first asked for. For one event loop."""

    def __init__(self, command: PageCommand) -> None:
        self._command = command
        self._held: HeldPage | None = None
        self._failure = ""
        self._making: asyncio.Task[None] | None = None
        self._begun = -EVERY_SECONDS

    async def latest(self, shared: SharedIndex, ending: asyncio.Event) -> HeldPage:
        """The page as it was made last; where the index has changed, another one is begun.

        The first is waited for. Raises RefusedError where that takes too long, or it can't be made.
        """
        now = asyncio.get_running_loop().time()
        if self._making is None and now - self._begun >= EVERY_SECONDS:
            async with asyncio.timeout(shared.limits.seconds):
                position = (await shared.read(lambda index: index.changes(None))).position
            if self._making is None and (self._held is None or self._held.position != position):
                self._begun = now
                self._making = asyncio.create_task(self._make(position))
        if self._held is None and self._making is not None:
            until = asyncio.ensure_future(ending.wait())
            await asyncio.wait((self._making, until), timeout=shared.limits.seconds,
                               return_when=asyncio.FIRST_COMPLETED)  # fmt: skip
            until.cancel()
            if not self._making_is_over():
                raise put_off("the page is being made; come again")
        if self._held is None:
            raise RefusedError(HTTPStatus.CONFLICT, f"the page can't be made: {self._failure}")
        return self._held

    def _making_is_over(self) -> bool:
        return self._making is None or self._making.done()

    async def _make(self, position: int) -> None:
        """Makes the page; why it can't be made is held until it is tried again."""
        try:
            with TemporaryDirectory(prefix="dedupe-page-") as folder:
                path = Path(folder) / "page.html"
                code, said = await _run(self._command(path))
                if code:
                    lines = said.decode("utf-8", "replace").strip().splitlines()
                    self._failure = printable(
                        lines[-1].removeprefix("dedupe: ") if lines else f"exit code {code}"
                    )
                    return
                self._held = await asyncio.to_thread(_held, path, position)
        except (OSError, TimeoutError) as error:
            self._failure = printable(str(error) or "it took too long")
        finally:
            self._making = None


def _held(path: Path, position: int) -> HeldPage:
    """The page in a file, with a script that follows what happens after a position."""
    text, policy = with_news(path.read_text("utf-8"), f"v1/events?after={position}")
    body = text.encode()
    tag = hashlib.sha256(body).hexdigest()[:32]
    return HeldPage(position, body, tag, f"{policy}; frame-ancestors 'none'")


async def _run(command: Sequence[str]) -> tuple[int, bytes]:
    """Exit code and messages of a process, which doesn't outlive the call. Raises TimeoutError."""
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is told to the server alone
    )
    try:
        async with asyncio.timeout(LONGEST_SECONDS):
            _, said = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, said
