"""What reports do to attempts and jobs: the cases that a glance does not show."""

from __future__ import annotations

import math

import pytest

from hqserver.core.clients import SILENT
from hqserver.core.commands import Refused, Register, Verb
from hqserver.core.records import AttemptState, Instant
from hqserver.wire.agent import Ended, Hello, Machine, Paused, Resumed
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World
from tests.simulation.disk import Disk


def test_an_end_without_a_start_was_a_start_too() -> None:
    """The start was told to a server that was killed before it was on disk."""
    world = World()
    client = world.hello("a")
    (job,) = world.submit(JobSpec("x", "x"))
    agent = world.agents[client]
    agent.reports = [Ended(0, job, agent.running.pop(job), "exited", 0, ran_seconds=2.0)]
    world.beat(client)
    assert world.job(job).status is JobStatus.SUCCEEDED
    assert world.job(job).attempts[0].started_at is not None


def test_a_report_about_an_older_attempt_changes_nothing() -> None:
    world = World()
    client = world.hello("a")
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(client)
    world.act(Verb.EJECT, job)
    world.beat(client)
    assert world.job(job).attempt is not None
    assert world.job(job).attempt.number == 2  # type: ignore[union-attr]
    agent = world.agents[client]
    agent.reports.append(Ended(0, job, 1, "exited", 0))
    world.beat(client)
    assert world.job(job).status is JobStatus.RUNNING


def test_a_name_is_one_live_agents() -> None:
    world = World()
    world.hello("a")
    other = Hello(1, "another", "boot", "", 5002, "v", Machine("a", "linux-x86_64", 2))
    with pytest.raises(Refused, match=r"taken by a live agent at 127\.0\.0\.1 port 5001") as refused:
        world.apply(Register(other, "s", "127.0.0.2"))
    assert refused.value.code == 409


def test_a_cloned_disk_is_refused_while_the_first_is_alive() -> None:
    world = World()
    first = world.hello("a")
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(first)
    copies = (
        Hello(1, "id-a", "boot", "", 5001, "v", Machine("copy", "linux-x86_64", 2)),
        Hello(1, "id-a", "another boot", "", 5001, "v", Machine("a", "linux-x86_64", 2)),
    )
    for copy in copies:
        with pytest.raises(Refused, match=r"in use: a at 127\.0\.0\.1 port 5001 is alive") as refused:
            world.apply(Register(copy, "s", "127.0.0.2"))
        assert refused.value.code == 409
    assert world.job(job).status is JobStatus.RUNNING
    world.tick(world.farm.settings.offline_after + 1)
    world.apply(Register(copies[1], "s", "127.0.0.2"))
    assert world.job(job).status is JobStatus.RUNNABLE, "it has started again, so what it ran is over"


def test_another_agent_on_the_machine_says_nothing_about_what_the_first_started() -> None:
    """Its folder was emptied, or another one is used: the keepers of the first may still be there."""
    world = World()
    first = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(first)
    world.tick(world.farm.settings.offline_after + 1)
    other = Hello(1, "fresh", "boot", "", 5001, "v", Machine("a", "linux-x86_64", 1))
    assert world.apply(Register(other, "s", "127.0.0.1")) == first
    assert world.job(job).status is JobStatus.RUNNING
    settings = world.farm.settings
    world.tick(settings.lease + settings.lease_grace + 1)
    assert world.job(job).attempts[0].reason == "lost"


def test_a_lost_client_is_shown_then_its_job_runs_elsewhere() -> None:
    world = World()
    lost = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(lost)
    other = world.hello("b", cpus=1)
    silence = world.farm.settings.abandon_after + 1
    for _ in range(30):
        world.beat(other, silence / 30)
        world.tick(0)
    assert world.job(job).status is JobStatus.ABANDONED
    while world.job(job).status is JobStatus.ABANDONED:
        world.beat(other, 10)
        world.tick(0)
    waited = world.time - (world.job(job).attempts[0].started_at or 0)
    settings = world.farm.settings
    assert settings.lease <= waited <= settings.lease + 60
    live = world.job(job).live_attempt
    assert live is not None
    assert live.client == other


def test_a_client_that_a_restarted_server_never_hears_of_again_is_shown_as_lost_too() -> None:
    world = World()
    client = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(client)
    farm = world.farm
    disk = Disk(farm.jobs, farm.clients, counters=(farm.revision, farm.next_job, farm.next_client, 1))
    world.farm = disk.load(farm.settings, world.now)
    world.tick(farm.settings.abandon_after - 1)
    assert world.job(job).status is JobStatus.RUNNING
    world.tick(2)
    assert world.job(job).status is JobStatus.ABANDONED


def test_a_client_that_comes_and_goes_is_looked_at_once_at_a_time() -> None:
    world = World()
    client = world.hello("a", cpus=1)
    for _ in range(20):
        world.tick(world.farm.offline_after + 1)
        assert not world.farm.clients[client].online
        world.beat(client)
    for _ in range(40):
        world.beat(client, 10)
        world.tick(0)
    assert [what for what, _ in world.farm.due(Instant(0.0, math.inf))].count(SILENT) == 1


