"""Client groups: who is in which, and what a change means for jobs that ask for a group.

The names of groups stand in conditions, so after a change each client whose groups it concerns is looked at anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core.commands import CreateGroup, DeleteGroup, Refused, RenameGroup, SetMember
from hqserver.core.kept import Group, Kept
from hqserver.core.records import Client, Instant

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

NOT_FOUND, CONFLICT = 404, 409


def create(farm: Farm, command: CreateGroup, _now: Instant) -> int:
    """The id of the new group."""
    _refuse_taken(farm, command.name)
    group = Group(farm.new_id(Kept.GROUPS), command.name)
    farm.groups[group.id] = group
    farm.group_of_name[group.name] = group
    farm.touch(Kept.GROUPS, group)
    return group.id


def rename(farm: Farm, command: RenameGroup, _now: Instant) -> None:
    """Jobs that ask for the old name do not find it any more."""
    group = _known(farm, command.group)
    if group.name == command.name:
        return
    _refuse_taken(farm, command.name)
    del farm.group_of_name[group.name]
    group.name = command.name
    farm.group_of_name[group.name] = group
    farm.touch(Kept.GROUPS, group)
    for id_ in group.clients:
        farm.planner.client_changed(farm.clients[id_])


def delete(farm: Farm, command: DeleteGroup, _now: Instant) -> None:
    """Its clients stay; jobs that ask for it wait, and say so."""
    group = _known(farm, command.group)
    del farm.groups[group.id]
    del farm.group_of_name[group.name]
    farm.drop(Kept.GROUPS, group)
    for id_ in group.clients:
        _set_groups(farm, farm.clients[id_], set(farm.clients[id_].groups) - {group.id})


def set_member(farm: Farm, command: SetMember, _now: Instant) -> None:
    """In or out; nothing happens when it is so already."""
    group = _known(farm, command.group)
    client = farm.clients.get(command.client)
    if client is None:
        raise Refused(NOT_FOUND, f"client_id: no client {command.client}")
    if (client.id in group.clients) is command.member:
        return
    if command.member:
        group.clients[client.id] = None
        _set_groups(farm, client, {*client.groups, group.id})
    else:
        del group.clients[client.id]
        _set_groups(farm, client, set(client.groups) - {group.id})
    farm.touch(Kept.GROUPS, group)


def leave_all(farm: Farm, client: Client) -> None:
    """A client is removed."""
    for id_ in client.groups:
        group = farm.groups[id_]
        del group.clients[client.id]
        farm.touch(Kept.GROUPS, group)


def names(farm: Farm, client: Client) -> tuple[str, ...]:
    """The names of the client's groups, as conditions compare them."""
    return tuple(farm.groups[id_].name for id_ in client.groups)


def _set_groups(farm: Farm, client: Client, ids: set[int]) -> None:
    client.groups = tuple(sorted(ids))
    farm.touch_client(client)
    farm.planner.client_changed(client)


def _known(farm: Farm, id_: int) -> Group:
    group = farm.groups.get(id_)
    if group is None:
        raise Refused(NOT_FOUND, f"group_id: no client group {id_}")
    return group


def _refuse_taken(farm: Farm, name: str) -> None:
    if name in farm.group_of_name:
        raise Refused(CONFLICT, f"name: there is a client group {name[:60]!r} already")
