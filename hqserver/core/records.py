"""What the farm remembers: jobs, attempts, clients as plain objects in RAM.

These are the only mutable objects of the core. Only `hqserver.core` writes them; the API's read table and the store
read them. Every record that is persistent carries `revision`, the number of its last change (`farm.touch`).

Times: `wall` seconds since the epoch (UTC) are stored and shown; `monotonic` seconds decide leases and timeouts and
mean nothing after a restart.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, NamedTuple

from hqserver.core.kept import Folder
from hqserver.wire.agent import Machine
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override
from hqserver.wire.jobs import Hook, JobSpec
from hqserver.wire.statuses import JobStatus


class Instant(NamedTuple):
    """Now, as the shell saw it: `wall` for what is stored, `monotonic` for what is decided."""

    wall: float
    monotonic: float


class LogEntry(NamedTuple):
    """A line of a job's status log. `number` counts from 1 within the job."""

    number: int
    at: float
    event: str
    status: str
    client: str
    message: str


@unique
class AttemptState(StrEnum):
    """Where an attempt stands. Only one attempt of a job is ever live (anything but over)."""

    ORDERED = "ordered"
    """Allotted and on its way to the client; its cpus count as taken."""
    STARTED = "started"
    OVER = "over"


@dataclass(slots=True)
class Attempt:
    """One execution of a job's command on a client."""

    job: int
    number: int
    client: int
    cpus: int
    """On that client."""
    ordered_at: float
    state: AttemptState = AttemptState.ORDERED
    started_at: float | None = None
    ended_at: float | None = None
    paused: bool = False
    ending: str = ""
    """Why it was asked to end (an `EndReason`), until its end is confirmed."""
    reason: str = ""
    """Why it is over (an `EndReason`)."""
    exit_code: int | None = None
    signal: int | None = None
    ran_seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0
    output_bytes: int = 0
    cut_bytes: int = 0
    message: str = ""
    helpers: dict[int, int] = field(default_factory=dict)
    """The other clients that were given to it, and how many cpus it holds on each."""
    lease: float = 0.0
    """Seconds."""
    lease_until: float = 0.0
    """Monotonic. Before it (and a grace) no other attempt may be allotted without proof that this one is over."""
    log_base: int = 0
    """Of a hook: bytes in the log that it goes on with, before its own."""
    revision: int = 0

    @property
    def clients(self) -> tuple[int, ...]:
        """All clients that it holds, the one that runs the command first."""
        return (self.client, *self.helpers)


@dataclass(frozen=True, slots=True)
class Hooks:
    """Where a job stands with its hooks (`hqserver.core.hooks`)."""

    due: tuple[Hook, ...] = ()
    """Still to run before it goes on; the first is running, or waits for a client."""
    outcome: JobStatus | None = None
    """What becomes of the job then: an end, or runnable for another try."""
    message: str = ""
    """How that came."""
    ran: tuple[Hook, ...] = ()
    """Over, since the job's command was last started."""
    count: int = 0
    """That were ever started."""
    output_bytes: int = 0
    """What hooks have written into the newest log."""


NO_HOOKS: Final = Hooks()


@dataclass(slots=True, eq=False)
class Job:
    """A job: its specification (replaced as a whole by `farm.respecify`) and its life."""

    id: int
    spec: JobSpec
    submission: int
    """Number of the call that brought it."""
    submitted_by: str
    queued_at: float
    priority: int
    tries_left: int
    root: int
    """Its root job, through first parents; its own id for a root."""
    status: JobStatus
    parents: list[int] = field(default_factory=list)
    """In order of attachment."""
    children: dict[int, None] = field(default_factory=dict)
    unfinished_children: int = 0
    failed_children: int = 0
    cancelled_children: int = 0
    progress: float = 0.0
    progress_at: float | None = None
    """Wall time of the last progress, the evidence for ETA."""
    started_at: float | None = None
    """When it or one of its descendants first started."""
    ended_at: float | None = None
    verdict: JobStatus | None = None
    """How its command ended while children were unfinished: it ends so, with them, without running again."""
    ending: str = ""
    """What it is being ended for (an `EndReason`) until its client confirms."""
    attempt: Attempt | None = None
    """Its newest attempt, live or over."""
    attempts: list[Attempt] = field(default_factory=list)
    """All of them, oldest first."""
    hooks: Hooks = NO_HOOKS
    hook: Attempt | None = None
    """The hook that is on a client now. It is an attempt with a number of its own (from `HOOKS_FROM` on)."""
    log: list[LogEntry] = field(default_factory=list)
    show_blocked_warning: bool = False
    client_failures: Mapping[int, int] = field(default_factory=dict)
    """Of a root: attempts of its family that failed, by client (`hqserver.core.blocking`)."""
    times_lost: int = 0
    ran_well_on: tuple[int, ...] = ()
    """Of a root: two clients, or fewer, on which a job of its family has succeeded (`hqserver.core.sickness`)."""
    warnings: tuple[str, ...] = ()
    share: tuple[int, ...] = ()
    """What it adds to the totals of each of its ancestors (`hqserver.core.rollups`)."""
    totals: list[int] | None = None
    """Sums of the shares of its distinct descendants; None for a job that never had a child."""
    revision: int = 0

    @property
    def live_attempt(self) -> Attempt | None:
        """What it has on a client now: the hook, or the attempt that is not over, if any."""
        if self.hook is not None:
            return self.hook
        newest = self.attempt
        return newest if newest is not None and newest.state is not AttemptState.OVER else None


