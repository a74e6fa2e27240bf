"""A request that is sent again by its key gets its first answer, and nothing is done twice."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

import pytest
from server_harness import LINES, Served, article, text_of
from starlette.responses import Response

from dedupe import Article, Filter, open_index
from dedupe.errors import BusyError
from dedupe.server.kept import OTHER_BYTES, KeptAnswers


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    options = ("--drop", "identical,replayed")
    with Served(tmp_path_factory.mktemp("kept") / "i", *options) as server:
        yield server


AGAIN = "idempotent-replayed"


@pytest.mark.posix
def test_an_article_that_is_sent_again_passes_again_though_replays_are_dropped(served) -> None:
    first, again = [served.admit(article(1), Idempotency_Key="k1") for _ in range(2)]
    assert first.json["passed"]
    assert again.body == first.body
    assert (AGAIN in first.headers, again.headers[AGAIN]) == (False, "true")
    other = served.admit(article(1), Idempotency_Key="k2")
    assert (other.json["replayed"], other.json["passed"]) == (True, False)
    assert served.admit(article(1)).json["replayed"], "without a key it is a request of its own"


@pytest.mark.posix
def test_a_key_is_of_one_body_and_one_address(served: Served) -> None:
    served.admit(article(2), Idempotency_Key="k3")
    other = served.admit(article(3), Idempotency_Key="k3")
    assert (other.json["id"], AGAIN in other.headers) == ("a3", False)
    listed = served.admit([article(3)], Idempotency_Key="k3")
    assert listed.json[0]["replayed"]


@pytest.mark.posix
def test_a_removal_that_is_sent_again_is_told_as_done(served: Served) -> None:
    served.admit(article(4))
    told = [served.ask("DELETE", "/v1/articles/a4", Idempotency_Key="k4") for _ in range(2)]
    assert [answer.status for answer in told] == [200, 200]
    assert served.ask("DELETE", "/v1/articles/a4", Idempotency_Key="k5").status == 404


@pytest.mark.posix
def test_failures_are_not_kept(served: Served) -> None:
    path = "/v1/articles/a6"
    assert served.ask("DELETE", path, Idempotency_Key="k6").status == 404
    served.admit(article(6))
    assert served.ask("DELETE", path, Idempotency_Key="k6").status == 200


@pytest.mark.posix
def test_lines_are_decided_as_they_come_whatever_the_key(served: Served) -> None:
    line = b'{"id": "l", "text": "%b"}\n' % text_of(7).encode()
    told = [served.admit(line, kind=LINES, Idempotency_Key="k7").rows[0] for _ in range(2)]
    assert [row["replayed"] for row in told] == [False, True]


@pytest.mark.posix
@pytest.mark.parametrize("key", ["x" * 10_000, "\xff", " ", '"quoted"'])
def test_a_key_may_be_of_any_kind(served: Served, key: str) -> None:
    assert served.admit(article(8), Idempotency_Key=key).status == 200


@pytest.mark.posix
def test_of_many_that_are_sent_at_once_one_is_decided(served: Served) -> None:
    def admitted(_: int) -> bytes:
        return served.admit(article(9), Idempotency_Key="k9").body

    with ThreadPoolExecutor(10) as threads:
        assert len(set(threads.map(admitted, range(20)))) == 1


@pytest.mark.posix
def test_a_token_has_keys_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text(f"a admit {'a' * 20}\nb admit {'b' * 20}\n", "utf-8")
    with Served(tmp_path / "i", "--tokens", tmp_path / "tokens") as served:
        for name in "ab":
            bearer = f"Bearer {name * 20}"
            told = served.admit(article(1), Idempotency_Key="k", Authorization=bearer)
            assert AGAIN not in told.headers


# From Python


def message(stream: BinaryIO) -> bytes:
    """A request or an answer."""
    head, length = [], 0
    while (line := stream.readline()).strip():
        head.append(line)
        if line.lower().startswith(b"content-length:"):
            length = int(line.partition(b":")[2])
    return b"".join([*head, line, stream.read(length)])


@contextlib.contextmanager
def losing(served: Served, *lost: int) -> Iterator[str]:
    """The address of a way to a server on which the answers to some connections are lost."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def carry() -> None:
            for number in itertools.count():
                try:
                    near = listening.accept()[0]
                except OSError:
                    return
                with near, served.raw() as far:
                    asking, answering = near.makefile("rb"), far.makefile("rb")
                    while request := message(asking):
                        far.sendall(request)
                        answer = message(answering)
                        if number in lost:
                            break
                        near.sendall(answer)
                    asking.close()

        thread = threading.Thread(target=carry, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        listening.shutdown(socket.SHUT_RDWR)
        thread.join(20)


@pytest.mark.posix
def test_nothing_is_lost_with_an_answer_though_replays_are_dropped(served: Served) -> None:
    with losing(served, 0, 1, 3) as address, open_index(address, patience=30) as index:
        keep = Filter(index, ("identical", "replayed"))
        assert keep(Article("lost", text_of(10)))
        assert not keep(Article("lost", text_of(10))), "that one is a replay indeed"
        index.close()
        assert index.remove("lost")
    assert served.ask("GET", "/v1/articles/lost").status == 404


# What is kept


async def asked(kept: KeptAnswers, key: bytes, body: bytes = b"made") -> bool:
    """Whether an answer was made."""
    made = []

    async def make() -> Response:
        made.append(body)
        return Response(body)

    await kept.answer((key,), make)
    return bool(made)


def test_answers_are_kept_up_to_so_many_bytes_the_newest_of_them() -> None:
    async def run() -> list[bool]:
        kept = KeptAnswers(most=3 * (OTHER_BYTES + 100))
        for n in range(10):
            await asked(kept, b"%d" % n, b"x" * 100)
        await asked(kept, b"large", b"x" * 10_000_000)
        await asked(kept, b"last")
        return [await asked(kept, b"9"), await asked(kept, b"last")]

    assert asyncio.run(run()) == [True, False]


def test_answers_are_kept_for_so_long() -> None:
    async def run() -> list[bool]:
        kept = KeptAnswers(seconds=0.2)
        found = [await asked(kept, b"a"), await asked(kept, b"a")]
        await asyncio.sleep(0.3)
        return [*found, await asked(kept, b"a")]

    assert asyncio.run(run()) == [True, False, True]


def test_who_waits_for_an_answer_that_fails_gets_the_failure_and_the_next_one_tries_again() -> None:
    async def run() -> bool:
        kept, begun = KeptAnswers(), asyncio.Event()

        async def fail() -> Response:
            begun.set()
            await asyncio.sleep(0.05)
            raise BusyError("no")

        first = asyncio.ensure_future(kept.answer((b"a",), fail))
        await begun.wait()
        second = asyncio.ensure_future(kept.answer((b"a",), fail))
        for waiting in (first, second):
            with pytest.raises(BusyError):
                await waiting
        return await asked(kept, b"a")

    assert asyncio.run(run())
