"""Looking at a database without changing it: what a start would find, and whether the file itself is whole."""

from __future__ import annotations

import sqlalchemy as sa

from hqserver.store import database, loading, schema
from hqserver.store.tables import QUARANTINE

_MOST_TOLD = 100


def problems(url: sa.URL, now: float) -> list[str]:
    """What is wrong, a line each; none for a sound database. Also while a server runs. Raises StoreError."""
    engine = database.open_engine(url, reads_only=True)
    try:
        with engine.connect() as connection:
            found = schema.version(connection)
            if found is None:
                return ["there are no tables in it; a server makes them when it starts"]
            schema.refuse_newer(found)
            if found != schema.STEPS.head:
                return [f"its tables are {found}; this server brings them to {schema.STEPS.head} when it starts"]
            with connection.begin():
                return [*_damage(connection), *_findings(connection, now), *_put_aside(connection)]
    finally:
        engine.dispose()


def _damage(connection: sa.Connection) -> list[str]:
    if connection.dialect.name != "sqlite":
        return []
    found = connection.scalars(sa.text(f"PRAGMA integrity_check({_MOST_TOLD})")).all()
    return [] if found == ["ok"] else [f"the file is damaged: {line}" for line in found]


def _findings(connection: sa.Connection, now: float) -> list[str]:
    return loading.read(connection, now)[1].told()


def _put_aside(connection: sa.Connection) -> list[str]:
    count = connection.scalar(sa.select(sa.func.count()).select_from(QUARANTINE))
    return [f"{count} damaged rows were put aside at earlier starts; look at the table quarantine"] if count else []
