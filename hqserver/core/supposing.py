"""Kinds as they would be: what a job, or one that nobody has submitted yet, would meet on the farm as it is now.

A supposed kind stands in no line and is known to no pool; the rules of `hqserver.core.fitting` judge it like any other,
so what is said of it is what the planner would find.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hqserver.core import fitting, wants
from hqserver.core.lines import Kind
from hqserver.core.pools import Pool, Selector, Traits
from hqserver.core.records import Client, Job
from hqserver.core.service import is_usable
from hqserver.core.wants import Choice, Rank, Wants
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

Line = tuple[Kind, Rank]
_LAST: Final = 1 << 62
"""Of two jobs that are equal otherwise, one that is not submitted yet goes second."""


def of_wants(farm: Farm, wanted: Wants) -> Kind:
    """The kind of jobs that want this. Its pools are private, and made only where some rule looks at them."""
    pools: dict[int, Pool] = {}
    if wanted.avoid or wanted.least > 1:
        for client in farm.clients.values():
            if fitting.is_chosen(farm, wanted.choice, client):
                pool = pools.setdefault(client.machine.cpus, Pool(Traits(client.machine.cpus, "", (), frozenset())))
                pool.clients[client.id] = client
                if is_usable(client):
                    pool.usable[client.id] = None
    return Kind(wanted, Selector(wanted.choice, pools=dict.fromkeys(pools.values())))


def of_job(farm: Farm, job: Job, conditions: tuple[Condition, ...] | None = None) -> Line:
    """What the job would meet if it stood in line, with these conditions instead of its own if any are given."""
    wanted = wants.of_job(farm, job)
    if conditions is not None:
        inherited = () if job.root == job.id else farm.jobs[job.root].spec.conditions
        wanted = wanted._replace(choice=wanted.choice._replace(conditions=conditions or inherited))
    return of_wants(farm, wanted), wants.rank(farm, job)


def of_spec(farm: Farm, spec: JobSpec, root: JobSpec, wall: float) -> Line:
    """What a job of this specification, in a tree with this root, would meet if it were submitted now."""
    choice = Choice(spec.conditions or root.conditions, wants.systems(spec), 0)
    wanted = Wants(
        choice,
        wants.room(spec),
        wants.labels(spec),
        tuple(sorted(spec.resources.items())),
        spec.min_hosts,
        max(spec.min_hosts, spec.max_hosts),
        frozenset(),
    )
    return of_wants(farm, wanted), (-spec.priority, wall, _LAST, _LAST)


def eligible(farm: Farm, line: Line, clients: Iterable[Client]) -> list[int]:
    """Those of the clients that nothing about themselves keeps from the job."""
    return [client.id for client in clients if not fitting.reasons(farm, *line, client)]
