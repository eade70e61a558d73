"""What the inspector asks about one job: its log, details, attempts, and its output as it grows.

The feed does not carry these, because they are large or rare; they are asked for while somebody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from hqgui.link import Link, Refusal, Slices
from hqgui.models.output import Edit, Line, OutputBuffer
from hqserver.wire.faults import Code
from hqserver.wire.statuses import FINISHED

DETAILS: Final = ("command", "environment", "shell", "output", "description", "conditions")
TAIL_BYTES: Final = 262_144
"""How much of the end is shown at first."""
ALL_BYTES: Final = 16 << 20
"""How much `load_all` loads at most; the list of lines keeps less."""
LOOK_SECONDS: Final = 1.0
_SLICE_BYTES: Final = 32 << 10
_PIECE_BYTES: Final = 1 << 20
_UNKNOWN_METHOD: Final = (Code.NO_SUCH_METHOD, 1)
"""Fault codes for a call that the server does not know; Python's own XML-RPC servers answer 1."""


async def job_log(link: Link, job: int) -> list[dict[str, Any]]:
    """The status log of a job, oldest first, dates as wire texts. Raises LinkError."""
    row = await link.call("getJob", job, ["logs"])
    return [_plain(entry) for entry in (row or {}).get("logs") or ()]


async def job_details(link: Link, job: int) -> dict[str, Any]:
    """Command, environment and the like; empty for a job that is gone. Raises LinkError."""
    return dict(await link.call("getJob", job, list(DETAILS)) or {})


async def attempts(link: Link, job: int) -> list[dict[str, Any]]:
    """The attempts of a job, oldest first; empty where the server does not know the call. Raises LinkError."""
    try:
        return [_plain(row) for row in await link.call("getAttempts", job)]
    except Refusal:
        return []


async def permitted_clients(link: Link, job: int) -> int | None:
    """How many clients may run a job; None where the server does not say. Raises LinkError."""
    try:
        return len(await link.call("getPermittedClientsList", job))
    except Refusal:
        return None


async def whole_output(link: Link, job: int) -> AsyncIterator[bytes]:
    """Everything that the newest attempt of a job wrote until now, in pieces. Raises LinkError."""
    try:
        head = await link.call("getOutput", job, None, 0, 0)
    except Refusal as refusal:
        if refusal.code not in _UNKNOWN_METHOD:
            raise
        yield str(await link.call("getJobOutput", job) or "").encode()
        return
    place = 0
    while place < head["size"]:
        row = await link.call("getOutput", job, head["attempt"], place, min(_PIECE_BYTES, head["size"] - place))
        data = bytes(row["data"])
        if not data:
            return
        place += len(data)
        yield data


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: f"{value:%Y%m%dT%H:%M:%S}" if isinstance(value, datetime) else value for name, value in row.items()}


@dataclass(frozen=True, slots=True)
class TailStatus:
    """What is known of the output besides its lines."""

    size: int = 0
    """Bytes in all."""
    shown_from: int = 0
    """Where the lines begin, in bytes."""
    live: bool = False
    """It may still grow."""
    attempt: int = 0
    words: str = ""
    """Why it cannot be shown now; empty when it can."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Some bytes of a log."""

    data: bytes
    offset: int
    size: int
    attempt: int
    live: bool
    anew: bool = False
    """It does not go on where the part before it ended."""


