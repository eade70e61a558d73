"""HyperQueue beside us, when it is installed (`pip install hyperqueue`): started on loopback, through its own API.

Its Python API looks once a second whether a job is done, so it tells a rate only over many tasks, and no latency.
Run as a program of its own (`python -m benchmarks.peers SLOTS TASKS`), since it starts its server in the process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path


def hyperqueue_rate(slots: int, tasks: int) -> float | None:
    """Tasks a second, `sh -c true` each; None when HyperQueue is not installed."""
    if find_spec("hyperqueue") is None:
        return None
    with tempfile.TemporaryDirectory(prefix="hq-peer-") as folder:
        command = [sys.executable, "-m", "benchmarks.peers", str(slots), str(tasks)]
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=300, env=_environment(folder)
        )
    return float(done.stdout.split()[-1])


def _environment(folder: str) -> dict[str, str]:
    return {**os.environ, "HOME": folder, "PYTHONPATH": str(Path.cwd())}


def _measure(slots: int, tasks: int) -> float:
    from hyperqueue import Job, LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster() as cluster:
        cluster.start_worker(WorkerConfig(cores=slots))
        client = cluster.client()
        job = Job()
        for _ in range(tasks):
            job.program(["sh", "-c", "true"])
        began = time.perf_counter()
        client.wait_for_jobs([client.submit(job)])
        return tasks / (time.perf_counter() - began)


if __name__ == "__main__":
    sys.stdout.write(f"\n{_measure(int(sys.argv[1]), int(sys.argv[2]))}\n")
