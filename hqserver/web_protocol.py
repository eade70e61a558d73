"""uvicorn's HTTP protocol with bounds on what never becomes a request, and on callers that do not read.

The application sees a request when its header is complete. Until then, and while a body trickles, this class watches:
large or endless headers, a header that takes too long, a body below 1 kB/s, an answer that nobody takes. It also hands
the request target on exactly as it was sent, which uvicorn would take apart.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any, ClassVar, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hqserver.web import TARGET

log = logging.getLogger("hqserver.web")

LARGEST_HEADER: Final = 16 << 10
MOST_HEADERS: Final = 64
HEADER_SECONDS: Final = 10.0
LOOK_SECONDS: Final = 30.0
"""How often a body is looked at; a new connection has as long for its first byte."""
SLOWEST_BODY: Final = 1024
"""Bytes a second."""
UNREAD_ANSWER_SECONDS: Final = 60.0
_COME_BACK_LATER: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: 42\r\n"
    b"retry-after: 5\r\nconnection: close\r\n\r\nToo many connections are open; try again.\n"
)


class _HeaderTooLarge(ValueError):
    """The parser turns it into status 400."""


class CarefulProtocol(HttpToolsProtocol):
    """One connection."""

    most_connections: ClassVar[int] = sys.maxsize
    """Further ones are told to come back later."""
    crowded: ClassVar[bool] = False
    """Whether they were told so lately."""

    _timer: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _in_header = True
    _header_arrived = 0
    _header_size = 0
    _header_count = 0
    _arrived = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A connection on which nothing comes is closed. Header and body of an answer go out one after the other, so
        the kernel must not hold the second back (asyncio sees to that only for sockets that name their protocol).
        """
        super().connection_made(transport)
        if self._is_one_too_many():
            transport.write(_COME_BACK_LATER)
            transport.close()
            return
        connection = transport.get_extra_info("socket")
        if connection is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._watch(LOOK_SECONDS)

    def _is_one_too_many(self) -> bool:
        """Whether there are as many connections as this server keeps; the log says so once each time it fills up."""
        kind, count = type(self), len(self.connections)
        if count <= self.most_connections:
            kind.crowded = kind.crowded and count > self.most_connections // 2
            return False
        if not kind.crowded:
            kind.crowded = True
            log.warning("%d connections are open: more are refused until some of these end", self.most_connections)
        return True

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to watch."""
        self._stop_watching()
        self.resume_writing()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what comes, then parse it."""
        self._arrived += len(data)
        super().data_received(data)
        if self._in_header and not self.transport.is_closing():
            self._header_arrived += len(data)
            if self._header_arrived > LARGEST_HEADER:
                self.send_400_response("The header is too large.")

    def on_message_begin(self) -> None:
        """A request begins."""
        super().on_message_begin()
        self._in_header = True
        self._header_arrived = self._header_size = self._header_count = 0
        self._watch(HEADER_SECONDS)

    def on_url(self, url: bytes) -> None:
        """A part of the request target."""
        super().on_url(url)
        if len(self.url) > LARGEST_HEADER:
            raise _HeaderTooLarge

    def on_header(self, name: bytes, value: bytes) -> None:
        """A complete header line."""
        self._header_count += 1
        self._header_size += len(name) + len(value)
        if self._header_count > MOST_HEADERS or self._header_size > LARGEST_HEADER:
            raise _HeaderTooLarge
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The application may look. A target that is no path (`CONNECT host:80`, `*`) would trip uvicorn."""
        self._in_header = False
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope[TARGET] = self.url
        if not self.url.startswith(b"/") or self.url.startswith(b"//"):
            self.url = b"/"
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The whole request is here."""
        self._stop_watching()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """The caller does not take its answer as fast as it is made."""
        super().pause_writing()
        if self._unread is None:
            self._unread = self.loop.call_later(UNREAD_ANSWER_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It does again."""
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _watch(self, seconds: float) -> None:
        self._stop_watching()
        self._arrived = 0
        self._timer = self.loop.call_later(seconds, self._look, seconds)

    def _stop_watching(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self, seconds: float) -> None:
        """A request is on its way for long: it must at least come along, unless it is we who do not read it."""
        self._timer = None
        if self._in_header or (self._arrived < SLOWEST_BODY * seconds and not self.flow.read_paused):
            self.transport.abort()
        else:
            self._watch(LOOK_SECONDS)
