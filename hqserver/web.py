"""Bytes in, bytes out: the server's HTTP side, as a plain ASGI function.

A request passes the front door on its headers alone, is decoded while it arrives, dispatched, and its answer encoded,
each in turns of a few milliseconds, so that one caller's 50 MB keeps nobody waiting. Large bodies are worked on two at
a time; the others wait unread, in their callers' sockets. Login failures and every other fault are answers (200 and a
Fault); HTTP statuses are for requests that never became a call.

`hqserver.web_protocol` is what uvicorn should run this behind: it bounds what never reaches a request.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import zlib
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter
from typing import Any, Final

from hqserver.api import dispatch
from hqserver.api.context import ADMITTED, NOBODY_AT, Caller, Context
from hqserver.api.methods import all_methods
from hqserver.api.registry import Method
from hqserver.api.slices import TURN_SECONDS
from hqserver.wire.codec import Limits, RequestDecoder, encode_fault, encode_response_parts
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.front_door import OK, DoorRules, Verdict, judge, too_large
from hqserver.wire.roles import BODY_LIMITS, Role

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

TARGET: Final = "hqserver.target"
"""Key of the scope under which `web_protocol` puts the request target exactly as it was sent."""

_PIECE: Final = 32 << 10
_LARGE: Final = 1 << 20
_LARGE_AT_A_TIME: Final = 2
_PACK_FROM: Final = 32 << 10
_PACK_LEVEL: Final = 1
_PACK_ASIDE: Final = 1 << 20
"""Bytes of an answer: smaller ones are packed within a turn or two."""
_GZIP: Final = 31
"""zlib's window size that means gzip."""
_SHORT_SECONDS: Final = 0.05
"""Calls that are answered sooner are not watched for callers who hang up."""
_LINGER_SECONDS: Final = 5.0
_MOST_DISCARDED: Final = 256 << 20

_XML: Final = (b"content-type", b"text/xml; charset=utf-8")
_TEXT: Final = (b"content-type", b"text/plain; charset=utf-8")
_NO_SNIFFING: Final = (b"x-content-type-options", b"nosniff")
_PACKED: Final = (b"content-encoding", b"gzip")
_CLOSE: Final = (b"connection", b"close")
_ALLOW: Final = (b"allow", b"POST")


@dataclass(frozen=True, slots=True)
class _Shared:
    """What all requests have in common."""

    context: Context
    methods: Mapping[str, Method]
    rules: DoorRules
    large_bodies: asyncio.Semaphore


def make_app(context: Context) -> Application:
    """The ASGI function. Raises BadDeclaration for a method that is not fully declared: the server must not start."""
    shared = _Shared(context, all_methods(), door_rules(context), asyncio.Semaphore(_LARGE_AT_A_TIME))

    async def app(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _serve(shared, scope, receive, send)

    return app


class _HungUp(Exception):
    """The caller is gone; there is nobody to answer."""


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):
    """The body breaks the rules of the door after all."""

    verdict: Verdict


async def _serve(shared: _Shared, scope: Message, receive: Receive, send: Send) -> None:
    """One request."""
    verdict = judge(scope["method"].encode("latin-1"), _target(scope), scope["headers"], shared.rules)
    if verdict.is_health:
        closing = shared.context.engine.closing
        await _send(send, 503 if closing else 200, b"stopping\n" if closing else b"ok\n", _TEXT, _NO_SNIFFING)
    elif verdict.status != OK:
        await _refuse(verdict, receive, send)
    else:
        try:
            await _Exchange(shared, scope, receive, send, verdict).run()
        except _Refusal as refusal:
            await _refuse(refusal.verdict, receive, send)
        except _HungUp:
            pass


