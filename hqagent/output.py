"""Following the output of attempts: what the server lacks is cut into chunks, by offset and with a checksum."""

from __future__ import annotations

import base64
import logging
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from hqagent.patterns import DEFAULTS, OutputReader, Patterns
from hqagent.spool import Spool
from hqserver.wire import cuts
from hqserver.wire.agent import Chunk, OutputSize

log = logging.getLogger("hqagent")

CHUNK: Final = 256 << 10
_RAW_SHARE: Final = 700_000
"""Bytes in one exchange, before base64."""
_MOST_A_LOOK: Final = 512 << 10
"""Bytes by which the output of a running attempt goes on between two looks, four a second: 2 MB/s on the wire."""
_MOST_READ_A_LOOK: Final = 2 << 20
_MOST_READ_AT_THE_END: Final = 64 << 20

Key = tuple[int, int]


@dataclass(slots=True)
class Followed:
    """How far the output of an attempt has been sent and read."""

    reader: OutputReader
    size: int = 0
    """As far as it is to be sent now; the output may have grown since."""
    sent: int = 0
    known: bool = True
    """Whether the server's length is known; after a new session it must be asked for first."""
    read: int = 0


@dataclass(slots=True)
class Summary:
    """An output that is over."""

    output_bytes: int
    cut_bytes: int
    failure: str
    progress: float | None


@dataclass(slots=True)
class Follower:
    """The output of all attempts of this agent."""

    spool: Spool
    patterns: Patterns = DEFAULTS
    _followed: dict[Key, Followed] = field(default_factory=dict)

    def follow(self, key: Key) -> None:
        """From the beginning; the server says what it has already."""
        self._followed[key] = Followed(OutputReader(self.patterns))

    def forget(self, key: Key) -> None:
        """No longer."""
        self._followed.pop(key, None)

    def rewind(self) -> None:
        """A new session: the server may have less than was sent."""
        for followed in self._followed.values():
            followed.known = False

    def lacking(self, key: Key) -> bool:
        """Whether the server lacks output of this attempt."""
        followed = self._followed.get(key)
        if followed is None:
            return False
        return followed.sent < followed.size or (followed.size > 0 and not followed.known)

    def look(self, key: Key) -> float | None:
        """See how much output there is now; answers progress that it told since the last look."""
        followed = self._followed.get(key)
        if followed is None:
            return None
        size = self.spool.output_size(*key)
        followed.size = max(followed.size, min(size, followed.sent + _MOST_A_LOOK))
        return self._read(key, followed, min(size, followed.read + _MOST_READ_A_LOOK))

    def finish(self, key: Key, total: int | None, *, looks: bool = True) -> Summary:
        """The attempt is over and wrote so many bytes, as its keeper counted: all of them are to be sent.

        Without `looks` nothing is read for progress and failures.
        """
        size = self.spool.output_size(*key)
        total = max(total or 0, size)
        missing = self.spool.cuts(*key)
        followed = self._followed.setdefault(key, Followed(OutputReader(self.patterns)))
        followed.size = total
        followed.read = max(followed.read, size - _MOST_READ_AT_THE_END) if looks else size
        progress = self._read(key, followed, size)
        last = followed.reader.end()
        cut = cuts.length(cuts.merged([*missing, (size, total)]))
        return Summary(total, cut, followed.reader.failure, last if last is not None else progress)

    def chunks(self) -> tuple[Chunk, ...]:
        """What goes with the next exchange."""
        left, found = _RAW_SHARE, []
        for key, followed in self._followed.items():
            if not followed.known:
                if followed.size:
                    found.append(Chunk(*key, 0, "", 0))
                continue
            while left > 0 and followed.sent < followed.size:
                chunk = self._chunk(key, followed, min(CHUNK, left, followed.size - followed.sent))
                if chunk is None:
                    break
                found.append(chunk[0])
                followed.sent = chunk[0].offset + chunk[1]
                left -= chunk[1]
        return tuple(found)

    def server_has(self, sizes: Iterable[OutputSize]) -> None:
        """Go on where the server stands."""
        for size in sizes:
            followed = self._followed.get((size.job, size.attempt))
            if followed is not None:
                followed.sent, followed.known = size.size, True

    def _chunk(self, key: Key, followed: Followed, limit: int) -> tuple[Chunk, int] | None:
        """The next one, and how many bytes it holds; None when nothing can be read now.

        Where nothing stands although there was output, it was cut.
        """
        try:
            offset, data = self.spool.read_kept(*key, followed.sent, limit)
        except OSError as error:
            log.warning("output of job %d cannot be read now: %s", key[0], error)
            return None
        if not data:
            offset = max(followed.size, offset)
        encoded = base64.b64encode(data).decode()
        return Chunk(*key, offset, encoded, zlib.crc32(data), offset - followed.sent), len(data)

    def _read(self, key: Key, followed: Followed, until: int) -> float | None:
        """Read on for progress and failures; answers the newest progress."""
        newest = None
        while followed.read < until:
            offset, data = self.spool.read_kept(*key, followed.read, CHUNK)
            if not data:
                break
            followed.read = offset + len(data)
            told = followed.reader.feed(data)
            newest = told if told is not None else newest
        return newest
