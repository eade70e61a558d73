"""Client groups, resources, rules and permitted clients through `xmlrpc.client`, in every documented form."""

from __future__ import annotations

import asyncio
import functools
import json
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hqserver.api import dispatch
from hqserver.api.context import Caller, Context
from hqserver.api.methods import all_methods
from hqserver.wire.agent import Hello, Machine
from hqserver.wire.faults import ApiFault
from hqserver.wire.roles import Role
from tests.compat.server import LocalServer, join, local_server

UNKNOWN = 999_999


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LocalServer]:
    """With the clients node1, node1:gpu and node2."""
    with local_server(tmp_path) as running:
        for number, (host, name) in enumerate((("node1", ""), ("node1", "gpu"), ("node2", ""))):
            hello = Hello(1, f"agent {number}", "boot", name, 5001, "1.0", Machine(host, "linux-x86_64", 4))
            running.inside(functools.partial(_join, hello))
        yield running


def _join(hello: Hello, context: Context) -> None:
    join(context, hello, hello.agent)


@pytest.fixture
def hq(server: LocalServer) -> Any:
    return server.hq


def fault(call: Any, *arguments: Any) -> int:
    with pytest.raises(xmlrpc.client.Fault) as caught:
        call(*arguments)
    return int(caught.value.faultCode)


def test_groups_are_made_filled_emptied_renamed_and_deleted(hq: Any) -> None:
    one, two = hq.createClientGroup("fast ones"), hq.createClientGroup("slow ones")
    assert hq.addClientToGroup(one, 3) is None
    hq.addClientToGroup(one, 1)
    hq.addClientToGroup(str(two), "3")
    hq.addClientToGroup(one, 1)
    everything = [
        {"id": one, "name": "fast ones", "clients": [1, 3]},
        {"id": two, "name": "slow ones", "clients": [3]},
    ]
    names = ["id", "name", "clients", "nothing like it"]
    assert hq.getClientGroups(None, names) == everything
    assert hq.getClientGroups([two, UNKNOWN, one, two], ["name"]) == [
        {"name": "slow ones"}, {"name": "fast ones"}, {"name": "slow ones"},
    ]  # fmt: skip
    assert [row["id"] for row in hq.getClientGroups()] == [one, two]
    assert hq.getClientGroups([]) == []
    assert hq.getClientGroup(one, ["clients"]) == {"clients": [1, 3]}
    assert hq.getClientGroupByName("slow ones", ["id"]) == {"id": two}
    assert (hq.getClientGroup(UNKNOWN), hq.getClientGroupByName("none such")) == (None, None)
    assert hq.getClient(3, ["groups"]) == {"groups": [one, two]}
    assert hq.removeClientFromGroup(one, 3) is None
    hq.removeClientFromGroup(one, 3)
    hq.renameClientGroup(one, "fastest")
    assert hq.deleteClientGroup(two) is None
    assert hq.getClientGroups(None, names) == [{"id": one, "name": "fastest", "clients": [1]}]
    assert hq.getClient(3, ["groups"]) == {"groups": []}


@pytest.mark.parametrize("name", ["", " ", None, 7, ["a"], "a" * 1025, "a/b", "a,b", "a\nb"])
def test_a_group_has_a_name_that_conditions_can_hold(hq: Any, name: Any) -> None:
    assert fault(hq.createClientGroup, name) == -32602


def test_what_there_is_not_is_a_fault_and_what_there_is_is_not_made_twice(hq: Any) -> None:
    group = hq.createClientGroup("dup")
    other = hq.createClientGroup("other")
    assert fault(hq.createClientGroup, "dup") == 409
    assert fault(hq.renameClientGroup, other, "dup") == 409
    assert hq.renameClientGroup(other, "other") is None
    assert fault(hq.renameClientGroup, UNKNOWN, "x") == 404
    assert fault(hq.addClientToGroup, UNKNOWN, 1) == 404
    assert fault(hq.addClientToGroup, group, UNKNOWN) == 404
    assert fault(hq.removeClientFromGroup, group, UNKNOWN) == 404
    assert fault(hq.deleteClientGroup, UNKNOWN) == 404


