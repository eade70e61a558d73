"""The life of one job: the only place where a status is assigned, and what an end means to the family.

A job is looked at again (`settle`) whenever its last unfinished child ended or it was set free: then it follows from
the ends of its children, and of its own command if that has run, what becomes of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core import hook_rules, notes, rollups
from hqserver.core.records import Instant, Job
from hqserver.wire.statuses import FINISHED, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_S = JobStatus
TRANSITIONS: Final[dict[JobStatus, frozenset[JobStatus]]] = {
    _S.QUEUED: FINISHED | {_S.RUNNABLE, _S.PAUSED},
    _S.RUNNABLE: FINISHED | {_S.QUEUED, _S.RUNNING, _S.PAUSED, _S.PAUSING, _S.ABANDONED},
    _S.RUNNING: FINISHED | {_S.QUEUED, _S.RUNNABLE, _S.PAUSING, _S.ABANDONED},
    _S.PAUSING: FINISHED | {_S.QUEUED, _S.RUNNABLE, _S.PAUSED, _S.RESUMING, _S.ABANDONED},
    _S.PAUSED: FINISHED | {_S.QUEUED, _S.RUNNABLE, _S.RESUMING, _S.ABANDONED},
    _S.RESUMING: FINISHED | {_S.QUEUED, _S.RUNNABLE, _S.RUNNING, _S.PAUSING, _S.PAUSED, _S.ABANDONED},
    _S.SUCCEEDED: frozenset({_S.QUEUED}),
    _S.FAILED: frozenset({_S.QUEUED}),
    _S.CANCELLED: frozenset({_S.QUEUED}),
    _S.ABANDONED: FINISHED | {_S.QUEUED, _S.RUNNABLE, _S.RUNNING, _S.PAUSED},
}
"""From each status, where a job may go."""


def become(
    farm: Farm, job: Job, status: JobStatus, now: Instant, message: str = "", client: str = "", event: str = ""
) -> None:
    """Give a job another status, with everything that follows at once: indexes, log, totals, its parents' counts."""
    former = job.status
    if status is former:
        return
    _turn(farm, job, status, now, message, client, event)
    if status in FINISHED:
        _finish(farm, job, now)
    elif former in FINISHED:
        _reopen(farm, job, former)
    _tell(farm, job)


def reschedule(farm: Farm, job: Job, now: Instant) -> None:
    """A finished job is queued again. With nothing to wait for it is ready at once, and its totals change but once."""
    former = job.status
    _turn(farm, job, JobStatus.QUEUED, now, event=JobEvent.RESCHEDULED)
    _reopen(farm, job, former)
    if not _must_wait(job):
        _turn(farm, job, JobStatus.RUNNABLE, now)
    _tell(farm, job)


def _turn(
    farm: Farm, job: Job, status: JobStatus, now: Instant, message: str = "", client: str = "", event: str = ""
) -> None:
    """The status itself, where it is looked up by it, and what is written about it."""
    former = job.status
    assert status in TRANSITIONS[former], f"job {job.id} cannot go from {former} to {status}"
    job.status = status
    del farm.jobs_of_status[former][job.id]
    farm.jobs_of_status[status][job.id] = None
    farm.write_log(job, now, event or status, client, message)
    notes.job_became(farm, job, now, message)


def _tell(farm: Farm, job: Job) -> None:
    """Whoever follows from the job's status."""
    refresh(farm, job)
    _touch_client(farm, job)
    farm.planner.consider(job)


def _touch_client(farm: Farm, job: Job) -> None:
    """What a client says of its running jobs follows from their statuses."""
    attempt = job.live_attempt
    client = farm.clients.get(attempt.client) if attempt is not None else None
    if client is not None:
        farm.touch_client(client, stored=False)


def refresh(farm: Farm, job: Job) -> None:
    """Something about a job changed: tell its ancestors' totals, and touch whom it concerns."""
    new = rollups.share(job)
    if new != job.share:
        delta = rollups.difference(job.share, new)
        job.share = new
        for parent in rollups.ancestors(farm.jobs, job):
            parent.totals = rollups.change(parent.totals, delta)
            farm.touch_job_once(parent)
    farm.touch_job(job)


def settle(farm: Farm, job: Job | None, now: Instant) -> None:
    """Decide what a queued job becomes now that no child is unfinished; nothing for any other job."""
    if job is None or job.status is not JobStatus.QUEUED or job.unfinished_children:
        return
    hook_rules.forget_due(job)
    status, message = _outcome(job)
    if status in FINISHED and not job.ending and hook_rules.wait_for_client(job, status, message):
        status = JobStatus.RUNNABLE
    become(farm, job, status, now, message)


