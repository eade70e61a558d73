"""Numbers of changes across restarts: a follower of an earlier life of the server begins anew, whatever it has heard."""

from __future__ import annotations

import copy

from hqserver.core.farm import Farm
from hqserver.core.restoring import Remembered, restore
from hqserver.core.state import REVISIONS_AHEAD
from hqserver.wire.jobs import JobSpec
from tests.core.world import World


class Disk:
    """What a store keeps of a farm: everything that was to be stored, as it was then."""

    def __init__(self) -> None:
        self.remembered = Remembered()
        self.commits = 0

    def take(self, farm: Farm) -> None:
        """As the engine does it: only what has something to store is written."""
        changes = farm.take_changes()
        if changes.stored:
            self.commits += 1
            jobs, clients = copy.deepcopy((list(farm.jobs.values()), list(farm.clients.values())))
            self.remembered = Remembered(jobs, clients, [], changes.base_revision, farm.next_job)


def restart(world: World, disk: Disk) -> None:
    for job in disk.remembered.jobs:
        job.children, job.totals, job.share = {}, None, ()
    world.farm = restore(world.farm.settings, disk.remembered, world.now)
    disk.take(world.farm)


def test_what_was_heard_before_a_restart_is_before_everything_after_it() -> None:
    world, disk = World(), Disk()
    world.deliver = lambda: disk.take(world.farm)  # type: ignore[method-assign]
    client = world.hello("a")
    for _ in range(3):
        world.submit(JobSpec("x", "x"))
        for _ in range(50):
            world.beat(client)
        heard = world.farm.revision
        restart(world, disk)
        assert heard < world.farm.change_log.floor
        world.hello("a")
        heard = world.farm.revision
        restart(world, disk)
        assert heard < world.farm.change_log.floor
        world.hello("a")


def test_a_farm_in_which_only_hearts_beat_writes_now_and_then() -> None:
    world, disk = World(), Disk()
    world.deliver = lambda: disk.take(world.farm)  # type: ignore[method-assign]
    client = world.farm.clients[world.hello("a")]
    before = disk.commits
    for _ in range(10):
        for _ in range(REVISIONS_AHEAD // 4):
            world.farm.touch_client(client, stored=False)
        disk.take(world.farm)
        assert world.farm.revision < disk.remembered.revision
    assert 2 <= disk.commits - before <= 4
