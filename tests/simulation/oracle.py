"""What must hold whatever happened: the invariants, looked at after each event for what it touched.

The oracle sees what nobody in the farm sees: which processes really run, and what was really told to whom.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hqserver.core import explaining
from hqserver.core.records import Attempt, AttemptState, Job
from hqserver.core.state import Changes
from hqserver.core.wants import labels
from hqserver.wire.agent import Ended, EndReason, Exchange
from hqserver.wire.jobs import SINGLE
from hqserver.wire.statuses import FINISHED, JobStatus

if TYPE_CHECKING:
    from tests.simulation.nodes import Key, Node
    from tests.simulation.world import Simulation

THAW = 1.0
"""Seconds that a process may go on after its suspended machine has thawed."""
WAITING = (JobStatus.QUEUED, JobStatus.RUNNABLE)


class Oracle:
    """Knows what was promised."""

    def __init__(self, world: Simulation) -> None:
        self._world = world
        self._accepted: set[int] = set()
        self._deleted: set[int] = set()
        self._highest: dict[int, int] = {}
        """Attempt numbers that were started, by job."""
        self._cancelled: dict[int, int] = {}
        """Jobs whose cancel was acknowledged, and their newest attempt then."""
        self._done: dict[int, int] = {}
        """Jobs whose success was acknowledged to an agent, and the attempt."""
        self._ended: dict[int, JobStatus] = {}
        """Finished jobs, as they were last seen."""
        self._free: set[int] = set()
        """Jobs that somebody asked to run again, or may have."""
        self._over: set[Key] = set()
        """Attempts that were seen to be over."""
        self._proved: set[str] = set()
        """Sessions of which an exchange came: their agents hear answers."""
        self._allotted: set[Key] = set()
        self._ejected: set[Key] = set()
        """Attempts that an operator gave up without the client's word: the one risk that is taken openly."""

    # what users and agents were told

    def accepted(self, ids: Iterable[int]) -> None:
        """These jobs were acknowledged."""
        self._accepted.update(ids)

    def cancelled(self, ids: Iterable[int]) -> None:
        """A cancel of these jobs was acknowledged."""
        for id_ in ids:
            job = self._world.farm.jobs.get(id_)
            if job is not None and id_ not in self._free:
                self._cancelled[id_] = job.attempt.number if job.attempt is not None else 0

    def rescheduled(self, ids: Iterable[int]) -> None:
        """These, and whatever belongs to them, may run again; abandoned ones are given up as by an eject."""
        self.ejected(ids)
        self.reopened(ids)

    def reopened(self, ids: Iterable[int]) -> None:
        """The families of these jobs may change their minds."""
        jobs = self._world.farm.jobs
        stack = [id_ for id_ in ids if id_ in jobs]
        seen: set[int] = set()
        while stack:
            id_ = stack.pop()
            if id_ not in seen:
                seen.add(id_)
                stack += [*jobs[id_].parents, *jobs[id_].children]
        self._free |= seen
        for id_ in seen:
            self._cancelled.pop(id_, None)
            self._done.pop(id_, None)
            self._ended.pop(id_, None)

    def ejected(self, ids: Iterable[int]) -> None:
        """An operator ejects: attempts on clients that are out of touch are given up at once."""
        farm = self._world.farm
        stack, seen = [id_ for id_ in ids if id_ in farm.jobs], set()
        while stack:
            id_ = stack.pop()
            if id_ in seen:
                continue
            seen.add(id_)
            job = farm.jobs[id_]
            stack += job.children
            attempt = job.live_attempt
            client = farm.clients.get(attempt.client) if attempt is not None else None
            if attempt is not None and (client is None or not client.online):
                self._ejected.add((id_, attempt.number))

    def will_acknowledge(self, node: Node, exchange: Exchange) -> None:
        """Reports came; nothing is told yet."""

    def acknowledged(self, exchange: Exchange) -> None:
        """The agent is about to be told that its reports are safe."""
        for report in exchange.reports:
            job = self._world.farm.jobs.get(report.job)
            ended_well = isinstance(report, Ended) and report.reason == EndReason.EXITED and report.exit_code == 0
            if job is None or not ended_well or job.id in self._free:
                continue
            own = next((a for a in job.attempts if a.number == report.attempt), None)
            if own is None or own is not job.attempt:
                continue  # the job was rescheduled since
            if own.reason == EndReason.EXITED and own.exit_code == 0 and not own.ending:
                self._done[job.id] = report.attempt

    def exchanged(self, session: str) -> None:
        """An exchange of this session came."""
        self._proved.add(session)

    def applied(self) -> None:
        """Something was done: what is allotted newly is allotted to agents that are known to hear of it."""
        for client in self._world.farm.clients.values():
            for attempt in client.attempts.values():
                key = attempt.job, attempt.number
                if key not in self._allotted:
                    self._allotted.add(key)
                    assert client.session in self._proved, f"{key} waits for {client.hostname}, which may be deaf"

    # processes

    def begins(self, node: Node, key: Key) -> None:
        """A process begins: nothing else of its job may run now."""
        self._nobody_else_runs(node, key)
        number = self._highest.get(key[0], 0)
        is_thawing = self._world.time <= node.suspended_until + THAW  # it was about to start when the machine froze
        assert key[1] > number or is_thawing or self._is_given_up(key), f"attempt {key} is started again (I2)"
        self._highest[key[0]] = max(number, key[1])

    def ends(self, node: Node, key: Key) -> None:
        """A process is gone with its machine."""

    def thawed(self, node: Node) -> None:
        """The machine is back for longer than what is left open: nothing may run there that runs elsewhere."""
        if self._world.time > node.suspended_until + THAW:
            for key in node.processes:
                self._nobody_else_runs(node, key)

    def _nobody_else_runs(self, node: Node, key: Key) -> None:
        for other in self._world.nodes:
            for there in other.processes:
                same = other is node and there == key
                if there[0] == key[0] and not same and not self._is_excused(other, there, key):
                    raise AssertionError(f"job {key[0]} runs on {other.name} and {node.name} (I1)")

    def has_thawed(self, node: Node) -> bool:
        """Whether the machine has just come back from being suspended: keepers kill at once what is over."""
        return 0 <= self._world.time - node.suspended_until <= THAW

    def _is_given_up(self, key: Key) -> bool:
        return key in self._ejected

    def _is_excused(self, node: Node, there: Key, key: Key) -> bool:
        if there in self._ejected or key in self._ejected or self._world.time <= node.suspended_until + THAW:
            return True
        job = self._world.farm.jobs.get(there[0])
        return job is None  # it was deleted, which an operator may do while nobody knows of the process

    # the farm

    def restarted(self) -> None:
        """The server is up again with what was on its disk."""
        jobs = self._world.farm.jobs
        self._ended.clear()
        self._over.clear()
        self._allotted = {(job.id, item.number) for job in jobs.values() for item in job.attempts}
        missing = self._accepted - self._deleted - jobs.keys()
        assert not missing, f"acknowledged jobs are lost: {sorted(missing)[:5]}"
        for job in jobs.values():
            self._look_at_job(job)

    def look(self, changes: Changes) -> None:
        """Everything that was touched."""
        self._deleted.update(job.id for job in changes.removed_jobs)
        for job in changes.removed_jobs:
            for known in (self._cancelled, self._done, self._ended):
                known.pop(job.id, None)
            self._free.discard(job.id)
        for job in {**changes.new_jobs, **changes.jobs}.values():
            if job.id in self._world.farm.jobs:
                self._look_at_job(job)
        if changes.attempts:
            self._look_at_clients()

    def _look_at_clients(self) -> None:
        for client in self._world.farm.clients.values():
            held = [attempt.cpus for attempt in client.attempts.values()]
            held += [attempt.helpers[client.id] for attempt in client.helps.values()]
            assert client.cpus_used == sum(held) <= client.machine.cpus, "I6"
            jobs = [self._world.farm.jobs[id_] for id_ in (*client.attempts, *client.helps)]
            assert len(jobs) <= 1 or not any(SINGLE in job.spec.tags for job in jobs), "I8"
            marked = [label for job in jobs for label in labels(job.spec)]
            assert len(marked) == len(set(marked)), "I8"
        for resource in self._world.farm.resources.values():
            assert 0 <= resource.in_use <= resource.amount, "I7"

    def _look_at_job(self, job: Job) -> None:
        farm = self._world.farm
        live = [a for a in job.attempts if a.state is not AttemptState.OVER]
        assert len(live) <= 1, "I1"
        assert [a.number for a in job.attempts] == list(range(1, len(job.attempts) + 1)), "I2"
        for attempt in live:
            assert attempt.client in farm.clients, "I9"
            assert attempt.lease_until > 0, "I9"
            assert farm.clients[attempt.client].attempts[job.id] is attempt, "I9"
        if job.status in FINISHED:
            assert not live, "I4"
            assert not job.unfinished_children, "I4"
        if job.status is JobStatus.RUNNABLE and not live:
            assert not job.unfinished_children, "I4"
        former = self._ended.get(job.id)
        if former is not None and job.id not in self._free:
            assert job.status is former, f"job {job.id} was {former}, is {job.status} (I3)"
        if job.status in FINISHED:
            self._ended[job.id] = job.status
        assert not job.log or job.log[-1].status == job.status, "I13"
        told = explaining.waiting(farm, job)
        waits = job.status in WAITING or (job.status is JobStatus.PAUSED and job.live_attempt is None)
        assert bool(told.code) is waits, f"job {job.id} {job.status}: {told} (I12)"
        self._look_at_promises(job)
        for attempt in job.attempts:
            key = job.id, attempt.number
            if attempt.state is AttemptState.OVER and key not in self._over:
                self._over.add(key)
                if attempt.reason == EndReason.LOST:
                    self._look_at_loss(job, attempt)

    def _look_at_loss(self, job: Job, attempt: Attempt) -> None:
        """What is given up runs no more."""
        client = self._world.farm.clients.get(attempt.client)
        if client is None:
            return
        key = job.id, attempt.number
        node = next(item for item in self._world.nodes if item.name == client.hostname)
        if key in node.processes and not self._is_excused(node, key, key):
            raise AssertionError(f"attempt {key} is given up and runs on {node.name} (R5)")

    def _look_at_promises(self, job: Job) -> None:
        newest = job.attempt.number if job.attempt is not None else 0
        if job.id in self._free:
            if job.status in FINISHED:
                self._free.discard(job.id)
            return
        if job.id in self._cancelled:
            assert newest <= self._cancelled[job.id], f"job {job.id} runs again though its cancel was acknowledged"
        if job.id in self._done:
            assert newest <= self._done[job.id], f"job {job.id} runs again though its success was acknowledged (I10)"
        if job.status is JobStatus.CANCELLED:
            for node in self._world.nodes:
                for key in node.processes:
                    asleep = self._world.time <= node.suspended_until + THAW
                    if key[0] == job.id and key not in self._ejected and not asleep:
                        raise AssertionError(f"job {job.id} is cancelled and runs on {node.name}")
