"""The person at a machine and its agent: what they say holds with the server, without it, and after it came back."""

from __future__ import annotations

import signal
import sys
import time
import xmlrpc.client
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for
from tests.farm.people import agent_of, socket_of

STUBBORN = (
    "trap '' INT TERM; echo $$ >> {pids}; setsid sh -c 'echo $$ >> {pids}; sleep 1000' & while :; do sleep 0.1; done"
)
"""Heeds no polite word, and has a child in a session of its own."""


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[RealFarm]:
    with real_farm(tmp_path, agents=1, cpus=2) as running:
        yield running


def state(farm: RealFarm) -> dict[str, Any]:
    found = agent_of(farm.folder).local.getState()
    assert isinstance(found, dict)
    return found


def submit(farm: RealFarm, command: str, **spec: object) -> int:
    ids: list[int] = farm.hq.newjob({"name": "frame", "command": command, **spec})
    return ids[0]


def start_stubborn(farm: RealFarm, **spec: object) -> tuple[int, list[int]]:
    """A job that runs, and its two processes."""
    pids = farm.folder / "pids"
    pids.unlink(missing_ok=True)
    job = submit(farm, STUBBORN.format(pids=pids), **spec)
    farm.wait_for_status([job], "running")
    wait_for("both processes", lambda: pids.exists() and len(pids.read_text().split()) == 2)
    return job, [int(word) for word in pids.read_text().split()]


def nobody_lives(pids: list[int]) -> bool:
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


def override(farm: RealFarm) -> tuple[str, Any]:
    client = farm.client("n1") or {}
    return client["override"], client["overrideUntil"]


def test_taken_back_now_everything_is_dead_and_the_job_keeps_its_tries(farm: RealFarm) -> None:
    job, pids = start_stubborn(farm, triesLeft=3)
    shown = state(farm)
    assert (shown["connected"], shown["override"], shown["name"], shown["server"]) == (True, "none", "n1", farm.url)
    (running,) = shown["jobs"]
    assert (running["id"], running["name"], running["stopped"]) == (job, "frame", False)
    until = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(hours=4)
    began = time.monotonic()
    agent_of(farm.folder).local.takeBack(True, until)
    wait_for("nobody to live", lambda: nobody_lives(pids), pause=0.005)
    took = time.monotonic() - began
    farm.wait_for_status([job], "runnable")
    assert farm.job(job, "triesLeft", "attempt") == {"triesLeft": 3, "attempt": 1}
    assert farm.hq.getAttempts(job)[0]["reason"] == "reclaimed"
    messages = [entry["message"] for entry in farm.job(job, "logs")["logs"]]
    assert any("taken back by the person there" in message for message in messages)
    mode, ends = override(farm)
    assert mode == "mine"
    assert abs((datetime.fromisoformat(ends.value) - until).total_seconds()) <= 30
    assert state(farm)["overrideBy"]
    assert took >= 2.0, "both deaf processes got their grace"
    agent_of(farm.folder).local.setOverride("none")
    farm.wait_for_status([job], "running")


def test_after_this_frame_nothing_is_lost_and_nothing_new_comes(farm: RealFarm, tmp_path: Path) -> None:
    job = submit(farm, f"while [ ! -e {tmp_path}/go ]; do sleep 0.05; done; echo whole")
    farm.wait_for_status([job], "running")
    agent_of(farm.folder).local.takeBack(False)
    wait_for("the server to know", lambda: override(farm) == ("drain", None))
    late = submit(farm, "true")
    (tmp_path / "go").touch()
    farm.wait_for_status([job], "succeeded")
    assert farm.hq.getJobOutput(job) == "whole\n"
    assert farm.job(late, "status")["status"] == "runnable"
    farm.hq.setClientOverride((farm.client("n1") or {})["id"], "none")
    farm.wait_for_status([late], "succeeded")
    wait_for("the agent to know", lambda: state(farm)["override"] == "none")


def test_it_holds_while_the_server_is_away_and_after_it_came_back(farm: RealFarm) -> None:
    job, pids = start_stubborn(farm, triesLeft=3)
    farm.kill_server()
    agent_of(farm.folder).local.takeBack(True)
    wait_for("nobody to live", lambda: nobody_lives(pids))
    wait_for("the agent to know that it is alone", lambda: not state(farm)["connected"])
    farm.agents["n1"].kill()
    farm.agents["n1"].wait()
    farm.spawn_agent("n1")
    wait_for("the next agent to hold it", lambda: state(farm)["override"] == "mine")
    farm.start_server()
    farm.wait_for_status([job], "runnable", timeout=90)
    wait_for("the server to know", lambda: override(farm) == ("mine", None))
    assert farm.job(job, "triesLeft", "attempt") == {"triesLeft": 3, "attempt": 1}
    agent_of(farm.folder).local.setOverride("none")
    farm.wait_for_status([job], "running")


