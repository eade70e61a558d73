"""Records of the farm beside jobs and clients: groups, resources and what else is few and small.

All of them go the same way: `farm.touch(kind, record)` stamps the next revision, tells followers of the change feed if
the kind is followed, and has the row written; `farm.drop(kind, record)` takes it away. A new kind is a class here, a
member of `Kept`, a dict in the farm, a shape in the store's tables.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, Protocol


@unique
class Kept(StrEnum):
    """The kinds. The value is the name of the kind's table and, if it is followed, of its rows in the change feed."""

    GROUPS = "groups"
    RESOURCES = "resources"
    FORMER_CLIENTS = "former_clients"


FOLLOWED: Final = frozenset({Kept.GROUPS, Kept.RESOURCES})
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
    """What each job took, by job id."""
    clients: dict[int, int] = field(default_factory=dict)
    """How many jobs on a client hold it, by client id."""

    def would_take(self, client: int, amount: int) -> int:
        """How many units a further job on this client costs."""
        return int(client not in self.clients) if self.per_machine else amount

    def take(self, job: int, client: int, amount: int) -> None:
        """A job on this client holds it from now on."""
        self.in_use += self.would_take(client, amount)
        self.jobs[job] = amount
        self.clients[client] = self.clients.get(client, 0) + 1

    def release(self, job: int, client: int) -> None:
        """The job holds it no longer; nothing happens when it never did."""
        amount = self.jobs.pop(job, None)
        if amount is None:
            return
        left = self.clients[client] - 1
        if left:
            self.clients[client] = left
        else:
            del self.clients[client]
        self.in_use -= int(not left) if self.per_machine else amount


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
