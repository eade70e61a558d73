"""Jobs that need several clients, or whole ones: they start in their turn, and hold back no more than they need."""

from __future__ import annotations

import heapq
import random
from dataclasses import replace

import pytest

from hqserver.core import explaining
from hqserver.core.commands import CreateResource, SetDisabled, Submit, Verb
from hqserver.core.reading import CLIENT, JOB
from hqserver.wire.agent import Start
from hqserver.wire.jobs import SINGLE, JobSpec
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import JobStatus
from tests.core.world import World

STREAM = JobSpec("stream", "x")


class Busy(World):
    """A farm under an endless stream of equal jobs of one client, each of which lasts as long as `lasts` says."""

    def __init__(self, clients: int, cpus: int, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.ends: list[tuple[float, int]] = []
        self.backlog = 1
        """Jobs of the stream that wait; there is never none, so a free client never stays so for long."""
        for number in range(clients):
            self.hello(f"n{number}", cpus=cpus)
        self.keep_coming()

    def keep_coming(self) -> None:
        """There are always more of them, younger than all others; what began gets an end."""
        while sum(self.job(id_).live_attempt is None for id_ in self.unfinished()) < self.backlog:
            self.submit(STREAM)
        self.beat_all()
        known = {job for _, job in self.ends}
        for agent in self.agents.values():
            for job in agent.running:
                if job not in known:
                    heapq.heappush(self.ends, (self.time + self.chance.uniform(1, 60), job))

    def next_end(self) -> None:
        self.time, job = heapq.heappop(self.ends)
        self.end(job)
        self.keep_coming()

    def longest_rest(self) -> float:
        return max(at for at, _ in self.ends) - self.time


@pytest.mark.parametrize(
    "spec",
    [
        JobSpec("four clients", "x", min_hosts=4, max_hosts=4),
        JobSpec("a whole client", "x", tags=(SINGLE,)),
        JobSpec("four whole clients", "x", tags=(SINGLE,), min_hosts=4, max_hosts=4),
        JobSpec("all cpus of a client", "x", cpus=4),
        JobSpec("two clients, all cpus", "x", cpus=4, min_hosts=2, max_hosts=2),
    ],
    ids=lambda spec: spec.name,
)
@pytest.mark.parametrize("seed", range(5))
def test_it_starts_within_the_rest_of_the_longest_running_job(spec: JobSpec, seed: int) -> None:
    farm = Busy(clients=4, cpus=4, seed=seed)
    for _ in range(30):
        farm.next_end()
    while any(farm.job(id_).live_attempt is None for id_ in farm.unfinished()):
        farm.backlog = 0  # what came before goes first: from now on everything comes later
        farm.next_end()
    (job,) = farm.submit(spec)
    farm.backlog = 12
    farm.keep_coming()
    submitted, rest = farm.time, farm.longest_rest()
    while farm.job(job).live_attempt is None:
        farm.next_end()
    assert farm.time - submitted <= rest + 1.0


def test_two_jobs_that_need_all_clients_do_not_wait_for_each_other() -> None:
    farm = Busy(clients=4, cpus=1, seed=1)
    both = farm.submit(*[JobSpec("all", "x", min_hosts=4, max_hosts=4)] * 2)
    for job in both:
        while farm.job(job).status is not JobStatus.SUCCEEDED:
            farm.next_end()


def test_hosts_are_held_then_given() -> None:
    world = World()
    one, two = world.hello("a", cpus=1), world.hello("b", cpus=1)
    (busy,) = world.submit(JobSpec("busy", "x", priority=9))
    world.beat_all()
    (job,) = world.submit(JobSpec("both", "x", min_hosts=2, max_hosts=2))
    free = two if world.farm.clients[one].attempts else one
    assert [row["id"] for row in JOB["clientsOnHold"](world.farm, world.job(job))] == [free]
    assert CLIENT["status"](world.farm, world.farm.clients[free]) == "onhold"
    assert explaining.waiting(world.farm, world.job(job)).code == Reason.GATHERING
    (later,) = world.submit(JobSpec("later", "x"))
    assert world.job(later).live_attempt is None
    world.farm.take_changes()
    world.farm.apply(SetDisabled("nobody", disabled=True), world.now)
    world.end(busy)
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert sorted(attempt.clients) == [one, two]
    assert JOB["clientsOnHold"](world.farm, world.job(job)) == []
    world.beat_all()
    assert {row["label"] for row in JOB["clients"](world.farm, world.job(job))} == {"a", "b"}
    world.end(job)
    world.beat_all()
    assert world.job(later).live_attempt is not None


def test_jobs_of_one_kind_say_why_each_by_its_place_in_line() -> None:
    """One goes before the job for which clients are held, the other after it."""
    world = World()
    world.hello("a", cpus=2)
    tagged = JobSpec("tagged", "x", tags=("single:lens",))
    world.submit(tagged)
    world.submit(JobSpec("both cpus", "x", cpus=2))
    later, urgent = world.submit(tagged, replace(tagged, priority=9))
    for _ in range(2):
        assert explaining.waiting(world.farm, world.job(later)).code == Reason.HELD
        assert explaining.waiting(world.farm, world.job(urgent)).code == Reason.TAG


def test_the_order_names_all_hosts() -> None:
    world = World()
    for name in "abc":
        world.hello(name)
    world.farm.take_changes()
    world.farm.apply(Submit((JobSpec("three", "x", min_hosts=2, max_hosts=3),)), world.now)
    start = next(order for _, order in world.farm.take_changes().orders if isinstance(order, Start))
    assert sorted(start.hosts) == ["a", "b", "c"]


def test_what_could_never_have_enough_clients_holds_none() -> None:
    world = World()
    for name in "abc":
        world.hello(name, cpus=1)
    (job,) = world.submit(JobSpec("four", "x", min_hosts=4, max_hosts=4))
    assert explaining.waiting(world.farm, world.job(job)).code == Reason.TOO_FEW
    small = world.submit(STREAM, STREAM, STREAM)
    assert all(world.job(id_).live_attempt is not None for id_ in small)


def test_a_paused_job_does_not_make_others_idle() -> None:
    """It keeps its cpus, so nothing that needs them is waited for."""
    world = World()
    for name in "ab":
        world.hello(name, cpus=1)
    stays, ends = world.submit(STREAM, STREAM)
    world.beat_all()
    (both,) = world.submit(JobSpec("both", "x", min_hosts=2, max_hosts=2))
    world.act(Verb.PAUSE, stays)
    world.beat_all()
    world.end(ends)
    assert explaining.waiting(world.farm, world.job(both)).code == Reason.TOO_FEW
    (other,) = world.submit(STREAM)
    assert world.job(other).live_attempt is not None
    world.act(Verb.RESUME, stays)
    world.beat_all()
    world.end(stays)
    world.end(other)
    assert world.job(both).live_attempt is not None


def test_a_unit_of_a_resource_serves_all_jobs_of_a_machine() -> None:
    world = World()
    first, second = world.hello("a", cpus=2), world.hello("b", cpus=2)
    world.apply(CreateResource("licence", 1, per_machine=True))
    spec = JobSpec("render", "x", resources={"licence": 1})
    jobs = world.submit(spec, spec, spec)
    given = [world.job(id_).live_attempt for id_ in jobs]
    assert [attempt.client for attempt in given if attempt is not None] in ([first, first], [second, second])
    told = explaining.waiting(world.farm, world.job(jobs[2]))
    assert told == (Reason.RESOURCE, "waits for 1 of 'licence': 0 of 1 free")
    world.beat_all()
    world.end(jobs[0])
    assert world.job(jobs[2]).live_attempt is not None


def test_a_resource_is_kept_for_the_job_that_goes_first() -> None:
    world = World()
    world.hello("a", cpus=8)
    world.apply(CreateResource("tape", 2, per_machine=False))
    (one,) = world.submit(JobSpec("one", "x", resources={"tape": 1}))
    (two,) = world.submit(JobSpec("two", "x", resources={"tape": 2}))
    (late,) = world.submit(JobSpec("late", "x", resources={"tape": 1}))
    assert world.job(two).live_attempt is None
    assert world.job(late).live_attempt is None
    assert "kept for a job that goes first" in explaining.waiting(world.farm, world.job(late)).text
    world.beat_all()
    world.end(one)
    assert world.job(two).live_attempt is not None
