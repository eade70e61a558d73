"""How often idle clients call in, and how long their silence is borne."""

from __future__ import annotations

from hqserver.core.state import MOST_HEARTBEATS
from tests.core.world import World


def test_many_clients_call_in_more_rarely_and_are_given_as_much_longer() -> None:
    world = World()
    farm = world.farm
    for number in range(10):
        world.hello(f"n{number}")
    assert farm.heartbeat == farm.settings.heartbeat
    assert farm.offline_after == farm.settings.offline_after
    for number in range(10, 6000):
        world.hello(f"n{number}")
    assert len(farm.clients) / farm.heartbeat == MOST_HEARTBEATS
    assert farm.offline_after == 3 * farm.heartbeat
    world.tick(farm.settings.offline_after + 1)
    assert all(client.online for client in farm.clients.values()), "they were told that they need not call yet"
    world.tick(farm.offline_after)
    assert not any(client.online for client in farm.clients.values())
