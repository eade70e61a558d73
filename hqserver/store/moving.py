"""Moving to another database: everything is copied in one transaction, while no server runs on either."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from hqserver.store import checking, database, locks, schema
from hqserver.store.errors import StoreError
from hqserver.store.shapes import metadata
from hqserver.store.tables import JOBS, META, QUARANTINE

_CHUNK: Final = 5_000


def copy_database(data: Path, source: str | None, target: str) -> dict[str, int]:
    """Copy everything into an empty database; how many rows each table has. Raises StoreError: nothing was copied."""
    from_url, to_url = database.database_url(data, source), database.database_url(data, target)
    if from_url == to_url:
        raise StoreError("--to is the database itself")
    with contextlib.ExitStack() as held:
        for lock in locks.lock_files(data, from_url):
            held.callback(lock.release)
        engine = database.open_engine(from_url, reads_only=True)
        held.callback(engine.dispose)
        reader = held.enter_context(engine.connect())
        locks.lock_database(reader)
        _refuse_old(reader)
        _refuse_damaged(reader)
        new = database.open_engine(to_url)
        held.callback(new.dispose)
        writer = held.enter_context(new.connect())
        locks.lock_database(writer)
        with database.said_plainly(to_url, "cannot be filled"):
            schema.upgrade(writer, data)
            return _copy(reader, writer)


def _refuse_old(reader: sa.Connection) -> None:
    found = schema.version(reader)
    if found != schema.STEPS.head:
        raise StoreError(
            f"its tables are {found or 'not there'}, this version's are {schema.STEPS.head}; start this version's "
            "server on it once, stop it, and try again"
        )


def _refuse_damaged(reader: sa.Connection) -> None:
    with reader.begin():
        found = checking.damage(reader)
    if found:
        raise StoreError(f"it is damaged ({found[0]}); `hqserver check` tells all, a start of the server puts it aside")


def _copy(reader: sa.Connection, writer: sa.Connection) -> dict[str, int]:
    counts = {}
    with reader.begin(), writer.begin():
        for shape in (META, JOBS):
            if writer.scalar(sa.select(sa.func.count()).select_from(shape.table)):
                raise StoreError("the database that --to names is not empty; make a new one")
        for table in metadata.sorted_tables:
            columns = [column for column in table.columns if column is not QUARANTINE.c.number]
            with reader.execution_options(yield_per=_CHUNK).execute(sa.select(*columns)) as rows:
                for part in rows.mappings().partitions():
                    writer.execute(sa.insert(table), [dict(row) for row in part])
            counts[table.name] = _count(writer, table)
            if counts[table.name] != _count(reader, table):
                raise StoreError(f"{table.name} was not copied whole")
    return counts


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)
