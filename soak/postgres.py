"""An index in PostgreSQL: raced for, its clients killed, its server killed, its network cut."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dedupe.errors import BusyError
from dedupe.index import open_index
from soak.kill import BLOCK, SEGMENT, Ledger, killed, whole
from soak.network import Network
from soak.postgres_server import PostgresServer, binaries
from soak.processes import raced
from soak.served import started
from soak.texts import News, renamed
from soak.workers import Failed, Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from multiprocessing.connection import Connection
    from pathlib import Path

    from dedupe.index import Index
    from dedupe.model import Verdict
    from soak.findings import Findings

SIZE = 50
"""Times that the server is killed, and that the network is cut; as many processes are killed."""
TEXTS = 10
"""So many times as many texts are raced for by processes, and a quarter more by clients."""
ASKING = 16
"""Clients of two servers."""
CLIENTS = 4
"""Of which every other one admits several in a call."""
TOGETHER = 10
LATEST = 0.8
"""Seconds from the moment at which all is well to the last at which it is not."""
PATIENCE = 60
SOON = "tcp_user_timeout=2000&keepalives_idle=1&keepalives_interval=1&keepalives_count=2"
"""Clients of a network that is cut give a silent server up after some two seconds."""
SEED = 58


def run(size: int, folder: Path, findings: Findings) -> None:  # noqa: ARG001 - it has its own
    """All of it, over servers of its own."""
    if binaries() is None:
        findings.leave_out("an index in PostgreSQL", "there is no server here, or no psycopg")
        return
    with _server() as server:
        raced(TEXTS * size, lambda name: server.url(schema=name), findings)
        findings.begin(f"{size} processes are killed while they admit")
        address = server.url(schema="killed")
        _made(server, address)
        ledger = Ledger()
        killed(address, ledger, range(size), findings, LATEST)
        whole(address, ledger, [], findings)
    with _server() as server:
        _raced_over_servers(server.url(), TEXTS * size * 5 // 4, findings)
    with _server() as server:
        findings.begin(f"the server is killed {size} times while {CLIENTS} clients admit")
        _disturbed(server, server.url(), size, lambda: _restart(server), findings)
    with _server() as server, closing(Relay(server.port)) as relay:
        findings.begin(
            f"connections are ended {size} times on their way while {CLIENTS} clients admit"
        )
        address = f"postgresql://dedupe@127.0.0.1:{relay.port}/postgres"
        _disturbed(server, address, size, relay.cut, findings)
    try:
        laid = Network()
    except RuntimeError as error:
        findings.leave_out(f"the network is cut {size} times", str(error))
        return
    with closing(laid), _server(laid) as server:
        findings.begin(f"the network is cut {size} times while {CLIENTS} clients admit")
        draw = random.Random(SEED)
        address = f"postgresql://dedupe@{laid.address}:{server.port}/postgres?{SOON}"
        _disturbed(server, address, size, lambda: laid.cut(_how_long(draw)), findings)


@contextmanager
def _server(laid: Network | None = None) -> Iterator[PostgresServer]:
    server = PostgresServer(free_port(), laid)
    try:
        yield server
    finally:
        server.stop()


def _how_long(draw: random.Random) -> float:
    """Seconds of a cut: of five one is too long for a connection to outlive it."""
    return draw.choices([draw.uniform(0, 1), draw.uniform(4, 6)], [4, 1])[0]


def free_port() -> int:
    """A port of this machine that nobody has."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _made(server: PostgresServer, address: str) -> None:
    """An empty index that merges its keys often."""
    import psycopg

    open_index(address).close()
    with psycopg.connect(server.url()) as connection:
        connection.execute("UPDATE killed.state SET segment = %s, block = %s", (SEGMENT, BLOCK))


def _raced_over_servers(address: str, texts: int, findings: Findings) -> None:
    """Clients of two ``dedupe serve`` over one index admit copies of the same texts."""
    findings.begin(
        f"{ASKING} clients of two servers admit {texts:,} unrelated texts, under own ids"
    )
    with (
        started(address) as (_, one),
        started(address) as (_, other),
        ThreadPoolExecutor(ASKING) as clients,
    ):
        asked = [
            clients.submit(_asked_of, one if client % 2 else other, texts, client)
            for client in range(ASKING)
        ]
        told = [found for answers in asked for found in answers.result()]
    seen: dict[str, Counter[str]] = {}
    for name, relation in told:
        seen.setdefault(name, Counter())[relation] += 1
    wanted = Counter(new=1, identical=ASKING - 1)
    findings.measure("copies", len(told))
    findings.hold(
        "each text is `new` exactly once, and all others are `identical`",
        [f"{name}: {dict(found)}" for name, found in seen.items() if found != wanted],
    )
    with open_index(address, create=False) as index:
        held = index.stats().articles
        findings.hold_true("every article is in the index, once", held == len(told), f"{held:,}")
        findings.hold("verify() is clean", list(index.verify()))


