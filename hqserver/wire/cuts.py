"""Cuts: stretches of an output that were dropped because of a quota or a full disk.

A stretch is its beginning and its end, counted in bytes that the command wrote. Offsets never move because of a cut, so
what is kept stands at the same place on a client, on the server and in an answer.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

Stretch = tuple[int, int]


def merged(cuts: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """In order, apart from each other, none empty."""
    found: list[Stretch] = []
    for begin, end in sorted(cuts):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        elif end > begin:
            found.append((begin, end))
    return tuple(found)


def parsed(text: str) -> tuple[Stretch, ...]:
    """From lines of `offset length`; what is no such line is skipped."""
    found = []
    for line in text.splitlines():
        with contextlib.suppress(ValueError):
            begin, length = map(int, line.split())
            found.append((begin, begin + length))
    return merged(found)


def text_of(cuts: Iterable[Stretch]) -> str:
    """What `parsed` reads."""
    return "".join(f"{begin} {end - begin}\n" for begin, end in cuts)


def length(cuts: Iterable[Stretch]) -> int:
    """Bytes that are missing."""
    return sum(end - begin for begin, end in cuts)


def kept_from(cuts: Sequence[Stretch], offset: int) -> tuple[int, int | None]:
    """The first offset from here on at which something may stand, and where the next cut begins (None: nowhere)."""
    for begin, end in cuts:
        if begin <= offset < end:
            offset = end
        elif begin > offset:
            return offset, begin
    return offset, None


def pieces(cuts: Sequence[Stretch], size: int) -> Iterator[tuple[int, int, bool]]:
    """All of an output of this size in order: begin, end, and whether that stretch was cut."""
    at = 0
    for begin, end in cuts:
        if at < min(begin, size):
            yield at, min(begin, size), False
        if begin < size:
            yield begin, min(end, size), True
        at = max(at, end)
    if at < size:
        yield at, size, False


def mark(cut: int) -> str:
    """What stands in a text where bytes were cut."""
    return f"\n[... {cut:,} bytes of output were cut here ...]\n"
