"""One server for a data folder and a database, held for life: of two writers each would forget what the other knows."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from hqserver.store.errors import StoreError

LOCK_FILE: Final = "hqserver.lock"
_ADVISORY_LOCK: Final = 0x48514651
"""Any number, the same for every server."""
_PATIENCE: Final = "3s"
"""PostgreSQL needs a moment to notice that a server that was killed is gone."""


class FileLock:
    """A locked file with the holder's process id in it. The system lets go of it when the process ends, however."""

    def __init__(self, path: Path, what: str) -> None:
        try:
            path.touch(mode=0o600)
            self._file = path.open("a+")
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read(20).strip() or "unknown"
            self._file.close()
            raise StoreError(f"{what} is in use by another hqserver (process {holder}); stop that one first") from None
        self._file.truncate(0)
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def release(self) -> None:
        """Let another server have it. The file stays: to remove it would let two have it at once."""
        self._file.close()


def lock_files(data: Path, url: sa.URL) -> list[FileLock]:
    """The locks of the data folder and of a SQLite file, wherever it lies. Raises StoreError."""
    held = [FileLock(data / LOCK_FILE, str(data))]
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "").resolve()
        try:
            held.append(FileLock(file.with_name(f"{file.name}.lock"), str(file)))
        except StoreError:
            held[0].release()
            raise
    return held


def lock_database(connection: sa.Connection) -> None:
    """One server for a PostgreSQL database: held by the connection that writes, and lost with it. Raises StoreError."""
    if connection.dialect.name != "postgresql":
        return
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{_PATIENCE}'")
            connection.exec_driver_sql(f"SELECT pg_advisory_lock({_ADVISORY_LOCK})")
    except sa.exc.OperationalError:
        raise StoreError("this database is in use by another hqserver; stop that one first") from None
