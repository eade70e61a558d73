"""The clients table has a column for everything that a client is, and says how a client stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from hqgui.models.client_cells import Around
from hqgui.models.client_columns import CLIENT_COLUMNS, state_text
from hqgui.models.client_store import ClientStore
from hqgui.models.farm import FarmData
from hqgui.models.standing import by_rules, next_change, rules_of_row, standing
from hqserver.wire.availability import Rule
from hqserver.wire.clients import ATTRIBUTES
from tests.models.farm_rows import client_row

NOON = 1_795_600_800.0
"""Wed 25 Nov 2026, 10:00 UTC."""

OTHER: Mapping[str, Any] = {
    "availabilityRules": [{"startHour": 1, "endHour": 2}],
    "available": False,
    "cpus": 3,
    "cpuSpeed": 2500.0,
    "description": "by the window",
    "disabled": True,
    "groups": [1],
    "hostname": "other",
    "idleTime": 12,
    "ip": "10.1.2.3",
    "label": "other:gpu",
    "lastHeartbeat": "20261125T09:00:00",
    "latestNote": "loud fan",
    "load": 3.5,
    "memory": 64 << 20,
    "name": "gpu",
    "needsUpgrade": True,
    "platform": "windows-x86_64",
    "runningJobs": [17],
    "version": "0f3c",
    "status": "offline",
    "memoryUsed": 1 << 20,
    "diskFree": 1 << 20,
    "diskTotal": 1 << 22,
    "gpus": ["RTX 6000"],
    "port": 5002,
    "override": "drain",
    "overrideUntil": "20261125T12:00:00",
    "failures": 3,
    "outOfService": "failed 5 jobs in a row",
    "clockSkew": 9.5,
    "utcOffset": 60,
    "agentVersion": "0.9",
    "cpusUsed": 2,
    "draining": True,
}
NOWHERE = {"id", "revision", "threadId"}
"""The id is the row itself; a thread is opened, not read."""


def row_with(**values: Any) -> Mapping[str, Any]:
    store = ClientStore()
    store.upsert([client_row(1, **values)])
    row = store.get(1)
    assert row is not None
    return row


def around() -> Around:
    farm = FarmData()
    farm.groups[1] = {"id": 1, "name": "gpu"}
    return Around(farm.jobs, farm.groups, NOON)


def shown(row: Mapping[str, Any]) -> list[Any]:
    found: list[Any] = []
    for column in CLIENT_COLUMNS:
        found += [column.cell(row, around()), column.sort(row, around())]
        found += [column.tip(row, around())] if column.tip is not None else []
    return found


@pytest.mark.parametrize("name", sorted(set(ATTRIBUTES) - NOWHERE))
def test_every_attribute_shows_in_some_column(name: str) -> None:
    needs = {"diskFree": {"diskTotal": 1 << 23}, "cpusUsed": {"cpus": 8}, "memoryUsed": {"memory": 1 << 24}}
    needs["outOfService"] = {"disabled": True}
    base = needs.get(name, {})
    assert shown(row_with(**base)) != shown(row_with(**base, **{name: OTHER[name]}))


def test_titles_and_keys_are_one_of_a_kind() -> None:
    assert len({column.key for column in CLIENT_COLUMNS}) == len(CLIENT_COLUMNS)
    assert len({column.title for column in CLIENT_COLUMNS}) == len(CLIENT_COLUMNS)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "Takes jobs always"),
        ({"status": "offline", "lastHeartbeat": "20261125T09:40:00"}, "Offline, last heard of 20m ago"),
        ({"disabled": True}, "Disabled until somebody enables it"),
        ({"disabled": True, "outOfService": "failed 5 jobs"}, "Taken out of service: failed 5 jobs"),
        ({"draining": True, "runningJobs": [1, 2]}, "Leaves when 2 jobs are done"),
        ({"override": "drain"}, "Drained: no new jobs until that is taken back"),
        (
            {
                "override": "open",
                "overrideUntil": "20261125T18:30:00",
                "availabilityRules": [{"startHour": 3, "endHour": 4}],
            },
            "Opened, takes jobs whatever its hours until 18:30",
        ),
        (
            {"override": "mine", "overrideUntil": "20261125T18:30:00", "utcOffset": 60},
            "Its user wants it until 19:30",
        ),
        ({"availabilityRules": [{"startHour": 19, "endHour": 8}]}, "Outside its hours until 19:00"),
        ({"availabilityRules": [{"startHour": 9, "endHour": 12}]}, "Takes jobs until 12:00"),
        ({"availabilityRules": [{"startHour": 8, "endHour": 6}]}, "Takes jobs until tomorrow 06:00"),
        ({"availabilityRules": [{"days": [4]}]}, "Outside its hours until Fri 00:00"),
        (
            {"availabilityRules": [{"startHour": 19, "endHour": 8}, {"idleMinutes": 30}], "idleTime": 12},
            "Its user is at work: takes jobs after 18 more minutes without input, or from 19:00",
        ),
        ({"availabilityRules": [{"idleMinutes": 30}], "idleTime": 47}, "Takes jobs while its user stays away"),
        ({"availabilityRules": [{"moon": "full"}], "available": True}, "Takes jobs (its rules cannot be read here)"),
    ],
)
def test_a_client_says_how_it_stands(values: dict[str, Any], words: str) -> None:
    found = standing(row_with(**values), NOON)
    assert found.text == words
    assert found.takes_jobs is words.startswith(("Takes jobs", "Opened"))


def test_what_comes_next() -> None:
    from datetime import datetime

    wednesday = datetime(2026, 11, 25, 10)
    nights = (Rule(start=19 * 60, end=8 * 60),)
    assert next_change(nights, wednesday, -1) == "Then jobs until tomorrow 08:00"
    assert next_change(nights, datetime(2026, 11, 25, 20), -1) == "Then no jobs until tomorrow 19:00"
    assert next_change((), wednesday, -1) == ""
    assert next_change((Rule(idle_minutes=5),), wednesday, 0) == ""


def test_hours_in_which_idleness_is_enough_are_said_before_those_that_need_none() -> None:
    from datetime import datetime

    wednesday = datetime(2026, 11, 25, 2, 30)
    rules = (Rule(start=3 * 60, end=8 * 60, idle_minutes=20), Rule(start=9 * 60, end=12 * 60))
    for idle in (0, 60):
        assert by_rules(rules, wednesday, idle).text == "Outside its hours until 03:00"
        assert next_change(rules, wednesday, idle) == "Then jobs when its user is away, until 08:00"
    assert next_change(rules, datetime(2026, 11, 25, 10), 0) == "Then no jobs until tomorrow 03:00"
    assert by_rules(rules, datetime(2026, 11, 25, 4), 0).text == (
        "Its user is at work: takes jobs after 20 more minutes without input, or from 09:00"
    )


def test_rules_of_a_row_are_those_of_the_wire() -> None:
    rules = (Rule(days=(0, 6), start=60, end=30, idle_minutes=5), Rule(enabled=False))
    assert rules_of_row(row_with(availabilityRules=[rule.as_struct() for rule in rules])) == rules


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"status": "unavailable"}, "Outside schedule"),
        ({"status": "unavailable", "override": "drain"}, "Drained"),
        ({"status": "unavailable", "override": "mine"}, "Taken back"),
        ({"status": "offline", "override": "drain"}, "Offline"),
        ({"status": "busy", "draining": True}, "Leaving when done"),
    ],
)
def test_the_state_says_who_took_a_client_out_of_service(values: dict[str, Any], words: str) -> None:
    assert state_text(row_with(**values)) == words
