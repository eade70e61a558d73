"""Why a job waits, for people: `explainJob`, and its short form `waitingCode` and `waitingFor`.

Every answer is made of the reasons of `hqserver.core.fitting`, which the planner goes by too. First come those that lie
with the job whatever the client, then those of the clients, the nearest to passing first; the first of all is the short
form. Each client is counted once, under the reason of its that is furthest from passing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from hqserver.core import fitting, supply
from hqserver.core.fixes import Fix, at_wall, fix_for, opens_at
from hqserver.core.records import Client, Instant, Job
from hqserver.wire.reasons import NEAREST, Reason
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.wants import Rank

_MOST_CLIENTS: Final = 100
_ORDER: Final = {reason: place for place, reason in enumerate(NEAREST)}


class Told(NamedTuple):
    """A reason and its sentence; both empty when there is nothing to tell."""

    code: str
    text: str


@dataclass(slots=True)
class Finding:
    """A reason, and the clients that it concerns."""

    code: Reason
    text: str
    of_job: bool
    clients: list[int] = field(default_factory=list)
    fix: Fix | None = None
    clears: str | None = None
    clears_at: datetime | None = None


def waiting(farm: Farm, job: Job) -> Told:
    """Why the job waits, in short; nothing for a job that does not wait."""
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNABLE) or (
        job.status is JobStatus.PAUSED and job.live_attempt is None
    ):
        return _short(farm, job)
    return Told("", "")


def explain(farm: Farm, job: Job, now: Instant) -> tuple[str, list[Finding]]:
    """A sentence, and every reason with its clients; together the reasons name each client once."""
    found = farm.planner.kind_of(job)
    if found is None:
        told = _state(farm, job)
        finding = Finding(told[0], told[1], of_job=True, clients=list(farm.clients), clears=_CLEARS.get(told[0]))
        if told[0] is Reason.PAUSED:
            finding.fix = Fix("resumeJobs", ([job.id],))
        if told[0] is Reason.LOST_CLIENT:
            finding.clears_at = _lease_end(farm, job, now)
        return told[1], [finding]
    findings = _of_clients(farm, *found)
    for finding in findings:
        finding.clears = _CLEARS.get(finding.code)
        finding.fix = finding.fix or fix_for(farm, job, finding.code, finding.clients, found)
        finding.clears_at = opens_at(farm, finding.code, finding.clients, now)
    return findings[0].text, findings


def _short(farm: Farm, job: Job) -> Told:
    found = farm.planner.kind_of(job)
    if found is None:
        state, text = _state(farm, job)
        return Told(state.value, text)
    kind, rank = found
    of_job = _of_job(farm, kind, rank)
    reason = of_job[0][0] if of_job else _nearest(farm, kind, rank)
    return Told(reason.value, of_job[0][1] if of_job else _TEXTS[reason](kind))


def _state(farm: Farm, job: Job) -> tuple[Reason, str]:
    """The reason of a job that does not stand in line."""
    attempt = job.live_attempt
    client = farm.clients.get(attempt.client) if attempt is not None else None
    label = client.label if client is not None else "a client that was removed"
    if job.status in FINISHED:
        return Reason.OVER, f"is {job.status}"
    if job.status is JobStatus.ABANDONED:
        return Reason.LOST_CLIENT, f"{label} is out of touch; it goes on if the client returns, else it runs again"
    if job.status in PAUSED_OR_PAUSING:
        return Reason.PAUSED, "is paused"
    if job.status is JobStatus.QUEUED and job.ending:
        return Reason.CANCELLING, "its children are being cancelled"
    if job.status is JobStatus.QUEUED:
        count = job.unfinished_children
        return Reason.CHILDREN, f"waits for {count} child{'ren' if count != 1 else ''} to finish"
    if job.status is JobStatus.RUNNABLE:
        return Reason.STARTING, f"is being started on {label}"
    return Reason.AT_WORK, f"is on {label}"


def _of_job(farm: Farm, kind: Kind, rank: Rank) -> list[tuple[Reason, str]]:
    """What keeps a waiting job whatever the client."""
    found: list[tuple[Reason, str]] = []
    if not farm.clients:
        found.append((Reason.NO_CLIENTS, "there is no client on this farm"))
    lack = farm.planner.lack(kind, rank, ())
    if lack is not None:
        found.append((lack.reason, _lack_text(farm, kind, lack)))
    if kind.wants.least > 1:
        least, reach = kind.wants.least, farm.planner.holds.reach(kind)
        if reach < least:
            found.append((Reason.TOO_FEW, f"needs {least} clients at once, but {reach} could take part now"))
        else:
            held = len(kind.holds)
            beside = f"; {held} on hold for it so far" if held else ""
            found.append((Reason.GATHERING, f"needs {least} clients at once{beside}"))
    return found


def _of_clients(farm: Farm, kind: Kind, rank: Rank) -> list[Finding]:
    findings = [Finding(reason, text, of_job=True) for reason, text in _of_job(farm, kind, rank)]
    by_code: dict[Reason, Finding] = {}
    for client in farm.clients.values():
        reasons = fitting.reasons(farm, kind, rank, client)
        if not reasons and findings:
            lack = farm.planner.lack(kind, rank, (client.id,))
            own = next((item for item in findings if lack is not None and item.code is lack.reason), None)
            (own or findings[-1]).clients.append(client.id)
            continue
        reason = reasons[0] if reasons else Reason.NEXT
        finding = by_code.get(reason)
        if finding is None:
            finding = by_code[reason] = Finding(reason, _TEXTS[reason](kind), of_job=False)
        finding.clients.append(client.id)
    return findings + sorted(by_code.values(), key=lambda item: _ORDER[item.code])


def _nearest(farm: Farm, kind: Kind, rank: Rank) -> Reason:
    """The first client's reason in the order of `NEAREST`, mostly found without looking at all of them."""
    seen = farm.revision, farm.planner.pools.version
    if kind.told is not None and kind.told[0] == seen:
        return kind.told[1]
    reason = _nearest_usable(farm, kind, rank) or _nearest_of_all(farm, kind, rank)
    kind.told = seen, reason
    return reason


