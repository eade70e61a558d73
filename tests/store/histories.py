"""A farm with a random but repeatable history, and pictures of records to compare.

The same seed gives the same gathers, in this process and in any other: so whoever knows how far a database came knows
what must be in it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from hqserver.core.commands import (
    AddNote,
    AskForUpgrade,
    CallClients,
    CreateGroup,
    CreateResource,
    DeleteFolder,
    DeleteGroup,
    DeleteResource,
    MailDone,
    MarkHandled,
    NoteProblem,
    Refused,
    RemoveClients,
    RemoveNotes,
    RemoveThreads,
    RenameGroup,
    SetAmount,
    SetConditions,
    SetDescription,
    SetDisabled,
    SetFolder,
    SetMember,
    SetOverride,
    SetPriority,
    SetRules,
    Submit,
    Unblock,
    Verb,
)
from hqserver.core.farm import Farm
from hqserver.core.kept import Kept
from hqserver.core.records import Attempt, Client, Job, Submission
from hqserver.core.restoring import Remembered
from hqserver.core.state import Changes
from hqserver.store.tables import KEPT
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import Hook, JobSpec
from tests.core.world import World

ODD_TEXTS = ("", "plain", 'ü\n"quoted"', "渲染 🎬", "a" * 3000)
_COMMANDS: tuple[str | Mapping[str, str], ...] = (
    "",
    "render",
    "render --frame 7",
    {"linux": "render", "windows": "render.exe"},
)
_NAMES = ("a", "b", "c")


class History:
    """Random users and agents. Each gather that is to be written is given to `keep`."""

    def __init__(self, seed: int, keep: Callable[[Changes], None] = lambda changes: None) -> None:
        self.keep = keep
        self.world = World()
        self._chance = random.Random(seed)
        self._boots = 0
        self.follow(self.world.farm)

    def arrive(self) -> None:
        """Two agents say hello."""
        self.world.hello("a", cpus=3)
        self.world.hello("b", cpus=1)

    def follow(self, farm: Farm) -> None:
        """Go on with this farm: what it was restored to after a restart."""
        take = farm.take_changes

        def take_and_keep() -> Changes:
            changes = take()
            if changes.stored:
                self.keep(changes)
            return changes

        farm.take_changes = take_and_keep  # type: ignore[method-assign]
        self.world.farm = farm
        for agent in list(self.world.agents.values()):
            self.world.hello(agent.name, boot=agent.boot)

    @property
    def farm(self) -> Farm:
        """As it is now."""
        return self.world.farm

    def step(self) -> None:
        """Something happens; first of all, agents arrive."""
        if not self.world.agents:
            self.arrive()
            return
        does, weights = zip(*_STEPS, strict=True)
        self._chance.choices(does, weights)[0](self)

    def some(self, most: int = 3) -> list[int]:
        """A few job ids."""
        ids = sorted(self.farm.jobs)
        return self._chance.sample(ids, min(len(ids), self._chance.randint(0, most)))

    def spec(self, depth: int = 2) -> JobSpec:
        """A specification with something of everything."""
        chance = self._chance
        children = tuple(self.spec(depth - 1) for _ in range(chance.randint(0, 3))) if depth else ()
        return JobSpec(
            name=chance.choice(ODD_TEXTS) or "nameless",
            command=chance.choice(_COMMANDS),
            environment=chance.choice([{}, {"B": "2", "A": chance.choice(ODD_TEXTS)}]),
            priority=chance.randint(0, 5),
            cpus=chance.choice([1, 1, 2]),
            tries_left=chance.randint(0, 1),
            tags=chance.choice([(), ("single",), ("single:x", "mine")]),
            conditions=chance.choice([(), (Condition("hostname", "in", "a, b"),)]),
            description=chance.choice(ODD_TEXTS),
            frame=chance.choice([None, 7, "0007"]),
            lease=chance.choice([None, 600.0]),
            hooks=chance.choice(
                [{}, {}, {Hook.ON_SUCCESS: "s", Hook.ON_ERROR: {"linux": "e"}}, dict.fromkeys(Hook, "h")]
            ),
            resources=chance.choice([{}, {}, {"licence": 1}]),
            max_time=chance.choice([None, 60.0]),
            stub_id=chance.choice(["", "/out/a"]),
            email_to=chance.choice([(), ("anna@example.org",)]),
            email_reasons=("running", "failed", "succeeded"),
            extra=chance.choice([{}, {"mine": [1, None, {"deep": "x"}]}]),
            children=children,
        )

    def submit(self) -> None:
        """A tree, perhaps between jobs that are there: diamonds come from here."""
        spec = replace(self.spec(), parent_ids=tuple(self.some(2)), children_ids=tuple(self.some(2)))
        key = self._chance.choice(["", f"key {self.farm.next_submission}"])
        command = Submit((spec,), user="anna", key=key, fingerprint="f" if key else "", warnings=(("odd",),))
        try:
            self.world.apply(command)
        except Refused:
            self.world.deliver()

    def submit_large(self) -> None:
        """One that is stored in slices before anybody sees it."""
        command = Submit((JobSpec("large", children=tuple(JobSpec(f"part {n}", "render") for n in range(600))),))
        staging = self.farm.stage(command, self.world.now)
        for part in self.farm.slices(staging, self.world.now):
            self.keep(part)
        ids = self.farm.activate(staging, self.world.now)
        self.world.deliver()
        self.world.act(Verb.CANCEL, *ids)
        self.world.act(Verb.DELETE, *ids)

    def act(self) -> None:
        """What people do to jobs."""
        self.world.act(self._chance.choice(list(Verb)), *self.some())

    def rank(self) -> None:
        """Another priority for some."""
        self.world.apply(SetPriority(tuple(self.some()), self._chance.randint(0, 9)))

    def disable(self) -> None:
        """A client out of service or back."""
        self.world.apply(SetDisabled(self._chance.choice(_NAMES), self._chance.choice([True, False, False])))

    def arrange(self) -> None:
        """Something about groups, resources or clients is changed, or refused."""
        chance = self._chance
        group, client = chance.randint(1, 4), chance.randint(1, 4)
        name = chance.choice(ODD_TEXTS)
        command = chance.choice(
            [
                CreateGroup(name),
                RenameGroup(group, name),
                DeleteGroup(group),
                SetMember(group, client, member=chance.random() < 0.7),
                SetMember(group, client, member=True),
                CreateResource(name, chance.randint(0, 9), per_machine=chance.random() < 0.5),
                SetAmount(name, chance.randint(0, 9)),
                DeleteResource(name),
                SetDescription(client, name),
                SetRules(client, chance.choice([(), (Rule(days=(1, 5), start=60, end=30, idle_minutes=5), Rule())])),
                SetOverride(client, chance.choice(list(Override)), self.world.time + chance.choice([1, 5000])),
                AskForUpgrade((client,)),
                RemoveClients((client,)),
                CallClients((client,), leave=chance.random() < 0.5),
                *(Unblock(job) for job in self.some(1)),
                AddNote(name, group, None, None, "anna"),
                AddNote(name, None, None, client),
                *(AddNote(name, None, job, None, "anna") for job in self.some(2)),
                RemoveThreads((group,)),
                RemoveNotes((group, client)),
                MarkHandled((group, client), chance.random() < 0.5),
                NoteProblem(chance.choice([None, client]), name, name, name, client),
                SetFolder("HQROOT", name, "", "\\\\nas\\hq", "H:"),
                DeleteFolder("HQROOT"),
                MailDone(group),
                *(SetConditions(job, (Condition("hostname:name", "in", "a,b:"),)) for job in self.some(1)),
            ]
        )
        try:
            self.world.apply(command)
        except Refused:
            self.world.deliver()

    def beat(self) -> None:
        """Everybody calls in."""
        self.world.beat_all()

    def end(self) -> None:
        """A command ends."""
        running = sorted(job for agent in self.world.agents.values() for job in agent.running)
        if running:
            self.world.end(self._chance.choice(running), self._chance.choice([0, 0, 0, 1]))

    def silence(self) -> None:
        """Time passes and nobody says anything."""
        self.world.tick(self._chance.choice([1, 50, 400, 1000]))

    def restart(self) -> None:
        """An agent, or its machine, is started (again)."""
        self._boots += 1
        self.world.hello(self._chance.choice(_NAMES), cpus=2, boot=self._chance.choice(["boot", f"boot{self._boots}"]))


_STEPS: tuple[tuple[Callable[[History], None], int], ...] = (
    (History.submit, 30),
    (History.submit_large, 1),
    (History.act, 25),
    (History.rank, 5),
    (History.disable, 5),
    (History.arrange, 25),
    (History.beat, 20),
    (History.end, 60),
    (History.silence, 5),
    (History.restart, 5),
)

Picture = dict[str, dict[Any, Any]]


def picture(
    jobs: Iterable[Job],
    clients: Iterable[Client],
    submissions: Iterable[Submission],
    kept: Mapping[Kept, Iterable[Any]],
) -> Picture:
    """Everything of the records that is to be found again after a restart."""
    return {
        **{
            str(kind): {item.id: {name: getattr(item, name) for name in KEPT[kind].names} for item in items}
            for kind, items in kept.items()
        },
        "jobs": {job.id: _job(job) for job in jobs},
        "clients": {client.id: {name: getattr(client, name) for name in _CLIENT} for client in clients},
        "submissions": {item.id: {name: getattr(item, name) for name in _SUBMISSION} for item in submissions},
    }


def picture_of_farm(farm: Farm) -> Picture:
    """Of the live records."""
    return picture(
        farm.jobs.values(),
        farm.clients.values(),
        farm.submissions.values(),
        {kind: records.values() for kind, records in farm.kept.items()},
    )


def picture_of(remembered: Remembered) -> Picture:
    """Of what was loaded."""
    return picture(remembered.jobs, remembered.clients, remembered.submissions, remembered.kept)


def differences(found: Picture, expected: Picture) -> list[str]:
    """Where two pictures differ, for a message that can be read."""
    return [
        f"{kind} {id_} {name}: {mine.get(name)!r} instead of {other.get(name)!r}"
        for kind in expected
        for id_ in found[kind].keys() | expected[kind].keys()
        for mine, other in ((found[kind].get(id_, {}), expected[kind].get(id_, {})),)
        for name in mine.keys() | other.keys()
        if mine.get(name) != other.get(name)
    ]


def _job(job: Job) -> dict[str, Any]:
    row = {name: getattr(job, name) for name in _JOB}
    row["spec"] = replace(job.spec, children=(), children_ids=(), parent_ids=())
    row["attempts"] = [_attempt(attempt) for attempt in job.attempts]
    row["parents"], row["log"] = list(job.parents), list(job.log)
    return row


def _attempt(attempt: Attempt) -> dict[str, Any]:
    row = asdict(attempt)
    del row["lease_until"], row["revision"]
    return row


# What is worked out anew at every start, or is never written by itself, is not here.
_JOB = (
    "submission", "submitted_by", "queued_at", "priority", "tries_left", "status", "progress", "progress_at",
    "started_at", "ended_at", "verdict", "ending", "show_blocked_warning", "times_lost", "warnings", "revision",
)  # fmt: skip
_CLIENT = (
    "agent", "name", "boot", "version", "agent_version", "port", "ip", "disabled", "description", "draining", "groups",
    "rules", "override", "override_until", "upgrade_asked",
)  # fmt: skip
_SUBMISSION = ("key", "fingerprint", "ids", "at", "first_id", "count", "first_revision")
