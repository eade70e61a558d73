"""Clocks that are wrong and jump: nothing is queued again, nothing ends before it began, and the skew is told.

The clock on the wall of each program is libfaketime's; leases run on clocks that nobody sets.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.farm.harness import RealFarm, wait_for

_PLACES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib")
LIBRARY = next(
    (path for place in _PLACES if (path := Path(place) / "faketime" / "libfaketimeMT.so.1").exists()), Path()
)
JUMPS = ("+1d", "-1d", "+0", "-2d", "+2d", "-1d")
FIVE_YEARS = 5 * 365 * 86400.0

pytestmark = [
    pytest.mark.long,
    pytest.mark.timeout(600),
    pytest.mark.skipif(not LIBRARY.is_file(), reason="libfaketime is not installed (apt-get install faketime)"),
]


@contextmanager
def false_clock(patch: pytest.MonkeyPatch, offset: Path) -> Iterator[None]:
    """What is started meanwhile has a clock on the wall that is wrong by what stands in the file."""
    with patch.context() as inside:
        inside.setenv("LD_PRELOAD", str(LIBRARY))
        inside.setenv("FAKETIME_TIMESTAMP_FILE", str(offset))
        inside.setenv("FAKETIME_NO_CACHE", "1")
        inside.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        yield


def set_clock(offset: Path, value: str) -> None:
    fresh = offset.with_suffix(".new")
    fresh.write_text(value)
    fresh.replace(offset)


def test_clocks_that_jump_queue_nothing_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server_clock, agent_clock = tmp_path / "server-clock", tmp_path / "agent-clock"
    server_clock.write_text("+0")
    agent_clock.write_text("-5y")
    farm = RealFarm(tmp_path)
    try:
        with false_clock(monkeypatch, server_clock):
            farm.start_server()
        with false_clock(monkeypatch, agent_clock):
            farm.start_agent("late", cpus=4)
        farm.start_agent("right", cpus=4)
        skew = (farm.client("late") or {})["clockSkew"]
        assert skew == pytest.approx(-FIVE_YEARS, abs=3 * 86400.0)
        go = tmp_path / "go"
        waiting = f"while [ ! -e {go} ]; do sleep 0.1; done; date +%Y"
        jobs = farm.hq.newjob([{"name": f"w{number}", "command": waiting} for number in range(8)])
        farm.wait_for_status(jobs, "running")
        short: list[int] = []
        for jump in JUMPS:
            set_clock(server_clock, jump)
            off = days(jump) * 86400.0
            wait_for("the server's new time", lambda off=off: abs(seconds_off(farm) - off) < 60, pause=0.1)  # type: ignore[misc]
            short += farm.hq.newjob([{"name": f"s{jump}", "command": "true"}, {"name": "b", "command": "sleep 0.2"}])
        go.touch()
        farm.wait_for_status([*jobs, *short], "succeeded", timeout=120)
        for job in (*jobs, *short):
            row = farm.job(job)
            assert row["attempt"] == 1, "queued again"
            assert row["queueTime"] <= row["startTime"] <= row["endTime"], row
        years = {farm.hq.getJobOutput(job).strip() for job in jobs}
        assert years == {time.strftime("%Y")}, "a job has the machine's clock, not what its agent was told"
    finally:
        farm.close()


def days(jump: str) -> float:
    return float(jump.removesuffix("d"))


def seconds_off(farm: RealFarm) -> float:
    """By how much the server's clock differs from ours."""
    told = time.strptime(str(farm.hq.getServerTime()), "%Y%m%dT%H:%M:%S")
    return time.mktime(told) - time.mktime(time.gmtime())
