"""Children that several parents share cost what they touch: Houdini's slices have two parents each."""

from __future__ import annotations

import pytest

from hqserver.core import rollups
from hqserver.core.commands import Verb
from hqserver.core.records import Job
from hqserver.wire.jobs import JobSpec
from tests.core.world import World

MANY = 300


class Counted(World):
    """Counts how often a job's totals are counted anew, which looks at everything below it."""

    recounts = 0

    def count(self, monkeypatch: pytest.MonkeyPatch) -> None:
        recount = rollups.recount

        def counted(jobs: dict[int, Job], job: Job) -> None:
            self.recounts += 1
            recount(jobs, job)

        monkeypatch.setattr(rollups, "recount", counted)

    def totals_are_right(self) -> None:
        jobs = self.farm.jobs
        for job in jobs.values():
            below = [child.share for child in rollups.descendants(jobs, job)]
            assert (job.totals or [0] * rollups.WIDTH) == [
                sum(column) for column in zip(*below, [0] * rollups.WIDTH, strict=True)
            ]


def test_children_of_others_are_adopted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Counted()
    (root,) = world.submit(JobSpec("root", children=(JobSpec("slice", "x"),) * MANY))
    world.count(monkeypatch)
    (cleanup,) = world.submit(JobSpec("clean-up", "x", children_ids=tuple(world.job(root).children)))
    (top,) = world.submit(JobSpec("top", children_ids=(root, cleanup)))
    assert world.recounts <= 2
    assert sum(rollups.child_counts(world.job(top)).values()) == MANY + 1
    world.totals_are_right()


def test_slices_with_two_parents_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    world = Counted()
    box, cleanup = world.submit(JobSpec("box"), JobSpec("clean-up", "x"))
    world.submit(JobSpec("container", children_ids=(box, cleanup)))
    world.count(monkeypatch)
    for _ in range(3):
        slices = world.submit(*(JobSpec("slice", "x", parent_ids=(box, cleanup)) for _ in range(MANY)))
        world.totals_are_right()
        world.act(Verb.CANCEL, *slices)
        world.act(Verb.DELETE, *slices)
        world.totals_are_right()
    assert world.recounts == 0
    assert len(world.farm.jobs) == 3


def test_what_goes_and_leaves_children_behind() -> None:
    world = Counted()
    (shared,) = world.submit(JobSpec("shared", "x"))
    left, right = world.submit(JobSpec("left", children_ids=(shared,)), JobSpec("right", children_ids=(shared,)))
    over_left, _ = world.submit(
        JobSpec("over left", children_ids=(left,)), JobSpec("over both", children_ids=(left, right))
    )
    world.act(Verb.CANCEL, shared)
    world.act(Verb.DELETE, left)
    assert world.job(shared).parents == [right]
    assert world.job(over_left).totals == [0] * rollups.WIDTH
    world.totals_are_right()
