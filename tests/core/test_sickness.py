"""Sick machines: evidence from several families takes a client out of service, a bad job alone does not."""

from __future__ import annotations

from hqserver.core.commands import CreateGroup, SetDisabled, SetMember, Verb
from hqserver.core.records import Client
from hqserver.wire.agent import Ended
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World

SICK, WELL = "sick", "well"


class Ward(World):
    """Two clients of one cpu each."""

    def __init__(self) -> None:
        super().__init__()
        self.ids = {name: self.hello(name, cpus=1) for name in (SICK, WELL)}

    def client(self, name: str = SICK) -> Client:
        return self.farm.clients[self.ids[name]]

    def family(self, name: str, *, sick_exit: int = 1, seconds: float = 2.0) -> int:
        """A root with two children, one on each client; the one on the sick client fails."""
        children = tuple(JobSpec(f"{name}.{number}", "render") for number in range(2))
        (root,) = self.submit(JobSpec(name, children=children))
        self.beat_all()
        for client, agent in self.agents.items():
            for job in list(agent.running):
                attempt = agent.running.pop(job)
                code = sick_exit if client == self.ids[SICK] else 0
                agent.reports.append(Ended(0, job, attempt, "exited", code, ran_seconds=seconds))
        self.beat_all()
        return root


def test_three_families_that_went_well_elsewhere_take_a_client_out_of_service() -> None:
    ward = Ward()
    roots = [ward.family(name) for name in "ab"]
    assert not ward.client().disabled
    roots.append(ward.family("c"))
    client = ward.client()
    assert client.disabled
    for root in roots:
        assert f"root {root} (" in client.out_of_service
    assert "exit code 1; went well on well" in client.out_of_service
    thread = ward.farm.thread_of_client[client.id]
    assert [note.text for note in thread.notes if note.automatic][-1] == client.out_of_service
    assert not ward.client(WELL).disabled


def test_failures_that_come_late_speak_against_the_job() -> None:
    ward = Ward()
    for name in "abcd":
        ward.family(name, seconds=11.0)
    assert not ward.client().disabled


def test_one_bad_family_is_no_evidence() -> None:
    ward = Ward()
    children = tuple(JobSpec(f"{number}", "false") for number in range(20))
    ward.submit(JobSpec("bad", children=children))
    for _ in range(20):
        ward.beat_all()
        for agent in ward.agents.values():
            agent.reports += [Ended(0, job, agent.running.pop(job), "exited", 1) for job in list(agent.running)]
    assert not ward.client().disabled
    assert not ward.client(WELL).disabled


def test_families_that_fail_everywhere_are_no_evidence() -> None:
    ward = Ward()
    for name in "abcd":
        (job,) = ward.submit(JobSpec(name, "false", tries_left=1))
        for _ in range(2):
            ward.beat_all()
            ward.end(job, 1)
        assert ward.job(job).status is JobStatus.FAILED
    assert not ward.client().disabled
    assert not ward.client(WELL).disabled


def test_an_outage_that_everybody_feels_takes_nobody_out() -> None:
    world = World()
    clients = [world.hello(f"n{number}", cpus=1) for number in range(6)]
    for name in "abcd":
        children = tuple(JobSpec(f"{name}.{number}", "render", tries_left=1) for number in range(6))
        world.submit(JobSpec(name, children=children))
        for exit_code in (1, 0):
            world.beat_all()
            for agent in world.agents.values():
                agent.reports += [
                    Ended(0, job, agent.running.pop(job), "exited", exit_code) for job in [*agent.running]
                ]
            world.beat_all()
    assert not any(world.farm.clients[client].disabled for client in clients)


def test_never_more_than_half_of_the_clients() -> None:
    world = World()
    names = ("sick0", "sick1", "well")
    ids = {name: world.hello(name, cpus=1) for name in names}

    def pinned(name: str) -> JobSpec:
        return JobSpec(name, "render", conditions=(Condition("hostname", "==", name),))

    for name in ("sick0", "sick1"):
        for _ in range(4):
            world.submit(JobSpec(name, children=(pinned(name), pinned("well"))))
    for _ in range(20):
        world.beat_all()
        for client, agent in world.agents.items():
            code = 0 if client == ids["well"] else 1
            agent.reports += [Ended(0, job, agent.running.pop(job), "exited", code) for job in [*agent.running]]
    assert [world.farm.clients[ids[name]].disabled for name in names].count(True) == 1
    assert not world.farm.clients[ids["well"]].disabled


def test_a_retry_that_goes_well_elsewhere_is_the_proof() -> None:
    ward = Ward()
    for name in "abc":
        (job,) = ward.submit(JobSpec(name, "render", tries_left=1))
        ward.beat_all()
        first = ward.job(job).attempt
        assert first is not None
        if first.client != ward.ids[SICK]:  # whose turn it is does not matter here
            ward.act(Verb.CANCEL, job)
            ward.beat_all()
            (job,) = ward.submit(JobSpec(name, "render", tries_left=1))
            ward.beat_all()
        ward.end(job, 1)
        ward.beat_all()
        second = ward.job(job).attempt
        assert second is not None
        assert second.client == ward.ids[WELL], "a retry prefers a client that has not failed the job"
        ward.end(job, 0)
    assert ward.client().disabled


