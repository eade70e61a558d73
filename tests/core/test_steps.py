"""Actions on very many jobs are done in parts, and whatever comes between the parts does no harm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from hqserver.core.actions import JOBS_A_STEP
from hqserver.core.commands import Act, Command, Refused, SetAttribs, SetPriority, Verb
from hqserver.core.records import Settings
from hqserver.wire.jobs import Hook, JobSpec
from hqserver.wire.statuses import FINISHED, JobEvent, JobStatus
from tests.core.world import World

MANY = 5 * JOBS_A_STEP


def family(**more: Any) -> tuple[World, int, list[int]]:
    world = World(Settings(client_failure_limit=0))
    world.hello("a", cpus=2)
    (root,) = world.submit(JobSpec("root", "x", children=(JobSpec("leaf", "x"),) * MANY, **more))
    world.beat_all()
    return world, root, list(world.job(root).children)


def in_steps(world: World, command: Command, between: Callable[[int], None] = lambda step: None) -> Any:
    """Do a command in parts; its answer, which is of no use unless there were several."""
    work, step = world.farm.in_steps(command, lambda: world.now), 0
    while True:
        try:
            next(work)
        except StopIteration as done:
            assert step > 3
            return done.value
        world.deliver()
        between(step)
        step += 1


def test_a_small_action_is_one_part() -> None:
    world = World()
    (job,) = world.submit(JobSpec("a", "x"))
    assert len(list(world.farm.in_steps(Act(Verb.CANCEL, (job,)), lambda: world.now))) <= 1
    assert world.job(job).status is JobStatus.CANCELLED


def test_nothing_is_started_while_a_large_family_is_cancelled() -> None:
    world, root, children = family()
    in_steps(world, Act(Verb.CANCEL, (root,)), lambda step: world.beat_all())
    world.beat_all()
    assert {world.job(id_).status for id_ in (root, *children)} == {JobStatus.CANCELLED}
    assert sum(len(world.job(id_).attempts) for id_ in children) == 2


def test_nothing_is_started_while_a_large_family_is_paused() -> None:
    world, root, children = family()
    in_steps(world, Act(Verb.PAUSE, (root,)), lambda step: world.beat_all())
    world.beat_all()
    assert {world.job(id_).status for id_ in (root, *children)} == {JobStatus.PAUSED}
    assert in_steps(world, Act(Verb.RESUME, (root,)), lambda step: world.beat_all()) == MANY + 1
    world.run_all()
    assert world.job(root).status is JobStatus.SUCCEEDED


def test_a_large_family_is_revived_without_ending_in_between() -> None:
    """Its hook would run again if it were looked at before all that failed is revived."""
    world, root, children = family(hooks={Hook.ON_CHILD_ERROR: "k"})
    world.run_all(lambda id_: int(id_ != root))
    assert world.job(root).status is JobStatus.FAILED
    entries = len(world.job(root).log)
    in_steps(world, Act(Verb.RESCHEDULE, (root,)))
    assert {world.job(id_).status for id_ in children} <= {JobStatus.RUNNABLE, JobStatus.RUNNING}
    events = [entry.event for entry in world.job(root).log[entries:]]
    assert events == [JobEvent.REOPENED, JobEvent.RESCHEDULED]
    world.run_all()
    assert world.job(root).status is JobStatus.SUCCEEDED


def test_a_large_family_is_deleted_children_first() -> None:
    world, root, children = family()
    world.act(Verb.CANCEL, root)
    world.beat_all()
    assert in_steps(world, Act(Verb.DELETE, (root,))) == MANY + 1
    assert {root, *children}.isdisjoint(world.farm.jobs)


def test_a_family_that_is_rescheduled_meanwhile_is_not_deleted() -> None:
    world, root, _ = family()
    world.act(Verb.CANCEL, root)
    world.beat_all()

    def again(step: int) -> None:
        if step == 1:
            world.act(Verb.RESCHEDULE, root)

    in_steps_or_less = world.farm.in_steps(Act(Verb.DELETE, (root,)), lambda: world.now)
    for step, _ in enumerate(in_steps_or_less):
        again(step)
    assert world.job(root).status not in FINISHED
    assert world.job(root).children


def test_jobs_that_are_deleted_meanwhile_are_left_out() -> None:
    world, root, children = family()
    world.act(Verb.CANCEL, *children)
    world.beat_all()

    def delete(step: int) -> None:
        if step == 0:
            world.act(Verb.DELETE, *children[-50:])

    in_steps(world, SetPriority((root, *children), 9), delete)
    assert len(world.job(root).children) == MANY - 50
    assert {world.job(id_).priority for id_ in world.job(root).children} == {9}


def test_attributes_of_many_jobs_are_checked_before_any_is_changed() -> None:
    world, _, children = family()
    with pytest.raises(Refused):
        list(world.farm.in_steps(SetAttribs(tuple(reversed(children)), {"cpus": 2}), lambda: world.now))
    assert {world.job(id_).spec.cpus for id_ in children} == {1}
    in_steps(world, SetAttribs(tuple(children[2:]), {"cpus": 2}))
    assert {world.job(id_).spec.cpus for id_ in children[2:]} == {2}
