"""Reading history while the server runs: on a connection of its own, so that no commit waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import sqlalchemy as sa

from hqserver.core.records import Job, Submission
from hqserver.store import comparing, database, loading, rows
from hqserver.store.kinds import Damaged
from hqserver.store.quarantine import Findings
from hqserver.store.tables import ATTEMPTS, PAST_FAMILIES, PAST_JOBS, SUBMISSIONS

_FAMILIES_A_STATEMENT: Final = 500
T = TypeVar("T")


class Recall:
    """Reads from threads, one at a time. What it finds damaged is given to `settle`."""

    def __init__(self, url: sa.URL, settle: Callable[[Findings], None]) -> None:
        self._url = url
        self._settle = settle
        self._lock = threading.Lock()
        self._engine: sa.Engine | None = None
        self._connection: sa.Connection | None = None

    def families(self, families: Sequence[int]) -> list[Job]:
        """All jobs of these families of history, with their parents, attempts and logs. Raises StoreError."""
        return self._read(lambda connection: self._jobs_of(connection, families))

    def members(self, families: Sequence[int]) -> list[int]:
        """The ids of the jobs of these families, ascending. Raises StoreError."""
        return self._read(lambda connection: _members(connection, families))

    def oldest(self, before: float, most: int) -> list[int]:
        """Families of history that last changed before this time, oldest first. Raises StoreError."""
        table = PAST_FAMILIES.table
        select = sa.select(table.c.id).where(table.c.changed_at < before).order_by(table.c.changed_at).limit(most)
        return self._read(lambda connection: list(connection.scalars(select)))

    def submission(self, key: str) -> Submission | None:
        """The submission that came with this key. Raises StoreError."""
        table = SUBMISSIONS.table
        select = sa.select(table).where(table.c.key == key, table.c.key != "").order_by(table.c.id).limit(1)

        def read(connection: sa.Connection) -> Submission | None:
            row = connection.execute(select).first()
            try:
                return rows.submission_of(SUBMISSIONS.load([row])[0]) if row is not None else None
            except Damaged:
                return None

        return self._read(read)

    def ran_on(self, client: int, most: int) -> list[tuple[float, int]]:
        """When jobs of history ended on a client, and their ids; the last ones first. Raises StoreError."""
        attempts, past = ATTEMPTS.table, PAST_JOBS.table
        ended = sa.func.max(attempts.c.ended_at)
        select = (
            sa.select(ended, attempts.c.job)
            .join(past, past.c.job == attempts.c.job)
            .where(attempts.c.client == client, attempts.c.started_at.is_not(None), attempts.c.ended_at.is_not(None))
            .group_by(attempts.c.job)
            .order_by(ended.desc())
            .limit(most)
        )
        return self._read(lambda connection: [(at, job) for at, job in connection.execute(select)])

    def picture(self, job: Job) -> comparing.Picture:
        """How a job of the farm should be stored. On the event loop: it touches nothing but the job."""
        return comparing.picture(job)

    def differences(self, pictures: Sequence[comparing.Picture]) -> dict[int, str]:
        """What is stored differently, by job; at most 500 jobs at a time. Raises StoreError."""
        return self._read(lambda connection: comparing.differences(connection, pictures))

    def close(self) -> None:
        """Let go of the connection."""
        with self._lock:
            self._let_go()

    def _jobs_of(self, connection: sa.Connection, families: Sequence[int]) -> list[Job]:
        jobs, findings = loading.read_jobs(connection, _members(connection, families), time.time())
        if findings.found or findings.stopped:
            self._settle(findings)
        return jobs

    def _read(self, read: Callable[[sa.Connection], T]) -> T:
        with self._lock, database.said_plainly(self._url, "cannot be read"):
            try:
                connection = self._opened()
                with connection.begin():
                    return read(connection)
            except sa.exc.DBAPIError:
                self._let_go()
                raise

    def _opened(self) -> sa.Connection:
        if self._connection is None:
            self._engine = database.open_engine(self._url, reads_only=True, look_closely=False)
            self._connection = self._engine.connect()
        return self._connection

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None


def _members(connection: sa.Connection, families: Sequence[int]) -> list[int]:
    table = PAST_JOBS.table
    found: list[int] = []
    for start in range(0, len(families), _FAMILIES_A_STATEMENT):
        part = families[start : start + _FAMILIES_A_STATEMENT]
        found += connection.scalars(sa.select(table.c.job).where(table.c.family.in_(part)))
    return sorted(found)
