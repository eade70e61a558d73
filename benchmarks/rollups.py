"""T7: what the end of one leaf costs the core in a tree of 100,000 leaves, five levels deep."""

from __future__ import annotations

import time

from benchmarks.common import Figure
from hqserver.core.commands import Receive, Register, Submit
from hqserver.core.farm import Farm
from hqserver.core.records import Instant, Settings
from hqserver.wire.agent import Ended, Exchange, Hello, Machine, Start, Started
from hqserver.wire.jobs import JobSpec

WIDTH = 10
ENDS = 2000
LEAVES = (1000, 100_000)


def measure(quick: bool) -> list[Figure]:
    """Milliseconds for a report that ends a leaf, its assignment of the next one included."""
    small, big = (_ends(leaves, ENDS // 4 if quick else ENDS) for leaves in LEAVES)
    return [Figure(f"a leaf's end, {LEAVES[1]:,} leaves", "ms", big, f"{LEAVES[0]:,} leaves", small, "<= 0.1 ms")]


def _ends(leaves: int, count: int) -> list[float]:
    farm = Farm(Settings())
    now = Instant(1000.0, 1000.0)
    machine = Machine("node", "linux-x86_64", 1)
    farm.apply(Register(Hello(1, "agent", "boot", "", 0, "v", machine), "session", "127.0.0.1"), now)
    farm.apply(Receive(Exchange("session", 0, 0.0)), now)  # only who heard that answer gets jobs
    farm.apply(Submit((_tree(4, leaves // WIDTH**3),)), now)
    values = []
    number = 0
    for _ in range(min(count, leaves)):
        start = next(order for _, order in farm.take_changes().orders if isinstance(order, Start))
        farm.apply(_exchange(Started(number + 1, start.job, start.attempt)), now)
        ended = Ended(number + 2, start.job, start.attempt, "exited", 0, ran_seconds=1.0)
        began = time.perf_counter()
        farm.apply(_exchange(ended), now)
        values.append((time.perf_counter() - began) * 1000)
        number += 2
    return values


def _exchange(report: Started | Ended) -> Receive:
    return Receive(Exchange("session", 0, 0.0, reports=(report,)))


def _tree(levels: int, leaves_below: int) -> JobSpec:
    """`levels` levels of parents, ten children each but the last, which has the leaves."""
    if levels == 1:
        children = tuple(JobSpec(f"leaf {number}", "render") for number in range(leaves_below))
    else:
        children = tuple(_tree(levels - 1, leaves_below) for _ in range(WIDTH))
    return JobSpec(f"level {levels}", children=children)
