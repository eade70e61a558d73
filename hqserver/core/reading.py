"""What getters answer for each attribute: one small function for each row of the wire's tables.

All of them are pure functions of what is stored, never of the present moment, so that a follower of the change feed
sees what a getter would answer. Dates are naive UTC, as the wire has them.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from hqserver.core import blocking, explaining, notes, rollups
from hqserver.core.farm import Farm
from hqserver.core.kept import FormerClient, Thread
from hqserver.core.records import Attempt, AttemptState, Client, Job
from hqserver.core.service import is_usable
from hqserver.wire.conditions import Condition
from hqserver.wire.encoder import Shared
from hqserver.wire.jobs import Hook, Text
from hqserver.wire.statuses import ON_CLIENT, ClientStatus, JobStatus

_MOST_DATES: Final = 1 << 14
_MOST_LOG_ROWS: Final = 1 << 12


def date(at: float | None) -> datetime | None:
    """A stored time as the wire has it: naive, UTC, whole seconds."""
    return None if at is None else _date(int(at))


@lru_cache(maxsize=_MOST_DATES)
def _date(seconds: int) -> datetime:
    """Jobs of one submission, and those that ended together, have the same ones."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def _clients(farm: Farm, job: Job) -> list[dict[str, Any]]:
    if not job.attempts:
        return []
    begun = [attempt for attempt in job.attempts if attempt.state is not AttemptState.ORDERED]
    latest_first = dict.fromkeys(id_ for attempt in reversed(begun) for id_ in reversed(attempt.clients))
    found = (farm.clients.get(id_) or farm.former_clients.get(id_) for id_ in reversed(latest_first))
    return [_client_row(client) for client in found if client is not None]


def _client_row(client: Client | FormerClient) -> dict[str, Any]:
    return {
        "id": client.id,
        "hostname": client.hostname,
        "name": client.name,
        "label": client.label,
        "ip": client.ip,
    }


def conditions(items: tuple[Condition, ...]) -> list[dict[str, str]]:
    """Conditions as scripts copy them from one job to another."""
    return [{"type": item.type, "name": item.name, "op": item.op, "value": item.value} for item in items]


def _logs(farm: Farm, job: Job) -> list[dict[str, Any]]:
    return [_log_row(int(at), event, status, client, message) for _, at, event, status, client, message in job.log]


@lru_cache(maxsize=_MOST_LOG_ROWS)
def _log_row(at: int, event: str, status: str, client: str, message: str) -> Shared:
    """Jobs of one submission, and those on which one action was done, have the same ones."""
    return Shared(date=date(at), event=event, status=status, client=client, message=message)


def _ui_status(farm: Farm, job: Job) -> str:
    """HQueue's wording: a parent is running while anything below it runs."""
    status = job.status
    if status is _RUNNABLE:
        return "waiting for resources"
    if status is not _QUEUED:
        return status.value
    at_work = job.totals[rollups.CLIENTS] if job.totals is not None else 0
    return f"running ({at_work} clients assigned)" if at_work else "waiting for resources"


_QUEUED: Final = JobStatus.QUEUED
_RUNNABLE: Final = JobStatus.RUNNABLE
"""Looked up once: these are asked for in every row."""


def _conditions(farm: Farm, job: Job) -> list[dict[str, str]]:
    """Its own, or else those of its root job."""
    items = job.spec.conditions or farm.jobs[job.root].spec.conditions
    return conditions(items) if items else []


def _on_hold(farm: Farm, job: Job) -> list[dict[str, Any]]:
    holds = farm.planner.holds
    return [_client_row(farm.clients[id_]) for id_ in holds.of_job(job.id)] if holds.holder else []


def _plain(text: Text) -> str | dict[str, str]:
    return text if isinstance(text, str) else dict(text)


def _hook(hook: Hook) -> Callable[[Farm, Job], str | dict[str, str]]:
    return lambda farm, job: _plain(job.spec.hooks.get(hook, ""))


