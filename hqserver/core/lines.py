"""Jobs in line: a kind holds the waiting jobs that want the same, a line holds kinds in the order of their first jobs.

Both are lazy heaps. What has left or moved stays in the heap until it comes to the top, where it is recognised: so a
change costs what it touches. A line's entry for a kind is never behind the kind's first job, only ahead of it.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

from hqserver.core.pools import Selector
from hqserver.core.wants import Rank, Wants
from hqserver.wire.reasons import Reason

_numbers = itertools.count()
"""Tells entries of equal rank apart, which never matters: a rank is one job's."""


@dataclass(slots=True, eq=False)
class Kind:
    """The waiting jobs that want the same."""

    wants: Wants
    selector: Selector
    ranks: dict[int, Rank] = field(default_factory=dict)
    """Waiting jobs by id."""
    heap: list[Rank] = field(default_factory=list)
    parked: str = ""
    """The resource that it waits for: it stands in that resource's line alone."""
    holds: dict[int, float] = field(default_factory=dict)
    """Clients that are reserved for its first job, and since when (wall time)."""
    held_for: int = 0
    """That job's id; 0: none."""
    reach: tuple[int, int] = (-1, 0)
    """For which version of the pools it was counted how many clients could take part, and how many: all, or enough."""
    told: tuple[tuple[int, int], dict[int, Reason]] = ((-1, -1), {})
    """Of which revision of the farm and version of the pools it was last said why its jobs wait, and what was said, by
    how many holders of clients go before a job: nothing else about why clients are kept from it differs within a kind.
    """
    far: tuple[int, Reason] | None = None
    """The same when no client that would do is in service, and of which version of the pools that is true."""

    def add(self, job: int, rank: Rank) -> None:
        """A job begins to wait."""
        self.ranks[job] = rank
        heapq.heappush(self.heap, rank)

    def first(self) -> Rank | None:
        """The rank of the job that is served next."""
        heap = self.heap
        while heap:
            rank = heap[0]
            if self.ranks.get(rank[3]) == rank:
                return rank
            heapq.heappop(heap)
        return None


class Line:
    """Kinds by the rank of their first jobs."""

    __slots__ = ("_entries", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[Rank, int, Kind]] = []
        self._entries: dict[Kind, Rank] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, kind: Kind) -> bool:
        return kind in self._entries

    def put(self, kind: Kind) -> None:
        """A kind stands here with its first job; nothing happens when it does already."""
        rank = kind.first()
        if rank is None:
            return
        known = self._entries.get(kind)
        if known is None or rank < known:
            self._entries[kind] = rank
            heapq.heappush(self._heap, (rank, next(_numbers), kind))

    def best(self, parked: str = "") -> tuple[Rank, Kind] | None:
        """The kind whose first job goes first. Kinds that are parked elsewhere than here have left."""
        heap, entries = self._heap, self._entries
        while heap:
            rank, number, kind = heap[0]
            if entries.get(kind) != rank:
                heapq.heappop(heap)
                continue
            first = kind.first()
            if first is None or kind.parked != parked:
                heapq.heappop(heap)
                del entries[kind]
            elif first != rank:
                entries[kind] = first
                heapq.heapreplace(heap, (first, number, kind))
            else:
                return rank, kind
        return None

    def first(self, parked: str, fits: Callable[[Kind], bool]) -> tuple[Rank, Kind] | None:
        """The best kind of which this is true."""
        aside = []
        while (found := self.best(parked)) is not None and not fits(found[1]):
            self.take(found[1])
            aside.append(found[1])
        for kind in aside:
            self.put(kind)
        return found

    def take(self, kind: Kind) -> None:
        """The kind leaves."""
        self._entries.pop(kind, None)

    def kinds(self) -> list[Kind]:
        """All that stand here, in no particular order."""
        return list(self._entries)
