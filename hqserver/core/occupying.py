"""What a live attempt takes: cpus on each of its clients, and resources. One place takes it, one gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core import supply
from hqserver.core.records import Attempt, Client, Job
from hqserver.wire.jobs import SINGLE, JobSpec

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def cpus_on(spec: JobSpec, client: Client) -> int:
    """What a job takes of a client; a single one takes all of it."""
    return max(spec.cpus, client.machine.cpus if SINGLE in spec.tags else 1)


def occupy(farm: Farm, job: Job, attempt: Attempt) -> None:
    """The attempt holds its cpus and resources from now on."""
    for id_ in attempt.clients:
        client = farm.clients.get(id_)
        if client is not None:
            (client.attempts if id_ == attempt.client else client.helps)[job.id] = attempt
            client.cpus_used += _cpus(attempt, id_)
            farm.planner.room_changed(client)
            farm.touch_client(client, stored=False)
    supply.take(farm, job, attempt)


def vacate(farm: Farm, job: Job, attempt: Attempt) -> None:
    """The attempt is over; what it held is free, if it held anything."""
    for id_ in attempt.clients:
        client = farm.clients.get(id_)
        held = None if client is None else client.attempts if id_ == attempt.client else client.helps
        if client is not None and held is not None and held.get(job.id) is attempt:
            del held[job.id]
            client.cpus_used -= _cpus(attempt, id_)
            farm.planner.room_changed(client)
            farm.touch_client(client, stored=False)
    supply.release(farm, job, attempt)


def _cpus(attempt: Attempt, client: int) -> int:
    return attempt.cpus if client == attempt.client else attempt.helpers[client]
