"""T6: large answers: `getJobs` with every attribute against stdlib `dumps`; a page of the change feed.

Measured from a call to the last byte of its answer, over loopback; the caller decodes nothing meanwhile.
"""

from __future__ import annotations

import json
import time
import xmlrpc.client

from benchmarks.common import Figure, farm
from benchmarks.raw import Caller
from hqserver.wire.jobs import ATTRIBUTES

ROUNDS = 7


def measure(quick: bool) -> list[Figure]:
    """Milliseconds."""
    figures = []
    with farm(agents=0) as running:
        for count in (1_000,) if quick else (1_000, 10_000):
            caller = Caller(running.url)
            parent = running.hq.newjob(json.dumps(_tree(count)))[0]
            ids = [parent, *running.hq.getJob(parent, ["children"])["children"]][:count]
            rows = xmlrpc.client.loads(caller.bytes("getJobs", ids, list(ATTRIBUTES)))[0][0]
            ours, stdlib = [], []
            for _ in range(ROUNDS):
                began = time.perf_counter()
                caller.bytes("getJobs", ids, list(ATTRIBUTES))
                ours.append((time.perf_counter() - began) * 1000)
                began = time.perf_counter()
                xmlrpc.client.dumps((rows,), methodresponse=True, allow_none=True)
                stdlib.append((time.perf_counter() - began) * 1000)
            what = f"getJobs of {count:,} jobs, {len(ATTRIBUTES)} attributes"
            figures.append(Figure(what, "ms", ours, "stdlib dumps of the same rows", stdlib, "<= 2x dumps"))
        figures += _changes(running.url, ids[:1000])
    return figures


def _tree(count: int) -> dict[str, object]:
    children = [{"name": f"frame {n}", "command": f"render --frame {n} /proj/shot/scene.hip"} for n in range(count)]
    return {"name": "large", "children": children}


def _changes(url: str, ids: list[int]) -> list[Figure]:
    caller = Caller(url)
    since = _head(caller)
    first, others = [], []
    for round_ in range(ROUNDS * 3):
        caller.bytes("setPriority", ids[1:], round_ + 1)
        began = time.perf_counter()
        answer = caller.bytes("getChanges", since)
        first.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
        caller.bytes("getChanges", since)
        others.append((time.perf_counter() - began) * 1000)
        text = xmlrpc.client.loads(answer.decode())[0][0]
        since = json.loads(str(text))["seq"]
    target = "<= 10 ms of server time"
    return [
        Figure("getChanges of 1,000 changes, the first follower", "ms", first, target=target),
        Figure("getChanges of the same, the next follower", "ms", others, target=target),
    ]


def _head(caller: Caller) -> int:
    since, more = 0, True
    while more:
        answer = json.loads(caller.text("getChanges", since))
        since, more = answer["seq"], answer["more"]
    return int(since)
