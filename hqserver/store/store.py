"""The store as the server sees it: open, load, write, close; and look at or copy what is there."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import sqlalchemy as sa

from hqserver.core.restoring import Remembered
from hqserver.core.state import Changes
from hqserver.store import checking, copies, database, loading, locks, schema
from hqserver.store.errors import StoreError
from hqserver.store.quarantine import Findings
from hqserver.store.recall import Recall
from hqserver.store.rows import rows_of
from hqserver.store.statements import Statements
from hqserver.store.writer import Failed, Obstacle, Stall, Writer

log = logging.getLogger("hqserver.store")

__all__ = ["Obstacle", "Stall", "Store", "StoreError", "backup", "check"]


class Store:
    """One open database; nobody else has it open for writing."""

    def __init__(self, url: sa.URL, connection: sa.Connection, held: contextlib.ExitStack) -> None:
        self.description = database.describe(url)
        """The database in a line, without its password."""
        self.damages: list[str] = []
        """What the load found damaged, a line each: for the administrator's eyes."""
        self._url = url
        self._connection = connection
        self._held = held
        self._statements = Statements(connection.dialect)
        self._writer: Writer | None = None
        self._failed: Failed = _log_failure
        self._counts: dict[str, int] = {}
        """The rows of `meta` as they were last given to the writer: most gathers change none of them."""
        self.recall = Recall(url, self._settle)
        """Reads what `load` left where it is."""

    @classmethod
    def open(cls, data: Path, url: str | None = None) -> Store:
        """Open the database, lock it, bring its tables up to date after taking a copy. Raises StoreError."""
        parsed = database.database_url(data, url)
        with contextlib.ExitStack() as held:
            for lock in locks.lock_files(data, parsed):
                held.callback(lock.release)
            engine = database.open_engine(parsed)
            held.callback(engine.dispose)
            with database.said_plainly(parsed, "cannot be opened"):
                connection = held.enter_context(engine.connect())
                locks.lock_database(connection)
            with database.said_plainly(parsed, "cannot be brought up to date"):
                schema.upgrade(connection, data)
            return cls(parsed, connection, held.pop_all())

    @property
    def stalled(self) -> Stall | None:
        """Why nothing can be written now; None when it can."""
        return self._writer.stalled if self._writer is not None else None

    def load(self) -> Remembered:
        """Everything that the farm remembers. To be called once, before the first write. Raises StoreError."""
        now = time.time()
        with database.said_plainly(self._url, "cannot be read; restore the newest backup"), self._connection.begin():
            remembered, findings = loading.read(self._connection, now)
            findings.settle(self._connection, self._statements, now)
        findings.log()
        self.damages = findings.told()
        self._writer = Writer(self._connection, self._statements, database.stays_there(self._url))
        return remembered

    def write(self, changes: Changes, done: Callable[[], None], failed: Failed) -> None:
        """Commit changes in the background; `done` or `failed` is called on the writer's thread."""
        assert self._writer is not None, "load comes before the first write"
        self._failed = failed
        gather = rows_of(changes)
        gather.meta = [(name, value) for name, value in gather.meta if self._counts.get(name) != value]
        self._counts.update(gather.meta)
        self._writer.submit(gather, done, failed)

    def check(self) -> list[str]:
        """What is wrong with the database, a line each. Takes its time; not for the event loop."""
        return checking.problems(self._url, time.time())

    def backup(self, path: Path) -> None:
        """Copy everything to a SQLite file while the server runs. Takes its time; not for the event loop.

        Raises StoreError.
        """
        copies.write_copy(self._url, path)

    def size(self) -> int:
        """About how many bytes the database has. Not for the event loop."""
        return copies.size(self._url)

    def close(self) -> None:
        """Commit what is waiting and let go of the database."""
        self.recall.close()
        if self._writer is not None:
            self._writer.close()
        self._held.close()

    def _settle(self, findings: Findings) -> None:
        """Bring in order what was found damaged while the server runs, before anybody else can find it too.

        From any thread but the writer's; returns when it is on disk.
        """
        findings.log()
        self.damages += findings.told()
        now = time.time()
        done = threading.Event()
        if self._writer is not None:
            self._writer.run(
                lambda connection: findings.settle(connection, self._statements, now), done.set, self._failed
            )
            done.wait()


def _log_failure(error: BaseException) -> None:
    log.critical("what was found damaged could not be written: %s", error)


def check(data: Path, url: str | None = None) -> list[str]:
    """The same as `Store.check` for a database that is not open here; a server may run. Raises StoreError."""
    return checking.problems(database.database_url(data, url), time.time())


def backup(data: Path, url: str | None, path: Path) -> None:
    """The same as `Store.backup` for a database that is not open here. Raises StoreError."""
    copies.write_copy(database.database_url(data, url), path)
