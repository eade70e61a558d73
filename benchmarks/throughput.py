"""T2: real jobs a second, `sh -c true`, one server and one agent.

References: spawning the same in a bare loop, and HyperQueue when it is installed.
"""

from __future__ import annotations

import os
import time

from benchmarks.common import Figure, farm
from benchmarks.peers import hyperqueue_rate
from tests.farm.harness import RealFarm, wait_for

JOBS = 3000
ROUNDS = 3


def measure(quick: bool) -> list[Figure]:
    """Jobs a second with 2 and with 8 slots, in turn with the bare loop."""
    jobs, rounds = (600, 2) if quick else (JOBS, ROUNDS)
    figures = []
    for slots in (2, 8):
        ours, bare, peer = [], [], []
        with farm(agents=1, cpus=slots) as running:
            for _ in range(rounds):
                bare.append(_bare(1000))
                ours.append(_jobs(running, jobs))
                peer.append(hyperqueue_rate(slots, jobs))
        known = [rate for rate in peer if rate is not None]
        if known:
            figures.append(Figure(f"{slots} slots", "jobs/s", ours, "HyperQueue", known, ">= HyperQueue"))
        else:
            print("  HyperQueue is not installed (pip install hyperqueue): not measured beside it")
        figures.append(Figure(f"{slots} slots", "jobs/s", ours, "bare posix_spawn loop", bare, ">= 1/3 of bare"))
    return figures


def _jobs(running: RealFarm, count: int) -> float:
    parent = {"name": "many", "children": [{"name": str(number), "command": "true"} for number in range(count)]}
    began = time.perf_counter()
    job = running.hq.newjob(parent)[0]
    wait_for("the last job", lambda: running.job(job, "status")["status"] == "succeeded", timeout=300, pause=0.05)
    return count / (time.perf_counter() - began)


def _bare(count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        pid = os.posix_spawn("/bin/sh", ["sh", "-c", "true"], os.environ)
        os.waitpid(pid, 0)
    return count / (time.perf_counter() - began)
