"""Which jobs are history: all that RAM knows of families that only the database still holds.

Five bytes a job, in blocks of ids, so that a million finished jobs cost five megabytes and lists of their ids are made
without asking the database. A *family* is a connected component of the graph of parents and children; its number is the
least id in it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Iterator
from itertools import compress
from typing import Final, NamedTuple

from hqserver.wire.statuses import JobStatus

_SPAN: Final = 1024
_STATUSES: Final = tuple(JobStatus)
_MARK: Final = {status: number for number, status in enumerate(_STATUSES, 1)}
_ROOT: Final = 0x80


class PastJob(NamedTuple):
    """A job of history, as its row says it."""

    family: int
    job: int
    status: JobStatus
    is_root: bool


class _Block:
    """A span of ids. A mark is 0 for a job that is not history, else its status, and whether it is a root."""

    __slots__ = ("families", "marks")

    def __init__(self) -> None:
        self.families = array("i", bytes(4 * _SPAN))
        self.marks = bytearray(_SPAN)


class Past:
    """The ids of history, with family, status and whether each is a root."""

    def __init__(self) -> None:
        self._blocks: dict[int, _Block] = {}
        self._count = 0

    def __len__(self) -> int:
        """How many jobs are history."""
        return self._count

    def add(self, jobs: Iterable[PastJob]) -> None:
        """These are history from now on."""
        for family, job, status, is_root in jobs:
            high, low = divmod(job, _SPAN)
            block = self._blocks.get(high)
            if block is None:
                block = self._blocks[high] = _Block()
            self._count += not block.marks[low]
            block.families[low] = family
            block.marks[low] = _MARK[status] | (_ROOT if is_root else 0)

    def drop(self, ids: Iterable[int]) -> None:
        """These are not history any more."""
        for id_ in ids:
            high, low = divmod(id_, _SPAN)
            block = self._blocks.get(high)
            if block is not None and block.marks[low]:
                block.marks[low] = 0
                self._count -= 1

    def family_of(self, job: int) -> int | None:
        """The family of a job that is history; None for any other."""
        high, low = divmod(job, _SPAN)
        block = self._blocks.get(high)
        return block.families[low] if block is not None and block.marks[low] else None

    def ids(self, statuses: Iterable[JobStatus]) -> list[int]:
        """The jobs with one of these statuses, ascending."""
        wanted = {_MARK[status] for status in statuses}
        return self._chosen(bytes((mark & ~_ROOT) in wanted for mark in range(256)))

    def roots(self) -> list[int]:
        """The jobs that have no parent, ascending."""
        return self._chosen(bytes(bool(mark & _ROOT) for mark in range(256)))

    def gaps(self, longest: int) -> Iterator[tuple[int | None, int | None]]:
        """Ranges of ids (from, to; None: without end) that hold all jobs that are not history, and at most `longest`
        in a row of those that are.
        """
        low: int | None = None
        size = (max(self._blocks, default=-1) + 1) * _SPAN
        marks = bytearray(size)
        for high, block in self._blocks.items():
            marks[high * _SPAN : (high + 1) * _SPAN] = block.marks
        for run in re.finditer(rb"[^\0]{%d,}" % (longest + 1), marks):
            if low is None or run.start() > low:
                yield low, run.start() - 1
            low = run.end()
        yield low, None

    @property
    def last(self) -> int:
        """The highest id; 0 for no history."""
        for high in sorted(self._blocks, reverse=True):
            found = len(self._blocks[high].marks.rstrip(b"\0"))
            if found:
                return high * _SPAN + found - 1
        return 0

    def _chosen(self, table: bytes) -> list[int]:
        found: list[int] = []
        for high in sorted(self._blocks):
            found += compress(range(high * _SPAN, (high + 1) * _SPAN), self._blocks[high].marks.translate(table))
        return found
