"""Errors of the server are counted in the status bar and listed; a server that takes no jobs says so over everything."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication

from hqgui.feed_state import Phase
from hqgui.models.roles import Role
from hqgui.models.server_health import HEALTHY, ServerError, ServerHealth, read_health
from hqgui.session import Session
from hqgui.views.main_window import MainWindow
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.list_popup import ListPopup
from tests.farm.harness import real_farm
from tests.gui.conftest import Opener
from tests.gui.windows import START, OpenWindow, run_on_farm, settle, until

FULL = ServerError("only 3 MB are free\nmore of it", 1, int(START) - 90, int(START) - 90, "Traceback: full")
MAIL = ServerError("no mail server", 6, int(START) - 7200, int(START) - 3600)


def _popup(opened: OpenWindow) -> ListPopup:
    opened.window.status.errors_wanted.emit()
    settle()
    [popup] = [one for one in opened.window.findChildren(ListPopup) if one.isVisible()]
    return popup


def test_errors_are_counted_listed_and_copied(open_window: Opener) -> None:
    opened = open_window()
    opened.live()
    warning = opened.window.status._warning
    assert not warning.isVisible()
    opened.window.connection.show_health(ServerHealth("", (FULL,)))
    assert warning.isVisible()
    assert warning.text() == "1 server error"
    opened.window.connection.show_health(ServerHealth("", (FULL, MAIL)))
    assert warning.text() == "2 server errors"
    assert not opened.window.banner.isVisible(), "an error that stops no work has no banner"

    popup = _popup(opened)
    table = popup.lines.table
    cells = [[table.index(row, column).data(Role.CELL).text for column in range(3)] for row in range(table.rowCount())]
    assert cells == [["1m ago", "", "Only 3 MB are free"], ["1h 00m ago", "6 ×", "No mail server"]]
    [button] = popup.findChildren(Button)
    button.click()
    copied = QApplication.clipboard().text()
    assert "more of it" in copied
    assert "Traceback: full" in copied
    assert "6 x no mail server" in copied

    opened.window.connection.show_health(HEALTHY)
    assert not warning.isVisible()


def test_a_server_that_takes_no_jobs_says_so_until_it_does(open_window: Opener) -> None:
    opened = open_window()
    opened.live()
    banner = opened.window.banner
    opened.window.connection.show_health(ServerHealth("the server's disk is full."))
    assert banner.isVisible()
    assert banner.property("role") == "fail"
    assert "The server's disk is full." in banner.accessibleName()
    opened.enter(Phase.RECONNECTING)
    assert "Lost" in banner.accessibleName(), "a lost connection is said first"
    opened.enter(Phase.LIVE)
    assert "The server's disk is full." in banner.accessibleName()
    opened.window.connection.show_health(HEALTHY)
    assert not banner.isVisible()


def test_a_plain_server_has_dates_alone() -> None:
    health = read_health({}, {"total": 1, "errors": [{"date": "20261124T13:00:00", "message": "broken"}]})
    assert health.stopped == ""
    [error] = health.errors
    assert (error.message, error.times, error.first == error.last > 0) == ("broken", 1, True)
    assert read_health({"trouble": "full"}, {}) == ServerHealth("full")


def test_a_real_server_without_room_is_noticed(tmp_path: Path) -> None:
    folder = tmp_path / "farm" / "server"
    folder.mkdir(parents=True)
    (folder / "hqserver.ini").write_text("[main]\nleast_free_mb = 100000000\nreserve_mb = 0\n")

    async def script(session: Session, window: MainWindow) -> None:
        await until("the banner", lambda: "disk is full" in window.banner.accessibleName())
        await until("the error", lambda: window.status._warning.text() == "1 server error")

    with real_farm(tmp_path / "farm") as farm:
        run_on_farm(farm.url, tmp_path, script)
