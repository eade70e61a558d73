"""Reading the output while it grows, and clicks on the summary strip, with a real mouse and real keys."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hqgui.models.output import Edit, Line, OutputBuffer
from hqgui.views.inspector import Tab
from tests.gui.conftest import Opener
from tests.gui.windows import OpenWindow, settle
from tests.models.farm_rows import job_row


def _lines(first: int, count: int) -> Edit:
    return Edit(lines=tuple(Line(f"line {number}") for number in range(first, first + count)))


def test_scrolling_up_lets_go_and_end_follows_on(open_window: Opener) -> None:
    opened = open_window()
    opened.take(jobs=[job_row(1, name="a", status="running")])
    opened.live()
    opened.show_all()
    opened.select(1)
    opened.window.open_tab(Tab.OUTPUT)
    view = opened.window.inspector.output
    log, bar = view.log, view.log.verticalScrollBar()
    view.show_buffer(OutputBuffer())
    view.apply(_lines(0, 300))
    settle()
    assert view.follow.isChecked() is True
    assert bar.value() == bar.maximum()
    log.setFocus()
    QTest.keyClick(log, Qt.Key.Key_PageUp)
    place = bar.value()
    assert view.follow.isChecked() is False
    view.apply(_lines(300, 12))
    settle()
    assert bar.value() == place
    assert log.unseen == 12
    words = [button.text().strip() for button in view.findChildren(type(view.follow)) if button.isVisible()]
    assert "12 new lines" in words
    QTest.keyClick(log, Qt.Key.Key_End)
    settle()
    assert view.follow.isChecked() is True
    assert log.unseen == 0
    view.apply(_lines(312, 5))
    settle()
    assert bar.value() == bar.maximum()


def _click(opened: OpenWindow, tip: str) -> None:
    strip = opened.window.strip
    place = next(one for one in strip._places if tip in one.tip and one.ask is not None)
    QTest.mouseClick(strip, Qt.MouseButton.LeftButton, pos=place.rect.center())
    settle()


def test_a_click_on_a_state_of_the_summary_shows_those(open_window: Opener) -> None:
    opened = open_window()
    opened.take(
        jobs=[
            job_row(1, name="a", status="running"),
            job_row(2, name="b", status="paused"),
            job_row(3, name="c", status="runnable"),
        ]
    )
    opened.live()
    opened.show_all()
    opened.window.strip.grab()
    _click(opened, "Paused")
    assert opened.window.filters.field.text() == "status:paused"
    assert opened.session.tree.rowCount() == 1
    _click(opened, "Running")
    assert opened.window.filters.field.text() == "status:running"
    assert opened.session.tree.rowCount() == 1
