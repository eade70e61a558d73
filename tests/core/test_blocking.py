"""Clients that fail too many jobs of one root get no more of them, and everything that follows."""

from __future__ import annotations

import pytest

from hqserver.core import reading
from hqserver.core.commands import Refused, SetBlockedWarning, Unblock, Verb
from hqserver.core.records import Settings
from hqserver.core.restoring import Remembered, restore
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobEvent, JobStatus
from tests.core.world import World


def failing(limit: int, children: int = 6) -> tuple[World, int, int]:
    """A farm whose only client has failed every job of a root that it got; the root, and the client."""
    world = World(Settings(client_failure_limit=limit))
    client = world.hello("bad", cpus=1)
    (root,) = world.submit(JobSpec("root", children=tuple(JobSpec(str(i), "x") for i in range(children))))
    world.run_all(lambda _: 1)
    return world, root, client


def failures(world: World, root: int) -> int:
    return sum(world.job(id_).status is JobStatus.FAILED for id_ in world.job(root).children)


def test_a_client_above_the_limit_gets_no_more_of_that_root() -> None:
    world, root, client = failing(limit=2)
    assert failures(world, root) == 3, "two are allowed, the third is one too many"
    assert reading.JOB["blockedClients"](world.farm, world.job(root)) == [client]
    assert reading.JOB["showBlockedClientsWarning"](world.farm, world.job(root)) is True
    assert [e.event for e in world.job(root).log].count(JobEvent.BLOCKED) == 1
    waiting = [world.job(id_) for id_ in world.job(root).children if world.job(id_).status is JobStatus.RUNNABLE]
    assert len(waiting) == 3
    assert all(reading.JOB["waitingFor"](world.farm, job) for job in waiting)


def test_whoever_says_that_a_client_is_well_again_gets_its_jobs_run_there() -> None:
    world, root, _ = failing(limit=2)
    world.apply(Unblock(next(iter(world.job(root).children))))
    assert reading.JOB["blockedClients"](world.farm, world.job(root)) == []
    assert reading.JOB["showBlockedClientsWarning"](world.farm, world.job(root)) is False
    world.run_all()
    statuses = [world.job(id_).status for id_ in world.job(root).children]
    assert statuses.count(JobStatus.SUCCEEDED) == 3, "the others were run there"
    with pytest.raises(Refused, match="no job 999"):
        world.apply(Unblock(999))


def test_another_root_and_another_client_are_served() -> None:
    world, root, _ = failing(limit=2)
    (other,) = world.submit(JobSpec("other", "x"))
    world.run_all()
    assert world.job(other).status is JobStatus.SUCCEEDED
    world.hello("good", cpus=2)
    world.run_all()
    assert failures(world, root) == 3
    assert world.job(root).status is JobStatus.FAILED


def test_without_a_limit_nobody_is_blocked() -> None:
    world, root, _ = failing(limit=0)
    assert failures(world, root) == 6
    assert reading.JOB["blockedClients"](world.farm, world.job(root)) == []


def test_reschedule_gives_every_client_another_chance() -> None:
    world, root, _ = failing(limit=2)
    world.act(Verb.RESCHEDULE, root)
    assert reading.JOB["blockedClients"](world.farm, world.job(root)) == []
    assert reading.JOB["showBlockedClientsWarning"](world.farm, world.job(root)) is False
    world.run_all()
    assert world.job(root).status is JobStatus.SUCCEEDED


def test_it_is_remembered() -> None:
    world, root, client = failing(limit=2)
    farm = world.farm
    for job in farm.jobs.values():
        job.children, job.totals, job.share = {}, None, ()
    again = restore(
        farm.settings,
        Remembered(list(farm.jobs.values()), list(farm.clients.values()), [], farm.revision, farm.next_job),
        world.now,
    )
    assert list(again.blocked_clients(root)) == [client]


def test_the_warning_is_what_somebody_last_said() -> None:
    world, root, _ = failing(limit=2)
    world.apply(SetBlockedWarning(root, shown=False))
    assert reading.JOB["showBlockedClientsWarning"](world.farm, world.job(root)) is False
    world.apply(SetBlockedWarning(root, shown=True))
    assert reading.JOB["showBlockedClientsWarning"](world.farm, world.job(root)) is True


def test_a_deleted_root_is_forgotten() -> None:
    world, root, _ = failing(limit=2)
    world.act(Verb.CANCEL, root)
    world.act(Verb.DELETE, root)
    assert root not in world.farm.jobs
    assert not world.farm.blocked_clients(root)
