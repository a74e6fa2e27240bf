"""A consumer of a queue: articles are judged, those that pass go on, what is none goes aside.

    pip install 'story-dedupe' 'faststream[nats]'   # or redis, rabbit, kafka
    python recipes/queue_consumer.py nats://localhost:4222 news.index

Messages of ``articles`` hold one article each, as JSON. What passes goes to ``articles.new`` as it
came, with the decision as its member ``dedupe``; what holds no article goes to ``articles.dead``,
with the reason in a header. A message is acknowledged once its article is in the index and has been
passed on: after a crash in between it comes again, gets the answer of the first time (``replayed``)
and is passed on again. Where the index can't answer a message stays, and comes again.

The index may be a file, which several consumers of one machine share, or the address of a server
(the token is taken from DEDUPE_TOKEN). See docs/recipes.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, NamedTuple

from faststream import AckPolicy, Context, FastStream, StreamMessage

from dedupe import Filter, Index, open_index
from dedupe.clean import printable
from dedupe.errors import RecordError, StoreError
from dedupe.hooks.lines import Line
from dedupe.hooks.pipe import article_in, marked_line
from dedupe.hooks.worker import Worker
from dedupe.read.fields import FieldFinder

COME, NEW, DEAD = "articles", "articles.new", "articles.dead"
GROUP = "dedupe"
"""Consumers of one group share the messages."""
AT_ONCE = 64
"""Messages under way at once: what comes together is judged together, in one commit."""
AGAIN = float(os.environ.get("DEDUPE_AGAIN_SECONDS", "60"))
"""After which a message that was not acknowledged comes again."""

_log = logging.getLogger(__name__)

Publish = Callable[[bytes, str, dict[str, str]], Awaitable[Any]]


class Queue(NamedTuple):
    """A broker, where it hands messages in, and how it is given one."""

    broker: Any
    subscribers: list[Any]
    publish: Publish
    prepare: Callable[[], Awaitable[None]] | None = None
    """Makes what must be there before anything comes."""


async def raw(message: StreamMessage[Any]) -> bytes:
    """The body as it came: whether it is JSON is for the reader of articles to say."""
    return bytes(message.body)


def nats(address: str) -> Queue:
    """A stream of NATS JetStream, kept in files, that all three subjects are of."""
    from faststream.nats import JStream, NatsBroker
    from nats.js.api import ConsumerConfig

    broker = NatsBroker(address)
    come = broker.subscriber(
        COME,
        stream=JStream("ARTICLES", subjects=[COME, f"{COME}.>"]),
        durable=GROUP,
        queue=GROUP,
        config=ConsumerConfig(ack_wait=AGAIN, max_ack_pending=4 * AT_ONCE),
        max_workers=AT_ONCE,
        ack_policy=AckPolicy.MANUAL,
        decoder=raw,
    )

    async def publish(body: bytes, name: str, headers: dict[str, str]) -> None:
        await broker.publish(body, name, headers=headers, stream="ARTICLES")

    return Queue(broker, [come], publish)


def redis(address: str) -> Queue:
    """Streams of Redis, with the body as field ``__data__``.

    A second reader takes over what others left without acknowledging it.
    """
    from faststream.redis import RedisBroker, StreamSub
    from redis.asyncio import Redis
    from redis.exceptions import ResponseError

    broker, client = RedisBroker(address), Redis.from_url(address)
    own = f"{socket.gethostname()}-{os.getpid()}"
    come = StreamSub(COME, group=GROUP, consumer=own, last_id=">", max_records=AT_ONCE)
    left = StreamSub(COME, group=GROUP, consumer=own, min_idle_time=round(AGAIN * 1000))

    async def prepare() -> None:
        try:
            await client.xgroup_create(COME, GROUP, id="0", mkstream=True)
        except ResponseError as error:
            if "BUSYGROUP" not in str(error):
                raise

    async def publish(body: bytes, name: str, headers: dict[str, str]) -> None:
        await client.xadd(name, {"__data__": body, **headers})  # plain, for readers of all kinds

    how = {"max_workers": AT_ONCE, "ack_policy": AckPolicy.MANUAL, "decoder": raw}
    subscribers = [broker.subscriber(stream=stream, **how) for stream in (come, left)]
    return Queue(broker, subscribers, publish, prepare)


def rabbit(address: str) -> Queue:
    """Durable queues of RabbitMQ."""
    from faststream.rabbit import Channel, RabbitBroker, RabbitQueue

    broker = RabbitBroker(address, default_channel=Channel(prefetch_count=AT_ONCE))
    queues = {name: RabbitQueue(name, durable=True) for name in (COME, NEW, DEAD)}
    come = broker.subscriber(queues[COME], ack_policy=AckPolicy.MANUAL, decoder=raw)

    async def prepare() -> None:
        await broker.connect()
        for queue in queues.values():  # so that what is published there is kept
            await broker.declare_queue(queue)

    async def publish(body: bytes, name: str, headers: dict[str, str]) -> None:
        await broker.publish(body, queues[name], headers=headers, persist=True)

    return Queue(broker, [come], publish, prepare)


def kafka(address: str) -> Queue:
    """Topics of Kafka. One message at a time: offsets are committed in order."""
    from faststream.kafka import KafkaBroker

    broker = KafkaBroker(address.removeprefix("kafka://"))
    come = broker.subscriber(
        COME,
        group_id=GROUP,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        decoder=raw,
    )

    async def publish(body: bytes, name: str, headers: dict[str, str]) -> None:
        await broker.publish(body, name, headers=headers)

    return Queue(broker, [come], publish)


BROKERS = {"nats": nats, "redis": redis, "amqp": rabbit, "kafka": kafka}


def consumer(queue: Queue, index: str) -> FastStream:
    """The program: it opens the index when it starts, and closes it when all is answered."""
    worker = Worker(partial(opened, index))
    finder = FieldFinder()

    async def judge(_: bytes, message: StreamMessage[Any] = Context("message")) -> None:  # noqa: B008 - faststream's way
        line = Line(1, bytes(message.body))
        try:
            article = article_in(line, finder)
        except RecordError as error:
            await queue.publish(line.data, DEAD, {"reason": printable(str(error))})
            await message.ack()
            return
        try:
            [decision] = await asyncio.wrap_future(worker.decide([article]))
        except StoreError as error:
            _log.warning("%s is given back: %s", printable(article.id), error)
            await asyncio.sleep(1)  # others hold the index, or no space is left
            await message.nack()
            return
        if decision.passed:
            mark: dict[str, str] = {
                "relation": decision.verdict.relation if decision.verdict else ""
            }
            await queue.publish(marked_line(line, decision), NEW, mark)
        await message.ack()

    for subscriber in queue.subscribers:
        subscriber(judge)
    app = FastStream(queue.broker)
    app.on_startup(worker.start)
    if queue.prepare is not None:
        app.on_startup(queue.prepare)
    app.after_shutdown(worker.stop)
    return app


def opened(index: str) -> tuple[Index, Filter]:
    """The index and the filter, in the thread that they are used in."""
    found = open_index(index)
    return found, Filter(found)


def main(address: str, index: str) -> None:
    """Runs until SIGTERM or Ctrl-C: then what is under way is answered."""
    scheme = address.partition("://")[0]
    if scheme not in BROKERS:
        sys.exit(f"{scheme}: no broker that is known; give {', '.join(BROKERS)}://HOST:PORT")
    asyncio.run(consumer(BROKERS[scheme](address), index).run())


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python recipes/queue_consumer.py ADDRESS INDEX")
    main(*sys.argv[1:])
