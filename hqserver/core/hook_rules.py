"""Which hooks belong to which end of a job, and which of them are due; pure, and known to `lives`."""

from __future__ import annotations

from dataclasses import replace

from hqserver.core.records import Hooks, Job
from hqserver.wire.jobs import Hook
from hqserver.wire.statuses import JobStatus


def of_end(job: Job, status: JobStatus) -> tuple[Hook, ...]:
    """The hooks that belong to an end of a job none of whose children is unfinished."""
    if status is JobStatus.SUCCEEDED:
        return (Hook.ON_SUCCESS,)
    if status is JobStatus.FAILED:
        return (Hook.ON_CHILD_ERROR, Hook.ON_ERROR) if job.failed_children else (Hook.ON_ERROR,)
    return ()


def wait_for_client(job: Job, outcome: JobStatus, message: str) -> bool:
    """Whether a job whose children are all finished needs a client for its hooks before it ends so."""
    due = tuple(name for name in of_end(job, outcome) if name not in job.hooks.ran and job.spec.hooks.get(name))
    if not due:
        return False
    job.hooks = replace(job.hooks, due=due, outcome=outcome, message=message)
    return True


def forget_due(job: Job) -> None:
    """What the job was about to end as is no longer so."""
    if job.hooks.outcome is not None:
        job.hooks = replace(job.hooks, due=(), outcome=None, message="")


def begin_anew(job: Job, *, same_log: bool) -> None:
    """Its command is started (again), or it is queued again: its hooks have not run yet."""
    if job.spec.hooks:
        job.hooks = Hooks(count=job.hooks.count, output_bytes=job.hooks.output_bytes if same_log else 0)
