"""Blocked clients: a client on which too many attempts of one root job's family failed gets no more of that family.

The count is the root job's and is kept with it; the planner is told which clients are out. Whoever reschedules a job of
the family gives every client another chance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core import rollups
from hqserver.core.commands import Refused, Unblock
from hqserver.core.records import Client, Instant, Job
from hqserver.wire.statuses import JobEvent

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def failed(farm: Farm, client: Client, job: Job, now: Instant) -> None:
    """An attempt of a job has failed on a client."""
    root = farm.jobs.get(job.root)
    limit = farm.settings.client_failure_limit
    if root is None or limit <= 0:
        return
    count = root.client_failures.get(client.id, 0) + 1
    root.client_failures = {**root.client_failures, client.id: count}
    farm.touch_job(root)
    if count == limit + 1:
        root.show_blocked_warning = True
        farm.write_log(root, now, JobEvent.BLOCKED, client.label, f"{count} jobs failed there, more than {limit}")
        _tell(farm, root)


def remember(farm: Farm, root: Job) -> None:
    """A root job has come into the farm with what was counted before."""
    over = blocked(farm, root)
    if over:
        farm.planner.blocked[root.id] = dict.fromkeys(over)


def forget(farm: Farm, root: int) -> None:
    """A root job is no longer part of the farm."""
    farm.planner.blocked.pop(root, None)


def forgive(farm: Farm, root: Job) -> None:
    """Every client is tried again."""
    if root.client_failures:
        was_blocked = bool(blocked(farm, root))
        root.client_failures = {}
        root.show_blocked_warning = root.show_blocked_warning and not was_blocked
        farm.touch_job(root)
        if was_blocked:
            _tell(farm, root)


def unblock(farm: Farm, command: Unblock, _now: Instant) -> None:
    """Somebody says that the clients are well again."""
    job = farm.jobs.get(command.job)
    if job is None:
        raise Refused(404, f"job_id: no job {command.job}")
    forgive(farm, farm.jobs.get(job.root, job))


def blocked(farm: Farm, root: Job) -> list[int]:
    """The clients that get no more jobs of this root's family, ascending."""
    limit = farm.settings.client_failure_limit
    if limit <= 0 or not root.client_failures:
        return []
    return sorted(client for client, count in root.client_failures.items() if count > limit)


def _tell(farm: Farm, root: Job) -> None:
    over = blocked(farm, root)
    if over:
        farm.planner.blocked[root.id] = dict.fromkeys(over)
    else:
        farm.planner.blocked.pop(root.id, None)
    farm.planner.blocked_changed(root.id, [root, *rollups.descendants(farm.jobs, root)])
