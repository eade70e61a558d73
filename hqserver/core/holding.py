"""Clients on hold: reserved for a job that needs more than one of them, or more room than smaller jobs leave.

Without that such a job waits for ever under a stream of smaller ones. The rules:

* A kind holds clients for its first job only, at most as many as that job needs, and only if so many could take part.
* Of each pool one kind holds clients, the one that goes first; so two jobs never wait for each other's clients, and no
  more of the farm stands idle than one job needs.
* A held client takes no job that goes after the holder's. A job that goes before may use it.
* Clients that have room already are held rather than those where jobs must end first.
* When the job starts, leaves, or another one becomes the kind's first, its clients are free again.
* A person may let go of a job's clients: it holds none again as long as it waits in the same place in line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING, Final

from hqserver.core import fitting
from hqserver.core.records import Client
from hqserver.core.service import is_usable
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.pools import Pool, Pools
    from hqserver.core.wants import Rank

_MOST_LOOKED_AT: Final = 200
"""Clients among which those are chosen that a job begins to hold."""


class Holds:
    """Who holds which clients."""

    def __init__(self, farm: Farm, pools: Pools, freed: Callable[[Kind, int], None]) -> None:
        self._farm = farm
        self._pools = pools
        self._freed = freed
        self._holders: dict[Kind, None] = {}
        self._doubtful = False
        self._firsts: tuple[tuple[int, int], list[Rank]] = ((-1, -1), [])
        """Of which revision of the farm and version of the pools it is true, and the ranks of those who hold."""
        self.holder: dict[int, Kind] = {}
        """By client."""
        self.waived: dict[int, None] = {}
        """Jobs that hold nothing, since a person said so."""
        self.wall = 0.0
        """The time, as of the command that is being done."""

    def holders(self) -> list[Kind]:
        """The kinds that hold clients."""
        return list(self._holders)

    def of_job(self, job: int) -> list[int]:
        """The clients that are on hold for a job."""
        return [id_ for kind in self._holders if kind.held_for == job for id_ in kind.holds]

    def before(self, rank: Rank) -> int:
        """How many jobs for which clients are held go before a job of this rank."""
        seen = self._farm.revision, self._pools.version
        if self._firsts[0] != seen:
            self._firsts = seen, sorted(first for kind in self._holders if (first := kind.first()) is not None)
        return bisect_left(self._firsts[1], rank)

    def begin(self, kind: Kind, rank: Rank, ready: Iterable[Client]) -> None:
        """The kind's first job finds too few clients: hold what there is. `ready`: clients that have room for it."""
        if not _is_large(kind):
            return
        if rank[3] in self.waived or self.reach(kind) < kind.wants.least:
            self.release_all(kind)
            return
        chosen = [client.id for client in ready if self._may_hold(kind, rank, client)]
        chosen += [id_ for id_ in kind.holds if id_ not in chosen]
        del chosen[kind.wants.least :]
        if len(chosen) < kind.wants.least:
            chosen += islice(self._draining(kind, rank, chosen), kind.wants.least - len(chosen))
        for id_ in [id_ for id_ in kind.holds if id_ not in chosen]:
            self._release(kind, id_)
        for id_ in chosen:
            self._hold(kind, rank, self._farm.clients[id_])

    def pass_over(self, kind: Kind, rank: Rank, client: Client) -> bool:
        """A client has too little room for the job that goes first: whether it is held for it from now on."""
        if client.id in kind.holds:
            return True
        if rank[3] in self.waived:
            return False
        if not _is_large(kind) or len(kind.holds) >= kind.wants.least or self.reach(kind) < kind.wants.least:
            return False
        if not self._may_hold(kind, rank, client) or not self._could_have_room(kind, client):
            return False
        self._hold(kind, rank, client)
        return True

    def adopt(self, kind: Kind, rank: Rank, client: Client) -> None:
        """Hold a client as another planner did."""
        self._hold(kind, rank, client)

    def first_changed(self, kind: Kind) -> None:
        """Another job may be the kind's first now: the clients are held for that one."""
        first = kind.first()
        if kind.holds and first is not None and first[3] != kind.held_for:
            if first[3] in self.waived:
                self.release_all(kind)
                return
            former, kind.held_for = kind.held_for, first[3]
            self._touch_job(former)
            self._touch_job(kind.held_for)

    def waive(self, jobs: Iterable[int]) -> int:
        """Let go of what these jobs hold; they hold nothing again. Answers how many clients were let go."""
        count = 0
        wanted = set(jobs)
        for kind in list(self._holders):
            if kind.held_for in wanted:
                count += len(kind.holds)
                self.waived[kind.held_for] = None
                self.release_all(kind)
        return count

    def release_all(self, kind: Kind) -> None:
        """The kind holds nothing any more."""
        for id_ in list(kind.holds):
            self._release(kind, id_)

    def client_lost(self, client: Client) -> None:
        """A client takes no part any more."""
        kind = self.holder.get(client.id)
        if kind is not None:
            self._release(kind, client.id)
        self.doubt()

    def doubt(self) -> None:
        """Something may have made a job impossible that holds clients: `check` looks."""
        self._doubtful = bool(self._holders)
        self._pools.version += 1

    def check(self) -> None:
        """Let go of clients that are held in vain."""
        if not self._doubtful:
            return
        self._doubtful = False
        for kind in list(self._holders):
            if self.reach(kind) < kind.wants.least:
                self.release_all(kind)
            for id_ in list(kind.holds):
                if not self._could_have_room(kind, self._farm.clients[id_]):
                    self._release(kind, id_)

    def reach(self, kind: Kind) -> int:
        """How many clients could take part if nothing ran on them; counted until there are as many as it needs."""
        version = self._pools.version
        if kind.reach[0] != version:
            could = (
                pool.clients[id_]
                for pool in kind.selector.pools
                if pool.traits.cpus >= kind.wants.room.cpus
                for id_ in pool.usable
                if self._could_have_room(kind, pool.clients[id_])
            )
            kind.reach = version, sum(1 for _ in islice(could, kind.wants.least))
        return kind.reach[1]

    def _could_have_room(self, kind: Kind, client: Client) -> bool:
        most = fitting.most_room(self._farm, client)
        return most >= (client.machine.cpus if kind.wants.room.whole else kind.wants.room.cpus)

    def _draining(self, kind: Kind, rank: Rank, chosen: list[int]) -> Iterator[int]:
        """Clients where jobs must end first, those with the most room before the others."""
        looked_at = 0
        for pool in kind.selector.pools:
            if pool.traits.cpus < kind.wants.room.cpus:
                continue
            for count in sorted(pool.free, reverse=True):
                for id_ in list(islice(pool.free[count], _MOST_LOOKED_AT)):
                    looked_at += 1
                    if looked_at > _MOST_LOOKED_AT:
                        return
                    client = pool.clients[id_]
                    if (
                        id_ not in chosen
                        and self._may_hold(kind, rank, client)
                        and self._could_have_room(kind, client)
                        and fitting.obstacle(self._farm, kind, rank, client) in (None, Reason.CPUS, Reason.WHOLE)
                    ):
                        yield id_

    def _may_hold(self, kind: Kind, rank: Rank, client: Client) -> bool:
        """Whether nobody who goes first holds clients of this pool."""
        pool = self._pools.of(client.id)
        if pool is None or not is_usable(client):
            return False
        other: Kind | None = pool.holder
        if other is None or other is kind:
            return True
        first = other.first()
        return first is None or first > rank

    def _hold(self, kind: Kind, rank: Rank, client: Client) -> None:
        pool = self._pools.of(client.id)
        if client.id in kind.holds or pool is None:
            return
        if pool.holder is not None and pool.holder is not kind:
            self._drive_out(pool)
        pool.holder = kind
        kind.holds[client.id] = self.wall
        kind.held_for = rank[3]
        self._holders[kind] = None
        self.holder[client.id] = kind
        self._farm.touch_client(client, stored=False)
        self._touch_job(kind.held_for)

    def _drive_out(self, pool: Pool) -> None:
        """Who goes first holds the clients of this pool instead."""
        other: Kind = pool.holder
        for id_ in [id_ for id_ in other.holds if id_ in pool.clients]:
            self._release(other, id_)

    def _release(self, kind: Kind, id_: int) -> None:
        del kind.holds[id_]
        del self.holder[id_]
        pool = self._pools.of(id_)
        if pool is not None and pool.holder is kind and not any(held in pool.clients for held in kind.holds):
            pool.holder = None
        if not kind.holds:
            self._holders.pop(kind, None)
        self._freed(kind, id_)
        client = self._farm.clients.get(id_)
        if client is not None:
            self._farm.touch_client(client, stored=False)
        self._touch_job(kind.held_for)
        if not kind.holds:
            kind.held_for = 0

    def _touch_job(self, id_: int) -> None:
        job = self._farm.jobs.get(id_)
        if job is not None:
            self._farm.touch_job(job)


def _is_large(kind: Kind) -> bool:
    """Whether smaller jobs can take the room that it needs from under it."""
    room = kind.wants.room
    return room.whole or room.cpus > 1 or kind.wants.least > 1
