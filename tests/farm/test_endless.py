"""Three jobs that never stop printing: server and agent stay small, others are answered, the logs show their cuts."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.farm.harness import RealFarm, real_farm, wait_for

SECONDS = float(os.environ.get("HQ_SECONDS", "60"))
JOBS = 3
KEPT = 100 << 20
"""Of each output, on the client and on the server."""
LARGEST_SERVER = 300.0
"""Megabytes."""


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_endless_output_hurts_nobody(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with real_farm(tmp_path, agents=1, cpus=JOBS + 1) as farm:
        jobs = farm.hq.newjob([{"name": f"yes{number}", "command": "yes"} for number in range(JOBS)])
        farm.wait_for_status(jobs, "running")
        waits, server, agent = watched(farm)
        other = farm.hq.newjob({"name": "other", "command": "echo other"})[0]
        farm.wait_for_status([other], "succeeded")
        farm.hq.cancelJobs(jobs)
        farm.wait_for_status(jobs, "cancelled", timeout=120)
        attempts = [farm.hq.getAttempts(job)[0] for job in jobs]
        for job, attempt in zip(jobs, attempts, strict=True):
            assert 0 < attempt["outputBytes"] - attempt["cutBytes"] <= 2 * KEPT
            assert attempt["cutBytes"] > 0
            assert farm.hq.getOutput(job, None, 0, 1 << 10)["cuts"] != [], "the cut is shown where it is"
        assert server < LARGEST_SERVER
        ordered = sorted(waits)
        with capsys.disabled():
            sys.stdout.write(
                f"\n{JOBS} jobs printing for {SECONDS:.0f} s: {sum(a['outputBytes'] for a in attempts) / 1e9:.1f} GB "
                f"written; server at most {server:.0f} MB, agent {agent:.0f} MB; getJobs of others meanwhile: median "
                f"{ordered[len(ordered) // 2] * 1000:.0f} ms, p99 {ordered[int(len(ordered) * 0.99)] * 1000:.0f} ms\n"
            )


def resident_mb(pid: int) -> float:
    return float(psutil.Process(pid).memory_info().rss) / (1 << 20)


def watched(farm: RealFarm) -> tuple[list[float], float, float]:
    """Seconds that calls took, and the most megabytes of server and agent."""
    waits: list[float] = []
    server = agent = 0.0
    end = time.monotonic() + SECONDS

    def look() -> bool:
        nonlocal server, agent
        began = time.perf_counter()
        farm.hq.getJobs(farm.hq.getUnfinishedRootJobIds(), ["status", "progress"])
        waits.append(time.perf_counter() - began)
        assert farm.server is not None
        server = max(server, resident_mb(farm.server.pid))
        agent = max(agent, resident_mb(farm.agents["n1"].pid))
        return time.monotonic() > end

    wait_for("the time to pass", look, timeout=SECONDS + 300, pause=0.1)
    return waits, server, agent
