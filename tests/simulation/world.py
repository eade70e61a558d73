"""A farm in a box: the real core and the real book of the agents, with simulated clocks, network, disks and crashes.

Everything that happens is drawn from one seeded generator, so a seed is a test. Requests and answers are late, overtake
each other, get lost or come twice; links are cut in one direction or both for longer than a lease; commits are lost
when the server is killed; agents are killed, machines reboot or are suspended. After each event the oracle looks at what
it touched (`tests.simulation.oracle`).
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from hqserver.core import audit
from hqserver.core.attempts import over
from hqserver.core.clients import may_hand_over
from hqserver.core.commands import Act, CreateResource, Receive, Refused, Register, SetDisabled, Submit, Tick, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import AttemptState, Instant, Settings
from hqserver.core.state import Changes
from hqserver.wire.agent import EndReason, Exchange, Held, Order
from hqserver.wire.jobs import SINGLE, JobSpec
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobStatus
from tests.core.audited import differences
from tests.simulation.disk import Disk, Rows, rows_of
from tests.simulation.nodes import KILLING, Key, Node, Process
from tests.simulation.oracle import THAW, Oracle

SETTINGS = Settings(lease=100.0, lease_grace=32.0, offline_after=45.0, abandon_after=60.0)
HEARTBEAT = 15.0
MOST_JOBS = 24
MOST_LOOKS = 1000
"""Times that the farm looks at what is due in one moment."""
TROUBLE_EVERY = 25.0
"""Seconds between two troubles, in the mean."""
_MOST_HEALING = 400_000
"""Events after which healing is given up: without one of its rules a farm may turn round while no time passes."""


@dataclass
class Session:
    """What the server holds of a session: orders that were not seen, and the request that waits."""

    client: int
    orders: list[Order] = field(default_factory=list)
    last_number: int = 0
    waiting: Request | None = None


@dataclass(frozen=True)
class Request:
    """An exchange under way, and when it was sent on the machine's clock."""

    node: Node
    incarnation: int
    exchange: Exchange
    asked_at: float


