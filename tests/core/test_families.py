"""Families of jobs: what an end, a new child, or an action means for everybody it is linked to."""

from __future__ import annotations

import random

import pytest

from hqserver.core import reading, rollups
from hqserver.core.commands import Refused, SetAttribs, SetConditions, Verb
from hqserver.core.records import Job
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import FINISHED, JobEvent, JobStatus
from tests.core.world import World

S = JobStatus


def leaf(name: str = "leaf", **more: object) -> JobSpec:
    return JobSpec(name, "x", **more)  # type: ignore[arg-type]


def statuses(world: World, *ids: int) -> list[JobStatus]:
    return [world.job(id_).status for id_ in ids]


def family(world: World, children: int = 2, command: str = "x") -> tuple[int, list[int]]:
    (parent,) = world.submit(JobSpec("parent", command, children=tuple(leaf(str(i)) for i in range(children))))
    return parent, list(world.job(parent).children)


def test_a_parent_becomes_ready_when_its_last_child_has_succeeded() -> None:
    world = World()
    world.hello("a")
    parent, (one, two) = family(world)
    world.beat_all()
    assert statuses(world, parent, one, two) == [S.QUEUED, S.RUNNING, S.RUNNING]
    world.end(one)
    assert statuses(world, parent) == [S.QUEUED]
    world.end(two)
    assert statuses(world, parent) == [S.RUNNABLE]
    world.beat_all()
    world.end(parent)
    assert statuses(world, parent) == [S.SUCCEEDED]


@pytest.mark.parametrize(("failed", "cancelled", "end"), [(1, 0, S.FAILED), (0, 1, S.CANCELLED), (1, 1, S.FAILED)])
def test_a_parent_ends_as_the_worst_of_its_children_and_never_runs(failed: int, cancelled: int, end: JobStatus) -> None:
    world = World()
    world.hello("a", cpus=4)
    parent, children = family(world, 3)
    world.beat_all()
    for id_ in children[:failed]:
        world.end(id_, exit_code=1)
    world.act(Verb.CANCEL, *children[failed : failed + cancelled])
    world.run_all()
    assert statuses(world, parent) == [end]
    assert world.job(parent).attempts == []


@pytest.mark.parametrize("exit_code", [0, 1])
def test_a_finished_parent_reopens_for_a_new_child_and_runs_again(exit_code: int) -> None:
    world = World()
    world.hello("a")
    (parent,) = world.submit(leaf(tries_left=1))
    world.run_all(lambda _: exit_code)
    assert world.job(parent).status in FINISHED
    (child,) = world.submit(leaf(), parent=parent)
    assert statuses(world, parent) == [S.QUEUED]
    assert world.job(parent).tries_left == 1
    assert world.job(parent).ended_at is None
    assert [entry.event for entry in world.job(parent).log][-1] == JobEvent.REOPENED
    assert parent in world.farm.unfinished_roots
    world.run_all()
    assert statuses(world, parent, child) == [S.SUCCEEDED, S.SUCCEEDED]


def test_a_new_child_stops_a_ready_parent_and_a_paused_one_stays_paused() -> None:
    world = World()
    ready, paused = world.submit(leaf(), leaf())
    world.act(Verb.PAUSE, paused)
    for parent in (ready, paused):
        world.submit(leaf(), parent=parent)
    assert statuses(world, ready, paused) == [S.QUEUED, S.PAUSED]
    world.hello("a")
    world.run_all()
    assert statuses(world, ready, paused) == [S.SUCCEEDED, S.PAUSED]
    world.act(Verb.RESUME, paused)
    world.run_all()
    assert statuses(world, paused) == [S.SUCCEEDED]


@pytest.mark.parametrize(("own", "childs", "end"), [(0, 0, S.SUCCEEDED), (0, 1, S.FAILED), (1, 0, S.FAILED)])
def test_a_running_job_that_gains_children_waits_for_them_after_its_command(
    own: int, childs: int, end: JobStatus
) -> None:
    world = World()
    world.hello("a")
    (parent,) = world.submit(leaf())
    world.beat_all()
    (child,) = world.submit(leaf(), parent=parent)
    assert statuses(world, parent) == [S.RUNNING]
    world.end(parent, own)
    assert statuses(world, parent) == [S.QUEUED]
    world.beat_all()
    world.end(child, childs)
    assert statuses(world, parent) == [end]
    assert len(world.job(parent).attempts) == 1, "its command does not run twice"


