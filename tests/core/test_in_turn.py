"""What clients share is given in turn: a job that goes before gets it, whichever client happens to be looked at first."""

from __future__ import annotations

import pytest

from hqserver.core import planner
from hqserver.core.commands import CreateResource
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec
from tests.core.world import World

LICENCE = {"licence": 1}


def only_on(*hosts: str) -> tuple[Condition, ...]:
    return (Condition("hostname", "in", ", ".join(hosts)),)


@pytest.mark.parametrize(("first", "second"), [("a", "b"), ("b", "a")])
def test_the_client_that_is_offered_first_does_not_decide_who_gets_a_licence(first: str, second: str) -> None:
    """Both clients come free in one moment, and each fits one of the jobs."""
    world = World()
    world.hello("a", cpus=1)
    world.hello("b", cpus=1)
    world.apply(CreateResource("licence", 1, per_machine=False))
    (both,) = world.submit(JobSpec("both", "x", min_hosts=2, max_hosts=2))
    world.beat_all()
    (before,) = world.submit(JobSpec("before", "x", conditions=only_on(first), resources=LICENCE))
    (after,) = world.submit(JobSpec("after", "x", conditions=only_on(second), resources=LICENCE))
    world.end(both)
    assert world.job(before).live_attempt is not None
    assert world.job(after).live_attempt is None


def test_a_parent_that_goes_before_gets_the_licence_when_its_child_ends() -> None:
    """It begins to wait in the moment in which the child's client, too small for it, is offered to whoever waits."""
    world = World()
    world.hello("a", cpus=1)
    world.hello("b", cpus=2)
    world.apply(CreateResource("licence", 1, per_machine=False))
    child = JobSpec("child", "x", conditions=only_on("a"))
    (top,) = world.submit(JobSpec("parent", "x", cpus=2, resources=LICENCE, priority=9, children=(child,)))
    world.beat_all()
    (after,) = world.submit(JobSpec("after", "x", conditions=only_on("a"), resources=LICENCE))
    world.end(next(iter(world.job(top).children)))
    assert world.job(top).live_attempt is not None
    assert world.job(after).live_attempt is None


def test_the_next_of_a_kind_is_not_passed_over_where_a_licence_costs_nothing_more() -> None:
    """One unit serves all jobs on the client: there is room for two beside the first, or for one larger one."""
    world = World()
    world.hello("a", cpus=4)
    jobs = world.submit(
        JobSpec("first", "x", resources=LICENCE, priority=9),
        JobSpec("one of a kind", "x", tags=("kind",), resources=LICENCE),
        JobSpec("one of a kind", "x", tags=("kind",), resources=LICENCE),
        JobSpec("large", "x", cpus=2, resources=LICENCE),
    )
    world.apply(CreateResource("licence", 1, per_machine=True))
    assert [world.job(id_).live_attempt is not None for id_ in jobs] == [True, True, True, False]


def test_a_parent_starts_where_a_licence_costs_nothing_more_though_another_client_came_free() -> None:
    world = World()
    holds = world.hello("a", cpus=2)
    world.hello("b", cpus=1)
    world.apply(CreateResource("licence", 1, per_machine=True))
    world.submit(JobSpec("holder", "x", conditions=only_on("a"), resources=LICENCE))
    child = JobSpec("child", "x", conditions=only_on("b"))
    (top,) = world.submit(JobSpec("parent", "x", resources=LICENCE, children=(child,)))
    world.beat_all()
    world.end(next(iter(world.job(top).children)))
    attempt = world.job(top).live_attempt
    assert attempt is not None
    assert attempt.client == holds


def test_a_job_that_lets_go_of_a_client_has_nobody_looked_at_whom_it_did_not_keep_from_it() -> None:
    """The later job holds client c, finds that it lacks units on the others, and lets go; the earlier one lacks more."""
    world = World()
    for name, cpus in (("c", 4), ("x", 4), ("y", 4), ("small", 1)):
        world.hello(name, cpus=cpus)
    world.apply(CreateResource("licence", 2, per_machine=True))
    jobs = world.submit(
        JobSpec("unit", "x", conditions=only_on("c"), resources=LICENCE),
        JobSpec("unit", "x", conditions=only_on("small"), resources=LICENCE),
        JobSpec("other", "x", conditions=only_on("c")),
        JobSpec("wide", "x", min_hosts=3, max_hosts=3, resources=LICENCE),
        JobSpec("large", "x", cpus=4, min_hosts=2, max_hosts=4, resources=LICENCE),
    )
    world.beat_all()
    world.end(jobs[2])
    assert not world.farm.planner.goes_round
    assert [world.job(id_).live_attempt is not None for id_ in jobs[3:]] == [False, False]


def test_units_that_are_there_already_are_used_though_a_later_job_holds_their_clients() -> None:
    """Two clients hold the two units that there are: a job on both needs no more, and none on others."""
    world = World()
    for name in ("a", "b", "c", "d"):
        world.hello(name, cpus=4)
    world.apply(CreateResource("licence", 2, per_machine=True))
    units = world.submit(*(JobSpec("unit", "x", conditions=only_on(host), resources=LICENCE) for host in ("a", "b")))
    (large,) = world.submit(JobSpec("large", "x", cpus=4, conditions=only_on("a", "b"), min_hosts=2, max_hosts=2))
    world.beat_all()
    assert world.farm.planner.holds.of_job(large)
    (wide,) = world.submit(JobSpec("wide", "x", priority=9, min_hosts=2, max_hosts=2, resources=LICENCE))
    live = world.job(wide).live_attempt
    assert live is not None
    assert {*live.clients} == {id_ for id_, client in world.farm.clients.items() if {*units} & {*client.attempts}}


def test_a_planner_that_goes_round_ends_and_says_so_and_goes_on_with_the_next_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Which nothing should bring about, so it is told to have no patience at all."""
    world = World()
    world.hello("a", cpus=1)
    monkeypatch.setattr(planner, "_PATIENCE", 0)
    (job,) = world.submit(JobSpec("job", "x"))
    assert [problem.key for problem in world.farm.problems.values()] == ["planner-goes-round"]
    assert world.job(job).live_attempt is None
    monkeypatch.undo()
    world.beat_all()
    assert world.job(job).live_attempt is not None
    assert not world.farm.planner.goes_round
