"""Why a job waits: the findings of `explainJob`, and their short form `waitingCode` and `waitingFor`.

Every answer is made of the reasons of `hqserver.core.fitting`, which the planner goes by too. First come those that lie
with the job whatever the client, then those of the clients, the nearest to passing first; the first of all is the short
form. Each client is counted once, under the reason of its that is furthest from passing. How the findings are told is
`hqserver.core.telling`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final, NamedTuple

from hqserver.core import clearing, fitting, fixes, supply, supposing
from hqserver.core.cases import MOST_LOOKED_AT, Case
from hqserver.core.clearing import at_wall
from hqserver.core.fixes import ApiCall, Fix, InGroup
from hqserver.core.pools import Pool
from hqserver.core.records import Client, Instant, Job
from hqserver.core.rollups import eta
from hqserver.core.supposing import Line
from hqserver.wire.conditions import Condition
from hqserver.wire.fixes import GENTLEST, FixCode
from hqserver.wire.reasons import NEAREST, Reason
from hqserver.wire.statuses import FINISHED, PAUSED_OR_PAUSING, JobStatus

if TYPE_CHECKING:
    from hqserver.core.farm import Farm
    from hqserver.core.lines import Kind
    from hqserver.core.wants import Rank

_FOR_EVER: Final = frozenset({Reason.SMALL, Reason.PLATFORM, Reason.CONDITION})
"""Reasons of clients that do not pass by themselves, nor when somebody looks after the client."""
_HOPELESS: Final = frozenset({Reason.RESOURCE_UNKNOWN, Reason.RESOURCE_SMALL})
"""Reasons of a job against which no client helps."""
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
    fixes: list[Fix] = field(default_factory=list)
    clears: str | None = None
    clears_at: datetime | None = None
    is_guess: bool = False
    """Whether `clears_at` follows from estimates."""
    resource: str = ""
    """That is lacking."""
    groups: list[InGroup] = field(default_factory=list)


@dataclass(slots=True)
class Explanation:
    """Why a job waits."""

    job: Job
    line: Line
    """What it asks for: its place in line, or the place that it would have."""
    findings: list[Finding]
    """Together they name each client once."""
    eligible: list[int]
    """Clients that nothing about themselves keeps from the job."""
    waits: bool
    """Whether it stands in line."""
    permitted: int
    """Clients that fulfil its conditions."""

    @property
    def verdict(self) -> str:
        """A sentence."""
        return self.findings[0].text

    @property
    def best(self) -> tuple[int, int] | None:
        """The fix to try first, by the number of its finding and its own; None: nothing helps, or nothing is needed."""
        hopeless = [finding for finding in self.findings if finding.of_job and finding.code in _HOPELESS]
        found = [
            (self._harm(fix), place, number)
            for place, finding in enumerate(self.findings)
            if finding in hopeless or not hopeless
            for number, fix in enumerate(finding.fixes)
            if self._helps(finding, fix) and not self._is_beside_the_point(finding)
        ]
        return min(found)[1:] if found else None

    def _helps(self, finding: Finding, fix: Fix) -> bool:
        """Whether a client fits then, or could some time where none ever would."""
        if fix.clients or fix.code is FixCode.RESUME:
            return True
        if finding.of_job:
            return finding.code in _HOPELESS
        return finding.code in _FOR_EVER and all(
            other.of_job or other.code in _FOR_EVER for other in self.findings if other.clients
        )

    def _harm(self, fix: Fix) -> tuple[bool, int, int]:
        least = self.line[0].wants.least
        return len(self.eligible) + fix.clients < least, GENTLEST.index(fix.code), -fix.clients

    def _is_beside_the_point(self, finding: Finding) -> bool:
        """More of what is only in use is nobody's to give; nor do more clients help where enough would do."""
        if finding.of_job:
            return finding.code is Reason.RESOURCE
        return len(self.eligible) >= self.line[0].wants.least


def waiting(farm: Farm, job: Job) -> Told:
    """Why the job waits, in short; nothing for a job that does not wait."""
    if job.status in (JobStatus.QUEUED, JobStatus.RUNNABLE) or (
        job.status is JobStatus.PAUSED and job.live_attempt is None
    ):
        return _short(farm, job)
    return Told("", "")


def explain(farm: Farm, job: Job, now: Instant, conditions: tuple[Condition, ...] | None = None) -> Explanation:
    """Every reason with its clients, now; or what they would be if the job waited in line with these conditions."""
    line = farm.planner.kind_of(job)
    waits = line is not None
    if line is None or conditions is not None:
        line = supposing.of_job(farm, job, conditions)
    case = Case(farm, job, line, now)
    found = of_line(farm, line, waits=waits and conditions is None)
    findings = found.findings
    if conditions is None and not waits:
        findings = [_of_state(case, len(found.eligible))]
    elif conditions is None:
        for finding in findings:
            _look_for_help(case, finding)
    return Explanation(job, line, findings, found.eligible, waits, found.permitted)


def _of_state(case: Case, fit: int) -> Finding:
    code, text = _state(case.farm, case.job)
    finding = Finding(code, text, of_job=True, clients=list(case.farm.clients), clears=_CLEARS.get(code))
    if code is Reason.PAUSED:
        finding.fixes = [Fix(FixCode.RESUME, (ApiCall("resumeJobs", ([case.job.id],)),), fit)]
    if code is Reason.LOST_CLIENT:
        finding.clears_at = _lease_end(case.farm, case.job, case.now)
    return finding


