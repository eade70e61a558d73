"""Docks get back the room that they had when a window that was made small is large again.

Qt takes room from docks when there is little, and gives what comes back to the middle alone. What somebody chose by
dragging a border, or what the layout began with, is what a dock gets back, as far as the window has room for it.
"""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication, QDockWidget, QMainWindow

_MOST_SHARE: Final = 0.45
"""Of the window, as long as a dock is not given more by hand."""


class DockSizes(QObject):
    """Of one window: each dock with the direction in which it has a size."""

    def __init__(self, window: QMainWindow, docks: dict[QDockWidget, Qt.Orientation]) -> None:
        super().__init__(window)
        self._window = window
        self._docks = docks
        self._wanted: dict[QDockWidget, int] = {}
        self._size = window.size()
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._give_back)
        for part in (window, *docks):
            part.installEventFilter(self)

    def take_soon(self) -> None:
        """As `take`, once the window has given docks their sizes."""
        QTimer.singleShot(0, self, self.take)

    def take(self) -> None:
        """The sizes that docks have now are those that are wanted."""
        self._size = self._window.size()
        self._wanted = {dock: self._length(dock) for dock in self._docks}

    def _length(self, dock: QDockWidget) -> int:
        return dock.width() if self._docks[dock] is Qt.Orientation.Horizontal else dock.height()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the window and its docks."""
        if event.type() == QEvent.Type.Show and watched is self._window and not self._wanted:
            self.take_soon()
        elif event.type() == QEvent.Type.Resize:
            if watched is self._window:
                self._size = self._window.size()
                self._soon.start()
            elif isinstance(watched, QDockWidget) and self._is_dragged():
                self._wanted[watched] = self._length(watched)
        return False

    def _is_dragged(self) -> bool:
        """Whether somebody drags a border between docks, and not one of the window."""
        return self._size == self._window.size() and bool(QApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def _give_back(self) -> None:
        for dock, orientation in self._docks.items():
            whole = self._window.width() if orientation is Qt.Orientation.Horizontal else self._window.height()
            room = min(self._wanted.get(dock, 0), round(whole * _MOST_SHARE))
            if dock.isVisible() and self._length(dock) < room:
                self._window.resizeDocks([dock], [room], orientation)
