"""The agent's own XML-RPC: HQueue's `wakeup()` and `terminate()` on a port, and what only people may say on a socket.

The port is bound to loopback, unless hqnode.ini says otherwise. The farm works without it: the server's wishes come in
the answers to the agent's own calls. `wakeup()` is anybody's, at most once a second; `terminate()` takes a machine from
the farm, so it is for root, for the agent's own account, and for the accounts that hqnode.ini names (`hqagent.callers`
asks the kernel who calls). On the Unix socket the kernel tells that as well (`hqserver.wire.local`), so no web page and
no job gets in there.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import socket
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import h11

from hqagent.callers import Stranger, caller_of, name_of, user_of
from hqagent.config import LOOPBACK
from hqagent.local import Function
from hqserver.wire.codec import Limits, decode_request
from hqserver.wire.encoder import encode_fault, encode_response
from hqserver.wire.faults import ApiFault, BadValue, Code
from hqserver.wire.front_door import OK, DoorRules, judge

log = logging.getLogger("hqagent")

_BODY_LIMIT: Final = 64 << 10
_SECONDS: Final = 10.0
_TERMINATE: Final = "terminate"
_ROOT: Final = 0


class Door:
    """Serves the two functions on a port of this machine, and those for people on a socket.

    `may_terminate`: user ids beside root's and the agent's own that may call it on the port; None: anybody's.
    """

    def __init__(
        self,
        wakeup: Callable[[], None],
        terminate: Callable[[], None],
        people: Mapping[str, Function],
        may_terminate: Collection[int] | None = (),
    ) -> None:
        self._functions: Mapping[str, Callable[[], None]] = {"wakeup": self._rarely(wakeup), _TERMINATE: terminate}
        self._people = people
        self._may_terminate = may_terminate
        self._rules = DoorRules(_BODY_LIMIT, hosts_hint="Use an address of this machine.")
        self._server: asyncio.Server | None = None
        self._local: asyncio.Server | None = None
        self._socket: Path | None = None

    async def open(self, port: int, address: str = LOOPBACK) -> int:
        """Listen on this port, or on any when it is taken; answers which. Raises OSError for a wrong address."""
        if not ipaddress.ip_address(address).is_loopback:
            names = frozenset({socket.gethostname().lower(), socket.getfqdn().lower()})
            self._rules = replace(self._rules, allowed_hosts=names)
        try:
            self._server = await asyncio.start_server(self._serve, address, port)
        except OSError:
            self._server = await asyncio.start_server(self._serve, address, 0)
        bound: int = self._server.sockets[0].getsockname()[1]
        if port and bound != port:
            log.warning("port %d is taken; this agent's own functions are on port %d", port, bound)
        return bound

    async def open_for_people(self, path: Path) -> None:
        """Listen on a socket of this machine's people as well. Raises OSError."""
        listener = _listener(path)
        self._local = await asyncio.start_unix_server(self._serve_person, sock=listener)
        self._socket = path

    def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()
        if self._local is not None and self._socket is not None:
            self._local.close()
            self._socket.unlink(missing_ok=True)

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
        connection: socket.socket = writer.get_extra_info("socket")
        await self._talk(reader, writer, lambda name, arguments: self._call_of_account(connection, name, arguments))

    async def _serve_person(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        caller = caller_of(writer.get_extra_info("socket"))
        await self._talk(reader, writer, lambda name, arguments: self._call_of_person(caller, name, arguments))

    async def _talk(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        call: Callable[[str, tuple[object, ...]], object],
    ) -> None:
        """One request a connection: nobody calls these often."""
        try:
            async with asyncio.timeout(_SECONDS):
                writer.write(await _answer(reader, self._rules, call))
                await writer.drain()
        except (TimeoutError, OSError, h11.ProtocolError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    def _call_of_account(self, connection: socket.socket, name: str, arguments: tuple[object, ...]) -> None:
        if name == _TERMINATE and self._may_terminate is not None:
            user = user_of(connection)
            if user not in (_ROOT, os.getuid(), *self._may_terminate):
                who = name_of(user) if user is not None else "somebody of whom this machine does not tell who it is"
                raise ApiFault(
                    Code.FORBIDDEN,
                    f"{name}: only for root, for this agent's account {name_of(os.getuid())}, and for those that "
                    f"terminate_users in hqnode.ini names; this is {who}",
                )
        self._call(name, arguments)

    def _call(self, name: str, arguments: tuple[object, ...]) -> None:
        function = self._functions.get(name)
        if name in self._people:
            where = self._socket or "a socket, which this agent could not make"
            raise ApiFault(Code.FORBIDDEN, f"{name}: only for people of this machine, on {where}")
        if function is None:
            raise ApiFault(Code.NO_SUCH_METHOD, f"{name}: there is no such method on a client")
        if arguments:
            raise ApiFault(Code.BAD_PARAMETERS, f"{name} takes 0 arguments, got {len(arguments)}")
        function()

    def _call_of_person(self, caller: str | Stranger, name: str, arguments: tuple[object, ...]) -> object:
        if isinstance(caller, Stranger):
            raise ApiFault(Code.FORBIDDEN, f"{name}: {caller.why}")
        function = self._people.get(name)
        if function is not None:
            return function(caller, arguments)
        self._call(name, arguments)
        return None


def _listener(path: Path) -> socket.socket:
    """A socket that anybody may connect to: who may say something is decided by who calls. Raises OSError."""
    path.unlink(missing_ok=True)  # of an agent that was killed: this one has its folder now
    listener = socket.socket(socket.AF_UNIX)
    try:
        listener.bind(str(path))
        path.chmod(0o666)
    except OSError:
        listener.close()
        raise
    return listener


async def _answer(
    reader: asyncio.StreamReader, rules: DoorRules, call: Callable[[str, tuple[object, ...]], object]
) -> bytes:
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=16 << 10)
    request, body = await _request(connection, reader)
    verdict = judge(request.method, request.target, [(bytes(k), bytes(v)) for k, v in request.headers], rules)
    if verdict.status != OK:
        return _response(connection, verdict.status, b"text/plain", verdict.text.encode())
    if verdict.is_health:
        return _response(connection, OK, b"text/plain", b"ok\n")
    return _response(connection, OK, b"text/xml", _called(bytes(body), call))


def _called(body: bytes, call: Callable[[str, tuple[object, ...]], object]) -> bytes:
    name = ""
    try:
        name, arguments = decode_request(body, Limits(size=_BODY_LIMIT))
        return encode_response(call(name, tuple(arguments)))
    except ApiFault as fault:
        return encode_fault(fault)
    except BadValue as problem:
        return encode_fault(problem.as_fault(name))
    except Exception:  # the barrier: a bug in a function must not leave its caller without an answer
        log.exception("a function of this agent failed")
        return encode_fault(ApiFault(Code.OUR_BUG, "the agent failed; its log says how"))


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
