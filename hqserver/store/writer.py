"""The writer: one thread, one connection, one transaction for each gather, in order.

A full disk or a busy database is waited out, and told (`stalled`), so that callers hear of it; nothing is lost, since
nobody was told of what is not committed. Anything else that goes wrong is final, above all a disk that failed to keep
what it had taken: to try that again would seem to succeed.
"""

from __future__ import annotations

import functools
import logging
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from hqserver.store.errors import StoreError
from hqserver.store.rows import Gather
from hqserver.store.statements import Statements

log = logging.getLogger("hqserver.store")

_RETRY_SECONDS: Final = 0.5

Done = Callable[[], None]
Work = Callable[[sa.Connection], None]
Failed = Callable[[BaseException], None]


class Obstacle(StrEnum):
    """What passes by itself, or when somebody makes room."""

    FULL = "full"
    BUSY = "busy"


@dataclass(frozen=True, slots=True)
class Stall:
    """Commits wait. `reason` is in the database's words."""

    obstacle: Obstacle
    reason: str

    @property
    def is_full(self) -> bool:
        """Whether it is for lack of room."""
        return self.obstacle is Obstacle.FULL

    def __str__(self) -> str:
        return self.reason


_OBSTACLES: Final[dict[str, Obstacle]] = {
    "SQLITE_FULL": Obstacle.FULL,
    "SQLITE_IOERR_WRITE": Obstacle.FULL,
    "SQLITE_IOERR_SHMSIZE": Obstacle.FULL,
    "SQLITE_BUSY": Obstacle.BUSY,
    "SQLITE_BUSY_RECOVERY": Obstacle.BUSY,
    "SQLITE_BUSY_SNAPSHOT": Obstacle.BUSY,
    "SQLITE_BUSY_TIMEOUT": Obstacle.BUSY,
    "SQLITE_LOCKED": Obstacle.BUSY,
    "SQLITE_LOCKED_SHAREDCACHE": Obstacle.BUSY,
    "53000": Obstacle.FULL,
    "53100": Obstacle.FULL,
    "53200": Obstacle.BUSY,
    "53400": Obstacle.FULL,
    "40001": Obstacle.BUSY,
    "40P01": Obstacle.BUSY,
    "55P03": Obstacle.BUSY,
}
"""By SQLite's name or PostgreSQL's SQLSTATE. A quota or a limit of file size is SQLITE_IOERR_WRITE."""


def obstacle(error: sa.exc.DBAPIError) -> Stall | None:
    """What stands in the way, if it may pass; None when the commit failed for good."""
    if error.connection_invalidated:
        return None
    code = getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None)
    kind = _OBSTACLES.get(code or "")
    return Stall(kind, str(error.orig).strip()) if kind is not None else None


class Writer:
    """Commits gathers in the background."""

    def __init__(
        self, connection: sa.Connection, statements: Statements, is_there: Callable[[], bool] = lambda: True
    ) -> None:
        self.stalled: Stall | None = None
        """Why commits wait; None when they do not."""
        self._connection = connection
        self._statements = statements
        self._is_there = is_there
        """Whether the database is still where a start would look for it."""
        self._queue: queue.SimpleQueue[tuple[Work, Done, Failed] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, gather: Gather, done: Done, failed: Failed) -> None:
        """Commit after everything before; then one of the two is called, on the writer's thread.

        After `failed` nothing is written any more: what came later may rest on what is missing.
        """
        self.run(functools.partial(self._statements.run, gather=gather), done, failed)

    def run(self, work: Work, done: Done, failed: Failed) -> None:
        """The same for anything else that is to be one transaction."""
        self._queue.put((work, done, failed))

    def close(self) -> None:
        """Commit what is waiting, then end. What a stall holds up is failed."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            work, done, failed = item
            try:
                self._commit(work)
            except BaseException as error:  # noqa: BLE001 - whatever it is, whoever waits must hear of it
                failed(error)
                return
            done()

    def _commit(self, work: Work) -> None:
        while True:
            try:
                with self._connection.begin():
                    work(self._connection)
            except sa.exc.DBAPIError as error:
                self._wait_out(error)
            else:
                if not self._is_there():
                    raise StoreError("its file was moved, deleted or replaced while this server used it")
                if self.stalled is not None:
                    log.warning("the database can be written again")
                    self.stalled = None
                return

    def _wait_out(self, error: sa.exc.DBAPIError) -> None:
        """Wait a moment, or raise the error if waiting will not help."""
        stall = obstacle(error)
        if stall is None or self._closing.is_set():
            raise error
        if self.stalled is None:
            log.error("the database cannot be written now, trying on: %s", stall)
        self.stalled = stall
        self._closing.wait(_RETRY_SECONDS)
