"""How `explainJob` and `checkJob` tell what `hqserver.core.explaining` found: structs of bounded size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from hqserver.core import clearing, fixes, rollups
from hqserver.core.cases import MOST_LOOKED_AT, Case
from hqserver.core.explaining import Explanation, Finding, Found
from hqserver.core.fixes import Fix, InGroup
from hqserver.core.reading import client_status, conditions, date
from hqserver.core.records import Client, Instant, Job
from hqserver.core.supposing import Line
from hqserver.wire.fixes import FixCode
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

MOST_CLIENTS: Final = 100
MOST_ELIGIBLE: Final = 5000
MOST_HOLDERS: Final = 100
_MOST_JOBS: Final = 3
_WITHOUT_ITEMS: Final = frozenset({Reason.CONDITION, Reason.NEXT})


def explanation(farm: Farm, told: Explanation, now: Instant) -> dict[str, Any]:
    """As `explainJob` answers it."""
    job, case = told.job, Case(farm, told.job, told.line, now)
    best = told.best
    return {
        "job": job.id,
        "status": job.status.value,
        "since": date(_since(job)),
        "verdict": told.verdict,
        "best": None if best is None else {"reason": best[0], "fix": best[1]},
        "total": len(farm.clients),
        "eligible": len(told.eligible),
        "eligibleClients": told.eligible[:MOST_ELIGIBLE],
        "needs": _needs(farm, told),
        "reasons": [_reason(case, item, told) for item in told.findings],
    }


def findings_of_line(farm: Farm, line: Line, found: Found) -> dict[str, Any]:
    """Where a job that was not submitted could run, as `checkJob` answers it."""
    findings, eligible = found.findings, found.eligible
    could = len(eligible) + sum(len(item.clients) for item in findings if item.code in _PASSING)
    return {
        "could": could,
        "free": len(eligible),
        "reasons": [
            {
                "code": item.code.value,
                "text": item.text,
                "scope": "job" if item.of_job else "clients",
                "count": len(item.clients),
                "resource": _resource(farm, line, item),
            }
            for item in findings
        ],
    }


_PASSING: Final = frozenset({Reason.CPUS, Reason.WHOLE, Reason.TAG, Reason.HELD, Reason.FAILED_BEFORE})
"""Reasons of clients that could run a job and do something else now."""


def _since(job: Job) -> float:
    """When the job came into its present status."""
    since = job.queued_at
    for entry in job.log:
        if entry.status != job.status:
            since = 0.0
        elif not since:
            since = entry.at
    return since or (job.log[-1].at if job.log else job.queued_at)


def _needs(farm: Farm, told: Explanation) -> dict[str, Any]:
    job, wants = told.job, told.line[0].wants
    asked = wants.choice.conditions
    return {
        "cpus": wants.room.cpus,
        "single": wants.room.whole,
        "tags": sorted(wants.labels),
        "resources": dict(wants.resources),
        "minHosts": wants.least,
        "maxHosts": wants.most,
        "priority": job.priority,
        "conditions": conditions(asked),
        "inherits": bool(asked) and not job.spec.conditions and job.root != job.id,
        "permitted": told.permitted,
        "heirs": _heirs(farm, job),
    }


def _heirs(farm: Farm, job: Job) -> int:
    """How many jobs below follow the job's conditions."""
    if job.root != job.id or not job.children:
        return 0
    return sum(1 for item in rollups.descendants(farm.jobs, job) if not item.spec.conditions)


def _reason(case: Case, item: Finding, told: Explanation) -> dict[str, Any]:
    farm = case.farm
    sure = next((fix for fix in item.fixes if fix.clients or fix.code is FixCode.RESUME), None)
    return {
        "code": item.code.value,
        "text": item.text,
        "scope": "job" if item.of_job else "clients",
        "count": len(item.clients),
        "clients": item.clients[:MOST_CLIENTS],
        "clears": item.clears,
        "clearsAt": item.clears_at,
        "about": item.is_guess,
        "fix": None if sure is None else sure.calls[0].as_struct(),
        "fixes": [fix.as_struct() for fix in item.fixes],
        "states": _states(farm, item.clients),
        "groups": [_group(farm, group) for group in item.groups],
        "items": [] if item.code in _WITHOUT_ITEMS or not told.waits else _items(case, item),
        "resource": _resource(farm, told.line, item),
        "held": _held(farm, told.job) if item.code is Reason.GATHERING else [],
    }


def _states(farm: Farm, clients: Iterable[int]) -> dict[str, int]:
    return dict(Counter(client_status(farm, farm.clients[id_]).value for id_ in clients))


def _group(farm: Farm, item: InGroup) -> dict[str, Any]:
    return {
        "id": None if item.group is None else item.group.id,
        "name": "" if item.group is None else item.group.name,
        "count": len(item.clients),
        "states": _states(farm, item.clients),
        "fix": None if item.fix is None else item.fix.as_struct(),
    }


def _items(case: Case, finding: Finding) -> list[dict[str, Any]]:
    """The clients that are first to be of use."""
    farm = case.farm
    clients = [farm.clients[id_] for id_ in finding.clients[:MOST_LOOKED_AT]]
    timed = [(client, *_clears(case, finding.code, client)) for client in clients]
    timed.sort(key=lambda item: (item[1] is None, str(item[1]), item[0].label))
    return [_item(case, finding, *item) for item in timed[:MOST_CLIENTS]]


def _clears(case: Case, code: Reason, client: Client) -> tuple[datetime | None, bool]:
    return clearing.opens_at(case, code, [client.id])


def _item(case: Case, finding: Finding, client: Client, clears_at: datetime | None, about: bool) -> dict[str, Any]:
    farm = case.farm
    there = [*client.attempts, *client.helps]
    help_: list[Fix] = [] if finding.of_job else fixes.of_client(case, finding.code, client)
    holder = farm.planner.holder_of(client.id)
    return {
        "id": client.id,
        "label": client.label,
        "status": client_status(farm, client).value,
        "jobs": [_job(farm, id_) for id_ in there[:_MOST_JOBS]],
        "heldFor": None if holder is None else _job(farm, holder.held_for),
        "lastHeartbeat": date(client.heartbeat_at),
        "clearsAt": clears_at,
        "about": about,
        "fixes": [fix.as_struct() for fix in help_],
    }


def _job(farm: Farm, id_: int) -> dict[str, Any]:
    job = farm.jobs.get(id_)
    return {"id": id_, "name": "" if job is None else job.spec.name}


def _resource(farm: Farm, line: Line, item: Finding) -> dict[str, Any] | None:
    if not item.resource:
        return None
    resource = farm.resource_of_name.get(item.resource)
    holders = [] if resource is None else list(resource.jobs)
    return {
        "name": item.resource,
        "asked": dict(line[0].wants.resources)[item.resource],
        "amount": 0 if resource is None else resource.amount,
        "inUse": 0 if resource is None else resource.in_use,
        "perMachine": resource is not None and resource.per_machine,
        "holders": [_job(farm, id_) for id_ in holders[:MOST_HOLDERS]],
        "holderCount": len(holders),
    }


def _held(farm: Farm, job: Job) -> list[dict[str, Any]]:
    """The clients on hold for the job, and since when."""
    found = farm.planner.kind_of(job)
    if found is None or found[0].held_for != job.id:
        return []
    return [
        {"id": id_, "label": farm.clients[id_].label, "since": date(since)} for id_, since in found[0].holds.items()
    ]
