"""Records to rows, and back.

Rows are made on the event loop, before anything can change again, and written by the store's thread: a `Gather` holds
nothing but plain values.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Final

from hqserver.core import kept
from hqserver.core.kept import Kept
from hqserver.core.records import Attempt, Client, Job, LogEntry, Submission
from hqserver.core.state import Changes
from hqserver.store.kinds import Damaged
from hqserver.store.shapes import Row, Shape
from hqserver.store.specs import SpecReader, checksum, damaged_spec
from hqserver.store.tables import (
    ATTEMPTS,
    CLIENTS,
    JOB_BIRTH,
    JOB_LIFE,
    JOBS,
    KEPT,
    LOG,
    PAST_FAMILIES,
    SUBMISSIONS,
)

_birth: Final = JOBS.maker("id", *JOB_BIRTH, *JOB_LIFE)
_SPEC: Final = JOBS.names.index("spec")
job_row: Final = JOBS.maker(*JOB_LIFE, "id")
attempt_row: Final = ATTEMPTS.maker(*ATTEMPTS.names)
client_row: Final = CLIENTS.maker(*CLIENTS.names)
submission_row: Final = SUBMISSIONS.maker(*SUBMISSIONS.names)
past_family_row: Final = PAST_FAMILIES.maker(*PAST_FAMILIES.names)
entry_row: Final = LOG.maker(*LOG.names[1:])
kept_row: Final = {kind: shape.maker(*shape.names) for kind, shape in KEPT.items()}
_respecified_row: Final = JOBS.maker(*JOB_LIFE, "spec", "id")


@dataclass(slots=True)
class Gather:
    """The rows of one transaction, in the order of their tables' columns; `jobs` of JOB_LIFE and the id."""

    meta: list[Row] = field(default_factory=list)
    submissions: list[Row] = field(default_factory=list)
    new_jobs: list[Row] = field(default_factory=list)
    jobs: list[Row] = field(default_factory=list)
    new_edges: list[Row] = field(default_factory=list)
    """Of new jobs as children."""
    edges: list[Row] = field(default_factory=list)
    removed_edges: list[Row] = field(default_factory=list)
    """Child, parent."""
    attempts: list[Row] = field(default_factory=list)
    log: list[Row] = field(default_factory=list)
    clients: list[Row] = field(default_factory=list)
    respecified: list[Row] = field(default_factory=list)
    """Those whose specification was replaced: JOB_LIFE, specification, checksum, id."""
    past_jobs: list[Row] = field(default_factory=list)
    past_families: list[Row] = field(default_factory=list)
    recalled: list[Row] = field(default_factory=list)
    """Ids of families that are history no more."""
    removed_jobs: list[Row] = field(default_factory=list)
    """Ids."""
    removed_clients: list[Row] = field(default_factory=list)
    """Ids."""
    kept: dict[Kept, list[Row]] = field(default_factory=dict)
    dropped: dict[Kept, list[Row]] = field(default_factory=dict)
    """Ids."""


def rows_of(changes: Changes) -> Gather:
    """Everything that the changes mean for the database."""
    new_edges, edges = _edges(changes)
    return Gather(
        meta=_meta(changes),
        submissions=[submission_row(item) for item in changes.submissions.values()],
        new_jobs=[new_job_row(job) for job in changes.new_jobs.values()],
        jobs=[job_row(job) for id_, job in changes.jobs.items() if id_ not in changes.respecified],
        new_edges=new_edges,
        edges=edges,
        removed_edges=[(child, parent) for parent, child in changes.edges_removed],
        attempts=[attempt_row(item) for item in changes.attempts.values()],
        log=[(job, *entry_row(entry)) for job, entry in changes.log],
        clients=[client_row(item) for item in changes.clients.values()],
        respecified=[_respecified(job) for job in changes.respecified.values()],
        past_jobs=[(item.family, item.job, item.status.value, int(item.is_root)) for item in changes.past_jobs],
        past_families=[past_family_row(item) for item in changes.past_families],
        recalled=[(family,) for family in changes.recalled],
        removed_jobs=[(job.id,) for job in changes.removed_jobs],
        removed_clients=[(id_,) for id_ in changes.removed_clients],
        kept={kind: [kept_row[kind](item) for item in items.values()] for kind, items in changes.kept.items()},
        dropped={kind: [(id_,) for id_ in ids] for kind, ids in changes.dropped.items()},
    )


