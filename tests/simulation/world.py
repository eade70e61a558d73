"""A farm in a box: the real core and the real book of the agent, with simulated processes, clocks, network and crashes.

Everything that happens is drawn from one seeded generator, so a seed is a test. Messages get lost or come twice,
answers get lost, agents and servers are killed and come back, machines reboot, links are cut for longer than a lease.
At each step the oracle looks at what really runs.
"""

from __future__ import annotations

import copy
import random
from dataclasses import dataclass, field

from hqagent.book import Book
from hqserver.core.clients import may_hand_over
from hqserver.core.commands import Act, Receive, Refused, Register, Submit, Tick, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import AttemptState, Instant, Settings
from hqserver.core.restoring import Remembered, restore
from hqserver.wire.agent import (
    End,
    Ended,
    EndReason,
    Exchange,
    Forget,
    Held,
    Hello,
    Machine,
    Order,
    Pause,
    Paused,
    Resume,
    Resumed,
    Start,
)
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import FINISHED, JobStatus

SETTINGS = Settings(sick_roots=10**9, lease=100.0, lease_grace=32.0, offline_after=45.0, abandon_after=60.0)
HEARTBEAT = 15.0
CRASH_CHANCE = 0.004


@dataclass
class Process:
    """A command that runs, under its keeper."""

    lease_until: float
    ends_at: float
    exit_code: int
    paused: bool = False


@dataclass
class Node:
    """A machine with an agent. Its disk (processes, results, folders) survives the agent; a reboot ends processes."""

    name: str
    cpus: int
    boot: int = 1
    up: bool = True
    cut_until: float = 0.0
    session: str = ""
    book: Book = field(default_factory=Book)
    processes: dict[tuple[int, int], Process] = field(default_factory=dict)
    results: dict[tuple[int, int], Ended] = field(default_factory=dict)
    folders: set[tuple[int, int]] = field(default_factory=set)
    next_call: float = 0.0