def test_a_running_job_may_be_given_a_parent_who_waits() -> None:
    world = World()
    world.hello("a")
    (child,) = world.submit(leaf())
    world.beat_all()
    (parent,) = world.submit(leaf(children_ids=(child,)))
    assert statuses(world, parent, child) == [S.QUEUED, S.RUNNING]
    world.run_all()
    assert statuses(world, parent, child) == [S.SUCCEEDED, S.SUCCEEDED]


def test_a_child_of_two_parents_concerns_both_and_is_counted_once_above() -> None:
    world = World()
    world.hello("a")
    (top,) = world.submit(JobSpec("top"))
    left, right = world.submit(JobSpec("left", parent_ids=(top,)), JobSpec("right", parent_ids=(top,)))
    (shared,) = world.submit(leaf(parent_ids=(left, right)))
    assert world.job(shared).root == top
    assert rollups.child_counts(world.job(top)) == {S.RUNNABLE.value: 1}
    world.run_all(lambda _: 1)
    assert statuses(world, shared, left, right, top) == [S.FAILED] * 4


def test_circles_are_refused() -> None:
    world = World()
    parent, (one, _) = family(world)
    with pytest.raises(Refused) as refused:
        world.submit(leaf(parent_ids=(one,), children_ids=(parent,)))
    assert refused.value.code == 422
    with pytest.raises(Refused):
        world.submit(leaf(), parent=one, children=(one,))


def test_pause_and_resume_reach_descendants_that_are_unfinished() -> None:
    world = World()
    world.hello("a", cpus=1)
    parent, (one, two) = family(world)
    world.beat_all()
    world.end(one)
    world.beat_all()
    world.act(Verb.PAUSE, parent)
    assert statuses(world, parent, one, two) == [S.PAUSED, S.SUCCEEDED, S.PAUSING]
    world.beat_all()
    assert statuses(world, two) == [S.PAUSED]
    world.act(Verb.RESUME, parent)
    assert statuses(world, parent, one, two) == [S.QUEUED, S.SUCCEEDED, S.RESUMING]
    world.run_all()
    assert statuses(world, parent) == [S.SUCCEEDED]


def test_cancel_reaches_descendants_and_waits_for_clients() -> None:
    world = World()
    world.hello("a", cpus=1)
    parent, (one, two) = family(world)
    world.beat_all()
    world.act(Verb.CANCEL, parent)
    assert statuses(world, parent, one, two) == [S.QUEUED, S.RUNNING, S.CANCELLED]
    world.beat_all()
    assert statuses(world, parent, one) == [S.CANCELLED, S.CANCELLED]


def test_cancel_of_a_child_leaves_its_siblings_alone() -> None:
    world = World()
    parent, (one, two) = family(world)
    world.act(Verb.CANCEL, one)
    assert statuses(world, parent, one, two) == [S.QUEUED, S.CANCELLED, S.RUNNABLE]


def test_reschedule_revives_the_job_its_failed_children_and_its_parents() -> None:
    world = World()
    world.hello("a", cpus=4)
    parent, (one, two, three) = family(world, 3)
    world.act(Verb.CANCEL, three)
    world.run_all(lambda id_: int(id_ == two))
    assert statuses(world, parent, one, two, three) == [S.FAILED, S.SUCCEEDED, S.FAILED, S.CANCELLED]
    world.act(Verb.RESCHEDULE, parent)
    assert statuses(world, parent, one, two, three) == [S.QUEUED, S.SUCCEEDED, S.RUNNABLE, S.RUNNABLE]
    world.run_all()
    assert statuses(world, parent, two, three) == [S.SUCCEEDED] * 3


def test_reschedule_of_a_child_queues_its_parents_again() -> None:
    world = World()
    world.hello("a")
    parent, (one, two) = family(world)
    world.run_all()
    world.act(Verb.RESCHEDULE, one)
    assert statuses(world, parent, one, two) == [S.QUEUED, S.RUNNABLE, S.SUCCEEDED]


def test_reschedule_of_a_waiting_parent_revives_what_failed_while_the_rest_goes_on() -> None:
    world = World()
    world.hello("a", cpus=1)
    (parent,) = world.submit(JobSpec("p", children=(JobSpec("q", children=(leaf(), leaf())), leaf())))
    q, last = world.job(parent).children
    bad, good = world.job(q).children
    world.beat_all()
    world.end(bad, 1)
    world.beat_all()
    world.act(Verb.RESCHEDULE, parent)
    assert statuses(world, bad, good, last, q, parent) == [S.RUNNABLE, S.RUNNING, S.RUNNABLE, S.QUEUED, S.QUEUED]


