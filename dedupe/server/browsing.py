"""What a browser is shown at ``/``."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.responses import Response

from dedupe.server.failures import RefusedError

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from dedupe.server.answering import Inquiry


async def page(asked: Inquiry) -> ASGIApp:
    """The page of what came last, or that the one which the browser has is still the same."""
    service = asked.service
    if service.page is None:
        told = "this server has no page: it was started with --newest 0"
        raise RefusedError(HTTPStatus.NOT_FOUND, told)
    with asked.held.coming():  # who waits for the first page takes no place of others
        found = await service.page.latest(service.shared, service.ending)
    tag = f'"{found.tag}"'
    headers = {
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": found.policy,
        "ETag": tag,
    }
    known = asked.request.headers.get("if-none-match", "")
    if tag in (one.strip().removeprefix("W/") for one in known.split(",")):
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    return Response(found.body, headers=headers, media_type="text/html")
