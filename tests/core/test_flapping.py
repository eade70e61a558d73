"""A client that comes and goes gets no new jobs for a while, and longer each time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hqserver.core.flapping import WINDOW
from hqserver.core.records import Client, Settings
from hqserver.core.service import is_usable, out_of_service
from hqserver.wire.jobs import JobSpec
from hqserver.wire.reasons import Reason
from tests.core.world import World


@pytest.fixture
def world() -> World:
    world = World()
    world.hello("a", cpus=1)
    return world


def the_client(world: World) -> Client:
    (client,) = world.farm.clients.values()
    return client


def come_back(world: World, times: int, every: float = 5.0) -> None:
    for _ in range(times):
        world.tick(every)
        world.hello("a", cpus=1)


def rest(world: World) -> float:
    """How long it rests, and until it does no more."""
    began = world.time
    client = the_client(world)
    while client.resting:
        world.tick(10)
        world.beat(client.id)
    return world.time - began


def test_the_fourth_time_within_ten_minutes_is_once_too_often(world: World) -> None:
    come_back(world, 3)
    assert is_usable(the_client(world))
    come_back(world, 1)
    assert out_of_service(the_client(world)) == [Reason.UNSTEADY]
    (job,) = world.submit(JobSpec("x", "x"))
    assert world.job(job).live_attempt is None
    assert rest(world) == pytest.approx(60, abs=10)
    assert world.job(job).live_attempt is not None


def test_what_runs_there_goes_on(world: World) -> None:
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat_all()
    come_back(world, 4)
    assert the_client(world).resting
    world.end(job)
    assert world.job(job).status == "succeeded"


def test_each_rest_is_twice_as_long_up_to_half_an_hour(world: World) -> None:
    lengths = []
    for _ in range(7):
        come_back(world, 4)
        lengths.append(rest(world) / 60)
    assert lengths == [pytest.approx(minutes, abs=0.2) for minutes in (1, 2, 4, 8, 16, 30, 30)]


def test_ten_quiet_minutes_and_it_begins_anew(world: World) -> None:
    for _ in range(3):
        come_back(world, 4)
        rest(world)
    for _ in range(int(WINDOW / 10) + 1):
        world.tick(10)
        world.beat_all()
    come_back(world, 4)
    assert rest(world) == pytest.approx(60, abs=10)


def test_now_and_then_is_no_flapping_and_a_server_that_is_started_counts_nothing(world: World) -> None:
    come_back(world, 20, every=WINDOW / 3)
    assert is_usable(the_client(world))
    client = the_client(world)
    for _ in range(10):
        client.session = ""  # as a server that was started knows its clients
        come_back(world, 1, every=1.0)
    assert is_usable(client)


def test_it_can_be_switched_off() -> None:
    world = World(replace(Settings(), reconnects_limit=0))
    world.hello("a")
    come_back(world, 50, every=1.0)
    assert is_usable(the_client(world))
