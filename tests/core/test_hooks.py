"""Hooks: which of them run, when, where, how often, and that they have no say in how the job ends."""

from __future__ import annotations

from typing import Any

import pytest

from hqserver.core import hook_rules
from hqserver.core.commands import Act, Verb
from hqserver.core.records import AttemptState, Job
from hqserver.wire.agent import HOOKS_FROM, Ended, Start
from hqserver.wire.jobs import Hook, JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World

ALL = {Hook.ON_SUCCESS: "S", Hook.ON_ERROR: "E", Hook.ON_CANCEL: "C", Hook.ON_CHILD_ERROR: "K"}


class Hooked(World):
    """Keeps what was ordered: the text of each command and hook, with its client."""

    def __init__(self, clients: int = 1) -> None:
        super().__init__()
        self.started: list[str] = []
        self.orders: list[Start] = []
        for number in range(clients):
            self.hello(f"n{number}", cpus=2)

    def deliver(self) -> None:
        taken = self.farm._changes.orders
        fresh = [order for _, order in taken if isinstance(order, Start)]
        self.orders += fresh
        self.started += [order.command for order in fresh]
        super().deliver()

    def one(self, spec: JobSpec, **more: Any) -> Job:
        (id_,) = self.submit(spec, **more)
        return self.job(id_)


def job(command: str = "x", **more: Any) -> JobSpec:
    return JobSpec("job", command, hooks=more.pop("hooks", ALL), **more)


def status(found: Job) -> JobStatus:
    return found.status


@pytest.mark.parametrize(
    ("exit_code", "started", "end"), [(0, ["x", "S"], JobStatus.SUCCEEDED), (3, ["x", "E"], JobStatus.FAILED)]
)
@pytest.mark.parametrize("hook_exit", [0, 1])
def test_a_hook_follows_its_command_on_the_same_client(
    exit_code: int, hook_exit: int, started: list[str], end: JobStatus
) -> None:
    world = Hooked(clients=2)
    found = world.one(job())
    world.beat_all()
    client = found.attempts[0].client
    world.end(found.id, exit_code)
    assert status(found) is JobStatus.RUNNING
    assert found.hook is not None
    assert found.hook.client == client
    assert world.farm.clients[client].cpus_used == 1
    world.end(found.id, hook_exit)
    assert (world.started, status(found)) == (started, end)
    assert (len(found.attempts), world.farm.clients[client].cpus_used) == (1, 0)


def test_its_surroundings_are_the_commands() -> None:
    world = Hooked()
    found = world.one(job(environment={"A": "b"}, shell="bash", cpus=2))
    world.beat_all()
    world.end(found.id)
    order = world.orders[-1]
    assert (order.shell, order.cpus, order.environment["A"], order.environment["HQ_ATTEMPT"]) == ("bash", 2, "b", "1")
    assert (order.attempt, order.max_time) == (HOOKS_FROM + 1, world.farm.settings.hook_time)


def test_an_error_hook_runs_on_each_failed_try_before_the_next() -> None:
    world = Hooked()
    found = world.one(job(tries_left=2))
    for _ in range(10):
        world.beat_all()
        if not world.agents[1].running:
            break
        world.end(found.id, exit_code=1)
    assert world.started == ["x", "E"] * 3
    assert (status(found), found.tries_left, len(found.attempts)) == (JobStatus.FAILED, 0, 3)
    assert [entry.event for entry in found.log if entry.event == "rescheduled"] == ["rescheduled"] * 2


def test_a_hook_for_another_platform_is_none() -> None:
    world = Hooked()
    found = world.one(job(hooks={Hook.ON_SUCCESS: {"windows": "S"}, Hook.ON_ERROR: {"linux": "E"}}))
    world.beat_all()
    world.end(found.id)
    assert status(found) is JobStatus.SUCCEEDED
    assert world.started == ["x"]


def test_cancel_runs_the_cancel_hook_once_and_then_the_job_is_cancelled() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.act(Verb.CANCEL, found.id)
    world.beat_all()
    assert (world.started, status(found), found.ending) == (["x", "C"], JobStatus.RUNNING, "cancelled")
    assert world.act(Verb.CANCEL, found.id) == 0, "what is being cancelled is not cancelled again"
    world.beat_all()
    world.end(found.id)
    assert (world.started, status(found)) == (["x", "C"], JobStatus.CANCELLED)


