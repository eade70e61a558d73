"""Opening the database: SQLite in the data folder, or PostgreSQL; one server at a time; durable or not at all."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from hqserver.store.errors import StoreError

_SHARED_FILE_SYSTEMS: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "smb2"})
_ADVISORY_LOCK: Final = 0x48514651
"""Any number, the same for every server."""


def database_url(data: Path, url: str | None) -> sa.URL:
    """What the command line named, else the SQLite file in the data folder. Raises StoreError."""
    if url is None:
        return sa.URL.create("sqlite", database=str(data / "hqserver.db"))
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        raise StoreError(
            f"--database {url!r} is not a database URL; like postgresql+psycopg://user@host/name"
        ) from None
    if parsed.drivername == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.get_backend_name() not in ("sqlite", "postgresql"):
        raise StoreError(f"--database {parsed.drivername} is not supported; use sqlite or postgresql+psycopg")
    return parsed


def describe(url: sa.URL) -> str:
    """The database in a line, without its password."""
    return url.render_as_string(hide_password=True)


def open_engine(url: sa.URL) -> sa.Engine:
    """An engine whose commits survive a power cut. Raises StoreError."""
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    engine = sa.create_engine(url, pool_pre_ping=False)
    try:
        with engine.connect() as connection:
            if connection.scalar(sa.text("SHOW fsync")) == "off":
                raise StoreError("this PostgreSQL runs with fsync=off: it would lose acknowledged jobs in a power cut")
    except sa.exc.OperationalError as error:
        raise StoreError(f"cannot reach {describe(url)}: {error.orig}") from None
    return engine


def _open_sqlite(url: sa.URL) -> sa.Engine:
    path = Path(url.database or "")
    kind = file_system(path.parent)
    if kind in _SHARED_FILE_SYSTEMS:
        raise StoreError(f"{path} is on {kind}: SQLite is not safe there; use a local folder, or PostgreSQL")
    engine = sa.create_engine(url, connect_args={"check_same_thread": False, "timeout": 5.0})

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL", "PRAGMA fullfsync=ON"):
            connection.execute(statement)

    try:
        with engine.connect() as connection:
            journal = connection.scalar(sa.text("PRAGMA journal_mode"))
            synchronous = connection.scalar(sa.text("PRAGMA synchronous"))
            problem = connection.scalar(sa.text("PRAGMA quick_check"))
    except sa.exc.DatabaseError as error:
        raise StoreError(f"{path} cannot be opened: {error.orig}") from None
    if (journal, synchronous) != ("wal", 2):
        raise StoreError(f"{path}: cannot be made durable (journal {journal}, synchronous {synchronous})")
    if problem != "ok":
        raise StoreError(
            f"{path} is damaged ({problem}); restore the newest backup, or move the file away to start anew"
        )
    return engine


def file_system(folder: Path) -> str:
    """The type of the file system that holds a folder; empty when it cannot be told."""
    try:
        mounts = Path("/proc/self/mounts").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    real = f"{os.path.realpath(folder)}/"
    held = [(fields[1].rstrip("/") + "/", fields[2]) for line in mounts if len(fields := line.split()) > 2]
    inside = [(len(point), kind) for point, kind in held if real.startswith(point)]
    return max(inside)[1] if inside else ""


class FolderLock:
    """Held for the life of the process: one server for a data folder."""

    def __init__(self, data: Path) -> None:
        self._file = (data / "hqserver.lock").open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip()
            self._file.close()
            raise StoreError(f"{data} is in use by another hqserver (process {holder or 'unknown'})") from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        """Let another server have the folder."""
        self._file.close()


def take_database(connection: sa.Connection) -> None:
    """One server for a PostgreSQL database; held by the very connection that writes. Raises StoreError."""
    if connection.dialect.name == "postgresql":
        taken = connection.scalar(sa.text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_LOCK})
        connection.commit()
        if not taken:
            raise StoreError("this database is in use by another hqserver")
