"""Sick machines: a client that fails whatever it is given is taken out of service, with the evidence.

A client on which jobs of several root jobs failed right after their start, while other clients ran jobs of the same
roots well, is at fault itself: a missing mount, a full disk, a broken installation. One root alone proves nothing,
since its jobs may be bad everywhere; so what counts is roots, and only those that went well on at least as many clients
as failed them: when a licence server is away, everybody fails alike. And the farm never takes more than half of its
clients away by itself: when so many are sick, somebody has to look.

Until the others have had time to show that they can, such a client would empty the queue, a job a second. So one that
failed several in a row, of more than one root, while nearly nobody else did, rests first (`hqserver.core.flapping`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core import flapping, notes
from hqserver.core.records import Attempt, Client, Instant, Job, QuickFailure

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_WITNESSES: Final = 8
"""So many clients are remembered to have run a family well."""
_IN_A_ROW: Final = 4
"""Jobs that fail right after their start before a client rests."""
_LEAST_ONLINE, _SHARE = 3, 10
"""Where that may happen: on a farm of so many clients, of which one in so many does the same."""


def failed(farm: Farm, client: Client, job: Job, attempt: Attempt, how: str, now: Instant) -> None:
    """An attempt has failed on a client."""
    if attempt.ran_seconds > farm.settings.quick_failure:
        client.failed_at_once = 0
        return
    if job.root not in farm.jobs:
        return
    client.failed_at_once += 1
    client.quick_failures[job.root] = QuickFailure(job.id, attempt.number, now.wall, how)
    farm.suspects[client.id] = client
    _judge(farm, client, now)
    if not client.disabled and _is_alone_with_it(farm, client):
        flapping.rest(farm, client, f"{client.failed_at_once} jobs in a row failed here right after their start", now)


def ran_well(farm: Farm, job: Job, attempt: Attempt, now: Instant) -> None:
    """A job has succeeded: that speaks for its client, and against others that failed its family."""
    root = farm.jobs.get(job.root)
    if root is None:
        return
    own = farm.suspects.get(attempt.client)
    if own is not None:
        own.failed_at_once = 0
        own.quick_failures.pop(root.id, None)
    if remember(root, attempt.client):
        for client in list(farm.suspects.values()):
            if root.id in client.quick_failures:
                _judge(farm, client, now)


def remember(root: Job, client: int) -> bool:
    """Note a client that ran the family well; whether that is news."""
    known = root.ran_well_on
    if client in known or len(known) == _WITNESSES:
        return False
    root.ran_well_on = (*known, client)
    return True


def forgive(farm: Farm, client: Client) -> None:
    """Somebody has put the client back (or away) on purpose: it begins anew."""
    client.quick_failures.clear()
    client.failed_at_once = 0
    farm.suspects.pop(client.id, None)


def _judge(farm: Farm, client: Client, now: Instant) -> None:
    """Take the client out of service if enough speaks against it."""
    oldest = now.wall - farm.settings.sick_memory
    held = {root: item for root, item in client.quick_failures.items() if root in farm.jobs and item.at >= oldest}
    client.quick_failures = held
    against = {root: item for root, item in held.items() if _speaks_against(farm, farm.jobs[root], client)}
    if len(against) < farm.settings.sick_roots or client.disabled or not _can_spare_one(farm):
        return
    client.disabled = True
    client.out_of_service = _evidence(farm, client, against)
    farm.touch_client(client)
    farm.planner.client_changed(client)
    farm.suspects.pop(client.id, None)
    notes.evidence(farm, client, client.out_of_service, now)


def _is_alone_with_it(farm: Farm, client: Client) -> bool:
    """Whether it fails one job after the other, of several roots, and nearly nobody else does."""
    if client.failed_at_once < _IN_A_ROW or len(client.quick_failures) < 2 or client.resting:
        return False
    online = sum(other.online for other in farm.clients.values())
    alike = sum(other.failed_at_once > 0 and other.online for other in farm.suspects.values())
    return online >= _LEAST_ONLINE and (alike - 1) * _SHARE <= online


def _speaks_against(farm: Farm, root: Job, client: Client) -> bool:
    """Whether the family went well elsewhere, and not only by chance."""
    well = len(_others(farm, root, client))
    failed_on = sum(root.id in suspect.quick_failures for suspect in farm.suspects.values())
    return well > 0 and well >= min(failed_on, _WITNESSES - 1)


def _others(farm: Farm, root: Job, client: Client) -> list[int]:
    """Other clients on which the family went well, without those that failed it too."""
    return [
        id_
        for id_ in root.ran_well_on
        if id_ != client.id and (id_ not in farm.suspects or root.id not in farm.suspects[id_].quick_failures)
    ]


def _can_spare_one(farm: Farm) -> bool:
    online = [client for client in farm.clients.values() if client.online]
    away = sum(bool(client.out_of_service) for client in online)
    return 2 * (away + 1) <= len(online)


def _evidence(farm: Farm, client: Client, against: dict[int, QuickFailure]) -> str:
    lines = [
        (
            f"Taken out of service: jobs of {len(against)} root jobs failed here within "
            f"{farm.settings.quick_failure:g} s of their start, while other clients ran jobs of the same roots well."
        )
    ]
    for root, item in sorted(against.items()):
        others = [farm.clients[id_].label for id_ in _others(farm, farm.jobs[root], client) if id_ in farm.clients]
        lines.append(
            f"root {root} ({farm.jobs[root].spec.name[:80]}): job {item.job}, attempt {item.attempt}: {item.how}"
            f"; went well on {', '.join(others) or 'a client that was removed'}"
        )
    return "\n".join(lines)
