"""What `explainJob` answers, as values that views and words are made from. Dates are seconds since the epoch."""

from __future__ import annotations

from calendar import timegm
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from hqgui.models.wire_values import wire_seconds
from hqserver.wire.reasons import Reason

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of the server's API."""

    function: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Fix:
    """Calls that take a reason away, and how many clients fit then."""

    code: str
    calls: tuple[Call, ...]
    clients: int


@dataclass(frozen=True, slots=True)
class Running:
    """A job that is in the way."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class ClientLine:
    """A client under a reason."""

    id: int
    label: str
    status: str
    jobs: tuple[Running, ...]
    held_for: Running | None
    heartbeat: int | None
    clears_at: int | None
    about: bool
    fixes: tuple[Fix, ...]


@dataclass(frozen=True, slots=True)
class GroupLine:
    """Clients of one group that are not permitted."""

    id: int | None
    name: str
    count: int
    states: Mapping[str, int]
    fix: Fix | None


@dataclass(frozen=True, slots=True)
class ResourceLine:
    """The resource that is lacking."""

    name: str
    asked: int
    amount: int
    in_use: int
    holders: tuple[Running, ...]
    holder_count: int


@dataclass(frozen=True, slots=True)
class HeldLine:
    """A client on hold for the job."""

    id: int
    label: str
    since: int | None


@dataclass(frozen=True, slots=True)
class ReasonLine:
    """A reason and the clients that are counted under it."""

    code: str
    text: str
    of_job: bool
    count: int
    states: Mapping[str, int]
    clears: str
    clears_at: int | None
    about: bool
    fixes: tuple[Fix, ...]
    groups: tuple[GroupLine, ...]
    items: tuple[ClientLine, ...]
    resource: ResourceLine | None
    held: tuple[HeldLine, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What the job asks for."""

    cpus: int = 1
    single: bool = False
    tags: tuple[str, ...] = ()
    resources: Mapping[str, int] = field(default_factory=dict)
    min_hosts: int = 1
    priority: int = 0
    conditions: tuple[Row, ...] = ()
    inherits: bool = False
    permitted: int = 0
    heirs: int = 0


@dataclass(frozen=True, slots=True)
class Why:
    """The whole answer."""

    job: int
    status: str
    since: int | None
    verdict: str
    total: int
    eligible: int
    eligible_clients: frozenset[int]
    needs: Needs
    reasons: tuple[ReasonLine, ...]
    best: tuple[int, int] | None

    @property
    def best_fix(self) -> tuple[ReasonLine, Fix] | None:
        """The fix to try first, and the reason that it takes away."""
        if self.best is None:
            return None
        reason = self.reasons[self.best[0]]
        return reason, reason.fixes[self.best[1]]

    @property
    def waits(self) -> bool:
        """Whether it stands in line, so that clients have reasons of their own."""
        return bool(self.reasons) and self.reasons[0].code not in _STATES


_STATES = frozenset(
    {
        Reason.CHILDREN,
        Reason.PAUSED,
        Reason.CANCELLING,
        Reason.STARTING,
        Reason.LOST_CLIENT,
        Reason.AT_WORK,
        Reason.OVER,
    }
)


Namer = Callable[[int, str], str]


def _as_told(_job: int, name: str) -> str:
    return name


def read_why(answer: Row, namer: Namer = _as_told) -> Why:
    """The answer of `explainJob`; `namer`: how jobs that are in the way are called, from id and name."""
    best = answer["best"]
    needs = answer["needs"]
    return Why(
        job=answer["job"],
        status=answer["status"],
        since=seconds(answer["since"]),
        verdict=answer["verdict"],
        total=answer["total"],
        eligible=answer["eligible"],
        eligible_clients=frozenset(answer["eligibleClients"]),
        needs=Needs(
            cpus=needs["cpus"],
            single=needs["single"],
            tags=tuple(needs["tags"]),
            resources=dict(needs["resources"]),
            min_hosts=needs["minHosts"],
            priority=needs["priority"],
            conditions=tuple(needs["conditions"]),
            inherits=needs["inherits"],
            permitted=needs["permitted"],
            heirs=needs["heirs"],
        ),
        reasons=tuple(_reason(item, namer) for item in answer["reasons"]),
        best=None if best is None else (best["reason"], best["fix"]),
    )


def seconds(value: object) -> int | None:
    """Seconds since the epoch of a date in UTC, however the wire gave it."""
    if isinstance(value, datetime):
        return timegm(value.timetuple())
    return wire_seconds(value)


def _reason(row: Row, namer: Namer) -> ReasonLine:
    resource = row["resource"]
    return ReasonLine(
        code=row["code"],
        text=row["text"],
        of_job=row["scope"] == "job",
        count=row["count"],
        states=dict(row["states"]),
        clears=row["clears"] or "",
        clears_at=seconds(row["clearsAt"]),
        about=row["about"],
        fixes=_fixes(row["fixes"]),
        groups=tuple(
            GroupLine(item["id"], item["name"], item["count"], dict(item["states"]), _fix(item["fix"]))
            for item in row["groups"]
        ),
        items=tuple(_client(item, namer) for item in row["items"]),
        resource=None if resource is None else _resource(resource, namer),
        held=tuple(HeldLine(item["id"], item["label"], seconds(item["since"])) for item in row["held"]),
    )


def _resource(row: Row, namer: Namer) -> ResourceLine:
    return ResourceLine(
        row["name"], row["asked"], row["amount"], row["inUse"], _jobs(row["holders"], namer), row["holderCount"]
    )


def _client(row: Row, namer: Namer) -> ClientLine:
    held_for = row["heldFor"]
    return ClientLine(
        row["id"],
        row["label"],
        row["status"],
        _jobs(row["jobs"], namer),
        None if held_for is None else Running(held_for["id"], namer(held_for["id"], held_for["name"])),
        seconds(row["lastHeartbeat"]),
        seconds(row["clearsAt"]),
        row["about"],
        _fixes(row["fixes"]),
    )


def _jobs(rows: Sequence[Row], namer: Namer) -> tuple[Running, ...]:
    return tuple(Running(row["id"], namer(row["id"], row["name"])) for row in rows)


def _fixes(rows: Sequence[Row]) -> tuple[Fix, ...]:
    return tuple(fix for row in rows if (fix := _fix(row)) is not None)


def _fix(row: Row | None) -> Fix | None:
    if row is None:
        return None
    calls = tuple(Call(call["function"], tuple(call["arguments"])) for call in row["calls"])
    return Fix(row["code"], calls, row["clients"])
