"""Resources of which the farm has only so many: made, changed, deleted. Who holds some is the planner's affair."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core.commands import CreateResource, DeleteResource, Refused, SetAmount
from hqserver.core.kept import Kept, Resource
from hqserver.core.records import Instant

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

NOT_FOUND, CONFLICT = 404, 409


def create(farm: Farm, command: CreateResource, _now: Instant) -> int:
    """The id of the new resource."""
    if command.name in farm.resource_of_name:
        raise Refused(CONFLICT, f"name: there is a resource {command.name[:60]!r} already")
    resource = Resource(farm.new_id(Kept.RESOURCES), command.name, command.amount, command.per_machine)
    farm.resources[resource.id] = resource
    farm.resource_of_name[resource.name] = resource
    farm.touch(Kept.RESOURCES, resource)
    farm.planner.resource_changed(resource.name)
    return resource.id


def set_amount(farm: Farm, command: SetAmount, _now: Instant) -> None:
    """How many there are; never fewer than are in use."""
    resource = _known(farm, command.name)
    if command.amount < resource.in_use:
        raise Refused(CONFLICT, f"amount: {resource.in_use} of {resource.name[:60]!r} are in use, got {command.amount}")
    if command.amount != resource.amount:
        resource.amount = command.amount
        farm.touch(Kept.RESOURCES, resource)
        farm.planner.resource_changed(resource.name)


def delete(farm: Farm, command: DeleteResource, _now: Instant) -> None:
    """Jobs that ask for it wait, and say so."""
    resource = _known(farm, command.name)
    if resource.in_use:
        raise Refused(CONFLICT, f"name: {resource.in_use} of {resource.name[:60]!r} are in use")
    del farm.resources[resource.id]
    del farm.resource_of_name[resource.name]
    farm.drop(Kept.RESOURCES, resource)
    farm.planner.resource_changed(resource.name)


def _known(farm: Farm, name: str) -> Resource:
    resource = farm.resource_of_name.get(name)
    if resource is None:
        raise Refused(NOT_FOUND, f"name: no resource {name[:60]!r}")
    return resource
