"""What a job asks of the clients that run it. Jobs that ask for the same are of one kind and wait in one line."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from hqserver.core.records import Job
from hqserver.wire.agent import FAILURES, LOSSES, EndReason
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import SINGLE, JobSpec

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

Rank = tuple[int, float, int, int]
"""Sorts jobs as they are served: priority (negated), queue time of the root, its id, the job's id."""

_AVOIDED = FAILURES | LOSSES | {EndReason.UNABLE}


class Room(NamedTuple):
    """What must be free on a client."""

    cpus: int
    whole: bool
    """No other job beside it."""


class Choice(NamedTuple):
    """Which clients may run it at all, however busy they are."""

    conditions: tuple[Condition, ...]
    systems: frozenset[str]
    """Platforms that it has a command for; empty: any."""
    blocked: int
    """The root job whose blocked clients count; 0: none is blocked."""


class Wants(NamedTuple):
    """Equal for all jobs of a kind."""

    choice: Choice
    room: Room
    labels: frozenset[str]
    """Tags of which a client carries each once."""
    resources: tuple[tuple[str, int], ...]
    """Names and amounts, by name."""
    least: int
    """Clients that it needs at once."""
    most: int
    avoid: frozenset[int]
    """Clients on which it failed: taken only when no other may run it."""


def of_job(farm: Farm, job: Job) -> Wants:
    """What the job asks for now. Without conditions of its own it has those of its root.

    A hook that is due needs a client as the command does, but no resources and no further clients.
    """
    spec = job.spec
    alone = bool(job.hooks.due)
    blocked = job.root if farm.blocked_clients(job.root) else 0
    choice = Choice(spec.conditions or farm.jobs[job.root].spec.conditions, systems(spec), blocked)
    avoid = frozenset(a.client for a in job.attempts if a.reason in _AVOIDED) if job.attempts else frozenset()
    return Wants(
        choice,
        room(spec),
        labels(spec),
        tuple(sorted(spec.resources.items())) if spec.resources and not alone else (),
        1 if alone else spec.min_hosts,
        1 if alone else max(spec.min_hosts, spec.max_hosts),
        avoid,
    )


_NONE: frozenset[str] = frozenset()


def systems(spec: JobSpec) -> frozenset[str]:
    """Platforms that it has a command for; empty: any."""
    if isinstance(spec.command, str):
        return _NONE
    return frozenset(name for name, text in spec.command.items() if text)


def room(spec: JobSpec) -> Room:
    """What must be free on each of its clients."""
    return Room(spec.cpus, SINGLE in spec.tags)


def rank(farm: Farm, job: Job) -> Rank:
    """Where the job stands in line."""
    root = farm.jobs[job.root]
    return -job.priority, root.queued_at, root.id, job.id


def labels(spec: JobSpec) -> frozenset[str]:
    """The exclusive tags other than `single` itself."""
    return _labels(spec.tags) if spec.tags else _NONE


@lru_cache(1000)
def _labels(tags: tuple[str, ...]) -> frozenset[str]:
    return frozenset(tag for tag in tags if tag.startswith(SINGLE) and tag != SINGLE)
