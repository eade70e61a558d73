"""Sums over families are right in random graphs, and each mistake in reckoning them is noticed.

What they should be is counted here from statuses alone, by walking the graph: nothing of `hqserver.core.rollups` is used.
"""

from __future__ import annotations

import copy
import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import pytest

from hqserver.core import families, lives, reading, rollups
from hqserver.core.commands import Refused, Verb
from hqserver.core.farm import Farm
from hqserver.core.records import AttemptState, Job
from hqserver.core.restoring import Remembered, restore
from hqserver.wire.jobs import EXCLUDE_PROGRESS, JobSpec
from hqserver.wire.statuses import FINISHED, JobStatus
from tests.core.world import World

SEEDS, STEPS = 12, 60
UNTIL_NOTICED = 60
"""Seeds within which a mistake must be noticed."""

Totals = list[int] | None


class Families:
    """Users who link jobs to whatever there is, and agents that run them."""

    def __init__(self, seed: int) -> None:
        self.world = World()
        self.chance = random.Random(seed)
        for name in ("a", "b"):
            self.world.hello(name, cpus=2)

    def step(self) -> None:
        """Something happens."""
        happens: Callable[[], None] = self.chance.choices(
            [self._submit, self._link, self._end, self._progress, self._act, self._restart], [4, 6, 8, 2, 3, 1]
        )[0]
        happens()

    def _spec(self) -> JobSpec:
        tags = (EXCLUDE_PROGRESS,) if self.chance.random() < 0.1 else ()
        return JobSpec("job", self.chance.choice(["", "x", "x", "x"]), tags=tags)

    def _some(self, most: int) -> tuple[int, ...]:
        ids = sorted(self.world.farm.jobs)
        return tuple(self.chance.sample(ids, min(len(ids), self.chance.randint(0, most))))

    def _submit(self) -> None:
        children = tuple(self._spec() for _ in range(self.chance.randint(0, 3)))
        self.world.submit(JobSpec("tree", self.chance.choice(["", "x"]), children=children))

    def _link(self) -> None:
        """A new job between existing ones: diamonds come from here."""
        spec = self._spec()
        try:
            self.world.submit(
                JobSpec(spec.name, spec.command, tags=spec.tags, parent_ids=self._some(3), children_ids=self._some(3))
            )
        except Refused:
            self.world.deliver()

    def _running(self) -> list[int]:
        self.world.beat_all()
        return sorted(job for agent in self.world.agents.values() for job in agent.running)

    def _end(self) -> None:
        running = self._running()
        if running:
            seconds = self.chance.choice([0.5, 2.0, 40.0])
            self.world.end(self.chance.choice(running), self.chance.choice([0, 0, 0, 1]), seconds)

    def _progress(self) -> None:
        running = self._running()
        if running:
            self.world.tell_progress(self.chance.choice(running), self.chance.choice([0.25, 0.5, 1.0]), 3.0)

    def _act(self) -> None:
        self.world.act(self.chance.choice([Verb.CANCEL, Verb.RESCHEDULE, Verb.DELETE, Verb.DELETE]), *self._some(2))

    def _restart(self) -> None:
        farm = self.world.farm
        jobs = copy.deepcopy(list(farm.jobs.values()), {id(job.spec): job.spec for job in farm.jobs.values()})
        for job in jobs:
            job.children, job.totals, job.share, job.attempt = {}, None, (), None
        clients = copy.deepcopy(list(farm.clients.values()))
        remembered = Remembered(jobs, clients, [], farm.revision, farm.next_job)
        self.world.farm = restore(farm.settings, remembered, self.world.now)
        for agent in list(self.world.agents.values()):
            self.world.hello(agent.name, boot=agent.boot)

    def check(self) -> None:
        """Each job's counts are those of its distinct descendants, and its parents' counts those of its children."""
        farm = self.world.farm
        for job in farm.jobs.values():
            below = _below(farm, job)
            counted = [item for item in below if _counts(item)]
            done = [item.attempt.ran_seconds for item in counted if item.status is JobStatus.SUCCEEDED and item.attempt]
            mean = sum(done) / len(done) if done else None
            progress = [
                1.0 if item.status is JobStatus.SUCCEEDED else item.progress for item in [*counted, *_self(job)]
            ]
            whole = sum(progress) / len(progress) if progress else float(job.status is JobStatus.SUCCEEDED)
            at_work = sum(item.live_attempt is not None for item in below)
            told = {name: reading.JOB[name](farm, job) for name in ("childCounts", "meanRuntime", "overallProgress")}
            assert told["childCounts"] == Counter(item.status.value for item in counted)
            assert (told["meanRuntime"] is None) is (mean is None)
            assert mean is None or abs(told["meanRuntime"] - mean) < 1e-6
            assert abs(told["overallProgress"] - whole) < 1e-5
            assert (
                (f"({at_work} clients" in reading.JOB["uiStatus"](farm, job)) or not at_work or job.status != "queued"
            )
            children = [farm.jobs[id_] for id_ in job.children]
            assert job.unfinished_children == sum(item.status not in FINISHED for item in children)
            assert job.failed_children == sum(item.status is JobStatus.FAILED for item in children)
            assert job.cancelled_children == sum(item.status is JobStatus.CANCELLED for item in children)


