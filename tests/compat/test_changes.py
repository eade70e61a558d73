"""The change feed: a follower that applies it alone ends with what the getters answer."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import xmlrpc.client
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqserver.api import dispatch
from hqserver.api.changes import MOST_ROWS
from hqserver.api.context import ADMITTED, Caller, Context
from hqserver.api.methods import all_methods
from hqserver.core.commands import Register
from hqserver.core.state import Changes
from hqserver.wire import clients, groups, jobs, notes, resources
from hqserver.wire.agent import Hello, Machine
from hqserver.wire.attributes import feed_names
from hqserver.wire.codec import decode_response, encode_response
from hqserver.wire.faults import ApiFault
from tests.compat.server import LocalServer, make_context

NAMES = {
    "jobs": feed_names(jobs.ATTRIBUTES),
    "clients": feed_names(clients.ATTRIBUTES),
    "groups": feed_names(groups.ATTRIBUTES),
    "resources": feed_names(resources.ATTRIBUTES),
    "threads": feed_names(notes.THREADS),
}


class Follower:
    """What a window does: rows by id, from the feed and nothing else."""

    def __init__(self) -> None:
        self.since: int | str = 0
        self.rows: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in NAMES}
        self.later_resets = 0
        """Beyond the ones that it asked for."""

    def take(self, text: str) -> bool:
        """Apply an answer; whether there is more."""
        answer = json.loads(text)
        assert set(answer) == {
            "epoch", "seq", "reset", "more", "jobs", "clients", "groups", "resources", "threads", "removed",
        }  # fmt: skip
        assert sum(len(answer[kind]) for kind in NAMES) <= MOST_ROWS
        if answer["reset"]:
            self.later_resets += self.since != 0
            self.rows = {kind: {} for kind in NAMES}
        for kind, rows in self.rows.items():
            for id_ in answer["removed"].get(kind, ()):
                rows.pop(id_, None)
            rows.update((row["id"], row) for row in answer[kind])
        self.since = answer["seq"]
        return bool(answer["more"])


def as_json(row: dict[str, Any]) -> dict[str, Any]:
    """A getter's row as the feed words it."""
    return {
        name: value.strftime("%Y%m%dT%H:%M:%S") if isinstance(value, datetime) else value for name, value in row.items()
    }


