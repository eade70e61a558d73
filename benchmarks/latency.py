"""T1: from `newjob` to the job seen finished in the change feed, on an idle farm.

References, in turn in the same run: a bare `sh -c true`, HyperQueue, and Slurm's `srun`, as far as they are installed.
"""

from __future__ import annotations

import json
import os
import time
import xmlrpc.client

from benchmarks.common import Figure, farm
from benchmarks.peers import hyperqueue_latencies
from benchmarks.slurm import srun_latencies

JOBS = 200
ROUNDS = 5
_PEERS = (
    ("HyperQueue until the command runs", "pip install hyperqueue"),
    ("srun true", "apt-get install slurmctld slurmd slurm-client"),
)


def measure(quick: bool) -> list[Figure]:
    """Milliseconds, one job after the other."""
    rounds, count = (2, JOBS // 10) if quick else (ROUNDS, JOBS // ROUNDS)
    ours: list[float] = []
    bare: list[float] = []
    peers: list[list[float]] = [[], []]
    for _ in range(rounds):
        bare += _bare(count)
        ours += _ours(count)
        peers[0] += hyperqueue_latencies(2, count)
        peers[1] += srun_latencies(count)
    what = "submit to seen finished"
    figures = [Figure(what, "ms", ours, "bare sh -c true", bare, "median <= 15 ms, p99 <= 60 ms")]
    for (peer, how), values in zip(_PEERS, peers, strict=True):
        if values:
            figures.append(Figure(what, "ms", ours, peer, values, "<= 1/3"))
        else:
            print(f"  not measured, since it is not installed: {peer} ({how})")
    return figures


def _ours(count: int) -> list[float]:
    found = []
    with farm(agents=1, cpus=2) as running:
        hq = xmlrpc.client.ServerProxy(running.url, allow_none=True)
        since = _head(hq)
        for _ in range(count):
            began = time.perf_counter()
            job = hq.newjob({"name": "one", "command": "true"})[0]  # type: ignore[index]
            since = _finished(hq, job, since)
            found.append((time.perf_counter() - began) * 1000)
    return found


def _bare(count: int) -> list[float]:
    """Milliseconds that the machine itself takes for the command."""
    found = []
    for _ in range(count):
        began = time.perf_counter()
        os.waitpid(os.posix_spawn("/bin/sh", ["sh", "-c", "true"], os.environ), 0)
        found.append((time.perf_counter() - began) * 1000)
    return found


def _head(hq: xmlrpc.client.ServerProxy) -> int:
    since, more = 0, True
    while more:
        answer = json.loads(str(hq.getChanges(since)))
        since, more = answer["seq"], answer["more"]
    return int(since)


def _finished(hq: xmlrpc.client.ServerProxy, job: object, since: int) -> int:
    while True:
        answer = json.loads(str(hq.getChanges(since, 30)))
        since = answer["seq"]
        if any(row["id"] == job and row["status"] == "succeeded" for row in answer["jobs"]):
            return since
