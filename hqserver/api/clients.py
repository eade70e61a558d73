"""Clients: the machines that run jobs."""

from __future__ import annotations

from typing import Any, Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.errors import errors_of
from hqserver.api.registry import Section
from hqserver.api.rows import Row, row_of, row_reader, rows_of
from hqserver.core.commands import (
    AskForUpgrade,
    CallClients,
    RemoveClients,
    SetDescription,
    SetDisabled,
    SetOverride,
    SetRules,
)
from hqserver.core.reading import CLIENT
from hqserver.wire.clients import ATTRIBUTES
from hqserver.wire.encoder import Encoded
from hqserver.wire.faults import ApiFault, Code
from hqserver.wire.roles import Role, admits

SECTION: Final = Section("Clients")


@SECTION.method("getClients", Role.VIEWER, answer="list of dict", example='hq.getClients(None, ["hostname", "load"])')
async def get_clients(call: Call, client_ids: kinds.Ids | None = None, attribs: kinds.Names | None = None) -> Encoded:
    """Attributes of clients, one dict for each id, in order; without ids, of all clients, ascending.

    Ids of no client are left out, and so are unknown attributes.
    """
    clients = call.farm.clients
    wanted = sorted(clients) if client_ids is None else client_ids
    found = [clients[id_] for id_ in wanted if id_ in clients]
    return await rows_of(call, found, row_reader(call.farm, CLIENT, ATTRIBUTES, attribs))


@SECTION.method("getClient", Role.VIEWER, answer="dict or nil", example='hq.getClient(3, ["hostname", "load"])')
async def get_client(call: Call, client_id: kinds.Id, attribs: kinds.Names | None = None) -> Row | None:
    """Attributes of a client; nil when there is no such client."""
    return await row_of(call, call.farm.clients.get(client_id), row_reader(call.farm, CLIENT, ATTRIBUTES, attribs))


@SECTION.method("getClientByName", Role.VIEWER, answer="dict or nil", example='hq.getClientByName("node7:gpu")')
async def get_client_by_name(call: Call, clientname: kinds.Label, attribs: kinds.Names | None = None) -> Row | None:
    """Attributes of a client by `hostname`, or `hostname:name` for a named one; nil when there is no such client."""
    client = call.farm.client_of_label.get(_label(clientname))
    return await row_of(call, client, row_reader(call.farm, CLIENT, ATTRIBUTES, attribs))


@SECTION.method(
    "getClientsByName", Role.VIEWER, answer="list of dict", example='hq.getClientsByName(["node1", "node7:gpu"])'
)
async def get_clients_by_name(call: Call, clientnames: kinds.Labels, attribs: kinds.Names | None = None) -> Encoded:
    """Attributes of clients by their names, one dict for each, in order. Names of no client are left out."""
    found = [client for name in clientnames if (client := call.farm.client_of_label.get(_label(name)))]
    return await rows_of(call, found, row_reader(call.farm, CLIENT, ATTRIBUTES, attribs))


@SECTION.method("getClientErrors", Role.VIEWER, answer="dict", example="hq.getClientErrors(7)")
async def get_client_errors(call: Call, client_id: kinds.Id) -> dict[str, Any]:
    """What went wrong on a client, as `getServerErrors` answers it; an empty dict for nothing, or for no client.

    These are errors of its agent, and commands that could not be started there. A job that fails is not among them.
    """
    return await errors_of(call, client_id)


@SECTION.method("setdisabled", Role.OPERATOR, answer="bool or nil", example='hq.setdisabled("node7", True)')
async def setdisabled(call: Call, clientname: kinds.Label, disabled: kinds.Flag) -> bool | None:
    """Take a client out of service, or put it back. Jobs that run on it go on.

    Answers true, or nil when there is no such client.
    """
    done = await call.change(SetDisabled(_label(clientname), disabled, call.caller.name))
    return True if done else None


