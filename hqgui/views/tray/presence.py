"""The icon in the desktop's tray, where there is one: it shows, is clicked, and lends a balloon."""

from __future__ import annotations

import sys
from typing import Final

from PySide6.QtCore import QObject, QRect, QTimer, Signal
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from hqgui.models.formats import one_line, plain_tooltip
from hqgui.models.tray.icon_state import Icon, IconState
from hqgui.notifications import Notice
from hqgui.theme import look
from hqgui.views.parts.glyphs import glyph
from hqgui.views.tray.icon import Panel, tray_icon

LOOK_AGAIN_MS: Final = 3_000
"""A tray that starts after us is found so much later at most."""
_BALLOON_MS: Final = 8_000
_PICTURE: Final = 48


class TrayPresence(QObject):
    """The icon."""

    clicked = Signal()
    balloon_clicked = Signal(str)
    """The key of the notice that was in the balloon."""
    found = Signal(bool)
    """A tray is there, or there is none."""

    def __init__(self, menu: QMenu, panel: str = "system", parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._icon = QSystemTrayIcon(self)
        self._icon.setContextMenu(menu)
        self._icon.activated.connect(self._activated)
        self._balloon_key: str = ""
        self._icon.messageClicked.connect(lambda: self.balloon_clicked.emit(self._balloon_key))
        self._panel = panel
        self._shown: tuple[Icon, Panel] | None = None
        self._wanted: Icon | None = None
        self._there: bool | None = None
        self._looking = QTimer(self, interval=LOOK_AGAIN_MS)
        self._looking.timeout.connect(self._look)
        look().tie(self, self._draw)

    def start(self) -> None:
        """Show the icon as soon as there is a tray."""
        self.show_icon(self._wanted or Icon(IconState.OFFLINE), "")
        self._icon.show()
        self._look()
        self._looking.start()

    @property
    def is_there(self) -> bool:
        """Whether the desktop has a tray."""
        return bool(self._there)

    def _look(self) -> None:
        there = QSystemTrayIcon.isSystemTrayAvailable()
        if there is not self._there:
            self._there = there
            self.found.emit(there)

    @property
    def place(self) -> QRect:
        """Where the icon is; empty where the desktop does not say."""
        return self._icon.geometry()

    def choose_panel(self, panel: str) -> None:
        """What the icon stands on: system, dark or light."""
        self._panel = panel
        self._draw()

    def _panel_now(self) -> Panel:
        if sys.platform == "darwin":
            return Panel.TEMPLATE
        if self._panel in (Panel.DARK, Panel.LIGHT):
            return Panel(self._panel)
        return Panel.LIGHT if look().mode == "light" else Panel.DARK

    def show_icon(self, icon: Icon, tip: str) -> None:
        """Show how things stand; nothing is drawn that is shown already."""
        self._wanted = icon
        self._draw()
        if self._icon.toolTip() != plain_tooltip(tip):
            self._icon.setToolTip(plain_tooltip(tip))

    def _draw(self) -> None:
        if self._wanted is None:
            return
        wanted = (self._wanted, self._panel_now())
        if wanted != self._shown:
            self._shown = wanted
            self._icon.setIcon(tray_icon(*wanted))

    def _activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        clicks = (QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick)
        if reason in clicks:
            self.clicked.emit()

    def balloon(self, notice: Notice) -> bool:
        """Show a notice beside the icon, if the desktop can."""
        if not (self._there and QSystemTrayIcon.supportsMessages()):
            return False
        self._balloon_key = notice.key
        kind = QSystemTrayIcon.MessageIcon.Warning if notice.urgent else QSystemTrayIcon.MessageIcon.Information
        self._icon.showMessage(one_line(notice.title, 200), one_line(notice.body, 400), kind, _BALLOON_MS)
        return True

    def leave(self) -> None:
        """Take the icon away."""
        self._looking.stop()
        self._icon.hide()


def notice_picture(name: str) -> QImage:
    """A glyph for a notification."""
    return glyph(name, _PICTURE, 1.0).toImage()