class QuickFailure(NamedTuple):
    """An attempt that failed right after its start."""

    job: int
    attempt: int
    at: float
    how: str


@dataclass(slots=True, eq=False)
class Client:
    """A machine, or one named agent on it, that runs jobs."""

    id: int
    agent: str
    """The agent's own id."""
    name: str
    machine: Machine
    boot: str
    version: str
    """Hash of the agent's code."""
    port: int
    ip: str
    agent_version: str = ""
    """Of the release, for people."""
    disabled: bool = False
    description: str = ""
    heartbeat_at: float | None = None
    """Wall time; kept in RAM, stored now and then."""
    heard_monotonic: float = 0.0
    """When it called in last; when the server started, if it did not since."""
    silence_due: float = 0.0
    """When its silence is looked at next, monotonic."""
    clock_skew: float = 0.0
    online: bool = False
    draining: bool = False
    session: str = ""
    """Of its current session; empty: none since the server started."""
    proved: bool = False
    """Whether an exchange of that session came: it shows that the agent hears answers."""
    hello_at: float = 0.0
    """When the hello of that session was sent, on the clock of the client that runs since its boot."""
    hello_clock: float | None = None
    """The same on its clock on the wall."""
    former_boots: tuple[str, ...] = ()
    """Some boots before the current one."""
    reconnects: tuple[float, ...] = ()
    """When it connected anew lately, monotonic."""
    rests: int = 0
    """How often in a row it was given a rest."""
    rest_until: float = 0.0
    """Monotonic."""
    resting: bool = False
    """It gets no new jobs, since it comes and goes or fails them at once (`hqserver.core.flapping`)."""
    failed_at_once: int = 0
    """How many jobs in a row failed here right after their start, since the server started."""
    cpus_used: int = 0
    attempts: dict[int, Attempt] = field(default_factory=dict)
    """Live attempts by job id."""
    helps: dict[int, Attempt] = field(default_factory=dict)
    """Live attempts of other clients for which this one was given too, by job id."""
    failures: int = 0
    out_of_service: str = ""
    """Why the farm itself disabled it: the evidence; empty when it did not."""
    quick_failures: dict[int, QuickFailure] = field(default_factory=dict)
    """By root job, the newest attempt that failed here right after its start (`hqserver.core.sickness`)."""
    groups: tuple[int, ...] = ()
    """Ids, ascending."""
    rules: tuple[Rule, ...] = ()
    """When it is available."""
    rules_hold: bool = True
    """What the rules say now (`hqserver.core.availability` keeps it up to date)."""
    override: Override = Override.NONE
    override_until: float | None = None
    """Wall time at which the override ends by itself; None: it does not."""
    override_at: float | None = None
    """Wall time at which the override was said last, here or at the machine; None: never."""
    override_stamp: str = ""
    """By which farm and agent know that they mean the same saying."""
    upgrade_asked: bool = False
    revision: int = 0

    @property
    def hostname(self) -> str:
        """The machine's name."""
        return self.machine.hostname

    @property
    def label(self) -> str:
        """`hostname`, or `hostname:name` for a named client."""
        return f"{self.hostname}:{self.name}" if self.name else self.hostname


@dataclass(slots=True)
class Submission:
    """A call of `newjob`: what it made, and the key by which the same call is recognised."""

    id: int
    key: str
    fingerprint: str
    """Hash of the specification: the same key with another body is refused."""
    ids: tuple[int, ...]
    """Of the jobs that were specified at the top."""
    at: float
    first_id: int = 0
    count: int = 0
    """Jobs that it made, nested ones too; their ids are `first_id` and the next ones."""
    first_revision: int = 0
    complete: bool = True
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Settings:
    """What the farm's decisions depend on. Seconds."""

    lease: float = 900.0
    lease_grace: float = 48.0
    """2 % of the lease and 30 s for killing."""
    heartbeat: float = 15.0
    offline_after: float = 45.0
    """Silence after which a client gets no new work."""
    abandon_after: float = 300.0
    reconnects_limit: int = 3
    """How often a client may connect anew within ten minutes before it is given a rest; 0: any number."""
    most_losses: int = 3
    """Clients lost under one job until it fails."""
    most_losses_at_once: int = 9
    """How often a job may be lost right after its start, wherever that is, until it fails."""
    quick_failure: float = 10.0
    """An attempt that fails within this time of its start speaks against its client."""
    sick_roots: int = 3
    """Of so many root jobs, until the client is taken out of service."""
    sick_memory: float = 86400.0
    """How long that is held against a client."""
    end_grace: float = 10.0
    client_failure_limit: int = 3
    """Failed attempts of one root's family on a client, beyond which it gets no more of them; 0: no limit."""
    hook_time: float = 3600.0
    """How long a hook may run."""
    folders: tuple[Folder, ...] = ()
    """Network folders that the configuration names; those of the farm's own win."""
    automatic_notes: bool = True
    most_automatic_notes: int = 20_000
    """In the whole farm; what people write is not counted."""
    agent_code: str = ""
    """Version of the agent that belongs to this server; empty: nobody knows."""
    mail_from: str = ""
    """Sender of mails; empty: none are sent."""
    mail_to: tuple[str, ...] = ()
    """Who gets the mails of the server itself."""
    extra: Mapping[str, str] = field(default_factory=dict)
