"""A popup with a title and a few lines, opened from a button."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.labels import PlainLabel


class ListPopup(QFrame):
    """The popup; `nothing` is said when there are no lines. It goes when something else is clicked."""

    def __init__(
        self,
        title: str,
        columns: Sequence[PlainColumn],
        lines: Sequence[Line],
        nothing: str,
        width: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(title)
        px = look().px
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(8), px(10), px(8), px(10))
        self.column.setSpacing(px(6))
        heading = PlainLabel(title, "text2", 11, 600)
        heading.setContentsMargins(px(8), 0, px(8), 0)
        self.column.addWidget(heading)
        self.lines = Lines(title, columns, 24)
        self.column.addWidget(self.lines)
        self.lines.show_lines(lines)
        if not lines:
            empty = PlainLabel(nothing, "text3")
            empty.setContentsMargins(px(8), 0, px(8), px(4))
            self.column.addWidget(empty)
        self.setFixedWidth(px(width))

    def open_under(self, button: QWidget) -> None:
        """Open under a button, the right edges in line."""
        self._open(button, button.height() + look().px(4))

    def open_over(self, button: QWidget) -> None:
        """Open over a button, the right edges in line."""
        self._open(button, -self.sizeHint().height() - look().px(4))

    def _open(self, button: QWidget, y: int) -> None:
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), y))
        self.setGeometry(QRect(corner, self.sizeHint()))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