def _asked_of(address: str, texts: int, client: int) -> list[tuple[str, str]]:
    """Each text, and what it was to all that was there."""
    coming = [renamed(one := News(SEED).alone(n), f"{one.id} {client}") for n in range(texts)]
    random.Random(client).shuffle(coming)
    with open_index(address, patience=PATIENCE) as index:
        return [(one.id.split(" ")[0], index.admit(one).relation) for one in coming]


def _restart(server: PostgresServer) -> None:
    server.kill()
    server.start()


@dataclass
class Told:
    """What the clients were told."""

    answered: dict[str, Verdict] = field(default_factory=dict)
    refused: int = 0
    failures: list[str] = field(default_factory=list)

    def take(self, worker: Worker) -> None:
        """Takes in what one has to say by now."""
        with suppress(EOFError, OSError):
            while worker.line.poll():
                self.note(worker.line.recv())

    def note(self, message: object) -> None:
        """Takes one message in."""
        if isinstance(message, Failed):
            self.failures.append(message.error)
        elif isinstance(message, list):
            self.answered.update((v.id, replace(v, replayed=False)) for v in message)
        elif message == "refused":
            self.refused += 1


def _disturbed(
    server: PostgresServer,
    address: str,
    size: int,
    disturb: Callable[[], None],
    findings: Findings,
) -> None:
    """Clients admit, and are disturbed; then the index is looked at."""
    open_index(server.url()).close()
    workers = [
        Worker(admit_through, address, first, TOGETHER if first % 2 else 1)
        for first in range(CLIENTS)
    ]
    told, problems = Told(), list[str]()
    for worker in workers:
        told.note(worker.line.recv())
    for turn in range(size):
        time.sleep(random.Random(f"{SEED} {turn}").uniform(0, LATEST))
        disturb()
        for worker in workers:
            told.take(worker)
        if turn % 10 == 9:
            with open_index(server.url(), create=False) as index:
                problems += [f"round {turn}: {what}" for what in index.verify()]
    for worker in workers:
        with suppress(OSError):  # of one that has failed: what it told is told below
            worker.line.send("stop")
        for message in worker.messages():
            told.note(message)
        worker.end()
    with open_index(server.url(), create=False) as index:
        held = {found.article.id: found.verdict for found in index.articles()}
        problems += list(index.verify())
    findings.measure("answered", len(told.answered), "articles")
    findings.measure("calls that were told to try again", told.refused)
    findings.hold(
        "what was answered is there, with its answer",
        [name for name, verdict in told.answered.items() if held.get(name) != verdict],
    )
    findings.hold("nothing else is there", sorted(set(held) - set(told.answered)))
    findings.hold("verify() is clean", problems)
    findings.hold("clients are told to try again, and nothing else", told.failures)


def admit_through(line: Connection, address: str, first: int, together: int) -> None:
    """Admits until it is told to stop; a call that was refused is made again."""
    news, number = News(SEED), first
    with opened_again(address) as index:
        line.send("opened")
        while True:
            articles = [news.article(number + CLIENTS * at) for at in range(together)]
            try:
                line.send(index.admit_many(articles))
            except BusyError:
                line.send("refused")
                continue
            number += CLIENTS * together
            if line.poll():
                return


def opened_again(address: str) -> Index:
    """An index, as soon as there is a way to it."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return open_index(address, patience=PATIENCE)
        except BusyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


class Relay:
    """Hands on what is sent to a port, until it is cut: amid whatever is under way."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._ends: list[socket.socket] = []
        self._lock = threading.Lock()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listening.accept()
                theirs = socket.create_connection(("127.0.0.1", self._to))
                for end in (ours, theirs):  # what is handed on in parts waits for nothing
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._lock:
                    self._ends += [ours, theirs]
                for pair in ((ours, theirs), (theirs, ours)):
                    threading.Thread(target=self._pass_on, args=pair, daemon=True).start()

    def _pass_on(self, one: socket.socket, other: socket.socket) -> None:
        with suppress(OSError):
            while data := one.recv(1 << 10):  # less than a statement has: a cut may part it
                other.sendall(data)
        for end in (one, other):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Ends all connections at once."""
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def close(self) -> None:
        """Ends it."""
        self._listening.close()
        self.cut()
