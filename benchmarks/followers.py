"""T12: windows that follow a farm in which 500 rows change a second: the server's work, and how far they are behind."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time

from benchmarks.common import Figure, farm
from benchmarks.raw import AsyncCaller, Caller, cpu_seconds

SECONDS = 10.0
CHANGES_A_SECOND = 500
CALLS_A_SECOND = 10


def measure(quick: bool) -> list[Figure]:
    """Percent of a core, and milliseconds from a change's acknowledgement to its arrival in a window."""
    figures = []
    for windows in (10, 40) if quick else (0, 1, 10, 40, 100):
        with farm(agents=0) as running:
            assert running.server is not None
            children = [{"name": f"f{n}", "command": "true"} for n in range(5000)]
            parent = running.hq.newjob({"name": "many", "children": children})[0]
            ids = running.hq.getJob(parent, ["children"])["children"]
            share, behind = asyncio.run(_follow(running.url, running.server.pid, ids, windows))
        target = "<= 50 % of a core; each <= 300 ms behind" if windows == 40 else ""
        figures.append(
            Figure(f"{windows} windows, {CHANGES_A_SECOND} changes/s: server", "% of a core", [share], target=target)
        )
        if behind:
            figures.append(Figure(f"  {windows} windows: behind", "ms", behind))
    return figures


async def _follow(url: str, pid: int, ids: list[int], windows: int) -> tuple[float, list[float]]:
    told: dict[int, float] = {}
    behind: list[float] = []
    ready = [asyncio.Event() for _ in range(windows)]
    followers = [asyncio.create_task(_window(url, told, behind, event)) for event in ready]
    await asyncio.gather(*(event.wait() for event in ready))
    stop = threading.Event()
    changing = threading.Thread(target=_change, args=(url, ids, told, stop))
    began, used = time.perf_counter(), cpu_seconds(pid)
    changing.start()
    await asyncio.sleep(SECONDS)
    share = (cpu_seconds(pid) - used) / (time.perf_counter() - began) * 100
    stop.set()
    await asyncio.to_thread(changing.join)
    await asyncio.sleep(0.5)
    for follower in followers:
        follower.cancel()
    await asyncio.gather(*followers, return_exceptions=True)
    return share, behind


async def _window(url: str, told: dict[int, float], behind: list[float], ready: asyncio.Event) -> None:
    """Asks again as soon as it was answered, at most ten times a second, as our window does."""
    caller = AsyncCaller(url)
    since, more, seen = 0, True, 0
    try:
        while True:
            text = await caller.text("getChanges", since, 0 if more else 30)
            arrived = time.perf_counter()
            head = json.loads(text[: text.index(',"jobs"')] + "}")
            since, more = head["seq"], head["more"]
            if not more:
                ready.set()
            mark = text.rfind('"priority":')
            newest = int(text[mark + 11 : text.find(",", mark)]) if mark >= 0 else 0
            if newest > seen and newest in told:
                behind.append(max(arrived - told[newest], 0.0) * 1000)
                seen = newest
            await asyncio.sleep(0 if more else 0.1)
    finally:
        caller.close()


def _change(url: str, ids: list[int], told: dict[int, float], stop: threading.Event) -> None:
    """Some rows at a time; the priority that they get is the number of the call."""
    caller = Caller(url)
    a_call = CHANGES_A_SECOND // CALLS_A_SECOND
    number, due = 100, time.perf_counter()
    while not stop.is_set():
        number += 1
        start = number * a_call % (len(ids) - a_call)
        told[number] = time.perf_counter()
        caller.bytes("setPriority", ids[start : start + a_call], number)
        due += 1 / CALLS_A_SECOND
        stop.wait(max(due - time.perf_counter(), 0))


if __name__ == "__main__":
    sys.exit("run it by ./hq bench T12")
