"""Attempts: allotting them, what agents report of them, and what becomes of their jobs.

Fencing: a report counts only for the job's live attempt and only from the client that holds it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import blocking, flapping, hook_rules, hooks, lives, occupying, outcomes, sickness
from hqserver.core.orders import start_order
from hqserver.core.records import Attempt, AttemptState, Client, Instant, Job
from hqserver.wire.agent import (
    FAILURES,
    End,
    Ended,
    EndReason,
    Held,
    Pause,
    Paused,
    Progressed,
    Resume,
    Resumed,
    Started,
)
from hqserver.wire.jobs import Hook
from hqserver.wire.statuses import JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm


def allot(farm: Farm, job: Job, clients: Sequence[Client], now: Instant) -> None:
    """Give a job its clients, of which the first runs it.

    The attempt holds their cpus from now on; the job runs when the agent says that it does.
    """
    client, *others = clients
    if job.hooks.due:
        hooks.allot(farm, job, clients, now)
        return
    hook_rules.begin_anew(job, same_log=False)
    lease = job.spec.lease or farm.settings.lease
    attempt = Attempt(
        job=job.id,
        number=(job.attempt.number if job.attempt is not None else 0) + 1,
        client=client.id,
        cpus=occupying.cpus_on(job.spec, client),
        helpers={other.id: occupying.cpus_on(job.spec, other) for other in others},
        ordered_at=now.wall,
        lease=lease,
        lease_until=now.monotonic + lease,
    )
    job.attempt = attempt
    job.attempts.append(attempt)
    occupying.occupy(farm, job, attempt)
    farm.planner.forget(job.id)
    farm.touch_attempt(attempt)
    beside = f"with {', '.join(other.label for other in others)}" if others else ""
    farm.write_log(job, now, JobEvent.ASSIGNED, client.label, beside)
    lives.refresh(farm, job)
    farm.order(client.id, start_order(farm, job, attempt, client))


def end_attempt(farm: Farm, job: Job, reason: str, now: Instant) -> None:
    """Have a live attempt ended; the job follows when the client has confirmed it, or is known not to run it."""
    attempt = job.live_attempt
    assert attempt is not None
    client = farm.clients.get(attempt.client)
    job.ending = attempt.ending = reason
    farm.touch_attempt(attempt)
    farm.touch_job(job)
    if reason == EndReason.EJECTED and (client is None or not client.online):
        over(farm, job, attempt, reason, now)
        return
    event = JobEvent.EJECTING if reason == EndReason.EJECTED else JobEvent.CANCELLING
    farm.write_log(job, now, event, client.label if client else "")
    farm.order(attempt.client, End(0, job.id, attempt.number, reason, farm.settings.end_grace))


def hear_report(farm: Farm, client: Client, report: Any, now: Instant) -> Held | None:
    """Apply a report about a live attempt of this client; answers what the agent may forget."""
    attempt = client.attempts.get(report.job)
    live = attempt is not None and attempt.number == report.attempt
    if live and attempt is not None:
        _REPORTS[type(report)](farm, client, farm.jobs[report.job], attempt, report, now)
    return Held(report.job, report.attempt) if isinstance(report, Ended) else None


def _started(farm: Farm, client: Client, job: Job, attempt: Attempt, _report: Started, now: Instant) -> None:
    if attempt.state is not AttemptState.ORDERED:
        return
    attempt.state, attempt.started_at = AttemptState.STARTED, max(now.wall, attempt.ordered_at)
    farm.touch_attempt(attempt)
    if attempt is not job.hook:
        job.progress, job.progress_at = 0.0, None
    _mark_start(farm, job, now)
    if job.status in (JobStatus.RUNNABLE, JobStatus.ABANDONED):
        lives.become(farm, job, JobStatus.RUNNING, now, client=client.label)
    else:
        lives.refresh(farm, job)


def _mark_start(farm: Farm, job: Job, now: Instant) -> None:
    """The start of the job, and of every ancestor that has not started yet: they started with it."""
    waiting = [job]
    while waiting:
        current = waiting.pop()
        if current.started_at is None:
            current.started_at = max(now.wall, current.queued_at)
            farm.touch_job(current)
            waiting += (farm.jobs[id_] for id_ in current.parents)


def _progressed(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Progressed, now: Instant) -> None:
    progress = min(max(report.progress, 0.0), 1.0)
    if attempt.state is AttemptState.STARTED and progress != job.progress and attempt is not job.hook:
        job.progress, job.progress_at = progress, now.wall
        lives.refresh(farm, job)


def _paused(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Paused, now: Instant) -> None:
    """A late word about an earlier wish may have passed for what came of a later one: then the later is repeated."""
    attempt.paused = True
    farm.touch_attempt(attempt)
    if job.status is JobStatus.PAUSING:
        lives.become(farm, job, JobStatus.PAUSED, now, client=client.label)
    elif job.status is JobStatus.RUNNING:
        farm.order(client.id, Resume(0, job.id, attempt.number))


def _resumed(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Resumed, now: Instant) -> None:
    attempt.paused = False
    farm.touch_attempt(attempt)
    if job.status is JobStatus.RESUMING:
        lives.become(farm, job, JobStatus.RUNNING, now, client=client.label, event=JobEvent.RESUMED)
    elif job.status is JobStatus.PAUSED:
        farm.order(client.id, Pause(0, job.id, attempt.number))


def _ended(farm: Farm, client: Client, job: Job, attempt: Attempt, report: Ended, now: Instant) -> None:
    if not _never_ran(report):  # its start may have been reported to a server that is gone
        _started(farm, client, job, attempt, Started(0, job.id, attempt.number), now)
    attempt.exit_code, attempt.signal = report.exit_code, report.signal
    attempt.ran_seconds, attempt.cpu_seconds = max(report.ran_seconds, 0.0), max(report.cpu_seconds, 0.0)
    attempt.peak_memory, attempt.output_bytes, attempt.cut_bytes = (
        report.peak_memory,
        report.output_bytes,
        report.cut_bytes,
    )
    attempt.message = report.message[:1000]
    over(farm, job, attempt, report.reason, now)


_REPORTS: Final[dict[type[Any], Callable[..., None]]] = {
    Started: _started,
    Progressed: _progressed,
    Paused: _paused,
    Resumed: _resumed,
    Ended: _ended,
}


_NEVER_RAN: Final = frozenset({EndReason.REFUSED, EndReason.UNABLE, EndReason.UNKNOWN, EndReason.LOST})


def _never_ran(report: Ended) -> bool:
    if report.reason == EndReason.RECLAIMED:
        return report.exit_code is None and report.signal is None
    return report.reason in _NEVER_RAN


def over(farm: Farm, job: Job, attempt: Attempt, reason: str, now: Instant) -> None:
    """An attempt is over: free what it held, then decide what becomes of the job."""
    wish = attempt.ending
    attempt.state, attempt.reason, attempt.paused = AttemptState.OVER, reason, False
    attempt.ended_at = max(now.wall, attempt.started_at or attempt.ordered_at)
    farm.touch_attempt(attempt)
    occupying.vacate(farm, job, attempt)
    client = farm.clients.get(attempt.client)
    if reason == EndReason.UNABLE and client is not None and not client.resting:
        flapping.rest(farm, client, f"it could not start job {job.id}: {_how(attempt)}", now)
    if attempt is job.hook:
        hooks.over(farm, job, attempt, reason, _how(attempt), now)
        return
    label = client.label if client is not None else ""
    job.ending = ""
    if reason != EndReason.EXITED or attempt.exit_code != 0:
        job.progress_at = None
    if EndReason.CANCELLED in (wish, reason) or reason == EndReason.TIME:
        hooks.cancelled(farm, job, client if attempt.started_at is not None else None, _how(attempt), now)
    elif EndReason.EJECTED in (wish, reason):
        outcomes.requeue(farm, job, now, label, JobEvent.EJECTED, "")
    elif reason == EndReason.RECLAIMED:
        outcomes.requeue(farm, job, now, label, JobEvent.EJECTED, "its machine was taken back by the person there")
    elif reason == EndReason.UNABLE:
        outcomes.requeue(farm, job, now, label, JobEvent.EJECTED, f"its client could not start it: {_how(attempt)}")
    elif reason == EndReason.EXITED and attempt.exit_code == 0:
        _succeeded(farm, job, attempt, client, now)
    elif reason in FAILURES:
        _failed(farm, job, attempt, client, now)
    else:
        _lost(farm, job, reason, now, label)


def _succeeded(farm: Farm, job: Job, attempt: Attempt, client: Client | None, now: Instant) -> None:
    job.progress = 1.0
    sickness.ran_well(farm, job, attempt, now)
    status, message = lives.end_with_children(job, JobStatus.SUCCEEDED, "")
    due = () if job.unfinished_children else hook_rules.of_end(job, status)
    if not hooks.follow(farm, job, client, due, status, message, now):
        lives.command_ended(farm, job, status, now, message, client.label if client is not None else "")


def _failed(farm: Farm, job: Job, attempt: Attempt, client: Client | None, now: Instant) -> None:
    label, message = "", _how(attempt)
    if client is not None:
        label = client.label
        client.failures += 1
        farm.touch_client(client)
        sickness.failed(farm, client, job, attempt, message, now)
        blocking.failed(farm, client, job, now)
    ran = client if attempt.started_at is not None else None
    if job.tries_left > 0:
        job.tries_left -= 1
        message = f"{message}; {job.tries_left} tries left"
        if not hooks.follow(farm, job, ran, (Hook.ON_ERROR,), JobStatus.RUNNABLE, message, now):
            outcomes.try_again(farm, job, message, label, now)
        return
    due = (Hook.ON_ERROR,) if job.unfinished_children else hook_rules.of_end(job, JobStatus.FAILED)
    if not hooks.follow(farm, job, ran, due, JobStatus.FAILED, message, now):
        lives.command_ended(farm, job, JobStatus.FAILED, now, message, label)


def _lost(farm: Farm, job: Job, reason: str, now: Instant, label: str) -> None:
    """Its client is no more, or knows nothing of it: it runs again, unless that happened on too many clients.

    A farm of one or two clients would start a job for ever that kills what looks after it: so losses right after a
    start are counted too, wherever they are.
    """
    job.times_lost += reason != EndReason.LEASE
    losses = [item for item in job.attempts if item.reason in (EndReason.LOST, EndReason.UNKNOWN)]
    losses = losses[-job.times_lost :] if job.times_lost else []
    lost_on = len({item.client for item in losses})
    at_once = sum(_lived(item) <= farm.settings.quick_failure for item in losses)
    if lost_on >= farm.settings.most_losses:
        lives.command_ended(farm, job, JobStatus.FAILED, now, f"{lost_on} clients were lost under it", label)
    elif at_once >= farm.settings.most_losses_at_once:
        lives.command_ended(farm, job, JobStatus.FAILED, now, f"lost {at_once} times right after its start", label)
    else:
        outcomes.requeue(farm, job, now, label, JobEvent.LOST, reason)


def _lived(attempt: Attempt) -> float:
    """Seconds from its start, or its order, to its end."""
    return (attempt.ended_at or 0.0) - (attempt.started_at or attempt.ordered_at)


def _how(attempt: Attempt) -> str:
    """How an attempt ended, for the log."""
    if attempt.reason == EndReason.TIME:
        return f"ran longer than its maxTime: {attempt.ran_seconds:.0f} s"
    if attempt.reason == EndReason.SILENT:
        return "no output for its noOutputTimeout"
    if attempt.message:
        return attempt.message
    if attempt.signal is not None:
        return f"ended by signal {attempt.signal}"
    return f"exit code {attempt.exit_code}" if attempt.exit_code is not None else attempt.reason
