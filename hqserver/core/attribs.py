"""Changing what jobs ask for while they wait."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import actions, lives
from hqserver.core.commands import Refused, SetAttribs, SetBlockedWarning, SetConditions
from hqserver.core.records import Instant, Job
from hqserver.wire.jobs import EXCLUDE_PROGRESS, JobSpec
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
    wish = _Wish(command.changes)
    fresh: list[tuple[Job, JobSpec]] = []
    for start in range(0, len(named), actions.JOBS_A_STEP):
        for job in named[start : start + actions.JOBS_A_STEP]:
            spec = _changed(job, wish)
            if spec is not None:
                fresh.append((job, spec))
        yield
    for start in range(0, len(fresh), actions.JOBS_A_STEP):
        now = clock()
        for job, spec in fresh[start : start + actions.JOBS_A_STEP]:
            if farm.jobs.get(job.id) is job and _waits(job):
                _change(farm, job, spec, wish, now)
        yield
    return len(fresh)


class _Wish:
    """What is to be changed, told once for the many jobs that it may concern."""

    def __init__(self, changes: Mapping[str, Any]) -> None:
        self._names: Final = tuple(changes)
        self._places: Final = [(_PLACE[name], value) for name, value in changes.items()]
        self._read: Final = attrgetter("name", *changes)
        self._asked: Final = tuple(changes.values())
        self._last: tuple[object, object, str] = (None, None, "")
        self.tries_left: Final[int | None] = changes.get("tries_left")
        self.may_turn_hosts: Final = not changes.keys().isdisjoint({"min_hosts", "max_hosts"})
        self.raises_most: Final = "max_hosts" not in changes

    def is_met_by(self, job: Job) -> bool:
        """Whether the job has all of it already."""
        return self._read(job.spec)[1:] == self._asked and self.tries_left in (None, job.tries_left)

    def of(self, spec: JobSpec) -> JobSpec:
        """The specification with the changes: as `replace` gives it, in a third of the time."""
        values = list(_values(spec))
        for place, value in self._places:
            values[place] = value
        return JobSpec(*values)

    def told(self, former: JobSpec, spec: JobSpec) -> str:
        """For the status log. Jobs that are changed together are much alike: equal words are one text."""
        before, after = self._read(former)[1:], self._read(spec)[1:]
        if (before, after) != self._last[:2]:
            rows = zip(self._names, before, after, strict=True)
            self._last = before, after, "; ".join(f"{name} {_short(old)} to {_short(new)}" for name, old, new in rows)
        return self._last[2]


def _waits(job: Job) -> bool:
    return job.status in _WAITS and job.live_attempt is None


def _changed(job: Job, wish: _Wish) -> JobSpec | None:
    """The job's specification with the changes; None if it has them already. Raises Refused."""
    if not _waits(job):
        raise Refused(_CONFLICT, f"job_ids: job {job.id} is {job.status}. Only jobs that wait can be changed.")
    if wish.is_met_by(job):
        return None
    spec = wish.of(job.spec)
    if wish.may_turn_hosts and spec.max_hosts < spec.min_hosts:
        if not wish.raises_most:
            problem = f"minHosts would be {spec.min_hosts} and maxHosts {spec.max_hosts}"
            raise Refused(_IMPOSSIBLE, f"attribs: of job {job.id} {problem}")
        spec = replace(spec, max_hosts=spec.min_hosts)
    return spec


_FIELDS: Final = tuple(field.name for field in fields(JobSpec))
_PLACE: Final = {name: place for place, name in enumerate(_FIELDS)}
_values: Final = attrgetter(*_FIELDS)


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


def _change(farm: Farm, job: Job, spec: JobSpec, wish: _Wish, now: Instant) -> None:
    former = job.spec
    if wish.tries_left is not None:
        job.tries_left = wish.tries_left
    farm.respecify(job, spec)
    farm.write_log(job, now, JobEvent.CHANGED, message=wish.told(former, spec))
    if (EXCLUDE_PROGRESS in former.tags) is not (EXCLUDE_PROGRESS in spec.tags):
        lives.refresh(farm, job)
    farm.planner.consider(job)
    if former.conditions != spec.conditions:
        _conditions_changed(farm, job)


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST_VALUE else text[: _LONGEST_VALUE - 3] + "..."
