"""T15: the artists' tray at rest on a farm of 100,000 jobs, and what sixty of them cost the server."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.common import Figure, farm
from benchmarks.raw import AsyncCaller, Caller, cpu_seconds, resident_mb
from tests.farm.harness import RealFarm, wait_for
from tests.farm.people import only_agents_of
from tests.gui.screen import missing_tools, screen

TREES, FRAMES, MINE = 100, 1000, 20
CHANGES_A_SECOND, CALLS_A_SECOND = 500, 10
TRAYS = 60
DAY = 150
SETTLING_SECONDS = 15.0


def measure(quick: bool) -> list[Figure]:
    """Percent of a core, and megabytes."""
    seconds = 10.0 if quick else 60.0
    trees = TREES // 10 if quick else TREES
    with farm(agents=1) as running:
        mine, others = _fill(running, trees)
        with _tray(running) as desk:
            tray = desk.program.pid
            time.sleep(SETTLING_SECONDS)
            rest = _share(tray, seconds)
            memory, own = resident_mb(tray), _proportional_mb(tray)
            with _changes(running, others):
                busy = _share(tray, seconds)
            with _changes(running, mine, rows=1):
                concerned = _share(tray, seconds)
            after = resident_mb(tray)
            _day(running, 15 if quick else DAY)
            day = resident_mb(tray)
            desk.open_popup()
            opened = resident_mb(tray)
            desk.close_popup()
            closed = resident_mb(tray)
        jobs = f"{trees * FRAMES:,} jobs"
        figures = [
            Figure(f"tray at rest, {jobs}", "% of a core", [rest], target="<= 1 % of a core"),
            Figure(f"  {CHANGES_A_SECOND} changes/s of others' jobs", "% of a core", [busy]),
            Figure("  a tree of its person's changes ten times a second", "% of a core", [concerned]),
            Figure("tray, RSS at rest", "MB", [memory], target="<= 90 MB"),
            Figure("  RSS after the changes", "MB", [after]),
            Figure("  PSS (pages that others share counted in part)", "MB", [own]),
            Figure(f"  RSS after a day of {DAY} trees that end and {DAY // 5} notes", "MB", [day]),
            Figure("  RSS with the popup open, 40 jobs in it", "MB", [opened]),
            Figure("  RSS when it is closed again", "MB", [closed]),
        ]
        for trays in (0, TRAYS):
            still, moved, behind = asyncio.run(_server_with(running, trays, others, seconds / 2))
            figures.append(Figure(f"server, {trays} trays, at rest", "% of a core", [still]))
            figures.append(Figure(f"  {trays} trays, {CHANGES_A_SECOND} changes/s", "% of a core", [moved]))
            if behind:
                figures.append(Figure("  from asking to the snapshot, all trays at once", "ms", behind))
    return figures


def _fill(running: RealFarm, trees: int) -> tuple[list[int], list[int]]:
    """Trees without frames of jlee's, which change by themselves, and frames of one of dkim's."""
    frames_of: list[int] = []
    frames = [{"name": str(1001 + number), "command": "true", "conditions": _NOWHERE} for number in range(FRAMES)]
    for number in range(trees):
        user = "jlee" if number < MINE * trees // TREES else "dkim"
        (tree,) = running.hq.newjob({"name": f"shot_{number:03d}", "submittedBy": user, "children": frames})
        if user == "dkim" and not frames_of:
            frames_of = running.hq.getJob(tree, ["children"])["children"]
    alone = running.hq.newjob(
        [{"name": f"single_{n}", "submittedBy": "jlee", "command": "true", "conditions": _NOWHERE} for n in range(10)]
    )
    return alone, frames_of


_NOWHERE = [{"type": "client", "name": "hostname", "op": "==", "value": "nowhere"}]


def _day(running: RealFarm, trees: int) -> None:
    """What a busy person's day leaves: trees that succeed, some that fail, notes on others."""
    frames = [{"name": "1001", "command": "true"}, {"name": "1002", "command": "true"}]
    failing = [frames[0], {"name": "1002", "command": "exit 1", "triesLeft": 0}]
    made: list[int] = []
    for number in range(trees):
        spec = {"name": f"day_{number}", "submittedBy": "jlee", "children": frames if number % 10 else failing}
        made += running.hq.newjob(spec)
        if number % 5 == 0:
            running.hq.addNote("Which plate?", None, made[-1], None)
    wait_for("the day to end", lambda: set(running.statuses(made)) <= {"succeeded", "failed"}, 600, pause=0.5)
    time.sleep(SETTLING_SECONDS)