def release(farm: Farm, job: Job, now: Instant, message: str = "", event: str = "") -> None:
    """Back into the queue: a job without a live attempt waits for its children or for a client."""
    become(farm, job, JobStatus.QUEUED if _must_wait(job) else JobStatus.RUNNABLE, now, message, event=event)
    farm.disturbed.append(job.id)


def command_ended(farm: Farm, job: Job, status: JobStatus, now: Instant, message: str, client: str) -> None:
    """A job's command is over for good: it ends, or waits with this verdict for the children it gained meanwhile."""
    if job.unfinished_children:
        job.verdict = status
        become(farm, job, JobStatus.QUEUED, now, message, client)
    else:
        status, message = end_with_children(job, status, message)
        become(farm, job, status, now, message, client)


def end_with_children(job: Job, status: JobStatus, message: str) -> tuple[JobStatus, str]:
    """How a job ends whose command ended so, by what its finished children say; and why."""
    if status is JobStatus.SUCCEEDED and _worst_child(job) is not None:
        return _worst_child(job) or status, _children_say(job)
    return status, message


def _must_wait(job: Job) -> bool:
    """Whether the planner has no business with it yet: children, a verdict, a wish to end, or no command."""
    if job.hooks.due:
        return bool(job.unfinished_children)
    return bool(job.unfinished_children or job.verdict or not job.spec.has_command or _worst_child(job))


def _outcome(job: Job) -> tuple[JobStatus, str]:
    if job.ending:
        return JobStatus.CANCELLED, ""
    worst = _worst_child(job)
    if worst is not None:
        return worst, _children_say(job)
    if job.verdict is not None:
        return job.verdict, ""
    if not job.spec.has_command:
        return JobStatus.SUCCEEDED, ""
    return JobStatus.RUNNABLE, ""


def _worst_child(job: Job) -> JobStatus | None:
    if job.failed_children:
        return JobStatus.FAILED
    return JobStatus.CANCELLED if job.cancelled_children else None


def _children_say(job: Job) -> str:
    if job.failed_children:
        return f"{job.failed_children} of {len(job.children)} children failed"
    return f"{job.cancelled_children} of {len(job.children)} children were cancelled"


def _finish(farm: Farm, job: Job, now: Instant) -> None:
    job.ended_at = max(now.wall, job.started_at or job.queued_at)  # clocks are set back
    job.ending = ""
    hook_rules.forget_due(job)
    if not job.parents:
        farm.unfinished_roots.pop(job.id, None)
        farm.finished_roots[job.id] = None
    for id_ in job.parents:
        parent = farm.jobs[id_]
        parent.unfinished_children -= 1
        count_child(parent, job.status, 1)
        if not parent.unfinished_children:
            farm.disturbed.append(id_)


def _reopen(farm: Farm, job: Job, former: JobStatus) -> None:
    """A finished job is queued again, with all its tries.

    Its parents are looked at next, so a chain of any length is no recursion.
    """
    job.ended_at = job.started_at = job.progress_at = None
    job.progress = 0.0
    job.verdict = None
    job.tries_left = job.spec.tries_left
    job.times_lost = 0
    hook_rules.begin_anew(job, same_log=True)
    if not job.parents:
        farm.finished_roots.pop(job.id, None)
        farm.unfinished_roots[job.id] = None
    for id_ in job.parents:
        parent = farm.jobs[id_]
        parent.unfinished_children += 1
        count_child(parent, former, -1)
        farm.must_wait.append(id_)


def wait_for_children(farm: Farm, parent: Job | None, now: Instant) -> None:
    """A job has an unfinished child (again): if it was finished or ready, it waits."""
    if parent is None or not parent.unfinished_children:
        return
    if parent.status in FINISHED:
        become(farm, parent, JobStatus.QUEUED, now, event=JobEvent.REOPENED)
    elif parent.status is JobStatus.RUNNABLE and parent.live_attempt is None:
        become(farm, parent, JobStatus.QUEUED, now)


def count_child(parent: Job, status: JobStatus, by: int) -> None:
    """Keep the parent's counts of ends that matter to it."""
    if status is JobStatus.FAILED:
        parent.failed_children += by
    elif status is JobStatus.CANCELLED:
        parent.cancelled_children += by
