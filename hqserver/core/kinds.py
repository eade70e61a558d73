"""Which waiting job is of which kind: jobs that want the same wait as one.

Kinds without jobs are remembered for a while, since the next job of the kind finds its pools ready.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from hqserver.core.lines import Kind
from hqserver.core.pools import Pools
from hqserver.core.wants import Rank, Wants

_MOST_IDLE: Final = 2000
"""Kinds without jobs that are remembered."""


class Kinds:
    """The kinds of all waiting jobs."""

    def __init__(self, pools: Pools) -> None:
        self._pools = pools
        self._kinds: dict[Wants, Kind] = {}
        self._kind_of: dict[int, Kind] = {}
        self._idle: dict[Kind, None] = {}
        self.choosy: Final[dict[Kind, None]] = {}
        """Those that avoid clients as long as there are others."""

    def __len__(self) -> int:
        return len(self._kinds)

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._kinds.values())

    def of(self, job: int) -> Kind | None:
        """The kind of a job that waits."""
        return self._kind_of.get(job)

    def join(self, job: int, asked: Wants, rank: Rank) -> Kind:
        """A job waits from now on; its kind."""
        kind = self._kinds.get(asked) or self._made(asked)
        self._idle.pop(kind, None)
        self._kind_of[job] = kind
        kind.add(job, rank)
        return kind

    def leave(self, job: int) -> Kind | None:
        """A job waits no more; the kind that it was of."""
        kind = self._kind_of.pop(job, None)
        if kind is not None:
            del kind.ranks[job]
        return kind

    def retire(self, kind: Kind) -> None:
        """A kind has no jobs left; those that have been so for longest are forgotten when there are many."""
        kind.heap.clear()
        self._idle[kind] = None
        if len(self._idle) > _MOST_IDLE:
            for idle in list(self._idle)[: _MOST_IDLE // 2]:
                self._forget(idle)

    def _made(self, asked: Wants) -> Kind:
        selector = self._pools.select(asked.choice)
        selector.kinds += 1
        kind = self._kinds[asked] = Kind(asked, selector)
        if asked.avoid:
            self.choosy[kind] = None
        return kind

    def _forget(self, kind: Kind) -> None:
        del self._idle[kind]
        del self._kinds[kind.wants]
        self.choosy.pop(kind, None)
        kind.selector.kinds -= 1
        if not kind.selector.kinds:
            self._pools.drop(kind.selector)
