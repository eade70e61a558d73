"""What happened lately: the results that strips showed, for who looked away. Opened by the bell."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from hqgui.models.formats import clock
from hqgui.models.roles import Cell, Tone
from hqgui.theme import look
from hqgui.views.parts.cell_table import Line, Lines, PlainColumn
from hqgui.views.parts.labels import PlainLabel

MOST: Final = 100
_SHOWN: Final = 12
_COLUMNS: Final = (PlainColumn("time", 70), PlainColumn("text", 330, stretch=1))


class Happening(NamedTuple):
    """One result."""

    seconds: int
    text: str
    failed: bool


class ActivityLog:
    """The latest results, the newest first."""

    def __init__(self) -> None:
        self.entries: deque[Happening] = deque(maxlen=MOST)

    def note(self, seconds: float, text: str, failed: bool) -> None:
        """Remember a result."""
        self.entries.appendleft(Happening(int(seconds), text, failed))


class Activity(QFrame):
    """The popup."""

    def __init__(self, log: ActivityLog, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAccessibleName(self.tr("What happened"))
        px = look().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(8), px(10), px(8), px(10))
        column.setSpacing(px(6))
        title = PlainLabel(self.tr("What happened"), "text2", 11, 600)
        title.setContentsMargins(px(8), 0, px(8), 0)
        column.addWidget(title)
        lines = Lines(self.tr("What happened"), _COLUMNS, 24)
        column.addWidget(lines)
        lines.show_lines([_line(place, entry) for place, entry in enumerate(list(log.entries)[:_SHOWN])])
        if not log.entries:
            nothing = PlainLabel(self.tr("Nothing yet. Results of your actions are kept here."), "text3")
            nothing.setContentsMargins(px(8), 0, px(8), px(4))
            column.addWidget(nothing)
        self.setFixedWidth(px(440))

    def open_under(self, button: QWidget) -> None:
        """Open under the bell."""
        corner = button.mapToGlobal(QPoint(button.width() - self.width(), button.height() + look().px(4)))
        self.setGeometry(QRect(corner, self.sizeHint()))
        self.show()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), look().color("raised"))
        painter.setPen(QPen(look().color("lineStrong"), 1))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))


def _line(place: int, entry: Happening) -> Line:
    glyph = "failed" if entry.failed else ""
    return Line(place, (Cell(clock(entry.seconds), tone=Tone.DIM), Cell(entry.text, glyph=glyph)), entry.text)