def test_an_override_of_the_farm_reaches_the_agent_and_ends_there_too(farm: RealFarm) -> None:
    row = farm.client("n1") or {}
    agent = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{row['port']}", allow_none=True)

    def say(seconds: float) -> datetime:
        ends = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=seconds)
        farm.hq.setClientOverride(row["id"], "mine", ends)
        return ends

    def heard() -> dict[str, Any]:
        agent.wakeup()
        return state(farm)

    say(3600)
    wait_for("the agent to know", lambda: heard()["override"] == "mine", pause=0.2)
    ends = say(3)
    wait_for("it to know how soon that ends", lambda: _ends_by(heard(), ends), pause=0.2)
    farm.kill_server()
    wait_for("its end, without a server", lambda: state(farm)["override"] == "none")


def _ends_by(shown: dict[str, Any], moment: datetime) -> bool:
    """Whether an agent's override ends about then, or has ended."""
    until = shown["overrideUntil"]
    return until is None or datetime.fromisoformat(str(until)) < moment + timedelta(seconds=60)


def test_an_end_that_is_under_way_is_made_as_short_as_the_person_wants(farm: RealFarm) -> None:
    job, pids = start_stubborn(farm)
    farm.hq.cancelJobs([job])
    log = farm.folder / "agent-n1" / "hqnode.log"
    wait_for("the agent to be told", lambda: f"Cancelling job {job}\n" in log.read_text())
    agent_of(farm.folder).local.takeBack(True)
    wait_for("nobody to live, before a cancel alone would have killed them", lambda: nobody_lives(pids), timeout=8)
    farm.wait_for_status([job], "cancelled")


def test_a_job_has_no_say_and_the_port_is_not_for_it(farm: RealFarm) -> None:
    path = socket_of(farm.folder)
    script = farm.folder / "call.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfrom tests.farm.people import agent_at\n"
        "print(agent_at(Path(sys.argv[1])).local.getState())\n"
    )
    call = f"{sys.executable} {script} {path} 2>&1"
    job = submit(farm, f"{call}; setsid --wait {call}; true", environment={"PYTHONPATH": str(Path.cwd())})
    farm.wait_for_status([job], "succeeded")
    output = str(farm.hq.getJobOutput(job))
    assert output.count("a job of the farm has no say over the machine on which it runs") == 2, output
    port = xmlrpc.client.ServerProxy(f"http://127.0.0.1:{(farm.client('n1') or {})['port']}", allow_none=True)
    with pytest.raises(xmlrpc.client.Fault, match="only for people of this machine"):
        port.local.takeBack(True)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ((), "takes 1 to 2 arguments, got 0"),
        (("all",), "mode: must be one of none, mine, drain, open, got 'all'"),
        (("mine", "tomorrow"), "until must be a date"),
        (("mine", datetime(2001, 1, 1)), "until is past already"),
        (("mine", datetime(2101, 1, 1)), "more than a year ahead"),
    ],
)
def test_what_makes_no_sense_is_said(quiet: RealFarm, arguments: tuple[Any, ...], problem: str) -> None:
    with pytest.raises(xmlrpc.client.Fault, match=problem):
        agent_of(quiet.folder).local.setOverride(*arguments)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RealFarm]:
    folder = tmp_path_factory.mktemp("quiet")
    (folder / "server").mkdir()
    (folder / "server" / "hqserver.ini").write_text("[main]\nheartbeat = 1\n")
    with real_farm(folder, agents=1) as running:
        yield running


def test_a_killed_agents_socket_answers_nobody_and_the_next_one_takes_its_place(quiet: RealFarm) -> None:
    quiet.agents["n1"].send_signal(signal.SIGKILL)
    quiet.agents["n1"].wait()
    with pytest.raises(ConnectionRefusedError):
        state(quiet)
    soon = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=3)
    quiet.hq.setClientOverride((quiet.client("n1") or {})["id"], "mine", soon)
    wait_for("it to end by itself, with nobody at the machine", lambda: override(quiet) == ("none", None))
    quiet.spawn_agent("n1")
    wait_for("the next one", lambda: state(quiet)["connected"])
