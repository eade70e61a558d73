"""Clients: the machines that run jobs."""

from __future__ import annotations

from typing import Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.rows import Row, row_of, row_reader, rows_of
from hqserver.core.commands import SetDisabled
from hqserver.core.reading import CLIENT
from hqserver.wire.clients import ATTRIBUTES
from hqserver.wire.encoder import Encoded
from hqserver.wire.roles import Role

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


@SECTION.method("setdisabled", Role.OPERATOR, answer="bool or nil", example='hq.setdisabled("node7", True)')
async def setdisabled(call: Call, clientname: kinds.Label, disabled: kinds.Flag) -> bool | None:
    """Take a client out of service, or put it back. Jobs that run on it go on.

    Answers true, or nil when there is no such client.
    """
    done = await call.change(SetDisabled(_label(clientname), disabled, call.caller.name))
    return True if done else None


def _label(clientname: str) -> str:
    """`hostname:` names the client without a name."""
    return clientname.removesuffix(":")
