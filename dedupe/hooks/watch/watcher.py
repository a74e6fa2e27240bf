"""Goes from source to source: asks feeds, looks into folders, and has what came taken in."""

from __future__ import annotations

import math
import time
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, NamedTuple

from dedupe.errors import BusyError, FullError, SourceError
from dedupe.hooks.watch import pace
from dedupe.hooks.watch.feeds import AT_ONCE, Feed, NewBody, Polled, Trouble, begin_poll
from dedupe.hooks.watch.folders import Folder, is_unchanged
from dedupe.hooks.watch.pace import Paces, asked_for
from dedupe.hooks.watch.seen import Seen, SeenFeed, SeenFile
from dedupe.hooks.watch.sources import Watched
from dedupe.hooks.watch.taking import Audience, Taking
from dedupe.read.openable import OpenSource
from dedupe.read.source import one_source

if TYPE_CHECKING:
    from dedupe.config import Limits
    from dedupe.identity import SameBy
    from dedupe.index import Index
    from dedupe.read.fields import FieldKeys
    from dedupe.read.openable import Source

ONCE_SECONDS = 10.0
"""Seconds that a single round waits for files that are written to."""
BUSY_SECONDS = 0.5
"""Seconds after which such a file is looked at again."""
_NEVER = math.inf


class Unread(NamedTuple):
    """Why a source could not be taken in."""

    reason: str
    lasting: bool
    """Whether it will be so until the source is another."""


