"""A client that fails at once whatever it is given must not empty the queue before somebody can know."""

from __future__ import annotations

import heapq
import random
import re

import pytest

from hqserver.core.records import Client
from hqserver.core.service import out_of_service
from hqserver.wire.agent import Ended
from hqserver.wire.jobs import JobSpec
from hqserver.wire.reasons import Reason
from tests.core.world import World

CLIENTS, BAD = 50, 7
AT_ONCE = 0.5


class Run:
    """A farm of 50 clients under load, with a time of its own; from a moment on one of them fails everything."""

    def __init__(self, jobs: int, roots: int, bad_from: float, seed: int) -> None:
        self.world = World()
        self.chance = random.Random(seed)
        self.clients = [self.world.hello(f"n{number}", cpus=1) for number in range(CLIENTS)]
        self.bad_from = self.world.time + bad_from
        self.eaten = self.ended = 0
        self._ends: list[tuple[float, int, int, int]] = []
        self._due: set[tuple[int, int]] = set()
        for number in range(roots):
            children = tuple(JobSpec(f"{number}.{index}", "render") for index in range(jobs // roots))
            self.world.submit(JobSpec(f"{number}", priority=self.chance.randrange(10), children=children))

    @property
    def bad(self) -> Client:
        return self.world.farm.clients[self.clients[BAD]]

    def go(self) -> None:
        """Until every job has ended."""
        self._look(self.clients)
        while self._ends:
            at, client, job, exit_code = heapq.heappop(self._ends)
            self.world.tick(max(at - self.world.time, 0.0))
            agent = self.world.agents[client]
            self.eaten += exit_code
            self.ended += 1
            ran = AT_ONCE if exit_code else 30.0
            agent.reports.append(Ended(0, job, agent.running.pop(job), "exited", exit_code, ran_seconds=ran))
            self.world.beat(client)
            self._look([client])
            if self.ended % 50 == 0:
                self.world.beat_all()
                self._look(self.clients)

    def _look(self, clients: list[int]) -> None:
        """When what runs on these clients will end, and how."""
        for client in clients:
            for job, attempt in self.world.agents[client].running.items():
                if (job, attempt) not in self._due:
                    self._due.add((job, attempt))
                    fails = client == self.bad.id and self.world.time >= self.bad_from
                    seconds = AT_ONCE if fails else self.chance.uniform(20, 60)
                    heapq.heappush(self._ends, (self.world.time + seconds, client, job, int(fails)))


@pytest.mark.parametrize(("bad_from", "seed"), [(0.0, 1), (100.0, 2)])
def test_a_bad_client_among_fifty_is_stopped(bad_from: float, seed: int) -> None:
    run = Run(1000, 20, bad_from, seed)
    run.go()
    assert run.ended == 1000
    assert run.eaten <= 10
    assert "jobs of 3 root jobs failed here" in run.bad.out_of_service
    assert [client.id for client in run.world.farm.clients.values() if client.disabled] == [run.bad.id]


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("roots", [20, 200])
def test_a_bad_client_among_fifty_eats_ten_jobs_of_ten_thousand_at_most(roots: int, seed: int) -> None:
    run = Run(10_000, roots, random.Random(seed).uniform(0.0, 3000.0), seed)
    run.go()
    assert (run.ended, run.bad.disabled) == (10_000, True)
    assert run.eaten <= 10


def fail_all(world: World, clients: list[int]) -> None:
    """What runs on these clients fails at once."""
    for client in clients:
        agent = world.agents[client]
        agent.reports += [Ended(0, job, agent.running.pop(job), "exited", 1) for job in list(agent.running)]
    world.beat_all()


def bad_families(world: World, count: int) -> None:
    for name in range(count):
        world.submit(JobSpec(f"{name}", children=tuple(JobSpec(f"{name}.{number}", "x") for number in range(40))))
    world.beat_all()


def test_the_rest_says_why_and_ends() -> None:
    world = World()
    clients = [world.hello(f"n{number}", cpus=1) for number in range(3)]
    bad_families(world, 5)
    while not world.farm.clients[clients[0]].resting:
        fail_all(world, clients[:1])
    client = world.farm.clients[clients[0]]
    assert out_of_service(client) == [Reason.UNSTEADY]
    texts = [note.text for note in world.farm.thread_of_client[client.id].notes]
    assert re.fullmatch(r"no new jobs for 1 min: [45] jobs in a row failed here right after their start", texts[-1])
    assert world.agents[client.id].running == {}
    for _ in range(7):
        world.tick(10)
        world.beat_all()
    assert world.agents[client.id].running != {}


def test_jobs_that_fail_everywhere_make_nobody_rest() -> None:
    world = World()
    clients = [world.hello(f"n{number}", cpus=1) for number in range(30)]
    bad_families(world, 5)
    for _ in range(8):
        fail_all(world, clients)
    assert [client.name for client in world.farm.clients.values() if client.resting] == []


def test_one_bad_family_makes_nobody_rest() -> None:
    world = World()
    clients = [world.hello(f"n{number}", cpus=1) for number in range(3)]
    bad_families(world, 1)
    for _ in range(8):
        fail_all(world, clients[:1])
    assert not world.farm.clients[clients[0]].resting
