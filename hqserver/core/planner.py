"""Which waiting job goes to which client, and why every other one waits.

Jobs that ask for the same are of one *kind*; clients that no waiting job tells apart are of one *pool*. A kind whose
first job found no client stands in the line of each pool that would do, and is looked at again when a client there has
more room or when a better job joins it; a kind that lacks a resource stands in that resource's line alone. A client
that changed is offered to the best kind in its pool's lines. So the cost follows what changed, not what exists.

Jobs are served in turn: nothing is given to a job while one that goes before it, and might want it too, was not looked
at. What is a client's own it gives to the best in its lines, who are all that could want it. What clients share, units
of a resource or each other, is given to the best of all when every client that changed was offered.

A job that needs more than one client, or more room than jobs leave behind when they end, would wait for ever beside
smaller ones. When it is passed over, its kind *holds* clients: what goes after it gets nothing there
(`hqserver.core.holding`).
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from hqserver.core import choosing, fitting, wants
from hqserver.core.holding import Holds
from hqserver.core.kinds import Kinds
from hqserver.core.lines import Kind, Line
from hqserver.core.parking import Parking
from hqserver.core.pools import Pool, Pools
from hqserver.core.records import Client, Job
from hqserver.core.service import is_usable
from hqserver.core.supply import Lack
from hqserver.core.wants import Rank
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import PAUSED_OR_PAUSING, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_PATIENCE: Final = 20
"""How often each kind and client is looked at in a run until it is taken to go round."""

Assignment = tuple[Job, tuple[Client, ...]]
"""A job and its clients, the one that runs the command first."""

_STUCK: Final = PAUSED_OR_PAUSING | {JobStatus.RESUMING}
"""Statuses by which a job may begin or cease to stand still on its client."""


class Planner:
    """Hands waiting jobs to free clients, best first."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self.pools: Final = Pools(farm)
        self.pools.new_pool = self._join
        self.pools.moved = self._moved
        self.holds: Final = Holds(farm, self.pools, self._let_go)
        self.blocked: dict[int, dict[int, None]] = {}
        """Clients that get no more jobs of a root job, by root; `blocked_changed` is told of every change."""
        self._kinds: Final = Kinds(self.pools)
        self._awake = Line()
        """Kinds whose first job has not been looked at."""
        self._fresh: list[Kind] = []
        """Those of them that do not stand in the lines of pools yet."""
        self.parking: Final = Parking(farm)
        self._changed: dict[int, None] = {}
        """Clients that may have more room than before."""
        self._scarcer = False
        self._gathered: dict[Kind, None] = {}
        """Kinds that take several clients and were looked at in this run: once is enough, until clients are let go."""
        self.goes_round = False
        """Whether the last run was ended since nobody got anything for long; the next goes on where it stopped."""
        self._turns = 0
        """How many kinds and clients were looked at in this run since a job was given away."""
        self._postponed: list[tuple[Rank, int]] = []
        """A heap of clients for which a job of this rank was found out of turn: they are offered again after it."""

    def consider(self, job: Job) -> None:
        """A job may have begun or ceased to wait, or wants something else."""
        former = self._kinds.of(job.id)
        if job.status is not JobStatus.RUNNABLE or job.live_attempt is not None:
            if former is not None:
                self.forget(job.id)
            elif job.status in _STUCK:
                self.holds.doubt()
            return
        asked = wants.of_job(self._farm, job)
        rank = wants.rank(self._farm, job)
        if former is not None:
            if former.wants == asked and former.ranks[job.id] == rank:
                return
            self.forget(job.id)
        kind = self._kinds.join(job.id, asked, rank)
        if kind.first() == rank:
            self._wake(kind)
            self.holds.first_changed(kind)

    def forget(self, job: int) -> None:
        """A job no longer waits."""
        kind = self._kinds.leave(job)
        if kind is None:
            return
        self.holds.waived.pop(job, None)
        if kind.held_for == job:
            self.holds.release_all(kind)
        if kind.parked:
            self.parking.look_again(kind.parked)
        if not kind.ranks:
            kind.parked = ""
            self.parking.served(kind)
            self._kinds.retire(kind)

    def client_changed(self, client: Client) -> None:
        """Something about a client changed that may let it take other jobs than before."""
        self.pools.place(client)
        if is_usable(client):
            self._changed[client.id] = None
            return
        self._lost(client)

    def room_changed(self, client: Client) -> None:
        """A job took room on a client, or left it."""
        before = self.pools.free(client.id)
        if self.pools.settle(client) > before:
            self._changed[client.id] = None

    def client_gone(self, client: Client) -> None:
        """A client is being removed."""
        self._lost(client)
        self.pools.remove(client)
        self._changed.pop(client.id, None)

    def resource_changed(self, name: str) -> None:
        """There may be more of a resource, or it was made or deleted."""
        self.parking.look_again(name)
        self.resource_taken()

    def resource_taken(self) -> None:
        """There is less of a resource."""
        self._scarcer = True

    def blocked_changed(self, root: int, jobs: Iterable[Job]) -> None:
        """Other clients are blocked for a root job, whose waiting jobs are given."""
        self.pools.touch_marked(root)
        for job in jobs:
            self.consider(job)

    def kind_of(self, job: Job) -> tuple[Kind, Rank] | None:
        """The kind of a job that waits for clients, and the job's place in line."""
        kind = self._kinds.of(job.id)
        return None if kind is None else (kind, kind.ranks[job.id])

    def first_in_line(self) -> Rank | None:
        """The rank of the job that goes before all others that wait."""
        return min((first for kind in self._kinds if (first := kind.first()) is not None), default=None)

    def holder_of(self, client: int) -> Kind | None:
        """The kind that a client is reserved for."""
        return self.holds.holder.get(client)

    def lack(self, kind: Kind, rank: Rank, clients: tuple[int, ...]) -> Lack | None:
        """The resource that keeps the kind's job of this rank from running on these clients, or on a new one."""
        return self.parking.lack(kind, rank, clients)

    def run(self) -> Iterator[Assignment]:
        """Job by job with its clients; whoever asks for the next one has given them the job.

        Ends before everybody was looked at if it goes round (`goes_round`): nobody waits for an answer for that.
        """
        self._turns = 0
        while self._turns < _PATIENCE * (len(self._kinds) + len(self._farm.clients) + 1):
            self._turns += 1
            self.holds.check()
            self._park_holders()
            woken = self.parking.wake_one(self._gathered)
            if woken is not None:
                self._wake(woken)
                continue
            if self._changed:
                self._line_up_fresh()
                client = next(iter(self._changed))
                del self._changed[client]
                if client in self._farm.clients:
                    yield from self._offer(self._farm.clients[client])
                continue
            best = self._awake.best()
            if self._postponed and self._offer_again(best):
                continue
            if best is None:
                self._fresh.clear()
                self._gathered.clear()
                self.goes_round = False
                return
            self._awake.take(best[1])
            yield from self._serve(*best)
        self.goes_round = True

    def _offer_again(self, best: tuple[Rank, Kind] | None) -> bool:
        """Offer the clients whose turn has come: before what goes after it. Whether there are any."""
        while self._postponed and (best is None or self._postponed[0][0] < best[0]):
            self._changed[heapq.heappop(self._postponed)[1]] = None
        return bool(self._changed)

    def units_taken(self, clients: Iterable[int]) -> None:
        """A resource is held by these clients, where it costs the next job nothing."""
        self._changed.update(dict.fromkeys(clients))

    def _park_holders(self) -> None:
        """A job for which a resource ran out while it held clients lets go of them."""
        if self._scarcer:
            self._scarcer = False
            for kind in self.holds.holders():
                first = kind.first()
                lack = self.lack(kind, first, ()) if first is not None else None
                if lack is not None:
                    self._park(kind, lack.name)

    def _serve(self, rank: Rank, kind: Kind) -> Iterator[Assignment]:
        """A kind's first job to whichever clients do; without any, the kind stands in line."""
        self.parking.served(kind)
        clients = self._choose(kind, rank)
        if clients:
            self._gathered.pop(kind, None)
            yield self._farm.jobs[rank[3]], clients
            self._turns = 0
            self._wake(kind)

    def _choose(self, kind: Kind, rank: Rank) -> tuple[Client, ...]:
        lack = self.lack(kind, rank, ())
        if kind.wants.resources:
            client = choosing.with_a_unit(self._farm, kind, rank)
            if client is not None:
                return (client,)
            if lack is not None:
                self._park(kind, lack.name)
                return ()
        if _takes_several(kind):
            return self._gather(kind, rank)
        client = choosing.tightest_fit(self._farm, kind, rank)
        if client is not None:
            return (client,)
        self._line_up(kind)
        self.holds.begin(kind, rank, ())
        return ()

    def _gather(self, kind: Kind, rank: Rank) -> tuple[Client, ...]:
        """As many clients as the job can use, if there are as many as it needs; else those are held that there are."""
        clients, lack = choosing.several(self._farm, kind, rank)
        if lack is not None:
            self._gathered[kind] = None
            self._park(kind, lack.name)
            return ()
        if len(clients) < kind.wants.least:
            self._line_up(kind)
            self.holds.begin(kind, rank, clients)
            return ()
        return tuple(clients)

    def _offer(self, client: Client) -> Iterator[Assignment]:
        """A client that may have room to the best kinds in line for it."""
        aside: list[tuple[Line, Kind]] = []
        closed: set[object] = set()
        while (found := self._best_for(client, closed)) is not None:
            rank, kind, line, key = found
            holder = self.holder_of(client.id)
            if holder is not None and holder is not kind and (holder.first() or rank) < rank:
                break
            why = fitting.obstacle(self._farm, kind, rank, client)
            if why in (Reason.CPUS, Reason.WHOLE) and not kind.parked:
                if self.lack(kind, rank, ()) is None and self.holds.pass_over(kind, rank, client):
                    break
                closed.add(key)
                continue
            if why is None and self._is_to_gather(kind):
                self._gathered[kind] = None
                self._serve_in_turn(kind, rank, client)
                break
            if why is None and self._can_have(kind, rank, client):
                if self._is_too_early(kind, rank, client):
                    self._serve_in_turn(kind, rank, client)
                    break
                if kind.parked:
                    self._leave_park(kind)
                self.parking.served(kind)
                yield self._farm.jobs[rank[3]], (client,)
                self._turns = 0
                if self.parking.is_due():
                    self._changed[client.id] = None
                    break
            elif not kind.parked or self.parking.is_line_of(line, kind):
                line.take(kind)
                aside.append((line, kind))
        for line, kind in aside:
            line.put(kind)

    def _is_to_gather(self, kind: Kind) -> bool:
        return _takes_several(kind) and (kind not in self._gathered or kind in self._awake)

    def _can_have(self, kind: Kind, rank: Rank, client: Client) -> bool:
        """Whether the client and the resources that are left suffice. If these do not, the kind waits for one."""
        if kind.wants.least > 1:
            return False
        lack = self.lack(kind, rank, (client.id,))
        if lack is not None and not kind.parked:
            self._park(kind, lack.name)
        return lack is None

    def _is_too_early(self, kind: Kind, rank: Rank, client: Client) -> bool:
        """Whether a job that goes before this one may want what it would take, and was not looked at."""
        best = self._awake.best()
        if best is not None and best[0] < rank:
            return True
        if not kind.wants.resources:
            return False  # it takes of this client alone, which all that go before were offered
        others = len(self._changed) > (client.id in self._changed)
        return others or bool(self._postponed and self._postponed[0][0] < rank)

    def _serve_in_turn(self, kind: Kind, rank: Rank, client: Client) -> None:
        """The kind is served when all that go before it were, and then the client is offered again."""
        if kind.parked:
            self._leave_park(kind)
        self._awake.put(kind)
        heapq.heappush(self._postponed, (rank, client.id))

    def _best_for(self, client: Client, closed: set[object]) -> tuple[Rank, Kind, Line, object] | None:
        """The best kind in line for a client, the line and what names it. Lines in `closed` do not count."""
        pool = self.pools.of(client.id)
        if pool is None or client.id not in pool.usable or client.cpus_used >= client.machine.cpus:
            return None
        best: tuple[Rank, Kind, Line, object] | None = None
        for room, line in pool.lines.items():
            if room not in closed and (found := line.best()) is not None and (best is None or found[0] < best[0]):
                best = (*found, line, room)
        for parked in self.parking.with_a_unit_on(client, pool):
            if parked[3] not in closed and (best is None or parked[0] < best[0]):
                best = parked
        return best

    def _park(self, kind: Kind, name: str) -> None:
        """The kind waits for a resource; whatever it held is free for others."""
        self.holds.release_all(kind)
        if kind not in self._awake:  # else its turn comes, and there may be a client where it costs nothing
            self.parking.put(kind, name)

    def _leave_park(self, kind: Kind) -> None:
        self.parking.leave(kind)
        self._wake(kind)

    def _wake(self, kind: Kind) -> None:
        """Look at the kind's first job."""
        if not kind.ranks:
            return
        if kind.parked:
            self.parking.put(kind, kind.parked)
            self.parking.look_again(kind.parked)
        else:
            self._awake.put(kind)
            self._fresh.append(kind)

    def _line_up_fresh(self) -> None:
        """Before a client is offered, everybody who waits stands in line for it, or for a resource."""
        while self._fresh:
            if not (kind := self._fresh.pop()).parked:
                self._line_up(kind)

    def _line_up(self, kind: Kind) -> None:
        room = kind.wants.room
        for pool in kind.selector.pools:
            if pool.traits.cpus >= room.cpus:
                _line(pool, kind).put(kind)

    def _join(self, pool: Pool) -> None:
        """A pool is new: kinds that wait and would do with its clients stand in its lines."""
        for kind in self._kinds:
            waits = kind.ranks and not kind.parked and pool in kind.selector.pools
            if waits and pool.traits.cpus >= kind.wants.room.cpus:
                _line(pool, kind).put(kind)

    def _moved(self, client: Client) -> None:
        """A client is leaving its pool for another."""
        self._lost(client)

    def _lost(self, client: Client) -> None:
        """Kinds that could have had a client can have it no more: nor is it the other that they prefer to another."""
        self.holds.client_lost(client)
        for kind in self._kinds.choosy:
            self._wake(kind)
        self._changed[client.id] = None
        self._gathered.clear()

    def _let_go(self, kind: Kind, client: int) -> None:
        """A client is held no more: those that go after the holder may have it, to the others it made no difference."""
        self._changed[client] = None
        first = kind.first() if kind.held_for in kind.ranks else None
        for other in list(self._gathered):
            rank = other.first()
            if first is None or rank is None or first < rank:
                del self._gathered[other]


def _takes_several(kind: Kind) -> bool:
    """Whether it may be given more than one client."""
    return kind.wants.most > 1


def _line(pool: Pool, kind: Kind) -> Line:
    line = pool.lines.get(kind.wants.room)
    if line is None:
        line = pool.lines[kind.wants.room] = Line()
    assert isinstance(line, Line)
    return line