class _Exchange:
    """One call on its way through the server."""

    __slots__ = ("_hung_up", "_receive", "_scope", "_send", "_shared", "_verdict", "_works_on_large")

    def __init__(self, shared: _Shared, scope: Message, receive: Receive, send: Send, verdict: Verdict) -> None:
        self._shared = shared
        self._scope = scope
        self._receive = receive
        self._send = send
        self._verdict = verdict
        self._works_on_large = False
        self._hung_up = False

    async def run(self) -> None:
        """Read, answer, send."""
        try:
            try:
                name, arguments = await self._decoded()
                parts = await self._encoded(name, await self._answered(name, arguments))
            except ApiFault as fault:
                parts = [encode_fault(fault)]
            await self._sent(parts)
        finally:
            if self._works_on_large:
                self._shared.large_bodies.release()

    async def _decoded(self) -> tuple[str, list[object]]:
        """The call, decoded while it arrives."""
        limit = self._shared.rules.body_limit
        decoder = RequestDecoder(Limits(size=limit))
        unpacker = zlib.decompressobj(_GZIP) if self._verdict.packed else None
        arrived = 0
        end = perf_counter() + TURN_SECONDS
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise _HungUp
            body: bytes = message.get("body", b"")
            arrived += len(body)
            if arrived > limit:
                raise _Refusal(too_large(self._shared.rules))
            if arrived > _LARGE and not self._works_on_large:
                await self._shared.large_bodies.acquire()
                self._works_on_large = True
            for piece in _pieces(body) if unpacker is None else _unpacked(body, unpacker):
                decoder.feed(piece)
                if perf_counter() > end:
                    await asyncio.sleep(0)
                    end = perf_counter() + TURN_SECONDS
            if not message.get("more_body", False):
                break
        if unpacker is not None and not unpacker.eof:
            raise ApiFault(Code.TRANSPORT, "the gzip body ends too early")
        return decoder.close()

    async def _answered(self, name: str, arguments: list[object]) -> object:
        """What the method answers. One that waits ends when its caller hangs up."""
        shared = self._shared
        client = self._scope.get("client")
        caller = _caller(client[0] if client else "")
        method = shared.methods.get(name)
        if method is None or not method.waits:
            return await dispatch.answer(shared.methods, shared.context, caller, name, arguments)
        watch = self._watch_later(asyncio.current_task())
        try:
            return await dispatch.answer(shared.methods, shared.context, caller, name, arguments)
        except asyncio.CancelledError:
            if self._hung_up:
                raise _HungUp from None
            raise
        finally:
            watch.close()

    def _watch_later(self, task: asyncio.Task[Any] | None) -> contextlib.ExitStack:
        """Watch whether the caller hangs up once its call takes a while, as few do; until what this gives is closed."""
        loop, watching = asyncio.get_running_loop(), contextlib.ExitStack()

        def watch() -> None:
            watching.callback(loop.create_task(self._cancel_when_hung_up(task)).cancel)

        watching.callback(loop.call_later(_SHORT_SECONDS, watch).cancel)
        return watching

    async def _cancel_when_hung_up(self, task: asyncio.Task[Any] | None) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._hung_up = True
        if task is not None:
            task.cancel()

    async def _encoded(self, name: str, value: object) -> list[bytes]:
        """The answer's bytes, made in turns."""
        parts: list[bytes] = []
        end = perf_counter() + TURN_SECONDS
        try:
            for part in encode_response_parts(value):
                parts.append(part)
                if perf_counter() > end:
                    await asyncio.sleep(0)
                    end = perf_counter() + TURN_SECONDS
        except (TypeError, OverflowError) as error:
            raise dispatch.failure(name, error) from None
        return parts

    async def _sent(self, parts: list[bytes]) -> None:
        size = sum(map(len, parts))
        if size <= _PACK_FROM or not self._verdict.may_pack:
            await _send_parts(self._send, parts, size, _XML)
            return
        packed = await _packed(parts, size)
        await _send_parts(self._send, packed, sum(map(len, packed)), _XML, _PACKED)


