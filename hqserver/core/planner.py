"""Which waiting job goes to which client, and why every other one waits.

Jobs that ask for the same are of one *kind*: cpus, exclusive tags, conditions, platforms, and clients to avoid. A kind
holds its jobs in the order in which they are served (priority, age of the root job, age of the job) and the clients
that might take its first job: its *candidates*. A client that turns out unfit is dropped, and comes back when
something about it changes; a kind without candidates sleeps. So the cost follows what changed: a job that becomes
ready, or a client that becomes free.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from hqserver.core import conditions, groups
from hqserver.core.records import Client, Job
from hqserver.wire.agent import FAILURES
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import SINGLE, JobSpec
from hqserver.wire.statuses import JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

Rank = tuple[int, float, int, int]
"""Sorts jobs as they are served: priority (negated), queue time of the root, its id, the job's id."""


class Wants(NamedTuple):
    """What a job asks of a client: equal for all jobs of a kind."""

    cpus: int
    whole: bool
    """No other job beside it."""
    labels: frozenset[str]
    """Tags of which a client carries each once."""
    conditions: tuple[Condition, ...]
    systems: frozenset[str]
    """Platforms that it has a command for; empty: any."""
    blocked: frozenset[int]
    """Clients that get nothing of its root's family."""
    avoid: frozenset[int]
    """Clients on which it failed: taken only when no other may run it."""


@dataclass(slots=True, eq=False)
class Kind:
    """The waiting jobs that want the same."""

    wants: Wants
    ranks: dict[int, Rank] = field(default_factory=dict)
    """Waiting jobs by id."""
    heap: list[Rank] = field(default_factory=list)
    """Their ranks; entries that are no longer true are skipped."""
    fitting: set[int] = field(default_factory=set)
    """Clients that would do if they were free."""
    candidates: dict[int, None] = field(default_factory=dict)
    awake: bool = False

    def first(self) -> Rank | None:
        """The rank of the job that is served next."""
        while self.heap:
            rank = self.heap[0]
            if self.ranks.get(rank[3]) == rank:
                return rank
            heapq.heappop(self.heap)
        return None


