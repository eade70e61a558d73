"""What may be asked of the farm: one frozen value for each thing that changes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique

from hqserver.wire.agent import Exchange, Hello
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
class SetDisabled:
    """Take a client out of service or back, by its label. Answers False for an unknown label."""

    label: str
    disabled: bool
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
class Tick:
    """Time has passed: leases, silent clients. The shell gives one when `Farm.next_deadline` has come."""


Command = Submit | Act | SetPriority | SetDisabled | Register | Receive | Tick


class Refused(Exception):
    """The farm refuses a command; nothing was changed. `code` is HTTP-like; the text is for the caller."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
