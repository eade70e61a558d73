"""Opening the database: SQLite in the server's folder, or any PostgreSQL; durable or not at all.

Every connection is set up here, and what durability hangs on is read back. Transactions begin when SQLAlchemy says so
and not when the driver thinks fit, so that a migration is one transaction too.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from hqserver.store.errors import StoreError

SQLITE_FILE: Final = "hqserver.db"
_SHARED_FILE_SYSTEMS: Final = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFE534D42: "SMB",
    0xFF534D42: "SMB",
    0x01021997: "9p",
}
"""By their number in statfs(2): one machine does not see there in time what another one locks or writes."""
_SQLITE_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "fullfsync=ON",
    "checkpoint_fullfsync=ON",
    "wal_autocheckpoint=10000",
    "journal_size_limit=67108864",
    "cache_size=-16000",
)
_LENIENT_TEXT: Final = functools.partial(str, encoding="utf-8", errors="surrogateescape")
"""Bytes that are no UTF-8 must not end a whole load; what came of them is noticed where the row is looked at."""
_RESTORE: Final = "restore the newest backup, or move the file away to begin anew"
_ADVICE: Final = {
    # What SQLite calls an error of the disk may be that there was no room for the file that its processes share.
    "SQLITE_IOERR": "; is the disk full, or failing?",
    "SQLITE_CORRUPT": f"; {_RESTORE}",
    "SQLITE_NOTADB": f"; {_RESTORE}",
}
"""What may be added to an error of SQLite's, by the beginning of its name."""
_POSTGRES_SETTINGS: Final = {
    "synchronous_commit": "on",
    "client_encoding": "UTF8",
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}
"""The keepalives are the database's own: it lets go of the lock of a server whose machine is gone within a minute."""
_POSTGRES_CONNECT: Final = {"connect_timeout": 10, "tcp_user_timeout": 60_000, "application_name": "hqserver"}


def database_url(data: Path, url: str | None) -> sa.URL:
    """What the command line named, else the SQLite file in the data folder. Raises StoreError."""
    if url is None:
        return sa.URL.create("sqlite", database=str(data / SQLITE_FILE))
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):
        raise StoreError("--database is no database URL; one looks like postgresql+psycopg://user@host/name") from None
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(f"--database {parsed.drivername} is not supported; use sqlite or postgresql+psycopg")
    if parsed.drivername == "sqlite" and parsed.database in (None, "", ":memory:"):
        raise StoreError("--database must name a file; a database in memory would forget every job")
    return parsed


def stays_there(url: sa.URL) -> Callable[[], bool]:
    """What tells whether the name of an open database still leads to it.

    SQLite goes on in a file that was moved or deleted as if nothing had happened, and the next start would not find it.
    """
    if url.get_backend_name() != "sqlite":
        return lambda: True
    path = str(url.database)
    opened = os.stat(path)  # noqa: PTH116 - once a commit

    def is_there() -> bool:
        try:
            return os.path.samestat(os.stat(path), opened)  # noqa: PTH116
        except OSError:
            return False

    return is_there


def describe(url: sa.URL) -> str:
    """The database in a line, without its password."""
    return url.render_as_string(hide_password=True)


def open_engine(url: sa.URL, *, reads_only: bool = False, look_closely: bool = True) -> sa.Engine:
    """An engine whose commits survive a power cut. Raises StoreError.

    `look_closely` False: for the second connection of a server that has looked at every page already.
    """
    if url.get_backend_name() == "sqlite":
        return _open_sqlite(url, reads_only=reads_only, look_closely=look_closely)
    return _open_postgres(url, reads_only=reads_only)


