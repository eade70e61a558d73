"""Reading everything back after a start, row by row: a row that cannot be read is put aside, never fatal, never run.

Only reads. What must change in the tables because of what was found is in the findings (`hqserver.store.quarantine`).
"""

from __future__ import annotations

import functools
import gc
import itertools
import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from hqserver.core.kept import Kept
from hqserver.core.past import Past
from hqserver.core.records import Client, Job, Submission
from hqserver.core.restoring import Remembered
from hqserver.store import rows
from hqserver.store.belonging import sort_out
from hqserver.store.errors import StoreError
from hqserver.store.kinds import LARGEST_COUNT, LARGEST_ID, LARGEST_REVISION, Damaged
from hqserver.store.mending import cut_circles, stop
from hqserver.store.past import read_past
from hqserver.store.quarantine import Findings
from hqserver.store.scope import EVERYTHING, Scope, all_but, only
from hqserver.store.shapes import Row, Shape
from hqserver.store.specs import SpecReader
from hqserver.store.tables import ATTEMPTS, CLIENTS, EDGES, JOBS, KEPT, LOG, META, SUBMISSIONS

T = TypeVar("T")
_CHUNK: Final = 5_000
_LEFT: Final = 1 << 20
"""Numbers that a counter has still to give out: counting never comes closer to its end, so what does is damage."""

_LARGEST_COUNTERS: Final = {
    "revision": LARGEST_REVISION,
    "next_job": LARGEST_ID,
    "next_client": LARGEST_ID,
    "next_submission": LARGEST_ID,
    "lived_until": LARGEST_COUNT,
    **{f"next_{kind}": LARGEST_ID for kind in Kept},
}


def read(connection: sa.Connection, now: float) -> tuple[Remembered, Findings]:
    """The farm's records but those of history, in the connection's transaction. `now` is wall time."""
    with _no_collector():
        findings = Findings()
        past = read_past(connection, findings)
        reading = _Reading(connection, now, all_but(past), findings)
        return reading.farm(past), findings


def read_jobs(connection: sa.Connection, ids: Sequence[int], now: float) -> tuple[list[Job], Findings]:
    """Jobs of whole families, with their parents, attempts and logs, in the connection's transaction."""
    findings = Findings()
    return _Reading(connection, now, only(ids), findings).family(), findings


