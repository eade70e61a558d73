"""A farm that lives through random events, drawn from one seed, and what must hold after each of them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from hqserver.core import blocking, explaining, fitting
from hqserver.core.commands import (
    CreateGroup,
    CreateResource,
    DeleteGroup,
    DeleteResource,
    Refused,
    ReleaseHolds,
    RenameGroup,
    SetAmount,
    SetConditions,
    SetDisabled,
    SetMember,
    SetOverride,
    SetPriority,
    SetRules,
    Unblock,
    Verb,
)
from hqserver.core.lines import Kind
from hqserver.core.planner import Assignment, Planner
from hqserver.core.records import Job
from hqserver.core.service import is_usable
from hqserver.core.wants import Rank, labels
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import SINGLE, JobSpec
from hqserver.wire.reasons import Reason
from hqserver.wire.statuses import JobStatus
from tests.core.audited import differences
from tests.core.world import World

NAMES = ("a", "b", "c.studio.net", "d", "e")
GROUPS = ("Sim", "Render", "Ghost")
COMMANDS: tuple[str | dict[str, str], ...] = ("x", "x", "x", {"linux": "x"}, {"windows": "x"}, "")
RESOURCES = ("tape", "licence", "nowhere")
UNSTEADY = 5
"""On one farm of so many, by its seed, agents leave when their jobs are done, or connect anew again and again."""


class RandomFarm(World):
    """Users, operators, agents and time, all at random."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        self.chance = random.Random(seed)
        self.cpus = {name: self.chance.choice([1, 2, 4, 8]) for name in NAMES}
        self.boots = 0
        # A partial, not a closure: a copy of this world must plan with its own planner.
        self.farm.planner.run = partial(_watched, self)  # type: ignore[method-assign]
        self._events: list[tuple[int, Callable[[], Any]]] = [
            (8, self._submit),
            (10, self._beat),
            (10, self._end),
            (3, self._act),
            (2, self._hello),
            (1, self._silence),
            (2, self._client_settings),
            (2, self._groups),
            (2, self._resources),
            (1, self._job_settings),
            (1, self._blocked),
            (1, self._release),
        ]
        if seed % UNSTEADY == 1:
            self._events += [(2, self._leave), (1, self._flap)]
        for name in NAMES[:2]:
            self.hello(name, self.cpus[name])

    def event(self) -> None:
        """Something happens."""
        weights = [weight for weight, _ in self._events]
        happens = self.chance.choices([event for _, event in self._events], weights)[0]
        try:
            happens()
        except Refused:
            self.farm.finish(self.now)
            self.deliver()

    def _submit(self) -> None:
        chance = self.chance
        children = tuple(self._spec() for _ in range(chance.choice([0, 0, 1, 3])))
        top = self._spec()
        self.submit(JobSpec(**{**_fields(top), "children": children}))

    def _spec(self) -> JobSpec:
        chance = self.chance
        least = chance.choice([1, 1, 1, 1, 2, 3])
        wanted = {} if chance.random() < 0.6 else {chance.choice(RESOURCES): chance.choice([1, 1, 2, 5])}
        return JobSpec(
            "job",
            chance.choice(COMMANDS),
            priority=chance.choice([0, 0, 0, 5]),
            cpus=chance.choice([1, 1, 1, 2, 4, 16]),
            tries_left=chance.choice([0, 0, 2]),
            tags=chance.choice([(), (), (), (SINGLE,), ("single:a",), ("single:b",)]),
            conditions=self._conditions() if chance.random() < 0.3 else (),
            resources=wanted,
            min_hosts=least,
            max_hosts=least + chance.choice([0, 0, 2]),
        )

    def _conditions(self) -> tuple[Condition, ...]:
        chance = self.chance
        name = chance.choice(["hostname", "hostname:name", "group", "group", "os"])
        pool = {"group": GROUPS, "os": ("linux", "windows"), "hostname:name": ("a:", "b:x", "c")}.get(name, NAMES)
        values = chance.sample(pool, chance.choice([1, min(2, len(pool))]))
        op = chance.choice(["==", "!=", "in", "not_in", "any"])
        value = values[0] if op in ("==", "!=") else ", ".join(values)
        return (Condition(name, op, value),)

    def _beat(self) -> None:
        if self.agents:
            self.beat(self.chance.choice(list(self.agents)), self.chance.choice([0, 1, 20]))

    def _end(self) -> None:
        running = [job for agent in self.agents.values() for job in agent.running]
        if running:
            self.end(self.chance.choice(running), self.chance.choice([0, 0, 0, 1]))

    def _act(self) -> None:
        jobs = list(self.farm.jobs)
        if jobs:
            self.act(self.chance.choice(list(Verb)), *self.chance.sample(jobs, min(2, len(jobs))))

    def _hello(self) -> None:
        name = self.chance.choice(NAMES)
        if self.chance.random() < 0.3:
            self.boots += 1
        platform = "windows-x86_64" if name == "d" else "linux-x86_64"
        self.hello(name, self.cpus[name], platform, boot=f"boot{self.boots}")

    def _silence(self) -> None:
        self.tick(self.chance.choice([50, 400, 1000]))

    def _leave(self) -> None:
        at_work = [client for client, agent in self.agents.items() if agent.running]
        if at_work:
            client = self.chance.choice(at_work)
            self.agents[client].draining = True
            self.beat(client)

    def _flap(self) -> None:
        client = self.farm.clients[self._client()]
        for _ in range(self.farm.settings.reconnects_limit + 1):
            self.hello(client.hostname, client.machine.cpus, client.machine.platform, boot=client.boot)

    def _client(self) -> int:
        while not self.farm.clients:
            self._hello()
        return self.chance.choice(list(self.farm.clients))

    def _client_settings(self) -> None:
        chance, client = self.chance, self.farm.clients[self._client()]
        draw = chance.random()
        if draw < 0.5:
            self.apply(SetDisabled(client.label, chance.random() < 0.4))
        elif draw < 0.75:
            until = self.time + 500 if chance.random() < 0.5 else None
            self.apply(SetOverride(client.id, chance.choice([Override.NONE, Override.NONE, *Override]), until))
        else:
            rules = chance.choice([(), (), (Rule(start=60, end=120),), (Rule(idle_minutes=30),)])
            self.apply(SetRules(client.id, rules))

    def _groups(self) -> None:
        chance, groups = self.chance, self.farm.groups
        draw = chance.random()
        if draw < 0.3 or not groups:
            self.apply(CreateGroup(chance.choice(GROUPS)))
        elif draw < 0.9:
            self.apply(SetMember(chance.choice(list(groups)), self._client(), chance.random() < 0.7))
        elif draw < 0.95:
            self.apply(DeleteGroup(chance.choice(list(groups))))
        else:
            self.apply(RenameGroup(chance.choice(list(groups)), chance.choice(GROUPS)))

    def _resources(self) -> None:
        chance = self.chance
        name = chance.choice(RESOURCES[:2])
        draw = chance.random()
        if draw < 0.4:
            self.apply(CreateResource(name, chance.choice([1, 3]), name == "licence"))
        elif draw < 0.9:
            self.apply(SetAmount(name, chance.choice([0, 1, 2, 6])))
        else:
            self.apply(DeleteResource(name))

    def _job_settings(self) -> None:
        jobs = list(self.farm.jobs)
        if jobs:
            job = self.chance.choice(jobs)
            if self.chance.random() < 0.5:
                self.apply(SetPriority((job,), self.chance.choice([0, 3, 9])))
            else:
                self.apply(SetConditions(job, self._conditions()))

    def _blocked(self) -> None:
        roots = [job for job in self.farm.jobs.values() if not job.parents]
        if roots:
            root = self.chance.choice(roots)
            if self.chance.random() < 0.4:
                self.apply(Unblock(root.id))
                return
            over = self.farm.settings.client_failure_limit + 1
            root.client_failures = {**root.client_failures, self._client(): over}
            self.farm.touch_job(root)
            blocking.remember(self.farm, root)
            family = [job for job in self.farm.jobs.values() if job.root == root.id]
            self.farm.planner.blocked_changed(root.id, family)
            self.farm.finish(self.now)
            self.deliver()

    def _release(self) -> None:
        held = [kind.held_for for kind in self.farm.planner.holds.holders()]
        if held:
            self.apply(ReleaseHolds((self.chance.choice(held),)))

    def waiting(self) -> list[Job]:
        """Jobs that wait for a client."""
        jobs = self.farm.jobs.values()
        return [job for job in jobs if job.status is JobStatus.RUNNABLE and job.live_attempt is None]

    def paused(self) -> list[Job]:
        """Jobs that were paused before they began."""
        jobs = self.farm.jobs.values()
        return [job for job in jobs if job.status is JobStatus.PAUSED and job.live_attempt is None]

    def could_run(self, before: Rank) -> list[tuple[Kind, Rank]]:
        """Kinds whose first job goes before this rank and could start now."""
        kinds = {id(line[0]): line[0] for job in self.waiting() if (line := self.farm.planner.kind_of(job)) is not None}
        firsts = [(kind, first) for kind in kinds.values() if (first := kind.first()) is not None and first < before]
        return [(kind, first) for kind, first in firsts if self.fits(kind, first)]

    def fits(self, kind: Kind, rank: Rank) -> bool:
        """Whether there are the clients and resources for a job of this kind and rank."""
        farm, least = self.farm, kind.wants.least
        fit = [id_ for id_, client in farm.clients.items() if not fitting.reasons(farm, kind, rank, client)]
        units = Counter(id_ for resource in farm.resources.values() for id_ in resource.clients)
        fit.sort(key=lambda id_: -units[id_])  # there a resource that is counted per machine costs nothing
        return len(fit) >= least and farm.planner.lack(kind, rank, tuple(fit[:least])) is None

    def check(self) -> None:
        """What holds after every event."""
        assert not self.farm.planner.goes_round
        self._nothing_is_exceeded()
        self._everybody_says_why()
        self._a_planner_from_scratch_finds_nothing_more()
        self._holds_are_sound()
        assert differences(self.farm) == [], differences(self.farm)

    def _nothing_is_exceeded(self) -> None:
        farm = self.farm
        for client in farm.clients.values():
            held = [attempt.cpus for attempt in client.attempts.values()]
            held += [attempt.helpers[client.id] for attempt in client.helps.values()]
            assert client.cpus_used == sum(held) <= client.machine.cpus
            jobs = [farm.jobs[id_] for id_ in (*client.attempts, *client.helps)]
            assert len(jobs) == len({job.id for job in jobs})
            assert len(jobs) <= 1 or not any(SINGLE in job.spec.tags for job in jobs)
            marked = [label for job in jobs for label in labels(job.spec)]
            assert len(marked) == len(set(marked))
        for resource in farm.resources.values():
            holders = [job for job in farm.jobs.values() if job.live_attempt and resource.name in job.spec.resources]
            assert resource.jobs.keys() <= {job.id for job in holders}
            assert resource.in_use <= resource.amount
            if not resource.per_machine:
                assert resource.in_use == sum(resource.jobs.values())
            else:
                assert resource.in_use == len(resource.clients)
        for job in farm.jobs.values():
            attempt = job.live_attempt
            if attempt is not None:
                assert len(attempt.clients) == len(set(attempt.clients)) >= job.spec.min_hosts
                assert len(attempt.clients) <= max(job.spec.min_hosts, job.spec.max_hosts)

    def _everybody_says_why(self) -> None:
        farm = self.farm
        for job in farm.jobs.values():
            told = explaining.waiting(farm, job)
            waits = job.status in (JobStatus.QUEUED, JobStatus.RUNNABLE) or (
                job.status is JobStatus.PAUSED and job.live_attempt is None
            )
            assert bool(told.code) is bool(told.text) is waits, (job.id, job.status, told)
            findings = explaining.explain(farm, job, self.now).findings
            assert findings[0].text
            named = sorted(id_ for finding in findings for id_ in finding.clients)
            assert named == sorted(farm.clients), (job.id, findings)
            assert all(finding.code is not Reason.NEXT for finding in findings), f"job {job.id} could run"
            if waits:
                assert told == (findings[0].code, findings[0].text), (job.id, findings)

    def _a_planner_from_scratch_finds_nothing_more(self) -> None:
        """Everything that could run does: a planner that looks at all there is starts nothing."""
        farm, own = self.farm, self.farm.planner
        fresh = Planner(farm)
        fresh.blocked = own.blocked
        farm.planner = fresh  # type: ignore[misc]
        try:
            for choice in own.pools.choices():
                fresh.pools.select(choice)
            for client in farm.clients.values():
                fresh.client_changed(client)
            for job in farm.jobs.values():
                fresh.consider(job)
            for id_, kind in own.holds.holder.items():
                line = fresh.kind_of(farm.jobs[kind.held_for])
                assert line is not None
                fresh.holds.adopt(line[0], line[1], farm.clients[id_])
            for job, clients in fresh.run():
                held = [client.id for client in clients if own.holder_of(client.id) is not None]
                assert held, f"job {job.id} could run on {[client.id for client in clients]}"
                break  # what is held, and for whom, follows from the past too
        finally:
            farm.planner = own  # type: ignore[misc]

    def _holds_are_sound(self) -> None:
        planner = self.farm.planner
        for id_, kind in planner.holds.holder.items():
            client = self.farm.clients[id_]
            assert is_usable(client)
            first = kind.first()
            assert first is not None
            assert first[3] == kind.held_for
            assert id_ in kind.holds
            assert len(kind.holds) <= kind.wants.least
            assert not kind.parked
            assert kind.held_for not in planner.holds.waived


