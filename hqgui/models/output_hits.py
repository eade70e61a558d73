"""Where a text stands in a whole log: matches among the lines that are loaded, and bytes of the log that are not.

What is loaded is searched here, line by line, so that it can be coloured and grows with the log; the server searches
all of it and tells bytes. A place that is loaded counts as it is found here, any other as the server found it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import NamedTuple

from hqgui.models.output import Match, OutputBuffer


class Hits(NamedTuple):
    """What the server has found until now."""

    offsets: tuple[int, ...] = ()
    """Bytes with which places begin, ascending."""
    searched: int = 0
    """Bytes from the log's beginning that were looked at."""
    running: bool = False
    complete: bool = True
    """False: it was stopped, or found more than anybody steps through."""


class Found(NamedTuple):
    """All places of one text."""

    before: Sequence[int]
    """Bytes ahead of what is loaded."""
    matches: Sequence[Match]
    after: Sequence[int]

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.before) + len(self.matches) + len(self.after)

    def number(self, match: Match | None) -> int:
        """Which one a match is, from 1; 0: none of them."""
        if match is None:
            return 0
        place = bisect_left(self.matches, match)
        known = place < len(self.matches) and self.matches[place] == match
        return len(self.before) + place + 1 if known else 0

    def step(self, current: Match | None, backwards: bool) -> Match | int | None:
        """The next place, all around: a match, or a byte that has to be loaded first; None: there is none."""
        if not self.total:
            return None
        if current is None:
            index = self.total - 1 if backwards else len(self.before) % self.total
        elif backwards:
            index = len(self.before) + bisect_left(self.matches, current) - 1
        else:
            at = bisect_left(self.matches, current)
            index = len(self.before) + at + int(at < len(self.matches) and self.matches[at] == current)
        index %= self.total
        index -= len(self.before)
        if index < 0:
            return self.before[index]
        return self.matches[index] if index < len(self.matches) else self.after[index - len(self.matches)]


def found(buffer: OutputBuffer, text: str, hits: Hits) -> Found:
    """Every place of a text."""
    first, end = buffer.span
    offsets = hits.offsets
    return Found(offsets[: bisect_left(offsets, first)], buffer.matches(text), offsets[bisect_left(offsets, end) :])


def match_at(buffer: OutputBuffer, matches: Sequence[Match], hits: Hits, offset: int) -> Match | None:
    """The match at a byte of the log, which is loaded by now; a line without one is shown from its beginning."""
    line = buffer.line_at(offset)
    if line < 0:
        return None
    in_line = [match for match in matches if match.line == line]
    earlier = bisect_left(hits.offsets, offset) - bisect_left(hits.offsets, buffer.start_of(line))
    return in_line[min(earlier, len(in_line) - 1)] if in_line else Match(line, 0)