@contextmanager
def _no_collector() -> Iterator[None]:
    """Millions of objects are made and none is let go: to look for garbage among them would take most of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class _Reading:
    """One pass over the tables."""

    def __init__(self, connection: sa.Connection, now: float, scope: Scope, findings: Findings) -> None:
        self._connection = connection
        self._now = now
        self._scope = scope
        self._findings = findings
        self._jobs: dict[int, Job] = {}
        self._dropped: set[int] = set()
        """Jobs of submissions that were never completed."""
        self._broken: dict[int, str] = {}
        """Jobs of which something was damaged, and what."""
        self._moved: set[int] = set()
        """Jobs whose parents do not stand where their edges say."""

    def farm(self, past: Past) -> Remembered:
        """Everything that is in the scope, and what does not belong to jobs."""
        counters = self._counters()
        clients = self._clients()
        kept = {kind: self._kept(kind) for kind in Kept}
        submissions = self._read_families(clients)
        jobs = self._jobs.values()
        return Remembered(
            jobs=list(jobs),
            clients=list(clients.values()),
            submissions=list(submissions.values()),
            revision=max(
                counters["revision"],
                max((job.revision for job in jobs), default=0),
                max((client.revision for client in clients.values()), default=0),
                max((item.revision for items in kept.values() for item in items), default=0),
                self._largest(JOBS, "revision", LARGEST_REVISION) if past and not counters["revision"] else 0,
            ),
            next_job=max(counters["next_job"], 1 + max(self._jobs, default=0), 1 + past.last),
            next_client=max(
                counters["next_client"],
                1 + max(clients, default=0),
                1 + max((item.id for item in kept[Kept.FORMER_CLIENTS]), default=0),
            ),
            next_submission=max(counters["next_submission"], 1 + self._largest(SUBMISSIONS, "id", LARGEST_ID)),
            kept=kept,
            next_kept={
                kind: max(counters[f"next_{kind}"], 1 + max((item.id for item in items), default=0))
                for kind, items in kept.items()
            },
            lived_until=counters["lived_until"],
            past=past,
        )

    def family(self) -> list[Job]:
        """The jobs that are in the scope."""
        self._read_families({})
        return list(self._jobs.values())

    def _read_families(self, clients: dict[int, Client]) -> dict[int, Submission]:
        """Jobs with all that belongs to them; their submissions."""
        broken = self._read_jobs()
        submissions = self._read_submissions()
        self._sort_out(submissions, broken)
        self._read_edges()
        self._read_attempts()
        self._read_log()
        self._moved |= cut_circles(self._jobs, self._findings)
        self._number_edges()
        stop(self._jobs, clients, self._broken, self._findings, self._now)
        return submissions

    def _largest(self, shape: Shape, name: str, end: int) -> int:
        """The largest whole number in a column whose numbers go to `end`; 0 for none. Damage is looked at elsewhere."""
        column = shape.table.c[name]
        largest = self._connection.scalar(sa.select(sa.func.max(column)).where(column.between(0, end - _LEFT)))
        return largest if type(largest) is int else 0

    def _counters(self) -> dict[str, int]:
        """What is not there or cannot be read is 0: the records themselves say how far the numbers went at least."""
        counters = dict.fromkeys(_LARGEST_COUNTERS, 0)
        for key, value in itertools.chain.from_iterable(self._chunks(META)):
            if key in counters:
                if type(value) is int and 0 <= value <= _LARGEST_COUNTERS[key] - _LEFT:
                    counters[key] = value
                else:
                    self._findings.put_aside(META, (key, value), f"{value!r:.60} is no such number")
        return counters

    def _read_submissions(self) -> dict[int, Submission]:
        """Those of the jobs that were read; all of them where that is all there are, or where one is missing."""
        wanted = {job.submission for job in self._jobs.values()}
        whole = self._scope is EVERYTHING
        found = self._submissions(EVERYTHING if whole else only(sorted(wanted)))
        if whole or wanted <= found.keys():
            return found
        return self._submissions(EVERYTHING)

    def _submissions(self, scope: Scope) -> dict[int, Submission]:
        submissions = {}
        for item, wrong in self._records(SUBMISSIONS, rows.submission_of, scope=scope):
            submissions[item.id] = item
            if wrong:
                self._findings.instead.submissions.append(rows.submission_row(item))
        return submissions

    def _clients(self) -> dict[int, Client]:
        clients = {}
        for item, wrong in self._records(CLIENTS, rows.client_of):
            clients[item.id] = item
            if wrong:
                self._findings.instead.clients.append(rows.client_row(item))
        return clients

    def _kept(self, kind: Kept) -> list[Any]:
        items = []
        for item, wrong in self._records(KEPT[kind], functools.partial(rows.kept_of, kind)):
            items.append(item)
            if wrong:
                self._findings.instead.kept.setdefault(kind, []).append(rows.kept_row[kind](item))
        return items

    def _read_jobs(self) -> list[int]:
        """The jobs themselves; answers which of them were damaged."""
        reader = SpecReader()
        replaced = []
        for job, wrong in self._records(
            JOBS,
            lambda row: rows.job_of(row, reader),
            lambda row: rows.mended_job_of(row, reader),
            self._scope,
        ):
            self._jobs[job.id] = job
            if wrong:
                self._broken[job.id] = wrong
                replaced.append(job.id)
        return replaced

    def _sort_out(self, submissions: dict[int, Submission], replaced: list[int]) -> None:
        """Jobs of submissions that were never completed are none."""
        self._dropped = sort_out(self._jobs, submissions)
        instead = self._findings.instead
        instead.removed_jobs = [(id_,) for id_ in sorted(self._dropped)]
        instead.new_jobs = [rows.new_job_row(self._jobs[id_]) for id_ in replaced if id_ in self._jobs]

    def _read_edges(self) -> None:
        places: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for (child, parent, position), wrong in self._records(EDGES, tuple, scope=self._scope):
            if child in self._jobs and parent in self._jobs:
                places[child].append((position, parent))
                if wrong:
                    self._moved.add(child)
            elif not {child, parent} <= self._dropped:
                self._findings.put_aside(EDGES, (child, parent, position), "there is no such job")
                if parent in self._jobs:
                    self._broken.setdefault(parent, f"its child {child} is lost")
        for child, parents in places.items():
            parents.sort()
            self._jobs[child].parents = [parent for _, parent in parents]
            if any(position != index for index, (position, _) in enumerate(parents)):
                self._moved.add(child)

    def _number_edges(self) -> None:
        """New parents are numbered after the old ones, so those must be numbered without a gap."""
        for child in sorted(self._moved):
            parents = enumerate(self._jobs[child].parents)
            self._findings.instead.edges += [(child, parent, position) for position, parent in parents]

    def _read_attempts(self) -> None:
        for attempt, wrong in self._records(ATTEMPTS, rows.attempt_of, scope=self._scope):
            job = self._jobs.get(attempt.job)
            if job is None:
                self._findings.put_aside(ATTEMPTS, rows.attempt_row(attempt), "there is no such job")
                continue
            job.attempts.append(attempt)
            if wrong:
                self._broken.setdefault(job.id, f"its attempt {attempt.number}: {wrong}")
                self._findings.instead.attempts.append(rows.attempt_row(attempt))

    def _read_log(self) -> None:
        for (id_, entry), wrong in self._records(LOG, rows.entry_of, scope=self._scope):
            job = self._jobs.get(id_)
            if job is not None and not wrong:
                job.log.append(entry)
            elif job is None and id_ not in self._dropped:
                self._findings.put_aside(LOG, (id_, *rows.entry_row(entry)), "there is no such job")

    def _records(
        self,
        shape: Shape,
        make: Callable[[Row], T],
        make_mended: Callable[[Row], T] | None = None,
        scope: Scope = EVERYTHING,
    ) -> Iterator[tuple[T, str]]:
        """Each row as a record, and what is wrong with it: nothing, or it is put aside and blank in places."""
        for chunk in self._chunks(shape, scope):
            for raw, row in zip(chunk, _looked_at(shape, chunk), strict=True):
                try:
                    record = make(row or shape.load([raw])[0])
                except Damaged as problem:
                    mended, wrong = shape.mended(raw)
                    why = "; ".join(f"{name}: {text}" for name, text in wrong.items()) or str(problem)
                    self._findings.put_aside(shape, tuple(raw), why)
                    if not wrong.keys() & set(shape.keys):
                        yield (make_mended or make)(mended), why
                else:
                    yield record, ""

    def _chunks(self, shape: Shape, scope: Scope = EVERYTHING) -> Iterator[Sequence[Sequence[Any]]]:
        """The rows by their keys. Raises StoreError if they are out of order: then none would be found by its key."""
        count, last = len(shape.keys), list[Any]()
        for chunk in self._selected(shape, scope):
            keys = [*last, *(row[:count] for row in chunk)] if count > 1 else []
            if not _in_order(keys):
                raise StoreError(
                    f"the rows of {shape.name} are out of order, so it is damaged; restore the newest backup"
                )
            last = keys[-1:]
            wanted = scope.wanted(chunk)
            if wanted:
                yield wanted

    def _selected(self, shape: Shape, scope: Scope) -> Iterator[Sequence[Sequence[Any]]]:
        select = sa.select(shape.table).order_by(*(shape.table.c[name] for name in shape.keys))
        for condition in scope.conditions(shape.table.c[shape.names[0]]):
            chosen = select.where(condition).execution_options(yield_per=_CHUNK)
            with self._connection.execute(chosen) as rows:  # closed also when what is read proves to be damaged
                yield from rows.partitions()


def _looked_at(shape: Shape, chunk: Sequence[Sequence[Any]]) -> Sequence[Row | None]:
    """The rows' values; None for each if any of them is damaged: then they are looked at one by one."""
    try:
        return shape.load(chunk)
    except Damaged:
        return [None] * len(chunk)


def _in_order(keys: list[Any]) -> bool:
    """Values of several types, which only damage brings, are not compared: SQLite has an order for them."""
    try:
        return all(map(operator.lt, keys, keys[1:]))
    except TypeError:
        return True