def _respecified(job: Job) -> Row:
    *life, text, id_ = _respecified_row(job)
    return (*life, text, checksum(text), id_)


def new_job_row(job: Job) -> Row:
    """A whole row of the jobs' table."""
    row = _birth(job)
    return (*row, checksum(row[_SPEC]))


def _meta(changes: Changes) -> list[Row]:
    """Nothing for a slice of a submission: it has no revision of its own yet."""
    if not changes.revision:
        return []
    return [
        ("revision", changes.base_revision),
        ("next_job", changes.next_job),
        ("next_client", changes.next_client),
        ("next_submission", changes.next_submission),
        ("lived_until", changes.lived_until),
        *((f"next_{kind}", number) for kind, number in changes.next_kept.items()),
    ]


def _edges(changes: Changes) -> tuple[list[Row], list[Row]]:
    """Edges of new jobs; and those of others, with all that a job keeps when it lost one: their places moved up."""
    touched = {**changes.jobs, **changes.new_jobs} if changes.edges_removed else {}
    moved = {child: touched[child] for _, child in changes.edges_removed if child in touched}
    fresh: list[Row] = []
    rows: list[Row] = []
    for parent, child, place in changes.edges_added:
        if child not in moved:
            (fresh if child in changes.new_jobs else rows).append((child, parent, place))
    for child, job in moved.items():
        rows += [(child, parent, place) for place, parent in enumerate(job.parents)]
    return fresh, rows


def job_of(row: Row, reader: SpecReader) -> Job:
    """A job without its edges, attempts and log. Raises Damaged when its specification is not what was written."""
    values = dict(zip(JOBS.names, row, strict=True))
    values["spec"] = reader.read(values["spec"], values.pop("crc"))
    return Job(root=values["id"], **values)


def mended_job_of(row: Row, reader: SpecReader) -> Job:
    """The same from a damaged row."""
    try:
        return job_of(row, reader)
    except Damaged as problem:
        values = dict(zip(JOBS.names, row, strict=True))
        values["spec"] = damaged_spec(values["id"], str(problem))
        del values["crc"]
        return Job(root=values["id"], **values)


def attempt_of(row: Row) -> Attempt:
    """An attempt; its lease begins anew when the farm is restored."""
    return Attempt(*row)


def entry_of(row: Row) -> tuple[int, LogEntry]:
    """A line of a status log, and its job."""
    return row[0], LogEntry(*row[1:])


def client_of(row: Row) -> Client:
    """A client, out of touch."""
    return Client(**dict(zip(CLIENTS.names, row, strict=True)))


def kept_of(kind: Kept, row: Row) -> Any:
    """A kept record."""
    return _KEPT_RECORDS[kind](*row)


_KEPT_RECORDS: Final[dict[Kept, Any]] = {
    Kept.GROUPS: kept.Group,
    Kept.RESOURCES: kept.Resource,
    Kept.FORMER_CLIENTS: kept.FormerClient,
    Kept.THREADS: kept.Thread,
    Kept.NOTES: kept.Note,
    Kept.PROBLEMS: kept.Problem,
    Kept.FOLDERS: kept.Folder,
    Kept.MAILS: kept.Mail,
}


def submission_of(row: Row) -> Submission:
    """A submission that was completed."""
    return Submission(*row)


def _have_order(shape: Shape, record: type) -> bool:
    """Whether a row gives the record's first attributes in their order, as making one from it takes for granted."""
    return shape.names == tuple(field.name for field in fields(record))[: len(shape.names)]


assert _have_order(ATTEMPTS, Attempt)
assert _have_order(SUBMISSIONS, Submission)
assert all(_have_order(KEPT[kind], record) for kind, record in _KEPT_RECORDS.items())
assert LOG.names == ("job", *LogEntry._fields)