def test_resources_are_made_changed_and_deleted(hq: Any) -> None:
    tape = hq.createResource("tape robots", 2)
    licence = hq.createResource("sidefx.license.render", "40", True)
    rows = hq.getResources()
    assert [(row["id"], row["name"], row["amount"], row["perMachine"]) for row in rows] == [
        (tape, "tape robots", 2, False),
        (licence, "sidefx.license.render", 40, True),
    ]
    assert all((row["inUse"], row["jobs"], row["holders"]) == (0, [], []) for row in rows)
    assert hq.setResourceAmount("tape robots", 0) is None
    assert [row["amount"] for row in hq.getResources([licence, UNKNOWN, tape])] == [40, 0]
    assert hq.getResources([]) == []
    assert hq.deleteResource("tape robots") is None
    assert [row["id"] for row in hq.getResources()] == [licence]
    assert fault(hq.createResource, "sidefx.license.render", 1) == 409
    assert fault(hq.setResourceAmount, "none such", 1) == 404
    assert fault(hq.deleteResource, "none such") == 404
    assert fault(hq.createResource, "x", -1) == -32602
    assert fault(hq.createResource, "x", 1, "yes") == -32602
    assert [fault(hq.getResources, ids) for ids in ("x", [None])] == [-32602, -32602]


def test_availability_rules_are_answered_as_they_were_set(hq: Any) -> None:
    assert hq.getClient(1, ["availabilityRules", "available"]) == {"availabilityRules": [], "available": True}
    nights = {"days": [0, 1, 2, 3, 4], "startHour": 19, "endHour": 8}
    assert hq.setAvailabilityRules(1, [nights, {"idleMinutes": 30, "enabled": False}]) is None
    rules = hq.getClient(1)["availabilityRules"]
    assert rules[0] == {
        "enabled": True, "days": [0, 1, 2, 3, 4], "startHour": 19, "startMinute": 0, "endHour": 8, "endMinute": 0,
        "idleMinutes": -1,
    }  # fmt: skip
    assert (rules[1]["enabled"], rules[1]["idleMinutes"]) == (False, 30)
    hq.setAvailabilityRules(1, [{"idleMinutes": 30}])
    assert hq.getClient(1, ["available", "status"]) == {"available": False, "status": "unavailable"}
    hq.setAvailabilityRules(1, [])
    assert hq.getClient(1, ["available"]) == {"available": True}
    assert fault(hq.setAvailabilityRules, UNKNOWN, []) == 404
    assert fault(hq.setAvailabilityRules, 1, [{"startHour": "nine"}]) == -32602


def test_an_override_and_a_description(hq: Any) -> None:
    until = xmlrpc.client.DateTime("20991231T10:00:00")
    assert hq.setClientOverride(1, "mine", until) is None
    row = hq.getClient(1, ["override", "overrideUntil", "available"])
    assert row == {"override": "mine", "overrideUntil": until, "available": False}
    hq.setClientOverride(1, "none")
    assert hq.getClient(1, ["override", "overrideUntil"]) == {"override": "none", "overrideUntil": None}
    assert fault(hq.setClientOverride, 1, "perhaps") == -32602
    assert fault(hq.setClientOverride, 1, "mine", "tomorrow") == -32602
    assert fault(hq.setClientOverride, 1, "mine", xmlrpc.client.DateTime("20200101T00:00:00")) == 422
    assert fault(hq.setClientOverride, UNKNOWN, "mine") == 404
    assert hq.setClientDescription(1, "two <b>A6000</b>") is None
    assert hq.getClient(1, ["description"]) == {"description": "two <b>A6000</b>"}
    assert fault(hq.setClientDescription, UNKNOWN, "x") == 404


def test_clients_that_are_marked_say_so(hq: Any) -> None:
    assert hq.upgradeClients([1, UNKNOWN]) is None
    assert [row["needsUpgrade"] for row in hq.getClients()] == [True, False, False]
    assert hq.upgradeClients([]) is None
    assert fault(hq.upgradeClients, None) == -32602


def test_clients_that_are_online_are_not_removed(hq: Any) -> None:
    assert fault(hq.removeClients, [1]) == 409
    assert hq.removeClients([UNKNOWN]) is None
    assert hq.removeClients([]) is None
    assert len(hq.getClients()) == 3


