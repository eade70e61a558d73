"""HyperQueue beside us, when it is installed (`pip install hyperqueue`): started on loopback, through its own API.

Its Python API looks once a second whether a job is done, so a rate is told over many tasks, and a latency by the
command itself: until it runs and says so, which is less than until its submitter sees it finished.
Run as a program of its own (`python -m benchmarks.peers rate|latency SLOTS TASKS`), since it starts its server in the
process.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any


def hyperqueue_rate(slots: int, tasks: int) -> float | None:
    """Tasks a second, `sh -c true` each; None when HyperQueue is not installed."""
    found = _run("rate", slots, tasks)
    return found[0] if found else None


def hyperqueue_latencies(slots: int, tasks: int) -> list[float]:
    """Milliseconds from submission to the command's word, one task after the other; empty without HyperQueue."""
    return _run("latency", slots, tasks)


def _run(what: str, slots: int, tasks: int) -> list[float]:
    if find_spec("hyperqueue") is None:
        return []
    with tempfile.TemporaryDirectory(prefix="hq-peer-") as folder:
        command = [sys.executable, "-m", "benchmarks.peers", what, str(slots), str(tasks)]
        environment = {**os.environ, "HOME": folder, "PYTHONPATH": str(Path.cwd())}
        done = subprocess.run(
            command, capture_output=True, text=True, check=True, timeout=300, cwd=folder, env=environment
        )
    return [float(text) for text in done.stdout.splitlines()[-1].split()]


def _rate(client: Any, tasks: int) -> list[float]:
    from hyperqueue import Job

    job = Job()
    for _ in range(tasks):
        job.program(["sh", "-c", "true"])
    began = time.perf_counter()
    client.wait_for_jobs([client.submit(job)])
    return [tasks / (time.perf_counter() - began)]


def _latencies(client: Any, tasks: int) -> list[float]:
    """The command's word is a line in a pipe with a name: reading it waits for exactly that."""
    from hyperqueue import Job

    pipe = Path.home() / "word"
    os.mkfifo(pipe)
    found = []
    for _ in range(tasks):
        began = time.perf_counter()
        job = Job()
        job.program(["sh", "-c", f"echo > {pipe}"])
        client.submit(job)
        pipe.read_text()
        found.append((time.perf_counter() - began) * 1000)
    return found


_KINDS: dict[str, Callable[[Any, int], list[float]]] = {"rate": _rate, "latency": _latencies}


def _measure(what: str, slots: int, tasks: int) -> list[float]:
    from hyperqueue import LocalCluster
    from hyperqueue.cluster import WorkerConfig

    with LocalCluster() as cluster:
        cluster.start_worker(WorkerConfig(cores=slots))
        return _KINDS[what](cluster.client(), tasks)


if __name__ == "__main__":
    values = _measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write("\n" + " ".join(map(str, values)) + "\n")