def test_reschedule_of_a_running_job_changes_nothing() -> None:
    world = World()
    world.hello("a")
    (parent,) = world.submit(leaf())
    world.beat_all()
    (child,) = world.submit(leaf(), parent=parent)
    world.act(Verb.CANCEL, child)
    world.beat_all()
    assert world.act(Verb.RESCHEDULE, parent) == 0
    assert statuses(world, parent, child) == [S.RUNNING, S.CANCELLED]


def test_delete_takes_finished_trees_and_spares_what_others_hold() -> None:
    world = World()
    world.hello("a", cpus=4)
    parent, (one, two) = family(world)
    (other,) = world.submit(leaf(children_ids=(two,)))
    assert world.act(Verb.DELETE, parent) == 0, "it is not finished"
    world.run_all()
    assert world.act(Verb.DELETE, parent) == 2
    assert {parent, one}.isdisjoint(world.farm.jobs)
    assert world.job(two).parents == [other]
    world.act(Verb.DELETE, two)
    assert world.job(other).children == {}


def test_a_deleted_failure_no_longer_counts() -> None:
    world = World()
    world.hello("a", cpus=1)
    parent, (one, two) = family(world)
    world.beat_all()
    world.end(one, 1)
    world.act(Verb.DELETE, one)
    world.run_all()
    assert statuses(world, parent, two) == [S.SUCCEEDED, S.SUCCEEDED]


def test_eject_queues_what_is_on_a_client_again_without_a_failure() -> None:
    world = World()
    world.hello("a")
    parent, (one, two) = family(world)
    world.beat_all()
    world.act(Verb.EJECT, parent)
    world.beat_all()
    for id_ in (one, two):
        assert world.job(id_).attempts[0].reason == "ejected"
        assert [e.event for e in world.job(id_).log].count(JobEvent.EJECTED) == 1
    world.run_all()
    assert statuses(world, parent) == [S.SUCCEEDED]


def test_eta_of_a_hundred_equal_children_on_two_cpus() -> None:
    """After ten are done the estimate is within 30 % of what then comes true."""
    world = World()
    world.hello("a", cpus=2)
    parent, _ = family(world, 100, command="")
    done = 0
    estimate, told_at = -1, 0.0
    while world.job(parent).status not in FINISHED:
        world.beat_all()
        running = sorted(job for agent in world.agents.values() for job in agent.running)
        world.time += 20.0
        for job in running:
            world.end(job, seconds=20.0)
            done += 1
            if done == 10:
                world.beat_all()
                estimate, told_at = rollups.eta(world.job(parent), world.farm.jobs), world.time
    assert estimate == pytest.approx(world.time - told_at, rel=0.3)
    assert rollups.eta(world.job(parent), world.farm.jobs) == -1


def test_ui_status_of_a_parent_tells_how_many_clients_are_at_work() -> None:
    world = World()
    parent, (one, _) = family(world)

    def told(job: int) -> str:
        return str(reading.JOB["uiStatus"](world.farm, world.job(job)))

    assert (told(parent), told(one)) == ("waiting for resources", "waiting for resources")
    world.hello("a")
    world.beat_all()
    assert (told(parent), told(one)) == ("running (2 clients assigned)", "running")
    world.act(Verb.PAUSE, one)
    assert told(one) == "pausing"


def test_attributes_of_waiting_jobs_are_changed_together_or_not_at_all() -> None:
    world = World()
    world.hello("a", cpus=1)
    running, waiting = world.submit(leaf(), leaf(tries_left=1))
    world.beat_all()
    with pytest.raises(Refused, match=f"job {running} is running") as refused:
        world.apply(SetAttribs((waiting, running), {"cpus": 4}))
    assert refused.value.code == 409
    assert world.job(waiting).spec.cpus == 1
    assert world.apply(SetAttribs((waiting, 999), {"cpus": 4, "tries_left": 3, "min_hosts": 2})) == 1
    found = world.job(waiting)
    assert (found.spec.cpus, found.tries_left, found.spec.min_hosts, found.spec.max_hosts) == (4, 3, 2, 2)
    assert found.log[-1].message == "cpus 1 to 4; tries_left 1 to 3; min_hosts 1 to 2"
    with pytest.raises(Refused) as refused:
        world.apply(SetAttribs((waiting,), {"max_hosts": 1}))
    assert refused.value.code == 422


