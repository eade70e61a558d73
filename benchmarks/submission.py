"""T4: `newjob`, single calls by one caller against `ping`, and one call with 10,000 and 100,000 children."""

from __future__ import annotations

import json
import statistics
import threading
import time
from xmlrpc.client import ServerProxy

from benchmarks.common import Figure, farm, flushes
from tests.farm.harness import RealFarm

CALLS = 500
ROUNDS = 5


def measure(quick: bool) -> list[Figure]:
    """Calls a second; seconds for the large calls, and what others waited meanwhile."""
    with farm(agents=0) as running:
        singles, pings, disk = [], [], []
        for _ in range(ROUNDS):
            pings.append(_rate(running, "ping"))
            singles.append(_rate(running, "newjob"))
            disk.append(1000 / statistics.fmean(flushes(CALLS // 5)))
        figures = [
            Figure("single newjob", "calls/s", singles, "ping", pings, ">= half the ping rate"),
            Figure("single newjob", "calls/s", singles, "bare fdatasync of 4 kB", disk),
        ]
        for children, target in ((10_000, "<= 1 s"), (100_000, "<= 10 s")):
            if quick and children > 10_000:
                continue
            seconds, waited = _large(running, children)
            figures.append(Figure(f"one call with {children} children", "s", [seconds], target=target))
            figures.append(Figure("  others' ping meanwhile", "ms", waited, target="p99 <= 200 ms"))
    return figures


def _rate(running: RealFarm, method: str) -> float:
    hq = ServerProxy(running.url)
    began = time.perf_counter()
    for number in range(CALLS):
        if method == "ping":
            hq.ping()
        else:
            hq.newjob({"name": f"single {number}", "command": "true"})
    return CALLS / (time.perf_counter() - began)


def _large(running: RealFarm, children: int) -> tuple[float, list[float]]:
    spec = {"name": "large", "children": [{"name": f"frame {n}", "command": f"render {n}"} for n in range(children)]}
    stop = threading.Event()
    waited: list[float] = []

    def others() -> None:
        hq = ServerProxy(running.url)
        while not stop.is_set():
            began = time.perf_counter()
            hq.ping()
            waited.append((time.perf_counter() - began) * 1000)
            stop.wait(0.01)

    thread = threading.Thread(target=others)
    body = json.dumps(spec)
    thread.start()
    began = time.perf_counter()
    running.hq.newjob(body)
    seconds = time.perf_counter() - began
    stop.set()
    thread.join()
    return seconds, waited
