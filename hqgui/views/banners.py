"""Banners under the toolbar: the server is out of reach, or it cannot do its work."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from hqgui.theme import look
from hqgui.views.parts.buttons import Button
from hqgui.views.parts.glyphs import paint_glyph
from hqgui.views.parts.labels import ElidedLabel


class Spinner(QWidget):
    """A ring that turns; it stands still where motion is not wanted."""

    def __init__(self, moving: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._angle = 90
        self.glyph = ""
        self._timer = QTimer(self, interval=60)
        self._timer.timeout.connect(self._turn)
        self._moving = moving
        look().tie(self, self._measure)

    def _measure(self) -> None:
        self.setFixedSize(look().px(16), look().px(16))

    def show_glyph(self, name: str) -> None:
        """A glyph instead of the ring; empty: the ring."""
        self.glyph = name
        if self._moving and not name and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()
        self.update()

    def _turn(self) -> None:
        self._angle = (self._angle - 15) % 360
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.glyph:
            paint_glyph(painter, self.glyph, QRectF(self.rect()))
            return
        ring = QRectF(self.rect()).adjusted(2.5, 2.5, -2.5, -2.5)
        painter.setPen(QPen(look().color("lineStrong"), 2))
        painter.drawEllipse(ring)
        painter.setPen(QPen(look().color("runnable"), 2, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        painter.drawArc(ring, (self._angle - 90) * 16, 90 * 16)


class Banner(QFrame):
    """Two lines and a button."""

    pressed = Signal()

    def __init__(self, moving: bool = True, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._mark = Spinner(moving)
        self._title = ElidedLabel("", "text", weight=500)
        self._words = ElidedLabel("", "text2")
        self._button = Button("", "small", clicked=self.pressed.emit)
        self._lines = QVBoxLayout()
        self._lines.addStretch(1)
        self._lines.addWidget(self._title)
        self._lines.addWidget(self._words)
        self._lines.addStretch(1)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self._mark)
        self._row.addLayout(self._lines, 1)
        self._row.addWidget(self._button)
        self.hide()
        look().tie(self, self._measure)

    def _measure(self) -> None:
        px = look().px
        self.setFixedHeight(px(50))
        self._row.setContentsMargins(px(14), 0, px(10), 0)
        self._row.setSpacing(px(12))
        self._lines.setSpacing(0)

    def show_banner(self, role: str, title: str, words: str, button: str) -> None:
        """Show it: `role` is warn or fail."""
        if self.property("role") != role:
            self.setProperty("role", role)
            self.style().unpolish(self)
            self.style().polish(self)
        self._title.setText(title)
        self._words.setText(words)
        self._words.setVisible(bool(words))
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.setAccessibleName(f"{title}. {words}")
        self.show()
        self._mark.show_glyph("failed" if role == "fail" else "")