def test_changed_attributes_decide_where_it_runs() -> None:
    world = World()
    world.hello("a", cpus=1)
    (big,) = world.submit(leaf(cpus=8))
    assert statuses(world, big) == [S.RUNNABLE]
    assert world.job(big).live_attempt is None
    world.apply(SetAttribs((big,), {"cpus": 1}))
    assert world.job(big).live_attempt is not None


def test_inherited_conditions_are_answered_and_told_when_they_change() -> None:
    world = World()
    parent, (one, two) = family(world)
    own = (Condition("hostname", "==", "own"),)
    world.apply(SetConditions(two, own))
    world.farm.take_changes()
    before = {id_: world.job(id_).revision for id_ in (one, two)}
    world.apply(SetAttribs((parent,), {"conditions": (Condition("hostname", "==", "b"),)}))

    def told(job: int) -> list[str]:
        return [item["value"] for item in reading.JOB["conditions"](world.farm, world.job(job))]

    assert (told(parent), told(one), told(two)) == (["b"], ["b"], ["own"])
    assert world.job(one).revision > before[one]


def test_a_job_says_what_it_was() -> None:
    """The status log has one entry for each change, in order, with the client where there is one."""
    world = World()
    world.hello("a")
    (job,) = world.submit(leaf(tries_left=1))
    world.beat_all()
    world.end(job, 3)
    world.beat_all()
    world.act(Verb.PAUSE, job)
    world.beat_all()
    world.act(Verb.RESUME, job)
    world.beat_all()
    world.end(job)
    found: Job = world.job(job)
    assert [entry.number for entry in found.log] == list(range(1, len(found.log) + 1))
    assert [entry.event for entry in found.log] == [
        "submitted", "assigned", "running", "rescheduled", "runnable", "assigned", "running", "pausing", "paused",
        "resuming", "resumed", "succeeded",
    ]  # fmt: skip
    assert found.log[3].message == "exit code 3; 0 tries left"
    assert found.log[2].client == "a"


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_of_edges_gives_the_totals_that_counting_gives(seed: int) -> None:
    """More edges to shared jobs than are reckoned one by one, in one submission."""
    chance = random.Random(seed)
    world = World()
    ids = list(world.submit(*[JobSpec(f"job {number}", "x") for number in range(40)]))
    for _ in range(6):
        above, below = sorted(chance.sample(ids, 30)), sorted(chance.sample(ids, 30))
        specs = [
            JobSpec("new", "x", parent_ids=tuple(id_ for id_ in above if id_ < 20), children_ids=tuple(below[20:]))
            for _ in range(4)
        ]
        try:
            ids += world.submit(*specs)
        except Refused as refused:
            assert refused.code == 422
    jobs = world.farm.jobs
    for job in jobs.values():
        counted = [0] * rollups.WIDTH
        for child in rollups.descendants(jobs, job):
            counted = [a + b for a, b in zip(counted, child.share, strict=True)]
        assert (job.totals or [0] * rollups.WIDTH) == counted
        assert job.unfinished_children == len(job.children)
    assert sum(len(job.parents) > 1 for job in jobs.values()) > 20


def test_a_circle_through_a_crowd_is_found_and_nothing_is_linked() -> None:
    world = World()
    ids = world.submit(*[JobSpec(f"job {number}", "x") for number in range(3000)])
    world.submit(JobSpec("above all", "x", children_ids=ids))
    top = ids[-1] + 1
    before = world.farm.revision
    with pytest.raises(Refused, match=r"job \d+ would wait for job \d+, which waits for it") as caught:
        world.submit(JobSpec("circle", "x", parent_ids=ids, children_ids=(*ids[:5], top)))
    assert caught.value.code == 422
    assert world.farm.revision == before
    assert all(world.job(id_).parents == [top] for id_ in ids)


def test_what_does_not_exist_is_told_all_at_once() -> None:
    world = World()
    (there,) = world.submit(JobSpec("there", "x"))
    specs = JobSpec("a", parent_ids=(there, 90), children=(JobSpec("b", "x", children_ids=(91, there)),))
    with pytest.raises(Refused) as caught:
        world.submit(specs, parent=92, children=(93,), key="k")
    said = "parent_id: no job 92; child_ids: no job 93; parentIds of 'a': no job 90; childrenIds of 'b': no job 91"
    assert (caught.value.code, caught.value.text) == (404, said)
    with pytest.raises(Refused, match=r"no job 104; and 45 more"):
        world.submit(JobSpec("a", "x", parent_ids=tuple(range(100, 150))))
