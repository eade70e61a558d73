"""When a reason that keeps a waiting job from clients passes by itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hqserver.core import availability, rollups
from hqserver.core.cases import MOST_LOOKED_AT, Case
from hqserver.core.records import Client, Instant
from hqserver.core.wants import labels
from hqserver.wire.reasons import Reason

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

_NEVER: Final = 1 << 40


def opens_at(case: Case, reason: Reason, clients: Sequence[int]) -> tuple[datetime | None, bool]:
    """When this reason passes from the first of these clients, naive UTC; None: nobody knows. Whether it is a guess."""
    clock = _CLOCKS.get(reason)
    if clock is not None:
        found = (clock(case.farm.clients[id_], case.now) for id_ in clients[:MOST_LOOKED_AT])
        return min((at for at in found if at is not None), default=None), False
    if reason in (Reason.CPUS, Reason.WHOLE, Reason.TAG):
        waits = (frees_in(case, case.farm.clients[id_]) for id_ in clients[:MOST_LOOKED_AT])
        least = min((seconds for seconds in waits if seconds is not None), default=None)
        return (None if least is None else at_wall(case.now.wall + least)), True
    return None, False


def frees_in(case: Case, client: Client) -> int | None:
    """Seconds until what keeps the job from this client has ended, from the jobs' own estimates; None: not known."""
    farm, wanted = case.farm, case.line[0].wants
    waits: list[int] = []
    free = client.machine.cpus - client.cpus_used
    for seconds, cpus, tagged in sorted(_occupants(farm, client, wanted.labels)):
        has_room = free >= (client.machine.cpus if wanted.room.whole else wanted.room.cpus)
        if tagged or not has_room:
            waits.append(seconds)
        free += cpus
    return None if not waits or max(waits) >= _NEVER else max(waits)


def at_wall(wall: float) -> datetime:
    """Naive UTC, whole seconds."""
    return datetime.fromtimestamp(int(wall), UTC).replace(tzinfo=None)


def _occupants(farm: Farm, client: Client, wanted: frozenset[str]) -> list[tuple[int, int, bool]]:
    """Of each job there: seconds until its end, its cpus, and whether it has one of these tags."""
    found = []
    for attempt in (*client.attempts.values(), *client.helps.values()):
        job = farm.jobs[attempt.job]
        seconds = rollups.eta(job, farm.jobs)
        cpus = attempt.cpus if attempt.client == client.id else attempt.helpers[client.id]
        found.append((_NEVER if seconds < 0 else seconds, cpus, bool(wanted & labels(job.spec))))
    return found


def rule_opens(client: Client, now: Instant) -> datetime | None:
    """When the rules of a client open it by themselves, naive UTC."""
    until = availability.judged(client, now).until
    return None if until is None else until.replace(microsecond=0) - timedelta(minutes=client.machine.utc_offset)


def _override_ends(client: Client, _now: Instant) -> datetime | None:
    return None if client.override_until is None else at_wall(client.override_until)


def _rest_ends(client: Client, now: Instant) -> datetime | None:
    return at_wall(now.wall + client.rest_until - now.monotonic)


_CLOCKS: Final[dict[Reason, Callable[[Client, Instant], datetime | None]]] = {
    Reason.HOURS: rule_opens,
    Reason.OVERRIDE: _override_ends,
    Reason.UNSTEADY: _rest_ends,
}
