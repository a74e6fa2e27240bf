"""SOCKET: the peer behind HTTP as the index is: Starlette on uvicorn, and one thread that decides.

Prints its address. It reads the three fields it needs, answers with what it found, and knows
neither tokens nor bounds.
"""

from __future__ import annotations

import asyncio
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import orjson
import uvicorn
from redis_peer import insert_by_session, opened
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from dedupe import Article
from dedupe.server.listening import listening_socket

if TYPE_CHECKING:
    from starlette.requests import Request


def main(socket: str) -> None:
    """Serves until it is killed."""
    index, thread = opened(socket), ThreadPoolExecutor(1)

    def decided(articles: list[Article]) -> list[bool]:
        return [insert_by_session(index, article) for article in articles]

    async def admit(request: Request) -> Response:
        value = orjson.loads(await request.body())
        listed = value if isinstance(value, list) else [value]
        articles = [Article(a["id"], a["title"], a["text"]) for a in listed]
        found = await asyncio.get_running_loop().run_in_executor(thread, decided, articles)
        answers = [{"id": a.id, "found": f} for a, f in zip(articles, found, strict=True)]
        answer = orjson.dumps(answers if isinstance(value, list) else answers[0])
        return Response(answer, media_type="application/json")

    application = Starlette(routes=[Route("/v1/admit", admit, methods=["POST"])])
    listening = listening_socket("127.0.0.1", 0)
    print(f"answering on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application, http="h11", lifespan="off", log_config=None)
    asyncio.run(uvicorn.Server(config).serve([listening]))


if __name__ == "__main__":
    main(sys.argv[1])
