"""Searches a log for a text, piece by piece: a log of gigabytes is never in memory, and each call has an end.

For a thread. Letters of ASCII match in either case; all other bytes match themselves. A match does not reach over a
cut, and lines are counted in what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from hqserver.outputs import Outputs

MOST_BYTES: Final = 64 << 20
"""Bytes that are read in one call; a fraction of a second."""
_PIECE: Final = 256 << 10
"""So little that the interpreter lets others in every millisecond or so."""
_BEFORE: Final = 120
_AFTER: Final = 280
"""Bytes of a line that are shown before and after a match."""


class Place(NamedTuple):
    """Where a search begins, or goes on."""

    offset: int = 0
    line: int = 1
    """The number of the line in which that is."""


FIRST: Final = Place()


class Match(NamedTuple):
    """Where the text stands."""

    offset: int
    line: int
    text: str
    """Its line, of which very long ones show the surroundings alone."""


class Found(NamedTuple):
    """What a search found, and where it goes on; None: it has seen everything."""

    matches: tuple[Match, ...]
    place: Place | None
    searched: int
    """Everything before this offset has been seen."""


class _Piece(NamedTuple):
    begin: int
    """Offset of the first byte."""
    data: bytes
    """As long as the piece, and as much more as a match that begins at its very end needs."""
    length: int


def search(
    outputs: Outputs, log: tuple[int, int], text: str, place: Place, limit: int, most_bytes: int = MOST_BYTES
) -> Found:
    """Look for a text in the log of (job, attempt) from a place on: until so many matches, or so many bytes."""
    wanted = text.encode().lower()
    matches: list[Match] = []
    at, line = place
    for piece in _pieces(outputs, log, at, most_bytes, len(wanted)):
        lowered = piece.data.lower()
        counted = 0
        start = lowered.find(wanted, max(at - piece.begin, 0))
        while 0 <= start < piece.length:
            line += lowered.count(b"\n", counted, start)
            counted = start
            offset = piece.begin + start
            at = offset + len(wanted)
            matches.append(Match(offset, line, _line_at(outputs, log, offset, len(wanted))))
            if len(matches) >= limit:
                return Found(tuple(matches), Place(at, line), at)
            start = lowered.find(wanted, start + len(wanted))
        line += lowered.count(b"\n", counted, piece.length)
        at = max(at, piece.begin + piece.length)
    more = bool(outputs.read_kept(*log, at, 1)[1])
    return Found(tuple(matches), Place(at, line) if more else None, at)


def _pieces(outputs: Outputs, log: tuple[int, int], at: int, most_bytes: int, wanted: int) -> Iterator[_Piece]:
    """What is kept from an offset on, in order; none reaches over a cut."""
    end = at + most_bytes
    while at < end:
        begin, data = outputs.read_kept(*log, at, _PIECE + wanted - 1)
        if not data:
            return
        # A piece that is shorter than asked for ends at a cut or at the end of the log, where no match goes on.
        length = _PIECE if len(data) == _PIECE + wanted - 1 else len(data)
        yield _Piece(begin, data, length)
        at = begin + length


def _line_at(outputs: Outputs, log: tuple[int, int], offset: int, length: int) -> str:
    """The line of a match as text; a hole, which reads as NULs, ends it as a line break does."""
    begin = max(offset - _BEFORE, 0)
    data = outputs.read(*log, begin, offset - begin + length + _AFTER)
    before, rest = data[: offset - begin], data[offset - begin :]
    for end in (b"\n", b"\0"):
        before, rest = before.rpartition(end)[2], rest[:length] + rest[length:].partition(end)[0]
    return (before + rest).decode("utf-8", "replace").strip("\ufffd\r")
