"""The Properties tab, what stands there for several jobs, and the dialog that changes them."""

from __future__ import annotations

import asyncio
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hqgui.actions import Desk
from hqgui.models.farm import FarmData
from hqgui.propertying import Propertying
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import job_row


def _opened(open_window: Opener) -> tuple[OpenWindow, Propertying]:
    opened = open_window()
    opened.take(
        jobs=[
            job_row(1, name="a", status="runnable", cpus=1, tags=["x"]),
            job_row(2, name="b", status="runnable", cpus=2, tags=["x"]),
            job_row(3, name="c", status="running", cpus=2, tags=["x"]),
        ]
    )
    opened.live(("changes", "priority", "setJobAttribs"))
    opened.show_all()
    part = opened.window.findChild(Propertying)
    assert isinstance(part, Propertying)
    return opened, part


def test_several_selected_jobs_stand_together_and_one_alone(open_window: Opener) -> None:
    opened, part = _opened(open_window)
    opened.select(1, 2, 3)
    assert part.page.isVisible()
    assert part.page.edit.isEnabled()
    opened.select(2)
    assert not part.page.isVisible()
    opened.window.open_tab(part.tab)
    settle()
    texts = [line.cells[1].text for line in part.table.table.lines]
    assert "b" in texts
    place = texts.index("b")
    part.table.setCurrentIndex(part.table.table.index(place, 0))
    part.table.setFocus()
    QTest.keyClick(part.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "b"


def test_a_pinned_job_stays_while_several_are_selected(open_window: Opener) -> None:
    opened, part = _opened(open_window)
    opened.select(1)
    opened.window.inspector.path.pin.click()
    opened.select(1, 2)
    assert not part.page.isVisible()
    assert opened.window.inspector.job == 1


def test_only_what_was_touched_is_changed(open_window: Opener) -> None:
    opened, part = _opened(open_window)
    asked: list[tuple[Any, ...]] = []
    opened.window.deed_wanted.connect(lambda *what: asked.append(what))
    opened.window.priority_wanted.connect(lambda *what: asked.append(("priority", *what)))
    dialog = part.ask((1, 2))
    assert dialog.edits["cpus"].placeholderText() == "(various)"
    assert not dialog.yes.isEnabled()
    QTest.keyClicks(dialog.edits["cpus"], "x")
    assert "no whole number" in dialog.said.text()
    assert not dialog.yes.isEnabled()
    dialog.edits["cpus"].selectAll()
    QTest.keyClicks(dialog.edits["cpus"], "4")
    dialog.edits["priority"].selectAll()
    QTest.keyClicks(dialog.edits["priority"], "9")
    dialog.yes.click()
    assert asked == [("priority", (1, 2), 9), ("edit_jobs", (1, 2), {"cpus": 4})]


class Server:
    """Keeps what it was asked to do, and applies it."""

    def __init__(self, rows: dict[int, dict[str, Any]]) -> None:
        self.rows = rows
        self.calls: list[tuple[Any, ...]] = []

    async def call(self, method: str, *arguments: Any) -> Any:
        self.calls.append((method, *arguments))
        if method == "setJobAttribs":
            for job in arguments[0]:
                self.rows[job].update(arguments[1])
        if method == "system.multicall":
            return [[await self.call(one["methodName"], *one["params"])] for one in arguments[0]]
        return [self.rows[job] for job in arguments[0]] if method == "getJobs" else None


def test_taking_back_gives_each_job_its_own_former_value_and_leaves_what_changed_since() -> None:
    farm = FarmData()
    rows = {job: job_row(job, status="runnable", cpus=job, tags=["x"]) for job in (1, 2, 3)}
    rows[4] = job_row(4, status="running", cpus=9)
    farm.take_in({"jobs": list(rows.values())})
    server = Server({job: dict(row) for job, row in rows.items()})
    desk = Desk(farm, server, lambda: 0.0)
    desk.connected, desk.features = True, frozenset({"setJobAttribs", "multicall"})

    async def script() -> None:
        done = await desk.perform("edit_jobs", [1, 2, 3, 4], {"cpus": 8})
        assert done.text == "Changed 3 jobs."
        assert "One was left as it is" in done.detail
        assert server.calls == [("setJobAttribs", [1, 2, 3], {"cpus": 8})]
        server.rows[2]["cpus"] = 5
        await desk.undo()

    asyncio.run(script())
    assert {job: row["cpus"] for job, row in server.rows.items()} == {1: 1, 2: 5, 3: 3, 4: 9}
