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

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from hqserver.core import attempts, blocking, families, lives, notes, rollups
from hqserver.core.commands import Act, SetPriority, Verb
from hqserver.core.records import Instant, Job
from hqserver.wire.agent import EndReason, Pause, Resume
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

Clock = Callable[[], Instant]
Steps = Generator[None, None, int]
"""A change in parts: what is to be done between them is the caller's."""
JOBS_A_STEP: Final = 100
_REVIVED_OR_WAITING: Final = frozenset(
    {JobStatus.FAILED, JobStatus.CANCELLED, JobStatus.ABANDONED, JobStatus.QUEUED, JobStatus.PAUSED}
)


def act(farm: Farm, command: Act, now: Instant) -> int:
    """Do it to every named job that exists; answers how many jobs it changed."""
    return at_once(steps(farm, command, lambda: now))


def steps(farm: Farm, command: Act, clock: Clock) -> Steps:
    """The same in parts, between which others may change the farm: each job is looked at when its turn comes."""
    named = _named(farm, command.ids)
    if command.verb is Verb.DELETE:
        return (yield from _delete(farm, named))
    if command.verb is Verb.RESCHEDULE:
        return (yield from _reschedule(farm, named, clock))
    one = _ACTIONS[command.verb]
    changed = 0
    for part in _parts(farm, sorted(with_descendants(farm, named), key=_turn)):
        now = clock()
        changed += sum(one(farm, job, now) for job in part)
        yield
    return changed


def set_priority(farm: Farm, command: SetPriority, now: Instant) -> int:
    """Of the jobs and their unfinished descendants; answers how many jobs it changed."""
    return at_once(priority_steps(farm, command, lambda: now))


def priority_steps(farm: Farm, command: SetPriority, clock: Clock) -> Steps:
    """The same in parts."""
    named = _named(farm, command.ids)
    asked = {job.id for job in named}
    changed = 0
    for part in _parts(farm, with_descendants(farm, named)):
        now = clock()
        for job in part:
            if job.priority != command.priority and (job.id in asked or job.status not in FINISHED):
                message = f"{job.priority} to {command.priority}"
                job.priority = command.priority
                farm.write_log(job, now, JobEvent.PRIORITY_CHANGED, message=message)
                farm.touch_job(job)
                farm.planner.consider(job)
                changed += 1
        yield
    return changed


def at_once(work: Steps) -> int:
    """What the steps answer, without a pause."""
    while True:
        try:
            next(work)
        except StopIteration as done:
            return int(done.value)


def with_descendants(farm: Farm, jobs: Iterable[Job]) -> list[Job]:
    """The jobs and their descendants, each once."""
    found: dict[int, Job] = {}
    for job in jobs:
        if job.id not in found:
            found[job.id] = job
            found.update((child.id, child) for child in rollups.descendants(farm.jobs, job))
    return list(found.values())


def _named(farm: Farm, ids: Iterable[int]) -> list[Job]:
    return [farm.jobs[id_] for id_ in dict.fromkeys(ids) if id_ in farm.jobs]


def _parts(farm: Farm, jobs: Sequence[Job]) -> Iterator[list[Job]]:
    """A few jobs at a time; those that were deleted meanwhile are left out."""
    for start in range(0, len(jobs), JOBS_A_STEP):
        yield [job for job in jobs[start : start + JOBS_A_STEP] if farm.jobs.get(job.id) is job]


def _turn(job: Job) -> int:
    """Whoever waits comes before those whose end makes room, so that nothing is started only to be ended."""
    if job.unfinished_children:
        return 0
    return 1 if job.live_attempt is None else 2


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
    """What is to end already is waited for, but not for a client that cannot confirm it any more."""
    attempt = job.live_attempt
    if attempt is None:
        return False
    if not job.ending:
        attempts.end_attempt(farm, job, EndReason.EJECTED, now)
        return True
    client = farm.clients.get(attempt.client)
    if client is not None and client.online:
        return False
    attempts.over(farm, job, attempt, EndReason.EJECTED, now)
    return True


def _reschedule(farm: Farm, named: Iterable[Job], clock: Clock) -> Steps:
    """Named jobs and what failed below them run again; finished ancestors wait for them again by themselves.

    Below a named job that only waits for its children, what failed is revived too; one that runs is left alone.
    Children come first, so that no parent is looked at while those that failed are still to be revived.
    """
    chosen = _revived(farm, named)
    for root in dict.fromkeys(job.root for job in chosen):
        if root in farm.jobs:
            blocking.forgive(farm, farm.jobs[root])
    for part in _parts(farm, chosen[::-1]):
        now = clock()
        for job in part:
            if job.status is JobStatus.ABANDONED:
                attempts.end_attempt(farm, job, EndReason.EJECTED, now)
            elif job.status in FINISHED:
                lives.reschedule(farm, job, now)
            elif job.status is JobStatus.QUEUED:  # reopened by a child of an earlier part
                farm.write_log(job, now, JobEvent.RESCHEDULED)
                farm.touch_job(job)
            farm.disturbed.append(job.id)
        yield
    return len(chosen)


def _revived(farm: Farm, named: Iterable[Job]) -> list[Job]:
    """Every job that is to run again, parents before their children."""
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
    return families.parents_first(chosen)


def _delete(farm: Farm, named: Iterable[Job]) -> Steps:
    """Each named job with everything that hangs on it alone, if all of that is finished; children first."""
    count = 0
    for job in named:
        if farm.jobs.get(job.id) is not job:
            continue
        doomed = list(families.held_only_by(farm.jobs, job).values())
        if any(item.status not in FINISHED for item in doomed):
            continue
        if len(doomed) <= JOBS_A_STEP:
            count += _remove(farm, doomed)
            if not count % JOBS_A_STEP:
                yield
            continue
        for part in _parts(farm, doomed[::-1]):
            if any(item.status not in FINISHED for item in part):  # somebody runs it again
                break
            count += _remove(farm, part)
            yield
    return count


def _remove(farm: Farm, jobs: Sequence[Job]) -> int:
    doomed = {job.id: job for job in jobs}
    families.remove(farm, doomed)
    notes.forget_jobs(farm, doomed)
    return len(doomed)


_ACTIONS: Final[dict[Verb, Callable[[Farm, Job, Instant], bool]]] = {
    Verb.PAUSE: _pause,
    Verb.RESUME: _resume,
    Verb.CANCEL: _cancel,
    Verb.EJECT: _eject,
}
