"""What is shown of jobs of a server that has to be polled, which counts nothing below them."""

from __future__ import annotations

import pytest

from hqgui.models import job_cells
from hqgui.models.farm import FarmData
from hqgui.polling import count_children
from hqserver.wire.statuses import JobStatus
from tests.models.farm_rows import job_row


@pytest.mark.parametrize(
    ("told", "shown", "at_work", "parts"),
    [
        ("running (3 clients assigned)", JobStatus.RUNNING, 3, [(JobStatus.SUCCEEDED, 0.25)]),
        ("waiting for resources", JobStatus.RUNNABLE, 0, [(JobStatus.SUCCEEDED, 0.25), (JobStatus.RUNNABLE, 0.75)]),
        ("waiting for machine", JobStatus.RUNNABLE, 0, [(JobStatus.SUCCEEDED, 0.25), (JobStatus.RUNNABLE, 0.75)]),
        ("failed", JobStatus.FAILED, 0, [(JobStatus.SUCCEEDED, 0.25)]),
        ("", JobStatus.QUEUED, 0, [(JobStatus.SUCCEEDED, 0.25)]),
        ("something new", JobStatus.QUEUED, 0, [(JobStatus.SUCCEEDED, 0.25)]),
    ],
)
def test_a_tree_shows_what_the_server_says_of_it(
    told: str, shown: str, at_work: int, parts: list[tuple[str, float]]
) -> None:
    farm = FarmData()
    farm.jobs.upsert([job_row(1, status="queued", uiStatus=told, childCount=8, overallProgress=0.25)])
    row = farm.jobs.row_of[1]
    assert job_cells.shown(farm.jobs, row) == shown
    assert job_cells.at_work(farm.jobs, row) == at_work
    assert [tuple(part) for part in job_cells.bar(farm.jobs, row)] == parts


def test_a_leaf_and_what_has_ended_show_their_own_status() -> None:
    farm = FarmData()
    farm.jobs.upsert([
        job_row(1, status="queued", uiStatus="running"),
        job_row(2, status="succeeded", uiStatus="running", childCount=4),
    ])  # fmt: skip
    shown = [job_cells.shown(farm.jobs, farm.jobs.row_of[job]) for job in (1, 2)]
    assert shown == [JobStatus.QUEUED, JobStatus.SUCCEEDED]


def test_only_children_without_children_are_counted() -> None:
    farm = FarmData()
    farm.jobs.upsert([job_row(1, status="queued", childCount=2), job_row(2, status="queued", childCount=2)])
    farm.jobs.upsert([job_row(3, (1,), "succeeded"), job_row(4, (1,), "queued", childCount=9)])
    farm.jobs.upsert([job_row(5, (2,), "succeeded"), job_row(6, (2,), "running")])
    for job in (1, 2):
        count_children(farm, job)
    counts = [dict(farm.jobs.child_counts[farm.jobs.row_of[job]]) for job in (1, 2)]
    assert counts == [{}, {JobStatus.SUCCEEDED: 1, JobStatus.RUNNING: 1}]
