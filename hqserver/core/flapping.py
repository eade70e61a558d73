"""Rests: a client that connects anew again and again gets no new jobs for a while, longer each time.

What it was given would be interrupted too. A minute after the fourth connection within ten minutes, then two, four ...
up to half an hour; ten quiet minutes after such a rest it begins anew. What runs there goes on. A client that alone
fails at once what it is given rests in the same way (`hqserver.core.sickness`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hqserver.core import notes
from hqserver.core.records import Client, Instant

if TYPE_CHECKING:
    from hqserver.core.farm import Farm

REST: Final = "rest of a client"
WINDOW: Final = 600.0
"""Seconds within which connections are counted."""
FIRST_REST, LONGEST_REST = 60.0, 1800.0


def connected_anew(farm: Farm, client: Client, now: Instant) -> None:
    """An agent that was in touch has said hello again."""
    limit = farm.settings.reconnects_limit
    if not limit:
        return
    recent = (*(at for at in client.reconnects if now.monotonic - at < WINDOW), now.monotonic)
    if len(recent) <= limit:
        client.reconnects = recent
        return
    client.reconnects = ()
    rest(farm, client, f"it connected {len(recent)} times within 10 minutes", now)


def rest(farm: Farm, client: Client, why: str, now: Instant) -> None:
    """No new jobs for it now."""
    client.rests = client.rests + 1 if now.monotonic - client.rest_until < WINDOW else 1
    seconds = min(FIRST_REST * 2 ** (client.rests - 1), LONGEST_REST)
    client.rest_until, client.resting = now.monotonic + seconds, True
    farm.remind(client.rest_until, REST, client.id)
    farm.touch_client(client)
    farm.planner.client_changed(client)
    notes.client_did(farm, client, f"no new jobs for {seconds / 60:.0f} min: {why}", now)


def look_at_rest(farm: Farm, id_: int, now: Instant) -> None:
    """A rest may be over."""
    client = farm.clients.get(id_)
    if client is not None and client.resting and now.monotonic >= client.rest_until:
        client.resting = False
        farm.touch_client(client)
        farm.planner.client_changed(client)
