"""What went wrong, as status, sentence and headers of an answer."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from traceback import extract_tb
from typing import Any, NamedTuple

from dedupe.clean import printable
from dedupe.errors import DamagedError, DedupeError, RecordError, SettingError, StoreError

FRAMES = 5
"""Of a mistake of the server's own that are logged."""
RETRY_AFTER = 1
"""Seconds after which a request that was put off may come again."""


class RefusedError(Exception):
    """A request that gets no other answer than this status and sentence."""

    def __init__(
        self, status: HTTPStatus, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = headers or {}


class Failure(NamedTuple):
    """How a request failed."""

    status: HTTPStatus
    message: str
    kind: str
    """The class of the error, by which a client raises the same one; '' for one of the request."""
    headers: dict[str, str]

    def object(self, request_id: str) -> dict[str, Any]:
        """The JSON object that is the answer."""
        return {
            "status": int(self.status),
            "error": self.message,
            "kind": self.kind,
            "request_id": request_id,
        }


def put_off(message: str) -> RefusedError:
    """The refusal of a request that may come again."""
    return RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, message, {"Retry-After": str(RETRY_AFTER)})


def failure_of(error: Exception) -> Failure:
    """The status and sentence of an error; those that nobody foresaw say no more than their kind.

    An index that cannot answer is one that may answer later, unless it is damaged: the sentence
    says what is to be done about that.
    """
    told = printable(str(error))
    if isinstance(error, RefusedError):
        return Failure(error.status, told, "", error.headers)
    kind = type(error).__name__
    if isinstance(error, RecordError | SettingError):
        return Failure(HTTPStatus.BAD_REQUEST, told, kind, {})
    if isinstance(error, StoreError):
        later = {} if isinstance(error, DamagedError) else {"Retry-After": str(RETRY_AFTER)}
        return Failure(HTTPStatus.SERVICE_UNAVAILABLE, told, kind, later)
    if isinstance(error, TimeoutError):
        late = put_off("the answer took too long; ask again, what was admitted is answered alike")
        return Failure(late.status, str(late), "", late.headers)
    if isinstance(error, DedupeError):
        return Failure(HTTPStatus.CONFLICT, told, kind, {})
    own = f"a mistake of the server's own ({kind}), please report it"
    return Failure(HTTPStatus.INTERNAL_SERVER_ERROR, own, "", {})


def raised_at(error: Exception) -> str:
    """The last files and lines that an error came through; nothing of what was asked."""
    frames = extract_tb(error.__traceback__)[-FRAMES:]
    return " > ".join(f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames)
