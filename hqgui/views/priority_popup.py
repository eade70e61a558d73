"""Asks for a priority where no cell can be edited: for several jobs at once, or while the column is not shown."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QIntValidator, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLineEdit, QWidget

from hqgui.theme import look
from hqgui.views.parts.labels import PlainLabel
from hqgui.words import counted

MOST: Final = 999_999


class PriorityPopup(QFrame):
    """A word and a field. Enter takes the number, Escape does nothing."""

    chosen = Signal(int)

    def __init__(self, jobs: int, priority: int, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        px = look().px
        words = counted(jobs, self.tr("Priority of {n} job"), self.tr("Priority of {n} jobs"))
        self.setAccessibleName(words)
        self.field = QLineEdit(str(priority))
        self.field.setAccessibleName(words)
        self.field.setValidator(QIntValidator(-MOST, MOST, self.field))
        self.field.setFixedWidth(px(72))
        self.field.setFont(look().font())
        self.field.selectAll()
        row = QHBoxLayout(self)
        row.setContentsMargins(px(12), px(8), px(10), px(8))
        row.setSpacing(px(10))
        row.addWidget(PlainLabel(words, "text2"))
        row.addWidget(self.field)
        self.field.returnPressed.connect(self._take)

    def open_at(self, place: QPoint) -> None:
        """Open with its corner at a place on the screen."""
        self.adjustSize()
        self.move(place)
        self.show()
        self.field.setFocus()

    def _take(self) -> None:
        value = int(self.field.text())
        self.close()
        self.chosen.emit(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
