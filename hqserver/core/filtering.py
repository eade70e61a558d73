"""What the farm says of a job for each field of the filter language (`hqserver.wire.filter_fields`)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hqserver.core import blocking, conditions, explaining, notes, rollups
from hqserver.core.farm import Farm
from hqserver.core.reading import JOB
from hqserver.core.records import AttemptState, Job
from hqserver.wire.conditions import Condition
from hqserver.wire.filter_match import Clock
from hqserver.wire.statuses import FINISHED, ON_CLIENT, PAUSED_OR_PAUSING, JobStatus

Getters = dict[str, Callable[[Job], Any]]
_WAITS = frozenset({JobStatus.QUEUED, JobStatus.RUNNABLE})
_FAILED = rollups.STATUSES.index(JobStatus.FAILED)


def getters(farm: Farm, clock: Clock) -> Getters:
    """All of them, for the jobs of a farm. Figures are never made up: None where there is none."""

    def read(name: str) -> Callable[[Job], Any]:
        reader = JOB[name]
        return lambda job: reader(farm, job)

    def latest_note(job: Job) -> str:
        return notes.latest(farm.thread_of_job.get(job.id))

    def elapsed(job: Job) -> float | None:
        if job.started_at is None:
            return None
        return (clock.now if job.ended_at is None else job.ended_at) - job.started_at

    def eta(job: Job) -> float | None:
        seconds = rollups.eta(job, farm.jobs)
        return None if seconds < 0 else seconds

    def imposed(job: Job) -> tuple[Condition, ...]:
        return job.spec.conditions or farm.jobs[job.root].spec.conditions

    def is_blocked(job: Job) -> bool:
        root = farm.jobs.get(job.root)
        return root is not None and bool(blocking.blocked(farm, root))

    return {
        "name": lambda job: job.spec.name,
        "by": lambda job: job.submitted_by,
        "status": lambda job: job.status.value,
        "id": lambda job: job.id,
        "parent": lambda job: tuple(job.parents),
        "root": lambda job: job.root,
        "prio": lambda job: job.priority,
        "age": lambda job: clock.now - job.queued_at,
        "runtime": read("runtime"),
        "elapsed": elapsed,
        "eta": eta,
        "submitted": lambda job: job.queued_at,
        "started": lambda job: job.started_at,
        "ended": lambda job: job.ended_at,
        "tag": lambda job: job.spec.tags,
        "on": lambda job: tuple(_clients(farm, job)),
        "group": lambda job: tuple(_groups(imposed(job))),
        "resource": lambda job: tuple(job.spec.resources),
        "note": latest_note,
        "desc": lambda job: job.spec.description,
        "command": _command,
        "why": lambda job: _why(farm, job),
        "cpus": lambda job: job.spec.cpus,
        "hosts": lambda job: job.spec.min_hosts,
        "tries": lambda job: job.tries_left,
        "attempt": lambda job: job.attempt.number if job.attempt is not None else 0,
        "exit": read("exitCode"),
        "progress": rollups.overall_progress,
        "children": lambda job: len(job.children),
        "memory": lambda job: JOB["peakMemory"](farm, job) or None,
        "frame": lambda job: "" if job.spec.frame is None else str(job.spec.frame),
        "is:finished": lambda job: job.status in FINISHED,
        "is:unfinished": lambda job: job.status not in FINISHED,
        "is:active": lambda job: job.status in ON_CLIENT,
        "is:idle": lambda job: job.status in _WAITS,
        "is:halted": lambda job: job.status in PAUSED_OR_PAUSING,
        "is:root": lambda job: not job.parents,
        "is:parent": lambda job: bool(job.children),
        "is:leaf": lambda job: not job.children,
        "is:blocked": is_blocked,
        "is:held": lambda job: bool(farm.planner.holds.of_job(job.id)),
        "is:ending": lambda job: bool(job.ending),
        "has:note": lambda job: job.id in farm.thread_of_job,
        "has:children": lambda job: bool(job.children),
        "has:parents": lambda job: bool(job.parents),
        "has:tags": lambda job: bool(job.spec.tags),
        "has:description": lambda job: bool(job.spec.description),
        "has:resources": lambda job: bool(job.spec.resources),
        "has:conditions": lambda job: bool(imposed(job)),
        "has:clients": lambda job: any(attempt.state is not AttemptState.ORDERED for attempt in job.attempts),
        "has:failures": _has_failures,
        "has:retries": lambda job: job.attempt is not None and job.attempt.number > 1,
    }


def _clients(farm: Farm, job: Job) -> Iterator[str]:
    """Labels, and host names where they differ: `on=node7` finds what runs on `node7:gpu`."""
    for attempt in job.attempts:
        if attempt.state is not AttemptState.ORDERED:
            for id_ in attempt.clients:
                client = farm.clients.get(id_) or farm.former_clients.get(id_)
                if client is not None:
                    yield client.label
                    if client.name:
                        yield client.hostname


def _groups(imposed: tuple[Condition, ...]) -> Iterator[str]:
    for condition in imposed:
        if condition.name == "group" and not conditions.is_negative(condition):
            yield from conditions.values(condition)


def _command(job: Job) -> str:
    command = job.spec.command
    return command if isinstance(command, str) else "\n".join(command.values())


def _why(farm: Farm, job: Job) -> str:
    found = explaining.waiting(farm, job)
    return f"{found.code} {found.text}".strip()


def _has_failures(job: Job) -> bool:
    return job.status is JobStatus.FAILED or bool(job.totals is not None and job.totals[_FAILED])
