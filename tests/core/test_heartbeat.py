"""How often idle clients call in, and how long their silence is borne."""

from __future__ import annotations

from hqserver.core.commands import Verb
from hqserver.core.state import MOST_HEARTBEATS
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World


def test_many_clients_call_in_more_rarely_and_are_given_as_much_longer() -> None:
    world = World()
    farm = world.farm
    for number in range(10):
        world.hello(f"n{number}")
    assert farm.heartbeat == farm.settings.heartbeat
    assert farm.offline_after == farm.settings.offline_after
    for number in range(10, 6000):
        world.hello(f"n{number}")
    assert len(farm.clients) / farm.heartbeat == MOST_HEARTBEATS
    assert farm.offline_after == 3 * farm.heartbeat
    world.tick(farm.settings.offline_after + 1)
    assert all(client.online for client in farm.clients.values()), "they were told that they need not call yet"
    world.tick(farm.offline_after)
    assert not any(client.online for client in farm.clients.values())


def world_with_one_gone() -> tuple[World, int, int, int]:
    """A job that runs on a client, which has just said its last word; the client, and another one that is free."""
    world = World()
    gone = world.hello("gone", cpus=1)
    (job,) = world.submit(JobSpec("job", "x"))
    world.beat(gone)
    return world, job, gone, world.hello("other", cpus=1)


def test_what_ran_on_a_client_that_is_gone_runs_elsewhere_a_minute_after_its_lease_at_the_latest() -> None:
    """With the settings that hold when nobody sets anything; the clock goes by seconds, as the server's timer would."""
    world, job, gone, other = world_with_one_gone()
    last_word = world.time
    while world.job(job).attempts[-1].client == gone:
        world.tick(1.0)
        if not int(world.time) % int(world.farm.heartbeat):
            world.beat(other)
        assert world.time <= last_word + world.farm.settings.lease + 60.0
    assert world.time >= last_word + world.farm.settings.lease
    assert [attempt.client for attempt in world.job(job).attempts] == [gone, other]
    assert world.job(job).status == "runnable"


def test_what_ran_on_a_client_that_is_gone_runs_elsewhere_at_once_when_it_is_ejected() -> None:
    world, job, _gone, other = world_with_one_gone()
    last_word = world.time
    while world.job(job).status is not JobStatus.ABANDONED:
        world.tick(1.0)
        world.beat(other)
    world.act(Verb.EJECT, job)
    assert world.time < last_word + world.farm.settings.lease
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert attempt.client == other


def test_an_eject_that_a_client_never_confirmed_may_be_said_again_when_it_is_known_to_be_gone() -> None:
    world, job, gone, other = world_with_one_gone()
    world.act(Verb.EJECT, job)
    world.act(Verb.EJECT, job)
    assert world.job(job).live_attempt.client == gone  # type: ignore[union-attr] # it may yet say that it is over
    while world.job(job).status is not JobStatus.ABANDONED:
        world.tick(1.0)
        world.beat(other)
    assert world.job(job).live_attempt.client == gone  # type: ignore[union-attr]
    world.act(Verb.EJECT, job)
    assert world.job(job).live_attempt.client == other  # type: ignore[union-attr]


def test_what_was_cancelled_on_a_client_that_is_gone_stays_cancelled_when_it_is_ejected() -> None:
    world, job, _gone, other = world_with_one_gone()
    world.act(Verb.CANCEL, job)
    while world.job(job).status is not JobStatus.ABANDONED:
        world.tick(1.0)
        world.beat(other)
    world.act(Verb.EJECT, job)
    assert world.job(job).status is JobStatus.CANCELLED
    assert world.job(job).live_attempt is None
