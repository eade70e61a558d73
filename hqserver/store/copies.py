"""Copies of the database: a SQLite file with everything in it, taken while the server runs, whole or not there.

The copy of a PostgreSQL is a SQLite file too, so that it can be looked at anywhere and a server can be run from it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from hqserver.store import database
from hqserver.store.errors import StoreError
from hqserver.store.shapes import metadata

_CHUNK: Final = 5_000
_VERSION: Final = sa.table("alembic_version", sa.column("version_num", sa.String(32)))


def write_copy(url: sa.URL, path: Path) -> None:
    """Copy a database to a file, checked and on disk when this returns; an older copy there is replaced.

    Raises StoreError; then `path` is what it was.
    """
    _refuse(url, path)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.unlink(missing_ok=True)
    try:
        _write(url, unfinished)
        _examine(unfinished)
        _to_disk(unfinished)
        unfinished.replace(path)
        _to_disk(path.parent)
    except (OSError, sqlite3.Error, sa.exc.DBAPIError) as error:
        raise StoreError(f"no copy could be written to {path}: {database.in_words(error)}") from error
    finally:
        with contextlib.suppress(OSError):
            unfinished.unlink(missing_ok=True)


def _refuse(url: sa.URL, path: Path) -> None:
    """What would pass for a copy and be none, or would harm what it is written over. Raises StoreError."""
    if path.is_dir():
        raise StoreError(f"{path} is a folder; name a file for the copy, {path / 'hqserver-copy.db'} for instance")
    if url.get_backend_name() == "sqlite":
        source = Path(str(url.database))
        if not source.exists():
            raise StoreError(f"there is no database {source}")
        if path.exists() and path.samefile(source):
            raise StoreError(f"{path} is the database itself; name another file for the copy")
    if path.with_name(f"{path.name}-wal").exists():
        raise StoreError(
            f"{path} is a database that a server uses or has not left in order, as {path.name}-wal beside it shows; "
            "name another file for the copy"
        )


def size(url: sa.URL) -> int:
    """About how many bytes a database has. Raises StoreError, OSError."""
    if url.get_backend_name() == "sqlite":
        return Path(str(url.database)).stat().st_size
    engine = database.open_engine(url, reads_only=True)
    with _disposed(engine), engine.connect() as connection:
        return int(connection.scalar(sa.text("SELECT pg_database_size(current_database())")) or 0)


def _write(url: sa.URL, path: Path) -> None:
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    if url.get_backend_name() == "sqlite":
        with contextlib.closing(sqlite3.connect(str(url.database))) as source:
            source.execute("VACUUM INTO ?", (str(path),))
        return
    engine = database.open_engine(url, reads_only=True)
    with _disposed(engine), _disposed(sa.create_engine(f"sqlite:///{path}", poolclass=sa.NullPool)) as target:
        metadata.create_all(target)
        with engine.connect() as reader, target.begin() as writer:
            writer.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)")
            for table in (*metadata.sorted_tables, _VERSION):
                with reader.execution_options(yield_per=_CHUNK).execute(sa.select(table)) as rows:
                    for part in rows.mappings().partitions():
                        writer.execute(sa.insert(table), [dict(row) for row in part])


@contextlib.contextmanager
def _disposed(engine: sa.Engine) -> Iterator[sa.Engine]:
    try:
        yield engine
    finally:
        engine.dispose()


def _examine(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as copy:
        problem = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise StoreError(
            f"the copy {path} is damaged ({problem}), so the database is; look at it with `hqserver check`"
        )


def _to_disk(path: Path) -> None:
    file = os.open(path, os.O_RDONLY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
