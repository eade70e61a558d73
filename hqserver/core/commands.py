"""What may be asked of the farm: one frozen value for each thing that changes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any

from hqserver.wire.agent import Exchange, Hello
from hqserver.wire.availability import Rule
from hqserver.wire.clients import Override
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec


@unique
class Verb(StrEnum):
    """The actions on linked jobs."""

    PAUSE = "pause"
    RESUME = "resume"
    RESCHEDULE = "reschedule"
    CANCEL = "cancel"
    DELETE = "delete"
    EJECT = "eject"


@dataclass(frozen=True, slots=True)
class Submit:
    """Answers the ids of `specs`, in their order (tuple of int).

    Raises `Refused` for an unknown parent or child (404), a cycle (422), a key that was used for something else (409).
    """

    specs: tuple[JobSpec, ...]
    parent: int | None = None
    children: tuple[int, ...] = ()
    user: str = ""
    key: str = ""
    fingerprint: str = ""
    warnings: tuple[tuple[str, ...], ...] = ()
    """For each of `specs`, what was noticed about it."""


@dataclass(frozen=True, slots=True)
class Act:
    """Do this to the jobs and those linked to them. Unknown ids are ignored. Answers how many jobs it changed."""

    verb: Verb
    ids: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetPriority:
    """Of the jobs and all their unfinished descendants. Answers how many jobs it changed."""

    ids: tuple[int, ...]
    priority: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetAttribs:
    """Change fields of the specifications of jobs that wait. Unknown ids are ignored. Answers how many jobs it changed.

    Raises `Refused` 409 when one of the jobs runs or has ended, 422 when the changes contradict its specification.
    """

    ids: tuple[int, ...]
    changes: Mapping[str, Any]
    """By name of the field of `JobSpec`."""
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetBlockedWarning:
    """Whether a job warns of blocked clients. Raises `Refused` 404."""

    job: int
    shown: bool
    user: str = ""


@dataclass(frozen=True, slots=True)
class Unblock:
    """Every client may run jobs of this job's family again, whatever failed there. Raises `Refused` 404."""

    job: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetDisabled:
    """Take a client out of service or back, by its label. Answers False for an unknown label."""

    label: str
    disabled: bool
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetDescription:
    """Of a client. Raises `Refused` 404."""

    client: int
    text: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetRules:
    """The availability rules of a client. Raises `Refused` 404."""

    client: int
    rules: tuple[Rule, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetOverride:
    """Of a client, until a wall time or until it is set again. Raises `Refused` 404, or 422 for a time that is past."""

    client: int
    override: Override
    until: float | None = None
    user: str = ""


@dataclass(frozen=True, slots=True)
class RemoveClients:
    """Forget clients that are gone; what they still held is queued again. Unknown ids are ignored.

    Answers how many were removed. Raises `Refused` 409 when one of them is online: it would come back at once.
    """

    clients: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class AskForUpgrade:
    """Mark clients for upgrade. Unknown ids are ignored. Answers how many were marked."""

    clients: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class CallClients:
    """Have the agents of these clients call in at once, or leave for good when their jobs are done (`leave`).

    Unknown ids, and clients that are offline, are passed over. Answers how many were told.
    """

    clients: tuple[int, ...]
    leave: bool = False
    user: str = ""


@dataclass(frozen=True, slots=True)
class CreateGroup:
    """Answers the id of the new client group. Raises `Refused` 409 when there is one of this name."""

    name: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class RenameGroup:
    """Raises `Refused` 404, or 409 when there is another of this name."""

    group: int
    name: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class DeleteGroup:
    """Raises `Refused` 404."""

    group: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetMember:
    """Make a client a member of a group, or none any more. Raises `Refused` 404 for an unknown group or client."""

    group: int
    client: int
    member: bool
    user: str = ""


@dataclass(frozen=True, slots=True)
class CreateResource:
    """Answers the id of the new resource. Raises `Refused` 409 when there is one of this name."""

    name: str
    amount: int
    per_machine: bool
    user: str = ""


@dataclass(frozen=True, slots=True)
class SetAmount:
    """Of a resource. Raises `Refused` 404, or 409 when more are in use."""

    name: str
    amount: int
    user: str = ""


@dataclass(frozen=True, slots=True)
class DeleteResource:
    """Raises `Refused` 404, or 409 when some are in use."""

    name: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class AddNote:
    """To the thread of the client, else of the job, else to the thread; else to a new one. Answers the note's id."""

    text: str
    thread: int | None
    job: int | None
    client: int | None
    user: str = ""
    author: str = ""
    """Who wrote it, by their own words; empty: the one who calls."""


@dataclass(frozen=True, slots=True)
class RemoveThreads:
    """With all their notes. Answers the ids of those that there are not (list of int)."""

    threads: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class RemoveNotes:
    """A thread goes with its last note. Answers the ids of those that there are not (list of int)."""

    notes: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class MarkHandled:
    """Threads as dealt with, or not. Unknown ids are ignored. Answers how many changed."""

    threads: tuple[int, ...]
    handled: bool
    user: str = ""


@dataclass(frozen=True, slots=True)
class NoteProblem:
    """An error happened so many times, in the server or on a client. Unknown clients are ignored."""

    client: int | None
    key: str
    message: str
    traceback: str = ""
    count: int = 1


@dataclass(frozen=True, slots=True)
class SetFolder:
    """A network folder, new or changed."""

    name: str
    linux: str
    macosx: str
    windows: str
    windows_mount: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class DeleteFolder:
    """Raises `Refused` 404; one of `hqserver.ini` has to be deleted there."""

    name: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class MailDone:
    """A mail was taken by the mail server, or was given up."""

    mail: int


@dataclass(frozen=True, slots=True)
class SetConditions:
    """Of a job: they replace all that it had. Raises `Refused` 404."""

    job: int
    conditions: tuple[Condition, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class PermitClients:
    """Let these clients, and those of these groups, run the job beside those that may. Raises `Refused` 404."""

    job: int
    clients: tuple[int, ...]
    groups: tuple[int, ...] = ()
    user: str = ""


@dataclass(frozen=True, slots=True)
class ReleaseHolds:
    """Let go of the clients on hold for these jobs. Unknown ids are ignored. Answers how many clients were let go."""

    jobs: tuple[int, ...]
    user: str = ""


@dataclass(frozen=True, slots=True)
class Register:
    """An agent says hello. Answers the client's id. Raises `Refused` 409 when another live agent has the name."""

    hello: Hello
    session: str
    ip: str
    clock_skew: float = 0.0


@dataclass(frozen=True, slots=True)
class Receive:
    """Reports and heartbeat of an agent (its output is stored by the shell before). Answers the client's id.

    Raises `Refused` 410 for an unknown session.
    """

    exchange: Exchange


@dataclass(frozen=True, slots=True)
class Fenced:
    """The site's own command was to switch a client's machine off. Answers whether its jobs were given up."""

    client: int
    heard: float
    """When the client had been heard last as that began, monotonic."""
    dead: bool
    """Whether the command has proved that nothing runs there any more."""
    told: str
    """How it ended, and its last words."""


@dataclass(frozen=True, slots=True)
class Tick:
    """Time has passed: leases, silent clients. The shell gives one when `Farm.next_deadline` has come."""


Command = (
    Submit
    | Act
    | SetPriority
    | SetConditions
    | PermitClients
    | ReleaseHolds
    | SetAttribs
    | SetBlockedWarning
    | Unblock
    | SetDisabled
    | SetDescription
    | SetRules
    | SetOverride
    | RemoveClients
    | AskForUpgrade
    | CallClients
    | CreateGroup
    | RenameGroup
    | DeleteGroup
    | SetMember
    | CreateResource
    | SetAmount
    | DeleteResource
    | AddNote
    | RemoveThreads
    | RemoveNotes
    | MarkHandled
    | NoteProblem
    | SetFolder
    | DeleteFolder
    | MailDone
    | Register
    | Receive
    | Fenced
    | Tick
)


class Refused(Exception):
    """The farm refuses a command; nothing was changed. `code` is HTTP-like; the text is for the caller."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
