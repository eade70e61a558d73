"""The audit notices each way in which the farm may differ from its records. That it is quiet else, the laws show."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hqserver.core import audit
from hqserver.core.commands import CreateGroup, CreateResource, SetMember
from hqserver.core.farm import Farm
from hqserver.core.records import Instant
from hqserver.wire.jobs import JobSpec
from hqserver.wire.statuses import JobStatus
from tests.core.audited import differences
from tests.core.world import World

ROOT, RUNNING, WAITING, FINISHED = 1, 2, 3, 4


@pytest.fixture
def farm() -> Farm:
    """A root with a running, a waiting and a finished job below it; a group and a resource in use."""
    world = World()
    client = world.hello("a", cpus=1)
    world.apply(CreateResource("licence", 1, per_machine=False))
    world.apply(SetMember(world.apply(CreateGroup("group")), client, member=True))
    specs = (JobSpec("running", "x", resources={"licence": 1}), JobSpec("waiting", "x"), JobSpec("done", ""))
    world.submit(JobSpec("root", "", children=specs))
    assert {id_: job.status for id_, job in world.farm.jobs.items()} == {
        ROOT: JobStatus.QUEUED,
        RUNNING: JobStatus.RUNNABLE,
        WAITING: JobStatus.RUNNABLE,
        FINISHED: JobStatus.SUCCEEDED,
    }
    world.beat(client)
    assert differences(world.farm) == []
    return world.farm


def _set(farm: Farm, id_: int, **values: object) -> None:
    for name, value in values.items():
        setattr(farm.jobs[id_], name, value)


BREAKS: dict[str, Callable[[Farm], object]] = {
    "job 3 is not among the runnable ones": lambda farm: farm.jobs_of_status[JobStatus.RUNNABLE].pop(WAITING),
    "3 jobs have a status, and there are 4": lambda farm: farm.jobs_of_status[JobStatus.RUNNABLE].pop(WAITING),
    "job 1 has a child 9 that does not know it": lambda farm: farm.jobs[ROOT].children.update({9: None}),
    "job 3 has a parent 1 that does not know it": lambda farm: farm.jobs[ROOT].children.pop(WAITING),
    "job 3 belongs to root 9": lambda farm: _set(farm, WAITING, root=9),
    "job 1 is no root as told": lambda farm: farm.unfinished_roots.clear(),
    "job 4 is no root as told": lambda farm: farm.finished_roots.update({FINISHED: None}),
    "job 2 adds (": lambda farm: _set(farm, RUNNING, progress=0.5),
    "job 1 counts [3, 0, 0] unfinished": lambda farm: _set(farm, ROOT, unfinished_children=3),
    "job 1 counts [2, 1, 0] unfinished": lambda farm: _set(farm, ROOT, failed_children=1),
    "job 1 counts [2, 0, 1] unfinished": lambda farm: _set(farm, ROOT, cancelled_children=1),
    "job 1 has the totals": lambda farm: _set(farm, ROOT, totals=None),
    "job 3 is runnable and does not stand in line": lambda farm: farm.planner.forget(WAITING),
    "job 1 waits for children, and all": lambda farm: _set(farm, ROOT, unfinished_children=0),
    "job 4 is succeeded, and something": lambda farm: _set(farm, FINISHED, unfinished_children=1),
    "job 2 is running without an attempt": lambda farm: _set(farm, RUNNING, status=JobStatus.RUNNING, attempt=None),
    "job 2 has attempt 1 on client 1": lambda farm: farm.clients[1].attempts.clear(),
    "job 2 has attempts [1, 1]": lambda farm: farm.jobs[RUNNING].attempts.append(farm.jobs[RUNNING].attempts[0]),
    "job 4 is succeeded, its log": lambda farm: farm.jobs[FINISHED].log.append(farm.jobs[RUNNING].log[0]),
    "client 1 has 5 cpus in use; its jobs make 1": lambda farm: setattr(farm.clients[1], "cpus_used", 5),
    "client 1 holds attempt 1 of job 3": lambda farm: farm.clients[1].attempts.update(
        {WAITING: farm.clients[1].attempts[RUNNING]}
    ),
    "client 1 is not found by its name": lambda farm: farm.client_of_label.clear(),
    "client 1 is in a group that": lambda farm: farm.groups[1].clients.clear(),
    "group 1 has a client that": lambda farm: setattr(farm.clients[1], "groups", ()),
    "group 1 is not found by its name": lambda farm: farm.group_of_name.clear(),
    "resource 'licence' is not found": lambda farm: farm.resource_of_name.clear(),
    "resource 'licence' has 4 in use": lambda farm: setattr(farm.resources[1], "in_use", 4),
    "resource 'licence' is held by job 3": lambda farm: farm.resources[1].jobs.update({WAITING: 0}),
}


@pytest.mark.parametrize("found", BREAKS)
def test_it_notices(farm: Farm, found: str) -> None:
    BREAKS[found](farm)
    told = differences(farm)
    assert any(text.startswith(found) for text in told), told


def test_it_notices_what_the_clock_should_have_brought_about(farm: Farm) -> None:
    farm.jobs[RUNNING].attempts[0].lease_until = 0.0
    told = audit.overdue(farm, Instant(1e6, 1e6))
    beginnings = ("what was due ", "client 1 is online after ", "job 2 is alive ")
    assert len(told) == len(beginnings)
    assert all(text.startswith(start) for text, start in zip(told, beginnings, strict=True)), told
    assert audit.overdue(farm, Instant(1000.0, 1000.0)) != told


def test_what_changes_while_it_is_counted_is_counted_again() -> None:
    """A family of more jobs than are counted in one go, in which a job ends in between."""
    world = World()
    world.hello("a", cpus=1)
    (root,) = world.submit(JobSpec("root", "", children=tuple(JobSpec(str(n), "x") for n in range(600))))
    work = audit.of_job(world.farm, world.job(root))
    next(work)
    world.beat(1)
    world.end(root + 1)
    turns = 1
    while True:
        try:
            next(work)
            turns += 1
        except StopIteration as done:
            assert done.value == []
            break
    assert turns > 600 / 250, "it was counted once more"
