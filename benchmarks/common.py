"""What benchmarks share: figures, the machine, a farm of its own for each run."""

from __future__ import annotations

import os
import platform
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.farm.harness import RealFarm, real_farm


@dataclass(frozen=True, slots=True)
class Figure:
    """Measurements of one thing, and what it is held against."""

    what: str
    unit: str
    values: Sequence[float]
    reference: str = ""
    reference_values: Sequence[float] = ()
    target: str = ""

    def row(self) -> dict[str, object]:
        """For a table over time."""
        return {"what": self.what, "unit": self.unit, "median": statistics.median(self.values), "ratio": self.ratio}

    @property
    def ratio(self) -> float | None:
        """Of the medians; None without a reference."""
        if not self.reference_values:
            return None
        return statistics.median(self.values) / statistics.median(self.reference_values)

    def __str__(self) -> str:
        text = f"{self.what}: {summary(self.values)} {self.unit}"
        if self.reference_values:
            text += f"; {self.reference}: {summary(self.reference_values)} {self.unit}; ratio {self.ratio:.2f}"
        return f"{text}  [{self.target}]" if self.target else text


def summary(values: Sequence[float]) -> str:
    """Median with the spread; the 95th and 99th percentile when there are enough values for them."""
    ordered = sorted(values)
    text = f"median {statistics.median(ordered):.4g} ({ordered[0]:.4g} to {ordered[-1]:.4g})"
    if len(ordered) >= 100:
        text += f", p95 {ordered[int(len(ordered) * 0.95)]:.4g}, p99 {ordered[int(len(ordered) * 0.99)]:.4g}"
    return text


def machine() -> str:
    """On what this is measured."""
    model = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    system = f"{platform.system()} {platform.release()}, CPython {platform.python_version()}"
    load = f"load {os.getloadavg()[0]:.1f} at the start, fdatasync {statistics.median(flushes(100)):.2g} ms"
    return f"{os.cpu_count()} x {model or platform.machine()}, {system}, {load}"


def flushes(count: int) -> list[float]:
    """Milliseconds that the disk of temporary files takes to keep four kilobytes: what any commit takes at least."""
    found = []
    with tempfile.TemporaryFile(prefix="hq-bench-") as file:
        for _ in range(count):
            os.write(file.fileno(), bytes(4096))
            began = time.perf_counter()
            os.fdatasync(file.fileno())
            found.append((time.perf_counter() - began) * 1000)
    return found


_server_arguments: list[str] = []


@contextmanager
def on_database(url: str) -> Iterator[None]:
    """Every farm of a benchmark keeps its memory there meanwhile."""
    _server_arguments[:] = ["--database", url]
    try:
        yield
    finally:
        _server_arguments.clear()


@contextmanager
def farm(agents: int = 1, cpus: int = 2) -> Iterator[RealFarm]:
    """A real farm in a temporary folder: server and agents as installed, durability, keeper and output on."""
    with (
        tempfile.TemporaryDirectory(prefix="hq-bench-") as folder,
        real_farm(Path(folder), agents, cpus, _server_arguments) as running,
    ):
        yield running
