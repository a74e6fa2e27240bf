"""The item pipeline for Scrapy: drops what the index knows already, marks the rest.

::

    ITEM_PIPELINES = {"dedupe.hooks.scrapy.StoryFilterPipeline": 300}
    DEDUPE_INDEX = "news.index"

``docs/scrapy.md`` documents every setting. Importing this module without Scrapy raises
MissingExtraError.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, Self, get_args

from dedupe.clean import printable
from dedupe.errors import MissingExtraError, RecordError, SettingError, StoreError
from dedupe.hooks.filter import (
    DROPPABLE,
    Decision,
    Droppable,
    Filter,
    OnFailure,
    decision_object,
)
from dedupe.hooks.pipe import article_of_record
from dedupe.hooks.worker import Worker
from dedupe.identity import SAME_BY, SameBy
from dedupe.model import COPY_RELATIONS
from dedupe.read.fields import FieldFinder, FieldKeys

try:
    from itemadapter import ItemAdapter
    from scrapy.exceptions import DropItem, NotConfigured
    from scrapy.utils.asyncio import is_asyncio_available
    from scrapy.utils.defer import deferred_from_coro
    from twisted.internet.defer import Deferred
except ImportError:
    raise MissingExtraError("scrapy", "scrapy", "the pipeline for Scrapy") from None

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings

    from dedupe.index import Index
    from dedupe.model import Article

ItemMode = Literal["drop", "mark"]

MARK = "dedupe"
"""The field with the decision."""
UNANSWERED = "dedupe_unanswered"
"""The reason of a crawl's end where the index could not answer."""

_log = logging.getLogger(__name__)


class StoryDrop(DropItem):
    """An item that does not pass. Its subclasses give Scrapy's statistics their names."""

    def __init__(self, decision: Decision, said: str) -> None:
        # Scrapy would warn of each, and that something is known is no cause for a warning.
        super().__init__(said, log_level="INFO")
        self.decision = decision


class Identical(StoryDrop):
    """The text is that of an article of the index."""


class NearDuplicate(StoryDrop):
    """The text is nearly that of an article of the index."""


class Contained(StoryDrop):
    """The text is an excerpt of an article of the index."""


class EditedCopy(StoryDrop):
    """The text is that of an article of the index, edited."""


class Quotation(StoryDrop):
    """The text quotes an article of the index at length."""


class SameStory(StoryDrop):
    """An independent report of a story of the index."""


class Revision(StoryDrop):
    """Another text of an article of the index."""


class New(StoryDrop):
    """Nothing in the index is like it."""


class Replayed(StoryDrop):
    """The article, id and text, was in the index before."""


class Unanswered(DropItem):
    """The index could not answer, and DEDUPE_FAIL is closed."""


DROPS: dict[str, type[StoryDrop]] = {
    "identical": Identical,
    "near_duplicate": NearDuplicate,
    "contained": Contained,
    "edited_copy": EditedCopy,
    "same_story": SameStory,
    "quotation": Quotation,
    "revision": Revision,
    "new": New,
    "replayed": Replayed,
}


@dataclass(frozen=True, slots=True)
class Options:
    """The settings of a crawl that begin with DEDUPE_."""

    index: str
    drop: tuple[Droppable, ...]
    mode: ItemMode
    fail: OnFailure
    fields: FieldKeys
    window: float | None
    durability: Literal["normal", "full"]
    patience: float
    same_by: SameBy

    @classmethod
    def of(cls, settings: BaseSettings) -> Options:
        """Raises NotConfigured without an index, SettingError for a value that cannot be."""
        if not settings.get("DEDUPE_INDEX"):
            raise NotConfigured("DEDUPE_INDEX is not set")
        return cls(
            index=str(settings["DEDUPE_INDEX"]),
            drop=_relations(settings),
            mode=_one_of(settings, "DEDUPE_MODE", get_args(ItemMode)),
            fail=_one_of(settings, "DEDUPE_FAIL", ("closed", "open")),
            fields=_field_keys(settings),
            window=_number(settings, "DEDUPE_WINDOW", None),
            durability=_one_of(settings, "DEDUPE_DURABILITY", ("normal", "full")),
            patience=_number(settings, "DEDUPE_PATIENCE", 30.0),
            same_by=_one_of(settings, "DEDUPE_SAME_BY", SAME_BY),
        )


def _relations(settings: BaseSettings) -> tuple[Any, ...]:
    """A list, or names with commas; an empty one drops nothing."""
    names = [str(name).strip() for name in settings.getlist("DEDUPE_DROP", list(COPY_RELATIONS))]
    for name in filter(None, names):
        if name not in DROPPABLE:
            raise SettingError(f"DEDUPE_DROP names {', '.join(DROPPABLE)}, not {name!r}")
    return tuple(filter(None, names))


def _one_of(settings: BaseSettings, name: str, known: tuple[str, ...]) -> Any:
    value = settings.get(name, known[0])
    if value not in known:
        raise SettingError(f"{name} is {' or '.join(known)}, not {value!r}")
    return value


def _number(settings: BaseSettings, name: str, default: float | None) -> Any:
    value = settings.get(name)
    try:
        return default if value is None else float(value)
    except (TypeError, ValueError):
        raise SettingError(f"{name} is a number, not {value!r}") from None


