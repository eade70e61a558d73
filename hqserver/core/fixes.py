"""What would let a waiting job run: for a reason, calls of the API that take it away from clients.

A fix says how many clients it makes fit at once, and is given only when that is true: of a client the reason must be
the only one, and a change of the job is tried on a supposed job first. So whoever presses the button sees the job
start, unless another job was faster or something else of the whole job is in the way. A fix that counts no client moves
the job forward in line, lets go of something for others, or takes away what would keep the job for ever, while all
clients that it could have are busy.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from hqserver.core import clearing, conditions, fitting, supply, supposing, wants
from hqserver.core.cases import MOST_LOOKED_AT, Case
from hqserver.core.kept import Group
from hqserver.core.records import Client, Job
from hqserver.core.wants import Rank, Room, labels
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.fixes import FixCode
from hqserver.wire.jobs import SINGLE
from hqserver.wire.reasons import Reason

MOST_CALLS: Final = 100
MOST_GROUPS: Final = 20
_OPEN_SECONDS: Final = 3600
"""For which a client is opened when nobody knows when its rules will open it."""
_LARGEST_PRIORITY: Final = (1 << 31) - 1


class ApiCall(NamedTuple):
    """A call of the API."""

    function: str
    arguments: tuple[Any, ...]

    def as_struct(self) -> dict[str, Any]:
        """As `explainJob` answers it."""
        return {"function": self.function, "arguments": list(self.arguments)}


class Fix(NamedTuple):
    """Calls that belong together, and how many clients fit when they are done."""

    code: FixCode
    calls: tuple[ApiCall, ...]
    clients: int

    def as_struct(self) -> dict[str, Any]:
        """As `explainJob` answers it."""
        return {
            "code": self.code.value,
            "calls": [call.as_struct() for call in self.calls],
            "clients": self.clients,
        }


class InGroup(NamedTuple):
    """Clients of a reason that are in one group; each client is counted under one of its groups."""

    group: Group | None
    """None: those that are in no group."""
    clients: list[int]
    fix: Fix | None


Maker = Callable[[Case, Reason, Sequence[int]], Fix | None]


def of_reason(case: Case, reason: Reason, clients: Sequence[int]) -> list[Fix]:
    """What takes this reason from some of these clients, the gentlest first."""
    made = (make(case, reason, clients) for make in _MAKERS.get(reason, ()))
    return [fix for fix in made if fix is not None]


def of_client(case: Case, reason: Reason, client: Client) -> list[Fix]:
    """What takes this reason from this one client."""
    if reason in (Reason.CPUS, Reason.WHOLE, Reason.TAG):
        fix = _eject(case, client)
        return [] if fix is None else [fix]
    return [fix for fix in of_reason(case, reason, [client.id]) if fix.code in _OF_ONE_CLIENT]


def by_group(case: Case, clients: Sequence[int]) -> list[InGroup]:
    """Clients that are not permitted by the groups that could be permitted as a whole, the most useful first."""
    farm, rest = case.farm, dict.fromkeys(clients)
    allowed = {client.id for client in permittable(case, clients)}
    found: list[InGroup] = []
    near = [farm.groups[id_] for id_ in dict.fromkeys(id_ for client in clients for id_ in farm.clients[client].groups)]
    for group in sorted(near, key=lambda group: (-len(allowed & group.clients.keys()), group.name)):
        members = [id_ for id_ in group.clients if id_ in rest]
        if members and len(found) < MOST_GROUPS:
            for id_ in members:
                del rest[id_]
            gained = len(allowed & group.clients.keys())
            useful = gained or _any_later(case, members)
            found.append(InGroup(group, members, _permission(case, (), (group.id,), gained) if useful else None))
    if rest:
        gain = [id_ for id_ in rest if id_ in allowed][:MOST_CALLS]
        later = [] if gain else [id_ for id_ in list(rest)[:MOST_LOOKED_AT] if _any_later(case, [id_])][:MOST_CALLS]
        fix = _permission(case, gain or later, (), len(gain)) if gain or later else None
        found.append(InGroup(None, list(rest), fix))
    return found


def _any_later(case: Case, clients: Sequence[int]) -> bool:
    """Whether one of these clients could take the job some time, were it permitted."""
    asked = _systems_asked(case)
    return any(conditions.holds(asked, client, ()) for client in case.later(Reason.CONDITION, clients))


def _each(
    code: FixCode, make: Callable[[Case, Client], ApiCall]
) -> Callable[[Case, Reason, Sequence[int]], Fix | None]:
    """A fix that is made of one call for each client that has no other reason; where none is, no other that stays."""

    def fix(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
        alone = case.alone(reason, clients)[:MOST_CALLS]
        calls = tuple(make(case, client) for client in alone or case.later(reason, clients)[:MOST_CALLS])
        return Fix(code, calls, len(alone)) if calls else None

    return fix


def _open(case: Case, client: Client) -> ApiCall:
    until = clearing.rule_opens(client, case.now) or clearing.at_wall(case.now.wall + _OPEN_SECONDS)
    return ApiCall("setClientOverride", (client.id, Override.OPEN.value, until))


def _unblock(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    """Nobody but a person forgives: without it a client that is busy too stays blocked when it is free."""
    alone = case.alone(reason, clients)
    useful = bool(alone or case.later(reason, clients))
    return Fix(FixCode.UNBLOCK, (ApiCall("unblockClients", (case.job.id,)),), len(alone)) if useful else None


def permittable(case: Case, clients: Sequence[int]) -> list[Client]:
    """Clients that would fit if they were permitted; those of another system than the job asks for are not meant."""
    asked = _systems_asked(case)
    return [client for client in case.alone(Reason.CONDITION, clients) if conditions.holds(asked, client, ())]


def _systems_asked(case: Case) -> list[Condition]:
    return [item for item in case.line[0].wants.choice.conditions if item.name == "os"]


def _permit(case: Case, _reason: Reason, clients: Sequence[int]) -> Fix | None:
    """The group that helps most; without groups, the clients one by one."""
    if len(clients) == 1:
        gain = [client.id for client in permittable(case, clients)]
        useful = gain or _any_later(case, clients)
        return _permission(case, list(clients), (), len(gain)) if useful else None
    best = [item.fix for item in by_group(case, clients) if item.fix is not None]
    return max(best, key=lambda fix: fix.clients, default=None)


def _permission(case: Case, clients: Sequence[int], groups_: tuple[int, ...], gained: int) -> Fix:
    return Fix(FixCode.PERMIT, (ApiCall("permitClients", (case.job.id, list(clients), list(groups_))),), gained)


def _goes_before(case: Case, rank: Rank) -> int | None:
    """The priority with which the job goes before one of this rank; None: it does already, or there is none."""
    own = case.line[1]
    if own <= rank:
        return None
    wanted = -rank[0] if (rank[0], *own[1:]) < rank else 1 - rank[0]
    return wanted if wanted <= _LARGEST_PRIORITY else None


def _pass_holder(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    """A priority with which the job goes before those that hold the clients."""
    wanted, alone = 0, case.alone(reason, clients)
    for client in alone:
        holder = case.farm.planner.holder_of(client.id)
        first = holder.first() if holder is not None else None
        wanted = max(wanted, (_goes_before(case, first) or 0) if first is not None else 0)
    if not alone or wanted <= case.job.priority:
        return None
    return Fix(FixCode.RAISE_PRIORITY, (ApiCall("setPriority", ([case.job.id], wanted)),), len(alone))


def _move_forward(case: Case, _reason: Reason, _clients: Sequence[int]) -> Fix | None:
    """A priority with which the job goes before all that wait; it frees no client by itself."""
    first = case.farm.planner.first_in_line()
    wanted = _goes_before(case, first) if first is not None else None
    if wanted is None or wanted <= case.job.priority:
        return None
    return Fix(FixCode.RAISE_PRIORITY, (ApiCall("setPriority", ([case.job.id], wanted)),), 0)


def _release(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    alone = case.alone(reason, clients)
    holders = {kind.held_for for client in alone if (kind := case.farm.planner.holder_of(client.id)) is not None}
    if not holders:
        return None
    return Fix(FixCode.RELEASE_HOLD, (ApiCall("releaseHolds", (sorted(holders),)),), len(alone))


def _attribs(case: Case, code: FixCode, clients: int, **attribs: Any) -> Fix | None:
    if not clients:
        return None
    return Fix(code, (ApiCall("setJobAttribs", ([case.job.id], attribs)),), clients)


def _drop_single(case: Case, _reason: Reason, clients: Sequence[int]) -> Fix | None:
    room = case.line[0].wants.room
    tags = [tag for tag in case.job.spec.tags if tag != SINGLE]
    fit = case.would_fit(clients[:MOST_LOOKED_AT], room=Room(room.cpus, whole=False))
    return _attribs(case, FixCode.DROP_SINGLE, fit, tags=tags)


def _cpus_that_there_are(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    """As many as are free; where none is, as many as the largest of these clients has."""
    room, looked_at = case.line[0].wants.room, clients[:MOST_LOOKED_AT]
    largest = max((case.farm.clients[id_].machine.cpus for id_ in looked_at), default=0)
    fix = _fewer_cpus(case, reason, clients)
    if fix is not None or room.whole or not 0 < largest < room.cpus:
        return fix
    fit = case.would_fit(looked_at, room=Room(largest, whole=False))
    return Fix(FixCode.FEWER_CPUS, (ApiCall("setJobAttribs", ([case.job.id], {"cpus": largest})),), fit)


def _fewer_cpus(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    room = case.line[0].wants.room
    near = [case.farm.clients[id_] for id_ in clients[:MOST_LOOKED_AT]]
    free = max((client.machine.cpus - client.cpus_used for client in near), default=0)
    if room.whole or not 0 < free < room.cpus:
        return None
    fit = case.would_fit(clients[:MOST_LOOKED_AT], room=Room(free, whole=False))
    return _attribs(case, FixCode.FEWER_CPUS, fit, cpus=free)


def _fewer_clients(case: Case, _reason: Reason, _clients: Sequence[int]) -> Fix | None:
    """As many as fit now: then it starts."""
    ready = supposing.eligible(case.farm, case.line, case.farm.clients.values())
    wanted = case.line[0].wants
    if not 0 < len(ready) < wanted.least or case.farm.planner.lack(*case.line, tuple(ready)) is not None:
        return None
    if case.would_fit(ready, least=len(ready)) < len(ready):  # it would avoid where it failed
        return None
    return _attribs(case, FixCode.FEWER_CLIENTS, len(ready), minHosts=len(ready))


def _let_go(case: Case, _reason: Reason, _clients: Sequence[int]) -> Fix | None:
    """What is held for this job, for others."""
    if not case.farm.planner.holds.of_job(case.job.id):
        return None
    return Fix(FixCode.RELEASE_HOLD, (ApiCall("releaseHolds", ([case.job.id],)),), 0)


def _more(case: Case, reason: Reason, clients: Sequence[int]) -> Fix | None:
    """More of a resource that is lacking, for clients that have nothing else against the job.

    What is only in use comes back by itself: more of it is offered where that alone lets the job start.
    """
    farm, wanted = case.farm, case.line[0].wants
    some = list(clients[: wanted.least])
    lacks = supply.lacks(farm, wanted, some)
    lack = next((item for item in lacks if item.reason is reason), None)
    starts = len(some) == wanted.least and len(lacks) == 1
    if lack is None or not (starts or reason in (Reason.RESOURCE_UNKNOWN, Reason.RESOURCE_SMALL)):
        return None
    name, amount = lack.name, dict(wanted.resources)[lack.name]
    resource = farm.resource_of_name.get(name)
    if resource is None:
        gained = len(clients) if starts else 0
        return Fix(FixCode.MAKE_RESOURCE, (ApiCall("createResource", (name, amount)),), gained)
    total = max(
        resource.in_use + supply.needed(resource, amount, wanted.least, some),
        supply.in_all(resource, amount, wanted.least),
    )
    return Fix(FixCode.RAISE_RESOURCE, (ApiCall("setResourceAmount", (name, total)),), len(some) if starts else 0)


def _eject(case: Case, client: Client) -> Fix | None:
    """The jobs on a client that must leave for this one to fit, if it goes before all of them.

    While it cannot start they come back at once, so then no client is counted.
    """
    farm, (kind, rank) = case.farm, case.line
    jobs = [farm.jobs[id_] for id_ in (*client.attempts, *client.helps)]
    tagged = [job for job in jobs if kind.wants.labels & labels(job.spec)]
    freed = sum(_cpus_on(client, job) for job in tagged)
    need = client.machine.cpus if kind.wants.room.whole else kind.wants.room.cpus
    leaving = list(tagged)
    for job in sorted((job for job in jobs if job not in tagged), key=lambda job: wants.rank(farm, job), reverse=True):
        if client.machine.cpus - client.cpus_used + freed >= need:
            break
        leaving.append(job)
        freed += _cpus_on(client, job)
    left = set(fitting.reasons(farm, kind, rank, client)) - {Reason.CPUS, Reason.WHOLE, Reason.TAG}
    if left or any(job.ending or wants.rank(farm, job) < rank for job in leaving):
        return None
    starts = kind.wants.least == 1 and farm.planner.lack(kind, rank, (client.id,)) is None
    return Fix(FixCode.EJECT, (ApiCall("ejectJobs", ([job.id for job in leaving],)),), int(starts))


def _cpus_on(client: Client, job: Job) -> int:
    attempt = client.attempts.get(job.id)
    return attempt.cpus if attempt is not None else client.helps[job.id].helpers[client.id]


_MAKERS: Final[dict[Reason, tuple[Maker, ...]]] = {
    Reason.RESOURCE: (_more,),
    Reason.RESOURCE_UNKNOWN: (_more,),
    Reason.RESOURCE_SMALL: (_more,),
    Reason.GATHERING: (_fewer_clients, _let_go),
    Reason.TOO_FEW: (_fewer_clients,),
    Reason.BLOCKED: (_unblock,),
    Reason.CONDITION: (_permit,),
    Reason.HELD: (_pass_holder, _release),
    Reason.HOURS: (_each(FixCode.OPEN, _open),),
    Reason.DISABLED: (_each(FixCode.ENABLE, lambda case, client: ApiCall("setdisabled", (client.label, False))),),
    Reason.OVERRIDE: (
        _each(
            FixCode.END_OVERRIDE,
            lambda case, client: ApiCall("setClientOverride", (client.id, Override.NONE.value)),
        ),
    ),
    Reason.WHOLE: (_move_forward, _drop_single),
    Reason.CPUS: (_move_forward, _fewer_cpus),
    Reason.SMALL: (_cpus_that_there_are,),
}
_OF_ONE_CLIENT: Final = frozenset({FixCode.PERMIT, FixCode.OPEN, FixCode.ENABLE, FixCode.END_OVERRIDE})