class Client:
    """Calls methods without HTTP, through the codec."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self._methods = all_methods()

    async def call(self, method: str, *arguments: object) -> Any:
        caller = Caller("me", ADMITTED)
        value = await dispatch.answer(self._methods, self.context, caller, method, arguments)
        return decode_response(encode_response(value))

    async def follow(self, follower: Follower) -> None:
        while follower.take(await self.call("getChanges", follower.since)):
            pass

    async def getters(self) -> dict[str, dict[int, dict[str, Any]]]:
        """What the getters answer, for what the feed carries."""
        rows = {
            "jobs": await self.call("getJobs", sorted(self.context.farm.jobs), list(NAMES["jobs"])),
            "clients": await self.call("getClients", None, list(NAMES["clients"])),
            "groups": await self.call("getClientGroups", None, list(NAMES["groups"])),
            "resources": await self.call("getResources"),
            "threads": await self.call("getNoteThreads", None, list(NAMES["threads"])),
        }
        return {kind: {row["id"]: as_json(row) for row in rows[kind]} for kind in rows}


async def random_step(client: Client, chance: random.Random) -> None:
    """Something that users and agents do."""
    known = sorted(client.context.farm.jobs)
    some = chance.sample(known, min(len(known), 3))
    steps: list[Callable[[], Any]] = [
        lambda: client.call(
            "newjob", {"name": "a\x1b\\u001b\\\b", "children": [{"name": "é"}, {"name": "c", "command": "x"}]}
        ),
        lambda: client.call("newjob", {"name": "b", "command": "x", "childrenIds": some[:1]}),
        lambda: client.call("pauseJobs", some),
        lambda: client.call("resumeJobs", some),
        lambda: client.call("cancelJobs", some),
        lambda: client.call("rescheduleJobs", some),
        lambda: client.call("deleteJobs", some),
        lambda: client.call("setPriority", some, chance.randrange(10)),
        *_arrangements(client, chance, some),
    ]
    with suppress(ApiFault):  # there may be none of this id, or one of this name
        await chance.choice(steps)()


def _arrangements(client: Client, chance: random.Random, some: list[int]) -> list[Callable[[], Any]]:
    """What people do to groups, resources, notes and clients."""
    one, other = chance.randint(1, 3), chance.randint(1, 3)
    return [
        lambda: client.call("createClientGroup", f"g{one}"),
        lambda: client.call("addClientToGroup", one, other),
        lambda: client.call("addClientToGroup", other, one),
        lambda: client.call("removeClientFromGroup", one, other),
        lambda: client.call("renameClientGroup", one, f"g{other}"),
        lambda: client.call("deleteClientGroup", one),
        lambda: client.call("createResource", f"r{one}", other, True),
        lambda: client.call("setResourceAmount", f"r{one}", other),
        lambda: client.call("deleteResource", f"r{one}"),
        lambda: client.call("addNote", "a\x1b", None, some[0] if some else None, None),
        lambda: client.call("addNote", "b", None, None, one),
        lambda: client.call("addNote", "c", one, None, None),
        lambda: client.call("removeNotes", [one, other]),
        lambda: client.call("removeThreads", [one]),
        lambda: client.call("markNotesHandled", [one, other], True),
        lambda: client.call("setClientDescription", one, f"d{other}"),
        lambda: client.call("setAvailabilityRules", one, [{"days": [other], "idleMinutes": other}]),
        lambda: client.call("setClientOverride", one, "mine"),
        lambda: client.call("setdisabled", f"host:n{10 * one + 3}", True),
        lambda: client.call("upgradeClients", [one]),
    ]


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_a_follower_ends_with_what_the_getters_answer(seed: int, steps: int) -> None:
    async def run() -> None:
        client = Client(make_context(Path("/nonexistent")))
        chance = random.Random(seed)
        followers: list[Follower] = []
        for number in range(steps):
            await random_step(client, chance)
            if number % 10 == 3:
                hello = Hello(1, f"a{number}", "b", f"n{number}", 0, "1", Machine("host", "linux-x86_64", cpus=2))
                client.context.engine.apply(Register(hello, f"s{number}", "127.0.0.1"))
            if chance.random() < 0.2:
                followers.append(Follower())
            for follower in followers:
                if chance.random() < 0.3:
                    await client.follow(follower)
        wanted = await client.getters()
        for follower in [*followers, Follower()]:
            await client.follow(follower)
            assert follower.rows == wanted
            assert follower.later_resets == 0

    asyncio.run(run())


def test_a_snapshot_comes_in_parts(server: LocalServer) -> None:
    hq: Any = server.hq
    hq.newjob({"name": "many", "children": [{"name": str(number)} for number in range(2 * MOST_ROWS)]})
    follower = Follower()
    answers = 1
    while follower.take(hq.getChanges(str(follower.since))):
        answers += 1
    assert answers == 3
    assert follower.later_resets == 0
    assert len(follower.rows["jobs"]) >= 2 * MOST_ROWS + 1
    assert len(hq.getChanges(follower.since, 0)) < 300


@pytest.mark.parametrize("since", ["far ahead", "0", 0])
def test_who_comes_from_nowhere_starts_anew(server: LocalServer, since: Any) -> None:
    hq: Any = server.hq
    hq.newjob({"name": "a"})
    answer = json.loads(hq.getChanges(2.0**50 if since == "far ahead" else since))
    assert answer["reset"] is True
    assert answer["jobs"]


def test_who_comes_from_before_the_floor_starts_anew(tmp_path: Path) -> None:
    async def run() -> None:
        client = Client(make_context(tmp_path))
        for _ in range(3):
            await client.call("newjob", {"name": "a"})
        client.context.farm.change_log.floor = 2
        assert json.loads(await client.call("getChanges", 1))["reset"] is True
        assert json.loads(await client.call("getChanges", 2))["reset"] is False

    asyncio.run(run())


def test_kinds_may_be_chosen(server: LocalServer) -> None:
    hq: Any = server.hq
    hq.newjob({"name": "a"})
    answer = json.loads(hq.getChanges(0, 0, ["clients", "groups"]))
    assert (answer["jobs"], answer["reset"]) == ([], True)


def test_a_follower_waits_for_the_next_change(server: LocalServer) -> None:
    hq: Any = server.hq
    hq.newjob({"name": "before"})
    follower = Follower()
    while follower.take(hq.getChanges(follower.since)):
        pass
    answers: list[str] = []

    def wait() -> None:
        with xmlrpc.client.ServerProxy(server.url) as proxy:
            answers.append(str(proxy.getChanges(follower.since, 60)))

    waiting = threading.Thread(target=wait)
    waiting.start()
    wait_until(lambda: server.inside(lambda context: len(context.engine._followers)) == 1)
    assert not answers
    (job,) = hq.newjob({"name": "after"})
    waiting.join(30)
    assert [row["id"] for row in json.loads(answers[0])["jobs"]] == [job]


def test_nothing_is_told_before_it_is_on_disk(tmp_path: Path) -> None:
    async def run() -> None:
        client = Client(make_context(tmp_path))
        disk = HeldDisk()
        client.context.engine._committer = disk
        submission = asyncio.create_task(client.call("newjob", {"name": "a", "command": "x"}))
        await disk.asked.wait()
        reads = [
            asyncio.create_task(client.call(*call))
            for call in (
                ("getChanges", 0),
                ("getJob", 1, ["id"]),
                ("getJobs", [1], ["id"]),
                ("getUnfinishedRootJobIds",),
                ("getJobIdsByStatus", ["runnable"]),
                ("getNumWaitingJobs",),
                ("getJobOutput", 1),
            )
        ]
        for _ in range(20):
            await asyncio.sleep(0)
        assert not submission.done()
        assert not any(read.done() for read in reads)
        disk.release()
        assert await submission == [1]
        answers = await asyncio.gather(*reads)
        assert answers[1:] == [{"id": 1}, [{"id": 1}], [1], [1], 1, ""]

    asyncio.run(run())


class HeldDisk:
    """A disk that writes when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self._held: list[Callable[[], None]] | None = []

    def commit(self, changes: Changes, done: Callable[[], None]) -> None:
        if self._held is None:
            done()
        else:
            self._held.append(done)
        self.asked.set()

    def release(self) -> None:
        """Everything so far is on disk, and whatever comes is at once."""
        held, self._held = self._held or [], None
        for done in held:
            done()


def wait_until(holds: Callable[[], bool]) -> None:
    """Until a condition holds that another thread brings about."""
    for _ in range(3000):
        if holds():
            return
        threading.Event().wait(0.01)
    raise AssertionError("it never came to hold")
