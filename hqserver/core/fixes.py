"""What would let a waiting job run: for a reason, a function of the API that takes it away from a client.

A fix is given only when it makes a client fit: the reason must be the only one that this client has, so that whoever
presses the button sees the job start (unless another job was faster).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hqserver.core import availability, conditions, fitting, groups, supply
from hqserver.core.records import Client, Instant, Job
from hqserver.wire.clients import Override
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.wants import Rank

_MOST_LOOKED_AT: Final = 500


class Fix(NamedTuple):
    """A call of the API."""

    function: str
    arguments: tuple[Any, ...]

    def as_struct(self) -> dict[str, Any]:
        """As `explainJob` answers it."""
        return {"function": self.function, "arguments": list(self.arguments)}


def fix_for(farm: Farm, job: Job, reason: Reason, clients: list[int], line: tuple[Kind, Rank]) -> Fix | None:
    """What takes this reason away from the first of these clients that has no other; None: nothing does."""
    kind, rank = line
    if kind.wants.least > 1:
        return None
    if reason in _OF_RESOURCES:
        return _more(farm, kind, clients)
    make = _OF_CLIENTS.get(reason)
    if make is None or supply.lacks(farm, kind.wants, ()):
        return None
    for id_ in clients[:_MOST_LOOKED_AT]:
        client = farm.clients[id_]
        if fitting.reasons(farm, kind, rank, client) == [reason]:
            fix = make(farm, job, kind, client)
            if fix is not None:
                return fix
    return None


def opens_at(farm: Farm, reason: Reason, clients: Iterable[int], now: Instant) -> datetime | None:
    """When the clock alone takes this reason from one of these clients, naive UTC; None: it does not."""
    found = _CLOCKS.get(reason)
    if found is None:
        return None
    times = [at for id_ in clients if (at := found(farm.clients[id_], now)) is not None]
    return min(times, default=None)


def at_wall(wall: float) -> datetime:
    """Naive UTC, whole seconds."""
    return datetime.fromtimestamp(int(wall), UTC).replace(tzinfo=None)


def _rule_opens(client: Client, now: Instant) -> datetime | None:
    until = availability.judged(client, now).until
    return None if until is None else until.replace(microsecond=0) - timedelta(minutes=client.machine.utc_offset)


def _override_ends(client: Client, _now: Instant) -> datetime | None:
    return None if client.override_until is None else at_wall(client.override_until)


_CLOCKS: Final[dict[Reason, Callable[[Client, Instant], datetime | None]]] = {
    Reason.HOURS: _rule_opens,
    Reason.OVERRIDE: _override_ends,
}


def _more(farm: Farm, kind: Kind, clients: list[int]) -> Fix | None:
    """More of the one resource that is lacking, for a client that has nothing else against the job."""
    lacks = supply.lacks(farm, kind.wants, clients[:1])
    if not clients or len(lacks) != 1:
        return None
    name, amount = lacks[0].name, dict(kind.wants.resources)[lacks[0].name]
    resource = farm.resource_of_name.get(name)
    if resource is None:
        return Fix("createResource", (name, amount))
    return Fix("setResourceAmount", (name, resource.in_use + supply.needed(resource, amount, 1, clients[:1])))


def _into_group(farm: Farm, job: Job, kind: Kind, client: Client) -> Fix | None:
    """Into a group that its one unmet condition asks for; or among the permitted clients if it names only hosts."""
    asked = kind.wants.choice.conditions
    unmet = [item for item in asked if not conditions.one_holds(item, client, groups.names(farm, client))]
    if all(item.name in _HOSTS and not conditions.is_negative(item) for item in asked):
        permitted = [value for item in asked[:1] for value in conditions.values(item)]
        return Fix("savePermittedClientsList", (job.id, [*permitted, f"{client.hostname}:{client.name}"]))
    if len(unmet) == 1 and unmet[0].name == "group" and not conditions.is_negative(unmet[0]):
        for name in conditions.values(unmet[0]):
            group = farm.group_of_name.get(name)
            if group is not None:
                return Fix("addClientToGroup", (group.id, client.id))
    return None


_HOSTS: Final = ("hostname", "hostname:name")
_OF_RESOURCES: Final = (Reason.RESOURCE, Reason.RESOURCE_UNKNOWN, Reason.RESOURCE_SMALL)

_OF_CLIENTS: Final[dict[Reason, Callable[[Farm, Job, Kind, Client], Fix | None]]] = {
    Reason.DISABLED: lambda farm, job, kind, client: Fix("setdisabled", (client.label, False)),
    Reason.OVERRIDE: lambda farm, job, kind, client: Fix("setClientOverride", (client.id, Override.NONE.value)),
    Reason.HOURS: lambda farm, job, kind, client: Fix("setAvailabilityRules", (client.id, [])),
    Reason.CONDITION: _into_group,
}