class Planner:
    """Hands waiting jobs to free clients, best first."""

    def __init__(self, farm: Farm) -> None:
        self._farm = farm
        self._kinds: dict[Wants, Kind] = {}
        self._kind_of: dict[int, Kind] = {}
        self._awake: list[tuple[Rank, int, Kind]] = []
        self._numbers = itertools.count()
        self.blocked: dict[int, dict[int, None]] = {}
        """Clients that get no more jobs of a root job, by root; `blocked_changed` is told of every change."""

    def consider(self, job: Job) -> None:
        """A job may have begun or ceased to wait, or wants something else."""
        former = self._kind_of.get(job.id)
        if job.status is not JobStatus.RUNNABLE or job.live_attempt is not None:
            self.forget(job.id)
            return
        wants = self._wants(job)
        rank = self._rank(job)
        if former is not None:
            if former.wants == wants and former.ranks[job.id] == rank:
                return
            self.forget(job.id)
        kind = self._kinds.get(wants)
        if kind is None:
            kind = self._kinds[wants] = self._new_kind(wants)
        self._kind_of[job.id] = kind
        kind.ranks[job.id] = rank
        heapq.heappush(kind.heap, rank)
        self._wake(kind)

    def forget(self, job: int) -> None:
        """A job no longer waits."""
        kind = self._kind_of.pop(job, None)
        if kind is not None:
            del kind.ranks[job]
            if not kind.ranks:
                del self._kinds[kind.wants]

    def client_changed(self, client: Client) -> None:
        """Something about a client changed that may let it take other jobs than before."""
        usable = is_usable(client)
        for kind in self._kinds.values():
            if self._fits(client, kind.wants):
                kind.fitting.add(client.id)
                if usable:
                    kind.candidates[client.id] = None
            else:
                kind.fitting.discard(client.id)
            if kind.wants.avoid:
                kind.candidates.update(dict.fromkeys(kind.wants.avoid & kind.fitting))
            if kind.candidates:
                self._wake(kind)

    def resource_changed(self, name: str) -> None:
        """There are more or fewer of a resource, or it was made or deleted."""

    def blocked_changed(self, _root: int, jobs: Iterable[Job]) -> None:
        """Other clients are blocked for a root job, whose jobs are given."""
        for job in jobs:
            self.consider(job)

    def client_gone(self, client: int) -> None:
        """A client was removed."""
        for kind in self._kinds.values():
            kind.fitting.discard(client)
            kind.candidates.pop(client, None)

    def run(self) -> Iterator[tuple[Job, Client]]:
        """Job by job with its client; whoever asks for the next one has given the client its job."""
        while self._awake:
            rank, _, kind = heapq.heappop(self._awake)
            kind.awake = False
            first = kind.first()
            if first is None:
                continue
            if first != rank:
                self._wake(kind)
                continue
            client = self._take_candidate(kind)
            if client is None:
                continue
            yield self._farm.jobs[rank[3]], client
            self._wake(kind)

    def waiting_code(self, job: Job) -> tuple[str, str]:
        """Why a runnable job waits: a code and a sentence; both empty for a job that does not wait."""
        kind = self._kind_of.get(job.id)
        if kind is None:
            return "", ""
        fitting = [self._farm.clients[id_] for id_ in kind.fitting]
        if not self._farm.clients:
            return "no-clients", "there is no client on this farm"
        if not fitting:
            return "no-fitting-client", _unfitting(kind.wants)
        usable = sum(is_usable(client) for client in fitting)
        if not usable:
            return "clients-away", f"{_clients(len(fitting))} may run it, but none is online and enabled"
        return "clients-busy", f"{_clients(usable)} may run it, but none has {_room(kind.wants)} free"

    def _wake(self, kind: Kind) -> None:
        if not kind.awake and kind.candidates:
            first = kind.first()
            if first is not None:
                kind.awake = True
                heapq.heappush(self._awake, (first, next(self._numbers), kind))

    def _take_candidate(self, kind: Kind) -> Client | None:
        """A client for the kind's first job; those that will not do are dropped until they change."""
        while kind.candidates:
            id_ = next(iter(kind.candidates))
            del kind.candidates[id_]
            client = self._farm.clients.get(id_)
            if client is not None and self._has_room(client, kind):
                kind.candidates[id_] = None  # at the end: clients take turns
                return client
        return None

    def _has_room(self, client: Client, kind: Kind) -> bool:
        wants = kind.wants
        if not is_usable(client) or not self._fits(client, wants):
            return False
        free = client.machine.cpus - client.cpus_used
        if free < wants.cpus or (wants.whole and client.cpus_used):
            return False
        if client.id in wants.avoid and self._has_other(kind):
            return False
        return not wants.labels or not any(
            wants.labels & labels(self._farm.jobs[job].spec) for job in client.attempts if job in self._farm.jobs
        )

    def _has_other(self, kind: Kind) -> bool:
        """Whether a client that has not failed the job may run it, now or when it is free."""
        return any(is_usable(self._farm.clients[id_]) for id_ in kind.fitting - kind.wants.avoid)

    def _new_kind(self, wants: Wants) -> Kind:
        kind = Kind(wants)
        kind.fitting = {client.id for client in self._farm.clients.values() if self._fits(client, wants)}
        kind.candidates = dict.fromkeys(id_ for id_ in sorted(kind.fitting) if is_usable(self._farm.clients[id_]))
        return kind

    def _fits(self, client: Client, wants: Wants) -> bool:
        """Whether the client would do if it were free: size, platform, conditions."""
        if client.machine.cpus < wants.cpus:
            return False
        if client.id in wants.blocked:
            return False
        if wants.systems and _system(client) not in wants.systems:
            return False
        return not wants.conditions or conditions.holds(wants.conditions, client, groups.names(self._farm, client))

    def _wants(self, job: Job) -> Wants:
        spec = job.spec
        command = spec.command
        return Wants(
            cpus=spec.cpus,
            whole=SINGLE in spec.tags,
            labels=labels(spec),
            conditions=spec.conditions or self._farm.jobs[job.root].spec.conditions,
            systems=frozenset()
            if isinstance(command, str)
            else frozenset(name for name, text in command.items() if text),
            blocked=frozenset(self._farm.blocked_clients(job.root)),
            avoid=frozenset(a.client for a in job.attempts if a.reason in FAILURES) if job.attempts else frozenset(),
        )

    def _rank(self, job: Job) -> Rank:
        root = self._farm.jobs[job.root]
        return -job.priority, root.queued_at, root.id, job.id


def is_usable(client: Client) -> bool:
    """Whether a client gets new jobs at all."""
    may = not client.disabled and not client.draining and client.rules_hold and client.override is Override.NONE
    return may and client.online and bool(client.session)


def labels(spec: JobSpec) -> frozenset[str]:
    """The exclusive tags other than `single` itself."""
    if not spec.tags:
        return frozenset()
    return frozenset(tag for tag in spec.tags if tag.startswith(SINGLE) and tag != SINGLE)


def _system(client: Client) -> str:
    system = client.machine.platform.partition("-")[0]
    return "macosx" if system == "macos" else system


def _unfitting(wants: Wants) -> str:
    asked = [f"{wants.cpus} cpus"] if wants.cpus > 1 else []
    asked += [f"{item.name} {item.op} {item.value}" for item in wants.conditions]
    asked += [f"a command for its platform ({', '.join(sorted(wants.systems))})"] if wants.systems else []
    return f"no client has what it asks for: {'; '.join(asked)}" if asked else "no client may run it"


def _room(wants: Wants) -> str:
    if wants.whole:
        return "all its cpus"
    return "a cpu" if wants.cpus == 1 else f"{wants.cpus} cpus"


def _clients(count: int) -> str:
    return "1 client" if count == 1 else f"{count} clients"
