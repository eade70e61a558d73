"""Whether the rows of jobs are what their records say: what a start would load, beside what is in RAM."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from hqserver.core.records import Job
from hqserver.store.rows import attempt_row, new_job_row
from hqserver.store.shapes import Row
from hqserver.store.tables import ATTEMPTS, EDGES, JOB_BIRTH, JOB_LIFE, JOBS

_NAMES: Final = ("id", *JOB_BIRTH, *JOB_LIFE, "crc")
_REVISION: Final = _NAMES.index("revision")
"""Not compared: what a large submission wrote before it was complete has a number of its own (`first_revision`)."""


class Picture(NamedTuple):
    """A job as plain values: made on the event loop, compared in a thread."""

    job: int
    row: Row
    parents: tuple[int, ...]
    attempts: tuple[Row, ...]


def picture(job: Job) -> Picture:
    """How the job should be stored."""
    return Picture(job.id, new_job_row(job), tuple(job.parents), tuple(attempt_row(item) for item in job.attempts))


def differences(connection: sa.Connection, pictures: Sequence[Picture]) -> dict[int, str]:
    """What is stored differently, by job, in the connection's transaction; at most 500 jobs at a time."""
    ids = [item.job for item in pictures]
    columns = [JOBS.table.c[name] for name in _NAMES]
    stored = {row[0]: tuple(row) for row in connection.execute(sa.select(*columns).where(columns[0].in_(ids)))}
    parents = _grouped(connection, EDGES.table, ("child", "position", "parent"), ids)
    attempts = _grouped(connection, ATTEMPTS.table, ATTEMPTS.names, ids)
    found = {}
    for item in pictures:
        row = stored.get(item.job)
        wrong = ["everything: it is not stored"] if row is None else _unequal(row, item.row)
        if item.parents != tuple(edge[2] for edge in parents[item.job]):
            wrong.append("parents")
        if item.attempts != tuple(attempts[item.job]):
            wrong.append("attempts")
        if wrong:
            found[item.job] = ", ".join(wrong)
    return found


def _unequal(stored: Row, expected: Row) -> list[str]:
    pairs = zip(_NAMES, stored, expected, strict=True)
    return [name for index, (name, one, other) in enumerate(pairs) if one != other and index != _REVISION]


def _grouped(
    connection: sa.Connection, table: sa.Table, names: Sequence[str], ids: Sequence[int]
) -> defaultdict[int, list[Row]]:
    """Rows of these jobs, by the first column, in the order of the second."""
    columns = [table.c[name] for name in names]
    select = sa.select(*columns).where(columns[0].in_(ids)).order_by(columns[0], columns[1])
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in connection.execute(select):
        found[row[0]].append(tuple(row))
    return found