def test_whoever_puts_it_back_forgives_it() -> None:
    ward = Ward()
    for name in "abc":
        ward.family(name)
    assert ward.apply(SetDisabled(SICK, disabled=False))
    assert ward.client().out_of_service == ""
    ward.family("d")
    ward.family("e")
    assert not ward.client().disabled
    ward.family("f")
    assert ward.client().disabled


def test_a_retry_returns_to_a_client_that_failed_it_when_there_is_no_other() -> None:
    world = World()
    only = world.hello("only", cpus=1)
    (job,) = world.submit(JobSpec("x", "render", tries_left=1))
    world.beat(only)
    world.end(job, 1)
    world.beat(only)
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert (attempt.number, attempt.client) == (2, only)


def test_a_retry_returns_to_it_when_the_other_is_no_more_permitted() -> None:
    world = World()
    other = world.hello("other", cpus=1)
    world.submit(JobSpec("long", "render"))
    world.beat(other)
    failed = world.hello("failed", cpus=1)
    elsewhere = Condition("group", "not_in", "Lighting")
    (job,) = world.submit(JobSpec("x", "render", tries_left=1, conditions=(elsewhere,)))
    world.beat(failed)
    world.end(job, 1)
    world.beat(failed)
    assert world.job(job).live_attempt is None, "it waits for the client that has not failed it"
    world.apply(SetMember(world.apply(CreateGroup("Lighting")), other, member=True))
    attempt = world.job(job).live_attempt
    assert attempt is not None
    assert attempt.client == failed


def test_a_job_under_which_three_clients_were_lost_fails_and_may_be_tried_anew() -> None:
    world = World()
    (job,) = world.submit(JobSpec("poison", "render"))
    for number in range(3):
        assert world.job(job).status is not JobStatus.FAILED
        client = world.hello(f"n{number}", cpus=1)
        world.beat(client)
        world.hello(f"n{number}", cpus=1, boot="another")
        world.apply(SetDisabled(f"n{number}", disabled=True))
        world.act(Verb.EJECT, job)
        world.beat(client)
    assert world.job(job).status is JobStatus.FAILED
    assert "3 clients were lost under it" in world.job(job).log[-1].message
    world.act(Verb.RESCHEDULE, job)
    last = world.hello("n3", cpus=1)
    world.beat(last)
    world.hello("n3", cpus=1, boot="another")
    assert world.job(job).status is not JobStatus.FAILED, "what was before the reschedule does not count"


def test_the_end_of_a_command_by_its_keeper_has_its_meaning() -> None:
    world = World()
    client = world.hello("a")
    expected = {
        "time": JobStatus.CANCELLED, "silent": JobStatus.FAILED, "output": JobStatus.FAILED,
        "cancelled": JobStatus.CANCELLED, "ejected": JobStatus.RUNNABLE,
    }  # fmt: skip
    for reason, status in expected.items():
        (job,) = world.submit(JobSpec(reason, "render"))
        world.beat(client)
        agent = world.agents[client]
        world.apply(SetDisabled("a", disabled=True))
        agent.reports = [Ended(0, job, agent.running.pop(job), reason, 0, message="")]
        world.beat(client)
        assert world.job(job).status is status, reason
        world.apply(SetDisabled("a", disabled=False))
        world.act(Verb.CANCEL, job)
        world.beat(client)


def test_what_a_client_cannot_start_runs_elsewhere_with_all_its_tries_while_the_client_rests() -> None:
    world = World()
    full = world.hello("full", cpus=2)
    jobs = [*world.submit(JobSpec("a", "x")), *world.submit(JobSpec("b", "x"))]
    agent = world.agents[full]
    world.deliver()
    agent.reports.clear()
    for job in jobs:
        agent.reports.append(Ended(0, job, agent.running.pop(job), "unable", message="the disk of /spool is full"))
    world.beat(full)
    client = world.farm.clients[full]
    assert (client.resting, client.rests, client.failures) == (True, 1, 0)
    for found in map(world.job, jobs):
        assert (found.status, found.tries_left, found.started_at) == (JobStatus.RUNNABLE, 0, None)
        assert "its client could not start it: the disk of /spool is full" in [line.message for line in found.log]
    other = world.hello("other", cpus=2)
    world.beat_all()
    assert world.agents[other].running.keys() == set(jobs)


def test_a_job_that_kills_its_keeper_is_not_started_for_ever_on_the_only_client() -> None:
    world = World()
    client = world.hello("only", cpus=1)
    agent = world.agents[client]
    (job,) = world.submit(JobSpec("poison", "x"))
    starts = 0
    while world.job(job).status is not JobStatus.FAILED:
        world.deliver()
        starts += 1
        agent.reports.append(Ended(0, job, agent.running.pop(job), "lost"))
        world.beat(client)
    assert starts == world.farm.settings.most_losses_at_once
    assert world.job(job).log[-1].message == f"lost {starts} times right after its start"


def test_a_job_may_be_lost_often_on_the_only_client_when_it_had_begun_its_work() -> None:
    world = World()
    client = world.hello("only", cpus=1)
    agent = world.agents[client]
    (job,) = world.submit(JobSpec("long", "x"))
    for _ in range(20):
        world.deliver()
        world.beat(client)
        agent.reports.append(Ended(0, job, agent.running.pop(job), "lost"))
        world.beat(client, 15.0)
    assert world.job(job).status is not JobStatus.FAILED
