"""Following the output of attempts: what the server lacks is cut into chunks, by offset and with a checksum."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hqagent.progress import ProgressReader
from hqagent.spool import Spool
from hqserver.wire.agent import Chunk, OutputSize

CHUNK: Final = 256 << 10
_RAW_SHARE: Final = 700_000
"""Bytes in one exchange, before base64."""


@dataclass(slots=True)
class Followed:
    """How far the output of an attempt has been sent and read."""

    size: int = 0
    """As it was last looked at; the output may have grown since."""
    sent: int = 0
    known: bool = True
    """Whether the server's length is known; after a new session it must be asked for first."""
    read: int = 0
    progress: ProgressReader = field(default_factory=ProgressReader)


class Follower:
    """The output of all attempts of this agent."""

    def __init__(self, spool: Spool) -> None:
        self._spool = spool
        self._followed: dict[tuple[int, int], Followed] = {}

    def follow(self, key: tuple[int, int]) -> None:
        """From the beginning; the server says what it has already."""
        self._followed[key] = Followed()

    def forget(self, key: tuple[int, int]) -> None:
        """No longer."""
        self._followed.pop(key, None)

    def rewind(self) -> None:
        """A new session: the server may have less than was sent."""
        for followed in self._followed.values():
            followed.known = False

    def lacking(self, key: tuple[int, int]) -> bool:
        """Whether the server lacks output of this attempt."""
        followed = self._followed.get(key)
        if followed is None:
            return False
        return followed.sent < followed.size or (followed.size > 0 and not followed.known)

    def look(self, key: tuple[int, int]) -> int:
        """Bytes of output that there are now."""
        size = self._spool.output_size(*key)
        followed = self._followed.get(key)
        if followed is not None:
            followed.size = size
        return size

    def chunks(self) -> tuple[Chunk, ...]:
        """What goes with the next exchange."""
        left, found = _RAW_SHARE, []
        for key, followed in self._followed.items():
            if not followed.known:
                if followed.size:
                    found.append(Chunk(*key, 0, "", 0))
                continue
            while (
                left > 0
                and followed.sent < followed.size
                and (data := self._spool.read_output(*key, followed.sent, min(CHUNK, left)))
            ):
                found.append(Chunk(*key, followed.sent, base64.b64encode(data).decode(), zlib.crc32(data)))
                followed.sent += len(data)
                left -= len(data)
        return tuple(found)

    def server_has(self, sizes: Iterable[OutputSize]) -> None:
        """Go on where the server stands."""
        for size in sizes:
            followed = self._followed.get((size.job, size.attempt))
            if followed is not None:
                followed.sent, followed.known = size.size, True

    def progress(self) -> list[tuple[tuple[int, int], float]]:
        """Progress that the output told since it was last asked."""
        found = []
        for key, followed in self._followed.items():
            newest = None
            while followed.read < followed.size and (data := self._spool.read_output(*key, followed.read, CHUNK)):
                followed.read += len(data)
                told = followed.progress.feed(data)
                newest = told if told is not None else newest
            if newest is not None:
                found.append((key, newest))
        return found