def _last_over(job: Job) -> Attempt | None:
    """The newest attempt that is over."""
    newest = job.attempt
    if newest is None or newest.state is AttemptState.OVER:
        return newest
    return next((item for item in reversed(job.attempts) if item.state is AttemptState.OVER), None)


def _last_exit(job: Job) -> int | None:
    last = _last_over(job)
    return last.exit_code if last is not None else None


def _last_runtime(job: Job) -> float | None:
    last = _last_over(job)
    return last.ran_seconds if last is not None else None


def _last_peak(job: Job) -> int:
    last = _last_over(job)
    return last.peak_memory if last is not None else 0


def _thread_id(thread: Thread | None) -> int | None:
    return thread.id if thread is not None else None


def _command_start(job: Job) -> float | None:
    return job.attempt.started_at if job.attempt is not None else None


JOB: Final[dict[str, Callable[[Farm, Job], Any]]] = {
    "children": lambda farm, job: sorted(job.children),
    "clients": _clients,
    "clientsOnHold": _on_hold,
    "conditions": _conditions,
    "endTime": lambda farm, job: date(job.ended_at),
    "ETA": lambda farm, job: rollups.eta(job, farm.jobs),
    "id": lambda farm, job: job.id,
    "latestNote": lambda farm, job: notes.latest(farm.thread_of_job.get(job.id)),
    "logs": _logs,
    "name": lambda farm, job: job.spec.name,
    "overallProgress": lambda farm, job: rollups.overall_progress(job),
    "parents": lambda farm, job: list(job.parents),
    "priority": lambda farm, job: job.priority,
    "progress": lambda farm, job: job.progress,
    "queueTime": lambda farm, job: date(job.queued_at),
    "resources": lambda farm, job: dict(job.spec.resources) or None,
    "showBlockedClientsWarning": lambda farm, job: job.show_blocked_warning,
    "startTime": lambda farm, job: date(job.started_at),
    "status": lambda farm, job: job.status.value,
    "tags": lambda farm, job: list(job.spec.tags),
    "threadId": lambda farm, job: _thread_id(farm.thread_of_job.get(job.id)),
    "triesLeft": lambda farm, job: job.tries_left,
    "uiStatus": _ui_status,
    "waitingFor": lambda farm, job: explaining.waiting(farm, job).text,
    "blockedClients": blocking.blocked,
    "submittedBy": lambda farm, job: job.submitted_by,
    "description": lambda farm, job: job.spec.description,
    "cpus": lambda farm, job: job.spec.cpus,
    "minHosts": lambda farm, job: job.spec.min_hosts,
    "maxHosts": lambda farm, job: job.spec.max_hosts,
    "maxTime": lambda farm, job: int(job.spec.max_time) if job.spec.max_time is not None else None,
    "rootId": lambda farm, job: job.root,
    "frame": lambda farm, job: job.spec.frame,
    "attempt": lambda farm, job: job.attempt.number if job.attempt is not None else 0,
    "exitCode": lambda farm, job: _last_exit(job),
    "childCounts": lambda farm, job: rollups.child_counts(job),
    "childCount": lambda farm, job: len(job.children),
    "waitingCode": lambda farm, job: explaining.waiting(farm, job).code,
    "runtime": lambda farm, job: _last_runtime(job),
    "meanRuntime": lambda farm, job: rollups.mean_runtime(job),
    "peakMemory": lambda farm, job: _last_peak(job),
    "ending": lambda farm, job: job.ending,
    "commandStartTime": lambda farm, job: date(_command_start(job)),
    "revision": lambda farm, job: job.revision,
    **{hook.value: _hook(hook) for hook in Hook},
    "emailTo": lambda farm, job: ",".join(job.spec.email_to),
    "emailReasons": lambda farm, job: ",".join(job.spec.email_reasons),
    "noOutputTimeout": lambda farm, job: job.spec.no_output_timeout,
    "lease": lambda farm, job: job.spec.lease,
    "stubId": lambda farm, job: job.spec.stub_id,
    "command": lambda farm, job: _plain(job.spec.command),
    "environment": lambda farm, job: dict(job.spec.environment),
    "shell": lambda farm, job: job.spec.shell,
    "output": lambda farm, job: job.spec.output,
    "extra": lambda farm, job: dict(job.spec.extra),
    "warnings": lambda farm, job: list(job.warnings),
}