def _field_keys(settings: BaseSettings) -> FieldKeys:
    try:
        return FieldKeys(**settings.getdict("DEDUPE_FIELDS"))
    except (TypeError, ValueError):
        known = ", ".join(FieldKeys.__dataclass_fields__)
        raise SettingError(
            f"DEDUPE_FIELDS names the field of {known}, such as {{'text': 'story_body'}}, not"
            f" {settings.get('DEDUPE_FIELDS')!r}"
        ) from None


def _opened(options: Options) -> tuple[Index, Filter]:
    """The index of a crawl, and the filter that asks it. Raises StoreError, SettingError."""
    from dedupe.index import open_index

    index = open_index(
        options.index,
        window=options.window,
        durability=options.durability,
        patience=options.patience,
        same_by=options.same_by,
    )
    return index, Filter(index, options.drop, on_failure=options.fail)


class StoryFilterPipeline:
    """Scrapy's item pipeline: one index, asked about every item with an article."""

    def __init__(self, crawler: Crawler, options: Options) -> None:
        self.options = options
        self._crawler = crawler
        self._worker = Worker(partial(_opened, options))
        self._finder = FieldFinder(options.fields)
        self._ending: Deferred[None] | None = None

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Raises NotConfigured without DEDUPE_INDEX, SettingError for what cannot be."""
        return cls(crawler, Options.of(crawler.settings))

    def open_spider(self) -> None:
        """Opens the index. Raises StoreError, SettingError: then the crawl does not begin."""
        self._worker.start()

    def close_spider(self) -> None:
        """Closes the index."""
        self._worker.stop()

    async def process_item(self, item: Any) -> Any:
        """The item, marked where its type allows it. Raises StoryDrop, Unanswered."""
        article = self._article(item)
        if article is None:
            return item
        try:
            (decision,) = await _awaited(self._worker.decide([article]))
        except StoreError as error:
            self._end_crawl()
            raise Unanswered(
                f"the index cannot answer: {printable(str(error))}", log_level="ERROR"
            ) from None
        self._count(decision)
        if not decision.passed and self.options.mode == "drop":
            raise _drop_of(decision, self.options.drop)
        self._mark(item, decision)
        return item

    def _article(self, item: Any) -> Article | None:
        """The article in an item; None, and it is counted, where there is none."""
        try:
            return article_of_record(ItemAdapter(item).asdict(), self._finder)
        except (RecordError, TypeError) as error:
            if not self._add("no_article"):
                _log.warning(
                    "an item holds no article and passes unjudged, as others like it will"
                    " (DEDUPE_FIELDS says which field is what): %s",
                    printable(str(error)),
                )
            return None

    def _count(self, decision: Decision) -> None:
        if decision.verdict is None:
            self._add("unjudged")
            _log.warning("%r passes unjudged: %s", decision.id, printable(decision.error))
            return
        self._add(decision.verdict.relation)
        if decision.verdict.replayed:
            self._add("replayed")
        if not decision.passed:
            self._add("dropped" if self.options.mode == "drop" else "would_drop")

    def _add(self, name: str) -> int:
        """Counts one more under a name; how many there were before."""
        stats = self._crawler.stats
        if stats is None:
            return 0
        before: int = stats.get_value(f"dedupe/{name}", 0)
        stats.inc_value(f"dedupe/{name}")
        return before

    def _mark(self, item: Any, decision: Decision) -> None:
        """Puts the decision into the item. One whose type has no such field stays as it is."""
        try:
            ItemAdapter(item)[MARK] = decision_object(decision)
        except (AttributeError, KeyError, TypeError, ValueError):
            if not self._add("unmarked") and self.options.mode == "mark":
                _log.warning(
                    "items of type %s have no field %r and cannot be marked",
                    type(item).__name__,
                    MARK,
                )

    def _end_crawl(self) -> None:
        """Ends the crawl, once: all that it would yet fetch would be lost."""
        if self._ending is None and self._crawler.engine is not None:
            ending = self._crawler.engine.close_spider_async(reason=UNANSWERED)
            self._ending = deferred_from_coro(ending)


def _drop_of(decision: Decision, drop: tuple[Droppable, ...]) -> StoryDrop:
    verdict = decision.verdict
    if verdict is None:
        raise RuntimeError("what was not judged is not dropped")
    if verdict.replayed and "replayed" in drop:
        return Replayed(decision, f"replayed: the index holds {decision.id!r} already")
    said = f"{verdict.relation}, story {verdict.story}"
    if verdict.matches:
        best = verdict.matches[0]
        # Ids come from pages: shown with all that could act on a terminal escaped.
        said += f": like {best.b!r}, Jaccard {best.scores.jaccard:.2f}"
    return DROPS[verdict.relation](decision, said)


async def _awaited(answer: Future[list[Decision]]) -> list[Decision]:
    """The answer, without holding up whichever loop the crawl runs in."""
    if is_asyncio_available():
        return await asyncio.wrap_future(answer)
    from twisted.internet import reactor

    come: Deferred[list[Decision]] = Deferred()

    def hand_on(done: Future[list[Decision]]) -> None:
        error = done.exception()
        act: Callable[[Any], None] = come.callback if error is None else come.errback
        reactor.callFromThread(act, done.result() if error is None else error)

    answer.add_done_callback(hand_on)
    return await come
