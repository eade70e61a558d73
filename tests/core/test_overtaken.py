"""A hello that arrives after a later one proves nothing, also when its boot was never heard of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hqserver.core.commands import Receive, Refused, Register
from hqserver.wire.agent import Exchange, Held, Hello, Machine
from hqserver.wire.jobs import JobSpec
from tests.core.world import World
from tests.simulation.disk import Disk

HELLO = Hello(1, "id", "boot2", "", 5001, "v1", Machine("a", "linux-x86_64", 1), (), clock=2000.0, asked_at=10.0)
OF_THE_BOOT_BEFORE = replace(HELLO, boot="boot1", clock=1900.0, asked_at=500.0)


def running() -> tuple[World, int]:
    """A world with a job that runs on the second boot of a client."""
    world = World()
    world.farm.apply(Register(HELLO, "s1", "127.0.0.1"), world.now)
    world.farm.apply(Receive(Exchange("s1", 0, 0)), world.now)
    (job,) = world.submit(JobSpec("job", "x"))
    assert world.job(job).live_attempt is not None
    return world, job


def test_a_hello_of_an_earlier_boot_that_nobody_heard_of_is_refused() -> None:
    world, job = running()
    with pytest.raises(Refused, match="later hello"):
        world.farm.apply(Register(OF_THE_BOOT_BEFORE, "s2", "127.0.0.1"), world.now)
    assert len(world.job(job).attempts) == 1
    world.farm.apply(Receive(Exchange("s1", 0, 0, live=(Held(job, 1),))), world.now)
    assert world.job(job).live_attempt is not None


def test_a_machine_that_was_started_anew_is_believed_at_once() -> None:
    world, job = running()
    world.farm.apply(Register(replace(HELLO, boot="boot3", clock=2001.0, asked_at=1.0), "s2", "127.0.0.1"), world.now)
    assert world.job(job).attempts[0].reason == "lost"


def test_a_machine_that_comes_up_with_its_clock_set_back_waits_for_a_lease_at_most() -> None:
    world, job = running()
    set_back = replace(HELLO, boot="boot3", clock=5.0, asked_at=1.0)
    with pytest.raises(Refused):
        world.farm.apply(Register(set_back, "s2", "127.0.0.1"), world.now)
    world.tick(world.farm.settings.lease + world.farm.settings.lease_grace + 1)
    world.farm.apply(Register(set_back, "s2", "127.0.0.1"), world.now)
    assert world.farm.client_of_session["s2"].boot == "boot3"
    assert world.job(job).attempts[0].reason == "lost"


def after_a_restart(world: World) -> World:
    """The same farm, as a server makes it of what it wrote."""
    farm = world.farm
    disk = Disk(farm.jobs, farm.clients, counters=(farm.revision, farm.next_job, farm.next_client, 1))
    world.farm = disk.load(farm.settings, world.now)
    return world


def test_a_restarted_server_knows_what_its_clients_had_said() -> None:
    world, job = running()
    after_a_restart(world)
    for late in (OF_THE_BOOT_BEFORE, replace(HELLO, asked_at=9.0)):
        with pytest.raises(Refused, match="later hello"):
            world.farm.apply(Register(late, "s2", "127.0.0.1"), world.now)
    world.farm.apply(Register(replace(HELLO, clock=2010.0, asked_at=20.0), "s3", "127.0.0.1"), world.now)
    world.farm.apply(Receive(Exchange("s3", 0, 0, live=(Held(job, 1),))), world.now)
    assert world.job(job).live_attempt is not None


def test_a_machine_that_is_back_in_an_earlier_state_is_taken_when_no_lease_is_left() -> None:
    world, job = running()
    earlier = replace(HELLO, asked_at=1.0)
    with pytest.raises(Refused):
        world.farm.apply(Register(earlier, "s2", "127.0.0.1"), world.now)
    world.tick(world.farm.settings.lease + world.farm.settings.lease_grace + 1)
    world.farm.apply(Register(earlier, "s2", "127.0.0.1"), world.now)
    assert world.job(job).attempts[0].reason == "lost"


def test_a_long_lease_is_waited_for() -> None:
    world = World()
    world.farm.apply(Register(HELLO, "s1", "127.0.0.1"), world.now)
    world.farm.apply(Receive(Exchange("s1", 0, 0)), world.now)
    world.submit(JobSpec("job", "x", lease=86400.0))
    world.tick(world.farm.settings.lease + world.farm.settings.lease_grace + 1)
    with pytest.raises(Refused):
        world.farm.apply(Register(OF_THE_BOOT_BEFORE, "s2", "127.0.0.1"), world.now)
