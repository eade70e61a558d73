"""Remembers where docks, columns and the window were: written a moment after each change, so a crash loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QByteArray, QEvent, QObject, Qt, QTimer

from hqgui.settings import Settings
from hqgui.theme import look
from hqgui.views.dock_sizes import DockSizes
from hqgui.views.parts.first_size import first_size
from hqgui.views.parts.rows import Rows

if TYPE_CHECKING:
    from hqgui.views.main_window import MainWindow

VERSION: Final = 1
SAVE_AFTER_MS: Final = 400
_FIRST_SIZE: Final = (1600, 970)
_INSPECTOR_WIDTH: Final = 396
_CLIENTS_HEIGHT: Final = 221
_INSPECTOR_SHARE: Final = 0.3
_CLIENTS_SHARE: Final = 0.28
"""Of a small window the docks take no more than this at first."""
_TELLING: Final = (QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide)


class LayoutMemory(QObject):
    """Keeps one window's layout in the settings."""

    def __init__(self, window: MainWindow, settings: Settings) -> None:
        super().__init__(window)
        self._window = window
        self._settings = settings
        self._pristine = window.saveState(VERSION)
        self._timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        self._timer.timeout.connect(self.save)
        self._tables: dict[str, Rows] = {"tree/header": window.tree, "clients/header": window.clients.rows}
        self._tables["history/header"] = window.inspector.history
        window.lower_dock.panel_opened.connect(self._panel_opened)
        for table in self._tables.values():
            table.layout_changed.connect(self._timer.start)
        orientations = Qt.Orientation
        docks = {window.inspector_dock: orientations.Horizontal, window.lower_dock: orientations.Vertical}
        self.sizes = DockSizes(window, docks)
        for part in (window, *docks):
            part.installEventFilter(self)

    def keep(self, key: str, table: Rows) -> None:
        """Remember the columns of one more table, laid out as it was. The key has to be one of the settings."""
        self._tables[key] = table
        self._take_columns(key)
        table.layout_changed.connect(self._timer.start)

    def open_panel(self) -> None:
        """Open the lower panel that was open last."""
        self._window.lower_dock.choose(self._settings.value("lower/panel"))

    def _panel_opened(self, name: str) -> None:
        if self._window.isVisible():
            self._settings.set("lower/panel", name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Watch the other widget."""
        if event.type() in _TELLING and self._window.isVisible():
            self._timer.start()
        return False

    def restore(self) -> None:
        """Lay the window out as it was, or as it is meant to be at first."""
        window, settings = self._window, self._settings
        geometry = settings.bytes_value("window/geometry")
        if geometry.isEmpty() or not window.restoreGeometry(geometry):
            self._first_size()
        state = settings.bytes_value("window/state")
        if state.isEmpty() or not window.restoreState(state, VERSION):
            self.first_layout()
        for key in self._tables:
            self._take_columns(key)

    def _take_columns(self, key: str) -> None:
        stored = self._settings.bytes_value(key)
        if not stored.isEmpty():
            self._tables[key].take_columns(stored.data())

    def _first_size(self) -> None:
        self._window.resize(first_size(self._window, *_FIRST_SIZE))

    def first_layout(self) -> None:
        """Docks as they are meant to be."""
        window = self._window
        width = min(look().px(_INSPECTOR_WIDTH), round(window.width() * _INSPECTOR_SHARE))
        height = min(look().px(_CLIENTS_HEIGHT), round(window.height() * _CLIENTS_SHARE))
        self._resize(width, height)

    def _resize(self, width: int, height: int) -> None:
        window = self._window
        window.resizeDocks([window.inspector_dock], [width], Qt.Orientation.Horizontal)
        window.resizeDocks([window.lower_dock], [height], Qt.Orientation.Vertical)

    def reset(self) -> Callable[[], None]:
        """Lay the docks out as they are meant to be; answers what takes that back. Columns are reset table by table."""
        window = self._window
        former, width, height = window.saveState(VERSION), window.inspector_dock.width(), window.lower_dock.height()
        window.restoreState(self._pristine, VERSION)
        self.first_layout()
        self.sizes.take_soon()

        def take_back() -> None:
            window.restoreState(former, VERSION)
            self._resize(width, height)
            self.sizes.take_soon()

        return take_back

    def save(self) -> None:
        """Write it down."""
        window, settings = self._window, self._settings
        settings.set_bytes("window/geometry", window.saveGeometry())
        settings.set_bytes("window/state", window.saveState(VERSION))
        for key, table in self._tables.items():
            settings.set_bytes(key, QByteArray(table.columns.to_text().encode()))
