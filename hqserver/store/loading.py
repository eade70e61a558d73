"""Reading everything back after a start, row by row: a row that cannot be read is put aside, never fatal, never run."""

from __future__ import annotations

import json
import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from hqserver.core.records import Job
from hqserver.core.restoring import Remembered
from hqserver.store import rows, tables
from hqserver.store.specs import SpecReader

log = logging.getLogger("hqserver.store")

T = TypeVar("T")
_CHUNK: Final = 10_000


def load(connection: sa.Connection) -> Remembered:
    """The farm's records. What belongs to a submission that was never completed is removed."""
    meta = {row.key: row.value for row in connection.execute(sa.select(tables.meta))}
    bad = _Quarantine(connection)
    submissions = list(bad.read_all(tables.submissions, "submission", rows.submission_of))
    first = {item.id: item for item in submissions}
    reader = SpecReader()
    jobs = {job.id: job for job in bad.read_all(tables.jobs, "job", lambda row: rows.job_of(row, reader))}
    for job in [job for job in jobs.values() if job.submission not in first]:
        del jobs[job.id]
    for job in jobs.values():
        if not job.revision:
            submission = first[job.submission]
            job.revision = submission.first_revision + job.id - submission.first_id
    _attach(connection, bad, jobs)
    clients = list(bad.read_all(tables.clients, "client", rows.client_of))
    bad.store()
    _remove_incomplete(connection)
    connection.commit()
    return Remembered(
        jobs=list(jobs.values()),
        clients=clients,
        submissions=submissions,
        revision=meta.get("revision", 0),
        next_job=meta.get("next_job", 1),
        next_client=meta.get("next_client", 1),
        next_submission=meta.get("next_submission", 1),
    )


def _attach(connection: sa.Connection, bad: _Quarantine, jobs: Mapping[int, Job]) -> None:
    """Edges, attempts and logs to their jobs, in their order."""
    for edge in connection.execute(sa.select(tables.edges).order_by(tables.edges.c.child, tables.edges.c.position)):
        if edge.child in jobs:
            jobs[edge.child].parents.append(edge.parent)
    order = (tables.attempts.c.job, tables.attempts.c.number)
    for attempt in bad.read_all(tables.attempts, "attempt", rows.attempt_of, *order):
        if attempt.job in jobs:
            jobs[attempt.job].attempts.append(attempt)
    for row in _chunks(connection, sa.select(tables.job_log).order_by(tables.job_log.c.job, tables.job_log.c.number)):
        if row["job"] in jobs:
            jobs[row["job"]].log.append(rows.log_entry_of(row))


def _remove_incomplete(connection: sa.Connection) -> None:
    """Jobs of a submission that was being written when the server ended: nobody was told of them."""
    complete = sa.select(tables.submissions.c.id)
    lost = connection.scalars(sa.select(tables.jobs.c.id).where(tables.jobs.c.submission.not_in(complete))).all()
    if lost:
        log.warning("removing %d jobs of a submission that was never completed", len(lost))
    for start in range(0, len(lost), 500):
        part = lost[start : start + 500]
        for column in (tables.job_log.c.job, tables.edges.c.child, tables.edges.c.parent, tables.jobs.c.id):
            connection.execute(sa.delete(column.table).where(column.in_(part)))


def _chunks(connection: sa.Connection, select: sa.Select[Any]) -> Iterator[Mapping[str, Any]]:
    result = connection.execution_options(yield_per=_CHUNK).execute(select)
    for row in result.mappings():
        yield dict(row)


class _Quarantine:
    """Rows that could not be read."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._rows: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def read_all(
        self, table: sa.Table, what: str, read: Callable[[Mapping[str, Any]], T], *order: sa.Column[Any]
    ) -> Iterator[T]:
        """Each row of a table as a record; those that fail are kept aside."""
        for row in _chunks(self._connection, sa.select(table).order_by(*(order or table.primary_key.columns))):
            try:
                yield read(row)
            except Exception as error:  # noqa: BLE001 - whatever is wrong with one row must not stop the farm
                self._put_aside(table, what, row, error)

    def store(self) -> None:
        """Move the bad rows to the quarantine table."""
        for name, bad in self._rows.items():
            table = tables.metadata.tables[name]
            self._connection.execute(sa.insert(tables.quarantine), [item["row"] for item in bad])
            for item in bad:
                keys = [column == item["key"][column.name] for column in table.primary_key.columns]
                self._connection.execute(sa.delete(table).where(*keys))

    def _put_aside(self, table: sa.Table, what: str, row: Mapping[str, Any], error: Exception) -> None:
        key = {column.name: row[column.name] for column in table.primary_key.columns}
        number = key.get("id", key.get("job", 0))
        log.error("%s %s is put aside and not used: %s", what, number, error)
        kept = {
            "at": time.time(),
            "what": what,
            "id": number if isinstance(number, int) else 0,
            "reason": str(error)[:1000],
            "row": json.dumps(dict(row), default=repr),
        }
        self._rows[table.name].append({"key": key, "row": kept})
