"""Cancelled means dead, paused means still: real jobs on a real farm that do what they can to get away."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hqagent.processes.family import tree
from tests.agent.test_processes import ESCAPES, is_alive, state, ticks
from tests.farm.harness import RealFarm, real_farm, wait_for

DEAF = "trap '' INT TERM\necho ready\nwhile :; do sleep 0.5; done"
LONGEST_END = 15.0
"""Seconds from the call to cancel to the last process's end."""


class Captives:
    """Running jobs and everything that they started."""

    def __init__(self, farm: RealFarm, agent: str, jobs: list[int]) -> None:
        self.farm = farm
        self.jobs = jobs
        self._attempts = farm.folder / f"agent-{agent}" / "attempts"
        farm.wait_for_status(jobs, "running", timeout=120)
        wait_for("every job to be ready", lambda: all(self._output(job) for job in jobs), timeout=120)
        self.keepers = {job: self._keeper(job) for job in jobs}
        self.families = {job: tree(keeper) for job, keeper in self.keepers.items()}

    def survivors(self) -> list[int]:
        """Processes of these jobs that live."""
        return [pid for family in self.families.values() for pid in family if is_alive(pid)]

    def ticks(self) -> int:
        """Cpu time of all of them, in the kernel's ticks."""
        return sum(ticks(keeper) for keeper in self.keepers.values())

    def states(self) -> set[str]:
        """The states of all of them."""
        return {state(pid) for keeper in self.keepers.values() for pid in tree(keeper)}

    def _output(self, job: int) -> bool:
        return b"ready" in (self._attempts / f"{job}-1" / "output").read_bytes()

    def _keeper(self, job: int) -> int:
        from hqagent.processes import platform_processes

        keeper = platform_processes().keeper(self._attempts / f"{job}-1")
        assert keeper is not None
        return keeper


def captives(farm: RealFarm, commands: list[str]) -> Captives:
    """Submit them and wait until each is at what it does."""
    specs: list[Any] = [{"name": f"escape {number}", "command": command} for number, command in enumerate(commands)]
    return Captives(farm, "n1", farm.hq.newjob(specs))


def cancel(held: Captives) -> float:
    """Cancel them all; seconds until the last was told to be cancelled, when nobody may be left."""
    began = time.monotonic()
    held.farm.hq.cancelJobs(held.jobs)
    held.farm.wait_for_status(held.jobs, "cancelled", timeout=120)
    took = time.monotonic() - began
    assert held.survivors() == []
    return took


def stands_still(held: Captives, seconds: float, more: Callable[[], object] = lambda: None) -> None:
    """Pause them; for so long not one tick of cpu time may be used."""
    held.farm.hq.pauseJobs(held.jobs)
    held.farm.wait_for_status(held.jobs, "paused")
    assert held.states() == {"T"}
    before = held.ticks()
    more()
    until = time.monotonic() + seconds
    wait_for("time to pass", lambda: time.monotonic() >= until, timeout=seconds + 10)
    assert held.ticks() == before
    held.farm.hq.resumeJobs(held.jobs)
    held.farm.wait_for_status(held.jobs, "running")
    wait_for("cpu time to be used again", lambda: held.ticks() > before)


BUSY = (
    "(while :; do :; done) & setsid sh -c 'while :; do :; done' & env -i /bin/sh -c '(while :; do :; done) & wait' &\n"
    "echo ready\nwhile :; do :; done"
)
"""Busy children: forked, in a session of their own, without environment."""


def test_every_escape_once_and_a_pause(tmp_path: Path) -> None:
    with real_farm(tmp_path, agents=1, cpus=len(ESCAPES) + 1) as farm:
        stands_still(held := captives(farm, [BUSY]), 0.5)
        cancel(held)
        cancel(captives(farm, [f"{escape}\n{DEAF}" for escape in ESCAPES.values()]))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_eight_escapes_fifty_times_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    took, processes, rounds = [], 0, 10
    with real_farm(tmp_path, agents=1, cpus=40) as farm:
        for _ in range(rounds):
            held = captives(farm, [f"{escape}\n{DEAF}" for escape in ESCAPES.values() for _ in range(5)])
            processes += sum(map(len, held.families.values()))
            took.append(cancel(held))
    assert max(took) < LONGEST_END
    with capsys.disabled():
        sys.stdout.write(
            f"\n{len(ESCAPES)} ways to escape, {rounds * 5} times each: {processes} processes, 0 survivors when their "
            f"jobs were told to be cancelled, {max(took):.1f} s after the call at the latest (INT, TERM after 5 s, KILL "
            f"after 10 s)\n"
        )


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_a_paused_tree_uses_no_tick_in_five_seconds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rounds, jobs = 20, 5
    with real_farm(tmp_path, agents=1, cpus=jobs) as farm:
        held = captives(farm, [BUSY] * jobs)
        for _ in range(rounds):
            stands_still(held, 5.0)
        processes = sum(map(len, held.families.values()))
        cancel(held)
    with capsys.disabled():
        sys.stdout.write(
            f"\n{rounds * jobs} pauses of 5 s, {jobs} jobs at a time with {processes} busy processes: 0 ticks moved\n"
        )
