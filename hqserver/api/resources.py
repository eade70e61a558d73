"""Resources: licences and whatever else the farm has only so many of."""

from __future__ import annotations

from typing import Final

from hqserver.api import kinds
from hqserver.api.context import Call
from hqserver.api.registry import Section
from hqserver.api.rows import row_reader, rows_of
from hqserver.core.commands import CreateResource, DeleteResource, SetAmount
from hqserver.core.reading_kept import RESOURCE
from hqserver.wire.encoder import Encoded
from hqserver.wire.resources import ATTRIBUTES
from hqserver.wire.roles import Role

SECTION: Final = Section(
    "Resources",
    "A job that asks for amounts of resources starts when they are free. A resource per job is taken by each job; of "
    "one per machine, a unit serves all jobs on the machine.",
)


@SECTION.method("getResources", Role.VIEWER, answer="list of dict", example="hq.getResources()")
async def get_resources(call: Call, resource_ids: kinds.Ids | None = None) -> Encoded:
    """Resources with the amount in use and who holds it, one dict for each id; without ids, all, ascending."""
    resources = call.farm.resources
    wanted = sorted(resources) if resource_ids is None else resource_ids
    found = [resources[id_] for id_ in wanted if id_ in resources]
    return await rows_of(call, found, row_reader(call.farm, RESOURCE, ATTRIBUTES, None))


@SECTION.method("createResource", Role.OPERATOR, answer="int", example='hq.createResource("nuke", 12, True)', ours=True)
async def create_resource(call: Call, name: kinds.Name, amount: kinds.Count, per_machine: kinds.Flag = False) -> int:
    """Create a resource; answers its id. Fault 409: there is a resource of this name."""
    id_: int = await call.change(CreateResource(name, amount, per_machine, call.caller.name))
    return id_


@SECTION.method("setResourceAmount", Role.OPERATOR, answer="nil", example='hq.setResourceAmount("nuke", 20)', ours=True)
async def set_resource_amount(call: Call, name: kinds.Name, amount: kinds.Count) -> None:
    """Say how many there are. Fault 404: no such resource; 409: more are in use."""
    await call.change(SetAmount(name, amount, call.caller.name))


@SECTION.method("deleteResource", Role.OPERATOR, answer="nil", example='hq.deleteResource("nuke")', ours=True)
async def delete_resource(call: Call, name: kinds.Name) -> None:
    """Delete a resource. Jobs that ask for it wait, and say so. Fault 404: no such resource; 409: some are in use."""
    await call.change(DeleteResource(name, call.caller.name))
