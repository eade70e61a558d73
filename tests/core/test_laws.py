"""Laws that hold after any sequence of events: property tests of the whole core."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from hqserver.core import reading, rollups
from hqserver.core.commands import Refused, SetDisabled, SetPriority, Verb
from hqserver.core.kept import FOLLOWED, Kept
from hqserver.core.records import AttemptState, Job
from hqserver.core.restoring import Remembered, restore
from hqserver.wire.jobs import EXCLUDE_PROGRESS, Hook, JobSpec
from hqserver.wire.statuses import FINISHED, JobStatus
from tests.core.audited import differences
from tests.core.world import World

hooks = st.sampled_from([{}, {}, dict.fromkeys(Hook, "hook"), {Hook.ON_SUCCESS: {"windows": "hook"}}])
leaf = st.builds(
    JobSpec,
    name=st.just("leaf"),
    command=st.sampled_from(["", "x", "x"]),
    cpus=st.sampled_from([1, 1, 1, 2]),
    tries_left=st.sampled_from([0, 0, 1]),
    priority=st.integers(0, 3),
    tags=st.sampled_from([(), (), (EXCLUDE_PROGRESS,), ("single",), ("single:a",)]),
    hooks=hooks,
)
tree = st.recursive(
    leaf,
    lambda inner: st.builds(
        JobSpec,
        name=st.just("parent"),
        command=st.sampled_from(["", "x"]),
        children=st.lists(inner, max_size=3).map(tuple),
        hooks=hooks,
    ),
    max_leaves=5,
)


class Laws(RuleBasedStateMachine):
    """Random users and random agents."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.boots = 0
        self.fixed: dict[int, tuple[JobSpec, list[Any]]] = {}

    @initialize()
    def two_agents(self) -> None:
        self.world.hello("a", cpus=2)
        self.world.hello("b", cpus=1)

    def pick(self, data: st.DataObject, most: int = 3) -> list[int]:
        ids = sorted(self.world.farm.jobs)
        return data.draw(st.lists(st.sampled_from(ids), max_size=most)) if ids else []

    @rule(spec=tree)
    def submit(self, spec: JobSpec) -> None:
        self.world.submit(spec)

    @rule(spec=leaf, data=st.data())
    def submit_between(self, spec: JobSpec, data: st.DataObject) -> None:
        """A new job below and above existing ones: diamonds come from here."""
        parents, children = self.pick(data, 2), self.pick(data, 2)
        linked = JobSpec(
            spec.name, spec.command, hooks=spec.hooks, parent_ids=tuple(parents), children_ids=tuple(children)
        )
        before = {id_: (list(job.parents), list(job.children)) for id_, job in self.world.farm.jobs.items()}
        try:
            self.world.submit(linked)
        except Refused:
            assert before == {id_: (list(job.parents), list(job.children)) for id_, job in self.world.farm.jobs.items()}

    @rule(verb=st.sampled_from(list(Verb)), data=st.data())
    def act(self, verb: Verb, data: st.DataObject) -> None:
        self.world.act(verb, *self.pick(data))

    @rule(priority=st.integers(0, 5), data=st.data())
    def set_priority(self, priority: int, data: st.DataObject) -> None:
        self.world.apply(SetPriority(tuple(self.pick(data)), priority))

    @rule(label=st.sampled_from(["a", "b"]), disabled=st.booleans())
    def set_disabled(self, label: str, disabled: bool) -> None:
        self.world.apply(SetDisabled(label, disabled))

    @rule()
    def everybody_calls_in(self) -> None:
        self.world.beat_all()

    @precondition(lambda self: any(agent.running for agent in self.world.agents.values()))
    @rule(data=st.data(), exit_code=st.sampled_from([0, 0, 0, 1]), seconds=st.sampled_from([0.5, 1.0, 10.0]))
    def a_command_ends(self, data: st.DataObject, exit_code: int, seconds: float) -> None:
        self.world.end(data.draw(st.sampled_from(self.running())), exit_code, seconds)

    @precondition(lambda self: any(agent.running for agent in self.world.agents.values()))
    @rule(data=st.data(), progress=st.sampled_from([0.0, 0.25, 0.5, 1.0]), seconds=st.sampled_from([0, 4]))
    def a_command_tells_its_progress(self, data: st.DataObject, progress: float, seconds: int) -> None:
        self.world.tell_progress(data.draw(st.sampled_from(self.running())), progress, seconds)

    def running(self) -> list[int]:
        return sorted(job for agent in self.world.agents.values() for job in agent.running)

    @rule(seconds=st.sampled_from([1, 50, 400, 1000]))
    def silence(self, seconds: int) -> None:
        self.world.tick(seconds)

    @rule(name=st.sampled_from(["a", "b"]))
    def an_agent_is_restarted(self, name: str) -> None:
        agent = next(agent for agent in self.world.agents.values() if agent.name == name)
        self.world.hello(name, cpus=2 if name == "a" else 1, boot=agent.boot)

    @rule(name=st.sampled_from(["a", "b"]))
    def a_machine_is_rebooted(self, name: str) -> None:
        self.boots += 1
        self.world.hello(name, cpus=2 if name == "a" else 1, boot=f"boot{self.boots}")

    @invariant()
    def cpus_are_never_exceeded(self) -> None:
        for client in self.world.farm.clients.values():
            live = list(client.attempts.values())
            assert client.cpus_used == sum(attempt.cpus for attempt in live) <= client.machine.cpus
            jobs = [self.world.farm.jobs[attempt.job] for attempt in live]
            assert not any("single" in job.spec.tags for job in jobs) or len(jobs) == 1
            assert sum("single:a" in job.spec.tags for job in jobs) <= 1

    @invariant()
    def one_live_attempt_and_it_stands_with_its_client(self) -> None:
        for job in self.world.farm.jobs.values():
            live = [attempt for attempt in job.attempts if attempt.state is not AttemptState.OVER]
            assert len(live) <= 1
            assert [attempt.number for attempt in job.attempts] == list(range(1, len(job.attempts) + 1))
            if job.hook is not None:
                assert not live
                assert job.hooks.due
                live = [job.hook]
            for attempt in live:
                assert self.world.farm.clients[attempt.client].attempts[job.id] is attempt
                assert job.status not in FINISHED
            if job.status in (JobStatus.RUNNING, JobStatus.PAUSING, JobStatus.RESUMING, JobStatus.ABANDONED):
                assert live

    @invariant()
    def what_the_specification_decides_changes_with_it_alone(self) -> None:
        farm = self.world.farm
        for job in farm.jobs.values():
            values = [reading.JOB[name](farm, job) for name in sorted(reading.FIXED)]
            spec, former = self.fixed.setdefault(job.id, (job.spec, values))
            assert former == values or spec is not job.spec
            self.fixed[job.id] = job.spec, values

    @invariant()
    def the_audit_finds_nothing(self) -> None:
        assert differences(self.world.farm) == []

    @invariant()
    def hooks_run_once_each_and_before_the_end(self) -> None:
        for job in self.world.farm.jobs.values():
            assert len(set(job.hooks.ran)) == len(job.hooks.ran)
            assert not set(job.hooks.ran) & set(job.hooks.due)
            assert bool(job.hooks.due) == (job.hooks.outcome is not None)
            if job.status in FINISHED:
                assert not job.hooks.due
                assert job.hook is None
            if job.status is JobStatus.QUEUED:
                assert job.hook is None

    @invariant()
    def tries_are_counted_down(self) -> None:
        for job in self.world.farm.jobs.values():
            assert 0 <= job.tries_left <= job.spec.tries_left

    @invariant()
    def a_parent_never_ends_before_its_children(self) -> None:
        jobs = self.world.farm.jobs
        for job in jobs.values():
            unfinished = [id_ for id_ in job.children if jobs[id_].status not in FINISHED]
            assert job.unfinished_children == len(unfinished)
            if job.status in FINISHED:
                assert not unfinished
            if job.status is JobStatus.RUNNABLE and job.live_attempt is None:
                assert not unfinished
                assert job.spec.has_command or job.hooks.due

    @invariant()
    def totals_are_what_counting_anew_gives(self) -> None:
        jobs = self.world.farm.jobs
        for job in jobs.values():
            assert job.share == rollups.share(job)
            below = list(rollups.descendants(jobs, job))
            row = (
                [sum(values) for values in zip(*(child.share for child in below), strict=True)]
                if below
                else [0] * rollups.WIDTH
            )
            assert (job.totals or [0] * rollups.WIDTH) == row
            assert len({child.id for child in below}) == len(below)
            self.formulas(job, below)

    def formulas(self, job: Job, below: list[Job]) -> None:
        counted = [j for j in (job, *below) if j.spec.has_command and EXCLUDE_PROGRESS not in j.spec.tags]
        done = [1.0 if j.status is JobStatus.SUCCEEDED else j.progress for j in counted]
        expected = sum(done) / len(done) if done else float(job.status is JobStatus.SUCCEEDED)
        assert abs(rollups.overall_progress(job) - expected) < 1e-6
        assert sum(rollups.child_counts(job).values()) == sum(j in counted for j in below)
        self.remaining_time(job, below, counted)

    def remaining_time(self, job: Job, below: list[Job], counted: list[Job]) -> None:
        """What is left, at the mean of what is done below (else beside it, else foreseen), over the clients at work."""
        left = sum(1.0 - j.progress for j in counted if j.status not in FINISHED)
        clients = sum(j.live_attempt is not None for j in (job, *below))
        mean = self.mean_runtime(job, counted)
        told = rollups.eta(job, self.world.farm.jobs)
        if job.status in FINISHED or not left or not clients or mean is None:
            assert told == -1
        else:
            assert abs(told - left * mean / clients) <= 1.0

    def mean_runtime(self, job: Job, counted: list[Job]) -> float | None:
        jobs = self.world.farm.jobs
        done = runtimes(counted)
        if not done and job.parents:
            parent = jobs[job.parents[0]]
            done = runtimes([parent, *rollups.descendants(jobs, parent)])
        if done:
            return sum(done) / len(done)
        seen = [
            (j.progress, j.progress_at - j.live_attempt.started_at)
            for j in counted
            if j.live_attempt is not None
            and j.live_attempt.state is AttemptState.STARTED
            and j.live_attempt.started_at is not None
            and j.progress_at is not None
            and j.progress
        ]
        return sum(seconds for _, seconds in seen) / sum(progress for progress, _ in seen) if seen else None

    @invariant()
    def nothing_that_could_run_waits_and_every_waiting_job_says_why(self) -> None:
        farm = self.world.farm
        for job in farm.jobs.values():
            waits = job.status in (JobStatus.QUEUED, JobStatus.RUNNABLE, JobStatus.PAUSED)
            if waits and job.status is not JobStatus.PAUSED:
                assert reading.JOB["waitingFor"](farm, job)
                assert reading.JOB["waitingCode"](farm, job)
            if job.status not in (JobStatus.QUEUED, JobStatus.RUNNABLE, JobStatus.PAUSED):
                assert not reading.JOB["waitingFor"](farm, job)
            if job.status is JobStatus.RUNNABLE and job.live_attempt is None and not job.attempts and not job.spec.tags:
                for client in farm.clients.values():
                    usable = client.online and not (client.disabled or client.resting)
                    free = farm.planner.holder_of(client.id) is None
                    assert not (usable and free) or client.machine.cpus - client.cpus_used < job.spec.cpus

    @invariant()
    def roots_and_indexes_are_right(self) -> None:
        farm = self.world.farm
        roots = {job.id for job in farm.jobs.values() if not job.parents}
        finished = {id_ for id_ in roots if farm.jobs[id_].status in FINISHED}
        assert set(farm.finished_roots) == finished
        assert set(farm.unfinished_roots) == roots - finished
        for job in farm.jobs.values():
            assert job.id in farm.jobs_of_status[job.status]
            assert job.root == (farm.jobs[job.parents[0]].root if job.parents else job.id)
        assert sum(map(len, farm.jobs_of_status.values())) == len(farm.jobs)

    @invariant()
    def a_follower_sees_what_there_is(self) -> None:
        farm = self.world.farm
        seen: set[tuple[str, int]] = set()
        since, more = 0, True
        while more:
            page = farm.change_log.page(since, 3, farm.revision)
            seen.update(page.keys)
            since, more = page.next_since, page.more
        records: dict[str, dict[int, Any]] = {
            "jobs": farm.jobs, "clients": farm.clients, **{kind: farm.kept[kind] for kind in FOLLOWED}
        }  # fmt: skip
        present = {key for key in seen if key[1] in records[key[0]]}
        assert present == {(kind, id_) for kind, rows in records.items() for id_ in rows}

    @invariant()
    def a_restart_gives_the_same_farm(self) -> None:
        farm = self.world.farm
        jobs = copy.deepcopy(list(farm.jobs.values()), {id(job.spec): job.spec for job in farm.jobs.values()})
        for job in jobs:
            job.children, job.totals, job.share, job.attempt = {}, None, (), None
        kept = {kind: copy.deepcopy(list(records.values())) for kind, records in farm.kept.items()}
        for thread in kept[Kept.THREADS]:
            thread.notes = []
        clients = copy.deepcopy(list(farm.clients.values()))
        remembered = Remembered(jobs, clients, [], farm.revision, farm.next_job, kept=kept)
        again = restore(farm.settings, remembered, self.world.now)
        names = set(reading.JOB) - {"clients", "clientsOnHold", "waitingFor", "waitingCode", "revision"}
        for id_, job in farm.jobs.items():
            assert row(again, id_, names) == row(farm, id_, names), job


def runtimes(jobs: list[Job]) -> list[float]:
    """Seconds that those that succeeded and count took."""
    counted = [j for j in jobs if j.spec.has_command and EXCLUDE_PROGRESS not in j.spec.tags]
    return [j.attempts[-1].ran_seconds or 0.0 for j in counted if j.status is JobStatus.SUCCEEDED]


def row(farm: Any, id_: int, names: set[str]) -> dict[str, Any]:
    return {name: reading.JOB[name](farm, farm.jobs[id_]) for name in names}


TestLaws = Laws.TestCase
TestLaws.settings = settings(
    max_examples=200, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