def _look_for_help(case: Case, finding: Finding) -> None:
    finding.clears = _CLEARS.get(finding.code)
    finding.fixes = fixes.of_reason(case, finding.code, finding.clients)
    if finding.code is Reason.CONDITION:
        finding.groups = fixes.by_group(case, finding.clients)
    if finding.code is Reason.RESOURCE:
        finding.clears_at = _next_freed(case, finding.resource)
        finding.is_guess = finding.clears_at is not None
    else:
        finding.clears_at, finding.is_guess = clearing.opens_at(case, finding.code, finding.clients)


def _next_freed(case: Case, name: str) -> datetime | None:
    """When the first job that holds some of a resource ends, by its own estimate."""
    farm = case.farm
    resource = farm.resource_of_name.get(name)
    holders = [] if resource is None else [farm.jobs[id_] for id_ in list(resource.jobs)[:MOST_LOOKED_AT]]
    least = min((seconds for job in holders if (seconds := eta(job, farm.jobs)) >= 0), default=None)
    return None if least is None else at_wall(case.now.wall + least)


def _short(farm: Farm, job: Job) -> Told:
    found = farm.planner.kind_of(job)
    if found is None:
        state, text = _state(farm, job)
        return Told(state.value, text)
    kind, rank = found
    of_job = _of_job(farm, kind, rank)
    if of_job:
        return Told(of_job[0].code.value, of_job[0].text)
    reason = _nearest(farm, kind, rank)
    return Told(reason.value, _TEXTS[reason](kind))


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


def _of_job(farm: Farm, kind: Kind, rank: Rank) -> list[Finding]:
    """What keeps a waiting job whatever the client."""
    found: list[Finding] = []
    if not farm.clients:
        found.append(Finding(Reason.NO_CLIENTS, "there is no client on this farm", of_job=True))
    lack = farm.planner.lack(kind, rank, ())
    if lack is not None:
        found.append(Finding(lack.reason, _lack_text(farm, kind, lack), of_job=True, resource=lack.name))
    if kind.wants.least > 1:
        least, reach = kind.wants.least, farm.planner.holds.reach(kind)
        if reach < least:
            text = f"needs {least} clients at once, but {reach} could take part now"
            found.append(Finding(Reason.TOO_FEW, text, of_job=True))
        else:
            held = len(kind.holds)
            beside = f"; {held} on hold for it so far" if held else ""
            found.append(Finding(Reason.GATHERING, f"needs {least} clients at once{beside}", of_job=True))
    return found


class Found(NamedTuple):
    """What keeps the clients from a job of one kind and rank."""

    findings: list[Finding]
    eligible: list[int]
    """Clients that nothing of themselves keeps from it."""
    permitted: int
    """Clients that fulfil its conditions."""


def of_line(farm: Farm, line: Line, *, waits: bool = False) -> Found:
    """Every client under the reason that is furthest from passing; `waits`: the kind is one that stands in line."""
    kind, rank = line
    findings = _of_job(farm, kind, rank)
    by_code: dict[Reason, Finding] = {}
    eligible: list[int] = []
    permitted = 0
    alike: dict[Pool | None, list[Reason]] = {}
    for client in farm.clients.values():
        pool = farm.planner.pools.of(client.id) if waits else None
        of_choice = alike.get(pool) if pool is not None else None
        if of_choice is None:
            of_choice = alike[pool] = fitting.choice_reasons(farm, kind.wants.choice, client)
        permitted += Reason.CONDITION not in of_choice
        reasons = fitting.reasons(farm, kind, rank, client, of_choice)
        if reasons:
            finding = by_code.get(reasons[0])
            if finding is None:
                finding = by_code[reasons[0]] = Finding(reasons[0], _TEXTS[reasons[0]](kind), of_job=False)
        else:
            eligible.append(client.id)
            finding = _of_eligible(farm, line, client.id, findings, by_code)
        finding.clients.append(client.id)
    return Found(findings + sorted(by_code.values(), key=lambda item: _ORDER[item.code]), eligible, permitted)


def _of_eligible(
    farm: Farm, line: Line, client: int, findings: list[Finding], by_code: dict[Reason, Finding]
) -> Finding:
    """Under what a client is counted that only something of the whole job keeps from it, or nothing."""
    lack = farm.planner.lack(*line, (client,))
    own = next((item for item in findings if lack is not None and item.code is lack.reason), None)
    if own is not None or findings:
        return own or findings[-1]
    return by_code.setdefault(Reason.NEXT, Finding(Reason.NEXT, _TEXTS[Reason.NEXT](line[0]), of_job=False))


def _nearest(farm: Farm, kind: Kind, rank: Rank) -> Reason:
    """The first client's reason in the order of `NEAREST`, mostly found without looking at all of them.

    It is the same for all jobs of a kind that the same holders of clients go before.
    """
    planner = farm.planner
    seen = farm.revision, planner.pools.version
    if kind.told[0] != seen:
        kind.told = seen, {}
    known, behind = kind.told[1], planner.holds.before(rank)
    if behind not in known:
        known[behind] = _nearest_usable(farm, kind, rank) or _nearest_of_all(farm, kind, rank)
    return known[behind]


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
    Reason.UNSTEADY: _says(
        "clients that may run it connect again and again, fail jobs at once or cannot start any, and rest"
    ),
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
    Reason.UNSTEADY: "when the rest is over",
}
