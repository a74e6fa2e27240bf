"""Connections that are ended while their clients still send.

A socket that is closed with bytes in it that were not read resets the connection, and the reset may
overtake the answer: a client that sends all of a body before it reads would never learn why the
body was refused. So this side ends first, and what comes is passed over for a while (RFC 9112,
9.6).
"""

from __future__ import annotations

import asyncio
import os
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any

_NOT_KEPT = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
"""Of SO_LINGER: that it is on, and for how long."""
LINGER_BYTES = 32 << 20
"""Of a body that nobody wants, after which the connection is closed all the same."""
LINGER_SECONDS = 5.0
"""In which more of it must come."""


class LingeringTransport:
    """A transport that is closed once its client has ended, or sent too much, or nothing more."""

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        is_unread: Callable[[], bool],
    ) -> None:
        """``is_unread``: whether the client may be sending what was not read."""
        self._transport, self._loop, self._is_unread = transport, loop, is_unread
        self.lingers = self.is_brief = False
        """Whether it is being closed so; whether that must be over after LINGER_SECONDS."""
        self._passed = self._seen = 0

    def __getattr__(self, name: str) -> Any:
        """All else is done by the transport itself."""
        return getattr(self._transport, name)

    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self.lingers or self._transport.is_closing()

    def close(self) -> None:
        """Ends what is sent, once all of it is; what comes is to be passed over."""
        if self.is_closing():
            return
        if not self._is_unread():
            self._transport.close()
            return
        self.lingers = True
        self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(LINGER_SECONDS, self._look)

    def abort(self) -> None:
        """Resets the connection, so that what its client never takes is not kept for it."""
        connected = self._transport.get_extra_info("socket")
        with suppress(OSError):  # it may be closed already
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NOT_KEPT)
        self._transport.abort()

    def pass_over(self, size: int) -> None:
        """Takes note of bytes that came and that nobody wants."""
        self._passed += size
        if self._passed > LINGER_BYTES:
            self.abort()

    def _look(self) -> None:
        waits = self._transport.get_write_buffer_size() > 0  # for which there is another time
        if not waits and (self.is_brief or self._passed == self._seen):
            self._transport.close()
        elif not self._transport.is_closing():
            self._seen = self._passed
            self._loop.call_later(LINGER_SECONDS, self._look)
