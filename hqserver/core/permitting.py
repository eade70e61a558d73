"""Which clients may run a job, changed by a person: more are permitted, held ones let go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from hqserver.core import attribs, conditions, groups
from hqserver.core.commands import PermitClients, Refused, ReleaseHolds, SetConditions
from hqserver.core.records import Client, Instant, Job
from hqserver.wire.conditions import Condition

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_NOT_FOUND: Final = 404


def permitted(farm: Farm, wanted: tuple[Condition, ...]) -> list[Client]:
    """The clients that fulfil these conditions."""
    return [client for client in farm.clients.values() if conditions.holds(wanted, client, groups.names(farm, client))]


def as_conditions(labels: Iterable[str]) -> tuple[Condition, ...]:
    """Conditions that permit these clients and no others.

    A host without a colon stands for every client of the host, and one that ends with a colon for the client without a
    name.
    """
    return (Condition("hostname:name", "in", ",".join(dict.fromkeys(labels))),)


def permit(farm: Farm, command: PermitClients, now: Instant) -> None:
    """Groups join the groups of a condition that names nothing else; otherwise the list of clients is written out."""
    job = _known(farm, command.job)
    for id_ in command.groups:
        if id_ not in farm.groups:
            raise Refused(_NOT_FOUND, f"group_ids: no client group {id_}")
    for id_ in command.clients:
        if id_ not in farm.clients:
            raise Refused(_NOT_FOUND, f"client_ids: no client {id_}")
    asked = job.spec.conditions or farm.jobs[job.root].spec.conditions
    if asked:
        attribs.set_conditions(farm, SetConditions(job.id, _wider(farm, asked, command)), now)


def release_holds(farm: Farm, command: ReleaseHolds, _now: Instant) -> int:
    """Others may have the clients from now on."""
    return farm.planner.holds.waive(command.jobs)


def _wider(farm: Farm, asked: tuple[Condition, ...], command: PermitClients) -> tuple[Condition, ...]:
    one = asked[0]
    if len(asked) == 1 and one.name == "group" and not conditions.is_negative(one) and not command.clients:
        names = [*conditions.values(one), *(farm.groups[id_].name for id_ in command.groups)]
        if not any("," in name for name in names):
            return (Condition("group", "in", ",".join(dict.fromkeys(names))),)
    more = [*command.clients, *(id_ for group in command.groups for id_ in farm.groups[group].clients)]
    chosen = {client.id: client for client in permitted(farm, asked)}
    chosen.update((id_, farm.clients[id_]) for id_ in more)
    return as_conditions(f"{client.hostname}:{client.name}" for client in chosen.values())


def _known(farm: Farm, id_: int) -> Job:
    job = farm.jobs.get(id_)
    if job is None:
        raise Refused(_NOT_FOUND, f"job_id: no job {id_}")
    return job