def test_a_client_that_returns_goes_on_with_its_job() -> None:
    world = World()
    client = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(client)
    world.tick(world.farm.settings.abandon_after + 1)
    assert world.job(job).status is JobStatus.ABANDONED
    world.beat(client)
    assert world.job(job).status is JobStatus.RUNNING
    world.end(job)
    assert world.job(job).status is JobStatus.SUCCEEDED
    assert len(world.job(job).attempts) == 1


def test_an_order_is_repeated_until_the_agent_has_it() -> None:
    world = World()
    client = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.agents[client].running.clear()
    world.agents[client].reports.clear()
    world.farm.client_of_session.clear()
    world.hello("a", cpus=1, hears=False)
    assert world.agents[client].running == {job: 1}
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert attempt.state is AttemptState.ORDERED


def test_an_agent_that_hears_no_answer_gets_no_job() -> None:
    """Its hellos arrive, again and again; what it was given would wait for the end of its lease."""
    world = World()
    client = world.hello("a", cpus=1, hears=False)
    (job,) = world.submit(JobSpec("x", "x"))
    world.hello("a", cpus=1, hears=False)
    assert world.job(job).live_attempt is None
    assert not world.farm.clients[client].online
    world.beat(client)
    assert world.job(job).live_attempt is not None


def test_a_hello_brings_no_abandoned_job_back() -> None:
    world = World()
    client = world.hello("a")
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(client)
    world.tick(world.farm.settings.abandon_after + 1)
    world.hello("a", hears=False)
    assert world.job(job).status is JobStatus.ABANDONED
    world.beat(client)
    assert world.job(job).status is JobStatus.RUNNING


def test_a_late_word_about_an_earlier_wish_leaves_no_job_halted() -> None:
    """What was said of the first resume passes for the second, whose order is lost with its session."""
    world = World()
    client = world.hello("a")
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(client)
    agent = world.agents[client]
    world.act(Verb.PAUSE, job)
    world.act(Verb.RESUME, job)
    world.act(Verb.PAUSE, job)
    world.act(Verb.RESUME, job)
    agent.reports = [Paused(0, job, 1), Resumed(0, job, 1)]
    world.beat(client)
    agent.reports = [Paused(0, job, 1)]
    world.beat(client)
    assert agent.reports == [Resumed(0, job, 1)], "it was told to go on once more"
    world.beat(client)
    assert world.job(job).status is JobStatus.RUNNING
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert not attempt.paused


def test_a_retry_prefers_a_client_that_has_not_failed_the_job() -> None:
    world = World()
    world.hello("a", cpus=1)
    world.hello("b", cpus=1)
    (job,) = world.submit(JobSpec("x", "x", tries_left=3))
    seen = []
    for _ in range(4):
        attempt = world.job(job).live_attempt
        assert attempt is not None
        seen.append(attempt.client)
        world.beat_all()
        world.end(job, exit_code=1)
    assert world.job(job).status is JobStatus.FAILED
    assert set(seen[:2]) == {1, 2}, "the second try went to the other client"
    assert len(seen) == 4, "and when both had failed it, it was tried again all the same"


def test_priority_then_age_of_the_root_then_age() -> None:
    world = World()
    first, second = world.submit(JobSpec("first", "x"), JobSpec("second", "x"))
    world.time += 1
    (urgent,) = world.submit(JobSpec("urgent", "x", priority=5))
    (late,) = world.submit(JobSpec("late", "x"))
    order: list[int] = []
    world.hello("a", cpus=1)
    while not order or world.unfinished():
        running = [job for agent in world.agents.values() for job in agent.running]
        order += running
        world.beat_all()
        world.end(running[0])
    assert order == [urgent, first, second, late]


@pytest.mark.parametrize("jump", [-86400.0, 86400.0])
def test_a_clock_that_jumps_loses_no_job_and_nothing_ends_before_it_began(jump: float) -> None:
    """Decisions hang on the steady clock; what is told of times stays in order."""
    world = World()
    client = world.hello("a")
    parent, later = world.submit(JobSpec("family", children=(JobSpec("x", "x"),)), JobSpec("y", "y"))
    (child,) = world.job(parent).children
    world.beat(client)
    world.clock_error = jump
    world.beat(client, 1.0)
    world.tick(5.0)
    assert world.job(child).status is JobStatus.RUNNING
    for job in (child, later):
        world.end(job)
    for job in (parent, child, later):
        found = world.job(job)
        assert found.status is JobStatus.SUCCEEDED
        assert found.ended_at is not None
        assert found.started_at is not None
        assert found.queued_at <= found.started_at <= found.ended_at
        for attempt in found.attempts:
            assert attempt.started_at is not None
            assert attempt.ended_at is not None
            assert attempt.ordered_at <= attempt.started_at <= attempt.ended_at
        assert len(found.attempts) == int(job != parent)
