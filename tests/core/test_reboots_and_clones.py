"""Machines that were started again while they had work, and folders of agents that were copied to another machine."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hqserver.core.commands import Receive, Refused, Register
from hqserver.wire.agent import Ended, Exchange, Hello, Machine
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World


def test_what_ran_on_fifty_machines_that_were_started_again_runs_anew_at_once_and_once() -> None:
    world = World()
    clients = [world.hello(f"n{number}", cpus=1) for number in range(50)]
    jobs = world.submit(*(JobSpec(f"{number}", "x") for number in range(50)))
    world.beat_all()
    assert sum(len(agent.running) for agent in world.agents.values()) == 50
    before = world.time
    for number in range(50):
        world.hello(f"n{number}", cpus=1, boot="another")
    world.beat_all()
    assert world.time - before <= 30.0
    running = [job for agent in world.agents.values() for job in agent.running]
    assert sorted(running) == sorted(jobs), "each runs again, and in one place"
    for job in jobs:
        first, second = world.job(job).attempts
        assert (first.reason, first.number, second.number) == ("lost", 1, 2)
    for client in clients:
        agent = world.agents[client]
        agent.reports += [Ended(0, job, agent.running.pop(job), "exited", 0) for job in list(agent.running)]
    world.beat_all()
    assert {world.job(job).status for job in jobs} == {JobStatus.SUCCEEDED}


def test_of_two_copies_of_an_agent_one_is_given_work_and_the_other_hears_why_not_each_time() -> None:
    world = World()
    first = world.hello("a", cpus=2)
    copy = Hello(1, "id-a", "its own boot", "", 5001, "v", Machine("copy", "linux-x86_64", 2))
    world.submit(*(JobSpec(f"{number}", "x") for number in range(40)))
    given: list[tuple[int, int]] = []
    for beat in range(1000):
        with pytest.raises(Refused, match=r"identity of this agent is in use: a at .* delete agent\.id in the copy"):
            world.apply(Register(replace(copy, asked_at=float(beat)), f"copy{beat}", "127.0.0.2"))
        assert f"copy{beat}" not in world.farm.client_of_session
        world.beat(first, 1.0)
        agent = world.agents[first]
        given += [(job, attempt) for job, attempt in agent.running.items() if (job, attempt) not in given]
        if beat % 20 == 0:
            for job in list(agent.running):
                agent.reports.append(Ended(0, job, agent.running.pop(job), "exited", 0))
    assert len(given) == 40
    assert {attempt for _, attempt in given} == {1}, "nothing was given twice"


def test_a_refused_copy_says_nothing_by_an_exchange_either() -> None:
    world = World()
    first = world.hello("a", cpus=1)
    (job,) = world.submit(JobSpec("x", "x"))
    world.beat(first)
    lie = Exchange("a session of its own", 0, 0.0, reports=(Ended(1, job, 1, "exited", 0),))
    with pytest.raises(Refused, match="this session is not known here"):
        world.apply(Receive(lie))
    assert world.job(job).status is JobStatus.RUNNING
