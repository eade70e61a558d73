"""Resources: how much is held, by whom, and what may be changed."""

from __future__ import annotations

import pytest

from hqserver.core.commands import CreateResource, DeleteResource, Refused, SetAmount
from hqserver.core.kept import Resource
from hqserver.core.reading_kept import RESOURCE
from hqserver.wire.jobs import JobSpec
from tests.core.world import World


def test_per_job_each_takes_what_it_asks_for() -> None:
    resource = Resource(1, "tape", 5, per_machine=False)
    resource.take(job=7, clients=[1], amount=2)
    resource.take(job=8, clients=[1], amount=1)
    assert (resource.in_use, resource.would_take([1], 4)) == (3, 4)
    resource.release(7, [1])
    resource.release(7, [1])
    assert (resource.in_use, resource.jobs, resource.clients) == (1, {8: 1}, {1: 1})


def test_per_machine_one_serves_all_jobs_there() -> None:
    resource = Resource(1, "licence", 5, per_machine=True)
    resource.take(job=7, clients=[1], amount=1)
    assert (resource.would_take([1], 1), resource.would_take([2], 1)) == (0, 1)
    resource.take(job=8, clients=[1], amount=1)
    resource.take(job=9, clients=[2], amount=1)
    assert resource.in_use == 2
    resource.release(7, [1])
    assert resource.in_use == 2
    resource.release(8, [1])
    assert (resource.in_use, resource.clients) == (1, {2: 1})


def test_what_is_in_use_stays() -> None:
    world = World()
    id_ = world.apply(CreateResource("licence", 5, per_machine=True))
    resource = world.farm.resources[id_]
    resource.take(7, [1], 1)
    row = {name: read(world.farm, resource) for name, read in RESOURCE.items()}
    assert (row["amount"], row["inUse"], row["jobs"], row["holders"]) == (5, 1, [7], [1])
    with pytest.raises(Refused, match="in use"):
        world.apply(SetAmount("licence", 0))
    with pytest.raises(Refused, match="in use"):
        world.apply(DeleteResource("licence"))
    world.apply(SetAmount("licence", 1))
    resource.release(7, [1])
    world.apply(DeleteResource("licence"))
    assert not world.farm.resources
    assert world.apply(CreateResource("licence", 5, per_machine=True)) != id_


@pytest.mark.timeout(30)
def test_two_clients_that_get_room_at_once_and_hold_a_unit_each_are_offered_once() -> None:
    """A job that may take both of them lacks a unit elsewhere: they were offered in turn, again and again, for ever."""
    world = World()
    for name in ("a", "b"):
        world.hello(name, cpus=2)
    world.apply(CreateResource("licence", 2, per_machine=True))
    world.submit(*[JobSpec("holder", "x", resources={"licence": 1}, tags=("single:holder",))] * 2)
    (both,) = world.submit(JobSpec("both", "x", min_hosts=2, max_hosts=2))
    (waiting,) = world.submit(JobSpec("waiting", "x", min_hosts=1, max_hosts=2, resources={"licence": 1}))
    world.beat_all()
    assert world.job(waiting).live_attempt is None
    world.end(both)
    assert world.job(waiting).live_attempt is not None
