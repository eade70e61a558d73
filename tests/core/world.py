"""A small world around the pure farm: agents that do what they are told, and a clock that moves when it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from hqserver.core.commands import Act, Receive, Register, Submit, Tick, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import Instant, Job, Settings
from hqserver.wire.agent import (
    End,
    Ended,
    Exchange,
    Held,
    Hello,
    Machine,
    Order,
    Pause,
    Paused,
    Progressed,
    Resume,
    Resumed,
    Start,
    Started,
)
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import FINISHED


@dataclass
class Agent:
    """Holds attempts and says what became of them when the test wants it to."""

    name: str
    session: str
    running: dict[int, int] = field(default_factory=dict)
    """Attempt by job."""
    reports: list[Any] = field(default_factory=list)
    boot: str = "boot"
    draining: bool = False
    """Whether it says that it leaves when its jobs are done. The next agent of the machine stays."""


class World:
    """The farm, its agents and the time."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.farm = Farm(settings or Settings(), 0)
        self.time = 1000.0
        self.clock_error = 0.0
        """By which the server's clock on the wall is wrong."""
        self.agents: dict[int, Agent] = {}
        self._sessions = 0

    @property
    def now(self) -> Instant:
        return Instant(self.time + self.clock_error, self.time)

    def apply(self, command: Any) -> Any:
        answer = self.farm.apply(command, self.now)
        self.deliver()
        return answer

    def hello(
        self, name: str, cpus: int = 2, platform: str = "linux-x86_64", boot: str = "boot", hears: bool = True
    ) -> int:
        """An agent (again), which goes on with an exchange if it hears the answer; answers its client's id."""
        self._sessions += 1
        session = f"s{self._sessions}"
        known = next((agent for agent in self.agents.values() if agent.name == name), None)
        held = (
            tuple(Held(job, attempt) for job, attempt in known.running.items()) if known and known.boot == boot else ()
        )
        hello = Hello(1, f"id-{name}", boot, "", 5001, "v1", Machine(name, platform, cpus, memory=1000), held)
        client = self.farm.apply(Register(hello, session, "127.0.0.1"), self.now)
        agent = self.agents.setdefault(client, Agent(name, session))
        if agent.boot != boot:
            agent.running.clear()
        agent.session, agent.boot, agent.draining = session, boot, False
        self.deliver()
        if hears:
            self.beat(client)
        return int(client)

    def submit(self, *specs: JobSpec, **more: Any) -> tuple[int, ...]:
        ids: tuple[int, ...] = self.apply(Submit(specs, **more))
        return ids

    def act(self, verb: Verb, *ids: int) -> int:
        count: int = self.apply(Act(verb, ids))
        return count

    def deliver(self) -> None:
        """Hand the orders to the agents; they obey at once, and report when `beat` is called."""
        for client, order in self.farm.take_changes().orders:
            agent = self.agents.get(client)
            if agent is not None:
                _OBEY.get(type(order), _ignore)(agent, order)

    def end(self, job: int, exit_code: int = 0, seconds: float = 1.0) -> None:
        """The command of a running job ends by itself."""
        client = next(id_ for id_, agent in self.agents.items() if job in agent.running)
        agent = self.agents[client]
        attempt = agent.running.pop(job)
        agent.reports.append(Ended(0, job, attempt, "exited", exit_code, ran_seconds=seconds))
        self.beat(client)

    def tell_progress(self, job: int, progress: float, seconds: float = 0.0) -> None:
        """Time passes, then the command of a running job says how far it is."""
        client = next(id_ for id_, agent in self.agents.items() if job in agent.running)
        agent = self.agents[client]
        agent.reports.append(Progressed(0, job, agent.running[job], progress))
        self.beat(client, seconds)

    def beat(self, client: int, seconds: float = 0.0) -> None:
        """Time passes, then the agent calls in with its reports; one whose client was removed is not heard."""
        self.time += seconds
        agent = self.agents[client]
        if agent.session not in self.farm.client_of_session:
            return
        reports, agent.reports = tuple(agent.reports), []
        live = tuple(Held(job, attempt) for job, attempt in agent.running.items())
        self.apply(Receive(Exchange(agent.session, 0, 0, live=live, reports=reports, draining=agent.draining)))

    def beat_all(self) -> None:
        for client in list(self.agents):
            self.beat(client)

    def tick(self, seconds: float) -> None:
        """Time passes in which nobody says anything."""
        self.time += seconds
        while self.farm.next_deadline <= self.time:
            self.apply(Tick())

    def job(self, id_: int) -> Job:
        return self.farm.jobs[id_]

    def run_all(self, exit_code: Callable[[int], int] = lambda job: 0, most: int = 10_000) -> None:
        """Let agents run whatever comes until nothing runs any more."""
        for _ in range(most):
            self.beat_all()
            running = [(client, job) for client, agent in self.agents.items() for job in agent.running]
            if not running:
                return
            for _, job in running:
                self.end(job, exit_code(job))
        raise AssertionError("the farm never comes to rest")

    def unfinished(self) -> list[int]:
        return [job.id for job in self.farm.jobs.values() if job.status not in FINISHED]


def _start(agent: Agent, order: Start) -> None:
    if agent.running.get(order.job) != order.attempt:
        agent.running[order.job] = order.attempt
        agent.reports.append(Started(0, order.job, order.attempt))


def _end(agent: Agent, order: End) -> None:
    if agent.running.get(order.job) == order.attempt:
        del agent.running[order.job]
        agent.reports.append(Ended(0, order.job, order.attempt, order.reason, None, 9))
    else:
        agent.reports.append(Ended(0, order.job, order.attempt, "unknown"))


def _pause(agent: Agent, order: Pause) -> None:
    if agent.running.get(order.job) == order.attempt:
        agent.reports.append(Paused(0, order.job, order.attempt))


def _resume(agent: Agent, order: Resume) -> None:
    if agent.running.get(order.job) == order.attempt:
        agent.reports.append(Resumed(0, order.job, order.attempt))


def _ignore(agent: Agent, order: Order) -> None:
    return None


_OBEY: dict[type[Any], Callable[[Agent, Any], None]] = {Start: _start, End: _end, Pause: _pause, Resume: _resume}
