"""Fencing: a silent client whose machine was switched off is proved dead, so its jobs need not wait for their leases.

What switches machines off is the site's own command, run by the shell (`hqserver.fencing`). Here is decided for whom
that may be done, and what follows from it. Whoever is in doubt does nothing: then the leases decide, as ever.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core import notes
from hqserver.core.attempts import over
from hqserver.core.records import Client, Instant
from hqserver.wire.agent import EndReason
from hqserver.wire.statuses import JobStatus

if TYPE_CHECKING:
    from hqserver.core.commands import Fenced
    from hqserver.core.farm import Farm


def due(farm: Farm, now: Instant) -> list[Client]:
    """The clients whose jobs are abandoned, and whose machines may be switched off.

    None while more of such clients are silent than others are in touch, since then it seems to be this server that is
    cut off; and none on whose machine another client is in touch, since then the machine lives.
    """
    abandoned = [farm.jobs[id_].live_attempt for id_ in farm.jobs_of_status[JobStatus.ABANDONED]]
    silent = [farm.clients[id_] for id_ in sorted({attempt.client for attempt in abandoned if attempt is not None})]
    in_touch = [client for client in farm.clients.values() if client.online]
    if len(silent) > len(in_touch):
        return []
    alive = {client.hostname for client in in_touch}
    longest = farm.settings.abandon_after
    return [
        client
        for client in silent
        if client.hostname not in alive and now.monotonic - client.heard_monotonic >= longest
    ]


def settle(farm: Farm, command: Fenced, now: Instant) -> bool:
    """What the command said about a client. If it is dead, nothing of it runs; whether that is believed."""
    client = farm.clients.get(command.client)
    if client is None:
        return False
    if not command.dead:
        notes.evidence(farm, client, f"not fenced, so its jobs wait for the end of their leases: {command.told}", now)
        return False
    if client.online or client.heard_monotonic != command.heard:
        notes.evidence(farm, client, "fenced, but it called in meanwhile: its jobs are left to it", now)
        return False
    lost = [farm.jobs[id_] for id_ in client.attempts]
    farm.client_of_session.pop(client.session, None)  # should it live all the same, it must say hello first
    client.session = ""
    for job in lost:
        if job.live_attempt is not None:
            over(farm, job, job.live_attempt, EndReason.LOST, now)
    farm.touch_client(client)
    what = ", ".join(str(job.id) for job in lost[:_MOST_NAMED]) + (" ..." if len(lost) > _MOST_NAMED else "")
    notes.evidence(farm, client, f"fenced, so what ran there may run elsewhere at once: {what}", now)
    return True


_MOST_NAMED = 20
