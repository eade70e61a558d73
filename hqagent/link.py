"""The connection to the server: the only file of the agent that speaks XML-RPC to it.

A connection is kept alive and made anew when it broke. Everything happens on the event loop, without a thread: a busy
agent calls some hundred times a second.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from urllib.parse import urlsplit

import h11

from hqserver.wire.codec import decode_response
from hqserver.wire.encoder import encode_request

_MORE_THAN_THE_WAIT = 15.0
"""Seconds beyond its own wait that an answer may take before the connection counts as dead."""
_OK = 200
SERVER_PORT = 5000
"""Where servers listen when nothing else is said."""


class LinkError(Exception):
    """The server was not reached, or what answered is no server of ours. The text says which."""


class BadAddress(ValueError):
    """The address of the server cannot be used."""


class _HungUp(Exception):
    """The other side closed the connection before it said anything."""


class _Wire(asyncio.Protocol):
    """One connection: a request, then its answer, again and again."""

    def __init__(self) -> None:
        self.is_open = True
        self._http = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._status = 0
        self._body: list[bytes] = []

    async def ask(self, host: str, body: bytes) -> tuple[int, bytes]:
        """Status and body of the answer. Raises OSError, _HungUp, h11.ProtocolError."""
        assert self._transport is not None
        headers = [("Host", host), ("Content-Type", "text/xml"), ("Content-Length", str(len(body)))]
        parts = [
            self._http.send(h11.Request(method="POST", target="/RPC2", headers=headers)),
            self._http.send(h11.Data(data=body)),
            self._http.send(h11.EndOfMessage()),
        ]
        self._status, self._body = 0, []
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(b"".join(part or b"" for part in parts))
        try:
            return await self._answer
        finally:
            if not self._answer.done() or self._answer.cancelled():
                self.close()  # nobody waits for the answer any more, so the next one would be taken for it
            elif self._http.our_state is h11.DONE and self._http.their_state is h11.DONE:
                self._http.start_next_cycle()
            else:
                self.close()

    def close(self) -> None:
        """Now."""
        self.is_open = False
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by the loop."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Called by the loop."""
        try:
            self._http.receive_data(data)
            self._hear()
        except h11.ProtocolError as error:
            self._fail(error)

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by the loop."""
        self.is_open = False
        begun = self._status or self._body
        self._fail(exc or (ConnectionError("the connection ended within an answer") if begun else _HungUp()))

    def _hear(self) -> None:
        """Everything that has come so far."""
        while (event := self._http.next_event()) is not h11.NEED_DATA:
            if isinstance(event, h11.Response):
                self._status = event.status_code
            elif isinstance(event, h11.Data):
                self._body.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage):
                if self._answer is not None and not self._answer.done():
                    self._answer.set_result((self._status, b"".join(self._body)))
                return
            elif event is h11.PAUSED or isinstance(event, h11.ConnectionClosed):
                return

    def _fail(self, error: BaseException) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error)


def whole_address(text: str) -> str:
    """The address of a server with its scheme and its port, as jobs get it too. Raises BadAddress."""
    parts = urlsplit(text if "://" in text else f"http://{text}")
    if parts.scheme != "http" or not parts.hostname:
        raise BadAddress(f"{text!r} is not the address of a server; like http://farm:5000")
    try:
        port = parts.port or SERVER_PORT
    except ValueError:
        raise BadAddress(f"{text!r} has no usable port") from None
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    return f"http://{host}:{port}"


class Link:
    """One connection, and the next one when it broke."""

    def __init__(self, url: str) -> None:
        self.url = whole_address(url)
        parts = urlsplit(self.url)
        self._name = parts.netloc
        self._closed = False
        self._host, self._port = parts.hostname or "", parts.port or SERVER_PORT
        self._wire: _Wire | None = None
        self._turn = asyncio.Lock()

    async def call(self, method: str, text: str, wait: float = 0.0) -> str:
        """Call a method with one text; answers a text. Raises LinkError, and ApiFault when the server refuses."""
        answer = await self._exchanged(encode_request(method, (text,)), wait)
        if not isinstance(answer, str):
            raise LinkError(f"{self.url} does not answer as a server of ours")
        return answer

    async def ask(self, method: str, *arguments: object) -> object:
        """Call any method. Raises LinkError, and ApiFault when the server refuses."""
        return await self._exchanged(encode_request(method, arguments), 0.0)

    def close(self) -> None:
        """End a call that is under way, and the connection."""
        self._closed = True
        self._drop()

    async def _exchanged(self, body: bytes, wait: float) -> object:
        async with self._turn:
            try:
                status, data = await self._sent(body, wait)
            except (OSError, h11.ProtocolError, _HungUp) as error:
                self._drop()
                if self._closed:
                    raise LinkError(f"the connection to {self.url} is closed") from None
                if isinstance(error, _HungUp):
                    raise LinkError(f"{self.url} closed the connection") from None
                raise LinkError(f"{self.url} cannot be reached: {_words(error)}") from None
        if status != _OK:
            self._drop()
            raise LinkError(f"{self.url} answers HTTP {status}: {data[:200].decode(errors='replace')}")
        return decode_response(data)

    async def _sent(self, body: bytes, wait: float) -> tuple[int, bytes]:
        """Once more on a new connection when one that was idle for too long is closed: messages may come twice."""
        if self._wire is not None and self._wire.is_open:
            with contextlib.suppress(_HungUp):
                return await self._answer(self._wire, body, wait)
        return await self._answer(await self._connected(), body, wait)

    async def _answer(self, wire: _Wire, body: bytes, wait: float) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(wait + _MORE_THAN_THE_WAIT):
                return await wire.ask(self._name, body)
        except TimeoutError:
            raise TimeoutError("timed out") from None

    async def _connected(self) -> _Wire:
        if self._closed:
            raise ConnectionError("closed")
        try:
            async with asyncio.timeout(_MORE_THAN_THE_WAIT):
                _, wire = await asyncio.get_running_loop().create_connection(_Wire, self._host, self._port)
        except TimeoutError:
            raise TimeoutError("timed out") from None
        self._wire = wire
        if self._closed:
            raise ConnectionError("closed")
        return wire

    def _drop(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()


def _words(error: BaseException) -> str:
    """For people: `Connection refused`, without numbers."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
