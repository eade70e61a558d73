"""What a live attempt takes of its client. One place takes it, one gives it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core.planner import is_usable
from hqserver.core.records import Attempt, Client, Job
from hqserver.wire.jobs import SINGLE, JobSpec

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def cpus_on(spec: JobSpec, client: Client) -> int:
    """What a job takes of a client; a single one takes all of it."""
    return max(spec.cpus, client.machine.cpus if SINGLE in spec.tags else 1)


def occupy(farm: Farm, job: Job, attempt: Attempt) -> None:
    """The attempt holds its cpus from now on."""
    client = farm.clients.get(attempt.client)
    if client is not None:
        client.attempts[job.id] = attempt
        client.cpus_used += attempt.cpus
        farm.touch_client(client, stored=False)


def vacate(farm: Farm, job: Job, attempt: Attempt) -> None:
    """The attempt is over; what it held is free, if it held anything."""
    client = farm.clients.get(attempt.client)
    if client is not None and client.attempts.get(job.id) is attempt:
        del client.attempts[job.id]
        client.cpus_used -= attempt.cpus
        farm.touch_client(client, stored=False)
        if is_usable(client):
            farm.planner.client_changed(client)
