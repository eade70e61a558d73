"""What people do to jobs: each action on the jobs that are named and on those linked to them.

| action     | reaches                                    | acts on                                |
|------------|--------------------------------------------|----------------------------------------|
| pause      | the job and its descendants                | unfinished ones                        |
| resume     | the job and its descendants                | paused ones                            |
| cancel     | the job and its descendants                | unfinished ones                        |
| eject      | the job and its descendants                | those that have a client               |
| reschedule | the job, its failed descendants, ancestors | finished and abandoned ones            |
| delete     | the job and what only it holds             | nothing unless all of that is finished |
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hqserver.core import attempts, blocking, families, lives, notes, rollups
from hqserver.core.commands import Act, Refused, SetConditions, SetPriority, Verb
from hqserver.core.records import Instant, Job
from hqserver.wire.agent import EndReason, Pause, Resume
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

NOT_FOUND: Final = 404
_REVIVED_OR_WAITING: Final = frozenset(
    {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ABANDONED, JobStatus.QUEUED, JobStatus.PAUSED}
)


def act(farm: Farm, command: Act, now: Instant) -> int:
    """Do it to every named job that exists; answers how many jobs it changed."""
    named = [farm.jobs[id_] for id_ in dict.fromkeys(command.ids) if id_ in farm.jobs]
    if command.verb is Verb.DELETE:
        return _delete(farm, named)
    if command.verb is Verb.RESCHEDULE:
        return _reschedule(farm, named, now)
    one = _ACTIONS[command.verb]
    return sum(one(farm, job, now) for job in _with_descendants(farm, named))


def set_priority(farm: Farm, command: SetPriority, now: Instant) -> int:
    """Of the jobs and their unfinished descendants; answers how many jobs it changed."""
    named = [farm.jobs[id_] for id_ in dict.fromkeys(command.ids) if id_ in farm.jobs]
    asked = {job.id for job in named}
    changed = 0
    for job in _with_descendants(farm, named):
        if job.priority != command.priority and (job.id in asked or job.status not in FINISHED):
            message = f"{job.priority} to {command.priority}"
            job.priority = command.priority
            farm.write_log(job, now, JobEvent.PRIORITY_CHANGED, message=message)
            farm.touch_job(job)
            farm.planner.consider(job)
            changed += 1
    return changed


def set_conditions(farm: Farm, command: SetConditions, now: Instant) -> None:
    """Which clients may run the job, and those below it that inherit from it, from their next start on."""
    job = farm.jobs.get(command.job)
    if job is None:
        raise Refused(NOT_FOUND, f"job_id: no job {command.job}")
    if job.spec.conditions != command.conditions:
        farm.respecify(job, replace(job.spec, conditions=command.conditions))
        conditions_changed(farm, job)


def conditions_changed(farm: Farm, job: Job) -> None:
    """A job has other conditions; whoever inherits them has too."""
    for below in _with_descendants(farm, [job]):
        if below is not job and not below.spec.conditions:
            farm.touch_job(below)
        farm.planner.consider(below)


def _with_descendants(farm: Farm, jobs: Iterable[Job]) -> list[Job]:
    """The jobs and their descendants, each once."""
    found: dict[int, Job] = {}
    for job in jobs:
        if job.id not in found:
            found[job.id] = job
            found.update((child.id, child) for child in rollups.descendants(farm.jobs, job))
    return list(found.values())


def _pause(farm: Farm, job: Job, now: Instant) -> bool:
    if job.status in FINISHED or job.status in PAUSED_OR_PAUSING or job.ending or job.status is JobStatus.ABANDONED:
        return False
    attempt = job.live_attempt
    if attempt is None:
        lives.become(farm, job, JobStatus.PAUSED, now)
    else:
        lives.become(farm, job, JobStatus.PAUSING, now)
        farm.order(attempt.client, Pause(0, job.id, attempt.number))
    return True


def _resume(farm: Farm, job: Job, now: Instant) -> bool:
    if job.status not in PAUSED_OR_PAUSING:
        return False
    attempt = job.live_attempt
    if attempt is None:
        lives.release(farm, job, now, event=JobEvent.RESUMED)
    else:
        lives.become(farm, job, JobStatus.RESUMING, now)
        farm.order(attempt.client, Resume(0, job.id, attempt.number))
    return True


def _cancel(farm: Farm, job: Job, now: Instant) -> bool:
    """A job without a client is cancelled when its last child is; with one, when the client has confirmed it."""
    if job.status in FINISHED or job.ending == EndReason.CANCELLED:
        return False
    if job.live_attempt is not None:
        attempts.end_attempt(farm, job, EndReason.CANCELLED, now)
    elif job.unfinished_children:
        job.ending = EndReason.CANCELLED
        farm.write_log(job, now, JobEvent.CANCELLING)
        if job.status is not JobStatus.QUEUED:
            lives.become(farm, job, JobStatus.QUEUED, now)
        farm.touch_job(job)
        farm.disturbed.append(job.id)
    else:
        lives.become(farm, job, JobStatus.CANCELLED, now)
    return True


def _eject(farm: Farm, job: Job, now: Instant) -> bool:
    if job.live_attempt is None or job.ending:
        return False
    attempts.end_attempt(farm, job, EndReason.EJECTED, now)
    return True


def _reschedule(farm: Farm, named: Iterable[Job], now: Instant) -> int:
    """Named jobs and what failed below them run again; finished ancestors wait for them again by themselves.

    Below a named job that only waits for its children, what failed is revived too; one that runs is left alone.
    """
    chosen: dict[int, Job] = {}
    stack = list(named)
    seen: set[int] = set()
    while stack:
        job = stack.pop()
        if job.id in seen:
            continue
        seen.add(job.id)
        if job.status in FINISHED or job.status is JobStatus.ABANDONED:
            chosen[job.id] = job
        elif job.live_attempt is not None:
            continue
        stack += (child for id_ in job.children if (child := farm.jobs[id_]).status in _REVIVED_OR_WAITING)
    for job in chosen.values():
        if job.status is JobStatus.ABANDONED:
            attempts.end_attempt(farm, job, EndReason.EJECTED, now)
        else:
            lives.become(farm, job, JobStatus.QUEUED, now, event=JobEvent.RESCHEDULED)
        farm.disturbed.append(job.id)
    for root in dict.fromkeys(job.root for job in chosen.values()):
        blocking.forgive(farm, farm.jobs[root])
    return len(chosen)


def _delete(farm: Farm, named: Iterable[Job]) -> int:
    """Each named job with everything that hangs on it alone, if all of that is finished."""
    count = 0
    for job in named:
        if job.id in farm.jobs:
            doomed = families.held_only_by(farm.jobs, job)
            if all(item.status in FINISHED for item in doomed.values()):
                families.remove(farm, doomed)
                notes.forget_jobs(farm, doomed)
                count += len(doomed)
    return count


_ACTIONS: Final[dict[Verb, Callable[[Farm, Job, Instant], bool]]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.CANCEL: _cancel,
    Verb.EJECT: _eject,
}