class Simulation:
    """One seed's world."""

    def __init__(self, seed: int, unsafe: str = "") -> None:
        self.chance = random.Random(seed)
        self.unsafe = unsafe
        """A safety rule that is switched off, to see that the oracle notices."""
        self.time = 1000.0
        self.farm = Farm(SETTINGS)
        self.nodes = [Node(f"n{number}", 1 + number % 2) for number in range(4)]
        self.orders: dict[str, list[Order]] = {}
        self.numbers = 0
        self.cancelled: set[int] = set()
        self.finished_once: dict[int, int] = {}
        self.healing = False

    @property
    def now(self) -> Instant:
        return Instant(self.time, self.time)

    def step(self) -> None:
        """Something happens."""
        self.time += self.chance.uniform(0.0, 4.0)
        self._processes_go_on()
        if not self.healing:
            self._trouble()
            self._users()
        while self.farm.next_deadline <= self.time:
            self._apply(Tick())
        for node in self.nodes:
            if node.up and node.next_call <= self.time:
                self._call(node)
        self._oracle()

    def heal(self) -> None:
        """No more trouble and no more users: everything that was accepted must come to an end."""
        self.healing = True
        for node in self.nodes:
            node.up, node.cut_until = True, 0.0
        for job in self.farm.jobs.values():
            if job.status is JobStatus.PAUSED:
                self._apply(Act(Verb.RESUME, (job.id,)))
        for _ in range(4000):
            self.step()
            if all(job.status in FINISHED for job in self.farm.jobs.values()):
                return
            paused = tuple(job.id for job in self.farm.jobs.values() if job.status is JobStatus.PAUSED)
            if paused:
                self._apply(Act(Verb.RESUME, paused))
        stuck = [(job.id, job.status, job.ending) for job in self.farm.jobs.values() if job.status not in FINISHED]
        raise AssertionError(f"never ended: {stuck[:10]}")

    def _users(self) -> None:
        ids = list(self.farm.jobs)
        draw = self.chance.random()
        if draw < 0.15 and len(ids) < 60:
            children = tuple(
                JobSpec("c", "x", tries_left=self.chance.randrange(2)) for _ in range(self.chance.randrange(4))
            )
            self._apply(Submit((JobSpec("p", self.chance.choice(["", "x"]), children=children),)))
        elif draw < 0.21 and ids:
            verb = self.chance.choice(list(Verb))
            chosen = tuple(self.chance.sample(ids, min(2, len(ids))))
            self._apply(Act(verb, chosen))

    def _trouble(self) -> None:
        for node in self.nodes:
            draw = self.chance.random()
            if draw < CRASH_CHANCE:  # the agent is killed and started again; its keepers go on
                node.book, node.session, node.next_call = Book(), "", self.time + self.chance.uniform(0, 30)
                self._recover(node)
            elif draw < 2 * CRASH_CHANCE:  # the machine reboots
                node.boot += 1
                node.processes.clear()
                node.results.clear()
                node.folders.clear()
                node.book, node.session, node.next_call = Book(), "", self.time + self.chance.uniform(5, 60)
            elif draw < 3 * CRASH_CHANCE:  # the link is cut
                node.cut_until = self.time + self.chance.choice([5.0, 50.0, 90.0, 140.0, 400.0])
        if self.chance.random() < CRASH_CHANCE:
            self._restart_server()

    def _restart_server(self) -> None:
        """What was told was on disk; what the sessions held is gone."""
        farm = self.farm
        keep = {id(job.spec): job.spec for job in farm.jobs.values()}
        jobs = copy.deepcopy(list(farm.jobs.values()), keep)
        for job in jobs:
            job.children, job.totals, job.share = {}, None, ()
        clients = copy.deepcopy(list(farm.clients.values()))
        remembered = Remembered(
            jobs,
            clients,
            list(farm.submissions.values()),
            farm.revision,
            farm.next_job,
            farm.next_client,
            farm.next_submission,
        )
        self.time += self.chance.uniform(1, 30)
        self.farm = restore(SETTINGS, remembered, self.now)
        self.orders.clear()

    def _processes_go_on(self) -> None:
        for node in self.nodes:
            for key, process in list(node.processes.items()):
                if self.time >= process.lease_until and self.unsafe != "no lease":
                    self._end_process(node, key, EndReason.LEASE)
                elif self.time >= process.ends_at and not process.paused:
                    self._end_process(node, key, EndReason.EXITED, process.exit_code)

    def _end_process(self, node: Node, key: tuple[int, int], reason: str, code: int | None = None) -> None:
        del node.processes[key]
        ended = Ended(0, *key, reason, code, ran_seconds=1.0)
        node.results[key] = ended
        if key in node.book.running:
            node.book.over(ended)
            node.next_call = self.time

    def _recover(self, node: Node) -> None:
        for key in node.folders:
            if key in node.processes:
                node.book.started(*key)
            else:
                node.book.over(node.results.get(key) or Ended(0, *key, EndReason.LOST))

    def _call(self, node: Node) -> None:
        """One exchange, or a hello; any part of it may get lost."""
        node.next_call = self.time + HEARTBEAT * self.chance.uniform(0.8, 1.2)
        sent = self.time
        if self._lost(node):
            return
        try:
            if not node.session:
                self._hello(node)
                return
            reports = node.book.reports()
            exchange = Exchange(node.session, node.book.orders_seen, 0.0, live=node.book.live(), reports=tuple(reports))
            for _ in range(1 + (self.chance.random() < 0.1)):  # a request may come twice
                client = self._apply(Receive(exchange))
        except Refused:
            node.session, node.next_call = "", self.time + 1.0
            return
        if self._lost(node):
            node.next_call = self.time + 1.0
            return
        queue = self.orders.setdefault(node.session, [])
        queue[:] = [
            order
            for order in queue
            if order.number > exchange.orders_seen
            and (self.unsafe == "late orders" or may_hand_over(self.farm, client, order, self.now))
        ]
        renewed = [held for held in exchange.live if self._is_live(client, held)]
        for held in renewed:
            process = node.processes.get((held.job, held.attempt))
            if process is not None:
                process.lease_until = sent + SETTINGS.lease
        node.book.reports_were_seen(max((report.number for report in reports), default=0))
        for order in node.book.new_orders(list(queue)):
            self._obey(node, order, sent)
            node.next_call = self.time

    def _hello(self, node: Node) -> None:
        self.numbers += 1
        session = f"s{self.numbers}"
        machine = Machine(node.name, "linux-x86_64", node.cpus)
        hello = Hello(1, f"id-{node.name}", f"boot{node.boot}", "", 0, "v", machine, node.book.held())
        self._apply(Register(hello, session, "127.0.0.1"))
        if not self._lost(node):
            node.session = session
            node.book.begin_session(session)
            node.next_call = self.time

    def _obey(self, node: Node, order: Order, sent: float) -> None:
        match order:
            case Start():
                key = order.job, order.attempt
                if key in node.folders and self.unsafe != "starts twice":
                    return
                node.folders.add(key)
                ends_at = self.time + self.chance.choice([1.0, 20.0, 200.0])
                code = 0 if self.chance.random() < 0.9 else 1
                node.processes[key] = Process(sent + SETTINGS.lease, ends_at, code)
                node.book.started(*key)
            case End():
                key = order.job, order.attempt
                if key in node.processes:
                    self._end_process(node, key, order.reason)
                elif key in node.book.ended:
                    node.book.report(node.book.ended[key])
                elif key not in node.book.running:
                    node.folders.add(key)
                    node.book.over(Ended(0, *key, EndReason.UNKNOWN))
            case Pause() | Resume():
                key = order.job, order.attempt
                if key in node.processes:
                    node.processes[key].paused = isinstance(order, Pause)
                    node.book.report((Paused if isinstance(order, Pause) else Resumed)(0, *key))
            case Forget():
                for key in node.book.forget(order.attempts):
                    node.folders.discard(key)
                    node.results.pop(key, None)

    def _lost(self, node: Node) -> bool:
        if self.time < node.cut_until:
            return True
        return not self.healing and self.chance.random() < 0.05

    def _is_live(self, client: int, held: Held) -> bool:
        attempt = self.farm.clients[client].attempts.get(held.job)
        return attempt is not None and attempt.number == held.attempt

    def _apply(self, command: object) -> int:
        """Apply and hand the orders to the sessions, as the server does when they are on disk."""
        answer: int = self.farm.apply(command, self.now)  # type: ignore[arg-type]
        if self.unsafe == "forgets leases":
            for job in list(self.farm.jobs.values()):
                if job.status is JobStatus.ABANDONED:
                    self.farm.apply(Act(Verb.EJECT, (job.id,)), self.now)
        for client, order in self.farm.take_changes().orders:
            session = self.farm.clients[client].session
            if session:
                self.numbers += 1
                queue = self.orders.setdefault(session, [])
                number = self.numbers
                queue.append(_numbered(order, number))
        return answer

    def _oracle(self) -> None:
        """What must hold whatever happened."""
        running: dict[int, str] = {}
        for node in self.nodes:
            for number, _ in node.processes:
                known = self.farm.jobs.get(number)
                ejected = known is None or any(a.reason == EndReason.EJECTED for a in known.attempts)
                if not ejected or self.unsafe:
                    assert number not in running, f"job {number} runs on {running[number]} and {node.name}"
                running[number] = node.name
        for client in self.farm.clients.values():
            assert 0 <= client.cpus_used <= client.machine.cpus
        for job in self.farm.jobs.values():
            live = [a for a in job.attempts if a.state is not AttemptState.OVER]
            assert len(live) <= 1
            if job.status in FINISHED:
                assert not live
                assert not job.unfinished_children


def _numbered(order: Order, number: int) -> Order:
    from dataclasses import replace

    return replace(order, number=number)
