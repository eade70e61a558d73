"""T11: 200 jobs that print 50 kB/s each: cpu time of the server and of the agent, and whether every byte arrives.

Reference: the same bytes through base64, JSON and CRC-32 alone, which the protocol cannot do without.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import sys
import time
import zlib
from pathlib import Path

from benchmarks.common import Figure, farm
from tests.farm.harness import RealFarm, wait_for

JOBS, RATE, SECONDS = 200, 50_000, 40
PRINTER = """
import os, sys, time
piece = (sys.argv[1] * 1000)[:5000].encode()
pieces = int(sys.argv[2])
begin = time.monotonic()
for number in range(pieces):
    os.write(1, piece)
    time.sleep(max(begin + (number + 1) * 0.1 - time.monotonic(), 0))
"""


def measure(quick: bool) -> list[Figure]:
    """Percent of a core, over the time in which all print."""
    seconds = SECONDS // 2 if quick else SECONDS
    with farm(agents=0) as running:
        running.start_agent("n", JOBS)
        server, agent, rate, lost = _stream(running, seconds)
    bare = [_bare() for _ in range(5)]
    return [
        Figure("server", "% of a core", [server], "encoding and checksum of the same bytes", bare, "<= 30 %"),
        Figure("agent", "% of a core", [agent]),
        Figure("stored meanwhile", "MB/s", [rate], target=f"{JOBS * RATE / 1e6:.0f} MB/s printed"),
        Figure("bytes lost", "bytes", [float(lost)], target="0"),
    ]


def _stream(running: RealFarm, seconds: int) -> tuple[float, float, float, int]:
    printer = running.folder / "printer.py"
    printer.write_text(PRINTER)
    pieces = seconds * RATE // 5000
    specs = [
        {"name": f"p{number}", "command": f"exec {sys.executable} -I -S {printer} '{number:06} ' {pieces}"}
        for number in range(JOBS)
    ]
    jobs: list[int] = running.hq.newjob(specs)
    wait_for("all to run", lambda: set(running.statuses(jobs)) == {"running"}, timeout=120, pause=0.2)
    assert running.server is not None
    pids = running.server.pid, running.agents["n"].pid
    before, began, stored = [_cpu(pid) for pid in pids], time.monotonic(), _stored(running)
    until = began + seconds / 2
    wait_for("half of it", lambda: time.monotonic() >= until, timeout=seconds + 60, pause=0.2)
    spent, took = [_cpu(pid) for pid in pids], time.monotonic() - began
    rate = (_stored(running) - stored) / took / 1e6
    running.wait_for_status(jobs, "succeeded", timeout=300)
    lost = sum(_lost(running, job, number, pieces) for number, job in enumerate(jobs))
    server, agent = ((after - first) / took * 100 for after, first in zip(spent, before, strict=True))
    return server, agent, rate, lost


def _stored(running: RealFarm) -> int:
    """Bytes in all logs of the server."""
    return sum(log.stat().st_size for log in (running.folder / "server" / "logs").rglob("*.log"))


def _lost(running: RealFarm, job: int, number: int, pieces: int) -> int:
    wanted = (f"{number:06} " * 1000)[:5000].encode() * pieces
    part = running.hq.getOutput(job, None, 0, 4 << 20)
    if hashlib.sha256(part["data"].data).digest() == hashlib.sha256(wanted).digest():
        return 0
    return max(abs(len(wanted) - int(part["size"])), 1)


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _bare() -> float:
    """Percent of a core for one second's worth of output."""
    piece = os.urandom(12_500)
    text = json.dumps([{"data": base64.b64encode(piece).decode(), "crc": zlib.crc32(piece)}] * 50)
    count = JOBS * RATE // (12_500 * 50)
    began = time.process_time()
    for _ in range(count):
        for chunk in json.loads(text):
            assert zlib.crc32(base64.b64decode(chunk["data"], validate=True)) == chunk["crc"]
    return (time.process_time() - began) * 100