class Simulation:
    """One seed's world."""

    def __init__(self, seed: int, unsafe: str = "") -> None:
        self.chance = random.Random(seed)
        self.unsafe = unsafe
        """A safety rule that is switched off, to see that the oracle notices."""
        self.time = 1000.0
        self.events = 0
        self.healing = False
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._numbers = itertools.count()
        self._sessions = itertools.count(1)
        self.settings = replace(SETTINGS, lease_grace=0.0) if unsafe == "no grace" else SETTINGS
        self.disk = Disk()
        self.farm = Farm(self.settings)
        self.oracle = Oracle(self)
        self.server = 1
        """Incarnation; what belongs to an earlier one is gone."""
        self.is_up = True
        self.sessions: dict[str, Session] = {}
        self.nodes = [
            Node(f"n{number}", 1 + number % 3, self.chance.choice([0.98, 1.0, 1.02]), SETTINGS.lease, unsafe)
            for number in range(4)
        ]
        self._committing = False
        self._durable = 0
        self._waiting: list[tuple[int, Callable[[], None]]] = []
        self._tick_at = 0.0
        self._make_resources()
        for node in self.nodes:
            self._later(self.chance.uniform(0, 5), lambda node=node: self._beat(node, node.incarnation))  # type: ignore[misc]
        self._later(1.0, self._users)
        self._later(5.0, self._trouble)

    @property
    def now(self) -> Instant:
        return Instant(self.time, self.time)

    def step(self) -> None:
        """The next event."""
        time, _, happens = heapq.heappop(self._queue)
        self.time = max(self.time, time)
        self.events += 1
        happens()
        self._tick()

    def heal(self) -> None:
        """No more trouble and no more users: everything that was accepted must come to an end."""
        self.healing = True
        for node in self.nodes:
            node.cut_to_server = node.cut_from_server = 0.0
        end = self.time + 8000.0
        last = self.events + _MOST_HEALING
        while self.time < end and self.events < last:
            if self.is_up:
                live = [job for job in self.farm.jobs.values() if job.status not in FINISHED]
                if not live and not self._committing:
                    wrong = differences(self.farm) + audit.overdue(self.farm, self.now)
                    assert not wrong, f"the audit found {wrong[:5]} (P23)"
                    return
                paused = tuple(job.id for job in live if job.status in PAUSED_OR_PAUSING)
                if paused:
                    self.apply(Act(Verb.RESUME, paused))
                for client in self.farm.clients.values():
                    if client.disabled:
                        self.apply(SetDisabled(client.label, disabled=False))
            for _ in range(50):
                self.step()
        stuck = [(job.id, job.status, job.ending) for job in self.farm.jobs.values() if job.status not in FINISHED]
        raise AssertionError(f"never ended: {stuck[:10]}")

    def apply(self, command: Any) -> Any:
        """Have the farm do something. What it answers may be told when `when_durable` says so."""
        try:
            answer = self.farm.apply(command, self.now)
            self.oracle.applied()
        finally:
            self._gather()
        return answer

    def when_durable(self, then: Callable[[], None]) -> None:
        """Do it once everything up to now is on the disk; never if the server is killed before."""
        if self.unsafe == "tells before it is on disk" or self._durable >= self.farm.revision:
            then()
        else:
            self._waiting.append((self.farm.revision, then))

    # ------------------------------------------------------------------------------------------------ time and disk

    def _later(self, seconds: float, happens: Callable[[], None]) -> None:
        heapq.heappush(self._queue, (self.time + seconds, next(self._numbers), happens))

    def _tick(self) -> None:
        looks = 0
        while self.is_up and self.farm.next_deadline <= self.time:
            looks += 1
            assert looks < MOST_LOOKS, "what is due at one moment never ends"
            self.apply(Tick())

    def _gather(self) -> None:
        """One commit at a time; while it runs the next one gathers."""
        if self.unsafe == "runs elsewhere at once":
            self._give_up_abandoned()
        if self._committing:
            return
        changes = self.farm.take_changes()
        self.oracle.look(changes)
        if not changes.stored:
            self._published(changes)
            return
        rows, server = rows_of(changes), self.server
        self._committing = True
        if self.unsafe == "orders before they are on disk":
            self._deliver(changes)
        self._later(self.chance.choice([0.001, 0.01, 0.1, 1.0, 6.0]), lambda: self._committed(rows, server))

    def _committed(self, rows: Rows, server: int) -> None:
        if server != self.server or not self.is_up:
            return
        self.disk.write(rows)
        self._committing = False
        self._published(rows.changes)
        self._gather()

    def _published(self, changes: Changes) -> None:
        self._durable = changes.revision
        if self.unsafe != "orders before they are on disk":
            self._deliver(changes)
        due = [then for revision, then in self._waiting if revision <= self._durable]
        self._waiting = [item for item in self._waiting if item[0] > self._durable]
        for then in due:
            then()

    def _kill_server(self) -> None:
        """What was told was on disk; commits under way and everything in RAM are lost."""
        self.server += 1
        self.is_up, self._committing = False, False
        self._waiting.clear()
        self.sessions.clear()
        self._later(self.chance.choice([1.0, 10.0, 60.0, 200.0]), self._start_server)

    def _start_server(self) -> None:
        self.is_up = True
        settings = self.settings
        self.farm = self.disk.load(settings, self.now)
        if self.unsafe == "no grace after a start":
            for client in self.farm.clients.values():
                for attempt in client.attempts.values():
                    attempt.lease_until = self.time - settings.lease_grace
                    self.farm.remind(self.time, "lease", attempt.job)
        self.oracle.restarted()
        self._durable = 0
        self._make_resources()
        self._gather()

    def _make_resources(self) -> None:
        """An operator makes them, and makes those anew of which nobody said before a kill that they were on disk."""
        for name, per_machine in (("tape", False), ("licence", True)):
            if name not in self.farm.resource_of_name:
                self.apply(CreateResource(name, 2, per_machine))

    def _give_up_abandoned(self) -> None:
        for job in list(self.farm.jobs.values()):
            if job.status is JobStatus.ABANDONED:
                self.farm.apply(Act(Verb.EJECT, (job.id,)), self.now)

    # ------------------------------------------------------------------------------------------------ server and wire

    def _deliver(self, changes: Changes) -> None:
        for client, order in changes.orders:
            known = self.farm.clients.get(client)
            session = self.sessions.get(known.session) if known is not None else None
            if session is not None:
                session.last_number += 1
                session.orders.append(replace(order, number=session.last_number))
                if session.waiting is not None:
                    waiting, session.waiting = session.waiting, None
                    self._reply(waiting, 0)

    def _send(self, arrives: Callable[[], None], cut_until: float) -> None:
        """A message: late, lost or twice."""
        if self.time < cut_until:
            return
        copies = 1
        if not self.healing:
            draw = self.chance.random()
            copies = 0 if draw < 0.04 else 2 if draw < 0.08 else 1
        for _ in range(copies):
            late = 0.0 if self.healing or self.chance.random() > 0.02 else 40.0
            self._later(self.chance.choice([0.005, 0.02, 0.1, 3.0]) + late, arrives)

    def _heard_hello(self, node: Node, incarnation: int, hello: Any) -> None:
        name, server = f"s{next(self._sessions)}", self.server
        try:
            client = self.apply(Register(hello, name, "127.0.0.1"))
        except Refused:
            return
        self.sessions = {key: item for key, item in self.sessions.items() if item.client != client}
        self.sessions[name] = Session(client)
        if self.unsafe == "a hello is enough":
            self._believe_in(client)

        def welcome() -> None:
            is_awaited = node.incarnation == incarnation and node.hello_at == hello.asked_at
            if server == self.server and is_awaited and node.is_awake(self.time):
                node.session, node.hello_at = name, -1.0  # an answer is heard once
                node.book.begin_session(name)
                self._later(0.01, lambda: self._call(node, incarnation))

        self.when_durable(lambda: self._send(welcome, node.cut_from_server))

    def _heard(self, request: Request) -> None:
        exchange = request.exchange
        session = self.sessions.get(exchange.session)
        if session is None:
            self._send(lambda: self._unknown_session(request), request.node.cut_from_server)
            return
        session.orders = [order for order in session.orders if order.number > exchange.orders_seen]
        if self.unsafe == "no fencing":
            exchange = replace(exchange, reports=tuple(self._as_if_live(report) for report in exchange.reports))
        self.oracle.exchanged(exchange.session)
        heard = replace(exchange, live=()) if self.unsafe == "renews in words only" else exchange
        try:
            self.apply(Receive(heard))
        except Refused:
            return
        seen = max((report.number for report in exchange.reports), default=0)
        if exchange.reports:
            self.oracle.will_acknowledge(request.node, exchange)
            self.when_durable(lambda: self._acknowledge(request, seen))
        elif session.orders:
            self._reply(request, 0)
        else:
            if session.waiting is not None:
                self._reply(session.waiting, 0)
            session.waiting = request
            self._later(HEARTBEAT * 0.8, lambda: self._waited(session, request))

    def _believe_in(self, client_id: int) -> None:
        client = self.farm.clients[client_id]
        client.online = client.proved = True
        self.farm.planner.client_changed(client)

    def _as_if_live(self, report: Any) -> Any:
        job = self.farm.jobs.get(report.job)
        live = job.live_attempt if job is not None else None
        return report if live is None else replace(report, attempt=live.number)

    def _waited(self, session: Session, request: Request) -> None:
        if session.waiting is request:
            session.waiting = None
            self._reply(request, 0)

    def _acknowledge(self, request: Request, seen: int) -> None:
        self.oracle.acknowledged(request.exchange)
        self._reply(request, seen)

    def _reply(self, request: Request, seen: int) -> None:
        session = self.sessions.get(request.exchange.session)
        if session is None or not self.is_up:
            return
        farm, now = self.farm, self.now
        if self.unsafe != "late orders":
            session.orders = [item for item in session.orders if may_hand_over(farm, session.client, item, now)]
        orders = tuple(session.orders)
        renewed = tuple(held for held in request.exchange.live if self._is_live(session.client, held))
        self._send(lambda: self._answered(request, orders, renewed, seen), request.node.cut_from_server)

    def _is_live(self, client: int, held: Held) -> bool:
        known = self.farm.clients.get(client)
        attempt = known.attempts.get(held.job) if known is not None else None
        return attempt is not None and attempt.number == held.attempt

    # ------------------------------------------------------------------------------------------------ agents

    def _beat(self, node: Node, incarnation: int) -> None:
        """The agent calls in now and then, whatever else it says."""
        if incarnation != node.incarnation:
            return
        self._later(HEARTBEAT * self.chance.uniform(0.8, 1.2), lambda: self._beat(node, incarnation))
        self._call(node, incarnation)

    def _call(self, node: Node, incarnation: int) -> None:
        if incarnation != node.incarnation or not node.is_awake(self.time):
            return
        if not node.session:
            hello = node.hello(self.time)  # an earlier one under way is given up: its answer finds nobody
            node.hello_at = hello.asked_at
            self._ask(node, lambda: self._heard_hello(node, incarnation, hello))
            return
        book = node.book
        reports = tuple(book.reports())
        exchange = Exchange(node.session, book.orders_seen, HEARTBEAT, live=book.live(), reports=reports)
        request = Request(node, incarnation, exchange, node.clock(self.time))
        self._ask(node, lambda: self._heard(request))

    def _ask(self, node: Node, heard: Callable[[], None]) -> None:
        """A request: its connection ends with the server that accepted it."""
        server = self.server

        def arrives() -> None:
            if server == self.server and self.is_up:
                heard()

        if self.is_up:
            self._send(arrives, node.cut_to_server)

    def _unknown_session(self, request: Request) -> None:
        node = request.node
        is_same = node.incarnation == request.incarnation and node.session == request.exchange.session
        if is_same and node.is_awake(self.time):
            node.session = ""
            self._call(node, node.incarnation)

    def _answered(self, request: Request, orders: tuple[Order, ...], renewed: tuple[Held, ...], seen: int) -> None:
        node = request.node
        if node.incarnation != request.incarnation or not node.is_awake(self.time):
            return
        node.renew(renewed, request.asked_at, node.clock(self.time))
        if node.session != request.exchange.session:
            return
        node.book.reports_were_seen(seen)
        fresh = node.book.new_orders(orders)
        for order in fresh:
            node.obey(order, lambda key: self._launch(node, key, request.asked_at))
        if fresh or node.book.reports():
            incarnation = node.incarnation
            self._later(0.02, lambda: self._call(node, incarnation))

    def _launch(self, node: Node, key: Key, asked_at: float) -> None:
        """A keeper is launched for a command; that may take its time, and the agent may die meanwhile."""
        boot, incarnation, chance = node.boot, node.incarnation, self.chance
        lasts, code = chance.choice([0.5, 5.0, 40.0, 300.0, 300.0]), 0 if chance.random() < 0.9 else 1

        def begin() -> None:
            if node.boot == boot and not node.is_awake(self.time):
                self._later(max(node.suspended_until, node.down_until) - self.time, begin)
            elif node.boot == boot:
                process = Process(asked_at + SETTINGS.lease, self.time + lasts, code)
                if node.begin(key, process, incarnation):
                    self._begin(node, key, process)

        delay = chance.choice([0.0, 0.0, 0.0, 2.0])
        if delay:
            self._later(delay, begin)
        else:
            begin()

    def _begin(self, node: Node, key: Key, process: Process) -> None:
        if self.unsafe != "no leases" and node.clock(self.time) >= process.lease_until:
            node.end_process(key, EndReason.LEASE)  # the machine slept since the order: not a word of it is run
            self._call(node, node.incarnation)
            return
        self.oracle.begins(node, key)
        boot = node.boot
        self._later(process.ends_at - self.time, lambda: self._may_end(node, boot, key))
        self._later(0.0, lambda: self._keep(node, boot, key))

    def _may_end(self, node: Node, boot: int, key: Key) -> None:
        process = node.processes.get(key)
        if process is None or boot != node.boot:
            return
        if process.paused or not node.is_awake(self.time):
            self._later(20.0, lambda: self._may_end(node, boot, key))
            return
        node.end_process(key, EndReason.EXITED, process.exit_code)
        self._call(node, node.incarnation)

    def _keep(self, node: Node, boot: int, key: Key) -> None:
        """The keeper looks whether the lease has ended, again when it does; killing takes its time."""
        process = node.processes.get(key)
        if process is None or boot != node.boot or self.unsafe == "no leases":
            return
        if self.time < node.suspended_until:
            self._later(node.suspended_until - self.time + 0.5, lambda: self._keep(node, boot, key))
            return
        left = node.time_of(process.lease_until) - self.time
        if left > 0:
            self._later(left, lambda: self._keep(node, boot, key))
        elif process.dying or self.oracle.has_thawed(node):
            node.end_process(key, EndReason.LEASE)
            self._call(node, node.incarnation)
        else:
            process.dying = True
            self._later(self.chance.choice([0.0, KILLING]), lambda: self._kill(node, boot, key))

    def _kill(self, node: Node, boot: int, key: Key) -> None:
        if key in node.processes and boot == node.boot:
            if self.time < node.suspended_until:
                self._later(node.suspended_until - self.time + 0.5, lambda: self._kill(node, boot, key))
                return
            node.end_process(key, EndReason.LEASE)
            self._call(node, node.incarnation)

    # ------------------------------------------------------------------------------------------------ users and trouble

    def _users(self) -> None:
        if self.healing:
            return
        self._later(self.chance.uniform(0.0, 6.0), self._users)
        if not self.is_up:
            return
        chance, ids = self.chance, list(self.farm.jobs)
        draw = chance.random()
        if draw < 0.5 and len(ids) < MOST_JOBS:
            self._submit(ids)
        elif draw < 0.75 and ids:
            self._act(chance.choice([*Verb, Verb.DELETE]), tuple(chance.sample(ids, min(3, len(ids)))))
        elif draw < 0.8 and self.farm.clients:
            client = chance.choice(list(self.farm.clients.values()))
            self.apply(SetDisabled(client.label, chance.random() < 0.3))
        elif len(ids) >= MOST_JOBS:
            done = tuple(id_ for id_ in ids if self.farm.jobs[id_].status in FINISHED)
            self._act(Verb.DELETE, done)

    def _submit(self, ids: list[int]) -> None:
        chance = self.chance
        children = tuple(self._spec() for _ in range(chance.choice([0, 0, 1, 3])))
        below = tuple(chance.sample(ids, 1)) if ids and chance.random() < 0.1 else ()
        try:
            made = self.apply(Submit((replace(self._spec(), children=children, children_ids=below),)))
        except Refused:
            return
        self.oracle.reopened(made)
        count = self.farm.next_job
        self.when_durable(lambda: self.oracle.accepted(range(made[0], count)))

    def _spec(self) -> JobSpec:
        chance = self.chance
        return JobSpec(
            "job",
            chance.choice(["x", "x", "x", ""]),
            cpus=chance.choice([1, 1, 1, 2]),
            tries_left=chance.choice([0, 1]),
            tags=chance.choice([(), (), (), (SINGLE,), ("single:a",)]),
            resources=chance.choice([{}, {}, {}, {"tape": 1}, {"licence": 1}]),
            min_hosts=chance.choice([1, 1, 1, 1, 2]),
            max_hosts=2,
        )

    def _act(self, verb: Verb, ids: tuple[int, ...]) -> None:
        if verb is Verb.EJECT:
            self.oracle.ejected(ids)
        if verb is Verb.RESCHEDULE:
            self.oracle.rescheduled(ids)
        self.apply(Act(verb, ids))
        if verb is Verb.CANCEL:
            if self.unsafe == "does not wait for the kill":
                self._believe_ends(EndReason.CANCELLED)
            self.when_durable(lambda: self.oracle.cancelled(ids))
        if verb is Verb.EJECT and self.unsafe == "ejects without a kill":
            self._believe_ends(EndReason.EJECTED)

    def _believe_ends(self, reason: str) -> None:
        for job in list(self.farm.jobs.values()):
            attempt = job.live_attempt
            if attempt is not None and attempt.ending == reason:
                over(self.farm, job, attempt, reason, self.now)
        self.farm.finish(self.now)
        self._gather()

    def _trouble(self) -> None:
        if self.healing:
            return
        self._later(self.chance.uniform(0.0, 2 * TROUBLE_EVERY), self._trouble)
        node = self.chance.choice(self.nodes)
        self.chance.choice(self._TROUBLES)(self, node)

    def _cut(self, node: Node) -> None:
        until = self.time + self.chance.choice([5.0, 90.0, 140.0, 250.0, 400.0])
        which = self.chance.choice(["to", "from", "both", "both", "both"])
        if which != "from":
            node.cut_to_server = until
        if which != "to":
            node.cut_from_server = until

    def _kill_agent(self, node: Node) -> None:
        node.restart_agent()
        self._again(node, self.chance.uniform(0.1, 30.0))

    def _reboot(self, node: Node) -> None:
        for key in node.processes:
            self.oracle.ends(node, key)
        node.down_until = self.time + self.chance.uniform(5.0, 60.0)
        node.suspended_until = 0.0
        node.reboot()
        self._again(node, node.down_until - self.time + 0.1)

    def _again(self, node: Node, seconds: float) -> None:
        incarnation = node.incarnation
        self._later(seconds, lambda: self._beat(node, incarnation))

    def _suspend(self, node: Node) -> None:
        if node.is_awake(self.time):
            seconds = self.chance.choice([10.0, 90.0, 200.0])
            node.suspended_until = self.time + seconds
            node.slept += seconds
            self._later(seconds + THAW + 0.1, lambda: self.oracle.thawed(node))

    def _server_dies(self, _node: Node) -> None:
        if self.is_up:
            self._kill_server()

    _TROUBLES = (_cut, _cut, _cut, _kill_agent, _reboot, _suspend, _server_dies)


def live_attempts(farm: Farm) -> list[Any]:
    """Every attempt that is not over."""
    return [a for job in farm.jobs.values() for a in job.attempts if a.state is not AttemptState.OVER]
