"""Menus of the look: round corners without a compositor, `&` in foreign text, tooltips."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainterPath, QRegion, QResizeEvent
from PySide6.QtWidgets import QMenu, QWidget

from hqgui.theme import look


class Menu(QMenu):
    """A menu."""

    def __init__(self, title: str = "", parent: QWidget | None = None) -> None:
        super().__init__(title, parent)
        self.setToolTipsVisible(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size: cut the corners."""
        super().resizeEvent(event)
        path = QPainterPath()
        path.addRoundedRect(QRectF(self.rect()), look().px(6), look().px(6))
        self.setMask(QRegion(path.toFillPolygon().toPolygon()))


def plain(text: str) -> str:
    """Foreign text for a menu or button: `&` is shown, not taken for a mnemonic."""
    return text.replace("&", "&&")