@pytest.mark.parametrize(
    ("saved", "permitted"),
    [
        (["node1"], ["node1", "node1:gpu"]),
        (["node1:gpu"], ["node1:gpu"]),
        (["node1:"], ["node1"]),
        (["node2", "node1:"], ["node1", "node2"]),
        (["node2", "node2"], ["node2"]),
        (["elsewhere"], []),
        ([], []),
    ],
)
def test_permitted_clients_in_the_three_formats(hq: Any, saved: list[str], permitted: list[str]) -> None:
    old = {"type": "client", "name": "hostname", "op": "==", "value": "node2"}
    (job,) = hq.newjob({"name": "x", "command": "x", "conditions": [old]})
    assert hq.getPermittedClientsList(job) == ["node2"]
    assert hq.savePermittedClientsList(job, saved) is None
    assert hq.getPermittedClientsList(job) == permitted
    assert old not in hq.getJob(job)["conditions"]


def test_without_conditions_every_client_is_permitted_and_children_follow_their_root(hq: Any) -> None:
    (root,) = hq.newjob({"name": "root", "children": [{"name": "child", "command": "x"}]})
    (child,) = hq.getJob(root)["children"]
    assert hq.getPermittedClientsList(root) == ["node1", "node1:gpu", "node2"]
    hq.savePermittedClientsList(root, ["node2"])
    assert hq.getPermittedClientsList(child) == ["node2"]


def test_a_list_of_permitted_clients_is_checked(hq: Any) -> None:
    (job,) = hq.newjob({"name": "x"})
    assert fault(hq.savePermittedClientsList, job, "h") == -32602
    assert fault(hq.savePermittedClientsList, job, [None]) == -32602
    assert fault(hq.savePermittedClientsList, job, ["h:n:x"]) == -32602
    assert fault(hq.savePermittedClientsList, job, [":x"]) == -32602
    assert fault(hq.savePermittedClientsList, job, ["a"] * 30_000) == 413
    assert fault(hq.savePermittedClientsList, UNKNOWN, []) == 404
    assert fault(hq.getPermittedClientsList, UNKNOWN) == 404


def test_followers_see_groups_and_resources(server: LocalServer) -> None:
    hq: Any = server.hq
    first = json.loads(hq.getChanges(0))
    group = hq.createClientGroup("g")
    hq.addClientToGroup(group, 2)
    resource = hq.createResource("r", 3)
    then = json.loads(hq.getChanges(first["seq"]))
    assert [(row["id"], row["clients"]) for row in then["groups"]] == [(group, [2])]
    assert [(row["id"], row["groups"]) for row in then["clients"]] == [(2, [group])]
    assert [(row["id"], row["amount"], row["inUse"]) for row in then["resources"]] == [(resource, 3, 0)]
    hq.deleteClientGroup(group)
    hq.deleteResource("r")
    assert json.loads(hq.getChanges(then["seq"]))["removed"] == {"groups": [group], "resources": [resource]}


def test_who_sits_at_a_client_may_take_it_back_and_others_may_not(server: LocalServer) -> None:
    """Until callers have identities everybody is an operator; what is asked of those who are not holds already."""
    methods, submitter = all_methods(), frozenset({Role.SUBMITTER})

    async def override(address: str, roles: frozenset[Role]) -> object:
        caller = Caller("somebody", roles, address)
        return await dispatch.answer(methods, server.context, caller, "setClientOverride", [1, "mine"])

    def run(address: str, roles: frozenset[Role] = submitter) -> object:
        return asyncio.run_coroutine_threadsafe(override(address, roles), server._loop).result(timeout=30)

    assert run("10.0.0.1") is None
    assert run("10.9.9.9", frozenset({Role.OPERATOR})) is None
    with pytest.raises(ApiFault, match="only for operators, and for who calls from node1") as caught:
        run("10.9.9.9")
    assert caught.value.code == 403
    with pytest.raises(ApiFault, match="only for the role submitter"):
        run("10.0.0.1", frozenset({Role.VIEWER}))
