"""Hooks: onSuccess, onError, onCancel and onChildError around the command of a job.

A hook is run like a command, as an attempt with a number of its own, so whatever holds for attempts holds for it: it
survives restarts of server and agents, is fenced, paused, cancelled. It is decided on here and not on the client, since
only the farm knows whether a job has succeeded as a whole. When a command is over, its hooks follow at once on the same
client and keep its place there; the job is what it was until the last of them is over. A job that never had a client
(its children failed, or it has no command) waits for one. How a hook ends changes nothing but the log, and no hook runs
twice for the same end.

| the job                                     | runs                    | each time |
|---------------------------------------------|-------------------------|-----------|
| succeeds with all its children              | onSuccess               | once      |
| fails in its own command                    | onError                 | every try |
| fails because of a child                    | onChildError, onError   | once      |
| is cancelled (or reaches maxTime) on a client | onCancel              | once      |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from hqserver.core import hook_rules, lives, occupying, outcomes
from hqserver.core.orders import start_order
from hqserver.core.records import Attempt, Client, Instant, Job
from hqserver.wire.agent import HOOKS_FROM, EndReason
from hqserver.wire.jobs import Hook
from hqserver.wire.statuses import JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_NEVER_RAN: Final = frozenset({EndReason.LOST, EndReason.UNKNOWN, EndReason.RECLAIMED, EndReason.UNABLE})
_OUT_OF_PLACE: Final = frozenset({EndReason.EJECTED, EndReason.RECLAIMED})
"""The client is no place for further hooks."""


def follow(
    farm: Farm, job: Job, client: Client | None, names: Iterable[Hook], outcome: JobStatus, message: str, now: Instant
) -> bool:
    """Have hooks follow on the client where the command has just ended; whether any does."""
    if client is None or not client.online or not job.spec.hooks:
        return False
    due = tuple(name for name in names if name not in job.hooks.ran and _text(job, name, client))
    if not due:
        return False
    job.hooks = replace(job.hooks, due=due, outcome=outcome, message=message)
    allot(farm, job, _still_there(farm, job.attempt, client), now)
    return True


def cancelled(farm: Farm, job: Job, client: Client | None, message: str, now: Instant) -> None:
    """What ran on the client was ended because the job is cancelled: onCancel, then that is so."""
    if not follow(farm, job, client, (Hook.ON_CANCEL,), JobStatus.CANCELLED, message, now):
        outcomes.cancelled(farm, job, message, client.label if client is not None else "", now)


def _still_there(farm: Farm, former: Attempt | None, client: Client) -> list[Client]:
    """The clients of an attempt that is over, which its hooks keep."""
    helpers = former.helpers if former is not None and former.client == client.id else ()
    return [client, *(farm.clients[id_] for id_ in helpers if id_ in farm.clients)]


def allot(farm: Farm, job: Job, clients: Sequence[Client], now: Instant) -> None:
    """Give the first hook that is due to its clients, of which the first runs it."""
    client, *others = clients
    lease = job.spec.lease or farm.settings.lease
    former = job.attempt
    job.hooks = replace(job.hooks, count=job.hooks.count + 1)
    job.hook = attempt = Attempt(
        job=job.id,
        number=HOOKS_FROM + job.hooks.count,
        client=client.id,
        cpus=occupying.cpus_on(job.spec, client),
        helpers={other.id: occupying.cpus_on(job.spec, other) for other in others},
        ordered_at=now.wall,
        log_base=(former.output_bytes if former is not None else 0) + job.hooks.output_bytes,
        lease=lease,
        lease_until=now.monotonic + lease,
    )
    if job.hooks.outcome is JobStatus.CANCELLED:
        job.ending = EndReason.CANCELLED
    occupying.occupy(farm, job, attempt)
    farm.planner.forget(job.id)
    farm.write_log(job, now, job.hooks.due[0], client.label, job.hooks.message)
    lives.refresh(farm, job)
    farm.order(client.id, start_order(farm, job, attempt, client))


def over(farm: Farm, job: Job, attempt: Attempt, reason: str, how: str, now: Instant) -> None:
    """The hook is over, what it held is free: the next one, or what the job was to become."""
    never_ran = attempt.started_at is None and reason in _NEVER_RAN
    client = farm.clients.get(attempt.client)
    label = client.label if client is not None else ""
    name, *rest = job.hooks.due
    job.hook, job.ending = None, ""
    farm.write_log(job, now, name, label, f"over: {how}")
    outcome = job.hooks.outcome
    if never_ran and not attempt.ending and outcome in (JobStatus.SUCCEEDED, JobStatus.FAILED):
        lives.release(farm, job, now)
        lives.refresh(farm, job)
        farm.planner.consider(job)
        return
    written = job.hooks.output_bytes + attempt.output_bytes
    job.hooks = replace(job.hooks, due=tuple(rest), ran=(*job.hooks.ran, name), output_bytes=written)
    if EndReason.CANCELLED in (attempt.ending, reason):
        hook_rules.forget_due(job)
        cancelled(farm, job, client, how, now)
    elif rest and _OUT_OF_PLACE.isdisjoint((attempt.ending, reason)) and _next(farm, job, attempt, client, now):
        return
    else:
        _go_on(farm, job, label, now)


def _next(farm: Farm, job: Job, former: Attempt, client: Client | None, now: Instant) -> bool:
    """The next hook that has a text for this client's platform; False when there is none, or no client."""
    if client is None or not client.online:
        return False
    due = tuple(name for name in job.hooks.due if _text(job, name, client))
    job.hooks = replace(job.hooks, due=due)
    if due:
        allot(farm, job, _still_there(farm, former, client), now)
    return bool(due)


def _go_on(farm: Farm, job: Job, label: str, now: Instant) -> None:
    """All hooks are over: what they followed has its meaning for the job."""
    outcome, message = job.hooks.outcome, job.hooks.message
    job.hooks = replace(job.hooks, due=(), outcome=None, message="")
    if outcome is JobStatus.RUNNABLE:
        outcomes.try_again(farm, job, message, label, now)
    elif outcome is JobStatus.CANCELLED:
        outcomes.cancelled(farm, job, message, label, now)
    else:
        lives.command_ended(farm, job, outcome or JobStatus.FAILED, now, message, label)
    lives.refresh(farm, job)


def _text(job: Job, name: Hook, client: Client) -> str:
    return job.spec.hook_for(name, client.machine.platform)