@dataclass
class _Desk:
    """A tray on a screen."""

    program: subprocess.Popen[bytes]
    environment: dict[str, str]

    def open_popup(self) -> None:
        """As a second start does."""
        subprocess.run([sys.executable, "-m", "hqgui.tray"], env=self.environment, check=True, capture_output=True)
        time.sleep(SETTLING_SECONDS / 3)

    def close_popup(self) -> None:
        """By its key; without a screen it stays open."""
        if shutil.which("xdotool") and "DISPLAY" in self.environment:
            subprocess.run(["xdotool", "key", "Escape"], env=self.environment, check=True, capture_output=True)
        time.sleep(SETTLING_SECONDS / 3)


@contextmanager
def _tray(running: RealFarm) -> Iterator[_Desk]:
    """The program as a person has it, on a screen where there is one."""
    with tempfile.TemporaryDirectory(prefix="hq-bench-") as folder:
        home = Path(folder)
        path = home / "config" / "hqfarm" / "tray.ini"
        path.parent.mkdir(parents=True)
        path.write_text("[tray]\nuser=jlee\n")
        with screen(home) if not missing_tools() else _no_screen(home) as desk:
            environment = {**desk.environment, **only_agents_of(running.folder)}
            command = [sys.executable, "-m", "hqgui.tray", "--server", running.url]
            # A tray that finds no panel becomes a window; here it is closed, and the icon alone is what is measured.
            program = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            panel = _panel(environment)
            try:
                yield _Desk(program, environment)
            finally:
                for process in filter(None, (program, panel)):
                    process.terminate()
                    process.wait()


def _panel(environment: dict[str, str]) -> subprocess.Popen[bytes] | None:
    try:
        return subprocess.Popen(["trayer"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return None


class _Nowhere:
    def __init__(self, home: Path) -> None:
        self.environment = {
            **os.environ, "QT_QPA_PLATFORM": "offscreen", "HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"),
            "XDG_STATE_HOME": str(home / "state"),
        }  # fmt: skip


@contextmanager
def _no_screen(home: Path) -> Iterator[_Nowhere]:
    yield _Nowhere(home)


def _share(pid: int, seconds: float) -> float:
    began, used = time.perf_counter(), cpu_seconds(pid)
    time.sleep(seconds)
    return (cpu_seconds(pid) - used) / (time.perf_counter() - began) * 100


def _proportional_mb(pid: int) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    return 0.0


@contextmanager
def _changes(running: RealFarm, ids: list[int], rows: int = CHANGES_A_SECOND // CALLS_A_SECOND) -> Iterator[None]:
    """So many rows change with each call, meanwhile."""
    stop = threading.Event()
    changing = threading.Thread(target=_change, args=(running.url, ids, rows, stop))
    changing.start()
    try:
        yield
    finally:
        stop.set()
        changing.join()


def _change(url: str, ids: list[int], a_call: int, stop: threading.Event) -> None:
    caller = Caller(url)
    number, due = 100, time.perf_counter()
    while not stop.is_set():
        number += 1
        start = number * a_call % (len(ids) - a_call)
        caller.bytes("setPriority", ids[start : start + a_call], number % 90)
        due += 1 / CALLS_A_SECOND
        stop.wait(max(due - time.perf_counter(), 0))


async def _server_with(
    running: RealFarm, trays: int, ids: list[int], seconds: float
) -> tuple[float, float, list[float]]:
    """The server's share at rest and while rows change, and how long the snapshots took."""
    assert running.server is not None
    took: list[float] = []
    ready = [asyncio.Event() for _ in range(trays)]
    followers = [asyncio.create_task(_follow(running.url, f"artist{n}", took, one)) for n, one in enumerate(ready)]
    await asyncio.gather(*(one.wait() for one in ready))
    await asyncio.sleep(2)
    pid = running.server.pid
    still = await asyncio.to_thread(_share, pid, seconds)
    with _changes(running, ids):
        moved = await asyncio.to_thread(_share, pid, seconds)
    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    return still, moved, took


async def _follow(url: str, user: str, took: list[float], ready: asyncio.Event) -> None:
    """As a tray asks."""
    caller = AsyncCaller(url)
    since, only = 0, {"users": [user, "jlee"], "hosts": [f"ws-{user}"], "known": []}
    try:
        while True:
            began = time.perf_counter()
            text = await caller.text("getChanges", since, 25 if since else 0, ["jobs", "clients", "threads"], only)
            if not since:
                took.append((time.perf_counter() - began) * 1000)
                ready.set()
            since = json.loads(text)["seq"]
            await asyncio.sleep(0.1)
    finally:
        caller.close()


if __name__ == "__main__":
    sys.exit("run it by ./hq bench T15")
