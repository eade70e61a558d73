"""Submissions: labels within a call, who counts as their submitter, which job is the root."""

from __future__ import annotations

import pytest

from hqserver.core.commands import Refused, Submit
from hqserver.core.restoring import Remembered, restore
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.world import World


def test_labels_make_children_across_the_call() -> None:
    world = World()
    box, wedge, frame = world.submit(
        JobSpec("box", child_stub_ids=("wedge", "frame")),
        JobSpec("wedge", stub_id="wedge", child_stub_ids=("frame",)),
        JobSpec("frame", "x", stub_id="frame"),
    )
    assert list(world.job(box).children) == [wedge, frame]
    assert world.job(frame).parents == [box, wedge]
    assert set(world.farm.unfinished_roots) == {box}
    assert {world.job(id_).root for id_ in (box, wedge, frame)} == {box}
    assert [world.job(id_).status for id_ in (box, wedge, frame)] == [
        JobStatus.QUEUED, JobStatus.QUEUED, JobStatus.RUNNABLE,
    ]  # fmt: skip
    world.hello("a")
    world.run_all()
    assert world.unfinished() == []


def test_a_label_in_a_nested_job_leads_to_a_top_one() -> None:
    world = World()
    tree, cache = world.submit(
        JobSpec("tree", children=(JobSpec("sim", "x", child_stub_ids=("cache",)),)),
        JobSpec("cache", "x", stub_id="cache"),
    )
    (sim,) = world.job(tree).children
    assert world.job(cache).parents == [sim]
    assert world.job(cache).root == tree
    assert set(world.farm.unfinished_roots) == {tree}


def test_labelled_edges_are_stored_with_their_places() -> None:
    world = World()
    command = Submit(
        (JobSpec("a", child_stub_ids=("c",)), JobSpec("b", child_stub_ids=("c",)), JobSpec("c", "x", stub_id="c"))
    )
    a, b, c = world.farm.apply(command, world.now)
    assert world.farm.take_changes().edges_added == [(a, c, 0), (b, c, 1)]


def test_labelled_edges_of_a_staged_submission_are_stored_when_it_is_shown() -> None:
    world = World()
    farm, now = world.farm, world.now
    specs = (JobSpec("a", children=(JobSpec("b", child_stub_ids=("c",)),)), JobSpec("c", "x", stub_id="c"))
    staging = farm.stage(Submit(specs), now)
    sliced = [edge for part in farm.slices(staging, now) for edge in part.edges_added]
    a, c = farm.activate(staging, now)
    (b,) = farm.jobs[a].children
    assert sliced == [(a, b, 0)]
    assert farm.take_changes().edges_added == [(b, c, 0)]
    jobs = list(farm.jobs.values())
    again = restore(farm.settings, Remembered(jobs, revision=farm.revision, next_job=farm.next_job), now)
    assert {id_: job.root for id_, job in again.jobs.items()} == {a: a, b: a, c: a}


def test_who_submitted_a_job_that_does_not_say_so() -> None:
    world = World()
    (box,) = world.submit(JobSpec("box", submitted_by="ann"), user="caller")
    of_box, own, named = world.submit(
        JobSpec("of box", parent_ids=(box,)),
        JobSpec("own"),
        JobSpec("named", submitted_by="bob", parent_ids=(box,)),
        user="caller",
    )
    (under,) = world.submit(JobSpec("under", children=(JobSpec("below"),)), parent=box, user="caller")
    (below,) = world.job(under).children
    _, tied = world.submit(
        JobSpec("tie", submitted_by="eve", child_stub_ids=("t",)), JobSpec("tied", stub_id="t"), user="caller"
    )
    submitters = [world.job(id_).submitted_by for id_ in (of_box, own, named, under, below, tied)]
    assert submitters == ["ann", "caller", "bob", "ann", "ann", "eve"]


def test_labelled_children_and_what_is_below_them_have_the_submitter_of_who_names_them() -> None:
    world = World()
    last, middle, first = world.submit(
        JobSpec("last", stub_id="last", children=(JobSpec("below"),)),
        JobSpec("middle", stub_id="middle", child_stub_ids=("last",)),
        JobSpec("first", submitted_by="eve", children=(JobSpec("nested", child_stub_ids=("middle",)),)),
        user="caller",
    )
    (below,) = world.job(last).children
    assert {world.job(id_).submitted_by for id_ in (first, middle, last, below)} == {"eve"}
    named_by_nobody, child = world.submit(
        JobSpec("a", stub_id="a", child_stub_ids=("b",)), JobSpec("b", stub_id="b"), user="caller"
    )
    assert [world.job(id_).submitted_by for id_ in (named_by_nobody, child)] == ["caller", "caller"]


def test_a_circle_through_labels_and_existing_jobs_is_refused() -> None:
    world = World()
    (old,) = world.submit(JobSpec("old", "x"))
    before = dict(world.farm.jobs)
    with pytest.raises(Refused) as refused:
        world.submit(
            JobSpec("a", child_stub_ids=("b",), parent_ids=(old,)), JobSpec("b", stub_id="b", children_ids=(old,))
        )
    assert refused.value.code == 422
    assert world.farm.jobs == before
    assert world.job(old).children == {}
