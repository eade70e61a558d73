"""The rule of resources: is there enough of what a job asks for, and who holds it while its command runs.

Per job, a resource is taken by amount. Per machine, one unit serves every job on a client that holds one already.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hqserver.core.kept import Kept, Resource
from hqserver.core.records import Attempt, Job
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.wants import Wants


class Lack(NamedTuple):
    """A resource of which there is too little, and how."""

    name: str
    reason: Reason


def lacks(farm: Farm, wants: Wants, clients: Sequence[int]) -> list[Lack]:
    """What is missing for a job that wants this to run on these clients now; for none: wherever it may be."""
    found = []
    for name, amount in wants.resources:
        resource = farm.resource_of_name.get(name)
        if resource is None:
            found.append(Lack(name, Reason.RESOURCE_UNKNOWN))
        elif resource.in_use + needed(resource, amount, wants.least, clients) > resource.amount:
            hopeless = is_too_small(resource, amount, wants.least)
            found.append(Lack(name, Reason.RESOURCE_SMALL if hopeless else Reason.RESOURCE))
    return found


def needed(resource: Resource, amount: int, least: int, clients: Sequence[int]) -> int:
    """How many more units a job takes on these clients; for none: on so many at least of which nothing is known yet."""
    if clients or not resource.per_machine:
        return resource.would_take(clients, amount)
    return 1 if least == 1 else max(0, least - len(resource.clients))


def is_too_small(resource: Resource, amount: int, least: int) -> bool:
    """Whether the farm will never have enough of it, as things are."""
    return in_all(resource, amount, least) > resource.amount


def in_all(resource: Resource, amount: int, least: int) -> int:
    """How many units a job holds that runs on so many clients, those that are held there already among them."""
    return least if resource.per_machine else amount


def take(farm: Farm, job: Job, attempt: Attempt) -> None:
    """An attempt holds what its job asks for from now on."""
    if attempt is job.hook:
        return
    for name, amount in job.spec.resources.items():
        resource = farm.resource_of_name.get(name)
        if resource is not None:
            resource.take(job.id, attempt.clients, amount)
            if resource.per_machine:
                farm.planner.units_taken(attempt.clients)
            farm.touch(Kept.RESOURCES, resource, stored=False)
            farm.planner.resource_taken()


def release(farm: Farm, job: Job, attempt: Attempt) -> None:
    """It holds nothing any more."""
    for name in job.spec.resources:
        resource = farm.resource_of_name.get(name)
        if resource is not None and resource.release(job.id, attempt.clients):
            farm.touch(Kept.RESOURCES, resource, stored=False)
            farm.planner.resource_changed(name)