async def _packed(parts: list[bytes], size: int) -> list[bytes]:
    """The parts as gzip, used up on the way. Of a large answer it is made in a thread, beside the loop."""
    packed = []
    packer = zlib.compressobj(_PACK_LEVEL, zlib.DEFLATED, _GZIP)
    thread = asyncio.get_running_loop().run_in_executor
    parts.reverse()
    while parts:
        piece = parts.pop()
        if size > _PACK_ASIDE:
            while parts and len(piece) < _PACK_ASIDE // 4:
                piece += parts.pop()
            packed.append(await thread(None, packer.compress, piece))
        else:
            packed.append(packer.compress(piece))
    packed.append(packer.flush())
    return packed


def door_rules(context: Context) -> DoorRules:
    """What this server's door admits: names of this machine, and those that the settings add."""
    names = {socket.gethostname()}
    if context.open_farm:
        names.add(socket.getfqdn())  # may ask the name service, so only where other machines call
    names.update(str(context.config["allowed_hosts"]).split(","))
    return DoorRules(
        body_limit=BODY_LIMITS[Role.OPERATOR],
        allowed_hosts=frozenset(name.strip().lower() for name in names if name.strip()),
        hosts_hint="Use its address, or add the name to allowed_hosts in hqserver.ini.",
    )


@lru_cache(maxsize=1024)
def _caller(address: str) -> Caller:
    """Whoever calls from an address, until callers have identities. Credentials in URLs are not looked at."""
    return Caller(f"{NOBODY_AT}{address}", ADMITTED, address)


def _target(scope: Message) -> bytes:
    """The request target, as it was sent."""
    target: bytes | None = scope.get(TARGET)
    if target is not None:
        return target
    query: bytes = scope["query_string"]
    path: bytes = scope["raw_path"]
    return path + b"?" + query if query else path


def _pieces(body: bytes) -> Iterable[bytes]:
    if len(body) <= _PIECE:
        return (body,) if body else ()
    return (body[start : start + _PIECE] for start in range(0, len(body), _PIECE))


def _unpacked(body: bytes, unpacker: Any) -> Iterator[bytes]:
    """What a piece of a gzip body holds, never much at a time; the decoder counts it."""
    for piece in _pieces(body):
        left = piece
        while left:
            try:
                yield unpacker.decompress(left, _PIECE)
            except zlib.error:
                raise ApiFault(Code.TRANSPORT, "the body is not gzip, though Content-Encoding says so") from None
            if unpacker.unused_data:
                raise ApiFault(Code.TRANSPORT, "something follows the gzip body")
            left = unpacker.unconsumed_tail


async def _refuse(verdict: Verdict, receive: Receive, send: Send) -> None:
    """Answer in plain text. A body that is too large is thrown away for a while, so that its sender sees the answer."""
    body = verdict.text.encode() + b"\n"
    headers = [_TEXT, _NO_SNIFFING]
    if verdict.status == 405:
        headers.append(_ALLOW)
    if not verdict.leaves_body:
        await _send(send, verdict.status, body, *headers)
        return
    headers += [_CLOSE, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": verdict.status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await _discard(receive)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _discard(receive: Receive) -> None:
    discarded = 0
    try:
        async with asyncio.timeout(_LINGER_SECONDS):
            while discarded < _MOST_DISCARDED:
                message = await receive()
                discarded += len(message.get("body", b""))
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    return
    except TimeoutError:
        pass


async def _send(send: Send, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [*headers, (b"content-length", b"%d" % len(body))],
        }
    )
    await send({"type": "http.response.body", "body": body})


async def _send_parts(send: Send, parts: list[bytes], size: int, *headers: tuple[bytes, bytes]) -> None:
    """Each part waits until the caller's socket has room; nothing piles up for a caller that does not read."""
    if len(parts) == 1:
        await _send(send, 200, parts[0], *headers)
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*headers, (b"content-length", b"%d" % size)]})
    for part in parts:
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