class Watcher:
    """Watches feeds and folders until ``stop`` is called, or ``once``: for a single round.

    What comes is judged by ``index``, and admitted.
    """

    def __init__(
        self,
        index: Index,
        seen: Seen,
        told: Audience,
        watched: Watched,
        paces: Paces,
        *,
        keys: FieldKeys,
        limits: Limits,
        same_by: SameBy,
        once: bool = False,
    ) -> None:
        self._seen, self._told, self._limits, self._once = seen, told, limits, once
        self._feeds = [Feed(url) for url in watched.feeds]
        self._folders = [Folder(path, seen) for path in watched.folders]
        self._paces = paces
        self._answers = SimpleQueue[Polled | None]()
        self._look_due = 0.0 if self._folders else _NEVER
        self._stopped = False
        self._trouble: dict[str, str] = {}
        """What was told last of sources that fail."""
        self._unknown: set[str] = set()
        """Folders of which it was told that they have files of no known kind."""
        self._taking = Taking(
            index, seen, told,
            keys=keys, limits=limits, same_by=same_by, is_stopped=lambda: self._stopped,
        )  # fmt: skip
        self.summary = self._taking.summary

    def stop(self) -> None:
        """Asks for the end; may be called wherever the program is."""
        self._stopped = True
        self._answers.put(None)

    def run(self) -> None:
        """Watches.

        Raises StoreError where the index cannot be used, MissingExtraError where a source needs a
        package that is not installed, and OSError where what is told cannot be written.
        """
        self._taking.recall()
        start, told = time.monotonic(), -1
        while not self._stopped:
            now = time.monotonic()
            self._ask(now)
            if self._look_due <= now:
                self._look(now, patient=now < start + ONCE_SECONDS)
            if not any(feed.asked for feed in self._feeds):
                # At the start, too: an earlier run may have been killed before it came to this.
                if told != self.summary.admitted:
                    told = self.summary.admitted
                    self._told.changed()
                if self._once and self._next_due() == _NEVER:
                    return
            self._wait(now)

    def _next_due(self) -> float:
        return min(self._look_due, *(feed.due for feed in self._feeds), _NEVER)

    def _wait(self, now: float) -> None:
        """Waits for an answer, the end, or until a source is due."""
        # A feed that is due already waits for the answer of another one, which ends the waiting.
        due = [feed.due for feed in self._feeds if not feed.asked and feed.due > now]
        wait = min(min(due, default=_NEVER), self._look_due) - time.monotonic()
        try:
            polled = self._answers.get(timeout=max(0.0, min(wait, 3600.0)))
        except Empty:
            return
        if polled is not None:
            self._take_answer(polled)

    def _ask(self, now: float) -> None:
        """Asks the feeds that are due, of one host one at a time."""
        hosts = {feed.host for feed in self._feeds if feed.asked}
        for feed in self._feeds:
            if feed.asked or feed.due > now or feed.host in hosts or len(hosts) >= AT_ONCE:
                continue
            seen = self._seen.feed(feed.url)
            if wait := self._wait_of(feed, seen):
                feed.due = _NEVER if self._once else now + wait
                continue
            hosts.add(feed.host)
            self.summary.asked += 1
            begin_poll(feed, seen, self._limits, self._answers)

    def _wait_of(self, feed: Feed, seen: SeenFeed) -> float:
        """Seconds for which a feed that is due is left alone, as it was asked in an earlier run."""
        now = time.time()
        if (wait := asked_for(seen.not_before - now)) > 0:
            self._told.message(f"{feed.name}: asks not to be asked for {wait:.0f} s more")
            return wait
        since = now - seen.asked
        # Whoever is started again and again must not ask each time; once means now.
        return 0.0 if self._once or since < 0 else max(0.0, pace.LEAST_SECONDS - since)

    def _take_answer(self, polled: Polled) -> None:
        feed, answer = polled
        feed.asked = False
        seen = self._seen.feed(feed.url)
        if isinstance(answer, NewBody):
            answer = self._take_body(feed, answer)
        elif not isinstance(answer, Trouble):
            self.summary.unchanged += 1
        if isinstance(answer, Trouble):
            feed.failures += 1
            wait = self._paces.feeds.again(feed.failures, answer.wait)
            if answer.wait:
                seen = seen._replace(not_before=time.time() + asked_for(answer.wait))
            self._failed(feed.name, answer.reason)
        else:
            feed.failures = 0
            wait = self._paces.feeds.next()
            seen = answer or seen
            self._works(feed.name)
        self._seen.saw_feed(feed.url, seen._replace(asked=time.time()))
        feed.due = _NEVER if self._once else time.monotonic() + wait

    def _take_body(self, feed: Feed, body: NewBody) -> SeenFeed | Trouble | None:
        """Takes in what a feed holds; None where the end was asked for before all was."""
        opened = OpenSource(body.file, body.known)
        trouble = self._taken(feed.name, one_source(feed.url), opened)
        if trouble is not None:
            return Trouble(trouble.reason, None)
        return None if self._stopped else body.seen

    def _taken(self, name: str, source: Source, opened: OpenSource | None = None) -> Unread | None:
        """Takes a source in; why it could not be."""
        try:
            self._taking.take(name, source, opened)
        except SourceError as error:
            return Unread(str(error).removeprefix(f"{source.name}: "), lasting=True)
        except (BusyError, FullError) as error:
            return Unread(str(error), lasting=False)
        return None

    def _look(self, now: float, *, patient: bool) -> None:
        """Looks into the folders, and takes in what is new there."""
        busy = False
        for folder in self._folders:
            try:
                found = folder.look()
            except SourceError as error:
                self._failed(folder.name, str(error).removeprefix(f"{folder.name}: "))
                continue
            self._works(folder.name)
            busy = busy or found.busy > 0
            self._say_unknown(folder.name, found.unknown)
            for source, status in found.ready:
                if self._stopped:
                    return
                self._take_file(source, status)
        if self._once:
            self._look_due = now + BUSY_SECONDS if busy and patient else _NEVER
        else:
            self._look_due = now + (BUSY_SECONDS if busy else self._paces.folders.next())

    def _take_file(self, source: Source, status: SeenFile) -> None:
        trouble = self._taken(source.name, source)
        self.summary.files += not self._stopped
        if trouble is not None:
            self._failed(source.name, trouble.reason)
        else:
            self._works(source.name)
        through = trouble is None or trouble.lasting
        if through and not self._stopped and is_unchanged(source, status):
            self._seen.saw_file(source.name, status)

    def _say_unknown(self, folder: str, count: int) -> None:
        if count and folder not in self._unknown:
            self._unknown.add(folder)
            files = "file" if count == 1 else "files"
            self._told.message(f"{folder}: {count:,} {files} of no known kind: passed over")

    def _failed(self, name: str, reason: str) -> None:
        """Tells why a source cannot be read, once for each reason."""
        self.summary.failing.add(name)
        if self._trouble.get(name) != reason:
            self._trouble[name] = reason
            self._told.message(f"{name}: {reason}")

    def _works(self, name: str) -> None:
        self.summary.failing.discard(name)
        if self._trouble.pop(name, None):
            self._told.message(f"{name}: can be read again")
