"""Who may be fenced, and what follows when the site's command has said that a machine is off."""

from __future__ import annotations

import pytest

from hqserver.core import fencing
from hqserver.core.commands import Fenced
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World


@pytest.fixture
def world() -> World:
    """A client that runs two jobs, and another one without work."""
    world = World()
    world.hello("a")
    world.submit(JobSpec("x", "x"), JobSpec("y", "y"))
    world.beat_all()
    world.hello("b", cpus=1)
    return world


def silence(world: World, *names: str) -> None:
    """Those clients say nothing until their jobs are abandoned; all others call in."""
    awake = [id_ for id_, agent in world.agents.items() if agent.name not in names]
    for _ in range(32):
        world.tick(10)
        for client in awake:
            world.beat(client)


def due(world: World) -> list[str]:
    return [client.label for client in fencing.due(world.farm, world.now)]


def told(world: World, client: int) -> str:
    return world.farm.thread_of_client[client].notes[-1].text


def fence(world: World, *, dead: bool = True, heard: float | None = None) -> bool:
    client = world.farm.client_of_label["a"]
    at = client.heard_monotonic if heard is None else heard
    believed: bool = world.apply(Fenced(client.id, at, dead, "exit code 1"))
    return believed


def test_a_silent_client_is_due_when_its_jobs_are_abandoned(world: World) -> None:
    assert due(world) == []
    silence(world, "a")
    assert due(world) == ["a"]
    assert [world.job(job).status for job in (1, 2)] == [JobStatus.ABANDONED] * 2


def test_its_jobs_run_elsewhere_at_once(world: World) -> None:
    silence(world, "a")
    assert fence(world)
    assert [world.job(job).live_attempt for job in (1, 2)][1] is None, "the other one has one cpu"
    attempt = world.job(1).live_attempt
    assert attempt is not None
    assert world.farm.clients[attempt.client].label == "b"
    assert [item.reason for item in world.job(1).attempts] == ["lost", ""]
    assert told(world, world.farm.client_of_label["a"].id).endswith("may run elsewhere at once: 1, 2")
    assert due(world) == []


def test_a_command_that_fails_changes_nothing(world: World) -> None:
    silence(world, "a")
    assert not fence(world, dead=False)
    assert [world.job(job).status for job in (1, 2)] == [JobStatus.ABANDONED] * 2
    assert "exit code 1" in told(world, world.farm.client_of_label["a"].id)


def test_who_called_in_meanwhile_keeps_its_jobs(world: World) -> None:
    silence(world, "a")
    client = world.farm.client_of_label["a"]
    heard = client.heard_monotonic
    world.beat(client.id)
    assert not fence(world, heard=heard)
    assert [world.job(job).status for job in (1, 2)] == [JobStatus.RUNNING] * 2
    assert "called in meanwhile" in told(world, client.id)


def test_one_that_lives_all_the_same_ends_what_it_runs(world: World) -> None:
    silence(world, "a")
    fence(world)
    client = world.farm.client_of_label["a"]
    world.beat(client.id)
    assert not client.online, "its session is over"
    world.hello("a")
    world.beat(client.id)
    assert world.agents[client.id].running == {}, "it was told to end them"
    assert [job.attempts[0].reason for job in map(world.job, (1, 2))] == ["lost", "lost"]


def test_none_while_the_server_itself_seems_to_be_cut_off(world: World) -> None:
    silence(world, "a", "b")
    assert world.job(1).status is JobStatus.ABANDONED
    assert due(world) == []


def test_none_while_another_client_on_the_machine_is_in_touch(world: World) -> None:
    silence(world, "a")
    other = world.farm.client_of_label["b"]
    other.machine = world.farm.client_of_label["a"].machine
    assert due(world) == []


def test_a_client_that_was_removed_is_no_matter(world: World) -> None:
    assert world.apply(Fenced(99, 0.0, True, "exit code 0")) is False
