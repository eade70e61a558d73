"""What a wrangler does to jobs that is no verb of the queue: a table of deeds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from hqgui.actions.deeds import Call, Deed, Plan, Step, skipped_words
from hqgui.models.farm import FarmData
from hqgui.models.formats import one_line
from hqgui.words import translate
from hqserver.wire.statuses import FINISHED, ON_CLIENT


def blocked_of(farm: FarmData, job: int) -> tuple[int, ...]:
    """Clients that get no more jobs of a job's family: they are kept with its root."""
    jobs = farm.jobs
    if job not in jobs:
        return ()
    root = jobs.value(job, "rootId") or job
    return tuple(jobs.value(root if root in jobs else job, "blockedClients") or ())


def _roots(farm: FarmData, ids: Iterable[int]) -> list[int]:
    jobs = farm.jobs
    roots = dict.fromkeys(int(jobs.value(one, "rootId") or one) for one in ids if one in jobs)
    return [root for root in roots if blocked_of(farm, root)]


def _why_not(farm: FarmData, ids: Sequence[int]) -> str:
    return "" if _roots(farm, ids) else translate("Actions", "No client is blocked for it.")


def _unblock(farm: FarmData, ids: Sequence[int], _value: Any, now: float) -> Plan:
    roots = _roots(farm, ids)
    return Plan(
        tuple(Call("unblockClients", (root,)) for root in roots),
        translate("Outcome", "Every client may run jobs of {name} again."),
        translate("Outcome", "Every client may run jobs of {n} trees again."),
        tuple(one_line(str(farm.jobs.value(root, "name")), 60) for root in roots),
    )


_ATTRIBUTES: Final = ("triesLeft", "cpus", "maxTime", "tags", "description")
"""What `setJobAttribs` changes and the window has in its rows, so that it can be given back."""


def _waiting(farm: FarmData, ids: Iterable[int]) -> list[int]:
    jobs = farm.jobs
    return [one for one in ids if one in jobs and jobs.value(one, "status") not in ON_CLIENT | FINISHED]


def _why_not_edit(farm: FarmData, ids: Sequence[int]) -> str:
    return "" if _waiting(farm, ids) else translate("Actions", "Only what still waits can be changed.")


def _edit(farm: FarmData, ids: Sequence[int], value: Mapping[str, Any], now: float) -> Plan:
    """One call for all; each job gets its own former values back."""
    jobs = farm.jobs
    changed = _waiting(farm, ids)
    attributes = {name: value[name] for name in _ATTRIBUTES if name in value}
    if not changed or not attributes:
        return Plan((), "", "")
    return Plan(
        (Call("setJobAttribs", (changed, attributes)),),
        translate("Outcome", "Changed {name}."),
        translate("Outcome", "Changed {n} jobs."),
        tuple(one_line(str(jobs.value(one, "name")), 60) for one in changed),
        skipped_words(len(ids) - len(changed), translate("Actions", "Only what still waits can be changed.")),
        translate("Actions", "Undo change of properties"),
        tuple(_step(farm, job, attributes) for job in changed),
    )


def _step(farm: FarmData, job: int, attributes: Mapping[str, Any]) -> Step:
    former = {name: _plain(farm.jobs.value(job, name)) for name in attributes}

    def still(row: Mapping[str, Any]) -> bool:
        return all(_plain(row.get(name)) == _plain(value) for name, value in attributes.items())

    return Step("jobs", job, still, Call("setJobAttribs", ([job], former)))


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


JOB_DEEDS: Final[dict[str, Deed]] = {
    "unblock_clients": Deed(_why_not, _unblock),
    "edit_jobs": Deed(_why_not_edit, _edit),
}
