"""Records to rows and back: one line for an attribute.

Rows are made on the event loop, before anything can change again, and written by the store's thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from hqserver.core.farm import Changes
from hqserver.core.records import Attempt, AttemptState, Client, Job, LogEntry, Submission
from hqserver.store.specs import SpecReader, checksum, text_of
from hqserver.wire.agent import Machine
from hqserver.wire.statuses import JobStatus

Row = dict[str, Any]

JOB_LIFE: Final[dict[str, Callable[[Job], Any]]] = {
    "status": lambda job: job.status.value,
    "priority": lambda job: job.priority,
    "tries_left": lambda job: job.tries_left,
    "progress": lambda job: job.progress,
    "progress_at": lambda job: job.progress_at,
    "started_at": lambda job: job.started_at,
    "ended_at": lambda job: job.ended_at,
    "verdict": lambda job: job.verdict.value if job.verdict is not None else "",
    "ending": lambda job: job.ending,
    "times_lost": lambda job: job.times_lost,
    "show_blocked_warning": lambda job: job.show_blocked_warning,
    "revision": lambda job: job.revision,
}
"""What changes in a job's life; everything else is written once."""


@dataclass(slots=True)
class Gather:
    """The rows of one transaction."""

    meta: Row
    new_jobs: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    removed_jobs: list[Row] = field(default_factory=list)
    attempts: list[Row] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)
    edges: list[Row] = field(default_factory=list)
    removed_edges: list[Row] = field(default_factory=list)
    clients: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)


def rows_of(changes: Changes) -> Gather:
    """Everything that the changes mean for the database. A slice of a submission has no revision of its own yet."""
    meta = {} if not changes.revision else {
        "revision": changes.revision,
        "next_job": changes.next_job,
        "next_client": changes.next_client,
        "next_submission": changes.next_submission,
    }  # fmt: skip
    return Gather(
        meta=meta,
        new_jobs=[_new_job(job) for job in changes.new_jobs.values()],
        jobs=[_job(job) for job in changes.jobs.values()],
        removed_jobs=[{"b_id": job.id} for job in changes.removed_jobs],
        attempts=[_attempt(attempt) for attempt in changes.attempts.values()],
        log=[_log(job, entry) for job, entry in changes.log],
        edges=[{"parent": parent, "child": child, "position": place} for parent, child, place in changes.edges_added],
        removed_edges=[{"b_parent": parent, "b_child": child} for parent, child in changes.edges_removed],
        clients=[_client(client) for client in changes.clients.values()],
        submissions=[_submission(item) for item in changes.submissions.values()],
    )


def _new_job(job: Job) -> Row:
    spec = text_of(job.spec)
    row = {name: read(job) for name, read in JOB_LIFE.items()}
    row.update(
        id=job.id,
        submission=job.submission,
        spec=spec,
        crc=checksum(spec),
        warnings=json.dumps(job.warnings),
        submitted_by=job.submitted_by,
        queued_at=job.queued_at,
    )
    return row


def _job(job: Job) -> Row:
    row = {name: read(job) for name, read in JOB_LIFE.items()}
    row["b_id"] = job.id
    return row


def job_of(row: Mapping[str, Any], reader: SpecReader) -> Job:
    """A job without its edges, attempts and log. Raises Damaged, ValueError."""
    return Job(
        id=row["id"],
        spec=reader.read(row["spec"], row["crc"]),
        submission=row["submission"],
        submitted_by=row["submitted_by"],
        queued_at=row["queued_at"],
        priority=row["priority"],
        tries_left=row["tries_left"],
        root=row["id"],
        status=JobStatus(row["status"]),
        progress=row["progress"],
        progress_at=row["progress_at"],
        started_at=row["started_at"],
        ended_at=row["ended_at"],
        verdict=JobStatus(row["verdict"]) if row["verdict"] else None,
        ending=row["ending"],
        show_blocked_warning=bool(row["show_blocked_warning"]),
        times_lost=row["times_lost"],
        warnings=tuple(json.loads(row["warnings"])),
        revision=row["revision"],
    )


_ATTEMPT: Final = (
    "job", "number", "client", "cpus", "ordered_at", "started_at", "ended_at", "paused", "ending", "reason",
    "exit_code", "signal", "ran_seconds", "cpu_seconds", "peak_memory", "output_bytes", "cut_bytes", "message", "lease",
)  # fmt: skip


def _attempt(attempt: Attempt) -> Row:
    row = {name: getattr(attempt, name) for name in _ATTEMPT}
    row["state"] = attempt.state.value
    return row


def attempt_of(row: Mapping[str, Any]) -> Attempt:
    """An attempt; its lease begins anew when the farm is restored."""
    values = {name: row[name] for name in _ATTEMPT}
    values["paused"] = bool(row["paused"])
    return Attempt(**values, state=AttemptState(row["state"]))


def _log(job: int, entry: LogEntry) -> Row:
    return {
        "job": job,
        "number": entry.number,
        "at": entry.at,
        "event": str(entry.event),
        "status": str(entry.status),
        "client": entry.client,
        "message": entry.message,
    }


def log_entry_of(row: Mapping[str, Any]) -> LogEntry:
    """A line of a status log."""
    return LogEntry(row["number"], row["at"], row["event"], row["status"], row["client"], row["message"])


_CLIENT: Final = (
    "id", "agent", "name", "boot", "version", "port", "ip", "disabled", "description", "draining", "heartbeat_at",
    "clock_skew", "failures", "revision",
)  # fmt: skip


def _client(client: Client) -> Row:
    row = {name: getattr(client, name) for name in _CLIENT}
    row["machine"] = json.dumps(asdict(client.machine))
    return row


def client_of(row: Mapping[str, Any]) -> Client:
    """A client, out of touch."""
    machine = json.loads(row["machine"])
    machine["gpus"] = tuple(machine["gpus"])
    values = {name: row[name] for name in _CLIENT}
    values["disabled"], values["draining"] = bool(row["disabled"]), bool(row["draining"])
    return Client(**values, machine=Machine(**machine))


def _submission(item: Submission) -> Row:
    return {
        "id": item.id,
        "key": item.key,
        "fingerprint": item.fingerprint,
        "ids": json.dumps(item.ids),
        "at": item.at,
        "first_id": item.first_id,
        "count": item.count,
        "first_revision": item.first_revision,
    }


def submission_of(row: Mapping[str, Any]) -> Submission:
    """A submission that was completed."""
    values = {name: row[name] for name in ("id", "key", "fingerprint", "at", "first_id", "count", "first_revision")}
    return Submission(**values, ids=tuple(json.loads(row["ids"])))
