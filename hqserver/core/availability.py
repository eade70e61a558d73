"""Keeping `client.rules_hold` and the overrides up to date: when rules, idleness or the hour change.

The rules themselves are judged by `hqserver.wire.availability`. A client's local time is the server's time and the
offset from UTC that its agent reports, so a wrong clock over there does no harm.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from hqserver.core.commands import Refused, SetOverride, SetRules
from hqserver.core.records import Client, Instant
from hqserver.wire.agent import OverrideSet
from hqserver.wire.availability import Availability, judge
from hqserver.wire.clients import Override

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

RULES: Final = "availability rules"
OVERRIDE: Final = "override"
NOT_FOUND, IMPOSSIBLE = 404, 422
LONGEST_OVERRIDE: Final = 366 * 86400.0
"""Seconds; whoever wants more says: until something else is said."""
_MODES: Final = frozenset(mode.value for mode in Override)


def local_time(client: Client, now: Instant) -> datetime:
    """The time at the client, naive."""
    at = datetime.fromtimestamp(now.wall, UTC) + timedelta(minutes=client.machine.utc_offset)
    return at.replace(tzinfo=None)


def judged(client: Client, now: Instant) -> Availability:
    """What the client's rules say now."""
    return judge(client.rules, local_time(client, now), client.machine.idle_minutes)


def set_rules(farm: Farm, command: SetRules, now: Instant) -> None:
    """Other rules for a client. Jobs that run on it go on."""
    client = _known(farm, command.client)
    if client.rules != command.rules:
        client.rules = command.rules
        farm.touch_client(client)
        refresh(farm, client, now)


def set_override(farm: Farm, command: SetOverride, now: Instant) -> None:
    """What a person says over the rules. Jobs that run on the client go on."""
    client = _known(farm, command.client)
    until = command.until if command.override is not Override.NONE else None
    if until is not None and until <= now.wall:
        raise Refused(IMPOSSIBLE, "until: is past already")
    _say(farm, client, command.override, until, now.wall, f"{now.wall:.6f}", now)


def hear_override(farm: Farm, client: Client, told: OverrideSet | None, now: Instant) -> None:
    """What the agent knows of its override: taken when it was said later than what is known here."""
    if told is None or told.stamp == client.override_stamp or told.mode not in _MODES:
        return
    at = now.wall - told.ago
    if client.override_at is None or at > client.override_at:
        until = None if told.ends_in is None else now.wall + min(told.ends_in, LONGEST_OVERRIDE)
        _say(farm, client, Override(told.mode), until, at, told.stamp, now)


def override_to_tell(client: Client, told: OverrideSet | None, now: Instant) -> OverrideSet | None:
    """What the agent has to be told of its override; None: it knows."""
    if not client.override_stamp or (told is not None and told.stamp == client.override_stamp):
        return None
    ago = now.wall - client.override_at if client.override_at is not None else 0.0
    left = None if client.override_until is None else max(client.override_until - now.wall, 0.0)
    return OverrideSet(client.override_stamp, client.override.value, max(ago, 0.0), left)


def _say(
    farm: Farm, client: Client, override: Override, until: float | None, at: float, stamp: str, now: Instant
) -> None:
    client.override, client.override_until = override, until if override is not Override.NONE else None
    client.override_at, client.override_stamp = at, stamp
    farm.touch_client(client)
    farm.planner.client_changed(client)
    watch_override(farm, client, now)


def refresh(farm: Farm, client: Client, now: Instant) -> None:
    """Judge the rules anew, and look again when the hour will change what they say."""
    if not client.rules and client.rules_hold:
        return
    found = judged(client, now)
    if found.until is not None:
        farm.remind(now.monotonic + (found.until - local_time(client, now)).total_seconds(), RULES, client.id)
    if found.now is not client.rules_hold:
        client.rules_hold = found.now
        farm.touch_client(client, stored=False)
        farm.planner.client_changed(client)


def watch_override(farm: Farm, client: Client, now: Instant) -> None:
    """Look at the override when it ends."""
    if client.override_until is not None:
        farm.remind(now.monotonic + client.override_until - now.wall, OVERRIDE, client.id)


def look_at_rules(farm: Farm, id_: int, now: Instant) -> None:
    """The hour may have changed what the rules of a client say."""
    client = farm.clients.get(id_)
    if client is not None:
        refresh(farm, client, now)


def look_at_override(farm: Farm, id_: int, now: Instant) -> None:
    """An override may have come to its end."""
    client = farm.clients.get(id_)
    if client is None or client.override_until is None:
        return
    if now.wall < client.override_until:  # another one was set, or the wall clock was put back
        watch_override(farm, client, now)
        return
    client.override, client.override_until = Override.NONE, None
    farm.touch_client(client)
    farm.planner.client_changed(client)


def _known(farm: Farm, id_: int) -> Client:
    client = farm.clients.get(id_)
    if client is None:
        raise Refused(NOT_FOUND, f"client_id: no client {id_}")
    return client
