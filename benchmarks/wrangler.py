"""T13: the window with 100,000 jobs and 2,000 clients that change 500 times a second.

Beside each figure that other programs on this machine can spoil stands the same without changes, taken in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.common import Figure

JOBS, CLIENTS, CHANGES = 100_000, 2_000, 500
STARTS = 5


def measure(quick: bool) -> list[Figure]:
    """Milliseconds and megabytes."""
    seconds = 6.0 if quick else 30.0
    with feed(0, 0, 0) as empty:
        starts = [_window(empty) for _ in range(2 if quick else STARTS)]
    with feed(JOBS, CLIENTS, 0) as still:
        calm = _window(still, JOBS, seconds)
    with feed(JOBS, CLIENTS, CHANGES) as busy:
        used = _window(busy, JOBS, seconds)
    assert (used["jobs"], used["clients"]) == (JOBS, CLIENTS)
    first, rows = "start to first paint, empty farm", "start to first rows"
    return [
        Figure(first, "ms", [one["first paint"] for one in starts], target="<= 600 ms"),
        Figure(f"{first}, {_CPU}", "ms", [one["first paint cpu"] for one in starts]),
        Figure(rows, "ms", [calm["first rows"], used["first rows"]], target="<= 2000 ms"),
        Figure(f"{rows}, {_CPU}", "ms", [calm["first rows cpu"], used["first rows cpu"]]),
        Figure("start to all rows", "ms", [calm["all rows"], used["all rows"]]),
        Figure(f"start to all rows, {_CPU}", "ms", [calm["all rows cpu"], used["all rows cpu"]]),
        *_pair("frame while scrolling", "frames", used, calm, "p95 <= 20 ms"),
        Figure("delta tick", "ms", used["ticks"], target="p95 <= 8 ms"),
        Figure(f"delta tick, {_CPU}", "ms", used["ticks cpu"]),
        *_pair("filter keystroke", "keys", used, calm, "<= 50 ms"),
        *_pair("sort", "sorts", used, calm, "<= 100 ms"),
        Figure("RSS", "MB", [used["rss"]], _CALM, [calm["rss"]], "<= 400 MB"),
    ]


_CPU = "processor time"
_CALM = "without changes"


def _pair(what: str, name: str, used: dict[str, Any], calm: dict[str, Any], target: str) -> list[Figure]:
    """Wall time, and the processor time of the window's thread in it."""
    cpu = f"{name} cpu"
    return [
        Figure(what, "ms", used[name], _CALM, calm[name], target),
        Figure(f"{what}, {_CPU}", "ms", used[cpu], _CALM, calm[cpu]),
    ]


@contextmanager
def feed(jobs: int, clients: int, changes: int) -> Iterator[str]:
    """The address of a feed of made-up rows."""
    command = [sys.executable, "-m", "benchmarks.feed_server"]
    options = ["--jobs", str(jobs), "--clients", str(clients), "--changes", str(changes)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _window(url: str, rows: int = 0, seconds: float = 0.0) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
        command = [sys.executable, "-m", "benchmarks.window_child", url, str(Path(folder))]
        options = ["--spawned", str(time.monotonic()), "--rows", str(rows), "--seconds", str(seconds)]
        result = subprocess.run([*command, *options], stdout=subprocess.PIPE, text=True, timeout=300, check=True)
        figures: dict[str, Any] = json.loads(result.stdout.splitlines()[-1])
        return figures
