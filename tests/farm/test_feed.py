"""A follower fed by `getChanges` alone ends with exactly the rows that the getters give, across kills of the server."""

from __future__ import annotations

import json
import random
import threading
import time
import xmlrpc.client
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hqserver.wire import clients, jobs
from hqserver.wire.attributes import Attribute, feed_names
from tests.farm.harness import AWAY, Calls, RealFarm, real_farm, wait_for

PATIENCE = 60.0


class Follower:
    """Applies what `getChanges` answers, and nothing else."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._since = 0
        self._epoch = ""
        self.rows: dict[str, dict[int, dict[str, Any]]] = {"jobs": {}, "clients": {}}
        self.resets = 0

    def read(self, timeout: float = 0.0) -> bool:
        """One answer; whether there is more at once."""
        answer = json.loads(Calls(self._url).getChanges(self._since, timeout))
        if answer["reset"] or (self._epoch and answer["epoch"] != self._epoch and self._since):
            for rows in self.rows.values():
                rows.clear()
            self.resets += 1
        self._epoch, self._since = answer["epoch"], answer["seq"]
        for kind, rows in self.rows.items():
            rows.update((row["id"], row) for row in answer[kind])
            for id_ in answer["removed"].get(kind, []):
                rows.pop(id_, None)
        return bool(answer["more"])

    def catch_up(self) -> None:
        while self.read():
            pass


def wire(value: Any) -> Any:
    """A getter's value as the feed writes it."""
    if isinstance(value, xmlrpc.client.DateTime):
        return str(value)
    if isinstance(value, datetime):
        return value.strftime("%Y%m%dT%H:%M:%S")
    if isinstance(value, dict):
        return {name: wire(item) for name, item in value.items()}
    return [wire(item) for item in value] if isinstance(value, list) else value


def getters(farm: RealFarm) -> dict[str, dict[int, dict[str, Any]]]:
    """What the getters answer for every row."""
    hq: Any = farm.hq
    ids = hq.getJobIdsByStatus(hq.getAllJobStatusNames())
    return {
        "jobs": {row["id"]: row for row in map(wire, hq.getJobs(ids, names(jobs.ATTRIBUTES)))},
        "clients": {row["id"]: row for row in map(wire, hq.getClients(None, names(clients.ATTRIBUTES)))},
    }


def names(table: dict[str, Attribute]) -> list[str]:
    return list(feed_names(table))


def settled(follower: Follower, farm: RealFarm) -> bool:
    """Whether follower and getters agree; heartbeats go on, so a moment is looked for in which nothing changed."""
    follower.catch_up()
    found = getters(farm)
    follower.catch_up()
    return found == follower.rows


def children(follower: Follower) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {id_: [] for id_ in follower.rows["jobs"]}
    for id_, row in sorted(follower.rows["jobs"].items()):
        for parent in row["parents"]:
            found[parent].append(id_)
    return found


def trouble(farm: RealFarm, chance: random.Random, stop: threading.Event) -> Callable[[], None]:
    """A user who submits, pauses, cancels, reschedules and deletes at random, while servers come and go."""

    def act() -> None:
        known: list[int] = []
        while not stop.is_set():
            hq: Any = farm.hq
            chosen = chance.sample(known, min(len(known), 3))
            try:
                match chance.randrange(8):
                    case 0 | 1 | 2:
                        frames = [{"name": f"f{n}", "command": "sleep 0.05"} for n in range(chance.randrange(4))]
                        known += hq.newjob({"name": "tree", "command": "true", "children": frames})
                    case 3:
                        hq.newjob({"name": "late", "command": "true"}, chance.choice(known) if known else None)
                    case 4:
                        hq.pauseJobs(chosen)
                    case 5:
                        hq.resumeJobs(chosen)
                    case 6:
                        (hq.cancelJobs if chance.random() < 0.5 else hq.rescheduleJobs)(chosen)
                    case _:
                        hq.deleteJobs(chosen)
            except AWAY:
                pass
            stop.wait(0.01)

    return act


def test_followers_see_what_the_getters_say_across_kills(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    given = pytestconfig.getoption("--seed")
    seed = 4242 if given is None else given
    chance = random.Random(seed)
    with real_farm(tmp_path, agents=2, cpus=2) as farm:
        stop = threading.Event()
        user = threading.Thread(target=trouble(farm, chance, stop))
        user.start()
        followers = [Follower(farm.url)]
        try:
            for _ in range(3):
                until = time.monotonic() + chance.uniform(0.3, 1.0)
                for follower in followers:
                    follower.read()  # each of them sees each epoch, however long all this is kept from running
                while time.monotonic() < until:
                    for follower in followers:
                        follower.read(0.05)
                farm.kill_server()
                farm.start_server()
                followers.append(Follower(farm.url))
        finally:
            stop.set()
            user.join()
        for follower in followers:
            wait_for(f"a follower to agree (seed {seed})", lambda one=follower: settled(one, farm), PATIENCE)  # type: ignore[misc]
        hq: Any = farm.hq
        ids = list(followers[0].rows["jobs"])
        assert ids, f"seed {seed}: nothing happened"
        told = {row["id"]: row["children"] for row in hq.getJobs(ids, ["id", "children"])}
        assert told == children(followers[0]), f"seed {seed}"
        assert followers[0].resets >= 4, "each start of the server begins a new epoch"
