"""What is done to clients, groups and resources: which calls go out, what is told, and what undo gives back."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from hqgui.actions import ACTIONS, Desk, Kind, Outcome
from hqgui.actions.all_deeds import DEEDS
from hqgui.actions.client_deeds import tomorrow_morning
from hqgui.actions.supply_deeds import NewResource
from hqgui.models.farm import FarmData
from hqgui.troubles import Refusal
from tests.models.farm_rows import client_row, job_row

NOW = 1_795_600_800.0
ALL_FEATURES = frozenset(
    {"multicall", "override", "availability", "removeClients", "terminateClients", "resources", "unblockClients"}
)


class Server:
    """Remembers calls, answers getters from rows, and refuses what it is told to refuse."""

    def __init__(self, farm: FarmData) -> None:
        self.farm = farm
        self.calls: list[tuple[str, tuple[object, ...]]] = []
        self.requests = 0
        self.refuses: dict[tuple[str, object], str] = {}

    def last(self) -> tuple[str, tuple[object, ...]]:
        return self.calls[-1]

    async def call(self, method: str, *arguments: object) -> Any:
        self.requests += 1
        if method == "system.multicall":
            packed = arguments[0]
            assert isinstance(packed, list)
            return [self._one(one["methodName"], tuple(one["params"])) for one in packed]
        answer = self._one(method, arguments)
        if isinstance(answer, Mapping):
            raise Refusal(409, str(answer["faultString"]))
        return answer[0]

    def _one(self, method: str, arguments: tuple[object, ...]) -> Any:
        first = arguments[0] if arguments else None
        if not isinstance(first, list) and (method, first) in self.refuses:
            return {"faultCode": 409, "faultString": self.refuses[method, first]}
        tables = {
            "getClients": self.farm.clients.rows,
            "getClientGroups": self.farm.groups,
            "getResources": self.farm.resources,
        }
        if method in tables:
            assert isinstance(first, list)
            return [[dict(tables[method][one]) for one in first if one in tables[method]]]
        self.calls.append((method, arguments))
        return [41 if method.startswith("create") else None]


@pytest.fixture
def farm() -> FarmData:
    found = FarmData()
    found.upsert("groups", [{"id": 1, "name": "gpu", "clients": [1, 2]}, {"id": 2, "name": "sim", "clients": []}])
    found.upsert("resources", [{"id": 5, "name": "nuke", "amount": 3, "inUse": 0, "perMachine": True, "holders": []}])
    found.upsert("clients", [client_row(1, groups=[1]), client_row(2, groups=[1]), client_row(3, status="offline")])
    return found


@pytest.fixture
def server(farm: FarmData) -> Server:
    return Server(farm)


@pytest.fixture
def desk(farm: FarmData, server: Server) -> Desk:
    made = Desk(farm, server, lambda: NOW)
    made.connected = True
    made.features = ALL_FEATURES
    return made


def do(desk: Desk, name: str, ids: tuple[int, ...], value: Any = None) -> Outcome:
    return asyncio.run(desk.perform(name, ids, value))


def undo(desk: Desk) -> Outcome:
    return asyncio.run(desk.undo())


def test_every_action_on_clients_groups_and_resources_can_be_done() -> None:
    kinds = (Kind.CLIENTS, Kind.GROUPS, Kind.RESOURCES)
    done_elsewhere = {"new_group", "copy_client"}
    assert {name for name, row in ACTIONS.items() if row.kind in kinds} - done_elsewhere <= DEEDS.keys()


def test_many_clients_are_disabled_in_one_request_and_come_back(desk: Desk, server: Server) -> None:
    outcome = do(desk, "disable_client", (1, 2, 3))
    assert (outcome.text, outcome.undo, outcome.failed) == ("Disabled 3 clients.", True, False)
    assert server.requests == 1
    assert server.calls == [("setdisabled", (f"node{one}", True)) for one in (1, 2, 3)]
    server.farm.upsert("clients", [{"id": 1, "disabled": True}, {"id": 2, "disabled": True}])
    server.calls.clear()
    back = undo(desk)
    assert server.calls == [("setdisabled", ("node1", False)), ("setdisabled", ("node2", False))]
    assert (back.text, back.detail) == ("2 changes are taken back.", "One was changed since and is left alone.")


def test_only_those_that_it_concerns_are_changed_and_the_rest_is_told(desk: Desk, server: Server) -> None:
    server.farm.upsert("clients", [{"id": 2, "disabled": True}])
    outcome = do(desk, "disable_client", (1, 2))
    assert (outcome.text, outcome.detail) == ("Disabled node1.", "One was left as it is: disabled already.")
    assert desk.why_not("enable_client", (1,)) == "Enabled already."
    assert desk.why_not("enable_client", (1, 2)) == ""
    assert desk.why_not("enable_client", (99,)) == "These clients are gone."
    assert desk.why_not("enable_client", ()) == "Select a client first."


def test_draining_until_is_told_in_the_server_s_time(desk: Desk, server: Server) -> None:
    do(desk, "drain_client", (1,))
    do(desk, "drain_hour", (1,))
    assert server.calls == [
        ("setClientOverride", (1, "drain", None)),
        ("setClientOverride", (1, "drain", datetime(2026, 11, 25, 11))),
    ]
    morning = datetime.fromtimestamp(tomorrow_morning(NOW), UTC).astimezone()
    assert (morning.hour, morning.minute) == (8, 0)
    assert 0 < morning.timestamp() - NOW <= 48 * 3600


def test_an_override_is_given_back_as_it_was(desk: Desk, server: Server) -> None:
    server.farm.upsert("clients", [{"id": 1, "override": "mine", "overrideUntil": "20261125T12:00:00"}])
    do(desk, "end_override", (1,))
    server.farm.upsert("clients", [{"id": 1, "override": "none", "overrideUntil": None}])
    undo(desk)
    assert server.last() == ("setClientOverride", (1, "mine", datetime(2026, 11, 25, 12)))


@pytest.mark.parametrize(
    ("name", "method", "ids", "reached"),
    [
        ("wake_client", "wakeClients", (1, 3), [1]),
        ("terminate_client", "terminateClients", (1, 2, 3), [1, 2]),
        ("remove_client", "removeClients", (1, 3), [3]),
        ("upgrade_client", "upgradeClients", (1, 2), [1, 2]),
    ],
)
def test_lists_go_in_one_call(
    desk: Desk, server: Server, name: str, method: str, ids: tuple[int, ...], reached: list[int]
) -> None:
    outcome = do(desk, name, ids)
    assert server.calls == [(method, (reached,))]
    assert not outcome.undo
    assert not outcome.failed


def test_terminate_and_remove_ask_and_say_what_happens(desk: Desk, server: Server) -> None:
    server.farm.upsert("clients", [{"id": 1, "runningJobs": [10], "status": "busy"}])
    asked = desk.consequence("terminate_client", (1, 2, 3))
    assert (asked.asks, asked.title, asked.yes) == (True, "Terminate 2 clients?", "Terminate 2 clients")
    assert [(status, count) for status, count, _ in asked.lines] == [("client-busy", 1), ("client-available", 1)]
    gone = desk.consequence("remove_client", (3,))
    assert (gone.asks, gone.title) == (True, "Remove 1 client?")
    assert not desk.consequence("drain_client", (1,)).asks
    assert desk.why_not("remove_client", (1, 2)).startswith("Only clients that are offline")


def test_rules_are_saved_for_all_and_given_back_to_each(desk: Desk, server: Server) -> None:
    night = {
        "enabled": True, "days": [], "startHour": 19, "startMinute": 0, "endHour": 8, "endMinute": 0, "idleMinutes": -1,
    }  # fmt: skip
    server.farm.upsert("clients", [{"id": 2, "availabilityRules": [night]}])
    outcome = do(desk, "set_rules", (1, 2), [night])
    assert outcome.text == "Availability of node1 is saved."
    assert server.calls == [("setAvailabilityRules", (1, [night]))]
    server.farm.upsert("clients", [{"id": 1, "availabilityRules": [night]}])
    undo(desk)
    assert server.last() == ("setAvailabilityRules", (1, []))


def test_clients_into_a_group_and_out_again(desk: Desk, server: Server) -> None:
    outcome = do(desk, "add_to_group", (2, 3), 1)
    assert (outcome.text, outcome.detail) == ("node3 is in gpu.", "One was left as it is: in gpu already.")
    assert server.calls == [("addClientToGroup", (1, 3))]
    server.farm.upsert("groups", [{"id": 1, "clients": [1, 2, 3]}])
    undo(desk)
    assert server.last() == ("removeClientFromGroup", (1, 3))
    assert do(desk, "remove_from_group", (1, 2), 1).text == "2 clients are out of gpu."
    nothing = do(desk, "add_to_group", (1,), 1)
    assert (nothing.text, nothing.failed) == ("One was left as it is: in gpu already.", True)


def test_a_new_group_with_clients_and_undo_only_while_nobody_changed_it(desk: Desk, server: Server) -> None:
    outcome = do(desk, "new_group", (1, 3), "lookdev")
    assert (outcome.text, outcome.detail) == ("lookdev is a group now.", "With 2 clients.")
    assert server.calls == [
        ("createClientGroup", ("lookdev",)), ("addClientToGroup", (41, 1)), ("addClientToGroup", (41, 3)),
    ]  # fmt: skip
    server.farm.upsert("groups", [{"id": 41, "name": "lookdev", "clients": [1, 2, 3]}])
    assert undo(desk).text == "Nothing was taken back."
    do(desk, "new_group", (), "empty")
    server.farm.upsert("groups", [{"id": 41, "name": "empty", "clients": []}])
    undo(desk)
    assert server.last() == ("deleteClientGroup", (41,))


def test_a_group_is_renamed_deleted_and_made_again(desk: Desk, server: Server) -> None:
    assert do(desk, "rename_group", (1,), "cards").text == "gpu is called cards now."
    server.farm.upsert("groups", [{"id": 1, "name": "cards"}])
    undo(desk)
    assert server.last() == ("renameClientGroup", (1, "gpu"))
    rule = {"type": "client", "name": "group", "op": "==", "value": "cards,sim"}
    server.farm.upsert("jobs", [job_row(10, conditions=[rule]), job_row(11, conditions=[rule], status="succeeded")])
    asked = desk.consequence("delete_group", (1,))
    assert [(status, count) for status, count, _ in asked.lines] == [("runnable", 1), ("client-available", 2)]
    assert do(desk, "delete_group", (1,)).undo
    server.calls.clear()
    assert undo(desk).text == "The group is back."
    assert server.calls == [
        ("createClientGroup", ("cards",)), ("addClientToGroup", (41, 1)), ("addClientToGroup", (41, 2)),
    ]  # fmt: skip


def test_resources_are_made_changed_and_deleted(desk: Desk, server: Server) -> None:
    do(desk, "create_resource", (), NewResource("mari", 4, per_machine=False))
    undo(desk)
    made, deleted = server.calls
    assert made == ("createResource", ("mari", 4, False))
    assert deleted == ("deleteResource", ("mari",))
    assert do(desk, "set_amount", (5,), 9).text == "There are 9 of nuke."
    server.farm.upsert("resources", [{"id": 5, "amount": 9}])
    undo(desk)
    assert server.last() == ("setResourceAmount", ("nuke", 3))
    assert desk.consequence("delete_resource", (5,)).title == "Delete 1 resource?"
    do(desk, "delete_resource", (5,))
    undo(desk)
    assert server.last() == ("createResource", ("nuke", 9, True))
    server.farm.upsert("resources", [{"id": 5, "inUse": 1}])
    assert desk.why_not("delete_resource", (5,)).startswith("In use")


def test_what_is_refused_is_told_in_the_server_s_words(desk: Desk, server: Server) -> None:
    server.refuses["setResourceAmount", "nuke"] = "amount: 3 of 'nuke' are in use, got 1"
    outcome = do(desk, "set_amount", (5,), 1)
    assert (outcome.text, outcome.failed) == ("amount: 3 of 'nuke' are in use, got 1", True)
    server.refuses["setClientDescription", 2] = "not yours"
    many = do(desk, "describe_client", (1, 2, 3), "by the window")
    assert (many.text, many.detail, many.failed) == ("2 of 3: Described 2 clients.", "not yours", True)
    server.farm.upsert("clients", [{"id": one, "description": "by the window"} for one in (1, 3)])
    undo(desk)
    assert [call for call in server.calls if call[0] == "setClientDescription"][-2:] == [
        ("setClientDescription", (1, "")), ("setClientDescription", (3, "")),
    ]  # fmt: skip


def test_a_server_without_several_calls_in_one_gets_them_one_by_one(desk: Desk, server: Server) -> None:
    desk.features = frozenset()
    assert not do(desk, "disable_client", (1, 2)).failed
    assert server.requests == 2
    assert desk.why_not("terminate_client", (1,)) == "This server cannot do that."


def test_blocked_clients_of_a_tree_are_cleared_once(desk: Desk, server: Server) -> None:
    rows = [job_row(20, blockedClients=[1, 2]), job_row(21, parents=[20], rootId=20), job_row(22, blockedClients=[])]
    server.farm.upsert("jobs", rows)
    assert desk.why_not("unblock_clients", (22,)) == "No client is blocked for it."
    outcome = do(desk, "unblock_clients", (20, 21))
    assert outcome.text == "Every client may run jobs of job 20 again."
    assert server.calls == [("unblockClients", (20,))]


def test_host_names_are_copied_without_a_server(desk: Desk) -> None:
    desk.connected = False
    assert do(desk, "copy_client", (1, 2)).clipboard == "node1\nnode2"
    assert do(desk, "wake_client", (1,)).failed