class ScarceFarm(RandomFarm):
    """The same, of wide jobs that all lack resources: what wakes and parks each other most."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        del self.farm.planner.run  # not watched, so many can live

    def _spec(self) -> JobSpec:
        chance = self.chance
        names = [] if chance.random() < 0.15 else chance.sample(RESOURCES, chance.choice([1, 1, 1, 2]))
        least = chance.choice([1, 1, 2, 2, 3])
        return JobSpec(
            "job",
            "x",
            priority=chance.choice([0, 0, 0, 5]),
            cpus=chance.choice([1, 1, 1, 2, 4]),
            tries_left=chance.choice([0, 2]),
            tags=chance.choice([(), (), (), (SINGLE,), ("single:a",)]),
            conditions=self._conditions() if chance.random() < 0.2 else (),
            resources={name: chance.choice([1, 1, 2, 5]) for name in names},
            min_hosts=least,
            max_hosts=least + chance.choice([0, 0, 2]),
        )


def _watched(world: RandomFarm) -> Iterator[Assignment]:
    """What the planner gives, if no job is passed over: none that goes before could start, and cannot any more."""
    for job, clients in Planner.run(world.farm.planner):
        found = world.farm.planner.kind_of(job)
        assert found is not None
        before = world.could_run(found[1])
        yield job, clients
        for kind, rank in before:
            given = [client.id for client in clients]
            assert world.fits(kind, rank), f"job {rank[3]} goes first and could run until job {job.id} got {given}"


def codes(farm: RandomFarm, job: Job) -> set[Reason]:
    """The codes that are told of a job."""
    return {finding.code for finding in explaining.explain(farm.farm, job, farm.now).findings}


def _fields(spec: JobSpec) -> dict[str, Any]:
    return {name: getattr(spec, name) for name in JobSpec.__slots__}
