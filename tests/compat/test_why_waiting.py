"""`explainJob` in full, the calls that its fixes make, and `checkJob`, through a real proxy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from hqserver.core.commands import Receive, Register
from hqserver.wire.agent import Exchange, Hello, Machine, Welcome
from hqserver.wire.agent_json import decode, encode
from tests.compat.server import LocalServer, local_server
from tests.compat.test_groups_and_resources import fault

CLIENTS = 6


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalServer]:
    """Six clients of four cpus, three of them in the group `sim`, and one that is disabled."""
    with local_server(tmp_path_factory.mktemp("outputs")) as running:
        hq: Any = running.hq
        for number in range(CLIENTS):
            hello = Hello(1, f"agent {number}", "boot", "", 0, "1.0", Machine(f"node{number + 1}", "linux-x86_64", 4))
            session = decode(Welcome, getattr(hq, "agent.register")(encode(hello))).session
            getattr(hq, "agent.exchange")(encode(Exchange(session, 0, 0)))
        group = hq.createClientGroup("sim")
        for client in (1, 2, 3):
            hq.addClientToGroup(group, client)
        hq.setdisabled("node6", True)
        yield running


def only(*labels: str) -> list[dict[str, str]]:
    return [{"type": "client", "name": "hostname:name", "op": "in", "value": ",".join(labels)}]


def press(hq: Any, fix: dict[str, Any]) -> None:
    """As the window does."""
    for call in fix["calls"]:
        getattr(hq, call["function"])(*call["arguments"])


def test_a_job_that_is_permitted_too_few_clients(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x", "conditions": only("node6:")})
    told = hq.explainJob(job)
    assert sum(reason["count"] for reason in told["reasons"]) == told["total"] == CLIENTS
    assert (told["eligible"], told["needs"]["permitted"], told["job"], told["status"]) == (0, 1, job, "runnable")
    by_code = {reason["code"]: reason for reason in told["reasons"]}
    assert set(by_code) == {"condition", "disabled"}
    groups = [(group["name"], group["count"], group["states"]) for group in by_code["condition"]["groups"]]
    assert groups == [("sim", 3, {"available": 3}), ("", 2, {"available": 2})]
    (item,) = by_code["disabled"]["items"]
    assert (item["label"], item["status"]) == ("node6", "disabled")
    assert item["fixes"][0]["calls"] == [{"function": "setdisabled", "arguments": ["node6", False]}]
    best = told["reasons"][told["best"]["reason"]]["fixes"][told["best"]["fix"]]
    assert (best["code"], best["clients"]) == ("permit", 3)

    supposed = hq.explainJob(job, only("node1:", "node6:"))
    assert (supposed["eligible"], supposed["eligibleClients"], supposed["needs"]["permitted"]) == (1, [1], 2)
    assert hq.explainJob(job)["needs"]["permitted"] == 1

    press(hq, best)
    assert hq.explainJob(job)["status"] == "runnable"
    assert hq.getJob(job, ["waitingCode"])["waitingCode"] == "starting"
    assert hq.getPermittedClientsList(job) == ["node1", "node2", "node3", "node6"]


def test_a_group_joins_a_condition_of_groups(server: LocalServer) -> None:
    hq: Any = server.hq
    other = hq.createClientGroup("empty")
    condition = {"type": "client", "name": "group", "op": "==", "value": "empty"}
    (job,) = hq.newjob({"name": "a", "command": "x", "conditions": [condition]})
    hq.permitClients(job, [], [1])
    assert hq.getJob(job, ["conditions"])["conditions"] == [{**condition, "op": "in", "value": "empty,sim"}]
    assert fault(hq.permitClients, job, [99]) == fault(hq.permitClients, job, [], [99]) == 404
    assert fault(hq.permitClients, 99, []) == fault(hq.setJobConditions, 99, []) == fault(hq.unblockClients, 99) == 404
    hq.setJobConditions(job, [condition])
    assert hq.getJob(job, ["conditions"])["conditions"] == [condition]
    assert fault(hq.setJobConditions, job, [{"name": "colour", "op": "==", "value": "red"}]) == -32602
    assert other


def test_a_client_is_opened_outside_its_hours(server: LocalServer) -> None:
    hq: Any = server.hq
    hq.setAvailabilityRules(1, [{"idleMinutes": 30}])
    (job,) = hq.newjob({"name": "a", "command": "x", "conditions": only("node1:")})
    hours = next(reason for reason in hq.explainJob(job)["reasons"] if reason["code"] == "hours")
    (fix,) = hours["fixes"]
    assert (fix["code"], fix["clients"], fix["calls"][0]["arguments"][:2]) == ("open", 1, [1, "open"])
    press(hq, fix)
    assert hq.getJob(job, ["waitingCode"])["waitingCode"] == "starting"
    client = hq.getClient(1, ["override", "overrideUntil", "available", "availabilityRules"])
    assert (client["override"], client["available"], len(client["availabilityRules"])) == ("open", True, 1)
    assert client["overrideUntil"] is not None


def test_held_clients_are_let_go(server: LocalServer) -> None:
    hq: Any = server.hq
    blocks = hq.newjob([{"name": "block", "command": "x", "cpus": 4, "conditions": only(f"node{n}:")} for n in (1, 2)])
    (large,) = hq.newjob(
        {"name": "two", "command": "x", "cpus": 4, "minHosts": 2, "conditions": only("node1:", "node3:")}
    )
    (small,) = hq.newjob({"name": "small", "command": "x", "conditions": only("node3:")})
    told = hq.explainJob(large)
    gathering = told["reasons"][0]
    assert (gathering["code"], [item["label"] for item in gathering["held"]]) == ("gathering", ["node3"])
    assert str(gathering["held"][0]["since"]).startswith("20")
    held = next(reason for reason in hq.explainJob(small)["reasons"] if reason["code"] == "on-hold")
    assert held["items"][0]["heldFor"] == {"id": large, "name": "two"}
    release = next(fix for fix in held["fixes"] if fix["code"] == "release-hold")
    press(hq, release)
    assert hq.getJob(small, ["waitingCode"])["waitingCode"] == "starting"
    assert hq.getJob(large, ["clientsOnHold"])["clientsOnHold"] == []
    assert hq.releaseHolds([large]) == 0
    busy = next(reason for reason in hq.explainJob(large)["reasons"] if reason["code"] == "busy")
    assert {item["jobs"][0]["id"] for item in busy["items"]} == {blocks[0], small}


def test_a_resource_and_its_holders(server: LocalServer) -> None:
    hq: Any = server.hq
    hq.createResource("karma", 1)
    first, second = hq.newjob([{"name": name, "command": "x", "resources": {"karma": 1}} for name in ("a", "b")])
    told = hq.explainJob(second)
    assert told["reasons"][0]["resource"] == {
        "name": "karma",
        "asked": 1,
        "amount": 1,
        "inUse": 1,
        "perMachine": False,
        "holders": [{"id": first, "name": "a"}],
        "holderCount": 1,
    }
    assert told["best"] is None  # nobody but a job that ends gives a licence back
    assert told["eligible"] == CLIENTS - 1


def test_a_paused_job_is_resumed(server: LocalServer) -> None:
    hq: Any = server.hq
    (job,) = hq.newjob({"name": "a", "command": "x", "conditions": only("node6:")})
    hq.pauseJobs([job])
    told = hq.explainJob(job)
    assert told["best"] == {"reason": 0, "fix": 0}
    press(hq, told["reasons"][0]["fixes"][0])
    assert hq.getJob(job, ["status"])["status"] == "runnable"


def test_a_specification_is_checked_and_nothing_is_stored(server: LocalServer) -> None:
    hq: Any = server.hq
    before = hq.getJobIdsByStatus(["runnable", "queued", "running"])
    told = hq.checkJob(json.dumps({"name": "a", "priority": "high", "children": [{"command": 5}]}))
    assert told["mistakeCount"] == 3
    assert {mistake["path"] for mistake in told["mistakes"]} == {
        "jobspec.priority",
        "jobspec.children[0].command",
        "jobspec.children[0].name",
    }
    assert told["where"] == []
    (mistake,) = hq.checkJob("{")["mistakes"]
    assert mistake["path"] == "jobspec"
    spec = {
        "name": "film",
        "command": "join",
        "colour": 1,
        "conditions": [{"type": "client", "name": "group", "op": "==", "value": "sim"}],
        "children": [{"name": f"frame {n}", "command": "draw", "cpus": 2} for n in range(5)],
    }
    told = hq.checkJob(spec)
    assert (told["jobs"], told["clients"], told["mistakes"]) == (6, CLIENTS, [])
    assert ["colour" in warning for warning in told["warnings"]] == [True]
    assert [(item["name"], item["jobs"], item["could"], item["free"]) for item in told["where"]] == [
        ("film", 1, 3, 3),
        ("frame 0", 5, 3, 3),
    ]
    assert all(sum(reason["count"] for reason in item["reasons"]) == CLIENTS for item in told["where"])
    assert hq.getJobIdsByStatus(["runnable", "queued", "running"]) == before


def test_an_answer_about_ten_thousand_clients_is_of_bounded_size(server: LocalServer) -> None:
    def crowd(context: Any) -> int:
        engine = context.engine
        for number in range(10_000):
            machine = Machine(f"rack{number}", "linux-x86_64", 8)
            hello = Hello(1, f"crowd {number}", "boot", "", 0, "1.0", machine)
            engine.farm.apply(Register(hello, f"crowd {number}", "127.0.0.1"), engine.now())
            engine.farm.apply(Receive(Exchange(f"crowd {number}", 0, 0)), engine.now())
        return len(engine.farm.clients)

    hq: Any = server.hq
    assert server.inside(crowd) == 10_000 + CLIENTS
    (job,) = hq.newjob({"name": "a", "command": "x", "conditions": only("node6:")})
    told = hq.explainJob(job)
    assert sum(reason["count"] for reason in told["reasons"]) == told["total"] == 10_000 + CLIENTS
    assert all(len(reason["items"]) <= 100 and len(reason["clients"]) <= 100 for reason in told["reasons"])