def _counts(job: Job) -> bool:
    return job.spec.has_command and EXCLUDE_PROGRESS not in job.spec.tags


def _self(job: Job) -> list[Job]:
    return [job] if _counts(job) else []


def _below(farm: Farm, job: Job) -> list[Job]:
    found: dict[int, Job] = {}
    left = list(job.children)
    while left:
        id_ = left.pop()
        if id_ not in found:
            found[id_] = farm.jobs[id_]
            left += farm.jobs[id_].children
    return list(found.values())


def noticed(seeds: int) -> bool:
    """Whether random families show within so many seeds that something is wrong."""
    for seed in range(seeds):
        random_families = Families(seed)
        try:
            for _ in range(STEPS):
                random_families.step()
                random_families.check()
        except (AssertionError, KeyError, IndexError):
            return True
    return False


def test_sums_are_those_of_the_distinct_descendants() -> None:
    for seed in range(SEEDS):
        random_families = Families(seed)
        for _ in range(STEPS):
            random_families.step()
            random_families.check()


def _every_path(jobs: Mapping[int, Job], job: Job) -> list[Job]:
    """Ancestors, as often as there are paths to them."""
    found = []
    for id_ in job.parents:
        found += [jobs[id_], *_every_path(jobs, jobs[id_])]
    return found


def _only_parents(jobs: Mapping[int, Job], job: Job) -> list[Job]:
    return [jobs[id_] for id_ in job.parents]


def _add_all(farm: Farm, above: Iterable[Job], child: Job) -> None:
    """As if nothing below were known above already."""
    row = rollups.whole(child)
    for job in above:
        job.totals = rollups.change(job.totals, enumerate(row))


def _add_the_child_alone(farm: Farm, above: Iterable[Job], row: list[int], sign: int) -> None:
    for job in above:
        job.totals = rollups.change(job.totals, [(rollups.DESCENDANTS, sign)])


def _with_repeats(jobs: Mapping[int, Job], job: Job) -> None:
    """A recount that counts shared descendants once for each parent."""
    row = [0] * rollups.WIDTH
    for id_ in job.children:
        row = [a + b for a, b in zip(row, rollups.whole(jobs[id_]), strict=True)]
    job.totals = row


def _wrong_way(parent: Job, status: JobStatus, by: int) -> None:
    if status is JobStatus.FAILED:
        parent.failed_children += abs(by)
    elif status is JobStatus.CANCELLED:
        parent.cancelled_children += abs(by)


_share = rollups.share


def _share_without(index: int) -> Callable[[Job], tuple[int, ...]]:
    def share(job: Job) -> tuple[int, ...]:
        row = list(_share(job))
        row[index] = 0
        return tuple(row)

    return share


def _share_of_all(job: Job) -> tuple[int, ...]:
    """As if every job counted."""
    row = list(_share(job))
    if not row[rollups.COUNTED]:
        row[rollups.COUNTED] = 1
        row[rollups.STATUSES.index(job.status)] = 1
    return tuple(row)


def _share_of_the_live(job: Job) -> tuple[int, ...]:
    """As if an attempt that is over were at work still."""
    row = list(_share(job))
    row[rollups.CLIENTS] = int(job.attempt is not None and job.attempt.state is not AttemptState.ORDERED)
    return tuple(row)


MUTANTS: dict[str, tuple[object, str, object]] = {
    "a change goes up once for each path": (rollups, "ancestors", _every_path),
    "a change goes to parents alone": (rollups, "ancestors", _only_parents),
    "a link adds what is known above already": (families, "_gain", _add_all),
    "a link adds nothing of what is below": (families, "_add", _add_the_child_alone),
    "a link with shared jobs adds nothing": (families, "_gain", lambda farm, above, child: None),
    "what is removed is not counted anew": (families, "_recount", lambda farm, jobs: None),
    "a recount counts shared jobs twice": (rollups, "recount", _with_repeats),
    "counts of ends only grow": (lives, "count_child", _wrong_way),
    "jobs without progress count": (rollups, "share", _share_of_all),
    "run times are forgotten": (rollups, "share", _share_without(rollups.DONE_MS)),
    "nobody is at work": (rollups, "share", _share_without(rollups.CLIENTS)),
    "who has ended is at work": (rollups, "share", _share_of_the_live),
    "progress is forgotten": (rollups, "share", _share_without(rollups.PROGRESS)),
    "several parents are not told": (rollups, "share", _share_without(rollups.SHARED)),
}


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_mistake_is_noticed(monkeypatch: pytest.MonkeyPatch, mutant: str) -> None:
    where, name, instead = MUTANTS[mutant]
    monkeypatch.setattr(where, name, instead)
    assert noticed(UNTIL_NOTICED)