def _nearest_usable(farm: Farm, kind: Kind, rank: Rank) -> Reason | None:
    if any(fitting.obstacle(farm, kind, rank, client) is None for client in _with_room(kind)):
        return Reason.NEXT
    best: Reason | None = None
    for pool in kind.selector.pools:
        if pool.traits.cpus >= kind.wants.room.cpus:
            for id_ in pool.usable:
                reason = fitting.obstacle(farm, kind, rank, pool.clients[id_])
                if reason in (Reason.CPUS, Reason.WHOLE):
                    return reason
                if reason is not None and (best is None or _ORDER[reason] < _ORDER[best]):
                    best = reason
    return best


def _with_room(kind: Kind) -> Iterator[Client]:
    room = kind.wants.room
    for pool in kind.selector.pools:
        if pool.traits.cpus >= room.cpus:
            yield from pool.with_room(room)


def _nearest_of_all(farm: Farm, kind: Kind, rank: Rank) -> Reason:
    """No client that would do is in service: the reason is as old as the last change of a client."""
    version = farm.planner.pools.version
    if kind.far is None or kind.far[0] != version:
        found = (fitting.reasons(farm, kind, rank, client) for client in farm.clients.values())
        nearest = min((reasons[0] for reasons in found if reasons), key=_ORDER.__getitem__, default=Reason.NEXT)
        kind.far = version, nearest
    return kind.far[1]


def _lease_end(farm: Farm, job: Job, now: Instant) -> datetime | None:
    attempt = job.live_attempt
    if attempt is None:
        return None
    return at_wall(now.wall + max(0.0, attempt.lease_until + farm.settings.lease_grace - now.monotonic))


