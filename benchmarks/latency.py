"""T1: from `newjob` to the job seen finished in the change feed, on an idle farm. Reference: HyperQueue."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
import xmlrpc.client
from pathlib import Path

from benchmarks.common import Figure, farm
from benchmarks.peers import hyperqueue

JOBS = 200


def measure(quick: bool) -> list[Figure]:
    """Milliseconds, one job after the other."""
    count = JOBS // 4 if quick else JOBS
    with farm(agents=1, cpus=2) as running:
        hq = xmlrpc.client.ServerProxy(running.url, allow_none=True)
        since = _head(hq)
        ours = []
        for _ in range(count):
            began = time.perf_counter()
            job = hq.newjob({"name": "one", "command": "true"})[0]  # type: ignore[index]
            since = _finished(hq, job, since)
            ours.append((time.perf_counter() - began) * 1000)
    references = _hyperqueue(max(count // 10, 5))
    return [
        Figure(
            "submit to seen finished", "ms", ours, "HyperQueue, submit --wait" if references else "", references,
            "median <= 15 ms, p99 <= 60 ms, <= 1/3 of HyperQueue",
        )
    ]  # fmt: skip


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


def _hyperqueue(count: int) -> list[float]:
    program = shutil.which("hq-peer") or hyperqueue()
    if program is None:
        print("  HyperQueue is not installed (pip install hyperqueue): no reference")
        return []
    with tempfile.TemporaryDirectory(prefix="hq-peer-") as folder:
        return _peer_times(program, Path(folder), count)


def _peer_times(program: str, folder: Path, count: int) -> list[float]:
    base = [program, "--server-dir", str(folder)]
    server = subprocess.Popen(
        [*base, "server", "start", "--host", "127.0.0.1"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    worker = subprocess.Popen(
        [*base, "worker", "start", "--cpus", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        subprocess.run([*base, "submit", "--wait", "true"], check=True, cwd=folder, capture_output=True, timeout=60)
        times = []
        for _ in range(count):
            began = time.perf_counter()
            subprocess.run([*base, "submit", "--wait", "true"], check=True, cwd=folder, capture_output=True, timeout=60)
            times.append((time.perf_counter() - began) * 1000)
        return times
    finally:
        worker.terminate()
        server.terminate()
        worker.wait()
        server.wait()
