"""Client groups: names under which jobs ask for several clients."""

from __future__ import annotations

from typing import Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.rows import Row, row_of, row_reader, rows_of
from hqserver.core.commands import CreateGroup, DeleteGroup, RenameGroup, SetMember
from hqserver.core.reading_kept import GROUP
from hqserver.wire.encoder import Encoded
from hqserver.wire.groups import ATTRIBUTES
from hqserver.wire.roles import Role

SECTION: Final = Section(
    "Client groups",
    "A client may be in many groups. Jobs ask for a group by its name, in a condition or in `hostgroup`.",
)


@SECTION.method("createClientGroup", Role.OPERATOR, answer="int", example='hq.createClientGroup("simulation")')
async def create_client_group(call: Call, name: kinds.Name) -> int:
    """Create an empty client group; answers its id. Fault 409: there is a group of this name."""
    id_: int = await call.change(CreateGroup(name, call.caller.name))
    return id_


@SECTION.method("getClientGroups", Role.VIEWER, answer="list of dict", example='hq.getClientGroups(None, ["name"])')
async def get_client_groups(
    call: Call, group_ids: kinds.Ids | None = None, attribs: kinds.Names | None = None
) -> Encoded:
    """Attributes of client groups, one dict for each id, in order; without ids, of all groups, ascending.

    Ids of no group are left out, and so are unknown attributes.
    """
    groups = call.farm.groups
    wanted = sorted(groups) if group_ids is None else group_ids
    found = [groups[id_] for id_ in wanted if id_ in groups]
    return await rows_of(call, found, row_reader(call.farm, GROUP, ATTRIBUTES, attribs))


@SECTION.method("getClientGroup", Role.VIEWER, answer="dict or nil", example="hq.getClientGroup(2)")
async def get_client_group(call: Call, group_id: kinds.Id, attribs: kinds.Names | None = None) -> Row | None:
    """Attributes of a client group; nil when there is no such group."""
    return await row_of(call, call.farm.groups.get(group_id), row_reader(call.farm, GROUP, ATTRIBUTES, attribs))


@SECTION.method(
    "getClientGroupByName", Role.VIEWER, answer="dict or nil", example='hq.getClientGroupByName("simulation")'
)
async def get_client_group_by_name(call: Call, name: kinds.Label, attribs: kinds.Names | None = None) -> Row | None:
    """Attributes of a client group by its name; nil when there is no such group."""
    group = call.farm.group_of_name.get(name)
    return await row_of(call, group, row_reader(call.farm, GROUP, ATTRIBUTES, attribs))


@SECTION.method("addClientToGroup", Role.OPERATOR, answer="nil", example="hq.addClientToGroup(2, 7)")
async def add_client_to_group(call: Call, group_id: kinds.Id, client_id: kinds.Id) -> None:
    """Make a client a member of a group; nothing happens when it is one. Fault 404: no such group or client."""
    await call.change(SetMember(group_id, client_id, member=True, user=call.caller.name))


@SECTION.method("removeClientFromGroup", Role.OPERATOR, answer="nil", example="hq.removeClientFromGroup(2, 7)")
async def remove_client_from_group(call: Call, group_id: kinds.Id, client_id: kinds.Id) -> None:
    """Take a client out of a group; nothing happens when it is in none. Fault 404: no such group or client."""
    await call.change(SetMember(group_id, client_id, member=False, user=call.caller.name))


@SECTION.method("deleteClientGroup", Role.OPERATOR, answer="nil", example="hq.deleteClientGroup(2)")
async def delete_client_group(call: Call, group_id: kinds.Id) -> None:
    """Delete a client group; its clients stay. Jobs that ask for it wait, and say so. Fault 404: no such group."""
    await call.change(DeleteGroup(group_id, call.caller.name))


@SECTION.method("renameClientGroup", Role.OPERATOR, answer="nil", example='hq.renameClientGroup(2, "sim")', ours=True)
async def rename_client_group(call: Call, group_id: kinds.Id, name: kinds.Name) -> None:
    """Give a client group another name. Jobs that ask for the old name do not find it any more.

    Fault 404: no such group; 409: there is another group of this name.
    """
    await call.change(RenameGroup(group_id, name, call.caller.name))
