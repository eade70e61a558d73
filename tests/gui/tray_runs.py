"""The tray in this very process, on Qt's own event loop, with a real farm behind it: clicks are Qt's, answers are real."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication

from hqgui.autostart import DesktopFile
from hqgui.feed_state import Phase
from hqgui.local_agent import LocalAgents
from hqgui.settings import Settings
from hqgui.tasks import run
from hqgui.tray.program import Tray
from hqgui.views.tray.manner import Manner
from tests.farm.harness import RealFarm
from tests.farm.people import only_agents_of
from tests.gui.windows import until

Script = Callable[[Tray], Coroutine[Any, Any, None]]


def run_tray(
    farm: RealFarm,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    script: Script,
    user: str = "jlee",
    agents: LocalAgents | None = None,
) -> None:
    """Open the tray on a farm, its popup pinned, and run a script beside it."""
    for name, value in only_agents_of(farm.folder).items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nowhere")
    app = QApplication.instance()
    assert isinstance(app, QApplication)

    async def live() -> int:
        settings = Settings(folder, "tray")
        settings.set("tray/user", user)
        tray = Tray(settings, starts=DesktopFile(folder / "autostart", ["hqtray"]), agents=agents)
        tray.popup.set_manner(Manner.PINNED)
        tray.start(farm.url)
        tray.open_popup()
        await until("the farm", lambda: tray.session is not None and tray.session.feed.state.phase is Phase.LIVE)
        try:
            await script(tray)
        finally:
            await tray.stop()
            tray.popup.deleteLater()
            tray.deleteLater()
        return 0

    assert run(app, live) == 0


async def click(button: QAbstractButton) -> None:
    """Click a button as soon as it can be."""
    await until(f"{button.accessibleName()} to be there", lambda: button.isVisible() and button.isEnabled())
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
