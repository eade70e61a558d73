"""The agents of this very machine, asked over their own sockets: they answer whether the server is there or not.

What a person says here holds at once; the agent tells the server when it can. Several agents may run on a machine; what
is said of the machine is said to each. A socket on which nobody answers belongs to an agent that is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import h11

from hqgui.models.tray.machine import Agent, RunningJob
from hqserver.wire import local
from hqserver.wire.clients import Override
from hqserver.wire.codec import decode_response, encode_request
from hqserver.wire.faults import ApiFault, BadValue

_LOG: Final = logging.getLogger(__name__)
_SECONDS: Final = 5.0
_MOST_BYTES: Final = 4 << 20
_BYTES_AT_ONCE: Final = 64 << 10

Find = Callable[[], Sequence[Path]]


class AgentError(Exception):
    """An agent here did not do what was wanted; the text says why."""


def find_sockets() -> list[Path]:
    """Where agents of this machine may be asked."""
    if not hasattr(asyncio, "open_unix_connection"):
        return []
    return list(local.sockets(os.environ, local.own_user()))


class LocalAgents:
    """All agents of this machine."""

    def __init__(self, clock: Callable[[], float], find: Find = find_sockets) -> None:
        self._clock = clock
        self._find = find

    async def states(self) -> tuple[Agent, ...]:
        """What each that answers says of itself, whichever farm it belongs to: the machine is one."""
        found = []
        for path in self._find():
            with contextlib.suppress(AgentError):
                found.append(self._read(path, await _call(path, local.GET_STATE)))
        return tuple(found)

    async def set_override(self, mode: Override, until: float | None) -> int:
        """Say something of this machine; how many agents heard it. Raises AgentError when one refuses."""
        return await self._tell(local.SET_OVERRIDE, mode.value, _date(until))

    async def take_back(self, now: bool, until: float | None) -> int:
        """Take this machine back; how many agents heard it. Raises AgentError when one refuses."""
        return await self._tell(local.TAKE_BACK, now, _date(until))

    async def _tell(self, method: str, *arguments: object) -> int:
        """All at once: the machine is theirs when the slowest has obeyed."""
        answers = await asyncio.gather(
            *(_call(path, method, *arguments) for path in self._find()), return_exceptions=True
        )
        refused = [answer for answer in answers if isinstance(answer, AgentError) and not isinstance(answer, _Gone)]
        if refused:
            raise refused[0]
        return sum(not isinstance(answer, BaseException) for answer in answers)

    def _read(self, path: Path, answer: Any) -> Agent:
        try:
            return self._agent(answer)
        except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
            raise _Gone(f"{path.name} is no agent: {error}") from error

    def _agent(self, answer: Mapping[str, Any]) -> Agent:
        until = answer.get("overrideUntil")
        word = answer.get("override")
        return Agent(
            name=str(answer.get("name", "")),
            connected=bool(answer.get("connected")),
            override=next((mode for mode in Override if mode == word), Override.NONE),
            until=until.replace(tzinfo=UTC).timestamp() if isinstance(until, datetime) else None,
            jobs=tuple(self._job(row) for row in answer.get("jobs") or ()),
            client=int(answer.get("client") or 0),
            server=str(answer.get("server") or ""),
        )

    def _job(self, row: Mapping[str, Any]) -> RunningJob:
        return RunningJob(
            id=int(row["id"]),
            name=str(row.get("name", "")),
            progress=float(row.get("progress", -1.0)),
            since=float(round(self._clock() - float(row.get("seconds", 0.0)))),
            stopped=bool(row.get("stopped")),
        )


class _Gone(AgentError):
    """Nobody answers on this socket."""


def _date(until: float | None) -> datetime | None:
    return None if until is None else datetime.fromtimestamp(until, UTC).replace(tzinfo=None, microsecond=0)


async def _call(path: Path, method: str, *arguments: object) -> Any:
    body = encode_request(method, arguments)
    try:
        async with asyncio.timeout(_SECONDS):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                return decode_response(await _exchange(reader, writer, body))
            finally:
                writer.close()
    except ApiFault as fault:
        raise AgentError(fault.text) from fault
    except (OSError, TimeoutError, EOFError, BadValue, h11.ProtocolError) as error:
        raise _Gone(f"{path.name}: {error}") from error


async def _exchange(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, body: bytes) -> bytes:
    connection = h11.Connection(h11.CLIENT)
    headers = [("host", "localhost"), ("content-type", "text/xml"), ("content-length", str(len(body)))]
    for said in (h11.Request(method="POST", target="/RPC2", headers=headers), h11.Data(data=body), h11.EndOfMessage()):
        writer.write(connection.send(said) or b"")
    await writer.drain()
    status, answer = 0, bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_BYTES_AT_ONCE))
        elif isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            answer += event.data
            if len(answer) > _MOST_BYTES:
                raise EOFError("the answer is too large")
        elif status != 200:
            raise EOFError(f"HTTP {status}")
        else:
            return bytes(answer)
