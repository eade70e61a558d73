"""Taking the machine back from the tray, by a click, on a real farm: how soon nothing of the job lives, and what is lost.

The figures are printed: `./hq test --long tests/gui/test_tray_takes_back.py -s`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hqgui.feed_state import Phase
from hqgui.models.tray.machine import MachineState
from hqgui.tray.program import Tray
from tests.farm.harness import RealFarm, real_farm
from tests.farm.test_taking_back import STUBBORN, nobody_lives, override
from tests.gui.tray_runs import click, run_tray
from tests.gui.windows import until

TIMES = 20
TIMES_ALONE = 6
OUTAGE_SECONDS = 60.0
MOST_SECONDS = 3.0


@pytest.fixture
def farm(tmp_path: Path) -> Iterator[RealFarm]:
    """A server with one agent."""
    with real_farm(tmp_path / "farm", agents=1) as made:
        yield made


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / "farm").mkdir()


async def _in_background(function: object, *arguments: object) -> object:
    return await asyncio.get_running_loop().run_in_executor(None, function, *arguments)  # type: ignore[arg-type]


async def _status(farm: RealFarm, job: int, wanted: str) -> None:
    await _in_background(farm.wait_for_status, [job], wanted, 90.0)


async def _start(farm: RealFarm, name: str) -> tuple[int, list[int]]:
    """A job whose two processes heed no polite word, one of them in a session of its own."""
    pids = farm.folder / f"pids-{name}"
    [job] = farm.hq.newjob({"name": name, "command": STUBBORN.format(pids=pids), "triesLeft": 3, "submittedBy": "dkim"})
    await _status(farm, job, "running")
    found = await until("both processes", lambda: pids.exists() and len(pids.read_text().split()) == 2 and pids)
    return job, [int(word) for word in found.read_text().split()]


async def _seen(tray: Tray, job: int) -> None:
    await until("the popup to show it", lambda: job in [line.id for line in tray.facts.machine.running])


async def _taken_back(tray: Tray, job: int, pids: list[int]) -> float:
    """Seconds from the click to the end of the last process."""
    machine = tray.popup.machine
    await _seen(tray, job)
    began = time.monotonic()
    await click(machine.now)
    while not nobody_lives(pids):
        await asyncio.sleep(0.002)
        assert time.monotonic() < began + 20, "it lives on"
    return time.monotonic() - began


def _told(what: str, took: list[float]) -> float:
    took.sort()
    p95 = took[max(0, round(0.95 * len(took)) - 1)]
    middle, most = took[len(took) // 2], took[-1]
    sys.stdout.write(f"\n{what}: {len(took)} times, median {middle:.2f} s, p95 {p95:.2f} s, most {most:.2f} s\n")
    return p95


def _tries(farm: RealFarm, job: int) -> int:
    return int(farm.job(job, "triesLeft")["triesLeft"])


@pytest.mark.long
def test_now_is_within_three_seconds(farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(tray: Tray) -> None:
        took = []
        for number in range(TIMES):
            job, pids = await _start(farm, f"frame{number}")
            took.append(await _taken_back(tray, job, pids))
            await _status(farm, job, "runnable")
            assert _tries(farm, job) == 3
            await until("it to be mine", lambda: tray.facts.machine.state is MachineState.MINE)
            assert override(farm)[0] == "mine"
            farm.hq.cancelJobs([job])
            await click(tray.popup.machine.give_back)
            await until("it to be the farm's again", lambda: override(farm)[0] == "none")
        assert _told("taken back now", took) < MOST_SECONDS

    run_tray(farm, tmp_path, monkeypatch, script)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_now_without_a_server_too(farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def script(tray: Tray) -> None:
        took = []
        for number in range(TIMES_ALONE):
            job, pids = await _start(farm, f"frame{number}")
            await _seen(tray, job)
            farm.kill_server()
            await until("the tray to know", lambda: not tray.facts.connection.online)
            took.append(await _taken_back(tray, job, pids))
            if number == 0:
                await asyncio.sleep(OUTAGE_SECONDS)
            await until("it to be mine, without a server", lambda: tray.facts.machine.state is MachineState.MINE)
            await _in_background(farm.start_server)
            await _status(farm, job, "runnable")
            assert _tries(farm, job) == 3
            await until("the server to know", lambda: override(farm)[0] == "mine")
            assert tray.session is not None
            tray.session.feed.try_now()
            await until("the farm", lambda: tray.session and tray.session.feed.state.phase is Phase.LIVE)
            farm.hq.cancelJobs([job])
            await click(tray.popup.machine.give_back)
            await until("it to be the farm's again", lambda: override(farm)[0] == "none")
        assert _told("taken back now, without a server", took) < MOST_SECONDS

    run_tray(farm, tmp_path, monkeypatch, script)


@pytest.mark.parametrize("outage", [0.0, pytest.param(OUTAGE_SECONDS, marks=pytest.mark.long)])
def test_after_this_frame_nothing_is_lost(
    farm: RealFarm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outage: float
) -> None:
    async def script(tray: Tray) -> None:
        mark = tmp_path / "go"
        command = f"echo begun; while [ ! -e {mark} ]; do sleep 0.05; done; echo whole"
        [job] = farm.hq.newjob({"name": "frame", "command": command, "triesLeft": 3, "submittedBy": "dkim"})
        await _status(farm, job, "running")
        await _seen(tray, job)
        if outage:
            farm.kill_server()
            await until("the tray to know", lambda: not tray.facts.connection.online)
        await click(tray.popup.machine.after)
        await until("it to be mine after it", lambda: tray.facts.machine.state is MachineState.LEAVING)
        [late] = farm.hq.newjob({"name": "late", "command": "true"}) if not outage else [0]
        mark.touch()
        await until("it to be mine", lambda: tray.facts.machine.state is MachineState.MINE)
        if outage:
            await asyncio.sleep(outage)
            await _in_background(farm.start_server)
            [late] = farm.hq.newjob({"name": "late", "command": "true"})
        await _status(farm, job, "succeeded")
        assert farm.hq.getJobOutput(job) == "begun\nwhole\n"
        assert len(farm.hq.getAttempts(job)) == 1
        assert farm.job(late, "status")["status"] == "runnable"
        await click(tray.popup.machine.give_back)
        await _status(farm, late, "succeeded")

    run_tray(farm, tmp_path, monkeypatch, script)
