"""What a wrangler does to jobs that is no verb of the queue: a table of deeds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from hqgui.actions.deeds import Call, Deed, Plan
from hqgui.models.farm import FarmData
from hqgui.models.formats import one_line
from hqgui.words import translate


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


JOB_DEEDS: Final[dict[str, Deed]] = {"unblock_clients": Deed(_why_not, _unblock)}
