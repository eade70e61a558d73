"""Records of the farm beside jobs and clients: groups, resources and what else is few and small.

All of them go the same way: `farm.touch(kind, record)` stamps the next revision, tells followers of the change feed if
the kind is followed, and has the row written; `farm.drop(kind, record)` takes it away. A new kind is a class here, a
member of `Kept`, a dict in the farm, a shape in the store's tables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, Protocol


@unique
class Kept(StrEnum):
    """The kinds. The value is the name of the kind's table and, if it is followed, of its rows in the change feed."""

    GROUPS = "groups"
    RESOURCES = "resources"
    FORMER_CLIENTS = "former_clients"
    THREADS = "threads"
    NOTES = "notes"
    PROBLEMS = "problems"
    FOLDERS = "folders"
    MAILS = "mails"


FOLLOWED: Final = frozenset({Kept.GROUPS, Kept.RESOURCES, Kept.THREADS})
"""Told by the change feed."""


class Record(Protocol):
    """What every kept record has."""

    id: int
    revision: int


@dataclass(slots=True, eq=False)
class Group:
    """A client group. Who is a member is stored with the clients."""

    id: int
    name: str
    revision: int = 0
    clients: dict[int, None] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Resource:
    """Something of which the farm has only so many.

    Per job, each job takes the amount that it asks for. Per machine, one unit serves every job on the machine.
    """

    id: int
    name: str
    amount: int
    per_machine: bool
    revision: int = 0
    in_use: int = 0
    jobs: dict[int, int] = field(default_factory=dict)
    """What each job asked for, by job id."""
    clients: dict[int, int] = field(default_factory=dict)
    """How many jobs on a client hold it, by client id."""

    def would_take(self, clients: Sequence[int], amount: int) -> int:
        """How many units a further job on these clients costs."""
        return sum(id_ not in self.clients for id_ in clients) if self.per_machine else amount

    def take(self, job: int, clients: Sequence[int], amount: int) -> None:
        """A job on these clients holds it from now on."""
        self.in_use += self.would_take(clients, amount)
        self.jobs[job] = amount
        for id_ in clients:
            self.clients[id_] = self.clients.get(id_, 0) + 1

    def release(self, job: int, clients: Sequence[int]) -> bool:
        """The job holds it no longer; whether it did."""
        amount = self.jobs.pop(job, None)
        if amount is None:
            return False
        left = 0
        for id_ in clients:
            self.clients[id_] -= 1
            if not self.clients[id_]:
                del self.clients[id_]
                left += 1
        self.in_use -= left if self.per_machine else amount
        return True


@dataclass(slots=True, eq=False)
class Note:
    """One note. An automatic one has no author and grows while the same goes on."""

    id: int
    thread: int
    at: float
    text: str
    author: str
    automatic: bool
    revision: int = 0


@dataclass(slots=True, eq=False)
class Thread:
    """Notes about a job, about a client, or about nothing. It has at least one note."""

    id: int
    job: int | None
    client: int | None
    handled: bool = False
    revision: int = 0
    notes: list[Note] = field(default_factory=list)
    """Oldest first."""


@dataclass(slots=True, eq=False)
class Problem:
    """An error of the server or of a client: the same one is counted, not kept again."""

    id: int
    client: int | None
    """None: the server's own."""
    key: str
    """What makes two errors the same."""
    message: str
    """As it was said last."""
    traceback: str
    count: int
    first_at: float
    last_at: float
    revision: int = 0


@dataclass(slots=True, eq=False)
class Folder:
    """A network folder: where jobs find it on each platform, under an environment variable of this name."""

    id: int
    name: str
    linux: str = ""
    macosx: str = ""
    windows: str = ""
    """As a UNC path, or as `windows_mount` where there is none."""
    windows_mount: str = ""
    """Drive letter on workstations."""
    revision: int = 0

    def path(self, platform: str, *, mounted: bool = False) -> str:
        """Where it is on `linux`, `macosx` or `windows`; `mounted`: as a drive letter on Windows."""
        if platform == "windows":
            return (self.windows_mount or self.windows) if mounted else (self.windows or self.windows_mount)
        return self.macosx if platform == "macosx" else self.linux


@dataclass(slots=True, eq=False)
class Mail:
    """A mail that is to be sent; the record goes when the mail server has taken it."""

    id: int
    job: int | None
    """None: a mail of the server itself."""
    reason: str
    to: tuple[str, ...]
    subject: str
    body: str
    at: float
    revision: int = 0


@dataclass(slots=True, eq=False)
class FormerClient:
    """What is still known of a client that was removed: jobs that ran on it name it."""

    id: int
    hostname: str
    name: str
    ip: str
    revision: int = 0

    @property
    def label(self) -> str:
        """`hostname`, or `hostname:name` for a named client."""
        return f"{self.hostname}:{self.name}" if self.name else self.hostname