FIXED: Final = frozenset(
    {
        "id",
        "name",
        "queueTime",
        "submittedBy",
        "description",
        "tags",
        "resources",
        "cpus",
        "minHosts",
        "maxHosts",
        "maxTime",
        "frame",
    }
)
"""Attributes of a job that its birth and its specification decide alone: they change only when that is replaced."""

OF_ATTEMPTS: Final = frozenset({"attempt", "clients", "exitCode", "runtime", "peakMemory", "commandStartTime"})
"""Attributes that all jobs without attempts have alike."""
OF_CHILDREN: Final = frozenset({"childCounts", "childCount", "meanRuntime"})
"""Attributes that all jobs without children have alike."""


def client_status(farm: Farm, client: Client) -> ClientStatus:
    """The client in one word."""
    if not client.online:
        return ClientStatus.OFFLINE
    if client.disabled:
        return ClientStatus.DISABLED
    if not is_usable(client):
        return ClientStatus.UNAVAILABLE
    if client.attempts or client.helps:
        return ClientStatus.BUSY
    return ClientStatus.AVAILABLE if farm.planner.holder_of(client.id) is None else ClientStatus.ONHOLD


def _running_jobs(farm: Farm, client: Client) -> list[int]:
    return sorted(id_ for id_ in (*client.attempts, *client.helps) if farm.jobs[id_].status in ON_CLIENT)


def _needs_upgrade(farm: Farm, client: Client) -> bool:
    current = farm.settings.agent_code
    return client.upgrade_asked or bool(current and client.version != current)


CLIENT: Final[dict[str, Callable[[Farm, Client], Any]]] = {
    "availabilityRules": lambda farm, client: [rule.as_struct() for rule in client.rules],
    "available": lambda farm, client: is_usable(client),
    "cpus": lambda farm, client: client.machine.cpus,
    "cpuSpeed": lambda farm, client: client.machine.cpu_speed,
    "description": lambda farm, client: client.description,
    "disabled": lambda farm, client: client.disabled,
    "groups": lambda farm, client: list(client.groups),
    "hostname": lambda farm, client: client.hostname,
    "id": lambda farm, client: client.id,
    "idleTime": lambda farm, client: client.machine.idle_minutes,
    "ip": lambda farm, client: client.ip,
    "label": lambda farm, client: client.label,
    "lastHeartbeat": lambda farm, client: date(client.heartbeat_at),
    "latestNote": lambda farm, client: notes.latest(farm.thread_of_client.get(client.id)),
    "load": lambda farm, client: client.machine.load,
    "memory": lambda farm, client: client.machine.memory,
    "name": lambda farm, client: client.name,
    "needsUpgrade": _needs_upgrade,
    "platform": lambda farm, client: client.machine.platform,
    "runningJobs": _running_jobs,
    "threadId": lambda farm, client: _thread_id(farm.thread_of_client.get(client.id)),
    "version": lambda farm, client: client.version,
    "status": lambda farm, client: client_status(farm, client).value,
    "memoryUsed": lambda farm, client: client.machine.memory_used,
    "diskFree": lambda farm, client: client.machine.disk_free,
    "diskTotal": lambda farm, client: client.machine.disk_total,
    "gpus": lambda farm, client: list(client.machine.gpus),
    "port": lambda farm, client: client.port,
    "override": lambda farm, client: client.override.value,
    "overrideUntil": lambda farm, client: date(client.override_until),
    "failures": lambda farm, client: client.failures,
    "outOfService": lambda farm, client: client.out_of_service,
    "clockSkew": lambda farm, client: client.clock_skew,
    "utcOffset": lambda farm, client: client.machine.utc_offset,
    "agentVersion": lambda farm, client: client.agent_version,
    "cpusUsed": lambda farm, client: client.cpus_used,
    "draining": lambda farm, client: client.draining,
    "revision": lambda farm, client: client.revision,
}
