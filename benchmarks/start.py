"""T9 and T10: how long a server takes to start on a large database, and what it holds in RAM then."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from benchmarks.common import Figure
from benchmarks.raw import Caller, resident_mb
from tests.farm.harness import RealFarm
from tests.store.large import fill


def measure(quick: bool) -> list[Figure]:
    """Seconds to the first answer, and megabytes of resident memory then."""
    sizes = [(1_000, 0), (10_000, 10_000), (100_000, 0), (100_000, 100_000), (100_000, 1_000_000)]
    figures = []
    for unfinished, finished in sizes[:2] if quick else sizes:
        with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
            data = Path(folder) / "server"
            data.mkdir()
            size = fill(data, unfinished, finished)
            seconds, resident, oldest = _start(Path(folder), finished)
        what = f"{unfinished:,} unfinished + {finished:,} finished"
        is_t10 = (unfinished, finished) == (100_000, 0)
        is_t9 = finished == 1_000_000
        figures.append(Figure(f"start, {what} ({size >> 20} MB)", "s", seconds, target="<= 20 s" if is_t9 else ""))
        target = "<= 600 MB" if is_t9 else "<= 300 MB" if is_t10 else ""
        figures.append(Figure(f"RSS, {what}", "MB", resident, target=target))
        if finished:
            figures.append(Figure("  getJob of the oldest", "ms", oldest))
    return figures


def _start(folder: Path, finished: int) -> tuple[list[float], list[float], list[float]]:
    seconds, resident, oldest = [], [], []
    for _ in range(3):
        farm = RealFarm(folder)
        try:
            began = time.perf_counter()
            farm.start_server()
            seconds.append(time.perf_counter() - began)
            assert farm.server is not None
            resident.append(resident_mb(farm.server.pid))
            if finished:
                caller = Caller(farm.url)
                for _ in range(20):
                    began = time.perf_counter()
                    assert b"frame" in caller.bytes("getJob", 2)
                    oldest.append((time.perf_counter() - began) * 1000)
        finally:
            farm.close()
    return seconds, resident, oldest
