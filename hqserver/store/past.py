"""Which jobs are history, as the tables say it: read at a start, so that their rows need not be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from hqserver.core.past import Past, PastJob
from hqserver.store.kinds import Damaged
from hqserver.store.quarantine import Findings
from hqserver.store.tables import PAST_FAMILIES, PAST_JOBS

_CHUNK: Final = 5_000


def read_past(connection: sa.Connection, findings: Findings) -> Past:
    """The families that are wholly there. Any other is no history: its jobs are read like all others."""
    past = Past()
    jobs, families = PAST_JOBS.table, PAST_FAMILIES.table
    select = (
        sa.select(jobs, families.c.jobs.label("count"))
        .join_from(jobs, families, families.c.id == jobs.c.family, isouter=True)
        .order_by(jobs.c.family, jobs.c.job)
    )
    with connection.execute(select.execution_options(yield_per=_CHUNK)) as rows:
        read = (item for chunk in rows.partitions() for item in _read(chunk))
        for family, members in groupby(read, itemgetter(0)):
            found = list(members)
            jobs_of_family = [job for _, job, _ in found if job is not None]
            if len(jobs_of_family) == len(found) == found[0][2]:
                past.add(jobs_of_family)
            else:
                findings.instead.recalled.append((family,))
    return past


def _read(rows: Sequence[Sequence[Any]]) -> Iterator[tuple[Any, PastJob | None, Any]]:
    """For each row its family, its job (None if it is damaged), and how many the family should have."""
    try:
        loaded: Sequence[PastJob | None] = [PastJob(*row) for row in PAST_JOBS.load([row[:-1] for row in rows])]
    except Damaged:
        loaded = [_read_one(row[:-1]) for row in rows]
    return zip((row[0] for row in rows), loaded, (row[-1] for row in rows), strict=True)


def _read_one(row: Sequence[Any]) -> PastJob | None:
    try:
        return PastJob(*PAST_JOBS.load([row])[0])
    except Damaged:
        return None
