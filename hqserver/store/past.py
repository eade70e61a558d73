"""Which jobs are history, as the tables say it: read at a start, so that their rows need not be."""

from __future__ import annotations

from collections.abc import Sequence
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
    rows = connection.execute(select.execution_options(yield_per=_CHUNK))
    for family, members in groupby(rows, itemgetter(0)):
        found = list(members)
        read = _read([row[:-1] for row in found]) if len(found) == found[0][-1] else None
        if read is None:
            findings.instead.recalled.append((family,))
        else:
            past.add(read)
    return past


def _read(rows: Sequence[Sequence[Any]]) -> list[PastJob] | None:
    """A family's jobs; None if any of them is damaged."""
    try:
        return [PastJob(*row) for row in PAST_JOBS.load(rows)]
    except Damaged:
        return None
