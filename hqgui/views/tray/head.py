"""The top of the tray's popup: which farm, how it is reached, what is wrong with that, what came of the last wish."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QWidget

from hqgui.models.formats import one_line
from hqgui.models.tray.facts import Connection
from hqgui.theme import look
from hqgui.views.parts.buttons import Button, IconButton
from hqgui.views.parts.labels import ElidedLabel, PlainLabel
from hqgui.views.tray.lines import PAD


class _FarmDot(QWidget):
    """Filled while connected, a ring while connecting, a struck ring without a server."""

    def __init__(self) -> None:
        super().__init__()
        self._dot = "waiting"
        look().tie(self, lambda: self.setFixedSize(look().px(10), look().px(10)))

    def show_dot(self, dot: str) -> None:
        """live, waiting or offline."""
        if dot != self._dot:
            self._dot = dot
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self._dot == "live":
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look().color("fSucceeded"))
            painter.drawEllipse(box)
            return
        painter.setPen(QPen(look().color("runnable" if self._dot == "waiting" else "failed"), 1.6 * look().zoom))
        painter.drawEllipse(box.adjusted(0.5, 0.5, -0.5, -0.5))
        if self._dot == "offline":
            painter.drawLine(box.bottomLeft(), box.topRight())


class HeadPart(QWidget):
    """The farm, and what the popup itself can do."""

    farms_wanted = Signal(QPoint)
    pin_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._dot = _FarmDot()
        self.farm = Button("", "flat", clicked=lambda: self.farms_wanted.emit(_below(self.farm)))
        self._detail = ElidedLabel("", "text2", 11)
        self.pin = IconButton("pin", self.tr("Keep it open"), self.pin_wanted.emit, "text", 14)
        self.cog = IconButton("cog", self.tr("Menu"), lambda: self.menu_wanted.emit(_below(self.cog)), "text", 15)
        self._row = QHBoxLayout(self)
        for widget, share in ((self._dot, 0), (self.farm, 0), (self._detail, 1), (self.pin, 0), (self.cog, 0)):
            self._row.addWidget(widget, share)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(PAD), px(8), px(PAD - 6), px(8))
        self._row.setSpacing(px(5))

    def show_farm(self, farm: str, connection: Connection) -> None:
        """Show which farm it is."""
        farm = one_line(farm, 40)
        self._dot.show_dot(connection.dot)
        self.farm.setText(farm or self.tr("Choose a farm"))
        self.farm.setAccessibleName(self.tr("Farm {name}, {state}").format(name=farm or "–", state=connection.words))
        self._detail.setText(connection.words)


def _below(widget: QWidget) -> QPoint:
    return widget.mapToGlobal(QPoint(0, widget.height()))


class Strip(QFrame):
    """A sentence over the whole width, and perhaps a button; it is there while there is something to say."""

    def __init__(self, role: str = "", button: Button | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        if role:
            self.setProperty("role", role)
        self._words = PlainLabel("", "text", 11)
        self._words.setWordWrap(True)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._words, 1)
        if button is not None:
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignTop)
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self._row.setContentsMargins(px(PAD), px(8), px(PAD), px(8))
        self._row.setSpacing(px(10))

    def say(self, words: str, ink: str = "text") -> None:
        """Say it; nothing: go."""
        self.setVisible(bool(words))
        self._words.setText(words)
        self._words.set_ink(ink)
