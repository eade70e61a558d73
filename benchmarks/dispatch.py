"""T5: what it costs to hand out a job: from 1,000 to 1,000,000 waiting, of 1 to 1,000 kinds, on 10 to 2,000 clients.

One value is the cpu time of one job's whole way: its client says that the former job ended, the farm settles that and
hands out the next, the client says that it runs. Kinds differ in cpus, groups, exclusive tags and resources, and some
of them cannot run when it is their turn: their resource is out, their clients are busy.
"""

from __future__ import annotations

import gc
import itertools
import time
from collections import deque

from benchmarks.common import Figure
from hqserver.core.commands import CreateGroup, CreateResource, Receive, Register, SetMember, Submit
from hqserver.core.farm import Farm
from hqserver.core.records import Instant, Settings
from hqserver.wire.agent import Ended, Exchange, Hello, Machine, Start, Started
from hqserver.wire.conditions import Condition
from hqserver.wire.jobs import JobSpec

NOW = Instant(1000.0, 1000.0)
GROUPS = 20
BLOCK = 50
"""Jobs whose mean is one value."""
SIZES = (
    (1_000, 1, 10),
    (10_000, 1, 10),
    (100_000, 1, 10),
    (1_000_000, 1, 10),
    (100_000, 10, 100),
    (100_000, 100, 100),
    (100_000, 1_000, 100),
    (100_000, 100, 10),
    (100_000, 100, 500),
    (100_000, 100, 2_000),
    (1_000_000, 1_000, 2_000),
)
QUICK = ((1_000, 1, 10), (10_000, 100, 100), (20_000, 1_000, 500))


def measure(quick: bool) -> list[Figure]:
    """Milliseconds of cpu time a job; each size beside the smallest."""
    figures: list[Figure] = []
    reference: list[float] = []
    for jobs, kinds, clients in QUICK if quick else SIZES:
        values = _dispatch(jobs, kinds, clients, 1_000 if quick else 4_000)
        reference = reference or values
        what = f"{jobs:,} waiting, {kinds:,} kinds, {clients:,} clients"
        figures.append(Figure(what, "ms", values, "the smallest", reference, "<= 1 ms, ratio <= 2"))
    return figures


def _dispatch(jobs: int, kinds: int, clients: int, count: int) -> list[float]:
    farm = _farm(clients)
    _submit(farm, jobs, kinds)
    running: deque[tuple[str, int, int]] = deque()
    _begin(farm, running)
    gc.collect()
    gc.freeze()
    values = []
    for _ in range(min(count, jobs // 4) // BLOCK):
        began = time.process_time()
        for _ in range(BLOCK):
            session, job, attempt = running.popleft()
            farm.apply(Receive(Exchange(session, 0, 0.0, reports=(Ended(0, job, attempt, "exited", 0),))), NOW)
            _begin(farm, running)
        values.append((time.process_time() - began) * 1000 / BLOCK)
    gc.unfreeze()
    return values


def _begin(farm: Farm, running: deque[tuple[str, int, int]]) -> None:
    """The clients obey: whatever was handed out runs."""
    for client, order in farm.take_changes().orders:
        if isinstance(order, Start):
            session = farm.clients[client].session
            farm.apply(Receive(Exchange(session, 0, 0.0, reports=(Started(0, order.job, order.attempt),))), NOW)
            running.append((session, order.job, order.attempt))


def _farm(clients: int) -> Farm:
    farm = Farm(Settings())
    groups = [farm.apply(CreateGroup(f"group {number}"), NOW) for number in range(GROUPS)]
    for number in range(clients):
        machine = Machine(f"node{number}", "linux-x86_64", (4, 8, 16)[number % 3])
        hello = Hello(1, f"agent{number}", "boot", "", 0, "v", machine)
        client = farm.apply(Register(hello, f"session{number}", "127.0.0.1"), NOW)
        farm.apply(Receive(Exchange(f"session{number}", 0, 0.0)), NOW)  # only who heard that answer gets jobs
        for group in (number % GROUPS, (number * 7 + 3) % GROUPS):
            farm.apply(SetMember(groups[group], client, member=True), NOW)
    for number in range(10):
        farm.apply(CreateResource(f"licence {number}", max(2, clients // 4), per_machine=number % 2 == 0), NOW)
    return farm


def _submit(farm: Farm, jobs: int, kinds: int) -> None:
    specs = [_spec(number) for number in range(kinds)]
    for start in range(0, jobs, 10_000):
        part = itertools.islice(itertools.cycle(specs), start % kinds, start % kinds + min(10_000, jobs - start))
        farm.apply(Submit((JobSpec("tree", children=tuple(part)),)), NOW)


def _spec(kind: int) -> JobSpec:
    """The job of a kind; the first asks for nothing but a cpu."""
    if not kind:
        return JobSpec("frame", "render")
    group = Condition("group", "in", f"group {kind % GROUPS}, group {kind // GROUPS % GROUPS}")
    return JobSpec(
        "frame",
        "render",
        cpus=(1, 1, 2, 4)[kind % 4],
        conditions=(group,) if kind % 3 else (),
        tags=(f"single:{kind // 10}",) if kind % 5 == 1 else (),
        resources={f"licence {kind // 6 % 10}": 1} if kind % 6 == 2 else {},
        priority=kind % 2,
    )
