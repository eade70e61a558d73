"""One Wrangler window under measurement: opens on a feed, is used, and tells its figures as one JSON line.

It runs as a process of its own, so that start-up and memory are those of the window. Times are taken on the window's
own thread: wall time, and the processor time of that thread, which other programs on the machine disturb less.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
PEOPLE_SCROLL_MS = 16
WHEEL_ROWS = 3
PAINTED: list[Callable[[], None]] = []
"""Called after each paint of the tree."""


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("settings", type=Path)
    parser.add_argument("--spawned", type=float, required=True, help="time.monotonic() when this process was started")
    parser.add_argument("--rows", type=int, default=0, help="jobs to wait for; 0: only the first paint")
    parser.add_argument("--seconds", type=float, default=20.0, help="of scrolling")
    options = parser.parse_args()
    os.environ["XDG_CONFIG_HOME"] = str(options.settings)

    from PySide6.QtWidgets import QApplication

    from hqgui.tasks import run

    app = QApplication(sys.argv[:1])
    figures: dict[str, Any] = {}

    async def live() -> int:
        from hqgui.settings import Settings
        from hqgui.views.job_tree import JobTreeView
        from hqgui.windows import Windows

        painted = asyncio.Event()
        paint = JobTreeView.paintEvent

        def note(view: JobTreeView, event: Any) -> None:
            paint(view, event)
            for told in PAINTED:
                told()
            if not painted.is_set():
                figures["first paint"] = (time.monotonic() - options.spawned) * 1000
                figures["first paint cpu"] = time.process_time() * 1000
                painted.set()
            if "first rows" not in figures and view.model() is not None and view.model().rowCount() > 0:
                figures["first rows"] = (time.monotonic() - options.spawned) * 1000
                figures["first rows cpu"] = time.process_time() * 1000

        JobTreeView.paintEvent = note  # type: ignore[method-assign]
        windows = Windows(Settings())
        windows.dress()
        windows.start(options.url)
        await painted.wait()
        if options.rows:
            [window] = windows.farms.values()
            window.resize(1600, 970)
            await _use(window, options, figures)
        await windows.stop()
        return 0

    profile = os.environ.get("HQ_BENCH_PROFILE")
    if profile:
        import cProfile

        profiler = cProfile.Profile()
        code = profiler.runcall(run, app, live)
        profiler.dump_stats(profile)
    else:
        code = run(app, live)
    print(json.dumps(figures))
    return code


async def _use(window: Any, options: argparse.Namespace, figures: dict[str, Any]) -> None:
    import psutil

    session = window.session
    while len(session.farm.jobs) < options.rows or session.farm.jobs.loading:  # noqa: ASYNC110 - Qt tells no event
        await asyncio.sleep(0.01)
    figures["all rows"] = (time.monotonic() - options.spawned) * 1000
    figures["all rows cpu"] = time.process_time() * 1000
    ticks = _watch_ticks(session, window)
    await asyncio.sleep(2.0)
    gc.collect()
    for row in range(0, 40, 4):
        window.tree.setExpanded(session.tree.index(row, 0), True)  # noqa: FBT003
    await _scroll(window, min(options.seconds, 5.0))
    ticks.clear()
    figures["frames"], figures["frames cpu"] = await _scroll(window, options.seconds)
    figures["ticks"] = [wall for wall, _ in ticks]
    figures["ticks cpu"] = [cpu for _, cpu in ticks]
    window.tree.verticalScrollBar().setValue(0)
    figures["keys"], figures["keys cpu"] = await _type(window, "shot_04")
    figures["sorts"], figures["sorts cpu"] = await _sort(window)
    figures["rss"] = psutil.Process().memory_info().rss / (1 << 20)
    figures["jobs"] = len(session.farm.jobs)
    figures["clients"] = len(session.farm.clients)


def _watch_ticks(session: Any, window: Any) -> list[tuple[float, float]]:
    """Milliseconds, wall and processor, of each time that the models and the window took in what was new."""
    ticks: list[tuple[float, float]] = []
    flush = session.flush

    def timed() -> None:
        wall, cpu = time.perf_counter(), time.thread_time()
        flush()
        ticks.append(((time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000))

    session.feed.news.disconnect(session.flush)
    session.feed.news.connect(timed)
    return ticks


Times = tuple[list[float], list[float]]
"""Milliseconds, wall time and processor time of the window's thread."""


async def _scroll(window: Any, seconds: float) -> Times:
    """Between frames while the wheel turns without a pause; the processor time of whatever happened in between."""
    from PySide6.QtCore import QTimer

    from hqgui.theme import look

    bar = window.tree.verticalScrollBar()
    walls: list[float] = []
    cpus: list[float] = []
    last, last_cpu = time.perf_counter(), time.thread_time()
    down = 1

    def turn() -> None:
        nonlocal down
        bar.setValue(bar.value() + down * WHEEL_ROWS * look().row_height)
        if bar.value() in (bar.minimum(), bar.maximum()):
            down = -down

    def painted() -> None:
        nonlocal last, last_cpu
        now, cpu = time.perf_counter(), time.thread_time()
        walls.append((now - last) * 1000)
        cpus.append((cpu - last_cpu) * 1000)
        last, last_cpu = now, cpu

    PAINTED.append(painted)
    timer = QTimer(interval=PEOPLE_SCROLL_MS)
    timer.setTimerType(timer.timerType().PreciseTimer)
    timer.timeout.connect(turn)
    timer.start()
    await asyncio.sleep(seconds)
    timer.stop()
    PAINTED.remove(painted)
    return walls[1:], cpus[1:]


def _until_painted(window: Any, act: Callable[[], None]) -> tuple[float, float]:
    """From an act until what it changed is painted, once."""
    from PySide6.QtWidgets import QApplication

    painted: list[bool] = []

    def note() -> None:
        painted.append(True)

    PAINTED.append(note)
    began, cpu = time.perf_counter(), time.thread_time()
    act()
    painted.clear()
    QApplication.sendPostedEvents(None, 0)
    if not painted:
        window.tree.viewport().repaint()
    PAINTED.remove(note)
    return (time.perf_counter() - began) * 1000, (time.thread_time() - cpu) * 1000


async def _type(window: Any, text: str) -> Times:
    from PySide6.QtTest import QTest

    field = window.filters.field.edit
    field.setFocus()
    found = []
    for sign in text:
        found.append(_until_painted(window, lambda sign=sign: QTest.keyClicks(field, sign)))
        await asyncio.sleep(0.15)
    for _ in text:
        field.backspace()
    await asyncio.sleep(0.3)
    return [wall for wall, _ in found], [cpu for _, cpu in found]


async def _sort(window: Any) -> Times:
    from PySide6.QtCore import Qt

    found = []
    for section in (0, 1, 2, 3, 5, 8):
        for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
            found.append(_until_painted(window, lambda s=section, o=order: window.tree.sort_by(s, o)))
            await asyncio.sleep(0.15)
    return [wall for wall, _ in found], [cpu for _, cpu in found]


if __name__ == "__main__":
    sys.exit(main())
