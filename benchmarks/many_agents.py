"""T8: simulated agents: what their heartbeats cost, and how soon all are back after the server was killed.

The agents are programs beside the server on the same cores; what is told of the server is its own processor time.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time

from benchmarks.common import Figure, farm
from benchmarks.raw import Caller, cpu_seconds
from tests.farm.harness import RealFarm

A_PROCESS = 2500
STEADY_SECONDS = 30.0
LONGEST = 180.0


def measure(quick: bool) -> list[Figure]:
    """Percent of a core; seconds until the last is back; milliseconds of others' calls meanwhile."""
    figures: list[Figure] = []
    for count in (10, 100, 1000) if quick else (10, 100, 1000, 10_000):
        with farm(agents=0) as running:
            crowds = [Crowd(running.url, first, min(A_PROCESS, count - first)) for first in range(0, count, A_PROCESS)]
            try:
                figures += _figures(running, crowds, count)
            finally:
                for crowd in crowds:
                    crowd.close()
    return figures


class Crowd:
    """A process full of agents."""

    def __init__(self, url: str, first: int, count: int) -> None:
        command = [sys.executable, "-m", "benchmarks.agents", url, str(first), str(count)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._lines: list[float] = []
        self._told = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def complete(self, since: float) -> float:
        """Wall time at which all its agents were there, for the first time after `since`."""
        end = time.monotonic() + LONGEST
        with self._told:
            while not self._lines or self._lines[-1] < since:
                if not self._told.wait(end - time.monotonic()):
                    raise AssertionError(f"the agents are not all there after {LONGEST:.0f} s")
            return self._lines[-1]

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            with self._told:
                self._lines.append(float(line))
                self._told.notify_all()


def _figures(running: RealFarm, crowds: list[Crowd], count: int) -> list[Figure]:
    for crowd in crowds:
        crowd.complete(0.0)
    assert running.server is not None
    time.sleep(2.0)
    began, used = time.perf_counter(), cpu_seconds(running.server.pid)
    with _Others(running.url) as steady:
        time.sleep(STEADY_SECONDS)
    share = (cpu_seconds(running.server.pid) - used) / (time.perf_counter() - began) * 100
    running.kill_server()
    running.start_server()
    back_from = time.time()
    with _Others(running.url) as others:
        back = max(crowd.complete(back_from) for crowd in crowds) - back_from
    is_t8 = count == 10_000
    return [
        Figure(f"{count:,} agents, steady: server", "% of a core", [share], target="<= 30 %" if is_t8 else ""),
        Figure("  others' calls meanwhile", "ms", steady),
        Figure(f"{count:,} agents: all back after a kill", "s", [back], target="<= 60 s" if is_t8 else ""),
        Figure("  others' calls meanwhile", "ms", others, target="p99 <= 500 ms" if is_t8 else ""),
    ]


class _Others:
    """A script that asks for the list of clients' names now and then."""

    def __init__(self, url: str) -> None:
        self._caller = Caller(url)
        self._stop = threading.Event()
        self._waited: list[float] = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> list[float]:
        self._thread.start()
        return self._waited

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            began = time.perf_counter()
            self._caller.bytes("getJobIdsByStatus", ["running"])
            self._waited.append((time.perf_counter() - began) * 1000)
            self._stop.wait(0.05)
