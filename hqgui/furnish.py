"""A window with all its parts: what stands beside tree, inspector and clients is added here, a row each.

A part is called once for each window. It adds what it has by the window's public ways (a panel of the lower dock, a tab
of the inspector, commands, something for the omnibox to find), and listens to the session and to the window's signals;
coroutines are its own (`hqgui.tasks.spawn`). The window knows none of its parts.

Parts are more than half of the program, so they are loaded when the window has been painted for the first time.
"""

from __future__ import annotations

from collections import deque
from importlib import import_module
from typing import Final

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

from hqgui.session import Session
from hqgui.settings import Settings
from hqgui.views.main_window import MainWindow

PARTS: Final = (
    "hqgui.supply_part:add_clients_and_supply",
    "hqgui.folders_part:FoldersPart",
    "hqgui.noting:Noting",
    "hqgui.whys:Whys",
    "hqgui.submissions:Submissions",
    "hqgui.propertying:Propertying",
    "hqgui.clearing:Clearing",
    "hqgui.reporting:Reporting",
    "hqgui.preferring:Preferring",
)
"""Where each part is, in the order of panels, tabs and menu entries; the last puts keys to work for all of them."""
FILTERING: Final = "hqgui.models.filter_offers"
"""What the first letter in the filter needs; loaded last, so that it does not wait for it."""
UNPAINTED_MS: Final = 1000
"""A window that is not painted, because it is minimised, gets its parts after this time."""


def furnished(session: Session, settings: Settings, moving: bool = True) -> MainWindow:
    """A new window on a session with all parts, not yet shown. `moving`: whether anything may be animated."""
    window = MainWindow(session, settings, moving)
    Furnishing(session, window).finish()
    return window


class Furnishing(QObject):
    """Adds the parts to a window, one whenever the event loop is free, from its first painting on."""

    done = Signal()

    def __init__(self, session: Session, window: MainWindow) -> None:
        super().__init__(window)
        self._session = session
        self._window = window
        self._left = deque(PARTS)
        self._next = QTimer(self, singleShot=True, interval=UNPAINTED_MS)
        self._next.timeout.connect(self._add_one)

    def begin(self) -> None:
        """Wait for the first painting."""
        self._window.installEventFilter(self)
        self._next.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the window being painted."""
        if event.type() == QEvent.Type.Paint:
            self._window.removeEventFilter(self)
            self._next.start(0)
        return False

    def _add_one(self) -> None:
        self._window.removeEventFilter(self)
        module, _, name = self._left.popleft().partition(":")
        getattr(import_module(module), name)(self._session, self._window)
        if self._left:
            self._next.start(0)
            return
        self._next.stop()
        self._window.memory.open_panel()
        self.done.emit()
        QTimer.singleShot(0, self, lambda: import_module(FILTERING))

    def finish(self) -> None:
        """Add at once what is left."""
        while self._left:
            self._add_one()
