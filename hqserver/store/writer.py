"""The writer: one thread, one connection, one transaction for each gather, in order.

A full disk or a busy database is waited out, and told (`stalled`), so that callers hear of it; nothing is lost, since
nobody was told of what is not committed. Anything else that goes wrong is final.
"""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from hqserver.store import tables
from hqserver.store.rows import JOB_LIFE, Gather

log = logging.getLogger("hqserver.store")

_RETRY_SECONDS: Final = 0.5
_PASSING: Final = ("disk is full", "database is locked", "no space left", "could not extend file", "disk i/o error")
_INSERTS: Final[Mapping[str, Callable[[sa.Table], Any]]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}

Done = Callable[[], None]
Failed = Callable[[BaseException], None]


class Statements:
    """The statements of a gather, made once for the dialect."""

    def __init__(self, dialect: str) -> None:
        self._insert = _INSERTS[dialect]
        by_id = tables.jobs.c.id == sa.bindparam("b_id")
        self.update_jobs = sa.update(tables.jobs).where(by_id).values({name: sa.bindparam(name) for name in JOB_LIFE})
        self.insert_jobs = sa.insert(tables.jobs)
        self.insert_log = sa.insert(tables.job_log)
        self.edges = self._upsert(tables.edges)
        self.attempts = self._upsert(tables.attempts)
        self.clients = self._upsert(tables.clients)
        self.submissions = self._upsert(tables.submissions)
        self.meta = self._upsert(tables.meta)
        gone: sa.BindParameter[int] = sa.bindparam("b_id")
        self.removals = (
            sa.delete(tables.jobs).where(by_id),
            sa.delete(tables.edges).where(tables.edges.c.child == gone),
            sa.delete(tables.edges).where(tables.edges.c.parent == gone),
            sa.delete(tables.attempts).where(tables.attempts.c.job == gone),
            sa.delete(tables.job_log).where(tables.job_log.c.job == gone),
        )
        edge = sa.and_(
            tables.edges.c.parent == sa.bindparam("b_parent"), tables.edges.c.child == sa.bindparam("b_child")
        )
        self.remove_edges = sa.delete(tables.edges).where(edge)

    def run(self, connection: sa.Connection, gather: Gather) -> None:
        """Write a gather; removals last, since what is removed may have been written before in the same gather."""
        meta = [{"key": key, "value": value} for key, value in gather.meta.items()]
        for statement, rows in (
            (self.submissions, gather.submissions),
            (self.insert_jobs, gather.new_jobs),
            (self.edges, gather.edges),
            (self.remove_edges, gather.removed_edges),
            (self.update_jobs, gather.jobs),
            (self.attempts, gather.attempts),
            (self.insert_log, gather.log),
            (self.clients, gather.clients),
            (self.meta, meta),
        ):
            if rows:
                connection.execute(statement, rows)
        if gather.removed_jobs:
            for statement in self.removals:
                connection.execute(statement, gather.removed_jobs)

    def _upsert(self, table: sa.Table) -> Any:
        statement = self._insert(table)
        keys = {column.name for column in table.primary_key}
        rest = {column.name: statement.excluded[column.name] for column in table.columns if column.name not in keys}
        return statement.on_conflict_do_update(index_elements=sorted(keys), set_=rest)


class Writer:
    """Commits gathers in the background."""

    def __init__(self, connection: sa.Connection) -> None:
        self.stalled = ""
        """Why commits wait, in the database's words; empty when they do not."""
        self._connection = connection
        self._statements = Statements(connection.dialect.name)
        self._queue: queue.SimpleQueue[tuple[Gather, Done, Failed] | None] = queue.SimpleQueue()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="store-writer", daemon=True)
        self._thread.start()

    def write(self, gather: Gather, done: Done, failed: Failed) -> None:
        """Commit after everything before; then one of the two is called, on the writer's thread."""
        self._queue.put((gather, done, failed))

    def close(self) -> None:
        """Commit what is waiting, then end."""
        self._stop.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            gather, done, failed = item
            try:
                self._commit(gather)
            except BaseException as error:  # noqa: BLE001 - whatever it is, the process must hear of it
                failed(error)
                return
            done()

    def _commit(self, gather: Gather) -> None:
        while True:
            try:
                with self._connection.begin():
                    self._statements.run(self._connection, gather)
            except sa.exc.OperationalError as error:
                reason = str(error.orig)
                if not any(words in reason.lower() for words in _PASSING) or self._stop.is_set():
                    raise
                if not self.stalled:
                    log.error("the database cannot be written now, trying on: %s", reason)
                self.stalled = reason
                self._stop.wait(_RETRY_SECONDS)
            else:
                if self.stalled:
                    log.warning("the database can be written again")
                    self.stalled = ""
                return
