"""What a client is told to start, made from what is known of the job now."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hqserver.core import folders
from hqserver.core.records import Attempt, Client, Job
from hqserver.wire.agent import Start

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def start_order(farm: Farm, job: Job, attempt: Attempt, client: Client) -> Start:
    """The order to run an attempt; repeated as it is when the agent may not have heard it."""
    spec = job.spec
    start = Start(
        number=0,
        job=job.id,
        attempt=attempt.number,
        root=job.root,
        name=spec.name,
        command=spec.command_for(client.machine.platform),
        shell=spec.shell,
        cpus=attempt.cpus,
        environment=spec.environment,
        hosts=tuple(farm.clients[id_].hostname for id_ in attempt.clients if id_ in farm.clients),
        folders=folders.variables(farm, client.machine.platform),
        lease=attempt.lease,
        max_time=spec.max_time or 0.0,
        no_output_timeout=spec.no_output_timeout or 0.0,
    )
    return _for_hook(farm, job, client, start) if attempt is job.hook else start


def _for_hook(farm: Farm, job: Job, client: Client, start: Start) -> Start:
    """In the surroundings of the command that it follows."""
    number = job.attempt.number if job.attempt is not None else 0
    return replace(
        start,
        command=job.spec.hook_for(job.hooks.due[0], client.machine.platform),
        environment={**start.environment, "HQ_ATTEMPT": str(number)},
        max_time=farm.settings.hook_time,
        no_output_timeout=0.0,
    )
