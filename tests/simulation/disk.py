"""The server's disk: what was committed, as copies, and the commits that are on their way.

A commit holds copies of what was touched since the one before. It is on the disk as a whole or, after a crash, not.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from hqserver.core.farm import Farm
from hqserver.core.kept import Group, Kept, Resource, Thread
from hqserver.core.records import Client, Instant, Job, Settings, Submission
from hqserver.core.restoring import Remembered, restore
from hqserver.core.state import Changes
from hqserver.store.tables import CLIENTS


@dataclass
class Rows:
    """Copies of what one commit writes."""

    changes: Changes
    jobs: dict[int, Job]
    removed: list[int]
    clients: dict[int, Client]
    kept: dict[Kept, dict[int, Any]]


def rows_of(changes: Changes) -> Rows:
    """Copies of everything that the changes touched."""
    jobs = {**changes.new_jobs, **changes.jobs}
    return Rows(
        changes,
        {id_: _job(job) for id_, job in jobs.items()},
        [job.id for job in changes.removed_jobs],
        {id_: copy.copy(client) for id_, client in changes.clients.items()},
        {kind: {id_: copy.copy(item) for id_, item in items.items()} for kind, items in changes.kept.items()},
    )


def _job(job: Job) -> Job:
    row = copy.copy(job)
    row.parents, row.children, row.log = list(job.parents), {}, list(job.log)
    row.attempts = [copy.copy(attempt) for attempt in job.attempts]
    row.attempt, row.totals, row.share = None, None, ()
    row.hook = copy.copy(job.hook)
    return row


@dataclass
class Disk:
    """What survives the server."""

    jobs: dict[int, Job] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    submissions: dict[int, Submission] = field(default_factory=dict)
    kept: dict[Kept, dict[int, Any]] = field(default_factory=lambda: {kind: {} for kind in Kept})
    counters: tuple[int, int, int, int] = (0, 1, 1, 1)
    next_kept: dict[Kept, int] = field(default_factory=dict)

    def write(self, rows: Rows) -> None:
        """The commit is on the disk."""
        changes = rows.changes
        for id_, job in rows.jobs.items():
            known = self.jobs.get(id_)
            assert known is None or len(job.log) >= len(known.log), f"the log of job {id_} shrank"
            self.jobs[id_] = job
        for id_ in rows.removed:
            self.jobs.pop(id_, None)
        self.clients.update(rows.clients)
        for id_ in changes.removed_clients:
            self.clients.pop(id_, None)
        self.submissions.update(changes.submissions)
        for kind, items in rows.kept.items():
            self.kept[kind].update(items)
        for kind, dropped in changes.dropped.items():
            for id_ in dropped:
                self.kept[kind].pop(id_, None)
        self.counters = changes.revision, changes.next_job, changes.next_client, changes.next_submission
        self.next_kept = dict(changes.next_kept)

    def load(self, settings: Settings, now: Instant) -> Farm:
        """A farm as a server makes it at its start."""
        kept = {kind: [_fresh(item) for item in items.values()] for kind, items in self.kept.items()}
        remembered = Remembered(
            [_job(job) for job in self.jobs.values()],
            [_client(client) for client in self.clients.values()],
            list(self.submissions.values()),
            *self.counters,
            kept=kept,
            next_kept=self.next_kept,
        )
        return restore(settings, remembered, now)


def _client(client: Client) -> Client:
    """A client as it is read: with what has a column, and nothing else."""
    return Client(**{name: getattr(client, name) for name in CLIENTS.names})


def _fresh(item: Any) -> Any:
    """A kept record as it is read: what others hold of it is not stored with it."""
    row = copy.copy(item)
    if isinstance(row, Thread):
        row.notes = []
    elif isinstance(row, Group):
        row.clients = {}
    elif isinstance(row, Resource):
        row.clients, row.jobs, row.in_use = {}, {}, 0
    return row