def _open_sqlite(url: sa.URL, *, reads_only: bool, look_closely: bool) -> sa.Engine:
    path = Path(url.database or "")
    kind = _SHARED_FILE_SYSTEMS.get(file_system(path.parent))
    if kind is not None:
        raise StoreError(f"{path} is on {kind}: SQLite is not safe there; use a local folder, or PostgreSQL")
    if reads_only and not path.exists():
        raise StoreError(f"there is no database {path}")
    if not reads_only:
        _refuse_second_name(path)
        path.touch(mode=0o600)  # its companions -wal and -shm get the same mode
    engine = sa.create_engine(
        url, paramstyle="qmark", poolclass=sa.NullPool, connect_args={"check_same_thread": False, "timeout": 5.0}
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.text_factory = _LENIENT_TEXT
        for pragma in ("query_only=ON", *_SQLITE_PRAGMAS[1:]) if reads_only else _SQLITE_PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")

    if look_closely:
        _check(engine, _soundness if reads_only else _check_sqlite)
    return engine


def _refuse_second_name(path: Path) -> None:
    """By another name a second server would come in, and the newest commits, which lie beside the file, would not."""
    if path.exists() and path.stat().st_nlink > 1:
        raise StoreError(
            f"{path} has another name besides (a hard link): two servers could share it and would spoil it. Delete the "
            f"other name (`find DIR -samefile {path}` tells it), or give this one a copy of its own"
        )


def _check_sqlite(connection: sa.Connection) -> str:
    journal = connection.scalar(sa.text("PRAGMA journal_mode"))
    synchronous = connection.scalar(sa.text("PRAGMA synchronous"))
    if (journal, synchronous) != ("wal", 2):
        return f"cannot be made durable (journal {journal}, synchronous {synchronous}); is the disk full?"
    return _soundness(connection)


def _soundness(connection: sa.Connection) -> str:
    problem = connection.scalar(sa.text("PRAGMA quick_check(1)"))
    if problem != "ok":
        return f"is damaged ({' '.join(problem.split())}); {_RESTORE}"
    return ""


def _open_postgres(url: sa.URL, *, reads_only: bool) -> sa.Engine:
    from psycopg.types.numeric import Int8Dumper

    options = " ".join(f"-c {name}={value}" for name, value in _POSTGRES_SETTINGS.items())
    engine = sa.create_engine(
        url,
        paramstyle="format",
        poolclass=sa.NullPool,
        connect_args={**_POSTGRES_CONNECT, "options": options},
        isolation_level="REPEATABLE READ" if reads_only else "READ COMMITTED",
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.adapters.register_dumper(
            int, Int8Dumper
        )  # one type for all, so that one prepared statement fits all

    _check(engine, _check_reachable if reads_only else _check_postgres)
    return engine


def _check_postgres(connection: sa.Connection) -> str:
    def setting(name: str) -> str:
        return str(connection.scalar(sa.text(f"SHOW {name}")))

    if setting("fsync") != "on":
        return "runs with fsync=off: it would lose acknowledged jobs in a power cut; set fsync=on"
    if setting("synchronous_commit") != "on":
        return f"does not let synchronous_commit be on (it is {setting('synchronous_commit')})"
    if setting("server_encoding") != "UTF8":
        return f"keeps texts as {setting('server_encoding')}; make a database with ENCODING 'UTF8'"
    return ""


def _check_reachable(_connection: sa.Connection) -> str:
    return ""


def _check(engine: sa.Engine, check: Callable[[sa.Connection], str]) -> None:
    """Open one connection and look at it. Raises StoreError."""
    with said_plainly(engine.url, "cannot be opened"), engine.connect() as connection:
        problem = check(connection)
    if problem:
        raise StoreError(f"{describe(engine.url)} {problem}")


@contextlib.contextmanager
def said_plainly(url: sa.URL, what: str) -> Iterator[None]:
    """Turn the database's errors into StoreErrors that say which database, what, and why."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise StoreError(f"{describe(url)} {what}: {in_words(error)}") from error
    except UnicodeDecodeError as error:  # SQLite quotes in its errors what it found, and that may be no text
        words = "its tables are damaged; restore it from a copy"
        raise StoreError(f"{describe(url)} {what}: {words}") from error


def in_words(error: Exception) -> str:
    """What the database, or the system, says of an error."""
    cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
    name = str(getattr(cause, "sqlite_errorname", ""))
    advice = next((words for prefix, words in _ADVICE.items() if name.startswith(prefix)), "")
    return f"{str(cause).strip()}{advice}"


def file_system(folder: Path) -> int:
    """The number of the kind of file system that holds a folder, by statfs(2); 0 where it cannot be told."""
    if sys.platform != "linux":
        return 0
    buffer = ctypes.create_string_buffer(512)
    if ctypes.CDLL(None).statfs(os.fsencode(folder.resolve()), buffer) != 0:
        return 0
    number: int = ctypes.cast(buffer, ctypes.POINTER(ctypes.c_long))[0]
    return number & 0xFFFFFFFF