@SECTION.method(
    "setAvailabilityRules",
    Role.OPERATOR,
    answer="nil",
    example='hq.setAvailabilityRules(7, [{"days": [0, 1, 2, 3, 4], "startHour": 19, "endHour": 8}])',
    ours=True,
)
async def set_availability_rules(call: Call, client_id: kinds.Id, rules: kinds.Rules) -> None:
    """Say when a client is available: whenever one of the rules is true. Without rules it always is.

    A rule is a dict: `enabled` (true), `days` (0 to 6, Monday 0; empty: every day), `startHour`, `startMinute`,
    `endHour`, `endMinute` (in the client's local time; an end at or before the start is on the next day, equal ones
    are the whole day) and `idleMinutes` (its user must have been idle so long; -1: does not matter). What is left out
    has no effect; disabled rules are as if they were not there. Jobs that run when the hour comes go on.
    """
    await call.change(SetRules(client_id, rules, call.caller.name))


@SECTION.method("setClientOverride", Role.SUBMITTER, answer="nil", example='hq.setClientOverride(7, "mine")', ours=True)
async def set_client_override(
    call: Call, client_id: kinds.Id, mode: kinds.OverrideMode, until: kinds.Date | None = None
) -> None:
    """Keep new jobs off a client whatever its rules say: `mine` (its user wants it) or `drain`; `none` ends that.

    It ends by itself at `until` (UTC). Operators may do it, and whoever calls from that client's own address: the
    person who sits there. Fault 403: neither; 404: no such client; 422: `until` is past.
    """
    client = call.farm.clients.get(client_id)
    if client is not None and client.ip != call.caller.address and not admits(call.caller.roles, Role.OPERATOR):
        raise ApiFault(Code.FORBIDDEN, f"{call.method}: only for operators, and for who calls from {client.label}.")
    await call.change(SetOverride(client_id, mode, until, call.caller.name))


@SECTION.method(
    "setClientDescription", Role.OPERATOR, answer="nil", example='hq.setClientDescription(7, "A6000")', ours=True
)
async def set_client_description(call: Call, client_id: kinds.Id, text: kinds.Text) -> None:
    """Set the description that is shown with a client. Fault 404: no such client."""
    await call.change(SetDescription(client_id, text, call.caller.name))


@SECTION.method("removeClients", Role.OPERATOR, answer="nil", example="hq.removeClients([7])", ours=True)
async def remove_clients(call: Call, client_ids: kinds.Ids) -> None:
    """Forget clients that are gone; unknown ids are ignored. What they still ran is queued again.

    Fault 409: one of them is online, and nothing was removed; its agent's `terminate()` makes it leave.
    """
    if client_ids:
        await call.change(RemoveClients(tuple(client_ids), call.caller.name))


@SECTION.method("wakeClients", Role.OPERATOR, answer="nil", example="hq.wakeClients([7])", ours=True)
async def wake_clients(call: Call, client_ids: kinds.Ids) -> None:
    """Have the agents of these clients call in at once and tell how their machines are.

    The same as each client's own `wakeup()`, which answers on its machine alone. Unknown ids and clients that are
    offline are passed over.
    """
    if client_ids:
        await call.change(CallClients(tuple(client_ids), leave=False, user=call.caller.name))


@SECTION.method("terminateClients", Role.OPERATOR, answer="nil", example="hq.terminateClients([7])", ours=True)
async def terminate_clients(call: Call, client_ids: kinds.Ids) -> None:
    """Have the agents of these clients leave: the same as each client's own `terminate()`.

    They get no new jobs, paused jobs are cancelled, what runs goes on. When the last job is done the client is removed
    and its agent exits. Unknown ids and clients that are offline are passed over: `removeClients` forgets those.
    """
    if client_ids:
        await call.change(CallClients(tuple(client_ids), leave=True, user=call.caller.name))


@SECTION.method("upgradeClients", Role.OPERATOR, answer="nil", example="hq.upgradeClients([7])")
async def upgrade_clients(call: Call, client_ids: kinds.Ids) -> None:
    """Mark clients for upgrade; unknown ids are ignored. `needsUpgrade` says so, and the agent's log does.

    The server does not send code to clients: install the new version there and restart the agent.
    """
    if client_ids:
        await call.change(AskForUpgrade(tuple(client_ids), call.caller.name))


def _label(clientname: str) -> str:
    """`hostname:` names the client without a name."""
    return clientname.removesuffix(":")
