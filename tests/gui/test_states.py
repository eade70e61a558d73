"""Every state of the connection and of the farm says what it is, and what to do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication, QLabel, QWidget

from hqgui.actions import Outcome
from hqgui.feed import RETRY_SECONDS
from hqgui.feed_state import FeedState, Phase
from hqgui.models.job_filter import Chip, JobFilter
from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.tasks import run
from hqgui.views.main_window import MainWindow
from hqgui.windows import Windows
from tests.farm.harness import free_port
from tests.gui.conftest import Opener
from tests.gui.windows import run_on_farm, settle, until
from tests.models.farm_rows import job_row


def words(widget: QWidget) -> str:
    """Everything that can be read in it."""
    return " ".join(label.text() for label in widget.findChildren(QLabel) if label.isVisible() and label.text())


def play(script: Callable[[], Any]) -> None:
    """Run a coroutine on Qt's event loop."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    async def live() -> int:
        await script()
        return 0

    assert run(app, live) == 0


@pytest.fixture
def nobody_listens() -> int:
    """A port of the loopback address that refuses."""
    return free_port()


def test_loading_empty_filtered(open_window: Opener) -> None:
    opened = open_window()
    window = opened.window
    opened.enter(Phase.CONNECTING)
    assert "Connecting to 127.0.0.1:1…" in words(window)
    opened.enter(Phase.LOADING)
    assert "Loading the farm…" in words(window)
    opened.live()
    window.refresh()
    assert "No jobs on this farm yet" in words(window)
    assert "newjob" in window.emptiness.farm._code.text()
    opened.take(jobs=[job_row(1, status="succeeded"), job_row(2, status="succeeded")])
    window._set_filter(JobFilter(frozenset({Chip.FAILED})))
    assert "No failed jobs" in words(window)
    assert "2 trees are hidden by filters." in words(window)
    window.emptiness.message.pressed.emit()
    settle()
    assert opened.session.tree.rowCount() == 2
    assert not window.emptiness.isVisible()


def test_the_first_job_code_is_valid_against_the_api(open_window: Opener) -> None:
    code = open_window().window.emptiness.farm._code.text()
    compile(code, "first job", "exec")


def test_reconnecting_keeps_the_last_picture_and_says_how_old_it_is(open_window: Opener) -> None:
    opened = open_window()
    opened.take(jobs=[job_row(1, status="running", commandStartTime="20270115T08:00:00", attempt=1)])
    opened.live()
    opened.select(1)
    window, clock = opened.window, opened.clock
    assert window.commands.actions["pause"].isEnabled()
    elapsed = opened.session.tree.index_of(1, 4).data()
    opened.session.actions.connected = False
    opened.enter(Phase.RECONNECTING, since=clock.now, next_try=clock.now + 4)
    settle()
    assert window.banner.isVisible()
    assert "Next try in 4 s." in words(window.banner)
    assert opened.session.tree.index_of(1).isValid()
    assert not window.commands.actions["pause"].isEnabled()
    assert "out of reach" in window.commands.actions["pause"].toolTip()
    clock.now += 90
    window._tick()
    assert "Stale, 1m 30s old" in words(window.status)
    assert opened.session.tree.index_of(1, 4).data() == elapsed  # it does not go on counting
    assert window.tree.stale
    assert window.banner.property("role") == "warn"
    clock.now += 600
    window._tick()
    assert window.banner.property("role") == "fail"
    opened.live()
    window.show_feed(opened.session.feed.state)
    assert not window.banner.isVisible()
    assert not window.tree.stale


def test_an_action_that_was_refused_is_a_strip_that_stays(open_window: Opener) -> None:
    opened = open_window()
    window = opened.window
    window.tell(Outcome("You may not do that. Ask an operator.", failed=True))
    assert window.strips.texts == ["You may not do that. Ask an operator."]
    assert QApplication.activeModalWidget() is None
    window.telling.open_activity()
    popup = QApplication.activePopupWidget()
    assert popup is not None
    popup.close()


def test_tries_get_rarer_and_try_now_does_not_wait(nobody_listens: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{nobody_listens}"
    waits: list[float] = []

    async def script(session: Session, window: MainWindow) -> None:
        def note(state: FeedState) -> None:
            if state.next_try is not None:
                waits.append(round(state.next_try - session.now()))
                asyncio.get_running_loop().call_soon(session.feed.try_now)

        session.feed.state_changed.connect(note)
        await until("eight tries", lambda: len(waits) >= 8)
        assert "no server listens on port" in session.feed.state.words
        assert window.banner.isVisible()
        assert "Cannot reach" in words(window.banner)

    run_on_farm(url, tmp_path, script)
    assert tuple(waits[:8]) == (*map(round, RETRY_SECONDS), 30, 30)
    assert tuple(RETRY_SECONDS) == (1, 2, 4, 8, 15, 30)


class _NoHQueue(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<html>Welcome to my printer</html>")

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 - its name there
        pass


@pytest.fixture
def printer() -> Iterator[int]:
    """A port where something answers that is no HQueue server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _NoHQueue)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


def _says(widget: QWidget, text: str) -> bool:
    return text in words(widget)


def test_the_connect_dialog_says_what_is_wrong(nobody_listens: int, printer: int, tmp_path: Path) -> None:
    expected = {
        "a b": "is no address of a server",
        f"127.0.0.1:{nobody_listens}": f"no server listens on port {nobody_listens}",
        "no-such-machine.invalid": "There is no machine named no-such-machine.invalid",
        f"127.0.0.1:{printer}": "it is no HQueue server",
    }

    async def script() -> None:
        windows = Windows(Settings(tmp_path))
        windows.start()
        dialog = windows.dialog
        assert dialog is not None
        for address, said in expected.items():
            dialog.field.setText(address)
            dialog.go.click()
            await until(f"words on {address}", partial(_says, dialog, said))
            assert windows.farms == {}
        assert windows.settings.value("farm/url") == ""
        await windows.stop()

    play(script)


def test_a_second_farm_is_a_second_window(nobody_listens: int, tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{nobody_listens}"

    async def script() -> None:
        windows = Windows(Settings(tmp_path))
        windows.start(url)
        first = windows.farms[url]
        first.farm_wanted.emit("http://127.0.0.1:1")
        second = windows.farms["http://127.0.0.1:1"]
        assert second is not first
        assert second.session is not first.session
        assert windows.show_farm(url) is first
        assert windows.settings.value("farm/recent") == ["http://127.0.0.1:1", url]
        first.close()
        assert list(windows.farms) == ["http://127.0.0.1:1"]
        await windows.stop()

    play(script)
    again = Settings(tmp_path)
    assert again.value("farm/url") == "http://127.0.0.1:1"
