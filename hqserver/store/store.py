"""The store as the server sees it: open, load, write, close."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from hqserver.core.farm import Changes
from hqserver.core.restoring import Remembered
from hqserver.store import database, loading, schema
from hqserver.store.errors import StoreError
from hqserver.store.rows import rows_of
from hqserver.store.writer import Failed, Writer

__all__ = ["Store", "StoreError"]


class Store:
    """One open database; nobody else has it open for writing."""

    def __init__(self, engine: sa.Engine, lock: database.FolderLock, url: sa.URL) -> None:
        self.description = database.describe(url)
        self._engine = engine
        self._lock = lock
        self._connection = engine.connect()
        self._writer: Writer | None = None

    @classmethod
    def open(cls, data: Path, url: str | None) -> Store:
        """Open the database, bring its tables up to date (after a copy was taken), lock it. Raises StoreError."""
        parsed = database.database_url(data, url)
        lock = database.FolderLock(data)
        try:
            engine = database.open_engine(parsed)
            store = cls(engine, lock, parsed)
            database.take_database(store._connection)
            schema.upgrade(store._connection, data)
        except BaseException:
            lock.release()
            raise
        return store

    @property
    def stalled(self) -> str:
        """Why nothing can be written now; empty when it can."""
        return self._writer.stalled if self._writer is not None else ""

    def load(self) -> Remembered:
        """Everything that the farm remembers. To be called once, before the first write."""
        remembered = loading.load(self._connection)
        self._writer = Writer(self._connection)
        return remembered

    def write(self, changes: Changes, done: Callable[[], None], failed: Failed) -> None:
        """Commit changes in the background; `done` or `failed` is called on the writer's thread."""
        assert self._writer is not None, "load comes before the first write"
        self._writer.write(rows_of(changes), done, failed)

    def close(self) -> None:
        """Commit what is waiting and let go of the database."""
        if self._writer is not None:
            self._writer.close()
        self._connection.close()
        self._engine.dispose()
        self._lock.release()