def test_a_job_that_never_ran_is_cancelled_without_a_hook() -> None:
    world = World()
    (id_,) = world.submit(job())
    world.act(Verb.CANCEL, id_)
    assert world.job(id_).status is JobStatus.CANCELLED


@pytest.mark.parametrize("exit_code", [0, 1])
def test_cancel_ends_another_hook_and_then_runs_its_own(exit_code: int) -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id, exit_code)
    world.beat_all()
    world.act(Verb.CANCEL, found.id)
    world.beat_all()
    world.end(found.id)
    assert (world.started[2:], status(found)) == (["C"], JobStatus.CANCELLED)


def test_what_ran_too_long_is_cancelled_with_its_hook() -> None:
    world = Hooked()
    found = world.one(job(max_time=5.0))
    world.beat_all()
    agent = world.agents[1]
    agent.reports.append(Ended(0, found.id, agent.running.pop(found.id), "time", None, 9, ran_seconds=5.0))
    world.beat(1)
    world.end(found.id)
    assert (world.started, status(found)) == (["x", "C"], JobStatus.CANCELLED)
    assert found.log[-1].message == "ran longer than its maxTime: 5 s"


def test_a_paused_hook_goes_on() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    world.act(Verb.PAUSE, found.id)
    world.beat_all()
    assert status(found) is JobStatus.PAUSED
    world.act(Verb.RESUME, found.id)
    world.beat_all()
    assert status(found) is JobStatus.RUNNING
    world.end(found.id)
    assert status(found) is JobStatus.SUCCEEDED


def test_eject_ends_a_hook_and_the_job_ends_as_it_would_have() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    world.act(Verb.EJECT, found.id)
    world.beat_all()
    assert (world.started, status(found)) == (["x", "S"], JobStatus.SUCCEEDED)


def test_a_container_gets_a_client_for_its_success_hook() -> None:
    world = Hooked()
    found = world.one(job("", children=(JobSpec("c", "child"),)))
    world.beat_all()
    (child,) = found.children
    world.end(child)
    assert status(found) is JobStatus.RUNNABLE
    world.beat_all()
    assert status(found) is JobStatus.RUNNING
    world.end(found.id)
    assert (world.started, status(found)) == (["child", "S"], JobStatus.SUCCEEDED)
    assert found.attempts == []


def test_a_container_without_a_client_waits_and_says_so() -> None:
    world = World()
    (id_,) = world.submit(job(""))
    assert world.job(id_).status is JobStatus.RUNNABLE
    world.hello("late")
    world.beat_all()
    world.end(id_)
    assert world.job(id_).status is JobStatus.SUCCEEDED


def test_a_failed_child_runs_both_hooks_and_never_the_command() -> None:
    world = Hooked()
    found = world.one(job("x", children=(JobSpec("c", "bad"), JobSpec("d", "good"))))
    bad, good = found.children
    world.beat_all()
    world.end(bad, exit_code=1)
    assert world.started == ["bad", "good"], "hooks wait for all children"
    world.end(good)
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    world.end(found.id)
    assert (world.started[2:], status(found)) == (["K", "E"], JobStatus.FAILED)
    assert found.log[-1].message == "1 of 2 children failed"


def test_children_that_a_running_job_adds_to_itself_decide_which_hook_runs() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    (child,) = world.submit(JobSpec("c", "child"), parent=found.id)
    world.end(found.id)
    assert status(found) is JobStatus.QUEUED
    world.beat_all()
    world.end(child, exit_code=1)
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    world.end(found.id)
    assert (world.started, status(found)) == (["x", "child", "K", "E"], JobStatus.FAILED)


def test_a_child_that_is_added_during_the_success_hook_does_not_have_it_run_twice() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    (child,) = world.submit(JobSpec("c", "child"), parent=found.id)
    world.end(found.id)
    assert status(found) is JobStatus.QUEUED
    world.beat_all()
    world.end(child)
    assert (world.started, status(found)) == (["x", "S", "child"], JobStatus.SUCCEEDED)


