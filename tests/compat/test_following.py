"""The change feed for one person: a filtered follower has their root jobs and their machine, and nothing else."""

from __future__ import annotations

import asyncio
import json
import random
import xmlrpc.client
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hqserver.api.following import MOST_ROOTS
from hqserver.core.commands import Register
from hqserver.wire.agent import Hello, Machine
from tests.compat.server import LocalServer, make_context
from tests.compat.test_changes import Client, Follower, random_step


async def _follow(client: Client, follower: Follower, users: list[str], hosts: list[str]) -> None:
    only = {"users": users, "hosts": hosts, "known": sorted(follower.rows["jobs"])}
    while follower.take(await client.call("getChanges", follower.since, 0, None, only)):
        pass


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 60))
def test_it_ends_with_the_roots_and_clients_that_are_its(seed: int, steps: int) -> None:
    async def run() -> None:
        client = Client(make_context(Path("/nonexistent")))
        chance = random.Random(seed)
        followers: list[Follower] = []
        for number in range(steps):
            await random_step(client, chance)
            if chance.random() < 0.2:
                await client.call("newjob", {"name": "other", "command": "x", "submittedBy": "somebody"})
            if number % 10 == 3:
                host = "Ws-Jlee" if number % 20 == 3 else "host"
                hello = Hello(1, f"a{number}", "b", f"n{number}", 0, "1", Machine(host, "linux-x86_64", cpus=2))
                client.context.engine.apply(Register(hello, f"s{number}", "127.0.0.1"))
            if chance.random() < 0.2:
                followers.append(Follower())
            for follower in followers:
                if chance.random() < 0.3:
                    await _follow(client, follower, ["me"], ["ws-jlee"])
        wanted = await client.getters()
        jobs = {id_: row for id_, row in wanted["jobs"].items() if not row["parents"] and row["submittedBy"] == "me"}
        clients = {id_: row for id_, row in wanted["clients"].items() if row["hostname"] == "Ws-Jlee"}
        for follower in [*followers, Follower()]:
            await _follow(client, follower, ["me"], ["ws-jlee"])
            assert follower.rows["jobs"] == jobs
            assert follower.rows["clients"] == clients
            assert follower.later_resets == 0

    asyncio.run(run())


def test_frames_and_other_peoples_jobs_are_not_told(server: LocalServer) -> None:
    hq: Any = server.hq
    frames = [{"name": str(number)} for number in range(2500)]
    (mine,) = hq.newjob({"name": "mine", "submittedBy": "jlee", "children": frames})
    hq.newjob({"name": "other", "submittedBy": "dkim", "children": frames})
    text = hq.getChanges(0, 0, ["jobs"], {"users": ["jlee"]})
    answer = json.loads(text)
    assert [row["id"] for row in answer["jobs"]] == [mine]
    assert (answer["reset"], answer["more"]) == (True, False)
    since = answer["seq"]
    hq.newjob({"name": "another", "submittedBy": "dkim", "children": frames})
    answer = json.loads(hq.getChanges(since, 0, ["jobs"], {"users": ["jlee"]}))
    assert (answer["jobs"], answer["removed"], answer["more"]) == ([], {}, False)
    assert answer["seq"] > since + 2500


def test_notes_on_frames_of_theirs_and_on_their_machine_are_told(server: LocalServer) -> None:
    hq: Any = server.hq
    (tree,) = hq.newjob({"name": "mine", "submittedBy": "jlee", "children": [{"name": "1"}]})
    [frame] = hq.getJob(tree, ["children"])["children"]
    (other,) = hq.newjob({"name": "other", "submittedBy": "dkim"})
    since = json.loads(hq.getChanges(0, 0, None, {"users": ["jlee"]}))["seq"]
    hq.addNote("look at this", None, frame, None)
    hq.addNote("not for jlee", None, other, None)
    hq.addNote("about nothing", None, None, None)
    answer = json.loads(hq.getChanges(since, 0, ["threads"], {"users": ["jlee"]}))
    assert [(row["jobId"], row["latestNote"]) for row in answer["threads"]] == [(frame, "look at this")]


def test_a_root_that_gets_a_parent_or_is_deleted_is_told_as_gone(server: LocalServer) -> None:
    hq: Any = server.hq
    first, second = (hq.newjob({"name": name, "submittedBy": "jlee"})[0] for name in "ab")
    only = {"users": ["jlee"], "known": [first, second]}
    since = json.loads(hq.getChanges(0, 0, ["jobs"], only))["seq"]
    hq.newjob({"name": "above", "submittedBy": "dkim", "childrenIds": [first]})
    hq.deleteJobs([second])
    answer = json.loads(hq.getChanges(since, 0, ["jobs"], only))
    assert answer["removed"] == {"jobs": [first, second]}
    assert answer["jobs"] == []


def test_a_snapshot_is_bounded_by_the_newest(server: LocalServer) -> None:
    hq: Any = server.hq
    ids = hq.newjob([{"name": str(number), "submittedBy": "many"} for number in range(MOST_ROOTS + 50)])
    rows = json.loads(hq.getChanges(0, 0, ["jobs"], {"users": ["many"]}))["jobs"]
    assert sorted(row["id"] for row in rows) == ids[50:]


@pytest.mark.parametrize(
    ("only", "words"),
    [
        ("jlee", "getChanges: only: must be a struct of users, hosts, known, got 'jlee'"),
        ({"user": ["jlee"]}, "getChanges: only: has the unknown key 'user'; known are users, hosts, known"),
        ({"users": "jlee"}, "getChanges: only.users: must be a list of names, got 'jlee'"),
        ({"users": ["x"] * 1 + [str(n) for n in range(100)]}, "getChanges: only.users: has 101 names. At most 100 are taken."),
        ({"known": ["x"]}, "getChanges: only.known[0]: must be a whole number, got 'x'"),
    ],
)  # fmt: skip
def test_a_filter_that_is_none_is_refused_by_its_name(server: LocalServer, only: Any, words: str) -> None:
    hq: Any = server.hq
    with pytest.raises(xmlrpc.client.Fault) as refused:
        hq.getChanges(0, 0, None, only)
    assert refused.value.faultString.startswith(words)
