"""Rules and overrides of clients in the farm: who gets jobs when; clients that are removed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hqserver.core import explaining
from hqserver.core.commands import (
    AskForUpgrade,
    CallClients,
    CreateGroup,
    Receive,
    Refused,
    RemoveClients,
    SetConditions,
    SetMember,
    SetOverride,
    SetRules,
    Verb,
)
from hqserver.core.reading import CLIENT, JOB
from hqserver.core.restoring import Remembered, restore
from hqserver.core.service import is_usable
from hqserver.wire.agent import CallIn, Exchange, Leave
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import JobStatus
from tests.compat.page import shows
from tests.core.world import World

HOUR = 3600.0


@pytest.fixture
def world() -> World:
    """At midnight UTC, with one client that is an hour ahead."""
    world = World()
    world.time = 24 * HOUR * 20_000
    id_ = world.hello("a")
    _say(world, id_, utc_offset=60)
    return world


def _say(world: World, client: int, **facts: int) -> None:
    machine = replace(world.farm.clients[client].machine, **facts)  # type: ignore[arg-type]
    world.apply(Receive(Exchange(world.agents[client].session, 0, 0, machine=machine)))


def _pass(world: World, seconds: float) -> None:
    """Time passes, and the clients call in."""
    while seconds > 0:
        world.tick(min(seconds, 30))
        world.beat_all()
        seconds -= 30


def test_a_rule_by_time_opens_and_closes_a_client_by_the_clients_own_clock(world: World) -> None:
    (client,) = world.farm.clients.values()
    world.apply(SetRules(client.id, (Rule(start=3 * 60, end=4 * 60),)))
    (job,) = world.submit(JobSpec("x", "x"))
    assert not is_usable(client)
    assert (CLIENT["available"](world.farm, client), CLIENT["status"](world.farm, client)) == (False, "unavailable")
    _pass(world, 2 * HOUR - 60)
    assert world.job(job).live_attempt is None
    _pass(world, 120)  # it is three o'clock over there
    assert world.job(job).live_attempt is not None
    _pass(world, HOUR)
    assert not is_usable(client)
    assert world.job(job).live_attempt is not None  # what runs goes on


@shows("client.idleTime")
def test_a_rule_by_idleness_follows_what_the_agent_says(world: World) -> None:
    (client,) = world.farm.clients.values()
    world.apply(SetRules(client.id, (Rule(idle_minutes=10),)))
    assert not is_usable(client)
    _say(world, client.id, idle_minutes=10)
    assert CLIENT["idleTime"](world.farm, client) == 10
    assert is_usable(client)
    _say(world, client.id, idle_minutes=0)
    assert not is_usable(client)
    world.apply(SetRules(client.id, ()))
    assert is_usable(client)


@pytest.mark.parametrize("mode", [Override.MINE, Override.DRAIN])
def test_an_override_keeps_jobs_away_until_it_ends_by_itself(world: World, mode: Override) -> None:
    (client,) = world.farm.clients.values()
    world.apply(SetOverride(client.id, mode, world.time + HOUR))
    assert CLIENT["override"](world.farm, client) == mode.value
    (job,) = world.submit(JobSpec("x", "x"))
    _pass(world, HOUR - 60)
    assert world.job(job).live_attempt is None
    _pass(world, 120)
    assert world.job(job).live_attempt is not None
    assert (client.override, client.override_until) == (Override.NONE, None)


def test_a_later_override_is_not_ended_by_the_time_of_an_earlier(world: World) -> None:
    (client,) = world.farm.clients.values()
    world.apply(SetOverride(client.id, Override.MINE, world.time + HOUR))
    world.apply(SetOverride(client.id, Override.DRAIN, world.time + 2 * HOUR))
    _pass(world, 1.5 * HOUR)
    assert client.override is Override.DRAIN
    with pytest.raises(Refused, match="past"):
        world.apply(SetOverride(client.id, Override.MINE, world.time - 1))
    assert client.override is Override.DRAIN


def test_a_job_that_asks_for_a_group_runs_on_its_members(world: World) -> None:
    (client,) = world.farm.clients.values()
    (job,) = world.submit(JobSpec("x", "x", conditions=(Condition("group", "==", "gpu"),)))
    assert world.job(job).live_attempt is None
    group = world.apply(CreateGroup("gpu"))
    world.apply(SetMember(group, client.id, member=True))
    assert world.job(job).live_attempt is not None
    assert CLIENT["groups"](world.farm, client) == [group]


def test_other_conditions_hold_for_what_inherits_them(world: World) -> None:
    other = world.hello("b")
    here = (Condition("hostname:name", "in", "nobody"),)
    root, child, own = world.farm.next_job, world.farm.next_job + 1, world.farm.next_job + 2
    world.submit(
        JobSpec(
            "root",
            conditions=here,
            children=(JobSpec("child", "x"), JobSpec("own", "x", conditions=(Condition("hostname", "==", "c"),))),
        )
    )
    assert world.job(child).live_attempt is None
    world.apply(SetConditions(root, (Condition("hostname:name", "in", "b"),)))
    attempt = world.job(child).live_attempt
    assert attempt is not None
    assert attempt.client == other
    assert world.job(own).live_attempt is None


def test_a_removed_client_leaves_its_jobs_to_others_and_its_name_to_history(world: World) -> None:
    (client,) = world.farm.clients.values()
    group = world.apply(CreateGroup("gpu"))
    world.apply(SetMember(group, client.id, member=True))
    running, cancelled = (world.submit(JobSpec("x", "x"))[0] for _ in range(2))
    world.beat_all()
    world.act(Verb.CANCEL, cancelled)
    with pytest.raises(Refused, match="online"):
        world.apply(RemoveClients((client.id, 999)))
    world.tick(60)
    assert world.apply(RemoveClients((client.id, client.id, 999))) == 1
    assert world.job(running).status is JobStatus.RUNNABLE
    assert world.job(cancelled).status is JobStatus.CANCELLED
    assert not world.farm.groups[group].clients
    assert [row["label"] for row in JOB["clients"](world.farm, world.job(running))] == ["a"]
    again = world.hello("a")
    assert again != client.id
    assert world.job(running).live_attempt is not None


def test_clients_that_are_there_are_told_to_call_in_and_to_leave(world: World) -> None:
    (client,) = world.farm.clients.values()
    gone = world.hello("b")
    world.farm.clients[gone].online = False
    assert world.farm.apply(CallClients((client.id, gone, 999)), world.now) == 1
    assert world.farm.apply(CallClients((client.id, client.id, gone), leave=True, user="anna"), world.now) == 1
    assert world.farm.take_changes().orders == [(client.id, CallIn(0)), (client.id, Leave(0))]
    assert CLIENT["latestNote"](world.farm, client) == "is to leave when its jobs are done, asked for by anna"


def test_a_client_that_is_about_to_leave_gets_no_more_jobs_though_it_has_room(world: World) -> None:
    (client,) = world.farm.clients
    (first,) = world.submit(JobSpec("first", "x"))
    world.beat(client)
    world.agents[client].draining = True
    world.beat(client)
    (second,) = world.submit(JobSpec("second", "x"))
    assert world.job(first).live_attempt is not None
    assert world.job(second).live_attempt is None
    assert explaining.waiting(world.farm, world.job(second)).code == Reason.DRAINING
    world.agents[client].draining = False
    world.beat(client)
    assert world.job(second).live_attempt is not None


def test_a_mark_for_upgrade_goes_when_another_version_says_hello(world: World) -> None:
    (client,) = world.farm.clients.values()
    world.apply(AskForUpgrade((client.id, 999)))
    world.hello("a")
    assert CLIENT["needsUpgrade"](world.farm, client) is True
    client.version = "older"
    world.hello("a")
    assert CLIENT["needsUpgrade"](world.farm, client) is False


@pytest.mark.parametrize("away", [HOUR, 5 * HOUR], ids=["before its end", "after its end"])
def test_an_override_ends_by_itself_though_server_and_workstation_were_gone(world: World, away: float) -> None:
    (client,) = world.farm.clients.values()
    until = world.now.wall + 4 * HOUR
    world.apply(SetOverride(client.id, Override.MINE, until))
    (job,) = world.submit(JobSpec("job", "x"))
    assert world.job(job).status is JobStatus.RUNNABLE
    farm = world.farm
    world.time += away
    remembered = Remembered(list(farm.jobs.values()), list(farm.clients.values()), [], farm.revision, farm.next_job)
    world.farm = again = restore(farm.settings, remembered, world.now)
    if away < 4 * HOUR:
        assert CLIENT["override"](again, again.clients[client.id]) == "mine"
        world.tick(4 * HOUR - away)
    else:
        world.tick(0.0)
    assert CLIENT["override"](again, again.clients[client.id]) == "none"
    assert CLIENT["overrideUntil"](again, again.clients[client.id]) is None
    world.hello("a")
    world.beat_all()
    assert world.job(job).live_attempt is not None
