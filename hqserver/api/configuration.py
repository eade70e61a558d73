"""Configuration: what scripts read of the server's settings, and which clients a job is permitted."""

from __future__ import annotations

from typing import Annotated, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.permitted import permitted, read_clients
from hqserver.api.registry import Kind, Section
from hqserver.core.commands import PermitClients, ReleaseHolds, SetBlockedWarning, SetConditions, Unblock
from hqserver.core.permitting import as_conditions
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.roles import Role

SECTION: Final = Section("Configuration")

ClientList = Annotated[tuple[str, ...], Kind("list of str", "array", read_clients)]


@SECTION.method("getConfig", Role.VIEWER, answer="str or nil", example='hq.getConfig("port")')
def get_config(call: Call, key: kinds.Label) -> str | None:
    """The value of a setting, by its newer or its older name; nil when there is none or scripts may not read it."""
    return call.context.config.readable(key)


@SECTION.method("getPermittedClientsList", Role.VIEWER, answer="list of str", example="hq.getPermittedClientsList(17)")
async def get_permitted_clients_list(call: Call, job_id: kinds.Id) -> list[str]:
    """The clients that may run a job, as far as its conditions go: `hostname`, or `hostname:name` for named ones.

    A job without conditions of its own has those of its root. Fault 404: no such job.
    """
    found = await call.context.history.job(job_id)
    if found is None:
        raise ApiFault(Code.UNKNOWN, f"{call.method}: job_id: no job {job_id}")
    farm, job = found
    await call.seen(job.revision)
    return permitted(farm, job)


@SECTION.method(
    "savePermittedClientsList",
    Role.SUBMITTER,
    answer="nil",
    example='hq.savePermittedClientsList(17, ["node1", "node2:gpu", "node3:"])',
)
async def save_permitted_clients_list(call: Call, job_id: kinds.Id, clients_list: ClientList) -> None:
    """Permit a job these clients and no others; the conditions that it had are replaced.

    `hostname` is every client of the host, `hostname:name` the one of this name, `hostname:` the one without a name.
    An empty list permits none. Jobs below it that have no conditions of their own follow if it is their root. A job
    that runs goes on. Fault 404: no such job.
    """
    await call.change(SetConditions(job_id, as_conditions(clients_list), call.caller.name))


@SECTION.method(
    "setJobConditions",
    Role.SUBMITTER,
    answer="nil",
    example='hq.setJobConditions(17, [{"type": "client", "name": "group", "op": "in", "value": "sim,fx"}])',
    ours=True,
)
async def set_job_conditions(call: Call, job_id: kinds.Id, conditions: kinds.Conditions) -> None:
    """Give a job these conditions instead of those that it had, whatever it does now; they count from its next start.

    An empty list: those of its root, and any client for a root. Fault 404: no such job.
    """
    await call.change(SetConditions(job_id, conditions, call.caller.name))


@SECTION.method("permitClients", Role.SUBMITTER, answer="nil", example="hq.permitClients(17, [3, 4], [2])", ours=True)
async def permit_clients(call: Call, job_id: kinds.Id, client_ids: kinds.Ids, group_ids: kinds.Ids = ()) -> None:
    """Permit a job these clients, and those of these groups, beside those that it is permitted.

    Groups join the condition of a job that asks for groups and for nothing else, so that who joins them later is
    permitted too; otherwise the conditions are replaced by a list of the clients. Fault 404: no such job, client or
    group.
    """
    await call.change(PermitClients(job_id, tuple(client_ids), tuple(group_ids), call.caller.name))


@SECTION.method("releaseHolds", Role.OPERATOR, answer="int", example="hq.releaseHolds([17])", ours=True)
async def release_holds(call: Call, job_ids: kinds.Ids) -> int:
    """Let go of the clients on hold for these jobs, for others; answers how many clients that were.

    The jobs hold none again while they wait as they do: pausing and resuming one, or giving it another priority, ends
    that, and so does a restart of the server.
    """
    count: int = await call.change(ReleaseHolds(tuple(dict.fromkeys(job_ids)), call.caller.name))
    return count


@SECTION.method(
    "setShowBlockedClientsWarning", Role.SUBMITTER, answer="nil", example="hq.setShowBlockedClientsWarning(17, False)"
)
async def set_show_blocked_clients_warning(call: Call, job_id: kinds.Id, state: kinds.Flag) -> None:
    """Show or hide the warning of a job that clients are blocked for it. Fault 404: no such job."""
    await call.change(SetBlockedWarning(job_id, state, call.caller.name))


@SECTION.method("unblockClients", Role.SUBMITTER, answer="nil", example="hq.unblockClients(17)", ours=True)
async def unblock_clients(call: Call, job_id: kinds.Id) -> None:
    """Let every client run jobs of this job's family again, whatever failed there (`blockedClients` of its root).

    Rescheduling a failed job of the family does the same. Fault 404: no such job.
    """
    await call.change(Unblock(job_id, call.caller.name))
