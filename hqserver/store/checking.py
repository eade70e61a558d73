"""Looking at a database without changing it: what a start would find, and whether the file itself is whole."""

from __future__ import annotations

import sqlalchemy as sa

from hqserver.store import database, loading, schema
from hqserver.store.tables import EDGES, QUARANTINE
from hqserver.wire.statuses import JobStatus

_MOST_TOLD = 100
_JOBS_AT_A_TIME = 10_000


def problems(url: sa.URL, now: float) -> list[str]:
    """What is wrong, a line each; none for a sound database. Also while a server runs. Raises StoreError."""
    engine = database.open_engine(url, reads_only=True)
    try:
        with database.said_plainly(url, "cannot be read; restore the newest backup"), engine.connect() as connection:
            found = schema.version(connection)
            if found is None:
                return ["there are no tables in it; a server makes them when it starts"]
            schema.refuse_newer(found)
            if found != schema.STEPS.head:
                return [f"its tables are {found}; this server brings them to {schema.STEPS.head} when it starts"]
            with connection.begin():
                return [*damage(connection, now), *_put_aside(connection)]
    finally:
        engine.dispose()


def damage(connection: sa.Connection, now: float = 0.0) -> list[str]:
    """What is damaged, in the connection's transaction: the file, rows that a start would put aside, history."""
    return [*_file_damage(connection), *_findings(connection, now)]


def _file_damage(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = connection.scalars(sa.text(f"PRAGMA integrity_check({_MOST_TOLD})")).all()
    return [] if found == ["ok"] else [f"the file is damaged: {line}" for line in found]


def _findings(connection: sa.Connection, now: float) -> list[str]:
    remembered, findings = loading.read(connection, now)
    told = findings.told()
    history = remembered.past.ids(JobStatus)
    del remembered
    for start in range(0, len(history), _JOBS_AT_A_TIME):
        told += _history_findings(connection, history[start : start + _JOBS_AT_A_TIME], now)
    return told


def _history_findings(connection: sa.Connection, ids: list[int], now: float) -> list[str]:
    """Jobs of history by the thousand, not by families: that a relative is in another thousand is no damage."""
    found = loading.read_jobs(connection, ids, now)[1]
    return [str(item) for item in found.found if item.shape is not EDGES]


def _put_aside(connection: sa.Connection) -> list[str]:
    count = connection.scalar(sa.select(sa.func.count()).select_from(QUARANTINE))
    return [f"{count} damaged rows were put aside at earlier starts; look at the table quarantine"] if count else []