def test_a_child_that_is_added_while_the_hook_waits_is_waited_for() -> None:
    world = World()
    (id_,) = world.submit(job(""))
    found = world.job(id_)
    world.submit(JobSpec("c", "child"), parent=id_)
    assert status(found) is JobStatus.QUEUED
    world.hello("n")
    world.run_all()
    assert status(found) is JobStatus.SUCCEEDED
    assert found.hooks.count == 1


def test_a_rescheduled_job_runs_its_hooks_anew() -> None:
    world = Hooked()
    found = world.one(job())
    for _ in range(2):
        world.run_all()
        world.act(Verb.RESCHEDULE, found.id)
    assert world.started == ["x", "S", "x", "S", "x"]


def test_a_hook_whose_client_is_lost_before_it_began_runs_elsewhere() -> None:
    world = Hooked()
    found = world.one(job(""))
    assert found.hook is not None
    assert found.hook.state is AttemptState.ORDERED
    world.agents[1].reports.clear()
    world.hello("n0", boot="another")
    world.run_all()
    assert (world.started, status(found)) == (["S", "S"], JobStatus.SUCCEEDED)


def test_a_hook_that_began_and_was_lost_is_not_run_again() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id)
    world.beat_all()
    world.hello("n0", boot="another")
    assert (world.started, status(found)) == (["x", "S"], JobStatus.SUCCEEDED)


def test_no_hook_for_a_client_that_is_lost() -> None:
    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.tick(100_000)
    assert (world.started, found.hook) == (["x"], None)
    world.apply(Act(Verb.CANCEL, (found.id,)))
    assert status(found) is JobStatus.CANCELLED


def test_progress_that_a_hook_prints_is_none() -> None:
    from hqserver.wire.agent import Progressed

    world = Hooked()
    found = world.one(job())
    world.beat_all()
    world.end(found.id)
    agent = world.agents[1]
    agent.reports.append(Progressed(0, found.id, agent.running[found.id], 0.1))
    world.beat(1)
    assert found.progress == 1.0


def test_the_log_goes_on_where_the_command_ended() -> None:
    world = Hooked()
    found = world.one(job(tries_left=1))
    world.beat_all()
    agent = world.agents[1]
    agent.reports.append(Ended(0, found.id, agent.running.pop(found.id), "exited", 1, output_bytes=100))
    world.beat(1)
    assert found.hook is not None
    assert found.hook.log_base == 100
    agent.reports.append(Ended(0, found.id, agent.running.pop(found.id), "exited", 0, output_bytes=11))
    world.beat(1)
    agent.reports.append(Ended(0, found.id, agent.running.pop(found.id), "exited", 1, output_bytes=50))
    world.beat(1)
    assert found.hook.log_base == 50, "another try has another log"


def test_a_hook_keeps_all_clients_of_its_command() -> None:
    world = Hooked(clients=2)
    found = world.one(job(min_hosts=2, max_hosts=2))
    assert found.live_attempt is not None
    main = found.live_attempt.client
    world.beat(main)
    world.end(found.id)
    assert found.hook is not None
    assert set(found.hook.clients) == {1, 2}
    assert [client.cpus_used for client in world.farm.clients.values()] == [1, 1]
    assert len(world.orders[-1].hosts) == 2
    world.end(found.id)
    assert [client.cpus_used for client in world.farm.clients.values()] == [0, 0]


def test_two_hooks_share_a_log() -> None:
    world = Hooked()
    found = world.one(job("", children=(JobSpec("c", "bad"),)))
    (child,) = found.children
    world.beat_all()
    world.end(child, exit_code=1)
    agent = world.agents[1]
    agent.reports.append(Ended(0, found.id, agent.running.pop(found.id), "exited", 0, output_bytes=11))
    world.beat(1)
    assert found.hook is not None
    assert (found.hooks.due, found.hook.log_base) == ((Hook.ON_ERROR,), 11)


def test_which_hooks_belong_to_an_end() -> None:
    world = World()
    (id_,) = world.submit(job())
    found = world.job(id_)
    assert hook_rules.of_end(found, JobStatus.CANCELLED) == ()
    assert hook_rules.of_end(found, JobStatus.FAILED) == (Hook.ON_ERROR,)
    found.failed_children = 1
    assert hook_rules.of_end(found, JobStatus.FAILED) == (Hook.ON_CHILD_ERROR, Hook.ON_ERROR)
