"""What operators do to clients beside enabling them: describe, mark for upgrade, call in, send away, remove."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hqserver.core import groups, notes, problems
from hqserver.core.attempts import over
from hqserver.core.commands import AskForUpgrade, CallClients, Refused, RemoveClients, SetDescription
from hqserver.core.kept import FormerClient, Kept
from hqserver.core.records import Client, Instant
from hqserver.wire.agent import CallIn, EndReason, Leave

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

NOT_FOUND, CONFLICT = 404, 409


def describe(farm: Farm, command: SetDescription, _now: Instant) -> None:
    """The free text of a client."""
    client = farm.clients.get(command.client)
    if client is None:
        raise Refused(NOT_FOUND, f"client_id: no client {command.client}")
    if client.description != command.text:
        client.description = command.text
        farm.touch_client(client)


def ask_for_upgrade(farm: Farm, command: AskForUpgrade, now: Instant) -> int:
    """They need an upgrade, and say so, until their agent says hello with other code."""
    named = [farm.clients[id_] for id_ in dict.fromkeys(command.clients) if id_ in farm.clients]
    for client in named:
        client.upgrade_asked = True
        farm.touch_client(client)
        notes.client_did(farm, client, f"needs an upgrade from {client.version}{_by(command.user)}", now)
    return len(named)


def call_clients(farm: Farm, command: CallClients, now: Instant) -> int:
    """Orders to agents that are there; one that is not would hear of it too late to mean it."""
    named = [farm.clients[id_] for id_ in dict.fromkeys(command.clients) if id_ in farm.clients]
    there = [client for client in named if client.online]
    for client in there:
        farm.order(client.id, Leave(0) if command.leave else CallIn(0))
        if command.leave and not client.draining:
            notes.client_did(farm, client, f"is to leave when its jobs are done{_by(command.user)}", now)
    return len(there)


def remove_clients(farm: Farm, command: RemoveClients, now: Instant) -> int:
    """All of them, or none when one is online."""
    named = [farm.clients[id_] for id_ in dict.fromkeys(command.clients) if id_ in farm.clients]
    for client in named:
        if client.online:
            raise Refused(CONFLICT, f"client_ids: {client.label[:60]} is online. Have its agent terminate first.")
    for client in named:
        remove(farm, client, now)
    return len(named)


def remove(farm: Farm, client: Client, now: Instant) -> None:
    """A client is gone for good: what it still held is queued again, or cancelled if that was asked for."""
    client.online = False
    for attempt in [*client.attempts.values(), *client.helps.values()]:
        attempt.ending = attempt.ending or EndReason.EJECTED
        over(farm, farm.jobs[attempt.job], attempt, EndReason.EJECTED, now)
    groups.leave_all(farm, client)
    notes.forget_client(farm, client)
    problems.forget_client(farm, client)
    farm.planner.client_gone(client)
    farm.note_client_removed(client)
    former = FormerClient(client.id, client.hostname, client.name, client.ip)
    farm.former_clients[former.id] = former
    farm.touch(Kept.FORMER_CLIENTS, former)


def _by(user: str) -> str:
    return f", asked for by {user}" if user else ""
