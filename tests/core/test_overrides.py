"""What was said over a client's rules, at the machine and on the farm: the later saying holds, and it ends by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hqserver.core.availability import LONGEST_OVERRIDE, override_to_tell
from hqserver.core.commands import Receive, SetOverride, Submit
from hqserver.core.records import Client
from hqserver.core.service import is_usable
from hqserver.wire.agent import Ended, EndReason, Exchange, OverrideSet
from hqserver.wire.clients import Override
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World

HOUR = 3600.0
MINE = OverrideSet("agent-1", "mine", ago=0.0, ends_in=HOUR)


@pytest.fixture
def world() -> World:
    world = World()
    world.hello("a", cpus=1)
    world.beat_all()
    return world


def say(world: World, told: OverrideSet | None) -> Client:
    (client,) = world.farm.clients.values()
    world.apply(Receive(Exchange(world.agents[client.id].session, 0, 0, override=told)))
    return client


def test_what_the_person_said_holds_and_ends_by_itself(world: World) -> None:
    client = say(world, MINE)
    assert (client.override, client.override_until) == (Override.MINE, world.time + HOUR)
    assert not is_usable(client)
    say(world, replace(MINE, ago=30.0, ends_in=HOUR - 20))
    assert client.override_until == world.time + HOUR, "the same saying again is no other"
    assert override_to_tell(client, MINE, world.now) is None
    world.tick(HOUR + 1)
    assert client.override is Override.NONE


def test_what_the_farm_said_later_holds_and_the_agent_is_told(world: World) -> None:
    client = say(world, MINE)
    world.tick(10)
    world.apply(SetOverride(client.id, Override.NONE))
    say(world, replace(MINE, ago=10.0))
    assert client.override is Override.NONE
    assert override_to_tell(client, replace(MINE, ago=10.0), world.now) == OverrideSet(
        client.override_stamp, "none", 0.0
    )


def test_what_the_person_said_later_while_the_server_was_away_holds(world: World) -> None:
    (client,) = world.farm.clients.values()
    world.apply(SetOverride(client.id, Override.DRAIN))
    assert override_to_tell(client, None, world.now) == OverrideSet(client.override_stamp, "drain", 0.0)
    world.time += 100
    say(world, OverrideSet("agent-2", "mine", ago=60.0))
    assert (client.override, client.override_until) == (Override.MINE, None)
    world.apply(SetOverride(client.id, Override.DRAIN))
    say(world, OverrideSet("agent-2", "mine", ago=60.0))
    assert client.override is Override.DRAIN


def test_an_override_that_came_and_went_while_the_server_was_away_changes_nothing_any_more(world: World) -> None:
    client = say(world, OverrideSet("agent-1", "none", ago=HOUR, ends_in=0.0))
    assert (client.override, client.override_until, client.override_stamp) == (Override.NONE, None, "agent-1")
    assert is_usable(client)


def test_nonsense_of_an_agent_is_not_taken_and_nobody_takes_a_machine_for_ever_with_a_date(world: World) -> None:
    client = say(world, OverrideSet("agent-1", "everything", ago=0.0))
    assert client.override_stamp == ""
    say(world, OverrideSet("agent-2", "mine", ago=0.0, ends_in=1e12))
    assert client.override_until == world.time + LONGEST_OVERRIDE


def test_a_job_that_was_ended_for_the_person_runs_elsewhere_and_keeps_its_tries(world: World) -> None:
    (job,) = world.apply(Submit((JobSpec("x", "x", tries_left=2),)))
    world.beat_all()
    (client,) = world.farm.clients.values()
    agent = world.agents[client.id]
    attempt = agent.running.pop(job)
    report = Ended(1, job, attempt, EndReason.RECLAIMED, signal=9, ran_seconds=5.0)
    world.apply(Receive(Exchange(agent.session, 0, 0, reports=(report,), override=MINE)))
    assert world.job(job).status is JobStatus.RUNNABLE
    assert world.job(job).tries_left == 2
    assert world.job(job).attempts[0].started_at is not None
    assert (client.failures, client.quick_failures) == (0, {})
    other = world.hello("b")
    world.beat_all()
    live = world.job(job).live_attempt
    assert live is not None
    assert live.client == other


def test_an_order_that_was_on_its_way_to_a_machine_that_was_taken_never_began(world: World) -> None:
    (job,) = world.submit(JobSpec("x", "x"))
    (client,) = world.farm.clients.values()
    agent = world.agents[client.id]
    report = Ended(1, job, agent.running.pop(job), EndReason.RECLAIMED)
    world.apply(Receive(Exchange(agent.session, 0, 0, reports=(report,), override=MINE)))
    assert world.job(job).attempts[0].started_at is None
    assert world.job(job).started_at is None
    assert world.job(job).status is JobStatus.RUNNABLE
    assert world.job(job).live_attempt is None
