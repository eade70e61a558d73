"""What the inspector asks about one job: its log, details, attempts, and its output as it grows.

The feed does not carry these, because they are large or rare; they are asked for while somebody looks.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, NamedTuple

from hqgui.link import Link, Refusal, Slices
from hqgui.models.output import MOST_LINES, Edit, Line, OutputBuffer
from hqserver.wire.cuts import mark
from hqserver.wire.faults import Code
from hqserver.wire.statuses import FINISHED

_HOOKS: Final = ("onSuccess", "onError", "onCancel", "onChildError")
DETAILS: Final = ("command", "environment", "shell", "output", "description", "conditions", *_HOOKS)
TAIL_BYTES: Final = 262_144
"""How much of the end is shown at first."""
ALL_BYTES: Final = 16 << 20
"""How much `load_all` loads at most; the list of lines keeps less."""
BEFORE_BYTES: Final = 12 << 10
AFTER_BYTES: Final = 128 << 10
"""How much is shown before and after a place in the middle of a log, as long as that fits among the lines."""
HITS_AT_ONCE: Final = 500
MOST_HITS: Final = 20_000
LOOK_SECONDS: Final = 1.0
_SLICE_BYTES: Final = 32 << 10
_PART_SLICE_BYTES: Final = 4 << 10
_PART_LINES: Final = MOST_LINES - _PART_SLICE_BYTES
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


class Piece(NamedTuple):
    """Some of an output, in order."""

    data: bytes
    place: int
    """How far of the output that is, in bytes that the command wrote."""
    size: int
    """All of it."""


async def whole_output(link: Link, job: int, attempt: int | None = None) -> AsyncIterator[Piece]:
    """All that an attempt, else the newest, wrote until now. What was cut is told where it stood. Raises LinkError."""
    try:
        head = await link.call("getOutput", job, attempt, 0, 0)
    except Refusal as refusal:
        if refusal.code not in _UNKNOWN_METHOD:
            raise
        data = str(await link.call("getJobOutput", job) or "").encode()
        yield Piece(data, len(data), len(data))
        return
    place, size = 0, int(head["size"])
    while place < size:
        row = await link.call("getOutput", job, head["attempt"], place, min(_PIECE_BYTES, size - place))
        begin, data = min(int(row["offset"]), size), bytes(row["data"])[: max(0, size - int(row["offset"]))]
        told = mark(begin - place).encode() if begin > place else b""
        if not data and not told:
            return
        place = begin + len(data)
        yield Piece(told + data, place, size)


class Searched(NamedTuple):
    """What one stretch of a search found."""

    offsets: tuple[int, ...]
    """Bytes of the log with which places begin."""
    searched: int
    """Bytes from the beginning that have been looked at."""
    complete: bool


async def search_output(link: Link, job: int, attempt: int, text: str) -> AsyncIterator[Searched]:
    """Looks for a text in all of a log, stretch by stretch; whoever stops listening stops it. Raises LinkError."""
    place: tuple[str, ...] = ()
    while True:
        row = await link.call("searchOutput", job, text, attempt or None, HITS_AT_ONCE, *place, seconds=60.0)
        offsets = tuple(match["offset"] for match in row["matches"])
        yield Searched(offsets, row["searched"], bool(row["complete"]))
        if row["complete"]:
            return
        place = (row["place"],)


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
    is_part: bool = False
    """A part in the middle is shown, which does not go on with the log."""


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
        self._until: int | None = None
        """Where a part in the middle ends; None: what is shown goes on as long as the log does."""
        self._is_long = False
        """Somebody read a part on: its front may go."""
        self._old = 0
        """Bytes that the log had when somebody wanted to see this place: what stands in them is no news."""
        self.is_news = False
        """Whether what was told last was written since."""
        self._journeys = 0
        """How often somebody wanted to see something else: what was asked for before is of no use then."""
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
        self._go_to(max(0, self.status.size - ALL_BYTES))

    def show_around(self, offset: int) -> None:
        """Show the part of the log that this byte is in."""
        self._go_to(max(0, offset - BEFORE_BYTES), offset + AFTER_BYTES)

    def show_more(self) -> None:
        """Let a part go on; where it meets the end, it grows with the log."""
        if self._until is not None:
            self._until = self._next + AFTER_BYTES
            self._is_long = True
            self._grown()
            self.look_now()

    def show_end(self) -> None:
        """Show the end again."""
        self._go_to(-1)

    def _go_to(self, offset: int, until: int | None = None) -> None:
        self._next, self._until, self._is_long = offset, until, False
        self._old = self.status.size
        self._journeys += 1
        self._text = b""
        self._buffer.clear(max(0, offset))
        self.status = replace(self.status, shown_from=max(0, offset), is_part=until is not None)
        self.look_now()

    def _end_if_full(self) -> None:
        """A part of very short lines ends before it would push out what it was asked for."""
        if self._until is not None and len(self._buffer.lines) >= _PART_LINES and not self._is_long:
            self._until = self._next

    def _grown(self) -> None:
        """A part that has met the end of the log is no part any more."""
        if self._until is not None and self._until >= self.status.size:
            self._until = None
            self.status = replace(self.status, is_part=False)

    @property
    def is_there(self) -> bool:
        """Whether everything that should be shown has been read."""
        return 0 <= self._next >= self._end

    @property
    def _end(self) -> int:
        return self.status.size if self._until is None else min(self._until, self.status.size)

    async def follow(self) -> AsyncIterator[Edit]:
        """What changes in the buffer, until the output has ended. An empty edit tells of another status.

        Raises LinkError when the server is lost; call it again to go on.
        """
        while True:
            async for edit in self._look():
                yield edit
            if not self.status.live and self.is_there and not self._wake.is_set():
                return
            if self.is_there or self._plain:
                await self._rest()

    async def _rest(self) -> None:
        try:
            async with asyncio.timeout(LOOK_SECONDS):
                await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()

    async def _look(self) -> AsyncIterator[Edit]:
        before, journeys = self.status, self._journeys
        is_first = self._next < 0
        part = await self._read()
        if journeys != self._journeys:
            return
        if is_first:
            self._old = part.size
        if part.attempt != self.status.attempt and self.status.attempt:
            # Another attempt: what is shown goes, and it is read from its own end.
            gone = len(self._buffer.lines)
            self._buffer.clear()
            self.status = TailStatus(live=part.live, attempt=part.attempt)
            self._next, self._text, self._until = -1, b"", None
            yield Edit(dropped=gone)
            return
        if part.anew and self._buffer.lines:
            gone = len(self._buffer.lines)
            self._buffer.clear()
            yield Edit(dropped=gone)
        if not self._buffer.lines:
            self._buffer.clear(part.offset)
        self._next = part.offset
        self._tell(part)
        slices = Slices()
        size = _SLICE_BYTES if self._until is None else _PART_SLICE_BYTES
        for start in range(0, len(part.data), size):
            data = part.data[start : start + size]
            self.is_news = self._next >= self._old
            self._next += len(data)  # piece by piece: whoever stops listening here goes on here
            edit = self._buffer.append(data)
            self._end_if_full()
            self._tell(part)
            yield edit
            await slices.breathe()
            if journeys != self._journeys or self._next >= self._end:
                return
        if not part.data and self.status != before:
            yield Edit()

    def _tell(self, part: _Part) -> None:
        """How things stand; what left the buffer at its front is not shown any more."""
        shown_from = self._buffer.span[0]
        self.status = TailStatus(part.size, shown_from, part.live, part.attempt, self._until is not None)
        self._grown()

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
        most = TAIL_BYTES if self._until is None else max(0, min(TAIL_BYTES, self._until - self._next))
        row = await self._link.call("getOutput", self._job, self._attempt, self._next, most)
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
