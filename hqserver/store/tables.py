"""The tables: one line for each attribute that is remembered.

A new attribute is a line here and a migration. What changes seldom or is read whole is JSON text. There are no foreign
keys: rows go in by gathers whose order is the farm's, and a reference that leads nowhere is mended at load instead of
being a reason not to start.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from hqserver.core.kept import Kept
from hqserver.core.records import AttemptState
from hqserver.store.hooks import HOOK, HOOKS
from hqserver.store.kinds import (
    COUNT,
    FLAG,
    FRACTION,
    ID,
    NUMBER,
    REFERENCE,
    REVISION,
    SECONDS,
    TEXT,
    TIME,
    WORD,
    Kind,
    clean,
    json_list_of,
    json_of,
    one_of,
    optional,
    text_of,
)
from hqserver.store.shapes import Field, Shape, metadata
from hqserver.store.specs import spec_text
from hqserver.wire import agent, agent_json, availability
from hqserver.wire.clients import Override
from hqserver.wire.faults import BadValue
from hqserver.wire.statuses import FINISHED, JobStatus

_TEXTS: Final = json_list_of(str)
_IDS: Final = json_list_of(int)
_SPEC: Final = Kind(sa.Text(), TEXT.load, "", spec_text)
_STATUS: Final = one_of(JobStatus, JobStatus.FAILED)
_VERDICT: Final = optional(one_of(FINISHED, JobStatus.FAILED))
_STATE: Final = one_of(AttemptState, AttemptState.OVER)
_MACHINE: Final = text_of(
    lambda text: agent_json.decode(agent.Machine, text),
    lambda machine: clean(agent_json.encode(machine)),
    agent.Machine("unknown", "unknown", 1),
)

_OVERRIDE: Final = one_of(Override, Override.NONE)


def _rules(plain: object) -> tuple[availability.Rule, ...]:
    try:
        return availability.read_rules(plain, "rules")
    except BadValue as problem:
        raise ValueError(str(problem)) from None


def _failures(plain: list[tuple[int, int]]) -> dict[int, int]:
    counts = dict(plain)
    if any(type(item) is not int or item < 0 for pair in counts.items() for item in pair):
        raise ValueError("these are no counts")
    return counts


_RULES: Final = json_of(_rules, lambda rules: [rule.as_struct() for rule in rules], ())

_FAILURES: Final = json_of(_failures, lambda counts: sorted(counts.items()), {})


def _helpers(plain: dict[str, int]) -> dict[int, int]:
    """Clients and cpus; JSON has only texts for keys."""
    found = {int(client): cpus for client, cpus in plain.items()}
    if not all(type(cpus) is int and cpus > 0 for cpus in found.values()):
        raise ValueError("cpus must be whole numbers above 0")
    return found


_HELPERS: Final = json_of(_helpers, lambda helpers: {str(client): cpus for client, cpus in helpers.items()}, {})

META: Final = Shape(
    "meta",
    Field("key", WORD, key=True),
    Field("value", COUNT),
)

SUBMISSIONS: Final = Shape(
    "submissions",
    Field("id", ID, key=True),
    Field("key", TEXT),
    Field("fingerprint", TEXT),
    Field("ids", _IDS),
    Field("at", TIME),
    Field("first_id", COUNT),
    Field("count", COUNT),
    Field("first_revision", REVISION),
)
"""Only complete ones: the row is written last, and what was written for one without a row was never told to anybody."""

SUBMISSION_KEYS: Final = sa.Index(
    "submissions_key",
    SUBMISSIONS.table.c.key,
    sqlite_where=SUBMISSIONS.table.c.key != "",
    postgresql_where=SUBMISSIONS.table.c.key != "",
)
"""A key is known for as long as its jobs are, also when these are history."""

JOBS: Final = Shape(
    "jobs",
    Field("id", ID, key=True),
    Field("submission", COUNT),
    Field("spec", _SPEC),
    Field("warnings", _TEXTS),
    Field("submitted_by", WORD),
    Field("queued_at", TIME),
    Field("status", _STATUS),
    Field("priority", NUMBER),
    Field("tries_left", COUNT),
    Field("progress", FRACTION),
    Field("progress_at", optional(TIME)),
    Field("started_at", optional(TIME)),
    Field("ended_at", optional(TIME)),
    Field("verdict", _VERDICT),
    Field("ending", WORD),
    Field("times_lost", COUNT),
    Field("hooks", HOOKS),
    Field("hook", HOOK),
    Field("show_blocked_warning", FLAG),
    Field("client_failures", _FAILURES),
    Field("revision", REVISION),
    Field("crc", COUNT),
)
JOB_BIRTH: Final = ("submission", "spec", "warnings", "submitted_by", "queued_at")
"""What is written once; with the checksum of the specification, `crc`."""
JOB_LIFE: Final = tuple(name for name in JOBS.names if name not in (*JOB_BIRTH, *JOBS.keys, "crc"))
"""What is written again with every change."""

EDGES: Final = Shape(
    "edges",
    Field("child", REFERENCE, key=True),
    Field("parent", REFERENCE, key=True),
    Field("position", COUNT),
)

ATTEMPTS: Final = Shape(
    "attempts",
    Field("job", REFERENCE, key=True),
    Field("number", REFERENCE, key=True),
    Field("client", COUNT),
    Field("cpus", COUNT),
    Field("ordered_at", TIME),
    Field("state", _STATE),
    Field("started_at", optional(TIME)),
    Field("ended_at", optional(TIME)),
    Field("paused", FLAG),
    Field("ending", WORD),
    Field("reason", WORD),
    Field("exit_code", optional(NUMBER)),
    Field("signal", optional(NUMBER)),
    Field("ran_seconds", SECONDS),
    Field("cpu_seconds", SECONDS),
    Field("peak_memory", NUMBER),
    Field("output_bytes", NUMBER),
    Field("cut_bytes", NUMBER),
    Field("message", TEXT),
    Field("helpers", _HELPERS),
    Field("lease", SECONDS),
)

LOG: Final = Shape(
    "job_log",
    Field("job", REFERENCE, key=True),
    Field("number", REFERENCE, key=True),
    Field("at", TIME),
    Field("event", WORD),
    Field("status", WORD),
    Field("client", WORD),
    Field("message", TEXT),
)

CLIENTS: Final = Shape(
    "clients",
    Field("id", ID, key=True),
    Field("agent", TEXT),
    Field("name", TEXT),
    Field("machine", _MACHINE),
    Field("boot", TEXT),
    Field("former_boots", _TEXTS),
    Field("hello_at", SECONDS),
    Field("hello_clock", optional(SECONDS)),
    Field("version", WORD),
    Field("agent_version", TEXT),
    Field("port", NUMBER),
    Field("ip", TEXT),
    Field("disabled", FLAG),
    Field("description", TEXT),
    Field("draining", FLAG),
    Field("heartbeat_at", optional(TIME)),
    Field("clock_skew", SECONDS),
    Field("failures", COUNT),
    Field("out_of_service", TEXT),
    Field("groups", _IDS),
    Field("rules", _RULES),
    Field("override", _OVERRIDE),
    Field("override_until", optional(TIME)),
    Field("override_at", optional(TIME)),
    Field("override_stamp", TEXT),
    Field("upgrade_asked", FLAG),
    Field("revision", REVISION),
)

GROUPS: Final = Shape(
    "groups",
    Field("id", ID, key=True),
    Field("name", TEXT),
    Field("revision", REVISION),
)

RESOURCES: Final = Shape(
    "resources",
    Field("id", ID, key=True),
    Field("name", TEXT),
    Field("amount", COUNT),
    Field("per_machine", FLAG),
    Field("revision", REVISION),
)

FORMER_CLIENTS: Final = Shape(
    "former_clients",
    Field("id", ID, key=True),
    Field("hostname", TEXT),
    Field("name", TEXT),
    Field("ip", TEXT),
    Field("revision", REVISION),
)

THREADS: Final = Shape(
    "threads",
    Field("id", ID, key=True),
    Field("job", optional(REFERENCE)),
    Field("client", optional(REFERENCE)),
    Field("handled", FLAG),
    Field("revision", REVISION),
)

NOTES: Final = Shape(
    "notes",
    Field("id", ID, key=True),
    Field("thread", COUNT),
    Field("at", TIME),
    Field("text", TEXT),
    Field("author", WORD),
    Field("automatic", FLAG),
    Field("revision", REVISION),
)

PROBLEMS: Final = Shape(
    "problems",
    Field("id", ID, key=True),
    Field("client", optional(REFERENCE)),
    Field("key", TEXT),
    Field("message", TEXT),
    Field("traceback", TEXT),
    Field("count", COUNT),
    Field("first_at", TIME),
    Field("last_at", TIME),
    Field("revision", REVISION),
)

FOLDERS: Final = Shape(
    "folders",
    Field("id", ID, key=True),
    Field("name", TEXT),
    Field("linux", TEXT),
    Field("macosx", TEXT),
    Field("windows", TEXT),
    Field("windows_mount", TEXT),
    Field("revision", REVISION),
)

MAILS: Final = Shape(
    "mails",
    Field("id", ID, key=True),
    Field("job", optional(REFERENCE)),
    Field("reason", WORD),
    Field("to", _TEXTS),
    Field("subject", TEXT),
    Field("body", TEXT),
    Field("at", TIME),
    Field("revision", REVISION),
)

KEPT: Final[dict[Kept, Shape]] = {
    Kept.GROUPS: GROUPS,
    Kept.RESOURCES: RESOURCES,
    Kept.FORMER_CLIENTS: FORMER_CLIENTS,
    Kept.THREADS: THREADS,
    Kept.NOTES: NOTES,
    Kept.PROBLEMS: PROBLEMS,
    Kept.FOLDERS: FOLDERS,
    Kept.MAILS: MAILS,
}
"""The tables of kept records; each has one key, `id`, and holds the record's first attributes in their order."""
PAST_JOBS: Final = Shape(
    "past_jobs",
    Field("family", REFERENCE, key=True),
    Field("job", REFERENCE, key=True),
    Field("status", one_of(FINISHED, JobStatus.FAILED)),
    Field("is_root", FLAG),
)
"""Jobs that are not loaded at a start; everything about them stands where it stood."""

PAST_FAMILIES: Final = Shape(
    "past_families",
    Field("id", ID, key=True),
    Field("jobs", COUNT),
    Field("changed_at", TIME),
)
"""Families that are history, each with the number of its jobs: without this row, its past jobs are none."""

QUARANTINE: Final = sa.Table(
    "quarantine",
    metadata,
    sa.Column("number", ID.type, primary_key=True),
    sa.Column("at", sa.Double, nullable=False),
    sa.Column("table", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
)
"""Rows that were damaged: kept for a person to look at, never executed."""

SHAPES: Final = (META, SUBMISSIONS, JOBS, EDGES, ATTEMPTS, LOG, CLIENTS, *KEPT.values(), PAST_JOBS, PAST_FAMILIES)
"""Every table but the quarantine."""
