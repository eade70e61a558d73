"""What is said of this machine."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from hqgui.models.client_store import ClientStore
from hqgui.models.tray.machine import Agent, MachineFacts, MachineState, RunningJob, machine_of, opens_soon
from hqserver.wire.clients import Override

NOW = datetime(2026, 11, 24, 14, 22, tzinfo=UTC).timestamp()
NIGHT = {"startHour": 19, "endHour": 8}
IDLE = {"idleMinutes": 15}


def row(status: str = "available", **values: Any) -> Any:
    store = ClientStore()
    given = {
        "id": 7,
        "hostname": "ws-jlee",
        "label": "ws-jlee",
        "status": status,
        "override": "none",
        "overrideUntil": None,
    }
    store.upsert([{**given, "availabilityRules": [NIGHT, IDLE], "idleTime": 47, "runningJobs": [], **values}])
    return store.rows[7]


def facts(*rows: Any, online: bool = True, **values: Any) -> MachineFacts:
    return MachineFacts("ws-jlee", online, rows, **values)


FRAME = RunningJob(9, "shot_020 beauty 1009", "dkim", 0.72, 360, NOW - 900)


@pytest.mark.parametrize(
    ("given", "state", "title", "detail"),
    [
        (facts(row()), MachineState.AVAILABLE, "My machine is available", "ws-jlee, no input for 47m"),
        (facts(row("busy", runningJobs=[9]), running=(FRAME,)), MachineState.IN_USE, "In use by the farm", "ws-jlee, since "),
        (facts(row("unavailable", idleTime=2)), MachineState.OFF_HOURS, "Free for the farm at 19:00", "ws-jlee, no input for 2m"),
        (facts(row(override="mine", overrideUntil="20261124T18:20:00")), MachineState.MINE, "Mine until 18:20", "ws-jlee, no input for 47m"),
        (facts(row(override="mine", runningJobs=[9])), MachineState.LEAVING, "Yours after this frame", "ws-jlee"),
        (facts(row("disabled", disabled=True, outOfService="3 quick failures")), MachineState.DISABLED, "Disabled on the farm", "ws-jlee: 3 quick failures"),
        (facts(row("offline")), MachineState.AWAY, "No agent is running here", "ws-jlee: start it with hqagent run"),
        (facts(), MachineState.STRANGER, "This machine is not in the farm", "ws-jlee gets no jobs; yours are below"),
        (facts(online=False), MachineState.UNKNOWN, "Not known while the server is away", "ws-jlee"),
        (facts(row(), online=False), MachineState.UNKNOWN, "Not known while the server is away", "ws-jlee"),
        (facts(row(), online=False, agents=(Agent(),)), MachineState.AVAILABLE, "My machine is available", "ws-jlee"),
        (facts(row(), online=False, agents=(Agent(override=Override.MINE, until=NOW + 60),)), MachineState.MINE, "Mine until 14:23", "ws-jlee"),
    ],
)  # fmt: skip
def test_its_states(given: MachineFacts, state: MachineState, title: str, detail: str) -> None:
    machine = machine_of(given, NOW, UTC)
    assert (machine.state, machine.title) == (state, title)
    assert machine.detail.startswith(detail)


def test_the_machine_in_use_of_the_picture() -> None:
    machine = machine_of(facts(row("busy", runningJobs=[9]), running=(FRAME,)), NOW, UTC)
    assert machine.loss == "Taking it back now requeues the frame and loses 15m of work."
    [line] = machine.running
    assert (line.name, line.owner, line.percent, line.left) == ("shot_020 beauty 1009", "dkim", "72%", "6m left")
    assert machine.on
    assert machine.can_take_back
    assert machine.rules == "Farm hours 19:00 to 08:00, or after 15m idle"


def test_the_agent_here_knows_best_what_runs() -> None:
    agent = Agent(jobs=(RunningJob(9, "beauty", progress=0.8, since=NOW - 60, stopped=True), RunningJob(10, "other")))
    machine = machine_of(facts(row("busy", runningJobs=[9, 11]), agents=(agent,), running=(FRAME,)), NOW, UTC)
    assert [(line.id, line.name, line.owner, line.percent) for line in machine.running] == [
        (9, "shot_020 beauty 1009", "dkim", "80%"),
        (10, "other", "", ""),
    ]
    assert machine.loss == "Taking it back now requeues 2 frames and loses 1m of work."


def test_of_several_agents_the_longest_saying_holds() -> None:
    agents = (Agent("a", override=Override.MINE, until=NOW + 60), Agent("b", override=Override.MINE))
    assert machine_of(facts(row(), agents=agents), NOW, UTC).title == "Mine until you say so"


def test_what_can_be_done_about_it() -> None:
    mine = machine_of(facts(row(override="mine")), NOW, UTC)
    assert (mine.on, mine.kept, mine.can_keep, mine.can_switch, mine.can_take_back) == (False, True, True, True, False)
    away = machine_of(facts(row("offline")), NOW, UTC)
    assert (away.can_keep, away.can_switch, away.can_take_back) == (False, False, False)


@pytest.mark.parametrize(
    ("hour", "minute", "override", "wanted"),
    [(18, 51, "none", True), (18, 40, "none", False), (18, 51, "mine", False), (20, 0, "none", False)],
)
def test_the_farms_hours_are_announced(hour: int, minute: int, override: str, wanted: bool) -> None:
    now = datetime(2026, 11, 24, hour, minute, tzinfo=UTC).timestamp()
    opens = opens_soon(facts(row("unavailable", override=override)), now, 600, UTC)
    assert (opens == datetime(2026, 11, 24, 19)) is wanted


def test_rules_that_cannot_be_read_are_none() -> None:
    broken = row(availabilityRules=[{"startHour": "x"}])
    assert machine_of(facts(broken), NOW, UTC).rules == "The farm may use it at any time"


def test_an_agent_of_another_farm_is_said_and_its_numbers_are_not_ours() -> None:
    ours = (RunningJob(9, "our job nine", owner="dkim", progress=0.1, left=30.0),)
    agent = Agent(
        jobs=(RunningJob(9, "beauty", since=NOW - 60, progress=0.4),), server="http://hq02:5000", elsewhere="hq02"
    )
    shown = machine_of(facts(row(), agents=(agent,), running=ours), NOW, UTC)
    assert shown.detail == "ws-jlee for hq02, since 14:21"
    assert [(line.name, line.owner, line.left) for line in shown.running] == [("beauty", "", "running 1m")]


def test_a_job_that_is_stopped_says_so() -> None:
    agent = Agent(jobs=(RunningJob(9, "beauty", since=NOW - 60, stopped=True),))
    told = (RunningJob(9, "beauty", left=30.0),)
    [line] = machine_of(facts(row(), agents=(agent,), running=told), NOW, UTC).running
    assert line.left == "stopped"


@pytest.mark.parametrize(
    ("until", "words"), [(None, "whatever the schedule says"), (NOW + 3600, "until 15:22, whatever the schedule says")]
)
def test_a_machine_that_was_opened_in_spite_of_its_hours_is_not_its_persons(until: float | None, words: str) -> None:
    given = facts(row(idleTime=1), agents=(Agent(override=Override.OPEN, until=until),))
    shown = machine_of(given, NOW, UTC)
    assert (shown.state, shown.on, shown.kept) == (MachineState.AVAILABLE, True, False)
    assert shown.rules == f"Open to the farm {words}"
    running = facts(row(runningJobs=[9]), agents=(Agent(override=Override.OPEN, until=until, jobs=(FRAME,)),))
    assert machine_of(running, NOW, UTC).state is MachineState.IN_USE
    both = facts(row(), agents=(Agent(override=Override.OPEN), Agent(override=Override.MINE, until=NOW + 60)))
    assert machine_of(both, NOW, UTC).state is MachineState.MINE
