"""Which of the clients that a job could have it gets: looked for in the pools of its kind, changing nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from hqserver.core import fitting
from hqserver.core.records import Client

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.supply import Lack
    from hqserver.core.wants import Rank


def tightest_fit(farm: Farm, kind: Kind, rank: Rank) -> Client | None:
    """The client with the least room of those that have enough: larger jobs find the others."""
    room = kind.wants.room
    best: Client | None = None
    least = (True, 0)
    for pool in kind.selector.pools:
        if pool.traits.cpus < room.cpus:
            continue
        for client in pool.with_room(room):
            if fitting.obstacle(farm, kind, rank, client) is None:
                holder = farm.planner.holder_of(client.id)
                found = (holder is not None and holder is not kind, client.machine.cpus - client.cpus_used)
                if best is None or found < least:
                    best, least = client, found
                if not found[0]:
                    break
    return best


def with_a_unit(farm: Farm, kind: Kind, rank: Rank) -> Client | None:
    """A client on which the job costs no further unit of a resource that is counted per machine."""
    if kind.wants.least > 1:
        return None
    for name, _ in kind.wants.resources:
        resource = farm.resource_of_name.get(name)
        if resource is not None and resource.per_machine:
            for id_ in resource.clients:
                client = farm.clients.get(id_)
                if client is not None and _fits_now(farm, kind, rank, client):
                    return client
    return None


def several(farm: Farm, kind: Kind, rank: Rank) -> tuple[list[Client], Lack | None]:
    """As many clients as the job can use, if there are as many as it needs; else all that have room for it.

    Those that are held for jobs that go after it are taken for want of others. And what it lacks of a resource, if that
    is all that keeps it from starting.
    """
    asked, planner = kind.wants, farm.planner
    fit: list[Client] = []
    """Those that hold most units of what it asks for go first."""
    ready: list[Client] = []
    spare: list[Client] = []
    """Held for jobs that go after it."""
    for client in candidates(farm, kind):
        if len(ready) == asked.most:
            break
        if fitting.obstacle(farm, kind, rank, client) is None:
            fit.append(client)
            (ready if planner.holder_of(client.id) in (None, kind) else spare).append(client)
    ready += spare[: max(0, asked.least - len(ready))]
    if len(ready) < asked.least:
        return ready, None

    def lack(clients: list[Client]) -> Lack | None:
        return planner.lack(kind, rank, tuple(client.id for client in clients))

    ready.sort(key=lambda client: client.id not in kind.holds)
    if lack(ready[: asked.least]) is not None:
        # Units that are there already may suffice, whoever that goes after it holds those clients.
        ready = fit[: asked.least]
        lacking = lack(ready)
        if lacking is not None:
            return ready, lacking
    while len(ready) > asked.least and lack(ready) is not None:
        ready.pop()
    return ready, None


def candidates(farm: Farm, kind: Kind) -> Iterator[Client]:
    """Clients with room for the kind's jobs, each once. Those that hold most units of what it asks for go first.

    What is counted per machine costs nothing more there: with them it may suffice for all of the clients.
    """
    room, names = kind.wants.room, [name for name, _ in kind.wants.resources]
    units = Counter(
        id_
        for name in names
        if (resource := farm.resource_of_name.get(name)) is not None and resource.per_machine
        for id_ in resource.clients
    )
    for id_, _ in units.most_common():
        pool = farm.planner.pools.of(id_)
        if pool is not None and pool in kind.selector.pools and id_ in pool.usable:
            client = pool.clients[id_]
            if client.machine.cpus - client.cpus_used >= room.cpus and not (room.whole and client.cpus_used):
                yield client
    for pool in kind.selector.pools:
        if pool.traits.cpus >= room.cpus:
            for client in pool.with_room(room):
                if client.id not in units:
                    yield client


def _fits_now(farm: Farm, kind: Kind, rank: Rank, client: Client) -> bool:
    pool = farm.planner.pools.of(client.id)
    return (
        pool in kind.selector.pools
        and client.id in pool.usable
        and fitting.obstacle(farm, kind, rank, client) is None
        and farm.planner.lack(kind, rank, (client.id,)) is None
    )
