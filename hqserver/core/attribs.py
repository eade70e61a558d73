"""Changing what jobs ask for while they wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import actions, lives
from hqserver.core.commands import Refused, SetAttribs, SetBlockedWarning
from hqserver.core.records import Instant, Job
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobEvent, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_NOT_FOUND: Final = 404
_CONFLICT: Final = 409
_IMPOSSIBLE: Final = 422
_WAITS: Final = frozenset({JobStatus.QUEUED, JobStatus.RUNNABLE, JobStatus.PAUSED})
_LONGEST_VALUE: Final = 60


def set_attribs(farm: Farm, command: SetAttribs, now: Instant) -> int:
    """All of the jobs or none; answers how many have other attributes now."""
    named = [farm.jobs[id_] for id_ in command.ids if id_ in farm.jobs]
    fresh: list[tuple[Job, JobSpec]] = []
    for job in named:
        if job.status not in _WAITS or job.live_attempt is not None:
            raise Refused(_CONFLICT, f"job_ids: job {job.id} is {job.status}. Only jobs that wait can be changed.")
        spec = replace(job.spec, **command.changes)
        if "max_hosts" not in command.changes:
            spec = replace(spec, max_hosts=max(spec.max_hosts, spec.min_hosts))
        if spec.max_hosts < spec.min_hosts:
            problem = f"minHosts would be {spec.min_hosts} and maxHosts {spec.max_hosts}"
            raise Refused(_IMPOSSIBLE, f"attribs: of job {job.id} {problem}")
        if spec != job.spec or spec.tries_left != job.tries_left:
            fresh.append((job, spec))
    for job, spec in fresh:
        _change(farm, job, spec, command.changes, now)
    return len(fresh)


def set_blocked_warning(farm: Farm, command: SetBlockedWarning, _now: Instant) -> None:
    """Whether the job warns of blocked clients."""
    job = farm.jobs.get(command.job)
    if job is None:
        raise Refused(_NOT_FOUND, f"job_id: no job {command.job}")
    if job.show_blocked_warning is not command.shown:
        job.show_blocked_warning = command.shown
        farm.touch_job(job)


def _change(farm: Farm, job: Job, spec: JobSpec, changes: Mapping[str, Any], now: Instant) -> None:
    former = job.spec
    if "tries_left" in changes:
        job.tries_left = spec.tries_left
    told = [f"{name} {_short(getattr(former, name))} to {_short(getattr(spec, name))}" for name in changes]
    farm.respecify(job, spec)
    farm.write_log(job, now, JobEvent.CHANGED, message="; ".join(told))
    lives.refresh(farm, job)
    farm.planner.consider(job)
    if former.conditions != spec.conditions:
        actions.conditions_changed(farm, job)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
