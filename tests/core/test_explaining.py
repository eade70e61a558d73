"""What is said of a job that could run and was not handed out: the planner leaves none, but whoever asks hears why."""

from __future__ import annotations

from hqserver.core import explaining
from hqserver.wire.jobs import JobSpec
from hqserver.wire.reasons import Reason
from tests.core.world import World


def sleepy_world() -> World:
    """A farm with two free clients whose planner hands out nothing."""
    world = World()
    for name in ("a", "b"):
        world.hello(name, cpus=2)
    world.farm.planner.run = lambda: iter(())  # type: ignore[method-assign]
    return world


def test_a_job_that_could_run_starts_with_the_next_round() -> None:
    world = sleepy_world()
    (job,) = world.submit(JobSpec("job", "x"))
    told = explaining.waiting(world.farm, world.job(job))
    whole = explaining.explain(world.farm, world.job(job), world.now)
    assert told == (Reason.NEXT, "a client has room for it: it starts with the next round")
    assert whole.verdict == told[1]
    assert [(item.code, sorted(item.clients), item.of_job) for item in whole.findings] == [(Reason.NEXT, [1, 2], False)]


def test_short_and_long_agree_when_only_some_clients_have_room() -> None:
    world = World()
    world.hello("a", cpus=1)
    world.submit(JobSpec("first", "x"))
    world.hello("b", cpus=1)
    world.farm.planner.run = lambda: iter(())  # type: ignore[method-assign]
    (job,) = world.submit(JobSpec("second", "x"))
    findings = explaining.explain(world.farm, world.job(job), world.now).findings
    assert [(item.code, item.clients) for item in findings] == [(Reason.NEXT, [2]), (Reason.CPUS, [1])]
    assert explaining.waiting(world.farm, world.job(job)).code == Reason.NEXT
