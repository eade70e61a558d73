"""T1: from `newjob` to the job seen finished in the change feed, on an idle farm. Reference: a bare `sh -c true`."""

from __future__ import annotations

import json
import os
import time
import xmlrpc.client

from benchmarks.common import Figure, farm

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
    return [
        Figure("submit to seen finished", "ms", ours, "bare sh -c true", _bare(count), "median <= 15 ms, p99 <= 60 ms")
    ]


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
