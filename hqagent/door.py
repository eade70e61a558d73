"""The agent's own XML-RPC, HQueue's two functions: `wakeup()` and `terminate()`.

Bound to loopback. The farm works without it: the server's wishes come in the answers to the agent's own calls.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Mapping
from typing import Final

import h11

from hqserver.wire.codec import Limits, decode_request
from hqserver.wire.encoder import encode_fault, encode_response
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.front_door import OK, DoorRules, judge

log = logging.getLogger("hqagent")

_BODY_LIMIT: Final = 64 << 10
_SECONDS: Final = 10.0
_RULES: Final = DoorRules(body_limit=_BODY_LIMIT)


class Door:
    """Serves the two functions on a port of this machine."""

    def __init__(self, wakeup: Callable[[], None], terminate: Callable[[], None]) -> None:
        self._functions: Mapping[str, Callable[[], None]] = {"wakeup": self._rarely(wakeup), "terminate": terminate}
        self._server: asyncio.Server | None = None

    async def open(self, port: int) -> int:
        """Listen on this port, or on any when it is taken; answers which."""
        try:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        except OSError:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        bound: int = self._server.sockets[0].getsockname()[1]
        if port and bound != port:
            log.warning("port %d is taken; this agent's own functions are on port %d", port, bound)
        return bound

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    @staticmethod
    def _rarely(function: Callable[[], None]) -> Callable[[], None]:
        """At most once a second, whatever is asked."""
        last = -1.0

        def limited() -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= 1.0:
                last = now
                function()

        return limited

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request a connection: nobody calls these often."""
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(await self._answer(reader))
                await writer.drain()
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _answer(self, reader: asyncio.StreamReader) -> bytes:
        connection = h11.Connection(h11.SERVER, max_incomplete_event_size=16 << 10)
        request, body = await _request(connection, reader)
        verdict = judge(request.method, request.target, [(bytes(k), bytes(v)) for k, v in request.headers], _RULES)
        if verdict.status != OK:
            return _response(connection, verdict.status, b"text/plain", verdict.text.encode())
        if verdict.is_health:
            return _response(connection, OK, b"text/plain", b"ok\n")
        return _response(connection, OK, b"text/xml", self._call(bytes(body)))

    def _call(self, body: bytes) -> bytes:
        try:
            name, arguments = decode_request(body, Limits(size=_BODY_LIMIT))
            function = self._functions.get(name)
            if function is None:
                raise ApiFault(Code.NO_SUCH_METHOD, f"{name}: there is no such method on a client")
            if arguments:
                raise ApiFault(Code.BAD_PARAMETERS, f"{name} takes 0 arguments, got {len(arguments)}")
            function()
        except ApiFault as fault:
            return encode_fault(fault)
        return encode_response(None)


async def _request(connection: h11.Connection, reader: asyncio.StreamReader) -> tuple[h11.Request, bytearray]:
    request: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(16 << 10))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > _BODY_LIMIT:
                raise h11.RemoteProtocolError("the body is too large")
        elif isinstance(event, h11.EndOfMessage) and request is not None:
            return request, body
        else:
            raise h11.RemoteProtocolError("no request came")


def _response(connection: h11.Connection, status: int, kind: bytes, body: bytes) -> bytes:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    parts = [
        connection.send(h11.Response(status_code=status, headers=headers)),
        connection.send(h11.Data(data=body)),
        connection.send(h11.EndOfMessage()),
    ]
    return b"".join(part or b"" for part in parts)
