"""Changing what jobs ask for while they wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import actions, lives
from hqserver.core.commands import Refused, SetAttribs, SetBlockedWarning, SetConditions
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
    return actions.at_once(steps(farm, command, lambda: now))


def steps(farm: Farm, command: SetAttribs, clock: actions.Clock) -> actions.Steps:
    """The same in parts. Raises Refused before anything is changed."""
    named = [farm.jobs[id_] for id_ in command.ids if id_ in farm.jobs]
    fresh: list[tuple[Job, JobSpec]] = []
    for start in range(0, len(named), actions.JOBS_A_STEP):
        for job in named[start : start + actions.JOBS_A_STEP]:
            spec = _changed(job, command.changes)
            if spec is not None:
                fresh.append((job, spec))
        yield
    for start in range(0, len(fresh), actions.JOBS_A_STEP):
        now = clock()
        for job, spec in fresh[start : start + actions.JOBS_A_STEP]:
            if farm.jobs.get(job.id) is job and _waits(job):
                _change(farm, job, spec, command.changes, now)
        yield
    return len(fresh)


def _waits(job: Job) -> bool:
    return job.status in _WAITS and job.live_attempt is None


def _changed(job: Job, changes: Mapping[str, Any]) -> JobSpec | None:
    """The job's specification with the changes; None if it has them already. Raises Refused."""
    if not _waits(job):
        raise Refused(_CONFLICT, f"job_ids: job {job.id} is {job.status}. Only jobs that wait can be changed.")
    spec = _with(job.spec, changes)
    if "max_hosts" not in changes and spec.max_hosts < spec.min_hosts:
        spec = replace(spec, max_hosts=spec.min_hosts)
    if spec.max_hosts < spec.min_hosts:
        problem = f"minHosts would be {spec.min_hosts} and maxHosts {spec.max_hosts}"
        raise Refused(_IMPOSSIBLE, f"attribs: of job {job.id} {problem}")
    differs = spec.max_hosts != job.spec.max_hosts or spec.tries_left != job.tries_left
    return spec if differs or any(getattr(spec, name) != getattr(job.spec, name) for name in changes) else None


_FIELDS: Final = tuple(field.name for field in fields(JobSpec))
_PLACE: Final = {name: place for place, name in enumerate(_FIELDS)}
_values: Final = attrgetter(*_FIELDS)


def _with(spec: JobSpec, changes: Mapping[str, Any]) -> JobSpec:
    """As `replace` gives it, in a third of the time."""
    values = list(_values(spec))
    for name, value in changes.items():
        values[_PLACE[name]] = value
    return JobSpec(*values)


def set_blocked_warning(farm: Farm, command: SetBlockedWarning, _now: Instant) -> None:
    """Whether the job warns of blocked clients."""
    job = farm.jobs.get(command.job)
    if job is None:
        raise Refused(_NOT_FOUND, f"job_id: no job {command.job}")
    if job.show_blocked_warning is not command.shown:
        job.show_blocked_warning = command.shown
        farm.touch_job(job)


def set_conditions(farm: Farm, command: SetConditions, now: Instant) -> None:
    """Which clients may run the job, and those below it that inherit from it, from their next start on."""
    job = farm.jobs.get(command.job)
    if job is None:
        raise Refused(_NOT_FOUND, f"job_id: no job {command.job}")
    if job.spec.conditions != command.conditions:
        farm.respecify(job, replace(job.spec, conditions=command.conditions))
        _conditions_changed(farm, job)


def _conditions_changed(farm: Farm, job: Job) -> None:
    """A job has other conditions; whoever inherits them has too."""
    for below in actions.with_descendants(farm, [job]):
        if below is not job and not below.spec.conditions:
            farm.touch_job(below)
        farm.planner.consider(below)


def _change(farm: Farm, job: Job, spec: JobSpec, changes: Mapping[str, Any], now: Instant) -> None:
    former = job.spec
    if "tries_left" in changes:
        job.tries_left = spec.tries_left
    told = [f"{name} {_short(getattr(former, name))} to {_short(getattr(spec, name))}" for name in changes]
    farm.respecify(job, spec)
    farm.write_log(job, now, JobEvent.CHANGED, message="; ".join(told))
    if former.tags != spec.tags:
        lives.refresh(farm, job)
    farm.planner.consider(job)
    if former.conditions != spec.conditions:
        _conditions_changed(farm, job)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
