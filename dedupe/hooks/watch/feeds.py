"""Feeds that are watched: each is asked on a thread, and what comes is put aside for its turn."""

from __future__ import annotations

import tempfile
import threading
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO, NamedTuple, cast
from urllib.parse import urlsplit

from dedupe.hooks.watch.seen import SeenFeed
from dedupe.read.address import shown_address
from dedupe.read.openable import Known

if TYPE_CHECKING:
    from queue import SimpleQueue

    from dedupe.config import Limits

AT_ONCE = 8
"""Feeds that are asked at one moment; of one host never more than one."""
_IN_MEMORY = 1 << 20


class Trouble(NamedTuple):
    """Why a feed did not answer, in words, and how long its server asks to wait."""

    reason: str
    wait: float | None


class NewBody(NamedTuple):
    """What a feed holds, which is not what was seen of it."""

    file: BinaryIO
    """Closed by who takes it."""
    known: Known
    seen: SeenFeed
    """What there is to take note of once all of it was admitted."""


class Polled(NamedTuple):
    """What came of asking a feed."""

    feed: Feed
    answer: NewBody | Trouble | SeenFeed | None
    """A SeenFeed where the body is the one that was seen, None where its server says so."""


@dataclass(slots=True, eq=False)
class Feed:
    """One feed, and how it stands with it."""

    url: str
    due: float = 0.0
    """When it is asked next, by the clock of the watcher."""
    failures: int = 0
    asked: bool = False
    """Whether it is being asked now."""

    @property
    def name(self) -> str:
        """Its address as it may be shown."""
        return shown_address(self.url)

    @property
    def host(self) -> str:
        """The host that is asked."""
        return urlsplit(self.url).netloc.rpartition("@")[2].lower()


def begin_poll(
    feed: Feed, since: SeenFeed, limits: Limits, done: SimpleQueue[Polled | None]
) -> None:
    """Asks a feed on a thread of its own, which the end of the program does not wait for."""

    def work() -> None:
        done.put(Polled(feed, _answer(feed.url, since, limits)))

    feed.asked = True
    threading.Thread(target=work, name="dedupe-poll", daemon=True).start()


def _answer(url: str, since: SeenFeed, limits: Limits) -> NewBody | Trouble | SeenFeed | None:
    from dedupe.read.connection import TroubleError

    file = cast("BinaryIO", tempfile.SpooledTemporaryFile(_IN_MEMORY))  # noqa: SIM115 - see NewBody
    try:
        found = _new_body(url, since, limits, file)
    except TroubleError as error:
        found = Trouble(str(error), error.wait)
    except Exception as error:  # noqa: BLE001 - of one feed; the others are to go on
        found = Trouble(f"it could not be asked: {type(error).__name__}: {error}", None)
    if not isinstance(found, NewBody):
        file.close()
    return found


def _new_body(
    url: str, since: SeenFeed, limits: Limits, file: BinaryIO
) -> NewBody | Trouble | SeenFeed | None:
    from dedupe.read.web import fetched_if_new

    found = fetched_if_new(url, since.answer, limits, file)
    if found is None:
        return None
    known, answer = found
    digest = sha256()
    file.seek(0)
    while block := file.read(_IN_MEMORY):
        digest.update(block)
    file.seek(0)
    seen = SeenFeed(answer.etag, answer.modified, answer.address, digest.hexdigest())
    return seen if seen.digest == since.digest else NewBody(file, known, seen)
