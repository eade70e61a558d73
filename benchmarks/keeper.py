"""T3: what a keeper adds to the cost of a command, in cpu time, and its memory. Reference: the bare command.

Counted is everything: preparing the folder, the launcher, the keeper, reading how it ended, and cleaning up.
"""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
import time
from pathlib import Path

from benchmarks.common import Figure
from hqagent.processes import platform_processes
from hqagent.spool import Launch, Spool

ATTEMPTS = 400
ROUNDS = 5
SCRIPT = "true"


def measure(quick: bool) -> list[Figure]:
    """Milliseconds of cpu an attempt, in turn; kilobytes."""
    count = ATTEMPTS // 4 if quick else ATTEMPTS
    kept, bare, memory = [], [], []
    for _ in range(ROUNDS):
        bare.append(_bare(count))
        milliseconds, kilobytes = asyncio.run(_kept(count))
        kept.append(milliseconds)
        memory.append(kilobytes)
    added = [mine - other for mine, other in zip(kept, bare, strict=True)]
    return [
        Figure("an attempt under a keeper", "ms cpu", kept, "bare sh FILE", bare),
        Figure("added by the keeper", "ms cpu", added, target="<= 2 ms"),
        Figure("private memory of a keeper that has kept them all", "kB", memory, target="<= 1024 kB"),
    ]


def _bare(count: int) -> float:
    with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
        script = Path(folder) / "script"
        script.write_text(f"{SCRIPT}\n")
        before = _own() + _children()
        for _ in range(count):
            pid = os.posix_spawn("/bin/sh", ["/bin/sh", str(script)], {"PATH": os.defpath}, setsid=True)
            os.waitpid(pid, 0)
        return (_own() + _children() - before) / count * 1000


async def _kept(count: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
        spool, processes = Spool(Path(folder) / "attempts"), platform_processes()
        keeper = await _attempt(spool, processes, 0)
        launcher = _parent(keeper)
        before = _own() + _on_cpu(launcher) + _on_cpu(keeper) + _commands(keeper)
        for number in range(1, count + 1):
            assert await _attempt(spool, processes, number) == keeper, "keepers are reused"
        spent = _own() + _on_cpu(launcher) + _on_cpu(keeper) + _commands(keeper) - before
        kilobytes = _private(keeper)
        processes.close()
        return spent / count * 1000, kilobytes


async def _attempt(spool: Spool, processes: object, number: int) -> int:
    """As the agent does it; the keeper's process id."""
    folder = spool.make(number, 1)
    assert folder is not None
    until = time.clock_gettime(time.CLOCK_BOOTTIME) + 900
    environment = {"PATH": os.defpath, "TMPDIR": f"{folder}/tmp", "JOBID": str(number)}
    spool.prepare(folder, SCRIPT, Launch("/bin/sh", environment, until))
    keeper: int = processes.launch(folder)  # type: ignore[attr-defined]
    gone = asyncio.Event()
    processes.watch(keeper, gone.set)  # type: ignore[attr-defined]
    await gone.wait()
    ended = spool.exit(number, 1)
    assert ended is not None
    assert ended.exit_code == 0
    assert spool.is_clean(number, 1)
    spool.forget([(number, 1)])
    return keeper


def _own() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _on_cpu(pid: int) -> float:
    """Seconds that a process has been on a cpu."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _commands(keeper: int) -> float:
    """Seconds of cpu of the commands that a keeper has seen through."""
    fields = Path(f"/proc/{keeper}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")


def _private(pid: int) -> float:
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return float(sum(int(row.split()[1]) for row in rows if row.startswith("Private_")))