class OutputTail:
    """Follows the output of one job into a buffer of lines."""

    def __init__(self, link: Link, job: int, buffer: OutputBuffer, attempt: int | None = None) -> None:
        self._link = link
        self._job = job
        self._buffer = buffer
        self._attempt = attempt
        self._next = -1
        """The byte that is asked for next; -1: the end is not known yet."""
        self._wake = asyncio.Event()
        self._plain = False
        """The server has no `getOutput`: the last characters are asked for and compared."""
        self._text = b""
        self.status = TailStatus()

    def look_now(self) -> None:
        """Do not wait for the next look."""
        self._wake.set()

    def load_all(self) -> None:
        """Show it from its beginning, as far as the buffer goes."""
        self._next = max(0, self.status.size - ALL_BYTES)
        self._text = b""
        self._buffer.clear()
        self.status = replace(self.status, shown_from=self._next)
        self.look_now()

    async def follow(self) -> AsyncIterator[Edit]:
        """What changes in the buffer, until the output has ended. An empty edit tells of another status.

        Raises LinkError when the server is lost; call it again to go on.
        """
        while True:
            async for edit in self._look():
                yield edit
            if not self.status.live and self._next >= self.status.size and not self._wake.is_set():
                return
            if self._next >= self.status.size or self._plain:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _look(self) -> AsyncIterator[Edit]:
        before = self.status
        part = await self._read()
        if part.attempt != self.status.attempt and self.status.attempt:
            # Another attempt: what is shown goes, and it is read from its own end.
            gone = len(self._buffer.lines)
            self._buffer.clear()
            self.status = TailStatus(live=part.live, attempt=part.attempt)
            self._next, self._text = -1, b""
            yield Edit(dropped=gone)
            return
        if part.anew and self._buffer.lines:
            gone = len(self._buffer.lines)
            self._buffer.clear()
            yield Edit(dropped=gone)
        shown_from = part.offset if not self._buffer.lines else self.status.shown_from
        self._next = part.offset
        self.status = TailStatus(part.size, shown_from, part.live, part.attempt)
        slices = Slices()
        for start in range(0, len(part.data), _SLICE_BYTES):
            data = part.data[start : start + _SLICE_BYTES]
            self._next += len(data)  # piece by piece: whoever stops listening here goes on here
            yield self._buffer.append(data)
            await slices.breathe()
        if not part.data and self.status != before:
            yield Edit()

    async def _read(self) -> _Part:
        if not self._plain:
            try:
                return await self._read_bytes()
            except Refusal as refusal:
                if refusal.code not in _UNKNOWN_METHOD:
                    raise
                self._plain = True
        return await self._read_text()

    async def _read_bytes(self) -> _Part:
        if self._next < 0:
            head = await self._link.call("getOutput", self._job, self._attempt, 0, 0)
            self._next = max(0, head["size"] - TAIL_BYTES)
        row = await self._link.call("getOutput", self._job, self._attempt, self._next, TAIL_BYTES)
        return _Part(bytes(row["data"]), row["offset"], row["size"], row["attempt"], bool(row["live"]))

    async def _read_text(self) -> _Part:
        """The last characters; what is new is what follows the end of what is known."""
        wanted = ALL_BYTES if self._next == 0 and not self._text else TAIL_BYTES
        answer = await self._link.call("getJobOutput", self._job, wanted)
        row = await self._link.call("getJob", self._job, ["status", "attempt"]) or {}
        text = str(answer or "").encode()
        new, known = _beyond(self._text, text)
        self._text = text
        attempt = int(row.get("attempt") or 1)
        live = bool(row) and row.get("status") not in FINISHED
        offset = max(0, self._next) if known else 0
        return _Part(new, offset, offset + len(new), attempt, live, anew=not known)


def _beyond(known: bytes, now: bytes) -> tuple[bytes, bool]:
    """What `now`, the present end of a log, has beyond `known`, its end some time ago; and whether they meet at all."""
    if now.startswith(known):
        return now[len(known) :], bool(known)
    mark = known[-4096:]
    at = now.rfind(mark)
    return (now, False) if at < 0 else (now[at + len(mark) :], True)


async def last_lines(link: Link, job: int, size: int = 65_536) -> list[Line]:
    """The last lines that the newest attempt of a job wrote, oldest first. Raises LinkError."""
    buffer = OutputBuffer()
    try:
        head = await link.call("getOutput", job, None, 0, 0)
        row = await link.call("getOutput", job, head["attempt"], max(0, head["size"] - size), size)
        buffer.append(bytes(row["data"]))
    except Refusal as refusal:
        if refusal.code not in _UNKNOWN_METHOD:
            raise
        buffer.append(str(await link.call("getJobOutput", job, size) or "").encode())
    return list(buffer.lines)
