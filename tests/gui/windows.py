"""Windows for tests: on rows that a test gives, without a server; or on a real farm, with Qt's own event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from hqgui.errands import Errands
from hqgui.feed_state import Phase
from hqgui.furnish import furnished
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.models.roles import Role
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.tasks import run
from hqgui.views.parts.leaving import unasked

NOBODY = "http://127.0.0.1:1"
START = 1_800_000_000.0


class Clock:
    """Seconds that pass when a test says so."""

    def __init__(self, now: float = START) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class OpenWindow:
    """A window on a farm of rows. Nothing is asked of any server."""

    def __init__(self, folder: Path, size: tuple[int, int] = (1600, 970)) -> None:
        self.clock = Clock()
        self.settings = Settings(folder)
        self.session = Session(NOBODY, self.settings, self.clock, user="anna")
        self.window = furnished(self.session, self.settings, moving=False)
        self.window.resize(*size)
        self.window.show()

    def enter(self, phase: Phase, **values: Any) -> None:
        """Let the connection stand like that."""
        self.session.feed._enter(phase, **values)

    def take(self, **kinds: Iterable[Mapping[str, Any]]) -> None:
        """Rows of each kind came."""
        for kind, rows in kinds.items():
            self.session.farm.upsert(kind, list(rows))
        self.session.flush()

    def remove(self, jobs: Iterable[int]) -> None:
        """Jobs are gone."""
        self.session.farm.remove("jobs", jobs)
        self.session.flush()

    def live(self, features: Iterable[str] = ("changes", "priority")) -> None:
        """The server answers, and can do everything."""
        self.enter(Phase.LIVE)
        self.session.actions.connected = True
        self.session.actions.features = frozenset(features)
        self.window.commands.refresh()

    def show_all(self) -> None:
        """No filter."""
        self.window._set_filter(JobFilter(frozenset({Chip.ALL})))

    def select(self, *jobs: int) -> None:
        """Select these jobs, the last of them current."""
        tree = self.window.tree
        tree.clearSelection()
        for job in jobs:
            index = self.session.tree.reveal(job)
            assert index.isValid(), f"job {job} has no row"
            tree.go_to(index)
        model = tree.selectionModel()
        for job in jobs:
            model.select(self.session.tree.index_of(job), model.SelectionFlag.Select | model.SelectionFlag.Rows)
        settle()

    def close(self) -> None:
        """Close it and let go of everything."""
        if isValid(self.window):
            with unasked():
                self.window.close()
        settle()


def settle(rounds: int = 3) -> None:
    """Let Qt do what waits to be done, deletions too."""
    for _ in range(rounds):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, 0)


def ids_below(model: QAbstractItemModel, parent: QModelIndex | None = None) -> list[int]:
    """Ids of the rows below one."""
    top = QModelIndex() if parent is None else parent
    return [model.index(row, 0, top).data(Role.ID) for row in range(model.rowCount(top))]


def run_on_farm(url: str, folder: Path, script: Any) -> None:
    """Open a window on a real farm and run `script(session, window)`, a coroutine, on Qt's event loop."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    app.setQuitOnLastWindowClosed(False)

    async def live() -> int:
        settings = Settings(folder)
        session = Session(url, settings, user="anna")
        window = furnished(session, settings, moving=False)
        Errands(session, window)
        window.resize(1600, 970)
        window.show()
        session.start()
        try:
            work: Coroutine[Any, Any, None] = script(session, window)
            await work
        finally:
            with unasked():
                window.close()
            await session.stop()
        return 0

    assert run(app, live) == 0


async def until(what: str, look: Callable[[], object], seconds: float = 40.0) -> Any:
    """The first true answer of `look`, while the window lives on; fails with what it saw last."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    last: object = None
    while loop.time() < end:
        last = look()
        if last:
            return last
        await asyncio.sleep(0.02)
    raise AssertionError(f"waited {seconds} s for {what}; last seen: {last!r}")