def _lack_text(farm: Farm, kind: Kind, lack: supply.Lack) -> str:
    amount = dict(kind.wants.resources)[lack.name]
    resource = farm.resource_of_name.get(lack.name)
    if resource is None:
        return f"resource {lack.name!r} is not defined"
    if lack.reason is Reason.RESOURCE_SMALL:
        return f"asks for {amount} of {lack.name!r}, but the farm has {resource.amount}"
    free = resource.amount - resource.in_use
    beside = "" if free < amount else ", kept for a job that goes first"
    return f"waits for {amount} of {lack.name!r}: {max(free, 0)} of {resource.amount} free{beside}"


def _cpus(kind: Kind) -> str:
    count = kind.wants.room.cpus
    return "a cpu" if count == 1 else f"{count} cpus"


def _asked(kind: Kind) -> str:
    return "; ".join(f"{item.name} {item.op} {item.value}" for item in kind.wants.choice.conditions)


def _says(text: str) -> Callable[[Kind], str]:
    return lambda _kind: text


_TEXTS: Final[dict[Reason, Callable[[Kind], str]]] = {
    Reason.NEXT: _says("a client has room for it: it starts with the next round"),
    Reason.CPUS: lambda kind: f"no client that may run it has {_cpus(kind)} free",
    Reason.WHOLE: _says("it wants a client for itself, and no client that may run it is empty"),
    Reason.HELD: _says("clients that may run it are reserved for a job that goes first"),
    Reason.TAG: lambda kind: f"a job with the same tag ({', '.join(sorted(kind.wants.labels))}) runs there",
    Reason.FAILED_BEFORE: _says("it failed there, and others may run it"),
    Reason.HOURS: _says("outside the availability rules of clients that may run it"),
    Reason.OVERRIDE: _says("clients that may run it were taken back by their users, or are being drained"),
    Reason.DRAINING: _says("clients that may run it are about to leave"),
    Reason.OFFLINE: _says("clients that may run it are offline"),
    Reason.DISABLED: _says("clients that may run it are disabled"),
    Reason.BLOCKED: _says("too many jobs of its root job failed there"),
    Reason.CONDITION: lambda kind: f"no client meets its conditions ({_asked(kind)})",
    Reason.PLATFORM: lambda kind: (
        f"no client has a platform it has a command for ({', '.join(sorted(kind.wants.choice.systems))})"
    ),
    Reason.SMALL: lambda kind: f"no client has {_cpus(kind)}",
}

_CLEARS: Final[dict[Reason, str]] = {
    Reason.CHILDREN: "when its children have finished",
    Reason.STARTING: "when the client says that it runs",
    Reason.LOST_CLIENT: "when the client returns, or its lease has ended",
    Reason.RESOURCE: "when a job that holds some ends",
    Reason.GATHERING: "when enough of them have room",
    Reason.NEXT: "with the next round",
    Reason.CPUS: "when jobs there end",
    Reason.WHOLE: "when every job there has ended",
    Reason.HELD: "when that job has started",
    Reason.TAG: "when that job ends",
    Reason.FAILED_BEFORE: "when none of the others may run it any more",
    Reason.HOURS: "when a rule allows it",
    Reason.OVERRIDE: "when the override ends",
}


def as_struct(job: Job, verdict: str, findings: list[Finding]) -> dict[str, Any]:
    """As `explainJob` answers it."""
    return {
        "status": job.status.value,
        "verdict": verdict,
        "reasons": [
            {
                "code": item.code.value,
                "text": item.text,
                "scope": "job" if item.of_job else "clients",
                "count": len(item.clients),
                "clients": item.clients[:_MOST_CLIENTS],
                "clears": item.clears,
                "clearsAt": item.clears_at,
                "fix": None if item.fix is None else item.fix.as_struct(),
            }
            for item in findings
        ],
    }
